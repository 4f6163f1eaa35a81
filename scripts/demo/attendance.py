"""Who came to the classes of the demo's instructor: all sheets but the last, and two marks the center corrected."""

import datetime as dt
import random
import uuid
from typing import Any

from models import Attendance, AttendanceMark, AuditEvent, Presence
from scripts.demo import courses, units
from scripts.demo.crowd import Crowd
from scripts.reference.rows import Rows
from services import jalali

SIGNS = (Presence.PRESENT, Presence.LATE, Presence.ABSENT, Presence.EXCUSED)
CORRECTED = ("گواهی پزشک را فردای کلاس آورد", "برای مسابقهٔ ملی مهارت رفته بود")


def mark(rows: Rows, crowd: Crowd, found: tuple[courses.Course, ...], today: dt.date) -> None:
    """Mark the sheets of courses that are loaded already, with the enrollments in them."""
    held = [one for one in found if (one.unit_code, one.kit) == units.INSTRUCTOR1_POST and one.status == "running"]
    for course in held:
        of_course = [row for row in rows.rows["course_session"] if row["course_id"] == course.number]
        past = [row for row in of_course if row["on_date"] < today]
        people = [row["id"] for row in rows.rows["enrollment"] if row["course_id"] == course.number]
        rng = random.Random(f"attendance {course.number}")
        # Somebody comes seldom, most come nearly always.
        zeal = {number: rng.choice((55, 85, 92, 97)) for number in people}
        for session in past[:-1]:
            for number in people:
                said = rng.choices(SIGNS, (zeal[number], 3, 4 + (100 - zeal[number]) * 0.6, 2))[0]
                _mark(rows, session, number, said, crowd.users["instructor1"])
    for reason, course in zip(CORRECTED, held, strict=False):
        _correct(rows, crowd, course.number, reason)


def _mark(rows: Rows, session: dict[str, Any], enrollment_id: int, said: Presence, user_id: int) -> None:
    at = jalali.from_tehran(session["on_date"], session["start_time"]) + dt.timedelta(minutes=12)
    what = {"session_id": session["id"], "enrollment_id": enrollment_id, "presence": said}
    rows.add(Attendance, course_id=session["course_id"], marked_by_id=user_id, marked_at=at, version=1, **what)
    _sent(rows, what, user_id, at)


def _sent(rows: Rows, what: dict[str, Any], user_id: int, at: dt.datetime) -> None:
    key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"demo {what['session_id']} {what['enrollment_id']} {user_id}"))
    rows.add(AttendanceMark, mark_key=key, actor_id=user_id, held=True, said_at=at, at=at, **what)


def _correct(rows: Rows, crowd: Crowd, course_id: int, reason: str) -> None:
    """The newest absence of a course is excused by the manager of its center a day later."""
    old = Presence.ABSENT
    marks = [row for row in rows.rows["attendance"] if row["course_id"] == course_id and row["presence"] is old]
    if not marks:
        return
    row, user_id = marks[-1], crowd.users["manager1"]
    at, now = row["marked_at"] + dt.timedelta(days=1), Presence.EXCUSED
    row.update(presence=now, marked_by_id=user_id, marked_at=at, version=2)
    _sent(rows, {name: row[name] for name in ("session_id", "enrollment_id", "presence")}, user_id, at)
    detail = {"reason": reason, "changes": {str(row["enrollment_id"]): [old, now]}}
    subject = {"subject": "course_session", "subject_id": row["session_id"]}
    rows.add(AuditEvent, action="attendance_corrected", actor_id=user_id, detail=detail, at=at, **subject)
