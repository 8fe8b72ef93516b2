"""Active health checks: a server that fails them gets no requests from any worker until it passes again."""

import threading
import time
import unittest

from relay_support import RelayTest
from support import RecordingUpstream, wait_until

CHECKS = {"path": "/healthz", "interval": "100ms", "timeout": "100ms", "healthy_after": 2, "unhealthy_after": 2}


class Patient(RecordingUpstream):
    """A server whose health is set by the test: the answer to its checks, as bytes, None or a wait."""

    def __init__(self):
        self.health = RecordingUpstream.reply(b"fine")
        self.checks = 0
        super().__init__(self.judge)

    def judge(self, seen):
        if seen.target != "/healthz":
            return RecordingUpstream.reply(b"{}")
        self.checks += 1
        return self.health() if callable(self.health) else self.health

    @property
    def calls(self):
        return sum(seen.target != "/healthz" for seen in self.seen)


class HealthTest(RelayTest):
    def patient(self):
        upstream = Patient()
        self.addCleanup(upstream.close)
        return upstream

    def wait_for_log(self, gateway, text, count=1):
        wait_until(lambda: gateway.log_text().count(text) >= count, text)

    def test_a_server_that_fails_its_checks_is_left_out_and_comes_back(self):
        release = threading.Event()
        self.addCleanup(release.set)
        ill, well = self.patient(), self.patient()
        gateway = self.relay([ill, well], upstream_config={"health": CHECKS}, workers=2)
        name = f"server 127.0.0.1:{ill.port}"
        symptoms = {"500": RecordingUpstream.reply(b"", "500 Internal Server Error"),
                    "404": RecordingUpstream.reply(b"", "404 Not Found"),
                    "302": RecordingUpstream.reply(b"", "302 Found"),
                    "no answer": None, "no HTTP answer": b"hello\r\n\r\n", "timeout": lambda: release.wait(5) and None}
        for round_number, (why, symptom) in enumerate(symptoms.items(), 1):
            with self.subTest(why):
                ill.health = symptom
                self.wait_for_log(gateway, f"{name} is down: ", round_number)
                self.assertIn(why, gateway.log_text().split(f"{name} is down: ")[round_number].split("\n")[0])
                before = ill.calls
                for _ in range(10):  # Connections to both workers, very probably.
                    with gateway.client() as client:
                        for _ in range(5):
                            self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
                self.assertEqual(ill.calls, before)
                ill.health = RecordingUpstream.reply(b"fine")
                release.set()
                self.wait_for_log(gateway, f"{name} is up", round_number)
                release.clear()

                def is_used_again(before=before):
                    with gateway.client() as client:
                        self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
                    return ill.calls > before
                wait_until(is_used_again, "the server to be used again")
        check = next(seen for seen in ill.seen if seen.target == "/healthz")
        self.assertEqual((check.method, check.field("authorization")), ("GET", None))

    def test_a_server_that_is_gone_is_left_out(self):
        gone = self.closed_port()
        well = self.patient()
        gateway = self.relay([gone, well], upstream_config={"health": CHECKS})
        self.wait_for_log(gateway, "is down: cannot connect")
        with gateway.client() as client:
            answers = [client.request("GET", "/relay/a", self.auth) for _ in range(20)]
        self.assertEqual({answer.status for answer in answers}, {200})
        wait_until(lambda: len(gateway.access_log()) == 20, "the log lines")
        self.assertEqual({entry["attempts"] for entry in gateway.access_log()}, {1})

    def test_without_a_healthy_server_the_answer_is_503(self):
        ill = self.patient()
        ill.health = None
        gateway = self.relay(ill, upstream_config={"health": CHECKS})
        self.wait_for_log(gateway, "is down")
        with gateway.client() as client:
            refused = client.request("POST", "/relay/a", self.auth, b"{}")
            self.assert_refused(refused, 503, "no_healthy_upstream", "G10")
            self.assertGreaterEqual(int(refused.field("retry-after")), 1)
            self.assertEqual(ill.calls, 0)
            ill.health = RecordingUpstream.reply(b"fine")
            self.wait_for_log(gateway, "is up")
            self.assertEqual(client.request("POST", "/relay/a", self.auth, b"{}").status, 200)

    def test_one_failure_is_none_and_checks_leave_no_connections(self):
        shaky = self.patient()
        answers = iter([None if i % 2 else RecordingUpstream.reply(b"fine") for i in range(1000)])
        shaky.health = lambda: next(answers)
        gateway = self.relay(shaky, upstream_config={"health": CHECKS})
        wait_until(lambda: shaky.checks > 12, "a dozen checks")
        self.assertNotIn("is down", gateway.log_text())
        sockets = len(list(gateway.open_sockets()))
        wait_until(lambda: shaky.checks > 20, "more checks")
        self.assertLessEqual(len(list(gateway.open_sockets())), sockets + 1)

    def test_a_reload_keeps_what_is_known_and_can_end_the_checks(self):
        ill, well = self.patient(), self.patient()
        ill.health = None
        gateway = self.relay([ill, well], upstream_config={"health": CHECKS})
        self.wait_for_log(gateway, "is down")
        gateway.config["upstreams"]["main"]["health"] = {**CHECKS, "interval": "200ms"}
        gateway.write_config()
        self.assertTrue(gateway.reload())
        with gateway.client() as client:
            for _ in range(20):
                self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
        self.assertEqual(ill.calls, 0)
        gateway.config["upstreams"]["main"]["health"] = {}
        gateway.write_config()
        self.assertTrue(gateway.reload())

        def is_used_again():
            with gateway.client() as client:
                self.assertEqual(client.request("GET", "/relay/a", self.auth).status, 200)
            return ill.calls
        wait_until(is_used_again, "the server to be used again")
        time.sleep(0.2)
        checks = ill.checks
        time.sleep(0.5)
        self.assertEqual(ill.checks, checks)


if __name__ == "__main__":
    unittest.main()
