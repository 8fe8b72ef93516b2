"""docs/configuration.md says field by field what the upstream gets: its two tables are held to the binary. Via and Date as well."""

import email.utils
import pathlib
import re
import time
import unittest

from identity_support import ROUTES, IdentityTest, folded
from support import RecordingUpstream

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
SECTION = PAGE[PAGE.index("### What the upstream gets"):PAGE.index("### Proof of identity")]
# What a client cannot send without making it another request, or one that is refused.
FRAMING = {"Content-Length", "Transfer-Encoding", "Host"}
HARMLESS = {"Content_Type": "text/plain", "Expect": "100-continue", "Connection": "x-other", "TE": "trailers"}


def table(heading):
    """The names in the first column of the table with that heading."""
    rows = re.search(rf"^\| {heading} \|.*?\n(.*?)\n\n", SECTION, re.MULTILINE | re.DOTALL).group(1).splitlines()[1:]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


class UpstreamFieldsTest(IdentityTest):
    upstream_config = {"identity_key_file": "identity.key"}

    def start_gateway(self):
        gateway = self.gateway({"kwik": {"servers": [self.behind.url], **self.upstream_config}}, ROUTES, start=False)
        file = gateway.folder / "identity.key"
        file.write_text("k" * 40)
        file.chmod(0o600)
        return gateway.start()

    def arrived(self, seen, name):
        return [value for field, value in seen.fields if folded(field) == folded(name)]

    def test_what_is_set_is_what_the_table_says(self):
        names = table("Field")
        self.assertGreater(len(names), 15)
        plain = self.sent(method="POST", body=b"{}")[1]
        set_by_us = {field for field, _ in plain.fields}
        self.assertLessEqual(set_by_us, set(names))
        absent = set(names) - set_by_us
        self.assertEqual(absent, {"Transfer-Encoding", "X-Kwik-Client-Certificate"})
        for name in set(names) - FRAMING - {"Via", "X-Request-Id", "traceparent"}:
            for spelling in (name, name.lower(), name.replace("-", "_")):
                self.assertNotIn("spoofed", self.arrived(self.sent([(spelling, "spoofed")])[1], name), spelling)

    def test_what_is_never_forwarded_is_what_the_table_says(self):
        names = table("Never forwarded")
        self.assertGreater(len(names), 20)
        for name in names:
            name = name.replace("*", "Anything")
            if name in ("Authorization", "Signature", "Signature-Input"):
                continue  # test_identity.CredentialTest
            value = HARMLESS.get(name, "spoofed")
            for spelling in {name, name.lower(), name.replace("-", "_"), name.replace("-", ".")}:
                with self.subTest(spelling):
                    body = b"{}" if name == "Expect" and spelling == name else None
                    seen = self.sent([(spelling, value)], "POST" if body else "GET", body=body)[1]
                    self.assertNotIn(value, self.arrived(seen, name))

    def test_all_other_fields_pass_as_they_came(self):
        others = [("Cookie", "a=b"), ("Accept-Encoding", "gzip"), ("User-Agent", "x/1"), ("Date", "Mon, 05 Jan 2026 10:00:00 GMT"),
                  ("X-Proxy", "1"), ("x_amount", "2"), ("X.Y", "3"), ("Origin", "https://a.example"), ("Accept", "*/*"),
                  ("Range", "bytes=0-1"), ("X-Amount-2", ""), ("x-amount-2", "caf\u00e9"), ("Content-Language", "en")]
        seen = self.sent(others)[1]
        self.assertEqual([field for field in seen.fields if field in others], others)

    def test_a_state_goes_with_its_trace_only(self):
        self.assertEqual(self.arrived(self.sent([("tracestate", "a=1")])[1], "tracestate"), [])

    def test_two_spellings_of_one_name_are_refused(self):
        for pair in (("X-Max-Amount", "X_Max_Amount"), ("x.max.amount", "X-Max-Amount"), ("Content-Type", "content_type")):
            with self.gate.client() as client:
                answer = client.request("GET", "/customers",
                                        [("Authorization", self.token.basic), (pair[0], "1"), (pair[1], "9")])
            self.assert_refused(answer, 400, "duplicate_field")
        self.sent([("X_Max_Amount", "1"), ("X_MAX_AMOUNT", "2")])


class ViaTest(IdentityTest):
    def check(self, expected):
        self.behind.answer = lambda seen: RecordingUpstream.reply(b"{}", fields=["Via: 1.1 cache"])
        answer, seen = self.sent([("Via", "1.0 fred")])
        self.assertEqual([value for name, value in seen.fields if name == "Via"], ["1.0 fred", *expected])
        self.assertEqual(answer.all_fields("via"), ["1.1 cache", *expected])

    def test_via_names_the_gateway_both_ways(self):
        self.check(["1.1 kwikgate"])


class OtherViaTest(ViaTest):
    upstream_config = {"via": "edge-1.example"}

    def test_via_names_the_gateway_both_ways(self):
        self.check(["1.1 edge-1.example"])


class NoViaTest(ViaTest):
    upstream_config = {"via": ""}

    def test_via_names_the_gateway_both_ways(self):
        self.check([])


class DateTest(IdentityTest):
    def assert_now(self, answer):
        dates = answer.all_fields("date")
        self.assertEqual(len(dates), 1, dates)
        self.assertRegex(dates[0], r"^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$")
        seconds = email.utils.parsedate_to_datetime(dates[0]).timestamp()
        self.assertLess(abs(time.time() - seconds), 3600, dates)

    def test_every_answer_has_one_date(self):
        self.assert_now(self.sent()[0])
        theirs = "Mon, 05 Jan 2026 10:00:00 GMT"
        self.behind.answer = lambda seen: RecordingUpstream.reply(b"{}", fields=[f"date: {theirs}"])
        self.assertEqual(self.sent()[0].all_fields("date"), [theirs])
        with self.gate.client() as client:
            self.assert_now(client.request("GET", "/customers"))
            self.assert_now(client.request("GET", "/unknown"))
            self.assert_now(client.request("OPTIONS", "/form", [("Origin", "https://shop.example"),
                                                                ("Access-Control-Request-Method", "POST")]))
            client.send(b"BROKEN\r\n\r\n")
            self.assert_now(client.read_response())


if __name__ == "__main__":
    unittest.main()
