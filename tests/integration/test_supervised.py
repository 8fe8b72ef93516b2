"""Under a supervisor such as systemd: sockets that it hands over, and what it is told."""

import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from callers import Callers
from load_support import LoadTest
from support import BINARY, RecordingUpstream, wait_until
from waiting import DEADLINE_SECONDS

HAND_OVER = pathlib.Path(__file__).with_name("hand_over.py")


class SupervisedTest(LoadTest):
    def prepared(self, config=None, **options):
        return self.gateway_with_token(config, start=False, **options)

    def listening(self, port=0):
        """A socket as a supervisor opens it and keeps it."""
        listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.addCleanup(listener.close)
        return listener

    def hand_over(self, gateway, **sockets):
        gateway.inherits = [listener.fileno() for listener in sockets.values()]
        gateway.launcher = [sys.executable, str(HAND_OVER),
                            *(f"{listener.fileno()}={name}" for name, listener in sockets.items()), "--"]

    def output_of_failed_start(self, gateway):
        done = subprocess.run([*gateway.launcher, BINARY, "serve", "--config", str(gateway.config_file)],
                              capture_output=True, text=True, timeout=60, pass_fds=gateway.inherits)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr


class HandedOverTest(SupervisedTest):
    def test_restarts_under_load_refuse_no_connection_and_lose_no_answer(self):
        gateway = self.prepared()
        self.hand_over(gateway, public=self.listening(gateway.port))
        gateway.start()
        self.assertIn("inherited socket", gateway.log_text())
        with Callers(gateway, self.call, connections=32) as callers:
            for _ in range(3):
                self.assertEqual(gateway.stop(), 0)
                gateway.start()
                callers.wait_for_more(5)
        self.assert_all_served(callers)  # A refused or reset connection would be a failure.

    def test_what_connects_while_nobody_serves_is_served_by_the_next(self):
        gateway = self.prepared()
        self.hand_over(gateway, public=self.listening(gateway.port))
        gateway.start()
        self.assertEqual(gateway.stop(), 0)
        waiting = [gateway.client() for _ in range(20)]
        for client in waiting:
            self.addCleanup(client.close)
            client.send_request("GET", "/customers", {"Authorization": self.token.basic})
        gateway.start()
        self.assertEqual([client.read_response().status for client in waiting], [200] * 20)

    def test_a_kill_loses_no_connection_that_was_not_accepted(self):
        gateway = self.prepared()
        self.hand_over(gateway, public=self.listening(gateway.port))
        gateway.start()
        gateway.stop(signal.SIGKILL)
        with gateway.client() as client:
            gateway.start()
            self.assertEqual(self.get(client).status, 200)

    def test_a_worker_at_its_cap_leaves_a_shared_socket_to_the_others(self):
        gateway = self.prepared({"limits": {"connections_per_worker": 15}}, workers=4)
        gateway.config["listeners"][0]["trusted_proxies"] = ["127.0.0.1"]  # Its address has no share: nobody loses a place.
        gateway.write_config()
        self.hand_over(gateway, public=self.listening(gateway.port))
        gateway.start()
        clients = []
        for _ in range(4 * 15):
            clients.append(gateway.client())
            self.addCleanup(clients[-1].close)
            self.assertEqual(self.get(clients[-1]).status, 200)
        self.assertEqual({self.get(client).status for client in clients}, {200})
        with gateway.client() as one_too_many:
            self.assert_refused(self.get(one_too_many), 503, "overloaded", "G10")
        clients.pop().close()
        wait_until(lambda: self.status_of_a_new_client(gateway) == 200, "room for another one")

    def status_of_a_new_client(self, gateway):
        with gateway.client() as client:
            return self.get(client).status

    def test_a_socket_goes_to_the_listener_with_its_name_or_with_its_address(self):
        gateway = self.prepared()
        by_name, by_address = self.listening(), self.listening()
        gateway.config["listeners"] = [
            {"name": "named", "address": f"127.0.0.1:{gateway.port}"},
            {"name": "addressed", "address": f"127.0.0.1:{by_address.getsockname()[1]}"},
            {"name": "own", "address": "127.0.0.1:0"}]
        gateway.write_config()
        self.hand_over(gateway, named=by_name, unknown=by_address)
        gateway.start()
        for listener, name in ((by_name, "named"), (by_address, "addressed")):
            gateway.port = listener.getsockname()[1]
            with gateway.client() as client:
                response = self.get(client)
                self.assertEqual(response.status, 200)
                self.assertEqual(gateway.logged(response.field("x-request-id"))["listener"], name)
        self.assertEqual(gateway.log_text().count("inherited socket"), 2)

    def test_a_socket_that_fits_no_listener_stops_the_start_and_a_reload(self):
        gateway = self.prepared()
        stray = self.listening()
        self.hand_over(gateway, stray=stray)
        self.assertIn(f'the socket on 127.0.0.1:{stray.getsockname()[1]}, handed over as "stray", fits no listener',
                      self.output_of_failed_start(gateway))
        gateway.config["listeners"].append({"name": "stray", "address": "127.0.0.1:0"})
        gateway.write_config()
        gateway.start()
        del gateway.config["listeners"][1]
        gateway.write_config()
        self.assertFalse(gateway.reload())
        self.assertIn("fits no listener", gateway.log_text())

    def test_what_is_no_listening_socket_is_refused(self):
        gateway = self.prepared()
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(datagrams.close)
        datagrams.bind(("127.0.0.1", 0))
        self.hand_over(gateway, public=datagrams)
        self.assertIn("is no listening TCP socket", self.output_of_failed_start(gateway))

    def test_what_was_meant_for_another_process_is_left_alone(self):
        gateway = self.prepared()
        gateway.environment = {"LISTEN_PID": "1", "LISTEN_FDS": "7"}
        gateway.start()
        with gateway.client() as client:
            self.assertEqual(self.get(client).status, 200)

    def test_systemds_own_hand_over_is_understood(self):
        gateway = self.prepared()
        gateway.launcher = ["systemd-socket-activate", "--fdname=public", f"--listen=127.0.0.1:{gateway.port}"]
        with socket.socket() as first:
            def connects():
                return first.connect_ex(("127.0.0.1", gateway.port)) == 0
            # It waits for a connection before it starts anything.
            process = subprocess.Popen([*gateway.launcher, BINARY, "serve", "--config", str(gateway.config_file)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            self.addCleanup(process.stderr.close)
            self.addCleanup(process.wait)
            self.addCleanup(process.terminate)
            wait_until(connects, "the socket")
            with gateway.client() as client:
                self.assertEqual(self.get(client).status, 200)
        process.terminate()
        self.assertIn("inherited socket", process.stderr.read())


class NotifyTest(SupervisedTest):
    def supervised(self, watchdog_microseconds=None, abstract=False):
        gateway = self.prepared()
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.ear.close)
        self.ear.settimeout(DEADLINE_SECONDS)
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        path = f"@kwikgate-test{folder}" if abstract else f"{folder}/notify"
        self.ear.bind("\0" + path[1:] if abstract else path)
        gateway.environment = {"NOTIFY_SOCKET": path}
        if watchdog_microseconds:
            gateway.environment["WATCHDOG_USEC"] = str(watchdog_microseconds)
        return gateway

    def told(self):
        """The next message, as what it says."""
        return dict(line.split("=", 1) for line in self.ear.recv(4096).decode().split("\n"))

    def test_ready_reloading_and_stopping_are_told(self):
        gateway = self.supervised().start()
        self.assertEqual(self.told(), {"READY": "1", "STATUS": "serving"})
        before = time.monotonic_ns() // 1000
        self.assertTrue(gateway.reload())
        reloading = self.told()
        self.assertEqual(reloading["RELOADING"], "1")
        self.assertTrue(before <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000)
        self.assertEqual(self.told(), {"READY": "1", "STATUS": "serving"})
        gateway.config["colour"] = 1
        gateway.write_config()
        self.assertFalse(gateway.reload())
        self.assertEqual(self.told()["RELOADING"], "1")
        self.assertEqual(self.told(), {
            "READY": "1", "STATUS": "serving; reload refused: 1 problems in the configuration"})
        self.assertEqual(gateway.stop(), 0)
        stopping = self.told()
        self.assertEqual(stopping["STOPPING"], "1")
        self.assertGreater(int(stopping["EXTEND_TIMEOUT_USEC"]), 30_000_000)  # timeouts.drain

    def test_an_abstract_socket_will_do(self):
        self.supervised(abstract=True).start()
        self.assertEqual(self.told()["READY"], "1")

    def test_nothing_is_told_before_the_listeners_are_open(self):
        gateway = self.supervised()
        occupied = self.listening(gateway.port)
        done = subprocess.run([BINARY, "serve", "--config", str(gateway.config_file)], capture_output=True,
                              timeout=60, env=gateway.environment)
        self.assertEqual(done.returncode, 1)
        self.ear.setblocking(False)
        self.assertRaises(BlockingIOError, self.ear.recv, 4096)
        occupied.close()

    def test_a_socket_that_cannot_be_used_is_told_in_the_log(self):
        gateway = self.prepared()
        gateway.environment = {"NOTIFY_SOCKET": "relative"}
        gateway.start()
        self.assertIn("NOTIFY_SOCKET cannot be used", gateway.log_text())

    def test_signs_of_life_come_while_it_serves_and_while_it_drains(self):
        gateway = self.supervised(watchdog_microseconds=2_000_000)
        self.behind.answer = lambda seen: time.sleep(3) or RecordingUpstream.reply(b"{}")
        gateway.start()
        self.assertEqual(self.told()["READY"], "1")
        for _ in range(3):
            self.assertEqual(self.told(), {"WATCHDOG": "1"})
        with gateway.client() as client:
            client.send_request("GET", "/customers", {"Authorization": self.token.basic})
            wait_until(lambda: self.behind.seen, "the request to be under way")
            gateway.send_signal(signal.SIGTERM)
            messages = [self.told()]
            while "STOPPING" not in messages[-1]:
                messages.append(self.told())
            # One worker has ended by now, the other one has not.
            for _ in range(3):
                self.assertEqual(self.told(), {"WATCHDOG": "1"})
            self.assertEqual(client.read_response().status, 200)
        self.assertEqual(gateway.process.wait(60), 0)

    def test_a_worker_that_stands_still_ends_the_signs_of_life(self):
        gateway = self.supervised(watchdog_microseconds=1_000_000).start()
        self.assertEqual(self.told()["READY"], "1")
        self.assertEqual(self.told(), {"WATCHDOG": "1"})
        with gateway.client() as client:
            self.assertEqual(self.get(client).status, 200)
        threads = [int(entry.name) for entry in pathlib.Path(f"/proc/{gateway.process.pid}/task").iterdir()]
        brake = subprocess.Popen(
            ["strace", "-qq", "-o", "/dev/null", "-e", "inject=epoll_wait:delay_enter=4000000",
             *(part for thread in threads if thread != gateway.process.pid for part in ("-p", str(thread)))],
            stderr=subprocess.PIPE)
        self.addCleanup(brake.stderr.close)
        self.addCleanup(brake.wait)
        self.addCleanup(brake.terminate)
        wait_until(lambda: "a worker stands still" in gateway.log_text(), "the watchdog to see it")


if __name__ == "__main__":
    unittest.main()
