"""An OpenID Connect provider that speaks the wire format, and misbehaves when told to."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET, KID = "arena", "between us", "key-1"


class Identity(ThreadingHTTPServer):
    """`claims` are of who signs in; `bent` changes what goes into the ID token."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.issuer = self.url
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signs_with = self.key
        self.names_key = True  # in its tokens, which one with a single key need not
        self.claims: dict[str, Any] = {}
        self.bent: dict[str, Any] = {}
        self.about: dict[str, Any] = {}  # what userinfo says otherwise
        self.codes: dict[str, dict[str, str]] = {}

    def authorize(self, address: str) -> str:
        """As a browser that is sent there, whose person agrees; where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert {"openid", "email"} <= {*asked["scope"].split()}
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, sent: dict[str, str]) -> dict[str, Any] | None:
        asked = self.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if not asked or asked["code_challenge"] != challenge or sent["client_secret"] != SECRET:
            return None
        now = int(time.time())
        token = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60}
        token |= {"nonce": asked["nonce"], **self.claims, **self.bent}
        signed = jwt.encode(token, self.signs_with, "RS256", {"kid": KID} if self.names_key else {})
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}


class Answer(BaseHTTPRequestHandler):
    server: Identity

    def do_GET(self) -> None:
        own = self.server
        if self.path == "/.well-known/openid-configuration":
            self._send({
                "issuer": own.issuer,
                "authorization_endpoint": f"{own.url}/authorize",
                "token_endpoint": f"{own.url}/token",
                "jwks_uri": f"{own.url}/keys",
                "userinfo_endpoint": f"{own.url}/me",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            })  # fmt: skip
        elif self.path == "/keys":
            key = RSAAlgorithm.to_jwk(own.key.public_key(), as_dict=True)
            self._send({"keys": [{**key, "kid": KID, "alg": "RS256"}]})
        elif self.path == "/me" and self.headers["Authorization"] == "Bearer opaque":
            self._send({**own.claims, **own.about})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(text).items()}
        answer = self.server.token(sent)
        self._send(answer or {"error": "invalid_grant"}, 200 if answer else 400)

    def _send(self, what: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[Identity]:
    with Identity() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
