"""The forms of leaving: a center ends somebody's enrollment, and HQ rules what credit comes back."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.validators import AnyOf

from blueprints import addresses
from blueprints.forms.rules import RuleForm
from blueprints.forms.waiting import why
from models import EndCause
from services import text
from services.enrollment import leaving
from services.errors import DomainError

NO_CHOICE = "انتخاب کنید که چرا این ثبت‌نام پایان می‌یابد"


class EndForm(FlaskForm):
    """Why it ends; `returns` are the causes of which the page has said that the credit comes back."""

    cause = RadioField("چرا", validate_choice=False, validators=[AnyOf([EndCause.CENTER, EndCause.NO_SHOW], NO_CHOICE)])
    reason = why()
    returns = HiddenField()

    @property
    def seen(self) -> bool:
        return (self.cause.data or "") in (self.returns.data or "").split()


# Policies of leaving and of waiting lists, in the words of whoever rules about them.
RETURNS = {way.value: f"{title}: اعتبار" for way, title in leaving.TITLES.items()}
NUMBERS = {
    "waitlist_offer_hours": "ساعت‌هایی که جای خالی برای نفر بعد نگه داشته می‌شود",
    "waitlist_quiet_from": "ساعتی که از آن پیامک فهرست انتظار فرستاده نمی‌شود (۰ تا ۲۳)",
    "waitlist_quiet_to": "ساعتی که دوباره فرستاده می‌شود (۰ تا ۲۳؛ برابر با ساعت بالا: همیشه)",
    "waitlist_most": "فهرست‌های انتظار هم‌زمان یک نفر (صفر: بی‌اندازه)",
}
YES_NO = {"بله": True, "خیر": False, "نه": False}


class LeavingRuleForm(RuleForm):
    """One value of these policies."""

    KINDS = {**RETURNS, **NUMBERS}
    HINT = "برای اعتبار «بله» (برمی‌گردد) یا «خیر»؛ برای ساعت و شمار، عدد"

    def read(self, name: str, typed: str) -> Any:
        value = YES_NO.get(typed) if name in RETURNS else addresses.number(text.digits(typed), 3)
        if value is None:
            what = "«بله» یا «خیر» بنویسید" if name in RETURNS else "عدد بنویسید"
            raise DomainError(what, field="value")
        if name == "waitlist_offer_hours" and value == 0:
            raise DomainError("دست‌کم یک ساعت", field="value")
        if name in ("waitlist_quiet_from", "waitlist_quiet_to") and value > 23:
            raise DomainError("ساعتی از ۰ تا ۲۳", field="value")
        return value
