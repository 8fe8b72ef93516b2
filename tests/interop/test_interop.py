"""Independent RFC 9421 libraries against the gateway: what they sign is accepted, tampered with it is refused, and they verify what kwikgate signs."""

import json
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "integration"))

from signer import content_digest  # noqa: E402
from support import GatewayTest, run_kwikgate  # noqa: E402

ROUTES = [{"method": method, "path": "/things", "section": "payments"} for method in ("GET", "POST", "PUT")]
BODY = b'{"amount":10000,"currency":"ZAR"}'
TARGETS = (["@target-uri"], ["@authority", "@path", "@query"], ["@authority", "@path"])


class Library:
    def __init__(self, script):
        self.script = script

    def run(self, task):
        return subprocess.run(["node", self.script], input=json.dumps(task), capture_output=True, text=True, cwd=HERE,
                              timeout=60)


class LibraryTest:
    """The same for each library; `script` is what calls it."""

    script = None

    def setUp(self):
        self.library = Library(self.script)
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES)
        self.token = self.gate.create_token("payments")
        self.host = f"127.0.0.1:{self.gate.port}"

    def sign(self, method="GET", target="/things", body=None, covered=("@target-uri",), **changes):
        headers = {} if body is None else {"content-digest": content_digest(body), "content-type": "application/json"}
        fields = ["@method", *covered] + ([] if body is None else ["content-digest"])
        task = {"action": "sign", "method": method, "url": f"http://{self.host}{target}", "headers": headers,
                "fields": fields, "keyid": self.token.key, "secret": self.token.secret, "nonce": secrets.token_hex(12),
                **changes}
        done = self.library.run(task)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def send(self, method, target, headers, body=None):
        with self.gate.client() as client:
            return client.request(method, target, headers, body, host=self.host)

    def test_what_it_signs_is_accepted(self):
        for covered in TARGETS:
            for target in ("/things", "/things?a=1&b=%20c"):
                if "?" in target and "@query" not in covered and "@target-uri" not in covered:
                    continue  # Too little, where there is a query.
                for method, body in (("GET", None), ("POST", BODY), ("PUT", b"\0\xff" * 1000)):
                    answer = self.send(method, target, self.sign(method, target, body, covered), body)
                    self.assertEqual(answer.status, 200, (covered, target, method, answer.body))
                    self.assertEqual(self.seen_by.seen[-1].body, body or b"")

    def test_what_was_tampered_with_is_refused(self):
        def refused(reason, method, target, headers, body=None):
            self.assert_refused(self.send(method, target, headers, body), 401, reason)
        headers = lambda: self.sign("POST", "/things?a=1", BODY)
        refused("credential_invalid", "PUT", "/things?a=1", headers(), BODY)
        refused("credential_invalid", "POST", "/things?a=2", headers(), BODY)
        refused("credential_invalid", "POST", "/things", headers(), BODY)
        refused("digest_mismatch", "POST", "/things?a=1", headers(), BODY[:-2] + b"1}")
        adapted = {**headers(), "content-digest": content_digest(b"{}")}
        refused("credential_invalid", "POST", "/things?a=1", adapted, b"{}")
        for name, old, new in (("signature-input", "created=1", "created=2"), ("signature-input", 'nonce="', 'nonce="x'),
                               ("signature-input", '"@method"', '"@scheme"'), ("signature-input", self.token.key, "other-key"),
                               ("signature", "=:", "=:AA")):
            changed = {field: value.replace(old, new, 1) if field.lower() == name else value
                       for field, value in headers().items()}
            answer = self.send("POST", "/things?a=1", changed, BODY)
            self.assertEqual(answer.status, 401, (name, answer.body))
        refused("credential_invalid", "GET", "/things", self.sign(secret=self.token.secret[:-1] + ("y" if self.token.secret.endswith("x") else "x")))
        refused("signature_uncovered", "GET", "/things", self.sign(covered=()))
        again = headers()
        self.assertEqual(self.send("POST", "/things?a=1", again, BODY).status, 200)
        refused("nonce_replayed", "POST", "/things?a=1", again, BODY)
        self.assertEqual(len(self.seen_by.seen), 1)

    def verify(self, headers, method="POST", fields=("@method", "@target-uri", "content-digest"), secret=None):
        return self.library.run({
            "action": "verify", "method": method, "url": f"http://{self.host}/things?a=1", "headers": headers,
            "fields": list(fields), "keyid": self.token.key, "secret": secret or self.token.secret})

    def test_it_verifies_what_kwikgate_signs(self):
        done = run_kwikgate("sign", "POST", f"http://{self.host}/things?a=1", "--data", "-", "--json",
                            stdin=BODY.decode(), env={"KWIKGATE_API_KEY": self.token.key,
                                                      "KWIKGATE_API_SECRET": self.token.secret})
        headers = {name.lower(): value for name, value in json.loads(done.stdout)["headers"].items()}
        verified = self.verify(headers)
        self.assertEqual((verified.returncode, verified.stdout.strip()), (0, "true"), verified.stderr)
        for wrong in (self.verify(headers, method="PUT"), self.verify(headers, secret=self.token.secret + "x"),
                      self.verify({**headers, "content-digest": content_digest(b"{}")})):
            self.assertNotEqual((wrong.returncode, wrong.stdout.strip()), (0, "true"))


class HttpMessageSignaturesTest(LibraryTest, GatewayTest):
    script = "http_message_signatures.cjs"


    def test_the_program_of_the_signing_guide(self):
        page = (HERE.parents[1] / "docs" / "signing.md").read_text()
        program, = re.findall(r"^```js\n(// library\.cjs .*?)^```$", page, re.MULTILINE | re.DOTALL)
        with tempfile.TemporaryDirectory() as scratch:
            for name, data in (("library.cjs", program.encode()), ("body", BODY)):
                (pathlib.Path(scratch) / name).write_bytes(data)
            environment = {**os.environ, "NODE_PATH": str(HERE / "node_modules"), "KWIKGATE_API_KEY": self.token.key,
                           "KWIKGATE_API_SECRET": self.token.secret}
            for arguments, body in ((["GET", "/things?a=1&b=%20c"], None), (["POST", "/things", "body"], BODY)):
                method, target, *file = arguments
                done = subprocess.run(["node", "library.cjs", method, f"http://{self.host}{target}", *file], cwd=scratch,
                                      env=environment, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                fields = [tuple(line.split(": ", 1)) for line in done.stdout.splitlines()]
                self.assertEqual(self.send(method, target, fields, body).status, 200)


class HttpMessageSigTest(LibraryTest, GatewayTest):
    script = "http_message_sig.mjs"


if __name__ == "__main__":
    unittest.main()
