"""Statements and the table of debits as workbooks, from right to left, codes as text."""

from typing import IO

from services import audit, codes, jalali, text
from services.access import Actor
from services.catalog.booklet import Month
from services.imports import workbook
from services.purses import clerks, statement
from services.purses.portal import Owner
from services.purses.statement import Entry, Wanted
from services.purses.wording import KIND

MOST = 10_000
_TITLES = ("تاریخ", "ساعت", "نوع", "مبلغ (ریال)", "مانده پس از آن (ریال)", "دوره", "کارآموز", "کد رهگیری", "واحد",
           "انجام‌دهنده", "شمارهٔ پیگیری بانک")  # fmt: skip
_CLERKS = ("ماه", "کاربر", "تعداد کسر", "مبلغ (ریال)", "برگشته", "اعتراض")
_ADVICE = "بازهٔ کوتاه‌تری بنویسید."


def write_statement(
    into: IO[bytes], owner: Owner, wanted: Wanted, *, user_id: int | None = None, person_id: int | None = None
) -> None:
    """The movements that a statement shows, on all its pages; who took them is noted down."""
    audit.record("statement_exported", "account", None, actor_id=user_id, actor_person_id=person_id, kind=owner[0])
    lines = map(_line, statement.every(owner, wanted, MOST + 1))
    workbook.write(into, ("صورت‌حساب", workbook.capped(_TITLES, lines, MOST, _ADVICE)))


def write_clerks(into: IO[bytes], actor: Actor, last: Month) -> None:
    """The manager's table of debits from trainees."""
    rows = clerks.table(actor, last)
    lines = [(row.month.title, row.clerk, row.times, row.rials, row.back, row.objections) for row in rows]
    workbook.write(into, ("کسر از کارآموزان", [_CLERKS, *lines]))


def _line(entry: Entry) -> tuple[str | int, ...]:
    at, code = jalali.tehran(entry.at), entry.tracking_code
    return (
        text.digits(jalali.short(at.date())), at.strftime("%H:%M"), KIND[entry.kind], entry.amount, entry.after,
        entry.course or "", entry.person or "", codes.group_tracking(code) if code else "", entry.unit or "",
        entry.by or "", entry.reference or "",
    )  # fmt: skip
