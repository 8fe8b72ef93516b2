"""Three servers that fail at random in every way: no write arrives twice, every request has one outcome and one log line,
and client, log, metrics and upstreams agree about it."""

import collections
import contextlib
import json
import pathlib
import random
import subprocess
import sys
import threading
import unittest

from admin_client import AdminClient
from chaos_upstream import body_for
from relay_support import RelayTest, chunked, pieces
from support import wait_until

HERE = pathlib.Path(__file__).parent


class ChaosTest(RelayTest):
    REQUESTS = 4000
    CLIENTS = 16

    def setUp(self):
        self.outcomes = {}  # id: status, "aborted" or "left"
        self.problems = []
        self.servers = [subprocess.Popen([sys.executable, HERE / "chaos_upstream.py", str(seed)], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True) for seed in range(3)]
        for server in self.servers:
            self.addCleanup(server.wait)
            self.addCleanup(server.kill)
        urls = [f"http://127.0.0.1:{int(server.stdout.readline())}" for server in self.servers]
        self.gate = self.relay(urls, workers=2, upstream_config={
            "response_timeout": "700ms", "idle_timeout": "2s", "retries": 2,
            "health": {"eject_after_failures": 8, "eject_for": "200ms"}})

    def told_by_servers(self):
        """How many complete messages they got by id, and how many whole answers they gave by id and status; they end with it."""
        received, answered = collections.Counter(), collections.Counter()
        for server in self.servers:
            told = json.loads(server.communicate(timeout=60)[0])
            received.update(told["received"])
            answered.update(told["answered"])
        return received, answered

    def call(self, number, count):
        chance = random.Random(number)
        client = None
        for i in range(count):
            name = f"{number}-{i}"
            if client is None:
                client = self.gate.client(timeout=60)
            outcome, client = self.call_once(chance, client, name)
            self.outcomes[name] = outcome
        if client is not None:
            client.close()

    def call_once(self, chance, client, name):
        """Its outcome, and the connection when that is good for another request."""
        is_write = chance.random() < 0.5
        fields = [f"X-Request-Id: {name}"]
        body = b""
        if is_write:
            body = chance.randbytes(chance.choice((0, 10, 1000, 20000, 100000)))
            is_chunked = chance.random() < 0.3
            fields.append("Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(body)}")
            body = chunked(pieces(body, 9000)) if is_chunked else body
        try:
            client.send(self.head("POST" if is_write else "GET", f"/relay/{'w' if is_write else 'r'}/{name}", *fields) + body)
            if chance.random() < 0.01:
                client.close()
                return "left", None
            answer = client.read_response()
        except (ConnectionResetError, BrokenPipeError):
            answer = None
        if answer is None or not answer.is_complete:
            client.close()
            return "aborted", None
        self.judge(name, answer, client)
        if answer.field("connection") == "close":
            client.close()
            return answer.status, None
        return answer.status, client

    def judge(self, name, answer, client):
        expected = body_for(name)
        if answer.field("x-request-id") != name:
            self.problems.append(f"{name}: the answer to {answer.field('x-request-id')}")
        elif answer.status in (200, 413, 500) and answer.body != expected:
            self.problems.append(f"{name}: {answer.status} with a wrong body of {len(answer.body)} bytes")
        elif answer.status not in (200, 413, 500, 502, 504):
            self.problems.append(f"{name}: {answer.status} {answer.body[:200]}")
        elif client.buffer:
            self.problems.append(f"{name}: {len(client.buffer)} bytes behind the answer")

    def test_everything_is_accounted_for(self):
        each = self.REQUESTS // self.CLIENTS
        threads = [threading.Thread(target=self.call, args=(n, each)) for n in range(self.CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.problems, [])
        self.assertEqual(len(self.outcomes), each * self.CLIENTS)
        with contextlib.suppress(AssertionError):  # What is lacking then, `compare_log` tells.
            wait_until(lambda: self.logged_count() >= len(self.outcomes), "all log lines")
        log = collections.defaultdict(list)
        for entry in self.gate.access_log():
            log[entry["request_id"]].append(entry)
        self.compare_log(log)
        self.compare_metrics([entries[0] for entries in log.values()])
        self.compare_upstreams(log, *self.told_by_servers())

    def logged_count(self):
        with contextlib.suppress(OSError):
            return sum(path.read_bytes().count(b"\n") for path in self.gate.folder.glob("access-*.log"))

    def compare_log(self, log):
        self.assertEqual({name: len(entries) for name, entries in log.items() if len(entries) != 1}, {})
        self.assertEqual({name: outcome for name, outcome in self.outcomes.items() if name not in log}, {})
        self.assertEqual(set(log) - set(self.outcomes), set())
        for name, outcome in self.outcomes.items():
            entry = log[name][0]
            said = entry["status"] if entry["termination"] == "completed" else "aborted"
            # Somebody who left may have been answered, as far as the gateway knows.
            if outcome != "left" and said != outcome:
                self.problems.append(f"{name}: {outcome} for the client, {entry} in the log")
        self.assertEqual(self.problems, [])
        statuses = collections.Counter(self.outcomes.values())
        self.assertGreater(statuses[200], self.REQUESTS // 2)
        self.assertGreater(statuses[502], 0)
        self.assertGreater(statuses["aborted"], 0)

    def compare_metrics(self, entries):
        """The metrics count what the log tells line by line."""
        metrics = AdminClient.of(self.gate).metrics()
        logged, counted = collections.Counter(), collections.Counter()
        for entry in entries:
            # An answer that broke off counts by its reason, whatever its status was.
            status_class = f"{entry['status'] // 100}xx" if entry["reason"] == "none" and entry["status"] else None
            logged[entry["method"], entry["reason"], status_class] += 1
        for labels, count in metrics.of("kwikgate_requests_total"):
            is_answer = labels["reason"] == "none" and labels["status_class"] != "none"
            counted[labels["method"], labels["reason"], labels["status_class"] if is_answer else None] += int(count)
        self.assertEqual(counted, logged)
        self.assertEqual(counted.total(), len(self.outcomes))
        for termination, count in collections.Counter(entry["termination"] for entry in entries).items():
            self.assertEqual(metrics.sum("kwikgate_request_ends_total", termination=termination), count, termination)
        self.assertEqual(metrics.sum("kwikgate_request_ends_total"), len(entries))
        sums = {"kwikgate_upstream_retries_total": [max(0, entry.get("attempts", 0) - 1) for entry in entries],
                "kwikgate_request_body_bytes_total": [entry["request_bytes"] for entry in entries],
                "kwikgate_response_bytes_total": [entry["response_bytes"] for entry in entries]}
        for name, values in sums.items():
            self.assertEqual(metrics.sum(name), sum(values), name)
        self.assertGreater(metrics.sum("kwikgate_upstream_retries_total"), 0)

    def compare_upstreams(self, log, received, answered):
        for name, outcome in self.outcomes.items():
            if outcome in (200, 413, 500) and answered[f"{name} {outcome}"] == 0:
                self.problems.append(f"{name}: {outcome} for the client, and no server answered so")
        for name, entries in log.items():
            entry = entries[0]
            most = entry["attempts"] if entry["access"] == "read" else 1
            if received[name] > most:
                self.problems.append(f"{name}: arrived {received[name]} times, {entry}")
            if entry["status"] in (200, 500) and received[name] == 0:
                self.problems.append(f"{name}: answered and never arrived, {entry}")
        self.assertEqual(self.problems, [])
        self.assertEqual(set(received) - set(self.outcomes), set())
        attempts = sum(entries[0].get("attempts", 0) for entries in log.values())
        self.assertLessEqual(received.total(), attempts)


if __name__ == "__main__":
    unittest.main()
