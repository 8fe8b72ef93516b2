"""One gateway serves from a store. Another one waits for it, and what the first accepted passes at no other."""

import json
import signal
import socket
import unittest

from serving_support import ServingTest
from support import run_kwikgate, wait_until


class ServingTurnTest(ServingTest):
    def waiting_for(self, first):
        other = self.neighbour(first).launch()
        wait_until(lambda: f"is served by process {first.process.pid} on host {socket.gethostname()}: waiting"
                   in other.log_text(), "the other gateway to wait")
        return other

    def test_another_gateway_waits_in_vain_and_names_the_one_that_serves(self):
        self.set_up(timeouts={"drain": "100ms"})
        other = self.waiting_for(self.gate)
        self.assertEqual(other.process.wait(timeout=60), 1)
        other.process = None
        said = other.log_text().splitlines()[-1]
        self.assertIn(f"process {self.gate.process.pid} on host {socket.gethostname()}", said)
        self.assertIn("another gateway serves from it", said)
        self.assertEqual(self.send(self.gate, self.write()).status, 200)
        self.assertEqual(self.gate.stop(), 0)

    def test_the_one_that_waits_takes_over_and_forgets_no_nonce(self):
        self.set_up()
        captured = self.captured(self.gate)
        other = self.waiting_for(self.gate)
        self.assertEqual(self.gate.stop(), 0)
        other.wait_until_up()
        for write in captured:
            self.assert_refused(self.send(other, write), 401, "nonce_replayed")
        self.assertEqual(self.send(other, self.write()).status, 200)
        self.assert_accepted_once()

    def test_after_a_crash_of_the_first_the_second_trusts_nothing_from_before(self):
        self.set_up()
        captured = self.captured(self.gate)
        other = self.waiting_for(self.gate)
        self.gate.stop(signal.SIGKILL)
        other.wait_until_up()
        for write in captured:
            self.assert_refused(self.send(other, write), 503, "replay_state_lost")
        self.assert_accepted_once()

    def test_the_first_lets_go_only_when_its_requests_are_over(self):
        answers = socket.socketpair()
        self.addCleanup(lambda: [end.close() for end in answers])
        self.set_up()

        at_once = self.seen_by.answer

        def late(seen):
            answers[0].recv(1)
            return at_once(seen)
        self.seen_by.answer = late
        captured = self.write()
        with self.gate.client() as client:
            client.send_request("POST", "/things", *captured)
            wait_until(lambda: self.seen_by.seen, "the request to be forwarded")
            other = self.waiting_for(self.gate)
            self.gate.send_signal(signal.SIGTERM)
            wait_until(lambda: "draining" in self.gate.log_text(), "the drain")
            self.assertNotIn("listening on", other.log_text())
            answers[1].send(b"x")
            self.assertEqual(client.read_response().status, 200)
        self.seen_by.answer = at_once
        other.wait_until_up()
        self.assert_refused(self.send(other, captured), 401, "nonce_replayed")

    def test_the_one_that_waits_answers_signals_and_changes_nothing(self):
        self.set_up()
        captured = self.captured(self.gate)
        other = self.waiting_for(self.gate)
        other.send_signal(signal.SIGHUP)
        other.send_signal(signal.SIGTERM)
        self.assertEqual(other.process.wait(timeout=20), 0)
        self.assertIn("told to end while waiting", other.log_text())
        self.assertEqual(self.gate.stop(), 0)
        self.gate.start()
        for write in captured:
            self.assert_refused(self.send(self.gate, write), 401, "nonce_replayed")

    def test_a_reload_that_was_asked_for_while_it_waited_comes_after_the_start(self):
        self.set_up()
        other = self.waiting_for(self.gate)
        other.config["routes"] = [*other.config["routes"], {"method": "GET", "path": "/new", "section": "payments"}]
        other.write_config()
        other.send_signal(signal.SIGHUP)
        self.gate.stop()
        wait_until(lambda: "reloaded " in other.log_text(), "the reload")
        with other.client() as client:
            self.assert_refused(client.request("GET", "/new"), 401, "credential_missing")

    def test_a_supervisor_is_told_and_allows_more_time(self):
        self.set_up()
        folder = self.gate.folder
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(told.close)
        told.bind(str(folder / "notify"))
        told.settimeout(20)
        other = self.neighbour(self.gate)
        other.environment = {"NOTIFY_SOCKET": str(folder / "notify")}
        other.launch()
        said = told.recv(4096).decode().splitlines()
        self.assertTrue(said[0].startswith(f"STATUS=waiting for process {self.gate.process.pid} on host "), said)
        self.assertEqual(said[1], "EXTEND_TIMEOUT_USEC=7000000")
        self.gate.stop()
        self.assertIn("READY=1", told.recv(4096).decode())

    def test_the_command_line_works_beside_the_one_that_serves(self):
        self.set_up()
        for command in (("check",), ("store", "stat"), ("token", "list"), ("audit",)):
            self.gate.kwikgate(*command)
        self.assertTrue(self.gate.create_token("payments").id)

    def test_a_lock_that_is_a_link_is_not_followed(self):
        self.set_up()
        self.gate.stop()
        lock, elsewhere = self.gate.folder / "store" / "serve.lock", self.gate.folder / "elsewhere"
        elsewhere.write_text("kept")
        lock.unlink()
        lock.symlink_to(elsewhere)
        done = run_kwikgate("serve", "--config", self.gate.config_file)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is a link or belongs to another user", done.stderr)
        self.assertEqual(elsewhere.read_text(), "kept")

    def test_a_state_file_of_an_earlier_life_is_not_taken(self):
        self.set_up()
        captured = self.captured(self.gate)
        state = self.gate.folder / "store" / "replay.state"
        self.gate.stop()
        kept = state.read_bytes()
        self.gate.start()
        later = self.captured(self.gate, 1) if self.wait_for_writes() else []
        self.gate.stop(signal.SIGKILL)
        # Somebody puts the file of the first end back: it lacks what was accepted since.
        state.write_bytes(kept)
        state.chmod(0o600)
        self.gate.start()
        self.assertIn("is not of the gateway that served from this store last", self.gate.log_text())
        for write in [*captured, *later]:
            self.assert_refused(self.send(self.gate, write), 503, "replay_state_lost")

    def wait_for_writes(self):
        return wait_until(lambda: self.send(self.gate, self.write()).status == 200, "writes to be taken")


class ImportTest(ServingTest):
    """A token is older than the store that it comes into."""

    def test_what_was_accepted_before_a_sealed_import_does_not_pass_after_it(self):
        self.set_up()
        # Another store under the same master key.
        there = self.neighbour(self.gate)
        there.config["store"] = {"path": str(there.folder / "store"), "master_key_file": str(self.gate.folder / "master.key")}
        there.write_config()
        there.kwikgate("store", "create")
        there.start()
        captured = self.captured(self.gate)
        sealed = self.gate.kwikgate("token", "export", "--sealed")
        there.kwikgate("token", "import", "-", stdin=sealed)
        for write in captured:
            self.assert_refused(self.send(there, write), 503, "replay_state_lost")
        # A new one is signed, and passes once the other clock's advance is over.
        wait_until(lambda: self.send(there, self.write()).status == 200, "writes to be taken")
        for write in captured:
            self.assert_refused(self.send(there, write), 503, "replay_state_lost")
        self.assert_accepted_once()

    def test_credentials_that_were_brought_along_are_older_than_the_store_too(self):
        self.set_up()
        there = self.gateway({"kwik": [self.seen_by.url]}, routes=self.gate.config["routes"],
                             config={"signature": {"max_ahead": "1s"}})
        captured = self.captured(self.gate)
        there.kwikgate("token", "import", "-", stdin=json.dumps({
            "name": "Moved", "sections": ["payments"], "permissions": "read-write",
            "api_key": self.token.key, "api_secret": self.token.secret}))
        for write in captured:
            self.assert_refused(self.send(there, write), 503, "replay_state_lost")
        wait_until(lambda: self.send(there, self.write()).status == 200, "writes to be taken")
        self.assert_accepted_once()

    def test_a_new_token_writes_at_once(self):
        self.set_up()
        fresh = self.gate.create_token("payments")
        self.assertEqual(self.send(self.gate, self.write(fresh)).status, 200)


if __name__ == "__main__":
    unittest.main()
