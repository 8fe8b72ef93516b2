"""One token that takes all it can of an upstream's connections: what becomes of the good requests of another one."""

import collections
import contextlib
import threading
import time
import unittest

from relay_support import RelayTest, reset
from support import RecordingUpstream

GOOD_REQUESTS = 100
ATTACKERS = 256  # As many as one worker has connections to an upstream.
BACKENDS = ("epoll", "io_uring")


class UpstreamAttackTest(RelayTest):
    def start(self, backend, workers):
        self.big = RecordingUpstream.reply(bytes(8 << 20))
        self.recorder = self.upstream(lambda seen: self.big if "big" in seen.target else RecordingUpstream.reply(b"{}"))
        self.gate = self.relay(self.recorder, {"io_backend": backend, "limits": {"max_delay": "20s"}}, workers=workers,
                               upstream_config={"connect_timeout": "20s"})
        self.good = {"Authorization": self.gate.create_token("customers").basic}
        self.attackers = []
        self.ended = threading.Event()

    def drip(self, piece):
        """A byte more now and then: a drip is a sign of life, but no body. Quicker than the 30 s in which it has to come."""
        while not self.ended.wait(1):
            for client in self.attackers:
                with contextlib.suppress(OSError):
                    client.send(piece)

    def outcome(self, answer):
        if answer is None:
            return "closed"
        return "served" if answer.status == 200 else (answer.status, answer.json["reason"])

    def good_requests(self):
        outcomes = collections.Counter()
        with self.gate.client(timeout=60) as kept:
            for i in range(GOOD_REQUESTS):
                if i % 5 == 0:  # On the other worker too.
                    with self.gate.client(timeout=60) as fresh:
                        outcomes[self.outcome(fresh.request("GET", "/relay/good", self.good))] += 1
                outcomes[self.outcome(kept.request("POST", "/relay/good", self.good, b"{}"))] += 1
        return outcomes

    def attack(self, head, begins_with, piece):
        """Runs the attack against each backend with one worker and with two."""
        for backend in BACKENDS:
            for workers in (1, 2):
                with self.subTest(backend=backend, workers=workers):
                    self.start(backend, workers)
                    self.attackers = [self.gate.client() for _ in range(ATTACKERS * workers)]
                    for client in self.attackers:
                        client.send(self.head(*head) + begins_with)
                    time.sleep(1)  # Until all have what they can get.
                    dripping = threading.Thread(target=self.drip, args=(piece,))
                    if piece:
                        dripping.start()
                    outcomes = self.good_requests()
                    self.ended.set()
                    if piece:
                        dripping.join()
                    for client in self.attackers:
                        reset(client.socket)
                    print(f"{self._testMethodName}, {backend}, {workers} workers: {outcomes['served']} of {outcomes.total()} good "
                          "requests served", flush=True)
                    self.assertEqual(set(outcomes), {"served"}, outcomes)

    def test_chunked_bodies_of_a_byte(self):
        self.attack(("POST", "/relay/slow", "Transfer-Encoding: chunked"), b"1\r\na\r\n", b"1\r\nb\r\n")

    def test_streamed_bodies_that_stop(self):
        """Longer than what is held first: each has a connection, until its share is used up."""
        self.attack(("POST", "/relay/slow", "Content-Length: 1000000"), bytes(70_000), b"a")

    def test_chunked_bodies_that_become_streams_and_stop(self):
        self.attack(("POST", "/relay/slow", "Transfer-Encoding: chunked"), b"11170\r\n" + bytes(70_000) + b"\r\n", b"1\r\nb\r\n")

    def test_answers_that_nobody_reads(self):
        self.attack(("GET", "/relay/big"), b"", b"")


if __name__ == "__main__":
    unittest.main()
