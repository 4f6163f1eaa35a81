"""Whoever works for several units is asked for which; whoever works for one is not."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from models import Course, EnrollmentDraft, Role, UserRole, db
from tests import make


@pytest.fixture
def units():
    return make.unit(title="مرکز الف"), make.unit(title="مرکز ب")


@pytest.fixture
def clerk(units):
    user = make.user(Role.CLERK, units[0])
    make.save(UserRole(user_id=user.id, unit_id=units[1].id, role=Role.CLERK, can_enroll_others=True))
    return user


def offered(page) -> dict[str, str]:
    options = BeautifulSoup(page.data, "html.parser").select("#unit option")
    return {option.get_text(): option["value"] for option in options}


def form_of(page) -> dict[str, str]:
    """The hidden fields of the last form in the main part of a page."""
    form = BeautifulSoup(page.data, "html.parser").select("main form[method=post]")[-1]
    return {tag["name"]: tag.get("value", "") for tag in form.select("input[type=hidden]")}


def test_the_page_of_a_new_course_asks_for_the_unit_and_puts_the_course_there(sign_in, clerk, units):
    client, standard = sign_in(clerk), make.standard()
    page = client.get("/center/courses/new?q=مهارت")
    assert offered(page) == {"انتخاب کنید": "", "مرکز الف": str(units[0].id), "مرکز ب": str(units[1].id)}
    missing = client.post("/center/courses/new", data={**form_of(page), "standard": standard.id, "unit": ""})
    assert missing.status_code == 422
    assert "واحدی را انتخاب کنید" in BeautifulSoup(missing.data, "html.parser").select_one("#unit-error").get_text()
    assert standard.title in missing.get_data(as_text=True)
    chosen = {**form_of(missing), "standard": standard.id, "unit": units[1].id}
    assert client.post("/center/courses/new", data=chosen).status_code == 303
    assert make.first(Course).unit_id == units[1].id


def test_a_clerk_of_one_unit_is_not_asked(sign_in):
    make.standard()
    client = sign_in(make.user(Role.CLERK))
    assert offered(client.get("/center/courses/new")) == {}
    assert offered(client.get("/center/enroll")) == {}


def test_the_desk_asks_for_the_unit_keeps_the_code_and_makes_the_draft_there(sign_in, clerk, units):
    client, code = sign_in(clerk), make.national_code()
    page = client.get("/center/enroll")
    assert list(offered(page)) == ["انتخاب کنید", "مرکز الف", "مرکز ب"]
    missing = client.post("/center/enroll", data={**form_of(page), "national_code": code, "unit": ""})
    assert missing.status_code == 422
    soup = BeautifulSoup(missing.data, "html.parser")
    assert "واحدی را انتخاب کنید" in soup.select_one("#unit-error").get_text()
    assert soup.select_one("#national_code")["value"] == code
    chosen = {**form_of(missing), "national_code": code, "unit": units[1].id}
    assert client.post("/center/enroll", data=chosen).status_code == 303
    assert make.first(EnrollmentDraft).unit_id == units[1].id


def test_a_unit_of_somebody_else_is_refused_at_the_desk(sign_in, clerk):
    client = sign_in(clerk)
    data = form_of(client.get("/center/enroll")) | {"national_code": make.national_code(), "unit": make.unit().id}
    assert client.post("/center/enroll", data=data).status_code == 403
    assert make.first(EnrollmentDraft) is None


def test_the_course_of_a_link_tells_the_unit(sign_in, clerk, units):
    make.tariff()
    client, course = sign_in(clerk), make.course(unit_=units[1])
    page = client.get(f"/center/enroll?course={course.code}")
    assert offered(page) == {}
    assert (
        client.post("/center/enroll", data={**form_of(page), "national_code": make.national_code()}).status_code == 303
    )
    assert make.first(EnrollmentDraft).unit_id == units[1].id


def test_the_next_person_stays_with_the_unit_of_the_one_before(sign_in, clerk, units):
    make.tariff(0)
    client, course = sign_in(clerk), make.course(unit_=units[0])
    data = form_of(client.get("/center/enroll")) | {"national_code": make.national_code(), "unit": units[1].id}
    desk = client.post("/center/enroll", data=data).location
    typed = form_of(client.get(desk)) | {"course": course.id, "debit_source": "trainee"}
    page = client.get(client.post(desk, data=typed).location)
    assert "ثبت‌نام انجام شد" in page.get_data(as_text=True)
    assert offered(page) == {}
    client.post("/center/enroll", data={**form_of(page), "national_code": make.national_code()})
    newest = EnrollmentDraft.id.desc()
    assert db.session.scalars(select(EnrollmentDraft).order_by(newest)).first().unit_id == units[1].id
