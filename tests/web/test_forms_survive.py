"""Forms live longer than sessions: tokens bound to users, Origin checks, and forms kept over a sign-in."""

import datetime as dt
import json
import re

import pytest
import time_machine
from bs4 import BeautifulSoup

from blueprints import guards, session_interface
from models import HeldPost, Role, SkillStandard, User, db, utcnow
from services import courses, held_posts, passwords, sessions, submissions
from services.held_posts import Form
from services.sessions import Owner
from tests import course_cases, make

PASSWORD = "doreh-demo"
GRANT = {"unit": "مرکز نمونه", "role": "clerk", "can_enroll_others": "y"}


@pytest.fixture
def manager():
    unit = make.unit(title="مرکز نمونه")
    person = make.person(first_name="سارا", last_name="کریمی")
    return make.user("manager", unit, person=person, username="manager9", password_hash=passwords.hashed(PASSWORD))


@pytest.fixture
def colleague(manager):
    return make.user("clerk", db.session.get(User, manager.id).roles[0].unit, can_enroll_others=False)


def sign_in_here(client, token, username="manager9", url="/auth/login"):
    data = {"csrf_token": token(client, url), "username": username, "password": PASSWORD}
    return client.post(url, data=data)


def roles_url(user):
    return f"/center/staff/{user.id}/roles"


def is_granted(colleague):
    """Whether the form `GRANT` has had its effect."""
    db.session.rollback()
    return db.session.get_one(User, colleague.id, populate_existing=True).roles[0].can_enroll_others


# -- Tokens ------------------------------------------------------------------------


def send_over_a_new_sign_in(client, token, colleague):
    """A form that was open when its user signed out and in again."""
    sign_in_here(client, token)
    old = token(client, "/center/staff/new")
    client.post("/auth/logout", data={"csrf_token": token(client, "/auth/sessions")})
    sign_in_here(client, token)
    client.post(roles_url(colleague), data={"csrf_token": old, **GRANT})


def test_a_form_open_in_one_browser_survives_a_new_sign_in_of_the_same_user(client, token, manager, colleague):
    send_over_a_new_sign_in(client, token, colleague)
    assert is_granted(colleague)


def test_control_with_tokens_bound_to_the_session_the_open_form_dies(client, token, manager, colleague, monkeypatch):
    of_user = session_interface.seed
    monkeypatch.setattr(session_interface, "seed", lambda: f"{of_user()}.{guards.session_id()}")
    send_over_a_new_sign_in(client, token, colleague)
    assert not is_granted(colleague)


def test_a_form_of_one_browser_is_taken_in_another_of_the_same_user(sign_in, token, manager, colleague):
    old = token(sign_in(manager), "/center/staff/new")
    sign_in(manager).post(roles_url(colleague), data={"csrf_token": old, **GRANT})
    assert is_granted(colleague)


def test_a_token_of_another_user_is_refused_and_the_form_kept_for_its_owner(sign_in, token, manager, colleague):
    theirs = token(sign_in(manager), "/center/staff/new")
    second = make.user("manager", manager.roles[0].unit)
    answer = sign_in(second).post(roles_url(colleague), data={"csrf_token": theirs, **GRANT})
    assert answer.status_code == 400
    page = answer.get_data(as_text=True)
    assert "این فرم برای کاربر دیگری باز شده بود" in page
    assert "س. ک." in page
    assert "کریمی" not in page
    assert db.session.query(HeldPost).one().user_id == manager.id


@pytest.mark.parametrize("bad", ["", "nonsense", "IjEi.aaaa.bbbb"])
def test_a_missing_or_forged_token_is_refused_and_nothing_kept(sign_in, manager, colleague, bad):
    answer = sign_in(manager).post(roles_url(colleague), data={"csrf_token": bad, **GRANT})
    assert answer.status_code == 400
    assert db.session.query(HeldPost).count() == 0


def test_a_visitors_token_opens_no_staff_form(sign_in, token, manager, colleague):
    client = sign_in(manager)
    visitors = token(client, "/auth/login")
    assert client.post(roles_url(colleague), data={"csrf_token": visitors, **GRANT}).status_code == 400


def test_staff_and_trainee_are_signed_in_side_by_side_with_tokens_of_their_own(app, sign_in, token, manager):
    client = sign_in(manager)
    client.set_cookie("doreh_trainee", sessions.open_trainee(make.person().id))
    staffs, trainees = token(client, "/auth/sessions"), token(client, "/auth/trainee/sessions")
    assert client.post("/auth/sessions/close-others", data={"csrf_token": trainees}).status_code == 400
    assert client.post("/auth/trainee/sessions/close-others", data={"csrf_token": staffs}).status_code == 400
    assert client.post("/auth/trainee/logout", data={"csrf_token": trainees}).status_code == 303
    assert client.get("/auth/sessions").status_code == 200


def test_a_new_password_makes_open_forms_come_back_filled(sign_in, token, manager, colleague):
    client = sign_in(manager)
    old = token(client, "/center/staff/new")
    manager.password_epoch += 1
    db.session.commit()
    answer = client.post(roles_url(colleague), data={"csrf_token": old, **GRANT})
    assert answer.status_code == 303
    assert "گذرواژه پس از بازشدن" in client.get(answer.location).get_data(as_text=True)


def test_two_tabs_of_a_visitor_share_one_seed(client, token):
    first, second = token(client, "/auth/login"), token(client, "/auth/login")
    for one in (first, second):
        data = {"csrf_token": one, "username": "x", "password": "y"}
        assert client.post("/auth/login", data=data).status_code == 422


def test_a_sign_in_page_that_is_older_than_its_seed_comes_back_fresh(client, token, manager):
    old = token(client, "/auth/login")
    client.delete_cookie("doreh_seed")
    answer = client.post("/auth/login?next=/center/staff", data={"csrf_token": old, "password": PASSWORD})
    assert answer.status_code == 303
    assert "/auth/login" in answer.location
    assert "کهنه" in client.get(answer.location).get_data(as_text=True)


def test_no_page_sets_a_session_cookie_of_flask(sign_in, manager):
    client = sign_in(manager)
    for url in ("/auth/login", "/auth/sessions", "/center/staff"):
        assert not any(line.startswith("session=") for line in client.get(url).headers.getlist("Set-Cookie"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Referer": "https://evil.example/localhost"},
    ],
)
def test_a_post_from_another_site_is_refused_even_with_a_right_token(sign_in, token, manager, colleague, headers):
    client = sign_in(manager)
    data = {"csrf_token": token(client, "/center/staff/new"), **GRANT}
    assert client.post(roles_url(colleague), data=data, headers=headers).status_code == 400
    assert client.post(roles_url(colleague), data=data, headers={"Origin": "http://localhost"}).status_code == 303


def test_a_foreign_post_without_a_session_is_not_kept(client, sign_in, token, manager, colleague):
    data = {"csrf_token": token(sign_in(manager), "/center/staff/new"), **GRANT}
    assert client.post(roles_url(colleague), data=data, headers={"Origin": "https://evil.example"}).status_code == 400
    assert db.session.query(HeldPost).count() == 0


# -- Kept forms --------------------------------------------------------------------


def post_after_the_end(client, token, colleague, **over):
    """A form opened in time and sent after its session has ended."""
    data = {"csrf_token": token(client, "/center/staff/new"), **GRANT, **over}
    sessions.end(client.get_cookie("doreh_staff").value)
    return client.post(roles_url(colleague), data=data)


def test_a_form_sent_after_the_session_ended_is_shown_filled_and_sent_by_its_owner(sign_in, token, manager, colleague):
    client = sign_in(manager)
    answer = post_after_the_end(client, token, colleague)
    assert answer.status_code == 303
    login = client.get(answer.location)
    assert "فرم شما نگه داشته شد" in login.get_data(as_text=True)
    answer = sign_in_here(client, token, url=answer.location)
    assert re.fullmatch(r"/auth/held/[\w-]{24}", answer.location)
    soup = BeautifulSoup(client.get(answer.location).data, "html.parser")
    assert [dd.get_text() for dd in soup.select("dl.facts dd")] == ["مرکز نمونه", "کارشناس مرکز", "بله"]
    form = soup.select_one(f"form[action='{roles_url(colleague)}']")
    fields = {i["name"]: i["value"] for i in form.select("input")}
    assert not is_granted(colleague)
    assert client.post(form["action"], data=fields).status_code == 303
    assert is_granted(colleague)


def test_control_without_the_kept_form_what_was_typed_is_lost(sign_in, token, manager, colleague, monkeypatch):
    monkeypatch.setattr(held_posts, "hold", lambda *_: None)
    client = sign_in(manager)
    answer = post_after_the_end(client, token, colleague)
    after = client.get(sign_in_here(client, token, url=answer.location).location)
    assert BeautifulSoup(after.data, "html.parser").select("dl.facts dd") == []
    assert not is_granted(colleague)


def test_nothing_is_sent_before_the_owner_presses_the_button(sign_in, token, manager, colleague):
    client = sign_in(manager)
    before = [(role.role, role.can_enroll_others) for role in colleague.roles]
    answer = post_after_the_end(client, token, colleague, role="counselor")
    client.get(sign_in_here(client, token, url=answer.location).location)
    db.session.expire_all()
    assert [(role.role, role.can_enroll_others) for role in db.session.get(User, colleague.id).roles] == before


def test_the_form_waits_even_if_its_owner_signs_in_by_the_plain_page(sign_in, token, manager, colleague):
    client = sign_in(manager)
    post_after_the_end(client, token, colleague)
    assert sign_in_here(client, token).location.startswith("/auth/held/")


def test_another_user_learns_whose_form_it_is_by_initials_and_no_more(sign_in, token, manager, colleague):
    client = sign_in(manager)
    answer = post_after_the_end(client, token, colleague)
    key = re.search(r"held/([\w-]+)", answer.location)[1]
    page = sign_in(colleague).get(f"/auth/held/{key}")
    assert page.status_code == 403
    text = page.get_data(as_text=True)
    assert "س. ک." in text
    assert "مرکز نمونه" not in text.split("<main")[1]
    assert "counselor" not in text


def test_another_user_cannot_drop_it(sign_in, token, manager, colleague):
    client = sign_in(manager)
    key = re.search(r"held/([\w-]+)", post_after_the_end(client, token, colleague).location)[1]
    stranger = sign_in(colleague)
    stranger.post(f"/auth/held/{key}/drop", data={"csrf_token": token(stranger, "/auth/sessions")})
    assert db.session.query(HeldPost).count() == 1


def test_the_owner_can_drop_it(sign_in, token, manager, colleague):
    client = sign_in(manager)
    key = re.search(r"held/([\w-]+)", post_after_the_end(client, token, colleague).location)[1]
    again = sign_in(manager)
    again.post(f"/auth/held/{key}/drop", data={"csrf_token": token(again, f"/auth/held/{key}")})
    assert db.session.query(HeldPost).count() == 0
    assert again.get(f"/auth/held/{key}").status_code == 404


def test_what_is_kept_is_unreadable_in_the_database_and_has_no_password(sign_in, token, manager, colleague):
    client = sign_in(manager)
    post_after_the_end(client, token, colleague, new_password="do not keep me")
    row = db.session.query(HeldPost).one()
    assert "مرکز" not in row.sealed
    assert json.dumps("مرکز") not in row.sealed
    key = held_posts.newest(Owner(manager.id, None))
    kept = dict(held_posts.get(Owner(manager.id, None), key).fields)
    assert "new_password" not in kept
    assert "csrf_token" not in kept


def test_a_cleared_cookie_loses_no_form_because_its_token_names_its_owner(sign_in, token, manager, colleague):
    client = sign_in(manager)
    data = {"csrf_token": token(client, "/center/staff/new"), **GRANT}
    client.delete_cookie("doreh_staff")
    client.post(roles_url(colleague), data=data)
    assert db.session.query(HeldPost).one().user_id == manager.id


def test_a_post_that_no_form_of_ours_made_is_not_kept(client, manager, colleague):
    assert client.post(roles_url(colleague), data=GRANT).status_code == 303
    assert db.session.query(HeldPost).count() == 0


def test_a_form_over_the_limit_is_not_kept_and_that_is_said(sign_in, token, manager, colleague):
    client = sign_in(manager)
    answer = post_after_the_end(client, token, colleague, note="x" * (300 * 1024))
    assert db.session.query(HeldPost).count() == 0
    assert "بزرگ‌تر" in client.get(answer.location).get_data(as_text=True)


def test_htmx_is_sent_to_the_sign_in_page_too(sign_in, token, manager, colleague):
    client = sign_in(manager, htmx=True)
    answer = post_after_the_end(client, token, colleague)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/auth/login?next=/auth/held/")


def test_after_an_hour_it_is_gone(manager):
    owner = Owner(manager.id, None)
    key = held_posts.hold(owner, Form("/center/staff", (("a", "b"),)))
    with time_machine.travel(utcnow() + dt.timedelta(minutes=61)):
        with pytest.raises(held_posts.NotFound):
            held_posts.get(owner, key)
        assert held_posts.purge(utcnow()) == 1


def test_only_the_newest_twenty_of_one_owner_are_kept(manager):
    owner = Owner(manager.id, None)
    for n in range(23):
        held_posts.hold(owner, Form("/center/staff", (("n", str(n)),)))
    assert db.session.query(HeldPost).count() == 20
    assert held_posts.get(owner, held_posts.newest(owner)).fields == (("n", "22"),)


def test_a_trainees_form_leads_to_the_window_and_back(sign_in, token):
    person = make.person()
    client = sign_in(person)
    data = {"csrf_token": token(client, "/auth/trainee/sessions"), "reason": "کار دارم"}
    sessions.end(client.get_cookie("doreh_trainee").value)
    answer = client.post("/trainee/enrollments/1/withdraw", data=data)
    assert answer.location.startswith("/auth/window?next=/auth/trainee/held/")
    assert "فرم شما نگه داشته شد" in client.get(answer.location).get_data(as_text=True)
    again = sign_in(person).get(answer.location.removeprefix("/auth/window?next="))
    assert "کار دارم" in again.get_data(as_text=True)


# -- Forms sent twice --------------------------------------------------------------


def made_by_two_presses():
    """How many courses one form makes that is sent twice."""
    clerk = course_cases.staff(Role.CLERK, course_cases.center())
    standard = make.first(SkillStandard).id
    return len({courses.create(clerk, standard, "k").id for _ in range(2)})


def test_a_form_that_is_sent_twice_makes_one_course():
    assert made_by_two_presses() == 1


def test_control_without_the_key_of_the_form_two_presses_make_two_courses(monkeypatch):
    monkeypatch.setattr(submissions, "begin", lambda *_: None)
    assert made_by_two_presses() == 2
