"""The national window: sign-in by OpenID Connect, code flow with PKCE.

Addresses come from the settings, nothing is discovered at run time. The caller keeps `state`, `nonce` and
`verifier` of a `SsoRequest` with the browser, compares the state itself, and calls `finish` once per code.
"""

import datetime
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
from persiantools.jdatetime import JalaliDate

from gateways.errors import GatewayError, Refused, SsoRefused, Temporary, Unanswered
from gateways.http import Answer, call, parse_object
from gateways.keys import KeyCache

SCOPE = "openid profile"
ALGORITHMS: Final = ["RS256", "ES256"]
LEEWAY_S = 120

# Claim names seen at the window and at brokers before it; the first that is present counts.
CLAIMS = {
    "national_code": ("nationalCode", "national_code", "nationalId"),
    "first_name": ("firstName", "given_name"),
    "last_name": ("lastName", "family_name"),
    "father_name": ("fatherName",),
    "gender": ("gender",),
    "birth_date": ("birthDate",),
    "shenasname_no": ("shenasnamehNo", "shenasnameNo"),
    "mobile": ("mobile", "phone_number"),
    "postal_code": ("postalCode",),
    "address": ("address",),
}
GENDERS = {"male": "male", "m": "male", "مرد": "male", "female": "female", "f": "female", "زن": "female"}
TO_ASCII = {ord(digit): str(value) for row in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, digit in enumerate(row)}


@dataclass(frozen=True, repr=False)
class SsoRequest:
    """Where to send the browser, and what to keep until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, repr=False)
class SsoPerson:
    """Who signed in; all but the first three may be unknown. `birth_date` is Gregorian, `mobile` "09…"."""

    issuer: str
    subject: str
    national_code: str
    first_name: str | None
    last_name: str | None
    father_name: str | None
    gender: str | None
    birth_date: datetime.date | None
    shenasname_no: str | None
    mobile: str | None
    postal_code: str | None
    address: str | None
    id_token: str


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
    keys: KeyCache = field(default_factory=KeyCache, repr=False, compare=False)

    def begin(self, redirect_uri: str) -> SsoRequest:
        """A fresh sign-in; the window is asked not to reuse the one of whoever sat here before."""
        state, nonce, verifier = generate_token(32), generate_token(32), generate_token(64)
        url = prepare_grant_uri(
            self.authorize_url,
            self.client_id,
            "code",
            redirect_uri,
            SCOPE,
            state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            prompt="login",
        )
        return SsoRequest(url, state, nonce, verifier)

    def finish(self, redirect_uri: str, code: str, nonce: str, verifier: str) -> SsoPerson:
        """Exchange the code of a callback for the person.

        Raises:
            SsoRefused: the code is used up or not ours, or a token does not fit; begin again.
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
        if told.get("sub") != known["sub"] or not _same_code(known, told):
            raise SsoRefused("other_subject")
        return _person(self.issuer, {**known, **told}, id_token)

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


def _token_error(answer: Answer) -> GatewayError:
    try:
        error = parse_object(answer.body).get("error")
    except Unanswered:
        return Unanswered("not_json")
    if error == "temporarily_unavailable":
        return Temporary("temporarily_unavailable")
    return Refused("invalid_client") if error == "invalid_client" else SsoRefused("code")


def _same_code(known: dict[str, Any], told: dict[str, Any]) -> bool:
    codes = {_national_code(claims) for claims in (known, told)} - {None}
    return len(codes) <= 1


def _national_code(claims: dict[str, Any]) -> str | None:
    """Ten digits: the window sends the code as a number, without its zeros, or in Persian digits."""
    digits = (_first(claims, CLAIMS["national_code"]) or "").translate(TO_ASCII)
    plain = digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 10
    return digits.zfill(10) if plain else None


def _person(issuer: str, claims: dict[str, Any], id_token: str) -> SsoPerson:
    values = {name: _first(claims, sources) for name, sources in CLAIMS.items()}
    national_code = _national_code(claims)
    if national_code is None:
        raise Refused("no_national_code")
    return SsoPerson(
        issuer=issuer,
        subject=claims["sub"],
        national_code=national_code,
        first_name=values["first_name"],
        last_name=values["last_name"],
        father_name=values["father_name"],
        gender=GENDERS.get((values["gender"] or "").lower()),
        birth_date=_date(values["birth_date"]),
        shenasname_no=(values["shenasname_no"] or "").translate(TO_ASCII) or None,
        mobile=_mobile(values["mobile"]),
        postal_code=(values["postal_code"] or "").translate(TO_ASCII) or None,
        address=values["address"],
        id_token=id_token,
    )


def _first(claims: dict[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = claims.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return None


def _date(text: str | None) -> datetime.date | None:
    """A Jalali "1370/01/01", "1370-1-1" or "13700101" as a date; None when it is anything else."""
    digits = (text or "").translate(TO_ASCII).replace("-", "/")
    pieces = digits.split("/") if "/" in digits else [digits[:4], digits[4:6], digits[6:]]
    if len(pieces) != 3 or not all(piece.isascii() and piece.isdigit() and len(piece) <= 4 for piece in pieces):
        return None
    try:
        date: datetime.date = JalaliDate(*map(int, pieces)).to_gregorian()
    except ValueError:
        return None
    return date


def _mobile(text: str | None) -> str | None:
    digits = (text or "").translate(TO_ASCII).lstrip("+").removeprefix("0098").removeprefix("98").removeprefix("0")
    return "0" + digits if len(digits) == 10 and digits.isascii() and digits.isdigit() and digits[0] == "9" else None
