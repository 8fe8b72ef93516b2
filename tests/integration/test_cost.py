"""What a request may cost at steady state, counted: allocations, by a library that is preloaded, and system calls, by strace."""

import mmap
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

import signer
from support import NO_LIMIT, Gateway, RecordingUpstream, wait_until

CONNECTIONS = 64
HOST = "gateway.test"
READ, WRITE = "/2.0/customers/list", "/2.0/customers/create"
BACKENDS = ["epoll", "automatic"]


class Clients:
    """Connections that send together and then wait for their answers together."""

    def __init__(self, port):
        self.sockets = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(CONNECTIONS)]
        for client in self.sockets:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self):
        for client in self.sockets:
            client.close()

    def rounds(self, count, make):
        """Sends `make()` on every connection, `count` times. Returns how many were answered."""
        for _ in range(count):
            for client in self.sockets:
                client.sendall(make())
            for client in self.sockets:
                self._take_answer(client)
        return count * CONNECTIONS

    @staticmethod
    def _take_answer(client):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = client.recv(65536)
            assert piece, "the connection ended"
            data += piece
        head, body = data.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
        while len(body) < length:
            body += client.recv(65536)
        assert len(body) == length, "more than one answer"


def text(method, target, fields, body=b""):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}", *(f"{n}: {v}" for n, v in fields)]
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class CostTest(unittest.TestCase):
    def start(self, backend, launcher=()):
        self.upstream = RecordingUpstream()
        self.addCleanup(self.upstream.close)
        self.gateway = Gateway({"api": [self.upstream.url]}, workers=1, config={
            "io_backend": backend, **NO_LIMIT})
        self.addCleanup(self.gateway.close)
        self.token = self.gateway.create_token("customers")
        self.gateway.launcher = list(launcher)
        self.gateway.start()
        self.clients = Clients(self.gateway.port)
        self.addCleanup(self.clients.close)

    def requests(self):
        """The kinds of requests that are counted, by name."""
        signed = text("GET", READ, signer.sign(self.token, "GET", READ, host=HOST, has_nonce=False))
        basic = text("GET", READ, [("Authorization", self.token.basic)])
        body = b'{"first_name":"' + b"x" * 1000 + b'"}'

        def signed_post():
            return text("POST", WRITE, signer.sign(self.token, "POST", WRITE, body, host=HOST), body)
        return {"signed GET": lambda: signed, "Basic GET": lambda: basic, "signed POST": signed_post}


class AllocationsTest(CostTest):
    def test_a_request_allocates_nothing(self):
        for backend in BACKENDS:
            with self.subTest(backend):
                self.hold_allocations(backend)

    def hold_allocations(self, backend):
        library = os.environ["KWIKGATE_COUNT_ALLOCATIONS"]
        counter = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "count"
        counter.write_bytes(bytes(8))
        with open(counter, "r+b") as file:
            shared = mmap.mmap(file.fileno(), 8)
        self.addCleanup(shared.close)

        def allocations():
            return struct.unpack("=Q", shared[:8])[0]

        self.start(backend, ["env", f"LD_PRELOAD={library}", f"KWIKGATE_COUNT_FILE={counter}"])
        self.assertGreater(allocations(), 1000, "starting allocates: the counter counts")
        for name, make in self.requests().items():
            self.clients.rounds(15, make)
            costs = []
            for _ in range(3):
                before = allocations()
                count = self.clients.rounds(40, make)
                costs.append((allocations() - before) / count)
            # What a request allocates shows each time. More requests at once than ever before need more connections to
            # the upstream, once; the ticks of the loop, the log's and the usage's writers allocate now and then.
            self.assertLess(min(costs), 0.005, f"{backend}, {name}: {costs}")


class SystemCallsTest(CostTest):
    def test_a_request_costs_few_system_calls(self):
        # Two receives, two sends and a share of the wait; a write looks at its idle connection once more.
        for backend, most in [("epoll", {"signed GET": 4.4, "Basic GET": 4.4, "signed POST": 5.4}),
                              ("automatic", {"signed GET": 1.5, "Basic GET": 1.5, "signed POST": 2.5})]:
            with self.subTest(backend):
                self.start(backend)
                if backend == "automatic" and "io_uring is not available" in self.gateway.log_text():
                    most = {"signed GET": 4.4, "Basic GET": 4.4, "signed POST": 5.4}
                for name, make in self.requests().items():
                    self.clients.rounds(10, make)
                    calls, count = self.count_calls(lambda each=make: self.clients.rounds(25, each))
                    # A tick, 20 a second, looks at some connections; that costs the same however few requests come.
                    ticks = calls.get("timerfd_settime", 0)
                    self.assertLess((sum(calls.values()) - ticks * (CONNECTIONS + 6)) / count, most[name],
                                    f"{backend}, {name}: {calls}")

    def count_calls(self, run):
        """(calls by name while `run` ran, what `run` returned)"""
        table = self.gateway.folder / "strace"
        noise = self.gateway.folder / "strace.log"
        with open(noise, "wb") as log:
            tracer = subprocess.Popen(["strace", "-c", "-f", "-o", str(table), "-p", str(self.gateway.process.pid)],
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(lambda: "attached" in noise.read_text(), "strace")
            answered = run()
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(timeout=20)
        calls = {}
        for line in table.read_text().splitlines():
            found = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
            if found and found.group(2) != "total":
                calls[found.group(2)] = int(found.group(1))
        self.assertGreater(sum(calls.values()), 0, noise.read_text())
        return calls, answered


if __name__ == "__main__":
    unittest.main()
