"""`kwikgate explain` takes what people have: a curl command, what `curl -v` wrote, a .http file, an entry of the debug capture. No credential is in what it prints."""

import base64
import json
import shlex
import subprocess
import unittest

from admin_client import AdminClient
from signer import sign
from support import GatewayTest, run_kwikgate, wait_until

ROUTES = [
    {"method": "GET", "path": "/things", "section": "payments"},
    {"method": "POST", "path": "/things", "section": "payments"},
    {"method": "GET", "path": "/payouts", "section": "payouts"},
]


class FormatsTest(GatewayTest):
    def setUp(self):
        self.seen_by = self.upstream()
        capture = {"file": "captured.ndjson", "per_minute": 6000}
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES,
                                 config={"access_log": {"destination": "stdout", "debug_capture": capture}})
        self.token = self.gate.create_token("payments")
        self.url = f"http://127.0.0.1:{self.gate.port}"
        self.user = f"{self.token.key}:{self.token.secret}"

    def run_explain(self, text, *arguments):
        done = run_kwikgate("explain", "--config", self.gate.config_file, "--request", "-", *arguments, stdin=text)
        for secret in (self.token.secret, base64.b64encode(self.user.encode()).decode()):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return done

    def explain(self, text, reason="none", form=None, *arguments):
        done = self.run_explain(text, "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["reason"], reason, told)
        if form is not None:
            self.assertEqual(told["format"], form)
        return told

    def curl(self, *arguments):
        """Runs curl; what it was answered with and what -v wrote."""
        done = subprocess.run(["curl", "-sv", *arguments], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout, done.stderr

    def test_a_pasted_curl_command_is_judged_as_what_curl_sends(self):
        for reason, arguments in (
                ("none", ["-u", self.user, self.url + "/things"]),
                ("none", ["-u", self.user, "--json", '{"a": "it\'s $5"}', self.url + "/things"]),
                ("none", ["-u", self.user, "--data-urlencode", "a=ü&b", self.url + "/./things"]),
                ("none", ["-G", "-d", "a=1", "-u", self.user, self.url + "/things?b=2"]),
                ("section_not_granted", ["-u", self.user, self.url + "/payouts"]),
                ("credential_invalid", ["-u", self.token.key + ":wrong", self.url + "/things"]),
                ("credential_missing", ["-X", "POST", self.url + "/things"]),
                ("credential_malformed", ["--oauth2-bearer", self.token.secret, self.url + "/things"]),
                ("route_unknown", ["-u", self.user, self.url + "/nowhere"]),
                ("method_unsupported", ["-u", self.user, "-X", "DELETE", self.url + "/things"])):
            with self.subTest(arguments[2:]):
                told = self.explain("$ " + shlex.join(["curl", *arguments]), reason, "curl_command")
                count = len(self.seen_by.seen)
                answer, said = self.curl(*arguments)
                self.assertEqual(json.loads(answer).get("reason", "none"), reason)
                self.assertEqual(len(self.seen_by.seen) - count, int(told["allowed"]))
                line = next(line[2:] for line in said.splitlines() if line.startswith("> "))
                self.assertEqual(told["request"], line.strip())
                # What -v wrote tells the same.
                told = self.explain(said, reason, "curl_output")
                self.assertEqual(told["lacks_body"], "-X" not in arguments and "Content-Length" in said.split("<")[0])

    def test_what_sign_prints_can_be_pasted(self):
        env = {"KWIKGATE_API_KEY": self.token.key, "KWIKGATE_API_SECRET": self.token.secret}
        for body in (None, '{"a": "it\'s"}\n'):
            data = [] if body is None else ["--data", "-"]
            made = run_kwikgate("sign", "GET" if body is None else "POST", self.url + "/things", "--curl", *data, stdin=body or "", env=env)
            self.assertEqual(made.returncode, 0, made.stderr)
            told = self.explain(made.stdout, "none", "curl_command")
            self.assertFalse(told["lacks_body"])
            self.assertTrue(told["signature_base"])

    def test_a_file_of_an_editor(self):
        told = self.explain(f"""@unused = 1
### Things
# @name things
GET {self.url}/things
Authorization: Basic {self.token.key} {self.token.secret}

###
POST {self.url}/things
""", "none", "http_file")
        self.assertIn("2 requests", told["notes"][0])
        done = self.run_explain("GET {{url}}/things\n")
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1))
        self.assertIn("variables", done.stderr)

    def test_an_entry_of_the_capture_is_judged_as_of_its_time(self):
        fields = sign(self.token, "GET", "/things", scheme="https")
        with self.gate.client() as client:
            answer = client.request("GET", "/things", fields)
        self.assert_refused(answer, 401, "credential_invalid")
        file = self.gate.folder / "captured.ndjson"
        line = wait_until(lambda: file.exists() and file.read_text(), "the capture")
        told = self.explain(line, "credential_invalid", "capture")
        self.assertEqual((told["cause"], told["at"]), ("message_differs", json.loads(line)["time"]))
        by_id = run_kwikgate("explain", "--config", self.gate.config_file, "--captured", answer.field("x-request-id"), "--json")
        self.assertEqual(json.loads(by_id.stdout), told)
        admin = AdminClient.of(self.gate).post("/api/v1/explain", {"request": line})
        self.assertEqual((admin.status, admin.json), (200, told))

    def test_a_wrapped_basic_header_is_told_as_such(self):
        value = base64.b64encode(self.user.encode()).decode()
        for raw in (f"GET /things HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {value[:76]}\n{value[76:]}\r\n\r\n",
                    f"GET /things HTTP/1.1\nHost: a\nAuthorization: Basic {value[:76]}\n{value[76:]}\n\n",
                    f"curl {self.url}/things -H \"Authorization: Basic {value[:76]}\n{value[76:]}\""):
            told = self.explain(raw, "bad_header")
            self.assertEqual(told["cause"], "authorization_wrapped")
            self.assertIn("base64 -w0", told["advice"])
            self.assertNotIn(value[76:90], json.dumps(told))
        told = self.explain("GET /things HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", "bad_header")
        self.assertIn("line 3 of the head", told["detail"])

    def test_the_listener_is_the_one_of_the_urls_scheme(self):
        self.gate.config["listeners"].append({"name": "tls-ended", "address": "127.0.0.1:1", "scheme": "https"})
        self.gate.write_config()
        fields = sign(self.token, "GET", "/things", host="api.example.com", scheme="https")
        command = "curl https://api.example.com/things " + " ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in fields)
        self.assertEqual(self.explain(command)["notes"], [])
        told = self.explain(command, "credential_invalid", "curl_command", "--listener", "public")
        self.assertIn("made for https, and listener public has scheme http", told["notes"][0])

    def test_what_is_not_understood_is_one_clear_line_without_a_credential(self):
        for text in (f"curl -u {self.user} --frobnicate {self.url}", f"curl -u '{self.user} {self.url}", f"curl -u {self.user}",
                     f'curl -u "$KEY:{self.token.secret}" {self.url}', f"http -a {self.user} :8080", '{"a": 1}'):
            done = self.run_explain(text)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
            answer = AdminClient.of(self.gate).post("/api/v1/explain", {"request": text})
            self.assertEqual(answer.status, 422, answer.body)
            self.assertNotIn(self.token.secret, answer.body.decode())
        text = f"-u {self.user} {self.url}"
        self.assertIn("(no request line)", self.run_explain(text).stdout)


if __name__ == "__main__":
    unittest.main()
