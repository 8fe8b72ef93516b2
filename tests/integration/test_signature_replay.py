"""A signed request counts once, and while it is fresh: one of many copies, over all workers, and when the table is full."""

import json
import threading
import time
import unittest

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
        fields = sign(token, "POST", "/things", b"{}")
        self.assertEqual(self.send("POST", "/things", fields, b"{}").status, 200)
        self.gate.kwikgate("token", "delete", token.id, "--yes")
        self.gate.kwikgate("token", "import", "-", stdin=line + "\n")
        self.assert_refused(self.send("POST", "/things", fields, b"{}"), 401, "nonce_replayed", "G01")
        self.assertEqual(self.send("POST", "/things", sign(token, "POST", "/things", b"{}"), b"{}").status, 200)
        self.assertEqual(len(self.seen_by.seen), 2)

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
    config = {"replay": {"entries": 1000}, "signature": {"max_age": "10s"}}

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
        self.accepted(nonce="of-a-read")  # What reads is served all the same.
        with self.gate.client() as client:
            for fields in taken[-200:]:
                self.assertIn(client.request("POST", "/things", fields, b"{}").json["reason"],
                              ("nonce_replayed", "signature_expired"))
        self.assertEqual(len(self.seen_by.seen), len(taken) + 1)
        # The nonce that found no room is not used up, and has room once those before it have expired.
        wait_until(lambda: self.ask("POST", body=b"{}", nonce=f"n-{len(taken)}").status == 200, "room", 60)


if __name__ == "__main__":
    unittest.main()
