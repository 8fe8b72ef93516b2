"""Two binaries of the gateway in turn: the ratio of their CPU per request, pair by pair."""

import math
import pathlib
import statistics

from . import load, proxies
from .site import Site


def interval(ratios):
    """The median's 95 % interval by order statistics: no assumption about how the ratios are spread."""
    ordered = sorted(ratios)
    count = len(ordered)
    outside, rank = 0.0, 0
    while rank < count // 2:
        outside += math.comb(count, rank) / 2 ** count
        if 2 * outside > 0.05:
            break
        rank += 1
    return ordered[max(rank - 1, 0)], ordered[count - max(rank, 1)]


def folder_of(work, name, gateway, binaries):
    """A folder of programs in which `kwikgate` is that gateway."""
    folder = pathlib.Path(work) / f"{name}.programs"
    folder.mkdir()
    (folder / "kwikgate").symlink_to(pathlib.Path(gateway).resolve())
    (folder / "kwikgate-load").symlink_to((pathlib.Path(binaries) / "kwikgate-load").resolve())
    return folder


def open_sites(site, gateways, binaries):
    """A store for each binary: one gateway serves from a store at a time, and formats may differ."""
    sites = []
    for name, gateway in gateways:
        work = site.work / name
        work.mkdir()
        sites.append(Site(work, folder_of(site.work, name, gateway, binaries), site.upstream_port))
    return sites


def measure(sites, case, count, seconds, most=None, widest=0.04):
    """Ratios after/before of `count` pairs; more pairs, up to `most`, while the interval is wider than `widest`."""
    running = []
    try:
        for site in sites:
            running.append((site, proxies.start_gateway(site)))
            proxies.verify(*running[-1])
        ratios, figures = [], []
        while True:
            order = running if len(ratios) % 2 == 0 else running[::-1]
            found = {}
            for site, proxy in order:
                measured = load.run(site, proxy, seconds, case.connections, case.mix, extra=case.extra)
                found[id(site)] = measured["cpu_us_per_request"]
                proxies.rotate_access_log(site)
            before, after = (found[id(site)] for site in sites)
            figures.append((before, after))
            ratios.append(after / before)
            low, high = interval(ratios)
            if len(ratios) >= count and (high - low <= widest or len(ratios) >= (most or 3 * count)):
                medians = [statistics.median(column) for column in zip(*figures)]
                return statistics.median(ratios), low, high, len(ratios), medians
    finally:
        for _, proxy in running:
            proxy.stop()
