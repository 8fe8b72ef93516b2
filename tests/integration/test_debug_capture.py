"""The debug capture: off by default; on, it keeps refused signed requests without their secrets, within its limits, and `kwikgate explain` reads them."""

import json
import os
import stat
import time
import unittest

from signer import content_digest, sign, signature_base
from support import GatewayTest, Token, run_kwikgate, wait_until

ROUTES = [
    {"method": "GET", "path": "/things", "section": "payments"},
    {"method": "POST", "path": "/things", "section": "payments", "body": "2MiB"},
    {"method": "GET", "path": "/payouts", "section": "payouts"},
]
OPAQUE_SECRET = "an-opaque/secret=of~someone:else"


class DebugCaptureTest(GatewayTest):
    def start(self, per_minute=6000, **capture):
        self.behind = self.upstream()
        config = {"access_log": {"destination": "stdout", "debug_capture": {"file": "captured.ndjson",
                                                                            "per_minute": per_minute, **capture}}}
        self.gate = self.gateway({"kwik": [self.behind.url]}, routes=ROUTES, config=config)
        self.file = self.gate.folder / "captured.ndjson"
        self.token = self.gate.create_token("payments")

    def send(self, method="GET", target="/things", fields=(), body=None):
        with self.gate.client() as client:
            return client.request(method, target, fields, body)

    def entries(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def captured(self, response):
        request_id = response.field("x-request-id")
        return wait_until(lambda: next((entry for entry in self.entries() if entry["request_id"] == request_id), None),
                          "the capture of " + request_id)

    def explain(self, response, *arguments):
        done = run_kwikgate("explain", "--config", self.gate.config_file, "--captured", response.field("x-request-id"),
                            "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_it_is_off_by_default(self):
        self.behind = self.upstream()
        self.gate = self.gateway({"kwik": [self.behind.url]}, routes=ROUTES)
        token = self.gate.create_token("payments")
        before = {path.name for path in self.gate.folder.rglob("*")}
        self.assertEqual(self.send(fields=sign(token, "GET", "/other")).status, 401)
        self.gate.stop()
        self.assertEqual({path.name for path in self.gate.folder.rglob("*")} - before, {"replay.state"})
        self.assertNotIn("debug capture", self.gate.log_text())
        done = run_kwikgate("explain", "--config", self.gate.config_file, "--captured", "x")
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)

    def test_a_refused_signature_is_captured_and_explained_to_the_first_difference(self):
        self.start()
        body = b'{"amount": 1}'
        fields = sign(self.token, "POST", "/things?a=1", body, scheme="https")
        answer = self.send("POST", "/things?a=1", fields, body)
        self.assert_refused(answer, 401, "credential_invalid")
        entry = self.captured(answer)
        self.assertEqual((entry["status"], entry["reason"], entry["phase"], entry["token"], entry["listener"], entry["peer"]),
                         (401, "credential_invalid", "authenticate", self.token.id, "public", "127.0.0.1"))
        self.assertNotIn("amount", self.file.read_text())
        input_value = fields[1][1].removeprefix("kwik=")
        covered = ["@method", "@target-uri", "content-digest"]
        values = {"@method": "POST", "@target-uri": "http://gateway.test/things?a=1", "content-digest": content_digest(body)}
        told = self.explain(answer)
        self.assertEqual(told["signature_base"], signature_base(input_value, covered, values.get).split("\n"))
        self.assertEqual((told["reason"], told["at"]), ("credential_invalid", entry["time"]))
        self.assertIn("the gateway answered this request 401 credential_invalid", told["notes"][0])
        base = self.gate.folder / "base"
        values["@target-uri"] = "https://gateway.test/things?a=1"
        base.write_text(signature_base(input_value, covered, values.get))
        difference = self.explain(answer, "--base", base)["difference"]
        self.assertEqual((difference["line"], difference["column"]), (2, len('"@target-uri": http') + 1))
        done = run_kwikgate("explain", "--config", self.gate.config_file, "--captured", answer.field("x-request-id"))
        self.assertIn("Verdict    refused: 401 credential_invalid", done.stdout)

    def test_a_capture_is_explained_as_the_saved_request_would_be(self):
        """All but the nonce that was seen before, which only the running gateway knows, and the body that is not kept."""
        self.start()
        stranger = Token("", "kwk_live_ak_" + "y" * 22, self.token.secret, "")
        cases = {
            "credential_invalid": ("GET", "/things", sign(stranger, "GET", "/things"), None),
            "signature_expired": ("GET", "/things", sign(self.token, "GET", "/things", created=1_700_000_000), None),
            "signature_not_yet_valid": ("GET", "/things", sign(self.token, "GET", "/things", created=int(time.time()) + 999), None),
            "signature_uncovered": ("GET", "/things", sign(self.token, "GET", "/things", covered=["@method"]), None),
            "nonce_missing": ("POST", "/things", sign(self.token, "POST", "/things", b"{}", has_nonce=False), b"{}"),
            "digest_mismatch": ("POST", "/things", sign(self.token, "POST", "/things", b"{}"), b"[]"),
            "section_not_granted": ("GET", "/payouts", sign(self.token, "GET", "/payouts"), None),
            "credential_ambiguous": ("GET", "/things", [("Authorization", self.token.basic), *sign(self.token, "GET", "/things")], None),
        }
        for reason, request in cases.items():
            with self.subTest(reason):
                answer = self.send(*request)
                self.assertEqual(answer.json["reason"], reason)
                entry = self.captured(answer)
                told = self.explain(answer)
                self.assertEqual((told["reason"], told["status"], entry["reason"]), (reason, answer.status, reason), told)
                refused = next(line for line in told["phases"] if line["outcome"] == "refused")
                self.assertEqual(refused["phase"], entry["phase"])
        large = b"x" * 1_000_000
        answer = self.send("POST", "/things", sign(self.token, "POST", "/things", large), large[:-1] + b"y")
        self.assertEqual(answer.json["reason"], "digest_mismatch")
        self.assertEqual(self.captured(answer)["body_digest"], content_digest(large[:-1] + b"y"))
        self.assertIn(content_digest(large[:-1] + b"y"), json.dumps(self.explain(answer)["phases"]))
        signed = sign(self.token, "POST", "/things", b"{}")
        self.assertEqual(self.send("POST", "/things", signed, b"{}").status, 200)
        replayed = self.send("POST", "/things", signed, b"{}")
        self.assertEqual(replayed.json["reason"], "nonce_replayed")
        self.captured(replayed)
        told = self.explain(replayed)
        self.assertTrue(told["allowed"])
        self.assertIn("401 nonce_replayed in phase replay", told["notes"][0])

    def test_only_refused_requests_with_a_signature_are_kept(self):
        self.start()
        basic = [("Authorization", self.token.basic)]
        self.assertEqual(self.send(fields=basic).status, 200)
        self.assertEqual(self.send(fields=sign(self.token, "GET", "/things")).status, 200)
        self.assertEqual(self.send().status, 401)
        self.assertEqual(self.send(target="/payouts", fields=basic).status, 403)
        with self.gate.client() as client:
            client.send("GET /things HTTP/1.1\r\nSignature: a\r\n b\r\n\r\n")
            self.assertEqual(client.read_response().status, 400)
        last = self.send(fields=sign(self.token, "GET", "/other"))
        self.captured(last)
        self.assertEqual([entry["request_id"] for entry in self.entries()], [last.field("x-request-id")])

    def test_nothing_secret_is_captured(self):
        self.start()
        opaque = Token(self.token.id, "partner-key-0123456789", OPAQUE_SECRET, "partner-public-key-1")
        line = json.dumps({"name": "Imported", "sections": ["payments"], "permissions": "read-write", "api_key": opaque.key,
                           "api_secret": opaque.secret, "public_key": opaque.public_key})
        self.gate.kwikgate("token", "import", "-", stdin=line + "\n")
        secrets = []
        for token in (self.token, opaque):
            secret = token.secret
            swapped = Token("", secret, token.key, "")
            secrets += [token.key, secret, secret[14:40], token.basic.removeprefix("Basic ")[8:60]]
            for fields in (
                    sign(token, "GET", "/other"),
                    sign(swapped, "GET", "/things"),
                    sign(token, "GET", "/things", nonce=secret, created=1),
                    sign(token, "GET", "/things", fields=[("X-Secret", secret)], covered=["@method", "x-secret"]) + [("X-Secret", secret)],
                    sign(token, "GET", "/other") + [("Authorization", token.basic)],
                    sign(token, "GET", "/other") + [("Cookie", "PLANTED"), ("X-Api-Secret", secret), ("X-Other", "PLANTED"),
                                                   ("X-Forwarded-For", secret), ("Origin", secret), ("Content-Type", f"a/b;c={secret}")],
                    sign(token, "GET", "/other", parameters=f';tag="{secret}"'),
                    [("Signature-Input", f'{secret}'), ("Signature", f'"{secret}"')] if token is self.token else [("Signature", "x")],
                    sign(token, "GET", "/other", fields=[("Cookie", "PLANTED"), ("Authorization", token.basic)],
                         covered=["@method", "@target-uri", "cookie", "authorization"]) + [("Cookie", "PLANTED"), ("Authorization", token.basic)],
            ):
                answer = self.send(fields=fields)
                self.assertGreaterEqual(answer.status, 400, fields)
                last = answer
            for target in (f"/things?secret={secret.replace('/', '%2F')}&key={token.key}", f"/things?{secret.replace('/', '%2F')}", f"/{token.key}"):
                last = self.send(target=target, fields=sign(token, "GET", "/other"))
                self.assertGreaterEqual(last.status, 400)
        self.captured(last)
        self.assertGreaterEqual(len(self.entries()), 20)
        text = self.file.read_text()
        for secret in [*secrets, "PLANTED", self.token.public_key]:
            self.assertNotIn(secret, text)
        self.assertNotIn(OPAQUE_SECRET.replace("/", "%2F"), text)
        self.assertIn("(redacted)", text)
        self.assertIn(self.token.key[:16] + "…" + self.token.key[-4:], text.encode().decode())

    def test_the_file_is_its_owners_alone(self):
        self.start()
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        self.file.chmod(0o640)
        self.assertFalse(self.gate.reload())
        self.assertIn("others may use it", self.gate.log_text())
        self.file.unlink()
        self.file.symlink_to(self.gate.folder / "elsewhere")
        self.assertFalse(self.gate.reload())
        self.assertFalse((self.gate.folder / "elsewhere").exists())
        self.file.unlink()
        os.mkfifo(self.file, 0o600)
        self.assertFalse(self.gate.reload())
        self.file.unlink()
        self.assertTrue(self.gate.reload())

    def test_the_limits_hold_and_a_reload_turns_it_off_and_on(self):
        self.start(per_minute=6)  # Of which one client gets half.
        wrong = sign(self.token, "GET", "/other")
        while time.time() % 60 > 50:  # All in one minute.
            time.sleep(0.1)
        for _ in range(10):
            last = self.send(fields=wrong)
        wait_until(lambda: len(self.entries()) == 3, "three entries")
        self.gate.logged(last.field("x-request-id"))
        self.assertEqual(len(self.entries()), 3)
        capture = self.gate.config["access_log"]["debug_capture"]
        capture.update(file="")
        self.gate.write_config()
        self.assertTrue(self.gate.reload())
        self.assertEqual(self.send(fields=wrong).status, 401)
        self.assertEqual(len(self.entries()), 3)
        capture.update(file="captured.ndjson", per_minute=6000, max_size="64KiB")
        self.gate.write_config()
        self.assertTrue(self.gate.reload())
        long = sign(self.token, "GET", "/things?" + "x" * 4000)
        for _ in range(40):
            self.assertEqual(self.send(target="/things?" + "y" * 4000, fields=long).status, 401)
        wait_until(lambda: "is full" in self.gate.log_text(), "the file to be full")
        self.assertLessEqual(self.file.stat().st_size, 65536)
        self.assertGreater(self.file.stat().st_size, 50000)
        self.assertEqual(self.gate.log_text().count("is full"), 1)
        self.file.rename(self.gate.folder / "moved")
        self.assertTrue(self.gate.reload())
        self.captured(self.send(fields=wrong))
        moved = json.loads((self.gate.folder / "moved").read_text().splitlines()[0])["request_id"]
        told = run_kwikgate("explain", "--config", self.gate.config_file, "--captured", moved, "--capture-file",
                            self.gate.folder / "moved")
        self.assertIn("credential_invalid", told.stdout)

    def test_what_is_not_captured_is_one_clear_line(self):
        self.start()
        for code, arguments in ((1, ("--captured", "none")), (1, ("--captured", "a", "--capture-file", "/nowhere/at/all")),
                                (2, ()), (2, ("--captured", "a", "--request", "b"))):
            done = run_kwikgate("explain", "--config", self.gate.config_file, *arguments)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (code, "", 1), done.stderr)


if __name__ == "__main__":
    unittest.main()
