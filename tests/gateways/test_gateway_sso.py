"""The national window's gateway against the sandbox, as a browser and the product use it together."""

import datetime
import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from gateways.errors import GatewayError, Refused, SsoRefused, Temporary, Unanswered
from gateways.sso import NationalWindow
from tests.ports import free_port

BACK = "http://127.0.0.1:8000/auth/sso/callback"


def window_at(url, timeout_s=30.0, secret="doreh-sandbox"):  # noqa: S107
    sso = f"{url}/sso"
    paths = [f"{sso}/{name}" for name in ("oauth2/authorize", "oauth2/token", "oauth2/jwks", "api/v1/user/userinfo")]
    return NationalWindow(sso, "doreh", secret, *paths, f"{sso}/logout", timeout_s=timeout_s)


def sign_in(asked, national_code="0010350829"):
    """What the browser brings back after somebody chose themselves at the window."""
    page = requests.get(asked.url, timeout=60).text
    wanted = re.search(r'name="request" value="([^"]+)"', page).group(1)
    address = asked.url.partition("/oauth2/")[0] + "/login"
    form = {"request": wanted, "national_code": national_code}
    answer = requests.post(address, form, allow_redirects=False, timeout=60)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def finished(sandbox, national_code="0010350829", **options):
    window = window_at(sandbox.url, **options)
    asked = window.begin(BACK)
    return window.finish(BACK, sign_in(asked, national_code)["code"], asked.nonce, asked.verifier)


@pytest.mark.parametrize("signed", [False, True])
def test_a_person_signs_in_with_nothing_typed_but_at_the_window(sandbox, signed):
    sandbox.sso(userinfo_jwt=signed)
    person = finished(sandbox)
    assert (person.national_code, person.first_name, person.last_name) == ("0010350829", "مریم", "یزدی کیانی")
    assert (person.father_name, person.gender, person.mobile) == ("علی", "female", "09113701000")
    assert person.birth_date == datetime.date(1991, 3, 21)
    assert (person.postal_code, person.address) == (None, None)
    assert person.issuer == f"{sandbox.url}/sso"


def test_the_subject_is_lasting_and_is_not_the_national_code(sandbox):
    first, second = finished(sandbox), finished(sandbox)
    assert first.subject == second.subject
    assert "350829" not in first.subject


def test_the_request_is_fresh_every_time_and_asks_for_a_new_sign_in():
    window = window_at("http://localhost:1")
    one, other = window.begin(BACK), window.begin(BACK)
    assert not {one.state, one.nonce, one.verifier} & {other.state, other.nonce, other.verifier}
    query = parse_qs(urlsplit(one.url).query)
    assert query["prompt"] == ["login"]
    assert query["scope"] == ["openid profile"]
    assert query["code_challenge_method"] == ["S256"]
    assert one.verifier not in one.url


def test_the_state_comes_back_for_the_caller_to_compare(sandbox):
    asked = window_at(sandbox.url).begin(BACK)
    assert sign_in(asked)["state"] == asked.state


def test_a_code_is_good_once(sandbox):
    window = window_at(sandbox.url)
    asked = window.begin(BACK)
    code = sign_in(asked)["code"]
    window.finish(BACK, code, asked.nonce, asked.verifier)
    with pytest.raises(SsoRefused, match="code"):
        window.finish(BACK, code, asked.nonce, asked.verifier)


def test_a_code_of_another_browser_is_refused(sandbox):
    window = window_at(sandbox.url)
    mine, theirs = window.begin(BACK), window.begin(BACK)
    with pytest.raises(SsoRefused, match="code"):
        window.finish(BACK, sign_in(theirs)["code"], mine.nonce, mine.verifier)


def test_a_token_for_another_sign_in_is_refused(sandbox):
    window = window_at(sandbox.url)
    asked = window.begin(BACK)
    with pytest.raises(SsoRefused, match="id_token"):
        window.finish(BACK, sign_in(asked)["code"], "another nonce", asked.verifier)


def test_an_invented_code_is_refused(sandbox):
    with pytest.raises(SsoRefused, match="code"):
        window_at(sandbox.url).finish(BACK, "invented", "n", "v" * 64)


def test_a_secret_the_window_does_not_know_is_refused_for_good(sandbox):
    with pytest.raises(Refused, match="invalid_client"):
        finished(sandbox, secret="wrong")


@pytest.mark.parametrize("mode", ["slow", "error500", "html", "silent"])
def test_every_fault_is_unanswered_in_time(sandbox, mode):
    window = window_at(sandbox.url, timeout_s=0.8)
    asked = window.begin(BACK)
    code = sign_in(asked)["code"]
    sandbox.switch("sso", mode, 60)
    began = time.monotonic()
    with pytest.raises(Unanswered):
        window.finish(BACK, code, asked.nonce, asked.verifier)
    assert time.monotonic() - began < 30


def test_the_whole_of_it_keeps_one_deadline(sandbox):
    window = window_at(sandbox.url, timeout_s=1.2)
    asked = window.begin(BACK)
    code = sign_in(asked)["code"]
    # Three calls of half a second, each short enough by itself.
    sandbox.switch("sso", "slow", 0.5)
    with pytest.raises(Unanswered, match="timeout"):
        window.finish(BACK, code, asked.nonce, asked.verifier)


def test_a_wrong_answer_is_taken_for_forged(sandbox):
    sandbox.switch("sso", "wrong")
    with pytest.raises(SsoRefused, match="id_token"):
        finished(sandbox)


def test_it_goes_on_after_the_window_changed_its_key(sandbox):
    window = window_at(sandbox.url)
    for _ in range(2):
        asked = window.begin(BACK)
        code = sign_in(asked)["code"]
        assert window.finish(BACK, code, asked.nonce, asked.verifier).national_code == "0010350829"
        sandbox.sso(rotate_key=True)
    assert sandbox.counts()["sso"]["/sso/oauth2/jwks"] == 2


def test_the_keys_are_fetched_once_for_many_sign_ins(sandbox):
    window = window_at(sandbox.url)
    for _ in range(3):
        asked = window.begin(BACK)
        window.finish(BACK, sign_in(asked)["code"], asked.nonce, asked.verifier)
    assert sandbox.counts()["sso"]["/sso/oauth2/jwks"] == 1


def test_a_window_that_is_not_there_may_be_tried_later():
    with pytest.raises(Temporary):
        window_at(f"http://127.0.0.1:{free_port()}").finish(BACK, "code", "n", "v" * 64)


def test_sign_out_goes_to_the_window_and_comes_back(sandbox):
    window = window_at(sandbox.url)
    answer = requests.get(window.logout_url("a.b.c", "http://127.0.0.1:8000/"), allow_redirects=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (303, "http://127.0.0.1:8000/")


def test_without_a_sign_out_address_it_stays_here():
    window = NationalWindow("i", "c", "s", "a", "t", "j", "u", "", timeout_s=1)
    assert window.logout_url(None, "/out") == "/out"


def test_nothing_secret_or_personal_is_shown_by_repr(sandbox):
    person, window = finished(sandbox), window_at(sandbox.url)
    shown = repr(person) + repr(window) + repr(window.begin(BACK))
    assert not [secret for secret in ("350829", "مریم", "doreh-sandbox", person.id_token) if secret in shown]


def test_no_failure_text_holds_anything_personal(sandbox):
    sandbox.switch("sso", "wrong")
    with pytest.raises(GatewayError) as caught:
        finished(sandbox)
    assert re.fullmatch(r"[a-z0-9_]+", str(caught.value))
