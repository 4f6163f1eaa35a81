"""Which courses are public, enrollable, waiting and due, and what the clock does to them."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from models import (
    Course,
    CourseEvent,
    CourseStatus,
    Delivery,
    Gender,
    Role,
    Setting,
    Shift,
    StandardRequirement,
    Unit,
    UnitKind,
    db,
    utcnow,
)
from services import courses, labels
from services.access import Level
from services.courses import Action
from services.courses.steps import DECISIONS, SIGNED
from services.text import persian_digits
from tests import course_cases as cases
from tests import make

S = CourseStatus
NOW = utcnow()
HOUR = dt.timedelta(hours=1)


def found(condition):
    return set(db.session.scalars(select(Course.id).where(condition)))


@pytest.mark.parametrize("status", S)
def test_the_public_finds_approved_courses_that_are_not_over(status):
    course = make.course(status)
    over = make.course(status, end_on=dt.date(2020, 1, 1), start_on=dt.date(2020, 1, 1))
    public = status in (S.APPROVED, S.OPEN, S.CLOSED, S.RUNNING)
    assert found(courses.public_where(NOW)) == ({course.id} if public else set())
    assert over.id not in found(courses.public_where(NOW))


@pytest.mark.once
@pytest.mark.parametrize("status", S)
def test_only_approved_and_open_courses_take_enrollments(status):
    course = make.course(status)
    assert found(courses.enrollable(NOW)) == ({course.id} if status in (S.APPROVED, S.OPEN) else set())


@pytest.mark.parametrize(("opens", "closes", "takes"), [(0, 1, True), (-1, 0, False), (1, 2, False), (-2, -1, False)])
def test_enrollment_is_open_from_its_first_to_before_its_last_moment(opens, closes, takes):
    make.course(S.APPROVED, enroll_open_at=NOW + opens * HOUR, enroll_close_at=NOW + closes * HOUR)
    assert bool(found(courses.enrollable(NOW))) is takes


def test_the_clock_opens_and_closes_each_course_once():
    opening = make.course(S.APPROVED, enroll_open_at=NOW - HOUR)
    closing = make.course(S.OPEN, enroll_close_at=NOW - HOUR)
    missed = make.course(S.APPROVED, enroll_open_at=NOW - 2 * HOUR, enroll_close_at=NOW - HOUR)
    later = make.course(S.APPROVED, enroll_open_at=NOW + HOUR)
    assert (courses.tick(NOW), courses.tick(NOW)) == (4, 0)
    states = [
        db.session.get(Course, row.id, populate_existing=True).status for row in (opening, closing, missed, later)
    ]
    assert states == [S.OPEN, S.CLOSED, S.CLOSED, S.APPROVED]
    events = db.session.query(CourseEvent).filter_by(course_id=missed.id).order_by(CourseEvent.id)
    assert [(e.action, e.level, e.actor_id) for e in events] == [("open", "system", None), ("close", "system", None)]


@pytest.mark.once
def test_a_full_course_stays_open():
    course = make.course(S.OPEN, taken=15)
    assert courses.tick(NOW) == 0
    assert course.status is S.OPEN


# -- Lists -------------------------------------------------------------------------


def test_the_queue_has_what_waits_for_the_level_longest_first():
    unit = make.unit()
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    late = make.course(S.PROVINCE_REVIEW, unit, level_since=NOW - dt.timedelta(days=9))
    new = make.course(S.PROVINCE_REVIEW, unit, level_since=NOW)
    make.course(S.CENTER_REVIEW, unit, level_since=NOW)
    make.course(S.PROVINCE_REVIEW, make.unit(province_=make.province()), level_since=NOW)
    page = courses.queue(reviewer, "waiting", NOW)
    assert [row.id for row in page.rows] == [late.id, new.id]
    assert page.counts == {"waiting": 2, "due": 1, "came_up": 0, "returned": 0, "decided": 0}
    assert [row.id for row in courses.queue(reviewer, "due", NOW).rows] == [late.id]


def test_a_decision_of_today_moves_to_the_tab_of_decisions():
    unit = cases.center()
    reviewer, course = cases.staff(Role.REVIEWER, cases.office()), cases.at(S.PROVINCE_REVIEW, unit)
    cases.advance(reviewer, course.id, Action.RETURN, reason=cases.ANY_REASON)
    page = courses.queue(reviewer, "decided", utcnow())
    assert [row.id for row in page.rows] == [course.id]
    assert (page.counts["waiting"], page.counts["returned"]) == (0, 1)


def test_the_queue_goes_on_where_the_page_before_ended():
    unit = make.unit()
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    ids = [make.course(S.PROVINCE_REVIEW, unit, level_since=NOW).id for _ in range(30)]
    first = courses.queue(reviewer, "waiting", NOW)
    second = courses.queue(reviewer, "waiting", NOW, after=first.after)
    assert [row.id for row in [*first.rows, *second.rows]] == ids


# -- A case ------------------------------------------------------------------------


def facts(course):
    return dict(reversed(fact) for fact in courses.case(cases.staff(Role.REVIEWER, cases.office()), course.id).facts)


@pytest.mark.once
def test_a_good_course_passes_every_check():
    assert all(facts(cases.at(S.PROVINCE_REVIEW, cases.center())).values())


def test_a_reviewer_is_told_when_nobody_could_enroll_any_more():
    course = cases.at(S.PROVINCE_REVIEW, cases.center())
    course.enroll_open_at, course.enroll_close_at = (utcnow() - dt.timedelta(days=days) for days in (9, 1))
    db.session.commit()
    wrong = [text for text, passed in facts(course).items() if not passed]
    assert len(wrong) == 1
    assert "پس از تأیید کسی نمی‌تواند ثبت‌نام کند" in wrong[0]


@pytest.mark.once
def test_what_the_system_can_see_is_shown_to_the_reviewer():
    unit = cases.center()
    course = cases.at(S.PROVINCE_REVIEW, unit)
    values = {"standard_id": course.standard_id, "item_name": "رکتیفایر", "item_key": "رکتیفایر", "group": "capital"}
    make.save(StandardRequirement(quantity=1, basis_n=5, **values))
    course.workshop.workstations, course.instructor_id = 10, make.instructor(unit).id
    unit.gender = Gender.FEMALE
    db.session.commit()
    wrong = [text for text, passed in facts(course).items() if not passed]
    assert len(wrong) == 3
    assert "کمبود تجهیزات: رکتیفایر، ۰ از ۳" in wrong
    clashes = courses.case(cases.staff(Role.REVIEWER, cases.office()), course.id).clashes
    assert [each.bars for each in clashes if labels.GENDER[Gender.FEMALE] in each.text] == [False]


def edited(clerk, course, **over):
    """Save a complete draft again with some fields changed and everything else as it is."""
    unit = db.session.get_one(Unit, clerk.units[0])
    kept = {name: getattr(course, name) for name in ("end_on", "enroll_open_at", "enroll_close_at")}
    courses.save(clerk, course.id, course.version, cases.complete_values(unit, **{**kept, **over}))


def test_the_timeline_tells_who_did_what_newest_first():
    unit = cases.center()
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    course = cases.draft(clerk)
    colleague = cases.staff(Role.CLERK, unit)
    edited(colleague, course, capacity_max=12)
    cases.advance(clerk, course.id, Action.SEND)
    cases.advance(manager, course.id, Action.RETURN, reason="ساعت‌ها کم است")
    told = courses.case(clerk, course.id).timeline
    assert (told[0].what, told[0].reason) == (f"{manager.name} برگرداند", "ساعت‌ها کم است")
    assert told[1].what == f"{clerk.name} برای مدیر مرکز فرستاد"
    assert told[2].what == f"{colleague.name} حداکثر ظرفیت را از «۱۵» به «۱۲» تغییر داد"
    assert told[-1].what == f"{clerk.name} دوره را ساخت"


def test_an_edit_of_many_fields_is_told_in_one_line_with_its_changes_beneath():
    unit = cases.center()
    clerk, colleague = (cases.staff(Role.CLERK, unit) for _ in range(2))
    course = cases.draft(clerk)
    edited(colleague, course, capacity_min=6, capacity_max=12, age_min=16)
    changed, filled, _ = courses.case(clerk, course.id).timeline
    assert (changed.what, len(changed.parts)) == (f"{colleague.name} ۳ مورد را تغییر داد", 3)
    assert "حداکثر ظرفیت را از «۱۵» به «۱۲» تغییر داد" in changed.parts
    assert filled.what == f"{clerk.name} {persian_digits(len(filled.parts))} مورد را نوشت"
    assert "نوبت را «صبح» نوشت" in filled.parts


# -- Words -------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (CourseStatus, labels.STATUS),
        (Shift, labels.SHIFT),
        (Gender, labels.GENDER),
        (Setting, labels.SETTING),
        (Delivery, labels.DELIVERY),
        (UnitKind, labels.UNIT_KIND),
        (Role, labels.ROLE),
        (Action, labels.ACTION),
        (Action, labels.ACTION_PAST),
        (Action, labels.ACTION_PAST_YOU),
    ],
)
def test_every_value_has_a_name_on_the_screen(kind, words):
    assert {member.value for member in kind} <= set(words)


@pytest.mark.once
@pytest.mark.parametrize(
    ("mask", "said"),
    [(0, ""), (1, "شنبه"), (0b101, "شنبه، دوشنبه"), (0b11111, "شنبه تا چهارشنبه"), (0b11, "شنبه، یکشنبه")],
)
def test_weekdays_are_said_in_words(mask, said):
    assert labels.weekdays(mask) == said


@pytest.mark.once
def test_the_table_of_steps_is_in_the_documents():
    written = Path(__file__).resolve().parents[2] / "docs" / "course-steps.md"
    assert written.read_text() == as_table(), "run: python -m tests.services.test_course_lists > docs/course-steps.md"


def as_table() -> str:
    lines = [
        "# The steps of a course",
        "",
        "Printed from `STEPS` in `services/courses/steps.py` by a test; anything not listed here cannot happen.",
        "«next level» is the next one of the course's own route, and approval after the last.",
        "",
        "«signed»: with the seven items of the checklist, by name.",
        "",
        "| From | Action | To | Level | Roles | Reason | Checklist |",
        "|---|---|---|---|---|---|---|",
    ]
    for step in courses.STEPS:
        roles = ", ".join(sorted(step.roles))
        cells = (step.source, step.action, step.target or "next level", step.level or "clock", roles or "-")
        asked = ("needed" if step.needs_reason else "-", "signed" if step.action in SIGNED else "-")
        lines.append(f"| {' | '.join((*cells, *asked))} |")
    return "\n".join([*lines, *taken_back()]) + "\n"


def taken_back() -> list[str]:
    """The decisions that whoever took them may take back at once."""
    lines = [
        "",
        "Whoever has taken one of these takes it back within `undo_seconds`, while nothing has followed (R-345):",
        "",
        "| Decision | Came from | Taken back by |",
        "|---|---|---|",
    ]
    for step in courses.STEPS:
        if step.action in DECISIONS:
            lines.append(f"| {step.action} | {step.source} | {', '.join(sorted(step.roles))} who took it |")
    return lines


@pytest.mark.once
def test_every_level_that_decides_can_be_reached_by_a_route():
    assert {step.level for step in courses.STEPS if step.action is Action.APPROVE} == {
        Level.CENTER,
        Level.PROVINCE,
        Level.HQ,
    }


if __name__ == "__main__":
    print(as_table(), end="")  # noqa: T201
