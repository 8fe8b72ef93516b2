"""A refusal costs the same whether the key is unknown or the secret is wrong, so that time tells neither: counted in instructions by callgrind."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

BINARY = os.environ["REFUSAL_COST_BIN"]
CLIENTS = ("unknown", "wrong", "rotated", "disabled")
# Of the instructions of a refusal. What is left differs with where a key falls among the others in the store.
TOLERANCE = 0.02


def instructions(scheme, client):
    """What 128 refusals of one kind took."""
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "callgrind.out"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--toggle-collect=refuse_{scheme}",
             f"--callgrind-out-file={out}", BINARY, scheme, client], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{scheme} {client}: {done.stdout} {done.stderr}"
        return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE).group(1))


class RefusalCostTest(unittest.TestCase):
    def check(self, scheme):
        cost = {client: instructions(scheme, client) for client in CLIENTS}
        least, most = min(cost.values()), max(cost.values())
        self.assertGreater(least, 128 * 1000, cost)  # It did count the work.
        self.assertLess((most - least) / least, TOLERANCE, cost)

    def test_basic(self):
        self.check("basic")

    def test_signature(self):
        self.check("signature")

    def test_form(self):
        self.check("form")


if __name__ == "__main__":
    unittest.main()
