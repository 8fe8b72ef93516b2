"""https upstreams: who they are is verified before a byte of a request is sent, and a cut answer is seen."""

import contextlib
import socket
import threading
import unittest

from certificates import self_signed
from support import RecordingUpstream
from tls_support import AuthoritiesTest, TlsUpstream


class CuttingUpstream(TlsUpstream):
    """Ends the connection after an answer without saying so (no close_notify)."""

    def _serve(self, connection, number):
        secure = self.context.wrap_socket(connection, server_side=True)
        secure.recv(65536)
        secure.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it")
        socket.socket(fileno=secure.detach()).close()


class TalkativeUpstream(TlsUpstream):
    """Says more than it was asked for, in a record of its own that comes with that of the answer."""

    def _serve(self, connection, number):
        with contextlib.suppress(OSError), self.context.wrap_socket(connection, server_side=True) as secure:
            while secure.recv(65536):
                secure.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
                secure.sendall(RecordingUpstream.reply(b"own"))
                secure.sendall(RecordingUpstream.reply(b"stolen"))
                secure.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


class TlsUpstreamTest(AuthoritiesTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificate = cls.authority.issue("api.test", alternative_names="DNS:api.test,IP:127.0.0.1")

    def tls_upstream(self, certificate=None, **options):
        upstream = TlsUpstream(certificate or self.certificate, **options)
        self.addCleanup(upstream.close)
        return upstream

    def tls_gateway(self, upstream, tls=None, **options):
        tls = {"ca_file": str(self.authority.certificate), "server_name": "api.test", **(tls or {})}
        gateway = self.gateway({"kwik": {"servers": [f"https://127.0.0.1:{upstream.port}"], "tls": tls}},
                               **options)
        return gateway, gateway.create_token("customers")

    def call(self, gateway, token):
        with gateway.client() as client:
            return client.request("GET", "/2.0/customers/list", {"Authorization": token.basic})

    def test_requests_and_bodies_pass_and_connections_are_kept(self):
        upstream = self.tls_upstream(answer=lambda seen: RecordingUpstream.reply(seen.body))
        routes = [{"method": "POST", "path": "/echo", "access": "write", "body": "16MiB"}]
        gateway, token = self.tls_gateway(upstream, routes=routes, workers=1)
        with gateway.client() as client:
            for size in (0, 1, 16 * 1024, 65 * 1024, 10 * 1024 * 1024):
                body = bytes(i * 11 % 253 for i in range(4096)) * (size // 4096 + 1)
                answer = client.request("POST", "/echo", {"Authorization": token.basic}, body[:size])
                self.assertEqual((answer.status, answer.body), (200, body[:size]), size)
        self.assertEqual({seen.connection for seen in upstream.seen}, {1})
        self.assertEqual(upstream.names, ["api.test"])

    def test_an_address_is_verified_where_no_name_is_given(self):
        upstream = self.tls_upstream()
        gateway, token = self.tls_gateway(upstream, {"server_name": ""})
        self.assertEqual(self.call(gateway, token).status, 200)
        self.assertEqual(upstream.names, [None])

    def test_a_server_that_does_not_prove_itself_gets_no_request(self):
        cases = {
            "expired": (self.authority.issue("expired", days=-1, alternative_names="DNS:api.test"), {}),
            "another name": (self.authority.issue("another"), {}),
            "unknown authority": (self.stranger.issue("strange", alternative_names="DNS:api.test"), {}),
            "self-signed": (self_signed(self.folder, "api", "DNS:api.test"), {}),
            "not of the system's authorities": (self.certificate, {"ca_file": ""}),
        }
        for name, (certificate, tls) in cases.items():
            upstream = self.tls_upstream(certificate)
            gateway, token = self.tls_gateway(upstream, tls)
            self.assert_refused(self.call(gateway, token), 502, "upstream_unreachable", "G09")
            self.assertEqual(upstream.seen, [], name)
            self.assertIn("TLS: ", gateway.log_text())

    def test_a_record_behind_the_answer_answers_nobody(self):
        upstream = TalkativeUpstream(self.certificate)
        self.addCleanup(upstream.close)
        gateway, token = self.tls_gateway(upstream, workers=1)
        with gateway.client() as client:
            for _ in range(3):
                client.send_request("GET", "/2.0/customers/list", {"Authorization": token.basic})
            self.assertEqual([client.read_response().body for _ in range(3)], [b"own"] * 3)

    def test_a_server_that_speaks_no_tls_is_unreachable(self):
        upstream = self.upstream()
        gateway, token = self.tls_gateway(upstream)
        self.assert_refused(self.call(gateway, token), 502, "upstream_unreachable")
        self.assertEqual(upstream.seen, [])

    def test_a_handshake_that_never_ends_meets_its_deadline(self):
        upstream = self.upstream()
        upstream._serve = lambda connection, number: threading.Event().wait(20)
        gateway = self.gateway({"kwik": {"servers": [f"https://127.0.0.1:{upstream.port}"],
                                         "connect_timeout": "200ms"}})
        token = gateway.create_token("customers")
        self.assert_refused(self.call(gateway, token), 504, "upstream_timeout")

    def test_the_gateway_shows_its_own_certificate(self):
        upstream = self.tls_upstream(client_authority=self.authority.certificate)
        mine = self.authority.issue("gateway", together=True)
        gateway, token = self.tls_gateway(upstream, {"certificate_file": str(mine)})
        self.assertEqual(self.call(gateway, token).status, 200)
        gateway, token = self.tls_gateway(upstream)
        self.assertEqual(self.call(gateway, token).status, 502)
        self.assertEqual(len(upstream.seen), 1)

    def test_an_answer_up_to_the_end_of_the_connection_needs_a_close_notify(self):
        upstream = CuttingUpstream(self.certificate)
        self.addCleanup(upstream.close)
        gateway, token = self.tls_gateway(upstream)
        with gateway.client() as client:
            client.send_request("GET", "/2.0/customers/list", {"Authorization": token.basic})
            # Without one, anybody may have cut the answer.
            try:
                answer = client.read_response()
                self.assertFalse(answer.is_complete)
            except ConnectionResetError:
                pass


if __name__ == "__main__":
    unittest.main()
