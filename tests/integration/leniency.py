"""What users asked to have taken: what is taken, what can be configured, what stays refused, and why. docs/strictness.md
shows the table; a test holds each row to its cases in message_cases, which run from outside."""

from dataclasses import dataclass

TAKEN, CONFIGURABLE, REFUSED = "taken", "configurable", "refused"


@dataclass(frozen=True)
class Rule:
    what: str
    verdict: str
    clause: str
    why: str
    cases: tuple  # Names of cases in message_cases that show it.


RULES = [
    Rule("HTTP/1.2 to HTTP/1.9", TAKEN, "RFC 9110 2.5",
         "Read and answered as HTTP/1.1: a minor version changes nothing about how a message is framed.",
         ("version HTTP/1.2", "version HTTP/1.9")),
    Rule("another major version", REFUSED, "RFC 9110 2.5", "Its messages may mean something else.",
         ("version HTTP/0.9", "version HTTP/2.0")),
    Rule("up to four empty lines before a request", TAKEN, "RFC 9112 2.2",
         "Some clients write a CRLF behind a body. More than four is no slip.",
         ("an empty line before the request", "two empty lines before the request", "four empty lines before the request")),
    Rule("LF or CR alone as an empty line", REFUSED, "RFC 9112 2.2",
         "Programs differ in what ends a line, which is how requests are smuggled.",
         ("an empty line of LF before the request", "CR before the request")),
    Rule("`Transfer-Encoding: ,chunked,`", TAKEN, "RFC 9110 5.6.1.2",
         "Empty list elements count for nothing. The gateway writes its own framing upstream.",
         ("Transfer-Encoding:' ,chunked'", "Transfer-Encoding:' chunked,'", "Transfer-Encoding:' ,chunked,'")),
    Rule("`Transfer-Encoding` without a coding", REFUSED, "RFC 9112 6.1", "Nobody knows how the body ends.",
         ("Transfer-Encoding:' ,'", "Transfer-Encoding:''")),
    Rule("`Host: a.test:`", TAKEN, "RFC 3986 3.2.3", "An empty port is the default port.",
         ("a Host with an empty port",)),
    Rule("`Host: a.test.`", TAKEN, "RFC 1034 3.1", "The dot at the end names the same host. It is forwarded as it came.",
         ("a Host with a dot at the end",)),
    Rule("the default port in `Host` or in an absolute target", TAKEN, "RFC 9110 4.2.3", "It names the same host.",
         ("absolute-form with the default port",)),
    Rule("sub-delims in a host name, other than the comma", TAKEN, "RFC 3986 3.2.2",
         "They are within the grammar. `authorities` says which hosts are served.",
         ("a Host with sub-delims",)),
    Rule("a comma in a host name", REFUSED, "RFC 9110 5.3",
         "A proxy may have joined two `Host` lines; upstreams differ in which they take.",
         ("a Host with a comma", "a list of Hosts", "absolute-form with a comma in the host")),
    Rule("an escape in a host name", REFUSED, "RFC 3986 3.2.2", "An upstream may decode it into another host.",
         ("a Host with an escape", "absolute-form with an escape in the host")),
    Rule("a zone in an IPv6 literal", REFUSED, "RFC 6874", "A zone means something on the client's machine only.",
         ("a literal with a zone",)),
    Rule("which hosts are served", CONFIGURABLE, "RFC 9110 7.4", "`listeners[].authorities`. Empty: any.", ()),
    Rule("whose `X-Forwarded-Host` is used", CONFIGURABLE, "RFC 9421 2.2.3",
         "`listeners[].forwarded_host`. Off: many proxies pass on what a client sent.", ()),
]


def lines():
    """The table as docs/strictness.md has it."""
    out = ["", "## What users asked for", "",
           "What clients send that some proxies refuse and some take. *Taken* needs no setting. *Configurable* names the setting.",
           "*Refused* stays refused, because a front proxy, the gateway and an upstream could understand it differently.", "",
           "| Input | Verdict | Rule | Why |", "| --- | --- | --- | --- |"]
    return out + [f"| {rule.what} | {rule.verdict} | {rule.clause} | {rule.why} |" for rule in RULES]
