"""`kwikgate sandbox`: an API that answers Kwik's routes and tells what it got."""

import hashlib
import json
import signal
import socket
import subprocess
import unittest
import urllib.error
import urllib.request

from cli_support import CliTest
from support import BINARY


class SandboxTest(CliTest):
    def setUp(self):
        super().setUp()
        self.process = subprocess.Popen([BINARY, "sandbox", "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def call(self, target, data=None, headers=None, method=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{target}", data=data,
                                         headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read()

    def raw(self, text):
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def test_answers_kwiks_routes_and_echoes(self):
        status, body = self.call("/2.0/customers/list?limit=2", headers={"X-Kwik-Account": "a"})
        answer = json.loads(body)
        self.assertEqual((status, answer["status"]), (200, True))
        self.assertEqual(answer["echo"]["target"], "/2.0/customers/list?limit=2")
        self.assertIn(["X-Kwik-Account", "a"],
                      [[n.title(), v] for n, v in answer["echo"]["headers"]])
        status, body = self.call("/2.0/customers/create", data=b"x" * 300_000)
        answer = json.loads(body)["echo"]
        self.assertEqual(answer["body_bytes"], 300_000)
        self.assertEqual(answer["body_sha256"], hashlib.sha256(
            b"x" * 300_000).hexdigest())
        status, body = self.call("/2.0/nowhere")
        self.assertEqual((status, json.loads(body)["error_code"]), (404, "006"))

    def test_counts_what_came(self):
        self.call("/2.0/customers/list")
        self.call("/2.0/customers/list")
        self.assertEqual(json.loads(self.call("/sandbox/requests")[1])["requests"],
                         {"GET /2.0/customers/list": 2})

    def test_keeps_connections_and_reads_chunks_head_and_expect(self):
        answers = self.raw(
            b"HEAD /2.0/customers/list HTTP/1.1\r\nHost: x\r\n\r\n"
            b"POST /2.0/customers/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            b"Expect: 100-continue\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            b"GET /2.0/payment-methods HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertEqual(answers.count(b"HTTP/1.1 200 OK"), 3)
        self.assertEqual(answers.count(b"HTTP/1.1 100 Continue"), 1)
        self.assertEqual(answers.count(b'"status":true'), 2)
        self.assertIn(b'"body_bytes":3', answers)

    def test_ends_on_sigterm_and_finishes_what_is_under_way(self):
        idle = socket.create_connection(("127.0.0.1", self.port))
        self.addCleanup(idle.close)
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(timeout=10), 0)

    def test_an_occupied_port_is_told(self):
        error = self.refused(1, "sandbox", "--listen", f"127.0.0.1:{self.port}")
        self.assertIn("stop what listens there", error)


if __name__ == "__main__":
    unittest.main()
