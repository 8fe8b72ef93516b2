"""RFC 9421's own list of what can go wrong (its sections 7.2, 7.3 and 7.5): each item has a case that is refused, with its reason."""

import base64
import time
import unittest

from signer import component, content_digest, identifier, mac, sign, signature_base
from support import GatewayTest

ROUTES = [
    {"method": "GET", "path": "/things", "section": "payments"},
    {"method": "POST", "path": "/things", "section": "payments"},
]
FULL = ["@method", "@target-uri"]
DIGESTED = [*FULL, "content-digest"]


class RfcTest(GatewayTest):
    def setUp(self):
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES)
        self.token = self.gate.create_token("payments")

    def send(self, method, target, fields, body=None):
        with self.gate.client() as client:
            return client.request(method, target, fields, body)

    def accepted(self, *request):
        """The control: what differs from a refused case in one point only."""
        answer = self.send(*request)
        self.assertEqual(answer.status, 200, answer.body)
        self.seen_by.seen.clear()

    def refused(self, status, reason, *request):
        self.assert_refused(self.send(*request), status, reason)
        self.assertEqual(self.seen_by.seen, [], "a refused request reached the upstream")

    def sign(self, *arguments, **options):
        return sign(self.token, *arguments, **options)


class Section72Test(RfcTest):
    """7.2: message processing and selection."""

    def test_7_2_1_insufficient_coverage(self):
        self.accepted("GET", "/things", self.sign("GET", "/things"))
        for covered in ([], ["@authority"], ["@method"], ["@target-uri"]):
            self.refused(401, "signature_uncovered", "GET", "/things", self.sign("GET", "/things", covered=covered))

    def test_7_2_2_signature_replay(self):
        fields = self.sign("POST", "/things", b"{}")
        self.accepted("POST", "/things", fields, b"{}")
        self.refused(401, "nonce_replayed", "POST", "/things", fields, b"{}")
        self.refused(401, "nonce_missing", "POST", "/things", self.sign("POST", "/things", b"{}", has_nonce=False), b"{}")
        self.refused(401, "signature_expired", "POST", "/things",
                     self.sign("POST", "/things", b"{}", created=int(time.time()) - 301), b"{}")

    def test_7_2_3_choosing_message_components(self):
        # A signature that leaves out a part of the query leaves it to whoever is between.
        part = '@query-param;name="to"'
        fields = self.sign("GET", "/things?to=a", covered=["@method", "@authority", "@path", part], values={part: "a"})
        self.refused(401, "signature_uncovered", "GET", "/things?to=a", fields)
        self.refused(401, "signature_uncovered", "GET", "/things?to=a&amount=9", fields)

    def test_7_2_4_parameters_and_components_over_fields(self):
        date = [("Date", "Mon, 05 Jan 2026 10:00:00 GMT"), ("Host", "gateway.test")]
        fields = self.sign("GET", "/things", fields=date, covered=["@method", "host", "@path", "date"])
        self.refused(401, "signature_uncovered", "GET", "/things", [date[0], *fields])
        name, value = fields[0]
        without_created = value.replace(value[value.index(";created="):value.index(";nonce")], "")
        self.refused(401, "signature_uncovered", "GET", "/things", [date[0], (name, without_created), fields[1]])

    def test_7_2_5_signature_labels(self):
        self.accepted("GET", "/things", self.sign("GET", "/things", label="whatever"))  # They mean nothing.
        fields = self.sign("GET", "/things")
        self.refused(401, "credential_malformed", "GET", "/things",
                     [fields[0], ("Signature", fields[1][1].replace("kwik=", "other="))])

    def two(self, first, second, swap=False):
        """Two signatures in one pair of fields, `swap`: each with the other's value."""
        values = [first[1][1], second[1][1]]
        if swap:
            values = [a.split("=", 1)[0] + "=" + b.split("=", 1)[1] for a, b in (values, values[::-1])]
        return [("Signature-Input", f"{first[0][1]}, {second[0][1]}"), ("Signature", ", ".join(values))]

    def test_7_2_6_multiple_signature_confusion(self):
        ours = self.sign("GET", "/things", label="a", parameters=';tag="kwik"')
        other = sign(self.gate.create_token("payouts"), "GET", "/things", label="b")
        self.accepted("GET", "/things", self.two(ours, other))
        ours = self.sign("GET", "/things", label="a", parameters=';tag="kwik"')
        self.refused(401, "credential_invalid", "GET", "/things", self.two(ours, other, swap=True))
        untagged = self.sign("GET", "/things", label="a")
        self.refused(400, "credential_ambiguous", "GET", "/things", self.two(untagged, other))
        self.refused(400, "duplicate_field", "GET", "/things", [*untagged, *other])

    def test_7_2_7_collision_of_tags(self):
        self.refused(401, "credential_malformed", "GET", "/things", self.sign("GET", "/things", parameters=';tag="shop"'))
        both = [self.sign("GET", "/things", label=label, parameters=';tag="kwik"') for label in ("a", "b")]
        self.refused(400, "credential_ambiguous", "GET", "/things", self.two(*both))

    def test_7_2_8_message_content(self):
        self.accepted("POST", "/things", self.sign("POST", "/things", b"{}"), b"{}")
        self.refused(401, "digest_mismatch", "POST", "/things", self.sign("POST", "/things", b"{}"), b"[]")
        self.refused(401, "digest_mismatch", "POST", "/things", self.sign("POST", "/things", b"{}"), b"")
        self.refused(401, "signature_uncovered", "POST", "/things", self.sign("POST", "/things", b"{}", covered=FULL),
                     b"{}")
        # A digest that somebody adapts to another body is itself covered.
        fields = self.sign("POST", "/things", b"{}")
        self.refused(401, "credential_invalid", "POST", "/things",
                     [("Content-Digest", content_digest(b"[]")), *fields[1:]], b"[]")


class Section73Test(RfcTest):
    """7.3: cryptography."""

    def with_mac(self, change):
        name, value = self.sign("GET", "/things")[1]
        raw = base64.b64decode(value[len("kwik=:"):-1])
        return name, "kwik=:" + base64.b64encode(change(raw)).decode() + ":"

    def test_7_3_1_signature_collision(self):
        # Two messages must not have one base: nothing in a value may look like another line of it.
        fields = self.sign("GET", "/things", fields=[("X-A", "1")], covered=[*FULL, "x-a"])
        self.accepted("GET", "/things", [("X-A", "1"), *fields])
        for value in ('1\n"x-b": 2', '1\r\n "x-b": 2', "1\r2"):
            fields = self.sign("GET", "/things", fields=[("X-A", value)], covered=[*FULL, "x-a"])
            self.refused(400, "bad_header", "GET", "/things", [("X-A", value), *fields])
        for change in (lambda raw: raw[:31], lambda raw: raw + b"\0", lambda raw: b"", lambda raw: raw[:16]):
            fields = self.sign("GET", "/things")
            self.refused(401, "credential_malformed", "GET", "/things", [fields[0], self.with_mac(change)])

    def test_7_3_2_key_theft(self):
        stolen = self.token
        self.gate.kwikgate("token", "rotate", stolen.id, "--overlap", "0", "--json")
        self.refused(401, "credential_invalid", "GET", "/things", self.sign("GET", "/things"))
        self.gate.kwikgate("token", "disable", stolen.id)
        self.refused(401, "credential_invalid", "GET", "/things", self.sign("GET", "/things"))

    def test_7_3_3_symmetric_cryptography(self):
        # Nothing but the secret is a key, and nothing that others can see.
        for key in (self.token.key, self.token.public_key, self.token.id, self.token.secret[:-1], "\0", "kwik"):
            self.refused(401, "credential_invalid", "GET", "/things", self.sign("GET", "/things", secret=key))

    def test_7_3_4_key_specification_mixup(self):
        other = self.gate.create_token("payments")
        self.refused(401, "credential_invalid", "GET", "/things", self.sign("GET", "/things", secret=other.secret))
        fields = self.sign("GET", "/things")
        claimed = (fields[0][0], fields[0][1].replace(self.token.key, other.key))
        self.refused(401, "credential_invalid", "GET", "/things", [claimed, fields[1]])
        self.refused(401, "credential_malformed", "GET", "/things",
                     self.sign("GET", "/things", parameters=f';keyid="{other.key}"'))

    def test_7_3_5_non_deterministic_primitives(self):
        for alg in ("ecdsa-p256-sha256", "ecdsa-p384-sha384", "rsa-pss-sha512"):
            self.refused(401, "credential_malformed", "GET", "/things",
                         self.sign("GET", "/things", parameters=f';alg="{alg}"'))

    def test_7_3_6_algorithm_downgrade(self):
        self.accepted("GET", "/things", self.sign("GET", "/things", parameters=';alg="hmac-sha256"'))
        for alg in ("hmac-sha1", "hmac-md5", "none", "", "HMAC-SHA256", "rsa-v1_5-sha256", "ed25519"):
            self.refused(401, "credential_malformed", "GET", "/things",
                         self.sign("GET", "/things", parameters=f';alg="{alg}"'))

    def test_7_3_7_signing_signature_values(self):
        # A signature over another signature says nothing about the message.
        inner = self.sign("GET", "/things", label="a")
        covered = ['signature;key="a"', 'signature-input;key="a"']
        values = {name: field[1].split("=", 1)[1] for name, field in zip(covered, (inner[1], inner[0]))}
        outer = self.sign("GET", "/things", label="b", covered=covered, values=values, parameters=';tag="kwik"')
        fields = [(name, f"{inner[index][1]}, {outer[index][1]}") for index, (name, _) in enumerate(inner)]
        self.refused(401, "signature_uncovered", "GET", "/things", fields)


class Section75Test(RfcTest):
    """7.5: HTTP processing."""

    def test_7_5_1_invalid_field_names_as_derived_components(self):
        fields = self.sign("GET", "/things")
        for name in ("@method", "@path", "@signature-params"):
            self.refused(400, "bad_header", "GET", "/things", [(name, "POST"), *fields])
        self.refused(401, "credential_malformed", "GET", "/things",
                     self.sign("GET", "/things", covered=[*FULL, "@unknown"], values={"@unknown": "x"}))
        self.refused(401, "credential_malformed", "GET", "/things",
                     self.sign("GET", "/things", covered=[*FULL, "@status"], values={"@status": "200"}))

    def test_7_5_2_semantically_equivalent_values(self):
        signed = [("X-A", "a, b")]
        self.accepted("GET", "/things", signed + self.sign("GET", "/things", fields=signed, covered=[*FULL, "x-a"]))
        for value in ("a,b", "a ,b", "a,  b", "b, a", "A, b"):
            fields = self.sign("GET", "/things", fields=signed, covered=[*FULL, "x-a"])
            self.refused(401, "credential_invalid", "GET", "/things", [("X-A", value), *fields])

    def test_7_5_3_parsing_structured_fields(self):
        fields = self.sign("GET", "/things")
        value = fields[0][1]
        for bad in ("", "kwik", "kwik=", "kwik=()", value[:-1], value + ",", value + ";", "Kwik" + value[4:],
                    value.replace(" ", "  ") + "\t(", value.replace("(", "").replace(")", ""), value + ";created=1",
                    value.replace('"@method"', "@method"), value.replace("created=", "created=1."), value + ', x="y"'):
            answer = self.send("GET", "/things", [("Signature-Input", bad), fields[1]])
            self.assertEqual((answer.status, self.seen_by.seen), (401, []), bad)
        mac_value = fields[1][1]
        for bad in ("", "kwik", "kwik=", mac_value[:-1], mac_value.replace(":", '"'), mac_value + ", " + mac_value,
                    mac_value.replace("=:", "=: "), mac_value[:-3] + "!!:", "kwik=1"):
            self.refused(401, "credential_malformed", "GET", "/things", [fields[0], ("Signature", bad)])
        for bad in ("sha-256", "sha-256=1", "sha-256=:AAAA:", "sha-256=:!!:", content_digest(b"{}") + ","):
            digest = [("Content-Digest", bad)]
            signed = self.sign("POST", "/things", fields=digest, covered=DIGESTED)
            self.refused(401, "digest_mismatch", "POST", "/things", digest + signed, b"{}")

    def test_7_5_4_versions_and_ambiguity(self):
        # The same resource, asked for in another form, is another @request-target.
        covered = ["@method", "@authority", "@request-target"]
        absolute = "http://gateway.test/things"
        self.accepted("GET", absolute, self.sign("GET", absolute, covered=covered))
        self.accepted("GET", absolute, self.sign("GET", "/things"))
        self.refused(401, "credential_invalid", "GET", absolute, self.sign("GET", "/things", covered=covered))
        self.refused(401, "credential_invalid", "GET", "/things", self.sign("GET", absolute, covered=covered))
        self.refused(400, "bad_host", "GET", "http://other.test/things", self.sign("GET", "/things"))

    def test_7_5_5_canonicalisation(self):
        for target in ("/./things", "/x/../things", "//things", "/things/.", "/%2e/things"):
            self.refused(400, "target_ambiguous", "GET", target, self.sign("GET", "/things"))
            self.refused(400, "target_ambiguous", "GET", target, self.sign("GET", target))
        self.refused(404, "route_unknown", "GET", "/%74hings", self.sign("GET", "/things"))
        # A folded line is none, whether what was signed has the line end or a space in its place.
        for signed in ("1\r\n 2", "1 2", "1  2"):
            fields = self.sign("GET", "/things", fields=[("X-A", signed)], covered=[*FULL, "x-a"])
            self.refused(400, "bad_header", "GET", "/things", [("X-A", "1\r\n 2"), *fields])
        # Lines of one name are joined, never taken one by one.
        lines = [("X-A", "1"), ("X-A", "2")]
        for signed, is_right in ((" 1 ,2", False), ("1", False), ("2", False), ("1\n2", False), ("1, 2", True)):
            fields = self.sign("GET", "/things", covered=[*FULL, "x-a"], values={"x-a": signed})
            if is_right:
                self.accepted("GET", "/things", lines + fields)
            else:
                self.refused(401, "credential_invalid", "GET", "/things", lines + fields)
        self.refused(401, "credential_invalid", "GET", "/things?a=%41", self.sign("GET", "/things?a=A"))
        self.refused(401, "credential_malformed", "GET", "/things",
                     self.sign("GET", "/things", covered=[*FULL, "Host"], values={"Host": "gateway.test"}))
        self.refused(401, "credential_malformed", "GET", "/things", self.sign("GET", "/things", covered=[*FULL, "@method"]))

    def test_7_5_6_values_that_are_no_lists(self):
        # Combined, one line "a, b" and two lines are the same: `bs` is there to tell them apart.
        lines = [("X-A", "a"), ("X-A", "b")]
        wrapped = ", ".join(":" + base64.b64encode(value.encode()).decode() + ":" for _, value in lines)
        sign_them = lambda: self.sign("GET", "/things", covered=[*FULL, "x-a;bs"], values={"x-a;bs": wrapped})
        self.accepted("GET", "/things", lines + sign_them())
        self.refused(401, "credential_invalid", "GET", "/things", [("X-A", "a, b"), *sign_them()])
        self.refused(401, "credential_invalid", "GET", "/things", lines[::-1] + sign_them())

    def test_7_5_7_padding_with_more_values(self):
        signed = [("X-A", "1")]
        fields = lambda: self.sign("GET", "/things", fields=signed, covered=[*FULL, "x-a"])
        self.accepted("GET", "/things", signed + fields())
        for extra in ([("X-A", "2")], [("X-A", "")], [("x-a", "1")], [("X-A", "z" * 4000)]):
            self.refused(401, "credential_invalid", "GET", "/things", signed + extra + fields())
            self.refused(401, "credential_invalid", "GET", "/things", extra + signed + fields())
        self.refused(401, "credential_invalid", "GET", "/things", [("X-A", "1")] * 33 + self.sign(
            "GET", "/things", covered=[*FULL, "x-a;bs"], values={"x-a;bs": ", ".join([":MQ==:"] * 33)}))

    def test_7_5_8_ambiguous_query_elements(self):
        part = '@query-param;name="a"'
        sign_it = lambda target, value: self.sign("GET", target, covered=[*FULL, part], values={part: value})
        self.accepted("GET", "/things?a=1", sign_it("/things?a=1", "1"))
        self.refused(401, "credential_invalid", "GET", "/things?a=1&a=2", sign_it("/things?a=1&a=2", "1"))
        self.refused(401, "credential_invalid", "GET", "/things?a=1&%61=2", sign_it("/things?a=1&%61=2", "1"))
        self.refused(401, "credential_invalid", "GET", "/things?b=1", sign_it("/things?b=1", ""))
        self.refused(401, "credential_invalid", "GET", "/things?a=+", self.sign("GET", "/things?a=%20"))


class OwnSignerTest(unittest.TestCase):
    """The signer of these tests against the standard's own example (RFC 9421, B.2.5), so that it is not only our mirror."""

    def test_b_2_5(self):
        key = base64.b64decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtb"
                               "mHhIDi6pcl8jsasjlTMtDQ==")
        fields = [("Date", "Tue, 20 Apr 2021 02:07:55 GMT"), ("Content-Type", "application/json")]
        covered = ["date", "@authority", "content-type"]
        input_value = ('("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"')
        base = signature_base(input_value, covered,
                              lambda name: component(name, "POST", "/foo?param=Value&Pet=dog", "example.com", fields))
        self.assertTrue(base.startswith(f'{identifier("date")}: Tue, 20 Apr'))
        self.assertEqual(mac(key, base), ":pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:")


if __name__ == "__main__":
    unittest.main()
