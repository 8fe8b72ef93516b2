"""A restart is no replay window: what was accepted before it is not accepted again after it, however it came about."""

import signal
import stat
import time
import unittest

from signer import sign
from support import GatewayTest

ROUTES = [{"method": "GET", "path": "/things", "section": "payments"},
          {"method": "POST", "path": "/things", "section": "payments"}]
COUNT = 50


class RestartTest(GatewayTest):
    def set_up(self, workers=2, **config):
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES, config=config, workers=workers)
        self.token = self.gate.create_token("payments")

    def sign(self, **options):
        return sign(self.token, "POST", "/things", b"{}", **options)

    def send_all(self, captured):
        with self.gate.client() as client:
            return [client.request("POST", "/things", fields, b"{}") for fields in captured]

    def capture(self):
        """Signed POSTs that were accepted, as somebody on the path has them."""
        captured = [self.sign() for _ in range(COUNT)]
        self.assertEqual({answer.status for answer in self.send_all(captured)}, {200})
        self.assertEqual(len(self.seen_by.seen), COUNT)
        self.seen_by.seen.clear()
        return captured

    def test_a_clean_restart_forgets_no_nonce(self):
        self.set_up()
        captured = self.capture()
        for _ in range(3):
            self.assertEqual(self.gate.stop(), 0)
            state = self.gate.folder / "store" / "replay.state"
            self.assertEqual(stat.S_IMODE(state.stat().st_mode), 0o600)
            self.gate.start()
            self.assertFalse(state.exists(), "a crash could bring the old state back")
            for answer in self.send_all(captured):
                self.assert_refused(answer, 401, "nonce_replayed", "G01")
            self.assertEqual(self.seen_by.seen, [])
        self.assertEqual(self.send_all([self.sign()])[0].status, 200)

    def test_after_a_crash_what_was_signed_before_is_not_forwarded(self):
        self.set_up(signature={"max_ahead": "1s"})
        captured = self.capture()
        fresh_before = self.sign()
        self.assertEqual(self.gate.stop(signal.SIGKILL), -signal.SIGKILL)
        self.gate.start()
        for answer in self.send_all([*captured, fresh_before]):
            self.assert_refused(answer, 503, "replay_state_lost", "G10")
            self.assertIsNone(answer.field("www-authenticate"))
            self.assertGreaterEqual(int(answer.field("retry-after")), 1)
        self.assertEqual(self.seen_by.seen, [])
        # The client does as it is told: waits, signs again, and passes.
        while True:
            answer = self.send_all([self.sign()])[0]
            if answer.status == 200:
                break
            self.assert_refused(answer, 503, "replay_state_lost", "G10")
            self.assertLessEqual(int(answer.field("retry-after")), 3)
            time.sleep(int(answer.field("retry-after")))
        self.assertEqual(len(self.seen_by.seen), 1)
        for answer in self.send_all(captured):
            self.assertIn(answer.status, (401, 503))
        self.assertEqual(len(self.seen_by.seen), 1)

    def test_a_clean_restart_after_a_crash_brings_nothing_back(self):
        self.set_up(signature={"max_ahead": "1s"})
        captured = self.capture()
        self.gate.stop(signal.SIGKILL)
        self.gate.start()
        for _ in range(2):
            self.assertEqual(self.gate.stop(), 0)
            self.gate.start()
            self.assertIn("replay state is lost: writes signed up to", self.gate.log_text())
            for answer in self.send_all(captured):
                self.assert_refused(answer, 503, "replay_state_lost", "G10")
        self.assertEqual(self.seen_by.seen, [])

    def test_reads_pass_after_a_crash(self):
        self.set_up()
        fields = sign(self.token, "GET", "/things")
        self.gate.stop(signal.SIGKILL)
        self.gate.start()
        with self.gate.client() as client:
            self.assertEqual(client.request("GET", "/things", fields).status, 200)

    def test_a_crash_may_be_accepted_if_the_configuration_says_so(self):
        self.set_up(replay={"after_crash": "accept"})
        captured = self.capture()
        self.gate.stop(signal.SIGKILL)
        self.gate.start()
        self.assertIn("earlier signatures pass", self.gate.log_text())
        self.assertEqual(self.send_all(captured[:1])[0].status, 200)

    def test_a_damaged_state_is_a_lost_one(self):
        self.set_up()
        captured = self.capture()
        self.gate.stop()
        state = self.gate.folder / "store" / "replay.state"
        whole = state.read_bytes()
        state.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        self.gate.start()
        for answer in self.send_all(captured):
            self.assert_refused(answer, 503, "replay_state_lost")
        self.assertEqual(self.seen_by.seen, [])

    def test_a_state_that_is_mended_after_the_start_is_not_taken_later(self):
        self.set_up(signature={"max_ahead": "1s"})
        self.capture()
        self.gate.stop()
        state = self.gate.folder / "store" / "replay.state"
        state.chmod(0o644)
        self.gate.start()
        self.assertIn("replay.state.unusable", self.gate.log_text())
        time.sleep(2.1)
        captured = self.capture()
        if state.exists():
            state.chmod(0o600)
        self.gate.stop(signal.SIGKILL)
        self.gate.start()
        for answer in self.send_all(captured):
            self.assert_refused(answer, 503, "replay_state_lost")
        self.assertEqual(self.seen_by.seen, [])

    def test_a_longer_window_after_a_restart_brings_nothing_back(self):
        self.set_up(signature={"max_age": "3s"})
        captured = self.capture()
        time.sleep(4.5)  # Past its time: the nonces may go.
        self.gate.stop()
        self.gate.config["signature"] = {"max_age": "1h"}
        self.gate.write_config()
        self.gate.start()
        for answer in self.send_all(captured):
            self.assert_refused(answer, 503, "replay_state_lost")
        self.assertEqual(self.seen_by.seen, [])
        self.assertEqual(self.send_all([self.sign()])[0].status, 200)

    def test_a_longer_window_by_a_reload_brings_nothing_back(self):
        self.set_up(signature={"max_age": "3s"})
        captured = self.capture()
        time.sleep(4.5)
        self.send_all([self.sign()])
        self.gate.config["signature"] = {"max_age": "1h"}
        self.gate.write_config()
        self.assertTrue(self.gate.reload())
        self.assertEqual({answer.status for answer in self.send_all(captured)} - {401, 503}, set())
        self.gate.stop()
        self.gate.start()
        self.assertEqual({answer.status for answer in self.send_all(captured)} - {401, 503}, set())
        self.assertEqual(len(self.seen_by.seen), 1)


if __name__ == "__main__":
    unittest.main()
