"""The admin API from outside: who may call what, and that each call does what openapi.json says."""

import json
import time
import unittest

from admin_client import AdminClient
from support import GatewayTest, basic, wait_until

SHOP = {"name": "Shop", "sections": ["customers", "payments"], "permissions": "read-write"}


class AdminTest(GatewayTest):
    def setUp(self):
        self.upstream_ = self.upstream()
        self.gate = self.gateway({"kwik": [self.upstream_.url]})
        self.admin = AdminClient.of(self.gate)
        self.anyone = AdminClient.of(self.gate, key="")

    def viewer(self):
        made = json.loads(self.gate.kwikgate("admin", "key", "create", "--name", "Ann", "--role", "viewer", "--json"))
        return self.admin.with_key(made["key"])

    def create(self, **settings):
        answer = self.admin.post("/api/v1/tokens", {**SHOP, **settings})
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer.body)


class RolesTest(AdminTest):
    def test_every_call_is_open_to_those_that_the_document_names_and_nobody_else(self):
        token = self.create()["id"]
        operations = self.anyone.get("/api/v1/openapi.json").json["paths"]
        viewer = self.viewer()
        checked = 0
        for path, methods in operations.items():
            for method, operation in methods.items():
                url = path.replace("{id}", token)
                least = operation["x-role"]
                callers = [("nobody", self.anyone), ("viewer", viewer), ("stranger", self.admin.with_key("kwk_admin_x"))]
                for name, caller in callers:
                    with self.subTest(method=method, path=path, caller=name):
                        answer = caller.call(method.upper(), url)
                        is_open = least == "nobody" or path == "/metrics" and name == "nobody"
                        if name == "stranger" and least != "nobody" and path != "/metrics":
                            # After some failures from one address it is 429.
                            self.assertIn((answer.status, answer.code), ((401, "key_invalid"), (429, "too_many_failures")))
                        elif name == "nobody" and not is_open:
                            self.refused(answer, 401, "key_missing")
                            self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
                        elif name == "viewer" and least == "admin":
                            self.refused(answer, 403, "role_not_allowed")
                        else:
                            self.assertNotIn(answer.status, (401, 403, 404, 405), answer.body)
                        checked += 1
        self.assertGreater(checked, 60)
        self.assertEqual(self.admin.get(f"/api/v1/tokens/{token}").json["status"], "live")

    def test_a_deleted_key_is_refused_at_once(self):
        made = json.loads(self.gate.kwikgate("admin", "key", "create", "--name", "B", "--role", "admin", "--json"))
        other = self.admin.with_key(made["key"])
        self.assertEqual(other.get("/api/v1/status").status, 200)
        self.gate.kwikgate("admin", "key", "delete", made["id"])
        self.refused(other.get("/api/v1/status"), 401, "key_invalid")

    def test_a_right_key_is_served_while_wrong_ones_are_limited(self):
        wrong = self.admin.with_key("kwk_admin_" + "x" * 43)
        answers = [wrong.get("/api/v1/status") for _ in range(12)]
        self.assertEqual(answers[0].status, 401)
        self.assertEqual(answers[-1].status, 429)
        self.assertGreaterEqual(int(answers[-1].headers["Retry-After"]), 1)
        self.assertEqual(self.admin.get("/api/v1/status").status, 200)
        self.assertNotIn("x" * 43, self.gate.log_text())

    def test_unknown_paths_and_methods(self):
        for path in ("/api/v1/nothing", "/api/v2/tokens", "/api/v1/tokens/", "/api/v1/tokens/a/b", "/api/v1/tokens/a%2Fb"):
            self.refused(self.admin.get(path), 404, "not_found")
        answer = self.admin.call("PUT", "/api/v1/tokens")
        self.refused(answer, 405, "method_not_allowed")
        self.assertEqual(answer.headers["Allow"], "GET, POST")

    def test_every_answer_forbids_caching_sniffing_and_framing(self):
        for answer in (self.admin.get("/api/v1/status"), self.anyone.get("/healthz"), self.anyone.get("/nothing")):
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
            self.assertIn("frame-ancestors 'none'", answer.headers["Content-Security-Policy"])


class TokensTest(AdminTest):
    def test_a_token_made_here_opens_the_gateway_and_its_secret_is_shown_once(self):
        answer = self.admin.post("/api/v1/tokens", SHOP)
        made = answer.json
        self.assertEqual(answer.headers["Location"], f"/api/v1/tokens/{made['id']}")
        shown = self.admin.get(f"/api/v1/tokens/{made['id']}")
        self.assertEqual(shown.headers["ETag"], '"1"')
        everything = shown.body + self.admin.get("/api/v1/tokens").body + self.admin.get("/api/v1/audit").body
        for secret in (made["api_secret"], made["api_key"]):
            self.assertNotIn(secret.encode(), everything)
        self.assertEqual(self.call_with(made).status, 200)

    def call_with(self, made, secret=None):
        with self.gate.client() as client:
            return client.request("GET", "/2.0/customers/list", {"Authorization": basic(made["api_key"], secret or made["api_secret"])})

    def test_enable_disable_rotate_and_delete_take_effect_with_the_next_request(self):
        made = self.create()
        path = f"/api/v1/tokens/{made['id']}"
        self.assertEqual(self.admin.post(path + "/disable").json["status"], "disabled")
        self.assert_refused(self.call_with(made), 403, "token_disabled")
        self.assertEqual(self.admin.post(path + "/enable").json["status"], "live")
        self.assertEqual(self.call_with(made).status, 200)
        rotated = self.admin.post(path + "/rotate", {"overlap": "1h"}).json
        self.assertEqual(rotated["api_key"], made["api_key"])
        self.assertEqual(self.call_with(made).status, 200)
        self.assertEqual(self.call_with(made, rotated["api_secret"]).status, 200)
        last = self.admin.post(path + "/rotate", {"overlap": "0s"}).json
        self.assert_refused(self.call_with(made, rotated["api_secret"]), 401, "credential_invalid")
        self.assertEqual(self.call_with(made, last["api_secret"]).status, 200)
        self.assertEqual(self.admin.call("DELETE", path).status, 204)
        self.assert_refused(self.call_with(made, last["api_secret"]), 401, "credential_invalid")
        self.refused(self.admin.get(path), 404, "not_found")

    def test_patch_needs_the_version_that_was_read_and_changes_what_it_names(self):
        made = self.create(account="acc-1", expires_at="2099-01-01T00:00:00Z", rate={"requests_per_second": 5})
        path = f"/api/v1/tokens/{made['id']}"
        self.refused(self.admin.call("PATCH", path, {"name": "B"}), 428, "version_required")
        for tag in ("1", '"x"', 'W/"1"', "*", '"1", "2"'):
            self.refused(self.admin.call("PATCH", path, {"name": "B"}, {"If-Match": tag}), 400, "version_invalid")
        changed = self.admin.call("PATCH", path, {"name": "B", "permissions": "read-only"}, {"If-Match": '"1"'})
        self.assertEqual((changed.status, changed.headers["ETag"]), (200, '"2"'))
        self.assertEqual((changed.json["name"], changed.json["permissions"], changed.json["account"]), ("B", "read-only", "acc-1"))
        self.refused(self.admin.call("PATCH", path, {"name": "C"}, {"If-Match": '"1"'}), 412, "version_conflict")
        capped = self.admin.call("PATCH", path, {"max_concurrent": 5}, {"If-Match": '"2"'}).json
        self.assertEqual(capped["max_concurrent"], 5)
        for wrong in (0, -1, 1.5, "5", True, 1_000_001):
            answer = self.admin.call("PATCH", path, {"max_concurrent": wrong}, {"If-Match": '"3"'})
            self.assertEqual(answer.status, 422, (wrong, answer.json))
        cleared = self.admin.call("PATCH", path, {"account": None, "expires_at": None, "rate": None, "max_concurrent": None},
                                  {"If-Match": '"3"'}).json
        self.assertIsNone(cleared["max_concurrent"])
        self.assertEqual((cleared["account"], cleared["expires_at"], cleared["rate"]), (None, None, None))

    def test_what_cannot_be_taken_is_refused_with_every_member_that_is_wrong(self):
        answer = self.admin.post("/api/v1/tokens", {"name": 7, "sections": ["nowhere"], "colour": "red", "allowed_ips": ["x"]})
        self.refused(answer, 422, "body_invalid")
        self.assertEqual({e["member"] for e in answer.json["errors"]}, {"name", "sections", "allowed_ips", ""})
        self.refused(self.admin.post("/api/v1/tokens", {}), 422, "body_invalid")
        self.refused(self.admin.post("/api/v1/tokens", {**SHOP, "sections": []}), 422, "no_sections")
        self.refused(self.admin.post("/api/v1/tokens", {**SHOP, "name": "\u202e"}), 422, "invalid_name")
        self.refused(self.admin.post("/api/v1/tokens", {**SHOP, "expires_at": "2001-01-01T00:00:00Z"}), 422, "invalid_expiry")
        json_type = {"Content-Type": "application/json"}
        for body in (b"", b"[]", b"{", b'{"name":"a"} x', b"\xff"):
            self.refused(self.admin.post("/api/v1/tokens", body, headers=json_type), 400, "body_invalid")
        self.refused(self.admin.post("/api/v1/tokens", b'{"name":"a","name":"b","sections":["customers"]}', headers=json_type), 422, "body_invalid")
        self.refused(self.admin.post("/api/v1/tokens", b"name=a", headers={"Content-Type": "application/x-www-form-urlencoded"}), 415, "content_type_unsupported")
        self.assertEqual(self.admin.get("/api/v1/tokens").json["tokens"], [])

    def test_lists_filter_search_sort_and_page(self):
        names = ["delta", "Alpha", "charlie", "bravo", "<b>echo</b>"]
        made = []
        for name in names:
            made.append(self.create(name=name, permissions="read-only" if name == "bravo" else "read-write"))
            time.sleep(0.002)  # The order is by milliseconds.
        self.admin.post(f"/api/v1/tokens/{made[0]['id']}/disable")

        def listed(query):
            found, cursor = [], ""
            while cursor is not None:
                answer = self.admin.get("/api/v1/tokens?" + "&".join(part for part in ("limit=2", query, cursor and f"cursor={cursor}") if part))
                self.assertEqual(answer.status, 200, answer.body)
                self.assertLessEqual(len(answer.json["tokens"]), 2)
                found += [token["name"] for token in answer.json["tokens"]]
                cursor = answer.json["next_cursor"]
                cursor = cursor and cursor.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
            return found
        self.assertEqual(listed(""), names[::-1])
        self.assertEqual(listed("sort=created"), names)
        self.assertEqual(listed("sort=name"), ["<b>echo</b>", "Alpha", "bravo", "charlie", "delta"])
        self.assertEqual(listed("sort=-name"), ["delta", "charlie", "bravo", "Alpha", "<b>echo</b>"])
        self.assertEqual(listed("status=disabled"), ["delta"])
        self.assertEqual(listed("permissions=read-only"), ["bravo"])
        self.assertEqual(listed("section=payments&environment=live"), names[::-1])
        self.assertEqual(listed("section=orders"), [])
        self.assertEqual(listed("q=ALPHA"), ["Alpha"])
        self.assertEqual(listed("q=" + made[2]["id"]), ["charlie"])
        self.assertEqual(listed("q=" + made[3]["api_key"][12:20]), ["bravo"])
        self.assertEqual(listed("q=%3Cb%3E"), ["<b>echo</b>"])
        for query in ("limit=0", "limit=201", "limit=x", "sort=colour", "status=on", "section=nowhere", "colour=red", "cursor=" + "x" * 30, "sort=name&cursor=!!", "q=%2", "q=a&q=b"):
            self.assertEqual(self.admin.get("/api/v1/tokens?" + query).status, 400, query)

    def test_use_shows_in_the_token_and_sorts_it(self):
        idle, used = self.create(name="idle"), self.create(name="used")
        self.assertEqual(self.call_with(used).status, 200)
        path = f"/api/v1/tokens/{used['id']}"
        token = wait_until(lambda: (lambda t: t["last_used_at"] and t)(self.admin.get(path).json), "the use to be written")
        self.assertEqual((token["usage"]["requests"], token["usage"]["last_scheme"]), (1, "basic"))
        self.assertIn("customers", token["usage"]["sections_last_read"])
        self.assertIn("uses_basic", [advice["advice"] for advice in token["advice"]])
        order = [t["id"] for t in self.admin.get("/api/v1/tokens?sort=-last_used").json["tokens"]]
        self.assertEqual(order, [used["id"], idle["id"]])

    def test_the_audit_log_names_the_admin_key_and_filters(self):
        made = self.create()
        self.admin.post(f"/api/v1/tokens/{made['id']}/disable")
        other = self.create(name="other")
        session = self.admin.get("/api/v1/session").json
        entries = self.admin.get(f"/api/v1/audit?token={made['id']}").json["entries"]
        self.assertEqual([e["action"] for e in entries], ["token.disable", "token.create"])
        self.assertEqual({e["actor"] for e in entries}, {"admin:" + session["key_id"]})
        self.assertEqual((entries[0]["before"]["status"], entries[0]["after"]["status"]), ("live", "disabled"))
        page = self.admin.get("/api/v1/audit?limit=1&action=token.create").json
        self.assertEqual(page["entries"][0]["token_id"], other["id"])
        rest = self.admin.get(f"/api/v1/audit?limit=5&action=token.create&cursor={page['next_cursor']}").json
        self.assertEqual([e["token_id"] for e in rest["entries"]], [made["id"]])
        self.assertIsNone(rest["next_cursor"])
        self.assertEqual(self.admin.get("/api/v1/audit?since=2099-01-01T00:00:00Z").json["entries"], [])
        self.assertEqual(self.admin.get("/api/v1/audit?since=yesterday").status, 400)


if __name__ == "__main__":
    unittest.main()
