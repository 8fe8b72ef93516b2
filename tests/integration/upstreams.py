"""Upstreams of tests: servers in a thread, of which the usual one records every message."""

import contextlib
import dataclasses
import socket
import threading

from waiting import DEADLINE_SECONDS


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
