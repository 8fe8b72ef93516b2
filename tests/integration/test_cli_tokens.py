"""`kwikgate token` and `kwikgate audit` against a real store: every setting, every change, and who made it."""

import json
import os
import shutil
import subprocess
import unittest

from cli_support import CliTest, mode_of
from support import BINARY


class TokenTest(CliTest):
    def setUp(self):
        super().setUp()
        self.init()

    def test_create_prints_one_object_with_the_agreed_members(self):
        token = self.create("--permissions", "read-write", section="payments,customers")
        self.assertEqual(set(token), {"id", "name", "api_key", "api_secret", "public_key", "status",
                                      "permissions", "sections", "environment", "created_at"})
        self.assertRegex(token["id"], r"^tok_[0-9A-Za-z]{22}$")
        self.assertRegex(token["api_key"], r"^kwk_live_ak_[0-9A-Za-z]{22}$")
        self.assertRegex(token["api_secret"], r"^kwk_live_sk_[0-9A-Za-z]{70}$")
        self.assertRegex(token["public_key"], r"^kwk_live_pk_[0-9A-Za-z]{22}$")
        self.assertEqual(token["status"], "live")
        self.assertEqual(token["permissions"], "read-write")
        self.assertEqual(sorted(token["sections"]), ["customers", "payments"])
        self.assertRegex(token["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_create_is_read_only_unless_told_otherwise(self):
        self.assertEqual(self.create()["permissions"], "read-only")

    def test_create_takes_sections_one_by_one_and_by_comma(self):
        token = self.create("--section", "orders,payouts", "--section", "customers")
        self.assertEqual(set(token["sections"]), {"payments", "orders", "payouts", "customers"})

    def test_create_for_people_shows_the_three_credentials(self):
        text = self.ok("token", "create", "--store", self.home, "--name", "Shop", "--section",
                       "payments")
        for part in ("API_KEY", "API_SECRET", "PUBLIC_KEY", "shown once"):
            self.assertIn(part, text)

    def test_test_tokens_say_so_in_their_credentials(self):
        token = self.create("--environment", "test")
        self.assertTrue(token["api_secret"].startswith("kwk_test_sk_"))

    def test_api_secret_file_is_private_new_and_the_only_place(self):
        path = self.scratch / "secret"
        token = self.create("--api-secret-file", path)
        self.assertNotIn("api_secret", token)
        self.assertEqual(mode_of(path), 0o600)
        self.assertRegex(path.read_text(), r"^kwk_live_sk_[0-9A-Za-z]{70}\n$")
        error = self.refused(1, "token", "create", "--store", self.home, "--name", "n", "--section",
                             "payments", "--api-secret-file", path)
        self.assertIn("exists already", error)
        self.assertEqual(len(self.listed()), 1)

    def test_a_secret_that_nobody_could_read_makes_no_token(self):
        done = subprocess.run([BINARY, "token", "create", "--store", str(self.home), "--name", "n",
                               "--section", "payments"], stdout=open("/dev/full", "wb"),
                              stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not created", done.stderr)
        self.assertEqual(self.listed(), [])

    def test_bad_settings_are_refused_with_a_reason(self):
        for extra in (["--section", "nowhere"], ["--allow-ip", "1.2.3"],
                      ["--allow-origin", "shop"], ["--rate", "0"],
                      ["--expires", "2001-01-01T00:00:00Z"]):
            self.refused(1, "token", "create", "--store", self.home, "--name", "n", "--section",
                         "payments", *extra)
        self.refused(1, "token", "create", "--store", self.home, "--name", "x" * 101, "--section",
                     "payments")
        self.refused(2, "token", "create", "--store", self.home, "--name", "n", "--section",
                     "payments", "--expires", "soon")
        self.assertEqual(self.listed(), [])

    def test_list_is_kwiks_table_with_partial_keys(self):
        token = self.create(name="Caf\u00e9")
        text = self.ok("token", "list", "--store", self.home)
        header, row = text.splitlines()
        for column in ("Created", "Name", "Key", "Status", "Permissions", "Sections", "Last used"):
            self.assertIn(column, header)
        for value in ("Caf\u00e9", "Live", "Read-Only", "payments", "never", token["id"]):
            self.assertIn(value, row)
        self.assertEqual(header.index("Key"), row.index("kwk_live_ak_"))
        self.assertNotIn(token["api_key"], text)

    def test_no_output_after_creation_holds_the_secret_or_the_whole_key(self):
        token = self.create()
        text = (self.ok("token", "list", "--store", self.home, "--json") +
                self.ok("token", "show", token["id"], "--store", self.home) +
                self.ok("token", "show", token["id"], "--store", self.home, "--json") +
                self.ok("token", "export", "--store", self.home) +
                self.ok("audit", "--store", self.home, "--json"))
        for secret in (token["api_secret"], token["api_secret"][12:], token["api_key"]):
            self.assertNotIn(secret, text)
        for path in self.home.rglob("*"):
            if path.is_file():
                self.assertNotIn(token["api_secret"].encode(), path.read_bytes())

    def test_show_finds_by_id_and_by_whole_key(self):
        token = self.create()
        self.assertEqual(self.show(token["id"]), self.show(token["api_key"]))
        for command in ("disable", "rotate"):
            self.assertIn("'kwikgate token list'", self.refused(1, "token", command, "tok_x", "--store", self.home))
        self.assertIn("no such token", self.refused(1, "token", "show", "tok_x", "--store",
                                                    self.home))

    def test_update_changes_every_setting_and_clears_it_again(self):
        token = self.create()
        changed = json.loads(self.ok(
            "token", "update", token["id"], "--store", self.home, "--json", "--name", "New",
            "--section", "orders", "--permissions", "read-write", "--status", "disabled",
            "--account", "acc", "--expires", "2999-01-01T00:00:00Z", "--allow-ip",
            "192.0.2.0/24,2001:db8::1", "--allow-origin", "https://shop.example", "--rate", "5",
            "--burst", "9", "--max-concurrent", "4", "--require-signature", "--require-form-signature", "--debug"))
        expected = {"name": "New", "sections": ["orders"], "permissions": "read-write",
                    "status": "disabled", "account": "acc",
                    "expires_at": "2999-01-01T00:00:00.000Z",
                    "allowed_ips": ["192.0.2.0/24", "2001:db8::1"],
                    "allowed_origins": ["https://shop.example"],
                    "rate": {"requests_per_second": 5, "burst": 9}, "max_concurrent": 4, "require_signature": True,
                    "require_form_signature": True, "debug": True}
        self.assertEqual({k: changed[k] for k in expected}, expected)
        shown = self.show(token["id"])
        self.assertEqual(shown.pop("usage_by_day")["days"], [])
        self.assertEqual(changed, shown)
        cleared = json.loads(self.ok(
            "token", "update", token["api_key"], "--store", self.home, "--json", "--no-account",
            "--no-expires", "--clear-allow-ip", "--clear-allow-origin", "--no-rate", "--no-max-concurrent",
            "--no-require-signature", "--no-require-form-signature", "--no-debug"))
        expected = {"account": None, "expires_at": None, "allowed_ips": [], "allowed_origins": [],
                    "rate": None, "max_concurrent": None, "require_signature": False, "require_form_signature": False,
                    "debug": False, "name": "New"}
        self.assertEqual({k: cleared[k] for k in expected}, expected)

    def test_update_needs_something_that_goes_together(self):
        token = self.create()["id"]
        self.refused(2, "token", "update", token, "--store", self.home)
        self.refused(2, "token", "update", token, "--store", self.home, "--rate", "1", "--no-rate")
        self.refused(2, "token", "update", token, "--store", self.home, "--environment", "test")

    def test_disable_and_enable(self):
        token = self.create()["id"]
        self.assertIn("disabled", self.ok("token", "disable", token, "--store", self.home))
        self.assertEqual(self.show(token)["status"], "disabled")
        self.assertIn("live", self.ok("token", "enable", token, "--store", self.home))
        self.assertEqual(self.show(token)["status"], "live")

    def test_rotate_keeps_identity_and_ends_the_old_secret_later(self):
        token = self.create()
        rotated = json.loads(self.ok("token", "rotate", token["id"], "--store", self.home,
                                     "--overlap", "2h", "--json"))
        self.assertEqual((rotated["id"], rotated["api_key"]), (token["id"], token["api_key"]))
        self.assertNotEqual(rotated["api_secret"], token["api_secret"])
        self.assertIsNotNone(self.show(token["id"])["previous_secret_valid_until"])
        path = self.scratch / "secret"
        self.ok("token", "rotate", token["id"], "--store", self.home, "--overlap", "0",
                "--api-secret-file", path)
        self.assertTrue(path.read_text().startswith("kwk_live_sk_"))
        self.refused(2, "token", "rotate", token["id"], "--store", self.home, "--overlap", "soon")

    def test_delete_wants_to_be_sure(self):
        token = self.create()["id"]
        self.refused(2, "token", "delete", token, "--store", self.home)
        self.assertEqual(len(self.listed()), 1)
        self.ok("token", "delete", token, "--store", self.home, "--yes")
        self.assertEqual(self.listed(), [])
        self.refused(1, "token", "delete", token, "--store", self.home, "--yes")

    def test_every_change_is_audited_with_its_actor(self):
        token = self.create()["id"]
        self.ok("token", "disable", token, "--store", self.home)
        self.create(name="Other")
        entries = self.audited("--token", token)
        self.assertEqual([e["action"] for e in entries], ["token.create", "token.disable"])
        for entry in entries:
            self.assertTrue(entry["actor"].startswith("cli:"), entry)
        self.assertEqual(entries[1]["before"]["status"], "live")
        self.assertEqual(entries[1]["after"]["status"], "disabled")
        self.assertEqual(self.audited("--since", "2999-01-01T00:00:00Z"), [])
        self.assertGreaterEqual(len(self.audited("--since", "1h")), 3)
        table = self.ok("audit", "--store", self.home)
        self.assertIn("status: live -> disabled", table)
        self.assertRegex(table, r"token\.create +tok_\w+  name: Other\n")
        self.assertRegex(table, r"admin_key\.create +id: adm_\w+; name: first admin; role: admin\n")

    def test_a_missing_or_wrong_master_key_is_told(self):
        other = self.scratch / "other.key"
        shutil.move(self.home / "master.key", other)
        create = ["token", "create", "--store", self.home, "--name", "n", "--section", "payments"]
        self.assertIn("--master-key-file", self.refused(1, *create))
        self.ok(*create, "--master-key-file", other)
        self.ok(*create, env={"KWIKGATE_MASTER_KEY_FILE": str(other)})
        (self.scratch / "master.key").write_bytes(other.read_bytes())
        os.chmod(self.scratch / "master.key", 0o600)
        self.ok(*create, env={"CREDENTIALS_DIRECTORY": str(self.scratch)})
        wrong = self.scratch / "wrong.key"
        wrong.write_text("0" * 64 + "\n")
        os.chmod(wrong, 0o600)
        self.assertIn("master key", self.refused(1, *create, "--master-key-file", wrong))
        os.chmod(other, 0o644)
        self.refused(1, *create, "--master-key-file", other)
        self.assertEqual(len(self.listed()), 3)  # Looking needs no key.

    def test_the_store_is_found_by_config_by_home_and_by_itself(self):
        self.create()
        for place in (["--config", self.home / "kwikgate.json"], ["--store", self.home],
                      ["--store", self.home / "store"]):
            self.assertEqual(len(json.loads(self.ok("token", "list", *place, "--json"))), 1)
            self.ok("token", "create", *place, "--name", "n", "--section", "payments")
            self.ok("token", "delete", self.listed()[-1]["id"], *place, "--yes")


if __name__ == "__main__":
    unittest.main()
