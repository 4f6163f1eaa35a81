"""Trainees at the national window: several tabs, reloads, forged answers, and a window that is away."""

import dataclasses
import datetime as dt
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from bs4 import BeautifulSoup

from gateways.errors import Refused, SsoRefused, SsoReused, Temporary, Unanswered
from models import OutsideSystem, Person, Role, UserRole, UserSession, db, utcnow
from services import held_posts, sessions, throttle
from services import window as sign_in
from services.sessions import Owner
from services.text import persian_digits
from tests import make
from tests.window import PERSON, FakeWindow, Script


@pytest.fixture
def window(app, monkeypatch):
    script, base = Script(), "https://window.example"
    urls = {name: f"{base}/{name}" for name in ("authorize_url", "token_url", "jwks_url", "userinfo_url")}
    values = {"issuer": base, "client_id": "doreh", "client_secret": "s", "end_session_url": f"{base}/logout", **urls}
    fake = FakeWindow(timeout_s=1.0, keys=script, **values)
    gateways = dataclasses.replace(app.extensions["gateways"], sso=fake)
    monkeypatch.setitem(app.extensions, "gateways", gateways)
    monkeypatch.setitem(app.config, "SSO_MODE", "online")
    return script


def begin(client, next_=None):
    """Go to the window; answers the state to come back with."""
    answer = client.get("/auth/sso", query_string={"next": next_} if next_ else {})
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.location).query)["state"][0]


def come_back(client, state, code="c-1", **query):
    return client.get("/auth/sso/callback", query_string={"state": state, "code": code, **query})


def test_a_trainee_signs_in_and_goes_where_they_wanted(client, window):
    answer = come_back(client, begin(client, "/auth/trainee/sessions"))
    assert answer.status_code == 303
    assert answer.location == "/auth/trainee/sessions"
    assert client.get(answer.location).status_code == 200
    assert db.session.query(Person).one().national_code == PERSON.national_code


def test_the_exact_return_address_of_the_settings_is_used(client, window):
    client.get("/auth/sso", headers={"Host": "evil.example"})
    come_back(client, begin(client))
    assert {asked[0] for asked in window.asked} == {"http://localhost/auth/sso/callback"}


def test_several_tabs_do_not_disturb_each_other(client, window):
    states = [begin(client, f"/courses?tab={n}") for n in range(3)]
    for n in (1, 0, 2):
        assert come_back(client, states[n], code=f"c-{n}").location == f"/courses?tab={n}"
    assert len({asked[2] for asked in window.asked}) == 3


def test_many_unfinished_sign_ins_do_not_fill_the_browser(client, window):
    for _ in range(12):
        begin(client)
    assert sum(cookie.key.startswith("doreh_sso_") for cookie in client._cookies.values()) <= 4


def test_the_page_loaded_again_leads_on_to_where_the_person_was_going(client, window):
    state = begin(client, "/auth/trainee/sessions")
    assert client.head("/auth/sso/callback", query_string={"state": state, "code": "c-1"}).status_code == 204
    for _ in range(3):
        assert come_back(client, state).location == "/auth/trainee/sessions"
    assert (len(window.asked), db.session.query(UserSession).count()) == (1, 1)
    assert client.get("/auth/trainee/sessions").status_code == 200


def as_left(app, client):
    """The same browser, as if the last answer had never come to it."""
    other = app.test_client()
    for cookie in client._cookies.values():
        other.set_cookie(cookie.key, cookie.value, path=cookie.path)
    return other


def test_the_page_loaded_again_before_the_first_answer_came_finds_the_session_of_the_first(app, client, window):
    state = begin(client, "/courses")
    again = as_left(app, client)
    come_back(client, state)
    assert come_back(again, state).location == "/courses"
    assert again.get_cookie("doreh_trainee").value == client.get_cookie("doreh_trainee").value
    assert (len(window.asked), db.session.query(UserSession).count()) == (1, 1)


def test_while_the_first_is_still_asking_the_second_waits_and_then_begins_anew(client, window):
    state = begin(client, "/courses")
    throttle.take_once(f"way back {state}")  # by a first one whose answer never came
    for _ in range(2):
        answer = come_back(client, state)
        assert (answer.status_code, answer.headers["Refresh"]) == (202, "2")
        assert f"state={state}" in BeautifulSoup(answer.data, "html.parser").select_one("main a.btn")["href"]
    with time_machine.travel(utcnow() + dt.timedelta(seconds=sign_in.UNDER_WAY_S + 1)):
        assert come_back(client, state).status_code == 400
    assert window.asked == []


def test_a_browser_that_keeps_no_cookies_is_told_so_with_a_button(app, client, window):
    answer = come_back(app.test_client(), begin(client))
    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 400
    assert "کوکی" in page.main.get_text()
    assert page.select_one("main a.primary")["href"] == "/auth/sso"


def test_an_earlier_sign_in_at_the_window_is_not_taken_and_the_way_out_is_shown(client, window):
    window.answer = SsoReused("signed_in_before")
    answer = come_back(client, begin(client, "/courses"))
    page = BeautifulSoup(answer.data, "html.parser")
    assert (answer.status_code, db.session.query(UserSession).count()) == (400, 0)
    assert [a["href"] for a in page.select("main a.btn")] == ["/auth/trainee/leave-window", "/auth/sso?next=/courses"]


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_state_that_this_browser_did_not_begin_with_is_refused(client, window, state):
    begin(client)
    assert come_back(client, state).status_code == 400
    assert window.asked == []


def test_a_state_of_another_browser_is_refused(app, client, window):
    state = begin(app.test_client())
    assert come_back(client, state).status_code == 400
    assert window.asked == []
    assert db.session.query(UserSession).count() == 0


def test_a_cookie_of_one_sign_in_does_not_serve_another(client, window):
    one, two = begin(client), begin(client)
    names = {cookie.key: cookie.value for cookie in client._cookies.values() if cookie.key.startswith("doreh_sso_")}
    first, second = names
    client.set_cookie(first, names[second])
    client.set_cookie(second, names[first])
    assert come_back(client, one).status_code == come_back(client, two).status_code == 400


def test_after_ten_minutes_one_begins_again(client, window):
    state = begin(client)
    with time_machine.travel(utcnow() + dt.timedelta(minutes=11)):
        answer = come_back(client, state)
    assert answer.status_code == 400
    assert "/auth/sso" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (Temporary("http_503"), 503),
        (Unanswered("timeout"), 503),
        (Refused("no_national_code"), 400),
        (SsoRefused("signature"), 400),
    ],
)
def test_a_failure_says_what_happened_what_works_and_offers_to_try_again(client, window, failure, status):
    window.answer = failure
    answer = come_back(client, begin(client, "/courses"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert "ورود انجام نشد" in page
    assert "/auth/sso?next=/courses" in page
    assert "مرکز آموزش" in page
    assert db.session.query(UserSession).count() == 0


def test_whoever_cancels_at_the_window_reads_so(client, window):
    answer = client.get("/auth/sso/callback", query_string={"state": begin(client), "error": "access_denied"})
    assert answer.status_code == 400
    assert "نیمه‌کاره" in answer.get_data(as_text=True)


def test_with_the_window_switched_off_there_is_a_page_and_no_retry(client):
    answer = client.get("/auth/sso")
    assert answer.status_code == 503
    assert "دوباره امتحان" not in answer.get_data(as_text=True)


def test_a_foreign_next_is_dropped(client, window):
    answer = come_back(client, begin(client, "//evil.example"))
    assert answer.location.startswith(("/trainee", "/auth/trainee"))


def test_a_new_trainee_in_this_browser_ends_the_session_of_the_one_before(client, window):
    come_back(client, begin(client))
    old = client.get_cookie("doreh_trainee").value
    window.answer = dataclasses.replace(PERSON, national_code=make.national_code(), mobile="09139999999")
    come_back(client, begin(client), code="c-2")
    assert sessions.trainee(old) is None
    assert sessions.trainee(client.get_cookie("doreh_trainee").value) is not None


def test_a_clerks_session_is_untouched_when_a_trainee_signs_in_on_the_same_computer(sign_in, window):
    client = sign_in(make.user())
    come_back(client, begin(client))
    assert client.get("/auth/sessions").status_code == 200
    assert client.get("/auth/trainee/sessions").status_code == 200


def test_sign_out_is_offered_for_both(client, token, window):
    come_back(client, begin(client))
    answer = client.post("/auth/trainee/logout", data={"csrf_token": token(client, "/auth/trainee/sessions")})
    assert client.get("/auth/trainee/sessions").status_code == 303
    assert "/auth/trainee/leave-window" in client.get(answer.location).get_data(as_text=True)
    answer = client.get("/auth/trainee/leave-window")
    query = parse_qs(urlsplit(answer.location).query)
    assert query["id_token_hint"] == ["an.id.token"]
    assert query["post_logout_redirect_uri"] == ["http://localhost/"]
    assert "id_token_hint" not in client.get("/auth/trainee/leave-window").location


def test_the_address_of_the_callback_is_never_logged_with_a_national_code(client, window, caplog):
    caplog.set_level("DEBUG")
    come_back(client, begin(client))
    assert PERSON.national_code not in caplog.text


def test_who_comes_when_too_many_wait_already_goes_the_same_way_back_a_moment_later(client, window, monkeypatch):
    monkeypatch.setattr(sign_in, "_room", threading.BoundedSemaphore(1))
    state = begin(client, "/auth/trainee/sessions")
    with sign_in._room:
        busy = come_back(client, state)
    assert busy.status_code == 503
    assert window.asked == []
    again = BeautifulSoup(busy.data, "html.parser").select_one("a.primary")["href"]
    assert client.get(again).location == "/auth/trainee/sessions"
    assert len(window.asked) == 1


def rest(seconds):
    """The breaker of the window is open for so long."""
    times = {"opened_at": utcnow(), "probe_at": utcnow() + dt.timedelta(seconds=seconds)}
    return make.save(OutsideSystem(code="sso", breaker="open", failures=5, **times))


def test_nobody_is_sent_to_a_window_that_is_down_without_a_word(client, window):
    course = make.course()
    rest(60)
    answer = client.get(f"/auth/sso?next=/trainee/enroll/{course.code}")
    page = BeautifulSoup(answer.data, "html.parser")
    said = page.main.get_text()
    assert answer.status_code == 503
    assert course.unit.title in said
    assert persian_digits(course.unit.phone) in said
    assert {"/slip", "/courses"} <= {a["href"] for a in page.select("main a")}
    assert client.get(page.select_one("main a.primary")["href"]).location.startswith("https://window.example/")


def test_a_window_that_rests_is_asked_by_the_same_way_back_when_it_is_up_again(client, window):
    state = begin(client, "/courses")
    row = rest(60)
    away = come_back(client, state)
    assert (away.status_code, window.asked) == (503, [])
    row.breaker, row.probe_at = "closed", None
    db.session.commit()
    again = BeautifulSoup(away.data, "html.parser").select_one("a.primary")["href"]
    assert client.get(again).location == "/courses"


def test_whoever_is_inside_goes_on_while_the_window_is_down(client, window):
    come_back(client, begin(client))
    window.answer = Unanswered("timeout")
    answer = come_back(client, begin(client))
    assert (answer.status_code, client.get("/trainee").status_code) == (503, 200)
    assert "شما هنوز در همین مرورگر وارد هستید" in answer.get_data(as_text=True)


def test_a_trainee_has_the_windows_number_taken_and_reads_what_came_of_it(sign_in, window):
    person = make.person(national_code=PERSON.national_code, mobile="09120000001", mobile_status="matched")
    client = sign_in(person)
    window.answer = dataclasses.replace(PERSON, mobile=None)
    for answer, said, mobile in ((window.answer, "تغییری نکرد", "09120000001"), (PERSON, "همان شد", PERSON.mobile)):
        window.answer = answer
        there = client.get("/trainee/me").get_data(as_text=True)
        link = BeautifulSoup(there, "html.parser").select_one("main a[href*='take=mobile']")["href"]
        state = parse_qs(urlsplit(client.get(link).location).query)["state"][0]
        assert come_back(client, state, code=mobile).location == "/trainee/me"
        page = client.get("/trainee/me").get_data(as_text=True)
        assert said in page
        assert persian_digits(mobile) in page
        assert "به نام شماست" in page
    assert come_back(client, begin(client), code="c-9").status_code == 303  # any other sign-in takes nothing away


# -- Instructors -------------------------------------------------------------------


def instructor(*more: Role):
    """Somebody the window knows who has an account here as an instructor."""
    person = make.person(national_code=PERSON.national_code, first_name="مریم", last_name="صادقی")
    unit = make.unit()
    user = make.user(Role.INSTRUCTOR, unit, person=person)
    for role in more:
        make.save(UserRole(user_id=user.id, unit_id=unit.id, role=role))
    return user


def test_an_instructor_comes_in_by_the_window_and_leaves_it_with_the_staff(client, window, token):
    user = instructor()
    door = BeautifulSoup(client.get("/auth/login?next=/instructor/classes").data, "html.parser")
    assert door.select_one("a[href='/auth/sso?next=/instructor/classes']")
    state = begin(client, "/instructor/classes")
    answer = come_back(client, state)
    assert answer.location == "/instructor/classes"
    assert client.get(answer.location).status_code == 200
    assert come_back(client, state).location == "/instructor/classes"
    assert db.session.query(UserSession).one().user_id == user.id
    assert client.get("/trainee").status_code == 303
    out = client.post("/auth/logout", data={"csrf_token": token(client, "/auth/sessions")})
    assert out.location == "/auth/trainee/signed-out"
    assert client.get("/auth/trainee/leave-window").location.startswith("https://window.example/logout?")
    assert client.get("/instructor").status_code == 303


@pytest.mark.parametrize("who", ["nobody", "clerk", "disabled"])
def test_the_window_opens_no_account_but_an_instructors_own(client, window, who):
    if who != "nobody":
        user = instructor(*([Role.CLERK] if who == "clerk" else []))
        user.disabled_at = utcnow() if who == "disabled" else None
        db.session.commit()
    people = db.session.query(Person).count()
    answer = come_back(client, begin(client, "/instructor"))
    assert answer.status_code == 403
    assert "با نام کاربری و گذرواژه وارد شوید" in answer.get_data(as_text=True)
    assert (db.session.query(UserSession).count(), db.session.query(Person).count()) == (0, people)


def test_a_form_kept_for_an_instructor_is_found_again_by_way_of_the_window(client, window):
    user = instructor()
    key = held_posts.hold(Owner(user.id, None), held_posts.Form("/instructor/meetings/1", (("p1", "late"),)))
    answer = come_back(client, begin(client, f"/auth/held/{key}"))
    assert client.get(answer.location).status_code == 200
    assert db.session.query(UserSession).one().user_id == user.id


def test_as_a_trainee_the_same_person_gets_no_session_of_staff(client, window):
    instructor()
    come_back(client, begin(client, "/courses"))
    assert client.get("/instructor").status_code == 303
    assert db.session.query(UserSession).one().user_id is None
