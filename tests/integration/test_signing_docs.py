"""docs/signing.md does what it says: its signers are run against the real gateway, its vectors are computed by the command line and by Python."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest
from urllib.parse import urlencode

from signer import sign
from support import BINARY, GatewayTest, run_kwikgate, wait_until

PAGE_FILE = pathlib.Path(__file__).parents[2] / "docs" / "signing.md"
PAGE = PAGE_FILE.read_text()
URL = "https://api.example.com/1.0/payments/submit"
ROUTES = [{"method": method, "path": "/things", "section": "payments"} for method in ("GET", "POST")]
ROUTES.append({"method": "POST", "path": "/form", "section": "checkout-page", "schemes": ["public_key"]})
LANGUAGES = {"sh": "sign.sh", "python": "sign.py", "javascript": "sign.js", "cpp": "sign.cpp"}
COMMANDS = {"sign.sh": "sh sign.sh", "sign.py": "python3 sign.py", "sign.js": "node sign.js", "sign.cpp": "./sign"}


def blocks(language):
    """The fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def program(name):
    """The one program of that name: its first line says it."""
    language = next(language for language, file in LANGUAGES.items() if file.split(".")[1] == name.split(".")[1])
    found = [block for block in blocks(language) if re.match(rf"\S+ {re.escape(name)}\b", block)]
    assert len(found) == 1, f"{len(found)} blocks of {name}"
    return found[0]


class SignersTest(GatewayTest):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES, config={"signature": {"max_ahead": "1s"}})
        self.url = f"http://127.0.0.1:{self.gate.port}/things"
        self.use(self.gate.create_token("payments", "checkout-page", extra=("--allow-origin", "https://shop.example")))

    def use(self, token):
        self.token = token
        self.env = {**os.environ, "KWIKGATE_API_KEY": token.key, "KWIKGATE_API_SECRET": token.secret}

    def run_program(self, command, *arguments):
        done = subprocess.run([*shlex.split(command), *map(str, arguments)], capture_output=True, text=True, timeout=60,
                              cwd=self.scratch, env=self.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(self.token.secret, done.stdout + done.stderr)
        return [tuple(line.split(": ", 1)) for line in done.stdout.splitlines()]

    def prepare(self, name):
        (self.scratch / name).write_text(program(name))
        if name == "sign.cpp":
            built = re.search(r"^`(g\+\+ [^`]*)`$", PAGE, re.MULTILINE).group(1)
            subprocess.run(shlex.split(built), cwd=self.scratch, check=True, timeout=120)

    def send(self, method, fields, body=None, target="/things"):
        with self.gate.client() as client:
            return client.request(method, target, fields, body, host=f"127.0.0.1:{self.gate.port}")

    def check(self, name):
        self.prepare(name)
        command = COMMANDS[name]
        answer = self.send("GET", self.run_program(command, "GET", self.url + "?a=1&b=%20c"), target="/things?a=1&b=%20c")
        self.assertEqual(answer.status, 200, answer.body)
        for body in (b'{"amount":1000}', b"", bytes(range(256)) * 400):
            file = self.scratch / "body"
            file.write_bytes(body)
            fields = self.run_program(command, "POST", self.url, file)
            wrong = self.send("POST", fields, body + b" ")
            self.assert_refused(wrong, 401, "digest_mismatch")
            fields = self.run_program(command, "POST", self.url, file)
            self.assertEqual(self.send("POST", fields, body).status, 200)
            self.assert_refused(self.send("POST", fields, body), 401, "nonce_replayed")
            self.assertEqual(self.seen_by.seen[-1].body, body)
        answer = self.send("GET", self.run_program(command, "GET", self.url), target="/things?a=1")
        self.assert_refused(answer, 401, "credential_invalid")

    def test_shell(self):
        self.check("sign.sh")

    def test_shell_with_a_short_secret(self):
        made = self.gate.kwikgate("token", "import", "-", stdin='{"name":"Old","sections":["payments"],"permissions":'
                                  '"read-write","api_key":"old-key-1","api_secret":"short-secret"}\n')
        self.assertEqual(made, "")
        self.use(type(self.token)("", "old-key-1", "short-secret", ""))
        # What was signed before the import may have been used elsewhere: 503 until that is past.
        wait_until(lambda: self.send("POST", sign(self.token, "POST", "/things", b"{}", host=f"127.0.0.1:{self.gate.port}"),
                                     b"{}").status == 200, "the import to be past")
        self.check("sign.sh")

    def test_python(self):
        self.check("sign.py")

    def test_the_command_beside_the_signers(self):
        self.prepare("sign.py")
        body = self.make_the_body_of_the_page()
        command = next(block for block in blocks("") if block.startswith("python3 sign.py"))
        self.run_shell(command)
        self.assertEqual(self.seen_by.seen[-1].body, body)

    def make_the_body_of_the_page(self):
        """By the command that makes body.json, in the first block."""
        command = next(line for line in blocks("")[0].splitlines() if line.endswith("> body.json"))
        subprocess.run(["sh", "-c", command], cwd=self.scratch, check=True, timeout=60)
        return (self.scratch / "body.json").read_bytes()

    def run_shell(self, command):
        self.assertIn(URL, command)
        done = subprocess.run(["sh", "-c", command.replace(URL, self.url)], cwd=self.scratch, env=self.env,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout, '{"status":true}', done.stderr)

    def test_the_first_command_signs_what_the_token_of_the_readme_may_use(self):
        body = self.make_the_body_of_the_page()
        command = blocks("")[0].splitlines()[-1].replace("kwikgate", str(BINARY), 1)
        self.run_shell(f'eval "$({command})"')
        self.assertEqual(self.seen_by.seen[-1].body, body)
        readme = (PAGE_FILE.parents[1] / "README.md").read_text()
        section = re.search(r"kwikgate token create .* --section (\S+) .*read-write", readme).group(1)
        routes = json.loads((PAGE_FILE.parents[1] / "configs" / "kwik.routes.json").read_text())["routes"]
        path = URL.removeprefix("https://api.example.com")
        self.assertIn(("POST", path, section), [(route["method"], route["path"], route.get("section")) for route in routes])

    def test_javascript(self):
        self.check("sign.js")

    def test_cpp(self):
        self.check("sign.cpp")

    def test_the_form(self):
        scope = {}
        exec(program("form.py"), scope)
        fields = {"public_key": self.token.public_key, "type": "x", "item_amount": "20.00", "item_title": "Tea & cake ü"}
        for amount, status in (("20.00", 200), ("0.01", 401)):
            signed = {**fields, "signature": scope["sign_form"](fields, self.token.secret), "item_amount": amount}
            answer = self.send("POST", [("Origin", "https://shop.example"),
                                        ("Content-Type", "application/x-www-form-urlencoded")],
                               urlencode(signed).encode(), target="/form")
            self.assertEqual(answer.status, status, answer.body)


class VectorsTest(unittest.TestCase):
    def setUp(self):
        self.key, self.secret = re.search(r"API_KEY is `([^`]*)`, the API_SECRET `([^`]*)`", PAGE).groups()
        self.texts = [block.rstrip("\n") for block in blocks("text")]
        self.assertEqual(len(self.texts), 5)

    def test_the_command_line_makes_the_fields_of_the_page(self):
        requests = re.findall(r"^`(GET|POST) (https://[^`]*)`(?: with the body `([^`]*)`)?, nonce `([^`]*)`", PAGE, re.MULTILINE)
        self.assertEqual(len(requests), 2)
        created = re.search(r"`created` is\s+(\S+Z)\.", PAGE).group(1)
        for (method, url, body, nonce), fields in zip(requests, self.texts[1:4:2]):
            data = ["--data", "-"] if body else []
            done = run_kwikgate("sign", method, url, "--nonce", nonce, "--created", created, *data, stdin=body,
                                env={"KWIKGATE_API_KEY": self.key, "KWIKGATE_API_SECRET": self.secret})
            self.assertEqual(done.stdout.rstrip("\n"), fields, done.stderr)

    def test_the_signatures_are_those_of_the_bases(self):
        for base, fields in (self.texts[0:2], self.texts[2:4]):
            mac = base64.b64encode(hmac.new(self.secret.encode(), base.encode(), hashlib.sha256).digest()).decode()
            self.assertTrue(fields.endswith(f"Signature: kwik=:{mac}:"))
            self.assertIn(base.rsplit('"@signature-params": ', 1)[1], fields)

    def test_the_signature_of_the_form_is_that_of_its_text(self):
        text, mac = self.texts[4].split("\n")
        self.assertEqual(hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest(), mac)
        scope = {}
        exec(program("form.py"), scope)
        fields = {"public_key": "an-example-PUBLIC_KEY", "type": "CHOOSE_WHAT_TO_PAY", "item_title": "Tea & cake",
                  "item_amount": "20.00"}
        self.assertEqual(scope["sign_form"](fields, self.secret), mac)


if __name__ == "__main__":
    unittest.main()
