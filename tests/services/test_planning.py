"""The planner's calendar: how full, what is free, and what of the plan was held."""

import datetime as dt

import pytest

from models import (
    Attendance,
    CourseStatus,
    Delivery,
    Holiday,
    Policy,
    Role,
    Shift,
    UnitKind,
    WorkshopDowntime,
    utcnow,
)
from services import planning, policy
from services.attendance import calendar
from services.planning import INSTRUCTOR, UNIT, WORKSHOP, Asked, hours
from tests import class_cases, make
from tests import course_cases as cases

S = CourseStatus
DAY = dt.timedelta(days=1)
SATURDAY = cases.next_saturday()


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def planner(unit):
    return cases.staff(Role.PLANNER, cases.office())


def held(unit, *days, start=8, end=12, status=S.APPROVED, **over):
    """A course of a unit with meetings on these days from Saturday on."""
    times = {"start_time": dt.time(start), "end_time": dt.time(end)}
    course = make.course(status, unit, **times, **over)
    for day in days:
        make.meeting(course, SATURDAY + day * DAY)
    return course


def page(who, kind=WORKSHOP, view="week", on=SATURDAY, **over):
    return planning.page(who, Asked(kind, calendar.span(view, on.isoformat(), policy.today()), **over))


def test_a_week_of_a_workshop_is_full_by_its_classes_and_free_between_them(unit, planner):
    held(unit, 0, 2)
    held(unit, 2, start=13, end=17, status=S.CENTER_REVIEW)
    held(unit, 3, status=S.DRAFT)
    held(unit, 4, delivery=Delivery.VIRTUAL)
    (line,) = page(planner).lines
    assert [len(day.meetings) for day in line.days] == [1, 0, 2, 0, 0, 0, 0]
    assert line.days[0].free == [(dt.time(12), dt.time(20))]
    assert line.days[2].free == [(dt.time(12), dt.time(13)), (dt.time(17), dt.time(20))]
    assert (line.days[6].is_off, line.days[6].free) == (True, [])
    assert (line.busy, line.open, line.percent) == (12 * 60, 6 * 12 * 60, 17)
    assert [meeting.is_sure for meeting in line.days[2].meetings] == [True, False]
    assert sum(each.minutes for each in line.planned) == 8 * 60


def test_holidays_shifts_and_days_that_a_workshop_is_down_are_no_hours(unit, planner):
    room = make.first(make.Workshop, unit_id=unit.id)
    room.shifts = "morning"
    make.save(Holiday(on_date=SATURDAY + DAY, scope="*", title="جشن"))
    make.save(Holiday(on_date=SATURDAY + 2 * DAY, scope="9999", title="استانی دیگر"))
    down = {"starts_on": SATURDAY + 3 * DAY, "ends_on": SATURDAY + 4 * DAY, "reason": "نشت گاز"}
    make.save(WorkshopDowntime(workshop_id=room.id, begun_by_id=make.user().id, created_at=utcnow(), **down))
    (line,) = page(planner).lines
    assert [day.open_minutes // 60 for day in line.days] == [6, 0, 6, 0, 0, 6, 0]
    assert [day.down for day in line.days] == ["", "", "", "نشت گاز", "نشت گاز", "", ""]
    rule = {"days": [5], "evening": ["14:00", "18:00"]}
    make.save(Policy(name="calendar_hours", scope="center", valid_from=policy.today(), value=rule))
    room.shifts = None
    make.db.session.commit()
    assert [day.open_minutes // 60 for day in page(planner).lines[0].days] == [0, 0, 0, 0, 0, 4, 0]


def test_an_instructor_is_counted_in_all_units_by_the_hours_of_a_week(unit, planner):
    teacher = make.first(make.Instructor, unit_id=unit.id)
    there = make.unit(UnitKind.CENTER, make.province())
    twin = make.save(make.Instructor(person_id=teacher.person_id, unit_id=there.id, province_id=there.province_id))
    held(unit, 0, 1)
    elsewhere = held(there, 2, start=14, end=18, instructor_id=twin.id)
    held(unit, 5, delivery=Delivery.VIRTUAL, instructor_id=teacher.id)
    (line,) = page(planner, INSTRUCTOR).lines
    assert (line.busy, line.open, line.percent) == (16 * 60, 44 * 60, 36)
    (met,) = line.days[2].meetings
    assert (met.course_id, planner.covers(met.unit_id, met.province_id)) == (elsewhere.id, False)
    assert line.days[2].free == [(dt.time(8), dt.time(14)), (dt.time(18), dt.time(20))]


def test_a_month_says_plan_against_what_was_held(unit, planner):
    clerk = cases.staff(Role.CLERK, unit)
    first = policy.today() - 40 * DAY
    course = held(unit, status=S.RUNNING, capacity_max=12, taken=3)
    past = [make.meeting(course, first + n * DAY) for n in range(2)]
    enrollment = class_cases.enroll(course)
    make.save(Attendance(session_id=past[0].id, enrollment_id=enrollment.id, course_id=course.id, presence="present",
                         marked_by_id=clerk.user_id, marked_at=utcnow()))  # fmt: skip
    (line,) = page(planner, UNIT, "month", first).lines
    due = sum(1 for each in past if calendar.span("month", first.isoformat(), first).last >= each.on_date) * 240
    assert (line.due, line.held) == (due, 240)
    assert line.courses == (1, 12, course.taken)
    assert sum(week.busy for week in line.weeks) == line.busy == due


def test_a_unit_adds_its_workshops_up_and_counts_the_free_ones(unit, planner):
    other = make.workshop(unit, title="کارگاه ۲")
    held(unit, 0)
    (line,) = page(planner, UNIT).lines
    assert (line.open, line.busy) == (2 * 6 * 12 * 60, 4 * 60)
    assert [day.free_rooms for day in line.days] == [1, 2, 2, 2, 2, 2, 0]
    other.is_active = False
    make.db.session.commit()
    assert page(planner, UNIT).lines[0].days[1].free_rooms == 1


def test_everybody_sees_their_own_territory_and_pages_follow_each_other(unit, planner, queries):
    neighbor = make.unit(title="همسایه")
    make.workshop(neighbor)
    make.workshop(make.unit(UnitKind.CENTER, make.province()))
    seen = {kind: {line.row.unit_id for line in page(planner, kind).lines} for kind in (WORKSHOP, UNIT)}
    assert seen == {WORKSHOP: {unit.id, neighbor.id}, UNIT: {unit.id, neighbor.id}}
    clerk = cases.staff(Role.CLERK, unit)
    assert {line.row.unit_id for line in page(clerk).lines} == {unit.id}
    assert page(clerk, unit_id=neighbor.id).lines == []
    for n in range(30):
        make.workshop(unit, title=f"کارگاه {n}")
    with queries() as statements:
        first = page(clerk)
    assert len(statements) == 4
    rest = page(clerk, after=first.after)
    ids = [line.row.id for each in (first, rest) for line in each.lines]
    assert (len(ids), len(set(ids)), rest.after) == (31, 31, None)


def clocks(*pairs):
    return [(dt.time(start), dt.time(end)) for start, end in pairs]


@pytest.mark.once
@pytest.mark.parametrize(("busy", "left"), [
    ([], [(8, 20)]),
    ([(8, 20)], []),
    ([(7, 9), (19, 21)], [(9, 19)]),
    ([(10, 12), (11, 14)], [(8, 10), (14, 20)]),
    ([(12, 13), (10, 12)], [(8, 10), (13, 20)]),
    ([(20, 22)], [(8, 20)]),
])  # fmt: skip
def test_what_is_left_beside_classes(busy, left):
    assert list(hours.free(clocks((8, 20)), clocks(*busy))) == clocks(*left)


@pytest.mark.once
def test_a_gap_too_short_for_a_class_is_not_free():
    assert list(hours.free(clocks((8, 14)), [(dt.time(8, 30), dt.time(13, 1))])) == []


@pytest.mark.once
def test_shifts_that_touch_are_one_span_of_hours():
    rule = hours.Hours.of(policy.DEFAULTS["calendar_hours"])
    assert rule.on(SATURDAY, f"{Shift.MORNING},{Shift.EVENING}", frozenset()) == clocks((8, 20))
    assert rule.on(SATURDAY, Shift.EVENING.value, frozenset()) == clocks((14, 20))
    assert rule.on(SATURDAY, Shift.NIGHT.value, frozenset()) == []
