"""Who may go to the exam, and what each of them still lacks."""

import datetime as dt
import io
import zipfile

import pytest

from models import (
    Attendance,
    AuditEvent,
    Completion,
    CourseStatus,
    IdentityStatus,
    PersonPhoto,
    Presence,
    Role,
    UnitKind,
    db,
)
from services.enrollment import completion, exam, exam_sheets
from services.enrollment.exam import Wanted
from tests import class_cases, make
from tests.class_cases import acting, enroll

WHOLE = {
    "first_name": "لیلا",
    "last_name": "رضایی",
    "father_name": "حسن",
    "shenasname_no": "12",
    "identity_status": IdentityStatus.VERIFIED,
}
C = Completion


@pytest.fixture
def unit():
    return make.unit()


@pytest.fixture
def clerk(unit):
    return acting(make.user(Role.CLERK, unit))


@pytest.fixture
def over(unit):
    return class_cases.course(class_cases.instructor(unit), CourseStatus.FINISHED, end_on=class_cases.today())


def portrayed(enrollment, state="accepted"):
    make.save(PersonPhoto(person_id=enrollment.person_id, state=state, reason="تار" if state == "rejected" else None))
    return enrollment


def found(actor, view=exam.READY, **wanted) -> dict[int, tuple[str, ...]]:
    return {line.enrollment_id: line.lacks for line in exam.page(actor, Wanted(view, **wanted)).lines}


def test_ready_is_who_lacks_nothing_and_every_lack_is_named_to_center_province_and_person(unit, clerk, over):
    ready, bare = portrayed(enroll(over, **WHOLE)), enroll(over, first_name=None, last_name=None)
    refused = portrayed(enroll(over, **WHOLE | {"father_name": None}), "rejected")
    out, unsaid = portrayed(enroll(over, **WHOLE)), portrayed(enroll(over, **WHOLE))
    said = {ready.id: C.COMPLETED, bare.id: C.COMPLETED, refused.id: C.COMPLETED, out.id: C.INCOMPLETE}
    completion.say(clerk, over.id, dict.fromkeys(said), said)
    elsewhere = class_cases.course(
        class_cases.instructor(make.unit(province_=make.province())), CourseStatus.FINISHED, end_on=over.end_on
    )
    enroll(elsewhere)
    reviewer = acting(make.user(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, unit.province)))
    for actor in (clerk, reviewer):
        assert found(actor) == {ready.id: ()}
        lacking = found(actor, exam.LACKING)
        assert lacking.pop(bare.id) == ("name", "father", "shenasname", "photo")
        assert lacking == {refused.id: ("father", "photo"), unsaid.id: ("unsaid",)}
        assert found(actor, exam.OUT) == {out.id: ("incomplete",)}
        assert set(found(actor, exam.LACKING, lack="photo")) == {bare.id, refused.id}
        assert found(actor, course="9" * 8) == {}
        assert set(found(actor, course=over.code)) == {ready.id}
    assert exam.of_person(refused.person_id)[refused.id].lacks == ("father", "photo")


def test_in_a_course_that_runs_too_much_absence_is_a_lack_until_the_center_has_spoken(unit, clerk):
    course = class_cases.course(class_cases.instructor(unit), end_on=class_cases.today())
    one = portrayed(enroll(course, **WHOLE))
    marks = {"enrollment_id": one.id, "course_id": course.id, "marked_by_id": clerk.user_id}
    make.save(Attendance(session_id=class_cases.meeting(course, 1).id, presence=Presence.ABSENT, **marks))
    class_cases.meeting(course, 2)
    assert found(clerk, exam.LACKING) == {one.id: ("running", "absent")}
    assert exam.of_person(one.person_id)[one.id].lacks == ("running", "absent")
    course.status = CourseStatus.FINISHED
    db.session.commit()
    assert found(clerk, exam.LACKING) == {one.id: ("unsaid", "absent")}
    completion.say(clerk, course.id, {one.id: None}, {one.id: C.COMPLETED})
    assert found(clerk) == {one.id: ()}


def test_a_list_is_read_course_by_course_the_last_to_end_first_and_nobody_is_passed_over_between_pages(
    unit, clerk, monkeypatch
):
    monkeypatch.setattr(exam, "SIZE", 2)
    teacher, today = class_cases.instructor(unit), class_cases.today()
    ends = [today, today - dt.timedelta(days=3), today, today - dt.timedelta(days=9)]
    courses = [class_cases.course(teacher, CourseStatus.FINISHED, end_on=end) for end in ends]
    made = {course.id: [enroll(course).id for _ in range(2)] for course in reversed(courses)}
    seen, before = [], None
    for _ in range(9):
        page = exam.page(clerk, Wanted(exam.LACKING), before)
        seen, before = seen + [line.enrollment_id for line in page.lines], page.after
        if before is None:
            break
    order = (courses[2], courses[0], courses[1], courses[3])
    assert seen == [each for course in order for each in sorted(made[course.id], reverse=True)]


@pytest.mark.once
def test_the_workbook_names_everybody_of_the_list_with_their_lacks_and_who_took_it_is_noted(clerk, over, monkeypatch):
    monkeypatch.setattr(exam, "_PART", 1)
    one, into = enroll(over, **WHOLE), io.BytesIO()
    exam_sheets.write(into, clerk, Wanted(exam.LACKING))
    sheet = zipfile.ZipFile(into).read("xl/worksheets/sheet1.xml").decode()
    assert one.tracking_code in sheet
    assert "پایان دوره ثبت نشده، عکس تأییدشده" in sheet
    assert make.first(AuditEvent, action="exam_exported").actor_id == clerk.user_id
