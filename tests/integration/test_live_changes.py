"""A change of a token is in force for every request sent after its command returned, in every worker; and what tokens do is known."""

import datetime
import json
import threading
import time
import unittest

from admin_client import AdminClient
from callers import Callers
from signer import sign
from support import NO_LIMIT, GatewayTest, Token, basic, wait_until

ROUTES = [
    {"method": "GET", "path": "/customers", "section": "customers"},
    {"method": "POST", "path": "/customers", "section": "customers"},
    {"method": "GET", "path": "/payouts", "section": "payouts"},
    {"method": "GET", "path": "/lookups"},
]


def parse_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class UnderLoadTest(GatewayTest):
    def setUp(self):
        self.gate = self.gateway({"kwik": [self.upstream().url]}, routes=ROUTES, config=NO_LIMIT)
        self.token = self.gate.create_token("customers", "payouts")

    def call(self, client, _):
        return client.request("GET", "/customers", {"Authorization": self.token.basic})

    def change(self, callers, *arguments):
        """Runs the command while all call, and returns the calls sent after it returned."""
        self.gate.kwikgate(*arguments)
        returned_at = time.monotonic()
        callers.wait_for_more(3)
        after = [call for call in callers.all() if call.sent_at > returned_at and call.status]
        self.assertGreaterEqual(len(after), 64)
        return after

    def assert_all(self, calls, status, reason):
        self.assertEqual({(call.status, call.reason) for call in calls}, {(status, reason)})

    def test_disabling_and_enabling_are_in_force_at_once(self):
        with Callers(self.gate, self.call) as callers:
            for _ in range(3):
                self.assert_all(self.change(callers, "token", "disable", self.token.id), 403, "token_disabled")
                self.assert_all(self.change(callers, "token", "enable", self.token.id), 200, "none")

    def test_settings_are_in_force_at_once(self):
        update = ("token", "update", self.token.id)
        with Callers(self.gate, self.call) as callers:
            for arguments, reason in (
                    (("--section", "payouts"), "section_not_granted"), (("--section", "customers"), None),
                    (("--allow-ip", "192.0.2.0/24"), "address_not_allowed"), (("--clear-allow-ip",), None),
                    (("--require-signature",), "scheme_not_allowed"), (("--no-require-signature",), None),
                    (("--rate", "1000000", "--name", "Renamed"), None)):
                after = self.change(callers, *update, *arguments)
                self.assert_all(after, 403 if reason else 200, reason or "none")

    def test_taking_the_right_to_write_away_is_in_force_at_once(self):
        def write(client, _):
            return client.request("POST", "/customers", {"Authorization": self.token.basic}, b"{}")
        with Callers(self.gate, write) as callers:
            update = ("token", "update", self.token.id, "--permissions")
            self.assert_all(self.change(callers, *update, "read-only"), 403, "write_not_granted")
            self.assert_all(self.change(callers, *update, "read-write"), 200, "none")

    def test_a_deleted_token_is_unknown_at_once(self):
        with Callers(self.gate, self.call) as callers:
            after = self.change(callers, "token", "delete", self.token.id, "--yes")
            self.assert_all(after, 401, "credential_invalid")

    def test_signed_requests_see_changes_as_soon(self):
        def signed(client, _):
            return client.request("GET", "/customers", sign(self.token, "GET", "/customers"))
        with Callers(self.gate, signed) as callers:
            self.assert_all(self.change(callers, "token", "disable", self.token.id), 403, "token_disabled")
            self.assert_all(self.change(callers, "token", "enable", self.token.id), 200, "none")
            self.assert_all(self.change(callers, "token", "rotate", self.token.id, "--overlap", "0", "--json"),
                            401, "credential_invalid")

    def test_a_rotated_secret_lives_until_its_deadline_and_the_new_one_at_once(self):
        old = self.token
        fresh = {}

        def old_and_new(client, number):
            token = fresh.get("token", old) if number % 2 else old
            return client.request("GET", "/customers", {"Authorization": token.basic})
        with Callers(self.gate, old_and_new) as callers:
            made = json.loads(self.gate.kwikgate("token", "rotate", old.id, "--overlap", "2s", "--json"))
            fresh["token"] = Token.of(made)
            shown = json.loads(self.gate.kwikgate("token", "show", old.id, "--json"))
            deadline = parse_time(shown["previous_secret_valid_until"])
            self.assertGreater(deadline, time.time() - 60)
            wait_until(lambda: time.time() > deadline, "the end of the overlap")
            callers.wait_for_more(3)
        using_old = [call for calls in callers.calls[::2] for call in calls if call.status]
        using_new = [call for calls in callers.calls[1::2] for call in calls if call.status]
        self.assert_all([call for call in using_old if call.sent_at_wall > deadline], 401, "credential_invalid")
        # What was under way at the deadline may go either way.
        self.assert_all([call for call in using_old if call.answered_at_wall < deadline], 200, "none")
        self.assert_all(using_new, 200, "none")

    def test_an_expiry_is_kept_to_the_moment(self):
        deadline = int(time.time()) + 3
        text = datetime.datetime.fromtimestamp(deadline, datetime.timezone.utc).isoformat()
        with Callers(self.gate, self.call) as callers:
            self.gate.kwikgate("token", "update", self.token.id, "--expires", text)
            wait_until(lambda: time.time() > deadline, "the expiry")
            callers.wait_for_more(3)
        calls = [call for call in callers.all() if call.status]
        self.assert_all([call for call in calls if call.sent_at_wall > deadline], 403, "token_expired")
        self.assert_all([call for call in calls if call.answered_at_wall < deadline], 200, "none")


class UsageTest(GatewayTest):
    def setUp(self):
        self.gate = self.gateway({"kwik": [self.upstream().url]}, routes=ROUTES, config=NO_LIMIT)
        self.token = self.gate.create_token("customers", "payouts")

    def shown(self, token=None):
        return json.loads(self.gate.kwikgate("token", "show", (token or self.token).id, "--json"))

    def call(self, method="GET", path="/customers", fields=None):
        body = b"{}" if method == "POST" else None
        with self.gate.client() as client:
            return client.request(method, path, fields or {"Authorization": self.token.basic}, body).status

    def use_seen(self, what, is_seen):
        """The contract: 5 s from the use to the store."""
        return wait_until(lambda: (lambda shown: shown if is_seen(shown) else None)(self.shown()), what, seconds=5)

    def test_a_single_use_is_in_the_store_within_5_s(self):
        self.assertIsNone(self.shown()["last_used_at"])
        before = time.time()
        self.assertEqual(self.call(), 200)
        shown = self.use_seen("the use", lambda shown: shown["last_used_at"])
        self.assertTrue(before - 0.002 <= parse_time(shown["last_used_at"]) <= time.time())
        self.assertEqual((shown["usage"]["requests"], shown["usage"]["last_scheme"]), (1, "basic"))
        self.assertEqual(shown["usage"]["sections_last_read"], {"customers": shown["last_used_at"]})
        self.assertEqual(shown["usage"]["sections_last_written"], {})
        self.assertEqual(list(shown["usage"]["secrets_last_used"].values()), [shown["last_used_at"]])

    def test_sections_access_scheme_and_secret_are_told_apart(self):
        self.call("POST")
        self.call(path="/payouts")
        time.sleep(0.002)  # The store keeps milliseconds: uses within one have no order.
        self.call(path="/lookups", fields=sign(self.token, "GET", "/lookups"))
        usage = self.use_seen("all uses", lambda shown: shown["usage"]["requests"] == 3)["usage"]
        self.assertEqual(usage["last_scheme"], "signature")
        self.assertEqual(set(usage["sections_last_read"]), {"payouts"})
        self.assertEqual(set(usage["sections_last_written"]), {"customers"})
        made = json.loads(self.gate.kwikgate("token", "rotate", self.token.id, "--json"))
        self.assertEqual(self.call(fields={"Authorization": Token.of(made).basic}), 200)
        usage = self.use_seen("the new secret", lambda shown: shown["usage"]["requests"] == 4)["usage"]
        self.assertEqual(len(usage["secrets_last_used"]), 2)

    def test_the_use_of_each_section_is_counted_by_day(self):
        for method, path in (("GET", "/customers"), ("GET", "/customers"), ("POST", "/customers"), ("GET", "/payouts")):
            self.assertEqual(self.call(method, path), 200)
        shown = self.use_seen("all uses", lambda shown: shown["usage"]["requests"] == 4)
        day, window = shown["last_used_at"][:10], shown["usage_by_day"]
        counts = {}  # It may be midnight.
        for used in window["days"]:
            for section, count in used["sections"].items():
                reads, writes = counts.get(section, (0, 0))
                counts[section] = reads + count["reads"], writes + count["writes"]
        self.assertEqual(counts, {"customers": (2, 1), "payouts": (1, 0)})
        self.assertEqual(window["days"][-1]["day"], day)
        self.assertLessEqual(window["from"], day)
        served = AdminClient.of(self.gate).get(f"/api/v1/tokens/{self.token.id}/usage").json
        self.assertEqual(served["days"], window["days"])
        text = self.gate.kwikgate("token", "show", self.token.id)
        self.assertRegex(text, rf"customers +2 +1 +\d +{day}")

    def test_what_was_refused_is_no_use(self):
        reader = self.gate.create_token("customers", permissions="read-only")
        basic = {"Authorization": reader.basic}
        self.assertEqual(self.call(path="/payouts", fields=basic), 403)
        self.assertEqual(self.call("POST", fields=basic), 403)
        self.assertEqual(self.call(), 200)  # Comes later, so the others would be there with it.
        self.use_seen("the other token's use", lambda shown: shown["last_used_at"])
        self.assertIsNone(self.shown(reader)["last_used_at"])

    def test_every_request_of_many_connections_is_counted(self):
        def call(client, _):
            return client.request("GET", "/customers", {"Authorization": self.token.basic})
        with Callers(self.gate, call, connections=16) as callers:
            callers.wait_for_more(50)
        self.assertEqual({call.status for call in callers.all()}, {200})
        count = len(callers.all())
        self.use_seen(f"{count} uses", lambda shown: shown["usage"]["requests"] == count)

    def test_the_last_use_survives_the_end_of_the_process(self):
        self.assertEqual(self.call(), 200)
        self.assertEqual(self.gate.stop(), 0)
        self.assertEqual(self.shown()["usage"]["requests"], 1)


class LimitsTest(GatewayTest):
    def test_a_tokens_rate_is_exact_over_all_workers(self):
        upstream = self.upstream()
        gateway = self.gateway({"kwik": [upstream.url]}, routes=ROUTES, config=NO_LIMIT, workers=4)
        limited = gateway.create_token("customers", extra=("--rate", "1", "--burst", "50"))
        other = gateway.create_token("customers")
        statuses, lock = [], threading.Lock()

        def fire():
            with gateway.client() as client:
                for _ in range(10):
                    status = client.request("GET", "/customers", {"Authorization": limited.basic}).status
                    with lock:
                        statuses.append(status)
        threads = [threading.Thread(target=fire) for _ in range(16)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = int(time.monotonic() - began)
        self.assertEqual((len(statuses), set(statuses)), (160, {200, 429}))
        self.assertIn(statuses.count(200), range(50, 50 + seconds + 1))
        self.assertEqual(len(upstream.seen), statuses.count(200))
        with gateway.client() as client:
            self.assertEqual(client.request("GET", "/customers", {"Authorization": other.basic}).status, 200)

    def test_guessing_shuts_out_one_address_and_no_other(self):
        upstream = self.upstream()
        gateway = self.gateway({"kwik": [upstream.url]}, routes=ROUTES, config={
            **NO_LIMIT, "address_limit": {"failures_per_minute": 1, "burst": 5, "exempt": ["127.0.0.9"]}})
        token = gateway.create_token("customers")
        right = {"Authorization": token.basic}
        wrong = {"Authorization": basic(token.key, f"guess-{'x' * 9}")}

        def call(fields, source="127.0.0.1"):
            with gateway.client(source=source) as client:  # A connection each: it must not matter.
                response = client.request("GET", "/customers", fields)
                return response.status, "none" if response.status == 200 else response.json["reason"]
        for _ in range(10):  # Neither success nor a request without credentials is a guess.
            self.assertEqual(call(right), (200, "none"))
            self.assertEqual(call({}), (401, "credential_missing"))
        self.assertEqual([call(wrong) for _ in range(5)], [(401, "credential_invalid")] * 5)
        for fields in (wrong, right, {}):
            self.assertEqual(call(fields), (429, "address_limited"))
        self.assertEqual(call(right, "127.0.0.2"), (200, "none"))
        self.assertEqual(call(wrong, "127.0.0.2"), (401, "credential_invalid"))
        self.assertEqual([call(wrong, "127.0.0.9") for _ in range(20)], [(401, "credential_invalid")] * 20)
        self.assertEqual(call(right, "127.0.0.9"), (200, "none"))
        self.assertEqual(len(upstream.seen), 12)


if __name__ == "__main__":
    unittest.main()
