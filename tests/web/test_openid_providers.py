"""Signing in through two OpenID providers that others wrote, whole: our pages, their pages, and tokens gone wrong."""

import types

import pytest

import gateways
from gateways.sso import NationalWindow
from models import Person, UserSession, db
from tests import make
from tests.openid import Browser, Providers

pytestmark = pytest.mark.once
BACK = "http://localhost"
CODE, OTHER = "0010350829", "0077611616"
MARYAM = {"nationalCode": 10350829, "given_name": "مریم", "lastName": "یزدی کیانی", "fatherName": "علی"}
MARYAM |= {"gender": "زن", "birthDate": "۱۳۷۰/۱/۱", "mobile": "+989113701000"}


@pytest.fixture(scope="module")
def running():
    providers = Providers(BACK)
    yield providers
    providers.stop()


@pytest.fixture
def at(app, running, monkeypatch):
    """`at("oidc")` makes this provider the national window; gives the providers."""
    running.order()

    def be(name: str, client_id: str = "doreh") -> Providers:
        settings = {**app.config, **running.settings(name, client_id)}
        window: NationalWindow = gateways._sso(types.SimpleNamespace(config=settings))
        built = {"sso": window, **{part: None for part in ("registry", "shahkar", "sms")}}
        monkeypatch.setitem(app.extensions, "gateways", gateways.Gateways(**built))
        monkeypatch.setitem(app.config, "SSO_MODE", "online")
        return running

    return be


def arrive(client, browser, next_="/auth/trainee/sessions", **typed):
    """There and back as one person in one browser; the answer to the way back, and the way."""
    back = browser.go(client.get("/auth/sso", query_string={"next": next_}).location, **typed)
    return client.get(back), back


@pytest.mark.parametrize("client_id", ["doreh", "doreh-signed"], ids=["user info as JSON", "as a signed token"])
def test_a_person_signs_in_and_out_at_oidc_provider(client, token, at, client_id):
    at("oidc", client_id).order(people={"maryam": MARYAM})
    browser = Browser(BACK)
    for _ in range(2):
        answer, back = arrive(client, browser, login="maryam", password="x")
        assert answer.location == "/auth/trainee/sessions", answer.get_data(as_text=True)
        assert client.get(back).location == "/auth/trainee/sessions"
    assert browser.forms == ["login", "consent", "login"]  # a fresh sign-in each time, although it knows them
    person = db.session.query(Person).one()
    assert (person.national_code, person.full_name, str(person.birth_date)) == (CODE, "مریم یزدی کیانی", "1991-03-21")
    assert (person.mobile, person.mobile_status, person.identity_status) == ("09113701000", "matched", "verified")
    client.post("/auth/trainee/logout", data={"csrf_token": token(client, "/auth/trainee/sessions")})
    assert browser.go(client.get("/auth/trainee/leave-window").location, logout="yes") == "/"


def test_a_person_signs_in_and_out_at_oauth2_mock_server(client, token, at):
    at("mock").order(userinfo={"sub": "johndoe", **MARYAM})
    browser = Browser(BACK)
    assert arrive(client, browser)[0].location == "/auth/trainee/sessions"
    assert db.session.query(Person).one().full_name == "مریم یزدی کیانی"
    client.post("/auth/trainee/logout", data={"csrf_token": token(client, "/auth/trainee/sessions")})
    assert browser.go(client.get("/auth/trainee/leave-window").location) == "/"
    assert client.get("/auth/trainee/sessions").status_code == 303


def test_with_no_claim_but_the_code_somebody_is_signed_in_and_pending(client, at):
    at("mock").order(userinfo={"sub": "johndoe", "nationalCode": "۱۰۳۵۰۸۲۹", "firstName": "", "birthDate": "خالی"})
    assert arrive(client, Browser(BACK))[0].status_code == 303
    person = db.session.query(Person).one()
    assert (person.national_code, person.full_name, person.birth_date) == (CODE, None, None)
    assert (person.identity_status, person.mobile_status) == ("pending", "none")


ATTACKS = {
    "wrong aud": {"claims": {"aud": "another"}},
    "wrong iss": {"claims": {"iss": "http://evil.example"}},
    "wrong nonce": {"claims": {"nonce": "of another sign-in"}},
    "no nonce": {"claims": {"nonce": None}},
    "expired": {"claims": {"exp": {"from_now": -150}}},
    "future": {"claims": {"iat": {"from_now": 150}, "nbf": {"from_now": 150}}},
    "alg none": {"forge": "none"},
    "bad signature": {"forge": "signature"},
    "another body": {"forge": "body"},
    "another key": {"forge": "key"},
    "algorithm swap": {"forge": "swap"},
    "missing sub": {"claims": {"sub": None}},
    "earlier sign-in": {"claims": {"auth_time": {"from_now": -150}}},
    "another person's user info": {"userinfo": {"sub": "victim", "nationalCode": OTHER}},
    "user info of nobody": {"userinfo": {"nationalCode": OTHER}},
    "two codes": {"claims": {"nationalCode": OTHER}},
    "no code": {"userinfo": {"sub": "johndoe", "firstName": "مریم", "mobile": "09113701000"}},
    "a code that is none": {"userinfo": {"sub": "johndoe", "nationalCode": "1234567890"}},
}


@pytest.mark.parametrize("order", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_token_gone_wrong_signs_nobody_in_and_the_same_one_untouched_does(client, at, order):
    window, browser, right = at("mock"), Browser(BACK), {"sub": "johndoe", **MARYAM}
    window.order(**{"userinfo": right, **order})
    answer, back = arrive(client, browser)
    assert answer.status_code in (400, 422), answer.location
    assert "ورود انجام نشد" in answer.get_data(as_text=True)
    assert client.get(back).status_code == 400
    assert (db.session.query(UserSession).count(), db.session.query(Person).count()) == (0, 0)
    window.order(userinfo=right)
    assert client.get(back).status_code == 400  # what was refused stays refused
    assert arrive(client, browser)[0].location == "/auth/trainee/sessions"


def test_a_clock_that_is_ninety_seconds_wrong_is_borne_both_ways(client, at):
    for claims in ({"exp": {"from_now": -90}}, {name: {"from_now": 90} for name in ("iat", "nbf", "auth_time")}):
        at("mock").order(userinfo={"sub": "johndoe", **MARYAM}, claims=claims)
        assert arrive(client, Browser(BACK))[0].status_code == 303


def test_the_way_back_is_good_in_the_browser_that_began_and_for_its_own_code_only(app, client, at):
    """Replay, login CSRF and open redirect."""
    at("oidc").order(people={"maryam": MARYAM, "attacker": {"nationalCode": OTHER}})
    attacker = app.test_client()
    theirs = Browser(BACK).go(attacker.get("/auth/sso").location, login="attacker", password="x")
    mine = Browser(BACK).go(client.get("/auth/sso?next=https://evil.example/").location, login="maryam", password="x")
    state = mine.partition("state=")[2].partition("&")[0]
    assert client.get(theirs).status_code == 400  # their whole way back, pressed upon me
    assert client.get(mine.replace(state, "x" * 32)).status_code == 400
    code = theirs.partition("code=")[2].partition("&")[0]
    assert client.get(f"/auth/sso/callback?code={code}&state={state}").status_code == 400  # their code on my way
    assert app.test_client().get(mine).status_code == 400  # my way in another browser
    assert db.session.query(UserSession).count() == 0
    mine = Browser(BACK).go(client.get("/auth/sso?next=//evil.example").location, login="maryam", password="x")
    assert client.get(mine).location == "/trainee"
    assert db.session.query(Person).one().national_code == CODE


def test_a_person_is_found_by_code_alone_whatever_else_is_the_same(client, at):
    theirs = {"mobile": "09113701000", "mobile_status": "matched"}
    victim = make.person(national_code=OTHER, first_name="مریم", last_name="یزدی کیانی", **theirs)
    window = at("oidc")
    window.order(people={"maryam": MARYAM})
    arrive(client, Browser(BACK), login="maryam", password="x")
    window.order(people={"maryam": {**MARYAM, "nationalCode": "0013542419"}})  # the same subject, another code
    arrive(client, Browser(BACK), login="maryam", password="x")
    found = db.session.query(UserSession.person_id, Person.national_code).join(
        Person, Person.id == UserSession.person_id
    )
    assert [code for _, code in found.order_by(UserSession.id)] == [CODE, "0013542419"]
    assert (victim.version, victim.mobile) == (1, "09113701000")
