"""Forms about money under the wrong code. A form checks shape; the service checks the rule."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, StopValidation

from blueprints import addresses
from blueprints.forms.fields import NUMERIC, RialField, TypedField, options
from blueprints.forms.keyed import KeyedForm
from models import OwnerKind, Province
from services import codes, text
from services.credit_cases import Case, Correction, Line, Paid, Wish, wording

NUMBER = {"dir": "ltr", "autocomplete": "off", "maxlength": 80}
NO_PAPER = "سند اصلاح را پیوست کنید؛ بدون آن چیزی ثبت نمی‌شود"
REASON = (DataRequired("بنویسید چه شده است؛ تصمیم‌گیرندگان همین را می‌خوانند"), Length(max=500))


class OwnerCodeField(TypedField):
    """The one code of a person, national or foreign; `data` is the kind of purse and the code."""

    attributes = NUMERIC | {"maxlength": 20}

    def read(self, typed: str) -> tuple[OwnerKind, str] | None:
        bare = codes.bare(typed)
        if len(bare) == 10:
            return (OwnerKind.NATIONAL, bare) if codes.national_code(bare) == bare else None
        return (OwnerKind.FOREIGN, bare) if len(bare) > 10 and codes.foreign_code(bare) else None

    def why_not(self, typed: str) -> str:
        if 10 < len(codes.bare(typed)) < 13:
            return "کد فراگیر اتباع فقط از رقم ساخته می‌شود"
        short = "کد ملی ۱۰ رقم دارد و کد فراگیر اتباع ۱۱ یا ۱۲ رقم"
        return codes.why_not_national_code(typed) or short

    def show(self, data: tuple[OwnerKind, str]) -> str:
        return text.persian_digits(data[1])


def _required_without_purse(form: Any, field: Any) -> None:
    if not field.data and not form.portal.data:
        raise StopValidation("کد صاحب درست مبلغ را بنویسید")


class FindForm(FlaskForm):
    """A payment by what stands on its receipt."""

    number = StringField("شمارهٔ مرجع یا شمارهٔ سفارش", [DataRequired("شمارهٔ روی رسید را بنویسید")], render_kw=NUMBER)
    amount = RialField(
        "همهٔ مبلغ پرداخت",
        [InputRequired("مبلغ روی رسید را به ریال بنویسید")],
        description="به ریال، همان که روی رسید است",
    )


class AskForm(KeyedForm):
    """Which line of a payment goes to whom, and why."""

    receipt = HiddenField()
    line = RadioField("کدام مبلغ به کد اشتباه رسید؟", coerce=addresses.number, validate_choice=False)
    code = OwnerCodeField("کد ملی یا کد فراگیر صاحب درست مبلغ", [_required_without_purse])
    portal = BooleanField("به اعتبار کاربر پورتال برود")
    known = BooleanField("این کد درست است، هرچند هنوز در سامانه ثبت نشده است")
    reason = TextAreaField("چه شد؟", REASON, description="مثلاً: هنگام پرداخت یک رقم کد ملی اشتباه نوشته شد")
    province = SelectField("استان شما", coerce=addresses.number, validate_choice=False)
    unit = SelectField("برای کدام واحد؟", coerce=addresses.number, validate_choice=False)
    file = FileField("رسید پرداخت", description="اگر دارید؛ بررسی را کوتاه می‌کند")

    def of(self, paid: Paid, units: Sequence[tuple[int, str]], provinces: Sequence[Province]) -> "AskForm":
        """With the lines of this payment that can be moved, and for which unit or where, if there is a choice."""
        self.prepare()
        _offer_lines(self, paid)
        _offer_choice(self, "province", [("", "انتخاب کنید"), *((row.id, row.title) for row in provinces)])
        _offer_choice(self, "unit", units)
        return self

    def into(self, words: str) -> None:
        """Whose purse the user's one is called in words; nothing where it has the user's own code, which is written."""
        self.portal.label.text = f"به اعتبار کاربر پورتال برود ({words})"
        if not words:
            del self.portal

    def wish(self, owner: tuple[OwnerKind, str]) -> Wish:
        return Wish(
            receipt_key=self.receipt.data or "",
            line_id=self.line.data or 0,
            to=owner,
            reason=self.reason.data or "",
            known=bool(self.known.data),
            province_id=self.province.data if "province" in self else None,
            unit_id=self.unit.data if "unit" in self else None,
        )


class CorrectionForm(KeyedForm):
    """A wrong entry, how many rials of it are undone, and the document for it."""

    number = StringField(
        "شمارهٔ سند در گردش حساب، یا شمارهٔ مرجع بانک", [DataRequired("شمارهٔ ردیف را بنویسید")], render_kw=NUMBER
    )
    entry_rials = RialField("مبلغ همان ردیف", [InputRequired("مبلغ ردیف را به ریال بنویسید")])
    rials = RialField("مبلغی که برمی‌گردد", description="اگر خالی بماند، همهٔ مبلغ ردیف")
    reason = TextAreaField("دلیل", REASON, description="نامهٔ بانک یا دستور کتبی، با شماره و تاریخ")
    file = FileField(
        "سند اصلاح", [DataRequired(NO_PAPER)], description="نامه یا صورت‌حساب بانک؛ بدون آن اصلاحی ثبت نمی‌شود"
    )

    def said(self) -> Correction:
        entry = self.entry_rials.data
        return Correction(
            self.number.data or "", 0 if entry is None else entry, self.rials.data, self.reason.data or ""
        )


class DecisionForm(KeyedForm):
    """What a province does with a case; from the queue with its tab, and the case after it in the list."""

    version = HiddenField()
    tab = HiddenField()
    next = HiddenField()
    decision = RadioField("تصمیم شما", [AnyOf(wording.ACTION, "تصمیم خود را انتخاب کنید")], validate_choice=False)
    reason = TextAreaField("توضیح", description="برای نپذیرفتن لازم است و درخواست‌کننده همین را می‌بیند")

    def offer(self, case: Case) -> "DecisionForm":
        approve = "تأیید دوم؛ مبلغ همین حالا جابه‌جا می‌شود" if case.row.state == "seconded" else "تأیید نخست"
        words = {"approve": approve, "refuse": wording.ACTION["refuse"]}
        self.decision.choices = options((action, words[action]) for action in case.actions)
        self.form_key.data = self.key()
        return self


def _offer_lines(form: AskForm, paid: Paid) -> None:
    form.receipt.data = paid.receipt_key
    if paid.wants_receipt:
        form.file.description = "لازم است، چون این پرداخت با حساب شما انجام نشده است"
    free = [line for line in paid.lines if not line.why]
    form.line.choices = options((line.id, _said(line)) for line in free)
    if len(free) == 1 and not form.is_submitted():
        form.line.data = free[0].id


def _offer_choice(form: AskForm, name: str, pairs: Sequence[tuple[Any, str]]) -> None:
    """A field with these choices; none where there is nothing to choose."""
    if len(pairs) > 1:
        form[name].choices = options(pairs)
    else:
        del form[name]


def _said(line: Line) -> str:
    return f"{text.rial(line.amount)}، {line.owner}"
