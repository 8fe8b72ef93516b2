"""What every integration test needs: a real gateway, upstreams that record, and a client on a raw socket."""

import base64
import contextlib
import dataclasses
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

BINARY = os.environ["KWIKGATE_BIN"]
DEADLINE_SECONDS = 20
# A sanitizer keeps freed memory and what it knows of it: that is none of the gateway's growth.
SANITIZER_BYTES = int(os.environ.get("KWIKGATE_SANITIZER_BYTES", "0"))


def wait_until(is_true, what, seconds=DEADLINE_SECONDS):
    """Returns what `is_true` returned once it is truthy."""
    end = time.monotonic() + seconds
    while True:
        value = is_true()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.01)


def free_port():
    """A port that nothing has at the moment, below those that the system gives to clients: none of theirs can take it."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def run_kwikgate(*arguments, stdin="", timeout=120, env=None):
    return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                          timeout=timeout, env={**os.environ, **(env or {})})


@dataclasses.dataclass
class Token:
    id: str
    key: str
    secret: str
    public_key: str

    @property
    def basic(self):
        return "Basic " + base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()


@dataclasses.dataclass
class Response:
    status: int
    fields: list  # (name in lower case, value), in order
    body: bytes
    is_complete: bool = True

    def field(self, name):
        values = [value for field, value in self.fields if field == name.lower()]
        return values[0] if values else None

    def all_fields(self, name):
        return [value for field, value in self.fields if field == name.lower()]

    @property
    def json(self):
        return json.loads(self.body)


class RawClient:
    """One connection. Sends exactly the bytes it is given and reads whole messages by their framing."""

    def __init__(self, port, timeout=DEADLINE_SECONDS, source=None):
        # Bound only where the address matters: a bound port is taken from connections to anywhere, also when it is closed.
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout,
                                               source_address=source and (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def request(self, method, target, headers=None, body=None, host="gateway.test"):
        """Sends a request (fixed length when there is a body) and reads its answer."""
        self.send_request(method, target, headers, body, host)
        return self.read_response(method)

    def send_request(self, method, target, headers=None, body=None, host="gateway.test"):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
        items = headers.items() if isinstance(headers, dict) else (headers or [])
        lines += [f"{name}: {value}" for name, value in items]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b""))

    def _fill(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def read_head(self):
        """(status or None at the end of the connection, fields)."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._fill():
                return None, []
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        start, *lines = head.decode("latin-1").split("\r\n")
        fields = [(n.lower(), v.strip()) for n, v in (line.split(":", 1) for line in lines)]
        return int(start.split(" ")[1]), fields

    def _take(self, count):
        """(bytes, whether all were there before the end)."""
        while len(self.buffer) < count:
            if not self._fill():
                data, self.buffer = self.buffer, b""
                return data, False
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data, True

    def _take_line(self):
        while b"\r\n" not in self.buffer:
            if not self._fill():
                return None
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _read_chunked(self):
        parts = []
        while True:
            line = self._take_line()
            if line is None:
                return b"".join(parts), False
            size = int(line.split(b";")[0], 16)
            data, whole = self._take(size)
            parts.append(data)
            if not whole or self._take_line() is None:
                return b"".join(parts), False
            if size == 0:
                return b"".join(parts), True

    def read_response(self, method="GET", skip_interim=True):
        """The next final answer, or None when the connection ended before one began."""
        while True:
            status, fields = self.read_head()
            if status is None:
                return None
            if status >= 200 or not skip_interim:
                break
        response = Response(status, fields, b"")
        if method == "HEAD" or status in (204, 304) or status < 200:
            return response
        if (response.field("transfer-encoding") or "").lower() == "chunked":
            response.body, response.is_complete = self._read_chunked()
        elif response.field("content-length") is not None:
            response.body, response.is_complete = self._take(int(response.field("content-length")))
        else:
            while self._fill():
                pass
            response.body, self.buffer = self.buffer, b""
        return response

    def is_closed_by_peer(self):
        try:
            return self.buffer == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


@dataclasses.dataclass
class Seen:
    """A complete message as the upstream received it."""
    method: str
    target: str
    fields: list  # (name as received, value), in order
    body: bytes
    connection: int

    def field(self, name):
        values = [value for field, value in self.fields if field.lower() == name.lower()]
        return values[0] if values else None


class ListeningUpstream:
    """A server that hands every connection, with its number, to `_serve` in a thread of its own."""

    def __init__(self, address=("127.0.0.1", 0)):
        self.connections = 0
        self.listener = socket.create_server(address, backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        # Ends the accepting thread first: it would go on with the next socket that gets this descriptor's number.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join(DEADLINE_SECONDS)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()


class RecordingUpstream(ListeningUpstream):
    """A server that keeps every complete message it gets, and counts those that stayed incomplete.

    `answer(seen)` returns the raw bytes of the answer, or None to close without one; it may be replaced
    at any time. Threads: one a connection.
    """

    def __init__(self, answer=None, address=("127.0.0.1", 0)):
        self.answer = answer or (lambda seen: RecordingUpstream.reply(b'{"status":true}'))
        self.seen = []
        self.incomplete = 0
        self.lock = threading.Lock()
        super().__init__(address)

    @staticmethod
    def reply(body=b"", status="200 OK", fields=()):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

    def _serve(self, connection, number):
        reader = connection.makefile("rb", buffering=65536)
        with contextlib.suppress(OSError, ValueError, OverflowError, MemoryError):
            while True:
                start = reader.readline()
                if not start:
                    break
                seen = self.read_message(start, reader, number)
                if seen is None:
                    with self.lock:
                        self.incomplete += 1
                    break
                with self.lock:
                    self.seen.append(seen)
                answer = self.answer(seen)
                if answer is None:
                    break
                connection.sendall(answer)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        reader.close()
        connection.close()

    @staticmethod
    def read_message(start, reader, number):
        """The rest of a message whose first line was read; None when it stayed incomplete."""
        method, target, _ = start.decode("latin-1").rstrip("\r\n").split(" ")
        fields = []
        while True:
            line = reader.readline()
            if not line.endswith(b"\r\n"):
                return None
            if line == b"\r\n":
                break
            name, value = line.decode("latin-1").rstrip("\r\n").split(":", 1)
            fields.append((name, value.strip()))
        seen = Seen(method, target, fields, b"", number)
        if (seen.field("transfer-encoding") or "").lower() == "chunked":
            parts = []
            while True:
                line = reader.readline()
                if not line.endswith(b"\r\n"):
                    return None
                size = int(line, 16)
                data = reader.read(size + 2)
                if len(data) < size + 2:
                    return None
                if size == 0:
                    break
                parts.append(data[:-2])
            seen.body = b"".join(parts)
        elif seen.field("content-length"):
            length = int(seen.field("content-length"))
            seen.body = reader.read(length)
            if len(seen.body) < length:
                return None
        return seen


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
        return Token(made["id"], made["api_key"], made["api_secret"], made["public_key"])

    # The process.

    def start(self):
        number = len(self._outputs)
        out, log = self.folder / f"access-{number}.log", self.folder / f"gateway-{number}.log"
        self._outputs.append((out, log))
        with open(out, "wb") as access, open(log, "wb") as operational:
            self.process = subprocess.Popen(
                [*self.launcher, BINARY, "serve", "--config", str(self.config_file), "--workers", str(self.workers)],
                stdin=subprocess.DEVNULL, stdout=access, stderr=operational,
                env={**os.environ, **self.environment}, pass_fds=self.inherits)
        wait_until(self._is_up, "the gateway to listen")
        return self

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
