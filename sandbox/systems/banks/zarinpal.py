"""Zarinpal, version 4: JSON. A request without a currency is taken in tomans, a verification always in rials.

Money that nobody verifies stays with Zarinpal and stands in a list until somebody does.
"""

import secrets
import sqlite3
from collections.abc import Callable
from typing import Any

from flask import current_app, request

from sandbox import fa, switches
from sandbox.switches import System, is_wrong
from sandbox.systems.banks import book, odd, page
from sandbox.systems.banks.book import Asked
from sandbox.systems.banks.page import CARD, Bank

blueprint = switches.blueprint("zarinpal", "/zarinpal", spares=page.from_browser)
SYSTEM = System(
    code="zarinpal",
    title="زرین‌پال",
    does="درگاه پرداخت زرین‌پال. صفحهٔ پرداخت همیشه باز است؛ کلید، پاسخ به سامانه را می‌گیرد.",
    wrong="پاسخ JSON است ولی چیزی در آن نیست.",
    blueprint=blueprint,
)
LEAST = 1000
NEWEST = 100
RATES = {"IRR": 1, "IRT": 10}
TEXTS = {
    -9: "The input params invalid, validation error.",
    -10: "Terminal is not valid, please check merchant_id or ip address.",
    -11: "Terminal is not active, please contact our support team.",
    -14: "The callback URL domain does not match the registered terminal domain.",
    -15: "Terminal user is suspend : (please contact our support team).",
    -50: "Session is not valid, amounts values is not the same.",
    -51: "Session is not valid, session is not active paid try.",
    -53: "Session is not this merchant_id session.",
    -54: "Invalid authority.",
    -60: "Session can not be reversed with bank.",
    -61: "Session is not in success status.",
    -62: "Terminal ip limit most be active.",
    -63: "Maximum time for reverse this session is expired.",
}


@blueprint.post("/pg/v4/payment/request.json")
def payment_request() -> Any:
    given = _body()
    code = odd.ordered("zarinpal", "request") or _fault(given)
    if code:
        return _error(int(code))
    authority = "A" + "0" * 13 + "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(22))
    amount = int(given["amount"]) * RATES[given.get("currency", "IRT")]
    data = given.get("metadata")
    order = str(data.get("order_id", "")) if isinstance(data, dict) else ""
    book.ask(Asked("zarinpal", order, amount, given["callback_url"], authority, given["description"]))
    return _good({"code": 100, "message": "Success", "authority": authority, "fee_type": "Merchant", "fee": 0})


@blueprint.get("/pg/StartPay/<authority>")
def start_pay(authority: str) -> Any:
    return page.enter(BANK, authority)


@blueprint.post("/pg/v4/payment/verify.json")
def verify() -> Any:
    return _about("verify", _take)


@blueprint.post("/pg/v4/payment/inquiry.json")
def inquiry() -> Any:
    return _about("inquire", _tell)


@blueprint.post("/pg/v4/payment/reverse.json")
def reverse() -> Any:
    return _about("reverse", _give_back)


@blueprint.post("/pg/v4/payment/unVerified.json")
def unverified() -> Any:
    """The newest hundred that are paid and not verified."""
    if _body().get("merchant_id") != _merchant():
        return _error(-10)
    paid = [row for row in book.newest(NEWEST * 10, "zarinpal") if row["state"] == "paid"]
    return _good({"code": 100, "message": "Success", "authorities": [_listed(row) for row in paid[:NEWEST]]})


def _fault(given: dict[str, Any]) -> int | None:
    if given.get("merchant_id") != _merchant():
        return -10
    amount, text = str(given.get("amount", "")), given.get("description")
    right = (
        amount.isascii()
        and amount.isdigit()
        and int(amount) >= LEAST
        and given.get("currency", "IRT") in RATES
        and isinstance(text, str)
        and 0 < len(text) <= 500
        and str(given.get("callback_url", "")).startswith(("http://", "https://"))
    )
    return None if right else -9


def _about(call: str, act: Callable[[sqlite3.Row, dict[str, Any]], Any]) -> Any:
    given = _body()
    code = odd.ordered("zarinpal", call)
    if not code and given.get("merchant_id") != _merchant():
        code = "-10"
    row = book.by_token("zarinpal", given.get("authority", ""))
    if not code and row is None:
        code = "-54"
    return _error(int(code)) if code or row is None else odd.answer(row, lambda: act(row, given))


def _take(row: sqlite3.Row, given: dict[str, Any]) -> Any:
    amount = str(given.get("amount", ""))
    if not amount.isascii() or not amount.isdigit():
        return _error(-9)
    if row["paid_at"] is None or row["state"] == "reversed":
        return _error(-51)
    if int(amount) != row["paid_amount"]:
        return _error(-50)
    is_new = book.take(row)
    return _good(
        {
            "code": 100 if is_new else 101,
            "message": "Paid" if is_new else "Verified",
            "card_hash": "1EBE3EBEBE35C7EC0F8D6EE4F2F859107A87822CA179BC9528767EA7B5489B69",
            "card_pan": CARD,
            "ref_id": int(row["reference"]),
            "fee_type": "Merchant",
            "fee": 0,
        }
    )


def _tell(row: sqlite3.Row, given: dict[str, Any]) -> Any:
    states = {"paid": "PAID", "verified": "VERIFIED", "settled": "VERIFIED", "reversed": "REVERSED"}
    status = states.get(row["state"], "IN_BANK" if book.is_open(row) else "FAILED")
    return _good({"code": 100, "message": "Success", "status": status})


def _give_back(row: sqlite3.Row, given: dict[str, Any]) -> Any:
    if row["paid_at"] is None or row["state"] == "reversed":
        return _error(-61)
    if not book.can_undo(row):
        return _error(-63)
    book.reverse(row)
    return _good({"code": 100, "message": "Reversed"})


def _listed(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "authority": row["token"],
        "amount": row["paid_amount"],
        "callback_url": row["callback"],
        "referer": row["callback"],
        "date": f"{fa.local(row['paid_at']):%Y-%m-%d %H:%M:%S}",
    }


def _returns(row: sqlite3.Row) -> dict[str, str]:
    return {"Authority": row["token"], "Status": "OK" if book.says_paid(row) else "NOK"}


def _good(data: dict[str, Any]) -> Any:
    return {"data": [] if is_wrong() else data, "errors": []}


def _error(code: int) -> Any:
    return {"data": [], "errors": {"message": TEXTS.get(code, "Unknown error."), "code": code, "validations": []}}, 422


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _merchant() -> str:
    return current_app.extensions["settings"].banks.zarinpal_merchant


BANK = Bank(SYSTEM, _returns, lambda: book.digits(11), by_get=True, lacks=("duplicate", "no_amount"))
page.serve(blueprint, BANK)
