#!/usr/bin/env python3
"""tsan_run.py COMMAND...: runs a test of what the thread sanitizer instruments.

It fails also when any process that it started, however deep, wrote a report: a test may have taken the exit status of such
a process for the one that it expected, or have killed it.
"""

import os
import pathlib
import subprocess
import sys
import tempfile


def without_random_addresses(command):
    """Where the system randomises more of an address than clang 14's thread sanitizer can map (vm.mmap_rnd_bits above 28),
    it gives up at the start. Some containers forbid to change that, and need nothing changed with 28."""
    fixed = ["setarch", "-R"]
    try:
        is_allowed = subprocess.run([*fixed, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except FileNotFoundError:
        is_allowed = False
    return [*fixed, *command] if is_allowed else command


def main():
    with tempfile.TemporaryDirectory(prefix="kwikgate-reports-") as folder:
        environment = dict(os.environ)
        environment["TSAN_OPTIONS"] = ":".join((environment.get("TSAN_OPTIONS", ""), f"log_path={folder}/report",
                                                "history_size=4", "second_deadlock_stack=1"))
        status = subprocess.run(without_random_addresses(sys.argv[1:]), env=environment, check=False).returncode
        reports = sorted(pathlib.Path(folder).iterdir())
        for report in reports:
            print(report.read_text(errors="replace"), file=sys.stderr)
        if reports:
            print(f"{len(reports)} processes wrote a report", file=sys.stderr)
        return 1 if reports else status


if __name__ == "__main__":
    sys.exit(main())
