"""The national window checks what a real one checks."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.oauth2.rfc7636 import create_s256_code_challenge

BACK = "http://127.0.0.1:8000/auth/sso/callback"
VERIFIER = "v" * 64
RIGHT = {
    "response_type": "code",
    "client_id": "doreh",
    "redirect_uri": BACK,
    "scope": "openid profile",
    "state": "the state",
    "nonce": "the nonce",
    "code_challenge": create_s256_code_challenge(VERIFIER),
    "code_challenge_method": "S256",
    "prompt": "login",
}
LOGIN = ("doreh", "doreh-sandbox")


def authorize(sandbox, browser=requests, **changes):
    asked = {name: value for name, value in {**RIGHT, **changes}.items() if value is not None}
    return browser.get(f"{sandbox.url}/sso/oauth2/authorize", params=asked, allow_redirects=False, timeout=60)


def choose(sandbox, button="login", browser=requests, **changes):
    wanted = re.search(r'name="request" value="([^"]+)"', authorize(sandbox, browser, **changes).text).group(1)
    form = {"request": wanted, "national_code": "0010350829"}
    return browser.post(f"{sandbox.url}/sso/{button}", form, allow_redirects=False, timeout=60)


def query(answer):
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchange(sandbox, code, login=LOGIN, **changes):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return requests.post(f"{sandbox.url}/sso/oauth2/token", form, auth=login, timeout=60)


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "somebody"}, {"client_id": None}, {"redirect_uri": "http://evil.example/"}, {"redirect_uri": None}]
    + [
        {"redirect_uri": "http://127.0.0.1:8000.evil.example/"},
        {"redirect_uri": "http://127.0.0.1:8000@evil.example/"},
    ],
    ids=str,
)
def test_it_never_sends_anybody_to_a_stranger(sandbox, changes):
    answer = authorize(sandbox, **changes)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    "changes",
    [{"response_type": "token"}, {"scope": "profile"}, {"code_challenge": None}, {"code_challenge_method": "plain"}],
    ids=str,
)
def test_a_malformed_request_goes_back_with_the_reason(sandbox, changes):
    answer = authorize(sandbox, **changes)
    assert answer.status_code == 303
    assert (query(answer)["error"], query(answer)["state"]) == ("invalid_request", "the state")


def test_giving_up_goes_back_and_says_so(sandbox):
    assert query(choose(sandbox, "cancel")) == {"error": "access_denied", "state": "the state"}


def test_the_code_is_taken_once_and_a_second_use_takes_the_token_back(sandbox):
    code = query(choose(sandbox))["code"]
    first = exchange(sandbox, code)
    bearer = {"Authorization": f"Bearer {first.json()['access_token']}"}
    userinfo = f"{sandbox.url}/sso/api/v1/user/userinfo"
    assert requests.get(userinfo, headers=bearer, timeout=60).json()["nationalCode"] == "10350829"
    assert exchange(sandbox, code).json() == {"error": "invalid_grant"}
    assert requests.get(userinfo, headers=bearer, timeout=60).status_code == 401


@pytest.mark.parametrize(
    "changes", [{"code_verifier": "w" * 64}, {"code_verifier": ""}, {"redirect_uri": BACK + "/"}, {"code": "invented"}]
)
def test_a_code_with_the_wrong_company_is_refused(sandbox, changes):
    code = query(choose(sandbox))["code"]
    answer = exchange(sandbox, **{"code": code, **changes})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize("login", [("doreh", "x"), ("x", "doreh-sandbox"), None])
def test_only_the_client_itself_may_exchange(sandbox, login):
    answer = exchange(sandbox, query(choose(sandbox))["code"], login=login)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_without_a_fresh_sign_in_the_last_person_is_taken_until_sign_out(sandbox):
    with requests.Session() as browser:
        choose(sandbox, browser=browser)
        assert authorize(sandbox, browser).status_code == 200
        assert "code" in query(authorize(sandbox, browser, prompt=None))
        browser.get(f"{sandbox.url}/sso/logout", timeout=60)
        assert authorize(sandbox, browser, prompt=None).status_code == 200


def test_sign_out_never_sends_anybody_to_a_stranger(sandbox):
    address = f"{sandbox.url}/sso/logout?post_logout_redirect_uri=http://evil.example/"
    answer = requests.get(address, allow_redirects=False, timeout=60)
    assert (answer.status_code, "Location" in answer.headers) == (200, False)


def test_its_cookie_is_its_own_and_not_for_scripts(sandbox):
    cookie = choose(sandbox).headers["Set-Cookie"]
    assert cookie.startswith("sandbox_sso=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_no_private_part_of_a_key_is_published(sandbox):
    keys = requests.get(f"{sandbox.url}/sso/oauth2/jwks", timeout=60).json()["keys"]
    assert [set(key) & {"d", "p", "q", "dp", "dq", "qi"} for key in keys] == [set()] * len(keys)
