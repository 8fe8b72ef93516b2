"""How the cost of a request grows with connections, tokens, routes, bodies and workers. Gateway only."""

import dataclasses
import shutil
import subprocess
import time

from . import load, proxies, svg
from .processes import LOAD_CORE, PROXY_CORE
from .site import OPEN_FILES, READ_PATH


@dataclasses.dataclass
class Series:
    title: str
    x_label: str
    y_label: str
    points: list = dataclasses.field(default_factory=list)  # (x, y)
    log_x: bool = True
    log_y: bool = False

    def plot(self):
        return svg.lines(self.title, [("kwikgate", [(max(x, 1) if self.log_x else x, y) for x, y in self.points])],
                         self.x_label, self.y_label, self.log_x, self.log_y)

    def table(self):
        return [f"| {self.x_label} | {self.y_label} |", "| --- | --- |",
                *[f"| {x:,} | {y:,.2f} |" for x, y in self.points]]


CPU = "CPU us a request"


def _cost(site, gateway, seconds, connections, mix="read", rounds=3, **options):
    costs = []
    for _ in range(rounds):
        costs.append(load.run(site, gateway, seconds, connections, mix, **options)["cpu_us_per_request"])
        proxies.rotate_access_log(site, gateway.name)
    return sorted(costs)[len(costs) // 2]


def _measure(series, gateway, values, cost, say, what):
    """Adds a point for each value, and ends the gateway."""
    try:
        for value in values:
            series.points.append((value, cost(value)))
            say(f"  {what.format(value)}: {series.points[-1][1]:.2f} us")
    finally:
        gateway.stop()


def by_connections(site, seconds, say):
    """Thousands of clients that never pause are an overload, and would be shed: here they wait their turn."""
    series = Series("Cost of a signed GET by connections", "connections", CPU)
    gateway = proxies.start_gateway(site, limits={"max_delay": "10s"})
    counts = [1, 4, 16, 64, 256, 1024, 4096, min(10000, OPEN_FILES // 2 - 500)]
    _measure(series, gateway, counts, lambda count: _cost(site, gateway, seconds, count), say, "{} connections")
    return series


def by_body(site, seconds, say):
    series = Series("Cost of a signed POST by size of its body", "bytes", CPU, log_y=True)
    gateway = proxies.start_gateway(site)
    sizes = [0, 16, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 10485760]

    def cost(size):
        return _cost(site, gateway, seconds, 16, "write", extra=("--body-bytes", size, "--precompute", 2048))
    _measure(series, gateway, sizes, cost, say, "body of {} bytes")
    return series


def by_routes(site, seconds, say):
    series = Series("Cost of a signed GET by routes", "routes", CPU)
    for count in [10, 100, 1000, 10000]:
        routes = [{"method": "GET", "path": READ_PATH, "section": "customers"}]
        routes += [{"method": "GET", "path": f"/2.0/resource-{i}/{{id}}", "section": "customers"}
                   for i in range(count - 1)]
        gateway = proxies.start_gateway(site, settings={"routes": routes, "routes_files": []})
        _measure(series, gateway, [count], lambda _: _cost(site, gateway, seconds, 64), say, "{} routes")
    return series


def by_workers(site, seconds, say):
    """Two workers share the core with the load here: the cost counts, not the rate."""
    series = Series("Cost of a signed GET by workers", "workers", CPU, log_x=False)
    for workers in [1, 2]:
        core = PROXY_CORE if workers == 1 else f"{PROXY_CORE},{LOAD_CORE}"
        gateway = proxies.start_gateway(site, workers=workers, core=core)
        _measure(series, gateway, [workers], lambda _: _cost(site, gateway, seconds, 64), say, "{} workers")
    return series


def by_tokens(site, seconds, counts, say):
    """(cost by tokens, milliseconds from start to listening by tokens)"""
    cost = Series("Cost of a signed GET by tokens in the store", "tokens", CPU)
    start = Series("Start of the gateway by tokens in the store", "tokens", "ms to listening")
    for count in counts:
        folder = site.work / f"store-{count}"
        subprocess.run([site.binaries / "kwikgate", "init", "--dir", folder, "--json"], check=True,
                       capture_output=True)
        sample = site.work / f"store-{count}.ndjson"
        subprocess.run([site.binaries / "kwikgate-populate", "--store", folder / "store", "--master-key",
                        folder / "master.key", "--tokens", str(count), "--sample", sample,
                        "--sample-size", "20000"], check=True)
        store = {"path": str(folder / "store"), "master_key_file": str(folder / "master.key")}
        started, times = None, []
        for _ in range(5):
            if started is not None:
                started.stop()
            began = time.monotonic()
            started = proxies.start_gateway(site, store=store)
            times.append((time.monotonic() - began) * 1000)
        try:
            start.points.append((count, sorted(times)[2]))
            options = {"credentials": sample, "extra": ("--precompute", 20000)}
            cost.points.append((count, _cost(site, started, seconds, 64, **options)))
            say(f"  {count} tokens: {cost.points[-1][1]:.2f} us, start {start.points[-1][1]:.0f} ms")
        finally:
            started.stop()
            shutil.rmtree(folder)
    return cost, start
