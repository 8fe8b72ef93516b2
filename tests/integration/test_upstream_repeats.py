"""What an upstream did not answer is sent again where that is safe: a write never twice."""

import collections
import random
import socket
import threading
import time
import unittest

from relay_support import RelayTest
from support import RecordingUpstream, wait_until

LARGE_BODIES = {"limits": {"held_body": "16MiB"}}


class NeverTwiceTest(RelayTest):
    """A request that writes reaches an upstream at most once, whatever the upstream does."""

    def run_posts(self, gateway, count, threads=8):
        """Sends POSTs with ids of their own on keep-alive connections; {id: status}."""
        outcomes = {}

        def work(worker):
            client = gateway.client()
            for i in range(count // threads):
                name = f"{worker}-{i}"
                answer = client.request("POST", f"/relay/{name}", self.auth, b'{"amount":1}')
                outcomes[name] = (answer.status, answer.json.get("reason"))
            client.close()

        running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join(120)
        self.assertEqual(len(outcomes), count)
        return outcomes

    def test_idle_connections_that_close_at_random_repeat_no_write(self):
        received = collections.Counter()
        lock = threading.Lock()

        def script(side):
            side.socket.settimeout(10)
            while (seen := side.read_request()) is not None:
                with lock:
                    received[seen.target.removeprefix("/relay/")] += 1
                side.send(RecordingUpstream.reply(b'{"status":true}'))
                # Closes just when the gateway may be about to write again.
                if random.random() < 0.3:
                    time.sleep(random.random() / 500)
                    if random.random() < 0.5:
                        side.reset()
                    return

        gateway = self.relay(self.scripted(script), workers=2)
        outcomes = self.run_posts(gateway, 4000)
        self.assertEqual([name for name, times in received.items() if times > 1], [])
        failed = {name for name, (status, _) in outcomes.items() if status != 200}
        self.assertEqual({outcomes[name] for name in failed} - {(502, "upstream_reset")}, set())
        self.assertEqual({name for name in outcomes if received[name] == 0} - failed, set())
        self.assertGreater(len(outcomes) - len(failed), len(outcomes) // 4)

    def test_a_connection_that_was_closed_before_the_write_costs_nothing(self):
        closed = threading.Event()

        def script(side):
            side.read_request()
            side.send(RecordingUpstream.reply(b"{}"))
            if side.number % 2:
                side.reset()
            else:
                side.socket.shutdown(socket.SHUT_RDWR)
            closed.set()

        upstream = self.scripted(script)
        gateway = self.relay(upstream)
        with gateway.client() as client:
            for _ in range(100):
                self.assertEqual(client.request("POST", "/relay/a", self.auth, b"{}").status, 200)
                self.assertTrue(closed.wait(20))
                closed.clear()
        self.assertEqual(upstream.connections, 100)

    def test_a_write_that_was_read_is_not_repeated_and_a_read_is(self):
        received = collections.Counter()

        def script(side):
            seen = side.read_request()
            if seen is None:
                return
            received[seen.method] += 1
            if received[seen.method] == 1:
                side.reset()
            else:
                side.send(RecordingUpstream.reply(b"{}"))
                side.read_request()

        gateway = self.relay(self.scripted(script))
        with gateway.client() as client:
            refused = client.request("POST", "/relay/a", self.auth, b"{}")
            self.assert_refused(refused, 502, "upstream_reset", "G09")
            self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
        self.assertEqual(received, {"POST": 1, "GET": 2})

    def test_a_post_that_reads_is_repeated(self):
        received = []

        def script(side):
            received.append(side.read_request())
            if len(received) > 1:
                side.send(RecordingUpstream.reply(b"found"))

        gateway = self.relay(self.scripted(script))
        with gateway.client() as client:
            answer = client.request("POST", "/search/a", self.auth, b"{}")
            self.assertEqual((answer.status, answer.body), (200, b"found"))
        self.assertEqual([seen.body for seen in received], [b"{}", b"{}"])

    def test_a_streamed_body_is_not_repeated_without_its_start(self):
        """On a route that reads: what was read of the stream is gone, and its rest would be another request."""
        received, begun = [], threading.Event()

        def script(side):
            head = side.read_head()
            if head is None:
                return
            received.append(head)
            side.reader.read(100_000)
            begun.set()
            side.reset()  # Half-way.

        gateway = self.relay(self.scripted(script), upstream_config={"retries": 3})
        with gateway.client() as client:
            client.send(self.head("POST", "/search/a", "Content-Length: 300000") + bytes(150_000))
            self.assertTrue(begun.wait(20))
            self.assert_refused(client.read_response("POST"), 502, "upstream_reset", "G09")
        entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual((entry["attempts"], len(received)), (1, 1))

    def test_a_read_is_not_repeated_without_end_nor_after_the_first_byte(self):
        for answer, count in ((b"", 2), (b"H", 1), (b"HTTP/1.1 200 OK\r\nX: y", 1)):
            with self.subTest(answer=answer):
                received = []

                def script(side, received=received, answer=answer):
                    received.append(side.read_request())
                    side.send(answer)

                gateway = self.relay(self.scripted(script))
                with gateway.client() as client:
                    self.assert_refused(client.request("GET", "/relay/a", self.auth), 502,
                                        "upstream_reset", "G09")
                self.assertEqual(len(received), count)

    def test_retries_are_counted_and_can_be_none(self):
        for retries in (0, 3):
            received = []
            upstream = self.scripted(lambda side, received=received: received.append(side.read_request()))
            gateway = self.relay(upstream, upstream_config={"retries": retries})
            with gateway.client() as client:
                refused = client.request("GET", "/relay/a", self.auth)
                self.assert_refused(refused, 502, "upstream_reset")
            self.assertEqual(len(received), retries + 1)
            self.assertEqual(gateway.logged(refused.field("x-request-id"))["attempts"], retries + 1)

    def test_a_repeated_body_that_the_server_takes_slowly_arrives_whole(self):
        """Nothing of how far the first try came holds for the second."""
        received = []

        def script(side):
            if side.number == 2:
                time.sleep(0.5)  # What fits no buffer waits in the gateway.
            received.append(side.read_request())
            if side.number == 2:
                side.send(RecordingUpstream.reply(b"found"))

        gateway = self.relay(self.scripted(script), LARGE_BODIES, {"idle_timeout": "10s"})
        body = bytes(range(256)) * (1 << 16)
        with gateway.client() as client:
            answer = client.request("POST", "/search/a", self.auth, body)
            self.assertEqual((answer.status, answer.body), (200, b"found"))
        self.assertEqual([seen.body == body for seen in received], [True, True])

    def test_a_connection_with_half_of_a_repeated_body_serves_nobody_else(self):
        early = threading.Event()

        def script(side):
            if side.number == 2:
                side.read_head()
                side.send(RecordingUpstream.reply(b"early"))
                early.wait(60)
            while side.read_request() is not None and side.number != 1:
                side.send(RecordingUpstream.reply(b"own"))

        upstream = self.scripted(script)
        self.addCleanup(early.set)
        gateway = self.relay(upstream, LARGE_BODIES)
        with gateway.client() as client:
            answer = client.request("POST", "/search/a", self.auth, bytes(1 << 24))
            self.assertEqual((answer.status, answer.body), (200, b"early"))
        with gateway.client() as client:
            client.send(self.head("GET", "/relay/b"))
            time.sleep(0.2)
            early.set()
            self.assertEqual(client.read_response().body, b"own")
        self.assertEqual(upstream.connections, 3)

    def test_a_streamed_write_is_not_repeated(self):
        received = []

        def script(side):
            received.append(side.read_head())
            side.reset()

        gateway = self.relay(self.scripted(script))
        with gateway.client() as client:
            client.send(self.head("POST", "/relay/a", "Transfer-Encoding: chunked"))
            client.send(b"11170\r\n" + bytes(70_000) + b"\r\n")  # More than is held.
            self.assert_refused(client.read_response(), 502, "upstream_reset")
        self.assertEqual(len(received), 1)


if __name__ == "__main__":
    unittest.main()
