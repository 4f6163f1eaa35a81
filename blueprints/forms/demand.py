"""Forms about demand: what somebody asks for, and where a planner lets it be held."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired

from blueprints import addresses
from blueprints.forms.fields import MobileField, NationalCodeField, options
from models import Shift, SkillStandard
from services import labels
from services.demands import Ask, Host
from services.text import persian_digits

ANY_SHIFT = ("", "هر نوبتی")


class DemandForm(FlaskForm):
    """What is asked for, and by whom unless somebody is signed in; `q` and `province` are how it was found."""

    q = HiddenField()
    province = HiddenField()
    standard = RadioField("کدام مهارت؟", [DataRequired("مهارت را از فهرست انتخاب کنید")], validate_choice=False)
    county = SelectField("شهرستان شما", [DataRequired("شهرستان خود را انتخاب کنید")], validate_choice=False)
    shift = SelectField(
        "نوبت",
        choices=options([ANY_SHIFT, *labels.SHIFT.items()]),
        description="فقط اگر در نوبت دیگری نمی‌توانید بیایید، یکی را انتخاب کنید",
    )
    national_code = NationalCodeField("کد ملی", [DataRequired("کد ملی خود را بنویسید")])
    mobile = MobileField(
        "تلفن همراه",
        [DataRequired("شماره تلفن همراه خود را بنویسید")],
        description="به نام خودتان باشد",
    )

    def narrow(self, *, known: bool) -> None:
        """Who is signed in types nothing about themselves."""
        if known and "mobile" in self:
            del self.national_code, self.mobile

    def offer(self, found: Sequence[SkillStandard], counties: Sequence[tuple[str, str]]) -> None:
        self.standard.choices = options((row.code, f"{row.title} ({row.field.title})") for row in found)
        self.county.choices = options([("", "انتخاب کنید"), *counties])

    def wanted(self) -> Ask:
        return Ask(self.standard.data, self.county.data, Shift(self.shift.data) if self.shift.data else None)


class OpenForm(FlaskForm):
    """In which unit a course of what is asked for is to be held."""

    form_key = HiddenField()
    unit = RadioField("در کدام واحد؟", coerce=addresses.number, validate_choice=False)

    def offer(self, hosts: Sequence[Host]) -> None:
        said = []
        for host in hosts:
            rooms = f"{persian_digits(host.workshops)} کارگاه"
            said.append((host.unit_id, "، ".join(part for part in (host.title, host.county_title, rooms) if part)))
        self.unit.choices = options(said)
        if len(hosts) == 1 and self.unit.data is None:
            self.unit.data = hosts[0].unit_id
