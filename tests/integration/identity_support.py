"""What the tests of identity headers share: a gateway, and the request as its upstream received it."""

import re

from support import GatewayTest

ROUTES = [
    {"method": "GET", "path": "/customers", "section": "customers"},
    {"method": "POST", "path": "/customers", "section": "customers"},
    {"method": "POST", "path": "/customers/search", "section": "customers", "access": "read"},
    {"method": "GET", "path": "/lookups"},
    {"method": "POST", "path": "/form", "section": "customers", "schemes": ["public_key"]},
]
IDENTITY = ["X-Kwik-Access", "X-Kwik-Account", "X-Kwik-Environment", "X-Kwik-Scheme", "X-Kwik-Section", "X-Kwik-Token"]


def folded(name):
    """As servers fold names into variables: HTTP_X_KWIK_TOKEN."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


class IdentityTest(GatewayTest):
    upstream_config = {}
    listener = {}

    def setUp(self):
        self.behind = self.upstream()
        self.gate = self.start_gateway()
        self.token = self.gate.create_token("customers", extra=("--account", "acc-42"))

    def start_gateway(self):
        gateway = self.gateway({"kwik": {"servers": [self.behind.url], **self.upstream_config}}, ROUTES, start=False)
        gateway.config["listeners"][0].update(self.listener)
        gateway.write_config()
        return gateway.start()

    def sent(self, fields=(), method="GET", path="/customers", body=None, credentials=None, **options):
        """Sends a request; returns the answer and what the upstream received."""
        before = len(self.behind.seen)
        if credentials is None:
            credentials = [("Authorization", self.token.basic)]
        with self.gate.client(**options) as client:
            response = client.request(method, path, [*credentials, *fields], body)
        self.assertEqual(response.status, 200, response.body)
        self.assertEqual(len(self.behind.seen), before + 1)
        return response, self.behind.seen[-1]

    def identity(self, seen):
        """Everything that any server could take for one of our fields."""
        return [(name, value) for name, value in seen.fields if folded(name).startswith("X_KWIK_")]

    def expected(self, **changes):
        values = {"token": self.token.id, "account": "acc-42", "environment": "live", "section": "customers",
                  "access": "read", "scheme": "basic", **changes}
        return [(name, values[name[7:].lower()]) for name in IDENTITY if values[name[7:].lower()] is not None]
