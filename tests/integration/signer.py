"""Signs requests as RFC 9421 says, with hmac-sha256: written from the standard, so that it shares no mistake with the gateway."""

import base64
import hashlib
import hmac
import secrets
import time


def content_digest(body):
    """The Content-Digest field of RFC 9530."""
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def component(name, method, target, host, fields):
    """The value of one covered component."""
    path, _, query = target.partition("?")
    derived = {"@method": method, "@target-uri": f"http://{host}{target}", "@authority": host.lower(),
               "@scheme": "http", "@request-target": target, "@path": path, "@query": "?" + query}
    if name in derived:
        return derived[name]
    return ", ".join(value.strip() for field, value in fields if field.lower() == name)


def sign(token, method, target, body=None, fields=(), host="gateway.test", covered=None, created=None,
         nonce=None, has_nonce=True, parameters='', secret=None):
    """The fields that sign this request with the token: Content-Digest (where there is a body), Signature-Input and Signature.

    `fields` are other fields of the request, `covered` what is signed (the least that the gateway asks for, unless given).
    """
    made = [] if body is None else [("Content-Digest", content_digest(body))]
    if covered is None:
        covered = ["@method", "@target-uri"] + ([] if body is None else ["content-digest"])
    names = " ".join(f'"{name}"' for name in covered)
    created = int(time.time()) if created is None else created
    input_value = f"({names});created={created}"
    if has_nonce:
        input_value += f';nonce="{nonce or secrets.token_urlsafe(18)}"'
    input_value += f';keyid="{token.key}"{parameters}'
    lines = [f'"{name}": {component(name, method, target, host, [*fields, *made])}' for name in covered]
    lines.append(f'"@signature-params": {input_value}')
    key = (secret or token.secret).encode()
    mac = hmac.new(key, "\n".join(lines).encode("latin-1"), hashlib.sha256).digest()
    return made + [("Signature-Input", f"kwik={input_value}"),
                   ("Signature", f"kwik=:{base64.b64encode(mac).decode()}:")]
