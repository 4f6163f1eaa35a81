"""Those who asked are told, once each, when a course of what they asked for opens in their county.

Source: docs/rules.md R-409, R-411.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, or_, select, update

from models import (
    Course,
    CourseDemand,
    DemandState,
    Enrollment,
    EnrollmentStatus,
    Gender,
    Person,
    Unit,
    db,
)
from services import jalali, messages, policy, text
from services.demands.asking import for_anybody
from services.transaction import atomic

BATCH = 200
TEMPLATE = "demand_met"


def tell(now: datetime) -> int:
    """Owe an SMS to everybody whose demand a course now meets; returns how many demands were closed."""
    told = 0
    while rows := _met(now):
        with atomic():
            told += sum(_tell(row, now) for row in rows)
    return told


def _met(now: datetime) -> Sequence[Any]:
    """Waiting demands, each with the course of it that starts first of those with a seat."""
    fits = and_(
        Course.standard_id == CourseDemand.standard_id,
        Course.county_id == CourseDemand.county_id,
        or_(CourseDemand.shift.is_(None), CourseDemand.shift == Course.shift),
        or_(Course.gender == Gender.MIXED, Person.gender.is_(None), Person.gender == Course.gender),
    )
    query = select(CourseDemand.id, CourseDemand.person_id, Course.id.label("course_id"))
    query = query.join(Person, Person.id == CourseDemand.person_id).join(Course, fits)
    query = query.where(CourseDemand.state == DemandState.OPEN, for_anybody(now))
    found = db.session.execute(query.order_by(CourseDemand.id, Course.start_on, Course.id).limit(BATCH)).all()
    db.session.rollback()
    return list({row.id: row for row in reversed(found)}.values())


def _tell(row: Any, now: datetime) -> bool:
    """Close a demand and owe its message, unless another clock has done it; who is in the course knows of it."""
    closed = (
        update(CourseDemand)
        .where(CourseDemand.id == row.id, CourseDemand.state == DemandState.OPEN)
        .values(state=DemandState.TOLD, told_of_id=row.course_id, closed_at=now)
        .returning(CourseDemand.id)
        .execution_options(synchronize_session=False)
    )
    if db.session.scalar(closed) is None:
        return False
    enrolled = exists().where(
        Enrollment.course_id == row.course_id,
        Enrollment.person_id == row.person_id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    if not db.session.scalar(select(enrolled)):
        messages.tell(row.person_id, TEMPLATE, _body(row.course_id), cause_key=f"demand:{row.id}:met")
    return True


def _body(course_id: int) -> str:
    said = (Course.title, Course.code, Course.start_on, Course.enroll_close_at, Unit.title.label("unit_title"))
    course = db.session.execute(select(*said).join(Unit, Unit.id == Course.unit_id).where(Course.id == course_id)).one()
    until = jalali.day_month_year(jalali.tehran_today(course.enroll_close_at))
    return (
        f"دورهٔ «{course.title}» که خواسته بودید در {course.unit_title} باز شد. شروع: "
        f"{jalali.day_month_year(course.start_on)}، ثبت‌نام تا {until}. کد دوره: {text.persian_digits(course.code)}"
    )


def expire(now: datetime) -> int:
    """Close what has waited longer than `demand_months`; returns how many."""
    months = policy.value("demand_months")
    if not months:
        return 0
    with atomic():
        gone = (
            update(CourseDemand)
            .where(CourseDemand.state == DemandState.OPEN, CourseDemand.created_at < now - timedelta(days=30 * months))
            .values(state=DemandState.EXPIRED, closed_at=now)
            .returning(CourseDemand.id)
            .execution_options(synchronize_session=False)
        )
        return len(db.session.scalars(gone).all())
