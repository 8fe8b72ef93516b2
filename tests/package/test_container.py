"""The image of the Dockerfile, built for real: run as its user with a read-only root, its health check, its signal. As root."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import time
import unittest

import image
from small_debian import ENVIRONMENT, ROOT, run

NAME = "localhost/kwikgate:test"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def version():
    return re.search(r"project\(kwikgate VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


class ContainerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.image = image.build(NAME)

    def setUp(self):
        container = image.Container(NAME)
        self.addCleanup(container.close)
        self.root = container.root
        self.user = int(self.image["User"].split(":")[0])
        self.port, self.admin = free_port(), free_port()
        config = {"store": {"path": "/var/lib/kwikgate/store"}, "listeners": [{"address": f"0.0.0.0:{self.port}"}],
                  "admin": {"address": f"127.0.0.1:{self.admin}"}, "environments": {"live": "api"},
                  "upstreams": {"api": {"servers": ["http://127.0.0.1:9"]}}, "routes": [{"method": "GET", "path": "/"}]}
        (self.root / "etc/kwikgate").mkdir()
        (self.root / "etc/kwikgate/kwikgate.json").write_text(json.dumps(config))
        os.chown(self.root / "etc/kwikgate", self.user, self.user)

    def in_container(self, *command, is_read_only=True):
        """As the image's user; all but its volume read-only, as `docker run --read-only` has it."""
        root, volume = self.root, self.root / "var/lib/kwikgate"
        protect = f"mount --bind {root} {root} && cd {root} && mount --bind {volume} {volume} && " \
                  f"mount -o remount,ro,bind {root} && " if is_read_only else ""
        return ["unshare", "--mount", "sh", "-ec",
                f'{protect}exec chroot --userspec={self.image["User"]} {root} "$@"', "sh", *command]

    def health(self):
        kind, *command = self.image["Healthcheck"]["Test"]
        self.assertEqual(kind, "CMD")
        command = [part.replace("9180", str(self.admin)) for part in command]
        return subprocess.run(self.in_container(*command), env=ENVIRONMENT, stderr=subprocess.DEVNULL,
                              timeout=30).returncode

    def test_it_serves_as_its_user_with_a_read_only_root_and_tells_its_health(self):
        entry = self.image["Entrypoint"]
        run(*self.in_container(*entry, *shlex.split("store create --config /etc/kwikgate/kwikgate.json"),
                               is_read_only=False))
        refused = subprocess.run(self.in_container("sh", "-c", "echo x >/etc/kwikgate/x"), capture_output=True,
                                 text=True, timeout=30)
        self.assertIn("Read-only file system", refused.stderr)
        self.assertNotEqual(self.health(), 0)
        process = subprocess.Popen(self.in_container(*entry, *self.image["Cmd"]), env=ENVIRONMENT,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        end = time.monotonic() + 30
        while self.health() != 0:
            self.assertIsNone(process.poll(), "it ended")
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        status = (f"/proc/{process.pid}/status")
        with open(status) as file:
            self.assertIn(f"\nUid:\t{self.user}\t{self.user}\t", file.read())
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 401 "))
        process.send_signal(getattr(signal, self.image["StopSignal"]))
        self.assertEqual(process.wait(60), 0, process.stderr)

    def test_it_holds_what_it_needs_and_no_compiler(self):
        self.assertIn(f"kwikgate {version()}", run("chroot", self.root, "kwikgate", "--version"))
        self.assertEqual(self.image["User"], "10001:10001")
        self.assertEqual(list(self.image["Volumes"]), ["/var/lib/kwikgate"])
        for absent in ("usr/bin/g++", "usr/bin/node", "src"):
            self.assertFalse((self.root / absent).exists(), absent)


if __name__ == "__main__":
    unittest.main()
