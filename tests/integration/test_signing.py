"""`kwikgate sign`: what it prints is accepted by the real gateway, pasted into a shell as it is."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from support import BINARY, GatewayTest, run_kwikgate

ROUTES = [{"method": method, "path": "/things", "section": "payments"}
          for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]
QUERY = "?a=it's&b=[1-3]{x,y}&c=$HOME`id`;&d=%20+\"&e=*!~"


class SignTest(GatewayTest):
    def setUp(self):
        self.upstream_ = self.upstream()
        self.gate = self.gateway({"kwik": [self.upstream_.url]}, routes=ROUTES)
        self.token = self.gate.create_token("payments")
        self.url = f"http://127.0.0.1:{self.gate.port}/things"
        self.env = {"KWIKGATE_API_KEY": self.token.key, "KWIKGATE_API_SECRET": self.token.secret}

    def sign(self, *arguments, stdin=""):
        done = run_kwikgate("sign", *arguments, stdin=stdin, env=self.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        for secret in (self.token.secret, self.token.secret[12:]):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return done.stdout

    def refused(self, code, *arguments, stdin="", env=None):
        done = run_kwikgate("sign", *arguments, stdin=stdin, env=self.env if env is None else env)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertNotIn(self.token.secret, done.stderr)
        return done.stderr

    def paste(self, command, status=200):
        """Runs a command as pasted, in another directory, without any of our variables."""
        with tempfile.TemporaryDirectory() as elsewhere:
            done = subprocess.run(
                ["sh", "-s"], input=command.replace("curl ", "curl -s -o answer -w '%{http_code}' ", 1),
                capture_output=True, text=True, cwd=elsewhere, timeout=60,
                env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ})
            answer = pathlib.Path(elsewhere, "answer").read_bytes()
        self.assertEqual((done.returncode, done.stdout), (0, str(status)), command + done.stderr + repr(answer))
        return answer

    def file(self, content):
        path = self.gate.folder / f"body {len(content)} it's"
        path.write_bytes(content)
        return path

    def test_the_headers_are_ready_for_curl(self):
        headers = self.sign("GET", self.url)
        done = subprocess.run(["curl", "-s", "-H", "@-", self.url], input=headers, capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(json.loads(done.stdout), {"status": True})

    def test_pasted_commands_work_for_every_method(self):
        for method in ("GET", "HEAD", "DELETE"):
            self.paste(self.sign(method, self.url + QUERY, "--curl"))
        body = self.file(bytes(range(256)) * 17)
        for method in ("POST", "PUT", "PATCH"):
            self.paste(self.sign(method, self.url + QUERY, "--data", body, "--curl"))
        self.assertEqual([seen.method for seen in self.upstream_.seen],
                         ["GET", "HEAD", "DELETE", "POST", "PUT", "PATCH"])
        for seen in self.upstream_.seen:
            self.assertEqual(seen.target, "/things" + QUERY)
        for seen in self.upstream_.seen[3:]:
            self.assertEqual((seen.body, seen.field("content-type")), (body.read_bytes(), "application/json"))

    def test_a_body_from_standard_input_becomes_part_of_the_command(self):
        for text in ("{\"note\": \"it's $HOME `id` \\\\ \"}", "@/etc/hostname", "two\nlines\n", "ü€", ""):
            with self.subTest(text):
                self.paste(self.sign("POST", self.url, "--data", "-", "--curl", stdin=text))
                self.assertEqual(self.upstream_.seen[-1].body, text.encode())

    def test_a_relative_file_is_found_from_everywhere(self):
        self.file(b"{}")
        done = subprocess.run([BINARY, "sign", "POST", self.url, "--data", "body 2 it's", "--curl"],
                              cwd=self.gate.folder, capture_output=True, text=True, timeout=60,
                              env={**os.environ, **self.env})
        self.paste(done.stdout)

    def test_a_pasted_write_works_once_and_a_read_again_does_not(self):
        for method in ("POST", "GET"):
            command = self.sign(method, self.url, "--curl")
            self.paste(command)
            self.assertEqual(json.loads(self.paste(command, 401))["reason"], "nonce_replayed")

    def test_a_large_body_is_signed_and_taken(self):
        self.paste(self.sign("POST", self.url, "--data", self.file(b"x" * 1_000_000), "--curl"))
        self.assertEqual(len(self.upstream_.seen[-1].body), 1_000_000)

    def test_a_method_may_be_written_in_lower_case(self):
        for method in ("get", "Get", "GET"):
            done = self.sign(method, self.url, "--json")
            self.assertEqual(json.loads(done)["signature_base"][0], '"@method": GET')

    def test_the_json_form_shows_what_was_signed(self):
        made = json.loads(self.sign("POST", self.url + "?x=1", "--data", "-", "--json", "--nonce", "n-1", "--created",
                                    "2026-01-02T03:04:05Z", "--expires-in", "60s", stdin="{}"))
        digest = "sha-256=:" + base64.b64encode(hashlib.sha256(b"{}").digest()).decode() + ":"
        parameters = ('("@method" "@target-uri" "content-digest");created=1767323045;'
                      f'keyid="{self.token.key}";expires=1767323105;nonce="n-1";alg="hmac-sha256";tag="kwik"')
        self.assertEqual(made["signature_base"],
                         ['"@method": POST', f'"@target-uri": {self.url}?x=1', f'"content-digest": {digest}',
                          f'"@signature-params": {parameters}'])
        mac = hmac.new(self.token.secret.encode(), "\n".join(made["signature_base"]).encode(), hashlib.sha256)
        self.assertEqual(made["headers"],
                         {"Content-Digest": digest, "Signature-Input": "kwik=" + parameters,
                          "Signature": f"kwik=:{base64.b64encode(mac.digest()).decode()}:"})

    def test_the_secret_may_come_from_a_file_or_standard_input(self):
        secret = self.gate.folder / "secret"
        secret.write_text(self.token.secret + "\n")
        for source, stdin in ((secret, ""), ("-", self.token.secret)):
            done = run_kwikgate("sign", "GET", self.url, "--curl", "--api-key", self.token.key, "--api-secret-file",
                                source, stdin=stdin)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.paste(done.stdout)

    def test_what_cannot_be_signed_is_refused_with_one_clear_line(self):
        url = self.url
        self.assertIn("KWIKGATE_API_KEY", self.refused(2, "GET", url, env={}))
        self.assertIn("KWIKGATE_API_SECRET", self.refused(2, "GET", url, env={"KWIKGATE_API_KEY": self.token.key}))
        self.assertIn("standard input", self.refused(2, "POST", url, "--data", "-", "--api-secret-file", "-"))
        self.assertIn("no method", self.refused(2, "GE T", url))
        self.assertIn("RFC 3339", self.refused(2, "GET", url, "--created", "yesterday"))
        self.assertIn("duration", self.refused(2, "GET", url, "--expires-in", "soon"))
        for bad in ("things", "ftp://a/", url + "/ü", url + "/a b", "http://user:pass@127.0.0.1/"):
            self.assertIn("cannot be signed", self.refused(1, "GET", bad))
        self.assertIn("cannot be signed", self.refused(1, "GET", url, "--nonce", "ü"))
        self.assertIn("cannot read", self.refused(1, "POST", url, "--data", "/nowhere/at/all"))
        self.assertIn("--data FILE", self.refused(1, "POST", url, "--data", "-", "--curl", stdin="a\0b"))
        self.assertIn("--data FILE", self.refused(1, "POST", url, "--data", "-", "--curl", stdin="x" * 70_000))
        self.assertIn("no header value",
                      self.refused(2, "POST", url, "--data", "-", "--curl", "--content-type", "a\nb"))
        self.assertIn("excludes", self.refused(2, "GET", url, "--curl", "--json"))

    def test_credentials_in_the_wrong_place_or_mistyped_are_told(self):
        def with_credentials(key, secret):
            return self.refused(1, "GET", self.url, env={"KWIKGATE_API_KEY": key, "KWIKGATE_API_SECRET": secret})
        self.assertIn("where the API_KEY belongs", with_credentials(self.token.secret, self.token.secret))
        self.assertIn("whole API_KEY", with_credentials(self.token.key[:-1], self.token.secret))
        self.assertIn("checksum", with_credentials(self.token.key, self.token.secret[:-1] + "!"))
        self.assertIn("checksum", with_credentials(self.token.key, self.token.secret[:-3]))


if __name__ == "__main__":
    unittest.main()
