"""Answers that are odd, but whose end is beyond doubt: they are passed on, cost the server nothing, and their connection is
not used again where its sender may see another end."""

import unittest

from relay_support import RelayTest
from support import RecordingUpstream, wait_until


class OddAnswerTest(RelayTest):
    OK = b"HTTP/1.1 200 OK\r\n"
    # What is sent, what the client gets (status, body, fields that must not be there), whether the connection is used again.
    TAKEN = {
        "RFC 9112 6.3 204 in chunks": (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", 204, b"", False),
        "RFC 9112 6.3 204 in chunks, with its last chunk": (
            b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 204, b"", False),
        "RFC 9112 6.3 204 with a length and a body": (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", 204, b"", False),
        "RFC 9112 6.3 204 with two lengths": (b"HTTP/1.1 204 x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 204, b"", False),
        "RFC 9112 6.3 304 in chunks": (b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 304, b"", False),
        "RFC 9112 6.3 1xx with a length": (
            b"HTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\n" + RecordingUpstream.reply(b"x"), 200, b"x", False),
        "RFC 9112 6.3 1xx in chunks": (
            b"HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n" + RecordingUpstream.reply(b"x"), 200, b"x", False),
        "RFC 9112 6.3 both framings": (OK + b"Content-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                                       200, b"abc", False),
        "RFC 9112 2.2 an empty line before": (b"\r\n" + RecordingUpstream.reply(b"x"), 200, b"x", False),
        "RFC 9110 15 status 600": (RecordingUpstream.reply(b"x", "600 Odd"), 600, b"x", True),
        "RFC 9110 15 status 999": (RecordingUpstream.reply(b"x", "999 Denied"), 999, b"x", True),
        "RFC 9112 7.1.1 padded sizes": (OK + b"Transfer-Encoding: chunked\r\n\r\n5   \r\nhello\r\n0  \r\n\r\n", 200, b"hello", True),
        "RFC 9112 7.1.1 extensions": (
            OK + b'Transfer-Encoding: chunked\r\n\r\n5 ; a = "b;\\"c" ;d\r\nhello\r\n0;e\r\n\r\n', 200, b"hello", True),
    }

    def setUp(self):
        self.answer = b""
        self.server = self.scripted(self.serve)

    def serve(self, side):
        while side.read_request() is not None:
            side.send(self.answer)

    def test_it_is_passed_on_and_the_next_request_gets_its_own_answer(self):
        gate = self.relay(self.server)
        with gate.client() as client:
            for name, (answer, status, body, is_kept) in self.TAKEN.items():
                with self.subTest(name):
                    self.answer = RecordingUpstream.reply(b"before")
                    self.assertEqual(client.request("GET", "/relay/a", self.auth).body, b"before")
                    before = self.server.connections
                    self.answer = answer
                    got = client.request("GET", "/relay/a", self.auth)
                    self.assertEqual((got.status, got.body, got.is_complete), (status, body, True))
                    if status in (204, 304):
                        self.assertIsNone(got.field("transfer-encoding"))
                        self.assertIsNone(got.field("content-length"))
                    self.answer = RecordingUpstream.reply(b"good")
                    self.assertEqual(client.request("POST", "/relay/a", self.auth, b"{}").body, b"good")
                    self.assertEqual(self.server.connections - before, 0 if is_kept else 1)

    def test_it_does_not_count_against_the_server(self):
        other = self.upstream()
        gate = self.relay([self.server, other], upstream_config={"health": {"eject_after_failures": 1, "eject_for": "1h"}})
        with gate.client() as client:
            for name, (answer, status, _, _) in self.TAKEN.items():
                self.answer = answer
                before = self.server.connections + len(other.seen)
                wait_until(lambda: client.request("POST", "/relay/a", self.auth, b"{}").status == status,
                           f"the server with the odd answer: {name}, after {before}")
        entries = [entry for entry in gate.access_log() if entry["reason"] != "none"]
        self.assertEqual(entries, [])

    def test_a_status_that_http_does_not_know_counts_as_5xx(self):
        gate = self.relay(self.server, config={"admin": {"address": "127.0.0.1:0"}})
        self.answer = RecordingUpstream.reply(b"x", "799 Odd")
        with gate.client() as client:
            answer = client.request("GET", "/relay/a", self.auth)
        self.assertEqual(answer.status, 799)
        entry = wait_until(gate.access_log, "the log line")[0]
        self.assertEqual((entry["status"], entry["reason"], entry["termination"]), (799, "none", "completed"))

    def test_what_an_answer_cannot_be_understood_without_is_kept(self):
        gate = self.relay(self.server)
        with gate.client() as client:
            self.answer = RecordingUpstream.reply(
                b"", "426 Upgrade Required", ["Connection: upgrade", "Upgrade: HTTP/2.0", "Proxy-Authenticate: Basic"])
            answer = client.request("GET", "/relay/a", self.auth)
            self.assertEqual((answer.status, answer.field("upgrade"), answer.field("connection")), (426, "HTTP/2.0", "upgrade"))
            self.assertIsNone(answer.field("proxy-authenticate"))
            self.answer = RecordingUpstream.reply(b"", "407 x", ["Proxy-Authenticate: Basic realm=\"x\"", "Upgrade: a"])
            answer = client.request("GET", "/relay/a", self.auth)
            self.assertEqual((answer.status, answer.field("proxy-authenticate")), (407, 'Basic realm="x"'))
            self.assertIsNone(answer.field("upgrade"))


class FirstChunkTest(RelayTest):
    """An answer that turns out broken before a byte of it left is a 502: the client can be told."""

    def ask(self, answer, version="HTTP/1.1"):
        gate = self.relay(self.scripted(lambda side: (side.read_request(), side.send(answer), side.read_request())))
        with gate.client() as client:
            client.send(self.head("GET", "/relay/a", version=version))
            got = client.read_response()
            self.assert_refused(got, 502, "upstream_malformed", "G09")
            self.assertNotIn("x-theirs", dict(got.fields))
        entry = wait_until(gate.access_log, "the log line")[0]
        self.assertEqual((entry["status"], entry["termination"], entry["reason"]), (502, "completed", "upstream_malformed"))

    def test_a_malformed_first_chunk_line(self):
        for line in (b"zz\r\n", b"\r\n", b"5\nhello", b"5;\r\nhello\r\n", b"-1\r\n"):
            for version in ("HTTP/1.1", "HTTP/1.0"):
                with self.subTest(line=line, version=version):
                    self.ask(b"HTTP/1.1 200 OK\r\nX-Theirs: 1\r\nTransfer-Encoding: chunked\r\n\r\n" + line, version)

    def test_a_malformed_later_chunk_that_came_with_the_head(self):
        self.ask(b"HTTP/1.1 200 OK\r\nX-Theirs: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n")


if __name__ == "__main__":
    unittest.main()
