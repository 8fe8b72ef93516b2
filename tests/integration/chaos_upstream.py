"""A server that fails at random in every way it can. Run by test_chaos, one process a server.

Prints its port; when its standard input ends, prints what it received, {id of a request: how many complete messages}, and
what it answered, {"id status": how many whole answers}.
"""

import collections
import contextlib
import json
import random
import socket
import sys
import threading
import time

from relay_support import UpstreamSide, chunked, pieces

WAYS = {"well": 70, "well_and_close": 5, "well_and_gone": 4, "gone_at_once": 2, "reset_after_head": 2, "reset_after_body": 2,
        "half_a_head": 2, "cut_length": 2, "cut_chunks": 2, "garbage": 2, "slow": 3, "never": 0.3, "early": 2, "error": 2,
        "more_bytes": 1, "interim": 2, "until_close": 2, "endless_head": 0.5}
# Those that give a whole answer, and its status.
WHOLE = {"well": 200, "well_and_close": 200, "well_and_gone": 200, "slow": 200, "early": 413, "error": 500, "more_bytes": 200,
         "interim": 200, "until_close": 200}
NEVER_SECONDS = 1.5  # Longer than the gateway waits for an answer.


def body_for(name):
    """The one right body of an answer to this request: its length follows from the name."""
    size = sum(name.encode()) * 37 % 30000
    return (name + "|").encode() * (size // (len(name) + 1) + 1)


class ChaosServer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.received = collections.Counter()
        self.answered = collections.Counter()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]

    def serve_for_ever(self):
        while True:
            if self.random.random() < 0.002:  # Nobody listens for a while.
                self.listener.close()
                time.sleep(self.random.random() / 5)
                self.listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        side = UpstreamSide(connection, 0)
        with contextlib.suppress(OSError, ValueError):
            while self.serve_one(side):
                pass
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            side.reader.close()
            connection.close()

    def serve_one(self, side):
        """True when the connection goes on."""
        with self.lock:
            way = self.random.choices(list(WAYS), WAYS.values())[0]
        if way == "gone_at_once":
            return False
        if way in ("reset_after_head", "early"):
            return self.answer_unread(side, way)
        seen = side.read_request()
        if seen is None:
            return False
        name = seen.target.rsplit("/", 1)[1]
        with self.lock:
            self.received[name] += 1
            if way in WHOLE:
                self.answered[f"{name} {WHOLE[way]}"] += 1
        return getattr(self, way)(side, body_for(name))

    def answer_unread(self, side, way):
        head = side.read_head()
        if head is None:
            return False
        name = head[0].split(b" ")[1].rsplit(b"/", 1)[1].decode()
        if way == "reset_after_head":
            side.reset()
            return False
        body = body_for(name)
        with self.lock:
            self.answered[f"{name} {WHOLE[way]}"] += 1
        side.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        side.socket.settimeout(5)
        side.reader.read()
        return False

    @staticmethod
    def well(side, body, status=b"200 OK", field=b""):
        side.send(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), field) + body)
        return True

    def well_and_close(self, side, body):
        self.well(side, body, field=b"Connection: close\r\n")
        return False

    def well_and_gone(self, side, body):
        self.well(side, body)
        time.sleep(self.random.random() / 500)
        return False

    @staticmethod
    def reset_after_body(side, body):
        side.reset()
        return False

    @staticmethod
    def half_a_head(side, body):
        side.send(b"HTTP/1.1 200 OK\r\nContent-Le")
        return False

    @staticmethod
    def cut_length(side, body):
        side.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) + 1) + body)
        return False

    @staticmethod
    def cut_chunks(side, body):
        side.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(pieces(body, 1000))[:-2])
        return False

    @staticmethod
    def until_close(side, body):
        side.send(b"HTTP/1.1 200 OK\r\n\r\n" + body)
        return False

    @staticmethod
    def garbage(side, body):
        side.send(b"\x00\x01 this is not HTTP\r\n\r\n" + body)
        return False

    @staticmethod
    def endless_head(side, body):
        side.send(b"HTTP/1.1 200 OK\r\n")
        for _ in range(10000):
            side.send(b"X-More: " + b"y" * 500 + b"\r\n")
        return False

    def slow(self, side, body):
        time.sleep(self.random.random() / 20)
        side.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in pieces(chunked(pieces(body, 3000)), 7000):
            side.send(piece)
            time.sleep(0.001)
        return True

    @staticmethod
    def never(side, body):
        time.sleep(NEVER_SECONDS)
        return False

    def error(self, side, body):
        return self.well(side, body, b"500 Internal Server Error")

    def more_bytes(self, side, body):
        stolen = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen"
        side.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body + stolen)
        return False

    def interim(self, side, body):
        side.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        return self.well(side, body)


def main():
    server = ChaosServer(int(sys.argv[1]))
    print(server.port, flush=True)
    threading.Thread(target=server.serve_for_ever, daemon=True).start()
    sys.stdin.read()
    with server.lock:
        print(json.dumps({"received": server.received, "answered": server.answered}), flush=True)


if __name__ == "__main__":
    main()
