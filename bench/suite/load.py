"""Runs kwikgate-load against a proxy and returns what it measured."""

import json
import subprocess

from .processes import LOAD_CORE
from .site import READ_PATH, WRITE_PATH


def run(site, proxy, seconds, connections, mix="read", credentials=None, extra=(), warmup=0.4, core=LOAD_CORE,
        is_overload=False):
    """`is_overload`: that requests are turned away or wait too long is what is measured."""
    command = ["taskset", "-c", str(core), site.binaries / "kwikgate-load",
               f"http://127.0.0.1:{proxy.port}{READ_PATH}", "--write-target", WRITE_PATH,
               "--credentials", credentials or site.credentials, "--mix", mix, "--connections", connections,
               "--duration", seconds, "--warmup", warmup, "--json",
               "--cpu-of", ",".join(map(str, proxy.process.pids())), *extra]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"kwikgate-load against {proxy.name}: {done.stderr}\n{proxy.process.log.read_text()[-1500:]}")
    measured = json.loads(done.stdout)
    if measured["errors"] != 0 and not is_overload:
        raise RuntimeError(f"{proxy.name} answered with errors: {measured['answers']}, "
                           f"{measured['timed_out']} timed out, {measured['broken']} broken connections")
    return measured
