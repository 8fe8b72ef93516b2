"""A signed request counts once, and while it is fresh: one of many copies, over all workers, and when the table is full."""

import collections
import json
import threading
import time
import unittest

from admin_client import AdminClient
from signature_support import ROUTES, SignatureTest
from signer import sign
from support import NO_LIMIT, GatewayTest, Token, wait_until


class FreshnessTest(SignatureTest):
    config = {"signature": {"max_age": "60s", "max_ahead": "20s"}}

    def test_created_must_be_fresh(self):
        now = int(time.time())
        self.accepted(created=now - 30)
        self.accepted(created=now + 10)
        self.refused(401, "signature_expired", "G01", created=now - 62)
        self.refused(401, "signature_not_yet_valid", "G01", created=now + 3600)
        self.refused(401, "signature_expired", "G01", created=0)
        self.refused(401, "signature_not_yet_valid", "G01", created=999_999_999_999_999)

    def test_expires_is_honoured_and_cannot_prolong(self):
        now = int(time.time())
        self.accepted(parameters=f";expires={now + 3600}")
        self.refused(401, "signature_expired", "G01", created=now - 20, parameters=f";expires={now - 1}")
        self.refused(401, "signature_expired", "G01", created=now - 70, parameters=f";expires={now + 3600}")

    def test_freshness_is_told_only_to_who_holds_the_secret(self):
        wrong = "kwk_live_sk_" + "x" * 70
        for created in (0, int(time.time()) + 3600):
            self.refused(401, "credential_invalid", "001", created=created, secret=wrong)


class ReplayTest(SignatureTest):
    def test_a_nonce_counts_once_for_its_token(self):
        fields = sign(self.token, "POST", "/things", b"{}", nonce="n-1")
        self.assertEqual(self.send("POST", "/things", fields, b"{}").status, 200)
        self.assert_refused(self.send("POST", "/things", fields, b"{}"), 401, "nonce_replayed", "G01")
        self.refused(401, "nonce_replayed", "G01", "POST", body=b"other", nonce="n-1")
        other = self.gate.create_token("payments")
        self.assertEqual(self.send("POST", "/things", sign(other, "POST", "/things", b"{}", nonce="n-1"), b"{}").status,
                         200)
        self.assertEqual(len(self.seen_by.seen), 2)

    def test_a_nonce_stays_used_when_its_token_is_imported_again(self):
        line = json.dumps({"name": "Moved", "sections": ["payments"], "permissions": "read-write",
                           "api_key": "moved-key-0123456789", "api_secret": "moved-secret-0123456789"})
        self.gate.kwikgate("token", "import", "-", stdin=line + "\n")
        listed = json.loads(self.gate.kwikgate("token", "list", "--json"))
        token = Token(next(one["id"] for one in listed if one["name"] == "Moved"), "moved-key-0123456789",
                      "moved-secret-0123456789", "")
        fields = self.first_accepted(token)
        self.gate.kwikgate("token", "delete", token.id, "--yes")
        self.gate.kwikgate("token", "import", "-", stdin=line + "\n")
        self.assert_refused(self.send("POST", "/things", fields, b"{}"), 401, "nonce_replayed", "G01")
        self.first_accepted(token)
        self.assertEqual(len(self.seen_by.seen), 2)

    def first_accepted(self, token):
        """A write signed so far ahead that it is certainly of after the import: before, it may have been used elsewhere."""
        def attempt():
            fields = sign(token, "POST", "/things", b"{}", created=int(time.time()) + 30)
            answer = self.send("POST", "/things", fields, b"{}")
            if answer.status == 503:
                self.assert_refused(answer, 503, "replay_state_lost")
                return None
            self.assertEqual(answer.status, 200)
            return fields
        return wait_until(attempt, "the import to be past")

    def test_a_wrong_signature_does_not_use_its_nonce_up(self):
        self.refused(401, "credential_invalid", "001", "POST", body=b"{}", nonce="n-1",
                     secret="kwk_live_sk_" + "x" * 70)
        self.accepted("POST", body=b"{}", nonce="n-1")

    def test_reads_may_repeat_without_a_nonce_and_not_with_one(self):
        fields = sign(self.token, "GET", "/things", has_nonce=False)
        for _ in range(3):
            self.assertEqual(self.send("GET", "/things", fields).status, 200)
        fields = sign(self.token, "GET", "/things", nonce="n-1")
        self.assertEqual(self.send("GET", "/things", fields).status, 200)
        self.assert_refused(self.send("GET", "/things", fields), 401, "nonce_replayed")


class ParallelTest(GatewayTest):
    def check(self, workers):
        upstream = self.upstream()
        gateway = self.gateway({"kwik": [upstream.url]}, routes=ROUTES, config=NO_LIMIT, workers=workers)
        token = gateway.create_token("payments")
        for round_number in range(8):
            body = b'{"round":%d}' % round_number
            fields = sign(token, "POST", "/things", body)
            clients = [gateway.client() for _ in range(64)]
            barrier, answers = threading.Barrier(64), [None] * 64

            def copy(index):
                barrier.wait()
                answers[index] = clients[index].request("POST", "/things", fields, body)

            threads = [threading.Thread(target=copy, args=(index,)) for index in range(64)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for client in clients:
                client.close()
            outcomes = sorted(answer.json.get("reason", "forwarded") for answer in answers)
            self.assertEqual(outcomes, ["forwarded"] + ["nonce_replayed"] * 63)
            self.assertEqual([seen.body for seen in upstream.seen[round_number:]], [body])

    def test_one_of_64_copies_is_forwarded_by_one_worker(self):
        self.check(1)

    def test_one_of_64_copies_is_forwarded_by_two_workers(self):
        self.check(2)


class FullTableTest(SignatureTest):
    config = {"replay": {"entries": 1000, "token_share": 100}, "signature": {"max_age": "10s"}}

    def test_a_full_table_refuses_writes_and_forgets_nothing(self):
        taken = []
        with self.gate.client() as client:
            for number in range(4000):
                fields = sign(self.token, "POST", "/things", b"{}", nonce=f"n-{number}")
                answer = client.request("POST", "/things", fields, b"{}")
                if answer.status != 200:
                    break
                taken.append(fields)
        self.assert_refused(answer, 503, "replay_table_full", "G10")
        self.assertGreaterEqual(int(answer.field("retry-after")), 1)
        self.assertIsNone(answer.field("www-authenticate"))
        self.assertGreaterEqual(len(taken), 900)
        self.assertEqual(len(self.seen_by.seen), len(taken))
        self.assertEqual(self.gate.logged(answer.json["request_id"])["phase"], "nonce")
        self.accepted(nonce="of-a-read")  # What reads is served all the same.
        with self.gate.client() as client:
            for fields in taken[-200:]:
                self.assertIn(client.request("POST", "/things", fields, b"{}").json["reason"],
                              ("nonce_replayed", "signature_expired"))
        self.assertEqual(len(self.seen_by.seen), len(taken) + 1)
        # The nonce that found no room is not used up, and has room once those before it have expired.
        wait_until(lambda: self.ask("POST", body=b"{}", nonce=f"n-{len(taken)}").status == 200, "room", 60)


class SharedTableTest(SignatureTest):
    """One table for all tokens: none of them can take it from the others."""
    config = {"replay": {"entries": 1000}}

    def fill(self, token, method, limit):
        """Sends signed requests with fresh nonces, and returns how they were answered."""
        body = b"{}" if method == "POST" else None
        with self.gate.client() as client:
            return collections.Counter(
                client.request(method, "/things", sign(token, method, "/things", body), body).json.get("reason", "passed")
                for _ in range(limit))

    def entries(self):
        return AdminClient.of(self.gate).metrics().sum("kwikgate_replay_entries")

    def test_a_token_that_may_do_nothing_cannot_fill_the_table_for_others(self):
        weak = self.gate.create_token("payments", permissions="read-only", extra=("--rate", "1", "--status", "disabled"))
        self.assertEqual(self.fill(weak, "GET", 3000), {"token_disabled": 3000})
        self.assertEqual(self.entries(), 0)
        for _ in range(20):
            self.accepted("POST", body=b"{}")

    def test_what_is_refused_for_its_rate_its_section_or_its_body_leaves_nothing(self):
        slow = self.gate.create_token("payments", extra=("--rate", "1"))
        other = self.gate.create_token("payouts")
        answers = self.fill(slow, "POST", 30)
        self.assertEqual(set(answers), {"passed", "rate_limited"})
        self.assertEqual(self.fill(other, "POST", 30), {"section_not_granted": 30})
        body, wrong = b"{}", b"[]"
        self.assert_refused(self.send("POST", "/things", sign(self.token, "POST", "/things", body), wrong), 401,
                            "digest_mismatch", "G01")
        self.assertEqual(self.entries(), answers["passed"])

    def test_a_nonce_that_was_refused_passes_later(self):
        token = self.gate.create_token("payments")
        fields = sign(token, "POST", "/things", b"{}")
        self.gate.kwikgate("token", "disable", token.id)
        self.assert_refused(self.send("POST", "/things", fields, b"{}"), 403, "token_disabled", "G03")
        self.gate.kwikgate("token", "enable", token.id)
        self.assertEqual(self.send("POST", "/things", fields, b"{}").status, 200)
        self.assert_refused(self.send("POST", "/things", fields, b"{}"), 401, "nonce_replayed", "G01")
        self.gate.kwikgate("token", "disable", token.id)
        self.assert_refused(self.send("POST", "/things", fields, b"{}"), 401, "nonce_replayed", "G01")

    def test_a_token_that_writes_too_much_is_refused_alone(self):
        answers = self.fill(self.token, "POST", 600)
        self.assertEqual(answers, {"passed": 500, "nonce_limited": 100})
        refused = self.ask("POST", body=b"{}")
        self.assert_refused(refused, 429, "nonce_limited", "G07")
        self.assertGreaterEqual(int(refused.field("retry-after")), 1)
        self.accepted(nonce="of-a-read")
        other = self.gate.create_token("payments")
        self.assertEqual(self.fill(other, "POST", 300), {"passed": 300})
        metrics = AdminClient.of(self.gate).metrics()
        self.assertEqual(metrics.sum("kwikgate_requests_total", reason="nonce_limited"), 101)
        self.assertEqual(metrics.sum("kwikgate_replay_entries"), 800)

    def test_the_share_is_changed_by_a_reload_and_kept_over_a_restart(self):
        self.fill(self.token, "POST", 500)
        self.gate.stop()
        self.gate.start()
        self.assertEqual(self.fill(self.token, "POST", 5), {"nonce_limited": 5})
        self.gate.config["replay"]["token_share"] = 60
        self.gate.write_config()
        self.assertTrue(self.gate.reload())
        self.assertEqual(self.fill(self.token, "POST", 105), {"passed": 100, "nonce_limited": 5})


class LateBodyTest(SignatureTest):
    config = {"signature": {"max_age": "8s"}}

    def test_copies_that_wait_for_their_bodies_until_the_signature_is_over_do_not_pass(self):
        fields = sign(self.token, "POST", "/things", b"{}", created=int(time.time()))
        head = "".join(["POST /things HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 2\r\n",
                        *(f"{name}: {value}\r\n" for name, value in fields), "\r\n"]).encode()
        waiting = [self.gate.client() for _ in range(4)]
        for client in waiting:
            self.addCleanup(client.close)
            client.send(head + b"{")
        wait_until(lambda: self.send("POST", "/things", fields, b"[]").json["reason"] == "signature_expired",
                   "the signature to be over", 30)
        for client in waiting:
            client.send(b"}")
            answer = client.read_response("POST")
            self.assert_refused(answer, 401, "signature_expired", "G01")
            self.assertEqual(self.gate.logged(answer.json["request_id"])["phase"], "nonce")
        self.assertEqual(self.seen_by.seen, [])


class UsedUpTest(SignatureTest):
    """What becomes of a nonce that was recorded, where the request then fails."""

    def test_a_write_that_no_server_took_has_used_its_nonce_up(self):
        self.seen_by.close()
        fields = sign(self.token, "POST", "/things", b"{}")
        answer = self.send("POST", "/things", fields, b"{}")
        self.assertIn(answer.json["reason"], ("upstream_unreachable", "no_healthy_upstream"))
        self.assert_refused(self.send("POST", "/things", fields, b"{}"), 401, "nonce_replayed", "G01")
        self.assertEqual(AdminClient.of(self.gate).metrics().sum("kwikgate_replay_entries"), 1, "a second attempt records nothing")


if __name__ == "__main__":
    unittest.main()
