"""Workbooks of the lists of courses: what is shown, from right to left, codes as text.

Source: docs/rules.md R-374.
"""

from typing import IO, Any

from models import Course
from services import audit, course_lists, jalali, labels, text
from services.access import Actor
from services.course_lists import Wanted
from services.imports import workbook

MOST = 10_000
_TITLES = (
    "کد دوره", "نام دوره", "کد استاندارد", "وضعیت", "استان", "شهرستان", "واحد", "شروع", "پایان", "روزها", "ساعت",
    "نوبت", "جنسیت", "بخش اجرا", "مربی", "ظرفیت", "ثبت‌نام", "شهریه (ریال)",
)  # fmt: skip
_ADVICE = "صافی را تنگ‌تر کنید."


def write(into: IO[bytes], actor: Actor, wanted: Wanted) -> None:
    """Every course of a list, in its order; who took it is noted down."""
    audit.record("courses_exported", "course", None, actor_id=actor.user_id, level=actor.level.value, tab=wanted.tab)
    lines = map(_line, course_lists.every(actor, wanted, MOST + 1))
    workbook.write(into, ("دوره‌ها", workbook.capped(_TITLES, lines, MOST, _ADVICE)))


def _line(course: Course) -> tuple[str | int, ...]:
    person = course.instructor.person if course.instructor else None
    hours = [jalali.clock(time) for time in (course.start_time, course.end_time) if time]
    return (
        course.code, course.title or "", course.standard_code or "", labels.STATUS[course.status],
        course.province.title, course.county.title if course.county else "", course.unit.title,
        _day(course.start_on), _day(course.end_on), labels.weekdays(course.weekdays), " تا ".join(hours),
        labels.SHIFT.get(course.shift or "", ""), labels.GENDER.get(course.gender or "", ""),
        labels.SETTING.get(course.setting or "", ""), (person.full_name or "") if person else "",
        course.capacity_max or "", course.taken, course.tuition_rials or "",
    )  # fmt: skip


def _day(day: Any) -> str:
    """In plain digits, so that a spreadsheet sorts it."""
    return text.digits(jalali.short(day)) if day else ""
