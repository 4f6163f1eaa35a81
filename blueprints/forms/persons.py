"""Forms of the page of somebody enrolled. A form checks shape; the service checks the rule."""

from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from blueprints.forms.fields import MobileField, TidyStringField, TypedField
from blueprints.forms.keyed import KeyedForm
from services import addresses, codes
from services.renumbering import Wanted


class PostalCodeField(TypedField):
    """Ten digits."""

    def read(self, typed: str) -> str | None:
        return codes.postal_code(typed)

    def why_not(self, typed: str) -> str:
        return addresses.WRONG


class PostalCodeForm(FlaskForm):
    """The one line of it, below the address that it brings."""

    postal_code = PostalCodeField("کد پستی", [DataRequired("کد پستی را بنویسید")])

    @property
    def said(self) -> str:
        """What is wrong, in one sentence."""
        return f"{next(iter(self.postal_code.errors), addresses.WRONG)}. چیزی ثبت نشد."


class NewMobileForm(KeyedForm):
    """Another mobile, why, and what was seen."""

    seen = HiddenField()
    mobile = MobileField(
        "شمارهٔ تازه", [DataRequired("شمارهٔ تازه را بنویسید")], description="سیم‌کارت آن به نام خود کارآموز باشد"
    )
    reason = TextAreaField(
        "چرا شماره عوض می‌شود؟",
        [DataRequired("بنویسید چرا شماره عوض می‌شود"), Length(max=150, message="دلیل تا ۱۵۰ نویسه است")],
        description="مثلاً: سیم‌کارت پیشین واگذار شده است",
    )
    evidence = TidyStringField(
        "مدرکی که دیده‌اید",
        [Optional(), Length(max=120, message="مدرک تا ۱۲۰ نویسه است")],
        description="نوع و شماره؛ مثلاً کارت ملی و قرارداد سیم‌کارت",
    )
    file = FileField("تصویر مدرک", description="اگر نوع و شماره را نوشته‌اید، لازم نیست")

    def wanted(self) -> Wanted:
        return Wanted(self.mobile.data or "", self.reason.data or "", self.evidence.data or "", self.seen.data or "")
