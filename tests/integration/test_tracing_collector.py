"""No request minds the collector of spans, whatever becomes of it; the end and a reload send what waits."""

import pathlib
import shutil
import tempfile
import threading
import time
import unittest

from certificates import Authority
from relay_support import ClosedPort
from support import RecordingUpstream, run_kwikgate
from tls_support import TlsUpstream
from tracing_support import ACCEPTED, EVERY, NONE, TracingTest, spans_of, traceparent


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
