"""What crosses the gateway and what does not: order, persistence, hop-by-hop fields, trailers, HTTP/1.0."""

import random
import time
import unittest

from relay_support import RelayTest, chunked, pieces
from support import RecordingUpstream


def named(fields):
    return {name.lower() for name, _ in fields}


class PipeliningTest(RelayTest):
    @staticmethod
    def slow_echo(seen):
        time.sleep(random.random() / 100)
        return RecordingUpstream.reply(f"{seen.method} {seen.target} ".encode() + seen.body)

    def test_answers_come_in_the_order_of_the_requests(self):
        recorder = self.upstream(self.slow_echo)
        gateway = self.relay(recorder, workers=2)
        stream, expected = b"", []
        for i in range(120):
            target = f"/relay/{i}"
            if i % 4 == 0:
                stream += self.head("GET", target)
                expected.append((200, f"GET {target} ".encode()))
            elif i % 4 == 1:
                stream += self.head("POST", target, "Content-Length: 5") + b"%05d" % i
                expected.append((200, f"POST {target} {i:05d}".encode()))
            elif i % 4 == 2:
                stream += self.head("POST", target, "Transfer-Encoding: chunked") + chunked([b"ab", b"c"])
                expected.append((200, f"POST {target} abc".encode()))
            else:
                stream += self.head("GET", f"/nowhere/{i}")
                expected.append((404, b"route_unknown"))
        with gateway.client() as client:
            client.send(stream)
            for status, text in expected:
                answer = client.read_response()
                self.assertEqual(answer.status, status)
                self.assertIn(text, answer.body)
        self.assertEqual(len(recorder.seen), 90)
        self.assertEqual(recorder.connections, 1)

    def test_a_refused_request_with_a_body_leaves_the_next_one_readable(self):
        gateway = self.relay(self.upstream())
        with gateway.client() as client:
            body = b"GET /relay/hidden HTTP/1.1\r\n\r\n"
            client.send(self.head("POST", "/nowhere", f"Content-Length: {len(body)}") + body)
            client.send(self.head("POST", "/nowhere", "Transfer-Encoding: chunked") + chunked([body]))
            client.send(self.head("GET", "/relay/next"))
            self.assert_refused(client.read_response(), 404, "route_unknown")
            self.assert_refused(client.read_response(), 404, "route_unknown")
            self.assertEqual(client.read_response().status, 200)

    def test_a_head_in_single_bytes_is_one_request(self):
        recorder = self.upstream()
        gateway = self.relay(recorder)
        with gateway.client() as client:
            head = self.head("GET", "/relay/slow", "X-One: 1") * 2
            for at in range(len(head)):
                client.send(head[at:at + 1])
            self.assertEqual([client.read_response().status for _ in range(2)], [200, 200])
        self.assertEqual([seen.target for seen in recorder.seen], ["/relay/slow"] * 2)


class PersistenceTest(RelayTest):
    def test_both_sides_keep_their_connections(self):
        recorder = self.upstream()
        gateway = self.relay(recorder)
        with gateway.client() as client:
            for i in range(50):
                self.assertEqual(client.request("GET", f"/relay/{i}", self.auth).status, 200)
                self.assertEqual(client.request("POST", f"/relay/{i}", self.auth, b"{}").status, 200)
        self.assertEqual((recorder.connections, len(recorder.seen)), (1, 100))

    def test_an_upstream_that_closes_leaves_the_client_connected(self):
        recorder = self.upstream(lambda seen: RecordingUpstream.reply(b"x", fields=["Connection: close"]))
        gateway = self.relay(recorder)
        with gateway.client() as client:
            for i in range(5):
                answer = client.request("GET", f"/relay/{i}", self.auth)
                self.assertEqual((answer.status, answer.field("connection")), (200, None))
        self.assertEqual(recorder.connections, 5)

    def test_a_client_that_closes_leaves_the_upstream_connected(self):
        recorder = self.upstream()
        gateway = self.relay(recorder)
        for i in range(5):
            with gateway.client() as client:
                answer = client.request("GET", f"/relay/{i}", {**self.auth, "Connection": "close"})
                self.assertEqual((answer.status, answer.field("connection")), (200, "close"))
                self.assertTrue(client.is_closed_by_peer())
        self.assertEqual(recorder.connections, 1)

    def test_http_1_0_persists_only_when_asked(self):
        recorder = self.upstream()
        gateway = self.relay(recorder)
        with gateway.client() as client:
            client.send(self.head("GET", "/relay/a", version="HTTP/1.0"))
            answer = client.read_response()
            self.assertEqual((answer.status, answer.field("connection")), (200, "close"))
            self.assertTrue(client.is_closed_by_peer())
        with gateway.client() as client:
            for _ in range(3):
                client.send(self.head("GET", "/relay/a", "Connection: keep-alive", version="HTTP/1.0"))
                answer = client.read_response()
                self.assertEqual((answer.status, answer.field("connection")), (200, "keep-alive"))
        with gateway.client() as client:
            client.send(self.head("POST", "/relay/a", "Content-Length: 2", version="HTTP/1.0") + b"ab")
            self.assertEqual(client.read_response().status, 200)
        self.assertEqual(recorder.seen[-1].body, b"ab")

    def test_a_promise_to_keep_the_connection_is_kept(self):
        """A refusal leaves the body unread: the connection stays where the rest of it is sure to be small."""
        gateway = self.relay(self.upstream())
        fixed, coded = "Content-Length: {}", "Transfer-Encoding: chunked"
        small, large = b"b" * 64 * 1024, b"b" * 100000
        cases = [  # framing, what is sent with the head, what is sent after the answer, whether the connection is kept
            (fixed.format(len(small)), b"", small, True),
            (fixed.format(len(small)), small[:50000], small[50000:], True),
            (fixed.format(len(large)), large, b"", False),
            (coded, chunked([b"small", b"chunks"]), b"", True),
            (coded, chunked(pieces(large, 9000)), b"", False),
            (coded, b"5\r\nsma", b"ll\r\n0\r\n\r\n", False),
        ]
        for framing, before, after, is_kept in cases:
            with self.subTest(framing=framing, before=len(before)), gateway.client() as client:
                client.send(self.head("POST", "/nowhere", framing) + before)
                answer = client.read_response()
                self.assertEqual((answer.status, answer.field("connection") == "close"), (404, not is_kept))
                if is_kept:
                    client.send(after + self.head("GET", "/relay/next"))
                    self.assertEqual(client.read_response().status, 200)
                else:
                    self.assertTrue(client.is_closed_by_peer())

    def test_a_connection_ends_after_its_allowance_of_requests(self):
        gateway = self.relay(self.upstream(), config={"limits": {"requests_per_connection": 3}})
        with gateway.client() as client:
            answers = [client.request("GET", "/relay/a", self.auth) for _ in range(3)]
            self.assertEqual([a.field("connection") for a in answers], [None, None, "close"])
            self.assertTrue(client.is_closed_by_peer())


class FieldsTest(RelayTest):
    HOP_BY_HOP = ["Connection: keep-alive, X-Private, x-other", "X-Private: secret", "X-Other: secret",
                  "Keep-Alive: timeout=5", "TE: trailers", "Trailer: X-Later", "Upgrade: h2c",
                  "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", "Proxy-Connection: keep-alive",
                  "Proxy-Authorization: Basic eDp5"]
    DROPPED = {"connection", "x-private", "x-other", "keep-alive", "te", "trailer", "upgrade",
               "http2-settings", "proxy-connection", "proxy-authorization", "proxy-authenticate"}

    def test_hop_by_hop_fields_of_a_request_stay_here(self):
        recorder = self.upstream()
        gateway = self.relay(recorder)
        with gateway.client() as client:
            client.send(self.head("GET", "/relay/a", *self.HOP_BY_HOP, "X-Public: 1", "Accept: */*"))
            self.assertEqual(client.read_response().status, 200)
        names = named(recorder.seen[0].fields)
        self.assertEqual(names & self.DROPPED, set())
        self.assertLessEqual({"x-public", "accept", "host", "x-request-id", "traceparent"}, names)
        self.assertNotIn("authorization", names)

    def test_hop_by_hop_fields_of_an_answer_stay_there(self):
        fields = [line for line in self.HOP_BY_HOP if not line.startswith("HTTP2")]
        fields += ["Proxy-Authenticate: Basic", "X-Public: 1", "Set-Cookie: a=1", "Set-Cookie: b=2"]
        gateway = self.relay(self.upstream(lambda seen: RecordingUpstream.reply(b"x", fields=fields)))
        with gateway.client() as client:
            answer = client.request("GET", "/relay/a", self.auth)
        self.assertEqual(named(answer.fields) & self.DROPPED, set())
        self.assertEqual(answer.field("x-public"), "1")
        self.assertEqual(answer.all_fields("set-cookie"), ["a=1", "b=2"])

    def test_connection_cannot_remove_what_the_gateway_or_the_upstream_decides_by(self):
        recorder = self.upstream()
        gateway = self.relay(recorder)
        with gateway.client() as client:
            client.send(self.head("POST", "/relay/a", "Content-Type: application/json", "Content-Length: 2",
                                  "Connection: x-kwik-token, x-kwik-scheme, content-type, host, "
                                  "content-length, authorization, x-request-id, x-forwarded-for") + b"{}")
            self.assertEqual(client.read_response().status, 200)
        names = named(recorder.seen[0].fields)
        self.assertLessEqual({"x-kwik-token", "x-kwik-scheme", "content-type", "host", "content-length",
                              "x-request-id", "x-forwarded-for"}, names)
        self.assertEqual(recorder.seen[0].body, b"{}")

    def test_trailers_are_dropped_both_ways(self):
        answer = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Later\r\n\r\n"
                  + chunked([b"abc"], b"X-Later: 1\r\nSet-Cookie: a=b\r\n"))
        recorder = self.upstream(lambda seen: answer)
        gateway = self.relay(recorder)
        with gateway.client() as client:
            for _ in range(2):
                client.send(self.head("POST", "/relay/a", "Transfer-Encoding: chunked"))
                client.send(chunked([b"body"], b"X-Kwik-Account: evil\r\nContent-Length: 7\r\n"))
                got = client.read_response("POST")
                self.assertEqual((got.status, got.body), (200, b"abc"))
        for seen in recorder.seen:
            self.assertEqual(seen.body, b"body")
            self.assertNotIn("evil", str(seen.fields))

    def test_the_target_arrives_as_it_was_sent(self):
        recorder = self.upstream()
        gateway = self.relay(recorder)
        targets = ["/relay/a%20b?x=%2f&y=a/../b", "/relay/?", "/relay/a;b=c?", "/relay/~!$&'()*+,;=:@"]
        with gateway.client() as client:
            for target in targets:
                self.assertEqual(client.request("GET", target, self.auth).status, 200, target)
            client.send(self.head("GET", "http://gateway.test/relay/abs?q=1"))
            self.assertEqual(client.read_response().status, 200)
        self.assertEqual([seen.target for seen in recorder.seen], [*targets, "/relay/abs?q=1"])


if __name__ == "__main__":
    unittest.main()
