"""Spans of sampled requests, as a collector receives them by OTLP/HTTP: what they say, who decides on them, and that no request minds the collector."""

import json
import pathlib
import shutil
import tempfile
import threading
import time
import unittest

from admin_client import AdminClient
from certificates import Authority
from relay_support import ClosedPort
from support import GatewayTest, RecordingUpstream, run_kwikgate, wait_until
from test_tls_upstream import TlsUpstream

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
            "rate_limit": {"requests_per_second": 1_000_000, "burst": 1_000_000},
            "tracing": {"endpoint": self.collector.url, "sample_per_million": EVERY, "interval": "100ms", **tracing}})
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


class CollectorTest(TracingTest):
    def test_requests_do_not_mind_a_collector_that_is_down(self):
        closed = ClosedPort()
        self.addCleanup(closed.close)
        self.start(closed, queue=64)
        self.wait_for_count(0, "kwikgate_spans_exported_total")
        began = time.monotonic()
        with self.gate.client() as client:
            for _ in range(600):
                self.assertEqual(client.request("GET", "/customers/1", {"Authorization": self.token.basic}).status, 200)
        self.assertLess(time.monotonic() - began, 20)
        self.wait_for_log("tracing: spans cannot be exported to 127.0.0.1:")
        self.wait_for_count(1, "kwikgate_span_export_failures_total")
        self.wait_for_count(200, "kwikgate_spans_dropped_total", cause="queue_full")
        self.assertEqual(self.count("kwikgate_spans_exported_total"), 0)
        self.assertEqual(self.gate.log_text().count("cannot be exported"), 1)

    def test_it_is_tried_again_and_told_of_once(self):
        self.start()
        self.collector.answer = lambda seen: RecordingUpstream.reply(b"", "503 Service Unavailable")
        self.call()
        self.wait_for_log("cannot be exported to 127.0.0.1")
        self.assertIn("status 503", self.gate.log_text())
        self.collector.answer = lambda seen: ACCEPTED
        self.wait_for_log("spans are exported to 127.0.0.1")
        first, second = self.collector.seen[:2]
        self.assertEqual(first.body, second.body)
        self.assertEqual(self.count("kwikgate_spans_exported_total"), 2)
        self.assertEqual(self.count("kwikgate_spans_dropped_total"), 0)

    def test_a_collector_that_answers_nothing_or_nonsense(self):
        release = threading.Event()
        self.addCleanup(release.set)
        for name, answer, why in (("slow", lambda seen: release.wait(10) and None, "timeout"),
                                  ("closing", lambda seen: None, "no answer"),
                                  ("garbage", lambda seen: b"hello\r\n\r\n", "no HTTP answer"),
                                  ("long", lambda seen: b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "no HTTP answer")):
            with self.subTest(name):
                self.start(self.upstream(answer), timeout="300ms")
                self.call()
                self.wait_for_log(f"cannot be exported to 127.0.0.1:{self.collector.port}: {why}")
                self.assertEqual(self.call().status, 200)
                self.assertEqual(self.count("kwikgate_spans_exported_total"), 0)

    def test_what_it_refuses_is_dropped_and_not_sent_again(self):
        self.start()
        self.collector.answer = lambda seen: RecordingUpstream.reply(b"", "400 Bad Request")
        self.call()
        self.wait_for_count(2, "kwikgate_spans_dropped_total", cause="refused")
        self.collector.answer = lambda seen: RecordingUpstream.reply(b'{"partialSuccess":{"rejectedSpans":"1"}}')
        self.call()
        self.wait_for_count(3, "kwikgate_spans_dropped_total", cause="refused")
        self.assertEqual(self.count("kwikgate_spans_exported_total"), 1)
        self.assertEqual(len(self.collector.seen), 2)

    def test_a_name_that_is_not_known_keeps_nothing_from_starting(self):
        self.start(endpoint="http://collector.invalid:4318")
        self.assertIn("collector.invalid:4318 cannot be resolved", self.gate.log_text())
        self.assertEqual(self.call().status, 200)
        self.wait_for_log("its name is not known")

    def test_files_that_cannot_be_used_do(self):
        self.start(start=False, headers_file="collector.key")
        key = self.gate.folder / "collector.key"
        for text, mode, why in ((None, 0, "cannot be read"), ("X-Key: a\n", 0o644, "0600"), ("nonsense\n", 0o600, "Name: value"),
                                ("Content-Length: 1\n", 0o600, "Name: value"), ("X-Key: a\x01\n", 0o600, "Name: value"),
                                ("X: " + "a" * 5000, 0o600, "longer than 4 KiB")):
            if text is not None:
                key.write_text(text)
                key.chmod(mode)
            for command in ("check", "serve"):
                done = run_kwikgate(command, "--config", self.gate.config_file)
                self.assertEqual(done.returncode, 1, text)
                self.assertIn(why, done.stderr)

    def test_an_https_collector_has_to_prove_itself(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-tracing-"))
        self.addCleanup(shutil.rmtree, folder, True)
        authority, stranger = Authority(folder / "authority"), Authority(folder / "stranger")
        certificate = authority.issue("collector.test", alternative_names="IP:127.0.0.1")
        for trusted in (authority, stranger):
            collector = TlsUpstream(certificate, lambda seen: ACCEPTED)
            self.addCleanup(collector.close)
            self.start(collector, endpoint=f"https://127.0.0.1:{collector.port}/otlp/v1/traces",
                       ca_file=str(trusted.certificate))
            self.call()
            if trusted is authority:
                self.spans(2)
                self.assertEqual(collector.seen[0].target, "/otlp/v1/traces")
            else:
                self.wait_for_log("cannot be exported to 127.0.0.1")
                self.assertEqual(collector.seen, [])


class EndTest(TracingTest):
    def test_the_end_sends_what_waits(self):
        self.start(interval="1m")
        for _ in range(300):
            self.call()
        self.spans(512)  # As many as make a batch do not wait.
        self.assertEqual(self.gate.stop(), 0)
        self.assertEqual(len(spans_of(self.collector.seen)), 600)

    def test_a_collector_that_does_not_answer_holds_the_end_up_for_a_bounded_time(self):
        release = threading.Event()
        self.addCleanup(release.set)
        self.start(self.upstream(lambda seen: release.wait(60) and None), timeout="30s")
        self.call()
        began = time.monotonic()
        self.assertEqual(self.gate.stop(), 0)
        self.assertTrue(3 < time.monotonic() - began < 12, time.monotonic() - began)
        self.assertIn("not all spans were exported", self.gate.log_text())

    def test_a_reload_moves_turns_off_and_on_or_changes_nothing(self):
        self.start()
        self.call()
        self.spans(2)
        first, second = self.collector, self.upstream(lambda seen: ACCEPTED)
        self.configure(endpoint=second.url + "/custom")
        self.assertTrue(self.gate.reload())
        self.collector = second
        self.call()
        self.spans(2)
        self.assertEqual(second.seen[0].target, "/custom")

        self.configure(endpoint=first.url, headers_file="missing")
        self.assertFalse(self.gate.reload())
        self.call()
        self.spans(4)
        self.assertEqual(len(spans_of(first.seen)), 2)

        self.configure(endpoint="", headers_file="")
        self.assertTrue(self.gate.reload())
        self.call(headers=traceparent("01"))
        self.assertEqual(self.behind.seen[-1].field("traceparent")[-2:], "01", "carried on where nobody samples")
        self.configure(endpoint=first.url, sample_per_million=NONE)
        self.assertTrue(self.gate.reload())
        self.call()
        self.configure(sample_per_million=EVERY)
        self.assertTrue(self.gate.reload())
        self.collector = first
        self.call()
        self.spans(4)
        self.assertEqual(len(spans_of(second.seen)), 4)


if __name__ == "__main__":
    unittest.main()
