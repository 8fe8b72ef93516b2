"""Upstreams that let the gateway down, and clients that leave: what the client is told."""

import contextlib
import socket
import threading
import time
import unittest

from relay_support import RelayTest, reset
from support import RecordingUpstream, wait_until


def answer_until_stuck(side):
    """An answer that ends with its connection, until nobody takes more of it."""
    side.read_head()
    side.send(b"HTTP/1.1 200 OK\r\n\r\n")
    side.socket.settimeout(0.5)
    with contextlib.suppress(TimeoutError):
        while True:
            side.send(bytes(65536))


class BrokenAnswerTest(RelayTest):
    """What breaks the rules of HTTP is answered 502 and never relayed."""

    OK = b"HTTP/1.1 200 OK\r\n"
    BROKEN = {
        "RFC 9112 4 garbage": b"\x00\x01\x02\x03\r\n\r\n",
        "RFC 9112 4 another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
        "RFC 9112 4 HTTP/0.9": b"<html>hello</html>\r\n",
        "RFC 9112 2.3 HTTP/2": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "RFC 9112 4 no status": b"HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n",
        "RFC 9112 4 two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
        "RFC 9112 4 four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        "RFC 9110 15 status 099": b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
        "RFC 9110 15.2.2 not asked to switch": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "RFC 9112 2.2 bare LF": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "RFC 9112 2.2 bare CR": OK + b"X: a\rb\r\nContent-Length: 0\r\n\r\n",
        "RFC 9110 5.5 NUL in a value": OK + b"X: a\x00b\r\nContent-Length: 0\r\n\r\n",
        "RFC 9112 5.1 space before the colon": OK + b"Content-Length : 0\r\n\r\n",
        "RFC 9112 5.1 no name": OK + b": x\r\nContent-Length: 0\r\n\r\n",
        "RFC 9112 5 no colon": OK + b"Content-Length\r\n\r\n",
        "RFC 9112 5.2 folded line": OK + b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        "RFC 9112 6.3 two lengths": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab",
        "RFC 9112 6.3 list of lengths": OK + b"Content-Length: 2, 2\r\n\r\nab",
        "RFC 9112 6.3 length with a sign": OK + b"Content-Length: +2\r\n\r\nab",
        "RFC 9112 6.3 negative length": OK + b"Content-Length: -2\r\n\r\nab",
        "RFC 9112 6.3 empty length": OK + b"Content-Length:\r\n\r\n",
        "RFC 9112 6.3 length in hex": OK + b"Content-Length: 0x2\r\n\r\nab",
        "RFC 9112 6.3 length that overflows": OK + b"Content-Length: 18446744073709551618\r\n\r\nab",
        "RFC 9112 6.3 both framings, a wrong length": OK + b"Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "RFC 9112 6.3 both framings, two lengths": OK + b"Content-Length: 3\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "RFC 9112 6.1 unknown coding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "RFC 9112 6.1 chunked twice": OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "RFC 9112 6.1 chunked not last": OK + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "RFC 9112 6.1 identity": OK + b"Transfer-Encoding: identity\r\n\r\nab",
        "RFC 9112 6.1 chunked in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "RFC 9112 6.3 a body with 1xx": b"HTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\nhello",
        "RFC 9112 2.2 two empty lines before": b"\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n",
        "RFC 9112 2.2 bare LF before": b"\n" + OK + b"Content-Length: 0\r\n\r\n",
    }

    def setUp(self):
        self.answer = b""
        self.upstream_under_test = self.scripted(self.serve)
        self.gate = self.relay(self.upstream_under_test)

    def serve(self, side):
        while side.read_request() is not None:
            side.send(self.answer)

    def test_an_answer_that_breaks_the_rules_is_not_relayed(self):
        self.assertGreater(len(self.BROKEN), 30)
        with self.gate.client() as client:
            for name, answer in self.BROKEN.items():
                with self.subTest(name):
                    self.answer = answer
                    before = self.upstream_under_test.connections
                    refused = client.request("GET", "/relay/a", self.auth)
                    self.assert_refused(refused, 502, "upstream_malformed", "G09")
                    # Nothing that may follow on that connection is believed.
                    self.answer = RecordingUpstream.reply(b"good")
                    self.assertEqual(client.request("GET", "/relay/a", self.auth).body, b"good")
                    self.assertEqual(self.upstream_under_test.connections, before + (before == 0) + 1)

    def test_a_head_without_end_is_refused_at_its_limit(self):
        for line in (b"X-Filler: " + b"a" * 1000 + b"\r\n", b"a" * 1000):
            def script(side, line=line):
                side.read_request()
                side.send(self.OK)
                for _ in range(100000):
                    side.send(line)

            gateway = self.relay(self.scripted(script))
            with gateway.client() as client:
                self.assert_refused(client.request("GET", "/relay/a", self.auth), 502, "upstream_malformed")

    def test_more_fields_than_allowed_are_refused(self):
        gateway = self.relay(self.upstream_under_test, config={"limits": {"response_header_fields": 8}})
        for count, status in ((7, 200), (8, 502)):
            self.answer = RecordingUpstream.reply(b"x", fields=[f"X-{i}: y" for i in range(count)])
            with gateway.client() as client:
                self.assertEqual(client.request("GET", "/relay/a", self.auth).status, status)

    def test_a_value_that_would_split_the_answer_cannot_come_through(self):
        self.answer = self.OK + b"Location: /\r\rSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
        with self.gate.client() as client:
            self.assert_refused(client.request("GET", "/relay/a", self.auth), 502, "upstream_malformed")


class SurplusTest(RelayTest):
    """An upstream that says more than its answer: what is too much answers nobody."""

    def test_what_follows_an_answer_that_filled_a_buffer_is_no_answer(self):
        for size in (2048, 4096, 16384):  # In one segment with what follows.
            for before in (0, 12):  # With io_uring a receive stays armed after small answers.
                with self.subTest(size=size, before=before):
                    head = RecordingUpstream.reply(bytes(size))
                    whole = RecordingUpstream.reply(bytes(2 * size - len(head)))
                    self.assertEqual(len(whole), size)
                    surplus = RecordingUpstream.reply(b"stolen")

                    def script(side, whole=whole, surplus=surplus):
                        while (seen := side.read_request()) is not None:
                            side.send(RecordingUpstream.reply(b"x") if seen.target == "/relay/small" else whole + surplus)

                    gateway = self.relay(self.scripted(script))
                    with gateway.client() as client:
                        for _ in range(before):
                            client.request("GET", "/relay/small", self.auth)
                        client.send(self.head("GET", "/relay/a") + self.head("GET", "/relay/small") * 2)
                        bodies = [client.read_response().body for _ in range(3)]
                    self.assertEqual(bodies[1:], [b"x", b"x"])


class UnreachableTest(RelayTest):
    def test_a_refused_connection_is_said_to_be_unreachable(self):
        gateway = self.relay(self.closed_port())
        with gateway.client() as client:
            for method, body in (("GET", None), ("POST", b"{}")):
                refused = client.request(method, "/relay/a", self.auth, body)
                self.assert_refused(refused, 502, "upstream_unreachable", "G09")
            self.assert_refused(client.request("GET", "/nowhere", self.auth), 404, "route_unknown")

    def test_a_connection_that_is_never_taken_ends_by_its_deadline(self):
        # A queue of one that is full: further SYNs are dropped.
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            fillers = []
            for _ in range(3):
                fillers.append(socket.socket())
                fillers[-1].setblocking(False)
                fillers[-1].connect_ex(full.getsockname())
            gateway = self.relay(f"http://127.0.0.1:{full.getsockname()[1]}",
                                 upstream_config={"connect_timeout": "300ms"})
            with gateway.client() as client:
                self.assert_refused(client.request("GET", "/relay/a", self.auth), 504, "upstream_timeout")
            for filler in fillers:
                filler.close()

    def test_an_answer_that_does_not_come_ends_by_its_deadline(self):
        answers = {"nothing": b"", "half a head": b"HTTP/1.1 200 OK\r\nX-Late: "}
        for name, answer in answers.items():
            with self.subTest(name):
                release = threading.Event()

                def script(side, answer=answer, release=release):
                    side.read_request()
                    side.send(answer)
                    release.wait(60)

                gateway = self.relay(self.scripted(script), upstream_config={"response_timeout": "300ms"})
                with gateway.client() as client:
                    refused = client.request("POST", "/relay/a", self.auth, b"{}")
                    self.assert_refused(refused, 504, "upstream_timeout", "G09")
                release.set()

    def test_a_head_that_drips_does_not_move_its_deadline(self):
        def script(side):
            side.read_request()
            side.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                side.send(b"a")
                time.sleep(0.05)

        gateway = self.relay(self.scripted(script), upstream_config={"response_timeout": "500ms"})
        with gateway.client() as client:
            self.assert_refused(client.request("GET", "/relay/a", self.auth), 504, "upstream_timeout")

    def test_a_single_server_that_takes_too_long_to_connect_is_tried_once(self):
        """Another try would go to the same server and wait as long again."""
        silent = socket.create_server(("127.0.0.1", 0), backlog=64)  # Its system accepts, and nobody shakes hands.
        self.addCleanup(silent.close)
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        gateway = self.relay(url, upstream_config={"connect_timeout": "300ms", "retries": 5})
        with gateway.client() as client:
            self.assert_refused(client.request("GET", "/relay/a", self.auth), 504, "upstream_timeout", "G09")
        entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual(entry["attempts"], 1)

    def test_another_server_is_tried_where_one_takes_too_long_to_connect(self):
        silent = [socket.create_server(("127.0.0.1", 0), backlog=64) for _ in range(2)]
        for listener in silent:
            self.addCleanup(listener.close)
        gateway = self.relay([f"https://127.0.0.1:{listener.getsockname()[1]}" for listener in silent],
                             upstream_config={"connect_timeout": "300ms", "retries": 1})
        with gateway.client() as client:
            self.assert_refused(client.request("GET", "/relay/a", self.auth), 504, "upstream_timeout", "G09")
        entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual(entry["attempts"], 2)

    def test_a_body_that_stops_is_cut_by_its_deadline(self):
        release = threading.Event()

        def script(side):
            side.read_request()
            side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
            release.wait(60)

        gateway = self.relay(self.scripted(script), upstream_config={"idle_timeout": "300ms"})
        with gateway.client() as client:
            client.send(self.head("GET", "/relay/a"))
            with self.assertRaises(ConnectionResetError):
                answer = client.read_response()
                self.assertFalse(answer.is_complete)
                raise ConnectionResetError  # An end without a reset tells an HTTP/1.1 client as much.
        entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual((entry["termination"], entry["reason"]), ("upstream_aborted", "upstream_timeout"))
        release.set()

    def test_a_reset_that_a_failed_send_met_first_is_no_end(self):
        """An answer that ends with its connection, cut by a reset that the gateway meets while it sends the body."""
        is_stuck = threading.Event()
        go_on = threading.Event()
        is_reset = threading.Event()
        self.addCleanup(go_on.set)

        def script(side):
            answer_until_stuck(side)
            is_stuck.set()
            go_on.wait(60)
            side.reset()
            is_reset.set()

        gateway = self.relay(self.scripted(script), config={"timeouts": {"write_idle": "30s"}})
        with gateway.client() as client:
            client.send(self.head("POST", "/relay/a", "Content-Length: 1000000") + bytes(100000))
            self.assertTrue(is_stuck.wait(60))
            # The answer is not read any further, as the client takes nothing: only a send meets the reset.
            go_on.set()
            self.assertTrue(is_reset.wait(20))
            client.send(bytes(100000))
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := client.socket.recv(1 << 20):
                    answer = (answer + piece)[-64:]
        self.assertFalse(answer.endswith(b"\r\n0\r\n\r\n"), answer)
        entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual((entry["termination"], entry["reason"]), ("upstream_aborted", "upstream_reset"))

    def test_an_answer_that_never_ends_is_cut_when_the_whole_takes_too_long(self):
        def script(side):
            side.read_request()
            side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while True:
                side.send(b"a")
                time.sleep(0.02)

        gateway = self.relay(self.scripted(script), config={"timeouts": {"request": "1s"}})
        with gateway.client() as client:
            client.send(self.head("GET", "/relay/a"))
            with self.assertRaises(ConnectionResetError):
                answer = client.read_response()
                self.assertFalse(answer.is_complete)
                raise ConnectionResetError
        entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual((entry["termination"], entry["reason"], entry["status"]), ("upstream_aborted", "upstream_timeout", 200))

    def test_an_answer_that_has_not_begun_when_the_whole_takes_too_long_is_refused(self):
        release = threading.Event()
        self.addCleanup(release.set)
        gateway = self.relay(self.scripted(lambda side: (side.read_request(), release.wait(60))),
                             config={"timeouts": {"request": "500ms"}})
        with gateway.client() as client:
            self.assert_refused(client.request("GET", "/relay/a", self.auth), 504, "upstream_timeout", "G09")


class ClientThatTakesNothingTest(RelayTest):
    """It sends its body and takes nothing of the answer: what stands still stands still for its sake."""

    def assert_cut(self, body, reads_body):
        def script(side):
            answer_until_stuck(side)
            is_stuck.set()
            if reads_body:
                side.reader.read(body)
            is_over.wait(60)

        is_stuck, is_over = threading.Event(), threading.Event()
        self.addCleanup(is_over.set)
        gateway = self.relay(self.scripted(script), config={"timeouts": {"write_idle": "2s", "request": "20s"}},
                             upstream_config={"idle_timeout": "1s"})
        with gateway.client() as client:
            client.send(self.head("POST", "/relay/a", f"Content-Length: {body}"))
            self.assertTrue(is_stuck.wait(60))
            client.socket.settimeout(0.2)
            begun_at = time.monotonic()
            with contextlib.suppress(OSError):
                client.send(bytes(body))
            entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual((entry["termination"], entry["reason"]), ("downstream_timeout", "none"))
        self.assertLess(time.monotonic() - begun_at, 10)

    def test_the_server_that_cannot_go_on_is_not_blamed(self):
        self.assert_cut(32 << 20, reads_body=False)

    def test_the_end_of_its_body_gives_it_no_more_time(self):
        self.assert_cut(1 << 20, reads_body=True)


class ClientLeavesTest(RelayTest):
    def test_the_upstream_is_let_go_when_the_client_leaves(self):
        # With its request, the end of the connection raises no event of its own; it may also be
        # seen before the request went anywhere.
        for with_reset, at_once in ((False, False), (False, True), (True, False)):
            with self.subTest(reset=with_reset, at_once=at_once):
                begun, ended = threading.Event(), threading.Event()

                def script(side, begun=begun, ended=ended):
                    side.read_request()
                    begun.set()
                    while side.socket.recv(1):  # The end is all that comes.
                        pass
                    ended.set()

                gateway = self.relay(self.scripted(script))
                client = gateway.client()
                client.send(self.head("POST", "/relay/a", "Content-Length: 2") + b"{}")
                if not at_once:
                    self.assertTrue(begun.wait(20))
                if with_reset:
                    reset(client.socket)
                else:
                    client.close()
                self.assertTrue(at_once or ended.wait(20))
                entry = wait_until(gateway.access_log, "the log line")[0]
                self.assertEqual((entry["termination"], entry["status"], entry["response_bytes"]), ("downstream_closed", 0, 0))

    def test_requests_sent_ahead_are_no_reason_to_think_so(self):
        gateway = self.relay(self.upstream(lambda seen: (time.sleep(0.2), RecordingUpstream.reply(b"x"))[1]))
        with gateway.client() as client:
            for _ in range(3):
                client.send(self.head("GET", "/relay/a"))
                time.sleep(0.05)
            self.assertEqual([client.read_response().status for _ in range(3)], [200] * 3)


if __name__ == "__main__":
    unittest.main()
