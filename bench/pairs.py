#!/usr/bin/env python3
"""Is a change within 2 % of what was before? Two binaries of the gateway in turn, at least 15 pairs for each case. Prints the
median of the ratios after/before of CPU per request, with its 95 % interval."""

import argparse
import os
import sys

from suite import cases, pairs
from suite.site import add_binaries_argument, open_site

CASES = ["signed_get_c1", "signed_get_c64", "signed_get_c1024", "signed_post_1k_c64", "basic_get_c64"]
BAR = 1.02


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_binaries_argument(parser)
    parser.add_argument("--before", required=True, help="the gateway's binary before the change")
    parser.add_argument("--after", help="the gateway's binary after it (that of --binaries)")
    parser.add_argument("--case", action="append", choices=[case.name for case in cases.CASES], help="only this case; may be repeated")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=1.5, help="measured seconds of each run")
    arguments = parser.parse_args()
    print(f"load average at the start: {os.getloadavg()[0]:.1f}", flush=True)
    gateways = [("before", arguments.before), ("after", arguments.after or arguments.binaries / "kwikgate")]
    is_within = True
    with open_site(arguments.binaries) as site:
        both = pairs.open_sites(site, gateways, arguments.binaries)
        for case in cases.CASES:
            if case.name not in (arguments.case or CASES):
                continue
            ratio, low, high, count, (before, after) = pairs.measure(both, case, arguments.pairs, arguments.seconds)
            is_within = is_within and ratio <= BAR
            print(f"{case.name:20} {before:7.2f} -> {after:7.2f} us/request  ratio {ratio:.3f}  [{low:.3f}, {high:.3f}]  {count} pairs",
                  flush=True)
    print(f"within {BAR}" if is_within else f"not within {BAR}")
    return 0 if is_within else 1


if __name__ == "__main__":
    sys.exit(main())
