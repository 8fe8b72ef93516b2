"""Raw requests and what the gateway makes of them, each named by the clause that it is about.

Every case is a stream of bytes, the answers it gets, in order, and how many complete messages the upstream may count.
An answer is `200` (the upstream's) or the gateway's own status and reason. After a refusal that closes nothing is read
any more; in every other case the connection is good for another request, which the test sends.
"""

import dataclasses

HOST = "Host: gateway.test"
AUTH = "Authorization: @CREDENTIALS@"  # Replaced by the test.


@dataclasses.dataclass
class Case:
    clause: str
    what: str
    data: bytes
    answers: list
    messages: int
    is_whole: bool = True  # False: the gateway waits for more, and ends the wait itself.

    @property
    def name(self):
        return f"{self.clause}: {self.what}"


CASES = []


def raw(line, *fields, body=b"", standard=(HOST, AUTH)):
    """A request from its lines. `fields` come behind the standard ones."""
    head = "\r\n".join([line, *standard, *fields]) + "\r\n\r\n"
    return head.encode("latin-1") + body


def get(*fields, target="/relay/a", body=b""):
    return raw(f"GET {target} HTTP/1.1", *fields, body=body)


def post(*fields, body=b"", version="HTTP/1.1", standard=(HOST, AUTH)):
    return raw(f"POST /relay/a {version}", *fields, body=body, standard=standard)


def add(clause, what, data, *answers, messages=None, is_whole=True):
    CASES.append(Case(clause, what, data, list(answers),
                      answers.count("200") if messages is None else messages, is_whole))


LINE = "400 bad_request_line"
FIELD = "400 bad_header"
FRAMING = "400 bad_framing"
TARGET = "400 target_ambiguous"
BAD_HOST = "400 bad_host"
VERSION = "505 version_unsupported"
CODING = "501 transfer_coding_unsupported"
METHOD = "501 method_unsupported"
UNEXPECTED = "400 body_unexpected"
TIMEOUT = "408 request_timeout"
NEXT = raw("GET /relay/next HTTP/1.1")


def line_ends():
    clause = "RFC 9112 2.2"
    plain = get("X-Last: 1")
    add(clause, "a plain request", plain, "200")
    add(clause, "two requests in one piece", plain + NEXT, "200", "200")
    add(clause, "LF alone ends the request line", plain.replace(b"\r\n", b"\n", 1), LINE)
    add(clause, "LF alone ends a field", plain.replace(b"test\r\n", b"test\n"), FIELD)
    add(clause, "LF alone ends the last field", plain.replace(b"1\r\n\r\n", b"1\n\r\n"), FIELD)
    add(clause, "LF alone ends the header", plain.replace(b"1\r\n\r\n", b"1\r\n\n"), FIELD)
    add(clause, "LF alone everywhere", plain.replace(b"\r\n", b"\n"), LINE)
    add(clause, "CR alone ends the request line", plain.replace(b"\r\n", b"\r", 1), LINE)
    add(clause, "CR alone ends a field", plain.replace(b"test\r\n", b"test\r"), FIELD)
    add(clause, "CR CR LF ends the request line", plain.replace(b"\r\n", b"\r\r\n", 1), LINE)
    add(clause, "CR CR LF ends a field", plain.replace(b"test\r\n", b"test\r\r\n"), FIELD)
    add(clause, "CR alone in a value hides a field", get("X: a\rTransfer-Encoding: chunked"), FIELD)
    add(clause, "LF alone in a value hides a field", get("X: a\nTransfer-Encoding: chunked"), FIELD)
    add(clause, "an empty line before the request", b"\r\n" + plain, "200")
    add(clause, "two empty lines before the request", b"\r\n\r\n" + plain, "200")
    add(clause, "four empty lines before the request", b"\r\n" * 4 + plain, "200")
    add(clause, "five empty lines before the request", b"\r\n" * 5 + plain, LINE)
    add(clause, "an empty line of LF before the request", b"\n" + plain, LINE)
    add(clause, "CR before the request", b"\r" + plain, LINE)
    add(clause, "an empty line between two requests", plain + b"\r\n" + NEXT, "200", "200")
    add(clause, "a space before the method", b" " + plain, LINE)
    add(clause, "white space before the first field", plain.replace(b"\r\nHost", b"\r\n Host"), FIELD)
    add(clause, "NUL before the method", b"\0" + plain, LINE)
    add(clause, "a byte order mark before the method", b"\xef\xbb\xbf" + plain, LINE)
    add(clause, "a TLS handshake", bytes.fromhex("160301020001000001fc0303") + b"\xaa" * 40, LINE)
    add(clause, "a PROXY protocol header that nobody asked for",
        b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + plain, LINE)
    add(clause, "a header that stays incomplete", plain[:-2], TIMEOUT, is_whole=False)
    add(clause, "a request line that stays incomplete", b"GET /relay", TIMEOUT, is_whole=False)


def request_lines():
    clause = "RFC 9112 3"

    def line(text):
        return raw(text)

    for what, text in [
            ("two spaces before the target", "GET  /relay/a HTTP/1.1"),
            ("two spaces before the version", "GET /relay/a  HTTP/1.1"),
            ("a tab before the target", "GET\t/relay/a HTTP/1.1"),
            ("a tab before the version", "GET /relay/a\tHTTP/1.1"),
            ("a vertical tab before the version", "GET /relay/a\x0bHTTP/1.1"),
            ("a space behind the version", "GET /relay/a HTTP/1.1 "),
            ("a word behind the version", "GET /relay/a HTTP/1.1 x"),
            ("a space in the target", "GET /relay/a b HTTP/1.1"),
            ("no target", "GET HTTP/1.1"),
            ("an empty target", "GET  HTTP/1.1"),
            ("no method", "/relay/a HTTP/1.1"),
            ("no version, as HTTP/0.9", "GET /relay/a"),
            ("a method and nothing else", "GET")]:
        add(clause, what, line(text), LINE)
    clause = "RFC 9112 2.3"
    for text in ("http/1.1", "Http/1.1", "HTTP/1.1x", "HTTP/1.10", "HTTP/01.1", "HTTP/1,1", "HTTP/1", "HTTP/1.",
                 "HTTP/.1", "HTTP/1.a", "HTTP /1.1", "HTTPS/1.1", "ICY/1.1", "HTTP/-1.1", "HTTP/1.1\0"):
        add(clause, f"version {text!r}", line(f"GET /relay/a {text}"), LINE)
    for text in ("HTTP/1.2", "HTTP/1.9"):
        add(clause, f"version {text}", line(f"GET /relay/a {text}"), "200")
    for text in ("HTTP/0.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9"):
        add(clause, f"version {text}", line(f"GET /relay/a {text}"), VERSION)
    add("RFC 9113 3.4", "the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", VERSION)
    clause = "RFC 9112 3.1"
    for text in ("GE(T", "GET:", "G\0ET", "GE\x7fT", "G\xc9T", "\"GET\"", "GET," + "X" * 3, "M" * 33):
        add(clause, f"method {text!r}", line(f"{text} /relay/a HTTP/1.1"), LINE)
    for text in ("get", "Get", "BREW", "TRACE", "GETX", "M" * 32):
        add(clause, f"method {text}", line(f"{text} /relay/a HTTP/1.1"), METHOD)


def targets():
    clause = "RFC 9112 3.2"
    for what, target in [
            ("of asterisk-form with GET", "*"), ("of authority-form with GET", "gateway.test:80"),
            ("without a leading slash", "relay/a"), ("of an unknown scheme", "ftp://gateway.test/relay/a"),
            ("of scheme file", "file:///etc/passwd"), ("that is only a query", "?a=b"),
            ("of a scheme without slashes", "http:/relay/a"), ("with a control byte", "/relay/\x01"),
            ("with DEL", "/relay/\x7f"), ("with NUL", "/relay/\0")]:
        add(clause, f"a target {what}", get(target=target), LINE)
    add(clause + ".3", "CONNECT", raw("CONNECT gateway.test:443 HTTP/1.1"), METHOD)
    add(clause + ".3", "CONNECT with a body and a request behind it",
        raw("CONNECT /relay/a HTTP/1.1", "Content-Length: 5", body=b"hello") + NEXT, METHOD)
    add(clause + ".3", "CONNECT of a path", raw("CONNECT /relay/a HTTP/1.1"), METHOD)
    add(clause + ".4", "OPTIONS *", raw("OPTIONS * HTTP/1.1"), "204")
    add(clause + ".4", "OPTIONS * without credentials", raw("OPTIONS * HTTP/1.1", standard=(HOST,)), "204")
    add(clause + ".4", "OPTIONS of an authority alone", raw("OPTIONS http://gateway.test HTTP/1.1"), "204")
    clause = "RFC 9110 7.6.2"
    for what, value, answer in [("Max-Forwards: 0", "0", "204"), ("Max-Forwards: 1", "1", "200"), ("Max-Forwards: -1", "-1", FIELD),
                                ("an empty Max-Forwards", "", FIELD)]:
        add(clause, what, raw("OPTIONS /relay/a HTTP/1.1", f"Max-Forwards: {value}"), answer)
    add(clause, "Max-Forwards: 0 with GET", get("Max-Forwards: 0"), "200")
    clause = "RFC 9112 3.2"
    add(clause + ".2", "absolute-form", get(target="http://gateway.test/relay/a"), "200")
    add(clause + ".2", "absolute-form in capitals", get(target="HTTP://GATEWAY.TEST/relay/a"), "200")
    add(clause + ".2", "absolute-form of another host", get(target="http://other.test/relay/a"), BAD_HOST)
    add(clause + ".2", "absolute-form of another port", get(target="http://gateway.test:81/relay/a"), BAD_HOST)
    add(clause + ".2", "absolute-form with the default port", get(target="http://gateway.test:80/relay/a"), "200")
    add(clause + ".2", "absolute-form with a dot behind the name", get(target="http://gateway.test./relay/a"), "200")
    for what, target in [("with user information", "http://user@gateway.test/relay/a"),
                         ("without a host", "http:///relay/a"), ("with a bad port", "http://gateway.test:x/relay/a"),
                         ("with a comma in the host", "http://gateway.test,other.test/relay/a"),
                         ("with an escape in the host", "http://gateway%2etest/relay/a")]:
        add(clause + ".2", f"absolute-form {what}", get(target=target), TARGET)
    clause = "RFC 3986 3.3"
    for what, target in [
            ("two slashes at the start", "//relay/a"), ("two slashes inside", "/relay//a"), ("a dot segment", "/relay/./a"),
            ("a segment of two dots", "/relay/../relay/a"), ("two dots at the end", "/relay/a/.."),
            ("a dot at the end", "/relay/a/."), ("escaped dots", "/relay/%2e%2e/a"), ("half escaped dots", "/relay/.%2E/a"),
            ("dots before a parameter", "/relay/..;x/a"), ("dots before an escaped slash", "/relay/..%2fa"),
            ("an escaped slash", "/relay/a%2Fb"), ("a backslash", "/relay\\a"), ("an escaped backslash", "/relay/%5ca"),
            ("a bare percent", "/relay/%"), ("half an escape", "/relay/%2"), ("an escape that is none", "/relay/%zz"),
            ("an escaped NUL", "/relay/%00"), ("an escaped LF", "/relay/%0a"), ("an escaped DEL", "/relay/%7f"),
            ("a fragment", "/relay/a#b"), ("a quote", '/relay/"'), ("angle brackets", "/relay/<a>"),
            ("a back quote", "/relay/`"), ("a brace", "/relay/{a}"), ("a byte over 0x7f", "/relay/\xe9"),
            ("overlong UTF-8 of a slash", "/relay/\xc0\xaf")]:
        add(clause, f"a path with {what}", get(target=target), TARGET)
    for what, target in [("a caret", "/relay/^"), ("a bar", "/relay/a|b"), ("brackets", "/relay/[0]")]:
        add(clause, f"a path with {what}", get(target=target), "200")
    add(clause, "three dots are a name", get(target="/relay/.../a"), "200")
    add(clause, "an escaped space", get(target="/relay/a%20b"), "200")
    clause = "RFC 3986 3.4"
    for what, query in [("an escaped NUL", "%00"), ("a fragment", "a#b"), ("a byte over 0x7f", "\xe9"),
                        ("overlong UTF-8", "\xc0\xa3")]:
        add(clause, f"a query with {what}", get(target=f"/relay/a?{query}"), TARGET)
    for what, query in [("an escape that is none", "a=%zz"), ("a bare percent", "discount=100%"),
                        ("a backslash", "path=C:\\temp"), ("UTF-8", "name=\xc3\xa9"), ("brackets and bars", "a[0]={b|c}^`")]:
        add(clause, f"a query with {what}", get(target=f"/relay/a?{query}"), "200")
    add(clause, "dots and slashes in a query", get(target="/relay/a?b=/../c//d"), "200")


def hosts():
    clause = "RFC 9112 3.2"

    def with_hosts(*values, version="HTTP/1.1"):
        return raw(f"GET /relay/a {version}", *(f"Host:{value}" for value in values), standard=(AUTH,))

    add(clause, "no Host", with_hosts(), BAD_HOST)
    add(clause, "no Host in HTTP/1.0", with_hosts(version="HTTP/1.0"), "200")
    add(clause, "two equal Hosts", with_hosts(" gateway.test", " gateway.test"), BAD_HOST)
    add(clause, "two Hosts", with_hosts(" gateway.test", " other.test"), BAD_HOST)
    add(clause, "two Hosts in HTTP/1.0", with_hosts(" a.test", " b.test", version="HTTP/1.0"), BAD_HOST)
    for what, value in [
            ("an empty Host", ""), ("a list of Hosts", " a.test, b.test"), ("a Host with a space", " a b"),
            ("a Host with a path", " a.test/b"), ("a Host with user information", " u@a.test"), ("a Host with a query", " a.test?b"),
            ("a Host with nothing but a port", " :80"), ("a Host with port 65536", " a.test:65536"),
            ("a Host with a comma", " a.test,b.test"),
            ("a Host with a port that is none", " a.test:80a"), ("a Host with two ports", " a.test:80:80"),
            ("a Host with an escape", " a%2etest"), ("a Host with a scheme", " http://a.test"), ("a Host with a backslash", " a\\b"),
            ("an unclosed literal", " [::1"), ("a literal with a zone", " [fe80::1%25eth0]"), ("a literal that is none", " [gateway]"),
            ("a byte over 0x7f in Host", " \xe9.test"), ("a Host of 256 bytes", " " + "a" * 256)]:
        add(clause, what, with_hosts(value), BAD_HOST)
    for what, value in [
            ("a Host with an empty port", " a.test:"), ("a Host with a dot at the end", " a.test."),
            ("a Host with sub-delims", " a!$&'()*+;=~")]:
        add(clause, what, with_hosts(value), "200")
    for value in (" gateway.test:8080", " 127.0.0.1", " [::1]:80", " a_b.test", "\tgateway.test\t"):
        add(clause, f"Host{value!r}", with_hosts(value), "200")


def field_lines():
    clause = "RFC 9112 5.1"
    for what, field in [
            ("a space before the colon", "X : a"), ("a tab before the colon", "X\t: a"), ("an empty name", ": a"),
            ("no colon", "X"), ("a space in a name", "X Y: a"), ("a bracket in a name", "X(Y): a"), ("a slash in a name", "X/Y: a"),
            ("NUL in a name", "X\0Y: a"), ("a control byte in a name", "X\x01Y: a"), ("a byte over 0x7f in a name", "X\xe9: a"),
            ("a quote in a name", '"X": a'), ("a space before Content-Length's colon", "Content-Length : 5"),
            ("a space before Transfer-Encoding's colon", "Transfer-Encoding : chunked"),
            ("a tab before Transfer-Encoding's colon", "Transfer-Encoding\t: chunked"),
            ("NUL behind a name", "Transfer-Encoding\0: chunked")]:
        add(clause, what, get(field), FIELD)
    clause = "RFC 9110 5.5"
    for what, byte in [("NUL", "\0"), ("SOH", "\x01"), ("BS", "\b"), ("VT", "\x0b"), ("FF", "\x0c"), ("ESC", "\x1b"), ("DEL", "\x7f")]:
        add(clause, f"{what} in a value", get(f"X: a{byte}b"), FIELD)
    add(clause, "bytes over 0x7f in a value", get("X: \xe9\xff"), "200")
    add(clause, "a tab in a value", get("X: a\tb"), "200")
    add(clause, "an empty value", get("X:"), "200")
    add(clause, "white space around a value", get("X: \t a \t "), "200")
    clause = "RFC 9112 5.2"
    add(clause, "a folded line", get("X: a\r\n b"), FIELD)
    add(clause, "a folded line of a tab", get("X: a\r\n\tb"), FIELD)
    add(clause, "a folded line of nothing", get("X: a\r\n "), FIELD)
    add(clause, "a folded Transfer-Encoding", get("Transfer-Encoding:\r\n chunked"), FIELD)
    add(clause, "a folded Content-Length", get("Content-Length:\r\n 5"), FIELD)
    add("RFC 9110 5.3", "two Content-Types", post("Content-Type: a/b", "Content-Type: a/b"), "400 duplicate_field")
    add("RFC 9110 5.3", "two Origins", get("Origin: a", "Origin: b"), "400 duplicate_field")
    add("RFC 9110 11.6.2", "two Authorizations", get(AUTH), "400 duplicate_field")
    clause = "RFC 3875 4.1.18"
    for one, other in [("X-Amount", "X_Amount"), ("x.amount", "X-Amount"), ("Content-Type", "Content_Type")]:
        add(clause, f"{one} and {other}", post(f"{one}: 1", f"{other}: 2"), "400 duplicate_field")
    add(clause, "X_Amount alone", post("X_Amount: 1"), "200")
    add(clause, "X--Amount and X-Amount", post("X--Amount: 1", "X-Amount: 2"), "200")


def lengths():
    clause = "RFC 9112 6.3"
    ok = b"hello"
    for value in ("+5", "-5", "5 5", "5,5", "5, 5", "5,", ",5", "0x5", "5a", "5.0", "1e1", "five", "5;x", '"5"', "\xa05",
                  "18446744073709551616", "9223372036854775808", "18446744073709551621", "9" * 40, "0" * 20 + "5"):
        add(clause, f"Content-Length: {value[:24]!a}", post(f"Content-Length: {value}", body=ok), FRAMING)
    add(clause, "an empty Content-Length", post("Content-Length:", body=ok), FRAMING)
    add(clause, "two equal Content-Lengths", post("Content-Length: 5", "Content-Length: 5", body=ok), FRAMING)
    add(clause, "two Content-Lengths", post("Content-Length: 5", "Content-Length: 6", body=ok), FRAMING)
    add(clause, "a Content-Length with zeros before it", post("Content-Length: 0005", body=ok), "200")
    add(clause, "a Content-Length of 5 with GET", get("Content-Length: 5", body=ok), UNEXPECTED)
    add(clause, "a Content-Length of 0", post("Content-Length: 0"), "200")
    add(clause, "no Content-Length with POST", post(), "200")
    add(clause, "less than the Content-Length", post("Content-Length: 9", body=ok), TIMEOUT, is_whole=False)
    add(clause, "a request behind the body", post("Content-Length: 5", body=ok + NEXT), "200", "200")
    inner = b"GET /relay/inner HTTP/1.1\r\nHost: gateway.test\r\n\r\n"
    add(clause, "a request inside the body", post(f"Content-Length: {len(inner)}", body=inner), "200")
    add(clause, "a body that is a byte longer", post("Content-Length: 4", body=ok + NEXT), "200", METHOD)
    add(clause, "a body nobody announced", post(body=ok + b"\r\n" + NEXT), "200", LINE)
    add(clause, "more Content-Length than there ever is", post("Content-Length: 9223372036854775807", body=ok),
        "413 body_too_large")
    clause = "RFC 3875 4.1.18"
    add(clause, "Content_Length", post("Content_Length: 5"), "200")
    add(clause, "Content_Length with a request inside",
        post(f"Content_Length: {len(NEXT)}", body=NEXT), "200", "200")
    add(clause, "Transfer_Encoding", post("Transfer_Encoding: chunked", body=b"0\r\n\r\n" + NEXT), "200", LINE)


def codings():
    clause = "RFC 9112 6.1"
    body = b"5\r\nhello\r\n0\r\n\r\n"

    def coded(*values, **more):
        return post(*(f"Transfer-Encoding:{value}" for value in values), body=body, **more)

    for value in (" chunked, chunked", " chunked, gzip", " chunked, identity", " chunked;q=1", " chunked;", " ,", "", " \"chunked\"", " chunked x", " \xa0chunked", " chunked\xa0", " gzip, chunked, gzip",
                  " chun ked", " =chunked"):
        add(clause, f"Transfer-Encoding:{value!a}", coded(value), FRAMING)
    for value in (" gzip", " gzip, chunked", " identity", " identity, chunked", " xchunked", " chunkedx", " x", " deflate;a=b, chunked",
                  " cow", " trailers"):
        add(clause, f"Transfer-Encoding:{value}", coded(value), CODING)
    for value in (" chunked", "chunked", " Chunked", " CHUNKED", "\tchunked\t", " ,chunked", " chunked,", " ,chunked,"):
        add(clause, f"Transfer-Encoding:{value!a}", coded(value), "200")
    add(clause, "chunked in two lines", coded(" chunked", " chunked"), FRAMING)
    add(clause, "chunked, then another", coded(" chunked", " x"), FRAMING)
    add(clause, "another, then chunked", coded(" x", " chunked"), CODING)
    add(clause, "chunked, then identity", coded(" chunked", " identity"), FRAMING)
    add(clause, "chunked in HTTP/1.0", coded(" chunked", version="HTTP/1.0"), FRAMING)
    add(clause, "chunked with GET", raw("GET /relay/a HTTP/1.1", "Transfer-Encoding: chunked", body=body), UNEXPECTED)
    clause = "RFC 9112 6.3"
    hidden = b"0\r\n\r\n" + NEXT
    both = [("Content-Length: 5", "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked", "Content-Length: 5"),
            ("Transfer-Encoding: gzip", "Content-Length: 5"), ("Transfer-Encoding: identity", "Content-Length: 5"),
            ("Content-Length: 0", "Transfer-Encoding: chunked")]
    for fields in both:
        add(clause, " and ".join(fields), post(*fields, body=hidden), FRAMING)
    add(clause, "chunked with a request behind it", post("Transfer-Encoding: chunked", body=hidden), "200", "200")
    add(clause, "Content-Encoding: chunked is no framing", post("Content-Encoding: chunked", "Content-Length: 5", body=b"hello"), "200")


def chunks():
    clause = "RFC 9112 7.1"

    def body(data):
        return post("Transfer-Encoding: chunked", body=data)

    end = b"0\r\n\r\n"
    for what, data in [
            ("an empty size", b"\r\nhello\r\n"), ("a size that is none", b"g\r\nhello\r\n"), ("a negative size", b"-5\r\nhello\r\n"),
            ("a size with a plus", b"+5\r\nhello\r\n"), ("a size with 0x", b"0x5\r\nhello\r\n"), ("a space before a size", b" 5\r\nhello\r\n"),
            ("a comma behind a size", b"5,5\r\nhello\r\n"),
            ("a size of 16 digits", b"0000000000000005\r\nhello\r\n"), ("a size that overflows", b"10000000000000005\r\nhello\r\n"),
            ("a size of all f", b"ffffffffffffffff\r\nhello\r\n"), ("LF alone behind a size", b"5\nhello\r\n"),
            ("CR alone behind a size", b"5\rhello\r\n"), ("CR CR LF behind a size", b"5\r\r\nhello\r\n"),
            ("LF alone behind the data", b"5\r\nhello\n"), ("CR alone behind the data", b"5\r\nhello\r"),
            ("nothing behind the data", b"5\r\nhello"), ("more data than the size", b"4\r\nhello\r\n"),
            ("NUL in a size", b"5\0\r\nhello\r\n"), ("bytes over 0x7f in a size", b"\xb5\r\nhello\r\n"), ("a request for a size", NEXT)]:
        add(clause, what, body(data + end), FRAMING)
    add(clause, "a size in capitals", body(b"A\r\n0123456789\r\n" + end), "200")
    add(clause, "a size with zeros before it", body(b"00005\r\nhello\r\n" + end), "200")
    add(clause, "many zeros end the body", body(b"5\r\nhello\r\n000\r\n\r\n"), "200")
    add(clause, "no chunk but the last", body(end), "200")
    add(clause, "no last chunk", body(b"5\r\nhello\r\n"), TIMEOUT, is_whole=False)
    add(clause, "no end behind the last chunk", body(b"5\r\nhello\r\n0\r\n"), TIMEOUT, is_whole=False)
    add(clause, "less data than the size", body(b"ff\r\nhello"), TIMEOUT, is_whole=False)
    add(clause, "LF alone behind the last chunk", body(b"0\n\r\n"), FRAMING)
    add(clause, "LF alone ends the body", body(b"0\r\n\n"), FRAMING)
    clause = "RFC 9112 7.1.1"
    add(clause, "an extension", body(b"5;a=b\r\nhello\r\n" + end), "200")
    add(clause, "a quoted extension", body(b'5;a="b;c"\r\nhello\r\n' + end), "200")
    add(clause, "an extension of the last chunk", body(b"0;a\r\n\r\n"), "200")
    add(clause, "a space behind a size", body(b"5 \r\nhello\r\n" + end), "200")
    add(clause, "a tab behind a size", body(b"5\t\r\nhello\r\n" + end), "200")
    add(clause, "a space before an extension", body(b"5 ;a\r\nhello\r\n" + end), "200")
    add(clause, "white space wherever it may stand", body(b'5 ; a = "b" ; c\r\nhello\r\n' + end), "200")
    add(clause, "quotes in a quoted extension", body(b'5;a="\\"\\\\"\r\nhello\r\n' + end), "200")
    for what, extension in [("an extension without a name", b""), ("an extension of a bracket", b"[bad"), ("a brace in a name", b"a}=b"),
                            ("an extension without a value", b"a="), ("a quote behind a value", b'a=b"'), ("a quote left open", b'a="b'),
                            ("two values", b"a=b=c"), ("a word behind quotes", b'a="b"c')]:
        add(clause, what, body(b"5;" + extension + b"\r\nhello\r\n" + end), FRAMING)
    add(clause, "a field in the extension of the last chunk", body(b"0;a=bContent-Length: 180\r\n\r\n"), FRAMING)
    for what, extension in [("LF", b"a\nb"), ("LF alone for its end", b"a\n5"), ("CR", b"a\rb"), ("NUL", b"a\0b"),
                            ("a control byte", b"a\x01b"), ("DEL", b"\x7f")]:
        add(clause, f"an extension with {what}", body(b"5;" + extension + b"\r\nhello\r\n" + end), FRAMING)
    clause = "RFC 9112 7.1.2"
    add(clause, "a trailer", body(b"5\r\nhello\r\n0\r\nX: a\r\n\r\n"), "200")
    add(clause, "a trailer named Content-Length", body(b"0\r\nContent-Length: 50\r\n\r\n" + NEXT), "200", "200")
    add(clause, "a trailer named Host", body(b"0\r\nHost: other\r\n\r\n"), "200")
    for what, trailer in [
            ("without a colon", b"X\r\n"), ("with a space before the colon", b"X : a\r\n"), ("with LF alone", b"X: a\n"),
            ("with CR alone", b"X: a\rY: b\r\n"), ("that is folded", b"X: a\r\n b\r\n"), ("with NUL", b"X: a\0\r\n"),
            ("without a name", b": a\r\n"), ("that is a request line", b"GET /relay/b HTTP/1.1\r\nHost: a\r\n")]:
        add(clause, f"a trailer {what}", body(b"0\r\n" + trailer + b"\r\n"), FRAMING)


def connections():
    clause = "RFC 9112 9.6"
    add(clause, "Connection: close with a request behind it", get("Connection: close") + NEXT, "200")
    add(clause, "Connection: CLOSE in a list", get("Connection: x, CLOSE") + NEXT, "200")
    add(clause, "Connection: keep-alive, close", get("Connection: keep-alive, close") + NEXT, "200")
    add("RFC 9112 9.3", "HTTP/1.0 with a request behind it", raw("GET /relay/a HTTP/1.0") + NEXT, "200")
    add("RFC 9110 7.6.1", "Connection of 33 names", get("Connection: " + ", ".join(f"x{i}" for i in range(33))), FIELD)
    add("RFC 9110 7.6.1", "Connection that names framing", post("Connection: content-length", "Content-Length: 5", body=b"hello"), "200")
    add("RFC 9110 7.6.1", "Connection that names Transfer-Encoding",
        post("Connection: transfer-encoding", "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n"), "200")
    add("RFC 9110 7.6.1", "Connection that names Host", get("Connection: host"), "200")
    clause = "RFC 9110 7.8"
    add(clause, "Upgrade: h2c", get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"), "200")
    add(clause, "Upgrade: websocket", get("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"), "200")
    clause = "RFC 9110 10.1.1"
    add(clause, "an unknown expectation", post("Expect: x", "Content-Length: 5", body=b"hello"), "417 expectation_failed")
    add(clause, "two expectations", post("Expect: 100-continue", "Expect: 100-continue", "Content-Length: 5", body=b"hello"),
        "417 expectation_failed")
    clause = "RFC 9112 11.2"
    for what, bad, answer in [("a bad request line", b"GET /relay/a HTTP/1.1x\r\n\r\n", LINE), ("a bad field", get("X : a"), FIELD),
                              ("a bad length", post("Content-Length: x"), FRAMING), ("an ambiguous target", get(target="//"), TARGET)]:
        add(clause, f"nothing is read behind {what}", bad + NEXT, answer)
    add(clause, "a refused request with a body is followed by the next",
        raw("POST /nowhere HTTP/1.1", "Content-Length: 5", body=b"hello") + NEXT, "404 route_unknown", "200")


for fill in (line_ends, request_lines, targets, hosts, field_lines, lengths, codings, chunks, connections):
    fill()
