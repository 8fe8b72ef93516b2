"""Places for connections: an address that takes more than its share loses them, the silent first, and nobody else does."""

import contextlib
import threading
import unittest

from admin_client import AdminClient
from support import GatewayTest, RecordingUpstream, wait_until

ROUTES = [{"method": "GET", "path": "/customers", "section": "customers"}]
PLACES = 40
HOG, OTHER = "127.0.0.2", "127.0.0.3"


class PlacesTest(GatewayTest):
    def start(self, answer=None, limits=None, **listener):
        self.seen = self.upstream(answer)
        limits = {"connections_per_worker": PLACES, "max_delay": "20s", **(limits or {})}
        self.gate = self.gateway({"kwik": [self.seen.url]}, routes=ROUTES, workers=1, start=False, config={"limits": limits})
        self.gate.config["listeners"][0].update(listener)
        self.gate.write_config()
        self.gate.start()
        self.auth = {"Authorization": self.gate.create_token("customers").basic}

    def connect(self, source=None):
        client = self.gate.client(source=source)
        self.addCleanup(client.close)
        return client

    def get(self, client):
        return client.request("GET", "/customers", self.auth)

    def shed(self, why):
        return AdminClient.of(self.gate).metrics().sum("kwikgate_connections_shed_total", why=why)

    def assert_served(self, client):
        answer = self.get(client)
        self.assertIsNotNone(answer)
        self.assertEqual(answer.status, 200)

    def test_silent_connections_of_one_address_keep_nobody_out(self):
        self.start()
        kept = self.connect(OTHER)
        self.assert_served(kept)
        silent = [self.connect(HOG) for _ in range(5 * PLACES)]
        for _ in range(PLACES // 2):
            with self.gate.client() as fresh:
                self.assert_served(fresh)
            self.assert_served(kept)
        self.assertGreater(self.shed("no_request"), 4 * PLACES)
        self.assertEqual(self.shed("idle"), 0)
        self.assertTrue(silent[0].is_closed_by_peer())
        wait_until(lambda: f"{HOG} has " in self.gate.log_text(), "the log to name the address")

    def test_connections_that_sent_one_request_and_idle_keep_nobody_out(self):
        self.start()
        kept = self.connect(OTHER)
        self.assert_served(kept)
        for _ in range(2 * PLACES):
            client = self.connect(HOG)
            client.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertEqual(client.read_response().status, 404)
        for _ in range(PLACES // 2):
            self.assert_served(self.connect())
        self.assert_served(kept)
        self.assertGreater(self.shed("idle"), PLACES)

    def test_what_is_under_way_is_not_cut(self):
        may_answer = threading.Event()

        def answer(_):
            may_answer.wait(60)
            return RecordingUpstream.reply(b"{}")
        self.start(answer)
        busy = [self.connect(HOG) for _ in range(PLACES // 2)]
        for client in busy:
            client.send_request("GET", "/customers", self.auth)
        wait_until(lambda: len(self.seen.seen) == len(busy), "the requests to be under way")
        for _ in range(2 * PLACES):
            self.connect(HOG)
        may_answer.set()
        self.assertEqual({client.read_response().status for client in busy}, {200})
        self.assert_served(self.connect())

    def test_a_trusted_proxy_has_no_share_and_a_full_worker_says_so(self):
        self.start(trusted_proxies=[HOG])
        proxied = [self.connect(HOG) for _ in range(PLACES)]
        for client in proxied:
            self.assert_served(client)
        self.assert_refused(self.get(self.connect()), 503, "overloaded")
        for client in proxied:
            self.assert_served(client)
        self.assertEqual((self.shed("idle"), self.shed("no_request")), (0, 0))

    def test_behind_a_proxy_protocol_the_client_counts(self):
        self.start(proxy_protocol=True, trusted_proxies=["127.0.0.1"])

        def from_client(address):
            client = self.connect()
            client.send(f"PROXY TCP4 {address} 192.0.2.1 50000 443\r\n")
            return client
        kept = from_client("192.0.2.8")
        self.assert_served(kept)
        for _ in range(3 * PLACES):
            client = from_client("192.0.2.7")
            with contextlib.suppress(ConnectionError):
                client.send("GET /cust")
        for _ in range(PLACES // 2):
            self.assert_served(from_client("192.0.2.9"))
        self.assert_served(kept)
        self.assertGreater(self.shed("no_request"), PLACES)

    def test_an_address_can_have_a_cap(self):
        self.start(limits={"connections_per_address": 3})
        inside = [self.connect(HOG) for _ in range(3)]
        for client in inside:
            self.assert_served(client)
        self.assert_refused(self.get(self.connect(HOG)), 503, "overloaded")
        self.assert_served(self.connect(OTHER))
        for client in inside:
            self.assert_served(client)
        self.assertEqual(self.shed("address_cap"), 1)
        inside.pop().close()

        def is_let_in():
            with self.gate.client(source=HOG) as client:
                return self.get(client).status == 200
        wait_until(is_let_in, "a place of that address")

    def test_a_cap_of_a_client_behind_a_proxy_protocol(self):
        self.start(proxy_protocol=True, trusted_proxies=["127.0.0.1"], limits={"connections_per_address": 1})
        header = "PROXY TCP4 192.0.2.7 192.0.2.1 50000 443\r\n"
        first, second = self.connect(), self.connect()
        first.send(header)
        self.assert_served(first)
        second.send(header)
        self.assert_refused(self.get(second), 503, "overloaded")
        self.assert_served(first)


if __name__ == "__main__":
    unittest.main()
