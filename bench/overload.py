#!/usr/bin/env python3
"""Measures what one worker does when it gets more requests than it can serve: how long those wait that it serves, what it
turns away, and what would become of them if it turned nobody away.

So that the load is not what is full first, the gateway shares its core with processes that do nothing but take time of it.
"""

import argparse
import contextlib
import subprocess
import sys

from suite import load, proxies
from suite.processes import PROXY_CORE
from suite.site import add_binaries_argument, open_site

CONNECTIONS = 9000
FEW = 64  # connections that ask as fast as they are answered: what a worker can do at its best
HOGS = 11
WARM_UP = 12  # seconds: all connections have to be accepted, by a gateway that gets little time
CALM = 0.5  # of the capacity: what is asked until it is measured
SHARES = (0.9, 1.1, 1.3, 1.5)
NEVER = "1m"
SETTINGS = (("limits.max_delay 250ms (the default)", "250ms"), ("nothing is shed (limits.max_delay 1m)", NEVER))


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    add_binaries_argument(parser)
    parser.add_argument("--seconds", type=float, default=8, help="measured seconds of a rate")
    return parser.parse_args()


@contextlib.contextmanager
def hogs():
    """Processes that take their share of the gateway's core."""
    command = ["taskset", "-c", str(PROXY_CORE), sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(command) for _ in range(HOGS)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


@contextlib.contextmanager
def gateway_with(site, max_delay):
    """A gateway of its own: what an earlier load left in its queue is none of it."""
    upstreams = {"api": {"servers": [f"http://127.0.0.1:{site.upstream_port}"], "token_share": 100}}  # One token sends all.
    gateway = proxies.start_gateway(site, limits={"max_delay": max_delay}, settings={"upstreams": upstreams})
    try:
        yield gateway
    finally:
        gateway.stop()


def find_capacity(site, seconds):
    with gateway_with(site, NEVER) as gateway:
        return load.run(site, gateway, seconds, FEW, warmup=2)["requests_per_second"]


def measure(site, gateway, seconds, rate, share):
    """What came of a jump to `rate`, which is `share` of the capacity, the jump itself included."""
    extra = ["--rate", rate, "--warmup-rate", rate * CALM / share]
    measured = load.run(site, gateway, seconds, CONNECTIONS, extra=extra, warmup=WARM_UP, is_overload=True)
    proxies.rotate_access_log(site, gateway.name)
    return measured


def row(share, rate, measured):
    counts = {answer["status"]: answer["count"] for answer in measured["answers"]}
    asked = sum(counts.values()) + measured["unanswered"] + measured["timed_out"] + measured["broken"]
    served, latency = counts.get(200, 0), measured["served_latency_us"]
    return (f"| {share:.0%} | {rate:,.0f} | {served / measured['seconds']:,.0f} | {counts.get(503, 0) / asked:.0%} "
            f"| {latency['p50'] / 1000:,.1f} | {latency['p99'] / 1000:,.1f} |")


def main():
    arguments = read_arguments()
    with open_site(arguments.binaries) as site, hogs():
        capacity = find_capacity(site, arguments.seconds)
        print(f"{capacity:,.0f} requests a second at most, over {FEW} connections")
        for name, max_delay in SETTINGS:
            print(f"\n{name}\n\n"
                  "| load | asked a second | served a second | shed | p50 of served, ms | p99 of served, ms |\n"
                  "| --- | --- | --- | --- | --- | --- |", flush=True)
            for share in SHARES:
                with gateway_with(site, max_delay) as gateway:
                    rate = capacity * share
                    print(row(share, rate, measure(site, gateway, arguments.seconds, rate, share)), flush=True)


if __name__ == "__main__":
    main()
