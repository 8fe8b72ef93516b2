"""A secret that is shown once is shown before it counts, or it does not count: whatever ends the command, and wherever its output goes."""

import contextlib
import fcntl
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from support import BINARY, run_kwikgate, wait_until

TOKENS = 3000  # Their lines are more than a pipe holds.


class ShownOnceTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.store = self.folder / "gate"
        self.assertEqual(run_kwikgate("init", "--dir", self.store).returncode, 0)
        line = json.dumps({"name": "Shop", "sections": ["payments"]}) + "\n"
        self.input = self.folder / "tokens.ndjson"
        self.input.write_text(line * TOKENS)

    def start(self, *arguments, stdout=subprocess.PIPE, store=True):
        process = subprocess.Popen([BINARY, *map(str, arguments), *(["--store", str(self.store)] if store else [])],
                                   stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.stderr.close)
        if process.stdout:
            self.addCleanup(process.stdout.close)
        return process

    def ended(self, *arguments, stdout):
        process = self.start(*arguments, stdout=stdout)
        return process.wait(60), process.stderr.read().decode()

    def full_disk(self):
        return self.enterContext(open("/dev/full", "wb"))

    def closed_pipe(self):
        ours, theirs = os.pipe()
        os.close(ours)
        self.addCleanup(os.close, theirs)
        return theirs

    def full_pipe(self):
        """Both ends of a pipe that takes nothing more until somebody reads."""
        ours, theirs = os.pipe()
        flags = fcntl.fcntl(theirs, fcntl.F_GETFL)
        fcntl.fcntl(theirs, fcntl.F_SETFL, flags | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(theirs, b" " * 4096)
        fcntl.fcntl(theirs, fcntl.F_SETFL, flags)
        return os.fdopen(ours, "rb"), os.fdopen(theirs, "wb")

    def listed(self, what="token"):
        command = ["token", "list"] if what == "token" else ["admin", "key", "list"]
        return json.loads(run_kwikgate(*command, "--store", self.store, "--json").stdout)

    def create(self):
        return ["token", "create", "--name", "Shop", "--section", "payments"]

    def made(self):
        return json.loads(run_kwikgate(*self.create(), "--store", self.store, "--json").stdout)

    def export(self):
        """All that the store holds of the tokens, the sealed secrets among it."""
        return run_kwikgate("token", "export", "--sealed", "--store", self.store).stdout

    def interrupted_while_it_waits_to_print(self, *arguments, is_done, store=True):
        """Its output, of which it could write nothing before the signal."""
        ours, theirs = self.full_pipe()
        with ours:
            with theirs:
                process = self.start(*arguments, stdout=theirs, store=store)
            wait_until(is_done, "the change")
            process.send_signal(signal.SIGINT)
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(0.3)
            text = ours.read().decode().lstrip(" ")
        self.assertEqual(process.wait(60), -signal.SIGINT)
        return text

    def test_an_interrupted_creation_shows_its_secret_first(self):
        text = self.interrupted_while_it_waits_to_print(*self.create(), is_done=self.listed)
        self.assertRegex(text, r"API_SECRET  kwk_live_sk_\w{70}\n")
        before = len(self.listed("admin"))
        text = self.interrupted_while_it_waits_to_print("admin", "key", "create", "--name", "me",
                                                        is_done=lambda: len(self.listed("admin")) > before)
        self.assertRegex(text, r"ADMIN_KEY  kwk_admin_\w{43}\n")

    def test_an_interrupted_init_shows_its_admin_key_and_is_whole(self):
        made = self.folder / "other"
        text = self.interrupted_while_it_waits_to_print("init", "--dir", made, is_done=(made / "kwikgate.json").exists, store=False)
        self.assertRegex(text, r"ADMIN_KEY  kwk_admin_\w{43}\n")
        self.assertEqual(run_kwikgate("token", "list", "--config", made / "kwikgate.json").returncode, 0)

    def test_what_nobody_could_read_is_not_created(self):
        for stdout in (self.full_disk(), self.closed_pipe()):
            for command, told in ((self.create(), "token"), (["admin", "key", "create", "--name", "me"], "key")):
                before = self.listed(told)
                status, said = self.ended(*command, stdout=stdout)
                self.assertEqual(status, 1)
                self.assertRegex(said, f"^kwikgate: cannot write to standard output: .*; the {told} was not created\n$")
                self.assertEqual(self.listed(told), before)

    def test_a_rotation_that_nobody_could_read_changes_nothing(self):
        token = self.made()["id"]
        before = self.export()
        file = self.folder / "secret"
        for stdout in (self.full_disk(), self.closed_pipe()):
            for more in ([], ["--api-secret-file", file]):
                status, said = self.ended("token", "rotate", token, "--overlap", "0", *more, stdout=stdout)
                self.assertEqual(status, 1)
                self.assertRegex(said, "^kwikgate: cannot write to standard output: .*; the token keeps the secret that it has\n$")
                self.assertEqual(self.export(), before)
                self.assertFalse(file.exists())

    def test_an_import_that_nobody_could_read_imports_nothing(self):
        for stdout in (self.full_disk(), self.closed_pipe()):
            status, said = self.ended("token", "import", self.input, stdout=stdout)
            self.assertEqual(status, 1)
            self.assertRegex(said, "^kwikgate: nothing was imported: cannot write to standard output: .*\n$")
            self.assertEqual(self.listed(), [])

    def test_an_import_whose_output_waits_has_imported_nothing(self):
        process = self.start("token", "import", self.input)
        self.assertIn("api_secret", json.loads(process.stdout.readline()))
        self.assertEqual(self.listed(), [])
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), -signal.SIGINT)
        self.assertEqual(self.listed(), [])

    def test_an_import_that_fails_after_its_output_says_what_that_is(self):
        known = {"name": "Old", "sections": ["payments"], "api_key": "known-before", "api_secret": "known-before"}
        self.input.write_text(json.dumps(known) + "\n")
        self.assertEqual(run_kwikgate("token", "import", self.input, "--store", self.store).returncode, 0)
        self.input.write_text(json.dumps({"name": "New", "sections": ["payments"]}) + "\n" + json.dumps(known) + "\n")
        done = run_kwikgate("token", "import", self.input, "--store", self.store)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertRegex(done.stderr, "nothing was imported: line 2: .*; what was printed are the credentials of no token\n$")
        file = self.folder / "made.ndjson"
        done = run_kwikgate("token", "import", self.input, "--output", file, "--store", self.store)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("printed", done.stderr)
        self.assertFalse(file.exists())
        self.assertEqual([token["name"] for token in self.listed()], ["Old"])

    def test_whenever_an_import_ends_its_file_has_the_secrets_of_its_tokens(self):
        file = self.folder / "made.ndjson"
        empty = self.folder / "empty"
        shutil.copytree(self.store, empty)
        begun = time.monotonic()
        process = self.start("token", "import", self.input, "--output", file, stdout=subprocess.DEVNULL)
        self.assertEqual(process.wait(60), 0)
        whole = time.monotonic() - begun
        for turn in range(24):
            file.unlink(missing_ok=True)
            shutil.rmtree(self.store)
            shutil.copytree(empty, self.store)
            end = (signal.SIGINT, signal.SIGKILL)[turn % 2]
            process = self.start("token", "import", self.input, "--output", file, stdout=subprocess.DEVNULL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(whole * random.uniform(0.2, 1))
            process.send_signal(end)
            process.wait(60)
            stored = {token["id"] for token in self.listed()}
            handed = {json.loads(line)["id"] for line in file.read_text().splitlines()} if stored else set()
            self.assertEqual(stored, handed)
            self.assertIn(len(stored), (0, TOKENS))
            if end == signal.SIGINT:
                self.assertEqual(file.exists(), bool(stored))
            said = process.stderr.read().decode()
            self.assertLessEqual(bool(re.search("^imported", said)), bool(stored), said)


if __name__ == "__main__":
    unittest.main()
