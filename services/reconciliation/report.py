"""The report of a day as a workbook: the sums of both sides, what explains their difference, and the closing."""

from collections.abc import Iterator
from typing import IO, Any

from sqlalchemy import select

from models import ReconciliationFile, ReconciliationRow, db
from services import jalali
from services.imports import workbook
from services.reconciliation import wording
from services.reconciliation.reading import Day, Difference

AT_ONCE = 500
_DIFFERENCES = ("نوع", "شمارهٔ سفارش", "شمارهٔ مرجع", "ما (ریال)", "بانک (ریال)", "زمان", "توضیح", "توضیح‌دهنده", "کی")
_LINES = ("ردیف پرونده", "نتیجه", "شمارهٔ سفارش", "شمارهٔ مرجع", "مبلغ (ریال)", "زمان")


def write(into: IO[bytes], found: Day) -> None:
    """Sums, differences, and line by line what the bank has said."""
    differences = [_difference(found, each) for each in found.differences]
    workbook.write(into, ("خلاصه", _sums(found)), ("مغایرت‌ها", [_DIFFERENCES, *differences]), ("بانک", _lines(found)))


def _sums(found: Day) -> list[tuple[str | int, ...]]:
    rows: list[tuple[str | int, ...]] = [
        (f"{found.title}، {jalali.day_month_year(found.day)}", "تعداد", "ریال"),
        ("افزوده‌شده در سامانه", found.ours.count, found.ours.rials),
        ("پروندهٔ بانک", found.theirs.count, found.theirs.rials),
        ("تفاوت", found.ours.count - found.theirs.count, found.ours.rials - found.theirs.rials),
    ]
    for kind, some in found.by_kind.items():
        rows.append((wording.KINDS[kind].title, len(some), sum(each.ours - each.theirs for each in some)))
    closing = found.closing
    if closing:
        who = found.names.get(closing.closed_by_id, "")
        rows += [("بسته شد", who, jalali.at(closing.at)), ("یادداشت", closing.note, "")]
    return rows


def _difference(found: Day, each: Difference) -> tuple[str | int, ...]:
    who = found.names.get(each.by_id or 0, "")
    numbers = (str(each.order_number or ""), each.reference or "", each.ours, each.theirs)
    when = jalali.at(each.settled_at) if each.settled_at else ""
    return (wording.KINDS[each.kind].title, *numbers, jalali.at(each.at) if each.at else "", each.note, who, when)


def _lines(found: Day) -> Iterator[Any]:
    """Read as they are written, a part at a time."""
    yield _LINES
    file, row = ReconciliationFile, ReconciliationRow
    columns = (row.id, row.line, row.outcome, row.order_number, row.reference, row.amount, row.paid_at)
    query = select(*columns).join(file, file.id == row.file_id)
    query = query.where(file.gateway == found.gateway, file.day == found.day, row.line > 0).order_by(row.id)
    last = 0
    while some := db.session.execute(query.where(row.id > last).limit(AT_ONCE)).all():
        last = some[-1].id
        yield from (_line(each) for each in some)


def _line(row: Any) -> tuple[str | int, ...]:
    kind = wording.KINDS.get(row.outcome)
    numbers = (str(row.order_number or ""), row.reference or "", row.amount or 0)
    title = kind.title if kind else wording.MATCHED
    return (row.line, title, *numbers, jalali.at(row.paid_at) if row.paid_at else "")
