"""Spans of sampled requests, as a collector receives them by OTLP/HTTP: what they say, and who decides on them."""

import json
import time
import unittest

from support import RecordingUpstream
from tracing_support import CLIENT, ERROR, EVERY, NONE, PARENT, SERVER, TRACE, TracingTest, attributes, spans_of, traceparent


class SpansTest(TracingTest):
    def test_a_request_becomes_a_server_span_and_a_client_span_that_the_upstream_knows(self):
        self.start(service_name="edge")
        began = time.time_ns()
        answer = self.call(headers=traceparent("01"))
        server, client = self.spans(2)
        ended = time.time_ns()
        export = self.collector.seen[0]
        self.assertEqual((export.method, export.target, export.field("content-type"), export.field("host")),
                         ("POST", "/v1/traces", "application/json", f"127.0.0.1:{self.collector.port}"))
        resource = json.loads(export.body)["resourceSpans"][0]["resource"]
        self.assertEqual(attributes(resource)["service.name"], "edge")
        self.assertEqual((server["traceId"], client["traceId"]), (TRACE, TRACE))
        self.assertEqual((server["parentSpanId"], client["parentSpanId"]), (PARENT, server["spanId"]))
        self.assertEqual(self.behind.seen[0].field("traceparent"), f"00-{TRACE}-{client['spanId']}-01")
        self.assertEqual((server["kind"], client["kind"]), (SERVER, CLIENT))
        self.assertEqual((server["name"], client["name"]), ("GET /customers/{id}", "GET"))
        self.assertEqual((server["status"], client["status"]), ({}, {}))
        self.assertLessEqual(
            {"http.request.method": "GET", "http.route": "/customers/{id}", "http.response.status_code": "200",
             "kwikgate.reason": "none", "kwikgate.termination": "completed", "kwikgate.token": self.token.id,
             "kwikgate.request_id": answer.field("x-request-id"), "kwikgate.scheme": "basic",
             "kwikgate.upstream": "kwik", "kwikgate.listener": "public"}.items(), server["attributes"].items())
        self.assertEqual(client["attributes"], {
            "http.request.method": "GET", "http.response.status_code": "200", "server.address": "127.0.0.1",
            "server.port": str(self.behind.port), "kwikgate.upstream": "kwik"})
        times = [int(span[key]) for span, key in ((server, "startTimeUnixNano"), (client, "startTimeUnixNano"),
                                                  (client, "endTimeUnixNano"), (server, "endTimeUnixNano"))]
        self.assertEqual(times, sorted(times))
        # The gateway's clock is as coarse as the kernel's may be.
        self.assertGreater(times[0], began - 50_000_000)
        self.assertLess(times[-1], ended + 50_000_000)

    def test_a_request_without_a_trace_begins_one(self):
        self.start()
        self.call()
        self.call(headers={"traceparent": "00-nonsense-01"})
        spans = self.spans(4)
        self.assertEqual(len({span["traceId"] for span in spans}), 2)
        self.assertEqual(len({span["spanId"] for span in spans}), 4)
        self.assertEqual(sum("parentSpanId" not in span for span in spans), 2)

    def test_what_went_wrong(self):
        self.start()
        answers = {"503": RecordingUpstream.reply(b"", "503 Service Unavailable"), "upstream_reset": None,
                   "upstream_malformed": b"nonsense\r\n\r\n", "404": RecordingUpstream.reply(b"", "404 Not Found")}
        for error, answer in answers.items():
            with self.subTest(error):
                self.collector.seen.clear()
                self.behind.answer = lambda seen, answer=answer: answer
                self.call("POST", "/customers", body=b"{}")
                server, client = self.spans(2)
                self.assertEqual(client["attributes"]["error.type"], error)
                self.assertEqual(client["status"], {"code": ERROR})
                # What the caller got wrong is no error of a server.
                self.assertEqual(server["status"], {} if error == "404" else {"code": ERROR})
                self.assertEqual(server["attributes"].get("error.type"), None if error == "404" else error)

    def test_a_refusal_is_a_span_without_a_child(self):
        self.start()
        for target, reason in (("/orders", "section_not_granted"), ("/none", "route_unknown")):
            self.collector.seen.clear()
            self.call(target=target)
            (span,) = self.spans(1)
            self.assertEqual(span["attributes"]["kwikgate.reason"], reason)
            self.assertEqual(span["status"], {})
        self.assertNotIn("http.route", span["attributes"])

    def test_targets_and_secrets_stay_here(self):
        self.start(start=False, headers_file="collector.key")
        key = self.gate.folder / "collector.key"
        key.write_text("Authorization: Bearer PLANTEDcollectorKey\nX-Scope: shop\n")
        key.chmod(0o600)
        self.gate.config["log"] = {"level": "trace"}
        self.gate.write_config()
        self.gate.start()
        self.call(target="/customers/PLANTEDid?key=PLANTEDquery", headers={"Cookie": "PLANTEDcookie"})
        self.call("POST", "/customers", body=b'{"card": "PLANTEDcard"}')
        self.call("PLANTED", "/customers/1")
        self.spans(5)
        for export in self.collector.seen:
            self.assertEqual((export.field("authorization"), export.field("x-scope")), ("Bearer PLANTEDcollectorKey", "shop"))
            for secret in ("PLANTED", self.token.key, self.token.secret, "gateway.test"):
                self.assertNotIn(secret.encode(), export.body)
        shown = self.admin.call("GET", "/api/v1/configuration").body
        self.assertNotIn("PLANTED", self.gate.log_text())
        self.assertNotIn(b"collector.key", shown)


class SamplingTest(TracingTest):
    def flags_upstream(self):
        return [seen.field("traceparent")[-2:] for seen in self.behind.seen]

    def test_no_stranger_makes_the_gateway_sample(self):
        self.start(sample_per_million=NONE, follow_proxies=True, listener={"trusted_proxies": ["127.0.0.9"]})
        for flags in ("01", "03", "00"):
            self.call(headers=traceparent(flags))
        self.call()
        self.assertEqual(self.flags_upstream(), ["00", "02", "00", "00"])
        self.assertEqual(self.behind.seen[0].field("traceparent")[3:35], TRACE)
        self.gate.stop()
        self.assertEqual(self.collector.seen, [])

    def test_no_stranger_keeps_the_gateway_from_sampling(self):
        self.start()
        for flags in ("00", "02"):
            self.call(headers=traceparent(flags))
        self.assertEqual(self.flags_upstream(), ["01", "03"])
        self.spans(4)

    def test_a_trusted_proxy_decides_where_it_is_followed(self):
        for share in (NONE, EVERY):
            with self.subTest(share):
                self.start(sample_per_million=share, follow_proxies=True, listener={"trusted_proxies": ["127.0.0.9"]})
                self.call(headers=traceparent("00"), source="127.0.0.9")
                self.call(headers=traceparent("01"), source="127.0.0.9")
                self.assertEqual(self.flags_upstream(), ["00", "01"])
                self.assertEqual({span["traceId"] for span in self.spans(2)}, {TRACE})

    def test_a_trusted_proxy_decides_nothing_by_default(self):
        self.start(sample_per_million=NONE, listener={"trusted_proxies": ["127.0.0.9"]})
        self.call(headers=traceparent("01"), source="127.0.0.9")
        self.assertEqual(self.flags_upstream(), ["00"])

    def test_a_share_is_sampled_and_the_upstream_is_told_which(self):
        self.start(sample_per_million=300_000)
        with self.gate.client() as client:
            for _ in range(400):
                client.request("GET", "/customers/1", {"Authorization": self.token.basic})
        told = [seen.field("traceparent").split("-") for seen in self.behind.seen]
        sampled = {trace for _, trace, _, flags in told if flags == "01"}
        self.assertEqual({flags for *_, flags in told}, {"00", "01"})
        self.assertTrue(60 < len(sampled) < 180, len(sampled))
        self.gate.stop()
        self.assertEqual({span["traceId"] for span in spans_of(self.collector.seen)}, sampled)


if __name__ == "__main__":
    unittest.main()
