"""Pages of staff in Chromium, for what a plain client cannot see: what Enter does, and what fits a phone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from blueprints import cookies
from models import Enrollment, EnrollmentDraft, Role, UnitKind, User, db
from services import sessions
from tests import make
from tests.web import pages
from tests.web.bare import axe_violations, follow, patient, served, sticks_out

pytestmark = pytest.mark.once
PHONE = {"width": 360, "height": 640}


@pytest.fixture
def visit(app, browser) -> Iterator[Callable[..., Page]]:
    """`visit(user)` opens a browser in which that user is signed in; addresses are relative to the product."""
    opened = []

    def _visit(user: User, **options) -> Page:
        context = patient(browser, base_url=site, **options)
        context.add_cookies([{"name": cookies.STAFF, "value": sessions.open_staff(user.id), "url": site}])
        opened.append(context)
        return context.new_page()

    with served(app) as site:
        yield _visit
        for context in opened:
            context.close()


@pytest.fixture
def desk(visit) -> Callable[..., Page]:
    """`desk()` is a clerk's page with the draft of a person who can pay for the course in it."""

    def _desk(**options) -> Page:
        make.tariff(50_000)
        clerk, course, person = make.user(Role.CLERK), make.course(), make.person()
        make.purse(person, 50_000)
        page = visit(clerk, **options)
        page.goto(f"/center/enroll?course={course.code}")
        page.fill("[name=national_code]", person.national_code)
        page.press("[name=national_code]", "Enter")
        page.wait_for_url("**/center/enroll/*-*")
        return page

    return _desk


def enrolled() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Enrollment))


def test_without_a_script_enter_in_a_field_of_the_desk_keeps_the_draft_and_enrolls_nobody(desk):
    page = desk(java_script_enabled=False)
    page.check("[name=debit_source][value=trainee]")
    page.fill("[name=mobile]", "09130000001")
    page.press("[name=mobile]", "Enter")
    expect(page.locator("#alerts")).to_contain_text("ثبت‌نام و نفر بعد")
    assert enrolled() == 0
    expect(page.locator("[name=mobile]")).to_have_value("۰۹۱۳۰۰۰۰۰۰۱")
    follow(page, "#desk .primary")
    expect(page.get_by_role("heading", name="ثبت‌نام انجام شد")).to_be_visible()
    assert enrolled() == 1


def test_without_a_script_enter_after_a_shortage_changes_no_purse(desk):
    page = desk(java_script_enabled=False)
    page.check("[name=debit_source][value=portal_user]")
    follow(page, "#desk .primary")
    expect(page.get_by_role("button", name="کسر از اعتبار کارآموز")).to_be_visible()
    with page.expect_navigation():
        page.press("[name=mobile]", "Enter")
    expect(page.locator("[name=debit_source][value=portal_user]")).to_be_checked()
    assert enrolled() == 0


def test_with_a_script_enter_goes_from_field_to_field_and_sends_nothing(desk):
    page = desk()
    page.press("[name=course]", "Enter")
    for _ in range(2):  # why in person, and the level
        page.keyboard.press("Enter")
    expect(page.locator("[name=debit_source]").first).to_be_focused()
    page.press("[name=debit_source][value=trainee]", "Enter")
    expect(page.locator("#desk .primary")).to_be_focused()
    assert db.session.scalar(select(EnrollmentDraft.version)) == 1


def test_one_person_after_the_other_is_enrolled_without_leaving_the_keyboard(desk):
    page, next_ = desk(), make.person()
    keys = page.keyboard
    make.purse(next_, 50_000)
    keys.type("1234567890\n")  # a card that was read too early stays in its field and sends nothing
    expect(page.locator("[name=course]")).to_be_focused()
    for key in ("Shift+Tab", "Shift+Tab", "Control+A", "Delete", "Enter", "Enter"):  # over what is folded up
        keys.press(key)
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter", "Enter", "ArrowDown"):
        keys.press(key)  # no infrastructure, in the county, from the trainee's credit
    keys.press("Control+Enter")
    page.wait_for_url("**/center/enroll?after=*")
    expect(page.locator("[name=national_code]")).to_be_focused()
    keys.type(f"{next_.national_code}\n")
    page.wait_for_url("**/center/enroll/*-*")
    expect(page.locator("[name=in_person]")).to_have_value("no_infrastructure")
    keys.press("Control+Enter")
    page.wait_for_url("**/center/enroll?after=*")
    assert enrolled() == 2


def test_the_operators_table_of_jobs_fits_a_phone_and_says_what_each_number_is(visit):
    page = visit(make.user(Role.OPERATOR, make.unit(UnitKind.HQ)), viewport=PHONE)
    pages.dead_letter()
    page.goto("/ops/jobs")
    table = page.locator(".scroll").first
    assert table.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    shown = table.locator("td.num").last.evaluate("e => getComputedStyle(e, '::before').content")
    assert "کنارمانده" in shown
    assert not sticks_out(page)
    assert axe_violations(page) == []
