"""What was signed is what arrives: whatever somebody between client and gateway adds, the upstream gets every covered field as it was signed, or the request is refused."""

import random
import unittest

from identity_support import folded
from signer import sign
from support import NO_LIMIT, GatewayTest

ROUTES = [{"method": method, "path": "/things", "section": "payments"} for method in ("GET", "POST")]
ROUTES += [{"method": "GET", "path": "/wanting", "section": "payments", "covers": ["x-max-amount", "content-type"]}]
NAMES = ["idempotency-key", "x-max-amount", "x_max_amount", "x.max.amount", "content-type", "content_type", "date", "x-a",
         "x-a-b", "x_a_b", "proxy", "x-real-ip", "accept", "x-original-url"]


class SignedFieldsTest(GatewayTest):
    def setUp(self):
        self.behind = self.upstream()
        self.gate = self.gateway({"kwik": [self.behind.url]}, ROUTES, NO_LIMIT)
        self.token = self.gate.create_token("payments")

    def send(self, client, fields, covered, attack=(), path="/things", at=None):
        signed = sign(self.token, "GET", path, fields=fields, covered=["@method", "@target-uri", *covered])
        sent = [*fields]
        for field in attack:
            sent.insert(len(sent) if at is None else at % (len(sent) + 1), field)
        return client.request("GET", path, [*signed, *sent])

    def test_a_covered_field_that_connection_names_is_refused(self):
        fields = [("Idempotency-Key", "k-1"), ("X-Max-Amount", "100")]
        covered = ["idempotency-key", "x-max-amount"]
        with self.gate.client() as client:
            self.assertEqual(self.send(client, fields, covered).status, 200)
        for options in ("idempotency-key, x-max-amount", "X-Max-Amount", "keep-alive,x-max-amount"):
            with self.gate.client() as client:
                self.assert_refused(self.send(client, fields, covered, [("Connection", options)]), 400, "bad_header")
        with self.gate.client() as client:
            self.assertEqual(self.send(client, fields, covered, [("Connection", "x-other")]).status, 200)
            seen = self.behind.seen[-1]
            self.assertEqual([seen.field("idempotency-key"), seen.field("x-max-amount")], ["k-1", "100"])

    def test_a_shadow_of_a_covered_field_is_refused(self):
        for shadow in ("X_Max_Amount", "x.max.amount", "X_MAX-AMOUNT"):
            with self.gate.client() as client:
                answer = self.send(client, [("X-Max-Amount", "100")], ["x-max-amount"], [(shadow, "9")])
                self.assert_refused(answer, 400, "duplicate_field")

    def test_a_route_may_want_fields_covered_where_they_are(self):
        with self.gate.client() as client:
            self.assertEqual(self.send(client, [], [], path="/wanting").status, 200)
            fields = [("X-Max-Amount", "100"), ("Content-Type", "text/plain")]
            self.assertEqual(self.send(client, fields, ["x-max-amount", "content-type"], path="/wanting").status, 200)
            self.assertEqual(self.send(client, fields, []).status, 200)
            for covered in ([], ["x-max-amount"], ["content-type"]):
                answer = self.send(client, fields, covered, path="/wanting")
                self.assert_refused(answer, 401, "signature_uncovered")
                self.assertIn('("@method" "@target-uri" "x-max-amount" "content-type")', answer.field("accept-signature"))
            answer = self.send(client, [], [], [("X-Max-Amount", "9")], path="/wanting")
            self.assert_refused(answer, 401, "signature_uncovered")
            self.assertIn('("@method" "@target-uri" "x-max-amount")', answer.field("accept-signature"))

    def test_every_covered_field_arrives_as_signed_or_the_request_is_refused(self):
        chance = random.Random(20261130)
        passed = refused = 0
        for number in range(600):
            covered = sorted(set(chance.choices(NAMES, k=chance.randint(1, 3))))
            fields = [(name, str(chance.randint(0, 99))) for name in covered for _ in range(chance.randint(1, 2))]
            attack = []
            for _ in range(chance.randint(0, 2)):
                if chance.random() < 0.4:
                    attack.append(("Connection", ", ".join(chance.choices([*NAMES, "keep-alive"], k=chance.randint(1, 3)))))
                    continue
                name = chance.choice(NAMES).replace(chance.choice("-_."), chance.choice("-_.~"))
                if name not in covered:
                    attack.append((name, "evil"))
            before = len(self.behind.seen)
            with self.gate.client() as client:
                answer = self.send(client, fields, covered, attack, at=chance.randint(0, 5))
            with self.subTest(number=number, fields=fields, attack=attack):
                if answer.status != 200:
                    refused += 1
                    self.assertIn((answer.status, answer.json["reason"]), [(400, "bad_header"), (400, "duplicate_field")])
                    self.assertEqual(len(self.behind.seen), before)
                    continue
                passed += 1
                seen = self.behind.seen[-1]
                for name in covered:
                    signed = [value for field, value in fields if field == name]
                    self.assertEqual([value for field, value in seen.fields if field.lower() == name], signed)
                    self.assertEqual([value for field, value in seen.fields if folded(field) == folded(name)], signed)
        self.assertGreater(passed, 50)
        self.assertGreater(refused, 50)


class WantedEverywhereTest(GatewayTest):
    def test_a_field_may_be_wanted_on_every_route(self):
        gate = self.gateway({"kwik": [self.upstream().url]}, ROUTES, {"signature": {"covers": ["idempotency-key"]}})
        token = gate.create_token("payments")
        fields = [("Idempotency-Key", "k"), ("X-Max-Amount", "1")]
        with gate.client() as client:
            for path, covered, status in (("/things", [], 401), ("/things", ["idempotency-key"], 200),
                                          ("/wanting", ["idempotency-key"], 401),
                                          ("/wanting", ["idempotency-key", "x-max-amount"], 200)):
                signed = sign(token, "GET", path, fields=fields, covered=["@method", "@target-uri", *covered])
                self.assertEqual(client.request("GET", path, [*signed, *fields]).status, status, (path, covered))


if __name__ == "__main__":
    unittest.main()
