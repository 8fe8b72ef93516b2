"""What attacks are measured with: who attacks, who sends good requests meanwhile, and what it costs the gateway.

`KWIKGATE_TEST_WORKERS` and `KWIKGATE_TEST_IO_BACKEND` choose the gateway: CMake runs every case for one worker and for two,
through epoll and through io_uring.
"""

import collections
import contextlib
import functools
import os
import pathlib
import resource
import socket
import subprocess
import sys
import threading
import time

from relay_support import ROUTES, RelayTest, reset
from support import SANITIZER_BYTES, RecordingUpstream

WORKERS = int(os.environ.get("KWIKGATE_TEST_WORKERS", "1"))
BACKEND = os.environ.get("KWIKGATE_TEST_IO_BACKEND", "automatic")

KIB = 1024
MIB = 1024 * KIB
GOOD_REQUESTS = 100
# Lines that wait for a slow disk, at most; what does not fit is lost and counted.
LOG_MAY_WAIT = 64 * MIB
# Of a core. An attack that only waits must cost next to nothing; one that sends as fast as it can may take the worker, and
# what writes its log lines, but no more.
WAITING, SENDING = 0.25, 1.5
# A sanitizer makes everything several times as dear.
CPU_FACTOR = 4 if SANITIZER_BYTES else 1


SINK = """
import socket, sys, threading
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
def forget(connection):
    room = bytearray(1 << 20)
    while connection.recv_into(room):
        pass
def serve():
    while True:
        threading.Thread(target=forget, args=(listener.accept()[0],), daemon=True).start()
threading.Thread(target=serve, daemon=True).start()
sys.stdin.read()
"""


CONNECTORS = """
import os, socket, struct, sys
port, core, source = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.sched_setaffinity(0, {core})
reset = struct.pack("ii", 1, 0)
while True:
    connection = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
    connection.sendall(b"GET / HT")
    connection.close()
"""


class AttackCase(RelayTest):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.ended = threading.Event()
        self.sockets = []
        self.addCleanup(lambda: [connection.close() for connection in self.sockets])
        self.big = RecordingUpstream.reply(bytes(4 * MIB))
        self.recorder = self.upstream(
            lambda seen: self.big if "big" in seen.target else RecordingUpstream.reply(b"{}"))

    def start(self, sink=False, listener=None, **config):
        routes, more = list(ROUTES), {}
        if sink:  # A process of its own that reads and forgets, so that nobody's upstream is what is slow.
            process = subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
            self.addCleanup(process.communicate)
            more = {"sink": [f"http://127.0.0.1:{int(process.stdout.readline())}"]}
            routes.append({"method": "POST", "path": "/sink", "upstream": "sink", "body": "1TiB"})
        # The test is busy too: no request is shed because the machine is.
        config["limits"] = {"max_delay": "20s", **config.get("limits", {})}
        self.gate = self.relay(self.recorder, config=config, routes=routes, more_upstreams=more, workers=WORKERS,
                               upstream_config={"connect_timeout": "20s"}, listener=listener)
        with self.gate.client() as client:
            for _ in range(20):
                self.assertEqual(client.request("GET", "/relay/warm", self.auth).status, 200)
        self.memory_before = self.gate.memory_bytes()

    def connect(self, count, source=None):
        """`source`: from another address than usual. Bound only then, as a bound port is taken from everybody."""
        opened = []
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", self.gate.port), timeout=20, source_address=source and (source, 0))
            opened.append(connection)
        self.sockets += opened
        return opened

    def attack(self, *loops):
        """Runs each loop over and over in a thread of its own until the good requests are through."""
        def repeat(loop):
            with contextlib.suppress(OSError):
                while not self.ended.is_set():
                    loop()
        threads = [threading.Thread(target=repeat, args=(loop,), daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        return threads

    def assert_others_are_served(self, memory_bytes, threads=(), cpu=SENDING, clients=None):
        """All good requests are answered while the attack runs, and it costs no more than this. `clients`: who sends them
        instead of one that is kept and ten that come anew."""
        peak, outcomes = 0, collections.Counter()
        began, cpu_before = time.monotonic(), self.cpu_seconds()
        kept = clients or self.gate.client(timeout=60)
        with kept:
            for i in range(GOOD_REQUESTS):
                if i % 10 == 0 and clients is None:
                    with self.gate.client(timeout=60) as fresh:
                        outcomes[self.outcome(fresh, "GET")] += 1
                outcomes[self.outcome(kept, "POST", b"{}")] += 1
                peak = max(peak, self.gate.memory_bytes() - self.memory_before)
        cores = (self.cpu_seconds() - cpu_before) / (time.monotonic() - began)
        self.ended.set()
        for connection in self.sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            reset(connection)  # Thousands of closed ones would keep their ports for a minute.
        for thread in threads:
            thread.join(30)
        share = outcomes["served"] / outcomes.total()
        print(f"{self._testMethodName} ({WORKERS} workers, {BACKEND}): {share:.0%} of {outcomes.total()} good requests served, "
              f"{peak / MIB:.1f} MiB, {cores:.2f} cores", flush=True)
        self.assertEqual(set(outcomes), {"served"}, outcomes)
        self.assertLess(peak, SANITIZER_BYTES + memory_bytes * WORKERS)
        self.assertLess(cores, cpu * CPU_FACTOR * WORKERS)

    def outcome(self, client, method, body=None):
        try:
            answer = client.request(method, "/relay/good", self.auth, body)
        except OSError as error:
            return type(error).__name__
        if answer is None:
            return "closed"
        return "served" if answer.status == 200 else (answer.status, answer.json["reason"])

    def cpu_seconds(self):
        """Of all threads, to the nanosecond."""
        tasks = pathlib.Path(f"/proc/{self.gate.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def assert_waiting_costs_nothing(self):
        before = self.cpu_seconds()
        time.sleep(2)
        cores = (self.cpu_seconds() - before) / 2
        print(f"{self._testMethodName} ({WORKERS} workers, {BACKEND}): {cores:.2f} cores for those who only wait", flush=True)
        self.assertLess(cores, WAITING * CPU_FACTOR)

    def flood_with(self, stream, source=None):
        """Four connections that send it without end and read what comes."""
        def loop(connection):
            def send_and_read():
                connection.sendall(stream)
                connection.recv(1 << 20)
            return send_and_read
        return self.attack(*[loop(connection) for connection in self.connect(4, source)])

    @staticmethod
    def from_everywhere(loop):
        """The loop from four addresses: what was closed keeps a port of these, and takes none from other tests."""
        return [functools.partial(loop, f"127.0.1.{i}") for i in range(1, 5)]
