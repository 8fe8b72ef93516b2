"""Processes of a run: started on a core, waited for, ended; and what /proc tells about them."""

import pathlib
import socket
import subprocess
import time

PROXY_CORE = 0
LOAD_CORE = 1


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """One command on one core. Its output goes to a file beside the others of the run."""

    def __init__(self, command, port, log, core):
        self.port = port
        self.log = pathlib.Path(log)
        pinned = ["taskset", "-c", str(core), *map(str, command)]
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(pinned, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self):
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"{self.process.args[3]} does not listen:\n{self.log.read_text()[-2000:]}")

    def pids(self):
        """The process and its children: nginx and HAProxy serve from a child."""
        found = [self.process.pid]
        for pid in found:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        return found

    def memory_bytes(self):
        """Anonymous resident memory: what it allocated, without mapped files."""
        return sum(_status(pid, "RssAnon") for pid in self.pids()) * 1024

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _status(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    return 0
