"""Gateways that take turns on one volume, gently and not: no captured write is accepted twice, whatever the moment."""

import random
import signal
import threading
import time
import unittest

from serving_support import ServingTest
from support import wait_until


class Replayer:
    """Writes to whichever gateway serves, and sends everything that was accepted again and again, everywhere."""

    def __init__(self, test, gateways):
        self.test, self.gateways = test, gateways
        self.accepted, self.failures = [], []
        self.is_stopping = False
        self.threads = [threading.Thread(target=self._run, args=(work,), daemon=True)
                        for work in (self._write, self._write, self._repeat)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_stopping = True
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()

    def _run(self, work):
        choose = random.Random(work.__name__)
        while not self.is_stopping:
            try:
                work(choose)
            except OSError:
                time.sleep(0.002)  # Nobody listens at the moment.
            except Exception as error:
                self.failures.append(repr(error))
                return

    def _write(self, choose):
        write = self.test.write()
        answer = self.test.send(choose.choice(self.gateways), write)
        if answer is not None and answer.status == 200:
            self.accepted.append(write)

    def _repeat(self, choose):
        if not self.accepted:
            time.sleep(0.002)
            return
        write = choose.choice(self.accepted[-200:])
        answer = self.test.send(choose.choice(self.gateways), write)
        if answer is not None and answer.status == 200:
            self.failures.append("a captured write passed")


class RollingRestartTest(ServingTest):
    def write(self, token=None):
        with self.lock:
            return super().write(token)

    def set_up(self, **config):
        self.lock = threading.Lock()
        super().set_up(rate_limit={"requests_per_second": 1_000_000, "burst": 1_000_000}, **config)
        self.pair = [self.gate, self.neighbour(self.gate)]

    def assert_nothing_passed_twice(self, replayer):
        self.assertEqual(replayer.failures, [])
        self.assert_accepted_once()
        self.assertGreater(len(replayer.accepted), 0)

    def test_turns_on_one_volume_under_load(self):
        self.set_up()
        with Replayer(self, self.pair) as replayer:
            for turn in range(6):
                serving, next_one = self.pair[turn % 2], self.pair[(turn + 1) % 2]
                next_one.launch()
                before = len(replayer.accepted)
                self.assertEqual(serving.stop(), 0)
                next_one.wait_until_up()
                self.wait_for_more(replayer, before)
        self.assert_nothing_passed_twice(replayer)

    def wait_for_more(self, replayer, before):
        wait_until(lambda: replayer.failures or len(replayer.accepted) > before, "writes to be taken")

    def test_a_crash_at_any_moment_of_a_turn(self):
        self.set_up(signature={"max_ahead": "0s"})  # So that writes pass again soon after a crash.
        choose = random.Random(7)
        with Replayer(self, self.pair) as replayer:
            for turn in range(20):
                serving, next_one = self.pair[turn % 2], self.pair[(turn + 1) % 2]
                next_one.launch()
                before = len(replayer.accepted)
                self.wait_for_more(replayer, before)
                serving.send_signal(signal.SIGTERM)
                # Up to the whole of a turn: draining, saving, letting go, taking over.
                time.sleep(choose.random() * 0.2)
                victims = choose.choice(([serving], [next_one], [serving, next_one]))
                for victim in victims:
                    victim.process.kill()
                for gateway in self.pair:
                    if gateway is not next_one or next_one in victims:
                        gateway.process.wait(timeout=60)
                if next_one in victims:
                    next_one.launch()
                next_one.wait_until_up()
        self.assert_nothing_passed_twice(replayer)


if __name__ == "__main__":
    unittest.main()
