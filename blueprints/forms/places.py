"""Forms about places and workshops. A form checks shape; the service checks the rule."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired

from blueprints import addresses
from blueprints.forms.fields import JalaliDateField, NumberField, TidyStringField, TypedField, options
from models import Area, County, Gender, Instructor, Ownership, PlaceKind, Unit
from services import labels, submissions, text
from services.places import PlaceValues, WorkshopValues

CHOOSE, UNSAID = ("", "انتخاب کنید"), ("", "ثبت نشده")
CODE = {"dir": "ltr", "autocomplete": "off"}
OF_A_ROW: dict[str, Any] = {"coerce": addresses.number, "validate_choice": False}
PHONE = CODE | {"type": "tel", "maxlength": 24}


class PointField(TypedField):
    """Latitude and longitude in one line, as maps copy them; `data` is the pair."""

    attributes = {"dir": "ltr", "autocomplete": "off", "maxlength": 60}

    def read(self, typed: str) -> tuple[Decimal, Decimal] | None:
        found = re.findall(r"[0-9]{1,3}(?:[.٫][0-9]{1,12})?", text.digits(typed))
        rest = re.sub(r"[0-9.٫,،;\s°NEgeo:\u200b-\u200f]", "", text.digits(typed))
        if len(found) != 2 or rest:
            return None
        latitude, longitude = (Decimal(number.replace("٫", ".")) for number in found)
        return latitude, longitude

    def why_not(self, typed: str) -> str:
        return "عرض و طول را با نقطهٔ اعشار و یک ویرگول میان آن‌ها بنویسید؛ مثلاً 36.8427, 54.4439"

    def show(self, data: tuple[Decimal, Decimal]) -> str:
        return ", ".join(str(number) for number in data)


class PlaceForm(FlaskForm):
    """A place as its unit writes it; `unit` is asked of whoever keeps several."""

    version = HiddenField()
    form_key = HiddenField()
    unit = SelectField("مکان برای کدام واحد است؟", **OF_A_ROW)
    title = TidyStringField("نام مکان", [DataRequired("نام مکان را بنویسید")])
    kind = SelectField("نوع مکان", choices=options(labels.PLACE_KIND.items()))
    code = TidyStringField("کد مکان", description="اگر مرکز به مکان‌ها شماره داده است", render_kw=CODE)
    gender = SelectField("برای", choices=options(labels.GENDER.items()))
    capacity = NumberField("گنجایش (نفر)")
    area_m2 = NumberField("مساحت (متر مربع)")
    county_id = SelectField("شهرستان", [DataRequired("شهرستان را انتخاب کنید")], **OF_A_ROW)
    area = SelectField("بافت", choices=options([UNSAID, *labels.AREA.items()]))
    district = TidyStringField("بخش")
    village = TidyStringField("روستا")
    address = TidyStringField("نشانی", description="شهر، خیابان و پلاک")
    postal_code = TidyStringField("کد پستی", render_kw=CODE | {"inputmode": "numeric"})
    postal_code_sure = BooleanField("این کد پستی درست است و همین‌گونه ثبت شود")
    postal_code_asked = HiddenField()  # the code to which that is the answer
    phone = TidyStringField("تلفن", render_kw=PHONE)
    point = PointField("عرض و طول جغرافیایی", description="از نقشهٔ گوشی بردارید؛ مثلاً 36.8427, 54.4439")
    ownership = SelectField("مالکیت", choices=options([UNSAID, *labels.OWNERSHIP.items()]))
    contract_no = TidyStringField("شمارهٔ قرارداد یا تفاهم‌نامه")
    safety_checked_on = JalaliDateField("تاریخ بازدید ایمنی")

    def for_new(self, units: Sequence[Unit]) -> None:
        del self.version
        self.form_key.data = submissions.key_of(self.form_key.data)
        if len(units) > 1:
            self.unit.choices = options([CHOOSE, *((unit.id, unit.title) for unit in units)])
        else:
            del self.unit

    def for_edit(self) -> None:
        del self.form_key, self.unit

    def offer(self, counties: Sequence[County]) -> None:
        self.county_id.choices = options([CHOOSE, *((county.id, county.title) for county in counties)])


class WorkshopForm(FlaskForm):
    """A workshop as its unit writes it."""

    version = HiddenField()
    form_key = HiddenField()
    title = TidyStringField("نام کارگاه", [DataRequired("نام کارگاه را بنویسید")])
    workstations = NumberField("تعداد جای کار", description="ظرفیت دوره از این بیشتر نمی‌شود")
    area_m2 = NumberField("مساحت (متر مربع)")
    responsible_id = SelectField("مربی مسئول", **OF_A_ROW)
    has_power = BooleanField("برق")
    has_water = BooleanField("آب")
    has_gas = BooleanField("گاز")
    has_ventilation = BooleanField("تهویه")
    has_protective_gear = BooleanField("لوازم حفاظت فردی")
    shifts = SelectMultipleField("نوبت‌ها", choices=options(labels.SHIFT.items()))

    def for_new(self) -> None:
        del self.version
        self.form_key.data = submissions.key_of(self.form_key.data)

    def for_edit(self) -> None:
        del self.form_key

    def offer(self, teachers: Sequence[Instructor]) -> None:
        """Active instructors; whoever was responsible and is active no more has to be replaced."""
        named = [(teacher.id, teacher.person.full_name or "بی‌نام") for teacher in teachers]
        self.responsible_id.choices = options([UNSAID, *named])

    def values(self) -> WorkshopValues:
        given: dict[str, Any] = {"title": self.title.data or "", "workstations": self.workstations.data or 0}
        flags = ("has_power", "has_water", "has_gas", "has_ventilation", "has_protective_gear")
        given |= {name: bool(self[name].data) for name in flags}
        given |= {"area_m2": self.area_m2.data, "responsible_id": self.responsible_id.data}
        return WorkshopValues(**given, shifts=",".join(self.shifts.data or ()))


class SwitchForm(FlaskForm):
    """Why a place or a workshop is taken out of use."""

    reason = TextAreaField("دلیل", description="برای همکارانی که بعد می‌پرسند؛ در تاریخچه می‌ماند")


def place_values(form: PlaceForm) -> PlaceValues:
    """What was written; the shape has been checked."""
    latitude, longitude = form.point.data or (None, None)
    names = ("code", "county_id", "district", "village", "address", "postal_code", "phone", "area_m2", "capacity")
    return PlaceValues(
        title=form.title.data or "",
        kind=PlaceKind(form.kind.data),
        gender=Gender(form.gender.data),
        area=Area(form.area.data) if form.area.data else None,
        ownership=Ownership(form.ownership.data) if form.ownership.data else None,
        latitude=latitude,
        longitude=longitude,
        contract_no=form.contract_no.data,
        safety_checked_on=form.safety_checked_on.data,
        **{name: form[name].data for name in names},
    )


def ask_about_postal_code(form: PlaceForm, odd: str) -> None:
    """Ask about what is written now, whatever an earlier yes was said to."""
    form.postal_code_asked.data, form.postal_code_sure.data = form.postal_code.data, False
    form.postal_code_sure.errors = [f"{odd}. اگر همین درست است این خانه را علامت بزنید"]


def sure_of(form: PlaceForm) -> str:
    """The postal code that was asked about and is said to be right."""
    return (form.postal_code_asked.data or "")[:20] if form.postal_code_sure.data else ""


def filled_place(values: PlaceValues, version: int) -> PlaceForm:
    """The form as it stands with these values."""
    shown = {name: getattr(value, "value", value) or "" for name, value in vars(values).items()}
    shown |= {name: getattr(values, name) for name in ("county_id", "area_m2", "capacity", "safety_checked_on")}
    point = (values.latitude, values.longitude) if values.latitude is not None else None
    form = PlaceForm(formdata=None, data=shown | {"point": point, "version": version})
    form.for_edit()
    return form


def filled_workshop(values: WorkshopValues, version: int) -> WorkshopForm:
    """The form as it stands with these values."""
    shown = vars(values) | {"shifts": (values.shifts or "").split(","), "version": version}
    form = WorkshopForm(formdata=None, data=shown)
    form.for_edit()
    return form
