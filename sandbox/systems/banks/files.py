"""The file a bank makes of a day: what it owes the merchant, in columns of its own, and the faults put into it."""

import csv
import datetime
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from openpyxl import Workbook
from persiantools.jdatetime import JalaliDate

from sandbox import fa
from sandbox.store import store
from sandbox.systems.banks import book
from sandbox.systems.banks.page import CARD

KINDS = ("leave_out", "amount", "add", "clear")
DAY_S = 24 * 60 * book.MINUTE
# The state in which money is the merchant's.
OWED = {"sadad": "verified", "sep": "verified", "mellat": "settled", "zarinpal": "verified"}


@dataclass(frozen=True)
class Line:
    """One payment as the bank sees it."""

    order_id: str
    reference: str
    trace: str
    rrn: str
    token: str
    amount: int
    at: datetime.datetime


@dataclass(frozen=True)
class Change:
    """A fault in a day's file: a line left out, another amount, or a line of a payment that nobody knows."""

    bank: str
    day: datetime.date
    kind: str
    reference: str = ""
    order_id: str = ""
    amount: int | None = None


def _jalali(line: Line) -> str:
    return str(JalaliDate(line.at.date()).strftime("%Y/%m/%d"))


def _clock(line: Line) -> str:
    return f"{line.at:%H:%M:%S}"


def _moment(line: Line) -> str:
    return f"{line.at:%Y-%m-%d %H:%M:%S}"


Column = Callable[[Line], str | int]
COLUMNS: dict[str, dict[str, Column]] = {
    "sadad": {
        "تاریخ تراکنش": _jalali,
        "ساعت": _clock,
        "شماره سفارش": lambda line: line.order_id,
        "شماره مرجع": lambda line: line.reference,
        "شماره پیگیری": lambda line: line.trace,
        "شماره کارت": lambda line: CARD,
        "مبلغ": lambda line: line.amount,
        "نوع تراکنش": lambda line: "خرید",
    },
    "sep": {
        "Date": _moment,
        "ResNum": lambda line: line.order_id,
        "RefNum": lambda line: line.reference,
        "RRN": lambda line: line.rrn,
        "TraceNo": lambda line: line.trace,
        "SecurePan": lambda line: CARD,
        "Amount": lambda line: line.amount,
    },
    "mellat": {  # with the letters of an Arabic keyboard, and thousands set apart
        "رديف سفارش": lambda line: line.order_id,
        "کد مرجع تراکنش": lambda line: line.reference,
        "تاريخ": _jalali,
        "زمان": _clock,
        "مبلغ (ريال)": lambda line: f"{line.amount:,}",
        "شماره کارت": lambda line: CARD,
        "وضعيت": lambda line: "تسويه شده",
    },
    "zarinpal": {
        "ref_id": lambda line: line.reference,
        "authority": lambda line: line.token,
        "order_id": lambda line: line.order_id,
        "amount": lambda line: line.amount,
        "date": _moment,
        "card_pan": lambda line: CARD,
    },
}


def change(wanted: Change) -> None:
    """Put a fault into a day's file, or take all of them out; raises ValueError for one that says too little."""
    if wanted.kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    if wanted.kind in ("leave_out", "amount") and not wanted.reference:
        raise ValueError("a reference is wanted")
    if wanted.kind in ("amount", "add") and (wanted.amount or 0) <= 0:
        raise ValueError("an amount above zero is wanted")
    key = (wanted.bank, wanted.day.isoformat())
    with store().write() as connection:
        if wanted.kind == "clear":
            connection.execute("DELETE FROM bank_file_change WHERE bank = ? AND day = ?", key)
            return
        query = """
            INSERT INTO bank_file_change (bank, day, kind, reference, order_id, amount) VALUES (?, ?, ?, ?, ?, ?)"""
        connection.execute(query, (*key, wanted.kind, wanted.reference, wanted.order_id, wanted.amount))


def changes(bank: str, day: datetime.date) -> list[Any]:
    with store().read() as connection:
        query = "SELECT * FROM bank_file_change WHERE bank = ? AND day = ? ORDER BY id"
        return connection.execute(query, (bank, day.isoformat())).fetchall()


def lines(bank: str, day: datetime.date) -> list[Line]:
    """What the file holds, faults and all, in the order of payment."""
    found = _owed(bank, day)
    for one in changes(bank, day):
        if one["kind"] == "add":
            found.append(_strange(one, day))
        elif one["kind"] == "leave_out":
            found = [line for line in found if line.reference != one["reference"]]
        else:
            found = [
                replace(line, amount=one["amount"]) if line.reference == one["reference"] else line for line in found
            ]
    return found


def as_csv(bank: str, day: datetime.date) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(_table(bank, day))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(bank: str, day: datetime.date) -> bytes:
    made = Workbook(write_only=True)
    sheet = made.create_sheet(day.isoformat())
    for row in _table(bank, day):
        sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def today() -> datetime.date:
    return datetime.datetime.now(fa.TEHRAN).date()


def _table(bank: str, day: datetime.date) -> list[list[str | int]]:
    columns = COLUMNS[bank]
    return [list(columns), *([value(line) for value in columns.values()] for line in lines(bank, day))]


def _owed(bank: str, day: datetime.date) -> list[Line]:
    begin = datetime.datetime.combine(day, datetime.time(), fa.TEHRAN).timestamp()
    query = """
        SELECT * FROM bank_payment WHERE bank = ? AND state = ? AND paid_at >= ? AND paid_at < ?
        ORDER BY paid_at, id"""
    with store().read() as connection:
        rows = connection.execute(query, (bank, OWED[bank], begin, begin + DAY_S)).fetchall()
    return [
        Line(
            order_id=row["order_id"],
            reference=row["reference"],
            trace=row["trace"],
            rrn=row["rrn"],
            token=row["token"],
            amount=row["paid_amount"],
            at=fa.local(row["paid_at"]),
        )
        for row in rows
    ]


def _strange(one: Any, day: datetime.date) -> Line:
    return Line(
        order_id=one["order_id"] or "999999999",
        reference=one["reference"] or f"7777{one['id']:08d}",
        trace="777777",
        rrn="777777777777",
        token="",
        amount=one["amount"],
        at=datetime.datetime.combine(day, datetime.time(23, 50), fa.TEHRAN),
    )
