"""Forms about units. A form checks shape; the service checks the rule."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired

from blueprints import addresses
from blueprints.forms.fields import TidyStringField, options
from models import County, Gender, Province, Unit, UnitKind
from services import labels, submissions
from services.units import UnitValues, values_of

CHOOSE = ("", "انتخاب کنید")
DIRECTORATE_TITLE = "اگر خالی بماند: اداره کل آموزش فنی و حرفه‌ای استان و نام استان"


class UnitForm(FlaskForm):
    """A unit as its keeper writes it; fields that a kind or a level does not have are taken out."""

    version = HiddenField()
    form_key = HiddenField()
    kind = SelectField("نوع واحد", [DataRequired("نوع واحد را انتخاب کنید")], validate_choice=False)
    province = SelectField(
        "استان", [DataRequired("استان را انتخاب کنید")], coerce=addresses.number, validate_choice=False
    )
    title = TidyStringField("نام واحد", [DataRequired("نام واحد را بنویسید")])
    county = SelectField(
        "شهرستان", [DataRequired("شهرستان را انتخاب کنید")], coerce=addresses.number, validate_choice=False
    )
    gender = SelectField("جنسیت", choices=options(labels.GENDER.items()), validate_choice=False)
    phone = TidyStringField("تلفن", render_kw={"dir": "ltr", "type": "tel", "autocomplete": "off", "maxlength": 24})
    office_hours = TidyStringField("ساعت کار", description="مثلاً شنبه تا چهارشنبه ۷:۳۰ تا ۱۴:۳۰")
    address = TidyStringField("نشانی", description="شهر، خیابان و پلاک؛ در صفحهٔ دوره‌ها دیده می‌شود")

    def for_new_local(self, kinds: Sequence[UnitKind], counties: Sequence[County]) -> None:
        """A center, academy or counter of the keeper's province."""
        del self.version, self.province
        self._offer_key()
        self.kind.choices = options([CHOOSE, *((kind.value, labels.UNIT_KIND[kind]) for kind in kinds)])
        self._offer_counties(counties)
        self.gender.data = self.gender.data or Gender.MIXED.value

    def for_new_directorate(self, provinces: Sequence[Province]) -> None:
        del self.version, self.kind, self.county, self.gender
        self._offer_key()
        self.title.description, self.title.validators = DIRECTORATE_TITLE, ()
        self.province.choices = options([CHOOSE, *((province.id, province.title) for province in provinces)])

    def for_edit(self, unit: Unit, counties: Sequence[County]) -> None:
        del self.form_key, self.kind, self.province
        if unit.kind not in (UnitKind.CENTER, UnitKind.ACADEMY):
            del self.gender
        if unit.province_id is None:
            del self.county
        else:
            if unit.kind is UnitKind.DIRECTORATE:
                self.county.validators = ()  # its province is its place
            self._offer_counties(counties)

    def values(self, unit: Unit | None = None) -> UnitValues:
        """What was written; what the form does not ask stays as the unit has it."""
        stored = values_of(unit) if unit else UnitValues("")
        gender = self.gender.data if "gender" in self else stored.gender
        return UnitValues(
            title=self.title.data or "",
            county_id=self.county.data if "county" in self else stored.county_id,
            gender=Gender(gender) if gender in set(Gender) else Gender.MIXED,
            phone=self.phone.data,
            address=self.address.data,
            office_hours=self.office_hours.data,
        )

    def _offer_key(self) -> None:
        self.form_key.data = submissions.key_of(self.form_key.data)

    def _offer_counties(self, counties: Sequence[County]) -> None:
        several = len({county.province_id for county in counties}) > 1
        named = [(c.id, f"{c.title} ({c.province.title})" if several else c.title) for c in counties]
        self.county.choices = options([CHOOSE, *named])


class SwitchForm(FlaskForm):
    """Why a unit is switched off."""

    reason = TextAreaField("دلیل", description="برای همکارانی که بعد می‌پرسند؛ در همین صفحه می‌ماند")
