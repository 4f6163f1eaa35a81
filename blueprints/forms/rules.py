"""Forms about rules that HQ writes: routes of approval, the separation of duties, and collisions of courses."""

from flask import request
from flask_wtf import FlaskForm
from wtforms import Form, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired

from blueprints.forms.fields import JalaliDateField, options
from models import Setting
from services import jalali, labels, routes
from services.routes import RouteValues

FROM_WHEN = "از چه روزی"
DAY = DataRequired("بنویسید از چه روزی")


class RouteForm(Form):
    """A route as it is thought of; asked by GET, so that its effect is seen before anything is written."""

    unit_kind = SelectField(
        "نوع واحد",
        [DataRequired("نوع واحد را انتخاب کنید")],
        choices=options([(kind.value, labels.UNIT_KIND[kind]) for kind in routes.KINDS]),
    )
    setting = SelectField(
        "بخش اجرا",
        choices=options([(each, routes.setting_title(each)) for each in (routes.ANY, *Setting)]),
        description="راه یک بخش بر راه همهٔ بخش‌ها پیشی دارد",
    )
    levels = RadioField(
        "راه تأیید",
        [DataRequired("راه را انتخاب کنید")],
        choices=options([(way, routes.in_words(way)) for way in routes.WAYS]),
    )
    valid_from = JalaliDateField(FROM_WHEN, [DAY], description="دوره‌هایی که از این روز فرستاده شوند")

    @classmethod
    def asked(cls) -> "RouteForm":
        """As it stands in the address; without one, for centers and from today on."""
        return cls(request.args)

    def values(self) -> RouteValues | None:
        day = self.valid_from.data
        return RouteValues(self.unit_kind.data, self.setting.data, self.levels.data, day) if day else None


class SavedRoute(FlaskForm):
    """The same once its effect was seen, to be written."""

    unit_kind, setting, levels = HiddenField(), HiddenField(), HiddenField()
    valid_from = HiddenField()

    def values(self) -> RouteValues | None:
        day = jalali.parse(self.valid_from.data)
        if day is None:
            return None
        return RouteValues(self.unit_kind.data or "", self.setting.data or "", self.levels.data or "", day)


class SeparationForm(FlaskForm):
    """Whether somebody may decide on what they entered themselves, for whom and from when."""

    scope = SelectField("برای", validate_choice=False)
    value = RadioField(
        "جدایی وظیفه‌ها",
        [DataRequired("روشن یا خاموش را انتخاب کنید")],
        choices=options([("on", "روشن: هیچ‌کس دربارهٔ کار خودش تصمیم نمی‌گیرد"), ("off", "خاموش")]),
    )
    valid_from = JalaliDateField(FROM_WHEN, [DAY])


# What may collide (services/courses/conflicts.py), in the words of whoever rules about it.
CONFLICTS = {
    "workshop": "کارگاه در همان ساعت گرفته شده است",
    "instructor": "مربی یا همکار او در همان ساعت کلاس دارد",
    "place": "مکان در همان ساعت جا ندارد",
    "seats": "ظرفیت از جای کارِ کارگاه بیشتر است",
    "gender": "جنسیت دوره با واحد یا مکان نمی‌خواند",
    "license": "پروانه اعتبار ندارد یا رشته در آن نیست",
    "fit": "مربی شرایط استاندارد و رأی کمیته ندارد",
    "morning": "سهم موظف صبح مربی پیش از دورهٔ عصر پر نیست",
    "week": "مربی در هفته بیش از اندازه کلاس دارد",
    "shift": "کلاس بیرون از ساعت‌های نوبت دوره است",
    "down": "کارگاه خارج از کار است",
    "standard": "استاندارد از رده خارج است",
}
WHAT_BECOMES = {"refuse": "فرستاده و تأیید نمی‌شود", "warn": "هشدار", "off": "دیده نمی‌شود"}


class ConflictForm(FlaskForm):
    """What becomes of a course that collides in one way, for whom and from when."""

    kind = SelectField(
        "تداخل", [DataRequired("تداخل را انتخاب کنید")], choices=options([("", "انتخاب کنید"), *CONFLICTS.items()])
    )
    scope = SelectField("برای", validate_choice=False)
    value = RadioField(
        "با چنین دوره‌ای چه شود؟", [DataRequired("یکی را انتخاب کنید")], choices=options(list(WHAT_BECOMES.items()))
    )
    valid_from = JalaliDateField(FROM_WHEN, [DAY])
