"""Bodies of every size and framing arrive byte by byte, in both directions; nginx and a recorder are the upstreams."""

import gzip
import hashlib
import random
import unittest

from relay_support import Nginx, RelayTest, chunked, pieces
from signer import sign
from support import RecordingUpstream

SIZES = [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 10 * 1024 * 1024]


def noise(size, seed=7):
    return random.Random(seed).randbytes(size)


def digest(data):
    """Stands for a long body, so that a difference prints a line and not megabytes."""
    return len(data), hashlib.sha256(data).hexdigest()


class BodiesThroughNginxTest(RelayTest):
    def setUp(self):
        nginx = Nginx("location / { dav_methods PUT; create_full_put_path on; "
                      "client_max_body_size 0; gzip on; gzip_proxied any; gzip_types *; gzip_min_length 0; }")
        self.addCleanup(nginx.close)
        self.files = nginx.files
        self.gate = self.relay(nginx)

    def put(self, client, name, framing, body):
        fields = dict(self.auth)
        if framing == "fixed":
            return client.request("PUT", f"/relay/{name}", fields, body)
        client.send(self.head("PUT", f"/relay/{name}", "Transfer-Encoding: chunked"))
        client.send(chunked(pieces(body, 10007)))
        return client.read_response("PUT")

    def test_what_is_sent_is_what_nginx_stores_and_gives_back(self):
        for framing in ("fixed", "chunked"):
            for size in SIZES:
                with self.subTest(framing=framing, size=size), self.gate.client() as client:
                    body, name = noise(size), f"{framing}-{size}"
                    stored = self.put(client, name, framing, body)
                    self.assertEqual(stored.status, 201, stored.body)
                    self.assertEqual(digest((self.files / "relay" / name).read_bytes()), digest(body))
                    plain = client.request("GET", f"/relay/{name}", self.auth)
                    self.assertEqual(plain.field("content-length"), str(size))
                    self.assertEqual(digest(plain.body), digest(body))
                    packed = client.request("GET", f"/relay/{name}",
                                            {**self.auth, "Accept-Encoding": "gzip"})
                    if size:
                        self.assertEqual(packed.field("transfer-encoding"), "chunked")
                        self.assertEqual(digest(gzip.decompress(packed.body)), digest(body))
                    only_head = client.request("HEAD", f"/relay/{name}", self.auth)
                    self.assertEqual(only_head.field("content-length"), str(size))

    def test_a_part_and_a_condition_are_the_upstreams_to_answer(self):
        (self.files / "relay").mkdir()
        (self.files / "relay" / "page").write_bytes(b"0123456789")
        with self.gate.client() as client:
            part = client.request("GET", "/relay/page", {**self.auth, "Range": "bytes=2-4"})
            self.assertEqual((part.status, part.body), (206, b"234"))
            etag = client.request("GET", "/relay/page", self.auth).field("etag")
            same = client.request("GET", "/relay/page", {**self.auth, "If-None-Match": etag})
            self.assertEqual((same.status, same.body), (304, b""))
            self.assertEqual(client.request("GET", "/relay/page", self.auth).body, b"0123456789")


class BodiesThroughARecorderTest(RelayTest):
    def setUp(self):
        self.recorder = self.upstream(self.echo)
        self.gate = self.relay(self.recorder)

    @staticmethod
    def echo(seen):
        if "chunked" in seen.target:
            body = chunked(pieces(seen.body, 4093))
            return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
        return RecordingUpstream.reply(seen.body)

    def test_a_body_comes_back_as_it_was_sent(self):
        with self.gate.client() as client:
            for size in SIZES:
                body = noise(size, seed=size)
                for up in ("fixed", "chunked"):
                    for down in ("fixed", "chunked"):
                        with self.subTest(size=size, up=up, down=down):
                            fields = ([f"Content-Length: {size}"] if up == "fixed"
                                      else ["Transfer-Encoding: chunked"])
                            client.send(self.head("POST", f"/relay/{down}", *fields))
                            client.send(body if up == "fixed" else chunked(pieces(body, 7919)))
                            answer = client.read_response("POST")
                            self.assertEqual(answer.status, 200)
                            self.assertEqual(digest(answer.body), digest(body))
                            seen = self.recorder.seen[-1]
                            self.assertEqual(digest(seen.body), digest(body))
                            framings = [seen.field("content-length") is not None,
                                        seen.field("transfer-encoding") is not None]
                            self.assertEqual(sum(framings), 1, seen.fields)
        self.assertEqual(self.recorder.incomplete, 0)
        self.assertEqual(self.recorder.connections, 1)

    def test_a_body_in_single_bytes_is_one_message(self):
        body = noise(600)
        stream = self.head("POST", "/relay/fixed", "Transfer-Encoding: chunked")
        stream += chunked(pieces(body, 1))
        with self.gate.client() as client:
            for at in range(len(stream)):
                client.send(stream[at:at + 1])
            self.assertEqual(client.read_response("POST").body, body)

    def test_an_unsigned_stream_behind_a_signed_body_is_not_held_to_its_digest(self):
        """On one connection, so on one exchange: what was checked of the request before is over."""
        with self.gate.client() as client:
            for size in (100, 100_000):  # Held, and streamed.
                signed = noise(size)
                fields = sign(self.token, "POST", "/relay/fixed", signed)
                self.assertEqual(digest(client.request("POST", "/relay/fixed", fields, signed).body), digest(signed))
                stream = noise(200_000, seed=size)
                self.assertEqual(digest(client.request("POST", "/relay/fixed", self.auth, stream).body), digest(stream))

    def test_chunks_with_extensions_lose_them(self):
        with self.gate.client() as client:
            client.send(self.head("POST", "/relay/fixed", "Transfer-Encoding: chunked"))
            client.send(b'3;a=b\r\nabc\r\n002;c="d;e"\r\nde\r\n0;last\r\n\r\n')
            self.assertEqual(client.read_response("POST").body, b"abcde")


if __name__ == "__main__":
    unittest.main()
