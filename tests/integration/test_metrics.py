"""What /metrics says is what happened: counted once, under the right route, reason and upstream, over all workers."""

import threading
import time
import unittest

from admin_client import AdminClient
from support import GatewayTest, RecordingUpstream, basic, free_port, wait_until

ROUTES = [
    {"method": "GET", "path": "/customers/{id}", "section": "customers"},
    {"method": "POST", "path": "/customers", "section": "customers"},
    {"method": "GET", "path": "/orders", "section": "orders"},
]


class MetricsTest(GatewayTest):
    def start(self, answer=None, routes=ROUTES, **config):
        self.upstream_ = self.upstream(answer)
        self.gate = self.gateway({"kwik": [self.upstream_.url]}, routes, config=config)
        self.token = self.gate.create_token("customers", permissions="read-only")
        self.admin = AdminClient.of(self.gate)

    def call(self, method, target, headers=None, body=None):
        with self.gate.client() as client:
            return client.request(method, target, {"Authorization": self.token.basic, **(headers or {})}, body)

    def counted(self, count, **labels):
        """The metrics, once so many requests with these labels were counted."""
        def enough():
            metrics = self.admin.metrics()
            return metrics if metrics.sum("kwikgate_requests_total", **labels) >= count else None
        metrics = wait_until(enough, f"{count} requests with {labels} to be counted")
        self.assertEqual(metrics.sum("kwikgate_requests_total", **labels), count)
        return metrics


class RequestsTest(MetricsTest):
    def test_requests_by_route_reason_and_class(self):
        self.start(lambda seen: RecordingUpstream.reply(b"no", "404 Not Found") if seen.target == "/customers/none"
                   else RecordingUpstream.reply(b"{}"))
        for target in ("/customers/1", "/customers/2", "/customers/none"):
            self.call("GET", target)
        self.call("GET", "/orders")
        self.call("POST", "/customers", {"Content-Type": "application/json"}, b"{}")
        self.call("GET", "/nowhere")
        self.call("GET", "/customers/3", {"Authorization": basic(self.token.key, "x")})
        metrics = self.counted(7)
        expected = {
            ("GET", "/customers/{id}", "none", "2xx"): 2, ("GET", "/customers/{id}", "none", "4xx"): 1,
            ("GET", "/customers/{id}", "credential_invalid", "4xx"): 1, ("GET", "/orders", "section_not_granted", "4xx"): 1,
            ("POST", "/customers", "write_not_granted", "4xx"): 1, ("none", "none", "route_unknown", "4xx"): 1}
        found = {(l["method"], l["route"], l["reason"], l["status_class"]): value for l, value in metrics.of("kwikgate_requests_total")}
        self.assertEqual(found, expected)
        self.assertEqual(metrics.sum("kwikgate_request_ends_total", termination="completed"), 7)
        self.assertEqual(metrics.sum("kwikgate_authenticated_requests_total", scheme="basic"), 5)
        self.assertEqual(metrics.sum("kwikgate_request_duration_seconds_count"), 7)
        self.assertEqual(metrics.sum("kwikgate_gateway_duration_seconds_count"), 7)
        self.assertEqual(metrics.sum("kwikgate_upstream_duration_seconds_count", upstream="kwik"), 3)

    def test_every_refusal_in_the_access_log_is_in_the_metrics(self):
        self.start()
        for target in ("/customers/1", "/orders", "/a/../b", "/%zz", "/customers/%2e%2e"):
            self.call("GET", target)
        with self.gate.client() as client:
            client.send(b"nonsense\r\n\r\n")
            client.read_response()
        metrics = self.counted(6)
        logged = {}
        entries = wait_until(lambda: len(self.gate.access_log()) == 6 and self.gate.access_log(), "the access log")
        for entry in entries:
            logged[entry["reason"]] = logged.get(entry["reason"], 0) + 1
        found = {}
        for labels, value in metrics.of("kwikgate_requests_total"):
            found[labels["reason"]] = found.get(labels["reason"], 0) + value
        self.assertEqual(found, logged)

    def test_no_label_has_what_a_client_chose(self):
        self.start()
        self.call("GET", "/customers/PLANTED-id?PLANTED=1")
        self.call("GET", "/PLANTED-path")
        self.call("GET", "/customers/1", {"X-Request-Id": "PLANTED-request-id", "Host": "PLANTED.example"})
        self.counted(3)
        text = self.admin.get("/metrics").body.decode()
        for planted in ("PLANTED", self.token.id, self.token.key, self.token.secret, "127.0.0.1:" + str(self.gate.port)):
            self.assertNotIn(planted, text)

    def test_all_workers_are_added_up_under_load(self):
        self.start(rate_limit={"requests_per_second": 100000, "burst": 100000})
        threads = [threading.Thread(target=self.send_many) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        metrics = self.counted(8 * 50, reason="none", status_class="2xx")
        self.assertEqual(metrics.sum("kwikgate_workers"), 2)
        self.assertEqual(metrics.sum("kwikgate_connections_accepted_total"), 8)
        wait_until(lambda: self.admin.metrics().sum("kwikgate_connections_open") == 0, "connections to be gone")

    def send_many(self):
        with self.gate.client() as client:
            for i in range(50):
                assert client.request("GET", f"/customers/{i}", {"Authorization": self.token.basic}).status == 200

    def test_counters_go_on_over_a_reload(self):
        self.start()
        self.call("GET", "/customers/1")
        self.counted(1, route="/customers/{id}")
        self.gate.config["routes"] = [*ROUTES, {"method": "GET", "path": "/new"}]
        self.gate.write_config()
        self.assertTrue(self.gate.reload())
        self.call("GET", "/customers/1")
        self.call("GET", "/new")
        metrics = self.counted(2, route="/customers/{id}")
        metrics = self.counted(1, route="/new")
        self.assertEqual(metrics.sum("kwikgate_reloads_total", result="taken"), 1)
        self.gate.config_file.write_text("{")
        self.assertFalse(self.gate.reload())
        metrics = self.admin.metrics()
        self.assertEqual(metrics.sum("kwikgate_reloads_total", result="refused"), 1)
        self.assertEqual(metrics.of("kwikgate_last_reload_taken"), [({}, 0)])


class UpstreamsTest(MetricsTest):
    def test_connections_are_counted_as_they_are(self):
        self.start()
        with self.gate.client() as client:
            for i in range(5):
                client.request("GET", f"/customers/{i}", {"Authorization": self.token.basic})
        self.counted(5)
        levels = wait_until(lambda: (lambda m: m.sum("kwikgate_upstream_connections_idle", upstream="kwik") == 1 and m)(self.admin.metrics()),
                            "the connection to be idle")
        self.assertEqual(levels.sum("kwikgate_upstream_connections", upstream="kwik"), 1)
        self.assertEqual(levels.sum("kwikgate_upstream_connects_total", upstream="kwik"), 1)
        self.assertEqual(levels.sum("kwikgate_upstream_reuses_total", upstream="kwik"), 4)
        self.assertEqual(levels.sum("kwikgate_upstream_connect_failures_total"), 0)
        self.assertEqual(self.upstream_.connections, 1)

    def test_a_server_that_refuses_is_counted_ejected_and_shown(self):
        upstream = self.upstream()
        dead = f"127.0.0.1:{free_port()}"
        self.gate = self.gateway({"kwik": {"servers": [upstream.url, "http://" + dead], "retries": 1,
                                           "health": {"eject_after_failures": 2, "eject_for": "1h"}}}, ROUTES, workers=1)
        self.token = self.gate.create_token("customers")
        self.admin = AdminClient.of(self.gate)

        def is_ejected():
            self.call("GET", "/customers/1")
            return self.admin.metrics().sum("kwikgate_server_ejected", server=dead) == 1
        wait_until(is_ejected, "the server to be taken out")
        metrics = self.admin.metrics()
        self.assertGreaterEqual(metrics.sum("kwikgate_server_failures_total", server=dead), 2)
        self.assertEqual(metrics.sum("kwikgate_server_ejections_total", server=dead), 1)
        self.assertGreaterEqual(metrics.sum("kwikgate_upstream_connect_failures_total"), 2)
        servers = {s["name"]: s for s in self.admin.get("/api/v1/upstreams").json["upstreams"][0]["servers"]}
        self.assertEqual((servers[dead]["is_available"], servers[dead]["ejected_by"]), (False, 1))

    def test_an_answer_that_breaks_off_counts_as_the_failure_it_was(self):
        upstream = self.upstream(lambda seen: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        self.gate = self.gateway({"kwik": {"servers": [upstream.url], "idle_timeout": "200ms"}}, ROUTES)
        self.token = self.gate.create_token("customers")
        self.admin = AdminClient.of(self.gate)
        with self.gate.client() as client:
            client.send_request("GET", "/customers/1", {"Authorization": self.token.basic})
            self.assertEqual(client.read_head()[0], 200)
            metrics = self.counted(1, reason="upstream_timeout", status_class="5xx")
        self.assertEqual(metrics.sum("kwikgate_request_ends_total", termination="upstream_aborted"), 1)
        self.assertEqual(metrics.sum("kwikgate_requests_total"), 1)

    def test_requests_under_way_are_shown(self):
        release = threading.Event()
        self.addCleanup(release.set)
        self.start(lambda seen: release.wait(30) and RecordingUpstream.reply(b"{}"))
        with self.gate.client() as client:
            client.send_request("GET", "/customers/1", {"Authorization": self.token.basic})
            wait_until(lambda: self.admin.metrics().sum("kwikgate_requests_in_progress") == 1, "the request to be shown")
            self.assertEqual(self.admin.metrics().sum("kwikgate_connections_open"), 1)
            release.set()
            self.assertEqual(client.read_response().status, 200)
        wait_until(lambda: self.admin.metrics().sum("kwikgate_requests_in_progress") == 0, "the request to be over")


class StateTest(MetricsTest):
    def test_store_replay_and_process(self):
        self.start(replay={"entries": 5000})
        metrics = self.admin.metrics()
        self.assertEqual(metrics.of("kwikgate_store_up"), [({}, 1)])
        self.assertEqual(metrics.of("kwikgate_store_tokens"), [({}, 1)])
        self.assertGreaterEqual(metrics.sum("kwikgate_replay_entries_limit"), 5000)
        self.assertGreater(metrics.sum("process_resident_memory_bytes"), 1 << 20)
        self.assertLess(abs(metrics.sum("process_start_time_seconds") - time.time()), 300)
        self.gate.create_token("orders")
        self.assertEqual(self.admin.metrics().of("kwikgate_store_tokens"), [({}, 2)])
        version = self.admin.get("/api/v1/status").json["version"]
        self.assertEqual(metrics.of("kwikgate_build_info"), [({"version": version}, 1)])

    def test_an_exposed_secret_is_counted(self):
        self.start(routes=[{"method": "POST", "path": "/form", "schemes": ["public_key"]}])
        token = self.gate.create_token("customers", extra=("--allow-origin", "https://shop.example"))
        with self.gate.client() as client:
            answer = client.request("POST", "/form", {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://shop.example"},
                                    f"public_key={token.secret}&amount=1".encode())
        self.assertIn(answer.status, (401, 403))
        wait_until(lambda: self.admin.metrics().sum("kwikgate_secrets_exposed_total") == 1, "the exposure to be counted")

    def test_traffic_has_the_same_numbers(self):
        self.start()
        for target in ("/customers/1", "/orders", "/nowhere"):
            self.call("GET", target)
        self.counted(3)
        traffic = self.admin.get("/api/v1/traffic").json
        self.assertEqual(traffic["refused_by_reason"], {"section_not_granted": 1, "route_unknown": 1})
        self.assertEqual(traffic["answered_by_class"], [0, 0, 1, 0, 0, 0])
        for name in ("total", "gateway"):
            self.assertEqual(sum(traffic[name]["counts"]), 3)
            self.assertEqual(len(traffic[name]["counts"]), len(traffic["latency_bounds_us"]) + 1)
        self.assertEqual(sum(traffic["upstream"]["counts"]), 1)


if __name__ == "__main__":
    unittest.main()
