"""What was typed survives sign-outs, tabs, lost lines and dead servers, and what is sent twice happens once."""

import datetime as dt
import os
import re
import signal

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from models import Course, CourseEvent, Enrollment, Person, User, UserSession, utcnow
from scripts import readiness
from services.text import persian_digits
from tests.browser.by_http import desk_values, someone
from tests.browser.conftest import PASSWORD
from tests.web.bare import follow

ONCE = "همان یک بار ثبت شد"


# Where the browser itself does something. Without a script a form kept over a sign-in is a plain post: what becomes of
# that is in tests/web/test_forms_survive.py.
@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request):
    return request.param


@pytest.fixture
def person(house):
    """Somebody new, whose mobile on a page shows whose form it is."""
    made = someone()
    house.control("/people", [made])
    return made


@pytest.fixture
def effects(books, person):
    """`effects()`: how many enrollments this person has."""
    mine = Person.national_code == person["national_code"]
    query = select(func.count()).select_from(Enrollment).join(Person, Person.id == Enrollment.person_id).where(mine)
    return lambda: books.rows(query)[0][0]


def open_desk(page: Page, course, person):
    """The desk of a new draft, filled and not sent."""
    page.goto(f"/center/enroll?course={course}")
    page.fill("input[name=national_code]", person["national_code"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/center/enroll/*-*")
    write(page, person)


def write(page: Page, person):
    for name, value in desk_values(person).items():
        if name == "debit_source":
            page.check(f"[name={name}][value={value}]")
        else:
            page.fill(f"[name={name}]", value)


def send(page: Page):
    page.click("#desk button.primary")


def sign_in(page: Page, username="clerk1"):
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main button.primary")


def check_done(page: Page):
    expect(page.locator("main")).to_contain_text("ثبت‌نام انجام شد")


# -- Sessions ----------------------------------------------------------------------


def test_signing_out_and_in_in_another_tab_harms_no_open_form(staff, course, person, effects):
    page = staff("clerk1")
    open_desk(page, course, person)
    other = page.context.new_page()
    other.goto("/auth/sessions")
    follow(other, "form[action='/auth/logout'] button")
    sign_in(other)
    send(page)
    check_done(page)
    assert effects() == 1


@pytest.fixture
def interrupted(staff, course, person):
    """A form that was sent after somebody had closed the session: the sign-in page that came instead."""
    page = staff("clerk1")
    open_desk(page, course, person)
    elsewhere = staff("clerk1")
    elsewhere.goto("/auth/sessions")
    follow(elsewhere, elsewhere.get_by_role("button", name="بستن همهٔ ورودهای دیگر"))
    send(page)
    expect(page.locator("main")).to_contain_text("فرم شما نگه داشته شد")
    return page


def test_a_form_sent_after_its_session_was_closed_is_shown_filled_and_sent_once(interrupted, person, effects):
    assert effects() == 0
    sign_in(interrupted)
    expect(interrupted.locator("main")).to_contain_text(persian_digits(person["mobile"]))
    expect(interrupted.locator("main")).to_contain_text("همان که انتخاب کرده بودید")
    assert effects() == 0
    follow(interrupted, interrupted.get_by_role("button", name="ارسال فرم"))
    check_done(interrupted)
    interrupted.go_back()
    follow(interrupted, interrupted.get_by_role("button", name="ارسال فرم"))
    expect(interrupted.locator("main")).to_contain_text(ONCE)
    assert effects() == 1


def test_who_else_signs_in_there_sees_nothing_of_it_and_its_owner_finds_it(interrupted, staff, person, effects):
    sign_in(interrupted, "manager1")
    said = interrupted.inner_text("body")
    assert person["mobile"][2:] not in said
    assert persian_digits(person["mobile"])[2:] not in said
    assert person["national_code"] not in interrupted.content()
    assert effects() == 0
    interrupted.context.clear_cookies()
    interrupted.goto("/auth/login")
    sign_in(interrupted)
    expect(interrupted.locator("main")).to_contain_text(persian_digits(person["mobile"]))


def test_a_trainees_press_after_the_session_ended_is_kept_over_the_window(house, books, visit, course, person, effects):
    books.top_up(person["national_code"], 10_000_000)
    page = visit(width=360)
    page.goto(f"/auth/sso?next=/trainee/enroll/{course}")
    at_window(page, person)
    page.context.clear_cookies(name=re.compile("doreh_trainee"))
    follow(page, "main button.primary")
    expect(page.locator("main")).to_contain_text("فرم شما نگه داشته شد")
    follow(page, page.get_by_role("link", name=re.compile("پنجره")).first)
    at_window(page, person)
    page.get_by_role("button", name="ارسال فرم").click()
    page.wait_for_url(f"{house.base}/slip/**")
    assert effects() == 1


def at_window(page: Page, person):
    page.fill("input[name=national_code]", person["national_code"])
    follow(page, page.locator("form", has=page.locator("input[name=national_code]")).locator("button").first)


# -- A course being written --------------------------------------------------------

WRITTEN = {
    "start_time": "۸:۳۰", "end_time": "۱۲:۳۰",
    "start_on-d": "۳", "start_on-m": "بهمن", "start_on-y": "۱۴۰۵",
}  # fmt: skip
DAYS = ("0", "2")


@pytest.fixture
def draft(staff):
    """A new draft in the clerk's browser, its days and hours written and not saved: typing alone reaches nobody."""
    page = staff("clerk1")
    page.route("**/edit/time", lambda route: route.abort() if is_typing(route.request) else route.continue_())
    page.goto("/center/courses/new")
    page.get_by_role("button", name=re.compile("^انتخاب ")).first.click()
    page.wait_for_url("**/edit")
    follow(page, page.get_by_role("link", name="زمان و محل"))
    write_course(page)
    return page


def is_typing(request) -> bool:
    return "hx-request" in request.headers


def write_course(page: Page):
    for name, value in WRITTEN.items():
        page.fill(f"[name={name}]", value)
    for day in DAYS:
        page.check(f"[name=weekdays][value='{day}']")


def expire(books, username: str):
    """As if the user had been away for two hours."""
    of_user = UserSession.user_id.in_(select(User.id).where(User.username == username))
    books.run(update(UserSession).where(of_user).values(last_seen_at=utcnow() - dt.timedelta(hours=2)))


def save(page: Page):
    follow(page, "main .act button[value=save]")


def saved(books, url: str) -> tuple:
    """The last hour and the days of a course as they are stored, and how often it was edited."""
    number = int(re.search(r"/courses/(\d+)/", url)[1])
    course = books.rows(select(Course.end_time, Course.weekdays).where(Course.id == number))[0]
    edits = books.rows(select(CourseEvent.id).where(CourseEvent.course_id == number, CourseEvent.action == "edit"))
    return (*course, len(edits))


def test_a_course_saved_after_the_session_had_expired_comes_back_filled_and_is_saved_once(draft, books):
    url = draft.url
    expire(books, "clerk1")
    save(draft)
    expect(draft.locator("main")).to_contain_text("فرم شما نگه داشته شد")
    assert saved(books, url) == (None, 0, 0)
    sign_in(draft)
    for typed in ("۱۲:۳۰", "۸:۳۰", "۱۴۰۵/بهمن/۳"):
        expect(draft.locator("main")).to_contain_text(typed)
    assert saved(books, url) == (None, 0, 0)
    follow(draft, draft.get_by_role("button", name="ارسال فرم"))
    expect(draft.locator("body")).to_contain_text("پیش‌نویس ذخیره شد")
    assert saved(books, url) == (dt.time(12, 30), 0b101, 1)
    draft.go_back()
    follow(draft, draft.get_by_role("button", name="ارسال فرم"))
    expect(draft.locator("[name=start_time]")).to_have_value("۸:۳۰")
    assert saved(books, url) == (dt.time(12, 30), 0b101, 1)


def test_a_kept_course_form_overwrites_nothing_that_a_colleague_has_saved_since(draft, books, staff):
    url = draft.url
    expire(books, "clerk1")
    save(draft)
    colleague = staff("manager1")
    colleague.goto(url)
    colleague.fill("[name=end_time]", "۱۱:۰۰")
    save(colleague)
    expect(colleague.locator("body")).to_contain_text("پیش‌نویس ذخیره شد")
    sign_in(draft)
    follow(draft, draft.get_by_role("button", name="ارسال فرم"))
    expect(draft.locator("main")).to_contain_text("نوشته‌های شما ذخیره نشد و در همین صفحه مانده است")
    assert saved(books, url) == (dt.time(11), 0, 1)
    assert draft.input_value("[name=start_time]") == "۸:۳۰"
    save(draft)
    expect(draft.locator("body")).to_contain_text("پیش‌نویس ذخیره شد")
    assert saved(books, url) == (dt.time(12, 30), 0b101, 2)


# -- Tabs and repeated presses -----------------------------------------------------


def test_two_tabs_of_one_draft_enroll_once_and_the_second_says_so(staff, course, person, effects, javascript):
    page = staff("clerk1", javascript=javascript)
    open_desk(page, course, person)
    second = page.context.new_page()
    second.goto(page.url)
    write(second, person)
    send(page)
    check_done(page)
    send(second)
    check_done(second)
    expect(second.locator("main")).to_contain_text(ONCE)
    assert effects() == 1


def test_a_draft_saved_in_one_tab_overwrites_nothing_typed_in_another(staff, course, person, effects, javascript):
    page = staff("clerk1", javascript=javascript)
    open_desk(page, course, person)
    second = page.context.new_page()
    second.goto(page.url)
    write(second, person | {"mobile": "09130000001"})
    follow(page, "#desk button[value=draft]")
    expect(page.locator("main")).to_contain_text("پیش‌نویس ذخیره شد")
    send(second)
    expect(second.locator("main")).to_contain_text("در جای دیگری تغییر کرده است")
    assert second.input_value("[name=mobile]").endswith("0001")
    assert effects() == 0
    send(second)
    check_done(second)
    assert effects() == 1


def test_going_back_after_success_and_sending_again_changes_nothing_and_says_so(
    staff, course, person, effects, javascript
):
    page = staff("clerk1", javascript=javascript)
    open_desk(page, course, person)
    send(page)
    check_done(page)
    page.go_back()
    if page.locator("#desk").count():
        send(page)
        expect(page.locator("main")).to_contain_text(ONCE)
    check_done(page)
    assert effects() == 1


def of_turn(n: int, courses: tuple[str, str]) -> tuple[str, str]:
    """The course and the purse of the draft that is opened as the nth."""
    return courses[n // 2 % 2], ("portal_user", "trainee")[n % 3 == 0]


def open_in_turns(staff, people, courses) -> list[Page]:
    """A desk for each, every second on another machine, and only then all of them written."""
    machines = [staff("clerk1").context for _ in range(2)]
    tabs = [machines[n % 2].new_page() for n in range(len(people))]
    for n, (page, each) in enumerate(zip(tabs, people, strict=True)):
        open_desk(page, of_turn(n, courses)[0], each)
    for n, (page, each) in enumerate(zip(tabs, people, strict=True)):
        write(page, each)
        page.check(f"[name=debit_source][value={of_turn(n, courses)[1]}]")
    return tabs


def test_ten_drafts_of_one_clerk_on_two_machines_each_end_with_their_person_course_and_purse(
    staff, house, books, course
):
    people, courses = [someone() for _ in range(10)], (course, books.roomy_course(after=course))
    house.control("/people", people)
    for each in people:
        books.top_up(each["national_code"], 100_000)
    tabs = open_in_turns(staff, people, courses)
    for page in [*tabs[1::2], *reversed(tabs[::2])]:
        send(page)
        check_done(page)
    wanted = {each["national_code"]: (each["mobile"], *of_turn(n, courses)) for n, each in enumerate(people)}
    query = select(Person.national_code, Person.mobile, Course.code, Enrollment.debit_source).select_from(Enrollment)
    query = query.join(Person, Person.id == Enrollment.person_id).join(Course, Course.id == Enrollment.course_id)
    rows = books.rows(query.where(Person.national_code.in_(wanted)))
    assert ({code: tuple(rest) for code, *rest in rows}, len(rows)) == (wanted, len(people))


def test_a_double_click_is_one_press(staff, course, person, effects, javascript):
    page = staff("clerk1", javascript=javascript)
    open_desk(page, course, person)
    page.dblclick("#desk button.primary")
    check_done(page)
    assert effects() == 1


# -- Lines and servers -------------------------------------------------------------


def test_a_line_that_is_lost_keeps_the_form_and_sends_it_when_asked(staff, course, person, effects):
    page = staff("clerk1")
    open_desk(page, course, person)
    page.context.set_offline(True)
    send(page)
    expect(page.get_by_text("ارتباط قطع است. نوشته‌های شما روی همین دستگاه مانده است.")).to_be_visible()
    assert page.input_value("[name=mobile]") == person["mobile"]
    assert effects() == 0
    page.context.set_offline(False)
    page.get_by_role("button", name="ارسال دوباره").click()
    check_done(page)
    assert effects() == 1


def test_an_answer_lost_on_the_way_costs_nothing_when_the_form_is_sent_again(
    staff, course, person, effects, javascript
):
    page = staff("clerk1", javascript=javascript)
    open_desk(page, course, person)
    page.route("**/center/enroll/*-*", lose_answer)
    with page.expect_event("requestfailed", is_post):
        page.click("#desk button.primary", no_wait_after=True)
    assert effects() == 1
    page.unroute_all()
    page.reload()
    check_done(page)
    expect(page.locator("main")).to_contain_text(ONCE)
    assert effects() == 1


def is_post(request):
    return request.method == "POST"


def lose_answer(route):
    """The server does the work, and the browser never hears of it."""
    if route.request.method == "POST":
        route.fetch(max_redirects=0)
        route.abort()
    else:
        route.continue_()


@pytest.fixture
def cut_off(house, staff, course, person, effects, javascript):
    """A browser whose form was on its way when the server died; the server is back, and nothing was done."""
    page = staff("clerk1", javascript=javascript)
    open_desk(page, course, person)
    web = house.installation.find("app:create_app()")
    os.killpg(web, signal.SIGSTOP)
    with page.expect_event("requestfailed", is_post):
        with page.expect_request(is_post):
            page.click("#desk button.primary", no_wait_after=True)
        page.wait_for_timeout(500)  # what the browser has announced is on its way
        os.killpg(web, signal.SIGKILL)
    assert readiness.until(lambda: house.installation.answers("/readyz"), 120)
    assert effects() == 0
    return page


def test_a_form_that_met_a_dying_server_is_sent_again_by_reloading(cut_off, effects):
    cut_off.reload()
    check_done(cut_off)
    assert effects() == 1


def test_who_begins_anew_after_the_dead_server_gets_back_what_was_typed(cut_off, course, person, effects, javascript):
    cut_off.goto(f"/center/enroll?course={course}")
    cut_off.fill("input[name=national_code]", person["national_code"])
    cut_off.keyboard.press("Enter")
    cut_off.wait_for_url("**/center/enroll/*-*")
    if javascript:
        cut_off.get_by_role("button", name="برگرداندن نوشته‌ها").click()
        assert cut_off.input_value("[name=mobile]") == person["mobile"]
    else:
        write(cut_off, person)
    send(cut_off)
    check_done(cut_off)
    assert effects() == 1
