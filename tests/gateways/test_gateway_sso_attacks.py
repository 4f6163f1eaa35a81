"""Forged and broken tokens, issued by a provider of our own with real keys."""

import base64
import dataclasses
import hmac
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from gateways.errors import GatewayError, Refused, SsoRefused, SsoReused, Temporary, Unanswered
from gateways.keys import KEEP_S
from gateways.sso_claims import table
from tests.gateways.stub_provider import CLIENT, NONCE, SUBJECT, FromNow, StubProvider


@pytest.fixture(scope="module")
def running():
    with StubProvider() as provider:
        yield provider


@pytest.fixture
def provider(running):
    running.id_token = running.token_answer = None
    running.userinfo = {"sub": SUBJECT, "nationalCode": "0010350829"}
    running.published = KeySet([running.key]).as_dict(private=False)
    running.jwks_fetched = 0
    return running


def finish(provider, window=None):
    return (window or provider.window()).finish("http://127.0.0.1/back", "code", NONCE, "v" * 64)


def test_the_right_token_is_taken(provider):
    assert finish(provider).national_code == "0010350829"


@pytest.mark.parametrize(
    "changes",
    [{"aud": "another"}, {"aud": ["another"]}, {"aud": None}, {"aud": ""}, {"iss": "http://evil"}, {"iss": None}]
    + [{"nonce": "old"}, {"nonce": None}, {"sub": None}, {"sub": 5}, {"azp": "another"}, {"aud": [CLIENT, "another"]}]
    + [
        {"exp": FromNow(-150)},
        {"exp": None},
        {"iat": FromNow(150)},
        {"iat": None},
        {"nbf": FromNow(150)},
        {"exp": "soon"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(provider, changes):
    provider.id_token = provider.sign(provider.claims(**changes))
    with pytest.raises(SsoRefused):
        finish(provider)


@pytest.mark.parametrize(
    "changes",
    [{"exp": FromNow(-90)}, {"iat": FromNow(90), "nbf": FromNow(90)}, {"nbf": None}, {"aud": [CLIENT]}]
    + [{"aud": [CLIENT, "another"], "azp": CLIENT}],
    ids=str,
)
def test_small_differences_of_clocks_and_habits_are_borne(provider, changes):
    provider.id_token = provider.sign(provider.claims(**changes))
    assert finish(provider).subject == SUBJECT


def unsigned(provider):
    return jwt.encode({"alg": "none"}, provider.claims(), OctKey.import_key("x" * 32), algorithms=["none"])


def with_public_key_as_secret(provider):
    """Built by hand: the library will not do it."""
    head, body = (_part(json.dumps(one).encode()) for one in ({"alg": "HS256", "kid": "one"}, provider.claims()))
    digest = hmac.new(provider.key.as_pem(private=False), f"{head}.{body}".encode(), "sha256").digest()
    return f"{head}.{body}.{_part(digest)}"


def _part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def with_a_key_of_its_own(provider):
    return provider.sign(provider.claims(), RSAKey.generate_key(2048))


def with_its_key_in_the_head(provider):
    key = RSAKey.generate_key(2048)
    return provider.sign(provider.claims(), key, jwk=key.as_dict(private=False))


def with_another_body(provider):
    head, _, signature = provider.sign(provider.claims()).split(".")
    return ".".join([head, provider.sign(provider.claims(sub="victim")).split(".")[1], signature])


def with_an_unknown_key(provider):
    return provider.sign(provider.claims(), RSAKey.generate_key(2048), kid="unknown")


def with_another_algorithm(provider):
    return jwt.encode({"alg": "RS384", "kid": "one"}, provider.claims(), provider.key, algorithms=["RS384"])


FORGERIES = [
    unsigned,
    with_public_key_as_secret,
    with_a_key_of_its_own,
    with_its_key_in_the_head,
    with_another_body,
    with_an_unknown_key,
    with_another_algorithm,
]


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_token_is_refused(provider, forge):
    provider.id_token = forge(provider)
    with pytest.raises(SsoRefused):
        finish(provider)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_userinfo_is_refused(provider, forge):
    provider.userinfo = forge(provider)
    with pytest.raises(SsoRefused):
        finish(provider)


@pytest.mark.parametrize(
    "changes", [{"aud": "another"}, {"iss": "http://evil"}, {"exp": FromNow(-600)}, {"sub": "victim"}]
)
def test_a_signed_userinfo_for_somebody_else_is_refused(provider, changes):
    provider.userinfo = provider.sign(provider.claims(nationalCode="0010350829", **changes))
    with pytest.raises(SsoRefused):
        finish(provider)


@pytest.mark.parametrize(
    "told", [{"sub": "victim", "nationalCode": "0077611616"}, {"nationalCode": "0077611616"}, {"sub": None}]
)
def test_userinfo_of_another_subject_is_refused(provider, told):
    provider.userinfo = told
    with pytest.raises(SsoRefused, match="other_subject"):
        finish(provider)


def test_two_different_national_codes_are_refused_wherever_they_stand(provider):
    provider.id_token = provider.sign(provider.claims(nationalCode="0077611616"))
    with pytest.raises(SsoRefused, match="two_codes"):
        finish(provider)
    provider.id_token = None
    provider.userinfo |= {"national_code": "0077611616"}
    with pytest.raises(SsoRefused, match="two_codes"):
        finish(provider)
    provider.userinfo |= {"national_code": 10350829}
    assert finish(provider).national_code == "0010350829"


def test_a_sign_in_from_before_we_asked_is_told_apart_and_one_of_no_known_time_is_believed(provider):
    now = time.time()
    for at in (None, FromNow(0), FromNow(-90)):
        provider.id_token = provider.sign(provider.claims(auth_time=at))
        assert provider.window().finish("b", "code", NONCE, "v" * 64, now).subject == SUBJECT
    provider.id_token = provider.sign(provider.claims(auth_time=FromNow(-150)))
    with pytest.raises(SsoReused):
        provider.window().finish("b", "code", NONCE, "v" * 64, now)


def test_claims_are_found_by_any_name_and_by_those_of_the_settings(provider):
    provider.userinfo = {"sub": SUBJECT, "NATIONAL_CODE": "10350829", "given_name": "مریم", "family_name": "یزدی"}
    provider.userinfo |= {"cell": "09113701000", "phone_number": "09120000000", "fatherName": None}
    window = dataclasses.replace(provider.window(), claims=table("mobile=cell,msisdn national_code=melliCode"))
    person = finish(provider, window)
    assert (person.national_code, person.first_name, person.last_name) == ("0010350829", "مریم", "یزدی")
    assert (person.mobile, person.father_name) == ("09113701000", None)
    provider.userinfo = {"sub": SUBJECT, "melliCode": "0077611616"}
    assert finish(provider, window).national_code == "0077611616"
    for wrong in ("cell", "phone=cell", "mobile=", "mobile=cell,"):
        with pytest.raises(ValueError, match="SSO_CLAIMS"):
            table(wrong)


def test_a_number_that_the_window_has_not_checked_itself_is_not_taken(provider):
    provider.userinfo |= {"phone_number": "09113701000", "phone_number_verified": False}
    assert finish(provider).mobile is None


def test_an_elliptic_key_is_taken_too(provider):
    key = ECKey.generate_key("P-256", {"kid": "two"})
    provider.published = KeySet([provider.key, key]).as_dict(private=False)
    provider.id_token = jwt.encode({"alg": "ES256", "kid": "two"}, provider.claims(), key)
    assert finish(provider).subject == SUBJECT


@pytest.mark.parametrize("told", ["0010350829", "10350829", "۰۰۱۰۳۵۰۸۲۹", "٠٠١٠٣٥٠٨٢٩", 10350829])
def test_the_national_code_is_made_whole(provider, told):
    provider.userinfo = {"sub": SUBJECT, "nationalCode": told}
    assert finish(provider).national_code == "0010350829"


@pytest.mark.parametrize("told", [None, "", "abc", "123", "12345678901", True, [], {"a": 1}])
def test_without_a_national_code_nobody_is_signed_in(provider, told):
    provider.userinfo = {"sub": SUBJECT, "nationalCode": told}
    with pytest.raises(Refused, match="no_national_code"):
        finish(provider)


def test_what_the_window_does_not_tell_is_none(provider):
    person = finish(provider)
    assert [person.first_name, person.last_name, person.gender, person.birth_date, person.mobile] == [None] * 5


@pytest.mark.parametrize(
    ("claim", "told", "value"),
    [("birthDate", told, "1991-03-21") for told in ("1370/01/01", "13700101", "۱۳۷۰/۱/۱", "1370-01-01", 13700101)]
    + [("birthDate", told, "1991-03-21") for told in ("1991-03-21", "۱۹۹۱/۳/۲۱", 19910321)]
    + [("birthDate", told, "None") for told in ("1370/13/01", "0", "x/y/z", "1403/12/31", "1/2/3/4")]
    + [("mobile", told, "09113701000") for told in ("09113701000", "+989113701000", "۹۱۱۳۷۰۱۰۰۰", "00989113701000")]
    + [("mobile", told, "None") for told in ("021123456", "0911", "x")]
    + [("gender", told, value) for told, value in (("MALE", "male"), ("زن", "female"), ("7", "None"))],
)
def test_optional_claims_are_read_or_left_out(provider, claim, told, value):
    provider.userinfo |= {claim: told}
    person = finish(provider)
    found = {"birthDate": person.birth_date, "mobile": person.mobile, "gender": person.gender}[claim]
    assert str(found) == value


def test_old_keys_are_forgotten_after_ten_minutes(provider, monkeypatch):
    window = provider.window()
    finish(provider, window)
    later = time.monotonic() + KEEP_S + 1
    monkeypatch.setattr("gateways.keys.time.monotonic", lambda: later)
    window.keys.for_kid("one", lambda: provider.answer("/jwks")[1])
    assert provider.jwks_fetched == 2


@pytest.mark.parametrize(
    "published", [{}, {"keys": []}, {"keys": 5}, {"keys": [{"kty": "x"}]}, {"keys": [1]}, [], "<html>"]
)
def test_without_keys_it_is_unanswered(provider, published):
    provider.published = published
    with pytest.raises(Unanswered):
        finish(provider)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((400, {"error": "invalid_grant"}), SsoRefused),
        ((401, {"error": "invalid_client"}), Refused),
        ((400, {"error": "temporarily_unavailable"}), Temporary),
        ((400, "<html>"), Unanswered),
        ((500, {}), Unanswered),
        ((503, {}), Temporary),
        ((200, {"access_token": "a"}), SsoRefused),
        ((200, {"access_token": "a", "id_token": 5}), SsoRefused),
        ((200, {"access_token": "a", "id_token": "\ud800"}), SsoRefused),
    ],
)
def test_what_the_token_address_says_means_one_of_the_four(provider, answer, kind):
    provider.token_answer = answer
    with pytest.raises(kind):
        finish(provider)


@settings(max_examples=60, deadline=None)
@given(token=st.text(max_size=60) | st.from_regex(r"eyJ[A-Za-z0-9_-]{0,20}\.[A-Za-z0-9_-]{0,20}\.[A-Za-z0-9_-]{0,9}"))
def test_no_token_whatever_signs_anybody_in(running, token):
    running.token_answer = (200, {"access_token": "a", "id_token": token})
    with pytest.raises(GatewayError):
        finish(running)
