#!/usr/bin/env python3
"""Measures the gateway beside its peers and writes a report. `make bench` builds what it needs and calls it."""

import argparse
import os
import pathlib

from suite import cases, report, scaling
from suite.site import BENCH, add_binaries_argument, open_site


def say(line):
    print(line, flush=True)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    add_binaries_argument(parser)
    parser.add_argument("--report", type=pathlib.Path, default=BENCH / "report", help="folder that is written")
    parser.add_argument("--quick", action="store_true", help="two cases, three short rounds, no growth: under 3 minutes")
    parser.add_argument("--rounds", type=int, help="rounds of every case (7; 3 with --quick)")
    parser.add_argument("--seconds", type=float, help="measured seconds of a round (2; 1.5 with --quick)")
    parser.add_argument("--case", action="append", choices=[case.name for case in cases.CASES],
                        help="only this case; may be given again")
    parser.add_argument("--no-growth", action="store_true", help="leave out growth by tokens, routes, connections ...")
    parser.add_argument("--large", action="store_true", help="growth to 10 million tokens: minutes and 10 GB of disk")
    return parser.parse_args()


def measure_growth(site, seconds, is_large, found):
    say("growth")
    found["connections"] = scaling.by_connections(site, seconds, say)
    found["routes"] = scaling.by_routes(site, seconds, say)
    found["body"] = scaling.by_body(site, seconds, say)
    found["workers"] = scaling.by_workers(site, seconds, say)
    counts = [1000, 10_000, 100_000, 1_000_000] + ([10_000_000] if is_large else [])
    found["tokens"], found["start"] = scaling.by_tokens(site, seconds, counts, say)


def main():
    arguments = read_arguments()
    rounds = arguments.rounds or (3 if arguments.quick else 7)
    seconds = arguments.seconds or (1.5 if arguments.quick else 2)
    wanted = arguments.case or (cases.QUICK if arguments.quick else [case.name for case in cases.CASES])
    load_average = os.getloadavg()[0]
    if load_average > 0.5:
        say(f"The machine is busy (load average {load_average:.1f}): trust ratios, not absolute figures.")

    with open_site(arguments.binaries) as site:
        results = []
        for case in cases.CASES:
            if case.name in wanted:
                say(case.title)
                results.append(cases.measure(site, case, rounds, seconds, say))
        is_whole = not (arguments.quick or arguments.case)
        idle = cases.idle_memory(site, 4000 if is_whole else 1000, say)
        growth = {}
        report.write(arguments.report, results, idle, growth, rounds, seconds, load_average)
        if is_whole and not arguments.no_growth:
            measure_growth(site, seconds, arguments.large, growth)
            report.write(arguments.report, results, idle, growth, rounds, seconds, load_average)
        say(f"written: {arguments.report / 'report.md'} and {arguments.report / 'summary.json'}")


if __name__ == "__main__":
    main()
