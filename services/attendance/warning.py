"""A word to those who have been absent too much, once for each limit that they reach.

Source: docs/rules.md R-681.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, literal, select

from models import Attendance, Course, CourseSession, Enrollment, EnrollmentStatus, Message, Unit, db
from services import jalali, messages, text
from services.attendance import absence, reading
from services.transaction import atomic

TEMPLATE = "absent_too_much"
BATCH = 200
_RECENT = timedelta(days=14)  # an older absence that is marked now is told of no more: the class is as good as over


def warn(now: datetime) -> int:
    """Owe an SMS to everybody who has reached the limit of their course; returns how many."""
    last, told = 0, 0
    while True:
        with atomic():
            rows = _due(now, last)
            for row in rows:
                messages.tell(row.person_id, TEMPLATE, _body(row), cause_key=row.key, enrollment_id=row.id)
        if not rows:
            return told
        last, told = rows[-1].id, told + len(rows)


def _due(now: datetime, after: int) -> Sequence[Any]:
    today, key = jalali.tehran_today(now), _key()
    lately = select(Attendance.enrollment_id).join(CourseSession, CourseSession.id == Attendance.session_id)
    lately = lately.where(CourseSession.on_date.between(today - _RECENT, today), Attendance.presence.in_(absence.AWAY))
    wanted = (
        Enrollment.id > after,
        Enrollment.id.in_(lately),
        Enrollment.status == EnrollmentStatus.ACTIVE,
        Enrollment.completion.is_(None),
        Course.status.in_(reading.CLASSES),
        absence.is_over(),
        ~exists().where(Message.cause_key == key),
    )
    figures = (absence.away_minutes().label("away"), absence.course_minutes().label("total"))
    said = (Course.title, Unit.title.label("unit_title"), Unit.phone, *figures)
    query = select(Enrollment.id, Enrollment.person_id, key.label("key"), *said).select_from(Enrollment)
    query = query.join(Course, Course.id == Enrollment.course_id).join(Unit, Unit.id == Course.unit_id)
    return db.session.execute(query.where(*wanted).order_by(Enrollment.id).limit(BATCH)).all()


def _key() -> ColumnElement[str]:
    """What a warning is known by: each limit warns once, however marks are corrected to and fro."""
    limit = cast(absence.percent(), String)
    return literal("enrollment:") + cast(Enrollment.id, String) + literal(":absent:") + limit


def _body(row: Any) -> str:
    phone = f" تلفن: {text.persian_digits(row.phone.replace('-', ''))}." if row.phone else ""
    missed = absence.said(row.away, row.total)
    return (
        f"غیبت شما در دورهٔ «{row.title}» به حد مجاز رسیده است ({missed}). "
        f"اگر درست نیست یا دلیلی دارید به {row.unit_title} بگویید.{phone}"
    )
