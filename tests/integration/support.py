"""What every integration test needs: a real gateway, and by it upstreams that record and a client on a raw socket."""

import base64
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from raw_client import RawClient
from upstreams import RecordingUpstream
from waiting import free_port, wait_until

BINARY = os.environ["KWIKGATE_BIN"]
# A sanitizer keeps freed memory and what it knows of it: that is none of the gateway's growth.
SANITIZER_BYTES = int(os.environ.get("KWIKGATE_SANITIZER_BYTES", "0"))
# For tests that send as fast as they can.
NO_LIMIT = {"rate_limit": {"requests_per_second": 1_000_000, "burst": 1_000_000}}


def run_kwikgate(*arguments, stdin="", timeout=120, env=None):
    """Runs a command, without the master key that whoever runs the tests may have in the environment."""
    inherited = {name: value for name, value in os.environ.items()
                 if name not in ("KWIKGATE_MASTER_KEY_FILE", "CREDENTIALS_DIRECTORY")}
    return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                          timeout=timeout, env={**inherited, **(env or {})})


def basic(key, secret):
    """The value of an Authorization field."""
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


@dataclasses.dataclass
class Token:
    id: str
    key: str
    secret: str
    public_key: str

    @classmethod
    def of(cls, issued):
        """What the command line and the admin API tell of a token once."""
        return cls(issued["id"], issued["api_key"], issued["api_secret"], issued.get("public_key", ""))

    @property
    def basic(self):
        return basic(self.key, self.secret)


class Gateway:
    """A store, a configuration and the process that serves them, in a folder of their own."""

    def __init__(self, upstreams, routes=None, config=None, workers=2):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-test-"))
        self.port = free_port()
        self.workers = workers
        self.process = None
        self.launcher = []  # A command that runs the one behind it in its own place.
        self.environment = {}
        self.inherits = ()  # Descriptors that the launcher gets.
        self._outputs = []
        done = run_kwikgate("init", "--dir", self.folder, "--json")
        assert done.returncode == 0, done.stderr
        self.admin_key = json.loads(done.stdout)["admin_key"]
        self.config_file = self.folder / "kwikgate.json"
        self.config = json.loads(self.config_file.read_text())
        self.config["listeners"] = [{"address": f"127.0.0.1:{self.port}"}]
        self.config["admin"] = {"address": "unix:admin.sock"}
        self.config["upstreams"] = {
            name: value if isinstance(value, dict) else {"servers": value}
            for name, value in upstreams.items()}
        first = next(iter(upstreams))
        self.config["environments"] = {
            "live": first, "test": "test" if "test" in upstreams else first}
        if routes is not None:
            self.config.pop("routes_files", None)
            self.config["routes"] = routes
        self.config["address_limit"] = {"enabled": False}
        if "KWIKGATE_TEST_IO_BACKEND" in os.environ:
            self.config["io_backend"] = os.environ["KWIKGATE_TEST_IO_BACKEND"]
        for key, value in (config or {}).items():
            self.config[key] = value
        self.write_config()

    def write_config(self):
        self.config_file.write_text(json.dumps(self.config, indent=1))

    # Tokens, by the command line, as a person would.

    def kwikgate(self, *arguments, stdin=""):
        done = run_kwikgate(*arguments, "--config", self.config_file, stdin=stdin)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def create_token(self, *sections, permissions="read-write", extra=()):
        arguments = [part for section in sections for part in ("--section", section)]
        made = json.loads(self.kwikgate("token", "create", "--name", "Test", *arguments,
                                        "--permissions", permissions, "--json", *extra))
        return Token.of(made)

    # The process.

    def launch(self):
        """Starts the process and waits for nothing."""
        number = len(self._outputs)
        out, log = self.folder / f"access-{number}.log", self.folder / f"gateway-{number}.log"
        self._outputs.append((out, log))
        with open(out, "wb") as access, open(log, "wb") as operational:
            self.process = subprocess.Popen(
                [*self.launcher, BINARY, "serve", "--config", str(self.config_file), "--workers", str(self.workers)],
                stdin=subprocess.DEVNULL, stdout=access, stderr=operational,
                env={**os.environ, **self.environment}, pass_fds=self.inherits)
        return self

    def wait_until_up(self):
        wait_until(self._is_up, "the gateway to listen")
        return self

    def start(self):
        return self.launch().wait_until_up()

    def _is_up(self):
        if self.process.poll() is not None and "io_backend is io_uring, which the system refuses" in self.log_text():
            raise unittest.SkipTest("no io_uring here")
        assert self.process.poll() is None, self.log_text()
        return "listening on" in self.log_text()

    def send_signal(self, number):
        self.process.send_signal(number)

    def reload(self):
        """SIGHUP, and waits for what came of it: True when it was taken."""
        before = self.log_text()
        self.process.send_signal(signal.SIGHUP)

        def outcome():
            text = self.log_text()[len(before):]
            return "reloaded" if "reloaded " in text else "refused" if "reload refused" in text else None
        return wait_until(outcome, "the reload") == "reloaded"

    def stop(self, number=signal.SIGTERM):
        """Ends the process and returns its exit status."""
        if self.process is None or self.process.poll() is not None:
            return None if self.process is None else self.process.returncode
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def close(self):
        try:
            status = self.stop()
            assert status in (None, 0, -signal.SIGKILL), f"exit {status}: {self.log_text()}"
        finally:
            if self.process is not None and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def memory_bytes(self):
        """Resident anonymous memory: what the process allocated, without mapped files."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no RssAnon")

    def open_sockets(self):
        """The sockets that the process has open, as the kernel names them."""
        for entry in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if (name := os.readlink(entry)).startswith("socket:"):
                    yield name

    def log_text(self):
        return self._outputs[-1][1].read_text()

    def access_log(self):
        """All whole lines of every run so far."""
        entries = []
        for out, _ in self._outputs:
            entries += [json.loads(line) for line in out.read_text().split("\n")[:-1]]
        return entries

    def logged(self, request_id):
        """The access-log line of one request; it is written shortly after the answer."""
        return wait_until(lambda: next((entry for entry in self.access_log()
                                        if entry["request_id"] == request_id), None),
                          "the access-log line")

    def client(self, **options):
        return RawClient(self.port, **options)


class GatewayTest(unittest.TestCase):
    """A test case whose gateway and upstreams are ended after it."""

    def upstream(self, answer=None):
        upstream = RecordingUpstream(answer)
        self.addCleanup(upstream.close)
        return upstream

    def gateway(self, upstreams, routes=None, config=None, workers=2, start=True):
        gateway = Gateway(upstreams, routes, config, workers)
        self.addCleanup(gateway.close)
        return gateway.start() if start else gateway

    def assert_refused(self, response, status, reason, code=None):
        self.assertIsNotNone(response, "the connection ended without an answer")
        self.assertEqual((response.status, response.json["reason"]), (status, reason), response.body)
        self.assertIs(response.json["status"], False)
        if code is not None:
            self.assertEqual(response.json["error_code"], code)
