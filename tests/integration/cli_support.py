"""What the tests of the command line share: a store in a folder of its own, and commands that succeed or are refused in one line."""

import json
import os
import pathlib
import shutil
import stat
import tempfile
import unittest

from support import run_kwikgate


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


class CliTest(unittest.TestCase):
    """`home` is where the gateway lies, in the folder `scratch`."""

    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-cli-"))
        self.addCleanup(shutil.rmtree, self.scratch, True)
        self.home = self.scratch / "home"

    def ok(self, *arguments, **options):
        done = run_kwikgate(*arguments, **options)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}")
        return done.stdout

    def refused(self, code, *arguments, **options):
        """The one clear line on standard error."""
        done = run_kwikgate(*arguments, **options)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout} {done.stderr}")
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("kwikgate"), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def init(self):
        return json.loads(self.ok("init", "--dir", self.home, "--json"))

    def create(self, *extra, name="Shop", section="payments"):
        return json.loads(self.ok("token", "create", "--store", self.home, "--name", name,
                                  "--section", section, "--json", *extra))

    def show(self, token):
        return json.loads(self.ok("token", "show", token, "--store", self.home, "--json"))

    def listed(self):
        return json.loads(self.ok("token", "list", "--store", self.home, "--json"))

    def audited(self, *extra):
        text = self.ok("audit", "--store", self.home, "--json", *extra)
        return [json.loads(line) for line in text.splitlines()]
