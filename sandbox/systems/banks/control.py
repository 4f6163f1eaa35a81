"""The JSON addresses by which tests pay, let time pass and order odd answers."""

import datetime
import sqlite3
from typing import Any

from flask import Blueprint, Response, request

from sandbox.systems.banks import BY_CODE, book, files, odd, page
from sandbox.systems.banks.files import Change
from sandbox.systems.banks.page import Bank

blueprint = Blueprint("bank_control", __name__, url_prefix="/control/bank")
SHOWN = (
    "bank",
    "order_id",
    "amount",
    "token",
    "state",
    "outcome",
    "odd",
    "paid_amount",
    "reference",
    "trace",
    "callback",
)
MOST = 500
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@blueprint.errorhandler(ValueError)
@blueprint.errorhandler(TypeError)
def refuse(error: Exception) -> Any:
    return {"error": str(error)}, 400


@blueprint.get("")
def payments() -> Any:
    """All payments, newest first, or those of ?bank=; verified money is what the merchant has a right to."""
    rows = book.newest(MOST, request.args.get("bank", ""))
    return {"payments": [{**_shown(row), "reversed_by": row["reversed_by"]} for row in rows]}


@blueprint.post("/pay")
def pay() -> Any:
    """{"bank", "token" or "order_id", "outcome"}: what a payer chooses; answers with the way back, unsent."""
    body = _body()
    bank, row = _payment(body)
    row = page.decide(bank, row, str(body.get("outcome", "pay")))
    return {"payment": _shown(row), "back": _back(bank, row, body)}


@blueprint.post("/back")
def back() -> Any:
    """{"bank", "token" or "order_id"}: the way back of a payment that is over, once more."""
    bank, row = _payment(body := _body())
    if row["state"] == "asked":
        raise ValueError("nobody has paid or given up yet")
    return {"payment": _shown(row), "back": _back(bank, row, body)}


@blueprint.post("/age")
def age() -> Any:
    """{"bank", "token" or "order_id", "minutes"}: this payment began, and was paid, so much earlier."""
    body = _body()
    bank, row = _payment(body)
    book.age(row, float(body.get("minutes") or 0) * book.MINUTE)
    return {"payment": _shown(book.by_token(bank.code, row["token"]) or row)}


@blueprint.post("/odd")
def set_odd() -> Any:
    """{"bank", "token" or "order_id", "odd"}: one of the oddities of the page, or "" to answer properly again."""
    body = _body()
    _, row = _payment(body)
    if body.get("odd") not in ("", *page.ODD):
        raise ValueError(f'odd is "" or one of {", ".join(page.ODD)}')
    book.set_odd(row, body["odd"])
    return {"payment": _shown(book.again(row))}


@blueprint.post("/answers")
def answers() -> Any:
    """{"bank", "call", "codes"}: the next calls of this kind are refused with these codes; call as in `odd.CALLS`."""
    body = _body()
    codes = body.get("codes")
    if body.get("call") not in odd.CALLS or not isinstance(codes, list):
        raise ValueError(f"call is one of {', '.join(odd.CALLS)}; codes is a list")
    odd.order(_bank(body).code, body["call"], [str(code) for code in codes])
    return {}


@blueprint.post("/windows")
def windows() -> Any:
    """{"bank", "visit_s", "verify_s", "undo_s"}: the bank's own times in seconds, null for never."""
    body = _body()
    bank = _bank(body)
    times = {name: value for name, value in body.items() if name != "bank"}
    if not all(value is None or isinstance(value, int | float) for value in times.values()):
        raise ValueError("a time is a number of seconds or null")
    book.set_windows(bank.code, **times)
    return {}


@blueprint.get("/file/<bank>/<day>.<kind>")
def day_file(bank: str, day: str, kind: str) -> Any:
    """The bank's file of a day (2026-11-22) as csv or xlsx."""
    if bank not in BY_CODE or kind not in TYPES:
        raise ValueError(f"bank is one of {', '.join(BY_CODE)}; the file is csv or xlsx")
    date = datetime.date.fromisoformat(day)
    content = files.as_csv(bank, date) if kind == "csv" else files.as_xlsx(bank, date)
    headers = {"Content-Disposition": f'attachment; filename="{bank}-{date}.{kind}"'}
    return Response(content, mimetype=TYPES[kind], headers=headers)


@blueprint.post("/file")
def change_file() -> Any:
    """{"bank", "day", "kind": leave_out, amount, add or clear, "reference", "order_id", "amount"}; no day is today."""
    body = _body()
    day = datetime.date.fromisoformat(str(body.get("day") or files.today()))
    names = {"reference": str, "order_id": str, "amount": int}
    given = {name: kind(body[name]) for name, kind in names.items() if body.get(name) is not None}
    files.change(Change(_bank(body).code, day, str(body.get("kind")), **given))
    return {"lines": len(files.lines(_bank(body).code, day))}


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise ValueError("a JSON object is wanted")
    return body


def _bank(body: dict[str, Any]) -> Bank:
    bank = BY_CODE.get(str(body.get("bank")))
    if bank is None:
        raise ValueError(f"bank is one of {', '.join(BY_CODE)}")
    return bank


def _payment(body: dict[str, Any]) -> tuple[Bank, sqlite3.Row]:
    bank = _bank(body)
    by_token = "token" in body
    row = book.by_token(bank.code, body["token"]) if by_token else book.by_order(bank.code, body.get("order_id"))
    if row is None:
        raise ValueError("no such payment at this bank")
    return bank, row


def _back(bank: Bank, row: sqlite3.Row, body: dict[str, Any]) -> dict[str, Any]:
    return page.way_back(bank, row, by_get=bool(body.get("get", bank.by_get)))


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in SHOWN}
