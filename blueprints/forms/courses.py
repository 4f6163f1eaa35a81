"""Forms about courses: entering one, choosing its standard, and deciding on it."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from blueprints import addresses
from blueprints.forms.fields import ClockField, JalaliDateField, NumberField, RialField, options
from blueprints.forms.signing import SigningForm
from models import Course, Delivery, Gender, Instructor, ReasonText, Setting, Shift, Unit, Workshop
from services import jalali, labels, text
from services.courses import CourseValues, Options

# The field of the form at which a problem of the service's field is shown.
FIELD_OF = {
    "workshop_id": "workshop",
    "instructor_id": "instructor",
    "target_group_id": "target_group",
    "enroll_open_at": "enroll_open_on",
    "enroll_close_at": "enroll_close_on",
}
OPENS, CLOSES = dt.time(8), dt.time(23, 59)
SHORT_ENOUGH = Length(max=600, message="دلیل را در ۶۰۰ حرف بنویسید")
CHOOSE = ("", "انتخاب کنید")
NO_SAVED = ("", "بدون دلیل آماده")


def _member(kind: type[StrEnum]) -> Callable[[Any], StrEnum | None]:
    return lambda raw: kind(raw) if raw in set(kind) else None


def _enum(kind: type[StrEnum], words: Mapping[str, str], label: str, field: Any = SelectField) -> Any:
    choices = [(member.value, words[member.value]) for member in kind]
    if field is SelectField:
        choices.insert(0, CHOOSE)
    return field(label, choices=options(choices), coerce=_member(kind), validate_choice=False)


class CourseForm(FlaskForm):
    """A course as a clerk writes it; nothing is required, because a draft is saved at any point."""

    version = HiddenField()
    workshop = SelectField("محل و کارگاه", coerce=addresses.number, validate_choice=False)
    instructor = SelectField("مربی", coerce=addresses.number, validate_choice=False)
    start_on = JalaliDateField("تاریخ شروع")
    end_on = JalaliDateField("تاریخ پایان", description="اگر خالی بماند، هنگام ذخیره از ساعت‌های استاندارد حساب می‌شود")
    weekdays = SelectMultipleField(
        "روزهای کلاس", coerce=addresses.number, choices=options(list(enumerate(jalali.WEEKDAYS))), validate_choice=False
    )
    start_time = ClockField("ساعت شروع کلاس")
    end_time = ClockField("ساعت پایان کلاس")
    shift = _enum(Shift, labels.SHIFT, "نوبت")
    capacity_min = NumberField("حداقل ظرفیت")
    capacity_max = NumberField("حداکثر ظرفیت")
    gender = _enum(Gender, labels.GENDER, "جنسیت دوره")
    setting = _enum(Setting, labels.SETTING, "بخش اجرا")
    delivery = _enum(Delivery, labels.DELIVERY, "شیوهٔ آموزش")
    target_group = SelectField("گروه هدف", coerce=addresses.number, validate_choice=False)
    age_min = NumberField("حداقل سن")
    age_max = NumberField("حداکثر سن")
    enroll_open_on = JalaliDateField("باز شدن ثبت‌نام")
    enroll_open_time = ClockField("ساعت باز شدن", description="اگر خالی بماند، ۸:۰۰")
    enroll_close_on = JalaliDateField("بسته شدن ثبت‌نام")
    enroll_close_time = ClockField("ساعت بسته شدن", description="اگر خالی بماند، پایان همان روز")
    tuition = RialField("شهریه", description="جدا از اعتبار ثبت‌نام؛ اگر ندارد خالی بگذارید")

    def offer(self, offered: Options) -> None:
        """Fill the lists that depend on the course."""
        workshops = [(workshop.id, _told(workshop)) for workshop in offered.workshops]
        teachers = [(each.id, _named(each, offered.stands(each))) for each in offered.instructors]
        groups = [(group.id, group.title) for group in offered.groups]
        self.workshop.choices = options([CHOOSE, *workshops])
        self.instructor.choices = options([CHOOSE, *teachers])
        self.target_group.choices = options([("", "همه"), *groups])

    def values(self) -> CourseValues:
        """What was written, as the service takes it; after `validate`."""
        return CourseValues(
            workshop_id=self.workshop.data,
            instructor_id=self.instructor.data,
            target_group_id=self.target_group.data,
            setting=self.setting.data,
            delivery=self.delivery.data,
            shift=self.shift.data,
            gender=self.gender.data,
            capacity_min=self.capacity_min.data,
            capacity_max=self.capacity_max.data,
            age_min=self.age_min.data,
            age_max=self.age_max.data,
            start_on=self.start_on.data,
            end_on=self.end_on.data,
            weekdays=sum(1 << day for day in set(self.weekdays.data or ()) if day in labels.ALL_DAYS),
            start_time=self.start_time.data,
            end_time=self.end_time.data,
            enroll_open_at=_moment(self.enroll_open_on.data, self.enroll_open_time.data or OPENS),
            enroll_close_at=_moment(self.enroll_close_on.data, self.enroll_close_time.data or CLOSES),
            tuition_rials=self.tuition.data,
        )

    def validate_enroll_open_time(self, field: ClockField) -> None:
        _needs_its_date(self.enroll_open_on, field)

    def validate_enroll_close_time(self, field: ClockField) -> None:
        _needs_its_date(self.enroll_close_on, field)

    def seen_version(self) -> int:
        return addresses.version(self.version.data)


def shown(course: Course, values: CourseValues) -> dict[str, Any]:
    """The data of a `CourseForm` for these values of a course."""
    opens, closes = values.enroll_open_at, values.enroll_close_at
    plain = {name: getattr(values, name) for name in CourseForm.__dict__ if hasattr(values, name)}
    return plain | {
        "version": course.version,
        "workshop": values.workshop_id,
        "instructor": values.instructor_id,
        "target_group": values.target_group_id,
        "weekdays": labels.days_of(values.weekdays),
        "tuition": values.tuition_rials,
        "enroll_open_on": opens and jalali.tehran(opens).date(),
        "enroll_open_time": opens and jalali.tehran(opens).time(),
        "enroll_close_on": closes and jalali.tehran(closes).date(),
        "enroll_close_time": closes and jalali.tehran(closes).time(),
    }


def _told(workshop: Workshop) -> str:
    down = "، خارج از کار" if workshop.downtime else ""
    return f"{workshop.place.title}، {workshop.title} ({text.persian_digits(workshop.workstations)} جای کار{down})"


def _named(teacher: Instructor, stands: str) -> str:
    name = teacher.person.full_name or "مربی بدون نام"
    return f"{name} ({stands})" if stands else name


def _moment(day: dt.date | None, clock: dt.time) -> dt.datetime | None:
    return jalali.from_tehran(day, clock) if day else None


def _needs_its_date(date_field: JalaliDateField, clock_field: ClockField) -> None:
    if clock_field.data and not date_field.data and not date_field.problem:
        date_field.errors = [*date_field.errors, f"{date_field.label.text} ساعت دارد و تاریخ ندارد"]
        raise ValidationError("تاریخ آن را هم بنویسید")


class StandardForm(FlaskForm):
    """A standard chosen from the catalog; `form_key` makes a repeat harmless."""

    standard = HiddenField(validators=[DataRequired()])
    form_key = HiddenField(validators=[DataRequired(), Length(max=36)])
    version = HiddenField()
    unit = SelectField("دوره از کدام واحد است؟", coerce=addresses.number, validate_choice=False)

    def offer(self, units: Sequence[Unit]) -> None:
        """Ask for the unit where there are several to choose from; nothing is chosen beforehand."""
        if len(units) > 1:
            self.unit.choices = options([CHOOSE, *((unit.id, unit.title) for unit in units)])
        else:
            del self.unit


class DecisionForm(SigningForm):
    """Approve under the signed checklist, return or reject, with a saved reason, own words, or both."""

    version = HiddenField()
    tab = HiddenField()
    next = HiddenField()
    decision = RadioField(
        "تصمیم شما",
        choices=options([("approve", "تأیید"), ("return", "برگشت برای اصلاح"), ("reject", "رد")]),
        validators=[DataRequired("تصمیم خود را انتخاب کنید")],
    )
    saved_reason = SelectField("دلیل آماده", validate_choice=False)
    reason = TextAreaField(
        "چه چیزی باید اصلاح شود؟",
        description="همین متن برای مرکز فرستاده می‌شود",
        filters=[text.clean],
        validators=[SHORT_ENOUGH],
    )

    def offer(self, reasons: Iterable[ReasonText]) -> None:
        """`saved_reason` is sent as a code."""
        self.saved_reason.choices = options([NO_SAVED, *((each.code, each.body) for each in reasons)])


class StepForm(FlaskForm):
    """One step of a course, with a reason where it needs one."""

    version = HiddenField()
    reason = TextAreaField("دلیل", filters=[text.clean], validators=[SHORT_ENOUGH])
    action = ""

    def of(self, action: str) -> None:
        """Say which step it is; a page has a form for each."""
        self.action = action
        self.reason.id = self.reason.label.field_id = f"reason-{action}"
