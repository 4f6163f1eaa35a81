"""The pages on which staff accounts are kept."""

import re

import pytest
from bs4 import BeautifulSoup

from models import AuditEvent, OneTimeCode, Role, UnitKind, User, db
from services import sign_in as staff_sign_in
from tests import make


@pytest.fixture
def manager():
    return make.user(Role.MANAGER, make.unit(title="مرکز گرگان"))


@pytest.fixture
def clerk(manager):
    return make.user(Role.CLERK, manager.roles[0].unit, person=make.person(first_name="رضا", last_name="احمدی"))


def post(client, token, url, **data):
    return client.post(url, data={"csrf_token": token(client, "/auth/sessions"), **data})


def test_a_code_is_shown_once_in_two_groups_and_signs_its_user_in(sign_in, token, manager, clerk):
    answer = post(sign_in(manager), token, f"/center/staff/{clerk.id}/code")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    shown = BeautifulSoup(answer.data, "html.parser").select_one(".code").get_text().strip()
    assert re.fullmatch("[۰-۹]{4} [۰-۹]{4}", shown)
    assert staff_sign_in.by_code(clerk.username, shown, "four-fresh-words")


@pytest.mark.parametrize("act", ["code", "disable", "enable", "roles"])
def test_acts_need_post_and_a_token(sign_in, manager, clerk, act):
    client = sign_in(manager)
    assert client.get(f"/center/staff/{clerk.id}/{act}").status_code == 405
    assert client.post(f"/center/staff/{clerk.id}/{act}").status_code == 400


@pytest.mark.parametrize("act", ["", "/code", "/disable", "/enable", "/roles"])
def test_a_user_of_another_center_is_not_there_and_the_look_is_written_down(sign_in, token, manager, act):
    far = make.user(Role.CLERK, make.unit(title="مرکز دیگر"))
    client = sign_in(manager)
    url, data = f"/center/staff/{far.id}{act}", {"unit": "مرکز گرگان", "role": "clerk"}
    answer = post(client, token, url, **data) if act else client.get(url)
    assert answer.status_code == 404
    event = db.session.query(AuditEvent).filter_by(action="outside_territory").one()
    assert (event.subject_id, event.actor_id) == (far.id, manager.id)
    assert db.session.query(OneTimeCode).count() == 0


def test_a_manager_acts_on_nobody_of_their_own_rank(sign_in, token, manager):
    equal = make.user(Role.MANAGER, manager.roles[0].unit)
    client = sign_in(manager)
    assert post(client, token, f"/center/staff/{equal.id}/disable").status_code == 403
    page = client.get(f"/center/staff/{equal.id}").get_data(as_text=True)
    assert "ردهٔ بالاتر" in page
    assert "/disable" not in page


def test_an_account_is_made_and_what_is_wrong_is_said_with_the_form_kept(sign_in, token, manager):
    client = sign_in(manager)
    data = {
        "national_code": "123",
        "username": "new.clerk",
        "unit": "مرکز گرگان",
        "role": "clerk",
        "last_name": "کریمی",
    }
    answer = post(client, token, "/center/staff/new", **data)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "کد ملی باید ۱۰ رقم باشد" in page
    assert 'value="new.clerk"' in page
    answer = post(client, token, "/center/staff/new", **{**data, "national_code": make.national_code()})
    assert answer.status_code == 303
    assert "کد نخستین ورود" in client.get(answer.location).get_data(as_text=True)


def test_a_refusal_of_the_rules_stands_at_its_field(sign_in, token, manager, clerk):
    data = {"national_code": make.national_code(), "username": clerk.username, "unit": "مرکز گرگان", "role": "clerk"}
    answer = post(sign_in(manager), token, "/center/staff/new", **data)
    assert answer.status_code == 422
    soup = BeautifulSoup(answer.data, "html.parser")
    assert "کس دیگری" in soup.select_one("#username-error").get_text()


def test_extra_fields_change_nothing(sign_in, token, manager, clerk):
    extra = {"password_hash": "x", "disabled_at": "2020-01-01", "id": "1", "person_id": "1", "user_id": "1"}
    data = {"unit": "مرکز گرگان", "role": "counselor", **extra}
    post(sign_in(manager), token, f"/center/staff/{clerk.id}/roles", **data)
    row = db.session.get(User, clerk.id, populate_existing=True)
    assert (row.password_hash, row.disabled_at, row.person_id) == (None, None, clerk.person_id)


def test_a_search_leaves_neither_name_nor_code_in_the_address(sign_in, token, manager, clerk):
    client = sign_in(manager)
    for wanted in ("احمدی", clerk.person.national_code):
        answer = post(client, token, "/center/staff/search", q=wanted)
        assert answer.status_code == 303
        assert wanted not in answer.location
        assert "%D8" not in answer.location
        page = client.get(answer.location).get_data(as_text=True)
        assert "رضا احمدی" in page


def test_a_tampered_search_shows_the_whole_list(sign_in, manager, clerk):
    assert sign_in(manager).get("/center/staff?at=gAAAAnonsense").status_code == 200


def test_the_list_takes_at_most_six_queries(sign_in, manager, queries):
    for _ in range(30):
        make.user(Role.CLERK, manager.roles[0].unit)
    client = sign_in(manager)
    client.get("/center/staff")
    with queries() as seen:
        page = client.get("/center/staff")
    assert len(seen) <= 6
    assert page.get_data(as_text=True).count("<li><h2>") == 25


def test_hq_and_the_province_have_the_same_pages(sign_in, token, manager, clerk):
    office = make.unit(UnitKind.DIRECTORATE)
    for role, kind, base in ((Role.DIRECTOR, office, "/province/staff"), (Role.ADMIN, None, "/hq/users")):
        client = sign_in(make.user(role, kind or make.unit(UnitKind.HQ)))
        assert "رضا احمدی" in client.get(base).get_data(as_text=True)
        assert client.get(f"{base}/new").status_code == 200
        assert post(client, token, f"{base}/{clerk.id}/disable").status_code == 303
        assert "غیرفعال" in client.get(f"{base}/{clerk.id}").get_data(as_text=True)
        assert post(client, token, f"{base}/{clerk.id}/enable").status_code == 303
