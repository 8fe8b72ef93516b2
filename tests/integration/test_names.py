"""Upstreams by name: several addresses, addresses that change, names that are lost. A hosts file is the name server."""

import pathlib
import subprocess
import tempfile
import unittest

from relay_support import ROUTES, RelayTest
from support import RecordingUpstream, wait_until


def can_have_a_hosts_file():
    return subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0


@unittest.skipUnless(can_have_a_hosts_file(), "no mount namespace of one's own here: the unit tests of NameRefresher remain")
class NamesTest(RelayTest):
    def setUp(self):
        hosts = tempfile.NamedTemporaryFile("w", prefix="kwikgate-hosts-")
        self.addCleanup(hosts.close)
        self.hosts = pathlib.Path(hosts.name)

    def server(self, host, port=0, body=None):
        body = body or host.encode()
        upstream = RecordingUpstream(lambda seen: RecordingUpstream.reply(body), address=(host, port))
        self.addCleanup(upstream.close)
        return upstream

    def name(self, *addresses):
        self.hosts.write_text("".join(f"{address} api.test\n" for address in addresses))

    def start(self, port, **settings):
        gateway = self.made = self.gateway(
            {"main": {"servers": [f"http://api.test:{port}"], "resolve_interval": "100ms", **settings}},
            ROUTES, {"rate_limit": {"requests_per_second": 100000, "burst": 100000}}, 1, start=False)
        self.auth = {"Authorization": gateway.create_token("customers").basic}
        gateway.launcher = ["unshare", "-rm", "sh", "-c",
                            f'mount --bind {self.hosts} /etc/hosts && exec "$@"', "sh"]
        return gateway.start()

    def ask(self, gateway):
        with gateway.client() as client:
            return client.request("GET", "/relay/a", self.auth)

    def test_a_name_that_moves_is_followed(self):
        first = self.server("127.0.0.2")
        second = self.server("127.0.0.3", first.port)
        self.name("127.0.0.2")
        gateway = self.start(first.port)
        with gateway.client() as client:
            self.assertEqual(client.request("GET", "/relay/a", self.auth).body, b"127.0.0.2")
            self.name("127.0.0.3")
            # The idle connection to the old address is not used again either.
            wait_until(lambda: client.request("GET", "/relay/a", self.auth).body == b"127.0.0.3", "the new address")
            before = len(first.seen)
            for _ in range(20):
                self.assertEqual(client.request("POST", "/relay/a", self.auth, b"{}").body, b"127.0.0.3")
        self.assertEqual(len(first.seen), before)
        self.assertGreater(len(second.seen), 20)
        self.assertIn("has other addresses now", gateway.log_text())

    def test_an_address_that_fails_gives_way_to_the_next(self):
        second = self.server("127.0.0.3")
        self.name("127.0.0.2", "127.0.0.3")
        gateway = self.start(second.port)
        for _ in range(5):
            self.assertEqual(self.ask(gateway).body, b"127.0.0.3")
        entries = wait_until(lambda: len(gateway.access_log()) == 5 and gateway.access_log(), "the log lines")
        self.assertLessEqual(sum(entry["attempts"] for entry in entries), 6)  # It is found out once.

    def test_a_name_that_is_lost_keeps_its_addresses(self):
        server = self.server("127.0.0.2")
        self.name("127.0.0.2")
        gateway = self.start(server.port)
        self.name()
        wait_until(lambda: "cannot be resolved, its addresses stay" in gateway.log_text(), "the failed lookup")
        self.assertEqual(self.ask(gateway).body, b"127.0.0.2")
        self.assertEqual(gateway.log_text().count("cannot be resolved"), 1)

    def test_a_name_that_was_never_found_is_an_error(self):
        self.name()
        with self.assertRaisesRegex(AssertionError, "api.test:1 cannot be resolved"):
            self.start(1)
        self.assertEqual(self.made.process.wait(20), 1)
        self.made.process = None


if __name__ == "__main__":
    unittest.main()
