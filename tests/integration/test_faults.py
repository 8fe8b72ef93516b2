"""What goes wrong with the machine under a running gateway: what the client, the log and the metrics say. Never a 401."""

import http.client
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import threading
import time
import unittest

from admin_client import AdminClient
from callers import Callers
from load_support import LoadTest
from support import SANITIZER_BYTES, RawClient, Token, run_kwikgate, wait_until

OUR_FAULT = {200, 502, 503, 504}
FAILED_WRITES = "kwikgate_store_write_failures_total"


class FaultTest(LoadTest):
    def metric(self, name, **labels):
        return AdminClient.of(self.gate).metrics().sum(name, **labels)

    def create(self, name="Made", **fields):
        """By the admin API: (status, token or None)."""
        answer = AdminClient.of(self.gate).post("/api/v1/tokens", {
            "name": name, "sections": ["customers"], "permissions": "read-write", **fields})
        if answer.status != 201:
            return answer.status, None
        return 201, Token.of(answer.json)

    def status_of(self, token, method="GET", body=None):
        with self.gate.client() as client:
            return client.request(method, "/customers", {"Authorization": token.basic}, body).status


class FullDiskTest(FaultTest):
    """The store on a disk of its own, in a mount namespace that only the gateway has."""

    def gateway_on_a_small_disk(self, kibibytes=24 * 1024):
        gateway = self.gateway_with_token(config={"store": {"map_size": "16MiB", "usage_flush_interval": "100ms"}},
                                          start=False)
        store = gateway.folder / "store"
        gateway.launcher = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-ec",
                            'mount -t tmpfs -o size="$0"k tmpfs "$1"/mnt; cp -a "$1"/store/. "$1"/mnt; '
                            'mount --bind "$1"/mnt "$1"/store; shift; exec "$@"', str(kibibytes), str(gateway.folder)]
        (gateway.folder / "mnt").mkdir()
        self.gate = gateway.start()
        # The disk as the gateway sees it, from here.
        self.disk = pathlib.Path(f"/proc/{gateway.process.pid}/root{store}")
        return gateway

    def fill(self):
        with open(self.disk / "filler", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError as error:
                self.assertEqual(error.errno, 28, error)  # ENOSPC

    def test_requests_go_on_changes_are_refused_and_come_back(self):
        gateway = self.gateway_on_a_small_disk()
        self.assertEqual(self.create()[0], 201)
        self.assertEqual(self.metric(FAILED_WRITES), 0)
        self.fill()
        refused = wait_until(lambda: (lambda status: status if status != 201 else None)(self.create()[0]),
                             "a change to be refused")
        self.assertEqual(refused, 503)
        self.assertIn("admin API: no space left for the store", gateway.log_text())
        with gateway.client() as client:
            self.assertEqual({self.get(client).status for _ in range(200)}, {200})
        self.assertEqual(self.metric("kwikgate_store_up"), 1)  # It can be read.
        self.assertGreater(self.metric(FAILED_WRITES), 0)
        os.unlink(self.disk / "filler")
        status, token = wait_until(lambda: (lambda made: made if made[0] == 201 else None)(self.create()), "room")
        self.assertEqual(self.status_of(token), 200)
        self.assertEqual(gateway.stop(), 0)

    def test_a_replay_state_that_cannot_be_saved_is_told(self):
        gateway = self.gateway_on_a_small_disk()
        self.fill()
        self.assertEqual(gateway.stop(), 0)
        self.assertIn("replay state cannot be saved: No space left on device", gateway.log_text())

    def test_an_access_log_that_cannot_be_written_loses_lines_and_says_so(self):
        self.gate = self.gateway_with_token(config={"access_log": {"destination": "/dev/full"}})
        with self.gate.client() as client:
            self.assertEqual({self.get(client).status for _ in range(50)}, {200})
        wait_until(lambda: self.metric("kwikgate_access_log_lines_lost_total") >= 50, "lost lines to be counted")


class StoreGoneTest(FaultTest):
    def test_a_store_directory_that_is_removed_does_not_stop_who_is_known(self):
        self.gate = self.gateway_with_token()
        store = self.gate.folder / "store"
        with self.gate.client() as client:
            self.assertEqual(self.get(client).status, 200)
            away = store.with_name("away")
            store.rename(away)
            self.assertEqual({self.get(client).status for _ in range(50)}, {200})
            shutil.rmtree(away)
            self.assertEqual({self.get(client).status for _ in range(50)}, {200})
            stranger = Token("", "kwk_live_ak_0000000000000000000000", "x", "")
            self.assertEqual(self.status_of(stranger), 401)  # An unknown key is no failure of ours.
        # It is told, and changes are refused, since nothing of them would survive a restart.
        wait_until(lambda: "usage cannot be written: the store is gone" in self.gate.log_text(), "the log line")
        self.assertEqual(self.metric("kwikgate_store_up"), 0)
        failed = self.metric(FAILED_WRITES)
        self.assertGreater(failed, 0)
        self.assertEqual(self.create()[0], 503)
        self.assertGreater(self.metric(FAILED_WRITES), failed)
        self.assertIn("admin API: the store is gone from its directory", self.gate.log_text())
        self.assertNotEqual(run_kwikgate("check", "--config", self.gate.config_file).returncode, 0)


class FullMapTest(FaultTest):
    # Large tokens, so that a map is soon full: some 16 KiB each, with what the audit log keeps of them.
    LARGE = {"allowed_ips": [f"2001:db8::{number:x}" for number in range(64)],
             "allowed_origins": [f"https://{number}.{'a' * 60}.{'b' * 60}.{'c' * 60}.example" for number in range(32)]}

    def gateway_with_map(self, size):
        """A gateway whose store was made with a map of this size."""
        config = {"store": {"map_size": size, "usage_flush_interval": "100ms"}}
        self.gate = self.gateway_with_token(config=config, start=False)
        shutil.rmtree(self.gate.folder / "store")
        self.gate.kwikgate("store", "create")
        made = self.gate.kwikgate("admin", "key", "create", "--name", "again", "--role", "admin", "--json")
        self.gate.admin_key = json.loads(made)["key"]
        self.token = self.gate.create_token("customers")
        self.gate.start()

    def test_a_map_that_is_full_grows_under_load(self):
        self.gateway_with_map("1MiB")
        self.assertEqual(self.metric("kwikgate_store_map_bytes"), 1 << 20)
        lines = "".join(json.dumps({"name": f"Shop {number}", "sections": ["customers"]}) + "\n"
                        for number in range(5_000))
        made = self.gate.folder / "made.ndjson"
        with Callers(self.gate, self.call, connections=4, reconnects=False) as callers:
            self.gate.kwikgate("token", "import", "-", "--output", made, stdin=lines)
            status, token = self.create()
            self.assertEqual((status, self.status_of(token)), (201, 200))
            callers.wait_for_more(3)
        self.assertEqual(callers.failures, [])
        self.assertEqual({call.status for call in callers.all()}, {200})
        self.assertGreater(self.metric("kwikgate_store_map_bytes"), 1 << 20)
        with open(made) as file:
            last = json.loads(file.readlines()[-1])
        self.assertEqual(self.status_of(Token.of(last)), 200)

    @unittest.skipIf(SANITIZER_BYTES, "a sanitizer maps memory of its own, without end")
    def test_a_map_that_cannot_grow_refuses_changes_and_nobody_else(self):
        self.gateway_with_map("16MiB")
        line = json.dumps({"name": "Large", "sections": ["customers"], **self.LARGE}) + "\n"
        self.gate.kwikgate("token", "import", "-", "--output", self.gate.folder / "made.ndjson", stdin=line * 900)
        process = self.gate.process.pid
        limits = resource.prlimit(process, resource.RLIMIT_AS)
        with Callers(self.gate, self.call, connections=2, reconnects=False) as callers:
            resource.prlimit(process, resource.RLIMIT_AS, (self.address_space(process) + (24 << 20), limits[1]))
            refused = wait_until(lambda: (lambda status: status if status != 201 else None)(self.create(**self.LARGE)[0]),
                                 "the map to be full", seconds=120)
            self.assertEqual(refused, 503)
            self.assertIn("admin API: the store reached its size limit and cannot grow", self.gate.log_text())
            callers.wait_for_more(20)
            self.assertEqual(self.metric("kwikgate_store_map_bytes"), 16 << 20)
            self.assertEqual(self.metric("kwikgate_store_up"), 1)  # It can be read.
            self.assertGreaterEqual(self.metric(FAILED_WRITES), 1)
            self.assertEqual(self.status_of(Token("", "kwk_live_ak_0000000000000000000000", "x", "")), 401)
            # With room it goes on by itself.
            resource.prlimit(process, resource.RLIMIT_AS, limits)
            status, token = self.create()
            self.assertEqual((status, self.status_of(token)), (201, 200))
        self.assertEqual(callers.failures, [])
        self.assertEqual({call.status for call in callers.all()}, {200})
        self.assertEqual(run_kwikgate("store", "verify", "--store", self.gate.folder / "store").returncode, 0)

    @staticmethod
    def address_space(process):
        pages = pathlib.Path(f"/proc/{process}/statm").read_text().split()[0]
        return int(pages) * resource.getpagesize()


@unittest.skipIf(SANITIZER_BYTES, "the sanitizer opens descriptors of its own to look at memory")
class DescriptorsTest(FaultTest):
    LIMIT = 80

    def test_without_descriptors_nobody_is_told_that_his_key_is_wrong(self):
        # One worker: with several, those that connected first may wait for one that came too late for a descriptor.
        self.gate = self.gateway_with_token(start=False, workers=1)
        self.gate.launcher = ["prlimit", f"--nofile={self.LIMIT}:{self.LIMIT}"]
        self.gate.start()
        statuses = []
        clients = []
        admin = AdminClient.of(self.gate)
        self.assertLess(admin.metrics().sum("process_open_fds"), self.LIMIT)
        for _ in range(self.LIMIT + 20):
            clients.append(RawClient(self.gate.port, timeout=3))
            self.addCleanup(clients[-1].close)
        wait_until(lambda: "cannot accept connections: Too many open files (raise the limit of open files)"
                   in self.gate.log_text(), "the log line")
        for client in clients[:10]:
            response = self.get(client)
            statuses.append(response.status)
            if response.status != 200:
                self.assertEqual((response.status, response.json["reason"]), (502, "upstream_unreachable"))
        self.assertTrue(set(statuses) <= OUR_FAULT, statuses)
        self.assertEqual(self.gate.log_text().count("cannot accept connections"), 1, "once, not once a try")
        for client in clients[10:]:
            client.close()
        wait_until(lambda: self.status_of(self.token) == 200, "room for new connections")
        self.assertEqual(admin.metrics().sum("process_max_fds"), self.LIMIT)


class KillTest(FaultTest):
    def test_a_kill_at_any_time_loses_nothing_that_was_confirmed(self):
        self.gate = self.gateway_with_token()
        confirmed, rounds = [], 6

        def make(until):
            number = 0
            while time.monotonic() < until:
                number += 1
                try:
                    status, token = self.create(f"Shop {number}")
                except (OSError, http.client.HTTPException):
                    return
                if status == 201:
                    confirmed.append(token)
        for number in range(rounds):
            until = time.monotonic() + 30
            maker = threading.Thread(target=make, args=(until,), daemon=True)
            with Callers(self.gate, self.call, connections=8, ends_when_refused=True) as callers:
                maker.start()
                time.sleep(random.uniform(0.05, 0.6))
                self.gate.stop(signal.SIGKILL)
                maker.join(30)
            statuses = {call.status for call in callers.all()}
            self.assertTrue(statuses <= {200, 0}, statuses)
            self.gate.start()
            self.assertEqual(run_kwikgate("store", "verify", "--store", self.gate.folder / "store").returncode, 0)
        self.assertGreater(len(confirmed), rounds)
        for token in confirmed[::max(1, len(confirmed) // 100)]:
            self.assertEqual(self.status_of(token), 200)
        # Writes that were signed before are not let in again: our failure, so never a 401.
        self.assertEqual(self.metric("kwikgate_store_up"), 1)


if __name__ == "__main__":
    unittest.main()
