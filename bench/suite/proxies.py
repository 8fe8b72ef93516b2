"""The gateway and its peers: how each is configured and started, and the proof that it does its job."""

import http.client
import json
import os

from . import signing
from .processes import PROXY_CORE, Process, free_port
from .site import OPEN_FILES, PEERS, READ_PATH, UNGRANTED_PATH, WRITE_PATH

GATEWAY = "kwikgate"
# Names of the peers as they stand in summary.json, and what each of them checks.
CHECKS = {
    "haproxy_hmac": {"signature", "basic", "body"},
    "haproxy_plain": set(),
    "nginx_plain": set(),
    "nginx_lua_hmac": {"signature", "basic", "body"},
    "l4_relay": set(),
    "nginx_njs_hmac": {"signature"},
    GATEWAY: {"signature", "basic", "body"},
}


class Proxy:
    """A running proxy under its name."""

    def __init__(self, name, process):
        self.name = name
        self.process = process
        self.port = process.port

    def stop(self):
        self.process.stop()


def start_gateway(site, workers=1, name=GATEWAY, core=PROXY_CORE, store=None, settings=None, limits=None):
    """With everything on: signature, replay table, limits, deadlines, usage, access log to a file."""
    port = free_port()
    config_file = site.gate / f"{name}.measured.json"  # Beside what `init` wrote, which stays as it is.
    config = json.loads((site.gate / "kwikgate.json").read_text())
    config["listeners"] = [{"address": f"127.0.0.1:{port}"}]
    config["admin"] = {"address": ""}
    config["upstreams"] = {"api": {"servers": [f"http://127.0.0.1:{site.upstream_port}"],
                                   "max_connections": 16384, "max_idle_connections": 16384}}
    config["environments"] = {"live": "api", "test": "api"}
    config["limits"] = {"body": "64MiB", "connections_per_worker": 60000, "requests_per_connection": 1000000000,
                        **(limits or {})}
    config["rate_limit"] = {"requests_per_second": 1000000, "burst": 1000000}
    config["replay"] = {"entries": 10000000}
    config["access_log"] = {"destination": str(site.work / f"{name}.access.log")}
    if store is not None:
        config["store"] = store
    config.update(settings or {})
    config_file.write_text(json.dumps(config, indent=1))
    command = [site.binaries / "kwikgate", "serve", "--config", config_file, "--workers", workers]
    return Proxy(name, Process(command, port, site.work / f"{name}.log", core))


def start_peer(site, name, buffer_bytes=16384):
    port = free_port()
    kind = "cfg" if (PEERS / f"{name}.cfg").exists() else "conf"
    text = (PEERS / f"{name}.{kind}").read_text()
    values = {"CONNECTIONS": OPEN_FILES // 2 - 200, "OPEN_FILES": OPEN_FILES, "PORT": port, "WORK": site.work,
              "PEERS": PEERS, "UPSTREAM": site.upstream_port, "BUFFER_BYTES": buffer_bytes}
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    config = site.work / f"{name}.{kind}"
    config.write_text(text)
    if kind == "cfg":
        command = ["haproxy", "-W", "-f", config]
    else:
        command = ["nginx", "-e", site.work / f"{name}.error.log", "-c", config]
    return Proxy(name, Process(command, port, site.work / f"{name}.log", PROXY_CORE))


def start(site, name, buffer_bytes=16384):
    """The gateway or a peer, by its name."""
    return start_gateway(site) if name == GATEWAY else start_peer(site, name, buffer_bytes)


def rotate_access_log(site, name=GATEWAY):
    """A minute of load writes gigabytes: what is not read is dropped between rounds."""
    file = site.work / f"{name}.access.log"
    if file.exists():
        os.truncate(file, 0)


def _ask(port, method, path, fields, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", f"127.0.0.1:{port}")
        for name, value in fields:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def verify(site, proxy):
    """Raises unless the proxy lets right requests in and refuses those that its checks cover."""
    token, host = site.tokens[0], f"127.0.0.1:{proxy.port}"
    checks = CHECKS[proxy.name]
    stranger = signing.Token("kwk_live_ak_" + "0" * 22, token.secret)
    body = b'{"note":"x"}'

    def expect(what, is_allowed, status):
        if (200 <= status < 300) != is_allowed or (not is_allowed and status not in (401, 403)):
            raise RuntimeError(f"{proxy.name}: {what} was answered {status}")

    def get(path, fields):
        return _ask(proxy.port, "GET", path, fields)

    expect("a signed GET", True, get(READ_PATH, signing.sign("GET", host, READ_PATH, token)))
    if "signature" in checks:
        for what, path, fields in [
                ("a GET signed with another secret", READ_PATH,
                 signing.sign("GET", host, READ_PATH, token, secret="wrong")),
                ("a GET signed by an unknown key", READ_PATH, signing.sign("GET", host, READ_PATH, stranger)),
                ("a signature of another target", READ_PATH, signing.sign("GET", host, WRITE_PATH, token)),
                ("an old signature", READ_PATH, signing.sign("GET", host, READ_PATH, token, age=1000)),
                ("a GET outside the key's sections", UNGRANTED_PATH,
                 signing.sign("GET", host, UNGRANTED_PATH, token)),
                ("a GET without credentials", READ_PATH, [])]:
            expect(what, False, get(path, fields))
    if "basic" in checks:
        expect("a GET with Basic", True, get(READ_PATH, signing.basic(token)))
        expect("a GET with a wrong Basic", False, get(READ_PATH, signing.basic(token, secret="wrong")))
    if "body" in checks:
        fields = signing.sign("POST", host, WRITE_PATH, token, body=body)
        expect("a signed POST", True, _ask(proxy.port, "POST", WRITE_PATH, fields, body))
        fields = signing.sign("POST", host, WRITE_PATH, token, body=body)
        expect("a POST with another body", False, _ask(proxy.port, "POST", WRITE_PATH, fields, b'{"note":"y"}'))
