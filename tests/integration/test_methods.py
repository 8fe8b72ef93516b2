"""Methods: any that a route names, and none besides; OPTIONS of the gateway itself and of the last hop."""

import json
import unittest

from signer import sign
from support import GatewayTest, run_kwikgate

ROUTES = [
    {"method": "GET", "path": "/things", "section": "customers"},
    {"method": "QUERY", "path": "/things", "section": "customers", "access": "read"},
    {"method": "PURGE", "path": "/things", "section": "customers"},
    {"method": "OPTIONS", "path": "/things", "section": "customers"},
    {"method": "POST", "path": "/others"},
]


class MethodsTest(GatewayTest):
    def setUp(self):
        self.up = self.upstream()
        self.gate = self.gateway({"main": [self.up.url]}, ROUTES)
        self.token = self.gate.create_token("customers")
        self.reader = self.gate.create_token("customers", permissions="read-only")

    def ask(self, method, target="/things", fields=(), token=None, body=None):
        with self.gate.client() as client:
            answer = client.request(method, target, [("Authorization", (token or self.token).basic), *fields], body)
        reason = json.loads(answer.body).get("reason") if answer.body.startswith(b"{") else None
        return answer, (answer.status, reason)

    def test_a_method_is_taken_because_a_route_names_it(self):
        for method in ("QUERY", "PURGE"):
            answer, verdict = self.ask(method, body=b"{}")
            self.assertEqual(verdict, (200, None))
            self.assertEqual((self.up.seen[-1].method, self.up.seen[-1].body), (method, b"{}"))
            entry = self.gate.logged(answer.field("x-request-id"))
            self.assertEqual((entry["method"], entry["route"]), (method, "/things"))
        # What a method does is the route's to say; the default is write.
        self.assertEqual(self.ask("QUERY", token=self.reader)[1], (200, None))
        self.assertEqual(self.ask("PURGE", token=self.reader)[1], (403, "write_not_granted"))
        signed = sign(self.token, "QUERY", "/things", b"{}")
        with self.gate.client() as client:
            self.assertEqual(client.request("QUERY", "/things", signed, b"{}").status, 200)

    def test_a_known_path_says_what_it_takes(self):
        answer, verdict = self.ask("POST")
        self.assertEqual(verdict, (405, "method_not_allowed"))
        self.assertEqual(answer.field("allow"), "GET, HEAD, OPTIONS, QUERY, PURGE")
        self.assertEqual(self.ask("QUERY", "/others")[0].field("allow"), "POST")
        self.assertEqual(self.ask("OPTIONS", "/others")[1], (405, "method_not_allowed"))

    def test_a_method_that_no_route_names_is_not_supported(self):
        for method in ("TRACE", "BREW", "query", "get", "DELETE", "SEARCH"):
            for target in ("/things", "/nowhere"):
                with self.subTest(method):
                    answer, verdict = self.ask(method, target)
                    self.assertEqual(verdict, (501, "method_unsupported"))
                    self.assertIsNone(answer.field("allow"))
        entry = self.gate.logged(answer.field("x-request-id"))
        self.assertEqual((entry["method"], entry["reason"]), ("other", "method_unsupported"))

    def test_connect_ends_the_connection(self):
        for head in ("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
                     "CONNECT /things HTTP/1.1\r\nHost: a\r\nContent-Length: 36\r\n\r\n"):
            with self.gate.client() as client:
                client.send(head.encode() + b"GET /things HTTP/1.1\r\nHost: a\r\n\r\n")
                answer = client.read_response()
                self.assertEqual((answer.status, answer.field("connection")), (501, "close"))
                self.assertIsNone(client.read_response())
        self.assertEqual(self.up.seen, [])

    def test_options_of_the_whole_gateway_needs_no_credentials(self):
        for target in ("*", f"http://127.0.0.1:{self.gate.port}"):
            with self.gate.client() as client:
                client.send(f"OPTIONS {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.gate.port}\r\n\r\n".encode())
                answer = client.read_response()
                self.assertEqual((answer.status, answer.body), (204, b""))
                self.assertEqual(answer.field("allow"), "GET, HEAD, POST, OPTIONS, QUERY, PURGE")
                self.assertEqual(client.request("GET", "/things", [("Authorization", self.token.basic)]).status, 200)
        answer, verdict = self.ask("OPTIONS", "*", body=b"x")
        self.assertEqual(verdict, (400, "body_unexpected"))
        self.assertEqual(self.ask("GET", "*")[1], (400, "bad_request_line"))

    def test_max_forwards_is_counted_down(self):
        answer, verdict = self.ask("OPTIONS", fields=[("Max-Forwards", "0")])
        self.assertEqual((answer.status, answer.field("allow")), (204, "GET, HEAD, OPTIONS, QUERY, PURGE"))
        self.assertEqual(self.up.seen, [])
        stranger = self.gate.create_token("payouts")
        self.assertEqual(self.ask("OPTIONS", fields=[("Max-Forwards", "0")], token=stranger)[1],
                         (403, "section_not_granted"))
        for sent, seen in (("1", "0"), ("10", "9"), ("99999999999999", "999999")):
            self.assertEqual(self.ask("OPTIONS", fields=[("Max-Forwards", sent)])[1], (200, None))
            self.assertEqual(self.up.seen[-1].field("max-forwards"), seen)
        # Only methods that trace a route mean it.
        self.assertEqual(self.ask("GET", fields=[("Max-Forwards", "0")])[1], (200, None))
        self.assertEqual(self.up.seen[-1].field("max-forwards"), "0")
        for wrong in (["-1"], ["1x"], [""], ["1", "1"]):
            fields = [("Max-Forwards", value) for value in wrong]
            self.assertEqual(self.ask("OPTIONS", fields=fields)[1], (400, "bad_header"))

    def test_explain_knows_who_answers(self):
        for raw, verdict in (("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "answered: 204"),
                             ("BREW /things HTTP/1.1\r\nHost: a\r\n\r\n", "501 method_unsupported")):
            request = self.gate.folder / "request"
            request.write_text(raw)
            told = run_kwikgate("explain", "--request", request, "--config", self.gate.config_file)
            self.assertIn(verdict, told.stdout)

    def test_what_is_no_method_of_a_route_is_told(self):
        for method, words in (("TRACE", "never taken"), ("connect", "never taken"), ("get", "is not GET"), ("A B", "is no method"),
                              ("M" * 33, "is no method")):
            with self.subTest(method):
                self.gate.config["routes"] = [{"method": method, "path": "/"}]
                self.gate.write_config()
                done = run_kwikgate("check", "--config", self.gate.config_file)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, f"/routes/0/method: .*{words}")
                if method == "get":
                    continue  # `sign` writes a known method in upper case by itself.
                done = run_kwikgate("sign", method, "http://a/", "--api-key", self.token.key)
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stderr)
        self.gate.config["routes"] = [{"method": f"M{i}", "path": "/"} for i in range(26)]
        self.gate.write_config()
        done = run_kwikgate("check", "--config", self.gate.config_file)
        self.assertIn("too many different methods", done.stderr)


if __name__ == "__main__":
    unittest.main()
