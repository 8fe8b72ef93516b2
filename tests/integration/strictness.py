"""Runs the table of message_cases against the gateway, nginx and HAProxy, and writes docs/strictness.md.

    KWIKGATE_BIN=build/release/kwikgate python3 tests/integration/strictness.py > docs/strictness.md
"""

import concurrent.futures
import contextlib
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import leniency
from message_cases import CASES
from relay_support import ROUTES, Nginx, nginx_binary
from support import NO_LIMIT, Gateway, RawClient, RecordingUpstream, free_port, wait_until

PATIENCE = "300ms"
ANSWERS = """\
## Answers of upstreams

An answer is taken wherever its end is beyond doubt. Where its sender may believe in another end, the connection is not used
again. `test_upstream_oddities.py` and `test_upstream_faults.py` hold this list.

Taken:

- A length or a transfer coding with 1xx, 204 or 304: the answer ends at the empty line (RFC 9112, 6.3). It is passed on
  without these fields, and the connection is not used again.
- A length and `chunked`: the coding decides (RFC 9112, 6.3). The connection is not used again. The length still has to be one
  number, once.
- One empty line before a status line: some servers end the answer before it with one. The connection is not used again.
- Status 600 to 999: passed on as it is, and counted as 5xx (RFC 9110, 15).
- White space behind a chunk size, and extensions by the grammar of RFC 9112, 7.1.1: parsed and dropped.
- `Upgrade` of a 426 and `Proxy-Authenticate` of a 407: passed on, since the answer says nothing without them.

Refused with 502 `upstream_malformed`, or cut where a byte of the answer has left:

- Two lengths, or one that is no number, where there is a body: nobody knows which end is right.
- A transfer coding other than `chunked`, or one in HTTP/1.0: the end cannot be found (RFC 9112, 6.1).
- More than one empty line before a status line, or any other bytes: what stands there is part of something else.
- Status below 100, and 101: the gateway never asks to switch protocols.
- Lines that end with LF or CR alone, folded fields, control bytes: two readers may see two messages.
- A version other than HTTP/1.0 and HTTP/1.1.

Not passed on:

- 1xx, among them 103: the gateway answers `Expect` itself, and many clients of an API take the first status line for the
  answer. Early Hints help browsers load pages, which is not what is behind this gateway.
"""
PROBE = b"GET /relay/last HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: @CREDENTIALS@\r\nConnection: close\r\n\r\n"


class HAProxy:
    """Debian's HAProxy with its defaults on a free port, before one server."""

    def __init__(self, upstream):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kwikgate-haproxy-"))
        self.port = free_port()
        (self.folder / "haproxy.cfg").write_text(f"""
            defaults
                mode http
                timeout connect 5s
                timeout server 1s
                timeout client {PATIENCE}
                timeout http-request {PATIENCE}
            frontend in
                bind 127.0.0.1:{self.port}
                default_backend out
            backend out
                server one 127.0.0.1:{upstream.port}
            """.replace("\n            ", "\n"))
        self.process = subprocess.Popen([haproxy_binary(), "-db", "-f", self.folder / "haproxy.cfg"],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._is_up, "HAProxy to listen")

    def _is_up(self):
        assert self.process.poll() is None
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)


def haproxy_binary():
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


def version_of(command, pattern):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return re.search(pattern, done.stdout + done.stderr).group(1)


class Subject:
    """A proxy under comparison, with an upstream of its own that counts."""

    def __init__(self, name, start):
        self.name = name
        self.upstream = RecordingUpstream(lambda seen: RecordingUpstream.reply(seen.target.encode()))
        self.credentials = b"-"
        self.proxy = start(self)

    def close(self):
        self.proxy.close()
        self.upstream.close()

    def outcome(self, case):
        """What a client and the upstream saw of it, as one cell of the table."""
        with self.upstream.lock:
            self.upstream.seen.clear()
        stream = case.data + (PROBE if case.is_whole else b"")
        with RawClient(self.proxy.port, timeout=5) as client:
            answers, is_last_answered = [], False
            with contextlib.suppress(OSError):
                client.send(stream.replace(b"@CREDENTIALS@", self.credentials))
            with contextlib.suppress(OSError, ValueError, IndexError):
                while (answer := client.read_response()) is not None:
                    is_last_answered = answer.body.endswith(b"/relay/last")
                    if not is_last_answered:
                        answers.append(self.describe(answer))
            if client.buffer and not answers:
                answers.append("no HTTP/1 answer")
        with self.upstream.lock:
            messages = sum(seen.target != "/relay/last" for seen in self.upstream.seen)
        text = ", ".join(answers) or ("nothing" if is_last_answered else "closed")
        if messages != sum(answer == "200" for answer in answers):
            text += f"; {messages} at the upstream"
        return text

    @staticmethod
    def describe(answer):
        reason = re.search(rb'"reason":"(\w+)"', answer.body)
        return f"{answer.status} {reason.group(1).decode()}" if reason else str(answer.status)


def start_gateway(subject):
    gateway = Gateway({"main": [subject.upstream.url]}, ROUTES, {
        **NO_LIMIT, "timeouts": {"header": PATIENCE, "body_idle": PATIENCE}}, workers=1)
    subject.credentials = gateway.create_token("customers").basic.encode()
    return gateway.start()


def start_nginx(subject):
    return Nginx(f"location / {{ proxy_pass {subject.upstream.url}; proxy_http_version 1.1; "
                 'proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_read_timeout 1s; }',
                 f"client_header_timeout {PATIENCE}; client_body_timeout {PATIENCE}; lingering_timeout {PATIENCE};")


def subjects():
    """Those that are installed, the gateway first."""
    yield Subject("kwikgate", start_gateway)
    yield Subject("nginx " + version_of([nginx_binary(), "-v"], r"nginx/([\d.]+)"), start_nginx)
    if haproxy_binary():
        version = version_of([haproxy_binary(), "-v"], r"version ([\d.]+)")
        yield Subject(f"HAProxy {version}", lambda subject: HAProxy(subject.upstream))


def compare(again=lambda name, case, outcome: False):
    """{name of the subject: [its outcome of every case]}. What a peer says may depend on which of two events it sees
    first: as long as `again` says so, and at most ten times, a case is run once more."""

    def settle(subject, case):
        for _ in range(10):
            outcome = subject.outcome(case)
            if not again(subject.name, case, outcome):
                break
        return outcome

    def run(subject):
        with contextlib.closing(subject):
            return [settle(subject, case) for case in CASES]

    compared = list(subjects())
    with concurrent.futures.ThreadPoolExecutor(len(compared)) as pool:
        return {subject.name: outcomes for subject, outcomes in zip(compared, pool.map(run, compared))}


def merge(tables):
    """Outcomes of several runs as one table; where a peer is undecided, all that it did."""
    return {name: [" or ".join(sorted(set(seen))) for seen in zip(*(table[name] for table in tables))]
            for name in tables[0]}


def row(cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


# What the gateway refuses in a target, in words.
TARGETS = """\
**Targets.** The path may hold letters, digits and `-._~!$&'()*+,;=:@/[]^|`. Everything else is an escape of two hex digits. Refused are

- every other byte as it stands, among them `" < > { } \\`, the back quote and all above 0x7f,
- a `%` that begins no escape, and the escapes `%00` to `%1F`, `%7F` and `%5C`,
- `//`, and the segments `.` and `..`, also escaped, and before `;`, `%3B` or `%2F`,
- `%2F`, unless it stands in a segment that a `{param}` matches, and the route is `opaque` or the decoded path has a route with the same rights,
- a path that a server may read as that of another route with other rights: [configuration.md](configuration.md#routes) has the readings,
- a path whose readings take more than 64 KiB together: about 1 KiB that is escaped twice, cut and folded everywhere.

The query may hold every visible ASCII byte but `#`, and UTF-8. A `%` need begin no escape. Refused are `%00` and bytes that are no UTF-8.
Blanks and control bytes are refused in every target (`bad_request_line`), a fragment too.""".splitlines()


def render(table):
    names = list(table)
    lets_in = {name: sum(outcome.startswith("200") for outcome in outcomes) for name, outcomes in table.items()}
    only = {name: sum(ours != outcome and outcome.startswith("200") and not ours.startswith("200")
                      for ours, outcome in zip(table[names[0]], outcomes)) for name, outcomes in table.items()}
    lines = [
        "# Strictness",
        "",
        "What becomes of raw requests, well-formed or not, in the gateway and in two proxies with their default settings, each before the same",
        "upstream. Written by `tests/integration/strictness.py`; a test runs the table again and holds it to this page.",
        "",
        "A cell has the answers that the client got, in order. `200` came from the upstream. `closed` is the end of the connection without an",
        "answer, `nothing` means that the bytes were skipped. `n at the upstream` stands where the upstream counted another number of messages",
        "than the client got answers from it. Requests that stay incomplete end by a timeout. `or` stands where a proxy does now this, now that.",
        "",
        *TARGETS,
        "",
        row(["", *names]), row(["---"] * (len(names) + 1)),
        row(["Cases", *[str(len(CASES))] * len(names)]),
        row(["First request let in", *[str(lets_in[name]) for name in names]]),
        row(["Let in, refused by the gateway", *[str(only[name]) for name in names]]),
    ]
    lines += leniency.lines()
    for clause in dict.fromkeys(case.clause for case in CASES):
        lines += ["", f"## {clause}", "", row(["", *names]), row(["---"] * (len(names) + 1))]
        lines += [row([case.what, *[table[name][at] for name in names]])
                  for at, case in enumerate(CASES) if case.clause == clause]
    return "\n".join(lines) + "\n\n" + ANSWERS


if __name__ == "__main__":
    sys.stdout.write(render(merge([compare() for _ in range(6)])))
