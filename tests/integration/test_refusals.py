"""What a refused client is told: enough to mend its request, and nothing that helps somebody who guesses."""

import base64
import unittest

from signer import sign
from support import GatewayTest, basic

ROUTES = [
    {"method": "GET", "path": "/customers", "section": "customers"},
    {"method": "POST", "path": "/customers", "section": "customers"},
    {"method": "GET", "path": "/lookups"},
    {"method": "GET", "path": "/basic-only", "schemes": ["basic"]},
    {"method": "GET", "path": "/signed-only", "schemes": ["signature"]},
    {"method": "POST", "path": "/form", "section": "checkout-page", "schemes": ["public_key"]},
]


def without(fields, *names):
    return [(name, value) for name, value in fields if name not in names]


class KwikRoutesTest(GatewayTest):
    def test_a_read_only_token_may_post_to_what_reads_and_not_to_what_writes(self):
        upstream = self.upstream()
        gateway = self.gateway({"kwik": [upstream.url]})
        token = gateway.create_token("customers", permissions="read-only")
        headers = {"Authorization": token.basic, "Content-Type": "application/json"}
        with gateway.client() as client:
            read = client.request("POST", "/2.0/cdv", headers, b'{"account_number":"1"}')
            self.assertEqual((read.status, read.json), (200, {"status": True}))
            write = client.request("POST", "/2.0/customers/create", headers, b"{}")
            self.assert_refused(write, 403, "write_not_granted", "G05")
            self.assertEqual(client.request("GET", "/2.0/customers/list", headers).status, 200)
        self.assertEqual([(seen.method, seen.target) for seen in upstream.seen],
                         [("POST", "/2.0/cdv"), ("GET", "/2.0/customers/list")])


class RefusalTest(GatewayTest):
    def setUp(self):
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES)
        self.token = self.gate.create_token("customers", permissions="read-only")
        self.client = self.gate.client()
        self.addCleanup(self.client.close)

    def tearDown(self):
        self.assertEqual(self.seen_by.seen, [], "a refused request reached the upstream")

    def refused(self, status, reason, code, method="GET", target="/customers", headers=None, body=None):
        response = self.client.request(method, target, headers, body)
        self.assert_refused(response, status, reason, code)
        if response.field("connection") == "close":
            self.client = self.gate.client()
            self.addCleanup(self.client.close)
        return response

    def missing(self, target="/customers", headers=None, **options):
        return self.refused(401, "credential_missing", "001", target=target, headers=headers, **options)

    # Who is asking.

    def test_an_unknown_key_and_a_wrong_secret_look_the_same(self):
        wrong = "kwk_live_sk_" + "x" * 70
        unknown = type(self.token)("", "kwk_live_ak_" + "y" * 22, wrong, "")
        answers = []
        for token in (self.token, unknown):
            for method, body in (("GET", None), ("POST", b"{}")):
                answers.append([
                    self.refused(401, "credential_invalid", "001", method, headers=fields, body=body)
                    for fields in ({"Authorization": basic(token.key, wrong)}, sign(token, method, "/customers", body, secret=wrong))])
        for known, stranger in zip(answers[:2], answers[2:]):
            for one, other in zip(known, stranger):
                self.assertEqual(without(one.fields, "x-request-id", "date"),
                                 without(other.fields, "x-request-id", "date"))
                bodies = [{**answer.json, "request_id": None} for answer in (one, other)]
                self.assertEqual(*bodies)
        own = ("time", "request_id", "duration_us", "gateway_us", "upstream_us")
        lines = [{name: value for name, value in self.gate.logged(answer.json["request_id"]).items()
                  if name not in own} for pair in answers for answer in pair]
        self.assertEqual(lines[:4], lines[4:])

    def test_malformed_credentials_are_told_from_wrong_ones(self):
        long = self.token.basic.removeprefix("Basic ")
        broken = ["Basic", "Basic ", "Basic ***", "Basic " + long[:-1], f"Basic {long[:76]} {long[76:]}",
                  "Basic " + base64.b64encode(b"no-colon").decode(), "Bearer " + self.token.secret,
                  "Digest username=x", self.token.secret, f"Basic {long} {long}", f"Basic {long},"]
        for value in broken:
            with self.subTest(value[:24]):
                self.refused(401, "credential_malformed", "001", headers={"Authorization": value})
        signed = sign(self.token, "GET", "/customers")
        for field in signed:
            self.refused(401, "credential_malformed", "001", headers=[field])

    def test_more_than_one_credential_is_refused_however_right_they_are(self):
        signed = sign(self.token, "GET", "/customers")
        both = [*signed, ("Authorization", self.token.basic)]
        self.refused(400, "credential_ambiguous", "G00", headers=both)
        self.refused(400, "credential_ambiguous", "G00", headers=[both[-1], signed[1]])
        for field in both:
            self.refused(400, "duplicate_field", "G00", headers=[*signed, field] if field in signed
                         else [field, field])

    # What a 401 asks for.

    def test_a_401_says_how_to_prove_who_you_are(self):
        answer = self.missing()
        challenges = answer.all_fields("www-authenticate")
        self.assertEqual([challenge.split(" ")[0] for challenge in challenges], ["Basic", "Signature"])
        self.assertEqual(answer.all_fields("accept-signature"),
                         ['kwik=("@method" "@target-uri");created;tag="kwik"'])
        self.assertEqual(answer.field("cache-control"), "no-store")
        with_body = self.missing(method="POST", body=b"{}")
        self.assertIn('"content-digest"', with_body.field("accept-signature"))

    def test_a_401_offers_only_what_the_route_takes(self):
        only_basic = self.missing("/basic-only")
        self.assertEqual(len(only_basic.all_fields("www-authenticate")), 1)
        self.assertTrue(only_basic.field("www-authenticate").startswith("Basic "))
        self.assertIsNone(only_basic.field("accept-signature"))
        only_signed = self.missing("/signed-only")
        self.assertEqual(only_signed.all_fields("www-authenticate"), ['Signature realm="kwikgate"'])
        self.assertIsNotNone(only_signed.field("accept-signature"))

    def test_a_401_of_a_form_has_a_challenge_and_asks_for_no_signature(self):
        answer = self.missing("/form", method="POST", body=b"type=x",
                              headers={"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(len(answer.all_fields("www-authenticate")), 1)  # RFC 9110, 15.5.2: at least one.
        self.assertTrue(answer.field("www-authenticate").startswith("PublicKey "))
        self.assertIsNone(answer.field("accept-signature"))

    def test_other_refusals_have_no_challenge(self):
        for answer in (self.refused(404, "route_unknown", "006", target="/nowhere"),
                       self.refused(403, "write_not_granted", "G05", "POST",
                                    headers={"Authorization": self.token.basic}, body=b"{}")):
            self.assertIsNone(answer.field("www-authenticate"))
            self.assertIsNone(answer.field("accept-signature"))

    # The body.

    def test_the_body_has_kwiks_layout(self):
        answer = self.missing()
        self.assertEqual(answer.field("content-type"), "application/json")
        self.assertEqual(set(answer.json), {"status", "error_code", "error_message", "reason", "error_details",
                                            "request_id"})
        self.assertEqual(answer.json["request_id"], answer.field("x-request-id"))

    def test_problem_json_where_accept_prefers_it(self):
        for accept, is_problem in (("application/problem+json", True), ("application/json", False),
                                   ("application/problem+json;q=0.9, application/json;q=0.5", True),
                                   ("application/problem+json;q=0.5, application/json", False), ("*/*", False),
                                   ("nonsense;;;", False)):
            with self.subTest(accept):
                answer = self.client.request("GET", "/customers", {"Accept": accept})
                self.assertEqual(answer.field("content-type"),
                                 "application/problem+json" if is_problem else "application/json")
                self.assertEqual(answer.json["status"], 401 if is_problem else False)
                self.assertEqual((answer.json["reason"], answer.json["error_code"]), ("credential_missing", "001"))
                if is_problem:
                    self.assertEqual((answer.json["type"], answer.json["title"]), ("about:blank", "Unauthorized"))

    def test_a_head_request_gets_the_same_head_and_no_body(self):
        get = self.missing()
        head = self.client.request("HEAD", "/customers")
        self.assertEqual((head.status, head.body), (401, b""))
        self.assertEqual(without(head.fields, "x-request-id"), without(get.fields, "x-request-id"))

    def test_details_name_what_is_needed_and_what_is_held(self):
        write = self.refused(403, "write_not_granted", "G05", "POST", body=b"{}",
                             headers={"Authorization": self.token.basic})
        self.assertEqual(write.json["error_details"], [{"section": "customers", "needed": "write", "held": "read"}])
        other = self.gate.create_token("payouts")
        section = self.refused(403, "section_not_granted", "G04", headers={"Authorization": other.basic})
        self.assertEqual(section.json["error_details"], [{"section": "customers", "needed": "read", "held": "none"}])
        self.assertEqual(self.missing().json["error_details"], [])

    def test_405_names_the_methods_there_are(self):
        answer = self.refused(405, "method_not_allowed", "006", "OPTIONS")
        self.assertEqual(set(answer.field("allow").split(", ")), {"GET", "HEAD", "POST"})
        answer = self.refused(405, "method_not_allowed", "006", "POST", "/lookups")
        self.assertEqual(answer.field("allow"), "GET, HEAD")


class LimitTest(GatewayTest):
    def rate_fields(self, answer):
        self.assertRegex(answer.field("retry-after"), r"^[1-9][0-9]*$")
        return answer.field("ratelimit-policy"), answer.field("ratelimit")

    def test_a_rate_limited_client_is_told_when_to_come_back(self):
        upstream = self.upstream()
        gateway = self.gateway({"kwik": [upstream.url]}, routes=ROUTES,
                               config={"rate_limit": {"requests_per_second": 1, "burst": 3}})
        token = gateway.create_token("customers")
        with gateway.client() as client:
            answers = [client.request("GET", "/customers", {"Authorization": token.basic}) for _ in range(10)]
        refused = [answer for answer in answers if answer.status != 200]
        self.assertEqual(len(upstream.seen) + len(refused), 10)
        self.assertGreaterEqual(len(refused), 1)
        for answer in refused:
            self.assert_refused(answer, 429, "rate_limited", "G07")
            policy, limit = self.rate_fields(answer)
            self.assertEqual(policy, '"token";q=1;w=1;burst=3')
            self.assertRegex(limit, r'^"token";r=0;t=[0-9]+$')
            self.assertEqual(limit.rpartition("t=")[2], answer.field("retry-after"))

    def test_an_address_that_guessed_too_often_is_told_when_to_come_back(self):
        upstream = self.upstream()
        gateway = self.gateway({"kwik": [upstream.url]}, routes=ROUTES, config={
            "address_limit": {"failures_per_minute": 1, "burst": 3}})
        token = gateway.create_token("customers")
        wrong = {"Authorization": basic(token.key, "wrong-secret")}
        with gateway.client() as client:
            for _ in range(3):
                self.assert_refused(client.request("GET", "/customers", wrong), 401, "credential_invalid", "001")
            for headers in (wrong, {"Authorization": token.basic}, {}):
                answer = client.request("GET", "/customers", headers)
                self.assert_refused(answer, 429, "address_limited", "G07")
                policy, limit = self.rate_fields(answer)
                self.assertEqual(policy, '"address";q=1;w=60;burst=3')
                self.assertRegex(limit, r'^"address";r=0;t=[0-9]+$')
                self.assertEqual(limit.rpartition("t=")[2], answer.field("retry-after"))
                # One failure is forgiven a minute: what is left of it, with the time that this test takes.
                self.assertIn(int(answer.field("retry-after")), range(20, 61))


if __name__ == "__main__":
    unittest.main()
