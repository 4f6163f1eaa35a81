"""The files of the banks as forms of import: the columns of each, and what is kept of a file.

Source: docs/rules.md R-520, R-521.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import select

from models import DayClosing, ImportBatch, ReconciliationFile, ReconciliationRow, Role, db, utcnow
from services import audit, imports, jalali, policy
from services.access import Level
from services.imports import Column, ImportForm, Kind, UnsafeSheet, Values
from services.payments import wording as payments
from services.reconciliation import matching, wording
from services.reconciliation.matching import Entry
from services.sql import add_many, add_once

PREFIX, HOME = "bank_", "/hq/reconciliation"
ROLES = (Role.ADMIN, Role.REVIEWER)
MOST_RIALS = 10**12 - 1
# How each bank calls order number, reference, amount, day and hour; what else stands in its file is not read.
TITLES = {
    "sadad": ("شماره سفارش", "شماره مرجع", "مبلغ", "تاریخ تراکنش", "ساعت"),
    "mellat": ("ردیف سفارش", "کد مرجع تراکنش", "مبلغ (ریال)", "تاریخ", "زمان"),
    "sep": ("ResNum", "RefNum", "Amount", "Date", ""),
    "zarinpal": ("order_id", "ref_id", "amount", "date", ""),
}


def code_of(gateway: str) -> str:
    """The form of import of a bank."""
    return f"{PREFIX}{gateway}"


def closing_key(gateway: str, day: dt.date) -> str:
    return f"{gateway}:{day.isoformat()}"


def address(gateway: str, day: dt.date) -> str:
    return f"{HOME}/{gateway}/{day.isoformat()}"


def hold(gateway: str, day: dt.date) -> Sequence[ReconciliationFile]:
    """The files of a day, held: whoever adds one, settles or closes waits for the others; inside `atomic()`."""
    query = select(ReconciliationFile).where(ReconciliationFile.gateway == gateway, ReconciliationFile.day == day)
    return db.session.scalars(query.order_by(ReconciliationFile.id).with_for_update()).all()


def take(gateway: str, batch: ImportBatch, lines: Sequence[Any]) -> None:
    """Keep of a bank's file what is needed to compare it; the same bytes are taken once.

    Raises:
        UnsafeSheet: it came before, is of no day or of one to come, or its day is closed.
    """
    entries = [_entry(line.number, line.values) for line in lines]
    day = _day(entries)
    hold(gateway, day)
    _check(gateway, day)
    total = sum(entry.amount or 0 for entry in entries if entry.is_readable)
    about = {"gateway": gateway, "day": day, "name": batch.file_name[-120:], "sha256": batch.sha256}
    counted = {"rows": len(entries), "total_rials": total, "uploaded_by_id": batch.user_id, "created_at": utcnow()}
    file_id = add_once(ReconciliationFile, **about, **counted)
    if file_id is None:
        earlier = select(ReconciliationFile.day).where(ReconciliationFile.sha256 == batch.sha256)
        raise UnsafeSheet(wording.TAKEN_BEFORE.format(day=jalali.day_month_year(db.session.scalars(earlier).one())))
    add_many(ReconciliationRow, [{"file_id": file_id, **row} for row in matching.match(gateway, day, entries)])
    who = {"actor_id": batch.user_id}
    audit.record("bank_file_taken", "reconciliation_file", file_id, **who, gateway=gateway, day=day.isoformat())


def _check(gateway: str, day: dt.date) -> None:
    shown = jalali.day_month_year(day)
    if day > policy.today():
        raise UnsafeSheet(wording.AHEAD.format(day=shown))
    closed = select(DayClosing.id).where(DayClosing.closing_key == closing_key(gateway, day))
    if db.session.scalar(closed) is not None:
        raise UnsafeSheet(wording.DAY_CLOSED.format(day=shown, title=payments.title(gateway)))


def _lands(gateway: str, batch: ImportBatch) -> str:
    day = db.session.scalar(select(ReconciliationFile.day).where(ReconciliationFile.sha256 == batch.sha256))
    return address(gateway, day) if day else HOME


# -- Lines -------------------------------------------------------------------------


def _day(entries: Sequence[Entry]) -> dt.date:
    """The day of a file is that of most of its lines."""
    days = Counter(jalali.tehran(entry.paid_at).date() for entry in entries if entry.paid_at)
    if not days:
        raise UnsafeSheet(wording.NO_DAY)
    return days.most_common(1)[0][0]


def _entry(number: int, values: Values) -> Entry:
    order, reference, amount = values.get("order_number"), values.get("reference"), values.get("amount")
    paid = (_number(order), str(reference)[:80] if reference else None, amount if isinstance(amount, int) else None)
    return Entry(number, *paid, _moment(values.get("day"), values.get("clock")))


def _number(value: Any) -> int | None:
    found = str(value or "")
    return int(found) if found.isascii() and found.isdigit() and len(found) <= 18 else None


def _moment(day: Any, clock: Any) -> dt.datetime | None:
    """When it was paid, by Tehran's clock; where no hour can be read, the day's first."""
    if not day:
        return None
    at, _, hour = str(day).partition("T")
    try:
        shown = dt.time.fromisoformat(str(clock or hour or "00:00").strip().zfill(5))
    except ValueError:
        shown = dt.time.min
    return jalali.from_tehran(dt.date.fromisoformat(at), shown.replace(tzinfo=None))


def _form(gateway: str, titles: Sequence[str]) -> ImportForm:
    order, reference, amount, day, clock = titles
    columns = (
        Column("order_number", order, Kind.CODE, is_required=True),
        Column("reference", reference, Kind.CODE, is_required=True),
        Column("amount", amount, Kind.INTEGER, is_required=True, most=MOST_RIALS),
        Column("day", day, Kind.MOMENT, is_required=True),
        *([Column("clock", clock)] if clock else []),
    )
    return ImportForm(
        code=code_of(gateway),
        title=f"پروندهٔ روز {payments.title(gateway)}",
        lead="پروندهٔ تراکنش‌های یک روز را همان‌گونه که بانک داده است بفرستید. روز آن از تاریخ ردیف‌ها خوانده می‌شود.",
        level=Level.HQ,
        roles=ROLES,
        columns=columns,
        key=(),
        label=lambda values: str(values.get("order_number") or ""),
        shown=(),
        subject=imports.Nothing(),
        home=HOME,
        takes=partial(take, gateway),
        lands=partial(_lands, gateway),
    )


FORMS = {gateway: imports.register(_form(gateway, titles)) for gateway, titles in TITLES.items()}
