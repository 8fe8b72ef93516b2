"""What the tests share in which several gateways are to serve from one store."""

import copy
import json
import pathlib
import tempfile

from signer import sign
from support import GatewayTest, free_port

ROUTES = [{"method": "POST", "path": "/things", "section": "payments"}]


class ServingTest(GatewayTest):
    """Gateways of one store, and writes that are captured on the way to one of them."""

    def set_up(self, **config):
        self.seen_by = self.upstream()
        # A short drain, so that nobody waits long; a narrow window, so that a crash is over soon.
        config = {"timeouts": {"drain": "2s"}, "signature": {"max_ahead": "1s"}, **config}
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES, config=config)
        self.token = self.gate.create_token("payments")
        self.number = 0

    def neighbour(self, first):
        """Another process for the store of `first`, with ports of its own; not started."""
        other = copy.copy(first)
        other.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-test-"))
        other.port, other.process, other._outputs = free_port(), None, []
        other.config = json.loads(json.dumps(first.config))
        other.config["listeners"] = [{"address": f"127.0.0.1:{other.port}"}]
        other.config["admin"] = {"address": f"unix:{other.folder}/admin.sock"}
        other.config["store"] = {"path": str(first.folder / "store"), "master_key_file": str(first.folder / "master.key")}
        other.config_file = other.folder / "kwikgate.json"
        other.write_config()
        self.addCleanup(other.close)
        return other

    def write(self, token=None):
        """A signed write as somebody on the path has it: its body tells it from all others."""
        self.number += 1
        body = json.dumps({"number": self.number}).encode()
        return sign(token or self.token, "POST", "/things", body), body

    def send(self, gateway, captured):
        fields, body = captured
        with gateway.client() as client:
            return client.request("POST", "/things", fields, body)

    def captured(self, gateway, count=10):
        """Writes that were accepted there."""
        writes = [self.write() for _ in range(count)]
        self.assertEqual({self.send(gateway, write).status for write in writes}, {200})
        return writes

    def assert_accepted_once(self):
        bodies = [seen.body for seen in list(self.seen_by.seen)]
        self.assertEqual(len(bodies), len(set(bodies)), "a captured write was accepted twice")
