"""Commands that root runs on a store of somebody else: no link of that user is followed, and all that is made is the user's."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from support import BINARY, run_kwikgate, wait_until

USER, GROUP = 54321, 54322
LOCKS = ("lock.mdb", "hold.lock", "serve.lock")


@unittest.skipUnless(os.geteuid() == 0, "only root can act for somebody else")
class RootTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.folder.chmod(0o755)
        self.theirs = self.folder / "theirs"
        self.theirs.mkdir(mode=0o700)
        os.chown(self.theirs, USER, GROUP)
        self.secret = self.folder / "secret"

    def make_gate(self):
        """A store in the user's folder; configuration and key are root's."""
        self.gate = self.folder / "gate"
        self.kwikgate("init", "--dir", self.gate)
        self.config = self.gate / "kwikgate.json"
        config = json.loads(self.config.read_text())
        self.store = self.theirs / "store"
        config["store"]["path"] = str(self.store)
        config["listeners"] = [{"address": "127.0.0.1:0"}]
        config["admin"] = {"address": ""}
        self.config.write_text(json.dumps(config))
        self.kwikgate("store", "create", "--config", self.config)
        self.kwikgate("token", "create", "--config", self.config, "--name", "x", "--section", "payments")

    def run_all(self):
        """Every command that opens a store, with its status."""
        config = ("--config", self.config)
        new = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        commands = [("token", "create", *config, "--name", "y", "--section", "payments"), ("token", "list", *config),
                    ("token", "export", "--sealed", *config), ("token", "review", *config),
                    ("audit", *config), ("admin", "key", "create", *config, "--name", "me", "--role", "viewer"),
                    ("admin", "key", "list", *config), ("store", "stat", *config), ("store", "verify", *config),
                    ("store", "backup", *config, "--to", new / "backup"), ("store", "rekey", *config), ("check", *config),
                    ("store", "restore", "--from", self.store, "--store", new / "restored")]
        return {" ".join(map(str, command[:3])): run_kwikgate(*command) for command in commands}

    def kwikgate(self, *arguments):
        done = run_kwikgate(*arguments)
        self.assertEqual(done.returncode, 0, (arguments, done.stderr))
        return done.stdout

    def assert_owned_by(self, user, folder):
        paths = [folder, *folder.rglob("*")]
        self.assertEqual({str(path): path.lstat().st_uid for path in paths}, {str(path): user for path in paths})
        return len(paths)

    def test_what_root_makes_in_a_users_folder_is_the_users(self):
        self.make_gate()
        self.assertEqual([command for command, done in self.run_all().items() if done.returncode != 0], [])
        self.kwikgate("store", "backup", "--config", self.config, "--to", self.theirs / "backup")
        self.kwikgate("store", "restore", "--from", self.theirs / "backup", "--store", self.theirs / "restored")
        self.kwikgate("init", "--dir", self.theirs / "gate")
        self.assertGreater(self.assert_owned_by(USER, self.theirs), 12)
        self.assert_owned_by(0, self.gate)

    def test_a_new_key_belongs_to_whoever_has_the_present_one(self):
        self.make_gate()
        key = self.gate / "master.key"
        os.chown(key, USER, GROUP)
        self.kwikgate("store", "rekey", "--config", self.config)
        self.assertEqual((key.stat().st_uid, key.stat().st_mode & 0o777), (USER, 0o600))

    def plant(self, path, make):
        """Puts a link to something of root's there; returns what puts things right again."""
        self.secret.write_text("of root")
        self.secret.chmod(0o600)
        aside = self.theirs / "aside"
        if was_there := os.path.lexists(path):
            path.rename(aside)
        make(path)

        def mend():
            os.unlink(path)
            if was_there:
                aside.rename(path)
        return mend

    def test_no_link_in_a_store_is_followed(self):
        self.make_gate()
        missing = self.folder / "missing"
        links = {"symbolic": lambda path: path.symlink_to(self.secret), "dangling": lambda path: path.symlink_to(missing),
                 "hard": lambda path: os.link(self.secret, path)}
        for name in ("data.mdb", *LOCKS):
            for kind, make in links.items():
                mend = self.plant(self.store / name, make)
                for command, done in self.run_all().items():
                    with self.subTest(file=name, link=kind, command=command):
                        self.assertEqual(done.returncode, 1, done.stdout)
                        self.assertEqual(self.secret.read_text(), "of root")
                        self.assertEqual((self.secret.stat().st_uid, self.secret.stat().st_mode & 0o777), (0, 0o600))
                        self.assertFalse(missing.exists())
                mend()
        self.assertEqual([command for command, done in self.run_all().items() if done.returncode != 0], [])

    def test_the_message_names_what_is_to_be_done(self):
        self.make_gate()
        mend = self.plant(self.store / "lock.mdb", lambda path: path.symlink_to(self.secret))
        done = run_kwikgate("token", "list", "--config", self.config)
        self.assertIn("is a link or belongs to another user", done.stderr)
        mend()

    def test_a_gateway_that_root_starts_follows_none_either(self):
        self.make_gate()
        state = self.store / "replay.state"
        for name in (*LOCKS, "replay.state", "replay.state.new", "replay.state.unusable"):
            mend = self.plant(self.store / name, lambda path: path.symlink_to(self.secret))
            status = self.serve_once()
            with self.subTest(name):
                self.assertEqual(status, 1 if name in LOCKS else 0)
                self.assertEqual(self.secret.read_text(), "of root")
                self.assertEqual(self.secret.stat().st_uid, 0)
            if os.path.lexists(self.store / name):
                mend()
            else:
                self.assertFalse(os.path.lexists(self.theirs / "aside"))
            for path in self.store.glob("replay.state*"):
                path.unlink()
        self.assertEqual(self.serve_once(), 0)
        self.assertTrue(state.exists())
        self.assert_owned_by(USER, self.store)

    def serve_once(self):
        """Starts a gateway as root, ends it, and returns its status."""
        log = self.folder / "log"
        with open(log, "wb") as out:
            process = subprocess.Popen([BINARY, "serve", "--config", str(self.config)], stdout=out, stderr=out)
        wait_until(lambda: process.poll() is not None or "listening on" in log.read_text(), "the start")
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        return process.wait(timeout=60)


if __name__ == "__main__":
    unittest.main()
