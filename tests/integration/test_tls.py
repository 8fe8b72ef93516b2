"""TLS towards clients, from outside: versions, sessions, what is not spoken, faults."""

import socket
import ssl
import subprocess
import threading
import time
import unittest
import warnings

from support import RawClient, RecordingUpstream, wait_until
from tls_support import TlsTest, secure_client


class SessionTest(TlsTest):
    def test_both_versions_carry_requests_and_older_ones_are_refused(self):
        upstream = self.upstream()
        gateway = self.tls_gateway(upstream)
        token = gateway.create_token("customers")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context(minimum_version=version, maximum_version=version)
            with secure_client(gateway, context) as client:
                for _ in range(3):
                    answer = client.request("GET", "/2.0/customers/list",
                                            {"Authorization": token.basic})
                    self.assertEqual(answer.status, 200)
        self.assertEqual({seen.field("x-forwarded-proto") for seen in upstream.seen}, {"https"})
        old = self.context()
        old.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionResetError)):
            secure_client(gateway, old)

    def test_a_client_that_leaves_ends_its_upstream_exchange(self):
        for ends_properly in (True, False):
            with self.subTest(ends_properly=ends_properly):
                begun, release = threading.Event(), threading.Event()

                def answer(seen, begun=begun, release=release):
                    begun.set()
                    release.wait(60)

                gateway = self.tls_gateway(self.upstream(answer))
                token = gateway.create_token("customers")
                client = secure_client(gateway, self.context())
                client.send_request("GET", "/2.0/customers/list", {"Authorization": token.basic})
                self.assertTrue(begun.wait(20))
                if ends_properly:
                    client.socket.unwrap()
                client.close()
                entry = wait_until(gateway.access_log, "the log line")[0]
                self.assertEqual((entry["termination"], entry["status"]), ("downstream_closed", 0))
                release.set()

    def test_a_request_sent_ahead_is_answered_in_turn(self):
        gateway = self.tls_gateway(self.upstream(lambda seen: (time.sleep(0.1), RecordingUpstream.reply(b"x"))[1]))
        token = gateway.create_token("customers")
        with secure_client(gateway, self.context()) as client:
            for _ in range(3):
                client.send_request("GET", "/2.0/customers/list", {"Authorization": token.basic})
                time.sleep(0.03)
            self.assertEqual([client.read_response().status for _ in range(3)], [200] * 3)

    def test_bodies_pass_whole_in_both_directions(self):
        upstream = self.upstream(lambda seen: RecordingUpstream.reply(seen.body))
        routes = [{"method": "POST", "path": "/echo", "access": "write", "body": "16MiB"}]
        gateway = self.tls_gateway(upstream, routes=routes)
        token = gateway.create_token("customers")
        with secure_client(gateway, self.context()) as client:
            for size in (0, 1, 16 * 1024 - 1, 16 * 1024, 65 * 1024, 10 * 1024 * 1024):
                body = bytes(i * 7 % 251 for i in range(min(size, 4096))) * (size // 4096 + 1)
                answer = client.request("POST", "/echo", {"Authorization": token.basic}, body[:size])
                self.assertEqual((answer.status, answer.body), (200, body[:size]), size)

    def test_pipelined_requests_in_one_record_are_all_answered(self):
        upstream = self.upstream()
        gateway = self.tls_gateway(upstream)
        token = gateway.create_token("customers")
        one = ("GET /2.0/customers/list HTTP/1.1\r\nHost: gateway.test\r\n"
               f"Authorization: {token.basic}\r\n\r\n")
        with secure_client(gateway, self.context()) as client:
            client.send(one * 20)
            for _ in range(20):
                self.assertEqual(client.read_response().status, 200)

    def test_http_1_1_is_the_only_protocol(self):
        gateway = self.tls_gateway(self.upstream())
        context = self.context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with secure_client(gateway, context) as client:
            self.assertEqual(client.socket.selected_alpn_protocol(), "http/1.1")
        context = self.context()
        context.set_alpn_protocols(["h2"])
        with self.assertRaises((ssl.SSLError, ConnectionResetError)):
            secure_client(gateway, context)

    def test_sessions_are_resumed_by_tickets(self):
        gateway = self.tls_gateway(self.upstream())
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.context(minimum_version=version, maximum_version=version)
            with secure_client(gateway, context) as client:
                client.request("GET", "/nowhere")  # A ticket comes with the first bytes.
                session = client.socket.session
            with secure_client(gateway, context, session=session) as client:
                self.assertTrue(client.socket.session_reused, version)
                self.assert_refused(client.request("GET", "/nowhere"), 404, "route_unknown")

    def s_client(self, gateway, *arguments, **options):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", "-servername", "gateway.test",
                   "-CAfile", str(self.authority.certificate), *arguments]
        return subprocess.run(command, capture_output=True, timeout=60, check=False, **options)

    def test_there_is_no_early_data(self):
        gateway = self.tls_gateway(self.upstream())
        session = self.folder / "session.pem"
        request = b"GET /nowhere HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\n\r\n"
        done = self.s_client(gateway, "-tls1_3", "-sess_out", session, "-ign_eof", input=request)
        self.assertIn(b"HTTP/1.1 404", done.stdout)
        told = subprocess.run(["openssl", "sess_id", "-in", session, "-noout", "-text"], capture_output=True, check=True, text=True)
        self.assertIn("TLSv1.3", told.stdout)
        self.assertRegex(told.stdout, r"Max Early Data: 0\b")

    def test_there_is_no_renegotiation_and_no_compression(self):
        gateway = self.tls_gateway(self.upstream())
        context = self.context(maximum_version=ssl.TLSVersion.TLSv1_2)
        with secure_client(gateway, context) as client:
            self.assertIsNone(client.socket.compression())
        done = self.s_client(gateway, "-tls1_2", "-no_ign_eof", input=b"R\n")  # Its command to renegotiate.
        self.assertIn(b"RENEGOTIATING", done.stderr)
        self.assertIn(b"no renegotiation", done.stderr)

    def test_ciphers_of_1_2_give_forward_secrecy_and_are_authenticated(self):
        gateway = self.tls_gateway(self.upstream())
        for ciphers in ("ECDHE+AESGCM", "ECDHE+CHACHA20"):
            context = self.context(maximum_version=ssl.TLSVersion.TLSv1_2)
            context.set_ciphers(ciphers)
            with secure_client(gateway, context) as client:
                self.assertEqual(client.request("GET", "/nowhere").status, 404)
        for ciphers in ("ECDHE+AES:!AESGCM:!AESCCM", "AES128-GCM-SHA256", "ECDHE+AESCCM"):
            context = self.context(maximum_version=ssl.TLSVersion.TLSv1_2)
            context.set_ciphers(ciphers)
            with self.assertRaises((ssl.SSLError, ConnectionResetError), msg=ciphers):
                secure_client(gateway, context)

    def test_the_end_is_told_by_close_notify(self):
        gateway = self.tls_gateway(self.upstream())
        with secure_client(gateway, self.context()) as client:
            client.request("GET", "/nowhere", {"Connection": "close"})
            self.assertEqual(client.socket.recv(1), b"")  # Raises where the end is not told.


class FaultTest(TlsTest):
    def test_what_is_no_handshake_is_closed_and_others_are_served(self):
        gateway = self.tls_gateway(self.upstream(), config={"timeouts": {"header": "300ms"}})
        silent, truncated = RawClient(gateway.port), RawClient(gateway.port)
        self.addCleanup(silent.close)
        self.addCleanup(truncated.close)
        truncated.send(b"\x16\x03\x01\x02\x00\x01")
        plain = RawClient(gateway.port)
        plain.send("GET / HTTP/1.1\r\nHost: gateway.test\r\n\r\n")
        with secure_client(gateway, self.context()) as client:
            self.assertEqual(client.request("GET", "/nowhere").status, 404)
        for client in (silent, truncated):
            self.assertTrue(client.is_closed_by_peer())
        with plain:
            answer = plain.socket.recv(1000)  # At most an alert.
            self.assertNotIn(b"HTTP", answer)

    def test_a_body_that_is_cut_never_reaches_the_upstream_whole(self):
        upstream = self.upstream()
        gateway = self.tls_gateway(upstream)
        token = gateway.create_token("customers")
        with secure_client(gateway, self.context()) as client:
            client.send("POST /2.0/customers/create HTTP/1.1\r\nHost: gateway.test\r\n"
                        f"Authorization: {token.basic}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n")
            # The connection ends without a close_notify.
            socket.socket(fileno=client.socket.detach()).close()
        time.sleep(0.2)
        self.assertEqual(upstream.seen, [])


if __name__ == "__main__":
    unittest.main()
