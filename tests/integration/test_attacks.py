"""Attacks on the workers that others use too: they cost bounded memory and CPU, and everybody else is served.

Each prints what was measured: the share of good requests that was served, memory and CPU. What it costs is held against bounds.
"""

import contextlib
import os
import pathlib
import resource
import select
import socket
import subprocess
import sys
import time
import unittest

from attack_support import CONNECTORS, GOOD_REQUESTS, KIB, LOG_MAY_WAIT, MIB, WORKERS, AttackCase
from relay_support import reset
from signer import sign
from support import wait_until


class AttackTest(AttackCase):
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

    def test_silent_connections_of_one_address(self):
        """A10: more than the places of all workers, from one address, and held."""
        self.start(limits={"connections_per_worker": 200})
        self.connect(400 * WORKERS, "127.0.0.2")
        self.assert_waiting_costs_nothing()
        self.assert_others_are_served(400 * 4 * KIB)

    def test_connections_that_had_one_answer_and_idle(self):
        self.start(limits={"connections_per_worker": 200})
        for connection in self.connect(400 * WORKERS, "127.0.0.2"):
            with contextlib.suppress(OSError):
                connection.sendall(b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
                connection.recv(4096)
        self.assert_others_are_served(400 * 4 * KIB)

    def test_silent_connections_that_come_again_when_they_are_closed(self):
        """Four addresses that each keep 100 connections for each worker, and open a new one for each that is closed."""
        self.start(limits={"connections_per_worker": 100})

        def hold(source):
            held = []
            with contextlib.ExitStack() as stack:
                while not self.ended.is_set():
                    while len(held) < 100 * WORKERS:
                        held.append(stack.enter_context(
                            socket.create_connection(("127.0.0.1", self.gate.port), source_address=(source, 0))))
                    closed = select.select(held, [], [], 0.01)[0]
                    for connection in closed:
                        held.remove(connection)
                        reset(connection)
        self.assert_others_are_served(8 * MIB + LOG_MAY_WAIT, self.attack(*self.from_everywhere(hold)))

    def test_more_connections_than_the_cap(self):
        # The address of those inside is a trusted proxy's: they do not lose their places to others.
        self.start(limits={"connections_per_worker": 64}, listener={"trusted_proxies": ["127.0.0.1"]})
        with self.gate.client(timeout=60) as inside:
            self.assertEqual(inside.request("GET", "/relay/good", self.auth).status, 200)

            def push_in(source):
                with socket.create_connection(("127.0.0.1", self.gate.port), source_address=(source, 0)) as connection:
                    connection.sendall(b"GET / HTTP/1.1\r\n")
            self.connect(64 * WORKERS)
            # Whoever is inside stays inside.
            self.assert_others_are_served(8 * MIB, self.attack(*self.from_everywhere(push_in)), clients=inside)
        wait_until(lambda: any(entry["reason"] == "overloaded" for entry in self.gate.access_log()), "a refusal in the log")


if __name__ == "__main__":
    unittest.main()
