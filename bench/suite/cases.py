"""The cases that are compared with the peers, and how they are measured."""

import dataclasses
import socket
import statistics
import time

from . import load, proxies, signing
from .proxies import GATEWAY
from .site import READ_PATH

PEERS = ["haproxy_hmac", "haproxy_plain", "nginx_plain", "nginx_lua_hmac", "l4_relay"]


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    title: str
    connections: int
    mix: str = "read"
    extra: tuple = ()
    buffer_bytes: int = 16384  # Of HAProxy, which must hold a body that it hashes.
    peers: tuple = tuple(PEERS)


CASES = [
    Case("signed_get_c1", "signed GET, 200-byte answer, 1 connection", 1),
    Case("signed_get_c64", "signed GET, 200-byte answer, 64 connections", 64, peers=(*PEERS, "nginx_njs_hmac")),
    Case("signed_get_c1024", "signed GET, 200-byte answer, 1024 connections", 1024),
    Case("signed_post_1k_c64", "signed POST of 1 KiB, 64 connections", 64, "write",
         ("--body-bytes", 1024, "--precompute", 4096)),
    Case("signed_post_64k_c32", "signed POST of 64 KiB, 32 connections", 32, "write",
         ("--body-bytes", 65536, "--precompute", 4096), buffer_bytes=131072),
    Case("get_1m_c16", "signed GET, 1 MiB answer, 16 connections", 16, "read", ("--answer-bytes", 1048576)),
    Case("basic_get_c64", "GET with Basic, 200-byte answer, 64 connections", 64, "basic_read"),
]
QUICK = ["signed_get_c64", "basic_get_c64"]


@dataclasses.dataclass
class Result:
    """A case as measured: for each proxy one measurement a round, in the order of the rounds."""
    case: Case
    rounds: dict

    def median(self, proxy, key="cpu_us_per_request"):
        return statistics.median(measured[key] for measured in self.rounds[proxy])

    def latency(self, proxy, percentile):
        return statistics.median(measured["latency_us"][percentile] for measured in self.rounds[proxy])

    def ratios(self, peer):
        """The gateway's CPU per request over the peer's of the same round."""
        return [ours["cpu_us_per_request"] / theirs["cpu_us_per_request"]
                for ours, theirs in zip(self.rounds[GATEWAY], self.rounds[peer])]

    def ratio(self, peer):
        return statistics.median(self.ratios(peer))


def measure(site, case, rounds, seconds, say):
    """All proxies of the case run, idle but for the one whose turn it is; the turns alternate in every round."""
    names = [GATEWAY, *case.peers]
    running = []
    try:
        for name in names:
            running.append(proxies.start(site, name, case.buffer_bytes))
            proxies.verify(site, running[-1])
        result = Result(case, {name: [] for name in names})
        for number in range(rounds):
            # Forth and back, so that a slow drift of the machine weighs on all alike.
            for proxy in running if number % 2 == 0 else reversed(running):
                measured = load.run(site, proxy, seconds, case.connections, case.mix, extra=case.extra)
                result.rounds[proxy.name].append(measured)
                proxies.rotate_access_log(site)
        for name in names:
            ratio = "" if name == GATEWAY else f"  gateway/this {result.ratio(name):.2f}"
            say(f"  {case.name:20} {name:15} {result.median(name):8.2f} us/request"
                f"{result.median(name, 'requests_per_second'):9.0f}/s{ratio}")
        return result
    finally:
        for proxy in running:
            proxy.stop()


def idle_memory(site, connections, say):
    """Bytes of each proxy for a keep-alive connection that has had one request and waits."""
    found = {}
    for name in [GATEWAY, *PEERS]:
        proxy = proxies.start(site, name)
        sockets = []
        try:
            host = f"127.0.0.1:{proxy.port}"

            def ask(count):
                for _ in range(count):
                    fields = signing.sign("GET", host, READ_PATH, site.tokens[0])
                    head = "".join(f"{n}: {v}\r\n" for n, v in [("Host", host), *fields])
                    client = socket.create_connection(("127.0.0.1", proxy.port), timeout=20)
                    client.sendall(f"GET {READ_PATH} HTTP/1.1\r\n{head}\r\n".encode())
                    client.recv(65536)
                    sockets.append(client)

            ask(200)  # What is allocated once.
            time.sleep(0.5)
            before = proxy.process.memory_bytes()
            ask(connections)
            time.sleep(0.5)
            found[name] = (proxy.process.memory_bytes() - before) / connections
            say(f"  memory for an idle connection: {name:15} {found[name]:8.0f} bytes")
        finally:
            for client in sockets:
                client.close()
            proxy.stop()
    return found
