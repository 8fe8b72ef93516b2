"""What the tests of proxying share: a route table that lets everything through, upstreams that follow a script, nginx."""

import contextlib
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile

from support import NO_LIMIT, GatewayTest, RecordingUpstream, free_port, wait_until
from upstreams import ListeningUpstream

ROUTES = [{"method": method, "path": "/relay/*"}
          for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")]
ROUTES += [{"method": "POST", "path": "/search/*", "access": "read"}]


def reset(connection):
    """Closes a socket so that the peer sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class ClosedPort:
    """An address where nobody listens, and where nobody else can start to."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def close(self):
        self.socket.close()


def chunked(parts, trailers=b""):
    """A body in the chunked coding."""
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part)
    return framed + b"0\r\n" + trailers + b"\r\n"


def pieces(data, size):
    return [data[at:at + size] for at in range(0, len(data), size)]


class UpstreamSide:
    """A connection that a scripted upstream accepted."""

    def __init__(self, connection, number):
        self.socket = connection
        self.number = number
        self.reader = connection.makefile("rb", buffering=65536)

    def read_request(self):
        """The next complete message, or None when the connection ended before."""
        start = self.reader.readline()
        return RecordingUpstream.read_message(start, self.reader, self.number) if start else None

    def read_head(self):
        """The next request's lines up to the empty one; None at the end of the connection."""
        lines = []
        while True:
            line = self.reader.readline()
            if not line.endswith(b"\r\n"):
                return None
            if line == b"\r\n":
                return lines
            lines.append(line[:-2])

    def send(self, data):
        self.socket.sendall(data)

    def reset(self):
        self.reader.close()
        reset(self.socket)


class ScriptedUpstream(ListeningUpstream):
    """A server that does `script(connection)` with every connection, then closes it. A thread each."""

    def __init__(self, script):
        self.script = script
        super().__init__()

    def _serve(self, connection, number):
        side = UpstreamSide(connection, number)
        with contextlib.suppress(OSError, ValueError):
            self.script(side)
        with contextlib.suppress(OSError):
            side.socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            side.reader.close()
        side.socket.close()


class Nginx:
    """Debian's nginx on a free port, in a temporary prefix. `locations` is the inside of its server block."""

    def __init__(self, locations, http=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-nginx-"))
        self.files = self.folder / "files"
        self.files.mkdir()
        self.port = free_port()
        temporary = "".join(f"{name}_temp_path {self.folder}/{name};\n"
                            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(f"""
            daemon off; master_process off; pid {self.folder}/pid; error_log {self.folder}/error.log;
            events {{}}
            http {{
                access_log off; root {self.files}; {temporary} {http}
                server {{ listen 127.0.0.1:{self.port}; {locations} }}
            }}""")
        self.process = subprocess.Popen(
            [nginx_binary(), "-e", self.folder / "error.log", "-p", self.folder,
             "-c", self.folder / "nginx.conf"], stdin=subprocess.DEVNULL)
        wait_until(self._is_up, "nginx to listen")

    def _is_up(self):
        assert self.process.poll() is None, (self.folder / "error.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)


def nginx_binary():
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert found, "nginx is missing: apt-get install nginx-light"
    return found


class RelayTest(GatewayTest):
    """A test whose requests are all let through, so that only the relay is judged."""

    def relay(self, upstream, config=None, upstream_config=None, workers=1, routes=None, more_upstreams=None, listener=None):
        """A gateway before `upstream` (one, or a list); `self.auth` is what its requests need, of `self.token`."""
        upstreams = upstream if isinstance(upstream, list) else [upstream]
        settings = {"servers": [one if isinstance(one, str) else one.url for one in upstreams],
                    **(upstream_config or {})}
        config = {**NO_LIMIT, **(config or {})}
        config["limits"] = {"body": "64MiB", **config.get("limits", {})}
        gateway = self.gateway({"main": settings, **(more_upstreams or {})}, routes or ROUTES, config, workers, start=False)
        gateway.config["listeners"][0].update(listener or {})
        gateway.write_config()
        self.token = gateway.create_token("customers")
        self.auth = {"Authorization": self.token.basic}
        return gateway.start()

    def scripted(self, script):
        upstream = ScriptedUpstream(script)
        self.addCleanup(upstream.close)
        return upstream

    def closed_port(self):
        port = ClosedPort()
        self.addCleanup(port.close)
        return port.url

    def head(self, method, target, *fields, version="HTTP/1.1"):
        """A request head with credentials, as bytes."""
        lines = [f"{method} {target} {version}", "Host: gateway.test",
                 f"Authorization: {self.auth['Authorization']}", *fields, "", ""]
        return "\r\n".join(lines).encode("latin-1")
