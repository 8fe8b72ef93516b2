"""Attacks on the one worker that others use too: they cost bounded memory and CPU, and everybody else is served.

Each prints what was measured: the share of good requests that was served, memory and CPU. What it costs is held against bounds.
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
import unittest

from relay_support import ROUTES, RelayTest, reset
from signer import sign
from support import SANITIZER_BYTES, RecordingUpstream, wait_until

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


class AttackTest(RelayTest):
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

    def start(self, sink=False, **config):
        routes, more = list(ROUTES), {}
        if sink:  # A process of its own that reads and forgets, so that nobody's upstream is what is slow.
            process = subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
            self.addCleanup(process.communicate)
            more = {"sink": [f"http://127.0.0.1:{int(process.stdout.readline())}"]}
            routes.append({"method": "POST", "path": "/sink", "upstream": "sink", "body": "1TiB"})
        # The test is busy too: no request is shed because the machine is.
        config["limits"] = {"max_delay": "20s", **config.get("limits", {})}
        self.gate = self.relay(self.recorder, config=config, routes=routes, more_upstreams=more,
                               upstream_config={"connect_timeout": "20s"})
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
                        outcomes[self.outcome(fresh.request("GET", "/relay/good", self.auth))] += 1
                outcomes[self.outcome(kept.request("POST", "/relay/good", self.auth, b"{}"))] += 1
                peak = max(peak, self.gate.memory_bytes() - self.memory_before)
        cores = (self.cpu_seconds() - cpu_before) / (time.monotonic() - began)
        self.ended.set()
        for connection in self.sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            reset(connection)  # Thousands of closed ones would keep their ports for a minute.
        for thread in threads:
            thread.join(30)
        print(f"{self._testMethodName}: {outcomes['served']} of {outcomes.total()} good requests served, {peak / MIB:.1f} MiB, "
              f"{cores:.2f} cores", flush=True)
        self.assertEqual(set(outcomes), {"served"}, outcomes)
        self.assertLess(peak, SANITIZER_BYTES + memory_bytes)
        self.assertLess(cores, cpu * CPU_FACTOR)

    @staticmethod
    def outcome(answer):
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
        print(f"{self._testMethodName}: {cores:.2f} cores for those who only wait", flush=True)
        self.assertLess(cores, WAITING * CPU_FACTOR)

    def test_headers_that_drip(self):
        self.start()
        slow = self.connect(500)
        for connection in slow:
            connection.sendall(b"GET /relay/slow HTTP/1.1\r\nX-Slow: ")
        self.assert_waiting_costs_nothing()

        def drip():
            for connection in slow:
                connection.send(b"a")
        self.assert_others_are_served(500 * 64 * KIB, self.attack(drip))

    def test_bodies_that_drip(self):
        self.start()
        slow = self.connect(300)
        for connection in slow:
            connection.sendall(self.head("POST", "/relay/slow", "Content-Length: 60000") + b"a")
        self.assert_waiting_costs_nothing()

        def drip():
            for connection in slow:
                connection.send(b"a")
        self.assert_others_are_served(300 * 200 * KIB, self.attack(drip))
        self.assertEqual([seen for seen in self.recorder.seen if "slow" in seen.target], [])

    def test_answers_that_nobody_reads(self):
        self.start()
        for connection in self.connect(60):
            connection.sendall(self.head("GET", "/relay/big"))
        time.sleep(0.5)  # Until the buffers on the way are full.
        self.assert_waiting_costs_nothing()
        self.assert_others_are_served(60 * 256 * KIB)

    def test_ten_thousand_idle_connections(self):
        count = min(10000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 200)
        self.start()
        self.connect(count)
        with self.gate.client() as client:  # Behind all of them in the queue.
            self.assertEqual(client.request("GET", "/relay/good", self.auth).status, 200)
        self.assert_waiting_costs_nothing()
        self.assert_others_are_served(count * 2 * KIB)

    def test_pipelining_without_end(self):
        self.start()
        # Refused here and at once: the next one is always there already.
        stream = b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" * 200

        def flood(connection):
            def send_and_read():
                connection.sendall(stream)
                connection.recv(1 << 20)
            return send_and_read
        self.assert_others_are_served(8 * MIB, self.attack(*[flood(c) for c in self.connect(4)]))

    def test_pipelining_whose_answers_nobody_reads(self):
        self.start()
        stream = b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" * 200

        def flood(connection):
            return lambda: connection.sendall(stream)
        self.assert_others_are_served(8 * MIB, self.attack(*[flood(c) for c in self.connect(4)]))

    def test_header_bombs(self):
        self.start()
        head = b"GET /nowhere HTTP/1.1\r\nHost: a\r\n" + b"X: %s\r\n" % (b"y" * 150) * 90 + b"\r\n"

        def bomb(connection):
            def send_and_read():
                connection.sendall(head * 10)
                connection.recv(1 << 20)
            return send_and_read
        self.assert_others_are_served(8 * MIB, self.attack(*[bomb(c) for c in self.connect(4)]))

    def test_bodies_in_single_byte_chunks(self):
        self.start(sink=True)
        crumbs = b"1\r\na\r\n" * 10000

        def crumble(connection):
            connection.sendall(self.head("POST", "/sink", "Transfer-Encoding: chunked"))
            return lambda: connection.sendall(crumbs)
        self.assert_others_are_served(8 * MIB, self.attack(*[crumble(c) for c in self.connect(4)]))

    def test_uploads_that_never_pause(self):
        self.start(sink=True)
        body = bytes(MIB)

        def upload(connection):
            connection.sendall(self.head("POST", "/sink", "Content-Length: 1000000000000"))
            return lambda: connection.sendall(body)
        self.assert_others_are_served(8 * MIB, self.attack(*[upload(c) for c in self.connect(2)]))

    def flood_with(self, stream, source=None):
        """Four connections that send it without end and read what comes."""
        def loop(connection):
            def send_and_read():
                connection.sendall(stream)
                connection.recv(1 << 20)
            return send_and_read
        return self.attack(*[loop(connection) for connection in self.connect(4, source)])

    def test_failing_credentials(self):
        self.start(address_limit={"enabled": False})
        # Without a limit on failures, the most that they can cost.
        stream = b"GET /relay/a HTTP/1.1\r\nHost: a\r\nAuthorization: Basic a3drX2xpdmVfYWtfeDp5\r\n\r\n" * 50
        self.assert_others_are_served(8 * MIB, self.flood_with(stream))
        self.assertEqual({seen.target for seen in self.recorder.seen}, {"/relay/warm", "/relay/good"})

    def test_failing_signatures_of_a_known_key(self):
        self.start(address_limit={"enabled": False})
        fields = "".join(f"{name}: {value}\r\n" for name, value in sign(self.token, "GET", "/relay/a", secret="wrong"))
        stream = f"GET /relay/a HTTP/1.1\r\nHost: gateway.test\r\n{fields}\r\n".encode() * 50
        self.assert_others_are_served(8 * MIB + LOG_MAY_WAIT, self.flood_with(stream))
        self.assertEqual({seen.target for seen in self.recorder.seen}, {"/relay/warm", "/relay/good"})
        self.assertEqual({entry["reason"] for entry in self.gate.access_log()}, {"none", "credential_invalid"})

    def test_failing_credentials_of_an_address_that_is_limited(self):
        self.start(address_limit={"enabled": True})
        stream = b"GET /relay/a HTTP/1.1\r\nHost: a\r\nAuthorization: Basic a3drX2xpdmVfYWtfeDp5\r\n\r\n" * 50
        self.assert_others_are_served(8 * MIB + LOG_MAY_WAIT, self.flood_with(stream, "127.0.0.2"))
        wait_until(lambda: any(entry["reason"] == "address_limited" for entry in self.gate.access_log()), "the limit")

    def test_connections_that_come_and_go(self):
        self.start()

        def come_and_go(source):
            with socket.create_connection(("127.0.0.1", self.gate.port), source_address=(source, 0)) as connection:
                connection.sendall(b"GET / HT")
        self.assert_others_are_served(8 * MIB, self.attack(*self.from_everywhere(come_and_go)))

    def test_connections_that_come_as_fast_as_they_are_accepted(self):
        """On one core with the worker, and favoured: while it accepts one, others come. It must turn to those it has."""
        self.start()
        core = min(os.sched_getaffinity(0))
        for task in pathlib.Path(f"/proc/{self.gate.process.pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core})
            os.setpriority(os.PRIO_PROCESS, int(task.name), 15)
        attackers = []
        self.addCleanup(lambda: [(attacker.kill(), attacker.wait()) for attacker in attackers])
        attackers += [subprocess.Popen([sys.executable, "-c", CONNECTORS, str(self.gate.port), str(core), f"127.0.1.{i}"],
                                       stderr=subprocess.DEVNULL) for i in range(1, 5)]
        most = 0
        with self.gate.client(timeout=60) as client:
            for _ in range(10 * GOOD_REQUESTS):
                self.assertEqual(client.request("GET", "/relay/good", self.auth).status, 200)
                most = max(most, len(os.listdir(f"/proc/{self.gate.process.pid}/fd")))
        self.assertEqual([attacker.poll() for attacker in attackers], [None] * 4)
        print(f"{self._testMethodName}: {most} descriptors", flush=True)
        self.assertLess(most, 1000)

    @staticmethod
    def from_everywhere(loop):
        """The loop from four addresses: what was closed keeps a port of these, and takes none from other tests."""
        return [functools.partial(loop, f"127.0.1.{i}") for i in range(1, 5)]

    def test_more_connections_than_the_cap(self):
        self.start(limits={"connections_per_worker": 64})
        with self.gate.client(timeout=60) as inside:
            self.assertEqual(inside.request("GET", "/relay/good", self.auth).status, 200)

            def push_in(source):
                with socket.create_connection(("127.0.0.1", self.gate.port), source_address=(source, 0)) as connection:
                    connection.sendall(b"GET / HTTP/1.1\r\n")
            held = self.connect(63)
            self.assertEqual(len(held), 63)
            # Whoever is inside stays inside.
            self.assert_others_are_served(8 * MIB, self.attack(*self.from_everywhere(push_in)), clients=inside)
        wait_until(lambda: any(entry["reason"] == "overloaded" for entry in self.gate.access_log()), "a refusal in the log")


if __name__ == "__main__":
    unittest.main()
