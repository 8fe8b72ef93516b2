"""A client of the admin API over its unix socket or its port, and a reader of metrics."""

import dataclasses
import http.client
import json
import re
import socket


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The code of a refusal, or None."""
        is_problem = self.headers.get("Content-Type") == "application/problem+json"
        return self.json["code"] if is_problem else None


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class AdminClient:
    """Calls with a key, or without one. `connect` makes a connection; each call has its own."""

    def __init__(self, connect, key=None):
        self.connect = connect
        self.key = key

    @classmethod
    def of(cls, gateway, key=None):
        """For the gateway's unix socket; with the admin key that `init` made, unless told otherwise."""
        return cls(lambda: UnixConnection(gateway.folder / "admin.sock"), gateway.admin_key if key is None else key)

    def with_key(self, key):
        return AdminClient(self.connect, key)

    def call(self, method, path, body=None, headers=None):
        """`body` is sent as JSON unless it is bytes."""
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.call("POST", path, body, **options)

    def metrics(self):
        answer = self.get("/metrics")
        assert answer.status == 200, answer.body
        return Metrics(answer.body.decode())


class Metrics:
    """What `/metrics` said: samples by name and labels."""

    SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)')
    LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text):
        self.samples = []
        self.kinds = {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.kinds[name] = kind
            elif line and not line.startswith("#"):
                match = self.SAMPLE.fullmatch(line)
                assert match, line
                name, labels, value = match.groups()
                self.samples.append((name, dict(self.LABEL.findall(labels or "")), float(value)))

    def of(self, name, **labels):
        """The samples of that name that have these labels."""
        return [(found, value) for sample, found, value in self.samples
                if sample == name and labels.items() <= found.items()]

    def sum(self, name, **labels):
        return sum(value for _, value in self.of(name, **labels))
