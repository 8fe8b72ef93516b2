"""Secrets are planted wherever a client or an operator could put them; then all that the process wrote is searched for them."""

import base64
import contextlib
import hashlib
import json
import pathlib
import unittest

from admin_client import AdminClient
from signer import sign
from support import GatewayTest, RecordingUpstream, Token, basic, wait_until

ROUTES = [
    {"method": "GET", "path": "/customers", "section": "customers"},
    {"method": "POST", "path": "/customers", "section": "customers", "check_json": True},
    {"method": "GET", "path": "/records/{reference}", "section": "customers"},
    {"method": "POST", "path": "/form", "section": "customers", "schemes": ["public_key"]},
]
WRONG_SECRET = "kwk_live_sk_PLANTEDwrongSecret" + "w" * 52
UPSTREAM_PASSWORD = "PLANTEDupstreamPassword"
COLLECTOR_KEY = "PLANTEDcollectorKey"


def authorization(user, password):
    return ("Authorization", basic(user, password))


class SecretsTest(GatewayTest):
    def start_gateway(self, level="trace", upstream_config=None):
        self.behind, self.collector = self.upstream(), self.upstream()
        gateway = self.gateway({"kwik": {"servers": [self.behind.url], **(upstream_config or {})}}, ROUTES,
                               {"log": {"level": level},
                                "tracing": {"endpoint": self.collector.url, "sample_per_million": 1_000_000, "queue": 65536,
                                            "interval": "100ms", "headers_file": "collector.fields"},
                                "access_log": {"debug_capture": {"file": "captured.ndjson", "per_minute": 6000}}}, start=False)
        for name, text in (("upstream.credentials", f"gateway:{UPSTREAM_PASSWORD}\n"),
                           ("collector.fields", f"X-Api-Key: {COLLECTOR_KEY}\n")):
            (gateway.folder / name).write_text(text)
            (gateway.folder / name).chmod(0o600)
        gateway.start()
        live = gateway.create_token("customers", extra=("--debug",))
        test = gateway.create_token("customers", extra=("--environment", "test"))
        line = {"name": "Old", "sections": ["customers"], "api_key": "PLANTED-old-key", "public_key": "PLANTED-old-pub",
                "api_secret": "PLANTED-old:secret/+="}
        gateway.kwikgate("token", "import", "-", stdin=json.dumps(line) + "\n")
        gateway.kwikgate("token", "update", live.id, "--allow-origin", "https://shop.example")
        old = Token("", line["api_key"], line["api_secret"], line["public_key"])
        return gateway, [live, test, old]

    def requests_with(self, token):
        """(method, target, fields, body) of requests that hold a secret somewhere."""
        secret, wrong = token.secret, WRONG_SECRET
        form = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "https://shop.example")]
        as_json = [("Content-Type", "application/json"), ("Origin", "https://shop.example")]
        ours = authorization(token.key, secret)
        get = lambda *fields, target="/customers": ("GET", target, list(fields), None)
        swapped = Token("", secret, token.key, "")
        yield get(ours)
        yield get(authorization(token.key, wrong))
        yield get(authorization(secret, token.key))
        yield get(authorization(secret, ""))
        yield get(authorization("", secret))
        yield get(("Authorization", secret))
        yield get(("Authorization", f"Basic {token.key}:{secret}"))
        yield get(("Authorization", f"Bearer {secret}"))
        yield get(ours, ours)
        yield get(ours, *sign(token, "GET", "/customers"))
        yield get(*sign(token, "GET", "/customers"))
        yield get(*sign(token, "GET", "/customers", secret=wrong))
        yield get(*sign(swapped, "GET", "/customers"))
        yield get(*sign(token, "GET", "/customers", nonce=secret, created=1))
        yield ("POST", "/customers", sign(token, "POST", "/customers", b"{}"), b"[]")
        for name in ("X-Api-Secret", "Cookie", "Accept", "Origin", "User-Agent", "traceparent", "tracestate", "Via",
                     "X-Forwarded-For", "Forwarded", "X-Kwik-Token", "Expect", "Content-Digest", "TE", "Upgrade"):
            yield get(ours, (name, secret))
            yield get((name, secret))
        # Any name may serve as an id, so only what is known for a credential by its prefix is kept out.
        for value in (token.key, secret, secret[:64], f"a-{token.key}") if secret.startswith("kwk_") else ():
            yield get(("X-Request-Id", value))
        yield get(ours, target=f"/customers?api_secret={secret}&key={token.key}")
        yield get(target=f"/records/{base64.urlsafe_b64encode(secret.encode()).decode()}")
        yield get(ours, target=f"/records/{token.key}")
        yield get(target=f"/{token.key}")
        yield get(target=f"http://{token.key}:x@gateway.test/customers")
        yield (token.key[:32], "/customers", [], None)
        yield (WRONG_SECRET[:60], "/customers", [], None)
        body = json.dumps({"api_secret": secret, "api_key": token.key}).encode()
        yield ("POST", "/customers", [ours, *as_json], body)
        yield ("POST", "/customers", [ours, *as_json], secret.encode())
        yield ("POST", "/customers", as_json, body)
        for key in (token.public_key, token.key, secret, wrong):
            escaped = key.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
            yield ("POST", "/form", form, f"public_key={escaped}&item=1".encode())
            yield ("POST", "/form", as_json, json.dumps({"public_key": key, "item": "1"}).encode())
        yield ("POST", "/form", form, f"public_key={token.public_key}&signature={'a' * 64}".encode())
        yield ("POST", "/form", form, f"item={secret}".encode())

    def plant(self, gateway, tokens):
        """Sends everything; returns the answers of the gateway's own."""
        answers = []
        for token in tokens:
            for request in self.requests_with(token):
                with gateway.client() as client:
                    response = client.request(*request)
                    if response is not None and response.status != 200:
                        answers.append((request, response))
            with gateway.client() as client:  # No HTTP at all.
                client.send(f"{token.key} {token.secret}\r\n\r\n")
                self.assertEqual(client.read_response().status, 400)
            with gateway.client() as client:
                client.send(f"GET /customers HTTP/1.1\r\nHost: {token.key}@gateway\r\n{token.key}\r\n\r\n")
                self.assertEqual(client.read_response().status, 400)
        return answers

    FAULTS = [None, b"\0 no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Len", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut",
              b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"]

    def plant_faults(self, gateway, tokens):
        """The same credentials, while everything fails that can: the API, the client, the store, a reload."""
        def call(token, body=None):
            fields = [authorization(token.key, token.secret), ("X-Api-Secret", token.secret)]
            with contextlib.suppress(ConnectionError), gateway.client() as client:
                client.request("GET" if body is None else "POST", f"/customers?secret={token.secret.replace('/', '%2F')}",
                               [*fields, ("Content-Type", "application/json")], body)
        good = self.behind.answer
        for token in tokens:
            for fault in self.FAULTS:
                # What a server says is as little to be trusted: it got no credential, and may know one.
                self.behind.answer = lambda seen, fault=fault, token=token: fault and fault.replace(b"x", token.secret.encode())
                call(token)
                call(token, json.dumps({"secret": token.secret}).encode())
            with gateway.client() as client:  # Leaves in the middle of a body.
                client.send(f"POST /customers HTTP/1.1\r\nHost: a\r\nAuthorization: {authorization(token.key, token.secret)[1]}\r\n"
                            f"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{token.secret}")
        self.behind.answer = good
        config = gateway.config_file.read_text()
        wrong = json.loads(config)  # Where somebody takes a secret for the name of a way, or of nothing.
        wrong["upstreams"]["kwik"]["credentials"] = f"gateway:{UPSTREAM_PASSWORD}"
        wrong["log"] = {"level": tokens[0].secret}
        wrong["unknown"] = {"api_secret": tokens[0].secret}
        gateway.config_file.write_text(json.dumps(wrong))
        gateway.send_signal(1)
        wait_until(lambda: AdminClient.of(gateway).metrics().sum("kwikgate_last_reload_taken") == 0, "the reload to be refused")
        gateway.config_file.write_text(config)
        (gateway.folder / "store").rename(gateway.folder / "away")
        for token in tokens:
            call(token)
        admin = AdminClient.of(gateway)
        answer = admin.post("/api/v1/tokens", {"name": tokens[0].secret, "sections": ["customers"], "permissions": "read-only"})
        self.assertEqual(answer.status, 503)
        wait_until(lambda: admin.metrics().sum("kwikgate_store_up") == 0, "the store to be gone")
        (gateway.folder / "away").rename(gateway.folder / "store")
        return admin.get("/metrics").body

    def needles(self, gateway, tokens):
        """Everything that must not be found, in each form in which it could slip out."""
        found = {UPSTREAM_PASSWORD, "PLANTED", WRONG_SECRET[12:40], base64.b64encode(
            f"gateway:{UPSTREAM_PASSWORD}".encode()).decode(), (gateway.folder / "master.key").read_text().strip()}
        for token in tokens:
            key0 = hashlib.sha256(token.secret.encode()).digest() if len(token.secret) > 64 else token.secret.encode()
            own = token.secret.removeprefix("kwk_live_sk_").removeprefix("kwk_test_sk_")
            found |= {own[:16], own[-16:], key0.hex(), base64.b64encode(key0).decode(),
                      token.key[-20:], token.public_key[-20:],
                      base64.urlsafe_b64encode(token.secret.encode()).decode()[:40],
                      authorization(token.key, token.secret)[1][6:46], authorization(token.secret, "")[1][6:46]}
        return [needle.encode() for needle in found]

    def assert_clean(self, what, data, needles):
        for needle in needles:
            at = data.find(needle)
            self.assertEqual(at, -1, f"{what} holds {needle!r}: {data[max(0, at - 200):at + 80]!r}")

    def test_nothing_secret_is_written_at_any_level(self):
        for level in ("trace", "debug", "info", "warn", "error"):
            with self.subTest(level):
                # Some faults end by a deadline.
                soon = {"response_timeout": "200ms", "idle_timeout": "200ms"}
                gateway, tokens = self.start_gateway(level, soon) if level in ("trace", "debug", "info") else (
                    self.start_quiet(level, soon))
                needles = self.needles(gateway, tokens)
                answers = self.plant(gateway, tokens)
                self.assertGreater(len(answers), 100)
                self.assert_clean("the metrics", self.plant_faults(gateway, tokens), needles)
                process = pathlib.Path(f"/proc/{gateway.process.pid}")
                self.assert_clean("the command line", (process / "cmdline").read_bytes(), needles)
                with contextlib.suppress(PermissionError):  # It forbids dumps, so only root may look.
                    self.assert_clean("the environment", (process / "environ").read_bytes(), needles)
                self.assertEqual(gateway.stop(), 0)
                written = {path.name: path.read_bytes() for path in gateway.folder.rglob("*")
                           if path.is_file() and path.name not in ("master.key", "upstream.credentials", "collector.fields")}
                self.assertIn("access-0.log", written)
                self.assertGreater(written["access-0.log"].count(b"\n"), len(answers))
                self.assertGreater(written["captured.ndjson"].count(b"\n"), 10)
                spans = b"".join(seen.body for seen in self.collector.seen)
                self.assertGreater(spans.count(b'"kwikgate.reason"'), len(answers))
                self.assert_clean("the spans", spans, needles)
                for name, data in written.items():
                    if name == "data.mdb":
                        continue
                    self.assert_clean(name, data, needles)
                for token in tokens:  # The store finds tokens by their keys, so those are in it.
                    self.assertNotIn(token.secret.encode(), written["data.mdb"])
                    self.assertNotIn(hashlib.sha256(token.secret.encode()).digest(), written["data.mdb"])

    def start_quiet(self, level, upstream_config):
        """As `start_gateway`, for levels at which nothing tells that it listens."""
        gateway, tokens = self.start_gateway("info", upstream_config)
        gateway.config["log"] = {"level": level}
        gateway.write_config()
        gateway.send_signal(1)
        return gateway, tokens

    def test_no_answer_holds_what_was_not_in_its_own_request(self):
        """The explanation of a signature holds what the client itself sent, and nothing more."""
        gateway, tokens = self.start_gateway()
        needles = self.needles(gateway, tokens)
        for request, answer in self.plant(gateway, tokens):
            own = repr(request).encode()
            fields = "".join(f"{name}: {value}\n" for name, value in answer.fields)
            explains = "signature_base" in answer.body.decode("utf-8")
            absent = [needle for needle in needles if not (explains and needle in own)]
            self.assert_clean(f"the answer to {own}", fields.encode() + answer.body, absent)

    def test_the_upstream_gets_no_credential(self):
        gateway, tokens = self.start_gateway()
        for token in tokens:
            with gateway.client() as client:
                for fields in ([authorization(token.key, token.secret)], sign(token, "GET", "/customers")):
                    self.assertEqual(client.request("GET", "/customers", fields).status, 200)
        received = repr([(seen.target, seen.fields, seen.body) for seen in self.behind.seen]).encode()
        self.assertEqual(len(self.behind.seen), 6)
        self.assert_clean("the upstream's log", received, self.needles(gateway, tokens))

    def test_the_upstreams_own_credentials_are_its_own(self):
        gateway, tokens = self.start_gateway(upstream_config={"credentials": "replace",
                                                              "credentials_file": "upstream.credentials"})
        self.behind.answer = lambda seen: RecordingUpstream.reply(b"{}", "401 Unauthorized")
        with gateway.client() as client:
            self.assertEqual(client.request("GET", "/customers", [authorization(tokens[0].key, tokens[0].secret)]).status, 401)
        file = gateway.folder / "upstream.credentials"
        for text in (f"gateway:{UPSTREAM_PASSWORD}\nmore\n", f"{UPSTREAM_PASSWORD}\n", f"a:{UPSTREAM_PASSWORD}\x01\n"):
            file.write_text(text)
            self.assertFalse(gateway.reload())
        gateway.stop()
        needles = self.needles(gateway, tokens)
        self.assert_clean("the log", gateway.log_text().encode(), needles)
        self.assert_clean("the access log", json.dumps(gateway.access_log()).encode(), needles)

    def test_a_secret_where_a_public_key_belongs_is_flagged(self):
        gateway, tokens = self.start_gateway()
        secret, public_key = tokens[0].secret, tokens[0].public_key
        form = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "https://shop.example")]
        with gateway.client() as client:
            exposed = client.request("POST", "/form", form, f"public_key={secret}&item=1".encode())
            self.assert_refused(exposed, 401, "credential_invalid", "001")
            right = client.request("POST", "/form", form, f"public_key={public_key}&item=1".encode())
            self.assertEqual(right.status, 200)
        self.assertIs(gateway.logged(exposed.field("x-request-id"))["secret_exposed"], True)
        self.assertNotIn("secret_exposed", gateway.logged(right.field("x-request-id")))


if __name__ == "__main__":
    unittest.main()
