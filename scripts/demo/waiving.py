"""A standard that asks for another one: somebody for whom its manager has set that aside, and a draft that it stops."""

import datetime as dt
import uuid

from models import EligibilityWaiver, EnrollmentDraft
from scripts.demo import people, standards, units
from scripts.demo.courses import Course
from scripts.demo.crowd import Crowd
from scripts.demo.enrollments import OVER, Enrollment
from scripts.demo.ground import Ground
from scripts.reference.rows import Rows
from services import jalali
from services.enrollment.rules import Rule

WHY = "پنج سال کار کانال‌سازی با گواهی کارفرما؛ در مصاحبهٔ مرکز پذیرفته شد"


def waive(rows: Rows, ground: Ground, crowd: Crowd, enrolled: tuple[Enrollment, ...], today: dt.date) -> None:
    """One waiver in the center of manager1, and a draft of clerk1 for somebody who lacks the same."""
    inside = next((row for row in enrolled if row.is_active and _asks(row.course)), None)
    if inside is None:
        return
    course = inside.course
    at = {"created_at": inside.at - dt.timedelta(minutes=20)}
    person = {"person_id": crowd.people[inside.person.national_code], "course_id": course.number}
    by = {"granted_by_id": crowd.users["manager1"], "rule": Rule.PREREQUISITE.value, "reason": WHY}
    rows.add(EligibilityWaiver, **person, **by, **at)
    who = _outside(course, enrolled)
    saved = jalali.from_tehran(today - dt.timedelta(days=1), dt.time(12, 40))
    rows.add(
        EnrollmentDraft,
        key=str(uuid.uuid5(uuid.NAMESPACE_OID, "demo draft")),
        user_id=crowd.users["clerk1"],
        unit_id=ground.units[units.CENTER1],
        course_id=course.number,
        national_code=who.national_code,
        fields={},
        version=2,
        created_at=saved,
        updated_at=saved,
    )


def _outside(course: Course, enrolled: tuple[Enrollment, ...]) -> people.Human:
    """Somebody whom the course is for and who is not in it; who is in no other one, where there is such a person."""
    inside = {row.person.national_code for row in enrolled if row.course is course}
    busy = {row.person.national_code for row in enrolled if row.is_active and row.course.status not in OVER}
    fitting = [one for one in people.everybody().trainees if course.gender in ("mixed", one.gender)]
    return min((one for one in fitting if one.national_code not in inside), key=lambda one: one.national_code in busy)


def _asks(course: Course) -> bool:
    asked = (units.CENTER1, standards.PREREQUISITE[0], "open")
    return (course.unit_code, course.standard.title, course.status) == asked
