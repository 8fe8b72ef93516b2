"""From one secret to the next without a gap, from Basic to signatures, and the advice that leads there."""

import json
import unittest

from signer import sign
from support import GatewayTest, Token, basic, wait_until

ROUTES = [{"method": "GET", "path": "/payments", "section": "payments"},
          {"method": "POST", "path": "/payments", "section": "payments"},
          {"method": "GET", "path": "/payouts", "section": "payouts"}]


class RotationTest(GatewayTest):
    def setUp(self):
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES)
        self.gate.stop()
        self.gate.config["store"]["usage_flush_interval"] = "100ms"
        self.gate.write_config()
        self.gate.start()
        self.token = self.import_token()

    def import_token(self, **settings):
        """A token of long ago, so that it is judged by what it did not do."""
        line = {"name": "Shop", "sections": ["payments"], "permissions": "read-write",
                "created_at": "2024-01-01T00:00:00Z", **settings}
        return Token.of(json.loads(self.gate.kwikgate("token", "import", "-", stdin=json.dumps(line) + "\n")))

    def send(self, method, path, fields):
        with self.gate.client() as client:
            return client.request(method, path, fields)

    def basic(self, secret, path="/payments"):
        return self.send("GET", path, [("Authorization", basic(self.token.key, secret))])

    def signed(self, secret, method="GET"):
        return self.send(method, "/payments", sign(self.token, method, "/payments", secret=secret))

    def rotate(self, overlap):
        return json.loads(self.gate.kwikgate("token", "rotate", self.token.id, "--overlap", overlap, "--json"))["api_secret"]

    def use(self):
        return json.loads(self.gate.kwikgate("token", "show", self.token.id, "--json"))["usage"]

    def findings(self, *arguments):
        found = json.loads(self.gate.kwikgate("token", "review", "--json", *arguments))
        return sorted((one["advice"], one["section"]) for one in found if one["id"] == self.token.id)

    def test_both_secrets_work_until_the_deadline_and_the_use_of_each_is_known(self):
        old = self.token.secret
        self.assertEqual(self.signed(old, "POST").status, 200)
        new = self.rotate("1h")
        self.assertNotEqual(old, new)
        for secret in (old, new):
            self.assertEqual([self.basic(secret).status, self.signed(secret).status, self.signed(secret, "POST").status],
                             [200, 200, 200])
        used = wait_until(lambda: (lambda last: last if {"1", "2"} <= set(last) else None)(
            self.use()["secrets_last_used"]), "the use of both secrets in the store")
        self.assertEqual(set(used), {"1", "2"})
        generations = {entry["secret_generation"] for entry in self.gate.access_log() if "token" in entry}
        self.assertEqual(generations, {1, 2})
        self.assertIn(("old_secret_in_use", None), self.findings())

        newest = self.rotate("0")
        for secret in (old, new):
            self.assert_refused(self.basic(secret), 401, "credential_invalid")
            self.assert_refused(self.signed(secret), 401, "credential_invalid")
        self.assertEqual((self.basic(newest).status, self.signed(newest, "POST").status), (200, 200))
        self.assertNotIn(("old_secret_in_use", None), self.findings())

    def test_the_old_secret_ends_at_its_deadline_by_itself(self):
        old, new = self.token.secret, self.rotate("4s")
        self.assertEqual((self.signed(old).status, self.basic(old).status), (200, 200))
        wait_until(lambda: self.signed(old).status == 401, "the end of the old secret")
        self.assert_refused(self.basic(old), 401, "credential_invalid")
        self.assert_refused(self.signed(old), 401, "credential_invalid")
        self.assertEqual((self.signed(new).status, self.basic(new).status), (200, 200))

    def test_a_nonce_used_with_the_old_secret_is_used_up_for_the_new_one(self):
        old = self.token.secret
        send = lambda secret: self.send("POST", "/payments", sign(self.token, "POST", "/payments", nonce="n-1", secret=secret))
        self.assertEqual(send(old).status, 200)
        self.assert_refused(send(self.rotate("1h")), 401, "nonce_replayed")

    def test_require_signature_refuses_basic_from_the_next_request_on(self):
        secret = self.token.secret
        self.assertEqual(self.basic(secret).status, 200)
        self.gate.kwikgate("token", "update", self.token.id, "--require-signature")
        self.assert_refused(self.basic(secret), 403, "scheme_not_allowed", "G03")
        self.assertEqual((self.signed(secret).status, self.signed(secret, "POST").status), (200, 200))
        # Who does not hold the secret does not learn that it is required.
        self.assert_refused(self.basic("kwk_live_sk_" + "x" * 70), 401, "credential_invalid")
        self.gate.kwikgate("token", "update", self.token.id, "--no-require-signature")
        self.assertEqual(self.basic(secret).status, 200)

    def test_the_review_follows_the_use(self):
        self.assertEqual(self.findings(), [("unused", None)])
        self.gate.kwikgate("token", "update", self.token.id, "--section", "payments,payouts")
        self.assertEqual(self.basic(self.token.secret).status, 200)
        expected = [("section_unused", "payouts"), ("uses_basic", None), ("write_unused", None)]
        wait_until(lambda: self.findings() == expected, "the use in the review")
        self.assertEqual(self.signed(self.token.secret, "POST").status, 200)
        self.assertEqual(self.basic(self.token.secret, "/payouts").status, 200)
        wait_until(lambda: self.findings() == [("uses_basic", None)], "the use in the review")
        self.gate.kwikgate("token", "update", self.token.id, "--expires", "2099-01-01T00:00:00Z")
        self.assertEqual(self.findings("--expires-days", "30"), [("uses_basic", None)])
        text = self.gate.kwikgate("token", "review")
        self.assertIn("still sends its secret (Basic)", text)
        self.gate.kwikgate("token", "disable", self.token.id)
        self.assertEqual(self.gate.kwikgate("token", "review"), "Nothing to advise.\n")


if __name__ == "__main__":
    unittest.main()
