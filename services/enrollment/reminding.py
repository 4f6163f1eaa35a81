"""A word to those enrolled before their course starts: where and when, once for each first day.

Source: docs/rules.md R-402.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, literal, or_, select

from models import Course, CourseStatus, Enrollment, EnrollmentStatus, Message, Place, Unit, db
from services import jalali, messages, policy, text
from services.transaction import atomic

BATCH = 200
# A course that nobody has closed yet, or that its center has started early, starts all the same.
COMING = (CourseStatus.APPROVED, CourseStatus.OPEN, CourseStatus.CLOSED, CourseStatus.RUNNING)


def remind(now: datetime) -> int:
    """Owe an SMS to everybody whose course starts in the next days; returns how many.

    A missed morning is made up for until the first meeting. Whoever enrolled today has just been told.
    """
    days, last, told = policy.value("reminder_days"), 0, 0
    while days:
        with atomic():
            rows = _due(now, days, last)
            for row in rows:
                messages.tell(row.person_id, messages.REMINDER, _body(row), cause_key=row.key, enrollment_id=row.id)
        if not rows:
            break
        last, told = rows[-1].id, told + len(rows)
    return told


def _due(now: datetime, days: int, after: int) -> Sequence[Any]:
    local, key = jalali.tehran(now), _key()
    wanted = (
        Enrollment.id > after,
        Enrollment.status == EnrollmentStatus.ACTIVE,
        Enrollment.created_at < jalali.from_tehran(local.date(), time()),
        Course.status.in_(COMING),
        Course.start_on.between(local.date(), local.date() + timedelta(days=days)),
        or_(Course.start_on > local.date(), Course.start_time > local.time()),
        ~exists().where(Message.cause_key == key),
    )
    said = (Course.title, Course.start_on, Course.start_time, Unit.title.label("unit_title"), Unit.phone)
    query = select(Enrollment.id, Enrollment.person_id, key.label("key"), *said, Place.title.label("place_title"))
    query = query.join(Course, Course.id == Enrollment.course_id).join(Unit, Unit.id == Course.unit_id)
    query = query.outerjoin(Place, Place.id == Course.place_id).where(*wanted)
    return db.session.execute(query.order_by(Enrollment.id).limit(BATCH)).all()


def _key() -> ColumnElement[str]:
    """What a reminder is known by: moved to another day, a course is told of anew."""
    day = cast(Course.start_on, String)
    return literal("enrollment:") + cast(Enrollment.id, String) + literal(":starts:") + day


def _body(row: Any) -> str:
    hour = f" ساعت {jalali.clock(row.start_time)}" if row.start_time else ""
    where = row.unit_title if row.place_title in (None, row.unit_title) else f"{row.unit_title}، {row.place_title}"
    phone = f" تلفن: {text.persian_digits(row.phone.replace('-', ''))}." if row.phone else ""
    return f"دورهٔ «{row.title}» {jalali.long(row.start_on)}{hour} شروع می‌شود. نشانی: {where}.{phone}"
