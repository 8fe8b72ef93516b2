"""The console's way in: sessions by cookie, and what a foreign page in the same browser cannot do."""

import http.client
import json
import select
import socket
import unittest

from admin_client import AdminClient, UnixConnection
from support import GatewayTest, free_port, run_kwikgate, wait_until


class SessionTest(GatewayTest):
    settings = {}

    def setUp(self):
        self.gate = self.gateway({"kwik": ["http://127.0.0.1:9"]}, config={"admin": {"address": "unix:admin.sock", **self.settings}})
        self.admin = AdminClient.of(self.gate)
        self.browser = AdminClient.of(self.gate, key="")
        self.own_page = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}

    def log_in(self, key=None, headers=None):
        return self.browser.post("/api/v1/session", {"key": key or self.gate.admin_key}, headers=headers or self.own_page)

    def session(self, answer):
        """Both halves, as the page sends them."""
        return {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "X-Kwikgate-Page-Key": answer.json["page_key"]}

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer.body)


class CookieTest(SessionTest):
    def test_a_session_is_opened_used_and_ended(self):
        answer = self.log_in()
        self.assertEqual((answer.status, answer.json["role"]), (200, "admin"))
        self.assertRegex(answer.headers["Set-Cookie"], r"^kwikgate_session=[0-9A-Za-z]{43}; Path=/; HttpOnly; SameSite=Strict$")
        session = self.session(answer)
        self.assertEqual(self.browser.get("/api/v1/session", headers=session).json["key_id"], answer.json["key_id"])
        made = self.browser.post("/api/v1/tokens", {"name": "A", "sections": ["orders"]}, headers={**session, **self.own_page})
        self.assertEqual(made.status, 201, made.body)
        out = self.browser.call("DELETE", "/api/v1/session", headers={**session, **self.own_page})
        self.assertEqual(out.status, 204)
        self.assertIn("Max-Age=0", out.headers["Set-Cookie"])
        self.refused(self.browser.get("/api/v1/session", headers=session), 401, "session_ended")

    def test_the_cookie_alone_opens_nothing_for_another_port_of_this_host(self):
        """A server at another port gets the cookie from the browser, and can claim any Origin."""
        session = self.session(self.log_in())
        other = self.session(self.log_in())["X-Kwikgate-Page-Key"]
        cookie = {"Cookie": session["Cookie"], **self.own_page}
        body = {"name": "A", "sections": ["orders"]}
        for method, path, sent in (("GET", "/api/v1/session", None), ("GET", "/api/v1/tokens", None), ("POST", "/api/v1/tokens", body),
                                   ("PATCH", "/api/v1/tokens/tok_0", {}), ("DELETE", "/api/v1/tokens/tok_0", None)):
            self.refused(self.browser.call(method, path, sent, headers=cookie), 401, "page_key_missing")
            for half in ("x", other, session["Cookie"].split("=")[1]):
                self.refused(self.browser.call(method, path, sent, headers={**cookie, "X-Kwikgate-Page-Key": half}), 401, "session_ended")
        self.assertEqual(self.browser.call("DELETE", "/api/v1/session", headers=cookie).status, 204)
        self.assertEqual(self.browser.get("/api/v1/session", headers=session).status, 200, "half a session ended it")

    def test_changes_from_another_site_are_refused(self):
        session = self.session(self.log_in())
        body = {"name": "A", "sections": ["orders"]}
        foreign = [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "https://localhost"},
                   {"Origin": "http://localhost:9180"}, {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
                   {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"}]
        for headers in foreign:
            self.refused(self.browser.post("/api/v1/tokens", body, headers={**session, **headers}), 403, "cross_site_refused")
        for path in ("/api/v1/reload", "/api/v1/tokens/tok_0/disable"):
            self.refused(self.browser.post(path, headers=session), 403, "cross_site_refused")
        for method in ("PATCH", "DELETE"):
            self.refused(self.browser.call(method, "/api/v1/tokens/tok_0", {}, headers=session), 403, "cross_site_refused")
        self.assertEqual(self.admin.get("/api/v1/tokens").json["tokens"], [])

    def test_no_foreign_page_logs_anybody_in_or_out(self):
        foreign = {"Origin": "http://evil.example"}
        self.refused(self.log_in(headers=foreign), 403, "cross_site_refused")
        session = self.session(self.log_in())
        self.refused(self.browser.call("DELETE", "/api/v1/session", headers={**session, **foreign}), 403, "cross_site_refused")
        self.assertEqual(self.browser.get("/api/v1/session", headers=session).status, 200)

    def test_names_that_a_strangers_dns_could_point_here_are_not_served(self):
        for host in ("evil.example", "evil.example:9180", "localhost.evil.example", ""):
            self.refused(self.admin.get("/api/v1/status", headers={"Host": host}), 421, "host_not_served")
            self.refused(self.browser.get("/metrics", headers={"Host": host}), 421, "host_not_served")
        for host in ("localhost", "LOCALHOST:9180", "127.0.0.1:1", "[::1]:9180", "192.0.2.1"):
            self.assertEqual(self.admin.get("/api/v1/status", headers={"Host": host}).status, 200, host)

    def test_logins_are_throttled(self):
        answers = [self.log_in(key="kwk_admin_" + "0" * 43) for _ in range(12)]
        self.refused(answers[0], 401, "key_invalid")
        self.refused(answers[-1], 429, "too_many_failures")
        self.assertNotIn("Set-Cookie", answers[-1].headers)

    def test_a_wrong_cookie_is_no_session(self):
        session = self.session(self.log_in())
        good, page_key = session["Cookie"], session["X-Kwikgate-Page-Key"]
        for cookie in ("kwikgate_session=", "kwikgate_session=x", "kwikgate_sessionx=y", good + "x", f"{good}; {good}"):
            answer = self.browser.get("/api/v1/session", headers={"Cookie": cookie, "X-Kwikgate-Page-Key": page_key})
            self.assertEqual(answer.status, 401, cookie)
        answer = self.browser.get("/api/v1/session", headers={"Cookie": "a=b; " + good, "X-Kwikgate-Page-Key": page_key})
        self.assertEqual(answer.status, 200)

    def test_a_session_ends_with_its_key(self):
        made = json.loads(self.gate.kwikgate("admin", "key", "create", "--name", "B", "--role", "viewer", "--json"))
        session = self.session(self.log_in(made["key"]))
        self.assertEqual(self.browser.get("/api/v1/session", headers=session).json["role"], "viewer")
        self.refused(self.browser.post("/api/v1/reload", headers={**session, **self.own_page}), 403, "role_not_allowed")
        self.gate.kwikgate("admin", "key", "delete", made["id"])
        self.refused(self.browser.get("/api/v1/session", headers=session), 401, "session_ended")

    def link_ticket(self, gate, *, key_id):
        link = gate.kwikgate("admin", "login-link", key_id).strip()
        base, ticket = link.split("#login=")
        self.assertEqual(base, f"http://{gate.config['admin']['address']}/")
        return ticket

    def test_a_login_link_opens_one_session_for_its_key_and_dies_with_the_process(self):
        gate = self.gateway({"kwik": ["http://127.0.0.1:9"]}, config={"admin": {"address": f"127.0.0.1:{free_port()}"}})
        host, port = gate.config["admin"]["address"].split(":")
        browser = AdminClient(lambda: http.client.HTTPConnection(host, int(port), timeout=20))
        key_id = AdminClient(browser.connect, gate.admin_key).get("/api/v1/session").json["key_id"]
        own_page = {"Origin": f"http://{host}:{port}"}

        def log_in(ticket, headers=own_page):
            return browser.post("/api/v1/session", {"ticket": ticket}, headers=headers)
        ticket = self.link_ticket(gate, key_id=key_id)
        self.refused(log_in(ticket, {"Origin": "http://evil.example"}), 403, "cross_site_refused")
        for wrong in (ticket[:-1] + ("0" if ticket[-1] != "0" else "1"), "x" + ticket, ticket + "0", ticket.replace(key_id, "adm_" + "0" * 22)):
            self.refused(log_in(wrong), 401, "ticket_invalid")
        opened = log_in(ticket)
        self.assertEqual((opened.status, opened.json["key_id"], opened.json["role"]), (200, key_id, "admin"))
        self.assertEqual(browser.get("/api/v1/session", headers=self.session(opened)).status, 200)
        self.assertIn(log_in(ticket).code, ("ticket_invalid", "too_many_failures"))
        audit = AdminClient(browser.connect, gate.admin_key).get("/api/v1/audit?action=admin_key.login_link").json["entries"]
        self.assertEqual([entry["after"]["id"] for entry in audit], [key_id])
        self.assertNotIn(ticket, json.dumps(audit) + gate.log_text())

        unused = self.link_ticket(gate, key_id=key_id)
        gate.stop()
        gate.start()
        self.refused(log_in(unused), 401, "ticket_invalid")
        deleted = json.loads(gate.kwikgate("admin", "key", "create", "--name", "B", "--role", "viewer", "--json"))["id"]
        of_deleted = self.link_ticket(gate, key_id=deleted)
        gate.kwikgate("admin", "key", "delete", deleted)
        self.refused(log_in(of_deleted), 401, "ticket_invalid")
        for body in ({}, {"key": gate.admin_key, "ticket": ticket}, {"ticket": 1}):
            self.assertEqual(browser.post("/api/v1/session", body, headers=own_page).status, 422, body)

    def test_there_is_no_link_to_a_unix_socket_or_for_an_unknown_key(self):
        for config in ({"address": "unix:admin.sock"}, {"address": ""}):
            gate = self.gateway({"kwik": ["http://127.0.0.1:9"]}, config={"admin": config}, start=False)
            done = run_kwikgate("admin", "login-link", "adm_0", "--config", gate.config_file)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("admin.address", done.stderr)
        gate = self.gateway({"kwik": ["http://127.0.0.1:9"]}, config={"admin": {"address": "127.0.0.1:9180"}}, start=False)
        done = run_kwikgate("admin", "login-link", "adm_0", "--config", gate.config_file)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no such admin key", done.stderr)

    def test_a_restart_ends_sessions(self):
        session = self.session(self.log_in())
        self.gate.stop()
        self.gate.start()
        self.refused(self.browser.get("/api/v1/session", headers=session), 401, "session_ended")


class LimitsTest(SessionTest):
    settings = {"max_connections": 4}

    def raw(self, data):
        """What is answered to these bytes before the connection ends."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(self.gate.folder / "admin.sock"))
            try:
                connection.sendall(data)
                return b"".join(iter(lambda: connection.recv(65536), b""))
            except (BrokenPipeError, ConnectionResetError):
                return b""

    def test_headers_and_bodies_have_a_limit(self):
        head = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
        self.assertIn(b" 431 ", self.raw(head + b"X-Long: " + b"x" * 20_000 + b"\r\n\r\n"))
        self.assertIn(b" 413 ", self.raw(head + b"Content-Length: 300000\r\n\r\n"))

    def test_framing_that_two_readers_could_understand_differently_is_refused(self):
        start = b"GET /healthz HTTP/1.1\r\n"
        for fields in (b"", b"Host: a\r\nHost: b\r\n", b"Host: localhost\r\nTransfer-Encoding: gzip\r\n",
                       b"Host: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                       b"Host: localhost\r\nContent-Length: 0\r\nContent-Length: 0\r\n",
                       b"Host: localhost\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n"):
            self.assertNotIn(b" 200 ", self.raw(start + fields + b"Connection: close\r\n\r\n"), fields)

    def test_a_trailer_does_not_authenticate(self):
        answer = self.raw(b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                          b"0\r\nAuthorization: Bearer " + self.gate.admin_key.encode() + b"\r\n\r\n")
        self.assertIn(b" 401 ", answer)

    def connect(self):
        connection = UnixConnection(self.gate.folder / "admin.sock")
        self.addCleanup(connection.close)
        connection.connect()
        return connection

    def ask(self, connection, headers):
        connection.request("GET", "/api/v1/session", headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def test_those_who_are_logged_in_keep_their_places_and_others_come_in(self):
        known = [self.connect() for _ in range(2)]
        as_admin = {"Authorization": f"Bearer {self.gate.admin_key}"}
        for connection in known:
            self.assertEqual(self.ask(connection, as_admin), 200)
        silent = [self.connect() for _ in range(20)]
        for connection in known:
            self.assertEqual(self.ask(connection, as_admin), 200)
        # Somebody new comes in, by taking the place of one that says nothing.
        self.assertEqual(self.ask(self.connect(), as_admin), 200)
        ended = [connection.sock for connection in silent]
        wait_until(lambda: len(select.select(ended, [], [], 0)[0]) >= 18, "those without a place to be closed")
        self.assertIn("closed", self.gate.log_text())
        metrics = self.admin.metrics()
        self.assertGreaterEqual(metrics.sum("kwikgate_admin_connections_shed_total"), 18)

    def test_the_known_one_that_idles_longest_goes_when_all_are_known(self):
        as_admin = {"Authorization": f"Bearer {self.gate.admin_key}"}
        known = [self.connect() for _ in range(4)]
        for connection in known:
            self.assertEqual(self.ask(connection, as_admin), 200)
        self.assertEqual(self.ask(self.connect(), as_admin), 200)
        wait_until(lambda: select.select([known[0].sock], [], [], 0)[0], "the one that idled longest to be closed")
        for connection in known[1:]:
            self.assertEqual(self.ask(connection, as_admin), 200)

    def test_a_connection_serves_one_call_after_the_other(self):
        connection = UnixConnection(self.gate.folder / "admin.sock")
        self.addCleanup(connection.close)
        for method in ("GET", "HEAD", "GET"):
            connection.request(method, "/healthz")
            answer = connection.getresponse()
            body = answer.read()
            self.assertEqual((answer.status, bool(body)), (200, method == "GET"))
            self.assertEqual(answer.headers["Content-Length"], str(len(b'{"status":"ok"}')))

    def test_the_socket_is_for_its_owner_alone_and_goes_with_the_process(self):
        path = self.gate.folder / "admin.sock"
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.gate.stop()
        self.assertFalse(path.exists())

    def test_a_socket_that_was_left_behind_is_taken_over(self):
        path = self.gate.folder / "admin.sock"
        self.gate.process.kill()
        self.gate.process.wait()
        self.assertTrue(path.exists())
        self.gate.start()
        self.assertEqual(self.browser.get("/healthz").status, 200)


if __name__ == "__main__":
    unittest.main()
