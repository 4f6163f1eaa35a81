"""Words for payments: the gateways, the states, what happened and what to do."""

from models import PaymentState

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
NOT_FOUND = "پرداختی با این نشانی پیدا نشد. نشانی رسید را کامل و درست وارد کنید."


def title(gateway: str) -> str:
    """The bank as people call it; a gateway that is no longer known by its code."""
    return TITLES.get(gateway, gateway)
