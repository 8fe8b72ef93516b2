"""Somebody who reads a command's output slowly: no view of the store is held meanwhile, which would make it grow."""

import json
import subprocess
import unittest

from support import BINARY, GatewayTest

TOKENS = 1500


class SlowReaderTest(GatewayTest):
    def setUp(self):
        self.gate = self.gateway({"kwik": ["http://127.0.0.1:9"]}, start=False)
        lines = [json.dumps({"name": f"Token {number} {'x' * 80}"[:100], "sections": ["payments"]}) for number in range(TOKENS)]
        self.gate.kwikgate("token", "import", "-", "--output", self.gate.folder / "secrets", stdin="\n".join(lines))
        self.id = json.loads(self.gate.kwikgate("token", "list", "--json"))[0]["id"]

    def used_bytes(self):
        return json.loads(self.gate.kwikgate("store", "stat", "--json"))["used_bytes"]

    def change_a_lot(self):
        for number in range(20):
            self.gate.kwikgate("token", "disable" if number % 2 == 0 else "enable", self.id)

    def test_the_store_does_not_grow_while_its_output_is_read(self):
        self.change_a_lot()  # Pages that are free from here on.
        for command in (("audit", "--json"), ("token", "export"), ("token", "list", "--json")):
            with self.subTest(command):
                reading = subprocess.Popen([BINARY, *command, "--store", self.gate.folder], stdout=subprocess.PIPE)
                first = reading.stdout.read(1)  # It writes, and will fill the pipe.
                before = self.used_bytes()
                self.change_a_lot()
                grown = self.used_bytes() - before
                rest = reading.stdout.read()
                self.assertEqual(reading.wait(timeout=60), 0)
                self.assertGreater(len(first + rest), 150 * 1024)  # More than a pipe holds.
                # What a held view costs: every page of every change, a dozen each.
                self.assertLess(grown, 20 * 4096 * 4)


if __name__ == "__main__":
    unittest.main()
