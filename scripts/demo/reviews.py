"""What stands around the steps of the demo's courses: signatures, comments, letters, cases in hand, what is late."""

import datetime as dt
from typing import Any

from models import ChecklistSignature, CourseClaim, CourseEvent, utcnow
from scripts.demo import units
from scripts.demo.courses import Course, Step
from scripts.demo.crowd import Crowd
from scripts.reference.rows import Rows
from services import jalali
from services.courses import CHECKLIST

LAST_DAY, COMES_UP = 3, 5  # days after which a case is due, and has come up
_SIGNED = ("send", "approve")
_NOTE = "دو دستگاه تا شروع دوره از کارگاه دیگر مرکز آورده می‌شود."
_COMMENTS = {"capacity_max": "با جای کار کارگاه نمی‌خواند", "weekdays": "چهارشنبه‌ها کارگاه در اختیار دورهٔ دیگری است"}
_HOUR = dt.time(9, 5)  # when the clock looks what is due


def said(step: Step, number: int) -> dict[str, Any]:
    """What an event keeps beside its reason: comments with a return, a letter with a rejection."""
    if step.action == "return":
        return {"comments": _COMMENTS}
    if step.action == "reject":
        return {"letter_number": f"۱۴۰۵/{number}", "letter_on": jalali.tehran_today(step.at)}
    return {}


def signature(rows: Rows, course: Course, step: Step, version: int, actor_id: int | None) -> None:
    """The checklist under a sending or an approval, with a note where something was short."""
    if step.action not in _SIGNED:
        return
    rows.add(
        ChecklistSignature,
        signature_key=f"{course.number}-{version - 1}-{step.level}",
        course_id=course.number,
        actor_id=actor_id,
        level=step.level,
        course_version=version - 1,
        items=list(CHECKLIST),
        note=_NOTE if course.number % 5 == 0 else "",
        at=step.at,
    )


def wait(rows: Rows, crowd: Crowd, found: tuple[Course, ...], today: dt.date) -> None:
    """What the clock has written about cases that wait, and which of them the reviewers have in hand."""
    for course in found:
        if course.status.endswith("_review"):
            _late(rows, course, today)
            _held(rows, course, crowd)


# -- Support -----------------------------------------------------------------------


def _late(rows: Rows, course: Course, today: dt.date) -> None:
    level = course.status.removesuffix("_review")
    since, version = course.steps[-1].at, len(course.steps)
    for action, days in (("remind", LAST_DAY), ("escalate", COMES_UP)):
        day = jalali.tehran_today(since) + dt.timedelta(days=days)
        if day < today and (action == "remind" or level != "hq"):
            at = jalali.from_tehran(day, _HOUR)
            rows.add(
                CourseEvent, course_id=course.number, actor_id=None, action=action, level="system",
                source=course.status, target=course.status, reason="", course_version=version, at=at,
            )  # fmt: skip


def _held(rows: Rows, course: Course, crowd: Crowd) -> None:
    level, now = course.status.removesuffix("_review"), utcnow()
    is_golestan = units.unit(course.unit_code).province == "گلستان"
    if level == "province" and is_golestan and course.number % 4 == 0:
        hour = {"claimed_at": now, "until": now + dt.timedelta(hours=1)}
        rows.add(CourseClaim, course_id=course.number, user_id=crowd.users["province1"], level=level, **hour)
