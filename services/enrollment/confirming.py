"""The SMS that tells somebody of their enrollment, and of the credit that was spent for it."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from models import Channel, DebitSource, Unit, db
from services import jalali, text

if TYPE_CHECKING:
    from services.enrollment.terms import Application


def debited_by(application: "Application", course: Any) -> Row[str, str | None] | None:
    """Title and phone of the unit that spends a trainee's credit; None when they do it themselves or do not pay."""
    if application.channel is Channel.SELF or application.debit_source is not DebitSource.TRAINEE:
        return None
    unit = select(Unit.title, Unit.phone).where(Unit.id == (application.unit_id or course.unit_id))
    return db.session.connection().execute(unit).one()


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
