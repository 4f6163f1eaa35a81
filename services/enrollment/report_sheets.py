"""The reports on enrollments as workbooks, from right to left; who took one is noted down."""

from collections.abc import Iterator
from typing import IO, Any

from sqlalchemy import Select

from models import db
from services import audit, codes, jalali, text
from services.access import Actor
from services.catalog.booklet import Month
from services.enrollment import reports
from services.enrollment.visits import CHANNEL, LEVEL, REASON
from services.imports import workbook

MOST = 10_000
_COMMON = ("تاریخ", "کد رهگیری", "دوره", "واحد", "کانال")


def write_in_person(into: IO[bytes], actor: Actor, month: Month, reason: str) -> None:
    """The enrollments of a month for which somebody came in person."""
    lines = reports.in_person_lines(actor, month, reason)
    _note(actor, month, "in_person")
    workbook.write(into, ("ثبت‌نام حضوری", _rows((*_COMMON, "دلیل", "سطح"), lines, _why)))


def write_exempt(into: IO[bytes], actor: Actor, month: Month) -> None:
    """The enrollments of a month in groups that spare the mobile or the fee."""
    lines = reports.exempt_lines(actor, month)
    _note(actor, month, "exempt")
    workbook.write(into, ("معافیت‌ها", _rows((*_COMMON, "گروه هدف", "مدرک", "کاربر"), lines, _group)))


def _note(actor: Actor, month: Month, what: str) -> None:
    audit.record("enrollment_report_taken", "enrollment", None, actor_id=actor.user_id, what=what, month=month.text)


def _rows(heads: tuple[str, ...], lines: Select[Any], rest: Any) -> Iterator[workbook.Line]:
    cells = (_cells(row, rest) for row in db.session.execute(lines.limit(MOST + 1)))
    return workbook.capped(heads, cells, MOST)


def _cells(row: Any, rest: Any) -> workbook.Line:
    day = text.digits(jalali.short(jalali.tehran(row.created_at).date()))
    where = (row.title, row.unit_title, CHANNEL[row.channel])
    return (day, codes.group_tracking(row.tracking_code), *where, *rest(row))


def _why(row: Any) -> tuple[str, ...]:
    return REASON[row.in_person_reason], LEVEL[row.in_person_level]


def _group(row: Any) -> tuple[str, ...]:
    return row.group, row.group_evidence or "", reports.clerk_of(row)
