"""Signed requests from outside: what is accepted, what must be covered, whose authority and scheme count, and what a 401 tells."""

import base64
import hashlib
import unittest

from signature_support import ROUTES, SignatureTest
from signer import content_digest, sign
from support import GatewayTest, run_kwikgate


class CoverageTest(SignatureTest):
    def test_reads_and_writes_are_accepted(self):
        self.accepted()
        self.accepted(target="/things?a=1&a=2&b=%20x")
        self.accepted("POST", body=b'{"amount":1}')
        self.accepted("POST", body=b"")
        self.accepted("POST", "/search", b"{}", has_nonce=False)
        self.accepted(has_nonce=False)
        self.accepted("DELETE", "/things/pay_1")
        self.assertEqual([seen.method for seen in self.seen_by.seen],
                         ["GET", "GET", "POST", "POST", "POST", "GET", "DELETE"])

    def test_each_way_to_cover_the_target_is_enough(self):
        for target in ("/things", "/things?a=1"):
            for covered in (["@target-uri"], ["@authority", "@request-target"], ["@authority", "@path", "@query"]):
                self.accepted(target=target, covered=["@method", *covered])
        self.accepted(covered=["@method", "@authority", "@path"])  # Where there is no query.

    def test_more_may_be_covered(self):
        self.accepted("POST", body=b"{}", fields=[("Date", "Mon, 05 Jan 2026 10:00:00 GMT"), ("X-A", "1"), ("X-A", "2")],
                      covered=["date", "x-a", "@scheme", "@method", "@target-uri", "content-digest", "@path"])
        self.accepted(target="/things?who=a%20b", covered=["@method", "@target-uri", '@query-param;name="who"'],
                      values={'@query-param;name="who"': "a%20b"})
        digest = content_digest(b"{}")
        self.accepted("POST", body=b"{}", values={'content-digest;key="sha-256"': digest.split("=", 1)[1]},
                      covered=["@method", "@target-uri", "content-digest", 'content-digest;key="sha-256"'])

    def test_less_than_the_minimum_is_refused(self):
        for target, covered in (
                ("/things", []), ("/things", ["@method"]), ("/things", ["@target-uri"]),
                ("/things", ["@method", "@path"]), ("/things", ["@method", "@authority"]),
                ("/things?a=1", ["@method", "@authority", "@path"]), ("/things", ["@method", "@request-target"]),
                ("/things?a=1", ["@method", "@authority", "@path", '@query-param;name="a"'])):
            with self.subTest(covered):
                self.refused(401, "signature_uncovered", "G01", target=target, covered=covered,
                             values={'@query-param;name="a"': "1"})
        for covered in (["@method", "@target-uri"], ["@method", "@target-uri", 'content-digest;key="sha-256"']):
            self.refused(401, "signature_uncovered", "G01", "POST", body=b"{}", covered=covered,
                         values={'content-digest;key="sha-256"': content_digest(b"{}").split("=", 1)[1]})

    def test_created_and_keyid_are_required_and_a_nonce_where_the_route_writes(self):
        fields = sign(self.token, "GET", "/things")
        for parameter in ("created", "keyid"):
            name, value = fields[0]
            start = value.index(f";{parameter}=")
            cut = value.find(";", start + 1)
            without = value[:start] + (value[cut:] if cut >= 0 else "")
            self.assert_refused(self.send("GET", "/things", [(name, without), fields[1]]), 401, "signature_uncovered")
        self.refused(401, "nonce_missing", "G01", "POST", body=b"{}", has_nonce=False)
        self.refused(401, "nonce_missing", "G01", "DELETE", "/things/pay_1", has_nonce=False)

    def test_a_body_without_a_digest_and_digests_that_do_not_count_are_refused(self):
        fields = sign(self.token, "POST", "/things")
        self.assert_refused(self.send("POST", "/things", fields, b"{}"), 401, "signature_uncovered")
        weak = [("Content-Digest", "md5=:mZFLkyvTelC5g8XnyQrpOw==:")]
        signed = sign(self.token, "POST", "/things", fields=weak, covered=["@method", "@target-uri", "content-digest"])
        self.assert_refused(self.send("POST", "/things", weak + signed, b"{}"), 401, "signature_uncovered")

    def test_every_digest_that_counts_must_match(self):
        body = b'{"amount":1}'
        both = "sha-512=:" + base64.b64encode(hashlib.sha512(body).digest()).decode() + ":, " + content_digest(body)
        wrong = both.replace("sha-512=:", "sha-512=:A", 1)[:9] + "B" + both[10:]
        covered = ["@method", "@target-uri", "content-digest"]
        for value, expected in ((both, 200), (wrong, 401), (both + ", md5=:AAAA:", 200), (both + ", sha-256=:AAAA:", 401)):
            fields = [("Content-Digest", value)]
            signed = sign(self.token, "POST", "/things", fields=fields, covered=covered)
            self.assertEqual(self.send("POST", "/things", fields + signed, body).status, expected, value)

    def test_the_query_an_empty_one_too_is_part_of_what_is_signed(self):
        fields = sign(self.token, "GET", "/things")
        for target in ("/things?", "/things?a=1", "/things%3F"):
            self.assertNotEqual(self.send("GET", target, fields).status, 200, target)
        self.accepted(target="/things?")


class JsonRouteTest(GatewayTest):
    """A route that takes JSON only checks signed bodies too, whatever their size."""

    def setUp(self):
        self.seen_by = self.upstream()
        routes = [{"method": "POST", "path": "/json", "section": "payments", "check_json": True, "body": "1MiB"}]
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=routes)
        self.token = self.gate.create_token("payments")

    def post(self, body, is_chunked):
        fields = sign(self.token, "POST", "/json", body)
        with self.gate.client() as client:
            if not is_chunked:
                return client.request("POST", "/json", fields, body)
            client.send_request("POST", "/json", [*fields, ("Transfer-Encoding", "chunked")])
            client.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            return client.read_response()

    def test_a_signed_body_must_be_json_however_large_it_is(self):
        for is_chunked in (False, True):
            self.assertEqual(self.post(b'{"a":1}', is_chunked).status, 200)
            for body in (b'{"wei":25000000000000000000}', b'{"v":1e400}', b'"\\ud800"', b"-9223372036854776000",
                         b'{"a":1,"a":2}', b"[" * 1024 + b"]" * 1024):
                self.assertEqual(self.post(body, is_chunked).status, 200, body)
            for body in (b"{", b'{"v":1e}', b"01", b"\xef\xbb\xbf{}", b'"\xed\xa0\x80"', b"[" * 1025 + b"]" * 1025, b"{} {}"):
                self.assert_refused(self.post(body, is_chunked), 400, "body_invalid", "002")
            self.assert_refused(self.post(b"x" * 100_000, is_chunked), 413, "body_too_large")
        self.assertEqual(len({seen.body for seen in self.seen_by.seen}), 7)

    def test_no_content_passes_however_its_end_is_told(self):
        def ask(lines, rest=b"", fields=()):
            with self.gate.client() as client:
                client.send("\r\n".join(["POST /json HTTP/1.1", "Host: gateway.test", *lines,
                                         *(f"{name}: {value}" for name, value in fields), "", ""]))
                client.send(rest)
                return client.read_response().status
        basic = f"Authorization: {self.token.basic}"
        self.assertEqual(ask([basic]), 200)
        self.assertEqual(ask([basic, "Content-Length: 0"]), 200)
        self.assertEqual(ask([basic, "Transfer-Encoding: chunked"], b"0\r\n\r\n"), 200)
        self.assertEqual(ask([basic, "Transfer-Encoding: chunked"], b"1\r\n \r\n0\r\n\r\n"), 400)
        self.assertEqual(ask(["Content-Length: 0"], fields=sign(self.token, "POST", "/json", b"")), 200)
        self.assertEqual(ask(["Transfer-Encoding: chunked"], b"0\r\n\r\n", sign(self.token, "POST", "/json", b"")), 200)


class OriginTest(GatewayTest):
    """The authority and scheme that clients sign are those they used, not those of the last hop."""

    def set_up(self, **listener):
        self.seen_by = self.upstream()
        gateway = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES, start=False)
        gateway.config["listeners"][0].update(listener)
        gateway.write_config()
        self.token = gateway.create_token("payments")
        return gateway.start()

    def ask(self, gateway, host, scheme, extra=(), sent_host=None, covered=None):
        fields = sign(self.token, "GET", "/things", host=host, scheme=scheme, covered=covered)
        with gateway.client() as client:
            return client.request("GET", "/things", [*fields, *extra], host=sent_host or host)

    def test_the_scheme_is_the_listeners_behind_a_balancer_that_ends_tls(self):
        gateway = self.set_up(scheme="https", authorities=["api.example.com", "api.example.com:8443"])
        self.assertEqual(self.ask(gateway, "api.example.com", "https").status, 200)
        self.assertEqual(self.ask(gateway, "API.example.com", "https").status, 200)
        self.assertEqual(self.ask(gateway, "api.example.com:8443", "https").status, 200)
        self.assert_refused(self.ask(gateway, "api.example.com", "http"), 401, "credential_invalid")
        self.assert_refused(self.ask(gateway, "other.example.com", "https"), 400, "bad_host")
        # A signature for one of two names is none for the other.
        self.assert_refused(self.ask(gateway, "api.example.com", "https", sent_host="api.example.com:8443"),
                            401, "credential_invalid")

    def test_a_default_port_is_left_out_of_what_is_signed(self):
        gateway = self.set_up(scheme="https")
        self.assertEqual(self.ask(gateway, "api.example.com", "https", sent_host="api.example.com:443").status, 200)
        self.assert_refused(self.ask(gateway, "api.example.com", "https", sent_host="api.example.com:80"),
                            401, "credential_invalid")

    def test_a_host_is_a_name_not_bytes(self):
        gateway = self.set_up(scheme="https", authorities=["api.example.com"])
        for host in ("api.example.com:443", "API.example.com", "api.example.com:", "API.EXAMPLE.com:443"):
            answer = self.ask(gateway, "api.example.com", "https", sent_host=host)
            self.assertEqual(answer.status, 200, host)
        # A client that calls the name with its dot signs it so.
        dotted = ["@method", "@authority", "@path"]
        for host, sent in (("api.example.com.", None), ("api.example.com.", "api.example.com.:443")):
            self.assertEqual(self.ask(gateway, host, "https", sent_host=sent, covered=dotted).status, 200, host)
        self.assert_refused(self.ask(gateway, "api.example.com", "https", sent_host="api.example.com."),
                            401, "credential_invalid")
        for host in ("api.example.com:80", "api.example.com:8443", "api.example.com..", "other.example.com"):
            self.assert_refused(self.ask(gateway, "api.example.com", "https", sent_host=host), 400, "bad_host")
        plain = self.set_up(authorities=["api.example.com:80", "[::1]"])
        for host, sent in (("api.example.com", "api.example.com:80"), ("api.example.com", None), ("[::1]", "[::1]:80")):
            self.assertEqual(self.ask(plain, host, "http", sent_host=sent).status, 200, host)

    def test_an_absolute_target_may_name_the_default_port(self):
        gateway = self.set_up(authorities=["api.example.com"])
        for target, host, status in (("http://api.example.com:80/things", "api.example.com", 200),
                                     ("http://api.example.com/things", "api.example.com:80", 200),
                                     ("http://api.example.com./things", "api.example.com", 200),
                                     ("http://api.example.com:81/things", "api.example.com", 400)):
            fields = sign(self.token, "GET", "/things", host="api.example.com", covered=["@method", "@authority", "@path"])
            with gateway.client() as client:
                self.assertEqual(client.request("GET", target, fields, host=host).status, status, (target, host))

    def test_a_proxy_that_changes_the_host_tells_which_one_was_asked_for(self):
        told = ("X-Forwarded-Host", "api.example.com")
        gateway = self.set_up(scheme="https", authorities=["api.example.com"], trusted_proxies=["127.0.0.1"],
                              forwarded_host=True)
        self.assertEqual(self.ask(gateway, "api.example.com", "https", [told], "kwikgate.internal:8080").status, 200)
        self.assertEqual(self.seen_by.seen[-1].field("host"), "kwikgate.internal:8080")
        self.assertEqual(self.seen_by.seen[-1].field("x-forwarded-host"), "api.example.com")
        # The nearest proxy's word counts, and it must be served.
        for values, status in ((["evil.example, API.example.com:443"], 200), (["evil.example", "api.example.com"], 200),
                               (["api.example.com, evil.example"], 400), (["api.example.com", "evil.example"], 400),
                               (["a b"], 400), (["api.example.com/x"], 400)):
            lines = [("X-Forwarded-Host", value) for value in values]
            answer = self.ask(gateway, "api.example.com", "https", lines, "kwikgate.internal:8080")
            self.assertEqual(answer.status, status, values)
        # Without the field, Host counts; of anybody else, the field does not.
        self.assertEqual(self.ask(gateway, "api.example.com", "https").status, 200)
        self.assert_refused(self.ask(gateway, "kwikgate.internal", "https"), 400, "bad_host")
        with gateway.client(source="127.0.0.2") as client:
            fields = sign(self.token, "GET", "/things", host="api.example.com", scheme="https")
            self.assert_refused(client.request("GET", "/things", [*fields, told], host="kwikgate.internal"), 400, "bad_host")
        # Off, as by default, it changes nothing.
        off = self.set_up(scheme="https", trusted_proxies=["127.0.0.1"])
        self.assert_refused(self.ask(off, "api.example.com", "https", [told], "kwikgate.internal"), 401, "credential_invalid")

    def test_it_is_told_where_the_host_and_the_scheme_come_from(self):
        gateway = self.set_up(authorities=["api.example.com"], trusted_proxies=["127.0.0.1"], forwarded_host=True)
        token = gateway.create_token("payments", extra=("--environment", "test"))
        fields = sign(token, "GET", "/things", host="wrong.example", scheme="https")
        forwarded = [("X-Forwarded-Host", "api.example.com"), ("X-Forwarded-Proto", "HTTPS")]
        for extra, sent, told in (
                (forwarded, "internal:1", ["api.example.com", "X-Forwarded-Host", "https", "X-Forwarded-Proto"]),
                ([], "API.example.com", ["API.example.com", "Host", "http", "listener"])):
            with gateway.client() as client:
                answer = client.request("GET", "/things", [*fields, *extra], host=sent)
            self.assert_refused(answer, 401, "credential_invalid")
            detail = answer.json["error_details"][0]
            self.assertEqual([detail[name] for name in ("authority", "authority_from", "scheme", "scheme_from")], told)
        saved = gateway.folder / "request.txt"
        saved.write_text("GET /things HTTP/1.1\r\nHost: internal:1\r\nX-Forwarded-For: 203.0.113.7:51008\r\n"
                         "X-Forwarded-Host: api.example.com\r\nX-Forwarded-Proto: https\r\n\r\n")
        done = run_kwikgate("explain", "--config", gateway.config_file, "--request", saved, "--peer", "127.0.0.1")
        self.assertIn("host api.example.com (X-Forwarded-Host), scheme https (X-Forwarded-Proto), client 203.0.113.7",
                      done.stdout, done.stderr)

    def test_only_a_trusted_proxy_says_which_scheme_the_client_used(self):
        told = [("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.7")]
        trusting = self.set_up(trusted_proxies=["127.0.0.0/8"])
        self.assertEqual(self.ask(trusting, "api.example.com", "https", told).status, 200)
        self.assertEqual(self.ask(trusting, "api.example.com", "http").status, 200)
        self.assert_refused(self.ask(trusting, "api.example.com", "http", told), 401, "credential_invalid")
        wary = self.set_up()
        self.assert_refused(self.ask(wary, "api.example.com", "https", told), 401, "credential_invalid")


class ExplanationTest(SignatureTest):
    def explanation(self, answer):
        details = answer.json["error_details"]
        return details[0]["signature_base"] if details else None

    def wrong(self, token, **options):
        fields = sign(token, "POST", "/things?x=1", b"{}", nonce="n-1", created=1_700_000_000, **options)
        return fields, self.send("POST", "/things?x=1", fields, b"{}")

    def test_a_test_tokens_401_holds_the_base_that_the_gateway_computed(self):
        token = self.gate.create_token("payments", extra=("--environment", "test"))
        fields, answer = self.wrong(token, secret="kwk_test_sk_" + "x" * 70)
        self.assert_refused(answer, 401, "credential_invalid")
        input_value = fields[1][1].removeprefix("kwik=")
        self.assertEqual(self.explanation(answer),
                         ['"@method": POST', '"@target-uri": http://gateway.test/things?x=1',
                          f'"content-digest": {content_digest(b"{}")}', f'"@signature-params": {input_value}'])
        _, expired = self.wrong(token)
        self.assert_refused(expired, 401, "signature_expired")
        self.assertEqual(self.explanation(expired), self.explanation(answer))
        _, uncovered = self.wrong(token, covered=["@method"])
        self.assertEqual(self.explanation(uncovered)[0], '"@method": POST')

    def test_a_live_tokens_does_not_unless_it_is_asked_to(self):
        _, answer = self.wrong(self.token, secret="kwk_live_sk_" + "x" * 70)
        self.assert_refused(answer, 401, "credential_invalid")
        self.assertIsNone(self.explanation(answer))
        self.gate.kwikgate("token", "update", self.token.id, "--debug")
        _, answer = self.wrong(self.token, secret="kwk_live_sk_" + "x" * 70)
        self.assertEqual(self.explanation(answer)[0], '"@method": POST')

    def test_an_unknown_test_key_is_explained_like_a_known_one(self):
        known = self.gate.create_token("payments", extra=("--environment", "test"))
        unknown = type(known)("", "kwk_test_ak_" + "y" * 22, "", "")
        wrong = "kwk_test_sk_" + "x" * 70
        answers = [self.wrong(token, secret=wrong)[1] for token in (known, unknown)]
        lines = [[line.replace(token.key, "KEY") for line in self.explanation(answer)]
                 for token, answer in zip((known, unknown), answers)]
        self.assertEqual(*lines)


class ChallengeTest(SignatureTest):
    def test_every_401_says_what_must_be_covered(self):
        for body, asked in ((None, 'kwik=("@method" "@target-uri");created;tag="kwik"'),
                            (b"{}", 'kwik=("@method" "@target-uri" "content-digest");created;tag="kwik"')):
            method = "GET" if body is None else "POST"
            for options in ({"covered": ["@method"]}, {"created": 0}, {"secret": "kwk_live_sk_" + "x" * 70}):
                answer = self.ask(method, body=body, **options)
                self.assertEqual(answer.status, 401)
                self.assertEqual(answer.all_fields("accept-signature"), [asked])
                self.assertIn('Signature realm="kwikgate"', answer.all_fields("www-authenticate"))

    def test_a_signature_as_accept_signature_asks_is_accepted(self):
        answer = self.send("POST", "/things", [], b"{}")
        asked = answer.field("accept-signature")
        covered = asked[asked.index("(") + 1:asked.index(")")].replace('"', "").split(" ")
        self.accepted("POST", body=b"{}", covered=covered, parameters=';tag="kwik"')


if __name__ == "__main__":
    unittest.main()
