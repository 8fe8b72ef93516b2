"""Content where the method gives it no meaning is refused, unless the route takes it: a server that ignores it reads it as the next request."""

import unittest

from support import GatewayTest

ROUTES = [{"method": method, "path": "/plain", "section": "payments"} for method in ("GET", "DELETE", "OPTIONS", "POST")]
ROUTES += [{"method": method, "path": "/takes", "section": "payments", "body": "1KiB"} for method in ("GET", "DELETE")]
ROUTES += [{"method": "HEAD", "path": "/head", "section": "payments"},
           {"method": "DELETE", "path": "/none", "section": "payments", "body": "0B"},
           {"method": "POST", "path": "/form", "section": "payments", "schemes": ["public_key"]}]
HIDDEN = b"POST /plain HTTP/1.1\r\nHost: a\r\nX-Kwik-Token: tok_other\r\nContent-Length: 2\r\n\r\n{}"


class UnexpectedBodiesTest(GatewayTest):
    def setUp(self):
        self.behind = self.upstream()
        self.gate = self.gateway({"kwik": [self.behind.url]}, ROUTES)
        self.token = self.gate.create_token("payments")

    def ask(self, method, path, fields=(), raw=b""):
        """A request with its body as `raw`, which the fields announce."""
        with self.gate.client() as client:
            lines = [f"{method} {path} HTTP/1.1", "Host: gateway.test", f"Authorization: {self.token.basic}",
                     *(f"{name}: {value}" for name, value in fields)]
            client.send("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)
            return client.read_response(method)

    def test_content_is_refused_where_it_means_nothing(self):
        for method, path in (("GET", "/plain"), ("HEAD", "/plain"), ("DELETE", "/plain"), ("OPTIONS", "/plain"),
                             ("HEAD", "/head"), ("DELETE", "/none")):
            for fields, raw in (([("Content-Length", str(len(HIDDEN)))], HIDDEN), ([("Content-Length", "1")], b"x"),
                                ([("Transfer-Encoding", "chunked")], b"1\r\nx\r\n0\r\n\r\n"),
                                ([("Transfer-Encoding", "chunked")], b"0\r\n\r\n")):
                with self.subTest(f"{method} {path} {fields}"):
                    answer = self.ask(method, path, fields, raw=raw)
                    self.assertEqual((answer.status, answer.field("connection")), (400, "close"))
                    if method != "HEAD":
                        self.assertEqual(answer.json["reason"], "body_unexpected")
        self.assertEqual(self.behind.seen, [])

    def test_a_length_of_nothing_is_no_content(self):
        for method in ("GET", "HEAD", "DELETE", "OPTIONS"):
            self.assertEqual(self.ask(method, "/plain", [("Content-Length", "0")]).status, 200, method)

    def test_a_route_may_take_it(self):
        for method, body in (("GET", b"{}"), ("DELETE", b'{"id":1}')):
            answer = self.ask(method, "/takes", [("Content-Length", str(len(body)))], raw=body)
            self.assertEqual((answer.status, self.behind.seen[-1].body), (200, body))
            large = self.ask(method, "/takes", [("Content-Length", "1025")], raw=b"x" * 1025)
            self.assertEqual((large.status, large.json["reason"]), (413, "body_too_large"))

    def test_a_preflight_has_none(self):
        asked = [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST")]
        self.assertEqual(self.ask("OPTIONS", "/form", asked).status, 204)
        answer = self.ask("OPTIONS", "/form", [*asked, ("Content-Length", "1")], raw=b"x")
        self.assertEqual((answer.status, answer.json["reason"]), (400, "body_unexpected"))

    def test_other_methods_take_it(self):
        self.assertEqual(self.ask("POST", "/plain", [("Content-Length", "2")], raw=b"{}").status, 200)


if __name__ == "__main__":
    unittest.main()
