"""The commands that make and take away admin keys."""

import json
import pathlib
import stat
import tempfile
import unittest

from support import run_kwikgate


class AdminKeyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kwikgate-key-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.home = self.folder / "home"
        self.first = json.loads(self.ok("init", "--dir", self.home, "--json"))

    def ok(self, *arguments):
        done = run_kwikgate(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def key(self, *arguments):
        return self.ok("admin", "key", *arguments, "--store", self.home)

    def listed(self):
        return json.loads(self.key("list", "--json"))

    def test_init_makes_the_first(self):
        keys = self.listed()
        self.assertEqual([(k["id"], k["name"], k["role"]) for k in keys], [(self.first["admin_key_id"], "first admin", "admin")])

    def test_create_list_and_delete(self):
        made = json.loads(self.key("create", "--name", "Ann", "--json"))
        self.assertEqual((made["name"], made["role"]), ("Ann", "viewer"))
        self.assertRegex(made["key"], r"^kwk_admin_[0-9A-Za-z]{43}$")
        self.assertNotIn(made["key"], self.key("list") + self.key("list", "--json"))
        self.assertIn("Ann", self.key("list"))
        self.key("delete", made["id"])
        self.assertEqual(len(self.listed()), 1)
        done = run_kwikgate("admin", "key", "delete", made["id"], "--store", self.home)
        self.assertEqual((done.returncode, done.stderr), (1, "kwikgate: there is no such admin key\n"))

    def test_each_change_is_in_the_audit_log_without_the_key(self):
        made = json.loads(self.key("create", "--name", "Ann", "--role", "admin", "--json"))
        self.key("delete", made["id"])
        text = self.ok("audit", "--store", self.home, "--json")
        actions = [json.loads(line)["action"] for line in text.splitlines()]
        self.assertEqual(actions[-2:], ["admin_key.create", "admin_key.delete"])
        self.assertNotIn(made["key"], text)

    def test_a_key_file_is_private_and_then_nothing_is_printed(self):
        file = self.folder / "ann.key"
        printed = self.key("create", "--name", "Ann", "--key-file", file)
        key = file.read_text().strip()
        self.assertRegex(key, r"^kwk_admin_[0-9A-Za-z]{43}$")
        self.assertNotIn(key, printed)
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        done = run_kwikgate("admin", "key", "create", "--name", "B", "--key-file", file, "--store", self.home)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(self.listed()), 2, "no key is made when its file cannot be")

    def test_wrong_usage(self):
        for arguments in (["create"], ["create", "--name", "A", "--role", "root"], ["delete"], []):
            done = run_kwikgate("admin", "key", *arguments, "--store", self.home)
            self.assertEqual(done.returncode, 2, done.stderr)
        done = run_kwikgate("admin", "key", "create", "--name", "\n", "--store", self.home)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
