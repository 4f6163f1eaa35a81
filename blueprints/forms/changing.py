"""Forms about changes of approved courses: new values, the end of a course, and the decision on either."""

from collections.abc import Collection, Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from blueprints import addresses
from blueprints.forms import course_parts
from blueprints.forms.course_parts import FIELD_OF, TeacherForm, TermsForm, TimeForm, WorkshopForm
from blueprints.forms.fields import options
from models import Course, CourseChange
from services import course_changes, courses, jalali, labels, text
from services.changes import THEIRS, Difference
from services.course_changes import Wish
from services.course_changes.wording import ACTION
from services.courses import Options

SHORT_ENOUGH = Length(max=500, message="دلیل را در ۵۰۰ حرف بنویسید")
# What is written of each field of a course: two inputs for a moment, one for anything else.
INPUTS = {
    "enroll_open_at": ("enroll_open_on", "enroll_open_time"),
    "enroll_close_at": ("enroll_close_on", "enroll_close_time"),
}


class ListsForm(WorkshopForm, TeacherForm, TermsForm):
    """The lists of a course, whichever of its fields a form has kept."""

    def offer(self, offered: Options) -> None:
        for part in (WorkshopForm, TeacherForm, TermsForm):
            part.offer(self, offered)


class ChangeForm(TimeForm, WorkshopForm, TeacherForm, TermsForm):
    """All fields that an approved course may have otherwise; those that may not change now are left out."""

    form_key = HiddenField(validators=[DataRequired(), Length(max=36)])
    reason = TextAreaField(
        "دلیل تغییر",
        description="تصمیم‌گیرنده همین را می‌بیند؛ برای تغییری که همان لحظه اعمال می‌شود لازم نیست",
        filters=[text.clean],
        validators=[SHORT_ENOUGH],
    )
    other = SelectField("اگر جا کم شود، ثبت‌نام‌های آخر به کجا بروند؟", coerce=addresses.number, validate_choice=False)

    def of(self, course: Course) -> "ChangeForm":
        """With the fields that this course may change."""
        may = course_changes.changeable(course)
        kept = {name for field in may for name in INPUTS.get(field, (FIELD_OF.get(field, field),))}
        kept |= {"version", "form_key", "reason", "csrf_token"} | ({"other"} if course.taken else set())
        for name in set(self._fields) - kept:
            del self[name]
        self.end_on.description = "اگر خالی بماند از ساعت‌های باقی‌مانده حساب می‌شود"
        return self

    def at(self, name: str) -> Field | None:
        return self._fields.get(INPUTS[name][0] if name in INPUTS else FIELD_OF.get(name, name))

    def validate_enroll_open_time(self, field: Any) -> None:
        if "enroll_open_on" in self:
            super().validate_enroll_open_time(field)


def fill_lists(form: ChangeForm, course: Course) -> None:
    """The lists that depend on the course, in a form that is shown."""
    lists = ListsForm(formdata=None)
    lists.offer(courses.options(course))
    for field in form:
        if field.name in lists and isinstance(field, SelectField):
            field.choices = lists[field.name].choices
    if "other" in form:
        form.other.choices = options([("", "اعتبارشان برگردد"), *named(course_changes.targets(course))])


def wish_of(form: ChangeForm, course: Course) -> Wish:
    """What was asked for; after `validate`."""
    values = {name: _value_of(form, name) for name in course_changes.changeable(course)}
    other = form.other.data if "other" in form else None
    return Wish(form.seen_version(), values, form.reason.data or "", other)


def _value_of(form: ChangeForm, name: str) -> Any:
    if name == "weekdays":
        return sum(1 << day for day in set(form.weekdays.data or ()) if day in labels.ALL_DAYS)
    if name in INPUTS:
        on, at = (form[each].data for each in INPUTS[name])
        default = course_parts.OPENS if name == "enroll_open_at" else course_parts.CLOSES
        return jalali.from_tehran(on, at or default) if on else None
    return form[FIELD_OF.get(name, name)].data


class EndForm(FlaskForm):
    """The end of a course, and where its people go."""

    version = HiddenField()
    form_key = HiddenField(validators=[DataRequired(), Length(max=36)])
    other = SelectField("ثبت‌نام‌شدگان به کجا بروند؟", coerce=addresses.number, validate_choice=False)
    reason = TextAreaField("دلیل", filters=[text.clean], validators=[DataRequired("دلیل را بنویسید"), SHORT_ENOUGH])

    def of(self, targets: Iterable[Course]) -> "EndForm":
        first = ("", "اعتبار همه برگردد و به دورهٔ دیگری نروند")
        self.other.choices = options([first, *named(targets)])
        return self

    def wish(self) -> Wish:
        return Wish(addresses.version(self.version.data), {}, self.reason.data or "", self.other.data)


class ChangeDecisionForm(FlaskForm):
    """One step of a change, with a reason where it needs one."""

    version = HiddenField()
    decision = RadioField("تصمیم شما", validators=[DataRequired("تصمیم خود را انتخاب کنید")], validate_choice=False)
    reason = TextAreaField("دلیل", description="مرکز همین را می‌بیند", filters=[text.clean], validators=[SHORT_ENOUGH])

    def of(self, actions: Collection[str]) -> "ChangeDecisionForm":
        self.decision.choices = options([(each, ACTION[each]) for each in actions])
        return self


def shown(course: Course, change: CourseChange | None) -> dict[str, Any]:
    """The data of a `ChangeForm`: the course, with what was asked for where a change has come back."""
    values = vars(courses.values_of(course)) | (course_changes.wanted_of(change) if change else {})
    data = course_parts.shown(course.version, courses.CourseValues(**values))
    return data | ({"reason": change.reason, "other": change.other_course_id} if change else {})


def merged(form: ChangeForm, stale: courses.StaleEdit) -> ChangeForm:
    """The form of what was sent beside what is stored now, each field that differs saying what the other value is."""
    kept = {name: form[name].data for name in ("form_key", "reason", "other") if name in form}
    data = course_parts.shown(stale.course.version, stale.merged) | kept
    found = ChangeForm(formdata=None, data=data).of(stale.course)
    course_parts.note(found, {each.field: [_other_value(each)] for each in stale.differences})
    return found


def _other_value(each: Difference) -> str:
    return f"نوشتهٔ شما: {each.sent}" if each.whose == THEIRS else f"اکنون ذخیره است: {each.stored}"


def named(found: Iterable[Course], course: Course | None = None) -> list[tuple[int, str]]:
    """Courses to choose from; beside one of another standard than `course` stands its title."""
    return [
        (each.id, _told(each) if course is None or each.title == course.title else f"{each.title}، {_told(each)}")
        for each in found
    ]


def _told(course: Course) -> str:
    start = f"، شروع {jalali.day_month_year(course.start_on)}" if course.start_on else ""
    code, seats = text.persian_digits(course.code), text.persian_digits(course.seats_left)
    return f"{course.unit.title}، کد {code}{start}، {seats} جای خالی"
