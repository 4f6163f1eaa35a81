"""A page with every piece of the screen in every state, for demo and test mode."""

from typing import Any

from flask import Blueprint, render_template
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, Form, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired

from blueprints.forms.fields import (
    ClockField,
    JalaliDateField,
    MobileField,
    NationalCodeField,
    RialField,
    TidyStringField,
    options,
)

bp = Blueprint("components", __name__)


class SampleForm(Form):
    """One field of each kind."""

    national_code = NationalCodeField("کد ملی", [DataRequired("کد ملی را بنویسید")])
    birth_date = JalaliDateField("تاریخ تولد")
    mobile = MobileField("تلفن همراه", description="به نام خود کارآموز")
    first_name = TidyStringField("نام", [DataRequired("نام را بنویسید")])
    degree = SelectField("آخرین مدرک", choices=options([("d", "دیپلم"), ("a", "کاردانی")]))
    starts_at = ClockField("ساعت شروع")
    fee = RialField("شهریه")
    note = TextAreaField("چه چیزی باید اصلاح شود؟", description="همین متن برای مرکز فرستاده می‌شود")
    shift = RadioField("نوبت", [DataRequired("نوبت را انتخاب کنید")], choices=options([("m", "صبح"), ("a", "عصر")]))
    weekdays = SelectMultipleField("روزها", choices=options([("0", "شنبه"), ("1", "یکشنبه"), ("2", "دوشنبه")]))
    consent = BooleanField("شرایط دوره را خواندم", [DataRequired("بدون پذیرفتن شرایط نمی‌شود ادامه داد")])
    paper = FileField("تصویر فاکتور")
    debit_source = RadioField(
        "نحوهٔ کسر اعتبار",
        choices=options([("portal_user", "کاربر پورتال"), ("trainee", "کارآموز")]),
        validators=[DataRequired("انتخاب کنید که اعتبار از چه کسی کسر شود")],
    )


FILLED = MultiDict(
    [
        ("filled-national_code", "۰۰۷۳۹۲۱۸۴۱"),
        ("filled-birth_date-d", "۹"),
        ("filled-birth_date-m", "مهر"),
        ("filled-birth_date-y", "۱۳۸۰"),
        ("filled-mobile", "۰۹۱۳ ۰۰۰ ۴۵۶۷"),
        ("filled-first_name", "علی رضا"),
        ("filled-degree", "d"),
        ("filled-starts_at", "۸:۳۰"),
        ("filled-fee", "۵۰٬۰۰۰"),
        ("filled-note", "توان برق کارگاه را برای ۹ دستگاه بنویسید."),
        ("filled-shift", "a"),
        ("filled-weekdays", "0"),
        ("filled-weekdays", "2"),
        ("filled-consent", "y"),
        ("filled-debit_source", "trainee"),
    ]
)
WRONG = MultiDict(
    [
        ("wrong-national_code", "۰۰۷۳۹۲۱۸۴"),
        ("wrong-birth_date-d", "۳۱"),
        ("wrong-birth_date-m", "۷"),
        ("wrong-birth_date-y", "۸۰"),
        ("wrong-mobile", "۰۲۱۸۸۷۷۶۶"),
        ("wrong-degree", "d"),
        ("wrong-starts_at", "۲۵"),
        ("wrong-fee", "۵۰۰۰ تومان"),
    ]
)


def sample_forms() -> dict[str, Form]:
    """The form as it is opened, as it was filled, and as it comes back after a refusal."""
    forms = {"plain": SampleForm(prefix="plain-")}
    forms |= {"filled": SampleForm(FILLED, prefix="filled-"), "wrong": SampleForm(WRONG, prefix="wrong-")}
    forms["wrong"].validate()
    return forms


def shell() -> dict[str, Any]:
    """What `base.html` takes, with everything it can show."""
    return {
        "nav": [("دوره‌ها", "#", False), ("ثبت‌نام", "#", True), ("تجهیزات", "#", False), ("مربیان", "#", False)],
        "account": ("خ. کریمی، مرکز ۲ گرگان", "#"),
        "sign_out": "#",
        "notices": [("ok", "نوشته‌ها ذخیره شد."), ("warn", "درگاه ثبت احوال کند پاسخ می‌دهد.")],
        "reference": "A7-3921",
        "help_phone": "017-32210000",
    }


@bp.get("/components")
def show() -> str:
    return render_template("components.html", forms=sample_forms(), **shell())
