"""Targets as browsers and URL libraries send them: let in where nobody can misread them, signed and forwarded as they came."""

import json
import unittest
from urllib.parse import quote

from signer import sign
from support import GatewayTest, run_kwikgate

ROUTES = [{"method": "GET", "path": "/things/{name}", "section": "customers"}]
TAKEN = ["/things/a|b", "/things/[0]^", "/things/x?path=C:\\temp", "/things/x?discount=100%", "/things/x?a=%zz&b=%",
         "/things/x?name=é€😀", "/things/x?a[0]={b|c}^`\"<>"]
REFUSED = ["/things/a\\b", "/things/{a}", "/things/`", "/things/é", "/things/100%", "/things/a%5Cb", "/things/../x", "/things//x",
           "/things/x?a=%00", "/things/x?a=\udcff", "/things/x?a=\udcc0\udca3"]


def wire(target):
    """The bytes of a target as a string that the raw client sends unchanged."""
    return target.encode("utf-8", "surrogateescape").decode("latin-1")


class TargetsTest(GatewayTest):
    def setUp(self):
        self.up = self.upstream()
        self.gate = self.gateway({"main": [self.up.url]}, ROUTES)
        self.token = self.gate.create_token("customers")
        self.url = f"http://127.0.0.1:{self.gate.port}"

    def ask(self, target, fields, host="gateway.test"):
        with self.gate.client() as client:
            answer = client.request("GET", target, fields, host=host)
        return answer.status, json.loads(answer.body)["reason"] if answer.status != 200 else None

    def test_what_cannot_be_misread_passes_as_it_was_sent(self):
        for target in map(wire, TAKEN):
            with self.subTest(target):
                self.assertEqual(self.ask(target, [("Authorization", self.token.basic)]), (200, None))
                self.assertEqual(self.up.seen[-1].target, target)

    def test_it_can_be_signed(self):
        for target in map(wire, TAKEN):
            for covered in (["@method", "@target-uri"], ["@method", "@authority", "@path", "@query"], ["@method", "@authority", "@request-target"]):
                if "@query" in covered and "?" not in target:
                    continue
                with self.subTest(target, covered=covered):
                    self.assertEqual(self.ask(target, sign(self.token, "GET", target, covered=covered)), (200, None))
                    self.assertEqual(self.up.seen[-1].target, target)

    def test_a_parameter_is_read_as_the_url_standard_says(self):
        for raw, decoded in (("é", "é"), ("C:\\temp", "C:\\temp"), ("100%", "100%"), ("%zz", "%zz"), ("a+b%20c", "a b c")):
            target = wire(f"/things/x?a={raw}&b=1")
            name = '@query-param;name="a"'
            fields = sign(self.token, "GET", target, covered=["@method", "@target-uri", name],
                          values={name: quote(decoded, safe="*-._")})
            with self.subTest(raw):
                self.assertEqual(self.ask(target, fields), (200, None))

    def test_what_may_be_misread_is_refused(self):
        for target in map(wire, REFUSED):
            with self.subTest(target):
                self.assertEqual(self.ask(target, [("Authorization", self.token.basic)]), (400, "target_ambiguous"))
        self.assertEqual(self.up.seen, [])

    def test_kwikgate_sign_signs_what_is_taken_and_nothing_else(self):
        env = {"KWIKGATE_API_KEY": self.token.key, "KWIKGATE_API_SECRET": self.token.secret}
        for target in TAKEN:
            with self.subTest(target):
                done = run_kwikgate("sign", "GET", self.url + target, env=env)
                self.assertEqual(done.returncode, 0, done.stderr)
                fields = [line.split(": ", 1) for line in done.stdout.splitlines()]
                self.assertEqual(self.ask(wire(target), fields, f"127.0.0.1:{self.gate.port}"), (200, None))
        for target in REFUSED:
            with self.subTest(target):
                done = run_kwikgate("sign", "GET", self.url + target, env=env)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn("target_ambiguous", done.stderr)


if __name__ == "__main__":
    unittest.main()
