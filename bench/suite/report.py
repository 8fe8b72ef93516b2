"""Writes bench/report/: summary.json for programs, results.json with every round, report.md with plots for people."""

import json
import pathlib
import platform
import re
import subprocess
import time

from . import svg
from .cases import PEERS
from .proxies import GATEWAY

# The budget: (case, peer, bar, aim) for the ratio of CPU per request.
BUDGET = [
    ("signed_get_c64", "haproxy_hmac", 0.62, 0.40),
    ("signed_get_c1", "haproxy_hmac", 0.75, 0.62),
    ("signed_get_c1024", "haproxy_hmac", 0.65, 0.45),
    ("signed_post_1k_c64", "haproxy_hmac", 0.65, 0.45),
    ("signed_post_64k_c32", "haproxy_hmac", 1.0, 0.8),
    ("get_1m_c16", "nginx_plain", 1.0, 0.85),
    ("basic_get_c64", "haproxy_plain", 0.85, 0.60),
]


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) // 1048576
    count = len(re.findall(r"^processor", pathlib.Path("/proc/cpuinfo").read_text(), re.M))
    return f"{count} cores of {cpu.group(1) if cpu else 'unknown'}, {memory} GiB, Linux {platform.release()}"


def versions():
    def first_line(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).splitlines()[0].split(" - ")[0]
    return [first_line("haproxy", "-v"), first_line("nginx", "-v")]


def summary(results):
    cases = {}
    for result in results:
        cases[result.case.name] = {
            "cpu_us_per_request": round(result.median(GATEWAY), 3),
            "requests_per_second": round(result.median(GATEWAY, "requests_per_second"), 1),
            "ratio": {peer: round(result.ratio(peer), 3) for peer in PEERS},
        }
    return {"cases": cases}


def _case_section(result):
    lines = [f"## {result.case.title}", "",
             f"![CPU]({result.case.name}.svg)", "",
             "| proxy | CPU us/request | gateway/this (min-max) | requests/s | p50 us | p99 us |",
             "| --- | --- | --- | --- | --- | --- |"]
    for name in result.rounds:
        ratio = "1"
        if name != GATEWAY:
            each = result.ratios(name)
            ratio = f"{result.ratio(name):.2f} ({min(each):.2f}-{max(each):.2f})"
        lines.append(f"| {name} | {result.median(name):.2f} | {ratio} | "
                     f"{result.median(name, 'requests_per_second'):.0f} | {result.latency(name, 'p50'):.0f} | "
                     f"{result.latency(name, 'p99'):.0f} |")
    return lines + [""]


def _budget_section(results):
    by_name = {result.case.name: result for result in results}
    lines = ["## Budget", "", "| case | x | bar | aim | measured (min-max) | |", "| --- | --- | --- | --- | --- | --- |"]
    for case, peer, bar, aim in BUDGET:
        if case not in by_name:
            continue
        ratio, each = by_name[case].ratio(peer), by_name[case].ratios(peer)
        verdict = "aim met" if ratio <= aim else "bar met" if ratio <= bar else "NOT met"
        lines.append(f"| {case} | {peer} | {bar} | {aim} | {ratio:.2f} ({min(each):.2f}-{max(each):.2f}) | {verdict} |")
    return lines + [""]


def write(folder, results, idle, scaling, rounds, seconds, load_average):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "summary.json").write_text(json.dumps(summary(results), indent=1) + "\n")
    raw = {"cases": {r.case.name: r.rounds for r in results}, "idle_bytes": idle,
           "scaling": {name: s.points for name, s in scaling.items()}}
    (folder / "results.json").write_text(json.dumps(raw, indent=1) + "\n")
    lines = ["# Measured", "",
             f"{time.strftime('%Y-%m-%d')}, {machine()}; {', '.join(versions())}.",
             f"{rounds} rounds of {seconds} s, interleaved; the proxy on one core, load and upstream on another. "
             f"Load average before the run: {load_average:.1f}.", "",
             "CPU is user and system time of the proxy's processes over the requests answered. Ratios are taken within a "
             "round; the median counts. How to read all of it: bench/README.md.", ""]
    lines += _budget_section(results)
    for result in results:
        rows = [(name, result.median(name), "" if name == GATEWAY else f"(gateway/this {result.ratio(name):.2f})")
                for name in result.rounds]
        (folder / f"{result.case.name}.svg").write_text(svg.bars(result.case.title, rows, "us"))
        lines += _case_section(result)
    if idle:
        rows = [(name, value, "") for name, value in idle.items()]
        (folder / "idle.svg").write_text(svg.bars("Memory for an idle keep-alive connection", rows, "bytes"))
        lines += ["## Memory for an idle keep-alive connection", "", "![memory](idle.svg)", "",
                  "| proxy | bytes |", "| --- | --- |", *[f"| {n} | {v:.0f} |" for n, v in idle.items()], ""]
    for name, series in scaling.items():
        (folder / f"{name}.svg").write_text(series.plot())
        lines += [f"## {series.title}", "", f"![{name}]({name}.svg)", "", *series.table(), ""]
    (folder / "report.md").write_text("\n".join(lines))
