"""What cases of money that is to be put right are called on the screen."""

from services import text

STATE = {
    "asked": ("در انتظار تأیید نخست", "info"),
    "seconded": ("در انتظار تأیید دوم", "info"),
    "done": ("انجام شد", "ok"),
    "refused": ("پذیرفته نشد", "bad"),
    "withdrawn": ("پس گرفته شد", ""),
}
KIND = {"move": "جابه‌جایی اعتبار", "correction": "اصلاح حساب"}
ACTION = {"approve": "تأیید", "refuse": "نپذیرفتن"}
# What somebody did to a case, as others and as they themselves read it.
DID = {
    "credit_case_asked": "درخواست کرد",
    "credit_case_seconded": "تأیید نخست را داد",
    "credit_case_done": "تأیید دوم را داد و مبلغ جابه‌جا شد",
    "credit_case_refused": "نپذیرفت",
    "credit_case_withdrawn": "پس گرفت",
}
YOU = {
    "credit_case_asked": "درخواست کردید",
    "credit_case_seconded": "تأیید نخست را دادید",
    "credit_case_done": "تأیید دوم را دادید و مبلغ جابه‌جا شد",
    "credit_case_refused": "نپذیرفتید",
    "credit_case_withdrawn": "پس گرفتید",
}
NO_RECEIPT = "این پرداخت با حساب شما انجام نشده است؛ تصویر رسید آن را پیوست کنید"
TRANSFER = {
    "top_up": "افزایش اعتبار",
    "debit": "کسر برای ثبت‌نام",
    "refund": "بازگشت اعتبار",
    "move": "جابه‌جایی",
    "correction": "اصلاح",
}
NO_SUCH = "این درخواست پیدا نشد. از فهرست درخواست‌ها شروع کنید."
NOT_DECIDING = "تصمیم دربارهٔ جابه‌جایی و اصلاح اعتبار با بررس یا مدیر همان استان است. چیزی ثبت نشد."
OWN = "این را خود شما درخواست کرده‌اید؛ تصمیم دربارهٔ آن با همکاران دیگر است."
OWN_PURSE = "این مبلغ از اعتبار خود شما کم یا به آن افزوده می‌شود؛ تصمیم با همکاران دیگر است."
FOR_ASKER = "شما جانشین کسی هستید که این را درخواست کرده است؛ تصمیم با همکار دیگری است."
FIRST_WAS_YOU = "تأیید نخست را خود شما داده‌اید؛ تأیید دوم با همکار دیگری است."
FIRST_CHAIR = (
    "تأیید نخست به نام همان کسی است که شما جانشین او هستید، یا جانشین شما آن را داده است؛ تأیید دوم با همکار سوم است."
)
MOVED_BEFORE = "این ردیف پیش‌تر جابه‌جا یا اصلاح شده است."
NO_PAPER = "سند این اصلاح خوانده نمی‌شود. آن را نپذیرید تا با سند درست درخواست شود."


def spent(amount: int) -> str:
    """Why money that somebody has begun to spend is not moved."""
    return f"از این اعتبار خرج شده است و دیگر {text.rial(amount)} در آن نیست؛ جابه‌جایی ممکن نیست."
