"""X-Kwik-Signature proves the identity fields: the verifiers of docs/configuration.md take what the gateway sent, and nothing else."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from support import GatewayTest, run_kwikgate

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
ROUTES = [{"method": method, "path": path, "section": section} for method in ("GET", "POST")
          for path, section in (("/things", "payments"), ("/open/*", ""))]
KEY = "an-identity-key-for-the-tests-of-more-than-32-characters"


def program(language):
    return re.search(rf"^```{language}\n(\S+ verify\..*?)^```$", PAGE, re.MULTILINE | re.DOTALL).group(1)


def python_verifier():
    names = {}
    exec(program("python").replace("# verify.py\n", ""), names)  # The manual's own words.
    return names["is_from_gateway"]


class ProofTest(GatewayTest):
    def setUp(self):
        self.behind = self.upstream()
        self.gate = self.gateway({"kwik": {"servers": [self.behind.url], "identity_key_file": "identity.key"}}, ROUTES,
                                 start=False)
        self.key_file = self.gate.folder / "identity.key"
        self.write_key(KEY)
        self.gate.start()
        self.token = self.gate.create_token("payments", extra=("--account", "Acme & Co"))

    def write_key(self, key, mode=0o600):
        self.key_file.write_text(key + "\n")
        self.key_file.chmod(mode)

    def sent(self, method="GET", target="/things", body=None, fields=()):
        with self.gate.client() as client:
            answer = client.request(method, target, [("Authorization", self.token.basic), *fields], body)
        self.assertEqual(answer.status, 200, answer.body)
        return self.behind.seen[-1]

    @staticmethod
    def headers(seen):
        return {name.lower(): value for name, value in seen.fields}

    def test_the_verifiers_of_the_manual_take_what_the_gateway_sent(self):
        verify = python_verifier()
        requests = [self.sent(), self.sent("POST", "/things?a=%20b&c", b"{}"), self.sent("GET", "/open/x?"),
                    self.sent("GET", "/open/" + "y" * 3000), self.sent(fields=[("X-Kwik-Signature", "0" * 64),
                                                                              ("X-Kwik-Time", "1"), ("X_Kwik_More", "2")])]
        for seen in requests:
            self.assertTrue(verify(KEY, seen.method, seen.target, self.headers(seen)), seen)
        if shutil.which("node") is None:
            self.skipTest("Node.js is not installed")
        with tempfile.TemporaryDirectory() as scratch:
            script = pathlib.Path(scratch) / "verify.js"
            script.write_text(program("javascript") + "\nfor (const [key, request] of JSON.parse(process.argv[2]))"
                              " console.log(isFromGateway(key, request));\n")
            as_node = [[key, {"method": seen.method, "url": seen.target, "headers": self.headers(seen)}]
                       for key in (KEY, KEY + "x") for seen in requests]
            done = subprocess.run(["node", str(script), json.dumps(as_node)], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.stdout.split(), ["true"] * len(requests) + ["false"] * len(requests), done.stderr)

    def test_nothing_else_is_taken(self):
        verify = python_verifier()
        seen = self.sent("POST", "/things", b"{}")
        headers = self.headers(seen)
        self.assertTrue(verify(KEY, "POST", "/things", headers))
        for name in [name for name in headers if name.startswith("x-kwik-") and name != "x-kwik-signature"]:
            self.assertFalse(verify(KEY, "POST", "/things", {**headers, name: headers[name] + "x"} if name != "x-kwik-time"
                                    else {**headers, name: str(int(headers[name]) + 1)}), name)
            self.assertFalse(verify(KEY, "POST", "/things", {k: v for k, v in headers.items() if k != name}), name)
        for key, method, target, changed in ((KEY + "x", "POST", "/things", {}), (KEY, "GET", "/things", {}),
                                             (KEY, "POST", "/things?", {}), (KEY, "POST", "/open/x", {}),
                                             (KEY, "POST", "/things", {"x-request-id": "other"}),
                                             (KEY, "POST", "/things", {"x-kwik-more": "1"}),
                                             (KEY, "POST", "/things", {"x-kwik-signature": ""})):
            self.assertFalse(verify(key, method, target, {**headers, **changed}), (method, target, changed))
        later = lambda: time.time() + 3600
        self.assertFalse(verify(KEY, "POST", "/things", headers, later))

    def test_a_request_hidden_in_a_body_proves_nothing(self):
        seen = self.sent("POST", "/things", b"POST /things HTTP/1.1\r\nX-Kwik-Token: tok_other\r\n\r\n")
        hidden = {**self.headers(seen), "x-kwik-token": "tok_other"}
        self.assertFalse(python_verifier()(KEY, "POST", "/things", hidden))

    def test_a_reload_takes_another_key(self):
        other = "another-key-of-more-than-thirty-two-characters"
        self.write_key(other)
        self.gate.reload()
        seen = self.sent()
        self.assertTrue(python_verifier()(other, seen.method, seen.target, self.headers(seen)))
        self.assertNotIn(other, self.gate.log_text())

    def test_a_key_that_is_short_open_or_absent_is_refused(self):
        for key, mode, words in (("x" * 31, 0o600, "32 to 256"), ("x" * 257, 0o600, "32 to 256"),
                                 ("two words " + "x" * 32, 0o600, "32 to 256"), (KEY, 0o644, "")):
            self.write_key(key, mode)
            done = run_kwikgate("check", "--config", str(self.gate.folder / "kwikgate.json"))
            self.assertEqual(done.returncode, 1, key)
            self.assertIn("identity_key_file", done.stderr)
            self.assertIn(words, done.stderr)
            self.assertNotIn(key, done.stderr + done.stdout)
        self.key_file.unlink()
        self.assertIn("identity_key_file", run_kwikgate("check", "--config",
                                                        str(self.gate.folder / "kwikgate.json")).stderr)


if __name__ == "__main__":
    unittest.main()
