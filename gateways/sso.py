"""The national window: sign-in by OpenID Connect, code flow with PKCE.

Addresses come from the settings, nothing is discovered at run time. The caller keeps `state`, `nonce` and
`verifier` of a `SsoRequest` with the browser, compares the state itself, and calls `finish` once per code.
"""

import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import requests
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jws, jwt
from joserfc.errors import JoseError

from gateways.errors import GatewayError, Refused, SsoRefused, SsoReused, Temporary, Unanswered
from gateways.http import Answer, call, parse_object
from gateways.keys import KeyCache
from gateways.sso_claims import CLAIMS, SsoPerson, Table, person

ALGORITHMS: Final = ["RS256", "ES256"]
LEEWAY_S = 120


@dataclass(frozen=True, repr=False)
class SsoRequest:
    """Where to send the browser, and what to keep until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class NationalWindow:
    """`timeout_s` bounds the whole of `finish`, however many calls it takes."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    jwks_url: str
    userinfo_url: str
    end_session_url: str
    timeout_s: float
    scope: str = "openid profile"
    claims: Table = field(default_factory=lambda: CLAIMS, repr=False)
    keys: KeyCache = field(default_factory=KeyCache, repr=False, compare=False)

    def begin(self, redirect_uri: str) -> SsoRequest:
        """A fresh sign-in: the window is asked in both ways there are not to reuse that of whoever sat here before."""
        state, nonce, verifier = generate_token(32), generate_token(32), generate_token(64)
        url = prepare_grant_uri(
            self.authorize_url,
            self.client_id,
            "code",
            redirect_uri,
            self.scope,
            state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            prompt="login",
            max_age="0",
        )
        return SsoRequest(url, state, nonce, verifier)

    def finish(self, redirect_uri: str, code: str, nonce: str, verifier: str, begun_at: float = 0) -> SsoPerson:
        """Exchange the code of a callback for the person; `begun_at` is when the browser was sent, in Unix seconds.

        Raises:
            SsoRefused: the code is used up or not ours, or a token does not fit; begin again.
            SsoReused: the window let the browser in by an earlier sign-in, perhaps somebody else's.
            Refused: the window does not know us, or did not say who the person is.
            Temporary, Unanswered: the window does not answer; the code may be lost, so begin again later.
        """
        until = time.monotonic() + self.timeout_s
        tokens = self._tokens(redirect_uri, code, verifier)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise SsoRefused("no_token")
        known = self._id_claims(id_token, nonce, until)
        told = self._userinfo(access_token, until)
        if told.get("sub") != known["sub"]:
            raise SsoRefused("other_subject")
        found = person(self.issuer, known, told, id_token, self.claims)
        _require_fresh(known.get("auth_time"), begun_at)
        return found

    def logout_url(self, id_token_hint: str | None, back_to: str) -> str:
        """Where to send the browser to be signed out of the window too; `back_to` if it has no such address."""
        if not self.end_session_url:
            return back_to
        query = {"post_logout_redirect_uri": back_to, "client_id": self.client_id}
        if id_token_hint:
            query["id_token_hint"] = id_token_hint
        return f"{self.end_session_url}?{urlencode(query)}"

    def _tokens(self, redirect_uri: str, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = call("POST", self.token_url, self.timeout_s, form=form, auth=(self.client_id, self.client_secret))
        if answer.status in (400, 401):
            raise _token_error(answer)
        return answer.document()

    def _id_claims(self, token: str, nonce: str, until: float) -> dict[str, Any]:
        claims = self._verified(token, until)
        must: dict[str, Any] = {
            "iss": {"essential": True, "value": self.issuer},
            "sub": {"essential": True},
            "aud": {"essential": True, "value": self.client_id},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "nonce": {"essential": True, "value": nonce},
        }
        try:
            jwt.JWTClaimsRegistry(leeway=LEEWAY_S, **must).validate(claims)
        except JoseError as error:
            raise SsoRefused(f"id_token_{error.error}") from None
        audience = claims["aud"]
        many = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if many else self.client_id) != self.client_id:
            raise SsoRefused("id_token_azp")
        return claims

    def _userinfo(self, access_token: str, until: float) -> dict[str, Any]:
        answer = call("GET", self.userinfo_url, _left(until), auth=_Bearer(access_token))
        answer.require_success()
        if not answer.body.startswith(b"eyJ"):
            return parse_object(answer.body)
        claims = self._verified(answer.body.decode("ascii", "replace").strip(), until)
        given: dict[str, Any] = {"iss": {"value": self.issuer}, "aud": {"value": self.client_id}}
        try:
            jwt.JWTClaimsRegistry(leeway=LEEWAY_S, **given).validate(claims)
        except JoseError as error:
            raise SsoRefused(f"userinfo_{error.error}") from None
        return claims

    def _verified(self, token: str, until: float) -> dict[str, Any]:
        """The claims of a token signed by one of the window's keys with an algorithm we allow."""
        try:
            header = jws.extract_compact(token.encode()).headers()
            if header.get("alg") not in ALGORITHMS:
                raise SsoRefused("algorithm")
            keys = self.keys.for_kid(header.get("kid"), lambda: call("GET", self.jwks_url, _left(until)).document())
            return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError):
            raise SsoRefused("signature") from None


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise Unanswered("timeout")
    return left


def _require_fresh(at: Any, begun_at: float) -> None:
    """Windows that do not say when somebody signed in are believed; the standard wants it said, for `max_age`."""
    if isinstance(at, int | float) and at < begun_at - LEEWAY_S:
        raise SsoReused("signed_in_before")


def _token_error(answer: Answer) -> GatewayError:
    try:
        error = parse_object(answer.body).get("error")
    except Unanswered:
        return Unanswered("not_json")
    if error == "temporarily_unavailable":
        return Temporary("temporarily_unavailable")
    return Refused("invalid_client") if error == "invalid_client" else SsoRefused("code")
