"""The checkout form from outside: the browser's PUBLIC_KEY, its origins, its signature, and the answers a page can read."""

import json
import unittest
from urllib.parse import urlencode

from signer import sign, sign_form
from support import GatewayTest

SHOP = "https://shop.example"
ROUTES = [
    {"method": "POST", "path": "/checkout/form", "section": "checkout-page", "schemes": ["public_key"]},
    {"method": "POST", "path": "/checkout/both", "section": "checkout-page", "schemes": ["public_key", "basic"]},
    {"method": "POST", "path": "/customers", "section": "customers"},
    {"method": "GET", "path": "/lookups"},
]
FIELDS = [("type", "CHOOSE_WHAT_TO_PAY"), ("item_title", "Tea & cake: 2 × R10"), ("item_amount", "20.00"),
          ("item_description", "a+b c~d/é"), ("empty", "")]
URLENCODED = "application/x-www-form-urlencoded"


class PublicKeyTest(GatewayTest):
    config = {}

    def setUp(self):
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES, config=self.config)
        self.token = self.shop_token()

    def shop_token(self, *extra):
        return self.gate.create_token("checkout-page", extra=("--allow-origin", SHOP, *extra))

    def send(self, method, target, headers=(), body=None):
        with self.gate.client() as client:
            return client.request(method, target, headers, body)

    def post(self, fields, target="/checkout/form", content_type=URLENCODED, origin=SHOP, headers=()):
        if isinstance(fields, list) and content_type.startswith(URLENCODED):
            fields = urlencode(fields).encode()
        elif isinstance(fields, list):
            fields = json.dumps(dict(fields)).encode()
        sent = [("Content-Type", content_type), *headers] + ([("Origin", origin)] if origin else [])
        return self.send("POST", target, sent, fields)

    def form(self, *extra, token=None):
        return [("public_key", (token or self.token).public_key), *FIELDS, *extra]

    def signed(self, token=None, fields=None, secret=None):
        fields = fields or self.form(token=token)
        return [*fields, ("signature", sign_form(token or self.token, fields, secret))]

    def accepted(self, *arguments, **options):
        answer = self.post(*arguments, **options)
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def refused(self, status, reason, *arguments, **options):
        count = len(self.seen_by.seen)
        answer = self.post(*arguments, **options)
        self.assert_refused(answer, status, reason)
        self.assertEqual(len(self.seen_by.seen), count, "a refused form reached the upstream")
        return answer


class FormTest(PublicKeyTest):
    def test_both_kinds_of_form_are_accepted_and_forwarded_as_they_came(self):
        for content_type in (URLENCODED, "application/json", "Application/JSON; charset=utf-8", URLENCODED + ";x=y"):
            self.accepted(self.form(), content_type=content_type)
            seen = self.seen_by.seen[-1]
            self.assertIn(self.token.public_key.encode(), seen.body)
            self.assertEqual([seen.field(f"x-kwik-{name}") for name in ("token", "scheme", "section", "access")],
                             [self.token.id, "public_key", "checkout-page", "write"])

    def test_a_chunked_form_is_held_and_forwarded_whole(self):
        body = urlencode(self.form()).encode()
        with self.gate.client() as client:
            client.send(f"POST /checkout/form HTTP/1.1\r\nHost: gateway.test\r\nOrigin: {SHOP}\r\nContent-Type: "
                        f"{URLENCODED}\r\nTransfer-Encoding: chunked\r\n\r\n")
            for byte in (body[:7], body[7:]):
                client.send(b"%x\r\n%s\r\n" % (len(byte), byte))
            client.send("0\r\n\r\n")
            self.assertEqual(client.read_response().status, 200)
        self.assertEqual((self.seen_by.seen[0].body, self.seen_by.seen[0].field("content-length")),
                         (body, str(len(body))))

    def test_what_is_no_form_is_refused(self):
        for content_type in ("text/plain", "multipart/form-data; boundary=x", ""):
            self.refused(415, "content_type_unsupported", b"x", content_type=content_type)
        for body in (b"{", b"[]", b'{"public_key":{}}', b'{"a":[1]}', b"\xff", b'{"a":1}x'):
            self.refused(400, "body_invalid", body, content_type="application/json")
        self.refused(400, "body_invalid", b"public_key=%zz")
        self.refused(400, "body_invalid", urlencode([(f"f{n}", "") for n in range(200)]).encode())
        self.refused(413, "body_too_large", self.form(("x", "y" * 70_000)))
        self.refused(400, "duplicate_field", self.form(("item_amount", "1")))
        self.refused(400, "duplicate_field", urlencode(self.form()).encode() + b"&%69tem_amount=1")

    def test_the_key_must_be_one(self):
        self.refused(401, "credential_missing", FIELDS)
        self.refused(401, "credential_missing", b"")
        self.refused(401, "credential_malformed", [("public_key", "short")])
        self.refused(401, "credential_malformed", [("public_key", "x" * 300)])
        for key in ("kwk_live_pk_" + "x" * 22, self.token.key, self.token.id):
            self.refused(401, "credential_invalid", [("public_key", key)])

    def test_it_is_for_its_routes_only(self):
        self.refused(401, "credential_missing", self.form(), target="/customers")
        self.refused(401, "credential_missing", self.form(), target="/customers", content_type="application/json")
        self.refused(403, "scheme_not_allowed", self.form(), headers=[("Authorization", self.token.basic)])
        fields = sign(self.token, "POST", "/checkout/form", b"{}")
        self.refused(403, "scheme_not_allowed", b"{}", content_type="application/json", headers=fields)
        self.accepted(self.form(), target="/checkout/both")
        self.accepted(self.form(), target="/checkout/both", headers=[("Authorization", self.token.basic)], origin=None)

    def test_what_the_token_may_is_judged_as_ever(self):
        other = self.gate.create_token("customers", extra=("--allow-origin", SHOP))
        self.refused(403, "section_not_granted", self.form(token=other))
        reader = self.gate.create_token("checkout-page", permissions="read-only", extra=("--allow-origin", SHOP))
        self.refused(403, "write_not_granted", self.form(token=reader))
        self.gate.kwikgate("token", "disable", self.token.id)
        self.refused(403, "token_disabled", self.form())


class OriginTest(PublicKeyTest):
    def test_only_listed_origins_may_use_the_key(self):
        for origin in ("https://evil.example", "http://shop.example", SHOP + ":8443", SHOP + "/", "https://SHOP.example.",
                       "https://shop.example.evil.example", "null", None):
            self.refused(403, "origin_not_allowed", self.form(), origin=origin)
        self.refused(400, "duplicate_field", self.form(), headers=[("Origin", SHOP)])
        none = self.gate.create_token("checkout-page")
        self.refused(403, "origin_not_allowed", self.form(token=none))
        self.accepted(self.form())

    def test_the_origin_is_no_matter_of_secrets(self):
        # Unknown keys are told apart from nothing by their origin.
        self.refused(401, "credential_invalid", [("public_key", "kwk_live_pk_" + "x" * 22)], origin="https://evil.example")


class CorsTest(PublicKeyTest):
    def preflight(self, target="/checkout/form", method="POST", origin=SHOP, **fields):
        headers = {"Origin": origin, "Access-Control-Request-Method": method, **fields}
        return self.send("OPTIONS", target, {name: value for name, value in headers.items() if value})

    def test_a_preflight_of_a_form_is_answered(self):
        with self.gate.client() as client:
            for origin in (SHOP, "https://other.example", "null"):
                answer = client.request("OPTIONS", "/checkout/form", {
                    "Origin": origin, "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "content-type"})
                self.assertEqual((answer.status, answer.body), (204, b""))
                self.assertEqual(answer.field("access-control-allow-origin"), origin)
                self.assertEqual(answer.field("access-control-allow-methods"), "POST")
                self.assertIn("content-type", answer.field("access-control-allow-headers").lower())
                self.assertNotIn("authorization", answer.field("access-control-allow-headers").lower())
                self.assertIsNone(answer.field("access-control-allow-credentials"))
                self.assertGreater(int(answer.field("access-control-max-age")), 0)
                self.assertIn("Origin", answer.field("vary"))
                self.assertIsNone(answer.field("content-length"))  # RFC 9110, 8.6.
            # The connection is as good as new.
            form = urlencode(self.form()).encode()
            answer = client.request("POST", "/checkout/form", {"Origin": SHOP, "Content-Type": URLENCODED}, form)
            self.assertEqual(answer.status, 200)
        entry = self.gate.logged(self.preflight().field("x-request-id"))
        self.assertEqual((entry["status"], entry["reason"], entry["route"], entry["preflight"]),
                         (204, "none", "/checkout/form", True))
        self.assertNotIn("token", entry)

    def test_other_routes_answer_no_preflight(self):
        for answer in (self.preflight("/customers"), self.preflight("/lookups", "GET"), self.preflight(method="GET"),
                       self.preflight(method="POST, GET"), self.preflight(origin=None), self.preflight(method=None)):
            self.assert_refused(answer, 405, "method_not_allowed")
            self.assertIsNone(answer.field("access-control-allow-origin"))
        self.assert_refused(self.preflight("/nowhere"), 404, "route_unknown")

    def test_a_page_can_read_the_answer_and_the_refusal(self):
        answers = [self.accepted(self.form()), self.refused(401, "credential_missing", FIELDS),
                   self.refused(415, "content_type_unsupported", b"x", content_type="text/plain")]
        for answer in answers:
            self.assertEqual(answer.all_fields("access-control-allow-origin"), [SHOP])
            self.assertIn("Origin", answer.all_fields("vary"))
            self.assertIn("X-Request-Id", answer.field("access-control-expose-headers"))
        stranger = self.refused(403, "origin_not_allowed", self.form(), origin="https://evil.example")
        self.assertEqual(stranger.field("access-control-allow-origin"), "https://evil.example")
        for answer in (self.send("GET", "/lookups", {"Origin": SHOP}),
                       self.send("GET", "/lookups", {"Origin": SHOP, "Authorization": self.token.basic})):
            self.assertIsNone(answer.field("access-control-allow-origin"))

    def test_the_upstreams_own_cors_fields_do_not_stand_beside_ours(self):
        self.seen_by.answer = lambda seen: self.seen_by.reply(b"{}", fields=(
            "Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true", "Vary: Accept", "X-Own: 1"))
        answer = self.accepted(self.form())
        self.assertEqual(answer.all_fields("access-control-allow-origin"), [SHOP])
        self.assertIsNone(answer.field("access-control-allow-credentials"))
        self.assertEqual((answer.all_fields("vary"), answer.field("x-own")), (["Accept", "Origin"], "1"))


class FormSignatureTest(PublicKeyTest):
    def test_a_right_signature_is_accepted_however_the_form_is_written(self):
        signed = self.signed()
        self.accepted(signed)
        self.accepted(signed[::-1])
        self.accepted(signed, content_type="application/json")
        self.accepted(urlencode(signed).replace("+", "%20").replace("~", "%7E").encode())
        self.accepted([*signed[:-1], ("signature", signed[-1][1].upper())])
        fields = [("public_key", self.token.public_key), ("amount", "20.00"), ("live", "true"), ("note", "null")]
        literal = json.dumps(dict(self.signed(fields=fields)))
        literal = literal.replace('"20.00"', "20.00").replace('"true"', "true").replace('"null"', "null")
        self.accepted(literal.encode(), content_type="application/json")

    def test_a_changed_form_is_refused(self):
        signed = self.signed()
        for index, (name, value) in enumerate(signed):
            if name != "public_key":
                self.refused(401, "credential_invalid", [*signed[:index], (name, value + "0"), *signed[index + 1:]])
                renamed = [*signed[:index], (name + "x", value), *signed[index + 1:]]
                if name != "signature":
                    self.refused(401, "credential_invalid", renamed)
                    self.refused(401, "credential_invalid", signed[:index] + signed[index + 1:])
        self.refused(401, "credential_invalid", [*signed, ("item_amount_max", "1")])
        for wrong in ("", "0" * 64, signed[-1][1][:-1], signed[-1][1] + "0", "x" * 64):
            self.refused(401, "credential_invalid", [*signed[:-1], ("signature", wrong)])

    def test_another_tokens_secret_or_key_does_not_do(self):
        other = self.shop_token()
        self.refused(401, "credential_invalid", self.signed(secret=other.secret))
        signed = self.signed()
        self.refused(401, "credential_invalid", [("public_key", other.public_key), *signed[1:]])

    def test_a_token_may_require_it(self):
        token = self.shop_token("--require-form-signature")
        self.refused(401, "signature_uncovered", self.form(token=token))
        self.accepted(self.signed(token))
        self.gate.kwikgate("token", "update", token.id, "--no-require-form-signature")
        self.accepted(self.form(token=token))

    def test_it_survives_a_rotation_until_the_deadline(self):
        signed = self.signed()
        made = json.loads(self.gate.kwikgate("token", "rotate", self.token.id, "--overlap", "1h", "--json"))
        self.accepted(signed)
        self.accepted(self.signed(secret=made["api_secret"]))
        self.gate.kwikgate("token", "rotate", self.token.id, "--overlap", "0", "--json")
        self.refused(401, "credential_invalid", signed)


class ExposedSecretTest(PublicKeyTest):
    config = {"address_limit": {"enabled": True, "failures_per_minute": 1, "burst": 8}}

    def test_a_secret_in_its_place_is_refused_flagged_and_counted_and_never_written(self):
        forms = [[("public_key", self.token.secret), *FIELDS]] * 2
        forms += [[("public_key", "kwk_test_sk_" + "planted" * 10), *FIELDS], [("public_key", self.token.secret[:40])]]
        for fields in forms:
            for content_type in (URLENCODED, "application/json"):
                answer = self.refused(401, "credential_invalid", fields, content_type=content_type)
                entry = self.gate.logged(answer.field("x-request-id"))
                self.assertIs(entry["secret_exposed"], True)
                self.assertNotIn("token", entry)
                self.assertNotIn(b"_sk_", answer.body)
        self.refused(429, "address_limited", forms[0])  # Eight failures were counted.
        for path in self.gate.folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                for secret in (self.token.secret, self.token.secret[12:40], "planted"):
                    self.assertNotIn(secret.encode(), content, path)


if __name__ == "__main__":
    unittest.main()
