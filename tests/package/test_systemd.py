"""The package on a booted systemd: enabled, reloaded, restarted and upgraded under load, killed, hung, removed. As root."""

import base64
import contextlib
import http.client
import http.server
import json
import os
import shutil
import socket
import threading
import unittest

from booted_debian import BootedDebian, wait_until
from small_debian import package

CONFIG = "/etc/kwikgate/kwikgate.json"
PATH = "/2.0/transactions"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class Load(threading.Thread):
    """Requests one after the other, each on a connection of its own, until it is told to end. Keeps every outcome."""

    def __init__(self, ask):
        super().__init__()
        self.ask, self.outcomes, self.is_over = ask, [], threading.Event()

    def run(self):
        while not self.is_over.is_set():
            try:
                self.outcomes.append(self.ask())
            except OSError as error:
                self.outcomes.append(repr(error))

    def __enter__(self):
        self.start()
        wait_until(lambda: len(self.outcomes) > 20, "load runs")
        return self

    def __exit__(self, *_):
        so_far = len(self.outcomes)
        wait_until(lambda: len(self.outcomes) > so_far + 20, "load goes on")
        self.is_over.set()
        self.join()


class SystemdTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = BootedDebian()
        cls.addClassCleanup(cls.machine.end)
        cls.machine.run("apt-get", "update", "-q")
        cls.upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        cls.addClassCleanup(cls.upstream.server_close)
        threading.Thread(target=cls.upstream.serve_forever).start()
        cls.addClassCleanup(cls.upstream.shutdown)

    def install(self):
        shutil.copy(package(), self.machine.root / "kwikgate.deb")
        return self.machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-q", "-y",
                                "--no-install-recommends", "--reinstall", "/kwikgate.deb")

    def show(self, name, unit="kwikgate.service"):
        return self.machine.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def tool(self, *command):
        return self.machine.run("env", "CREDENTIALS_DIRECTORY=/etc/kwikgate", "kwikgate", *command)

    def ask(self):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", PATH, headers={"Authorization": f"Basic {self.credentials}"})
            response = connection.getresponse()
            response.read()
            return response.status

    def drop_in(self, unit, text):
        folder = self.machine.root / "etc/systemd/system" / f"{unit}.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "test.conf").write_text(text)
        self.machine.run("systemctl", "daemon-reload")

    def configure(self):
        self.port, admin = free_port(), free_port()
        config = self.machine.root / CONFIG.lstrip("/")
        settings = json.loads(config.read_text())
        settings["listeners"][0]["address"] = f"127.0.0.1:{self.port}"
        settings["admin"]["address"] = f"127.0.0.1:{admin}"
        settings["upstreams"]["kwik"]["servers"] = [f"http://127.0.0.1:{self.upstream.server_address[1]}"]
        config.write_text(json.dumps(settings, indent=4) + "\n")
        self.drop_in("kwikgate.socket", f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{self.port}\n")
        token = json.loads(self.tool("token", "create", "--config", CONFIG, "--name", "Shop", "--section", "transactions",
                                     "--json"))
        self.credentials = base64.b64encode(f"{token['api_key']}:{token['api_secret']}".encode()).decode()

    def main_pid(self):
        return int(self.show("MainPID"))

    def wait_for_another(self, old):
        wait_until(lambda: self.show("ActiveState") == "active" and self.main_pid() not in (0, old), "it was started anew", 120)
        return self.main_pid()

    def test_it_lives_a_whole_life(self):
        self.assertIn("not started", self.install())
        self.assertEqual(self.show("ActiveState"), "inactive")
        self.configure()
        self.tool("check", "--config", CONFIG)
        self.machine.run("systemctl", "enable", "--now", "kwikgate.socket", "kwikgate.service")
        self.assertEqual((self.show("ActiveState"), self.show("ActiveState", "kwikgate.socket")), ("active", "active"))
        self.assertEqual(self.ask(), 200)
        status = self.machine.run("cat", f"/proc/{self.main_pid()}/status")
        self.assertRegex(status, rf"\nUid:(\t{self.machine.run('id', '-u', 'kwikgate').strip()}){{4}}\n")
        self.assertRegex(status, r"\nCapEff:\t0+\n")

        with self.subTest("a reload keeps the process and every connection"):
            pid = self.main_pid()
            with Load(self.ask) as load:
                self.machine.run("systemctl", "reload", "kwikgate.service")
            self.assertEqual(set(load.outcomes), {200})
            self.assertEqual(self.main_pid(), pid)
            log = self.machine.run("journalctl", "-u", "kwikgate.service", "--no-pager", "-o", "cat")
            self.assertIn("reload", log)

        with self.subTest("a restart refuses no connection"):
            with Load(self.ask) as load:
                self.machine.run("systemctl", "restart", "kwikgate.service")
            self.assertEqual(set(load.outcomes), {200})
            self.assertNotEqual(self.main_pid(), pid)

        with self.subTest("an upgrade refuses no connection"):
            pid = self.main_pid()
            with Load(self.ask) as load:
                self.install()
            self.assertEqual(set(load.outcomes), {200})
            self.assertNotEqual(self.main_pid(), pid)

        with self.subTest("killed, it is started anew"):
            pid = self.main_pid()
            self.machine.run("sh", "-c", f"kill -KILL {pid}")
            self.wait_for_another(pid)
            self.assertEqual(self.ask(), 200)

        with self.subTest("hung, its watchdog has it started anew"):
            self.drop_in("kwikgate.service", "[Service]\nWatchdogSec=3\n")
            self.machine.run("systemctl", "restart", "kwikgate.service")
            pid = self.main_pid()
            self.machine.run("sh", "-c", f"kill -STOP {pid}")
            self.wait_for_another(pid)
            self.assertEqual(self.ask(), 200)
            self.assertIn("watchdog", self.machine.run("journalctl", "-u", "kwikgate.service", "--no-pager").lower())

        with self.subTest("it comes up with the machine"):
            wanted = self.machine.root / "etc/systemd/system/multi-user.target.wants/kwikgate.service"
            self.assertTrue(os.path.islink(wanted))

        with self.subTest("removed, it is gone and its socket as well"):
            self.machine.run("apt-get", "remove", "-q", "-y", "kwikgate")
            with self.assertRaises(ConnectionRefusedError):
                self.ask()
            self.assertTrue((self.machine.root / "var/lib/kwikgate/store").exists())
            self.machine.run("apt-get", "purge", "-q", "-y", "kwikgate")
            self.assertFalse((self.machine.root / "var/lib/kwikgate").exists())
            failed = self.machine.run("systemctl", "list-units", "--failed", "--no-legend", "--plain")
            self.assertNotIn("kwikgate", failed)


if __name__ == "__main__":
    unittest.main()
