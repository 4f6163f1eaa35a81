"""Sheets in Chromium on a phone: through a cut line, on two phones, without a script; and what the pages say."""

from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, Playwright, expect

from blueprints import cookies
from blueprints.filters import clock
from models import Attendance, AttendanceMark, CourseStatus, Presence, Role, Unit, User, db
from services import sessions
from tests import class_cases, make
from tests.class_cases import enroll
from tests.web.bare import axe_violations, chromium, follow, served, sticks_out

pytestmark = pytest.mark.once  # what the databases do with it is in services and race
P = Presence
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture
def visit(app, browser) -> Iterator[Callable[..., Page]]:
    """`visit(user)`: a phone on which that user is signed in."""
    opened = []

    def _visit(user: User, **options) -> Page:
        context = browser.new_context(base_url=site, viewport=PHONE, **options)
        context.add_cookies([{"name": cookies.STAFF, "value": sessions.open_staff(user.id), "url": site}])
        opened.append(context)
        context.set_default_timeout(10_000)
        return context.new_page()

    with served(app) as site:
        yield _visit
        for context in opened:
            context.close()


@pytest.fixture
def unit() -> Unit:
    return make.unit()


@pytest.fixture
def teacher(unit) -> User:
    return class_cases.instructor(unit)


@pytest.fixture
def course(teacher):
    return class_cases.course(teacher, title="جوشکاری برق")


@pytest.fixture
def meeting(course):
    return class_cases.meeting(course)


@pytest.fixture
def people(course):
    """Their enrollments, in the order of the sheet."""
    return [enroll(course, last_name=name) for name in ("اکبری", "بهرامی", "پارسا")]


def stands() -> dict[int, Presence]:
    db.session.rollback()
    rows = {row.enrollment_id: row.presence for row in db.session.query(Attendance)}
    db.session.rollback()  # or the next write of this test would begin with a read of the past
    return rows


def marks() -> int:
    db.session.rollback()
    count = db.session.query(AttendanceMark).count()
    db.session.rollback()
    return count


def press(page: Page, enrollment, label: str) -> None:
    page.locator(f"[data-line='{enrollment.id}'] label", has_text=label).click()


def waits(page: Page):
    return page.locator("[data-waits]")


def test_marks_survive_a_cut_line_and_a_closed_page(visit, teacher, people, meeting):
    one, two, three = people
    page = visit(teacher)
    page.goto(f"/instructor/meetings/{meeting.id}")
    press(page, one, "غایب")
    expect(waits(page)).to_be_hidden()
    page.context.set_offline(True)
    press(page, two, "تأخیر")
    press(page, two, "حاضر")
    expect(waits(page)).to_contain_text("۲ علامت روی این دستگاه مانده")
    page.get_by_role("button", name="بقیه حاضرند").click()
    expect(waits(page)).to_contain_text("۳ علامت")
    expect(page.locator("[data-marked]")).to_have_text("۳")
    assert stands() == {one.id: P.ABSENT}
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.goto("/instructor")  # any page of the instructor's sends what another one has kept
    expect(waits(page)).to_be_hidden()
    assert stands() == {one.id: P.ABSENT, two.id: P.PRESENT, three.id: P.PRESENT}
    assert marks() == 4


def test_an_answer_that_was_lost_is_asked_for_again_and_counted_once(visit, teacher, people, meeting):
    page = visit(teacher)
    page.goto(f"/instructor/meetings/{meeting.id}")
    page.clock.install()
    page.route("**/meetings/*", lambda route: (route.fetch(), route.abort("connectionreset")), times=1)
    with page.expect_event("requestfailed"):
        press(page, people[0], "غایب")
    expect(waits(page)).to_contain_text("۱ علامت")
    assert marks() == 1
    page.clock.fast_forward(6_000)
    expect(waits(page)).to_be_hidden()
    assert (stands(), marks()) == ({people[0].id: P.ABSENT}, 1)


def test_two_phones_of_one_instructor_have_one_effect_and_a_kind_sentence(visit, teacher, people, meeting):
    one, other = visit(teacher), visit(teacher)
    for page in (one, other):
        page.goto(f"/instructor/meetings/{meeting.id}")
    one.clock.install()
    one.context.set_offline(True)
    press(one, people[0], "غایب")
    one.clock.fast_forward(120_000)
    press(other, people[0], "حاضر")
    press(other, people[1], "غایب")
    expect(waits(other)).to_be_hidden()
    one.context.set_offline(False)
    one.clock.fast_forward(6_000)
    said = one.locator(f"[data-line='{people[0].id}'] [role=status]")
    expect(said).to_contain_text("«حاضر» ثبت شده است و همان ماند")
    assert one.locator(f"[name=p{people[0].id}]:checked").get_attribute("value") == "present"
    press(one, people[1], "موجه")
    expect(one.locator(f"[data-line='{people[1].id}'] [role=status]")).to_contain_text("پیش‌تر «غایب» بود")
    assert stands() == {people[0].id: P.PRESENT, people[1].id: P.EXCUSED}


def test_who_was_signed_out_or_came_too_late_loses_nothing_and_reads_why(visit, teacher, course, people, meeting):
    page, old = visit(teacher), class_cases.meeting(course, 5)
    page.goto(f"/instructor/meetings/{old.id}")
    kept = page.context.cookies()
    page.context.clear_cookies()
    press(page, people[0], "غایب")
    expect(waits(page)).to_contain_text("وارد شوید")
    assert stands() == {}
    page.context.add_cookies(kept)
    page.reload()
    expect(waits(page)).to_be_hidden()
    assert stands() == {people[0].id: P.ABSENT}
    page.goto(f"/instructor/meetings/{meeting.id}")
    course.status = CourseStatus.CANCELED
    db.session.commit()
    press(page, people[0], "غایب")
    expect(waits(page).locator("li")).to_contain_text("این جلسه دیگر پیدا نشد")
    page.get_by_role("button", name="برداشتن").click()
    expect(waits(page)).to_be_hidden()


def test_without_a_script_the_same_is_one_form(visit, teacher, people, meeting):
    page = visit(teacher, java_script_enabled=False)
    page.goto("/instructor")
    follow(page, page.get_by_role("link", name="جوشکاری برق").first)
    press(page, people[0], "غایب")
    follow(page, page.get_by_role("button", name="ثبت", exact=True))
    expect(page.locator("#alerts")).to_contain_text("۱ علامت ثبت شد")
    assert stands() == {people[0].id: P.ABSENT}
    follow(page, page.get_by_role("button", name="بقیه حاضرند"))
    assert stands() == {people[0].id: P.ABSENT} | dict.fromkeys((each.id for each in people[1:]), P.PRESENT)
    follow(page, page.get_by_role("button", name="ثبت", exact=True))
    expect(page.locator("#alerts")).to_contain_text("چیزی برای ثبت نبود")
    assert marks() == 3


def test_the_pages_stand_on_a_phone_and_nothing_sticks_out(visit, teacher, course, people, meeting):
    page, course.title = visit(teacher), "نصب و راه‌اندازی تابلوهای برق صنعتی (درجهٔ دو)"
    class_cases.meeting(course, 2)
    paths = ("", "/calendar", "/calendar?view=month", "/classes", f"/classes/{course.id}", f"/meetings/{meeting.id}")
    for path in (*paths, f"/classes/{course.id}/print"):
        page.goto(f"/instructor{path}")
        assert sticks_out(page) == [], path
        assert axe_violations(page) == [], path


def test_the_center_corrects_with_a_reason_and_keeps_what_was_chosen_until_there_is_one(
    sign_in, token, unit, people, meeting
):
    client = sign_in(make.user(Role.MANAGER, unit))
    url = f"/center/meetings/{meeting.id}"
    soup = BeautifulSoup(client.get(url).data, "html.parser")
    form = {tag["name"]: tag.get("value", "") for tag in soup.select("main form [type=hidden]")}
    form |= {f"p{people[1].id}": "excused", "reason": ""}
    answer = client.post(url, data=form)
    soup = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 422
    assert "بنویسید چرا" in soup.select_one("#reason-error").text
    assert [tag["value"] for tag in soup.select("input[checked]")] == ["excused"]
    assert soup.select_one("[name=form_key]")["value"] == form["form_key"]
    assert client.post(url, data=form | {"reason": "گواهی پزشک"}).status_code == 303
    assert stands() == {people[1].id: P.EXCUSED}
    assert "«گواهی پزشک»" in BeautifulSoup(client.get(url).data, "html.parser").select_one(".timeline").text


def test_the_center_says_who_has_completed_a_course_and_a_second_tab_keeps_its_choices(sign_in, unit, teacher):
    course = class_cases.course(teacher, CourseStatus.FINISHED)
    one, client = class_cases.enroll(course), sign_in(make.user(Role.CLERK, unit))
    page = BeautifulSoup(client.get(f"/center/classes/{course.id}").data, "html.parser")
    url = page.select_one("a.primary")["href"]
    soup = BeautifulSoup(client.get(url).data, "html.parser")
    form = {tag["name"]: tag.get("value", "") for tag in soup.select("main form [type=hidden]")}
    assert client.post(url, data=form | {f"p{one.id}": "completed"}).status_code == 303
    late = client.post(url, data=form | {f"p{one.id}": "incomplete"})
    soup = BeautifulSoup(late.data, "html.parser")
    assert (late.status_code, [tag["value"] for tag in soup.select("input[checked]")]) == (409, ["incomplete"])
    assert "به پایان رساند" in soup.select_one("#refused").text
    again = {tag["name"]: tag.get("value", "") for tag in soup.select("main form [type=hidden]")}
    again |= {f"p{one.id}": "incomplete", "reason": ""}
    short = BeautifulSoup(client.post(url, data=again).data, "html.parser")
    assert "بنویسید چرا" in short.select_one("#reason-error").text
    assert client.post(url, data=again | {"reason": "غیبت بی‌خبر"}).status_code == 303
    soup = BeautifulSoup(client.get(url).data, "html.parser")
    assert [tag["value"] for tag in soup.select("input[checked]")] == ["incomplete"]
    assert "«غیبت بی‌خبر»" in soup.select_one(".timeline").text


def test_a_center_reaches_the_sheets_from_the_course_and_a_counselor_only_looks(sign_in, unit, course, people, meeting):
    client = sign_in(make.user(Role.COUNSELOR, unit))
    page = BeautifulSoup(client.get(f"/center/courses/{course.id}").data, "html.parser")
    link = page.select_one(f"a[href='/center/classes/{course.id}']")
    assert link.text == "حضور و غیاب"
    soup = BeautifulSoup(client.get(link["href"]).data, "html.parser")
    hours = " تا ".join(clock(time) for time in (meeting.start_time, meeting.end_time))
    assert hours in soup.select_one(f"a[href='/center/meetings/{meeting.id}']").text  # a day may have two
    assert [each.text for each in soup.select("[aria-current=page]")] == ["دوره‌ها"]
    sheet = BeautifulSoup(client.get(f"/center/meetings/{meeting.id}").data, "html.parser")
    assert sheet.select("main form") == []
    assert "بهرامی" in sheet.main.text


@pytest.mark.parametrize("mark", ["", "x", "k 1", "a b c d e f g", "kkkkkkkk ۱ absent ۵", "kkkkkkkk 1 nonsense 0 x"])
def test_odd_marks_of_a_script_are_answered_and_change_nothing(sign_in, token, teacher, people, meeting, mark):
    client = sign_in(teacher)
    url = f"/instructor/meetings/{meeting.id}"
    answer = client.post(
        url, data={"csrf_token": token(client, url), "mark": mark}, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, stands()) == (200, {})


def test_a_meeting_to_come_is_shown_and_not_marked(sign_in, token, teacher, course, people):
    client, tomorrow = sign_in(teacher), class_cases.meeting(course, -1)
    url = f"/instructor/meetings/{tomorrow.id}"
    soup = BeautifulSoup(client.get(url).data, "html.parser")
    assert "از همان روز" in soup.select_one(".notice").text
    assert soup.select("main form") == []
    data = {"csrf_token": token(client, "/instructor"), "mark": f"kkkkkkkk {people[0].id} absent 0"}
    answer = client.post(url, data=data, headers={"Accept": "application/json"})
    assert (answer.status_code, "از همان روز" in answer.json["said"]) == (422, True)
