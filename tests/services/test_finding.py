"""Instructors are found who fit a standard, are free at given hours, and are near."""

import datetime as dt

import pytest

from models import CourseStatus, Role, UnitKind
from services.errors import NotAllowed, NotFound
from services.instructors import finding
from services.instructors.finding import Hours
from tests import course_cases as cases
from tests import fit_cases as files
from tests import make
from tests.fit_cases import DAY

SATURDAY = cases.next_saturday()
HOURS = Hours(SATURDAY, SATURDAY + 20 * DAY, 0b101, dt.time(8), dt.time(12))


@pytest.fixture
def near():
    return make.unit()


@pytest.fixture
def standard(near):
    return make.standard()


def named(name, unit, standard, fits=True):
    person = make.person(first_name=name, last_name="مربی")
    row = make.save(make.Instructor(person_id=person.id, unit_id=unit.id, province_id=unit.province_id))
    make.save(make.InstructorField(instructor_id=row.id, field_id=standard.field_id))
    if fits:
        make.education(row)
    return row


def busy(row, day, start=8, end=12, status=CourseStatus.RUNNING):
    hours = {"start_time": dt.time(start), "end_time": dt.time(end)}
    course = make.course(status, row.unit, instructor_id=row.id, **hours)
    make.meeting(course, day)
    return course


def names(found):
    return [row.row.person.first_name for row in found.rows]


def test_who_may_teach_stands_first_then_who_is_free_then_who_is_near(near, standard):
    files.rule(standard)
    county = make.county()
    far, beside = make.unit(county_id=county.id), make.unit()
    named("دور", far, standard)
    named("نزدیک", beside, standard)
    named("خودی", near, standard)
    named("ناتوان", near, standard, fits=False)
    ruled = named("رأی‌دار", near, standard, fits=False)
    files.ruling(ruled, standard)
    busy(named("گرفتار", near, standard), SATURDAY + 2 * DAY, 11, 13)
    named("رشتهٔ دیگر", near, make.standard(field_id=make.field().id))
    gone = named("رفته", near, standard)
    gone.is_active, gone.ended_on = False, SATURDAY - 90 * DAY
    make.db.session.commit()
    named("استان دیگر", make.unit(province_=make.province()), standard)
    found = finding.search(cases.staff(Role.CLERK, near), standard.id, HOURS)
    assert names(found) == ["خودی", "رأی‌دار", "نزدیک", "دور", "گرفتار", "ناتوان"]
    assert [row.distance for row in found.rows] == [0, 0, 1, 2, 0, 0]
    assert [len(row.busy) for row in found.rows] == [0, 0, 0, 0, 1, 0]
    assert not found.more


@pytest.mark.parametrize(("day", "start", "end", "free"), [
    (0, 8, 12, False), (0, 6, 8, True), (0, 12, 14, True), (0, 11, 12, False), (1, 8, 12, True), (21, 8, 12, True),
])  # fmt: skip
def test_busy_is_who_holds_a_class_across_these_hours_on_these_weekdays(near, standard, day, start, end, free):
    row = named("الف", near, standard)
    course = busy(row, SATURDAY + day * DAY, start, end)
    busy(row, SATURDAY, status=CourseStatus.CANCELED)
    clerk = cases.staff(Role.CLERK, near)
    assert bool(finding.search(clerk, standard.id, HOURS).rows[0].busy) is not free
    assert not finding.search(clerk, standard.id, HOURS, without=course.id).rows[0].busy
    assert not finding.search(clerk, standard.id, None).rows[0].busy


def test_a_province_looks_in_its_own_and_distance_counts_from_the_unit_of_the_course(near, standard):
    named("یک", make.unit(), standard)
    named("دو", near, standard)
    named("سه", make.unit(province_=make.province()), standard)
    reviewer = cases.staff(Role.PLANNER, cases.office())
    assert names(finding.search(reviewer, standard.id, HOURS, near=near.id)) == ["دو", "یک"]


def test_who_keeps_no_instructors_finds_none_and_a_standard_must_be_there(near, standard):
    with pytest.raises(NotAllowed):
        finding.search(cases.staff(Role.COUNSELOR, near), standard.id, HOURS)
    with pytest.raises(NotFound):
        finding.search(cases.staff(Role.REVIEWER, cases.office(UnitKind.HQ)), 999_999, HOURS)
