"""A top-up under the wrong code comes to whom it was meant for: asked back from its receipt, approved by two people."""

import pytest
from playwright.sync_api import expect

from tests.browser.by_http import someone
from tests.browser.conftest import picture
from tests.browser.test_pay import FEE, JAVASCRIPT, at_bank, credit, to_bank
from tests.web.bare import follow


@pytest.fixture
def clerk(staff):
    return staff("clerk1", javascript=JAVASCRIPT)


def approve(page, case: str) -> None:
    """The yes of somebody of the province, from the queue."""
    page.goto(f"/province/credit?case={case}")
    page.check(".decision input[name=decision][value=approve]")
    picture(page, "misfiled-decision")
    follow(page, ".decision button.primary")


def test_money_under_the_wrong_code_is_asked_back_from_its_receipt_and_moved_by_two_people(house, books, clerk, staff):
    wrong, right, page = someone(), someone(), clerk
    page.goto("/pay")
    page.fill("input[name=national_code]", wrong["national_code"])
    follow(page, "main form button.primary")
    page.check("input[name=tick-0]")
    to_bank(page, house, "sep")
    at_bank(page, house, "pay")
    assert credit(books, wrong, right) == [FEE, 0]
    follow(page, page.get_by_role("link", name="درخواست جابه‌جایی"))
    page.fill("input[name=code]", right["national_code"])
    page.fill("textarea[name=reason]", "هنگام پرداخت کد شخص دیگری نوشته شد")
    follow(page, "main form[enctype] button.primary")
    page.check("input[name=known]")  # nobody has seen this code before
    follow(page, "main form[enctype] button.primary")
    case = page.url.rpartition("/")[2]
    expect(page.locator("h1")).to_contain_text("جابه‌جایی اعتبار")
    approve(staff("province1", javascript=JAVASCRIPT), case)
    assert credit(books, wrong, right) == [FEE, 0]
    approve(staff("director1", javascript=JAVASCRIPT), case)
    assert credit(books, wrong, right) == [0, FEE]
    page.goto(f"/center/credit/cases/{case}")
    expect(page.locator("main")).to_contain_text("مبلغ به اعتبار صاحبش رسید")
    picture(page, "misfiled-case")
