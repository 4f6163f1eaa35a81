"""Whoever works for several units is asked for which; whoever works for one is not."""

import pytest
from bs4 import BeautifulSoup

from models import Course, Role, UserRole
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
