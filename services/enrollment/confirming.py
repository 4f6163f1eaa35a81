"""What somebody is told once they are enrolled."""

from typing import Any

from models import DebitSource
from services import jalali, text


def confirmation(course: Any, tracking_code: str, fee: int, source: DebitSource, by: Any = None) -> str:
    """The SMS: no name and no national code; whose credit was spent, and by whom (a unit or its row) if not by them.

    Source: docs/rules.md R-38.
    """
    start = f" شروع: {jalali.day_month_year(course.start_on)}." if course.start_on else ""
    paid = f" {_paid(fee, by)}" if fee and source is DebitSource.TRAINEE else ""
    code = text.persian_digits(tracking_code)
    return f"ثبت‌نام شما در دورهٔ «{course.title}» انجام شد.{start}{paid} کد رهگیری: {code}"


def _paid(fee: int, by: Any) -> str:
    if by is None:
        return f"{text.rial(fee)} از اعتبار شما کسر شد."
    objection = text.persian_digits(by.phone.replace("-", "")) if by.phone else "همان‌جا"
    return f"«{by.title}» {text.rial(fee)} از اعتبار شما کسر کرد؛ اعتراض: {objection}."
