"""Surplus bytes of an upstream reach nobody, wherever they were there before the next request was written; and never
after HEAD, 204, 304 or an early answer. `make hostile` runs more exchanges than CI does."""

import asyncio
import os
import ssl
import threading
import unittest

from hostile_upstream import ANSWERS, NEVER_AGAIN, WHEN, Client, Server, exchange
from support import NO_LIMIT
from tls_support import AuthoritiesTest

EXCHANGES = int(os.environ.get("KWIKGATE_HOSTILE_EXCHANGES", "300"))
LANES = 20
GROUPS = ("plain", "tls", "trusted")


class HostileUpstreamTest(AuthoritiesTest):
    def setUp(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.addCleanup(self.end_loop)
        self.server = Server()
        certificate = self.authority.issue("api.test", alternative_names="DNS:api.test,IP:127.0.0.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        upstreams, routes = {}, []
        for group in GROUPS:
            for number in range(LANES if group != "trusted" else 1):
                lane = f"{group}{number}"
                port = self.run_in_loop(self.server.listen(lane, context if group == "tls" else None))
                upstreams[lane] = {"servers": [f"{'https' if group == 'tls' else 'http'}://127.0.0.1:{port}"],
                                   "reuse_bodyless": group == "trusted"}
                if group == "tls":
                    upstreams[lane]["tls"] = {"ca_file": str(self.authority.certificate), "server_name": "api.test"}
                routes += [{"method": method, "path": f"/{lane}/*", "upstream": lane} for method in ("GET", "POST")]
        self.gate = self.gateway(upstreams, routes, {**NO_LIMIT, "limits": {"max_delay": "20s"}}, workers=1, start=False)
        self.auth = self.gate.create_token("customers").basic
        self.gate.start()

    def end_loop(self):
        self.run_in_loop(self.server.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(20)

    def run_in_loop(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(1200)

    async def run_lane(self, lane, kind, when, count, waits):
        """`waits(i)`: whether exchange i waits for the surplus before the next request."""
        client = Client(self.gate.port, self.auth)
        wrong = [await exchange(self.server, client, lane, kind, when, i, waits(i)) for i in range(count)]
        client.close()
        return [what for what in wrong if what is not None]

    async def run_cell(self, group, kind, when):
        # Where the connection may be used again, bytes that come after the next request was written cannot be told
        # from its answer: only those that were there before are judged.
        waits = (lambda i: i % 2 == 0) if kind in NEVER_AGAIN else (lambda i: True)
        count = max(1, EXCHANGES // LANES)
        lanes = [self.run_lane(f"{group}{i}", kind, when, count, waits) for i in range(LANES)]
        return sum(await asyncio.gather(*lanes), [])

    def run_group(self, group):
        for kind in ANSWERS:
            for when in WHEN:
                with self.subTest(group=group, kind=kind, when=when):
                    self.assertEqual(self.run_in_loop(self.run_cell(group, kind, when)), [])

    def test_a_plain_upstream(self):
        self.run_group("plain")

    def test_an_upstream_under_tls(self):
        self.run_group("tls")

    def connections_of(self, lane, kind, count=10):
        """How many connections so many well-behaved exchanges of a kind take, each followed by a GET or POST."""
        self.server.with_surplus = False
        before = self.server.connections[lane]
        self.assertEqual(self.run_in_loop(self.run_lane(lane, kind, "no", count, lambda i: False)), [])
        return self.server.connections[lane] - before

    def test_a_connection_is_used_again_only_where_nothing_may_follow(self):
        for kind in ("get", "post", "1xx"):
            with self.subTest(kind):
                self.assertLessEqual(self.connections_of("plain0", kind), 1)
        for kind in NEVER_AGAIN:
            with self.subTest(kind):
                self.assertGreaterEqual(self.connections_of("plain0", kind), 9)

    def test_an_upstream_that_is_trusted_to_send_no_body_keeps_its_connection(self):
        for kind in ("head", "204", "304"):
            with self.subTest(kind):
                self.assertLessEqual(self.connections_of("trusted0", kind), 1)
        self.assertGreaterEqual(self.connections_of("trusted0", "early"), 9)


if __name__ == "__main__":
    unittest.main()
