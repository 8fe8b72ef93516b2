"""A worker that cannot keep up turns a share of the requests away, at once, and stops doing so when it can."""

import collections
import re
import selectors
import signal
import socket
import threading
import time
import unittest

from admin_client import AdminClient
from relay_support import RelayTest
from support import RecordingUpstream, wait_until
from waiting import DEADLINE_SECONDS


class Crowd:
    """Connections that each send their next request as soon as the last one is answered, whatever the answer says. No
    upstream is asked."""

    REQUEST = b"GET /nowhere HTTP/1.1\r\nHost: gateway.test\r\n\r\n"

    def __init__(self, port, size, begins=True):
        self.statuses = collections.Counter()
        self.ready = selectors.DefaultSelector()
        for _ in range(size):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setblocking(False)
            self.ready.register(connection, selectors.EVENT_READ, bytearray())
        if begins:
            self.begin()

    def begin(self):
        for key in self.ready.get_map().values():
            key.fileobj.sendall(self.REQUEST)

    def go_on(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self.ready.select(left):
                self._read(key.fileobj, key.data)

    def _read(self, connection, received):
        received += connection.recv(65536)
        head, separator, rest = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        if not separator or len(rest) < int(length[1]):
            return
        assert len(rest) == int(length[1]), "more than one answer"
        self.statuses[int(head.split()[1])] += 1
        received.clear()
        connection.sendall(self.REQUEST)

    def leave(self):
        for key in list(self.ready.get_map().values()):
            self.ready.unregister(key.fileobj)
            key.fileobj.close()

    def close(self):
        self.leave()
        self.ready.close()


class OverloadTest(RelayTest):
    CONNECTIONS = 600

    def setUp(self):
        self.recorder = self.upstream(lambda seen: RecordingUpstream.reply(b"{}"))
        self.gate = self.relay(self.recorder, config={"limits": {"max_delay": "300ms"}})

    def tearDown(self):
        self.gate.process.send_signal(signal.SIGCONT)

    def hold_back(self, seconds, crowd=None):
        """The worker gets a hundredth of its time: whatever is ready waits for it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.gate.process.send_signal(signal.SIGSTOP)
            if crowd is None:
                time.sleep(0.5)
            else:
                crowd.go_on(0.5)
            self.gate.process.send_signal(signal.SIGCONT)
            time.sleep(0.005)

    def ask(self):
        with self.gate.client() as client:
            return client.request("GET", "/relay/x", self.auth)

    def shed_ratio(self):
        return AdminClient.of(self.gate).metrics().sum("kwikgate_worker_shed_ratio")

    def told(self, text):
        """How many lines of the log say so."""
        return sum(text in line for line in self.gate.log_text().splitlines())

    def test_a_share_is_shed_while_the_worker_is_late_and_none_once_it_keeps_up(self):
        self.assertEqual(self.ask().status, 200)
        self.assertEqual(self.shed_ratio(), 0)
        crowd = Crowd(self.gate.port, self.CONNECTIONS)
        self.addCleanup(crowd.close)
        self.hold_back(6, crowd)
        self.gate.process.send_signal(signal.SIGSTOP)
        with self.gate.client() as kept:
            requests = b"".join(self.head("GET", f"/relay/{number}") for number in range(40))
            kept.send(requests)
            self.gate.process.send_signal(signal.SIGCONT)
            seen = [kept.read_response() for _ in range(40)]
        crowd.go_on(1)
        crowd.leave()
        shed = [answer for answer in seen if answer.status != 200]
        self.assertTrue(shed)
        for answer in shed:
            self.assert_refused(answer, 503, "overloaded", "G10")
            self.assertGreaterEqual(int(answer.field("retry-after")), 1)
            # To connect anew would cost more than what was refused.
            self.assertEqual(answer.field("connection"), "keep-alive")
        line = self.gate.logged(shed[0].field("x-request-id"))
        self.assertEqual((line["reason"], line["status"]), ("overloaded", 503))
        self.assertEqual(len(self.recorder.seen), 1 + len(seen) - len(shed))
        self.assertTrue(crowd.statuses[503] and crowd.statuses[404], crowd.statuses)

        wait_until(lambda: self.told("ms late: a share of new requests is shed (503 overloaded)"), "the log to tell so")

        wait_until(lambda: self.shed_ratio() == 0, "the worker to recover")
        wait_until(lambda: self.told("all workers keep up again"), "the log to tell so", seconds=60)
        told = re.search(r"all workers keep up again: (\d+) requests were answered 503 overloaded in", self.gate.log_text())
        self.assertGreaterEqual(int(told[1]), len(shed) + crowd.statuses[503])
        self.assertEqual(self.told("is shed"), 1, "once, not once a request")
        self.assertEqual([self.ask().status for _ in range(50)], [200] * 50)

    def test_a_machine_that_is_slow_turns_nobody_away_who_comes_alone(self):
        self.hold_back(3)
        self.assertEqual([self.ask().status for _ in range(50)], [200] * 50)
        self.assertEqual(self.shed_ratio(), 0)

    def test_what_was_begun_is_finished_before_all_that_is_new_is_begun(self):
        crowd_size = 3000
        was_asked, may_answer = threading.Event(), threading.Event()

        def answer(_):
            was_asked.set()
            may_answer.wait(DEADLINE_SECONDS)
            return RecordingUpstream.reply(b"{}")

        gate = self.relay(self.upstream(answer))
        with gate.client() as first:
            first.send_request("GET", "/relay/first", self.auth)
            crowd = Crowd(gate.port, crowd_size, begins=False)
            self.addCleanup(crowd.close)
            self.assertTrue(was_asked.wait(DEADLINE_SECONDS))
            gate.process.send_signal(signal.SIGSTOP)
            crowd.begin()
            may_answer.set()
            time.sleep(0.5)  # The answer is the last that comes.
            gate.process.send_signal(signal.SIGCONT)
            self.assertEqual(first.read_response().status, 200)
        crowd.go_on(2)
        routes = [line["status"] for line in gate.access_log()][:crowd_size]
        self.assertIn(200, routes)
        self.assertLess(routes.index(200), crowd_size * 3 // 4)


if __name__ == "__main__":
    unittest.main()
