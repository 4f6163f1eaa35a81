"""Bank Mellat's gateway Behpardakht: SOAP 1.1, answered with bare codes; money is taken in two steps.

No answer tells an amount. A verified sale is paid out only after it has been settled.
"""

import datetime
import re
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from flask import Response, current_app, render_template, request

from sandbox import switches
from sandbox.switches import System, is_wrong
from sandbox.systems.banks import book, odd, page
from sandbox.systems.banks.book import Asked
from sandbox.systems.banks.page import CARD, Bank

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
OURS = "http://interfaces.core.sw.bps.com/"
WHOLE = re.compile("[0-9]{1,18}")

blueprint = switches.blueprint("mellat", "/mellat", spares=page.from_browser)
SYSTEM = System(
    code="mellat",
    title="بانک ملت (به‌پرداخت)",
    does="درگاه پرداخت بانک ملت. صفحهٔ پرداخت همیشه باز است؛ کلید، پاسخ به سامانه را می‌گیرد.",
    wrong="پاسخ SOAP درست است ولی کد در آن خالی است.",
    blueprint=blueprint,
)
OK, NO_MERCHANT, BAD_LOGIN, BAD_AMOUNT, BAD_FORMAT, BAD_DATE = "0", "21", "24", "25", "32", "35"
SAME_ORDER, NO_SALE, VERIFIED, NO_VERIFY, SETTLED, REVERSED = "41", "42", "43", "44", "45", "48"
NO_REFERENCE, NOT_VALID, BAD_RETURN = "54", "55", "62"
CANCELED, POOR = "17", "12"

Given = dict[str, str]


@blueprint.post("/pgwchannel/services/pgw")
def service() -> Any:
    """One address for all calls; which one is meant is the element in the body."""
    try:
        name, given = _read(request.get_data())
        call, act = ACTS[name]
    except (ParseError, DefusedXmlException, ValueError, KeyError, IndexError):
        return _fault()
    code = odd.ordered("mellat", call) or _login_fault(given)
    if code:
        return _answer(name, code)
    if name == "bpPayRequest":
        return _answer(name, _request(given))
    row = book.by_order("mellat", given.get("saleOrderId", ""))
    return odd.answer(row, lambda: _answer(name, _about(row, given, act)))


@blueprint.get("/pgwchannel/services/pgw")
def description() -> Any:
    """The WSDL, for clients that read it before they call."""
    return Response(render_template("mellat.wsdl.xml", calls=FIELDS, ours=OURS), mimetype="text/xml")


@blueprint.post("/pgwchannel/startpay.mellat")
def enter() -> Any:
    return page.enter(BANK, request.form.get("RefId", ""))


def _read(body: bytes) -> tuple[str, Given]:
    """The name of the call and its parameters; `IndexError` when there is no call in the body."""
    root = fromstring(body)
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise ValueError("not an envelope")
    found = root.findall(f"{{{ENVELOPE}}}Body/*")[0]
    space, _, name = found.tag.rpartition("}")
    if space != "{" + OURS:
        raise ValueError("not one of our calls")
    return name, {_plain(one): (one.text or "").strip() for one in found}


def _plain(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _login_fault(given: Given) -> str | None:
    banks = current_app.extensions["settings"].banks
    if given.get("terminalId") != banks.mellat_terminal:
        return NO_MERCHANT
    if (given.get("userName"), given.get("userPassword")) != banks.mellat_login:
        return BAD_LOGIN
    return None


def _request(given: Given) -> str:
    checks = {
        BAD_FORMAT: bool(WHOLE.fullmatch(given.get("orderId", ""))),
        BAD_AMOUNT: bool(WHOLE.fullmatch(given.get("amount", ""))) and int(given["amount"]) > 0,
        BAD_DATE: _is_moment(given.get("localDate", "") + given.get("localTime", "")),
        BAD_RETURN: given.get("callBackUrl", "").startswith(("http://", "https://")),
    }
    for code, is_right in checks.items():
        if not is_right:
            return code
    asked = Asked(
        "mellat", given["orderId"], int(given["amount"]), given["callBackUrl"], _reference_id(),
        given.get("additionalData", ""),
    )  # fmt: skip
    return f"{OK},{asked.token}" if book.ask(asked, once=True) else SAME_ORDER


def _about(row: sqlite3.Row | None, given: Given, act: Callable[[sqlite3.Row], str]) -> str:
    """Order number and reference must both be those of the sale."""
    if row is None or row["paid_at"] is None:
        return NO_SALE
    return act(row) if given.get("saleReferenceId") == row["reference"] else NO_REFERENCE


def _verify(row: sqlite3.Row) -> str:
    if row["state"] == "reversed":
        return REVERSED
    return OK if book.take(row) else VERIFIED


def _settle(row: sqlite3.Row) -> str:
    if row["state"] == "settled":
        return SETTLED
    if row["state"] == "reversed":
        return REVERSED
    return OK if book.settle(row) else NO_VERIFY


def _inquire(row: sqlite3.Row) -> str:
    return {"verified": VERIFIED, "settled": SETTLED, "reversed": REVERSED}.get(row["state"], OK)


def _reverse(row: sqlite3.Row) -> str:
    if row["state"] == "reversed":
        return REVERSED
    return OK if book.can_undo(row) and book.reverse(row) else NOT_VALID


def _refund(row: sqlite3.Row) -> str:
    """Back to the card, whole and at any time."""
    return OK if book.reverse(row) else REVERSED


_SALE = ("terminalId", "userName", "userPassword", "orderId", "saleOrderId", "saleReferenceId")
FIELDS = {
    "bpPayRequest": (
        "terminalId", "userName", "userPassword", "orderId", "amount", "localDate", "localTime", "additionalData",
        "callBackUrl", "payerId",
    ),
    "bpVerifyRequest": _SALE,
    "bpSettleRequest": _SALE,
    "bpInquiryRequest": _SALE,
    "bpReversalRequest": _SALE,
    "bpRefundRequest": (*_SALE, "refundAmount"),
}  # fmt: skip
ACTS: dict[str, tuple[str, Callable[[sqlite3.Row], str]]] = {
    "bpPayRequest": ("request", _verify),  # has no sale yet, so nothing is done with one
    "bpVerifyRequest": ("verify", _verify),
    "bpSettleRequest": ("settle", _settle),
    "bpInquiryRequest": ("inquire", _inquire),
    "bpReversalRequest": ("reverse", _reverse),
    "bpRefundRequest": ("reverse", _refund),
}


def _answer(name: str, code: str) -> Response:
    said = "" if is_wrong() else code
    text = (
        f'<soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body><ns1:{name}Response xmlns:ns1="{OURS}">'
        f"<return>{said}</return></ns1:{name}Response></soap:Body></soap:Envelope>"
    )
    return Response(text, content_type="text/xml;charset=UTF-8")


def _fault() -> Response:
    text = (
        f'<soap:Envelope xmlns:soap="{ENVELOPE}"><soap:Body><soap:Fault><faultcode>soap:Client</faultcode>'
        "<faultstring>Error reading the request</faultstring></soap:Fault></soap:Body></soap:Envelope>"
    )
    return Response(text, status=500, content_type="text/xml;charset=UTF-8")


def _returns(row: sqlite3.Row) -> dict[str, str]:
    told = {"RefId": row["token"], "SaleOrderId": row["order_id"]}
    if not book.says_paid(row):
        return told | {"ResCode": POOR if row["outcome"] == "refused" else CANCELED}
    amount = row["amount"] if row["paid_amount"] is None else row["paid_amount"]
    return {
        **told,
        "ResCode": OK,
        "SaleReferenceId": row["told_reference"],
        "CardHolderPan": CARD,
        "CardHolderInfo": secrets.token_hex(32).upper(),
        **({} if row["odd"] == "no_amount" else {"FinalAmount": str(amount)}),
    }


def _reference_id() -> str:
    """Capitals and small letters both, because the real one tells them apart."""
    return "".join(secrets.choice((digit, digit.upper())) for digit in secrets.token_hex(10))


def _is_moment(text: str) -> bool:
    with suppress(ValueError):
        datetime.datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 Tehran's, by agreement
        return len(text) == len("20261122174000")
    return False


BANK = Bank(SYSTEM, _returns, lambda: book.digits(12), lacks=("duplicate",))
page.serve(blueprint, BANK)
