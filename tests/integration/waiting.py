"""Deadlines and ports of tests."""

import contextlib
import random
import socket
import time

DEADLINE_SECONDS = 20


def wait_until(is_true, what, seconds=DEADLINE_SECONDS):
    """Returns what `is_true` returned once it is truthy."""
    end = time.monotonic() + seconds
    while True:
        value = is_true()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.01)


def free_port():
    """A port that nothing has at the moment, below those that the system gives to clients: none of theirs can take it."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
