"""What happens to purses, in words; a pure module."""

from services import text

KIND = {
    "top_up": "افزایش اعتبار",
    "debit": "کسر",
    "refund": "بازگشت",
    "move": "جابه‌جایی",
    "correction": "اصلاح",
}
OBJECTION = {
    "open": ("در انتظار پاسخ", "warn"),
    "accepted": ("پذیرفته شد", "ok"),
    "declined": ("پذیرفته نشد", "bad"),
}


def signed(rials: int) -> str:
    """«+۵۰٬۰۰۰» or «−۵۰٬۰۰۰»."""
    return f"{text.SIGN_MARK}+{text.group_thousands(rials)}" if rials > 0 else text.group_thousands(rials)
