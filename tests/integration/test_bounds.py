"""Whatever is sent through the gateway costs bounded memory: huge bodies, many connections, sizes at their limits."""

import contextlib
import resource
import socket
import unittest

from peak_memory import PeakMemory
from relay_support import RelayTest, chunked
from support import SANITIZER_BYTES, RecordingUpstream, wait_until

MIB = 1024 * 1024
GIB = 1024 * MIB


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
        # A trusted proxy: its address stands for many clients, so none of them loses its place to another.
        gateway = self.relay(self.upstream(), config={"limits": {"connections_per_worker": 8}}, listener={"trusted_proxies": ["127.0.0.1"]})
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

    def test_a_small_body_in_chunks_is_held_to_its_routes_own_limit(self):
        gateway = self.relay(self.recorder, routes=[{"method": "POST", "path": "/small", "body": "100B"},
                                                    {"method": "POST", "path": "/json", "body": "100B", "check_json": True}])
        for size, status in ((100, 200), (101, 413), (60_000, 413)):
            for path in ("/small", "/json"):
                for piece in (7, 1000):
                    with self.subTest(size=size, path=path, piece=piece), gateway.client() as client:
                        body = b'"' + b"a" * (size - 2) + b'"'
                        client.send(self.head("POST", path, "Transfer-Encoding: chunked"))
                        client.send(chunked([body[at:at + piece] for at in range(0, size, piece)]))
                        answer = client.read_response("POST")
                        self.assertEqual(answer.status, status)
                        if status == 413:
                            self.assert_refused(answer, 413, "body_too_large", "G06")
        self.assertEqual({len(seen.body) for seen in self.recorder.seen}, {100})

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
