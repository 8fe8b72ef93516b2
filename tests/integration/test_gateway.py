"""The main job from outside: a token opens its sections, and what comes back is what the upstream said."""

import unittest

from support import GatewayTest


class FirstCallsTest(GatewayTest):
    def test_an_allowed_call_is_forwarded_and_a_refused_one_is_not(self):
        upstream = self.upstream()
        gateway = self.gateway({"kwik": [upstream.url]})
        token = gateway.create_token("customers")
        with gateway.client() as client:
            allowed = client.request("GET", "/2.0/customers/list", {"Authorization": token.basic})
            self.assertEqual((allowed.status, allowed.json), (200, {"status": True}))
            refused = client.request("GET", "/2.0/payouts/list", {"Authorization": token.basic})
            self.assert_refused(refused, 403, "section_not_granted", "G04")
        self.assertEqual([seen.target for seen in upstream.seen], ["/2.0/customers/list"])
        entry = gateway.logged(refused.field("x-request-id"))
        self.assertEqual((entry["token"], entry["reason"]), (token.id, "section_not_granted"))


if __name__ == "__main__":
    unittest.main()
