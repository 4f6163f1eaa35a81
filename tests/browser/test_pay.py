"""Money from the bank's page to the purse and back to the work that was short of it, as people do it in a browser.

Without scripts on SQLite, with them on the other database: every press is a plain form either way.
"""

import os
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import Account
from tests.browser.by_http import someone, until
from tests.browser.conftest import House, picture
from tests.web.bare import follow

JAVASCRIPT = os.environ.get("TEST_DATABASE") == "postgresql"
FEE = 50_000


def to_bank(page: Page, house: House, bank: str) -> None:
    """From the last look to the bank's page; Mellat is gone to by a form of its own."""
    page.check(f"input[name=bank][value={bank}]")
    page.click("main form[action$='/go'] button.primary")
    if bank == "mellat":
        expect(page.locator("h1")).to_have_text("رفتن به صفحهٔ بانک")
        picture(page, "pay-leave")
        page.click("main form button.primary")
    page.wait_for_url(f"{house.sandbox}/{bank}/**")


def at_bank(page: Page, house: House, outcome: str) -> None:
    """What somebody does at the bank, and the way back from it."""
    button = page.locator(f"button[name=outcome][value={outcome}]")
    if not button.is_visible():
        page.click("summary")
    with page.expect_navigation():
        button.click()
    if outcome == "lost":
        expect(page.locator("h1")).to_contain_text("بازگشت گم شد")
        return
    back = page.locator(f"form[action^='{house.base}'] button")
    if page.url.startswith(house.sandbox) and back.count():
        back.first.click()
    page.wait_for_url(f"{house.base}/pay/receipt/*")


def credit(books: Any, *people: dict[str, Any]) -> list[int]:
    """What the purses of these people hold."""
    codes = [person["national_code"] for person in people]
    rows = books.rows(select(Account.owner_code, Account.balance).where(Account.owner_code.in_(codes)))
    held = {row.owner_code: row.balance for row in rows}
    return [held.get(code, 0) for code in codes]


def arrived(page: Page, books: Any, amount: int, *people: dict[str, Any]) -> None:
    """The receipt says that it is paid, at once or when a bank that was slow to answer has been asked again."""
    until(lambda: credit(books, *people) == [amount] * len(people) or books.hurry())
    page.reload()
    expect(page.locator("h1 + .tag")).to_have_text("پرداخت شد")


def short_at_the_desk(page: Page, course: str, person: dict[str, Any]) -> str:
    """A clerk enrolls somebody whose purse is empty, from that purse; gives the address of the draft."""
    page.goto(f"/center/enroll?course={course}")
    page.fill("input[name=national_code]", person["national_code"])
    follow(page, "#start button.primary")
    draft = page.url
    page.fill("input[name=first_name]", "زهرا")
    page.check("input[name=debit_source][value=trainee]")
    follow(page, "#desk .act button.primary")
    expect(page.locator("#desk .alert h2")).to_have_text("عدم موجودی کافی")
    picture(page, "pay-short")
    return draft


def top_up(page: Page) -> None:
    follow(page, "#desk .alert [name=top_up]")
    expect(page.locator("h1")).to_have_text("تأیید پرداخت")
    page.check("input[name=tick-0]")


def pay_and_lose_the_way_back(page: Page, house: House, person: dict[str, Any]) -> str:
    """Somebody pays for one person and the browser dies at the bank; gives the address of the basket."""
    page.goto("/pay")
    page.fill("input[name=national_code]", person["national_code"])
    page.fill("input[name=other]", "۱۲۰٬۰۰۰")
    follow(page, "main form button.primary")
    basket = page.url
    page.check("input[name=tick-0]")
    to_bank(page, house, "zarinpal")
    at_bank(page, house, "lost")
    return basket


@pytest.fixture
def clerk(staff: Any) -> Page:
    return staff("clerk1", javascript=JAVASCRIPT)


def test_a_shortage_at_the_desk_is_paid_after_a_change_of_mind_and_the_draft_goes_on(house, books, course, clerk):
    person, page = someone(), clerk
    draft = short_at_the_desk(page, course, person)
    top_up(page)
    picture(page, "pay-basket")
    to_bank(page, house, "sep")
    at_bank(page, house, "cancel")
    assert credit(books, person) == [0]
    page.goto(draft)
    expect(page.locator("input[name=first_name]")).to_have_value("زهرا")
    follow(page, "#desk .act button.primary")
    top_up(page)
    to_bank(page, house, "mellat")
    at_bank(page, house, "pay")
    arrived(page, books, FEE, person)
    picture(page, "pay-receipt")
    follow(page, page.get_by_role("link", name="ادامهٔ ثبت‌نام"))
    assert page.url == draft
    follow(page, "#desk .act button.primary")
    expect(page.locator("main")).to_contain_text("ثبت‌نام انجام شد")
    assert credit(books, person) == [0]


def test_a_visitor_pays_for_five_at_once_and_a_lost_return_loses_no_rial(house, books, visit):
    people, page = [someone() for _ in range(5)], visit(javascript=JAVASCRIPT, width=360)
    page.goto("/pay/list")
    page.fill("textarea[name=codes]", "\n".join(person["national_code"] for person in people))
    follow(page, "main form button.primary")
    for number in range(5):
        page.check(f"input[name=tick-{number}]")
    picture(page, "pay-five")
    to_bank(page, house, "sadad")
    at_bank(page, house, "pay")
    arrived(page, books, FEE, *people)
    picture(page, "pay-five-receipt")
    basket = pay_and_lose_the_way_back(page, house, people[0])
    assert credit(books, people[0]) == [FEE]
    page.goto(basket)
    follow(page, page.get_by_role("link", name="نتیجهٔ آن را ببینید"))
    arrived(page, books, FEE + 120_000, people[0])
    page.goto(basket)
    expect(page.locator("h1")).to_have_text("این پرداخت انجام شده است")
