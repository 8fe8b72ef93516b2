"""A signed request that was changed on its way never has an effect: no tampered body becomes a complete message upstream, no flipped bit is accepted."""

import base64
import random
import unittest

from relay_support import chunked
from signer import content_digest, sign
from support import NO_LIMIT, GatewayTest

ROUTES = [{"method": "POST", "path": "/things", "section": "payments", "body": "16MiB"},
          {"method": "POST", "path": "/things/{id}", "section": "payments", "body": "16MiB"}]
MEBIBYTE = 1024 * 1024


def flip(data, bit):
    """`data` with one bit changed."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def in_random_chunks(body, dice):
    """The body in a few chunks of random sizes."""
    cuts = sorted(dice.sample(range(1, len(body)), min(len(body) - 1, dice.randrange(4)))) if len(body) > 1 else []
    return chunked([body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)])])


class TamperingTest(GatewayTest):
    def setUp(self):
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES, config=NO_LIMIT)
        self.token = self.gate.create_token("payments")
        self.client = self.gate.client()
        self.addCleanup(lambda: self.client.close())

    def reconnect(self):
        self.client.close()
        self.client = self.gate.client()

    def exchange(self, message):
        """The answer to raw bytes, on the connection as long as it lasts."""
        try:
            self.client.send(message)
            answer = self.client.read_response()
        except (BrokenPipeError, ConnectionResetError):
            answer = None  # Refused while the rest was still on its way.
        if answer is None or answer.field("connection") == "close":
            self.reconnect()
        return answer


class BodyTest(TamperingTest):
    def sizes(self, dice):
        """From 1 byte to 10 MiB, the limit of what is held (64 KiB) and its neighbours among them."""
        sizes = [1, 2, 3, 16383, 16384, 65535, 65536, 65537, 131072, 10 * MEBIBYTE]
        sizes += [dice.randrange(1, 64) for _ in range(250)]
        sizes += [dice.randrange(64, 65536) for _ in range(160)]
        sizes += [dice.randrange(65536, MEBIBYTE) for _ in range(80)]
        sizes += [dice.randrange(MEBIBYTE, 10 * MEBIBYTE) for _ in range(6)]
        return sizes

    def tampered(self, body, dice):
        """One way to change it, at its ends more often than between."""
        bit = dice.choice([0, len(body) * 8 - 1, dice.randrange(len(body) * 8)])
        ways = [lambda: flip(body, bit), lambda: body + b"\0", lambda: bytes([body[0] ^ 0x55]) + body[1:]]
        if len(body) > 1:
            ways += [lambda: body[:-1], lambda: body[1:]]
        return dice.choice(ways)()

    def message(self, signed_body, sent_body, is_chunked, dice):
        fields = sign(self.token, "POST", "/things", signed_body)
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        framing = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(sent_body)}"
        start = f"POST /things HTTP/1.1\r\nHost: gateway.test\r\n{head}{framing}\r\n\r\n".encode()
        return start + (in_random_chunks(sent_body, dice) if is_chunked else sent_body)

    def test_no_tampered_body_becomes_a_complete_message(self):
        dice = random.Random(9421)
        noise = dice.randbytes(11 * MEBIBYTE)
        count = 0
        for size in self.sizes(dice):
            start = dice.randrange(len(noise) - size)
            body = noise[start:start + size]
            for is_chunked in (False, True):
                answer = self.exchange(self.message(body, self.tampered(body, dice), is_chunked, dice))
                # A client that is still sending may find the connection reset before it reads the answer.
                if answer is not None or size < 65536:
                    self.assert_refused(answer, 401, "digest_mismatch", "G01")
                self.assertEqual(self.seen_by.seen, [], f"a tampered body of {size} bytes came through")
                count += 1
        self.assertGreater(count, 1000)
        reasons = {entry["reason"] for entry in self.gate.access_log()}
        self.assertEqual(reasons, {"digest_mismatch"})
        # The same bodies as they were signed do come through.
        for size in (1, 65536, 65537, 10 * MEBIBYTE):
            for is_chunked in (False, True):
                body = noise[:size]
                answer = self.exchange(self.message(body, body, is_chunked, dice))
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(self.seen_by.seen[-1].body, body)


class MutationTest(TamperingTest):
    COUNT = 10_000
    BODY = b'{"amount":10000,"currency":"ZAR","to":"acc-1"}'
    TARGET = "/things/pay_1?amount=100&note=a%20b&flag"

    def prepare(self):
        """A signed request in parts; the mutation picks one of them."""
        fields = sign(self.token, "POST", self.TARGET, self.BODY)
        path, query = self.TARGET.split("?")
        input_value, mac = fields[1][1], base64.b64decode(fields[2][1][len("kwik=:"):-1])
        parts = {"method": b"POST", "path": path.encode(), "query": query.encode(), "body": self.BODY, "mac": mac}
        for name, end in (("created", ";"), ("nonce", ";"), ("keyid", None)):
            start = input_value.index(f";{name}=") + len(name) + 2
            value = input_value[start:] if end is None else input_value[start:input_value.index(end, start)]
            parts[name] = value.strip('"').encode()
        return parts

    def message(self, parts):
        covered = '"@method" "@target-uri" "content-digest"'
        mac = base64.b64encode(parts["mac"])
        return b"".join([
            parts["method"], b" ", parts["path"], b"?", parts["query"], b" HTTP/1.1\r\nHost: gateway.test\r\n",
            b"Content-Digest: ", content_digest(self.BODY).encode(), b"\r\nSignature-Input: kwik=(", covered.encode(),
            b");created=", parts["created"], b';nonce="', parts["nonce"], b'";keyid="', parts["keyid"],
            b'"\r\nSignature: kwik=:', mac, b":\r\nContent-Length: %d\r\n\r\n" % len(parts["body"]), parts["body"]])

    def test_no_flipped_bit_is_accepted(self):
        dice = random.Random(7)
        counts = {}
        for number in range(self.COUNT):
            if number % 500 == 0:
                # One of its own for bodies: their signature is right, so its nonce is used up.
                intact, for_bodies = self.prepare(), self.prepare()
            name = dice.choice(sorted(intact))
            original = for_bodies if name == "body" else intact
            mutated = {**original, name: flip(original[name], dice.randrange(len(original[name]) * 8))}
            answer = self.exchange(self.message(mutated))
            self.assertIsNotNone(answer, mutated)
            self.assertGreaterEqual(answer.status, 400, mutated)
            # A method that no route has is 501; nothing else of the gateway fails.
            self.assertTrue(answer.status < 500 or answer.status == 501, mutated)
            counts[name] = counts.get(name, 0) + 1
            if number % 500 == 499:
                self.assertEqual(self.seen_by.seen, [], "a mutated request was accepted")
                # Nor did 500 wrong ones use up the nonce of the right one.
                answer = self.exchange(self.message(intact))
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual([seen.body for seen in self.seen_by.seen], [self.BODY])
                self.seen_by.seen.clear()
        self.assertEqual(set(counts), {"method", "path", "query", "body", "created", "nonce", "keyid", "mac"})
        self.assertGreater(min(counts.values()), 1000)


if __name__ == "__main__":
    unittest.main()
