"""A failure of ours while a form is on its way: the page that says so holds the form, and sends it again."""

from contextlib import contextmanager

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from blueprints import cookies
from models import Enrollment, Role, db
from services import sessions
from services.enrollment import drafts
from tests import make
from tests.web.bare import chromium, follow, patient, served
from tests.web.test_desk import Desk, held_fields


@pytest.fixture
def clerk():
    make.tariff(50_000)
    return make.user(Role.CLERK)


@pytest.fixture
def filled(clerk, sign_in, token):
    """(desk, address, fields) of a draft that only waits for its button."""
    desk, course, person = Desk(sign_in(clerk), token), make.course(), make.person()
    make.purse(person, 50_000)
    url = desk.start(person.national_code)
    fields = {**held_fields(desk.client.get(url).data), "course": str(course.id), "debit_source": "trainee"}
    return desk, url, {**fields, "mobile": "09130000001"}


@contextmanager
def broken_service():
    """The enrollment fails in a way that nobody foresaw."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafts, "confirm", lambda *_: 1 / 0)
        yield


@contextmanager
def database_away():
    def refuse(_conn, _cursor, statement, *_rest):
        raise OperationalError(statement, {}, ConnectionRefusedError("the database is away"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)


failures = pytest.mark.parametrize("failure", [broken_service, database_away])


def enrolled() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Enrollment))


def resent(answer) -> tuple[str, dict[str, str]]:
    """Address and fields of the form on a page of failure."""
    form = BeautifulSoup(answer.data, "html.parser").select_one("main form")
    return form["action"], {tag["name"]: tag["value"] for tag in form.select("input")}


@failures
def test_the_page_of_a_failure_holds_the_form_with_its_key_and_sends_it_once(filled, failure):
    desk, url, fields = filled
    with failure():
        answer = desk.client.post(url, data=fields)
    assert answer.status_code == 500
    assert "کد پیگیری" in answer.text
    assert "۰۹۱۳۰۰۰۰۰۰۱" in BeautifulSoup(answer.data, "html.parser").select_one("dl.facts").get_text()
    action, again = resent(answer)
    assert action == url
    assert {name: value for name, value in fields.items() if value} == {n: v for n, v in again.items() if v}
    assert [desk.client.post(action, data=again).status_code for _ in range(2)] == [303, 303]
    assert enrolled() == 1


@failures
@pytest.mark.parametrize("wrong", [{"csrf_token": "forged"}, {"Origin": "https://evil.example"}])
def test_what_no_form_of_ours_sent_is_not_shown_again(filled, failure, wrong):
    desk, url, fields = filled
    with failure():
        headers = {name: value for name, value in wrong.items() if name == "Origin"}
        answer = desk.client.post(url, data={**fields, **wrong}, headers=headers)
    assert "09130000001" not in answer.text
    assert "۰۹۱۳۰۰۰۰۰۰۱" not in answer.text


def test_a_password_is_never_put_into_a_page_of_failure(client, token):
    fields = {"csrf_token": token(client, "/auth/login"), "username": "clerk1", "password": "a secret of mine"}
    with database_away():
        answer = client.post("/auth/login", data=fields)
    assert answer.status_code == 500
    assert "a secret of mine" not in answer.text
    assert not BeautifulSoup(answer.data, "html.parser").select("main form")


@failures
def test_a_part_of_a_page_gets_a_sentence_and_leaves_the_form_alone(filled, failure):
    desk, url, fields = filled
    with failure():
        answer = desk.client.post(url, data=fields, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (500, "#alerts")
    assert "<form" not in answer.text


@failures
def test_without_a_script_the_form_is_sent_again_from_the_page_of_failure(app, filled, clerk, failure, playwright):
    _, url, fields = filled
    browser = chromium(playwright)
    with served(app) as site:
        context = patient(browser, base_url=site, java_script_enabled=False, viewport={"width": 360, "height": 640})
        context.add_cookies([{"name": cookies.STAFF, "value": sessions.open_staff(clerk.id), "url": site}])
        page = context.new_page()
        page.goto(url)
        page.select_option("[name=course]", fields["course"])
        page.check("[name=debit_source][value=trainee]")
        page.fill("[name=mobile]", fields["mobile"])
        with failure():
            follow(page, "#desk .primary")
            expect(page.locator("main")).to_contain_text("سامانه نتوانست این کار را انجام دهد")
        expect(page.locator("main")).to_contain_text("۰۹۱۳۰۰۰۰۰۰۱")
        follow(page, page.get_by_role("button", name="ارسال دوباره"))
        expect(page.locator("main")).to_contain_text("ثبت‌نام انجام شد")
        context.close()
    browser.close()
    assert enrolled() == 1
