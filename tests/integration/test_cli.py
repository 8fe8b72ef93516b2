"""The command line from outside, as a person or a script runs it: usage, init, check, store."""

import json
import os
import shutil
import subprocess
import unittest

from cli_support import CliTest, mode_of
from commands import command, every_command
from support import BINARY, run_kwikgate


class UsageTest(CliTest):
    def test_help_of_every_command_fits_80_columns(self):
        for path in every_command():
            text = command(*path).help
            self.assertIn(" ".join(["Usage: kwikgate", *path]), text)
            for line in text.splitlines():
                self.assertLessEqual(len(line), 80, f"{path}: {line}")
                self.assertEqual(line, line.rstrip(), path)

    def test_help_names_every_command(self):
        self.assertEqual(command().commands, ["init", "serve", "check", "token", "sign", "explain", "audit", "admin", "store",
                                              "routes", "sandbox"])
        for path in (["token", "review"], ["token", "rotate"], ["store", "rekey"], ["routes", "from-openapi"], ["admin", "key", "delete"]):
            self.assertIn(tuple(path), every_command())

    def test_version(self):
        self.assertRegex(self.ok("--version"), r"^kwikgate \d+\.\d+\.\d+\n$")

    def test_wrong_usage_is_one_line_and_exit_code_2(self):
        for arguments in ([], ["nonsense"], ["token"], ["token", "create"], ["serve"],
                          ["token", "list", "--colour"], ["init"], ["store", "backup"],
                          ["token", "list"],
                          ["token", "list", "--store", "a", "--config", "b"],
                          ["token", "create", "--store", "x", "--name", "n", "--section", "s",
                           "--permissions", "all"],
                          ["audit", "--store", "x", "--since", "yesterday"],
                          ["serve", "--config", "x", "--workers", "0"],
                          ["sandbox", "--listen", "nowhere"]):
            self.refused(2, *arguments)

    def test_a_secret_cannot_be_an_argument(self):
        for flag in ("--api-secret", "--secret", "--master-key"):
            for given in ([flag, "hidden"], [f"{flag}=hidden"]):
                error = self.refused(2, "token", "create", "--store", "x", "--name", "n", "--section",
                                     "payments", *given)
                self.assertIn(f"there is no option {flag} ", error)
                self.assertNotIn("hidden", error)
        self.assertIn("more arguments than it takes", self.refused(2, "token", "list", "--store", "x", "y"))

    def test_a_missing_store_is_one_line_and_exit_code_1(self):
        for command in (["token", "list"], ["audit"], ["store", "stat"], ["store", "verify"]):
            self.assertIn("no store in", self.refused(1, *command, "--store", self.scratch))

    def test_a_store_that_may_not_be_looked_at_is_not_said_to_be_missing(self):
        self.init()
        self.home.chmod(0)
        self.addCleanup(self.home.chmod, 0o700)
        # Root may read what nobody may: without that right it is as any other user.
        prefix = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
        done = subprocess.run([*prefix, BINARY, "token", "list", "--store", self.home], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual((done.returncode, done.stderr),
                         (1, f"kwikgate: {self.home} cannot be read: Permission denied\n"))


class InitTest(CliTest):
    def test_makes_a_directory_ready_to_serve(self):
        made = self.init()
        self.assertEqual(mode_of(self.home), 0o700)
        self.assertEqual(mode_of(self.home / "master.key"), 0o600)
        self.assertTrue((self.home / "store" / "data.mdb").exists())
        self.assertTrue(made["admin_key"].startswith("kwk_admin_"))
        self.ok("check", "--config", self.home / "kwikgate.json")
        self.assertEqual(self.listed(), [])

    def test_prints_the_next_steps_once(self):
        text = self.ok("init", "--dir", self.home)
        self.assertIn("ADMIN_KEY", text)
        self.assertIn("kwikgate serve --config", text)

    def test_the_admin_key_is_nowhere_on_disk(self):
        key = self.init()["admin_key"].encode()
        for path in self.home.rglob("*"):
            if path.is_file():
                self.assertNotIn(key, path.read_bytes())

    def test_refuses_a_directory_that_is_in_use(self):
        self.init()
        before = (self.home / "master.key").read_bytes()
        self.assertIn("exists already", self.refused(1, "init", "--dir", self.home))
        self.assertEqual((self.home / "master.key").read_bytes(), before)

    def test_takes_an_empty_directory(self):
        self.home.mkdir()
        self.init()

    def test_a_failed_init_leaves_nothing_behind(self):
        self.refused(1, "init", "--dir", self.scratch / "no" / "parent")
        done = subprocess.run([BINARY, "init", "--dir", str(self.home)], stderr=subprocess.PIPE,
                              stdout=open("/dev/full", "wb"), timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertFalse(self.home.exists())


class StoreTest(CliTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.token = self.create()

    def test_stat_and_verify(self):
        stat = json.loads(self.ok("store", "stat", "--store", self.home, "--json"))
        self.assertEqual((stat["tokens"], stat["sections"]), (1, 10))
        self.assertIn("Tokens", self.ok("store", "stat", "--store", self.home))
        self.assertIn("sound", self.ok("store", "verify", "--store", self.home))
        self.assertEqual(json.loads(self.ok("store", "verify", "--store", self.home, "--json")),
                         {"ok": True, "problems": []})

    def test_backup_and_restore_bring_the_tokens_back(self):
        backup = self.scratch / "backup"
        self.ok("store", "backup", "--store", self.home, "--to", backup)
        self.refused(1, "store", "backup", "--store", self.home, "--to", backup)
        self.ok("token", "delete", self.token["id"], "--store", self.home, "--yes")
        self.refused(1, "store", "restore", "--from", backup, "--store", self.home / "store")
        shutil.move(self.home / "store", self.scratch / "old")
        self.ok("store", "restore", "--from", backup, "--store", self.home / "store")
        self.assertEqual([t["id"] for t in self.listed()], [self.token["id"]])
        self.create()  # And it can be written.

    def test_restore_refuses_what_is_no_backup(self):
        target = self.scratch / "new"
        self.assertIn("no backup in", self.refused(1, "store", "restore", "--from", self.scratch, "--store", target))
        broken = self.scratch / "broken"
        broken.mkdir()
        (broken / "data.mdb").write_bytes(b"nonsense" * 1000)
        self.refused(1, "store", "restore", "--from", broken, "--store", target)
        self.assertFalse(target.exists())


class CheckTest(CliTest):
    def test_names_every_problem_with_its_place(self):
        self.init()
        config = self.home / "kwikgate.json"
        config.write_text('{\n  "colour": 1,\n  "listeners": 7\n}\n')
        done = run_kwikgate("check", "--config", config)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"{config}:2:", done.stderr)
        self.assertIn(f"{config}:3:", done.stderr)
        report = run_kwikgate("check", "--config", config, "--json")
        self.assertEqual(report.returncode, 1)
        problems = json.loads(report.stdout)
        self.assertFalse(problems["ok"])
        self.assertGreaterEqual({p["line"] for p in problems["problems"]}, {2, 3})
        done = run_kwikgate("serve", "--config", config)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{config}:2:", done.stderr)
        self.assertIn("nothing was started", done.stderr)

    def test_sections_that_the_store_has_no_room_for_are_told(self):
        self.init()
        config = self.home / "kwikgate.json"
        content = json.loads(config.read_text())

        def name_sections(prefix):
            config.write_text(json.dumps({**content, "sections": [f"{prefix}-{i}" for i in range(60)]}))
        name_sections("old")
        self.ok("token", "create", "--config", config, "--name", "Shop", "--section", "old-1", "--permissions", "read-only")
        self.ok("check", "--config", config)
        name_sections("new")  # Sections are for good: the old ones stay.
        report = run_kwikgate("check", "--config", config, "--json")
        self.assertEqual(report.returncode, 1)
        problem = json.loads(report.stdout)["problems"][0]
        self.assertEqual(problem["pointer"], "/sections")
        self.assertIn("70 sections, each for good, and no room for 60 more", problem["message"])
        self.assertEqual(run_kwikgate("serve", "--config", config).returncode, 1)

    def test_a_valid_file_needs_its_store_and_key(self):
        self.init()
        config = self.home / "kwikgate.json"
        self.assertIn("valid", self.ok("check", "--config", config))
        self.assertTrue(json.loads(self.ok("check", "--config", config, "--json"))["ok"])
        os.chmod(self.home / "master.key", 0o644)
        self.assertEqual(run_kwikgate("check", "--config", config).returncode, 1)
        os.chmod(self.home / "master.key", 0o600)
        (self.home / "master.key").write_text("0" * 64 + "\n")
        self.assertEqual(run_kwikgate("check", "--config", config).returncode, 1)
        shutil.rmtree(self.home / "store")
        done = run_kwikgate("check", "--config", config)
        self.assertEqual(done.returncode, 1)
        self.assertIn("store", done.stderr)

    def test_the_directories_of_logs_are_there(self):
        self.init()
        config = self.home / "kwikgate.json"
        whole = config.read_text()
        for key, pointer in (('"log": {"destination": "logs/a"}', "/log/destination"),
                             ('"access_log": {"destination": "logs/a"}', "/access_log/destination"),
                             ('"access_log": {"debug_capture": {"file": "logs/a"}}', "/access_log/debug_capture/file")):
            config.write_text(whole.replace("{", "{" + key + ",", 1))
            done = run_kwikgate("check", "--config", config)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(f"{pointer}: directory {self.home}/logs: No such file or directory\n", done.stderr)
        (self.home / "logs").mkdir()
        self.ok("check", "--config", config)

    def test_a_file_that_is_no_json_is_told_so(self):
        (self.scratch / "gate.yaml").write_text("listeners:\n  - address: 127.0.0.1:8080\n")
        self.assertIn("the file is JSON", run_kwikgate("check", "--config", self.scratch / "gate.yaml").stderr)

    def test_a_missing_file_is_one_line(self):
        done = run_kwikgate("check", "--config", self.scratch / "none.json")
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
