"""One person after the other at the clerk's desk in Chromium, over a line of 50 kbit/s with 500 ms to each answer."""

import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Browser, Page

from bench import desk, ground
from bench.chromium import Line
from bench.ground import Newcomer
from bench.installation import Installation

PEOPLE = 4
SCREEN = {"width": 1280, "height": 800}
HOST = "127.0.0.1"


def cycles(site: Installation, browser: Browser) -> dict[str, float]:
    """From the national code to the page that asks for the next one: what a clerk waits, medians; the first warms up.

    Everybody is new: nothing is known, and mobile and date of birth are written down.
    """
    clerk = ground.clerk(site.app, credit=PEOPLE * ground.FEE)
    _, code = ground.course(site.app, PEOPLE)
    with browser.new_context(viewport=SCREEN, locale="fa-IR", base_url=site.address) as context:
        page, line = context.new_page(), Line()
        _sign_in(page, clerk.username)
        line.watch(context, page, slow=True)
        page.goto(f"{desk.START}?course={code}")
        people = ground.newcomers(site, PEOPLE, first=60_000)
        found = [_one(page, line, each) for each in people][1:]
    return {name: round(statistics.median(each[name] for each in found), 2) for name in found[0]}


def _sign_in(page: Page, username: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(desk.SIGN_IN)
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", ground.PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/center**")


def _one(page: Page, line: Line, who: Newcomer) -> dict[str, float]:
    before, asked = line.bytes.get(HOST, 0), line.requests.get(HOST, 0)
    page.fill("input[name=national_code]", who.national_code)
    code_s = _waited(page, lambda: page.keyboard.press("Enter"), "#desk")
    for part, value in who.born.items():
        page.fill(f"[name=birth_date-{part}]", value)
    page.fill("input[name=mobile]", who.mobile)
    page.check("input[name=debit_source][value=portal_user]")
    form_s = _waited(page, lambda: page.click("#desk button.primary"), "#start")
    assert "ثبت‌نام انجام شد" in page.inner_text("main")
    return {
        "desk_50kbit_s": code_s + form_s,
        "desk_code_50kbit_s": code_s,
        "desk_form_50kbit_s": form_s,
        "desk_bytes": line.bytes[HOST] - before,
        "desk_requests": line.requests[HOST] - asked,
    }


def _waited(page: Page, press: Callable[[], None], there: str) -> float:
    """Seconds from a press until the next form is there and can be written in."""
    began = time.monotonic()
    press()
    page.wait_for_selector(there)
    page.wait_for_load_state()
    return time.monotonic() - began
