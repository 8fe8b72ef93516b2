"""Where a request came from: what anybody claims is replaced, what a trusted proxy says is believed."""

import unittest

from identity_support import IdentityTest, folded
from signer import sign
from support import basic

FORWARDED = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"),
             ("Forwarded", "for=203.0.113.9;proto=https"), ("X-Real-IP", "203.0.113.9"), ("X-Forwarded-Port", "1"),
             ("X-Forwarded-Prefix", "/admin"), ("X_Forwarded_For", "203.0.113.8"), ("x-forwarded_host", "evil.example")]


class OriginTest(IdentityTest):
    """The gateway faces its clients: what they say of their origin is worth nothing."""

    def origin(self, seen):
        return {folded(name)[12:]: value for name, value in seen.fields if folded(name).startswith("X_FORWARDED_")}

    def test_claims_of_anybody_are_replaced(self):
        for fields in ([], FORWARDED, FORWARDED * 2):
            response, seen = self.sent(fields)
            self.assertEqual(self.origin(seen), {"FOR": "127.0.0.1", "PROTO": "http", "HOST": "gateway.test"})
            self.assertEqual((seen.field("forwarded"), seen.field("x-real-ip"), seen.field("host")),
                             (None, None, "gateway.test"))
            self.assertEqual(self.gate.logged(response.field("x-request-id"))["client"], "127.0.0.1")

    def test_an_allowed_address_cannot_be_claimed(self):
        self.gate.kwikgate("token", "update", self.token.id, "--allow-ip", "203.0.113.9")
        with self.gate.client() as client:
            response = client.request("GET", "/customers", [("Authorization", self.token.basic), *FORWARDED])
            self.assert_refused(response, 403, "address_not_allowed", "G03")


class HostTest(IdentityTest):
    upstream_config = {"host": "api.internal"}

    def test_a_configured_host_goes_upstream_and_the_clients_beside_it(self):
        seen = self.sent()[1]
        self.assertEqual([value for name, value in seen.fields if name.lower() == "host"], ["api.internal"])
        self.assertEqual(seen.field("x-forwarded-host"), "gateway.test")


class TrustedProxyTest(OriginTest):
    """The gateway stands behind 127.0.0.1 and 10.0.0.0/8; 127.0.0.2 is a client like any other."""
    listener = {"trusted_proxies": ["127.0.0.1", "10.0.0.0/8"]}

    def test_claims_of_anybody_are_replaced(self):
        seen = self.sent(FORWARDED, source="127.0.0.2")[1]
        self.assertEqual(self.origin(seen), {"FOR": "127.0.0.2", "PROTO": "http", "HOST": "gateway.test"})

    def client_of(self, *lines):
        """Who the gateway takes for the client, by its log, and the chain that it hands on."""
        response, seen = self.sent([("X-Forwarded-For", line) for line in lines])
        return self.gate.logged(response.field("x-request-id"))["client"], seen.field("x-forwarded-for")

    def test_the_last_address_that_no_trusted_proxy_has_is_the_client(self):
        for lines, client, chain in (
                (["203.0.113.9"], "203.0.113.9", "203.0.113.9, 127.0.0.1"),
                (["198.51.100.1, 203.0.113.9"], "203.0.113.9", "198.51.100.1, 203.0.113.9, 127.0.0.1"),
                (["203.0.113.9, 10.1.1.1"], "203.0.113.9", "203.0.113.9, 10.1.1.1, 127.0.0.1"),
                (["garbage, 203.0.113.9 , 10.1.1.1"], "203.0.113.9", "garbage, 203.0.113.9 , 10.1.1.1, 127.0.0.1"),
                (["2001:db8::7"], "2001:db8::7", "2001:db8::7, 127.0.0.1"),
                (["10.1.1.1"], "10.1.1.1", "10.1.1.1, 127.0.0.1"),
                ([], "127.0.0.1", "127.0.0.1"),
                ([", 203.0.113.9,,"], "203.0.113.9", ", 203.0.113.9,,, 127.0.0.1"),
                (["203.0.113.9:51008"], "203.0.113.9", "203.0.113.9:51008, 127.0.0.1"),
                (["[2001:db8::7]"], "2001:db8::7", "[2001:db8::7], 127.0.0.1"),
                (["\"[2001:db8::7]:443\", 10.1.1.1:80"], "2001:db8::7",
                 "\"[2001:db8::7]:443\", 10.1.1.1:80, 127.0.0.1"),
                (["for=203.0.113.9"], "203.0.113.9", "for=203.0.113.9, 127.0.0.1"),
                (["::ffff:203.0.113.9"], "203.0.113.9", "::ffff:203.0.113.9, 127.0.0.1"),
                (["_hidden"], "::", "127.0.0.1"), (["for=unknown"], "::", "127.0.0.1"),
                # Nobody knows: not the proxy, which a rule may well allow.
                (["garbage"], "::", "127.0.0.1"),
                (["203.0.113.9, unknown, 10.1.1.1"], "::", "127.0.0.1")):
            with self.subTest(lines):
                self.assertEqual(self.client_of(*lines), (client, chain))

    def test_a_proxy_may_add_a_line_instead_of_an_element(self):
        """RFC 9110, 5.3: lines are one list. The client's own line must not hide what the proxy added."""
        self.assertEqual(self.client_of("198.51.100.1", "203.0.113.9"),
                         ("203.0.113.9", "198.51.100.1, 203.0.113.9, 127.0.0.1"))
        self.assertEqual(self.client_of("203.0.113.9", "10.1.1.1", "10.2.2.2"),
                         ("203.0.113.9", "203.0.113.9, 10.1.1.1, 10.2.2.2, 127.0.0.1"))

    def test_scheme_and_host_are_believed(self):
        seen = self.sent([("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"),
                          ("X-Forwarded-Host", "shop.example"), ("Forwarded", "for=1.2.3.4")])[1]
        self.assertEqual(self.origin(seen), {"FOR": "203.0.113.9, 127.0.0.1", "PROTO": "https",
                                             "HOST": "shop.example"})
        self.assertIsNone(seen.field("forwarded"))
        for schemes, believed in ((["gopher"], "http"), (["HTTPS "], "https"), ([""], "http"), (["http, https"], "https"),
                                  (["https,http"], "http"), (["http", "https"], "https"), (["https", "http"], "http")):
            seen = self.sent([("X-Forwarded-Proto", scheme) for scheme in schemes])[1]
            self.assertEqual(self.origin(seen)["PROTO"], believed, schemes)

    def test_a_client_that_nobody_knows_is_in_no_list(self):
        """Not even in that of everybody."""
        self.gate.kwikgate("token", "update", self.token.id, "--allow-ip", "::/0")
        credentials = ("Authorization", self.token.basic)
        with self.gate.client() as client:
            for chain, status in (("unknown", 403), ("_hidden, 10.1.1.1", 403), ("203.0.113.9:51008", 200),
                                  ("[2001:db8::7]:1", 200)):
                response = client.request("GET", "/customers", [credentials, ("X-Forwarded-For", chain)])
                self.assertEqual(response.status, status, chain)

    def test_an_allowed_address_cannot_be_claimed(self):
        self.gate.kwikgate("token", "update", self.token.id, "--allow-ip", "203.0.113.9,127.0.0.1")
        basic = ("Authorization", self.token.basic)
        with self.gate.client() as client:
            for lines in (["198.51.100.1"], ["203.0.113.9, 198.51.100.1"], ["203.0.113.9", "198.51.100.1"],
                          ["unknown"]):
                response = client.request("GET", "/customers", [basic, *(("X-Forwarded-For", line) for line in lines)])
                self.assert_refused(response, 403, "address_not_allowed", "G03")
        self.assertEqual(self.client_of("203.0.113.9")[0], "203.0.113.9")
        with self.gate.client(source="127.0.0.2") as client:
            response = client.request("GET", "/customers", [basic, ("X-Forwarded-For", "203.0.113.9")])
            self.assert_refused(response, 403, "address_not_allowed", "G03")

    def test_guessing_counts_against_the_client_not_the_proxy(self):
        self.gate.stop()
        self.gate.config["address_limit"] = {"failures_per_minute": 1, "burst": 2}
        self.gate.write_config()
        self.gate.start()
        wrong = ("Authorization", "Basic " + "eDp5eXl5eXl5eQ==")
        with self.gate.client() as client:
            def call(address):
                return client.request("GET", "/customers", [wrong, ("X-Forwarded-For", address)]).status
            self.assertEqual([call("203.0.113.9") for _ in range(3)], [401, 401, 429])
            self.assertEqual([call("203.0.113.8") for _ in range(2)], [401, 401])
            self.assertEqual([call("203.0.113.7:" + str(port)) for port in (1, 2, 3)], [401, 401, 429])

    def test_guessing_of_nobody_counts_against_the_key_that_is_claimed(self):
        """Whom a proxy does not name must not lock out the others whom it does not name."""
        self.gate.stop()
        self.gate.config["address_limit"] = {"failures_per_minute": 1, "burst": 2}
        self.gate.write_config()
        self.gate.start()
        other = self.gate.create_token("customers")
        with self.gate.client() as client:
            def call(credential):
                fields = [("X-Forwarded-For", "unknown"), *credential]
                return client.request("GET", "/customers", fields).status
            guess = [("Authorization", basic(self.token.key, "wrong-secret-of-somebody"))]
            self.assertEqual([call(guess) for _ in range(4)], [401, 401, 429, 429])
            self.assertEqual(call([("Authorization", self.token.basic)]), 429, "it counts whatever the secret")
            self.assertEqual(call([("Authorization", other.basic)]), 200)
            self.assertEqual([call([]) for _ in range(4)], [401] * 4, "without a key there is nothing to guess")
            self.assertEqual(call(sign(other, "GET", "/customers")), 200)
            forged = [call(sign(other, "GET", "/customers", secret="x" * 70)) for _ in range(3)]
            self.assertEqual(forged, [401, 401, 429])
            self.assertEqual(call(sign(other, "GET", "/customers")), 429)
            known = client.request("GET", "/customers", [("Authorization", other.basic), ("X-Forwarded-For", "203.0.113.5")])
            self.assertEqual(known.status, 200, "a client that is known has its address counted")


if __name__ == "__main__":
    unittest.main()
