"""A Debian that has booted its systemd in a container of systemd-nspawn: a machine of its own but for the network. As root."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from small_debian import ENVIRONMENT, base_root, copy_of

NSPAWN_RUN = pathlib.Path("/run/systemd/nspawn")


def wait_until(is_so, what, seconds=60):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not after {seconds} s")
        time.sleep(0.1)


class BootedDebian:
    def __init__(self):
        self.root = copy_of(base_root("booted", ("systemd", "systemd-sysv", "dbus", "ca-certificates")))
        # A disk of the machine, and not of the host: what is written here ends with the test.
        NSPAWN_RUN.mkdir(parents=True, exist_ok=True)
        self.has_mounted = not NSPAWN_RUN.is_mount()
        if self.has_mounted:
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(NSPAWN_RUN)], check=True)
        self.console = open(self.root.parent / f"{self.root.name}.console", "wb")
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "-b", "-D", str(self.root), "--register=no", "--keep-unit", "--machine=kwikgate-test"],
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=subprocess.STDOUT, env=ENVIRONMENT)
        try:
            self.init = self._find_init()
            wait_until(lambda: self.try_run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"),
                       "the system runs")
        except BaseException:
            self.end()
            raise

    def _find_init(self):
        """The process that is number 1 in there, seen from here."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        wait_until(lambda: self.process.poll() is not None or children.read_text().split(), "systemd-nspawn starts")
        assert self.process.poll() is None, pathlib.Path(self.console.name).read_text(errors="replace")
        return int(children.read_text().split()[0])

    def command(self, *command):
        """`command` inside, as root."""
        return ["nsenter", "--target", str(self.init), "--mount", "--uts", "--ipc", "--pid", "--", *map(str, command)]

    def try_run(self, *command, **options):
        return subprocess.run(self.command(*command), capture_output=True, text=True, timeout=300, env=ENVIRONMENT, **options)

    def run(self, *command, **options):
        done = self.try_run(*command, **options)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)  # systemd-nspawn powers it off.
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.console.close()
        os.unlink(self.console.name)
        if self.has_mounted:
            subprocess.run(["umount", str(NSPAWN_RUN)], check=True)
        shutil.rmtree(self.root)
