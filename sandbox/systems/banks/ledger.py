"""The page of all payments: what stands in the books of the banks, and what may be done with it by hand."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from sandbox import fa
from sandbox.systems.banks import BANKS, BY_CODE, book, files
from sandbox.systems.banks.files import Change

blueprint = Blueprint("payments", __name__)
MOST = 60
STRANGE = 1_230_000
STATES = {
    "asked": ("در انتظار پرداخت", ""),
    "paid": ("پرداخت‌شده، تأییدنشده", "wa"),
    "verified": ("تأییدشده", "ok"),
    "settled": ("تأیید و تسویه‌شده", "ok"),
    "reversed": ("بازگشته به کارت", "er"),
    "canceled": ("انصراف", ""),
    "refused": ("پرداخت نشد", ""),
}
AGES = {"10": "۱۰ دقیقه", "60": "۱ ساعت", "1440": "۱ روز"}


@blueprint.get("/payments")
def all_payments() -> str:
    day = files.today()
    faults = {bank.code: len(files.changes(bank.code, day)) for bank in BANKS}
    return render_template(
        "payments.html", rows=shown(MOST), banks=BANKS, day=day, faults=faults, states=STATES, ages=AGES
    )


@blueprint.post("/payments")
def act() -> Any:
    """Let time pass for one payment, let its bank answer again, or put a fault into the day's file."""
    bank = BY_CODE.get(request.form.get("bank", ""))
    row = book.by_token(bank.code, request.form.get("token", "")) if bank else None
    if bank is None or row is None:
        abort(400)
    minutes, fault = request.form.get("minutes", ""), request.form.get("fault", "")
    if minutes in AGES:
        book.age(row, int(minutes) * book.MINUTE)
    elif fault in ("leave_out", "amount") and row["paid_at"]:
        day = fa.local(row["paid_at"]).date()
        files.change(Change(bank.code, day, fault, reference=row["reference"], amount=row["paid_amount"] + 10_000))
    else:
        book.set_odd(row, "")
    return redirect(url_for("payments.all_payments"), 303)


@blueprint.post("/payments/file")
def change_file() -> Any:
    """Add a payment that nobody knows to today's file of a bank, or take all faults out of it."""
    bank, kind = BY_CODE.get(request.form.get("bank", "")), request.form.get("kind")
    if bank is None or kind not in ("add", "clear"):
        abort(400)
    files.change(Change(bank.code, files.today(), kind, amount=STRANGE))
    return redirect(url_for("payments.all_payments") + "#h-files", 303)


def shown(most: int) -> list[tuple[Any, Any]]:
    """The newest payments, each with its bank."""
    return [(BY_CODE[row["bank"]], row) for row in book.newest(most)]
