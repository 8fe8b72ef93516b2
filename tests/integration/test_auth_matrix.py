"""Who may do what: every combination of scheme, status, environment, section, access and address, against an oracle of its own."""

import dataclasses
import itertools
import json
import unittest

from signer import sign
from support import NO_LIMIT, GatewayTest, Token, basic, wait_until

CODES = {"token_disabled": (403, "G03"), "token_expired": (403, "G03"), "scheme_not_allowed": (403, "G03"),
         "address_not_allowed": (403, "G03"), "environment_not_allowed": (403, "G03"),
         "section_not_granted": (403, "G04"), "write_not_granted": (403, "G05"),
         "credential_invalid": (401, "001")}


@dataclasses.dataclass(frozen=True)
class Kind:
    """What matters of a token."""
    status: str
    environment: str
    holds: str
    permissions: str
    address_allowed: bool
    require_signature: bool

    def import_line(self):
        line = {"name": "Matrix", "sections": [self.holds], "permissions": self.permissions,
                "environment": self.environment, "require_signature": self.require_signature,
                "account": "acc-7", "status": "disabled" if self.status == "disabled" else "live",
                "allowed_ips": ["127.0.0.0/8" if self.address_allowed else "192.0.2.0/24"]}
        if self.status == "expired":
            line["expires_at"] = "2020-01-01T00:00:00Z"
        return json.dumps(line) + "\n"


@dataclasses.dataclass(frozen=True)
class Route:
    method: str
    path: str
    section: str = ""
    access: str = "read"
    schemes: tuple = ("basic", "signature")
    environment: str = "any"
    upstream: str = ""

    def config(self):
        return {name: value for name, value in dataclasses.asdict(self).items() if value}


KINDS = [Kind(*values) for values in itertools.product(
    ("live", "disabled", "expired"), ("live", "test"), ("customers", "payouts"), ("read-only", "read-write"),
    (True, False), (False, True))]

ROUTES = [
    Route("GET", "/customers", "customers"),
    Route("POST", "/customers/create", "customers", "write"),
    Route("POST", "/customers/search", "customers", "read"),
    Route("GET", "/lookups"),
    Route("POST", "/cdv", access="read"),
    Route("POST", "/notes", access="write"),
    Route("GET", "/live-only", "customers", environment="live"),
    Route("POST", "/signed-only", "customers", "write", schemes=("signature",)),
    Route("GET", "/basic-only", schemes=("basic",)),
    Route("GET", "/own-upstream", "customers", upstream="other"),
]

# Which environments have an upstream of their own.
BOTH = {"live": "kwik", "test": "test"}
LIVE_ONLY = {"live": "kwik"}


def verdict(kind, route, scheme, environments):
    """(reason, phase) in the order of the contract: status and expiry, scheme, address, environment, section, permission."""
    if kind.status == "disabled":
        return "token_disabled", "status"
    if kind.status == "expired":
        return "token_expired", "status"
    if scheme not in route.schemes or (scheme == "basic" and kind.require_signature):
        return "scheme_not_allowed", "status"
    if not kind.address_allowed:
        return "address_not_allowed", "address"
    if route.environment not in ("any", kind.environment):
        return "environment_not_allowed", "environment"
    if not route.upstream and kind.environment not in environments:
        return "environment_not_allowed", "environment"
    if route.section and route.section != kind.holds:
        return "section_not_granted", "section"
    if route.access == "write" and kind.permissions == "read-only":
        return "write_not_granted", "permission"
    return "none", None


class MatrixTest(GatewayTest):
    def set_up(self, environments):
        self.upstreams = {name: self.upstream() for name in ("kwik", "test", "other")}
        self.environments = environments
        self.gate = self.gateway(
            {name: [upstream.url] for name, upstream in self.upstreams.items()},
            routes=[route.config() for route in ROUTES],
            config={"environments": environments, **NO_LIMIT})
        made = self.gate.kwikgate("token", "import", "-", stdin="".join(kind.import_line() for kind in KINDS))
        issued = [json.loads(line) for line in made.splitlines()]
        self.tokens = dict(zip(KINDS, map(Token.of, issued), strict=True))
        self.planted = set()

    def credential(self, scheme, token, route, body, secret=None):
        if scheme == "basic":
            fields = [("Authorization", basic(token.key, secret or token.secret))]
        else:
            fields = sign(token, route.method, route.path, body, secret=secret)
        self.planted.add(fields[-1][1].split("=", 1)[-1] if scheme == "signature" else fields[0][1][6:])
        return fields

    def run_cells(self, cells):
        """Sends every cell; returns what was answered, logged and seen upstream, by request id."""
        answers = {}
        with self.gate.client() as client:
            for number, (kind, route, scheme, secret) in enumerate(cells):
                body = b'{"a":1}' if route.method == "POST" else None
                fields = self.credential(scheme, self.tokens[kind], route, body, secret)
                fields.append(("X-Request-Id", f"cell-{number}"))
                answers[f"cell-{number}"] = client.request(route.method, route.path, fields, body)
        logged = wait_until(lambda: (lambda lines: lines if len(lines) >= len(cells) else None)(
            self.gate.access_log()), "all lines of the access log")
        self.assertEqual(len(logged), len(cells))
        return answers, {line["request_id"]: line for line in logged}, {
            seen.field("x-request-id"): (name, seen)
            for name, upstream in self.upstreams.items() for seen in upstream.seen}

    def check_cell(self, kind, route, scheme, expected, answer, line, seen):
        reason, phase = expected
        token = self.tokens[kind]
        status, code = CODES.get(reason, (200, None))
        wrong = []

        def same(what, is_there, wanted):
            if is_there != wanted:
                wrong.append(f"{what}: {is_there!r}, not {wanted!r}")

        same("status", answer.status, status)
        same("log reason", line["reason"], reason)
        same("log phase", line.get("phase"), phase)
        same("log status", line["status"], status)
        same("log route", line["route"], route.path)
        same("log section", line["section"], route.section)
        same("log access", line["access"], route.access)
        knows_caller = phase != "authenticate"
        same("log token", line.get("token"), token.id if knows_caller else None)
        same("log scheme", line.get("scheme"), scheme if knows_caller else None)
        same("log environment", line.get("environment"), kind.environment if knows_caller else None)
        if reason == "none":
            upstream = route.upstream or self.environments.get(kind.environment)
            same("upstream", seen and seen[0], upstream)
            same("log upstream", line.get("upstream"), upstream)
        else:
            same("upstream", seen and seen[0], None)
            same("log upstream", line.get("upstream"), None)
            same("body", {name: answer.json.get(name) for name in ("status", "error_code", "reason", "request_id")},
                 {"status": False, "error_code": code, "reason": reason, "request_id": line["request_id"]})
            if len(answer.json["error_message"]) > 32:
                wrong.append("a message of more than 32 characters")
        return [f"{kind} {route} {scheme}: {one}" for one in wrong]

    def check(self, cells, expect):
        answers, logged, seen = self.run_cells(cells)
        wrong = []
        for number, (kind, route, scheme, _) in enumerate(cells):
            name = f"cell-{number}"
            wrong += self.check_cell(kind, route, scheme, expect(kind, route, scheme), answers[name],
                                     logged[name], seen.get(name))
        self.assertEqual(wrong, [], f"{len(wrong)} of {len(cells)} cells, the first:\n" + "\n".join(wrong[:20]))
        self.check_log_for_secrets()

    def check_log_for_secrets(self):
        written = "".join(path.read_text() for path in self.gate.folder.glob("*.log"))
        for token in self.tokens.values():
            for secret in (token.key, token.secret, token.secret[12:], token.public_key):
                self.assertNotIn(secret, written)
        for credential in self.planted:
            self.assertNotIn(credential, written)

    def test_every_cell_with_an_upstream_for_both_environments(self):
        self.set_up(BOTH)
        cells = [(kind, route, scheme, None) for kind in KINDS for route in ROUTES
                 for scheme in ("basic", "signature")]
        expect = lambda kind, route, scheme: verdict(kind, route, scheme, BOTH)
        reasons = {expect(*cell[:3])[0] for cell in cells}
        self.assertEqual(reasons, {"none", *CODES} - {"credential_invalid"})
        self.check(cells, expect)

    def test_every_cell_where_test_tokens_have_no_upstream(self):
        self.set_up(LIVE_ONLY)
        cells = [(kind, route, scheme, None) for kind in KINDS for route in ROUTES
                 for scheme in ("basic", "signature")]
        self.check(cells, lambda kind, route, scheme: verdict(kind, route, scheme, LIVE_ONLY))

    def test_a_wrong_secret_is_credential_invalid_whatever_the_token_is(self):
        self.set_up(BOTH)
        wrong = "kwk_live_sk_" + "x" * 70
        cells = [(kind, route, scheme, wrong) for kind in KINDS for route in ROUTES[:2]
                 for scheme in ("basic", "signature")]
        self.check(cells, lambda *_: ("credential_invalid", "authenticate"))


if __name__ == "__main__":
    unittest.main()
