"""A client that sends a streamed body, or reads an answer, keeps a minimum rate while it alone is waited for."""

import contextlib
import socket
import threading
import time
import unittest

from relay_support import RelayTest, chunked
from support import RawClient, RecordingUpstream, wait_until

PACE = {"limits": {"min_rate": "64KiB"}, "timeouts": {"min_rate_after": "500ms", "body_idle": "2s", "write_idle": "2s"}}
OFF = {"limits": {"min_rate": "0B"}, "timeouts": PACE["timeouts"]}


class SenderTest(RelayTest):
    def drip(self, client, piece, pause, until):
        with contextlib.suppress(OSError):
            while not until():
                client.send(piece)
                time.sleep(pause)

    def drip_until_answered(self, config, framing, piece):
        """Sends pieces, far fewer than the rate, until there is an answer; returns it."""
        recorder = self.upstream()
        gate = self.relay(recorder, config=config)
        client = gate.client()
        self.addCleanup(client.close)
        client.send(self.head("POST", "/relay/a", framing))
        client.send(b"10001\r\n" + bytes(65537) + b"\r\n" if "chunked" in framing else bytes(65537))  # More than is held.
        answered = threading.Event()
        sender = threading.Thread(target=self.drip, args=(client, piece, 0.1, answered.is_set))
        sender.start()
        self.addCleanup(sender.join)
        self.addCleanup(answered.set)
        return gate, client.read_response("POST")

    def test_a_streamed_body_that_drips_is_refused(self):
        for framing, piece in (("Content-Length: 10000000", b"a"), ("Transfer-Encoding: chunked", b"1\r\na\r\n")):
            with self.subTest(framing):
                gate, answer = self.drip_until_answered(PACE, framing, piece)
                self.assert_refused(answer, 408, "request_timeout", "G06")
                entry = wait_until(gate.access_log, "the log line")[0]
                self.assertEqual((entry["reason"], entry["phase"], entry["termination"]), ("request_timeout", "body", "completed"))

    def test_without_a_rate_it_may_take_as_long_as_the_request(self):
        gate = self.relay(self.upstream(), config=OFF)
        with gate.client() as client:
            client.send(self.head("POST", "/relay/a", "Content-Length: 66000") + bytes(65900))
            for _ in range(50):  # Far longer than a rate would let it.
                client.send(b"a")
                time.sleep(0.1)
            client.send(bytes(50))
            self.assertEqual(client.read_response("POST").status, 200)

    def test_a_body_that_keeps_the_rate_arrives_however_long_it_takes(self):
        recorder = self.upstream()
        gate = self.relay(recorder, config=PACE)
        with gate.client() as client:
            client.send(self.head("POST", "/relay/a", "Content-Length: 524288"))
            for _ in range(16):  # 128 KiB a second: four times as long as what is free.
                client.send(bytes(32768))
                time.sleep(0.25)
            self.assertEqual(client.read_response("POST").status, 200)

    def test_an_upstream_that_reads_slowly_is_not_the_clients_fault(self):
        def script(side):
            side.read_head()
            left = 16 << 20
            time.sleep(2)  # Longer than the client may be waited for.
            while left:
                left -= len(side.reader.read(min(left, 1 << 20)))
            side.send(RecordingUpstream.reply(b"all of it"))

        gate = self.relay(self.scripted(script), config=PACE)
        with gate.client() as client:
            client.send(self.head("POST", "/relay/a", f"Content-Length: {16 << 20}") + bytes(16 << 20))
            self.assertEqual(client.read_response("POST").body, b"all of it")

    def test_a_small_chunked_body_reaches_the_upstream_whole_or_not_at_all(self):
        recorder = self.upstream()
        gate = self.relay(recorder)
        with gate.client() as slow, gate.client() as quick:
            slow.send(self.head("POST", "/relay/slow", "Transfer-Encoding: chunked") + b"1\r\na\r\n")
            self.assertEqual(quick.request("GET", "/relay/b", self.auth).status, 200)
            self.assertEqual(recorder.connections, 1)  # The slow one has none.
            slow.send(b"2\r\nbc\r\n0\r\n\r\n")
            self.assertEqual(slow.read_response("POST").status, 200)
        seen = recorder.seen[-1]
        self.assertEqual((seen.body, seen.field("content-length"), seen.field("transfer-encoding")), (b"abc", "3", None))

    def test_a_chunked_body_that_turns_out_large_becomes_a_stream(self):
        recorder = self.upstream()
        gate = self.relay(recorder, config={"limits": {"held_body": "4KiB"}})
        for size in (4095, 4096, 4097, 100_000, 1_000_000):
            for piece in (1000, 70_000):
                with self.subTest(size=size, piece=piece), gate.client() as client:
                    body = bytes(i % 251 for i in range(size))
                    client.send(self.head("POST", "/relay/a", "Transfer-Encoding: chunked"))
                    client.send(chunked([body[at:at + piece] for at in range(0, size, piece)]))
                    self.assertEqual(client.read_response("POST").status, 200)
                    seen = recorder.seen[-1]
                    self.assertTrue(seen.body == body)
                    self.assertEqual(seen.field("content-length"), str(size) if size <= 4096 else None)


class ReaderTest(RelayTest):
    SIZE = 64 << 20

    def slow_reader(self, gate):
        client = RawClient.__new__(RawClient)
        client.socket, client.buffer = socket.socket(), b""
        self.addCleanup(client.close)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.socket.settimeout(60)
        client.socket.connect(("127.0.0.1", gate.port))
        client.send(self.head("GET", "/relay/a"))
        return client

    def start(self, config, size=SIZE):
        def script(side):
            side.read_request()
            side.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            sent = 0
            while sent < size:
                sent += side.socket.send(bytes(min(size - sent, 1 << 18)))
            side.read_request()

        return self.relay(self.scripted(script), config=config)

    def read_slowly(self, gate, client, bytes_a_read, pause):
        """Reads until the log has a line; returns it."""
        with contextlib.suppress(OSError):
            while not gate.access_log():
                client.socket.recv(bytes_a_read)
                time.sleep(pause)
        return wait_until(gate.access_log, "the log line")[0]

    def test_an_answer_that_is_read_in_drips_is_cut(self):
        # Its pauses are short enough, and it goes on: only its rate is too low.
        config = {"limits": {"min_rate": "1MiB"}, "timeouts": {"min_rate_after": "500ms", "write_idle": "30s"}}
        gate = self.start(config)
        entry = self.read_slowly(gate, self.slow_reader(gate), 512, 0.01)
        self.assertEqual((entry["termination"], entry["reason"], entry["status"]), ("downstream_slow", "none", 200))

    def test_a_reader_that_is_slow_but_keeps_the_rate_gets_everything(self):
        config = {"limits": {"min_rate": "1KiB"}, "timeouts": {"min_rate_after": "500ms", "write_idle": "20s"}}
        size = 4 << 20
        gate = self.start(config, size)
        client = self.slow_reader(gate)
        got = 0
        while piece := client.socket.recv(65536):
            got += len(piece)
            if got > size:
                break
            time.sleep(0.005)
        entry = wait_until(gate.access_log, "the log line")[0]
        self.assertEqual(entry["termination"], "completed")

    def test_a_reader_that_drips_does_not_outlive_the_request(self):
        config = {"limits": {"min_rate": "0B"}, "timeouts": {"request": "1500ms", "write_idle": "30s"}}
        gate = self.start(config)
        entry = self.read_slowly(gate, self.slow_reader(gate), 65536, 0.01)
        # By the client's fault, unless it took something just when the time was up.
        self.assertIn(entry["termination"], ("downstream_timeout", "upstream_aborted"))
        self.assertEqual(entry["status"], 200)

    def test_a_client_that_was_slow_once_is_waited_for_no_shorter_afterwards(self):
        """The deadline of a client that takes nothing ends when it takes something: a pause of the upstream is none of its."""
        half = 16 << 20
        go_on = threading.Event()
        self.addCleanup(go_on.set)

        def script(side):
            side.read_request()
            side.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (half + 4) + bytes(half))
            go_on.wait(60)
            time.sleep(1.5)  # Longer than a client may take nothing.
            side.send(b"done")
            side.read_request()

        gate = self.relay(self.scripted(script), config={"timeouts": {"write_idle": "1s"}})
        client = self.slow_reader(gate)
        time.sleep(0.3)  # Until the buffers on the way are full.
        head_end = client.socket.recv(65536)
        got = len(head_end) - head_end.index(b"\r\n\r\n") - 4
        while got < half:
            got += len(client.socket.recv(1 << 20))
        go_on.set()
        rest = b""
        while got + len(rest) < half + 4:
            rest += client.socket.recv(100)
        self.assertEqual(rest[-4:], b"done")


if __name__ == "__main__":
    unittest.main()
