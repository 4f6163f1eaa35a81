"""A sign-in provider with keys of its own that issues whatever token a test wants."""

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from gateways.sso import NationalWindow

CLIENT = "doreh"
NONCE = "nonce-of-this-sign-in"
SUBJECT = "subject-1"


@dataclass(frozen=True)
class FromNow:
    """A moment of a claim, so many seconds from when the token is made; stays the same in the name of a test."""

    seconds: int


class StubProvider:
    """Set `id_token` or `userinfo` to what the next sign-in gets; by default both are right."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.published: Any = KeySet([self.key]).as_dict(private=False)
        self.jwks_fetched = 0
        self.token_answer: tuple[int, Any] | None = None
        self.id_token: str | None = None
        self.userinfo: Any = {"sub": SUBJECT, "nationalCode": "0010350829"}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> "StubProvider":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def window(self) -> NationalWindow:
        paths = [f"{self.url}/{name}" for name in ("authorize", "token", "jwks", "userinfo", "logout")]
        return NationalWindow(self.url, CLIENT, "secret", *paths, timeout_s=30)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The right claims with `changes`; a change to None takes the claim away, a `FromNow` becomes a time."""
        at = int(time.time())
        changes = {name: at + each.seconds if isinstance(each, FromNow) else each for name, each in changes.items()}
        right = {"iss": self.url, "sub": SUBJECT, "aud": CLIENT, "iat": at, "nbf": at, "exp": at + 300, "nonce": NONCE}
        return {name: value for name, value in {**right, **changes}.items() if value is not None}

    def sign(self, claims: dict[str, Any], key: Any = None, **header: Any) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one", **header}, claims, key or self.key)

    def answer(self, path: str) -> tuple[int, Any]:
        if path == "/jwks":
            self.jwks_fetched += 1
            return 200, self.published
        if path == "/userinfo":
            return 200, self.userinfo
        token = self.id_token or self.sign(self.claims())
        return self.token_answer or (200, {"access_token": "a", "token_type": "Bearer", "id_token": token})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, document = provider.answer(self.path)
                body = document.encode() if isinstance(document, str) else json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                return

        return Handler
