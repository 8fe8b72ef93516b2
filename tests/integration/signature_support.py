"""What the tests of signatures share: a gateway whose routes read and write, and signed requests that are accepted or refused."""

from signer import sign
from support import NO_LIMIT, GatewayTest

ROUTES = [
    {"method": "GET", "path": "/things", "section": "payments"},
    {"method": "POST", "path": "/things", "section": "payments"},
    {"method": "POST", "path": "/search", "section": "payments", "access": "read"},
    {"method": "GET", "path": "/wanting", "section": "payments", "covers": ["x-max-amount"]},
    {"method": "DELETE", "path": "/things/{id}", "section": "payments"},
]


class SignatureTest(GatewayTest):
    config = {}

    def setUp(self):
        self.seen_by = self.upstream()
        self.gate = self.gateway({"kwik": [self.seen_by.url]}, routes=ROUTES, config={**NO_LIMIT, **self.config})
        self.token = self.gate.create_token("payments")

    def send(self, method, target, fields, body=None, host="gateway.test"):
        """One request on a connection of its own."""
        with self.gate.client() as client:
            return client.request(method, target, fields, body, host)

    def ask(self, method="GET", target="/things", body=None, host="gateway.test", **options):
        fields = sign(self.token, method, target, body, host=host, **options)
        return self.send(method, target, [*fields, *options.get("fields", ())], body, host)

    def accepted(self, *arguments, **options):
        answer = self.ask(*arguments, **options)
        self.assertEqual(answer.status, 200, answer.body)

    def refused(self, status, reason, code, *arguments, **options):
        count = len(self.seen_by.seen)
        answer = self.ask(*arguments, **options)
        self.assert_refused(answer, status, reason, code)
        self.assertEqual(len(self.seen_by.seen), count, "a refused request reached the upstream")
        return answer
