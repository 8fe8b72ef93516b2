"""`kwikgate explain`: the verdict on a saved request is the gateway's own, phase by phase, with the first difference to the client's base."""

import json
import time
import unittest

from admin_client import AdminClient
from signer import content_digest, sign, signature_base
from support import GatewayTest, run_kwikgate

ROUTES = [
    {"method": "GET", "path": "/things", "section": "payments"},
    {"method": "POST", "path": "/things", "section": "payments"},
    {"method": "POST", "path": "/json", "section": "payments", "check_json": True, "body": "1MiB"},
    {"method": "GET", "path": "/payouts", "section": "payouts"},
    {"method": "POST", "path": "/form", "section": "checkout-page", "schemes": ["public_key"]},
]
PHASES = ["framing", "address_limit", "route", "authenticate", "replay", "status", "address", "environment", "section",
          "permission", "rate_limit", "body", "nonce"]


class ExplainTest(GatewayTest):
    def setUp(self):
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES)
        self.token = self.gate.create_token("payments", "checkout-page", extra=("--allow-origin", "https://shop.example"))

    def raw(self, method, target, fields=(), body=None, host="gateway.test"):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in fields)]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")

    def run_explain(self, raw, *arguments):
        file = self.gate.folder / "saved"
        file.write_bytes(raw)
        return run_kwikgate("explain", "--config", self.gate.config_file, "--request", file, *arguments)

    def explain(self, raw, *arguments):
        done = self.run_explain(raw, "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        for secret in (self.token.secret, self.token.secret[12:]):
            self.assertNotIn(secret, done.stdout)
        return json.loads(done.stdout)

    def both(self, raw, *arguments):
        """Explains a request and sends it: the two must agree. The explanation comes first, and uses nothing up."""
        told = self.explain(raw, *arguments)
        with self.gate.client() as client:
            client.send(raw)
            answer = client.read_response(raw.split(b" ", 1)[0].decode())
        reason = "none" if answer.status < 300 else answer.json["reason"]
        self.assertEqual((told["reason"], told["allowed"]), (reason, reason == "none"), told)
        if reason != "none":
            self.assertEqual(told["status"], answer.status)
            phase = self.gate.logged(answer.json["request_id"])["phase"]
            outcomes = {line["phase"]: line["outcome"] for line in told["phases"]}
            self.assertEqual(outcomes[phase], "refused")
            at = PHASES.index(phase)
            self.assertTrue(all(outcomes[name] in ("passed", "unknown") for name in PHASES[:at]), outcomes)
            self.assertTrue(all(outcomes[name] == "not_reached" for name in PHASES[at + 1:]), outcomes)
        return told

    def test_it_agrees_with_the_gateway(self):
        body = b'{"a":1}'
        signed = lambda **options: sign(self.token, "POST", "/things", body, **options)
        wrong = "kwk_live_sk_" + "x" * 70
        stranger = type(self.token)("", "kwk_live_ak_" + "y" * 22, wrong, "")
        form = b"public_key=" + self.token.public_key.encode()
        form_fields = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "https://shop.example")]
        basic = [("Authorization", self.token.basic)]
        cases = [
            ("none", self.raw("POST", "/things", signed(), body)),
            ("none", self.raw("GET", "/things", basic)),
            ("none", self.raw("POST", "/form", form_fields, form)),
            ("none", self.raw("OPTIONS", "/form", [form_fields[1], ("Access-Control-Request-Method", "POST")])),
            ("credential_missing", self.raw("GET", "/things")),
            ("credential_malformed", self.raw("GET", "/things", [("Authorization", "Basic x")])),
            ("credential_invalid", self.raw("POST", "/things", signed(secret=wrong), body)),
            ("credential_invalid", self.raw("POST", "/things", sign(stranger, "POST", "/things", body), body)),
            ("credential_invalid", self.raw("POST", "/form", form_fields, form[:-1] + b"!")),
            ("signature_expired", self.raw("POST", "/things", signed(created=1), body)),
            ("signature_not_yet_valid", self.raw("POST", "/things", signed(created=int(time.time()) + 999), body)),
            ("signature_uncovered", self.raw("POST", "/things", signed(covered=["@method"]), body)),
            ("nonce_missing", self.raw("POST", "/things", signed(has_nonce=False), body)),
            ("digest_mismatch", self.raw("POST", "/things", signed(), b'{"a":2}')),
            ("section_not_granted", self.raw("GET", "/payouts", basic)),
            ("route_unknown", self.raw("GET", "/nowhere", basic)),
            ("method_not_allowed", self.raw("OPTIONS", "/things", basic)),
            ("method_unsupported", self.raw("DELETE", "/things", basic)),
            ("body_invalid", self.raw("POST", "/json", basic, b"{")),
            ("origin_not_allowed", self.raw("POST", "/form", form_fields[:1], form)),
            ("target_ambiguous", self.raw("GET", "/a/../things", basic)),
            ("bad_header", self.raw("GET", "/things", [("X A", "1")])),
        ]
        for reason, raw in cases:
            with self.subTest(reason):
                self.assertEqual(self.both(raw)["reason"], reason)

    def test_the_admin_api_tells_the_same(self):
        admin = AdminClient.of(self.gate)
        at = "2030-01-01T00:00:00Z"
        requests = [self.raw("POST", "/things", sign(self.token, "POST", "/things", b"{}"), b"{}"), self.raw("GET", "/payouts", [("Authorization", self.token.basic)]),
                    self.raw("GET", "/things").replace(b"\r\n", b"\n")]
        for raw in requests:
            told = admin.post("/api/v1/explain", {"request": raw.decode(), "at": at, "peer": "192.0.2.1", "base": "x\n"})
            self.assertEqual(told.status, 200, told.body)
            base = self.gate.folder / "base"
            base.write_text("x\n")
            self.assertEqual(told.json, self.explain(raw, "--at", at, "--peer", "192.0.2.1", "--base", base))
        for body in ({}, {"request": ""}, {"request": "x", "at": "now"}, {"request": "x", "peer": "x"}, {"request": "x", "listener": "y"}, {"request": "x", "z": 1}):
            self.assertEqual(admin.post("/api/v1/explain", body).status, 422, body)

    def test_chunked_bodies_are_read_as_the_gateway_does(self):
        fields = sign(self.token, "POST", "/things", b"hello world")
        head = self.raw("POST", "/things", [*fields, ("Transfer-Encoding", "chunked")])
        self.assertEqual(self.both(head + b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")["reason"], "none")
        fields = sign(self.token, "POST", "/things", b"hello world")
        head = self.raw("POST", "/things", [*fields, ("Transfer-Encoding", "chunked")])
        self.assertEqual(self.both(head + b"5\r\nhello\r\n0\r\n\r\n")["reason"], "digest_mismatch")

    def test_it_says_why_a_signature_is_not_right(self):
        details = lambda told: next(line["detail"] for line in told["phases"] if line["outcome"] == "refused")
        stranger = type(self.token)("", "kwk_live_ak_" + "y" * 22, self.token.secret, "")
        unknown = self.explain(self.raw("GET", "/things", sign(stranger, "GET", "/things")))
        self.assertIn("No token has the API_KEY kwk_live_ak_yyyy", details(unknown))
        wrong = self.explain(self.raw("GET", "/things", sign(self.token, "GET", "/other")))
        self.assertIn(f"(token {self.token.id}): another message was signed, or with another secret", details(wrong))
        expired = self.explain(self.raw("GET", "/things", sign(self.token, "GET", "/things", created=1_700_000_000)))
        self.assertIn("created is 1700000000 (2023-11-14T22:13:20", details(expired))
        uncovered = self.explain(self.raw("GET", "/things", sign(self.token, "GET", "/things", fields=[("x-a", "1")],
                                                                 covered=["@method", "@target-uri", "x-a"])))
        self.assertTrue(uncovered["signature_base"][-1].startswith('# The signature covers "x-a", '), uncovered)

    def test_the_base_and_the_first_difference(self):
        body = b"{}"
        fields = sign(self.token, "POST", "/things?a=1", body, host="api.example.com", scheme="https")
        raw = self.raw("POST", "/things?a=1", fields, body, host="api.example.com")
        input_value = fields[1][1].removeprefix("kwik=")
        ours = signature_base(input_value, ["@method", "@target-uri", "content-digest"], {
            "@method": "POST", "@target-uri": "http://api.example.com/things?a=1",
            "content-digest": content_digest(body)}.get)
        self.assertEqual(self.explain(raw)["signature_base"], ours.split("\n"))
        base = self.gate.folder / "base"

        def difference(text):
            base.write_text(text)
            return self.explain(raw, "--base", base)

        told = difference(ours.replace("http://", "https://"))["difference"]
        self.assertEqual((told["line"], told["column"]), (2, len('"@target-uri": http') + 1))
        self.assertEqual(told["yours"], '"@target-uri": https://api.example.com/things?a=1')
        self.assertEqual(told["ours"], '"@target-uri": http://api.example.com/things?a=1')
        self.assertIsNone(difference(ours)["difference"])
        with_line_end = difference(ours + "\n")
        self.assertIsNone(with_line_end["difference"])
        self.assertIn("none after its last line", with_line_end["notes"][0])
        self.assertEqual(difference(ours.replace("\n", "\r\n"))["difference"]["line"], 1)
        self.assertEqual(difference(ours.rsplit("\n", 1)[0])["difference"]["line"], 4)
        text = self.run_explain(raw, "--base", base).stdout
        for part in ("Signature base, as computed here:", "differs first in line 4", "Verdict    refused: 401"):
            self.assertIn(part, text)

    def test_the_time_the_listener_and_the_peer_can_be_said(self):
        fields = sign(self.token, "GET", "/things", created=1_700_000_000)
        raw = self.raw("GET", "/things", fields)
        self.assertEqual(self.explain(raw)["reason"], "signature_expired")
        self.assertTrue(self.explain(raw, "--at", "2023-11-14T22:14:00Z")["allowed"])
        self.gate.config["listeners"].append({"name": "tls-ended", "address": "127.0.0.1:1", "scheme": "https"})
        self.gate.write_config()
        raw = self.raw("GET", "/things", sign(self.token, "GET", "/things", scheme="https"))
        self.assertEqual(self.explain(raw)["reason"], "credential_invalid")
        self.assertTrue(self.explain(raw, "--listener", "tls-ended")["allowed"])
        self.gate.kwikgate("token", "update", self.token.id, "--allow-ip", "192.0.2.0/24")
        raw = self.raw("GET", "/things", sign(self.token, "GET", "/things"))
        self.assertEqual(self.explain(raw)["reason"], "address_not_allowed")
        self.assertTrue(self.explain(raw, "--peer", "192.0.2.9")["allowed"])

    def test_a_file_from_an_editor_or_without_its_body_is_read_all_the_same(self):
        raw = self.raw("POST", "/things", sign(self.token, "POST", "/things", b"{}"), b"{}")
        told = self.explain(raw.replace(b"\r\n", b"\n"))
        self.assertEqual((told["allowed"], len(told["notes"])), (True, 1))
        cut = self.explain(raw[:-1])
        self.assertEqual((cut["allowed"], cut["lacks_body"]), (True, True))
        self.assertIn("if the body is right", cut["verdict"])
        head = self.raw("GET", "/things", sign(self.token, "GET", "/things"))
        self.assertTrue(self.explain(head[:-2])["allowed"])
        self.assertTrue(self.explain(head[:-4])["allowed"])
        self.assertTrue(self.explain(head.replace(b"\r\n", b"\n")[:-2])["allowed"])

    def test_a_section_that_the_store_has_yet_to_learn_matters_to_its_own_routes_alone(self):
        """The gateway teaches the store new sections when it starts; an explanation writes nothing."""
        raw = self.raw("GET", "/things", sign(self.token, "GET", "/things"))
        config = json.loads(self.gate.config_file.read_text())
        config["sections"] = [*config.get("sections", []), "later"]
        self.gate.config_file.write_text(json.dumps(config))
        self.assertTrue(self.explain(raw)["allowed"])
        config["routes"].append({"method": "GET", "path": "/later", "section": "later"})
        self.gate.config_file.write_text(json.dumps(config))
        self.assertTrue(self.explain(raw)["allowed"])
        later = self.raw("GET", "/later", sign(self.token, "GET", "/later"))
        self.assertEqual(self.explain(later)["reason"], "section_not_granted")

    def test_what_cannot_be_explained_is_one_clear_line(self):
        raw = self.raw("GET", "/things")
        for code, arguments in ((2, ("--at", "soon")), (2, ("--peer", "nobody")), (2, ("--listener", "none")),
                                (1, ("--base", "/nowhere/at/all"))):
            done = self.run_explain(raw, *arguments)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (code, "", 1), done.stderr)
        self.assertEqual(self.run_explain(b"").returncode, 1)
        self.assertEqual(self.explain(b"nonsense")["reason"], "bad_request_line")


if __name__ == "__main__":
    unittest.main()
