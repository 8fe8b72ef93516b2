"""A client on a raw socket, and the answers that it reads."""

import dataclasses
import json
import socket

from waiting import DEADLINE_SECONDS


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
