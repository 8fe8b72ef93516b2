"""A worker that cannot keep up turns a share of the requests away, at once, and stops doing so when it can."""

import signal
import time
import unittest

from admin_client import AdminClient
from relay_support import RelayTest
from support import RecordingUpstream, wait_until


class OverloadTest(RelayTest):
    def setUp(self):
        self.recorder = self.upstream(lambda seen: RecordingUpstream.reply(b"{}"))
        self.gate = self.relay(self.recorder, config={"limits": {"max_delay": "300ms"}})

    def tearDown(self):
        self.gate.process.send_signal(signal.SIGCONT)

    def hold_back(self, seconds):
        """The worker gets a fortieth of its time: whatever is ready waits for it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.gate.process.send_signal(signal.SIGSTOP)
            time.sleep(0.8)
            self.gate.process.send_signal(signal.SIGCONT)
            time.sleep(0.02)

    def ask(self):
        with self.gate.client() as client:
            return client.request("GET", "/relay/x", self.auth)

    def shed_ratio(self):
        return AdminClient.of(self.gate).metrics().sum("kwikgate_worker_shed_ratio")

    def told(self, text):
        """How many lines of the log say so."""
        return sum(text in line for line in self.gate.log_text().splitlines())

    def test_a_share_is_shed_while_the_worker_is_late_and_none_once_it_keeps_up(self):
        self.assertEqual(self.ask().status, 200)
        self.assertEqual(self.shed_ratio(), 0)
        self.hold_back(4)
        with self.gate.client() as kept:
            seen = [kept.request("POST", "/relay/x", self.auth, b"{}") for _ in range(12)]
        shed = [answer for answer in seen if answer.status != 200]
        self.assertTrue(shed)
        for answer in shed:
            self.assert_refused(answer, 503, "overloaded", "G10")
            self.assertGreaterEqual(int(answer.field("retry-after")), 1)
            # To connect anew would cost more than what was refused.
            self.assertEqual(answer.field("connection"), "keep-alive")
        line = self.gate.logged(shed[0].field("x-request-id"))
        self.assertEqual((line["reason"], line["status"]), ("overloaded", 503))
        self.assertEqual(len(self.recorder.seen), 1 + len(seen) - len(shed))

        wait_until(lambda: self.told("ms late: a share of new requests is shed (503 overloaded)"), "the log to tell so")

        wait_until(lambda: self.shed_ratio() == 0, "the worker to recover")
        wait_until(lambda: self.told("all workers keep up again"), "the log to tell so", seconds=60)
        self.assertIn(f"all workers keep up again: {len(shed)} requests were answered 503 overloaded in", self.gate.log_text())
        self.assertEqual(self.told("is shed"), 1, "once, not once a request")
        self.assertEqual([self.ask().status for _ in range(50)], [200] * 50)


if __name__ == "__main__":
    unittest.main()
