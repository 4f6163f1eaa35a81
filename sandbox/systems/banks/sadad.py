"""Bank Melli's gateway Sadad: JSON, signed with triple DES.

`ResCode` is text in one answer and a number in the other, as with the real one, and a call that comes with a
`User-Agent` is answered with an error of the server.
"""

import base64
import binascii
import datetime
import secrets
import sqlite3
from contextlib import suppress
from typing import Any

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.padding import PKCS7
from flask import current_app, render_template, request

from sandbox import switches
from sandbox.settings import Merchant
from sandbox.switches import System, is_wrong
from sandbox.systems.banks import book, odd, page
from sandbox.systems.banks.book import Asked
from sandbox.systems.banks.page import CARD, Bank

blueprint = switches.blueprint("sadad", "/sadad", spares=page.from_browser)
SYSTEM = System(
    code="sadad",
    title="بانک ملی (سداد)",
    does="درگاه پرداخت بانک ملی. صفحهٔ پرداخت همیشه باز است؛ کلید، پاسخ به سامانه را می‌گیرد.",
    wrong="در پاسخ تأیید، ده برابر مبلغ را می‌گوید.",
    blueprint=blueprint,
)
TEXTS = {
    "0": "عمليات با موفقيت انجام شد",
    "100": "تراکنش قبلا تایید شده است",
    "-1": "پارامترهای ارسالی صحیح نیست و یا تراکنش در سیستم وجود ندارد",
    "101": "مهلت ارسال تراکنش به پایان رسیده است",
    "1001": "پارامترهای پرداخت اشتباه است",
    "1011": "درخواست تکراری - شماره سفارش تکراری است",
    "1018": "تاریخ و زمان سیستم اشتباه است",
    "1023": "آدرس بازگشت پذیرنده نامعتبر است",
    "1024": "مهر زمانی پذیرنده نامعتبر است",
    "1025": "امضا تراکنش نامعتبر است",
    "1026": "شماره سفارش تراکنش نامعتبر است",
    "1027": "شماره پذیرنده نامعتبر است",
    "1028": "شماره ترمینال پذیرنده نامعتبر است",
}
TIMES = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S")


@blueprint.before_request
def refuse_a_named_agent() -> Any:
    if not page.from_browser() and request.headers.get("User-Agent"):
        return render_template("fault.html", title="خطای ۵۰۰"), 500
    return None


@blueprint.post("/api/v0/Request/PaymentRequest")
@blueprint.post("/vpg/api/v0/Request/PaymentRequest")
def payment_request() -> Any:
    body = request.get_json(silent=True)
    given = body if isinstance(body, dict) else {}
    code = odd.ordered("sadad", "request") or _fault(given)
    if code:
        return _refuse(code)
    token = secrets.token_hex(32).upper()
    asked = Asked(
        "sadad", str(given["OrderId"]), int(given["Amount"]), given["ReturnUrl"], token,
        str(given.get("AdditionalData") or ""),
    )  # fmt: skip
    if not book.ask(asked, once=True):
        return _refuse("1011")
    return {"ResCode": "0", "Token": token, "Description": TEXTS["0"]}


@blueprint.get("/Purchase")
@blueprint.get("/VPG/Purchase")
@blueprint.get("/vpg/Purchase")
def purchase() -> Any:
    return page.enter(BANK, request.args.get("Token", ""))


@blueprint.post("/api/v0/Advice/Verify")
@blueprint.post("/vpg/api/v0/Advice/Verify")
def verify() -> Any:
    body = request.get_json(silent=True)
    given = body if isinstance(body, dict) else {}
    token = str(given.get("Token") or "")
    code = odd.ordered("sadad", "verify")
    if not code and _open_sign(given.get("SignData")) != token:
        code = "-1"
    if code:
        return _verified(code)
    row = book.by_token("sadad", token)
    return odd.answer(row, lambda: _take(row))


def _fault(given: dict[str, Any]) -> str | None:
    """The code of what is wrong with a request, if anything is."""
    order_id, amount = str(given.get("OrderId", "")), str(given.get("Amount", ""))
    terminal = str(given.get("TerminalId", ""))
    checks = {
        "1027": str(given.get("MerchantId")) == _merchant().sadad_merchant,
        "1028": terminal == _merchant().sadad_terminal,
        "1026": order_id.isascii() and order_id.isdigit() and int(order_id) < 2**63,
        "1001": amount.isascii() and amount.isdigit() and int(amount) > 0,
        "1023": str(given.get("ReturnUrl", "")).startswith(("http://", "https://")),
        "1024": _is_time(str(given.get("LocalDateTime", ""))),
        "1025": _open_sign(given.get("SignData")) == f"{terminal};{order_id};{amount}",
    }
    return next((code for code, is_right in checks.items() if not is_right), None)


def _take(row: sqlite3.Row | None) -> Any:
    if row is None or row["paid_at"] is None:
        return _verified("-1")
    if row["state"] == "reversed":
        return _verified("101")
    return _verified("0" if book.take(row) else "100", row)


def _verified(code: str, row: sqlite3.Row | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = {"ResCode": int(code), "Description": TEXTS.get(code, "خطای سیستم")}
    if row is None:
        return answer | {"Amount": 0, "RetrivalRefNo": None, "SystemTraceNo": None, "OrderId": 0}
    told = {"RetrivalRefNo": row["reference"], "SystemTraceNo": row["trace"], "OrderId": int(row["order_id"])}
    amount = {} if row["odd"] == "no_amount" else {"Amount": row["paid_amount"] * (10 if is_wrong() else 1)}
    return answer | amount | told


def _refuse(code: str) -> dict[str, Any]:
    return {"ResCode": code, "Token": None, "Description": TEXTS.get(code, "خطای سیستم")}


def _returns(row: sqlite3.Row) -> dict[str, str]:
    paid = book.says_paid(row)
    refusal = "51" if row["outcome"] == "refused" else "17"
    return {
        "OrderId": row["order_id"],
        "Token": row["token"],
        "ResCode": "0" if paid else "-1",
        "SwitchResCode": "00" if paid else refusal,
        "PrimaryAccNo": CARD if paid else "",
        "HashedCardNo": secrets.token_hex(32).upper() if paid else "",
    }


def _merchant() -> Merchant:
    return current_app.extensions["settings"].banks


def _open_sign(sign: object) -> str | None:
    """What was signed with our key, or None when that cannot be read."""
    with suppress(ValueError, binascii.Error, UnicodeDecodeError):
        sealed = base64.b64decode(str(sign), validate=True)
        # The mode is the bank's choice, not ours.
        opener = Cipher(TripleDES(_merchant().sadad_key), modes.ECB()).decryptor()  # noqa: S305
        padded = opener.update(sealed) + opener.finalize()
        unpadder = PKCS7(64).unpadder()
        return (unpadder.update(padded) + unpadder.finalize()).decode()
    return None


def _is_time(text: str) -> bool:
    for form in TIMES:
        with suppress(ValueError):
            datetime.datetime.strptime(text.partition(".")[0].removesuffix("Z"), form)  # noqa: DTZ007 Tehran's, said so
            return True
    return False


BANK = Bank(SYSTEM, _returns, lambda: book.digits(12), lacks=("duplicate",))
page.serve(blueprint, BANK)
