"""What comes before authentication costs no more than its input is long: twice the input takes at most twice the instructions, counted by callgrind."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

BINARY = os.environ["PREAUTH_COST_BIN"]
# Instructions for a byte of input, of the costliest kind: a byte that comes alone takes a call of the parser.
MOST_A_BYTE = 200
GROWTH = 2.15


def instructions(kind, size):
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "callgrind.out"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=do_preauth_work",
             f"--callgrind-out-file={out}", BINARY, kind, str(size)], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{kind}: {done.stdout} {done.stderr}"
        return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE).group(1))


class PreauthCostTest(unittest.TestCase):
    def test_every_kind_of_work_is_linear_and_bounded(self):
        listed = subprocess.run([BINARY], capture_output=True, text=True, timeout=60, check=True).stdout
        kinds = [line.split() for line in listed.splitlines()]
        self.assertGreater(len(kinds), 12)
        for kind, size in kinds:
            with self.subTest(kind):
                half, whole = (instructions(kind, int(size) // part) for part in (2, 1))
                self.assertGreater(whole, int(size) // 4, "it did the work")
                self.assertLess(whole, half * GROWTH, "twice the input")
                self.assertLess(whole, int(size) * MOST_A_BYTE, "for each byte")


if __name__ == "__main__":
    unittest.main()
