"""What the tests of tracing share: a gateway that exports to a collector, and the spans that arrived."""

import json

from admin_client import AdminClient
from support import NO_LIMIT, GatewayTest, RecordingUpstream, wait_until

ROUTES = [
    {"method": "GET", "path": "/customers/{id}", "section": "customers"},
    {"method": "POST", "path": "/customers", "section": "customers"},
    {"method": "GET", "path": "/orders", "section": "orders"},
]
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
EVERY, NONE = 1_000_000, 0
SERVER, CLIENT, ERROR = 2, 3, 2
ACCEPTED = RecordingUpstream.reply(b"{}", fields=["Content-Type: application/json"])


def traceparent(flags, trace=TRACE):
    return {"traceparent": f"00-{trace}-{PARENT}-{flags}"}


def attributes(holder):
    return {item["key"]: next(iter(item["value"].values())) for item in holder["attributes"]}


def spans_of(exports):
    """Every span in the bodies of these requests, its attributes made a dict."""
    return [{**span, "attributes": attributes(span)} for seen in exports
            for resource in json.loads(seen.body)["resourceSpans"]
            for scope in resource["scopeSpans"] for span in scope["spans"]]


class TracingTest(GatewayTest):
    def start(self, collector=None, answer=None, listener=None, start=True, **tracing):
        self.collector = collector or self.upstream(lambda seen: ACCEPTED)
        self.behind = self.upstream(answer)
        self.gate = self.gateway({"kwik": [self.behind.url]}, ROUTES, start=False, config={
            **NO_LIMIT, "tracing": {"endpoint": self.collector.url, "sample_per_million": EVERY, "interval": "100ms", **tracing}})
        self.gate.config["listeners"][0].update(listener or {})
        self.gate.write_config()
        self.token = self.gate.create_token("customers")
        if start:
            self.gate.start()
        self.admin = AdminClient.of(self.gate)

    def call(self, method="GET", target="/customers/7", headers=None, body=None, source="127.0.0.1"):
        with self.gate.client(source=source) as client:
            response = client.request(method, target, {"Authorization": self.token.basic, **(headers or {})}, body)
        self.assertIsNotNone(response)
        return response

    def spans(self, count):
        """The spans that have arrived, once there are so many of them."""
        wait_until(lambda: len(spans_of(self.collector.seen)) >= count, f"{count} spans")
        spans = spans_of(self.collector.seen)
        self.assertEqual(len(spans), count)
        return spans

    def count(self, name, **labels):
        return self.admin.metrics().sum(name, **labels)

    def wait_for_count(self, least, name, **labels):
        wait_until(lambda: self.count(name, **labels) >= least, f"{name} {labels} to be {least}")

    def wait_for_log(self, text, count=1):
        wait_until(lambda: self.gate.log_text().count(text) >= count, f"{text!r} in the log")

    def configure(self, **tracing):
        self.gate.config["tracing"].update(tracing)
        self.gate.write_config()
