"""The pages of instructors and their files: with and without a script, late, refused, and in nobody else's address."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup

from models import InstructorProfile, InstructorRecord, Person, RecordState, Role, db
from services.instructors import evidence, records
from tests import attachments, make
from tests import course_cases as cases
from tests.web.file_scenes import DEGREE, NEW_DEGREE, day


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def teacher(center):
    return make.instructor(center, make.field("برق"), started_on=dt.date(2020, 1, 1))


@pytest.fixture
def clerk(center, sign_in):
    return sign_in(make.user(Role.CLERK, center))


@pytest.fixture
def self_(center, teacher):
    """The account of the instructor."""
    return make.user(Role.INSTRUCTOR, center, person=db.session.get_one(Person, teacher.person_id))


@pytest.fixture
def send(token):
    """`send(client, page, url, **typed)`: a form as the page gave it, with what is typed into it."""

    def _send(client, page, url="", headers=None, **typed):
        soup = BeautifulSoup(client.get(page).data, "html.parser")
        form = next(form for form in soup.select("form[method=post]") if (form.get("action") or page) == (url or page))
        data = {field["name"]: field.get("value", "") for field in form.select("input[name]:not([type=file])")}
        return client.post(url or page, data=data | typed, headers=headers)

    return _send


def text_of(answer) -> str:
    return BeautifulSoup(answer.data, "html.parser").get_text(" ", strip=True)


def drafted(user, level="instructor") -> InstructorRecord:
    made = records.enter(cases.actor(user, level), f"form {make.national_code()}", None, "education", DEGREE)
    return db.session.get_one(InstructorRecord, made.id)


def test_an_instructor_writes_a_row_sends_a_paper_and_then_the_row_without_a_script(sign_in, send, self_):
    me = sign_in(self_)
    answer = send(me, "/instructor/records/new/education", **NEW_DEGREE)
    page = answer.location
    assert answer.status_code == 303
    refused = send(me, page, f"{page}/send")
    assert refused.status_code == 422
    assert "پیش از فرستادن، عکس یا سند این ردیف را بفرستید" in text_of(refused)
    row = db.session.query(InstructorRecord).one()
    attachments.send(cases.actor(self_, "instructor"), attachments.jpeg(), evidence.place_of(row))
    assert send(me, page, f"{page}/send").status_code == 303
    shown = text_of(me.get(page))
    assert "ثبت‌شده، در انتظار مرکز" in shown
    assert "پس گرفتن برای اصلاح" in shown
    assert "کارشناسی حسابداری" in text_of(me.get("/instructor/records/file/education"))


def test_a_paper_that_is_not_taken_comes_back_as_the_form_alone_to_htmx(sign_in, send, self_):
    me, row = sign_in(self_), drafted(self_)
    page = f"/instructor/records/{row.id}"
    answer = send(me, page, f"{page}/files", headers={"HX-Request": "true"})
    soup = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 422
    assert soup.select_one("html") is None
    assert "پرونده‌ای انتخاب نشده است" in soup.get_text()


def test_a_draft_of_the_instructor_is_not_on_the_centers_page_until_it_is_sent(sign_in, clerk, self_, teacher):
    row = drafted(self_)
    part = f"/center/instructors/{teacher.id}/file/education"
    assert "مهندسی برق" not in text_of(clerk.get(part))
    assert clerk.get(f"/center/instructors/records/{row.id}").status_code == 404
    row.state = RecordState.AT_CENTER
    db.session.commit()
    assert "مهندسی برق" in text_of(clerk.get(part))


def test_a_late_saving_shows_both_values_and_keeps_what_was_typed(clerk, send, teacher):
    page = f"/center/instructors/{teacher.id}/profile"
    make.save(InstructorProfile(person_id=teacher.person_id, birth_place="گرگان"))
    opened = BeautifulSoup(clerk.get(page).data, "html.parser").select_one("[name=version]")["value"]
    assert send(clerk, page, birth_place="کردکوی").status_code == 303
    late = send(clerk, page, version=opened, birth_place="گنبد")
    assert late.status_code == 409
    assert "کردکوی" in text_of(late)
    assert BeautifulSoup(late.data, "html.parser").select_one("[name=birth_place]")["value"] == "گنبد"


@pytest.mark.once
def test_a_first_saving_with_an_odd_version_is_taken_and_a_choice_that_nobody_made_is_not(sign_in, send, self_):
    me, page = sign_in(self_), "/instructor/records/profile"
    assert send(me, page, version="", birth_place="گنبد").status_code == 303
    assert send(me, page, version="", birth_place="کردکوی").status_code == 409
    empty = BeautifulSoup(send(me, "/instructor/records/new/education").data, "html.parser")
    assert all(empty.select_one(f"#{name}-error") for name in ("degree", "study_field", "graduated_on"))
    answer = send(me, "/instructor/records/new/education", **NEW_DEGREE | {"degree": ""})
    assert answer.status_code == 422
    assert "مدرک را انتخاب کنید" in text_of(answer)


@pytest.mark.once
def test_a_search_by_name_or_code_puts_neither_into_an_address(clerk, send, teacher):
    person = db.session.get_one(Person, teacher.person_id)
    make.instructor(teacher.unit)
    answer = send(clerk, "/center/instructors", "/center/instructors/search", q=person.national_code)
    page = clerk.get(answer.location)
    assert BeautifulSoup(page.data, "html.parser").select("ul.results > li") != []
    assert len(BeautifulSoup(page.data, "html.parser").select("ul.results > li")) == 1
    assert person.national_code not in answer.location


def test_a_foreigner_is_taken_on_and_the_page_says_which_papers_are_missing(clerk, send, center):
    field, born = make.field("خیاطی"), {"birth_date-d": "1", "birth_date-m": "1", "birth_date-y": "1364"}
    typed = {"foreign_code": "123456789012", "first_name": "نجیبه", "last_name": "احمدزی", "fields": field.id, **born}
    empty = BeautifulSoup(send(clerk, "/center/instructors/new").data, "html.parser")
    assert all(empty.select_one(f"#{name}-error") for name in ("national_code", "first_name", "last_name"))
    refused = send(clerk, "/center/instructors/new", **typed)
    page = BeautifulSoup(refused.data, "html.parser")
    assert (refused.status_code, page.select_one("#foreign_kind-error") is not None) == (422, True)
    assert page.select_one("#foreign_code").find_parent("details").has_attr("open")
    answer = send(clerk, "/center/instructors/new", **typed, foreign_kind="fida")
    text = text_of(clerk.get(answer.location))
    wanted = ("شناسهٔ یکتا", "۱۲۳۴۵۶۷۸۹۰۱۲", "هیچ ردیفی از این پرونده", "پروانهٔ کار ثبت نشده")
    assert [said for said in wanted if said not in text] == []


def test_an_end_that_a_course_forbids_names_it_and_keeps_the_form(clerk, send, center, teacher):
    course = make.course(unit_=center, instructor_id=teacher.id, title="دورهٔ برق ساختمان")
    page = f"/center/instructors/{teacher.id}"
    answer = send(clerk, page, f"{page}/end", reason="بازنشسته شد", **day("last_day"))
    assert answer.status_code == 422
    assert course.title in text_of(answer)
    assert "بازنشسته شد" in answer.get_data(as_text=True)


@pytest.mark.once
def test_counselors_see_no_instructors_and_an_account_without_employment_is_told_what_to_do(sign_in, center):
    counselor = sign_in(make.user(Role.COUNSELOR, center))
    assert counselor.get("/center/instructors").status_code == 403
    assert "/center/instructors" not in counselor.get("/center").get_data(as_text=True)
    nobody = sign_in(make.user(Role.INSTRUCTOR, center))
    assert "هیچ مرکزی شما را" in text_of(nobody.get("/instructor/records"))
    assert nobody.get("/instructor/records/new/education").status_code == 403


@pytest.mark.once
def test_a_kind_or_part_that_there_is_not_is_no_page_and_a_ruling_is_not_an_instructors(clerk, teacher, self_, sign_in):
    assert clerk.get(f"/center/instructors/{teacher.id}/new/poem").status_code == 404
    assert clerk.get(f"/center/instructors/{teacher.id}/file/poem").status_code == 404
    assert clerk.get(f"/center/instructors/{teacher.id}/new/ruling").status_code == 200
    assert sign_in(self_).get("/instructor/records/new/ruling").status_code == 403
