"""Signs one request at a time, for checking proxies and for idle connections; kwikgate-load signs the load."""

import base64
import dataclasses
import hashlib
import hmac
import os
import time


@dataclasses.dataclass(frozen=True)
class Token:
    key: str
    secret: str


def digest_field(body):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def sign(method, host, target, token, body=None, age=0, secret=None):
    """The fields of a signed request (RFC 9421, hmac-sha256) as (name, value) pairs."""
    fields = []
    components = ['"@method"', '"@target-uri"']
    base = [f'"@method": {method}', f'"@target-uri": http://{host}{target}']
    if body is not None:
        fields.append(("Content-Digest", digest_field(body)))
        components.append('"content-digest"')
        base.append(f'"content-digest": {fields[0][1]}')
    parameters = f'({" ".join(components)});created={int(time.time()) - age};keyid="{token.key}"'
    if body is not None:
        parameters += f';nonce="{os.urandom(12).hex()}"'
    parameters += ';alg="hmac-sha256";tag="kwik"'
    base.append(f'"@signature-params": {parameters}')
    mac = hmac.new((secret or token.secret).encode(), "\n".join(base).encode(), "sha256").digest()
    fields.append(("Signature-Input", f"kwik={parameters}"))
    fields.append(("Signature", f"kwik=:{base64.b64encode(mac).decode()}:"))
    return fields


def basic(token, secret=None):
    pair = f"{token.key}:{secret or token.secret}"
    return [("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())]
