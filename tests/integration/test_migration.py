"""docs/migration.md does what it says: its blocks are run by nginx, HAProxy and the gateway, before one upstream, with real requests."""

import base64
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

import signer
from relay_support import nginx_binary
from strictness import haproxy_binary
from support import BINARY, RawClient, RecordingUpstream, Token, free_port, run_kwikgate, wait_until

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "migration.md").read_text()
SECRETS = {"shop": ("shop-key-0001", "shop-secret-0001"), "reports": ("reports-key-01", "reports-secret-01"),
           "a wrong secret": ("shop-key-0001", "shop-secret-0002")}
ROW = re.compile(r"^\| `(\S+) (\S+)` \| ([\w ]+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)


def block(language, name=""):
    """The one fenced block of that language whose first line has the name."""
    found = [text for text in re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
             if name in text.split("\n", 1)[0]]
    assert len(found) == 1, f"{len(found)} blocks of {language} {name}"
    return found[0]


def basic(who):
    return {} if who == "nobody" else {"Authorization": "Basic " + base64.b64encode(":".join(SECRETS[who]).encode()).decode()}


class MigrationTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.folder.chmod(0o755)  # The workers of nginx are somebody else.
        self.upstream = RecordingUpstream()
        self.addCleanup(self.upstream.close)

    def write(self, name, text):
        """A block as a file, between ports of this machine. Returns the port that it listens on."""
        port = free_port()
        (self.folder / name).write_text(text.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
                                        .replace("127.0.0.1:9090", f"127.0.0.1:{self.upstream.port}"))
        return port

    def shell(self, name):
        """Runs a block of commands where the files lie. Returns what it printed."""
        tools = self.folder / "bin"
        if not tools.exists():
            tools.mkdir()
            (tools / "kwikgate").symlink_to(pathlib.Path(BINARY).resolve())
        done = subprocess.run(["sh", "-eu", "-c", block("sh", name)], cwd=self.folder, capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def run_until_the_end(self, command, port, stop=signal.SIGTERM):
        noise = self.enterContext(open(self.folder / "noise.log", "ab"))
        process = subprocess.Popen([str(part) for part in command], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=noise, stderr=noise)

        def end():
            process.send_signal(stop)
            process.wait(timeout=60)
        self.addCleanup(end)

        def is_up():
            self.assertIsNone(process.poll(), (self.folder / "noise.log").read_text())
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        wait_until(is_up, f"{command[0]} to listen")
        return port

    def start_nginx(self):
        port = self.write("nginx.conf", block("nginx"))
        self.shell("users.sh")
        return self.run_until_the_end([nginx_binary(), "-e", "stderr", "-p", self.folder, "-c", "nginx.conf", "-g", "daemon off;"],
                                      port, signal.SIGQUIT)

    def start_haproxy(self):
        port = self.write("haproxy.cfg", block("haproxy"))
        return self.run_until_the_end([haproxy_binary(), "-db", "-f", "haproxy.cfg"], port)

    def start_kwikgate(self):
        admin = '{\n    "admin": {"address": ""},'  # 9180 may be somebody else's here.
        port = self.write("kwikgate.json", block("json").replace("{", admin, 1))
        self.write("tokens.jsonl", block("jsonl"))
        listed = self.shell("import.sh")
        self.assertIn("Reports", listed)
        self.assertNotIn("shop-secret-0001", listed)
        return self.run_until_the_end([BINARY, "serve", "--config", "gate/kwikgate.json", "--workers", "1"], port)

    def call(self, port, method, target, headers):
        with RawClient(port) as client:
            return client.request(method, target, headers, b'{"first_name":"Thandi"}' if method == "POST" else None)


class TableTest(MigrationTest):
    def test_each_answers_as_the_table_says(self):
        rows = ROW.findall(PAGE)
        self.assertGreater(len(rows), 8)
        for column, start in enumerate((self.start_nginx, self.start_haproxy, self.start_kwikgate)):
            port = start()
            for method, target, who, *expected in rows:
                with self.subTest(start.__name__, call=f"{method} {target}", who=who):
                    with self.upstream.lock:
                        self.upstream.seen.clear()
                    answer = self.call(port, method, target, basic(who))
                    self.assertEqual(answer.status, int(expected[column]))
                    self.assertEqual([seen.target for seen in self.upstream.seen], [target] if answer.status == 200 else [])
                    for seen in self.upstream.seen:
                        self.assertIsNone(seen.field("Authorization") or None, "credentials end here")


class CutOverTest(MigrationTest):
    def test_basic_now_signatures_from_a_date_and_back(self):
        port = self.start_kwikgate()
        token = Token("", *SECRETS["shop"], "")
        target = "/2.0/customers/list"

        def statuses():
            signed = dict(signer.sign(token, "GET", target, host="gateway.test"))
            answers = [self.call(port, "GET", target, headers) for headers in (basic("shop"), signed, basic("reports"))]
            return [answer.status if answer.status == 200 else answer.json["reason"] for answer in answers]
        self.assertEqual(statuses(), [200, 200, 200])
        config = self.folder / "gate" / "kwikgate.json"
        wait_until(lambda: "Shop" in run_kwikgate("token", "review", "--config", config, "--json").stdout, "the use to be known")
        self.assertIn("Basic", self.shell("signatures.sh"))
        self.assertEqual(statuses(), ["scheme_not_allowed", 200, 200])
        back = re.search(r"`kwikgate (token update \S+ --no-require-signature)`", PAGE).group(1)
        self.assertEqual(run_kwikgate(*back.split(), "--config", config).returncode, 0)
        self.assertEqual(statuses(), [200, 200, 200])

    def test_every_option_of_the_page_is_one(self):
        lines = re.findall(r"(?:^|`)kwikgate ((?:token )?[a-z]+)([^`\n]*)", PAGE, re.MULTILINE)
        self.assertGreater(len(lines), 8)
        for command, rest in lines:
            done = run_kwikgate(*command.split(), "--help")
            self.assertEqual(done.returncode, 0, command)
            for option in re.findall(r"--[a-z-]+", rest):
                self.assertIn(option, done.stdout, command)


if __name__ == "__main__":
    unittest.main()
