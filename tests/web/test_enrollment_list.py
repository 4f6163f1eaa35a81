"""The list of a course's enrollments, as its center's staff use it."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update

from models import Enrollment, EnrollmentStatus, Message, Role, UnitKind, db, utcnow
from services.text import persian_digits
from tests import make
from tests.web import pages


@pytest.fixture
def course():
    return make.course(capacity_max=40)


@pytest.fixture
def clerk(course, sign_in):
    return sign_in(make.user(Role.CLERK, course.unit))


def url(course, **query):
    more = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/center/courses/{course.id}/enrollments" + (f"?{more}" if more else "")


def rows(client, address) -> list[str]:
    table = BeautifulSoup(client.get(address).data, "html.parser").select("main tbody tr")
    return [row.get_text(" ") for row in table]


def sms(enrollment, state, reason=None):
    key = f"{enrollment.id}:{state}"
    return make.save(Message(
        person_id=enrollment.person_id, enrollment_id=enrollment.id, cause_key=key, template="enrolled", body="x",
        state=state, suppressed_reason=reason, created_at=utcnow(),
    ))  # fmt: skip


def cancel(enrollment):
    values = {"status": EnrollmentStatus.CANCELED, "canceled_at": utcnow()}
    db.session.execute(update(Enrollment).where(Enrollment.id == enrollment.id).values(**values))
    db.session.commit()


def test_who_has_no_name_is_moved_by_a_link_that_names_the_tracking_code(clerk, course):
    course.start_on = utcnow().date() + dt.timedelta(days=9)
    made = pages.enroll(make.save(course), make.person(first_name=None, last_name=None))
    page = BeautifulSoup(clerk.get(url(course)).data, "html.parser")
    assert page.select_one("a[aria-label]")["aria-label"] == f"جابه‌جایی {persian_digits(made.tracking_code)}"


def test_each_row_says_who_and_what_is_still_missing_and_leads_to_the_slip(clerk, course):
    person = make.person(mobile="09130000001", mobile_status="not_matched")
    made = pages.enroll(course, person)
    sms(made, "suppressed", "mobile_not_matched")
    answer = clerk.get(url(course))
    (row,) = rows(clerk, url(course))
    masked = persian_digits(f"{person.national_code[:3]}****{person.national_code[-3:]}")
    for word in (person.full_name, masked, "به نام این کد ملی نیست", "فرستاده نشد", "عدم تطابق", "قطعی"):
        assert word in row
    assert person.national_code not in answer.text
    assert persian_digits(person.national_code) not in answer.text
    assert "0001" not in answer.text
    link = BeautifulSoup(answer.data, "html.parser").select_one("main tbody a")
    assert link["href"] == f"/slip/{made.tracking_code}"


def test_the_list_is_narrowed_to_missing_names_to_unsent_messages_and_to_the_canceled(clerk, course):
    named, unnamed, gone = make.person(), make.person(first_name=None, last_name=None), make.person()
    sms(pages.enroll(course, named), "delivered")
    told = pages.enroll(course, unnamed)
    sms(told, "sent")
    sms(told, "failed")  # the newest counts
    cancel(pages.enroll(course, gone))
    found = {show: " ".join(rows(clerk, url(course, show=show))) for show in ("", "nameless", "unsent", "canceled")}
    who = {"named": named.full_name, "unnamed": "نام ثبت نشده", "gone": gone.full_name}
    seen = {show: {name for name, words in who.items() if words in text} for show, text in found.items()}
    assert seen == {"": {"named", "unnamed"}, "nameless": {"unnamed"}, "unsent": {"unnamed"}, "canceled": {"gone"}}
    tabs = [tab.get_text() for tab in BeautifulSoup(clerk.get(url(course)).data, "html.parser").select(".tabs a")]
    assert tabs == ["همه ۲", "بدون نام ۱", "پیامک نرفته ۱", "لغوشده ۱"]


def test_a_long_list_comes_in_pages_of_twenty_five_that_leave_nobody_out(clerk, course):
    made = [pages.enroll(course, make.person()) for _ in range(27)]
    first = clerk.get(url(course))
    further = BeautifulSoup(first.data, "html.parser").select_one("a[rel=next]")["href"]
    shown = [link["href"] for page in (first, clerk.get(further))
             for link in BeautifulSoup(page.data, "html.parser").select("main tbody a[href^='/slip/']")]  # fmt: skip
    assert shown == [f"/slip/{each.tracking_code}" for each in made]
    assert not BeautifulSoup(clerk.get(further).data, "html.parser").select("a[rel=next]")


def test_an_empty_list_says_so(clerk, course):
    assert "هنوز کسی در این دوره ثبت‌نام نشده است" in clerk.get(url(course)).text
    assert "نام همهٔ کارآموزان این دوره ثبت شده است" in clerk.get(url(course, show="nameless")).text
    assert clerk.get(url(course, show="nonsense", after="x")).status_code == 200


def test_the_list_of_another_unit_is_not_found(course, sign_in):
    pages.enroll(course, make.person())
    for unit in (make.unit(), make.unit(UnitKind.COUNTER)):
        role = Role.COUNTER if unit.kind is UnitKind.COUNTER else Role.CLERK
        assert sign_in(make.user(role, unit)).get(url(course)).status_code == 404


def test_the_list_costs_as_many_statements_with_one_row_as_with_twenty(clerk, course, queries):
    costs = []
    for more in (1, 19):
        for _ in range(more):
            sms(pages.enroll(course, make.person()), "sent")
        with queries() as seen:
            clerk.get(url(course))
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 7, "\n".join(seen)


def test_the_page_of_a_course_leads_to_its_list(clerk, course):
    links = BeautifulSoup(clerk.get(f"/center/courses/{course.id}").data, "html.parser").select("main a")
    assert url(course) in [link["href"] for link in links]
