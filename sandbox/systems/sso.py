"""The national window: sign-in by OpenID Connect."""

import time
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import current_app, redirect, render_template, request

from sandbox import people, switches
from sandbox.fa import ascii_digits
from sandbox.people import Person
from sandbox.settings import Settings
from sandbox.store import store
from sandbox.switches import System, is_wrong
from sandbox.systems import sso_grants as grants
from sandbox.systems import sso_keys as keys

blueprint = switches.blueprint("sso", "/sso")
SYSTEM = System(
    code="sso",
    title="پنجرهٔ ملی خدمات دولت هوشمند",
    does="کارآموز را با کد ملی خودش وارد می‌کند و مشخصات او را می‌گوید.",
    wrong="نشانهٔ ورودی می‌دهد که برای سامانهٔ دیگری صادر شده است.",
    blueprint=blueprint,
)
COOKIE = "sandbox_sso"
SHOWN = 12
USERINFO_AS_JWT = "option_userinfo_jwt"
ID_TOKEN_S = 300
GENDERS = {"female": "زن", "male": "مرد"}


@blueprint.get("/oauth2/authorize")
def authorize() -> Any:
    """Refuse what is wrong in the request, else let the visitor choose who they are."""
    asked = request.args
    redirect_uri, state = asked.get("redirect_uri", ""), asked.get("state", "")
    if asked.get("client_id") != _settings().sso_client[0]:
        return _stop("این سامانه در پنجرهٔ ملی ثبت نشده است.")
    if not _is_ours(redirect_uri):
        return _stop("نشانی بازگشت با نشانی ثبت‌شدهٔ سامانه یکی نیست.")
    if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
        return _back(redirect_uri, error="invalid_request", state=state)
    if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
        return _back(redirect_uri, error="invalid_request", error_description="PKCE S256", state=state)
    wanted = grants.keep_request(redirect_uri, state, asked.get("nonce", ""), asked["code_challenge"])
    known = grants.session_person(request.cookies.get(COOKIE, ""))
    if known and "login" not in asked.get("prompt", "").split():
        return _return_with_code(wanted, known)
    return _choose(wanted)


@blueprint.post("/people")
def search() -> Any:
    return _choose(request.form.get("request", ""), text=request.form.get("text", ""))


@blueprint.post("/login")
def login() -> Any:
    wanted = request.form.get("request", "")
    typed = request.form.get("national_code", "")
    person = people.find(store(), ascii_digits(typed).zfill(10))
    if person is None:
        return _choose(wanted, typed=typed, error="این کد ملی را پنجرهٔ ملی نمی‌شناسد. رقم‌ها را بررسی کنید")
    if not person.alive:
        return _choose(wanted, typed=typed, error="این شخص در ثبت احوال فوت‌شده ثبت است و نمی‌تواند وارد شود")
    response = _return_with_code(wanted, person.national_code)
    token = grants.keep_session(person.national_code)
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", path="/sso")
    return response


@blueprint.post("/cancel")
def cancel() -> Any:
    wanted = grants.request_by_id(request.form.get("request", ""))
    if wanted is None:
        return _stop("زمان این ورود گذشته است. از سامانهٔ خود دوباره آغاز کنید.")
    return _back(wanted["redirect_uri"], error="access_denied", state=wanted["state"])


@blueprint.post("/oauth2/token")
def token() -> Any:
    given = request.authorization
    if not given or given.type != "basic" or (given.username, given.password) != _settings().sso_client:
        return {"error": "invalid_client"}, 401
    form = request.form
    if form.get("grant_type") != "authorization_code":
        return {"error": "unsupported_grant_type"}, 400
    grant = grants.use_code(form.get("code", ""))
    verifier = form.get("code_verifier", "")
    if (
        grant is None
        or grant["redirect_uri"] != form.get("redirect_uri")
        or create_s256_code_challenge(verifier) != grant["challenge"]
    ):
        return {"error": "invalid_grant"}, 400
    return {
        "access_token": grants.keep_token(grant["code"], grant["national_code"]),
        "token_type": "Bearer",
        "expires_in": ID_TOKEN_S,
        "scope": "openid profile",
        "id_token": keys.sign(_id_claims(grant["national_code"], grant["nonce"])),
    }


@blueprint.get("/oauth2/jwks")
def jwks() -> Any:
    return keys.public()


@blueprint.route("/api/v1/user/userinfo", methods=["GET", "POST"])
def userinfo() -> Any:
    given = request.authorization
    code = grants.token_person((given.token or "") if given and given.type == "bearer" else "")
    person = people.find(store(), code) if code else None
    if person is None:
        return {"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    claims = _profile(person)
    if store().meta(USERINFO_AS_JWT):
        claims |= {"iss": _settings().issuer, "aud": _settings().sso_client[0]}
        return keys.sign(claims), 200, {"Content-Type": "application/jwt"}
    return claims


@blueprint.get("/logout")
def logout() -> Any:
    grants.end_session(request.cookies.get(COOKIE, ""))
    back = request.args.get("post_logout_redirect_uri", "")
    response = redirect(back, 303) if back and _is_ours(back) else current_app.make_response(_signed_out())
    response.delete_cookie(COOKIE, path="/sso")
    return response


def _settings() -> Settings:
    return current_app.extensions["settings"]


def _is_ours(address: str) -> bool:
    """Whether an address belongs to the product; any web address does when the product's is not set."""
    product = _settings().product_url
    if product:
        return address == product or address.startswith(product + "/")
    return address.startswith(("http://", "https://"))


def _stop(message: str) -> tuple[str, int]:
    return render_template("message.html", title="ورود انجام نشد", message=message), 400


def _signed_out() -> str:
    return render_template("message.html", title="خارج شدید", message="از پنجرهٔ ملی خارج شدید.")


def _choose(wanted: str, *, text: str = "", typed: str = "", error: str = "") -> Any:
    if grants.request_by_id(wanted) is None:
        return _stop("زمان این ورود گذشته است. از سامانهٔ خود دوباره آغاز کنید.")
    found = people.search(store(), text, SHOWN)
    page = render_template("sso.html", wanted=wanted, people=found, text=text, typed=typed, error=error)
    return page, 422 if error else 200


def _back(redirect_uri: str, **answer: str) -> Any:
    return redirect(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}", 303)


def _return_with_code(wanted: str, national_code: str) -> Any:
    asked = grants.request_by_id(wanted)
    if asked is None:
        return current_app.make_response(_stop("زمان این ورود گذشته است. از سامانهٔ خود دوباره آغاز کنید."))
    code = grants.issue_code(asked, national_code)
    return _back(asked["redirect_uri"], code=code, state=asked["state"], iss=_settings().issuer)


def _id_claims(national_code: str, nonce: str) -> dict[str, Any]:
    at = int(time.time())
    claims: dict[str, Any] = {
        "iss": _settings().issuer,
        "sub": keys.subject(national_code),
        "aud": "another-portal" if is_wrong() else _settings().sso_client[0],
        "iat": at,
        "nbf": at,
        "exp": at + ID_TOKEN_S,
        "auth_time": at,
    }
    return claims | ({"nonce": nonce} if nonce else {})


def _profile(person: Person) -> dict[str, Any]:
    """What the window tells; the code has lost its leading zeros, and there is no address."""
    return {
        "sub": keys.subject(person.national_code),
        "nationalCode": str(int(person.national_code)),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "fatherName": person.father_name,
        "gender": GENDERS[person.gender],
        "birthDate": keys.jalali(person.birth_date),
        "shenasnamehNo": person.shenasname_no,
        "mobile": person.mobile,
    }
