"""Whatever a client or an upstream does, it costs bounded memory and ends by a deadline with its reason."""

import contextlib
import resource
import socket
import threading
import time
import unittest

from relay_support import RelayTest, chunked
from support import SANITIZER_BYTES, RawClient, RecordingUpstream, wait_until

MIB = 1024 * 1024
GIB = 1024 * MIB


class PeakMemory:
    """Samples a gateway's memory inside a `with` block; `growth` is the most it grew."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.growth = 0

    def __enter__(self):
        self.start = self.gateway.memory_bytes()
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._sample)
        self.thread.start()
        return self

    def _sample(self):
        while not self.done.wait(0.02):
            self.growth = max(self.growth, self.gateway.memory_bytes() - self.start)

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


def swallow(source, count):
    """Reads `count` bytes and keeps none; how many came."""
    buffer, got = bytearray(MIB), 0
    while got < count:
        n = source.recv_into(buffer)
        if n == 0:
            break
        got += n
    return got


class HugeBodyTest(RelayTest):
    """A gibibyte through buffers of 64 KiB."""

    PIECE = bytes(MIB)

    def sink(self, side):
        while (head := side.read_head()) is not None:
            length = next((int(line.split(b":")[1]) for line in head
                           if line.lower().startswith(b"content-length")), None)
            if length is not None:
                got = len(side.reader.peek()[:length])
                side.reader.read(got)
                self.received = got + swallow(side.socket, length - got)
            side.send(RecordingUpstream.reply(b"ok"))

    def source(self, side):
        side.read_head()
        side.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIB)
        for _ in range(GIB // MIB):
            side.send(self.PIECE)

    def test_upwards(self):
        gateway = self.relay(self.scripted(self.sink), config={"limits": {"body": "2GiB"}})
        with gateway.client() as client:
            self.assertEqual(client.request("GET", "/relay/warm", self.auth).status, 200)
            with PeakMemory(gateway) as memory:
                client.send(self.head("POST", "/relay/a", f"Content-Length: {GIB}"))
                for _ in range(GIB // MIB):
                    client.send(self.PIECE)
                self.assertEqual(client.read_response("POST").status, 200)
        self.assertEqual(self.received, GIB)
        self.assertLess(memory.growth, SANITIZER_BYTES + 2 * MIB)

    def test_downwards(self):
        gateway = self.relay(self.scripted(self.source))
        with gateway.client() as client, PeakMemory(gateway) as memory:
            client.send(self.head("GET", "/relay/a"))
            status, fields = client.read_head()
            self.assertEqual((status, dict(fields)["content-length"]), (200, str(GIB)))
            self.assertEqual(len(client.buffer) + swallow(client.socket, GIB - len(client.buffer)), GIB)
        self.assertLess(memory.growth, SANITIZER_BYTES + 2 * MIB)


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
        wait_until(lambda: recorder.incomplete == 2, "the upstream to see two aborted messages")
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

        gateway = self.relay(self.scripted(script), upstream_config={"max_connections": 128})
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


class ConnectionsTest(RelayTest):
    def raise_file_limit(self, wanted):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))

    def test_idle_connections_cost_next_to_nothing_and_end_by_their_deadline(self):
        count = 2000
        self.raise_file_limit(3 * count)
        gateway = self.relay(self.upstream(), config={"timeouts": {"keep_alive": "5s"}})
        with gateway.client() as client:
            self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
        before = gateway.memory_bytes()
        clients = []
        for _ in range(count):
            clients.append(gateway.client(timeout=60))
            self.addCleanup(clients[-1].close)
        for client in clients[:count // 2]:  # Idle after a request as well as before any.
            self.assertEqual(client.request("GET", "/nowhere", self.auth).status, 404)
        self.assertLess(gateway.memory_bytes() - before, SANITIZER_BYTES + count * 2048)
        self.assertTrue(all(client.is_closed_by_peer() for client in clients))

    def test_connections_over_the_cap_are_told_so(self):
        gateway = self.relay(self.upstream(), config={"limits": {"connections_per_worker": 8}})
        inside = [gateway.client() for _ in range(8)]
        for client in inside:
            self.addCleanup(client.close)
            self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
        with gateway.client() as client:
            refused = client.request("GET", "/relay/a", self.auth)
            self.assert_refused(refused, 503, "overloaded", "G10")
            self.assertTrue(refused.field("retry-after"))
            self.assertTrue(client.is_closed_by_peer())
        inside.pop().close()

        def is_let_in():
            with gateway.client() as client:
                return client.request("GET", "/relay/a", self.auth).status == 200
        wait_until(is_let_in, "room for another connection")
        self.assertTrue(all(c.request("GET", "/relay/a", self.auth).status == 200 for c in inside))

    def test_a_flood_over_the_cap_costs_bounded_memory(self):
        self.raise_file_limit(6000)
        gateway = self.relay(self.upstream(), config={"limits": {"connections_per_worker": 8}})
        inside = gateway.client()
        self.addCleanup(inside.close)
        self.assertEqual(inside.request("GET", "/relay/a", self.auth).status, 200)
        with PeakMemory(gateway) as memory:
            flood = []
            for _ in range(2000):
                connection = socket.create_connection(("127.0.0.1", gateway.port))
                self.addCleanup(connection.close)
                with contextlib.suppress(OSError):
                    connection.sendall(b"GET / HTTP/1.1\r\n")
                flood.append(connection)
            self.assertEqual(inside.request("GET", "/relay/a", self.auth).status, 200)
        self.assertLess(memory.growth, SANITIZER_BYTES + 6 * MIB)


class SizeLimitsTest(RelayTest):
    def setUp(self):
        self.recorder = self.upstream()
        self.gate = self.relay(self.recorder, config={"limits": {
            "request_line": "1KiB", "header": "4KiB", "header_fields": 20, "body": "100KiB"}})

    def ask(self, data):
        with self.gate.client() as client:
            client.send(data)
            return client.read_response()

    def test_a_target_is_as_long_as_allowed(self):
        room = 1024 - len("GET /relay/ HTTP/1.1")
        self.assertEqual(self.ask(self.head("GET", "/relay/" + "a" * room)).status, 200)
        refused = self.ask(self.head("GET", "/relay/" + "a" * (room + 1)))
        self.assert_refused(refused, 414, "target_too_long", "G06")
        # Without its end it is refused as well, once it cannot become valid.
        self.assert_refused(self.ask(b"GET /" + b"a" * 1100), 414, "target_too_long")

    def test_a_header_is_as_long_as_allowed(self):
        base = len(self.head("GET", "/relay/a", "X: "))
        self.assertEqual(self.ask(self.head("GET", "/relay/a", "X: " + "a" * (4096 - base))).status, 200)
        refused = self.ask(self.head("GET", "/relay/a", "X: " + "a" * (4097 - base)))
        self.assert_refused(refused, 431, "header_too_large", "G06")
        self.assert_refused(self.ask(self.head("GET", "/relay/a")[:-2] + b"X: " + b"a" * 8000),
                            431, "header_too_large")

    def test_a_header_has_as_many_fields_as_allowed(self):
        fields = [f"X-{i}: y" for i in range(18)]  # Besides Host and Authorization.
        self.assertEqual(self.ask(self.head("GET", "/relay/a", *fields)).status, 200)
        refused = self.ask(self.head("GET", "/relay/a", *fields, "X-Last: y"))
        self.assert_refused(refused, 431, "header_too_large", "G06")

    def test_a_body_is_as_long_as_allowed(self):
        limit = 100 * 1024
        for size, status in ((limit, 200), (limit + 1, 413)):
            for framing in ("fixed", "chunked"):
                with self.subTest(size=size, framing=framing):
                    before = len(self.recorder.seen)
                    if framing == "fixed":
                        data = self.head("POST", "/relay/a", f"Content-Length: {size}") + bytes(size)
                    else:
                        data = self.head("POST", "/relay/a", "Transfer-Encoding: chunked")
                        data += chunked([bytes(4000)] * (size // 4000) + [bytes(size % 4000)])
                    answer = self.ask(data)
                    self.assertEqual(answer.status, status)
                    if status == 413:
                        self.assert_refused(answer, 413, "body_too_large", "G06")
                    self.assertEqual(len(self.recorder.seen) - before, int(status == 200))

    def test_chunk_extensions_and_trailers_have_limits(self):
        framed = self.head("POST", "/relay/a", "Transfer-Encoding: chunked")
        cases = {"a long extension": b"1;" + b"x" * 300 + b"\r\na\r\n0\r\n\r\n",
                 "many extensions": b"1;%s\r\na\r\n" % (b"x" * 250) * 100 + b"0\r\n\r\n",
                 "long trailers": b"1\r\na\r\n0\r\n" + b"X: yyyyyyyyyyyyyyyyyyyy\r\n" * 400 + b"\r\n"}
        for name, body in cases.items():
            with self.subTest(name):
                self.assert_refused(self.ask(framed + body), 400, "bad_framing", "G00")
        self.assertEqual(self.recorder.seen, [])


if __name__ == "__main__":
    unittest.main()
