"""`kwikgate store rekey`: the master key changes, no secret is lost, whenever it is interrupted."""

import json
import random
import signal
import stat
import subprocess
import time
import unittest

from support import BINARY, NO_LIMIT, GatewayTest, Token, run_kwikgate

ROUTES = [{"method": "GET", "path": "/things", "section": "payments"}]


class RekeyTest(GatewayTest):
    def setUp(self):
        self.gate = self.gateway({"kwik": [self.upstream().url]}, routes=ROUTES, config=NO_LIMIT, start=False)
        self.key_file = self.gate.folder / "master.key"

    def import_tokens(self, count):
        lines = "".join(json.dumps({"name": f"Shop {number}", "sections": ["payments"]}) + "\n" for number in range(count))
        made = self.gate.kwikgate("token", "import", "-", stdin=lines)
        return [Token.of(json.loads(line)) for line in made.splitlines()]

    def rekey(self, *arguments):
        return json.loads(self.gate.kwikgate("store", "rekey", "--json", *arguments))

    def refused(self, *arguments):
        done = run_kwikgate(*arguments, "--config", self.gate.config_file)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
        return done.stderr

    def assert_all_work(self, tokens):
        self.gate.start()
        with self.gate.client() as client:
            for token in tokens:
                self.assertEqual(client.request("GET", "/things", {"Authorization": token.basic}).status, 200)
        self.assertEqual(self.gate.stop(), 0)

    def test_every_secret_works_as_before(self):
        tokens = self.import_tokens(30)
        rotated = json.loads(self.gate.kwikgate("token", "rotate", tokens[0].id, "--overlap", "1h", "--json"))
        tokens.append(Token(tokens[0].id, tokens[0].key, rotated["api_secret"], ""))
        before = self.key_file.read_bytes()
        listed = self.gate.kwikgate("token", "list", "--json")
        made = self.rekey()
        self.assertEqual((made["tokens"], made["was_done"]), (30, False))
        self.assertNotEqual(self.key_file.read_bytes(), before)
        self.assertEqual(stat.S_IMODE(self.key_file.stat().st_mode), 0o600)
        old = self.gate.folder / made["old_master_key_file"]
        self.assertEqual((old.read_bytes(), stat.S_IMODE(old.stat().st_mode)), (before, 0o600))
        self.assertEqual(sorted(path.name for path in self.gate.folder.glob("master.key*")),
                         ["master.key", old.name])
        self.assertEqual(self.gate.kwikgate("token", "list", "--json"), listed)
        self.assertIn("store.rekey", self.gate.kwikgate("audit", "--json"))
        self.assert_all_work(tokens)

    def test_it_is_refused_while_a_gateway_serves(self):
        tokens = self.import_tokens(1)
        self.gate.start()
        before = self.key_file.read_bytes()
        self.assertIn("stop the gateway", self.refused("store", "rekey"))
        self.assertEqual(self.key_file.read_bytes(), before)
        self.gate.kwikgate("token", "list")  # Others may look and change as ever.
        self.gate.create_token("payments")
        self.gate.stop(signal.SIGKILL)
        self.rekey()  # What a killed gateway held is free.
        self.assert_all_work(tokens)

    def test_a_key_in_another_place(self):
        tokens = self.import_tokens(3)
        before = self.key_file.read_bytes()
        other = self.gate.folder / "next.key"
        made = self.rekey("--new-master-key-file", other)
        self.assertEqual((made["tokens"], made["master_key_file"], made["old_master_key_file"]), (3, str(other), None))
        self.assertEqual(self.key_file.read_bytes(), before)
        self.assertIs(self.rekey("--new-master-key-file", other)["was_done"], True)
        self.assertIn("not the one of this store", self.refused("token", "rotate", tokens[0].id))
        self.gate.config["store"]["master_key_file"] = "next.key"
        self.gate.write_config()
        self.assert_all_work(tokens)

    def test_a_wrong_key_changes_nothing(self):
        tokens = self.import_tokens(2)
        right = self.key_file.read_bytes()
        self.key_file.write_bytes(b"ab" * 32 + b"\n")
        self.assertIn("master.key.new", self.refused("store", "rekey"))
        (self.gate.folder / "master.key.new").write_bytes(b"cd" * 32 + b"\n")
        (self.gate.folder / "master.key.new").chmod(0o600)
        self.assertIn("neither", self.refused("store", "rekey"))
        self.key_file.write_bytes(right)
        self.rekey()
        self.assert_all_work(tokens)

    def test_each_interrupted_state_is_finished_by_the_next_run(self):
        tokens = self.import_tokens(2)
        pending = self.gate.folder / "master.key.new"
        pending.write_bytes(b"half a k")  # Cut while the new key was written.
        self.assertIs(self.rekey()["was_done"], False)
        self.assertFalse(pending.exists())
        # Cut between the transaction and the change of names.
        before = self.key_file.read_bytes()
        self.rekey("--new-master-key-file", pending)
        self.assertIn("run it again", self.refused("serve"))
        self.assertIn("run it again", self.refused("token", "rotate", tokens[0].id))
        made = self.rekey()
        self.assertEqual((made["was_done"], pending.exists()), (True, False))
        old_file = self.gate.folder / made["old_master_key_file"]
        self.assertEqual(old_file.read_bytes(), before)
        # The same, cut while the old key was written under its new name.
        pending.write_bytes(self.key_file.read_bytes())
        pending.chmod(0o600)
        self.key_file.write_bytes(before)
        for part in (b"", before[:20]):
            old_file.write_bytes(part)
            self.assertIs(self.rekey()["was_done"], True)
            self.assertEqual(old_file.read_bytes(), before)
            pending.write_bytes(self.key_file.read_bytes())
            pending.chmod(0o600)
            self.key_file.write_bytes(before)
        self.rekey()
        # A file that is not a part of a key is nobody's to remove.
        old_file.write_bytes(b"x" * 100)
        pending.write_bytes(self.key_file.read_bytes())
        pending.chmod(0o600)
        self.key_file.write_bytes(before)
        self.assertIn("is in the way", self.refused("store", "rekey"))
        old_file.write_bytes(before)
        self.rekey()
        self.assert_all_work(tokens)

    def test_killed_at_any_moment_no_secret_is_lost(self):
        tokens = self.import_tokens(1500)
        command = [BINARY, "store", "rekey", "--config", str(self.gate.config_file)]
        begun = time.monotonic()
        self.rekey()
        whole = time.monotonic() - begun
        dice = random.Random(3)
        killed, finished = 0, 0
        for _ in range(40):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            time.sleep(dice.uniform(0, whole * 1.1))
            process.send_signal(signal.SIGKILL)
            process.stderr.close()
            if process.wait() == -signal.SIGKILL:
                killed += 1
            check = run_kwikgate("check", "--config", self.gate.config_file)
            if check.returncode != 0:
                finished += 1
                self.assertIn("run it again", check.stderr)
                self.assertIs(self.rekey()["was_done"], True)
                self.gate.kwikgate("check")
        self.assertGreater(killed, 10)
        self.assertEqual(self.gate.kwikgate("store", "verify"), "The store is sound.\n")
        self.rekey()  # Opens and seals every secret: one that was lost would stop it.
        self.assert_all_work(dice.sample(tokens, 200))


if __name__ == "__main__":
    unittest.main()
