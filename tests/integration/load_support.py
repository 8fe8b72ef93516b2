"""What the tests share that keep a gateway under load: one route, one token, and what must have become of every call."""

import socket

from support import NO_LIMIT, GatewayTest, wait_until

ROUTES = [{"method": "GET", "path": "/customers", "section": "customers"}]


class LoadTest(GatewayTest):
    def gateway_with_token(self, config=None, answer=None, **options):
        self.behind = self.upstream(answer)
        gateway = self.gateway({"kwik": [self.behind.url]}, list(ROUTES), {**NO_LIMIT, **(config or {})}, **options)
        self.token = gateway.create_token("customers")
        return gateway

    def get(self, client, path="/customers"):
        return client.request("GET", path, {"Authorization": self.token.basic})

    def call(self, client, _):
        return self.get(client)

    def assert_logged_once_each(self, gateway, calls):
        """One line of valid JSON for every answer, and no other line."""
        answered = [call for call in calls if call.status]
        lines = wait_until(lambda: (lambda lines: lines if len(lines) >= len(answered) else None)(
            gateway.access_log()), "all lines of the access log")
        self.assertEqual(sorted((line["request_id"], line["status"]) for line in lines),
                         sorted((call.request_id, call.status) for call in answered))

    def assert_all_served(self, callers):
        """Every call was answered, and well."""
        self.assertEqual(callers.failures, [])
        calls = callers.all()
        lost = [call for call in calls if call.status == 0]
        self.assertEqual(len(lost), 0, f"{len(lost)} of {len(calls)} requests had no answer")
        self.assertEqual({call.status for call in calls}, {200})
        self.assertEqual(len(self.behind.seen), len(calls))

    def wait_until_refused(self, port):
        """Until nobody listens there any more."""
        def is_refused():
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
            except ConnectionRefusedError:
                return True
        wait_until(is_refused, f"port {port} to be closed")
