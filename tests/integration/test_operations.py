"""What an operator does to a running gateway: reload, end, rotate the log, import."""

import json
import signal
import socket
import time
import unittest

from callers import Callers
from load_support import ROUTES, LoadTest
from support import RecordingUpstream, Token, run_kwikgate, wait_until


class ReloadTest(LoadTest):
    def test_a_reload_under_load_drops_nothing(self):
        gateway = self.gateway_with_token()
        second = self.upstream()
        with Callers(gateway, self.call, connections=32, reconnects=False) as callers:
            for number in range(6):
                gateway.config["routes"] = ROUTES + [{"method": "GET", "path": f"/added-{number}"}]
                gateway.config["upstreams"]["kwik"]["servers"] = [(self.behind, second)[number % 2].url]
                gateway.write_config()
                self.assertTrue(gateway.reload())
                callers.wait_for_more(3)
                with gateway.client() as client:
                    wait_until(lambda: self.get(client, f"/added-{number}").status == 200, "the added route")
                    self.assertEqual(self.get(client, f"/added-{number - 1}").status, 404)
        self.assertEqual(callers.failures, [])
        calls = callers.all()
        self.assertEqual({(call.status, call.was_kept) for call in calls}, {(200, True)})
        self.assertGreater(len(second.seen), 0)
        self.assertEqual(len([seen for upstream in (self.behind, second) for seen in upstream.seen
                              if seen.target == "/customers"]), len(calls))

    def test_requests_under_way_end_by_the_configuration_they_began_with(self):
        gateway = self.gateway_with_token(answer=lambda seen: time.sleep(1) or RecordingUpstream.reply(b"old"))
        with gateway.client() as client:
            client.send_request("GET", "/customers", {"Authorization": self.token.basic})
            wait_until(lambda: self.behind.seen, "the request to be under way")
            gateway.config["routes"] = [{"method": "GET", "path": "/other"}]
            gateway.write_config()
            self.assertTrue(gateway.reload())
            self.assertEqual(client.read_response().body, b"old")
            wait_until(lambda: self.get(client).status == 404, "the new routes")

    def assert_not_reloaded(self, gateway, message):
        self.assertFalse(gateway.reload())
        self.assertIn(message, gateway.log_text())
        with gateway.client() as client:
            self.assertEqual(self.get(client).status, 200)
            self.assertEqual(self.get(client, "/added").status, 404)

    def test_a_bad_file_changes_nothing_and_is_told_with_its_place(self):
        gateway = self.gateway_with_token()
        good = json.dumps(gateway.config)
        gateway.config["routes"] = [{"method": "GET", "path": "/added"}]
        gateway.config["colour"] = 1
        gateway.write_config()
        self.assert_not_reloaded(gateway, 'unknown key "colour"')
        self.assertRegex(gateway.log_text(), r"kwikgate\.json:\d+:\d+: /colour: ")
        for text in ("", "{", good[:-20], good + "x"):
            gateway.config_file.write_text(text)
            self.assert_not_reloaded(gateway, "reload refused")
        gateway.config_file.unlink()
        self.assert_not_reloaded(gateway, "cannot be read")
        gateway.config = json.loads(good)
        gateway.config["routes"].append({"method": "GET", "path": "/added"})
        gateway.write_config()
        self.assertTrue(gateway.reload())
        with gateway.client() as client:
            wait_until(lambda: self.get(client, "/added").status == 200, "the added route")

    def test_a_refused_reload_leaves_the_logs_where_they_were(self):
        gateway = self.gateway_with_token()
        good = json.dumps(gateway.config)
        elsewhere = gateway.folder / "elsewhere.log"
        for change in ({"access_log": {"destination": str(elsewhere)}, "log": {"destination": str(gateway.folder)}},
                       {"access_log": {"destination": str(gateway.folder)}, "log": {"destination": str(elsewhere)}},
                       {"access_log": {"destination": str(elsewhere)}, "log": {"level": "error"}, "workers": 3}):
            gateway.config = {**json.loads(good), **change}
            gateway.write_config()
            self.assert_not_reloaded(gateway, "reload refused")
            self.assertTrue(not elsewhere.exists() or elsewhere.read_text() == "")
        with gateway.client() as client:
            request_id = self.get(client).field("x-request-id")
        self.assertEqual(gateway.logged(request_id)["status"], 200)

    def test_a_refused_reload_registers_no_section(self):
        gateway = self.gateway_with_token()
        known = self.sections(gateway)
        route = {"method": "GET", "path": "/invoices", "section": "invoices"}
        gateway.config["sections"] = ["invoices"]
        gateway.config["routes"] = [*gateway.config["routes"], route]
        listener = dict(gateway.config["listeners"][0])
        for cause in ("certificate", "log", "address"):
            gateway.config["listeners"][0] = dict(listener)
            gateway.config.pop("log", None)
            if cause == "certificate":
                gateway.config["listeners"][0]["tls"] = {"certificates": [str(gateway.folder / "none.pem")]}
            elif cause == "log":
                gateway.config["log"] = {"destination": str(gateway.folder)}  # A directory.
            else:
                taken = socket.create_server(("127.0.0.1", 0))
                self.addCleanup(taken.close)
                gateway.config["listeners"].append({"name": "taken", "address": f"127.0.0.1:{taken.getsockname()[1]}"})
            gateway.write_config()
            with self.subTest(cause):
                self.assertFalse(gateway.reload())
                self.assertEqual(self.sections(gateway), known)
        gateway.config["listeners"] = [listener]
        gateway.write_config()
        self.assertTrue(gateway.reload())
        self.assertEqual(self.sections(gateway), [*known, "invoices"])
        done = run_kwikgate("token", "create", "--store", gateway.folder, "--name", "x", "--section", "invoices", "--json")
        with gateway.client() as client:
            token = Token.of(json.loads(done.stdout))
            self.assertEqual(client.request("GET", "/invoices", {"Authorization": token.basic}).status, 200)
            self.assert_refused(self.get(client, "/invoices"), 403, "section_not_granted")

    def sections(self, gateway):
        """Of the store, in their order, as a wrong one is answered."""
        done = run_kwikgate("token", "create", "--store", gateway.folder, "--name", "x", "--section", "no-such-section")
        self.assertEqual(done.returncode, 1)
        return done.stderr.split("the catalogue has ")[1].strip().rstrip(".").split(", ")

    def test_what_takes_a_restart_is_refused_by_name(self):
        gateway = self.gateway_with_token()
        good = json.dumps(gateway.config)
        for key, change in (("workers", {"workers": 3}), ("store.path", {"store": {"path": "elsewhere"}}),
                            ("store.map_size", {"store": {"map_size": "1GiB"}}),
                            ("replay.entries", {"replay": {"entries": 5000}}),
                            ("limits.header", {"limits": {"header": "32KiB"}}),
                            ("address_limit.burst", {"address_limit": {"enabled": False, "burst": 3}})):
            with self.subTest(key):
                gateway.config = {**json.loads(good), **change}
                gateway.config["routes"] = [{"method": "GET", "path": "/added"}]
                gateway.write_config()
                self.assert_not_reloaded(gateway, f"{key} needs a restart")

    def test_listeners_come_and_go(self):
        gateway = self.gateway_with_token()
        old, occupied = gateway.port, socket.socket()
        self.addCleanup(occupied.close)
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        first = gateway.config["listeners"][0]
        kept = gateway.client()
        self.addCleanup(kept.close)
        self.assertEqual(self.get(kept).status, 200)
        gateway.config["listeners"] = [first, {"name": "second", "address": f"127.0.0.1:{occupied.getsockname()[1]}"}]
        gateway.write_config()
        self.assert_not_reloaded(gateway, "cannot listen on")
        occupied.close()
        self.assertTrue(gateway.reload())
        gateway.port = int(gateway.config["listeners"][1]["address"].rpartition(":")[2])
        with gateway.client() as client:
            self.assertEqual(self.get(client).status, 200)
        gateway.config["listeners"] = gateway.config["listeners"][1:]
        gateway.write_config()
        self.assertTrue(gateway.reload())
        self.wait_until_refused(old)
        self.assertEqual(self.get(kept).status, 200)  # Its connections live on.

    def test_a_moved_access_log_is_opened_anew_and_loses_no_line(self):
        gateway = self.gateway_with_token(start=False)
        log = gateway.folder / "requests.json"
        gateway.config["access_log"] = {"destination": str(log)}
        gateway.write_config()
        gateway.start()
        moved = []
        with Callers(gateway, self.call, connections=8, reconnects=False) as callers:
            for number in range(3):
                moved.append(log.with_suffix(f".{number}"))
                log.rename(moved[-1])
                self.assertTrue(gateway.reload())
                wait_until(lambda: log.exists() and log.stat().st_size, "lines in the new file")
                callers.wait_for_more(3)
        self.assertEqual(gateway.stop(), 0)
        lines = [json.loads(line) for path in [*moved, log] for line in path.read_text().splitlines()]
        self.assertEqual(sorted(line["request_id"] for line in lines),
                         sorted(call.request_id for call in callers.all()))


class EndTest(LoadTest):
    def check_drain(self, gateway, connections=64):
        with Callers(gateway, self.call, connections, ends_when_refused=True) as callers:
            self.assertEqual(gateway.stop(), 0)
        self.assert_all_served(callers)
        self.assert_logged_once_each(gateway, callers.all())
        self.assertIn("drained", gateway.log_text())

    def test_sigterm_under_load_loses_no_answer(self):
        self.check_drain(self.gateway_with_token())

    def test_sigterm_under_load_of_a_slow_upstream_loses_no_answer(self):
        self.check_drain(self.gateway_with_token(
            answer=lambda seen: time.sleep(0.05) or RecordingUpstream.reply(b"{}")))

    def test_sigint_ends_it_as_well(self):
        self.assertEqual(self.gateway_with_token().stop(signal.SIGINT), 0)

    def test_a_long_request_is_finished_and_a_new_connection_refused(self):
        gateway = self.gateway_with_token(answer=lambda seen: time.sleep(2) or RecordingUpstream.reply(b"{}"))
        with gateway.client() as client:
            client.send_request("GET", "/customers", {"Authorization": self.token.basic})
            wait_until(lambda: self.behind.seen, "the request to be under way")
            gateway.send_signal(signal.SIGTERM)
            self.wait_until_refused(gateway.port)
            response = client.read_response()
            self.assertEqual((response.status, response.field("connection")), (200, "close"))
            self.assertTrue(client.is_closed_by_peer())
        self.assertEqual(gateway.process.wait(60), 0)

    def test_idle_connections_do_not_delay_the_end(self):
        gateway = self.gateway_with_token()
        clients = [gateway.client() for _ in range(20)]
        for client in clients:
            self.addCleanup(client.close)
        for client in clients[::2]:
            self.assertEqual(self.get(client).status, 200)
        gateway.send_signal(signal.SIGTERM)
        for client in clients:
            self.assertTrue(client.is_closed_by_peer())
        self.assertEqual(gateway.process.wait(15), 0)  # Half of timeouts.drain.

    def test_what_was_not_forwarded_by_the_deadline_is_refused(self):
        gateway = self.gateway_with_token(config={"timeouts": {"drain": "500ms"}})
        gateway.config["routes"].append({"method": "POST", "path": "/customers", "section": "customers"})
        gateway.write_config()
        self.assertTrue(gateway.reload())
        self.token = gateway.create_token("customers")
        with gateway.client() as client:
            wait_until(lambda: client.request("POST", "/customers", {"Authorization": self.token.basic},
                                              b"{}").status == 200, "the new route")
            client.send(f"POST /customers HTTP/1.1\r\nHost: a\r\nAuthorization: {self.token.basic}\r\n"
                        "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n")
            self.assertEqual(client.read_head()[0], 100)
            client.send("{")
            self.assertEqual(gateway.stop(), 0)
            response = client.read_response()
            self.assert_refused(response, 503, "draining", "G10")
            self.assertEqual((response.field("connection"), response.field("retry-after")), ("close", "1"))
        self.assertEqual([seen.body for seen in self.behind.seen], [b"{}"])
        self.assertEqual(gateway.access_log()[-1]["reason"], "draining")

    def test_what_hangs_is_cut_at_the_deadline(self):
        gateway = self.gateway_with_token(config={"timeouts": {"drain": "500ms"}},
                                          answer=lambda seen: time.sleep(30))
        with gateway.client() as client:
            client.send_request("GET", "/customers", {"Authorization": self.token.basic})
            wait_until(lambda: self.behind.seen, "the request to be under way")
            gateway.send_signal(signal.SIGTERM)
            self.assertEqual(gateway.process.wait(15), 0)
            self.assertTrue(client.is_closed_by_peer())
        self.assertIn("1 connections are cut", gateway.log_text())
        self.assertEqual([(line["status"], line["reason"], line["phase"]) for line in gateway.access_log()],
                         [(0, "draining", "upstream")])


class LogTest(LoadTest):
    def test_there_is_one_line_a_request_under_load(self):
        gateway = self.gateway_with_token()

        def mixed(client, number):
            path = ("/customers", "/unknown", "/customers")[number % 3]
            fields = {"Authorization": self.token.basic if number % 3 < 2 else "Basic nonsense"}
            return client.request("GET", path, fields)
        with Callers(gateway, mixed) as callers:
            callers.wait_for_more(20)
        self.assertEqual(gateway.stop(), 0)
        self.assert_logged_once_each(gateway, callers.all())
        for line in gateway.access_log():
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertEqual((line["listener"], line["client"], line["method"], line["termination"]),
                             ("public", "127.0.0.1", "GET", "completed"))
            self.assertGreaterEqual(line["duration_us"], line["upstream_us"])
            self.assertGreater(line["response_bytes"], 0)


class ImportTest(LoadTest):
    def test_100000_tokens_are_imported_while_the_gateway_serves(self):
        gateway = self.gateway_with_token()
        lines = "".join(json.dumps({"name": f"Shop {number}", "sections": ["customers"]}) + "\n"
                        for number in range(100_000))
        made = gateway.folder / "made.ndjson"

        def unhurried(client, _):
            time.sleep(0.002)
            return self.get(client)
        with Callers(gateway, unhurried, connections=4, reconnects=False) as callers:
            began = time.monotonic()
            gateway.kwikgate("token", "import", "-", "--output", made, stdin=lines)
            took = time.monotonic() - began
            callers.wait_for_more(2)
            print(f"100,000 tokens imported beside a serving gateway in {took:.1f} s", flush=True)
            with open(made) as file:
                issued = [json.loads(line) for line in file]
            self.assertEqual(len({token["id"] for token in issued}), 100_000)
            with gateway.client() as client:
                for token in issued[::9_999]:
                    self.token = Token.of(token)
                    self.assertEqual(self.get(client).status, 200)
        self.assertEqual(callers.failures, [])
        self.assertEqual({call.status for call in callers.all()}, {200})


if __name__ == "__main__":
    unittest.main()
