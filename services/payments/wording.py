"""Words for payments: the gateways, the states, what happened and what to do."""

from collections.abc import Mapping
from typing import Any

from models import Payment, PaymentState
from services import labels, text

TITLES = {
    "sadad": "بانک ملی (سداد)",
    "mellat": "بانک ملت (به‌پرداخت)",
    "sep": "بانک سامان (سپ)",
    "zarinpal": "زرین‌پال",
}

# What a state is called, and the color of its tag.
STATES = {
    PaymentState.CREATED: ("آماده‌سازی", ""),
    PaymentState.TOKEN_OK: ("در راه بانک", "wait"),
    PaymentState.REDIRECTED: ("در صفحهٔ بانک", "wait"),
    PaymentState.RETURNED: ("در انتظار پاسخ بانک", "wait"),
    PaymentState.VERIFIED: ("پرداخت شد", "ok"),
    PaymentState.FAILED: ("پرداخت نشد", "bad"),
    PaymentState.EXPIRED: ("بی‌پرداخت ماند", "bad"),
    PaymentState.REVERSED: ("به کارت برگشت", "warn"),
}

NOT_ONLINE = "پرداخت اینترنتی در این سامانه روشن نیست. برای افزایش اعتبار به مرکز آموزش بروید."
NO_ANSWER = "بانک اکنون پاسخ نمی‌دهد. پولی برداشته نشده است. یک دقیقهٔ دیگر دوباره دکمهٔ پرداخت را بزنید."
NO_ANSWER_BUT_OTHERS = "{title} پاسخ نداد. پولی برداشته نشده است. دکمهٔ پرداخت را دوباره بزنید تا بانک دیگری باز شود."
NOT_YOURS = "این فرم را کاربر دیگری فرستاده است. صفحهٔ پرداخت را دوباره باز کنید؛ چیزی پرداخت نشد."
TOO_OFTEN = "این فرم چند بار ناتمام مانده است. صفحهٔ پرداخت را دوباره باز کنید؛ چیزی پرداخت نشد."
UNKNOWN_RETURN = (
    "این بازگشت از بانک برای ما شناخته نیست. اگر پولی از کارت شما برداشته شده، نتیجه در همان رسید پرداخت دیده می‌شود؛ "
    "پولی که تأیید نشود، خود بانک برمی‌گرداند."
)
HAS_ENDED = "این پرداخت به پایان رسیده است و چیزی برای پرسیدن از بانک نمانده است. صفحه را تازه کنید."
NOT_SEEN = "شخص ناشناخته"
NO_PAYMENT = "چنین پرداختی پیدا نشد."
NOT_FOUND = "پرداختی با این نشانی پیدا نشد. نشانی رسید را کامل و درست وارد کنید."


def title(gateway: str) -> str:
    """The bank as people call it; a gateway that is no longer known by its code."""
    return TITLES.get(gateway, gateway)


# Why a payment has ended so, beside the words that labels.py has for the codes of calls.
CAUSES = {
    "not_paid": "پرداخت در بانک انجام نشد",
    "amount_differs": "مبلغ پرداخت‌شده با مبلغ سفارش یکی نبود",
    "reference_used": "شمارهٔ مرجع بانک پیش‌تر برای پرداخت دیگری به کار رفته است",
    "overdue": "تا پایان مهلت بانک پولی نرسید",
    "at_the_bank": "بانک پول را برگرداند",
    "cut_off": "کار پیش از رفتن به بانک ناتمام ماند",
    "token_used": "بانک نشانهٔ پرداخت دیگری را داد",
    "no_answer": "بانک پاسخ نداد",
    "pending": "در بانک هنوز باز است",
    "unpaid": "در بانک پرداخت نشده است",
    "paid": "در بانک پرداخت شده است",
    "already": "در بانک پیش‌تر تأیید شده است",
    "reversed": "بانک آن را برگردانده است",
    "no_amount": "بانک مبلغ را در پاسخ خود نگفت",
    "no_token": "بانک نشانه‌ای برای پرداخت نداد",
    "no_reference": "بانک شمارهٔ مرجع را نگفت",
    "not_xml": "پاسخ بانک خوانا نبود",
    "cannot_ask": "این بانک بدون شمارهٔ مرجع پاسخ نمی‌دهد",
}
_IN_PARTS = ("no_code", "no_list", "no_status", "no_detail", "no_state", "no_data", "no_return")
CAUSES |= dict.fromkeys(_IN_PARTS, "پاسخ بانک کامل نبود")
EVENTS = {
    "token": "بانک آمادهٔ پرداخت شد",
    "no_token": "بانک این پرداخت را نپذیرفت یا پاسخ نداد",
    "returned": "پرداخت‌کننده از بانک برگشت",
    "late_return": "بازگشت دوباره پس از پایان",
    "strange_return": "بازگشتی با نشانهٔ نادرست؛ نادیده گرفته شد",
    "asked": "از بانک پرسیده شد",
    "credited": "بانک تأیید کرد و اعتبار افزوده شد",
    "not_credited": "پول پس از پایان رسید و افزوده نشد؛ بررسی لازم است",
    "closed": "پایان یافت",
    "again": "اپراتور خواست دوباره پرسیده شود",
}
_WAIT = (
    "این صفحه خودش تازه می‌شود. اگر آن را ببندید هم چیزی گم نمی‌شود: از بانک پرسیده می‌شود و اعتبار خودکار افزوده می‌شود."
)
_ANEW = "می‌توانید دوباره پرداخت کنید."
_BANK_RETURNS = "اگر پولی از کارت برداشته شده، بانک آن را خودکار برمی‌گرداند (گاهی تا ۷۲ ساعت)."
NEXT = {
    PaymentState.CREATED: f"بانک هنوز آماده نشده است. {_WAIT}",
    PaymentState.TOKEN_OK: f"هنوز به صفحهٔ بانک نرفته‌اید. {_WAIT}",
    PaymentState.REDIRECTED: f"هنوز از صفحهٔ بانک برنگشته‌اید. {_WAIT}",
    PaymentState.RETURNED: f"بانک هنوز نگفته است که پرداخت انجام شده یا نه. {_WAIT}",
    PaymentState.VERIFIED: "پرداخت انجام شد و اعتبار همین حالا افزوده شده است. این رسید را نگه دارید.",
    PaymentState.FAILED: f"پرداخت انجام نشد و چیزی به اعتبار افزوده نشد. {_BANK_RETURNS} {_ANEW}",
    PaymentState.EXPIRED: f"تا پایان مهلت بانک پرداختی نرسید و چیزی به اعتبار افزوده نشد. {_BANK_RETURNS} {_ANEW}",
    PaymentState.REVERSED: f"پول این پرداخت به کارت شما برگردانده شد و چیزی به اعتبار افزوده نشد. {_ANEW}",
}
_ASK_FOR_IT = "برای پیگیری، شمارهٔ سفارش این رسید را به راهنمایی تلفنی بگویید."
NEXT_BY_CODE = {
    "amount_differs": "مبلغی که در بانک پرداخت شد با مبلغ این سفارش یکی نبود، پس چیزی به اعتبار افزوده نشد.",
    "reference_used": "بانک این پرداخت را با شمارهٔ مرجع پرداخت دیگری تأیید کرد، پس چیزی به اعتبار افزوده نشد.",
}


def cause(code: str | None) -> str:
    """Why a payment stands as it does; a bank's own code is shown as it is."""
    return CAUSES.get(code or "") or (labels.cause(code) if code else "")


def next_step(payment: Payment) -> str:
    """What happened and what to do, for whoever holds the receipt."""
    special = NEXT_BY_CODE.get(payment.code or "") if payment.settled_at else None
    if special is None:
        return NEXT[payment.state]
    if payment.state is PaymentState.REVERSED:
        return f"{special} پول به کارت شما برگردانده شد. {_ANEW}"
    return f"{special} {_ASK_FOR_IT}"


def event(kind: str, code: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """What happened in an event, and its particulars."""
    said = [cause(detail["status"]) if "status" in detail else cause(code)]
    if "paid" in detail and isinstance(detail["paid"], bool):
        said = ["به گفتهٔ مرورگر پرداخت شد" if detail["paid"] else "به گفتهٔ مرورگر پرداخت نشد"]
    elif detail.get("paid"):
        said.append(f"پرداخت‌شده: {text.rial(detail['paid'])}")
    if detail.get("another_amount"):
        said.append(f"با مبلغ دیگری: {text.rial(detail['another_amount'])}")
    if detail.get("reference"):
        said.append(f"مرجع {text.as_printed(detail['reference'])}")
    bank_code = detail.get("bank") or (code if code not in CAUSES else "")
    if bank_code:
        said.append(CAUSES.get(bank_code) or f"کد بانک {text.persian_digits(bank_code)}")
    return EVENTS.get(kind, kind), "، ".join(dict.fromkeys(filter(None, said)))
