"""One caller, one share: of an upstream's connections while they are scarce, and of requests at once where a token has a cap.
Every place comes back, however its request ends."""

import contextlib
import threading
import time
import unittest

from relay_support import RelayTest, reset
from signer import sign
from support import RecordingUpstream, wait_until

PLACES = 16


class PlacesTest(RelayTest):
    """An upstream whose requests with "slow" in their target are answered when the test lets them."""

    def setUp(self):
        self.release = threading.Event()
        self.addCleanup(self.release.set)
        self.waiting = 0
        self.lock = threading.Lock()

    def script(self, side):
        while (seen := side.read_request()) is not None:
            if "slow" in seen.target:
                with self.lock:
                    self.waiting += 1
                self.release.wait(60)
                with self.lock:
                    self.waiting -= 1
            if "reset" in seen.target:
                side.reset()
                return
            side.send(RecordingUpstream.reply(b"done"))

    def start(self, config=None, workers=1, **settings):
        settings = {"max_connections": PLACES, "max_idle_connections": PLACES, "max_pending": PLACES, "connect_timeout": "20s",
                    **settings}
        self.server = self.scripted(self.script)
        self.gate = self.relay(self.server, config=config, upstream_config=settings, workers=workers)
        self.others = [{"Authorization": self.gate.create_token("customers").basic} for _ in range(8)]
        return self.gate

    def send_slow(self, count, auth=None, target="/relay/slow"):
        clients = [self.gate.client() for _ in range(count)]
        for client in clients:
            self.addCleanup(client.close)
            client.send_request("GET", target, auth or self.auth)
        return clients

    def hold(self, count, auth=None):
        before = self.waiting
        clients = self.send_slow(count, auth)
        wait_until(lambda: self.waiting == before + count, "the requests at the upstream")
        return clients

    def ask(self, auth=None, method="GET", body=None):
        with self.gate.client() as client:
            return client.request(method, "/relay/quick", auth or self.auth, body)

    def assert_limited(self, answer):
        self.assert_refused(answer, 429, "concurrency_limited", "G07")
        self.assertGreaterEqual(int(answer.field("retry-after")), 1)


class ShareTest(PlacesTest):
    """While connections are scarce, nobody has more than a quarter of them and takes another one."""

    def test_while_there_is_plenty_nobody_is_limited(self):
        self.start()
        self.hold(PLACES * 3 // 4)
        self.assertEqual(self.ask().status, 200)

    def test_the_last_quarter_is_for_the_others(self):
        self.start()
        held = self.hold(PLACES * 3 // 4 + 1)  # Fewer than a quarter are free now.
        self.assert_limited(self.ask())
        for auth in self.others[:3]:  # As many as are free.
            self.assertEqual(self.ask(auth).status, 200)
        more = [client for auth in self.others[:3] for client in self.hold(1, auth)]
        self.assert_limited(self.ask())
        # All are taken. Whoever holds little waits for a place, and gets it.
        queued = self.send_slow(1, self.others[4], "/relay/quick")
        self.release.set()
        self.assertEqual([c.read_response().status for c in held + more + queued], [200] * (PLACES + 1))
        self.assertEqual(self.ask().status, 200)

    def test_who_holds_a_quarter_may_have_no_more_while_they_are_scarce(self):
        self.start()
        for auth in self.others[:3]:
            self.hold(PLACES // 4, auth)
        self.hold(1, self.others[3])  # Scarce.
        self.assertEqual(self.ask(self.others[0]).status, 200)  # It has a quarter, and may use one more of those left.
        self.hold(1, self.others[0])
        self.assert_limited(self.ask(self.others[0]))
        self.assertEqual(self.ask(self.others[4]).status, 200)

    def test_those_that_wait_for_a_place_have_shares_too(self):
        self.start(token_share=50)
        for auth in self.others[:4]:
            self.hold(PLACES // 4, auth)
        many = self.send_slow(PLACES * 3 // 4 + 1, self.others[4], "/relay/quick")
        time.sleep(0.3)  # They wait now, and an upstream does not tell.
        self.assert_limited(self.ask(self.others[4]))
        few = self.send_slow(2, self.others[5], "/relay/quick")
        self.release.set()
        statuses = [client.read_response().status for client in few + many]
        self.assertEqual(statuses[:2], [200, 200])

    def test_a_share_of_all_is_none(self):
        self.start(token_share=100)
        held = self.hold(PLACES)
        queued = self.send_slow(1, target="/relay/quick")
        self.release.set()
        self.assertEqual([client.read_response().status for client in held + queued], [200] * (PLACES + 1))

    def test_a_refusal_uses_up_no_nonce(self):
        self.start()
        held = self.hold(PLACES * 3 // 4 + 1)
        body = b"{}"
        fields = sign(self.token, "POST", "/relay/quick", body)
        with self.gate.client() as client:
            self.assert_limited(client.request("POST", "/relay/quick", fields, body))
            self.release.set()
            for one in held:
                self.assertEqual(one.read_response().status, 200)
            answer = client.request("POST", "/relay/quick", fields, body)
            # Recorded last: what was not let in has left nothing behind.
            self.assertEqual(answer.status, 200, answer.body)

    def end_all(self, how):
        """Requests of one token that hold its share, and end like that. Then it has all of it again."""
        held = self.hold(PLACES * 3 // 4 + 1)
        self.assert_limited(self.ask())
        how(held)
        wait_until(lambda: self.ask().status == 200, "the places")

    def test_places_come_back_from_clients_that_leave(self):
        self.start()
        self.end_all(lambda held: [client.close() for client in held])
        self.end_all(lambda held: [reset(client.socket) for client in held])
        self.release.set()
        for _ in range(3):
            self.assertEqual(self.ask().status, 200)

    def test_places_come_back_from_answers_and_from_resets(self):
        self.start(retries=2)

        def let_go(held):
            self.release.set()
            for client in held:
                client.read_response()
            wait_until(lambda: self.waiting == 0, "the upstream")
            self.release.clear()
        self.end_all(let_go)
        with self.gate.client() as client:
            for _ in range(3 * PLACES):  # Each is tried again, and fails.
                refused = client.request("GET", "/relay/reset", self.auth)
                self.assert_refused(refused, 502, "upstream_reset")
        self.end_all(let_go)

    def test_places_come_back_after_a_timeout(self):
        self.start(response_timeout="500ms")
        self.end_all(lambda held: [client.read_response() for client in held])

    def test_a_reload_begins_with_new_connections_and_old_requests_end_well(self):
        self.start()
        held = self.hold(PLACES * 3 // 4 + 1)
        self.assertTrue(self.gate.reload())
        self.assertEqual(self.ask().status, 200)  # The new pool has all its places.
        more = self.hold(PLACES * 3 // 4 + 1)
        self.assert_limited(self.ask())
        self.release.set()
        self.assertEqual({client.read_response().status for client in held + more}, {200})
        self.assertEqual(self.ask().status, 200)

    def test_the_refusals_are_counted_and_logged(self):
        self.start(config={"admin": {"address": "unix:admin.sock"}})
        self.hold(PLACES * 3 // 4 + 1)
        for _ in range(3):
            self.assert_limited(self.ask())
        entries = wait_until(lambda: [e for e in self.gate.access_log() if e["status"] == 429][:3], "the log lines")
        self.assertEqual({(entry["reason"], entry["phase"]) for entry in entries}, {("concurrency_limited", "rate_limit")})


class CapTest(PlacesTest):
    """`--max-concurrent`: exact over all workers, whatever is free."""

    def cap(self, most, workers=2):
        # Nobody waits for a place or a share here.
        self.start(workers=workers, max_connections=1000, max_pending=1000, token_share=100)
        token = self.gate.create_token("customers", extra=("--max-concurrent", str(most)))
        self.auth = {"Authorization": token.basic}
        self.capped = token

    def test_so_many_and_no_more_over_two_workers(self):
        self.cap(8)
        held = self.hold(8)
        for _ in range(20):  # On connections of both workers.
            self.assert_limited(self.ask())
        self.assertEqual(self.ask(self.others[0]).status, 200)
        held.pop().close()
        wait_until(lambda: self.ask().status == 200, "a place")
        self.release.set()
        self.assertEqual([client.read_response().status for client in held], [200] * 7)
        self.assertEqual(self.ask().status, 200)

    def test_it_changes_with_the_token(self):
        self.cap(2)
        self.hold(2)
        self.assert_limited(self.ask())
        self.gate.kwikgate("token", "update", self.capped.id, "--max-concurrent", "3")
        self.assertEqual(self.ask().status, 200)
        self.gate.kwikgate("token", "update", self.capped.id, "--max-concurrent", "1")
        self.assert_limited(self.ask())
        self.gate.kwikgate("token", "update", self.capped.id, "--no-max-concurrent")
        self.assertEqual(self.ask().status, 200)

    def test_every_way_a_request_ends_gives_its_place_back(self):
        self.cap(1, workers=1)
        for _ in range(5):
            with self.gate.client() as client:
                self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
                self.assert_refused(client.request("GET", "/nowhere", self.auth), 404, "route_unknown")
                client.send(self.head("POST", "/relay/a", "Transfer-Encoding: chunked") + b"zz\r\n")
                self.assert_refused(client.read_response("POST"), 400, "bad_framing")
            with self.gate.client() as client:  # Leaves while its body is awaited.
                client.send(self.head("POST", "/relay/a", "Content-Length: 10") + b"a")
                time.sleep(0.05)
            for target, how in (("/relay/slow", "close"), ("/relay/reset", "read")):
                client = self.gate.client()
                client.send_request("GET", target, self.auth)
                if how == "close":
                    wait_until(lambda: self.waiting, "the request")
                    client.close()
                    self.release.set()
                    wait_until(lambda: not self.waiting, "the upstream")
                    self.release.clear()
                else:
                    with contextlib.suppress(ConnectionResetError):
                        client.read_response()
                    client.close()
            wait_until(lambda: self.ask().status == 200, "the place")

    def test_a_body_that_is_awaited_has_its_place(self):
        self.cap(1, workers=1)
        with self.gate.client() as slow:
            slow.send(self.head("POST", "/relay/a", "Content-Length: 10", "Expect: 100-continue"))
            self.assertEqual(slow.read_response("POST", skip_interim=False).status, 100)  # It was let in.
            slow.send(b"a")
            self.assert_limited(self.ask())
            slow.send(bytes(9))
            self.assertEqual(slow.read_response("POST").status, 200)
        self.assertEqual(self.ask().status, 200)


if __name__ == "__main__":
    unittest.main()
