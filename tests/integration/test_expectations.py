"""Expect: 100-continue: asked for the body when it is wanted, and never when the request is refused."""

import unittest

from relay_support import RelayTest


class ExpectTest(RelayTest):
    def setUp(self):
        self.recorder = self.upstream()
        self.gate = self.relay(self.recorder)

    def interim(self, client):
        return client.read_response("POST", skip_interim=False)

    def test_an_accepted_request_is_told_to_go_on(self):
        for size in (1, 64 * 1024, 64 * 1024 + 1, 3000000):
            for coding in ("fixed", "chunked"):
                with self.subTest(size=size, coding=coding), self.gate.client() as client:
                    body = b"b" * size
                    framing = f"Content-Length: {size}" if coding == "fixed" else "Transfer-Encoding: chunked"
                    client.send(self.head("POST", "/relay/a", "Expect: 100-continue", framing))
                    self.assertEqual(self.interim(client).status, 100)
                    client.send(body if coding == "fixed" else b"%x\r\n%s\r\n0\r\n\r\n" % (size, body))
                    self.assertEqual(self.interim(client).status, 200)
                    seen = self.recorder.seen[-1]
                    self.assertTrue(seen.body == body)
                    self.assertIsNone(seen.field("expect"))
                    self.assertEqual(client.request("GET", "/relay/b", self.auth).status, 200)

    def test_a_refused_request_is_not_told_to_go_on(self):
        refusals = [("/relay/a", {"Authorization": "Basic eDp5"}, 401, "credential_invalid"),
                    ("/nowhere", self.auth, 404, "route_unknown")]
        for target, auth, status, reason in refusals:
            with self.subTest(reason=reason), self.gate.client() as client:
                client.send_request("POST", target, {**auth, "Expect": "100-continue", "Content-Length": 5})
                answer = self.interim(client)
                self.assert_refused(answer, status, reason)
                # Whether the body follows is not known, so no other request can.
                self.assertEqual(answer.field("connection"), "close")
                self.assertTrue(client.is_closed_by_peer())
        self.assertEqual(self.recorder.seen, [])

    def test_a_body_over_the_limit_is_refused_before_it_is_sent(self):
        with self.gate.client() as client:
            client.send(self.head("POST", "/relay/a", "Expect: 100-continue", "Content-Length: 99999999999"))
            self.assert_refused(self.interim(client), 413, "body_too_large", "G06")

    def test_a_client_that_does_not_wait_gets_no_interim_answer(self):
        with self.gate.client() as client:
            client.send(self.head("POST", "/relay/a", "Expect: 100-continue", "Content-Length: 2") + b"ab")
            self.assertEqual(self.interim(client).status, 200)
        self.assertEqual(self.recorder.seen[0].body, b"ab")

    def test_no_body_means_nothing_to_wait_for(self):
        with self.gate.client() as client:
            client.send(self.head("POST", "/relay/a", "Expect: 100-continue", "Content-Length: 0"))
            self.assertEqual(self.interim(client).status, 200)

    def test_http_1_0_does_not_know_it(self):
        with self.gate.client() as client:
            client.send(self.head("POST", "/relay/a", "Expect: 100-continue", "Content-Length: 2",
                                  version="HTTP/1.0"))
            client.send(b"ab")
            self.assertEqual(self.interim(client).status, 200)

    def test_any_other_expectation_fails(self):
        for value in ("200-ok", "100-continue, x", "100-continue;a=b"):
            with self.subTest(value=value), self.gate.client() as client:
                client.send(self.head("POST", "/relay/a", f"Expect: {value}", "Content-Length: 2") + b"ab")
                self.assert_refused(self.interim(client), 417, "expectation_failed", "G06")
        self.assertEqual(self.recorder.seen, [])


if __name__ == "__main__":
    unittest.main()
