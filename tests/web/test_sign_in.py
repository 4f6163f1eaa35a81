"""Staff sign-in, its throttle, one-time codes, and what happens in several browsers at once."""

import datetime as dt

import pytest
import time_machine
from sqlalchemy import update

from models import OneTimeCode, SignInThrottle, User, UserSession, db
from services import passwords, sessions, sign_in, throttle
from services.errors import DomainError
from services.sessions import Owner
from tests import make

PASSWORD = "doreh-demo"
RIGHT = {"username": "clerk9", "password": PASSWORD}


@pytest.fixture
def clerk():
    return make.user(username="clerk9", password_hash=passwords.hashed(PASSWORD))


def enter(client, token, data, url="/auth/login", **options):
    return client.post(url, data={"csrf_token": token(client, url), **data}, **options)


def test_a_right_password_opens_a_session_and_goes_to_the_first_home(client, token, clerk):
    answer = enter(client, token, RIGHT)
    assert answer.status_code == 303
    assert answer.location == "/center"
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("doreh_staff="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert db.session.query(UserSession).filter_by(user_id=clerk.id, ended_at=None).count() == 1


def test_the_cookie_is_tied_to_the_host_when_the_site_is_served_by_https(app, client, token, clerk, monkeypatch):
    monkeypatch.setitem(app.config, "BASE_URL", "https://localhost")
    page = client.get("/auth/login", base_url="https://localhost")
    seed = page.get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post("/auth/login", data={"csrf_token": seed, **RIGHT}, base_url="https://localhost")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if "doreh_staff=" in line)
    assert cookie.startswith("__Host-doreh_staff=")
    assert "Secure" in cookie


@pytest.mark.parametrize("data", [{"username": "nobody"}, {"password": "wrong-password"}])
def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(client, token, clerk, data):
    answer = enter(client, token, {**RIGHT, **data})
    assert answer.status_code == 422
    assert sign_in.WRONG in answer.get_data(as_text=True)
    assert PASSWORD not in answer.get_data(as_text=True)


def test_a_name_in_persian_digits_and_capitals_is_the_same_name(client, token, clerk):
    assert enter(client, token, {**RIGHT, "username": " CLERK۹ "}).status_code == 303


def test_an_empty_form_names_both_fields(client, token):
    page = enter(client, token, {}).get_data(as_text=True)
    assert "نام کاربری را بنویسید" in page
    assert "گذرواژه را بنویسید" in page


def test_after_five_wrong_tries_even_the_right_password_waits(client, token, clerk):
    for _ in range(5):
        enter(client, token, {**RIGHT, "password": "wrong-password"})
    answer = enter(client, token, RIGHT)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 61
    assert "۱ دقیقهٔ دیگر" in answer.get_data(as_text=True)


def test_the_wait_grows_and_is_never_longer_than_a_quarter_of_an_hour():
    tried, waits, now = throttle.buckets("clerk9", "10.0.0.1"), [], dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for _ in range(12):
        with time_machine.travel(now, tick=False):
            throttle.count(tried)
            blocked = [row.blocked_until for row in db.session.query(SignInThrottle) if row.blocked_until]
        waits.append((max(blocked) - now).total_seconds() / 60 if blocked else 0)
        now += dt.timedelta(minutes=16)
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15, 15]


def test_wrong_tries_from_one_address_do_not_shut_out_the_user_elsewhere(app, client, token, clerk):
    for _ in range(6):
        enter(client, token, {**RIGHT, "password": "wrong-password"}, environ_base={"REMOTE_ADDR": "10.9.9.9"})
    assert enter(client, token, RIGHT, environ_base={"REMOTE_ADDR": "10.1.1.1"}).status_code == 303


def test_a_made_up_forwarded_address_gains_no_tries(client, token, clerk):
    for n in range(5):
        forged = {"X-Forwarded-For": f"10.0.0.{n}"}
        enter(client, token, {**RIGHT, "password": "wrong-password"}, headers=forged)
    assert enter(client, token, RIGHT, headers={"X-Forwarded-For": "10.0.0.99"}).status_code == 429


def test_the_throttle_holds_neither_names_nor_addresses(client, token, clerk):
    enter(client, token, {**RIGHT, "password": "wrong-password"})
    marks = [row.bucket for row in db.session.query(SignInThrottle)]
    assert len(marks) == 3
    assert all(len(mark) == 64 and "clerk" not in mark for mark in marks)


def test_a_right_password_forgives_the_wrong_ones_before(client, token, clerk):
    for _ in range(4):
        enter(client, token, {**RIGHT, "password": "wrong-password"})
    assert enter(client, token, RIGHT).status_code == 303
    assert [row.failures for row in db.session.query(SignInThrottle)] == [4]


def test_a_new_sign_in_replaces_the_session_of_this_browser_only(app, token, clerk):
    one, two = app.test_client(), app.test_client()
    enter(one, token, RIGHT)
    old = one.get_cookie("doreh_staff").value
    enter(two, token, RIGHT)
    enter(one, token, RIGHT)
    assert one.get_cookie("doreh_staff").value != old
    assert sessions.staff(old) is None
    assert two.get("/auth/sessions").status_code == 200


def test_signing_out_ends_the_row_and_clears_the_cache(sign_in, token, clerk):
    client = sign_in(clerk)
    old = client.get_cookie("doreh_staff").value
    answer = client.post("/auth/logout", data={"csrf_token": token(client, "/auth/sessions")})
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert client.get_cookie("doreh_staff") is None
    assert sessions.staff(old) is None
    assert client.get("/auth/logout").status_code == 405


def test_somebody_who_is_signed_in_can_go_on_or_change_the_user(sign_in, clerk):
    page = sign_in(clerk).get("/auth/login").get_data(as_text=True)
    assert "ادامه با همین کاربر" in page


class TestOneTimeCode:
    def issue(self, clerk):
        from services.transaction import atomic

        with atomic():
            return sign_in.new_code(clerk.id, clerk.id)

    def use(self, client, token, code, **over):
        data = {"username": "clerk9", "code": code, "password": "four-fresh-words", **over}
        return enter(client, token, {"repeat": data["password"], **data}, url="/auth/code")

    def test_it_sets_a_password_signs_in_and_ends_other_sessions(self, client, token, clerk):
        other = sessions.open_staff(clerk.id)
        assert self.use(client, token, self.issue(clerk)).status_code == 303
        assert sessions.staff(other) is None
        db.session.refresh(clerk)
        assert clerk.password_epoch == 1
        assert passwords.is_right(clerk.password_hash, "four-fresh-words")
        assert client.get("/auth/sessions").status_code == 200

    def test_it_can_be_typed_in_groups_and_persian_digits(self, client, token, clerk):
        code = self.issue(clerk).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        assert self.use(client, token, f"{code[:4]} {code[4:]}").status_code == 303

    def test_it_works_once(self, app, token, clerk):
        code = self.issue(clerk)
        assert self.use(app.test_client(), token, code).status_code == 303
        answer = self.use(app.test_client(), token, code)
        assert answer.status_code == 422
        assert sign_in.WRONG_CODE in answer.get_data(as_text=True)

    def test_a_new_code_voids_the_old_one(self, client, token, clerk):
        old = self.issue(clerk)
        self.issue(clerk)
        assert self.use(client, token, old).status_code == 422

    def test_after_five_wrong_tries_the_right_code_is_dead(self, clerk):
        code = self.issue(clerk)
        for n in range(5):
            with pytest.raises(sign_in.DomainError):
                sign_in.by_code("clerk9", "00000000", "four-fresh-words", address=f"10.0.0.{n}")
        with pytest.raises(sign_in.DomainError, match="هر کد ۵ بار"):
            sign_in.by_code("clerk9", code, "four-fresh-words", address="10.0.1.1")

    def test_a_day_later_it_has_expired(self, clerk):
        code = self.issue(clerk)
        with (
            time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=25)),
            pytest.raises(sign_in.DomainError, match="زمان این کد"),
        ):
            sign_in.by_code("clerk9", code, "four-fresh-words")

    def test_an_easy_password_does_not_use_it_up(self, client, token, clerk):
        code = self.issue(clerk)
        answer = self.use(client, token, code, password="short")
        assert "دست‌کم ۱۰ نویسه" in answer.get_data(as_text=True)
        assert db.session.query(OneTimeCode).one().attempts == 0
        assert self.use(client, token, code).status_code == 303

    def test_the_code_is_nowhere_in_the_database(self, clerk):
        code = self.issue(clerk)
        assert code not in db.session.query(OneTimeCode).one().code_hash

    def test_an_unknown_user_gets_the_same_words_as_a_wrong_code(self, client, token, clerk):
        answer = self.use(client, token, "12345678", username="nobody")
        assert sign_in.WRONG_CODE in answer.get_data(as_text=True)


class TestSessions:
    def test_they_are_listed_and_closed_one_by_one(self, app, sign_in, token, clerk):
        mine, other = sign_in(clerk), sign_in(clerk)
        page = mine.get("/auth/sessions").get_data(as_text=True)
        assert page.count("بستن این ورود") == 1
        row = sessions.mine(Owner(clerk.id, None))
        other_id = next(s.id for s in row if s.token_hash == sessions.token_hash(other.get_cookie("doreh_staff").value))
        url = f"/auth/sessions/{other_id}/close"
        assert mine.post(url, data={"csrf_token": token(mine, "/auth/sessions")}).status_code == 303
        assert other.get("/auth/sessions").status_code == 303
        assert mine.get("/auth/sessions").status_code == 200

    def test_all_others_are_closed_at_once(self, sign_in, token, clerk):
        mine, others = sign_in(clerk), [sign_in(clerk) for _ in range(4)]
        mine.post("/auth/sessions/close-others", data={"csrf_token": token(mine, "/auth/sessions")})
        assert [c.get("/auth/sessions").status_code for c in (mine, *others)] == [200, 303, 303, 303, 303]

    def test_nobody_closes_a_session_of_somebody_else(self, sign_in, token, clerk):
        stranger = sign_in(make.user())
        sessions.open_staff(clerk.id)
        theirs = sessions.mine(Owner(clerk.id, None))[0].id
        url = f"/auth/sessions/{theirs}/close"
        answer = stranger.post(url, data={"csrf_token": token(stranger, "/auth/sessions")})
        assert answer.status_code == 404
        assert sessions.mine(Owner(clerk.id, None))

    def test_a_trainee_has_the_same_page(self, sign_in, token):
        person = make.person()
        mine, other = sign_in(person), sign_in(person)
        data = {"csrf_token": token(mine, "/auth/trainee/sessions")}
        mine.post("/auth/trainee/sessions/close-others", data=data)
        assert other.get("/auth/trainee/sessions").status_code == 303


def test_a_password_changed_while_the_old_one_was_compared_opens_no_session(clerk, monkeypatch):
    compare, new = passwords.is_right, passwords.hashed("another password")

    def meanwhile(known, typed):
        is_right = compare(known, typed)
        db.session.execute(update(User).where(User.id == clerk.id).values(password_hash=new))
        db.session.commit()
        return is_right

    monkeypatch.setattr(passwords, "is_right", meanwhile)
    with pytest.raises(DomainError, match=sign_in.WRONG):
        sign_in.by_password("clerk9", PASSWORD)
    assert db.session.query(UserSession).count() == 0
