"""Forms about instructors and the rows of their files. A form checks shape; the service checks the rule."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from blueprints import addresses
from blueprints.forms.fields import (
    JalaliDateField,
    MobileField,
    NationalCodeField,
    NumberField,
    TidyStringField,
    TypedField,
    options,
)
from blueprints.forms.keyed import KeyedForm
from models import Degree, EmploymentKind, ExperienceKind, Gender, MaritalStatus, MilitaryStatus, RecordKind, Unit
from services import text
from services.foreigners import KINDS as KINDS_OF_PAPER
from services.instructors import wording
from services.instructors.labels import DEGREE, EMPLOYMENT, EXPERIENCE, LABEL, MARITAL, MILITARY
from services.instructors.offers import Choices
from services.instructors.taking_on import NewInstructor
from services.instructors.values import KINDS, LONGEST, ProfileValues, Values

CHOOSE, UNSAID = ("", "انتخاب کنید"), ("", "ثبت نشده")
CODE = {"dir": "ltr", "autocomplete": "off"}
GENDERS = (("", "انتخاب کنید"), (Gender.FEMALE.value, "زن"), (Gender.MALE.value, "مرد"))
ENUMS = {"employment": EmploymentKind, "degree": Degree, "experience": ExperienceKind}


class GpaField(TypedField):
    """An average of twenty with two decimals; `data` is in hundredths."""

    def read(self, typed: str) -> int | None:
        match = re.fullmatch(
            r"([0-9]{1,2})(?:[.٫/]([0-9]{1,2}))?", re.sub(r"[\s\u200c-\u200f]", "", text.digits(typed))
        )
        return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else None

    def why_not(self, typed: str) -> str:
        return "معدل را مانند ۱۷٫۲۵ بنویسید"

    def show(self, data: int) -> str:
        return wording.gpa(data)


class FileForm(KeyedForm):
    """A photo or paper of a row."""

    file = FileField("عکس یا سند")


class PhotoForm(KeyedForm):
    """The portrait."""

    file = FileField("عکس پرسنلی")


class IdentityForm(KeyedForm):
    """A paper that says who a foreigner is; it stands beside the form of the portrait."""

    file = FileField("تصویر مدرک", id="identity-file")


class FieldsForm(FlaskForm):
    """The fields in which an instructor teaches."""

    fields = SelectMultipleField("رشته‌های تدریس", coerce=addresses.number, validate_choice=False)

    def offer(self, fields: Sequence[Any]) -> None:
        self.fields.choices = options([(field.id, field.title) for field in fields])


class CodeForm(KeyedForm):
    """By which of two codes somebody is known."""

    national_code = NationalCodeField("کد ملی")
    foreign_code = TidyStringField(
        "کد اتباع", description="۸ تا ۱۲ رقم، از روی مدرک", render_kw=CODE | {"maxlength": 20}
    )
    foreign_kind = SelectField(
        "این کد روی کدام مدرک است؟", choices=options([CHOOSE, *KINDS_OF_PAPER.items()]), validate_choice=False
    )

    def validate_national_code(self, field: NationalCodeField) -> None:
        if not field.data and not self.foreign_code.data:
            raise ValidationError("کد ملی را بنویسید")


class TakeOnForm(CodeForm):
    """A new instructor; what is known of the person already is not asked to be right here."""

    unit = SelectField("مربی کدام واحد است؟", coerce=addresses.number, validate_choice=False)
    first_name = TidyStringField("نام", [DataRequired("نام را بنویسید")], render_kw={"maxlength": 80})
    last_name = TidyStringField("نام خانوادگی", [DataRequired("نام خانوادگی را بنویسید")], render_kw={"maxlength": 80})
    father_name = TidyStringField("نام پدر", render_kw={"maxlength": 80})
    gender = SelectField("جنسیت", choices=options(GENDERS), validate_choice=False)
    birth_date = JalaliDateField("تاریخ تولد")
    mobile = MobileField("تلفن همراه", description="به نام خود مربی")
    started_on = JalaliDateField("روز آغاز همکاری", description="خالی یعنی امروز")
    fields = SelectMultipleField("رشته‌های تدریس", coerce=addresses.number, validate_choice=False)

    def offer(self, units: Sequence[Unit], fields: Sequence[Any]) -> None:
        self.prepare()
        self.fields.choices = options([(field.id, field.title) for field in fields])
        if len(units) > 1:
            self.unit.choices = options([CHOOSE, *((unit.id, unit.title) for unit in units)])
        else:
            del self.unit

    def new(self) -> NewInstructor:
        gender = self.gender.data
        return NewInstructor(
            national_code=self.national_code.data or "",
            foreign_code=self.foreign_code.data or "",
            foreign_kind=self.foreign_kind.data or "",
            first_name=self.first_name.data or "",
            last_name=self.last_name.data or "",
            father_name=self.father_name.data or "",
            gender=Gender(gender) if gender in ("female", "male") else None,
            birth_date=self.birth_date.data,
            mobile=self.mobile.data or "",
            started_on=self.started_on.data,
            field_ids=[each for each in self.fields.data or () if each],
            unit_id=self.unit.data if "unit" in self else None,
        )


class EndForm(FlaskForm):
    """The last day of an employment in a unit, and why."""

    last_day = JalaliDateField("آخرین روز همکاری", [DataRequired("آخرین روز را بنویسید")])
    reason = TextAreaField("دلیل", description="در تاریخچه می‌ماند")


class MoveForm(KeyedForm):
    """Where an instructor is to go, from which day on."""

    to_unit = SelectField(
        "به کدام واحد؟", [DataRequired("واحد مقصد را انتخاب کنید")], coerce=addresses.number, validate_choice=False
    )
    on_date = JalaliDateField("از چه روزی؟", [DataRequired("روز جابه‌جایی را بنویسید")])
    reason = TextAreaField("دلیل", description="واحد مقصد و استان آن را می‌بینند")

    def offer(self, units: Sequence[Unit]) -> None:
        self.prepare()
        self.to_unit.choices = options([CHOOSE, *((unit.id, unit.title) for unit in units)])


class RefuseForm(FlaskForm):
    """Why a move is refused."""

    reason = TextAreaField("دلیل نپذیرفتن", description="واحد فرستنده آن را می‌بیند")


class ProfileForm(FlaskForm):
    """The personal part of a file."""

    version = HiddenField()
    birth_place = TidyStringField(LABEL["birth_place"])
    marital = SelectField(LABEL["marital"], choices=options([UNSAID, *MARITAL.items()]), validate_choice=False)
    military = SelectField(LABEL["military"], choices=options([UNSAID, *MILITARY.items()]), validate_choice=False)
    phone = TidyStringField(LABEL["phone"], render_kw={**CODE, "type": "tel"})
    email = TidyStringField(LABEL["email"], render_kw={**CODE, "type": "email", "inputmode": "email"})
    postal_code = TidyStringField(LABEL["postal_code"], render_kw={**CODE, "inputmode": "numeric"})
    address = TidyStringField(LABEL["address"], description="شهر، خیابان، کوچه و پلاک")
    work_permit_no = TidyStringField(
        LABEL["work_permit_no"], description="برای مربیانی که ایرانی نیستند", render_kw=CODE
    )
    work_permit_until = JalaliDateField(LABEL["work_permit_until"])

    def values(self) -> ProfileValues:
        given: dict[str, Any] = {name: self[name].data for name in vars(ProfileValues())}
        given["marital"] = MaritalStatus(given["marital"]) if given["marital"] in set(MaritalStatus) else None
        given["military"] = MilitaryStatus(given["military"]) if given["military"] in set(MilitaryStatus) else None
        return ProfileValues(**given)


def filled_profile(values: ProfileValues, version: int) -> ProfileForm:
    """The form as it stands with these values."""
    return ProfileForm(formdata=None, data=_shown(vars(values)) | {"version": version})


# -- Rows of a file ----------------------------------------------------------------


def needed(label: str, **options: Any) -> TidyStringField:
    """A text that a row is nothing without; said here already, with whatever else is wrong."""
    return TidyStringField(label, [DataRequired(f"{label} را بنویسید")], **options)


class RecordForm(KeyedForm):
    """A row of a file; each kind has its own fields, called as what they say."""

    version = HiddenField()

    def offer(self, choices: Choices) -> None:
        """Fields and standards of the catalog, where the kind asks for one."""


def _chosen(name: str, words: dict[str, str], missing: str) -> Any:
    """A choice that nobody has made for the writer: what stands in a file was meant."""
    return SelectField(LABEL[name], [InputRequired(missing)], choices=options([CHOOSE, *words.items()]))


class EmploymentForm(RecordForm):
    employment = _chosen("employment", EMPLOYMENT, "نوع استخدام را انتخاب کنید")
    employer = needed(LABEL["employer"])
    personnel_no = TidyStringField(LABEL["personnel_no"], render_kw=CODE)
    post = TidyStringField(LABEL["post"])
    hired_on = JalaliDateField(LABEL["hired_on"], [DataRequired("تاریخ استخدام را بنویسید")])
    ended_on = JalaliDateField(LABEL["ended_on"], description="اگر همکاری ادامه دارد خالی بماند")
    morning_hours = NumberField(LABEL["morning_hours"])
    evening_hours = NumberField(LABEL["evening_hours"])


class EducationForm(RecordForm):
    degree = _chosen("degree", DEGREE, "مدرک را انتخاب کنید")
    study_field = needed(LABEL["study_field"], description="همان‌گونه که در مدرک نوشته است")
    university = TidyStringField(LABEL["university"])
    graduated_on = JalaliDateField(LABEL["graduated_on"], [DataRequired("تاریخ دانش‌آموختگی را بنویسید")])
    gpa_hundredths = GpaField(LABEL["gpa_hundredths"], description="از ۲۰؛ مثلاً ۱۷٫۲۵")


class _OfStandard(RecordForm):
    def offer(self, choices: Choices) -> None:
        none = CHOOSE if self.standard_id.flags.required else ("", "بدون استاندارد")
        self.standard_id.choices = options([none, *choices.standards])


class RetrainingForm(_OfStandard):
    title = needed(LABEL["title"])
    provider = needed(LABEL["provider"], description="مثلاً مرکز تربیت مربی")
    hours = NumberField(LABEL["hours"], [InputRequired("ساعت دوره را بنویسید")])
    started_on = JalaliDateField(LABEL["started_on"], [DataRequired("روز آغاز را بنویسید")])
    ended_on = JalaliDateField(LABEL["ended_on"], [DataRequired("روز پایان را بنویسید")])
    standard_id = SelectField(LABEL["standard_id"], coerce=addresses.number, validate_choice=False)
    certificate_no = TidyStringField(LABEL["certificate_no"], render_kw=CODE)


class ExperienceForm(RecordForm):
    experience = _chosen("experience", EXPERIENCE, "نوع تجربه را انتخاب کنید")
    field_id = SelectField(
        LABEL["field_id"], [DataRequired("رشته را انتخاب کنید")], coerce=addresses.number, validate_choice=False
    )
    workplace = needed(LABEL["workplace"])
    started_on = JalaliDateField(LABEL["started_on"], [DataRequired("روز آغاز را بنویسید")])
    ended_on = JalaliDateField(LABEL["ended_on"], description="اگر هنوز آن‌جا هستید خالی بماند")

    def offer(self, choices: Choices) -> None:
        self.field_id.choices = options([CHOOSE, *choices.fields])


class CardForm(RecordForm):
    number = needed("شمارهٔ کارت", render_kw=CODE)
    issued_on = JalaliDateField(LABEL["issued_on"], [DataRequired("تاریخ صدور را بنویسید")])
    expires_on = JalaliDateField(LABEL["expires_on"], [DataRequired("پایان اعتبار را بنویسید")])


class CertificateForm(_OfStandard):
    title = needed("عنوان گواهینامه")
    standard_id = SelectField(LABEL["standard_id"], coerce=addresses.number, validate_choice=False)
    number = needed("شمارهٔ گواهینامه", render_kw=CODE)
    issued_on = JalaliDateField(LABEL["issued_on"], [DataRequired("تاریخ صدور را بنویسید")])


class RulingForm(_OfStandard):
    standard_id = SelectField(
        LABEL["standard_id"],
        [DataRequired("استانداردی را که رأی دربارهٔ آن است انتخاب کنید")],
        coerce=addresses.number,
        validate_choice=False,
    )
    number = needed("شمارهٔ رأی", render_kw=CODE)
    ruled_on = JalaliDateField(LABEL["ruled_on"], [DataRequired("تاریخ رأی را بنویسید")])
    valid_until = JalaliDateField(LABEL["valid_until"], description="اگر رأی مدت ندارد خالی بماند")


FORMS: dict[RecordKind, Callable[..., RecordForm]] = {
    RecordKind.EMPLOYMENT: EmploymentForm,
    RecordKind.EDUCATION: EducationForm,
    RecordKind.RETRAINING: RetrainingForm,
    RecordKind.EXPERIENCE: ExperienceForm,
    RecordKind.CARD: CardForm,
    RecordKind.CERTIFICATE: CertificateForm,
    RecordKind.RULING: RulingForm,
}


def record_form(kind: RecordKind, choices: Choices) -> RecordForm:
    """The form as it was sent, or an empty one."""
    form: RecordForm = FORMS[kind]().prepare()
    form.offer(choices)
    return form


def filled_record(kind: RecordKind, choices: Choices, values: Values, version: int) -> RecordForm:
    """The form as it stands with these values."""
    form = FORMS[kind](formdata=None, data=_shown(vars(values)) | {"version": version}).prepare()
    form.offer(choices)
    return form


def record_values(kind: RecordKind, form: RecordForm) -> Values:
    """What was written; the shape has been checked."""
    made = KINDS[kind][1]
    given: dict[str, Any] = {name: form[name].data for name in made.__dataclass_fields__}
    for name, enum in ENUMS.items():
        if name in given:
            given[name] = enum(given[name])
    for name in ("morning_hours", "evening_hours"):
        if name in given:
            given[name] = given[name] or 0
    return made(**given)


def own_fields(form: FlaskForm) -> list[Any]:
    """The fields that a person sees, in their order, each with how long it may be."""
    seen = [field for field in form if field.type not in ("HiddenField", "CSRFTokenField")]
    for field in seen:
        if field.name in LONGEST and not isinstance(field, SelectField):
            field.render_kw = {"maxlength": LONGEST[field.name], **(field.render_kw or {})}
    return seen


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(value, "value", value) for name, value in values.items()}
