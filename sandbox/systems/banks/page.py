"""The page of a bank at which somebody pays, and the way back to the merchant."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from flask import Blueprint, g, redirect, render_template, request

from sandbox.switches import System
from sandbox.systems.banks import book
from sandbox.systems.banks.book import Paid

# The first two are the buttons of a real bank; the rest stand apart on the page.
OUTCOMES = {
    "pay": ("پرداخت", ""),
    "cancel": ("انصراف", ""),
    "refused": ("موجودی کارت کافی نیست", "بانک پرداخت را رد می‌کند."),
    "lost": ("پرداخت می‌شود و بازگشت گم می‌شود", "مرورگر پس از پرداخت بسته می‌شود؛ پذیرنده باید خودش از بانک بپرسد."),
    "twice": ("پرداخت می‌شود و بازگشت دو بار می‌رسد", "یک بار جلوتر و بی کوکی، یک بار با مرورگر."),
    "unheard": ("تأیید انجام می‌شود و پاسخ آن گم می‌شود", "بار دوم بانک می‌گوید «پیش‌تر تأیید شده»."),
    "already": ("پیش از بازگشت تأیید شده است", "بانک از همان بار نخست می‌گوید «پیش‌تر تأیید شده»."),
    "html": ("تأیید با صفحهٔ HTML پاسخ داده می‌شود", "یک بار، با کد ۲۰۰ و بی آنکه کاری شود."),
    "silent": ("تأیید هیچ پاسخی نمی‌گیرد", "تا وقتی در فهرست پرداخت‌ها دوباره پاسخ‌گو شود."),
    "wrong": ("مبلغ دیگری پرداخت می‌شود", "یک‌دهم مبلغ از کارت می‌رود."),
    "no_amount": ("مبلغ در پاسخ بانک نیست", "پرداخت درست است ولی مبلغ گفته نمی‌شود."),
    "duplicate": ("رسید پرداخت پیشین دوباره نشان داده می‌شود", "پولی نمی‌رود؛ شمارهٔ مرجع از پرداخت پیشین است."),
    "forged": ("بازگشت ساختگی", "پولی نمی‌رود ولی مرورگر می‌گوید پرداخت شد."),
}
ODD = ("unheard", "html", "silent", "no_amount")
UNPAID = ("cancel", "refused", "duplicate", "forged")
CALL_S = 10
CARD = "603799******1234"


@dataclass(frozen=True)
class Bank:
    """One bank: its switches, the fields of its way back, and how it gives out references.

    `by_get` is how it sends people back unless the payment says otherwise; `lacks` are outcomes that mean nothing here.
    """

    system: System
    returns: Callable[[sqlite3.Row], dict[str, str]]
    new_reference: Callable[[], str]
    by_get: bool = False
    lacks: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.system.code

    def outcomes(self) -> list[str]:
        return [one for one in OUTCOMES if one not in self.lacks]


def from_browser() -> bool:
    """Whether a payer's browser asks and not the merchant's server, which sends JSON or XML."""
    return request.method == "GET" or request.mimetype == "application/x-www-form-urlencoded"


def serve(blueprint: Blueprint, bank: Bank) -> None:
    """Give a bank's blueprint the addresses of its page's own forms."""
    blueprint.add_url_rule("/pay", "choose", lambda: _choose(bank), methods=["POST"])
    blueprint.add_url_rule("/back", "back", lambda: _back_again(bank), methods=["POST"])


def enter(bank: Bank, token: str, *, by_get: bool | None = None) -> Any:
    """A payer arrives with a token."""
    row = book.by_token(bank.code, token)
    if row is None:
        return _stop("این پرداخت را نمی‌شناسیم. از سامانهٔ خود دوباره آغاز کنید.")
    if request.headers.get("Sec-Fetch-Site") == "cross-site" and not request.headers.get("Referer"):
        # The real gateways look where the payer comes from and refuse who hides it.
        return _stop("نشانی سایت پذیرنده با شما نیامد. تنظیم Referrer-Policy سایت پذیرنده را بررسی کنید.")
    if not book.is_open(row):
        return _stop("این پرداخت پایان یافته یا زمان آن گذشته است. از سامانهٔ خود دوباره آغاز کنید.")
    g.form_origin = _origin(row["callback"])
    rare = [(code, *OUTCOMES[code]) for code in bank.outcomes() if code not in ("pay", "cancel")]
    get = bank.by_get if by_get is None else by_get
    return render_template("bank.html", bank=bank, payment=row, rare=rare, by_get=get, card=CARD)


def decide(bank: Bank, row: sqlite3.Row, outcome: str) -> sqlite3.Row:
    """Do what the payer has chosen; raises ValueError when there is no such choice or the payment is over."""
    if outcome not in bank.outcomes() or not book.is_open(row):
        raise ValueError("no such outcome here, or the payment is over")
    if outcome in UNPAID:
        done = book.give_up(row, outcome, _told_falsely(bank, row, outcome))
    else:
        amount = row["amount"] // 10 if outcome == "wrong" else row["amount"]
        paid = Paid(outcome, amount, outcome if outcome in ODD else "")
        done = book.pay(row, paid, bank.new_reference())
    if not done:
        raise ValueError("the payment is over")
    if outcome == "already" and book.take(row) and bank.code == "mellat":
        book.settle(row)
    return book.again(row)


def way_back(bank: Bank, row: sqlite3.Row, *, by_get: bool) -> dict[str, Any]:
    """Method, address and fields with which a browser returns to the merchant."""
    fields = bank.returns(row)
    if not by_get:
        return {"method": "POST", "url": row["callback"], "fields": fields}
    joint = "&" if "?" in row["callback"] else "?"
    return {"method": "GET", "url": f"{row['callback']}{joint}{urlencode(fields)}", "fields": {}}


def _choose(bank: Bank) -> Any:
    row = book.by_token(bank.code, request.form.get("token", ""))
    outcome, by_get = request.form.get("outcome", ""), bool(request.form.get("get"))
    if row is None:
        return _stop("این پرداخت را نمی‌شناسیم. از سامانهٔ خود دوباره آغاز کنید.")
    try:
        row = decide(bank, row, outcome)
    except ValueError:
        return _stop("این پرداخت پایان یافته یا زمان آن گذشته است. از سامانهٔ خود دوباره آغاز کنید.")
    if outcome == "lost":
        text = "مبلغ از کارت رفت و مرورگر به سامانهٔ پذیرنده بازنگشت. سامانه باید خودش آن را پیدا کند."
        return render_template("message.html", title="پرداخت شد، بازگشت گم شد", message=text)
    back = way_back(bank, row, by_get=by_get)
    if outcome == "twice":
        _send_ahead(back)
    return _return(bank, row, back)


def _back_again(bank: Bank) -> Any:
    """The way back of a payment that is over, late or once more."""
    row = book.by_token(bank.code, request.form.get("token", ""))
    if row is None or row["state"] == "asked":
        return _stop("این پرداخت هنوز انجام نشده است.")
    return _return(bank, row, way_back(bank, row, by_get=bank.by_get))


def _return(bank: Bank, row: sqlite3.Row, back: dict[str, Any]) -> Any:
    g.form_origin = _origin(row["callback"])
    if back["method"] == "GET":
        return redirect(back["url"], 303)
    return render_template("bank_back.html", bank=bank, payment=row, back=back, paid=book.says_paid(row))


def _told_falsely(bank: Bank, row: sqlite3.Row, outcome: str) -> str | None:
    if outcome not in ("duplicate", "forged"):
        return None
    earlier = book.verified_before(row) if outcome == "duplicate" else None
    return earlier["reference"] if earlier else bank.new_reference()


def _send_ahead(back: dict[str, Any]) -> None:
    """Send the return once from here, as somebody without any cookie; what comes of it is the merchant's affair."""

    def send() -> None:
        with suppress(requests.RequestException):
            requests.request(back["method"], back["url"], data=back["fields"], timeout=CALL_S, allow_redirects=False)

    sender = threading.Thread(target=send)
    sender.start()
    sender.join(CALL_S)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _stop(message: str) -> tuple[str, int]:
    return render_template("message.html", title="پرداخت ممکن نیست", message=message), 400
