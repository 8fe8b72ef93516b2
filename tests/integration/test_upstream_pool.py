"""Connections to upstreams: requests that wait for one, and which of several servers gets the next."""

import threading
import time
import unittest

from relay_support import RelayTest
from support import RecordingUpstream, wait_until


class QueueTest(RelayTest):
    """More requests than connections: they wait, within bounds."""

    def setUp(self):
        self.release = threading.Event()
        self.addCleanup(self.release.set)

    def script(self, side):
        while side.read_request() is not None:
            self.release.wait(60)
            side.send(RecordingUpstream.reply(b"done"))

    def start(self, **settings):
        upstream = self.scripted(self.script)
        gateway = self.relay(upstream, upstream_config={"max_connections": 2, "max_idle_connections": 2,
                                                        **settings})
        return upstream, gateway

    def send_many(self, gateway, count):
        clients = [gateway.client() for _ in range(count)]
        for client in clients:
            self.addCleanup(client.close)
            client.send(self.head("POST", "/relay/a", "Content-Length: 2") + b"{}")
        return clients

    def test_waiting_requests_are_served_when_connections_become_free(self):
        upstream, gateway = self.start(connect_timeout="60s")
        clients = self.send_many(gateway, 10)
        wait_until(lambda: upstream.connections == 2, "both connections")
        self.release.set()
        self.assertEqual([c.read_response().body for c in clients], [b"done"] * 10)
        self.assertEqual(upstream.connections, 2)

    def test_what_does_not_fit_the_queue_is_shed_at_once(self):
        upstream, gateway = self.start(max_pending=3, connect_timeout="60s")
        clients = self.send_many(gateway, 2)
        wait_until(lambda: upstream.connections == 2, "both connections")
        waiting = self.send_many(gateway, 3)
        # The fourth has to come after the three: a refusal that overtook them would be theirs.
        time.sleep(0.3)
        with gateway.client() as client:
            refused = client.request("POST", "/relay/a", self.auth, b"{}")
            self.assert_refused(refused, 503, "overloaded", "G10")
            self.assertGreaterEqual(int(refused.field("retry-after")), 1)
        self.release.set()
        self.assertEqual([c.read_response().body for c in clients + waiting], [b"done"] * 5)

    def test_waiting_ends_by_its_deadline(self):
        upstream, gateway = self.start(connect_timeout="500ms")
        clients = self.send_many(gateway, 2)
        wait_until(lambda: upstream.connections == 2, "both connections")
        with gateway.client() as client:
            self.assert_refused(client.request("POST", "/relay/a", self.auth, b"{}"), 503, "overloaded")
        self.release.set()
        self.assertEqual([c.read_response().body for c in clients], [b"done"] * 2)

    def test_a_client_that_leaves_the_queue_is_forgotten(self):
        upstream, gateway = self.start(connect_timeout="60s")
        clients = self.send_many(gateway, 2)
        wait_until(lambda: upstream.connections == 2, "both connections")
        for client in self.send_many(gateway, 5):
            client.close()
        wait_until(lambda: len(gateway.access_log()) == 5, "their log lines")
        self.release.set()
        self.assertEqual([c.read_response().body for c in clients], [b"done"] * 2)
        with gateway.client() as client:
            self.assertEqual(client.request("GET", "/relay/a", self.auth).body, b"done")
        self.assertEqual({e["termination"] for e in gateway.access_log()[:5]}, {"downstream_closed"})


class IdleTest(RelayTest):
    """Connections that wait for the next request."""

    def idle_connection(self, talk=None, **settings):
        """A gateway with one idle connection, on which `talk(side)` was done. Returns the gateway and an event: it ended."""
        is_idle, has_talked, ended = threading.Event(), threading.Event(), threading.Event()

        def script(side):
            side.read_request()
            side.send(RecordingUpstream.reply(b"x"))
            is_idle.wait(60)
            if talk is not None:
                talk(side)
            has_talked.set()
            while side.socket.recv(1):
                pass
            ended.set()

        self.server = self.scripted(script)
        gateway = self.relay(self.server, upstream_config=settings)
        with gateway.client() as client:
            self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
        is_idle.set()
        self.assertTrue(has_talked.wait(20))
        return gateway, ended

    def test_it_ends_when_no_request_comes(self):
        _, ended = self.idle_connection(keep_alive="300ms")
        self.assertTrue(ended.wait(20))

    def test_it_ends_when_the_server_speaks_out_of_turn(self):
        for surplus in (b"x", b"\r\n", RecordingUpstream.reply(b"stolen"), b"HTTP/1.1 408 Request Timeout\r\n\r\n"):
            with self.subTest(surplus):
                gateway, _ = self.idle_connection(lambda side, surplus=surplus: side.send(surplus), keep_alive="1h")
                with gateway.client() as client:
                    answer = client.request("GET", "/relay/b", self.auth)
                    self.assertEqual((answer.status, answer.body), (200, b"x"))
                self.assertEqual(self.server.connections, 2)


class SeveralServersTest(RelayTest):
    def test_requests_are_spread_and_a_dead_server_costs_nobody_anything(self):
        alive = [self.upstream(), self.upstream()]
        dead = self.closed_port()
        gateway = self.relay([alive[0], dead, alive[1]],
                             upstream_config={"health": {"eject_after_failures": 3, "eject_for": "60s"}})
        with gateway.client() as client:
            for i in range(200):
                method, body = (("GET", None), ("POST", b"{}"))[i % 2]
                self.assertEqual(client.request(method, f"/relay/{i}", self.auth, body).status, 200)
        self.assertEqual(len(alive[0].seen) + len(alive[1].seen), 200)
        self.assertGreater(min(len(alive[0].seen), len(alive[1].seen)), 20)
        wait_until(lambda: len(gateway.access_log()) == 200, "the log lines")
        tried = [e for e in gateway.access_log() if e["attempts"] > 1]
        self.assertEqual(len(tried), 3)  # Then it is left out.

    def test_an_ejected_server_comes_back(self):
        mode = {"broken": True}

        def answer(seen):
            return None if mode["broken"] else RecordingUpstream.reply(b"{}")

        shaky, steady = self.upstream(answer), self.upstream()
        gateway = self.relay([shaky, steady],
                             upstream_config={"health": {"eject_after_failures": 2, "eject_for": "500ms"}})
        with gateway.client() as client:
            for i in range(60):
                self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
            mode["broken"] = False
            before = len(shaky.seen)

            def is_back():
                self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
                return len(shaky.seen) > before
            wait_until(is_back, "the server to be used again")

    def test_the_last_server_is_never_ejected(self):
        mode = {"broken": True}

        def answer(seen):
            return None if mode["broken"] else RecordingUpstream.reply(b"{}")

        servers = [self.upstream(answer), self.upstream(answer)]
        gateway = self.relay(servers, upstream_config={"health": {"eject_after_failures": 1, "eject_for": "1h"}})
        with gateway.client() as client:
            for _ in range(10):
                self.assert_refused(client.request("POST", "/relay/a", self.auth, b"{}"), 502, "upstream_reset")
            mode["broken"] = False
            self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)

    def test_the_less_busy_server_gets_the_next_request(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def stuck(side):
            while side.read_request() is not None:
                release.wait(60)
                side.send(RecordingUpstream.reply(b"stuck"))

        slow, quick = self.scripted(stuck), self.upstream()
        gateway = self.relay([slow, quick])
        clients = [gateway.client() for _ in range(40)]
        for client in clients:
            self.addCleanup(client.close)
            client.send(self.head("GET", "/relay/a"))
            time.sleep(0.01)
        wait_until(lambda: len(quick.seen) > 20, "most requests at the quick server")
        release.set()
        self.assertEqual({client.read_response().status for client in clients}, {200})


if __name__ == "__main__":
    unittest.main()
