"""How much instructors teach, what their mornings owe, and the retraining that is due."""

import datetime as dt

import pytest
from sqlalchemy import select

from models import (
    Course,
    CourseInstructor,
    CourseStatus,
    Delivery,
    EmploymentKind,
    Policy,
    RecordState,
    Role,
    Setting,
    Shift,
    UnitKind,
    db,
)
from services import courses
from services.courses import Action, conflicts
from services.instructors import fit, workload
from services.instructors.workload import Owed
from tests import course_cases as cases
from tests import fit_cases as files
from tests import make
from tests.fit_cases import DAY, TODAY

S = CourseStatus
SATURDAY = cases.next_saturday()


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def teacher(unit):
    return make.first(make.Instructor, unit_id=unit.id)


def held(teacher, *days, start=8, end=12, status=S.RUNNING, shift="morning"):
    """A course of the instructor with meetings on these days from Saturday on."""
    hours = {"start_time": dt.time(start), "end_time": dt.time(end)}
    course = make.course(status, teacher.unit, instructor_id=teacher.id, shift=shift, **hours)
    for day in days:
        make.meeting(course, SATURDAY + day * DAY)
    return course


def evening(teacher, weeks=2, **over):
    """A course in the evenings of some weeks, not sent yet, and the days of its classes."""
    values = {"start_time": dt.time(16), "end_time": dt.time(20), "shift": Shift.EVENING, **over}
    course = make.course(S.DRAFT, teacher.unit, instructor_id=teacher.id, **values)
    return course, [SATURDAY + week * 7 * DAY for week in range(weeks)]


def warned(course, days, unit=None):
    wish = conflicts.wish(course, unit_id=(unit or course.unit).id)
    kinds = (conflicts.Kind.INSTRUCTOR, conflicts.Kind.MORNING, conflicts.Kind.WEEK)
    return [each.text for each in conflicts.of(None, wish, days) if each.kind in kinds]


# -- Hours -------------------------------------------------------------------------


@pytest.mark.once
def test_hours_are_counted_by_week_and_shift_over_all_units_of_a_person(teacher):
    elsewhere = make.save(make.Instructor(person_id=teacher.person_id, unit_id=make.unit().id,
                                          province_id=teacher.province_id))  # fmt: skip
    held(teacher, 0, 2, 7)
    held(elsewhere, 1, start=16, end=19, shift="evening", status=S.FINISHED)
    held(elsewhere, 3, start=10, end=17, shift="full_day", status=S.CENTER_REVIEW)
    for status in (S.DRAFT, S.RETURNED, S.REJECTED, S.CANCELED):
        held(teacher, 4, status=status)
    found = workload.meetings([teacher.person_id], SATURDAY, SATURDAY + 13 * DAY)
    weeks = workload.by_week(found)
    assert weeks[SATURDAY] == {"morning": 8 * 60 + 4 * 60, "evening": 6 * 60}
    assert weeks[SATURDAY + 7 * DAY] == {"morning": 4 * 60}
    assert workload.by_shift(found).total() == 22 * 60


def test_who_teaches_a_part_has_its_share_of_each_meeting_and_a_week_of_it_may_be_too_long(teacher, unit):
    helper, other = (make.instructor(unit, make.first(make.TradeField)) for _ in range(2))
    course = held(other, 0, 2, start=8, end=12)
    course.theory_minutes, course.practice_minutes, course.project_minutes, course.internship_minutes = 0, 4800, 0, 0
    make.save(CourseInstructor(course_id=course.id, instructor_id=helper.id, minutes=1200))
    found = workload.meetings([helper.person_id, other.person_id], SATURDAY, SATURDAY + 6 * DAY)
    hours = {
        who.id: workload.by_shift(each for each in found if each.person_id == who.person_id) for who in (helper, other)
    }
    assert hours == {helper.id: {"morning": 2 * 60}, other.id: {"morning": 8 * 60}}
    make.save(Policy(name="instructor_week_hours", scope="*", valid_from=TODAY, value=2))
    wish, days = evening(teacher, 1)
    wish.practice_minutes = 4 * 60
    make.save(CourseInstructor(course_id=wish.id, instructor_id=helper.id, minutes=2 * 60))
    said = [text for text in warned(wish, days) if "مربی همکار" in text]
    assert [f"{helper.person.full_name}، ۴ ساعت کلاس" in text for text in said] == [True]


def test_a_class_at_the_same_hours_is_named_with_its_course(teacher):
    course, days = evening(teacher, 3)
    beside = held(teacher, 0, 1, start=12, end=16)
    across = held(teacher, 7, 14, start=19, end=21, shift="night")
    found = [said for said in warned(course, days) if "کلاس دارد" in said and "جلسه" in said]
    assert len(found) == 1
    assert across.title in found[0]
    assert "در ۲ جلسه" in found[0]
    assert fit.persian_digits(beside.code) not in found[0]


@pytest.mark.once
@pytest.mark.parametrize(("most", "warns"), [(None, True), (48, False), (0, False)])
def test_a_week_with_too_many_hours_is_said_by_policy(teacher, most, warns):
    course, _ = evening(teacher, shift=Shift.MORNING, start_time=dt.time(14), end_time=dt.time(18))
    held(teacher, *range(6), start=7, end=14)
    if most is not None:
        values = {"name": "instructor_week_hours", "scope": "*", "valid_from": TODAY, "value": most}
        make.save(Policy(**values))
    found = warned(course, [SATURDAY])
    assert [said for said in found if "۴۶ ساعت کلاس" in said] == found[: int(warns)]
    assert len(found) == int(warns)


# -- The duty of the morning -------------------------------------------------------

DUTY = "سهم موظف صبح مربی"


@pytest.mark.once
@pytest.mark.parametrize(("kind", "bound"), [(kind, kind in ("official", "contractual", "soldier"))
                                             for kind in EmploymentKind])  # fmt: skip
def test_the_evening_of_those_in_public_service_comes_after_their_morning(teacher, kind, bound):
    course, days = evening(teacher)
    files.employment(teacher, kind, morning=8)
    held(teacher, 0, 1)  # eight hours in the first week, none in the second
    found = [said for said in warned(course, days) if DUTY in said]
    assert bool(found) is bound
    if bound:
        assert "در ۱ هفته از ۲ هفتهٔ این دورهٔ عصر پر نیست" in found[0]
        held(teacher, 7, 8)
        assert warned(course, days) == []


@pytest.mark.once
@pytest.mark.parametrize(("over", "bound"), [
    ({}, True), ({"setting": Setting.BRANCH}, True), ({"setting": Setting.PRISON}, False),
    ({"shift": Shift.MORNING}, False), ({"shift": Shift.NIGHT}, False), ({"delivery": Delivery.VIRTUAL}, True),
])  # fmt: skip
def test_only_the_evening_at_a_center_and_its_branches_asks_for_the_morning(teacher, over, bound):
    course, days = evening(teacher, **over)
    files.employment(teacher)
    assert bool(warned(course, days)) is bound


@pytest.mark.once
def test_an_academy_has_no_duty_and_a_job_that_is_over_or_not_verified_none_that_is_known(teacher, unit):
    course, days = evening(teacher)
    files.employment(teacher, state=RecordState.AT_CENTER)
    files.employment(teacher, ended_on=SATURDAY - DAY)
    assert "شغل مربی تأیید نشده است" in warned(course, days)[0]
    files.employment(teacher, "hourly", hired_on=SATURDAY)
    assert warned(course, days) == []
    academy = make.unit(UnitKind.ACADEMY)
    files.employment(teacher, hired_on=SATURDAY)
    assert warned(course, days) != []
    assert warned(course, days, academy) == []


@pytest.mark.once
def test_warnings_stand_before_whoever_decides_and_refuse_nothing(unit, teacher):
    make.route()
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    files.employment(teacher)
    late = {"shift": Shift.EVENING, "start_time": dt.time(16), "end_time": dt.time(20)}
    draft = cases.draft(clerk, **late)
    assert any(DUTY in each.text for each in courses.case(clerk, draft.id).clashes)
    cases.advance(clerk, draft.id, Action.SEND)
    assert [each.bars for each in courses.case(manager, draft.id).clashes if DUTY in each.text] == [False]
    assert cases.advance(manager, draft.id, Action.APPROVE).status is S.PROVINCE_REVIEW


def test_each_of_several_courses_is_read_with_its_own_job_and_limit(unit, teacher):
    academy = make.unit(UnitKind.ACADEMY)
    other = make.instructor(academy)
    files.employment(other, "hourly", morning=5)
    files.employment(teacher, morning=8)
    make.save(Policy(name="instructor_week_hours", scope="academy", valid_from=TODAY, value=30))
    make.save(Policy(name="instructor_week_hours", scope=unit.province.code, valid_from=TODAY + 2 * DAY, value=1))
    mine, theirs = held(teacher, 0), held(other, 0)
    rows = {row[0]: row[1:] for row in db.session.execute(select(Course.id, *workload.columns(Course)))}
    assert workload.known(rows[mine.id]) == workload.Known(EmploymentKind.OFFICIAL, 8, 44)
    assert workload.known(rows[theirs.id]) == workload.Known(EmploymentKind.HOURLY, 5, 30)


# -- Retraining --------------------------------------------------------------------


def years(n, day=TODAY):
    return fit.years_before(day, -n)


@pytest.mark.once
@pytest.mark.parametrize(("done", "since", "has", "due", "late"), [
    ([], None, 0, TODAY, True), ([], TODAY - 30 * DAY, 0, years(2, TODAY - 30 * DAY), False),
    ([], TODAY - 900 * DAY, 0, years(2, TODAY - 900 * DAY), True),
    ([(40, 100)], None, 40, years(2, TODAY - 100 * DAY), False),
    ([(30, 100), (10, 300), (20, 500)], None, 60, years(2, TODAY - 300 * DAY), False),
    ([(40, 1000)], None, 0, years(2, TODAY - 1000 * DAY), True), ([(39, 10)], None, 39, TODAY, True),
    ([(40, -5)], None, 0, TODAY, True),
])  # fmt: skip
def test_retraining_is_owed_by_the_day_on_which_what_was_done_is_too_old(teacher, done, since, has, due, late):
    for hours, ago in done:
        files.retraining(teacher, hours, TODAY - ago * DAY)
    files.retraining(teacher, 99, TODAY - DAY, RecordState.REJECTED)
    records = fit.verified_of([teacher.person_id]).get(teacher.person_id, [])
    found = workload.owed(records, since, TODAY, workload.retraining_rule())
    assert (found.has, found.is_late(TODAY)) == (has, late)
    assert found.due == due or (due < TODAY and late and found.due <= TODAY)


@pytest.mark.once
def test_the_rule_of_retraining_is_a_policy_from_a_day_on_and_may_be_none(unit):
    assert workload.retraining_rule(unit) == (40, 2)
    make.save(Policy(name="retraining_hours", scope="center", valid_from=TODAY, value=0))
    db.session.commit()
    assert workload.retraining_rule(unit) == (0, 2)
    assert not Owed(0, 2, 0, TODAY).is_late(TODAY)
