"""What a crash or a flaw in memory meets: no dump of a process that holds keys, and a binary built to resist."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from support import BINARY, run_kwikgate


class DumpTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.assertEqual(run_kwikgate("init", "--dir", self.folder / "gate").returncode, 0)
        self.config = self.folder / "gate" / "kwikgate.json"

    def calls(self, *arguments):
        """The lines of strace that tell of dumps and of the master key, in order."""
        trace = self.folder / "trace"
        subprocess.run(["strace", "-f", "-o", str(trace), "-e", "trace=prctl,openat", BINARY, *arguments],
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        return [line for line in trace.read_text().splitlines() if "PR_SET_DUMPABLE" in line or "master.key" in line]

    def test_no_command_can_be_dumped_once_it_has_read_the_master_key(self):
        # The access log's folder is missing: `serve` reads the key, and ends by itself.
        bad = self.config.read_text().replace("{", '{"access_log": {"destination": "none/access.log"},', 1)
        cannot_serve = self.config.with_name("cannot-serve.json")
        cannot_serve.write_text(bad)
        for arguments in (["serve", "--config", str(cannot_serve)],
                          ["check", "--config", str(self.config)],
                          ["token", "create", "--config", str(self.config), "--name", "Test", "--section", "payments",
                           "--permissions", "read-only"]):
            with self.subTest(arguments[0]):
                calls = self.calls(*arguments)
                self.assertGreater(len(calls), 1, "the key is read")
                self.assertRegex(calls[0], r"prctl\(PR_SET_DUMPABLE, (?:0|SUID_DUMP_DISABLE)\) += 0")


class BinaryTest(unittest.TestCase):
    def readelf(self, option):
        return subprocess.run(["readelf", "-W", option, BINARY], capture_output=True, text=True, check=True).stdout

    def test_it_is_placed_at_random_bound_at_once_and_its_stack_is_no_code(self):
        self.assertRegex(self.readelf("-d"), r"FLAGS_1\).*NOW.*PIE")
        segments = self.readelf("-l")
        self.assertIn("GNU_RELRO", segments)
        self.assertRegex(segments, r"GNU_STACK +(?:0x\w+ +){5}RW +0x")
        self.assertEqual(re.findall(r"LOAD +(?:0x\w+ +){5}RWE", segments), [])

    def test_stacks_and_copies_are_watched(self):
        symbols = self.readelf("--dyn-syms")
        self.assertIn("__stack_chk_fail", symbols)
        if "__asan_init" not in symbols and "__tsan_init" not in symbols:
            self.assertRegex(symbols, r"__memcpy_chk")


if __name__ == "__main__":
    unittest.main()
