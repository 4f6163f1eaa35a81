"""A course as a clerk writes it, part by part; nothing is required, because a draft is saved at any point."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import Length, ValidationError

from blueprints import addresses
from blueprints.forms.fields import ClockField, JalaliDateField, NumberField, RialField, options
from models import Agreement, Delivery, Gender, Instructor, Setting, Shift, Trigger, Workshop
from services import jalali, labels, text
from services.courses import CourseValues, Options

OPENS, CLOSES = dt.time(8), dt.time(23, 59)
CHOOSE = ("", "انتخاب کنید")
# The field of the forms at which a field of a course is written, where it has another name.
FIELD_OF = {
    "place_id": "place",
    "workshop_id": "workshop",
    "instructor_id": "instructor",
    "co_instructors": "co_1",
    "target_group_id": "target_group",
    "agreement_id": "agreement",
    "enroll_open_at": "enroll_open_on",
    "enroll_close_at": "enroll_close_on",
    "tuition_rials": "tuition",
}


def _member(kind: type[StrEnum]) -> Callable[[Any], StrEnum | None]:
    return lambda raw: kind(raw) if raw in set(kind) else None


def _enum(kind: type[StrEnum], words: Mapping[str, str], label: str) -> SelectField:
    choices = [CHOOSE, *((member.value, words[member.value]) for member in kind)]
    return SelectField(label, choices=options(choices), coerce=_member(kind), validate_choice=False)


def _row(label: str) -> SelectField:
    """A choice of one row; the list is filled by `offer`."""
    return SelectField(label, coerce=addresses.number, validate_choice=False)


class PartForm(FlaskForm):
    """One part of a course; `version` is the version of the course that the page has shown, `page` its own key."""

    version = HiddenField()
    page = HiddenField(validators=[Length(max=36)])

    def offer(self, offered: Options) -> None:
        """Fill the lists that depend on the course."""

    def values(self) -> dict[str, Any]:
        """What was written, as the service takes it; after `validate`."""
        raise NotImplementedError

    def seen_version(self) -> int:
        return addresses.version(self.version.data)

    def at(self, name: str) -> Field | None:
        """The field at which a field of a course is written; None when it is not of this part."""
        name = FIELD_OF.get(name, name)
        return self._fields.get(name)

    def _plain(self, *names: str) -> dict[str, Any]:
        return {name: self[name].data for name in names}


class TimeForm(PartForm):
    """When and where."""

    place = _row("محل برگزاری")
    setting = _enum(Setting, labels.SETTING, "بخش اجرا")
    delivery = _enum(Delivery, labels.DELIVERY, "شیوهٔ آموزش")
    start_on = JalaliDateField("تاریخ شروع")
    shift = _enum(Shift, labels.SHIFT, "نوبت")
    weekdays = SelectMultipleField(
        "روزهای کلاس", coerce=addresses.number, choices=options(list(enumerate(jalali.WEEKDAYS))), validate_choice=False
    )
    start_time = ClockField("ساعت شروع کلاس")
    end_time = ClockField("ساعت پایان کلاس")
    end_on = JalaliDateField("تاریخ پایان", description="از ساعت‌های استاندارد، روزها و تعطیلی‌ها حساب می‌شود")

    def offer(self, offered: Options) -> None:
        self.place.choices = options([CHOOSE, *((place.id, place.title) for place in offered.places)])

    def values(self) -> dict[str, Any]:
        days = sum(1 << day for day in set(self.weekdays.data or ()) if day in labels.ALL_DAYS)
        plain = self._plain("setting", "delivery", "shift", "start_on", "end_on", "start_time", "end_time")
        return plain | {"place_id": self.place.data, "weekdays": days}


class WorkshopForm(PartForm):
    """In which workshop, for how many."""

    workshop = _row("کارگاه")
    capacity_min = NumberField("حداقل ظرفیت")
    capacity_max = NumberField("حداکثر ظرفیت")

    def offer(self, offered: Options) -> None:
        rooms = [(workshop.id, _told(workshop)) for workshop in offered.workshops]
        self.workshop.choices = options([CHOOSE, *rooms])

    def values(self) -> dict[str, Any]:
        return self._plain("capacity_min", "capacity_max") | {"workshop_id": self.workshop.data}


class TeacherForm(PartForm):
    """Who teaches, and who teaches parts of it."""

    instructor = _row("مربی")
    co_1 = _row("مربی همکار ۱")
    hours_1 = NumberField("ساعت تدریس مربی همکار ۱")
    co_2 = _row("مربی همکار ۲")
    hours_2 = NumberField("ساعت تدریس مربی همکار ۲")
    co_3 = _row("مربی همکار ۳")
    hours_3 = NumberField("ساعت تدریس مربی همکار ۳")

    def offer(self, offered: Options) -> None:
        teachers = [(each.id, _named(each, offered.stands(each))) for each in offered.instructors]
        self.instructor.choices = options([CHOOSE, *teachers])
        for co, _ in self.pairs():
            co.choices = options([("", "هیچ‌کس"), *teachers])

    def pairs(self) -> Iterator[tuple[SelectField, NumberField]]:
        """Each co-instructor with the hours."""
        return iter([(self.co_1, self.hours_1), (self.co_2, self.hours_2), (self.co_3, self.hours_3)])

    def values(self) -> dict[str, Any]:
        team = tuple((co.data, (hours.data or 0) * 60) for co, hours in self.pairs() if co.data)
        return {"instructor_id": self.instructor.data, "co_instructors": team}


class TermsForm(PartForm):
    """For whom, at whose request, until when and for how much."""

    gender = _enum(Gender, labels.GENDER, "جنسیت دوره")
    target_group = _row("گروه هدف")
    age_min = NumberField("حداقل سن")
    age_max = NumberField("حداکثر سن")
    start_trigger = _enum(Trigger, labels.TRIGGER, "سبب برگزاری")
    agreement = _row("متقاضی و قرارداد")
    enroll_open_on = JalaliDateField("باز شدن ثبت‌نام")
    enroll_open_time = ClockField("ساعت باز شدن", description="اگر خالی بماند، ۸:۰۰")
    enroll_close_on = JalaliDateField("بسته شدن ثبت‌نام")
    enroll_close_time = ClockField("ساعت بسته شدن", description="اگر خالی بماند، پایان همان روز")
    tuition = RialField("شهریه", description="جدا از اعتبار ثبت‌نام؛ اگر ندارد خالی بگذارید")

    def offer(self, offered: Options) -> None:
        groups = [(group.id, group.title) for group in offered.groups]
        agreements = [(each.id, _agreed(each)) for each in offered.agreements]
        self.target_group.choices = options([("", "همه"), *groups])
        self.agreement.choices = options([("", "متقاضی خاصی ندارد"), *agreements])

    def values(self) -> dict[str, Any]:
        opens = _moment(self.enroll_open_on.data, self.enroll_open_time.data or OPENS)
        closes = _moment(self.enroll_close_on.data, self.enroll_close_time.data or CLOSES)
        return self._plain("gender", "age_min", "age_max", "start_trigger") | {
            "target_group_id": self.target_group.data,
            "agreement_id": self.agreement.data,
            "tuition_rials": self.tuition.data,
            "enroll_open_at": opens,
            "enroll_close_at": closes,
        }

    def validate_enroll_open_time(self, field: ClockField) -> None:
        _needs_its_date(self.enroll_open_on, field)

    def validate_enroll_close_time(self, field: ClockField) -> None:
        _needs_its_date(self.enroll_close_on, field)


FORMS: dict[str, type[PartForm]] = {
    "time": TimeForm,
    "workshop": WorkshopForm,
    "teacher": TeacherForm,
    "terms": TermsForm,
}


def shown(version: int, values: CourseValues) -> dict[str, Any]:
    """The data of any of the forms for these values of a course."""
    opens, closes = values.enroll_open_at, values.enroll_close_at
    named = {FIELD_OF.get(name, name): value for name, value in vars(values).items()}
    team = {f"co_{n}": who for n, (who, _) in enumerate(values.co_instructors, 1)}
    hours = {f"hours_{n}": minutes // 60 for n, (_, minutes) in enumerate(values.co_instructors, 1)}
    return {**named, "co_1": None, **team, **hours} | {
        "version": version,
        "weekdays": labels.days_of(values.weekdays),
        "enroll_open_on": opens and jalali.tehran(opens).date(),
        "enroll_open_time": opens and jalali.tehran(opens).time(),
        "enroll_close_on": closes and jalali.tehran(closes).date(),
        "enroll_close_time": closes and jalali.tehran(closes).time(),
    }


def note(form: PartForm, said: Mapping[str, Sequence[str]]) -> None:
    """Put sentences at the fields they are about, above what is written there."""
    for name, sentences in said.items():
        field = form.at(name)
        if field is not None and sentences:
            field.description = "؛ ".join(part for part in (str(field.description), *sentences) if part)


def _told(workshop: Workshop) -> str:
    down = "، خارج از کار" if workshop.downtime else ""
    return f"{workshop.place.title}، {workshop.title} ({text.persian_digits(workshop.workstations)} جای کار{down})"


def _named(teacher: Instructor, stands: str) -> str:
    name = teacher.person.full_name or "مربی بدون نام"
    return f"{name} ({stands})" if stands else name


def _agreed(agreement: Agreement) -> str:
    return f"{agreement.organization.title}، شمارهٔ {text.persian_digits(agreement.number)}"


def _moment(day: dt.date | None, clock: dt.time) -> dt.datetime | None:
    return jalali.from_tehran(day, clock) if day else None


def _needs_its_date(date_field: JalaliDateField, clock_field: ClockField) -> None:
    if clock_field.data and not date_field.data and not date_field.problem:
        date_field.errors = [*date_field.errors, f"{date_field.label.text} ساعت دارد و تاریخ ندارد"]
        raise ValidationError("تاریخ آن را هم بنویسید")
