"""What the clock does with the days of a course: it starts, it ends, and its people are told before."""

import datetime as dt

import pytest
import time_machine

from models import Course, CourseEvent, CourseStatus, Message, Policy, Role, db
from services import courses, jalali
from services.enrollment import reminding
from tests import class_cases, make
from tests import course_cases as cases
from tests.race.crowd import storm

S = CourseStatus
DAY = dt.date(2026, 11, 28)
ENROLLED = {"taken": 5, "capacity_min": 5}


def tehran(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return jalali.from_tehran(day, dt.time(hour, minute))


def days(n: int) -> dt.timedelta:
    return dt.timedelta(days=n)


def life(course) -> tuple[str, list[tuple]]:
    events = db.session.query(CourseEvent).filter_by(course_id=course.id).order_by(CourseEvent.id)
    row = db.session.get(Course, course.id, populate_existing=True)
    return row.status, [(each.action, each.level, each.actor_id) for each in events]


def test_a_course_starts_on_its_first_day_in_tehran_and_ends_the_day_after_its_last():
    course = make.course(S.CLOSED, start_on=DAY, end_on=DAY + days(1), **ENROLLED)
    moments = [(DAY - days(1), 23, 59), (DAY, 0, 0), (DAY + days(1), 23, 59), (DAY + days(2), 0, 0)]
    with time_machine.travel(tehran(DAY, 0), tick=False):
        seen = [(courses.tick(tehran(*moment)), life(course)[0]) for moment in moments]
    assert seen == [(0, S.CLOSED), (1, S.RUNNING), (0, S.RUNNING), (1, S.FINISHED)]
    assert life(course)[1] == [("start", "system", None), ("finish", "system", None)]


def test_after_weeks_of_downtime_one_look_makes_up_for_all_of_it():
    over = {"enroll_open_at": tehran(DAY - days(20), 8), "enroll_close_at": tehran(DAY - days(5), 8)}
    course = make.course(S.APPROVED, start_on=DAY, end_on=DAY + days(7), **over, **ENROLLED)
    assert (courses.tick(tehran(DAY + days(30), 3)), courses.tick(tehran(DAY + days(30), 3))) == (4, 0)
    assert life(course) == (S.FINISHED, [(a, "system", None) for a in ("open", "close", "start", "finish")])


TOO_FEW = [(4, 5, False), (0, None, False), (0, 0, False), (1, None, True)]


@pytest.mark.parametrize(("taken", "least", "starts"), TOO_FEW)
def test_too_few_people_are_left_to_the_center(taken, least, starts):
    course = make.course(S.CLOSED, start_on=DAY, end_on=DAY, taken=taken, capacity_min=least)
    clerk = cases.staff(Role.CLERK, course.unit)
    courses.tick(tehran(DAY, 12))
    assert life(course)[0] is (S.RUNNING if starts else S.CLOSED)
    left = courses.numbers(clerk, tehran(DAY, 12), courses.left_counted(clerk, tehran(DAY, 12)))
    assert left["too_few"] == int(not starts)


def test_eight_clocks_at_once_take_each_step_once_and_tell_each_person_once(app):
    late = {"enroll_close_at": tehran(DAY - days(5), 8), "end_on": DAY + days(7)}
    starting = [make.course(S.CLOSED, start_on=DAY, **late, **ENROLLED) for _ in range(3)]
    people = [class_cases.enroll(make.course(S.OPEN, start_on=DAY + days(1), **late)) for _ in range(3)]

    def turn(_):
        courses.tick(tehran(DAY, 10))
        reminding.remind(tehran(DAY, 10))

    storm(app, turn, range(8))
    assert [life(course) for course in starting] == [(S.RUNNING, [("start", "system", None)])] * 3
    told = sorted(row.enrollment_id for row in db.session.query(Message))
    assert told == [person.id for person in people]


# -- Reminders ---------------------------------------------------------------------


def reminded(day: dt.date, hour: int = 9) -> list[int]:
    """Who is told at this hour that was not told before."""
    before = {row.id for row in db.session.query(Message)}
    reminding.remind(tehran(day, hour))
    rows = db.session.query(Message).filter_by(template="course_starts").order_by(Message.id)
    return [row.enrollment_id for row in rows if row.id not in before]


def test_enrolled_people_are_told_once_where_and_when():
    course = make.course(start_on=DAY, end_on=DAY + days(9), start_time=dt.time(8), title="جوشکاری")
    person = class_cases.enroll(course)
    class_cases.enroll(course, until_days=1)
    class_cases.enroll(make.course(S.CANCELED, start_on=DAY, end_on=DAY))
    seen = [reminded(DAY - days(n)) for n in (3, 2, 1)]
    assert seen == [[], [person.id], []]
    assert "«جوشکاری» شنبه ۷ آذر ۱۴۰۵ ساعت ۸:۰۰ شروع می‌شود" in db.session.query(Message).one().body


def test_a_missed_morning_is_made_up_for_until_the_first_hour_of_class():
    early, late = (
        class_cases.enroll(make.course(start_on=DAY, end_on=DAY, start_time=dt.time(hour), end_time=dt.time(20)))
        for hour in (8, 16)
    )
    assert (reminded(DAY), early.id < late.id) == ([late.id], True)


def test_whoever_enrolled_today_is_not_told_again_today():
    course = make.course(start_on=DAY, end_on=DAY)
    person = class_cases.enroll(course)
    person.created_at = tehran(DAY - days(1), 0, 5)
    db.session.commit()
    assert (reminded(DAY - days(1)), reminded(DAY, 7)) == ([], [person.id])


def test_a_course_moved_to_another_day_is_told_of_anew_and_hq_may_switch_it_off():
    course = make.course(start_on=DAY, end_on=DAY + days(20))
    person = class_cases.enroll(course)
    first = reminded(DAY - days(1))
    course.start_on = DAY + days(7)
    db.session.commit()
    again = reminded(DAY + days(6))
    make.save(Policy(name="reminder_days", scope="*", value=0, valid_from=dt.date(2020, 1, 1)))
    course.start_on = DAY + days(14)
    db.session.commit()
    assert (first, again, reminded(DAY + days(13))) == ([person.id], [person.id], [])
