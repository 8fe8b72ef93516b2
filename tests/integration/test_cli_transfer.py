"""`kwikgate token import` and `token export`: tokens that come and go in numbers."""

import base64
import json
import resource
import unittest

from cli_support import CliTest, mode_of
from support import SANITIZER_BYTES, run_kwikgate

SEED = ["customers", "customer-bank-accounts", "customer-cards", "customer-mandates", "payments",
        "transactions", "recipients", "payouts", "checkout-page", "orders"]


class TransferTest(CliTest):
    def setUp(self):
        super().setUp()
        self.init()

    def import_lines(self, lines, *extra):
        return run_kwikgate("token", "import", "-", "--store", self.home, *extra,
                   stdin="".join(line if isinstance(line, str) else json.dumps(line) + "\n"
                                 for line in lines))

    def test_import_makes_credentials_and_prints_them(self):
        done = self.import_lines([{"name": f"n{i}", "sections": ["payments"]} for i in range(3)])
        self.assertEqual(done.returncode, 0, done.stderr)
        made = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([m["name"] for m in made], ["n0", "n1", "n2"])
        self.assertEqual(len({m["api_secret"] for m in made}), 3)
        self.assertEqual({t["id"] for t in self.listed()}, {m["id"] for m in made})

    def test_import_writes_new_credentials_to_a_private_file(self):
        path = self.scratch / "made.ndjson"
        done = self.import_lines([{"name": "n", "sections": ["payments"]}], "--output", path)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assertEqual(mode_of(path), 0o600)
        self.assertIn("api_secret", json.loads(path.read_text()))

    def test_imported_credentials_are_kept_and_not_repeated(self):
        done = self.import_lines([{"name": "old", "sections": ["payments"], "api_key": "old-key-1",
                                   "api_secret": "PLANTED:secret", "public_key": "old-pub-1"}])
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assertEqual(done.stderr, "imported 1 token\n")
        self.assertEqual(self.show("old-key-1")["name"], "old")

    def test_one_bad_line_imports_nothing_and_every_problem_is_told(self):
        done = self.import_lines(['{"name":"good","sections":["payments"]}\n', "nonsense\n",
                                  '{"name":"","sections":["payments"]}\n',
                                  '{"name":"n","sections":["nowhere"],"colour":1}\n'])
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        for part in ("line 2: ", "line 3: ", "line 4: sections", "line 4: unknown key colour",
                     "nothing was imported"):
            self.assertIn(part, done.stderr)
        self.assertEqual(self.listed(), [])

    def test_a_key_that_is_taken_names_its_line(self):
        line = {"name": "n", "sections": ["payments"], "api_key": "old-key-1",
                "api_secret": "12345678"}
        self.assertEqual(self.import_lines([line]).returncode, 0)
        done = self.import_lines([{"name": "a", "sections": ["payments"]}, line])
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 2: another token has this id, api_key or public_key", done.stderr)
        self.assertEqual(len(self.listed()), 1)

    def test_export_without_secrets_makes_like_tokens(self):
        self.create("--permissions", "read-write", "--rate", "7", "--max-concurrent", "3", "--allow-ip", "192.0.2.1")
        exported = self.ok("token", "export", "--store", self.home)
        done = self.import_lines([exported])
        self.assertEqual(done.returncode, 0, done.stderr)
        first, second = self.listed()
        self.assertNotEqual(first["id"], second["id"])
        for key in ("name", "sections", "permissions", "rate", "max_concurrent", "allowed_ips", "created_at"):
            self.assertIsNotNone(first[key])
            self.assertEqual(first[key], second[key])

    def test_sealed_export_moves_tokens_to_a_store_with_the_same_key(self):
        token = self.create("--permissions", "read-write")
        self.ok("token", "rotate", token["id"], "--store", self.home)
        before = self.show(token["id"])
        path = self.scratch / "sealed.ndjson"
        self.ok("token", "export", "--sealed", "--store", self.home, "--output", path)
        self.assertEqual(mode_of(path), 0o600)
        sealed = json.loads(path.read_text())["sealed"]
        self.assertEqual(len(base64.b64decode(sealed["key"], validate=True)), 92)
        self.ok("token", "delete", token["id"], "--store", self.home, "--yes")
        self.ok("token", "import", path, "--store", self.home)
        after = self.show(token["id"])
        for key in ("id", "key", "name", "sections", "permissions", "created_at",
                    "secret_created_at", "previous_secret_valid_until"):
            self.assertEqual(before[key], after[key], key)
        other = self.scratch / "other"
        self.ok("init", "--dir", other)
        self.assertIn("line 1", self.refused(1, "token", "import", path, "--store", other))

    def test_100000_tokens_are_imported_in_time(self):
        path = self.scratch / "many.ndjson"
        with open(path, "w") as file:
            for i in range(100_000):
                file.write(json.dumps({"name": f"Shop {i}", "sections": [SEED[i % 10]],
                                       "permissions": "read-write"}) + "\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.ok("token", "import", path, "--store", self.home, "--output", self.scratch / "made")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        stat = json.loads(self.ok("store", "stat", "--store", self.home, "--json"))
        self.assertEqual(stat["tokens"], 100_000)
        self.assertEqual(sum(1 for _ in open(self.scratch / "made")), 100_000)
        # The bar is 10 s; of the processor, since others may be using it too. Sanitizers take several times that.
        limit = 60 if SANITIZER_BYTES else 10
        self.assertLess(took, limit)


if __name__ == "__main__":
    unittest.main()
