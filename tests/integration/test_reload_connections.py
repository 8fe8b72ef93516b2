"""A reload reaches connections that are open: a request uses the configuration of its listener that it begins with."""

import contextlib
import threading
import unittest

from support import GatewayTest, RecordingUpstream, free_port, wait_until

ROUTES = [{"method": "GET", "path": "/customers", "section": "customers"}]


class ReloadConnectionsTest(GatewayTest):
    def setUp(self):
        self.seen = self.upstream()

    def start(self, **listener):
        self.gate = self.gateway({"kwik": [self.seen.url]}, routes=ROUTES, workers=1, start=False)
        self.gate.config["listeners"][0].update(listener)
        self.gate.write_config()
        self.gate.start()
        self.auth = {"Authorization": self.gate.create_token("customers").basic}

    def reload(self, is_in_force, **listener):
        """With these settings of the listener. `is_in_force` of a fresh connection tells when the worker has them."""
        self.gate.config["listeners"][0].update(listener)
        self.gate.write_config()
        self.assertTrue(self.gate.reload())

        def fresh():
            with self.gate.client() as client:
                return is_in_force(client)
        wait_until(fresh, "the worker to take the configuration")

    def get(self, client, headers=None, host="gateway.test"):
        return client.request("GET", "/customers", {**self.auth, **(headers or {})}, host=host)

    def test_authorities(self):
        self.start(authorities=["gateway.test"])
        with self.gate.client() as kept:
            self.assertEqual(self.get(kept).status, 200)
            self.reload(lambda fresh: self.get(fresh).status == 400, authorities=["other.test"])
            self.assertEqual(self.get(kept, host="other.test").status, 200)
            self.assert_refused(self.get(kept), 400, "bad_host")

    def test_trusted_proxies(self):
        self.start(trusted_proxies=["127.0.0.1"])
        named = {"X-Forwarded-For": "192.0.2.7"}

        def client_seen(client):
            answer = self.get(client, named)
            return self.gate.logged(answer.field("x-request-id"))["client"]
        with self.gate.client() as kept:
            self.assertEqual(client_seen(kept), "192.0.2.7")
            self.reload(lambda fresh: client_seen(fresh) == "127.0.0.1", trusted_proxies=[])
            self.assertEqual(client_seen(kept), "127.0.0.1")
            self.reload(lambda fresh: client_seen(fresh) == "192.0.2.7", trusted_proxies=["127.0.0.0/8"])
            self.assertEqual(client_seen(kept), "192.0.2.7")

    def test_a_request_ends_with_the_settings_that_it_began_with(self):
        arrived, may_answer = threading.Event(), threading.Event()

        def answer(seen):
            if seen.field("x-slow"):
                arrived.set()
                may_answer.wait(30)
            return RecordingUpstream.reply(b"{}")
        self.seen = self.upstream(answer)
        self.start(name="before")

        def name_of(response):
            return self.gate.logged(response.field("x-request-id"))["listener"]
        with self.gate.client() as kept:
            kept.send_request("GET", "/customers", {**self.auth, "X-Slow": "1"})
            self.assertTrue(arrived.wait(30))
            self.reload(lambda fresh: name_of(self.get(fresh)) == "after", name="after")
            may_answer.set()
            self.assertEqual(name_of(kept.read_response()), "before")
            self.assertEqual(name_of(self.get(kept)), "after")

    def test_connections_of_a_removed_listener_end_after_their_current_answer(self):
        arrived, may_answer = threading.Event(), threading.Event()

        def answer(_):
            arrived.set()
            may_answer.wait(30)
            return RecordingUpstream.reply(b"{}")
        self.seen = self.upstream(answer)
        self.start(name="stays")
        stays = self.gate.config["listeners"]
        gone = self.gate.port
        self.gate.config["listeners"] = [*stays, {"name": "new", "address": f"127.0.0.1:{free_port()}"}]
        self.gate.write_config()
        self.assertTrue(self.gate.reload())
        with self.gate.client() as idle, self.gate.client() as busy, self.gate.client() as half:
            idle.send("GET /customers HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertEqual(idle.read_response().status, 401)
            half.send("GET /customers HTTP/1.1\r\nHost: a\r\n")
            busy.send_request("GET", "/customers", self.auth)
            self.assertTrue(arrived.wait(30))
            self.gate.config["listeners"] = self.gate.config["listeners"][1:]
            self.gate.write_config()
            self.assertTrue(self.gate.reload())
            self.assertIn(f"listener stays (127.0.0.1:{gone}) was removed", self.gate.log_text())
            self.assertTrue(idle.is_closed_by_peer())
            half.send("\r\n")
            refused = half.read_response()
            self.assertEqual((refused.status, refused.field("connection")), (401, "close"))
            may_answer.set()
            last = busy.read_response()
            self.assertEqual((last.status, last.field("connection")), (200, "close"))
            self.assertTrue(busy.is_closed_by_peer())

    def test_who_may_send_a_proxy_header_is_judged_anew(self):
        self.start(proxy_protocol=True, trusted_proxies=["127.0.0.1"])
        header = b"PROXY TCP4 192.0.2.7 192.0.2.1 50000 443\r\n"

        def is_closed(fresh):
            fresh.send(header)
            fresh.socket.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                return fresh.is_closed_by_peer()
        with self.gate.client() as kept:
            kept.send(header)
            self.assertEqual(self.get(kept).status, 200)
            self.reload(is_closed, trusted_proxies=["198.51.100.1"])
            self.assertTrue(kept.is_closed_by_peer())
        self.assertIn("begins connections in another way", self.gate.log_text())


if __name__ == "__main__":
    unittest.main()
