"""Answers of every framing are relayed whole, or are seen to be broken: never something in between."""

import unittest

from relay_support import RelayTest, chunked, pieces, reset
from support import RecordingUpstream, wait_until

BODIES = [b"", b"x", b"y" * 70000, bytes(range(256)) * 4096]


class AnswerFramingTest(RelayTest):
    def setUp(self):
        self.answer = b""
        self.gate = self.relay(self.scripted(self.serve))

    def serve(self, side):
        while side.read_request() is not None:
            side.send(self.answer)
            if b"Transfer-Encoding" not in self.answer and b"Content-Length" not in self.answer:
                return

    def ask(self, method="GET", version="HTTP/1.1", target="/relay/a"):
        with self.gate.client() as client:
            client.send(self.head(method, target, version=version))
            answer = client.read_response(method)
            if answer.field("connection") == "close":
                self.assertTrue(client.is_closed_by_peer())
            else:  # The connection is good for more, so the framing was understood alike.
                self.assertEqual(client.request("GET", "/nowhere", self.auth).status, 404)
            return answer

    def test_every_framing_arrives_whole(self):
        for body in BODIES:
            answers = {
                "fixed": b"Content-Length: %d\r\n\r\n" % len(body) + body,
                "chunked": b"Transfer-Encoding: chunked\r\n\r\n" + chunked(pieces(body, 5000)),
                "until close": b"\r\n" + body}
            for name, answer in answers.items():
                for version in ("HTTP/1.1", "HTTP/1.0"):
                    with self.subTest(framing=name, size=len(body), version=version):
                        self.answer = b"HTTP/1.1 200 OK\r\nX-Kind: test\r\n" + answer
                        got = self.ask(version=version)
                        self.assertEqual((got.status, got.body == body), (200, True))
                        if version == "HTTP/1.0":
                            self.assertIsNone(got.field("transfer-encoding"))
                            self.assertEqual(got.field("connection"), "close")
                        elif name != "fixed":
                            self.assertEqual(got.field("transfer-encoding"), "chunked")

    def test_an_http_1_0_upstream_is_understood(self):
        self.answer = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc"
        self.assertEqual(self.ask().body, b"abc")
        self.answer = b"HTTP/1.0 200 OK\r\n\r\nabcdef"
        self.assertEqual(self.ask().body, b"abcdef")

    def test_answers_without_a_body_have_none(self):
        cases = [("HEAD", b"200 OK\r\nContent-Length: 500\r\n", "500"),
                 ("HEAD", b"200 OK\r\nTransfer-Encoding: chunked\r\n", None),
                 ("GET", b"304 Not Modified\r\nContent-Length: 500\r\nETag: \"a\"\r\n", "500"),
                 ("GET", b"204 No Content\r\nX-Content-Length: 0\r\n", None)]
        for method, answer, length in cases:
            with self.subTest(method=method, answer=answer):
                self.answer = b"HTTP/1.1 " + answer + b"\r\n"
                got = self.ask(method)
                self.assertEqual((got.status, got.field("content-length")), (int(answer[:3]), length))

    def test_interim_answers_do_not_reach_the_client(self):
        interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        self.answer = interim + RecordingUpstream.reply(b"final")
        with self.gate.client() as client:
            client.send(self.head("GET", "/relay/a"))
            got = client.read_response(skip_interim=False)
        self.assertEqual((got.status, got.body), (200, b"final"))

    def test_too_many_interim_answers_are_no_answer(self):
        self.answer = b"HTTP/1.1 102 Processing\r\n\r\n" * 20 + RecordingUpstream.reply(b"final")
        self.assert_refused(self.ask(), 502, "upstream_malformed", "G09")

    def test_bytes_after_an_answer_are_nobodys_answer(self):
        self.answer = RecordingUpstream.reply(b"mine") + RecordingUpstream.reply(b"stolen")
        with self.gate.client() as client:
            for _ in range(5):
                self.assertEqual(client.request("GET", "/relay/a", self.auth).body, b"mine")


class EarlyAnswerTest(RelayTest):
    """The upstream answers before it has the request's body."""

    @staticmethod
    def refuse(side):
        side.read_head()
        side.send(RecordingUpstream.reply(b"no thanks", "413 Content Too Large"))
        side.reader.read()  # Closing over unread bytes would be a reset, which destroys the answer.

    def test_the_client_gets_the_answer_and_the_connections_end(self):
        gateway = self.relay(self.scripted(self.refuse))
        with gateway.client() as client:
            client.send(self.head("POST", "/relay/a", "Content-Length: 9000000"))
            client.send(b"x" * 1000)
            answer = client.read_response("POST")
            self.assertEqual((answer.status, answer.body), (413, b"no thanks"))
            self.assertEqual(answer.field("connection"), "close")
            self.assertTrue(client.is_closed_by_peer())

    def test_a_client_that_only_reads_after_its_whole_body_gets_it_too(self):
        gateway = self.relay(self.scripted(self.refuse))
        with gateway.client() as client:
            client.send(self.head("POST", "/relay/a", "Content-Length: 20000000"))
            client.send(bytes(20000000))
            answer = client.read_response("POST")
            self.assertEqual((answer.status, answer.body), (413, b"no thanks"))

    def test_an_upstream_that_answers_and_reads_on_gets_the_rest(self):
        body = bytes(range(256)) * 4000
        received = []

        def script(side):
            side.read_head()
            side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
            received.append(side.reader.read(len(body)))
            side.send(b"cd")

        gateway = self.relay(self.scripted(script))
        with gateway.client() as client:
            client.send(self.head("POST", "/relay/a", f"Content-Length: {len(body)}") + body)
            answer = client.read_response("POST")
            self.assertEqual((answer.status, answer.body, answer.is_complete), (200, b"abcd", True))
        self.assertTrue(received[0] == body)


class CutAnswerTest(RelayTest):
    """An answer that breaks off is never taken for a whole one."""

    CUTS = {
        "fixed": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500,
        "chunked, between chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "chunked, inside one": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
        "chunked, before the last line": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
    }

    def read(self, client):
        """What a client makes of it: an answer, or None for a connection that was reset."""
        try:
            return client.read_response()
        except ConnectionResetError:
            return None

    def check(self, cut, version, with_reset):
        def script(side):
            side.read_request()
            side.send(cut)
            if with_reset:
                # The bytes have to be through before the reset overtakes them.
                wait_until(lambda: got, "the client to see the beginning")
                reset(side.socket)

        gateway = self.relay(self.scripted(script))
        got = []
        with gateway.client() as client:
            client.send(self.head("GET", "/relay/a", version=version))
            client._fill()
            got.append(True)
            answer = self.read(client)
            if version == "HTTP/1.1":
                self.assertTrue(answer is None or not answer.is_complete)
            else:  # Without a length the end of the connection counts: it must be a reset.
                self.assertIsNone(answer if b"Content-Length" not in cut else None)
        entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual((entry["termination"], entry["reason"]), ("upstream_aborted", "upstream_reset"))

    def test_a_client_sees_an_aborted_message(self):
        for name, cut in self.CUTS.items():
            for version in ("HTTP/1.1", "HTTP/1.0"):
                for with_reset in (False, True):
                    with self.subTest(cut=name, version=version, reset=with_reset):
                        self.check(cut, version, with_reset)

    def test_an_answer_that_breaks_its_framing_midway_is_aborted(self):
        def script(side):
            side.read_request()
            side.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            wait_until(lambda: began, "the client to see the beginning")
            side.send(b"zz\r\nHTTP/1.1 200 OK\r\n\r\n")

        began = []
        gateway = self.relay(self.scripted(script))
        with gateway.client() as client:
            client.send(self.head("GET", "/relay/a"))
            client._fill()
            began.append(True)
            answer = self.read(client)
            self.assertTrue(answer is None or not answer.is_complete)
        entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual((entry["termination"], entry["reason"]),
                         ("upstream_aborted", "upstream_malformed"))


if __name__ == "__main__":
    unittest.main()
