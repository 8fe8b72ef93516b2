"""The Debian package in a Debian of its own: installed, run by its unit's command, upgraded, removed, purged. As root."""

import base64
import configparser
import contextlib
import http.client
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import unittest

from small_debian import ENVIRONMENT, copy_of_debian, package, run


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = copy_of_debian()
        cls.addClassCleanup(shutil.rmtree, cls.root)
        cls.inside("apt-get", "update", "-q")

    @classmethod
    def inside(cls, *command, **options):
        return run("chroot", cls.root, *command, **options)

    @classmethod
    def install(cls):
        shutil.copy(package(), cls.root / "kwikgate.deb")
        return cls.inside("apt-get", "install", "-q", "-y", "--no-install-recommends", "--reinstall", "/kwikgate.deb")

    def files(self):
        return {str(path.relative_to(self.root)) for folder in ("etc", "lib", "usr/bin", "usr/share", "var/lib", "var/log")
                for path in (self.root / folder).rglob("*kwikgate*")}

    def unit(self):
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = str
        parser.read(self.root / "lib/systemd/system/kwikgate.service")
        return parser["Service"]

    def serve(self, listener):
        """The unit's command as its user, with its socket and its credential as systemd would give them."""
        credentials = self.root / "run/credentials/kwikgate.service"
        credentials.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.root / "etc/kwikgate/master.key", credentials)
        user, group = (int(part) for part in self.inside("stat", "-c", "%u %g", "/var/lib/kwikgate").split())
        for path in (credentials, credentials / "master.key"):
            os.chown(path, user, group)
            path.chmod(0o500 if path.is_dir() else 0o400)

        def enter():
            os.chroot(self.root)
            os.chdir("/")
            os.setgroups([])
            os.setresgid(group, group, group)
            os.setresuid(user, user, user)
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(ear.close)
        ear.bind(str(self.root / "run/notify"))
        os.chmod(self.root / "run/notify", 0o777)
        ear.settimeout(30)

        def start():
            os.dup2(listener.fileno(), 3, inheritable=True)
            enter()
            os.execve(command[0], command, {**ENVIRONMENT, "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1",
                                            "LISTEN_FDNAMES": "public", "NOTIFY_SOCKET": "/run/notify",
                                            "CREDENTIALS_DIRECTORY": "/run/credentials/kwikgate.service"})
        command = shlex.split(self.unit()["ExecStart"])
        process = subprocess.Popen(["true"], preexec_fn=start, stderr=subprocess.PIPE, text=True, pass_fds=(3,))
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        told = ear.recv(4096)
        os.unlink(self.root / "run/notify")
        ear.close()
        self.assertIn(b"READY=1", told)
        return process

    def ask(self, port, token):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        credentials = base64.b64encode(f"{token['api_key']}:{token['api_secret']}".encode()).decode()
        connection.request("GET", "/2.0/transactions/record/1", headers={"Authorization": f"Basic {credentials}"})
        with contextlib.closing(connection):
            response = connection.getresponse()
            return response.status, json.loads(response.read())["reason"]

    def test_it_lives_a_whole_life(self):
        before = self.files()
        said = self.install()
        self.assertIn("not started", said)
        # The way in.
        self.assertEqual(self.inside("stat", "-c", "%U:%G %a", "/etc/kwikgate/master.key").strip(), "root:root 600")
        self.assertEqual(self.inside("stat", "-c", "%U:%G %a", "/var/lib/kwikgate").strip(), "kwikgate:kwikgate 700")
        self.assertIn("kwikgate.service", " ".join(self.files()))
        self.assertEqual(self.inside("dpkg", "--verify", "kwikgate"), "")
        tool = ["env", "CREDENTIALS_DIRECTORY=/etc/kwikgate", "kwikgate"]
        config = ["--config", "/etc/kwikgate/kwikgate.json"]
        self.assertIn("valid", self.inside(*tool, "check", *config))
        token = json.loads(self.inside(*tool, "token", "create", *config, "--name", "Shop", "--section", "transactions",
                                       "--json"))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            gateway = self.serve(listener)
            status = pathlib.Path(f"/proc/{gateway.pid}/status").read_text()
            self.assertNotIn("\nUid:\t0", status)
            # Nothing listens behind it; the credential was right.
            self.assertEqual(self.ask(port, token), (502, "upstream_unreachable"))
            self.assertEqual(self.ask(port, {**token, "api_secret": "x" * 64}), (401, "credential_invalid"))
            # An upgrade keeps what was changed, and what connects meanwhile waits.
            settings = self.root / "etc/kwikgate/kwikgate.json"
            settings.write_text(settings.read_text().replace("9000", "9001"))
            gateway.send_signal(signal.SIGTERM)
            self.assertEqual(gateway.wait(60), 0, gateway.stderr)
            with socket.create_connection(("127.0.0.1", port)):
                self.install()
                self.assertIn("9001", settings.read_text())
                gateway = self.serve(listener)
                self.assertEqual(self.ask(port, token), (502, "upstream_unreachable"))
            gateway.send_signal(signal.SIGTERM)
            self.assertEqual(gateway.wait(60), 0)
        log = [json.loads(line) for line in (self.root / "var/log/kwikgate/access.log").read_text().splitlines()]
        # Workers write by themselves: lines of different connections come in any order.
        self.assertEqual([line["status"] for line in sorted(log, key=lambda line: line["time"])], [502, 401, 502])
        self.inside("apt-get", "install", "-q", "-y", "--no-install-recommends", "logrotate")
        self.inside("logrotate", "--force", "/etc/logrotate.d/kwikgate")
        self.assertEqual(self.inside("stat", "-c", "%U:%G %a %s", "/var/log/kwikgate/access.log").strip(),
                         "kwikgate:adm 640 0")
        self.assertTrue((self.root / "var/log/kwikgate/access.log.1").exists())
        # Enabled as `systemctl enable` would, which this Debian has not.
        enabled = "etc/systemd/system/multi-user.target.wants/kwikgate.service"
        (self.root / enabled).parent.mkdir(parents=True, exist_ok=True)
        (self.root / enabled).symlink_to("/lib/systemd/system/kwikgate.service")
        # The way out.
        self.inside("apt-get", "remove", "-q", "-y", "kwikgate")
        masked = {f"etc/systemd/system/kwikgate.{kind}" for kind in ("service", "socket")}
        kept = {"etc/kwikgate", "etc/kwikgate/kwikgate.json", "etc/logrotate.d/kwikgate", "var/lib/kwikgate",
                "var/log/kwikgate", enabled, *masked}
        self.assertEqual({path for path in self.files() - before if not re.search("dpkg|deb-systemd-helper", path)}, kept)
        self.assertEqual({os.readlink(self.root / path) for path in masked}, {"/dev/null"})
        self.assertTrue((self.root / "etc/kwikgate/master.key").exists())
        # And back, which does not make another key.
        key = (self.root / "etc/kwikgate/master.key").read_bytes()
        self.install()
        self.assertEqual((self.root / "etc/kwikgate/master.key").read_bytes(), key)
        self.assertFalse(any(os.path.lexists(self.root / path) for path in masked))
        self.assertTrue((self.root / enabled).is_symlink())
        self.inside("apt-get", "purge", "-q", "-y", "kwikgate")
        self.assertEqual({path for path in self.files() - before if "dpkg" not in path}, set())
        self.assertNotIn("kwikgate", (self.root / "etc/passwd").read_text())

    def test_lintian_finds_nothing(self):
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", str(package())], capture_output=True,
                              text=True, timeout=300)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_it_names_whose_work_is_in_it(self):
        files = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package())], capture_output=True, timeout=60, check=True).stdout
        said = subprocess.run(["tar", "-xO", "./usr/share/doc/kwikgate/copyright"], input=files, capture_output=True, timeout=60,
                              check=True).stdout.decode()
        for part in ("the owners of kwikgate", "has preact in it", "has uplot in it"):
            self.assertIn(part, said)
        self.assertEqual(said.count("Permission is hereby granted"), 2)


if __name__ == "__main__":
    unittest.main()
