"""The command line as a person at a terminal sees it, and as a script does: progress, and no control codes."""

import json
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest

from support import BINARY, run_kwikgate, wait_until
from terminal import Terminal


class TerminalTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.store = self.folder / "gate"
        self.assertEqual(run_kwikgate("init", "--dir", self.store).returncode, 0)

    def terminal(self):
        terminal = Terminal()
        self.addCleanup(terminal.close)
        return terminal

    def slow_import(self, errors):
        """An import whose input goes on for as long as the test likes."""
        process = subprocess.Popen([BINARY, "token", "import", "-", "--store", str(self.store)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=errors)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, 60)
        line = json.dumps({"name": "Shop", "sections": ["payments"]}) + "\n"
        process.stdin.write(line.encode() * 3000)
        process.stdin.flush()
        return process

    def test_a_long_import_tells_how_far_it_is_and_cleans_up(self):
        terminal = self.terminal()
        process = self.slow_import(terminal.theirs)
        wait_until(lambda: " lines read, 1 s" in terminal.text, "progress")
        process.stdin.close()
        issued = process.stdout.read().decode().splitlines()
        self.assertEqual(process.wait(60), 0)
        terminal.close()
        self.assertEqual(len(issued), 3000)
        self.assertTrue(all(json.loads(line)["api_secret"] for line in issued), "progress is no part of the result")
        last = terminal.text.rsplit("\r\n", 2)[-2].split("\r")
        self.assertEqual(last[-1], "imported 3000 tokens")
        self.assertNotIn("\x1b", terminal.text)

    def test_a_script_sees_none_of_it(self):
        process = self.slow_import(subprocess.PIPE)
        threading.Timer(1.5, process.stdin.close).start()  # Longer than progress waits before it shows.
        self.assertEqual(len(process.stdout.read().splitlines()), 3000)
        self.assertEqual(process.stderr.read().decode(), "imported 3000 tokens\n")
        process.stderr.close()

    def test_a_new_secret_is_told_in_lines(self):
        made = run_kwikgate("token", "create", "--store", self.store, "--name", "Shop", "--section", "payments")
        token = re.search(r"tok_\w+", made.stdout).group()
        lines = run_kwikgate("token", "rotate", token, "--store", self.store, "--overlap", "1h").stdout.splitlines()
        self.assertEqual(lines[0], f"New secret for token {token}: Shop")
        self.assertRegex(lines[1], r"^The old secret works until 20\d\d-\d\d-\d\d \d\d:\d\d UTC\.$")

    def test_messages_have_one_form(self):
        config = self.store / "kwikgate.json"
        for arguments in (["token", "create", "--store", self.store, "--name", "", "--section", "payments"],
                          ["token", "create", "--store", self.store, "--name", "n", "--section", "nowhere"],
                          ["token", "create", "--store", self.store, "--name", "n", "--section", "payments", "--rate", "0"],
                          ["token", "create", "--store", self.store, "--name", "n", "--section", "payments", "--allow-ip", "x"],
                          ["token", "create", "--store", self.store, "--name", "n", "--section", "payments", "--expires", "2001-01-01T00:00:00Z"],
                          ["token", "show", "tok_x", "--config", config], ["token", "list", "--store", self.folder],
                          ["admin", "key", "delete", "adm_x", "--config", config], ["admin", "login-link", "adm_x", "--config", config],
                          ["store", "backup", "--store", self.store, "--to", self.folder],
                          ["store", "restore", "--from", self.folder, "--store", self.folder / "new"], ["init", "--dir", self.store],
                          ["serve", "--config", self.folder / "none"],
                          ["sign", "GET", "nowhere"], ["explain", "--config", config, "--request", self.folder / "none"],
                          ["routes", "check", self.folder / "none", "--config", config], ["audit", "--store", self.folder]):
            with self.subTest(arguments):
                done = run_kwikgate(*arguments, env={"KWIKGATE_API_KEY": "k", "KWIKGATE_API_SECRET": "s"})
                self.assertIn(done.returncode, (1, 2))
                self.assertEqual(done.stdout, "")
                last = done.stderr.splitlines()[-1]
                self.assertRegex(last, r"^kwikgate(?: [a-z-]+)*: (?![A-Z][a-z ]).*[^.]$")

    def test_a_command_that_is_not_there_is_told_by_its_name(self):
        for arguments, message in ((["tokn", "list"], 'kwikgate: there is no command "tokn", did you mean "token"? (see'),
                                   (["token", "lsit"], 'kwikgate token: there is no command "lsit", did you mean "list"? (see'),
                                   (["store", "polish"], 'kwikgate store: there is no command "polish" (see'),
                                   (["store"], "kwikgate store: name a command (see"),
                                   ([], "kwikgate: name a command (see")):
            done = run_kwikgate(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertTrue(done.stderr.startswith(message), done.stderr)

    def test_nothing_is_coloured(self):
        run_kwikgate("token", "create", "--store", self.store, "--name", "Shop", "--section", "payments")
        for arguments in (["--help"], ["token", "--help"], ["token", "list", "--store", self.store], ["token", "nonsense"],
                          ["store", "stat", "--store", self.store], ["check", "--config", self.store / "kwikgate.json"]):
            with self.subTest(arguments):
                terminal = self.terminal()
                subprocess.run([BINARY, *map(str, arguments)], stdin=terminal.theirs, stdout=terminal.theirs, stderr=terminal.theirs,
                               timeout=60, check=False)
                terminal.close()
                self.assertGreater(len(terminal.text), 20)
                self.assertNotIn("\x1b", terminal.text)


if __name__ == "__main__":
    unittest.main()
