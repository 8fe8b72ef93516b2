"""Clients and upstreams that drip, stop or do not read cost bounded memory and end by a deadline with their reason."""

import contextlib
import socket
import threading
import time
import unittest

from peak_memory import PeakMemory
from relay_support import RelayTest
from support import SANITIZER_BYTES, RawClient, RecordingUpstream, wait_until

MIB = 1024 * 1024


class SlowClientTest(RelayTest):
    COUNT = 200

    def clients(self, gateway, count=COUNT):
        opened = [gateway.client(timeout=40) for _ in range(count)]
        for client in opened:
            self.addCleanup(client.close)
        return opened

    def drip(self, clients, byte, until):
        """Sends single bytes on all of them until `until` says so; those that are closed are left out."""
        while not until():
            for client in clients:
                with contextlib.suppress(OSError):
                    client.send(byte)
            time.sleep(0.05)

    def test_a_header_that_drips_ends_by_its_deadline(self):
        recorder = self.upstream()
        gateway = self.relay(recorder, config={"timeouts": {"header": "1s"}})
        slow = self.clients(gateway)
        with PeakMemory(gateway) as memory:
            for client in slow:
                client.send(self.head("GET", "/relay/a")[:-2] + b"X-Slow: ")
            ended = threading.Event()
            dripping = threading.Thread(target=self.drip, args=(slow, b"a", ended.is_set))
            dripping.start()
            # The others are served meanwhile.
            with gateway.client() as quick:
                self.assertEqual(quick.request("GET", "/relay/b", self.auth).status, 200)
            answers = [client.read_response() for client in slow]
            ended.set()
            dripping.join()
        for answer in answers:
            self.assert_refused(answer, 408, "request_timeout", "G06")
        self.assertLess(memory.growth, SANITIZER_BYTES + self.COUNT * 64 * 1024)
        self.assertEqual([seen.target for seen in recorder.seen], ["/relay/b"])

    def test_a_body_that_stops_ends_by_its_deadline(self):
        recorder = self.upstream()
        gateway = self.relay(recorder, config={"timeouts": {"body_idle": "500ms"}})
        framings = {"held": "Content-Length: 1000", "streamed": "Content-Length: 1000000",
                    "chunked": "Transfer-Encoding: chunked"}
        for name, framing in framings.items():
            with self.subTest(name), gateway.client() as client:
                client.send(self.head("POST", "/relay/a", framing) + b"5\r\nhello\r\n")
                answer = client.read_response("POST")
                self.assert_refused(answer, 408, "request_timeout", "G06")
                self.assertTrue(client.is_closed_by_peer())
        wait_until(lambda: recorder.incomplete == 1, "the upstream to see one aborted message: that of the stream")
        self.assertEqual(recorder.seen, [])

    def test_a_body_that_drips_ends_with_the_request(self):
        recorder = self.upstream()
        gateway = self.relay(recorder, config={"timeouts": {"request": "1s", "body_idle": "30s"}})
        for length in (1000, 1000000):
            clients = self.clients(gateway, 20)
            with PeakMemory(gateway) as memory:
                for client in clients:
                    client.send(self.head("POST", "/relay/a", f"Content-Length: {length}"))
                ended = threading.Event()
                dripping = threading.Thread(target=self.drip, args=(clients, b"a", ended.is_set))
                dripping.start()
                for client in clients:
                    self.assert_refused(client.read_response("POST"), 408, "request_timeout", "G06")
                ended.set()
                dripping.join()
            self.assertLess(memory.growth, SANITIZER_BYTES + 20 * 512 * 1024)
        self.assertEqual(recorder.seen, [])

    def test_a_reader_that_stops_is_cut_and_holds_the_upstream_back(self):
        sent = []

        def script(side):
            side.read_request()
            side.send(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
            for _ in range(1600):
                side.send(bytes(65536))
                sent.append(65536)

        gateway = self.relay(self.scripted(script), config={"timeouts": {"write_idle": "1s"}})
        with PeakMemory(gateway) as memory:
            client = RawClient.__new__(RawClient)
            client.socket, client.buffer = socket.socket(), b""
            self.addCleanup(client.close)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            client.socket.settimeout(40)
            client.socket.connect(("127.0.0.1", gateway.port))
            client.send(self.head("GET", "/relay/a"))
            entry = wait_until(gateway.access_log, "the log line")[0]
        self.assertEqual(entry["termination"], "downstream_timeout")
        self.assertLess(sum(sent), 30 * MIB)  # What the kernel's own buffers take.
        self.assertLess(memory.growth, SANITIZER_BYTES + 2 * MIB)
        with self.assertRaises(ConnectionResetError):
            while client.socket.recv(1 << 20):
                pass

    def test_a_reader_that_is_only_slow_gets_everything(self):
        body = bytes(range(256)) * 32768
        gateway = self.relay(self.upstream(lambda seen: RecordingUpstream.reply(body)),
                             config={"timeouts": {"write_idle": "2s"}})
        with gateway.client() as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            client.send(self.head("GET", "/relay/a"))
            while len(client.buffer) < len(body) and client._fill():
                time.sleep(0.002)
            answer = client.read_response()
            self.assertTrue(answer.is_complete and answer.body == body)


class SlowUpstreamTest(RelayTest):
    def test_an_upstream_that_does_not_read_holds_the_client_back_and_is_given_up(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def script(side):
            side.read_head()
            release.wait(60)

        gateway = self.relay(self.scripted(script), config={"limits": {"body": "1GiB"}},
                             upstream_config={"idle_timeout": "1s"})
        with gateway.client(timeout=40) as client, PeakMemory(gateway) as memory:
            client.send(self.head("POST", "/relay/a", "Content-Length: 104857600"))
            client.socket.setblocking(False)
            sent, answer_begun = 0, False
            while not answer_begun:
                with contextlib.suppress(BlockingIOError):
                    sent += client.socket.send(bytes(65536))
                    if sent >= 104857600:
                        break
                    continue
                with contextlib.suppress(BlockingIOError):
                    answer_begun = bool(client.socket.recv(1, socket.MSG_PEEK))
                time.sleep(0.005)
            client.socket.settimeout(40)
            self.assert_refused(client.read_response("POST"), 504, "upstream_timeout", "G09")
        self.assertLess(memory.growth, SANITIZER_BYTES + 2 * MIB)

    def test_many_waiting_requests_cost_little(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def script(side):
            while side.read_request() is not None:
                release.wait(60)
                side.send(RecordingUpstream.reply(b"late"))

        gateway = self.relay(self.scripted(script), upstream_config={"max_connections": 128, "token_share": 100})
        with gateway.client() as client:
            self.assert_refused(client.request("GET", "/nowhere", self.auth), 404, "route_unknown")
        with PeakMemory(gateway) as memory:
            clients = [gateway.client() for _ in range(100)]
            for client in clients:
                self.addCleanup(client.close)
                client.send(self.head("POST", "/relay/a", "Content-Length: 60000") + bytes(60000))
            time.sleep(0.5)
            release.set()
            self.assertEqual({client.read_response("POST").body for client in clients}, {b"late"})
        # Head, held body and the exchange itself; an answer's first bytes.
        self.assertLess(memory.growth, SANITIZER_BYTES + 100 * 256 * 1024)


if __name__ == "__main__":
    unittest.main()
