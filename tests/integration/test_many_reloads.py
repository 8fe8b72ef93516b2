"""What reloads leave behind: nothing."""

import pathlib
import re
import signal
import time
import unittest

from admin_client import AdminClient
from callers import Callers
from load_support import LoadTest
from support import wait_until


class ManyReloadsTest(LoadTest):
    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.gate.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def test_a_thousand_reloads_drop_nothing_and_leave_memory_flat(self):
        self.gate = self.gateway_with_token()
        admin = AdminClient.of(self.gate)

        def unhurried(client, _):
            time.sleep(0.005)
            return self.get(client)

        def reloaded(count):
            return lambda: admin.metrics().sum("kwikgate_reloads_total", result="taken") >= count or None
        with Callers(self.gate, unhurried, connections=4, reconnects=False) as callers:
            for number in range(1, 1001):
                self.gate.send_signal(signal.SIGHUP)
                # Signals that come while one waits are one: each is seen through.
                wait_until(reloaded(number), f"reload {number}")
                if number == 200:
                    settled = self.resident_kib()
            grown = self.resident_kib() - settled
            callers.wait_for_more(3)
        self.assertEqual(callers.failures, [])
        self.assertEqual({(call.status, call.was_kept) for call in callers.all()}, {(200, True)})
        self.assertLess(grown, 8 * 1024, f"KiB more after 800 reloads, of {settled}")
        self.assertEqual(self.gate.log_text().count("reloaded "), 1000)


if __name__ == "__main__":
    unittest.main()
