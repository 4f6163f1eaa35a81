"""Pages of staff in Chromium, for what a plain client cannot see."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright

from blueprints import cookies
from models import Role, UnitKind, User
from services import sessions
from tests import make
from tests.web import pages
from tests.web.bare import axe_violations, chromium, served, sticks_out

PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture
def visit(app, browser) -> Iterator[Callable[..., Page]]:
    """`visit(user)` opens a browser in which that user is signed in; addresses are relative to the product."""
    opened = []

    def _visit(user: User, **options) -> Page:
        context = browser.new_context(base_url=site, **options)
        context.add_cookies([{"name": cookies.STAFF, "value": sessions.open_staff(user.id), "url": site}])
        opened.append(context)
        context.set_default_timeout(15_000)
        return context.new_page()

    with served(app) as site:
        yield _visit
        for context in opened:
            context.close()


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
