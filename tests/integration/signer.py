"""Signs requests as RFC 9421 says, with hmac-sha256: written from the standard, so that it shares no mistake with the gateway."""

import base64
import hashlib
import hmac
import secrets
import time
from urllib.parse import quote


def content_digest(body):
    """The Content-Digest field of RFC 9530."""
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def component(name, method, target, host, fields, scheme="http"):
    """The value of one covered component; parameters of a field are not for here."""
    path, _, query = target.partition("?")
    derived = {"@method": method, "@target-uri": f"{scheme}://{host.lower()}{target}", "@authority": host.lower(),
               "@scheme": scheme, "@request-target": target, "@path": path, "@query": "?" + query}
    if name in derived:
        return derived[name]
    return ", ".join(value.strip() for field, value in fields if field.lower() == name)


def identifier(name):
    """`content-digest;key="sha-256"` as it stands in a signature input."""
    bare, semicolon, parameters = name.partition(";")
    return f'"{bare}"{semicolon}{parameters}'


def mac(secret, base):
    """The value of a Signature member: an hmac-sha256 over the base."""
    key = secret if isinstance(secret, bytes) else secret.encode()
    return ":" + base64.b64encode(hmac.new(key, base.encode("latin-1"), hashlib.sha256).digest()).decode() + ":"


def sign(token, method, target, body=None, fields=(), host="gateway.test", covered=None, created=None,
         nonce=None, has_nonce=True, parameters='', secret=None, scheme="http", values=None, label="kwik"):
    """The fields that sign this request with the token: Content-Digest (where there is a body), Signature-Input and Signature.

    `fields` are other fields of the request, `covered` what is signed (the least that the gateway asks for, unless given),
    `values` what is signed instead of what the request has, by the name in `covered`.
    """
    made = [] if body is None else [("Content-Digest", content_digest(body))]
    if covered is None:
        covered = ["@method", "@target-uri"] + ([] if body is None else ["content-digest"])
    created = int(time.time()) if created is None else created
    input_value = f"({' '.join(identifier(name) for name in covered)});created={created}"
    if has_nonce:
        input_value += f';nonce="{nonce or secrets.token_urlsafe(18)}"'
    input_value += f';keyid="{token.key}"{parameters}'
    base = signature_base(input_value, covered, lambda name: (values or {}).get(
        name, component(name, method, target, host, [*fields, *made], scheme)))
    return made + [("Signature-Input", f"{label}={input_value}"),
                   ("Signature", f"{label}={mac(secret or token.secret, base)}")]


def signature_base(input_value, covered, value_of):
    lines = [f"{identifier(name)}: {value_of(name)}" for name in covered]
    return "\n".join([*lines, f'"@signature-params": {input_value}'])


def sign_form(token, fields, secret=None):
    """The `signature` field over the other fields of a form, given as text: sorted by name, encoded as RFC 3986 says."""
    encoded = [f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in sorted(fields)]
    return hmac.new((secret or token.secret).encode(), "&".join(encoded).encode(), hashlib.sha256).hexdigest()
