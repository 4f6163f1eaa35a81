"""Forms of a payment: whose purse, how much, and the last word before the bank."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import FieldList, HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp

from blueprints.forms.fields import DigitsField, NationalCodeField, RialField, TidyStringField, options
from services import text

NOT_WHOLE = "این فرم ناقص رسید. صفحه را دوباره باز کنید؛ چیزی پرداخت نشد"


class ForeignCodeField(DigitsField):
    """The code of somebody without a national code."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, lengths=(8, 9, 10, 11, 12), **options)

    def why_not(self, typed: str) -> str:
        return "کد اتباع خارجی ۸ تا ۱۲ رقم است. آن را با مدرک تطبیق دهید"


class AmountForm(FlaskForm):
    """An amount of the short list, or another one: what is typed counts."""

    amount = RadioField("مبلغ", [Optional()], coerce=int, validate_choice=False)
    other = RialField("یا مبلغ دیگر", [Optional()], description="به ریال؛ هر تومان ۱۰ ریال است")
    version = IntegerField(validators=[Optional(), NumberRange(1, 10**9, NOT_WHOLE)])  # of the basket, if there is one

    def offer(self, amounts: Sequence[int], chosen: int | None = None) -> None:
        """Put the short list into the form; the first one, or the one that stands, is chosen."""
        self.amount.choices = options([(amount, text.rial_toman(amount)) for amount in amounts])
        if self.amount.data is None:
            self.amount.data = chosen if chosen in amounts else amounts[0] if chosen is None else None
        if chosen and chosen not in amounts and not self.other.raw_data:
            self.other.data = chosen

    @property
    def rials(self) -> int:
        return int(self.other.data if self.other.data is not None else self.amount.data or 0)

    def put_error(self, said: str) -> None:
        """Show a refused amount at the field that it came from."""
        (self.amount if self.other.data is None else self.other).errors = [said]


class OneForm(AmountForm):
    """Somebody's purse, by their code."""

    national_code = NationalCodeField("کد ملی صاحب اعتبار", [Optional()], description="۱۰ رقم، فارسی یا لاتین")
    foreign_code = ForeignCodeField("کد اتباع خارجی", [Optional()], description="به جای کد ملی؛ ۸ تا ۱۲ رقم")
    code_reason = TidyStringField(
        "این کد ملی را روی چه مدرکی دیده‌اید؟", [Optional(), Length(max=200, message="دلیل تا ۲۰۰ نویسه است")]
    )


class ManyForm(AmountForm):
    """Many purses, by a list of codes."""

    amount = RadioField("مبلغ برای هر نفر", [Optional()], coerce=int, validate_choice=False)
    codes = TextAreaField(
        "کدهای ملی",
        [
            DataRequired("کدهای ملی را بنویسید؛ هر کدام در یک سطر"),
            Length(max=3000, message="فهرست بلندتر از اندازه است"),
        ],
        description="هر کدام در یک سطر، یا با ویرگول از هم جدا؛ از اکسل هم می‌توانید بچسبانید",
        render_kw={"dir": "ltr", "autocomplete": "off"},
    )


class PayForm(FlaskForm):
    """The last word: what stood on the page, and which bank."""

    version = IntegerField(validators=[DataRequired(NOT_WHOLE), NumberRange(1, 10**9, NOT_WHOLE)])
    total = IntegerField(validators=[DataRequired(NOT_WHOLE), NumberRange(1, 10**15, NOT_WHOLE)])
    form_key = HiddenField(validators=[Regexp("^[0-9a-f-]{36}$", message=NOT_WHOLE)])
    bank = RadioField("پرداخت از درگاه", [Optional()], validate_choice=False)

    def offer(self, banks: Sequence[tuple[str, str]]) -> None:
        """Put the gateways into the form, the first one chosen; a single one is not asked about."""
        self.bank.choices = options(list(banks))
        if self.bank.data not in dict(banks):
            self.bank.data = banks[0][0] if banks else None


class ChangeForm(FlaskForm):
    """Another amount for each of several purses."""

    version = IntegerField(validators=[DataRequired(NOT_WHOLE), NumberRange(1, 10**9, NOT_WHOLE)])
    amounts = FieldList(RialField("مبلغ به ریال", [DataRequired("مبلغ را به ریال بنویسید")]), max_entries=50)
