"""A backup that is brought to another machine: its tokens work there, and nothing that the first accepted is accepted again."""

import shutil
import time
import unittest

from signer import sign
from support import GatewayTest, run_kwikgate

ROUTES = [{"method": method, "path": "/things", "section": "payments"} for method in ("GET", "POST")]
AHEAD_SECONDS = 2


class RestoreTest(GatewayTest):
    def setUp(self):
        self.seen_by = self.upstream()
        self.first = self.machine()
        self.token = self.first.create_token("payments")

    def machine(self):
        return self.gateway({"kwik": [self.seen_by.url]}, ROUTES, {"signature": {"max_ahead": f"{AHEAD_SECONDS}s"}}, start=False)

    def post(self, gateway, fields):
        with gateway.client() as client:
            return client.request("POST", "/things", fields, b"{}")

    def back_up(self):
        self.first.kwikgate("store", "backup", "--to", self.first.folder / "backup")

    def restored(self):
        second = self.machine()
        shutil.rmtree(second.folder / "store")
        shutil.copy(self.first.folder / "master.key", second.folder)
        done = run_kwikgate("store", "restore", "--from", self.first.folder / "backup", "--store", second.folder / "store")
        self.assertEqual(done.returncode, 0, done.stderr)
        return second

    def test_a_backup_from_before_the_first_start_takes_no_write_twice_either(self):
        self.back_up()
        self.first.start()
        captured = sign(self.token, "POST", "/things", b"{}")
        self.assertEqual(self.post(self.first, captured).status, 200)
        self.first.stop()
        self.assert_refused(self.post(self.restored().start(), captured), 503, "replay_state_lost", "G10")

    def test_it_serves_the_same_tokens_and_takes_no_write_twice(self):
        self.first.start()
        captured = sign(self.token, "POST", "/things", b"{}")
        self.assertEqual(self.post(self.first, captured).status, 200)
        self.back_up()
        later = self.first.create_token("payments")
        second = self.restored()
        second.kwikgate("check")
        second.start()
        started = time.monotonic()
        self.assertRegex(second.log_text(), r"replay state is lost: writes signed up to 20\S+Z are answered 503")

        with second.client() as client:
            self.assertEqual(client.request("GET", "/things", {"Authorization": self.token.basic}).status, 200)
            self.assertEqual(client.request("GET", "/things", sign(self.token, "GET", "/things")).status, 200)
            self.assert_refused(client.request("GET", "/things", {"Authorization": later.basic}), 401, "credential_invalid")
        self.assert_refused(self.post(second, captured), 503, "replay_state_lost", "G10")
        # Any write, until a client whose clock was ahead can have used it before.
        answer = self.post(second, sign(self.token, "POST", "/things", b"{}"))
        if time.monotonic() - started < AHEAD_SECONDS - 1:
            self.assert_refused(answer, 503, "replay_state_lost", "G10")
            time.sleep(int(answer.field("retry-after")) + 1)
            answer = self.post(second, sign(self.token, "POST", "/things", b"{}"))
        self.assertEqual(answer.status, 200)
        self.assert_refused(self.post(second, captured), 503, "replay_state_lost", "G10")


if __name__ == "__main__":
    unittest.main()
