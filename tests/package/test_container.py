"""The last stage of the Dockerfile, command by command, in a bare Debian: no container engine is needed for that."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
import unittest

from small_debian import ENVIRONMENT, ROOT, copy_of_debian, run

DOCKERFILE = ROOT / "configs" / "docker" / "Dockerfile"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def last_stage():
    text = "\n".join(line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#"))
    lines = [line.split(None, 1) for line in re.sub(r"\\\n", " ", text).splitlines() if line.strip()]
    start = max(number for number, (name, _) in enumerate(lines) if name == "FROM")
    return {name: rest for name, rest in lines[start:]}


class ContainerTest(unittest.TestCase):
    def setUp(self):
        self.stage = last_stage()
        self.root = copy_of_debian()
        self.addCleanup(shutil.rmtree, self.root)
        run("chroot", self.root, "sh", "-c", self.stage["RUN"])
        _, source, target = self.stage["COPY"].split()
        self.assertEqual(source, "/src/build/release/kwikgate")
        run("strip", "-o", self.root / target.lstrip("/"), ROOT / "build/release/kwikgate")
        self.user = int(self.stage["USER"].split(":")[0])
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
                f'{protect}exec chroot --userspec={self.stage["USER"]} {root} "$@"', "sh", *command]

    def health(self):
        rest = self.stage["HEALTHCHECK"]
        command = [part.replace("9180", str(self.admin)) for part in json.loads(rest[rest.index("["):])]
        return subprocess.run(self.in_container(*command), env=ENVIRONMENT, stderr=subprocess.DEVNULL,
                              timeout=30).returncode

    def test_it_serves_as_its_user_with_a_read_only_root_and_tells_its_health(self):
        entry = json.loads(self.stage["ENTRYPOINT"])
        run(*self.in_container(*entry, *shlex.split("store create --config /etc/kwikgate/kwikgate.json"),
                               is_read_only=False))
        refused = subprocess.run(self.in_container("sh", "-c", "echo x >/etc/kwikgate/x"), capture_output=True,
                                 text=True, timeout=30)
        self.assertIn("Read-only file system", refused.stderr)
        self.assertNotEqual(self.health(), 0)
        process = subprocess.Popen(self.in_container(*entry, *json.loads(self.stage["CMD"])), env=ENVIRONMENT,
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
        process.send_signal(getattr(signal, self.stage["STOPSIGNAL"]))
        self.assertEqual(process.wait(60), 0, process.stderr)


if __name__ == "__main__":
    unittest.main()
