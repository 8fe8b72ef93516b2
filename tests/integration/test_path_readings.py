"""Two spellings of one path have the same rights: what an upstream may read as another route is refused."""

import copy
import json
import unittest

from support import GatewayTest, run_kwikgate

PAYMENTS = {"section": "payments", "access": "read"}
PAYOUTS = {"section": "payouts", "access": "read"}
ROUTES = [
    {"method": "GET", "path": "/item/{id}", **PAYMENTS},
    {"method": "GET", "path": "/item/export", **PAYOUTS},
    {"method": "GET", "path": "/item/{id}/refunds", **PAYOUTS},
    {"method": "GET", "path": "/r/*", **PAYMENTS},
    {"method": "GET", "path": "/r/admin/*", **PAYOUTS},
    {"method": "GET", "path": "/record/{reference}", "opaque": True, **PAYMENTS},
    {"method": "GET", "path": "/plain/{reference}", **PAYMENTS},
]


class PathReadingsTest(GatewayTest):
    def setUp(self):
        self.up = self.upstream()
        self.gate = self.gateway({"main": [self.up.url]}, copy.deepcopy(ROUTES))
        self.payments = self.gate.create_token("payments")
        self.both = self.gate.create_token("payments", "payouts")

    def ask(self, target, token):
        with self.gate.client() as client:
            answer = client.request("GET", target, [("Authorization", token.basic)])
        reason = json.loads(answer.body)["reason"] if answer.status != 200 else None
        return answer.status, reason

    def test_no_spelling_reaches_what_was_not_granted(self):
        self.assertEqual(self.ask("/item/5", self.payments), (200, None))
        self.assertEqual(self.ask("/item/export", self.payments), (403, "section_not_granted"))
        self.assertEqual(self.ask("/item/export", self.both), (200, None))
        seen = len(self.up.seen)
        for target in ("/item/%65xport", "/item/%2565xport", "/item/5%2Frefunds", "/item/5%252Frefunds",
                       "/item/5%255crefunds", "/item/export;x=1", "/item/export%3bx", "/item/EXPORT", "/item/%45XPORT;a",
                       "/r/%61dmin/x", "/r/admin;a/x", "/r/;a/admin/x", "/r/Admin/x", "/r/admin", "/r/admin/",
                       "/r/x%252f..%252fadmin/y", "http://gateway.test/item/%65xport"):
            for token in (self.payments, self.both):
                with self.subTest(target):
                    self.assertEqual(self.ask(target, token), (400, "target_ambiguous"))
        self.assertEqual(len(self.up.seen), seen)

    def test_other_spellings_pass_as_they_were_sent(self):
        for target in ("/item/5;v=1", "/item/a%20b", "/item/%41", "/item/%C3%A9", "/item/exporter", "/item/100%25",
                       "/r/x/y;z", "/r/a%252Fb", "/r/X/", "/record/INV%2F7", "/record/a%252Fb;c%5B"):
            with self.subTest(target):
                self.assertEqual(self.ask(target, self.payments), (200, None))
                self.assertEqual(self.up.seen[-1].target, target)

    def test_an_encoded_slash_needs_an_opaque_route(self):
        self.assertEqual(self.ask("/plain/INV%2F7", self.payments), (400, "target_ambiguous"))
        self.assertEqual(self.ask("/plain/INV%252F7", self.payments), (400, "target_ambiguous"))
        self.assertEqual(self.ask("/r/a%2Fb", self.payments), (400, "target_ambiguous"))
        self.assertEqual(self.ask("/r/%2Fb", self.payments), (400, "target_ambiguous"))

    def test_check_tells_which_routes_are_alike(self):
        report = json.loads(self.gate.kwikgate("check", "--json"))
        self.assertTrue(report["ok"])
        told = {(warning["pointer"], warning["message"].split(", which")[0].removeprefix("a path of it is one of "))
                for warning in report["warnings"]}
        self.assertEqual(told, {("/routes/0/path", "GET /item/export"), ("/routes/0/path", "GET /item/{id}/refunds"),
                                ("/routes/3/path", "GET /r/admin/*"), ("/routes/4/path", "GET /r/*")})
        text = run_kwikgate("check", "--config", self.gate.config_file)
        self.assertEqual(text.returncode, 0)
        self.assertRegex(text.stderr, r"warning: .*kwikgate.json:\d+:\d+: /routes/0/path: .*GET /item/export.*"
                                      r"escapes decoded")
        self.assertIn("valid", text.stdout)

    def test_opaque_is_refused_where_another_route_is_in_the_way(self):
        self.gate.config["routes"][0]["opaque"] = True
        self.gate.write_config()
        done = run_kwikgate("check", "--config", self.gate.config_file)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"/routes/0/path: the route is opaque, but .* GET /item/export,")
        self.assertRegex(done.stderr, r"/routes/0/path: the route is opaque, but .* GET /item/{id}/refunds,.* an encoded slash")
        self.assertFalse(self.gate.reload())
        self.assertEqual(self.ask("/item/%65xport", self.payments), (400, "target_ambiguous"))

    def test_explain_names_the_reading(self):
        request = self.gate.folder / "request"
        request.write_text("GET /item/%65xport HTTP/1.1\r\nHost: a\r\n\r\n")
        told = run_kwikgate("explain", "--request", request, "--config", self.gate.config_file)
        self.assertIn("read with escapes decoded it is that of GET /item/export", told.stdout)

    def test_routes_check_tells_them_as_well(self):
        document = self.gate.folder / "api.json"
        document.write_text(json.dumps({"openapi": "3.0.0", "info": {"title": "x", "version": "1"}, "paths": {
            "/item/{id}": {"get": {"responses": {}}}}}))
        done = run_kwikgate("routes", "check", document, "--config", self.gate.config_file)
        self.assertRegex(done.stdout, r"(?s)Routes that a server may take for each other:\n  GET /item/{id} and GET "
                                      r"/item/export: .*escapes decoded")
        done = run_kwikgate("routes", "check", document, "--config", self.gate.config_file, "--json")
        overlap = json.loads(done.stdout)["overlaps"][0]
        self.assertRegex(overlap, "GET /item/{id} and GET /item/export: .*escapes decoded")


if __name__ == "__main__":
    unittest.main()
