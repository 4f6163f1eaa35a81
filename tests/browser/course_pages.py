"""A course on the pages of the center as a clerk writes it: part by part, then the signed checklist."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from scripts.reference import rules
from services import jalali
from tests.web.bare import follow

TODAY = dt.date.today()  # noqa: DTZ011 (the day on this machine's calendar is near enough)
LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
# Hours at which no course of the demo has a workshop or an instructor, and days on which three new ones never meet.
EVENING = {"shift": "evening", "start_time": "۱۹:۳۰", "end_time": "۲۲:۰۰"}
EVEN_DAYS, ODD_DAYS, LAST_DAYS = (0, 2), (1, 3), (4, 5)
NEXT = "main .act button[value=next]"


def write_date(page: Page, name: str, day: dt.date) -> None:
    for part, value in zip("ymd", jalali.parts(day), strict=True):
        page.fill(f"input[name={name}-{part}]", str(value))


def class_day(weekdays: Iterable[int], after: dt.date = TODAY + dt.timedelta(days=40)) -> dt.date:
    """The first of these days of the week, by default some weeks ahead, that is no holiday of the demo."""
    off = rules.holidays()
    coming = (after + dt.timedelta(days=n) for n in range(1, 40))
    return next(day for day in coming if jalali.weekday(day) in weekdays and day not in off)


def fill_in(page: Page, days: Iterable[int] = EVEN_DAYS, teacher: str = "", look: Any = None) -> None:
    """From the list of tasks through all parts of a new course to the page that sends it.

    `teacher` is a name, else the first one is taken; `look(name)` looks at each page that is filled in.
    """
    follow(page, page.get_by_role("link", name="زمان و محل"))
    _write_time(page, days)
    _go_on(page, "course-time", look)
    page.select_option("select[name=workshop]", index=1)
    page.fill("input[name=capacity_min]", "۲")
    page.fill("input[name=capacity_max]", "۴")
    _go_on(page, "course-workshop", look)
    choice = page.locator("select[name=instructor] option", has_text=teacher).nth(0 if teacher else 1)
    page.select_option("select[name=instructor]", choice.get_attribute("value"))
    _go_on(page, "course-teacher", look)
    page.select_option("select[name=gender]", "mixed")
    write_terms(page)
    _go_on(page, "course-terms", look)


def _go_on(page: Page, name: str, look: Any) -> None:
    if look:
        look(name)
    follow(page, NEXT)


def _write_time(page: Page, days: Iterable[int]) -> None:
    """In words, Persian digits and Jalali dates; the end is proposed from them."""
    for name, value in {"setting": "industry", "delivery": "in_person", "shift": EVENING["shift"]}.items():
        page.select_option(f"select[name={name}]", value)
    for day in days:
        page.check(f"input[name=weekdays][value='{day}']")
    for name in ("start_time", "end_time"):
        page.fill(f"input[name={name}]", EVENING[name])
    write_date(page, "start_on", class_day(days))
    follow(page, "button[value=propose]")
    assert page.input_value("input[name=end_on-y]"), "no end date was proposed"


def write_terms(page: Page) -> None:
    """Enrollment since yesterday and for a month."""
    write_date(page, "enroll_open_on", TODAY - dt.timedelta(days=1))
    page.fill("input[name=enroll_open_time]", "۰۰:۰۱")
    write_date(page, "enroll_close_on", TODAY + dt.timedelta(days=30))


def sign(form: Locator) -> None:
    """Every item of the checklist, and a word where the workshop lacks something."""
    for box in form.locator("input[name^=sign_]").all():
        box.check()
    for note in form.locator("textarea[name=note]").all():
        note.fill("از کارگاه دیگر آورده می‌شود")


def send(page: Page) -> str:
    """Sign and send the course whose last page is open; gives its code."""
    form = page.locator("main form[data-draft$=send]")
    sign(form)
    follow(page, form.locator("button.primary"))
    assert not page.url.endswith("/send"), page.inner_text("main .alert")
    expect(page.locator("#alerts")).to_contain_text("فرستاده شد")
    return re.search(r"دورهٔ ([۰-۹]+)", page.inner_text("main"))[1].translate(LATIN)


def open_case(page: Page, queue: str, code: str) -> Locator:
    """A reviewer finds the case in the queue and opens it; gives the card of the decision."""
    page.goto(queue)
    while not (row := page.locator(".queue a", has_text=code.translate(PERSIAN)).first).is_visible():
        follow(page, "a[rel=next]")
    page.goto(row.get_attribute("href"))
    return page.locator("form.decision", has=page.locator("[name=decision]"))
