"""What the upstream is told of the caller comes from the gateway alone, whatever the client says of itself."""

import unittest

from identity_support import IDENTITY, ROUTES, IdentityTest, folded
from signer import sign
from support import RecordingUpstream


class SpoofTest(IdentityTest):
    def test_ours_tell_who_calls_and_what_for(self):
        self.assertEqual(self.identity(self.sent()[1]), self.expected())
        self.assertEqual(self.identity(self.sent(method="POST", body=b"{}")[1]), self.expected(access="write"))
        self.assertEqual(self.identity(self.sent(method="POST", path="/customers/search", body=b"{}")[1]),
                         self.expected())
        self.assertEqual(self.identity(self.sent(path="/lookups")[1]), self.expected(section=None))
        signed = sign(self.token, "GET", "/customers")
        self.assertEqual(self.identity(self.sent(credentials=signed)[1]), self.expected(scheme="signature"))
        form = f"public_key={self.token.public_key}&type=x".encode()
        kind = [("Content-Type", "application/x-www-form-urlencoded")]
        self.gate.kwikgate("token", "update", self.token.id, "--allow-origin", "https://shop.example")
        seen = self.sent([*kind, ("Origin", "https://shop.example")], "POST", "/form", form, credentials=[])[1]
        self.assertEqual(self.identity(seen), self.expected(access="write", scheme="public_key"))
        self.token = self.gate.create_token("customers", extra=("--environment", "test"))
        self.assertEqual(self.identity(self.sent()[1]), self.expected(account=None, environment="test"))

    def test_what_the_client_says_of_itself_is_removed_in_every_spelling(self):
        spoofs = [(spelling, "spoofed") for name in [*IDENTITY, "X-Kwik-Later"] for spelling in (
            name, name.lower(), name.upper(), name.replace("-", "_"), name.replace("-", "_", 1), name[:6] + "_" + name[7:],
            name.replace("-", "."), name.replace("-", "~"))]
        for spoof in spoofs:
            with self.subTest(spoof[0]):
                self.assertEqual(self.identity(self.sent([spoof])[1]), self.expected())
        seen = self.sent(spoofs[:40])[1]
        self.assertEqual(self.identity(seen), self.expected())
        self.assertNotIn("spoofed", [value for _, value in seen.fields])

    def test_without_an_account_there_is_no_account_field_at_all(self):
        self.token = self.gate.create_token("customers")
        for name in ("X-Kwik-Account", "X_Kwik_Account", "x-kwik_account"):
            self.assertEqual(self.identity(self.sent([(name, "acc-1")])[1]), self.expected(account=None))

    def test_connection_options_remove_nothing_that_is_ours(self):
        names = ["x-kwik-account", "X-Kwik-Token", "X-Request-Id", "X-Forwarded-For", "traceparent", "Host",
                 "Content-Length"]
        for option in [*names, ", ".join(names), "keep-alive, " + names[0]]:
            with self.subTest(option):
                seen = self.sent([("Connection", option)], "POST", body=b"{}")[1]
                self.assertEqual(self.identity(seen), self.expected(access="write"))
                self.assertEqual(seen.body, b"{}")
                for name in ("host", "x-request-id", "x-forwarded-for", "traceparent"):
                    self.assertEqual(len([1 for field, _ in seen.fields if field.lower() == name]), 1, name)
        seen = self.sent([("Connection", "X-Custom"), ("X-Custom", "1"), ("X-Other", "2")])[1]
        self.assertEqual((seen.field("x-custom"), seen.field("x-other"), seen.field("connection")), (None, "2", None))

    def test_fields_that_replace_the_request_line_are_removed(self):
        for name in ("X-HTTP-Method-Override", "X-Method-Override", "X_HTTP_Method", "X-Original-URL", "X-Rewrite-URL"):
            seen = self.sent([(name, "DELETE")])[1]
            self.assertEqual([field for field, _ in seen.fields if folded(field) == folded(name)], [])

    def test_an_answer_cannot_pass_for_another_request(self):
        self.behind.answer = lambda seen: RecordingUpstream.reply(b"{}", fields=["X-Request-Id: theirs", "X-Kept: 1"])
        response = self.sent([("X-Request-Id", "mine-1")])[0]
        self.assertEqual((response.all_fields("x-request-id"), response.field("x-kept")), (["mine-1"], "1"))


class CredentialTest(IdentityTest):
    def check(self, credentials, expected, method="GET", body=None):
        seen = self.sent(credentials=credentials, method=method, body=body)[1]
        found = {name: [value for field, value in seen.fields if folded(field) == folded(name)]
                 for name in ("Authorization", "Signature", "Signature-Input", "Proxy-Authorization", "Cookie")}
        self.assertEqual({name: values for name, values in found.items() if values}, expected)

    @property
    def basic(self):
        return [("Authorization", self.token.basic), ("Proxy-Authorization", "Basic eDp5"), ("Cookie", "a=b")]

    def test_what_the_upstream_gets_of_the_credentials(self):
        self.check(self.basic, {"Cookie": ["a=b"]})
        for method, body in (("GET", None), ("POST", b"{}")):
            self.check(sign(self.token, method, "/customers", body), {}, method, body)
        self.check([*self.basic, ("X_Authorization", "kept")], {"Cookie": ["a=b"]})
        self.assertEqual(self.identity(self.behind.seen[-1]), self.expected())


class ReplaceTest(CredentialTest):
    def start_gateway(self):
        self.upstream_config = {"credentials": "replace", "credentials_file": "upstream.credentials"}
        gateway = self.gateway({"kwik": {"servers": [self.behind.url], **self.upstream_config}}, ROUTES, start=False)
        file = gateway.folder / "upstream.credentials"
        file.write_text("gateway:its-own-password\n")
        file.chmod(0o600)
        return gateway.start()

    def test_what_the_upstream_gets_of_the_credentials(self):
        ours = ["Basic Z2F0ZXdheTppdHMtb3duLXBhc3N3b3Jk"]
        self.check(self.basic, {"Authorization": ours, "Cookie": ["a=b"]})
        self.check(sign(self.token, "POST", "/customers", b"{}"), {"Authorization": ours}, "POST", b"{}")


class PassTest(CredentialTest):
    upstream_config = {"credentials": "pass"}

    def test_what_the_upstream_gets_of_the_credentials(self):
        self.check(self.basic, {"Authorization": [self.token.basic], "Cookie": ["a=b"]})
        signed = sign(self.token, "POST", "/customers", b"{}")
        self.check(signed, {name: [value] for name, value in signed if name != "Content-Digest"}, "POST", b"{}")


class CorrelationTest(IdentityTest):
    def test_a_sound_request_id_goes_through_to_answer_upstream_and_log(self):
        for name in ("a", "Order-7.2_x", "z" * 64):
            response, seen = self.sent([("X-Request-Id", name)])
            self.assertEqual([response.field("x-request-id"), seen.field("x-request-id")], [name, name])
            self.assertEqual(self.gate.logged(name)["token"], self.token.id)

    def test_an_unsound_request_id_is_replaced(self):
        for name in ("", "a b", "a\tb", "z" * 65, 'a"b', "a/b", "a;b", "caf\u00e9", "{}"):
            response, seen = self.sent([("X-Request-Id", name)])
            made = response.field("x-request-id")
            self.assertRegex(made, r"^[0-9a-f]{32}$")
            self.assertEqual([value for field, value in seen.fields if folded(field) == "X_REQUEST_ID"], [made])

    def test_every_request_has_an_id_of_its_own(self):
        made = {self.sent()[0].field("x-request-id") for _ in range(50)}
        self.assertEqual(len(made), 50)

    def test_a_trace_is_continued_and_a_broken_one_begun_anew(self):
        trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
        seen = self.sent([("traceparent", f"00-{trace}-{parent}-01"), ("tracestate", "vendor=1")])[1]
        version, seen_trace, seen_parent, flags = seen.field("traceparent").split("-")
        self.assertEqual((version, seen_trace, flags, seen.field("tracestate")), ("00", trace, "01", "vendor=1"))
        self.assertNotEqual(seen_parent, parent)
        for broken in ("", "00", f"00-{'0' * 32}-{parent}-01", f"00-{trace}-{'0' * 16}-01", f"ff-{trace}-{parent}-01",
                       f"00-{trace.upper()}-{parent}-01", f"00-{trace}-{parent}-01-extra"):
            with self.subTest(broken):
                value = self.sent([("traceparent", broken)])[1].field("traceparent")
                self.assertRegex(value, r"^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$")
                self.assertNotIn(trace, value)
                state = self.sent([("traceparent", broken), ("tracestate", "vendor=1")])[1].field("tracestate")
                self.assertIsNone(state, "the state of a trace that was not continued")
        twice = self.sent([("traceparent", f"00-{trace}-{parent}-01")] * 2)[1]
        self.assertNotIn(trace, twice.field("traceparent"))


if __name__ == "__main__":
    unittest.main()
