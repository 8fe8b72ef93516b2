"""What the admin API tells is so: answers fit openapi.json, status and configuration are those in force, reload reloads."""

import http.client
import json
import signal
import socket
import ssl
import threading
import unittest

from admin_client import AdminClient, Metrics
from certificates import Authority
from json_schema import problems_of
from support import GatewayTest, Token, free_port, run_kwikgate, wait_until


class TruthTest(GatewayTest):
    def setUp(self):
        upstream = self.upstream()
        self.gate = self.gateway({"kwik": [upstream.url], "test": [upstream.url]})
        self.admin = AdminClient.of(self.gate)
        self.document = self.admin.get("/api/v1/openapi.json").json

    def fits(self, answer, method, path, status):
        """The answer is of a kind that the document has for this call, and has its shape."""
        responses = self.document["paths"][path][method.lower()]["responses"]
        self.assertEqual(answer.status, status, answer.body)
        self.assertIn(str(status), responses, (method, path))
        content = responses[str(status)].get("content")
        if content is None:
            self.assertEqual(answer.body, b"")
            return
        kind = answer.headers["Content-Type"].split(";")[0]
        self.assertIn(kind, content)
        if kind.endswith("json"):
            self.assertEqual(problems_of(answer.json, content[kind]["schema"], self.document), [])
        for header in responses[str(status)].get("headers", {}):
            self.assertIn(header, answer.headers)

    def test_every_call_answers_as_the_document_says(self):
        called = set()

        def call(method, path, status, token="", query="", **options):
            answer = self.admin.call(method, path.replace("{id}", token) + query, **options)
            self.fits(answer, method, path, status)
            called.add((method, path))
            return answer
        tokens = "/api/v1/tokens"
        made = call("POST", tokens, 201, body={
            "name": "Shop", "sections": ["customers"], "permissions": "read-write", "account": "a", "rate": {"requests_per_second": 5},
            "max_concurrent": 9,
            "expires_at": "2099-01-01T00:00:00Z", "allowed_ips": ["127.0.0.0/8"], "allowed_origins": ["https://shop.example"]}).json
        with self.gate.client() as client:
            credentials = Token.of(made).basic
            self.assertEqual(client.request("GET", "/2.0/customers/list", {"Authorization": credentials}).status, 200)
        one = tokens + "/{id}"
        wait_until(lambda: self.admin.get(f"{tokens}/{made['id']}").json["last_used_at"], "the use to be written")
        call("GET", tokens, 200)
        call("GET", tokens, 400, query="?limit=0")
        call("GET", one, 200, made["id"])
        call("GET", one, 404, "tok_0")
        self.assertEqual(len(call("GET", one + "/usage", 200, made["id"]).json["days"]), 1)
        call("GET", one + "/usage", 404, "tok_0")
        call("PATCH", one, 200, made["id"], body={"name": "B"}, headers={"If-Match": '"1"'})
        call("PATCH", one, 412, made["id"], body={"name": "B"}, headers={"If-Match": '"1"'})
        call("PATCH", one, 428, made["id"], body={"name": "B"})
        call("PATCH", one, 422, made["id"], body={"name": 1}, headers={"If-Match": '"2"'})
        call("POST", tokens, 415, body=b"x", headers={"Content-Type": "text/plain"})
        for action in ("disable", "enable"):
            call("POST", f"{one}/{action}", 200, made["id"])
        call("POST", one + "/rotate", 200, made["id"], body={"overlap": "1m"})
        call("POST", one + "/rotate", 200, made["id"])
        call("POST", one + "/rotate", 422, made["id"], body={"overlap": "1500ms"})
        for path in ("audit", "review", "sections", "routes", "upstreams", "traffic", "status", "configuration", "session"):
            call("GET", "/api/v1/" + path, 200)
        call("GET", "/api/v1/audit", 400, query="?limit=x")
        call("GET", "/api/v1/review", 200, query="?unused_days=1&expires_days=3650")
        asked = {"request": "GET /2.0/customers/list HTTP/1.1\nHost: a\nAuthorization: " + credentials + "\n\n"}
        call("POST", "/api/v1/explain", 200, body=asked)
        call("POST", "/api/v1/explain", 200, body={**asked, "base": "x", "at": "2030-01-01T00:00:00Z", "peer": "192.0.2.1"})
        call("POST", "/api/v1/explain", 422, body={**asked, "listener": "nowhere"})
        call("DELETE", one, 204, made["id"])
        call("POST", "/api/v1/session", 200, body={"key": self.gate.admin_key})
        call("DELETE", "/api/v1/session", 204)
        for path in ("/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"):
            call("GET", path, 200)
        call("POST", "/api/v1/reload", 200)
        self.gate.config_file.write_text("{")
        call("POST", "/api/v1/reload", 422)
        documented = {(method.upper(), path) for path, methods in self.document["paths"].items() for method in methods}
        self.assertEqual(documented - called, set())

    def test_metrics_take_a_key_from_whoever_comes_through_a_proxy_on_this_machine(self):
        self.gate.stop()
        port = free_port()
        self.gate.config["admin"] = {"address": f"127.0.0.1:{port}", "authorities": ["admin.example.test"]}
        self.gate.write_config()
        self.gate.start()

        def status(*fields, version="1.1", host=f"127.0.0.1:{port}"):
            head = [f"GET /metrics HTTP/{version}", f"Host: {host}", "Connection: close", *fields]
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall("\r\n".join([*head, "", ""]).encode())
                return int(connection.makefile("rb").readline().split()[1])
        key = f"Authorization: Bearer {self.gate.admin_key}"
        for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
            self.assertEqual(status(host=host), 200)
        for field in ("X-Forwarded-For: 203.0.113.7", "x-real-ip: 203.0.113.7", "Forwarded: for=203.0.113.7", "Via: 1.1 edge",
                      "X-Forwarded-Host: admin.example.test", "X-Forwarded-Proto: https"):
            with self.subTest(field):
                self.assertEqual((status(field), status(field, key)), (401, 200))
        self.assertEqual((status(version="1.0"), status(key, version="1.0")), (401, 200))
        named = {"host": "admin.example.test"}
        self.assertEqual((status(**named), status(key, **named)), (401, 200))

    def test_a_reload_says_in_the_audit_log_who_asked_for_it(self):
        def reloads():
            entries = [json.loads(line) for line in self.gate.kwikgate("audit", "--json").splitlines()]
            return [entry["actor"] for entry in entries if entry["action"] == "gateway.reload"]
        self.assertEqual(self.admin.post("/api/v1/reload").status, 200)
        actors = reloads()
        self.assertEqual(len(actors), 1)
        self.assertTrue(actors[0].startswith("admin:adm_"), actors)
        self.assertTrue(self.gate.reload())  # A signal has no name.
        self.assertEqual(reloads(), actors)
        good = self.gate.config_file.read_text()
        self.gate.config_file.write_text("{")
        self.assertEqual(self.admin.post("/api/v1/reload").status, 422)
        self.gate.config_file.write_text(good)
        self.assertEqual(reloads(), actors, "a refused one changes nothing")

    def test_reload_takes_a_good_configuration_and_names_every_problem_of_a_bad_one(self):
        self.gate.config["sections"] = ["reports"]
        self.gate.write_config()
        self.assertEqual(self.admin.post("/api/v1/reload").json, {"status": "reloaded"})
        slugs = [section["slug"] for section in self.admin.get("/api/v1/sections").json["sections"]]
        self.assertIn("reports", slugs)
        self.assertEqual(self.admin.get("/api/v1/configuration").json["sections"], ["reports"])
        self.gate.config_file.write_text('{"workerz": 1, "listeners": 7}')
        answer = self.admin.post("/api/v1/reload")
        self.assertEqual((answer.status, answer.code), (422, "reload_refused"))
        self.assertGreaterEqual({problem["pointer"] for problem in answer.json["problems"]}, {"/workerz", "/listeners"})
        status = self.admin.get("/api/v1/status").json["configuration"]
        self.assertEqual((status["reloads_taken"], status["reloads_refused"], status["last_reload_taken"]), (1, 1, False))
        self.assertEqual(self.admin.get("/api/v1/configuration").json["sections"], ["reports"])
        self.gate.config["workers"] = 3
        self.gate.write_config()
        answer = self.admin.post("/api/v1/reload")
        self.assertEqual((answer.code, answer.json["problems"]), ("reload_refused", []))
        self.assertIn("workers", answer.json["detail"])

    def test_the_configuration_names_no_file_with_a_key(self):
        text = self.admin.get("/api/v1/configuration").body.decode()
        self.assertNotIn("master.key", text)
        self.assertEqual(json.loads(text)["store"]["master_key_file"], "(set)")

    def test_upstreams_and_routes_are_those_in_force(self):
        upstreams = {u["name"]: u for u in self.admin.get("/api/v1/upstreams").json["upstreams"]}
        self.assertEqual((upstreams["kwik"]["environments"], upstreams["test"]["environments"]), (["live"], ["test"]))
        self.assertTrue(upstreams["kwik"]["servers"][0]["is_available"])
        routes = self.admin.get("/api/v1/routes").json["routes"]
        wanted = json.loads((self.gate.folder / "kwik.routes.json").read_text())["routes"]
        self.assertEqual({(r["method"], r["path"]) for r in routes}, {(r["method"], r["path"]) for r in wanted})

    def test_readyz_says_no_while_the_gateway_drains(self):
        token = self.gate.create_token("customers")
        self.assertEqual(AdminClient.of(self.gate, key="").get("/readyz").status, 200)
        release = threading.Event()
        self.addCleanup(release.set)
        slow = self.upstream(answer=lambda seen: release.wait(30) and None)
        self.gate.config["upstreams"]["kwik"] = {"servers": [slow.url]}
        self.gate.write_config()
        self.assertTrue(self.gate.reload())
        client = self.gate.client()
        self.addCleanup(client.close)
        client.send_request("GET", "/2.0/customers/list", {"Authorization": token.basic})
        wait_until(lambda: slow.seen, "the request to be under way")
        self.gate.send_signal(signal.SIGTERM)
        answer = wait_until(lambda: (lambda a: a.status == 503 and a)(AdminClient.of(self.gate, key="").get("/readyz")), "readyz to say no")
        self.assertEqual(answer.code, "draining")
        self.assertEqual(AdminClient.of(self.gate, key="").get("/healthz").status, 200)


class ListenerTest(GatewayTest):
    def start(self, address, **settings):
        self.gate = self.gateway({"kwik": ["http://127.0.0.1:9"]}, config={"admin": {"address": address, **settings}}, start=False)

    def test_a_port_of_this_machine(self):
        port = free_port()
        self.start(f"127.0.0.1:{port}")
        self.gate.start()
        admin = AdminClient(lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=20), self.gate.admin_key)
        self.assertEqual(admin.get("/api/v1/status").status, 200)
        self.assertIn(b"kwikgate_build_info", admin.with_key("").get("/metrics").body)

    def test_metrics_can_be_closed(self):
        self.start("unix:admin.sock", open_metrics=False)
        self.gate.start()
        self.assertEqual(AdminClient.of(self.gate, key="").get("/metrics").status, 401)
        self.assertEqual(AdminClient.of(self.gate).get("/metrics").status, 200)

    def test_no_address_no_listener(self):
        self.start("")
        self.gate.start()
        self.assertNotIn("admin:", self.gate.log_text())

    def test_other_machines_reach_it_under_tls_only(self):
        self.start("0.0.0.0:9180")
        done = run_kwikgate("serve", "--config", self.gate.config_file)
        self.assertEqual(done.returncode, 1)
        self.assertIn("certificate_file", done.stderr)

    def start_tls(self):
        """(port, authority, certificate file, context of a client that trusts it)"""
        port = free_port()
        self.start(f"127.0.0.1:{port}")
        authority = Authority(self.gate.folder)
        certificate = authority.issue("localhost")
        self.gate.config["admin"]["certificate_file"] = str(certificate)
        self.gate.write_config()
        self.gate.start()
        return port, authority, certificate, ssl.create_default_context(cafile=authority.certificate)

    def test_tls_with_secure_cookies(self):
        port, _, _, context = self.start_tls()
        admin = AdminClient(lambda: http.client.HTTPSConnection("localhost", port, timeout=20, context=context), self.gate.admin_key)
        self.assertEqual(admin.get("/api/v1/status").status, 200)
        page = {"Origin": f"https://localhost:{port}"}
        answer = admin.with_key("").post("/api/v1/session", {"key": self.gate.admin_key}, headers=page)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertTrue(answer.headers["Set-Cookie"].endswith("; Secure"))

    def test_a_reload_changes_the_certificate_and_keeps_connections(self):
        port, authority, certificate, context = self.start_tls()
        expiry = []

        def shown():
            with socket.create_connection(("localhost", port), timeout=20) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as secure:
                    peer = secure.getpeercert()
                    expiry.append(ssl.cert_time_to_seconds(peer["notAfter"]))
                    return dict(pair for part in peer["subject"] for pair in part)["commonName"]
        kept = http.client.HTTPSConnection("localhost", port, timeout=20, context=context)
        self.addCleanup(kept.close)
        for step in range(3):
            kept.request("GET", "/healthz")
            self.assertEqual(kept.getresponse().read() and shown(), f"renewed-{step}" if step else "localhost")
            kept.request("GET", "/metrics")
            metrics = Metrics(kept.getresponse().read().decode())
            self.assertEqual(metrics.sum("kwikgate_certificate_expires_timestamp_seconds"), expiry[-1])
            renewed = authority.issue(f"renewed-{step + 1}", alternative_names="DNS:localhost", days=20 + step)
            certificate.with_suffix(".key").write_bytes(renewed.with_suffix(".key").read_bytes())
            certificate.write_bytes(renewed.read_bytes())
            self.assertTrue(self.gate.reload())
            wait_until(lambda: shown() == f"renewed-{step + 1}", "the renewed certificate")
        certificate.write_text("nothing")
        self.assertFalse(self.gate.reload())
        self.assertIn("admin.certificate_file: certificate", self.gate.log_text())
        self.assertEqual(shown(), "renewed-3")

    def test_a_taken_port_is_told(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            self.start("127.0.0.1:%d" % other.getsockname()[1])
            done = run_kwikgate("serve", "--config", self.gate.config_file)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
        self.assertIn("change admin.address", done.stderr)


if __name__ == "__main__":
    unittest.main()
