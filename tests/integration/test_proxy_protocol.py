"""The PROXY protocol in front of requests: believed from trusted proxies only, exactly, and with a deadline."""

import ipaddress
import struct
import time
import unittest

from admin_client import AdminClient
from support import GatewayTest, RawClient


def version_2(source="192.0.2.7", command=1, family=None, extra=b""):
    address = ipaddress.ip_address(source)
    four = address.version == 4
    destination = ipaddress.ip_address("192.0.2.1" if four else "2001:db8::1")
    body = address.packed + destination.packed + struct.pack("!HH", 50000, 443) + extra
    family = family if family is not None else 0x11 if four else 0x21
    return (b"\r\n\r\n\0\r\nQUIT\n" + struct.pack("!BBH", 0x20 | command, family, len(body)) + body)


class ProxyProtocolTest(GatewayTest):
    def setUp(self):
        self.seen = self.upstream()

    def start(self, trusted=("127.0.0.1",), **options):
        gateway = self.gateway({"kwik": [self.seen.url]}, start=False, **options)
        gateway.config["listeners"][0].update(proxy_protocol=True, trusted_proxies=list(trusted))
        gateway.write_config()
        gateway.start()
        return gateway, gateway.create_token("customers")

    def call(self, gateway, token, header, piece=None):
        with gateway.client() as client:
            head = (f"GET /2.0/customers/list HTTP/1.1\r\nHost: gateway.test\r\n"
                    f"Authorization: {token.basic}\r\n\r\n").encode()
            data = header + head
            for i in range(0, len(data), piece or len(data)):
                client.send(data[i:i + (piece or len(data))])
                if piece:
                    time.sleep(0.001)
            return client.read_response()

    def test_the_source_is_the_client(self):
        gateway, token = self.start()
        cases = {
            b"PROXY TCP4 192.0.2.7 192.0.2.1 50000 443\r\n": "192.0.2.7",
            b"PROXY TCP6 2001:db8::7 2001:db8::1 50000 443\r\n": "2001:db8::7",
            b"PROXY TCP6 ::ffff:203.0.113.7 ::ffff:10.0.0.1 5555 443\r\n": "203.0.113.7",
            b"PROXY TCP6 ::ffff:203.0.113.7 2001:db8::1 5555 443\r\n": "203.0.113.7",
            b"PROXY TCP6 2001:db8::7 ::ffff:10.0.0.1 5555 443\r\n": "2001:db8::7",
            version_2("::ffff:203.0.113.7"): "203.0.113.7",
            b"PROXY UNKNOWN\r\n": "127.0.0.1",
            b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n": "127.0.0.1",
            version_2(): "192.0.2.7",
            version_2("2001:db8::7"): "2001:db8::7",
            version_2(extra=b"\x04\x00\x20" + b"\0" * 32): "192.0.2.7",
            version_2(command=0): "127.0.0.1",
        }
        for header, client in cases.items():
            for piece in (None, 3):
                answer = self.call(gateway, token, header, piece)
                self.assertEqual(answer.status, 200, header)
                self.assertEqual(self.seen.seen[-1].field("x-forwarded-for"), client, header)
                entry = gateway.logged(answer.field("x-request-id"))
                self.assertEqual(entry["client"], client)

    def test_what_is_no_header_closes_without_an_answer(self):
        gateway, token = self.start()
        for header in (b"", b"PROXY TCP4 192.0.2.7 192.0.2.1 50000\r\n", b"PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
                       b"PROXY TCP4 ::1 ::1 1 2\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 70000\r\n",
                       b"PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n", b"PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
                       b"PROXY TCP4 " + b"1" * 200, version_2(command=2), version_2(family=0x12),
                       version_2(family=0x21), version_2(extra=b"\0" * 2000)):
            try:
                self.assertIsNone(self.call(gateway, token, header), header)
            except (ConnectionResetError, BrokenPipeError):
                pass
        self.assertEqual(self.seen.seen, [])
        self.assertEqual(self.refused(gateway), {"malformed": 12, "untrusted": 0})
        self.assert_warned(gateway, "connection from 127.0.0.1 closed: it began with no PROXY header, or a malformed one")

    def refused(self, gateway):
        metrics = AdminClient.of(gateway).metrics()
        return {labels["cause"]: value for labels, value in metrics.of("kwikgate_proxy_headers_refused_total")}

    def assert_warned(self, gateway, text):
        """Of what anybody outside can provoke there is one line in a while of each worker."""
        lines = [line for line in gateway.log_text().splitlines() if text in line]
        self.assertTrue(lines and all(" warning " in line for line in lines), gateway.log_text())
        self.assertLessEqual(len(lines), 2 * gateway.workers)

    def test_a_header_of_anybody_else_is_not_believed(self):
        gateway, token = self.start(trusted=["192.0.2.0/24"])
        try:
            self.assertIsNone(self.call(gateway, token, version_2()))
        except (ConnectionResetError, BrokenPipeError):
            pass
        self.assertEqual(self.seen.seen, [])
        self.assertEqual(self.refused(gateway), {"malformed": 0, "untrusted": 1})
        self.assert_warned(gateway, "connection from 127.0.0.1 closed: it is none of trusted_proxies")

    def test_a_header_that_does_not_come_meets_its_deadline(self):
        gateway, _ = self.start(config={"timeouts": {"header": "200ms"}})
        for start in (b"", b"PROXY TCP4 192.0.2.7", b"\r\n\r\n\0\r\nQUIT\n"):
            with RawClient(gateway.port) as client:
                if start:
                    client.send(start)
                self.assertTrue(client.is_closed_by_peer())

    def test_addresses_that_a_token_allows_are_held_against_the_source(self):
        gateway, _ = self.start()
        token = gateway.create_token("customers", extra=["--allow-ip", "192.0.2.0/24"])
        self.assertEqual(self.call(gateway, token, version_2("192.0.2.99")).status, 200)
        self.assert_refused(self.call(gateway, token, version_2("198.51.100.1")), 403,
                            "address_not_allowed", "G03")


if __name__ == "__main__":
    unittest.main()
