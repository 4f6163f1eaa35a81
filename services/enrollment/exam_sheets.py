"""The list of those who may go to the exam as a workbook, with what each still lacks."""

from typing import IO

from services import audit, jalali, text
from services.access import Actor
from services.enrollment import exam
from services.enrollment.exam import Line, Wanted
from services.imports import workbook

MOST = 10_000
_TITLES = ("نام", "کد ملی", "کد رهگیری", "کد دوره", "نام دوره", "واحد", "پایان دوره", "کمبودها")
_ADVICE = "صافی را تنگ‌تر کنید."


def write(into: IO[bytes], actor: Actor, wanted: Wanted) -> None:
    """Everybody of a list, in its order; who took it is noted down."""
    audit.record("exam_exported", "course", None, actor_id=actor.user_id, level=actor.level.value, view=wanted.view)
    lines = map(_cells, exam.every(actor, wanted, MOST + 1))
    workbook.write(into, ("معرفی به آزمون", workbook.capped(_TITLES, lines, MOST, _ADVICE)))


def _cells(line: Line) -> tuple[str | int, ...]:
    day = text.digits(jalali.short(line.end_on)) if line.end_on else ""
    place = (line.course_code, line.course_title, line.unit_title, day)
    return (line.name, line.code, line.tracking_code, *place, exam.said(line.lacks))
