"""Saman's gateway SEP: JSON. Who shows the same RefNum again gets the same success again, whoever it is for."""

import re
import secrets
import sqlite3
import time
from typing import Any

from flask import abort, current_app, request

from sandbox import fa, switches
from sandbox.switches import System, is_wrong
from sandbox.systems.banks import book, odd, page
from sandbox.systems.banks.book import Asked
from sandbox.systems.banks.page import CARD, Bank

blueprint = switches.blueprint("sep", "/sep", spares=page.from_browser)
SYSTEM = System(
    code="sep",
    title="بانک سامان (سپ)",
    does="درگاه پرداخت بانک سامان. صفحهٔ پرداخت همیشه باز است؛ کلید، پاسخ به سامانه را می‌گیرد.",
    wrong="در پاسخ تأیید، ده برابر مبلغ را می‌گوید.",
    blueprint=blueprint,
)
REQUEST_TEXTS = {
    "5": "پارامترهای ارسال شده نامعتبر است.",
    "8": "آدرس سرور پذیرنده نامعتبر است.",
    "12": "شماره ترمینال ارسال شده یافت نشد.",
}
TEXTS = {
    "0": "عملیات با موفقیت انجام شد",
    "2": "درخواست تکراری می باشد",
    "5": "تراکنش برگشت خورده می باشد",
    "-2": "تراکنش یافت نشد",
    "-6": "بیش از نیم ساعت از زمان اجرای تراکنش گذشته است",
    "-104": "ترمینال ارسالی غیرفعال می باشد",
    "-105": "ترمینال ارسالی در سیستم موجود نمی باشد",
    "-106": "آدرس آی پی درخواستی غیر مجاز می باشد",
}
STATES = {"asked": ("InProgress", 0), "canceled": ("CanceledByUser", 1), "paid": ("OK", 2), "refused": ("Failed", 3)}
HASH = "9b1b35a30a7d4c2f8c2dd6ec0d7f7e9c"


@blueprint.post("/onlinepg/onlinepg")
@blueprint.post("/OnlinePG/OnlinePG")
def onlinepg() -> Any:
    """One address for both: the merchant's server sends JSON, the payer's browser a form."""
    if page.from_browser():
        token = request.form.get("Token") or request.form.get("token", "")
        return page.enter(BANK, token, by_get=request.form.get("GetMethod", "").lower() == "true")
    given = _body()
    code = odd.ordered("sep", "request") or _fault(given)
    if code:
        return {"status": -1, "errorCode": code, "errorDesc": REQUEST_TEXTS.get(code, "خطای سیستم")}
    token = secrets.token_hex(16)
    book.ask(Asked("sep", str(given["ResNum"]), int(given["Amount"]), given["RedirectUrl"], token))
    return {"status": 1, "token": token}


@blueprint.get("/OnlinePG/SendToken")
@blueprint.get("/onlinepg/sendtoken")
def send_token() -> Any:
    return page.enter(BANK, request.args.get("token") or request.args.get("Token", ""))


@blueprint.post("/verifyTxnRandomSessionkey/ipg/VerifyTransaction")
def verify() -> Any:
    return _about("verify", _take)


@blueprint.post("/verifyTxnRandomSessionkey/ipg/ReverseTransaction")
def reverse() -> Any:
    return _about("reverse", _give_back)


@blueprint.post("/verifyTxnRandomSessionkey/api/v2/ipg/payment/receipt")
def receipt() -> Any:
    """What became of a token, for who has not seen the payer come back; not every contract has this (order a 404)."""
    given = _body()
    code = odd.ordered("sep", "inquire")
    if code == "404":
        abort(404)
    by_token = "Token" in given
    row = book.by_token("sep", given["Token"]) if by_token else book.by_reference("sep", given.get("RefNum", ""))
    if not code and (row is None or str(given.get("TerminalNumber")) != _terminal()):
        code = "-2"
    if code or row is None:
        return _receipt(code or "-2", None)
    return odd.answer(row, lambda: _receipt("0", _told(row)))


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _receipt(code: str, data: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "HasError": data is None,
        "Data": data,
        "ErrorCode": int(code),
        "ErrorMessage": TEXTS.get(code, "خطای سیستم"),
        "ValidationErrors": [],
    }


def _told(row: sqlite3.Row) -> dict[str, Any]:
    paid = row["paid_at"] is not None
    state, status = STATES["paid"] if paid else STATES[row["state"]]
    told: dict[str, Any] = {"State": state, "Status": status, "Token": row["token"], "ResNum": row["order_id"]}
    if not paid:
        return told | {"RefNum": None, "Amount": row["amount"]}
    amounts = {} if row["odd"] == "no_amount" else {"Amount": row["paid_amount"], "AffectiveAmount": row["paid_amount"]}
    return {
        **told,
        **amounts,
        "TerminalId": int(_terminal()),
        "RefNum": row["reference"],
        "TraceNo": int(row["trace"]),
        "Rrn": int(row["rrn"]),
        "HashedCardNumber": HASH,
    }


def _fault(given: dict[str, Any]) -> str | None:
    amount = str(given.get("Amount", ""))
    if str(given.get("TerminalId")) != _terminal():
        return "12"
    right = (
        given.get("action") == "token"
        and re.fullmatch("[0-9]{1,15}", amount)
        and int(amount) > 0
        and str(given.get("ResNum", ""))
        and str(given.get("RedirectUrl", "")).startswith(("http://", "https://"))
    )
    return None if right else "5"


def _about(call: str, act: Any) -> Any:
    given = _body()
    code = odd.ordered("sep", call)
    if not code and str(given.get("TerminalNumber")) != _terminal():
        code = "-105"
    row = book.by_reference("sep", given.get("RefNum", ""))
    if not code and row is None:
        code = "-2"
    return _result(code) if code else odd.answer(row, lambda: act(row))


def _take(row: sqlite3.Row) -> Any:
    if row["state"] == "reversed":
        return _result("-6" if row["reversed_by"] == "bank" else "5", row)
    was_new = book.take(row)
    return _result("2" if not was_new and row["outcome"] == "already" else "0", row)


def _give_back(row: sqlite3.Row) -> Any:
    if row["state"] == "reversed":
        return _result("5", row)
    if not book.can_undo(row):
        return _result("-6", row)
    book.reverse(row)
    return _result("0", row)


def _result(code: str, row: sqlite3.Row | None = None) -> dict[str, Any]:
    return {
        "TransactionDetail": None if row is None else _detail(row),
        "ResultCode": int(code),
        "ResultDescription": TEXTS.get(code, "خطای سیستم"),
        "Success": code in ("0", "2"),
    }


def _detail(row: sqlite3.Row) -> dict[str, Any]:
    amount = row["paid_amount"] * (10 if is_wrong() else 1)
    amounts = {} if row["odd"] == "no_amount" else {"OrginalAmount": amount, "AffectiveAmount": amount}
    return {
        "RRN": row["rrn"],
        "RefNum": row["reference"],
        "MaskedPan": CARD,
        "HashedPan": HASH,
        "TerminalNumber": int(_terminal()),
        **amounts,
        "StraceDate": time.strftime("%Y-%m-%d %H:%M:%S", fa.local(row["paid_at"]).timetuple()),
        "StraceNo": row["trace"],
    }


def _returns(row: sqlite3.Row) -> dict[str, str]:
    paid = book.says_paid(row)
    unpaid = ("Failed", "3") if row["outcome"] == "refused" else ("CanceledByUser", "1")
    state, status = ("OK", "2") if paid else unpaid
    return {
        "MID": _terminal(),
        "TerminalId": _terminal(),
        "State": state,
        "Status": status,
        "RefNum": row["told_reference"] or "",
        "ResNum": row["order_id"],
        "TraceNo": row["trace"] if paid else "",
        "Rrn": row["rrn"] if paid else "",
        "SecurePan": CARD if paid else "",
        "HashedCardNumber": HASH if paid else "",
        "Amount": str(row["amount"]),
        "Token": row["token"],
    }


def _terminal() -> str:
    return current_app.extensions["settings"].banks.sep_terminal


BANK = Bank(SYSTEM, _returns, lambda: secrets.token_urlsafe(30))
page.serve(blueprint, BANK)
