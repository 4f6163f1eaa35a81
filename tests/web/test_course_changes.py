"""The pages of changes: asked for by a center, old beside new for who decides, the end of a course by a province."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup

from models import ChangeState, Course, CourseChange, CourseStatus, Role, UnitKind, User, db
from services import course_changes, jalali
from services.text import persian_digits
from tests import change_cases as changes
from tests import make
from tests.web.walking import forms


@pytest.fixture
def people():
    return changes.staff()


@pytest.fixture
def browsers(people, sign_in):
    """A browser for the clerk, the manager and the reviewer."""
    return {
        who: sign_in(db.session.get_one(User, getattr(people, who).user_id)) for who in ("clerk", "manager", "reviewer")
    }


def form_of(client, page, **typed):
    """The last form of a page as a person would send it, with what is typed into it."""
    soup = BeautifulSoup(client.get(page).data, "html.parser")
    data = {name: list(values) for name, values in list(forms(page, soup))[-1].data.items()}
    return data | {name: [value] for name, value in typed.items()}


def send(client, page, **typed):
    return client.post(page, data=form_of(client, page, **typed))


def text_of(answer):
    return BeautifulSoup(answer.data, "html.parser").select_one("main").get_text(" ", strip=True)


def day(name, on):
    year, month, date = jalali.parts(on)
    return {f"{name}-d": persian_digits(date), f"{name}-m": persian_digits(month), f"{name}-y": persian_digits(year)}


def test_a_center_asks_for_a_smaller_course_and_the_province_sees_whom_it_touches(people, browsers):
    course, other = changes.live(people.unit), changes.live(people.unit)
    changes.fill(course, 4)
    page = f"/center/courses/{course.id}/change"
    later = jalali.tehran(course.enroll_close_at).date() + dt.timedelta(days=2)
    asked = send(browsers["clerk"], page, capacity_min="۱", capacity_max="۲", reason="کارگاه کوچک‌تر شد",
                 other=str(other.id), **day("enroll_close_on", later))  # fmt: skip
    change = make.first(CourseChange)
    assert (asked.status_code, asked.location) == (303, f"/center/changes/{change.id}")
    said = text_of(browsers["clerk"].get(asked.location))
    assert "همین حالا تغییر کرد: بسته شدن ثبت‌نام" in said
    assert "تا تأیید آن، دوره همان‌گونه می‌ماند" in said
    decide = f"/center/changes/{change.id}/decide"
    data = form_of(browsers["manager"], f"/center/changes/{change.id}", decision="approve")
    assert browsers["manager"].post(decide, data=data).status_code == 303
    seen = text_of(browsers["reviewer"].get(f"/province/changes/{change.id}"))
    assert "حداکثر ظرفیت ۱۵ ۲" in seen
    assert "۲ نفر با همان پرداخت به دورهٔ مقصد می‌روند" in seen
    data = form_of(browsers["reviewer"], f"/province/changes/{change.id}", decision="approve")
    done = browsers["reviewer"].post(f"/province/changes/{change.id}/decide", data=data)
    again = browsers["reviewer"].post(f"/province/changes/{change.id}/decide", data=data)
    assert (done.status_code, again.status_code) == (303, 409)
    assert "شما ساعت" in text_of(again)
    assert db.session.get_one(Course, course.id, populate_existing=True).taken == 2
    assert changes.odd() == []


def test_a_province_ends_a_course_by_one_page_and_a_second_press_finds_the_first(people, browsers):
    course = changes.live(people.unit)
    changes.fill(course, 2)
    page = f"/province/courses/{course.id}/end"
    data = form_of(browsers["reviewer"], page, reason="مربی بیمار است", other="")
    first, second = (browsers["reviewer"].post(page, data=data) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert db.session.get_one(Course, course.id, populate_existing=True).status is CourseStatus.CANCELED
    assert changes.odd() == []
    said = text_of(browsers["clerk"].get(f"/center/courses/{course.id}"))
    assert "این دوره لغو شد. اعتبار ۲ نفر برگشت (جمع ۱۰۰٬۰۰۰ ریال)." in said
    late = browsers["reviewer"].get(page)
    assert late.location == f"/province/courses/{course.id}"


def test_what_is_typed_stays_when_it_is_refused(people, browsers):
    course = changes.live(people.unit)
    page = f"/center/courses/{course.id}/change"
    wrong = send(browsers["clerk"], page, capacity_max="۴۰", reason="داوطلب بیشتر است")
    assert wrong.status_code == 422
    soup = BeautifulSoup(wrong.data, "html.parser")
    assert "جای کار" in soup.select_one("#capacity_max-error").get_text()
    assert soup.select_one("#reason").get_text().strip() == "داوطلب بیشتر است"


def test_after_a_colleague_has_saved_both_values_stand_at_their_fields(people, browsers):
    closes = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0) + dt.timedelta(days=10)
    course = changes.live(people.unit, enroll_close_at=closes, tuition_rials=9_000)
    page = f"/center/courses/{course.id}/change"
    data = form_of(browsers["clerk"], page, capacity_max="۱۲", tuition="۸۰۰۰", reason="کمتر")
    later = closes + dt.timedelta(days=1)
    meanwhile = changes.wish(course, enroll_close_at=later, tuition_rials=5_000)
    course_changes.edit(people.manager, changes.key(), course.id, meanwhile)
    late = browsers["clerk"].post(page, data=data)
    assert (late.status_code, make.first(CourseChange)) == (409, None)
    assert people.manager.name in text_of(late)
    soup = BeautifulSoup(late.data, "html.parser")
    rows = [row.get_text(" ", strip=True) for row in soup.select(".alert tbody tr")]
    assert any("شهریه" in row and "۵٬۰۰۰" in row and "۸٬۰۰۰" in row and "هر دو" in row for row in rows)
    assert any("بسته شدن ثبت‌نام" in row and "همکار شما" in row for row in rows)
    assert soup.select_one("#capacity_max")["value"] == "۱۲"
    assert soup.select_one("#reason").get_text(strip=True) == "کمتر"
    assert "اکنون ذخیره است: ۵٬۰۰۰" in soup.select_one("#tuition-hint").get_text()
    kept = persian_digits(jalali.parts(jalali.tehran(later).date())[2])
    assert soup.select_one("#enroll_close_on-d")["value"] == kept, "the colleague's, as the clerk had not touched it"
    again = {name: list(values) for name, values in list(forms(page, soup))[-1].data.items()}
    asked = browsers["clerk"].post(page, data=again)
    change = make.first(CourseChange)
    assert (asked.status_code, change.wanted) == (303, {"capacity_max": [15, 12], "tuition_rials": [5000, 8000]})


def test_who_asks_while_another_change_waits_is_led_to_it(people, browsers):
    course = changes.live(people.unit)
    page = f"/center/courses/{course.id}/change"
    data = form_of(browsers["clerk"], page, capacity_max="۱۲", reason="کمتر")
    wish = changes.wish(course, capacity_max=10)
    waiting = course_changes.edit(people.manager, changes.key(), course.id, wish).change
    second = browsers["clerk"].post(page, data=data)
    links = BeautifulSoup(second.data, "html.parser").select(".alert a")
    assert (second.status_code, [link["href"] for link in links]) == (409, [f"/center/changes/{waiting.id}"])


def test_a_change_that_comes_back_is_corrected_in_the_same_form(people, browsers):
    course = changes.live(people.unit)
    asked = course_changes.edit(people.clerk, changes.key(), course.id, changes.wish(course, capacity_max=12))
    waiting = text_of(browsers["clerk"].get(f"/center/changes/{asked.change.id}"))
    assert "کسی در این دوره ثبت‌نام ندارد" in waiting
    course_changes.decide(people.manager, asked.change.id, 1, "return", "ده نفر بس است")
    page = f"/center/courses/{course.id}/change"
    soup = BeautifulSoup(browsers["clerk"].get(page).data, "html.parser")
    assert "ده نفر بس است" in soup.get_text()
    assert soup.select_one("#capacity_max")["value"] == "۱۲"
    assert send(browsers["clerk"], page, capacity_max="۱۰").location == f"/center/changes/{asked.change.id}"
    change = db.session.get_one(CourseChange, asked.change.id, populate_existing=True)
    assert (change.state, change.wanted) == (ChangeState.WAITING, {"capacity_max": [15, 10]})
    assert browsers["clerk"].get(page).location == f"/center/changes/{change.id}"


def test_those_enrolled_are_told_by_one_button_that_is_then_gone(people, browsers):
    course = changes.live(people.unit)
    changes.fill(course, 3)
    wish = changes.wish(course, start_time=dt.time(9), end_time=dt.time(13))
    change = changes.through(people, course_changes.edit(people.clerk, changes.key(), course.id, wish).change.id)
    page = f"/center/changes/{change.id}"
    assert "خبر با پیامک به ۳ ثبت‌نام‌شده" in text_of(browsers["clerk"].get(page))
    token = form_of(browsers["clerk"], page)["csrf_token"]
    assert browsers["clerk"].post(f"{page}/tell", data={"csrf_token": token}).status_code == 303
    assert "خبر با پیامک" not in text_of(browsers["clerk"].get(page)).split("در راه است")[-1]


def test_a_manager_approves_several_and_reads_what_became_of_each(people, browsers):
    courses_ = [changes.live(people.unit) for _ in range(2)]
    asked = [course_changes.edit(people.clerk, changes.key(), course.id, changes.wish(course, capacity_max=12)).change
             for course in courses_]  # fmt: skip
    queue = BeautifulSoup(browsers["manager"].get("/center/changes?tab=waiting").data, "html.parser")
    boxes = [box["value"] for box in queue.select("form[action='/center/changes/together'] input[name=case]")]
    assert boxes == [str(each.id) for each in asked]
    assert queue.select_one("[data-count]").get_text() == "پرونده‌های موردنظر را انتخاب کنید"
    nobody = BeautifulSoup(browsers["clerk"].get("/center/changes?tab=open").data, "html.parser")
    assert nobody.select("input[name=case]") == []
    page = "/center/changes/together?do=approve&" + "&".join(f"case={each.id}" for each in asked)
    assert "حداکثر ظرفیت: ۱۵ ← ۱۲" in text_of(browsers["manager"].get(page))
    data = form_of(browsers["manager"], page)
    course_changes.decide(people.manager, asked[1].id, 1, "refuse", "نمی‌شود")
    done = browsers["manager"].post("/center/changes/together", data=data)
    said = text_of(browsers["manager"].get(done.location))
    assert "۱ درخواست تأیید شد. ۱ درخواست نشد" in said
    assert "نپذیرفت" in said
    assert "اکنون «در انتظار تصمیم استان» است" in said
    assert db.session.get_one(CourseChange, asked[0].id, populate_existing=True).level == "province"


def test_a_clerk_moves_one_person_from_the_list_to_another_course(people, browsers, sign_in):
    course, other = changes.live(people.unit), changes.live(people.unit)
    row = changes.enroll(course)
    listed, page = f"/center/courses/{course.id}/enrollments", f"/center/enrollments/{row}/move"
    assert f'href="{page}"' in browsers["clerk"].get(listed).text
    counselor = sign_in(make.user(Role.COUNSELOR, people.unit))
    assert f'href="{page}"' not in counselor.get(listed).text
    wrong = send(browsers["clerk"], page, other="", reason="ساعت دیگری می‌خواهد")
    assert (wrong.status_code, "دورهٔ مقصد را انتخاب کنید" in text_of(wrong)) == (422, True)
    data = form_of(browsers["clerk"], page, reason="ساعت دیگری می‌خواهد", other=str(other.id))
    first, second = (browsers["clerk"].post(page, data=data) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location) == (303, listed)
    assert "چیزی از اعتبار کم یا زیاد نشد" in browsers["clerk"].get(listed).text
    assert browsers["clerk"].get(page).location == listed
    assert changes.odd() == []


def test_who_may_not_ask_is_led_back_or_told(people, browsers, sign_in):
    course = changes.live(people.unit)
    counselor = sign_in(make.user(Role.COUNSELOR, people.unit))
    assert counselor.get(f"/center/courses/{course.id}/change").location == f"/center/courses/{course.id}"
    planner = sign_in(make.user(Role.PLANNER, make.first(make.Unit, kind=UnitKind.DIRECTORATE)))
    assert planner.get(f"/province/courses/{course.id}/end").location == f"/province/courses/{course.id}"
