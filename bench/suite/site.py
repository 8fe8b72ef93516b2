"""What all proxies of a run share: the machine, a folder with a store and tokens, the upstream."""

import base64
import contextlib
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

from . import signing
from .processes import LOAD_CORE, Process, free_port

BENCH = pathlib.Path(__file__).resolve().parent.parent
PEERS = BENCH / "peers"
READ_PATH = "/2.0/customers/list"
WRITE_PATH = "/2.0/customers/create"
UNGRANTED_PATH = "/2.0/payouts/list"

OPEN_FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def add_binaries_argument(parser):
    parser.add_argument("--binaries", type=pathlib.Path, default=BENCH.parent / "build" / "bench",
                        help="where kwikgate and its load are")


class Site:
    """A folder, a store with tokens, the binaries, the upstream's port."""

    def __init__(self, work, binaries, upstream_port, tokens=8):
        self.work = pathlib.Path(work)
        self.binaries = pathlib.Path(binaries)
        self.upstream_port = upstream_port
        self.gate = self.work / "gate"
        self._run("kwikgate", "init", "--dir", self.gate, "--json")
        self.credentials = self.work / "tokens.ndjson"
        lines = [self._create_token(number) for number in range(tokens)]
        self.credentials.write_text("\n".join(lines) + "\n")
        self.tokens = [signing.Token(t["api_key"], t["api_secret"]) for t in map(json.loads, lines)]
        self._write_peer_data()

    def _run(self, program, *arguments):
        done = subprocess.run([self.binaries / program, *map(str, arguments)], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} {arguments[0]}: {done.stderr}")
        return done.stdout

    def _create_token(self, number):
        return self._run("kwikgate", "token", "create", "--store", self.gate, "--name", f"Bench {number}",
                         "--section", "customers", "--permissions", "read-write", "--json").strip()

    def _write_peer_data(self):
        """Keys, secrets and grants in the form that each peer looks them up in."""
        def write(name, lines):
            (self.work / name).write_text("\n".join(lines) + "\n")
            os.chmod(self.work / name, 0o600)

        routes = {READ_PATH: "customers", WRITE_PATH: "customers", UNGRANTED_PATH: "payouts"}
        write("haproxy_secrets.map", [f'"{t.key}" {base64.b64encode(t.secret.encode()).decode()}' for t in self.tokens])
        write("haproxy_basic.map", [f'{signing.basic(t)[0][1].split()[1]} "{t.key}"' for t in self.tokens])
        write("haproxy_grants.map", [f'"{t.key}"|customers 1' for t in self.tokens])
        write("haproxy_routes.map", [f"{path} {section}" for path, section in routes.items()])
        write("tokens.tsv", [f"{t.key}\t{t.secret}\tcustomers" for t in self.tokens])
        write("routes.tsv", [f"{path}\t{section}" for path, section in routes.items()])
        write("nginx_maps.conf", [
            "map_hash_bucket_size 256;",
            "map $key_id $secret_of_key {", 'default "";',
            *[f'"{t.key}" "{t.secret}";' for t in self.tokens], "}",
            "map $key_id|$uri $is_granted {", 'default "";',
            *[f'"{t.key}|{READ_PATH}" "1";' for t in self.tokens], "}"])
        (self.work / "gate.js").write_text((PEERS / "gate.js").read_text())


@contextlib.contextmanager
def open_site(binaries):
    """A site with its upstream running; both are gone afterwards."""
    if os.cpu_count() < 2:
        sys.exit("two cores are needed: one for the proxy, one for load and upstream")
    work = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-bench-"))
    upstream = None
    try:
        port = free_port()
        upstream = Process([binaries / "kwikgate-upstream", "--port", port], port, work / "upstream.log", LOAD_CORE)
        yield Site(work, binaries, port)
    finally:
        if upstream is not None:
            upstream.stop()
        shutil.rmtree(work, ignore_errors=True)
