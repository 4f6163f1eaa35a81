"""Forms of the clerk's desk. A form checks shape; the service checks the rule."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp, ValidationError

from blueprints import addresses
from blueprints.forms.fields import JalaliDateField, MobileField, NationalCodeField, TidyStringField, options
from blueprints.forms.guardians import GuardianFields
from models import Course, DebitSource, EnrollmentDraft, Schooling, TargetGroup, Unit
from services import guardians, jalali, schooling, text
from services.enrollment.desk import Desk
from services.enrollment.drafts import Entry, entry_of
from services.enrollment.visits import LEVEL, REASON, Visit, visit
from services.enrollment.whose import Foreign
from services.errors import DomainError
from services.foreigners import KINDS

DEBIT_CHOICES = [
    (DebitSource.PORTAL_USER.value, "کسر اعتبار از کاربر پورتال"),
    (DebitSource.TRAINEE.value, "کسر اعتبار از کارآموز"),
]
NOT_WHOLE = "این فرم ناقص رسید. صفحه را دوباره باز کنید"
WORDS = ("first_name", "last_name", "mobile", "evidence", "prerequisite")
SCHOOLINGS = options([("", "نمی‌دانم"), *((each.value, title) for each, title in schooling.TITLES.items())])


class StartForm(FlaskForm):
    """The first question of the desk; a barcode reader's digits and Enter look up and enroll nobody."""

    national_code = NationalCodeField("کد ملی کارآموز", description="۱۰ رقم، فارسی یا لاتین")
    foreign_code = TidyStringField(
        "کد اتباع",
        description="۸ تا ۱۲ رقم، از روی مدرک",
        render_kw={"dir": "ltr", "autocomplete": "off", "maxlength": 20},
    )
    foreign_kind = SelectField(
        "این کد روی کدام مدرک است؟", choices=options([("", "انتخاب کنید"), *KINDS.items()]), validate_choice=False
    )
    code_reason = TidyStringField(
        "این کد ملی را روی چه مدرکی دیده‌اید؟", [Optional(), Length(max=200, message="دلیل تا ۲۰۰ نویسه است")]
    )
    unit = SelectField("از طرف کدام واحد؟", coerce=addresses.number, validate_choice=False)
    course = HiddenField(validators=[Optional()])
    after = HiddenField(validators=[Optional(), Length(max=36)])

    def validate_national_code(self, field: NationalCodeField) -> None:
        """One code, and only one."""
        if not field.data and not self.foreign_code.data:
            raise ValidationError("کد ملی را بنویسید")
        if field.data and self.foreign_code.data:
            raise ValidationError("یا کد ملی را بنویسید یا کد اتباع خارجی را؛ نه هر دو را")

    def whose(self) -> str | Foreign:
        """The code in the shape that the service takes."""
        if self.foreign_code.data:
            return Foreign(self.foreign_code.data, self.foreign_kind.data or "")
        return self.national_code.data or ""

    def offer(self, units: Sequence[Unit]) -> None:
        """Ask for the unit where there are several to choose from; nothing is chosen beforehand."""
        self.unit.choices = options([("", "انتخاب کنید"), *((unit.id, unit.title) for unit in units)])
        if not units:
            del self.unit


class AnswersForm(FlaskForm):
    """What the rules of a course ask of whoever is enrolled."""

    schooling = SelectField("تحصیلات کارآموز", choices=SCHOOLINGS, validate_choice=False)
    prerequisite = TidyStringField("مدرک پیش‌نیاز", [Optional(), Length(max=120, message="مدرک تا ۱۲۰ نویسه است")])

    @property
    def known_schooling(self) -> Schooling | None:
        return Schooling(self.schooling.data) if self.schooling.data in set(Schooling) else None


class PersonForm(GuardianFields, AnswersForm):
    """Who it is, and why they came in person."""

    birth_date = JalaliDateField("تاریخ تولد", [Optional()])
    mobile = MobileField("تلفن همراه", [Optional()], description="به نام خود کارآموز")
    first_name = TidyStringField("نام", [Optional(), Length(max=80, message="نام تا ۸۰ نویسه است")])
    last_name = TidyStringField("نام خانوادگی", [Optional(), Length(max=80, message="نام خانوادگی تا ۸۰ نویسه است")])
    in_person = SelectField(
        "دلیل مراجعهٔ حضوری", choices=options([("", "بدون دلیل ویژه"), *REASON.items()]), validate_choice=False
    )
    in_person_level = SelectField("سطح مراجعه", choices=options(LEVEL.items()), validate_choice=False)

    def visit(self) -> Visit | None:
        return visit(self.in_person.data, self.in_person_level.data)


class DeskForm(PersonForm):
    """Everything the desk may learn; only course and debit choice are needed to enroll."""

    version = IntegerField(validators=[DataRequired(NOT_WHOLE), NumberRange(1, 10**9, NOT_WHOLE)])
    course = SelectField("دوره‌ای که در آن ثبت‌نام می‌شود", coerce=addresses.number, validate_choice=False)
    target_group = SelectField("گروه هدف", coerce=addresses.number, validate_choice=False)
    evidence = TidyStringField("مدرک گروه هدف", [Optional(), Length(max=120, message="مدرک تا ۱۲۰ نویسه است")])
    debit_source = RadioField("اعتبار از چه کسی کسر شود؟", choices=options(DEBIT_CHOICES), validators=[Optional()])

    def offer(self, desk: Desk) -> None:
        """Put the choices of this desk into the form."""
        courses = [(course.id, course_label(course)) for course in desk.courses]
        self.course.choices = options([("", "دوره را انتخاب کنید"), *courses])
        groups = [(group.id, group_label(group)) for group in desk.groups]
        self.target_group.choices = options([("", "هیچ‌کدام"), *groups])

    def entry(self, switch: str | None = None) -> Entry:
        """What was typed, in the shape that the service takes; `switch` is the other purse, chosen by one click."""
        source = switch if switch in dict(DEBIT_CHOICES) else self.debit_source.data
        words: dict[str, Any] = {name: self[name].data or "" for name in WORDS} | {"guardian": self.guardian()}
        return Entry(
            course_id=self.course.data,
            birth_date=self.birth_date.data,
            target_group_id=self.target_group.data,
            debit_source=DebitSource(source) if source else None,
            schooling=self.known_schooling,
            in_person=self.visit(),
            **words,
        )

    def take(self, draft: EnrollmentDraft, *refusals: DomainError) -> None:
        """Show the saved draft again: its version, its choice, and each refusal at the field it belongs to."""
        self.version.raw_data, self.version.data = None, draft.version
        if draft.debit_source:
            self.debit_source.data = draft.debit_source.value
        for refusal in refusals:
            if refusal.field and refusal.field in self:
                self[refusal.field].errors = [getattr(refusal, "at_field", str(refusal))]
            for field, said in getattr(refusal, "at_fields", {}).items():
                self[field].errors = [said]


def changed_elsewhere(form: DeskForm, newest: EnrollmentDraft) -> list[tuple[str, str]]:
    """(label, value saved by somebody else) of each field that differs from what is typed here."""
    saved, typed = entry_of(newest), form.entry()
    pairs = {
        "first_name": saved.first_name,
        "last_name": saved.last_name,
        "birth_date": jalali.short(saved.birth_date) if saved.birth_date else "",
        "mobile": text.persian_digits(saved.mobile),
        "evidence": saved.evidence,
        "prerequisite": saved.prerequisite,
    }
    mine, theirs = typed.guardian.as_fields(), saved.guardian.as_fields()
    differing = [name for name in pairs if getattr(saved, name) != getattr(typed, name)]
    found = [(form[name].label.text, pairs[name] or "خالی") for name in differing]
    found += [
        (form[name].label.text, guardians.shown(name, theirs[name])) for name in mine if mine[name] != theirs[name]
    ]
    if saved.debit_source != typed.debit_source:
        found.append(("نحوهٔ کسر اعتبار", dict(DEBIT_CHOICES).get(saved.debit_source or "", "انتخاب نشده")))
    if saved.in_person != typed.in_person:
        found.append((form.in_person.label.text, REASON[saved.in_person[0]] if saved.in_person else "خالی"))
    if saved.schooling != typed.schooling:
        found.append((form.schooling.label.text, schooling.TITLES[saved.schooling] if saved.schooling else "خالی"))
    if saved.course_id != typed.course_id:
        found.append(("دوره", "دورهٔ دیگری انتخاب شده است"))
    return found


def group_label(group: TargetGroup) -> str:
    notes = [
        note for note, holds in (("با مدرک", group.needs_evidence), ("معاف از هزینه", group.is_fee_exempt)) if holds
    ]
    return f"{group.title} ({'، '.join(notes)})" if notes else group.title


def course_label(course: Course) -> str:
    start = f"، شروع {jalali.day_month_year(course.start_on)}" if course.start_on else ""
    left = text.persian_digits(course.seats_left)
    return f"{course.title} (کد {text.persian_digits(course.code)}){start}، {left} جا"


class OwnForm(FlaskForm):
    """The one press of a self-enrollment; the key makes a second press harmless."""

    form_key = HiddenField(
        validators=[Regexp("^[0-9a-f-]{36}$", message="این فرم ناقص رسید. صفحهٔ دوره را دوباره باز کنید")]
    )
    fee = HiddenField()
    schooling = SelectField(
        "تحصیلات شما",
        choices=options([("", "انتخاب کنید"), *((each.value, title) for each, title in schooling.TITLES.items())]),
        validate_choice=False,
    )
    prerequisite = TidyStringField(
        "مدرک پیش‌نیاز",
        [Optional(), Length(max=120, message="مدرک تا ۱۲۰ نویسه است")],
        description="نوع و شماره؛ اصل آن را روز اول با خود بیاورید",
    )

    @property
    def has(self) -> Schooling | None:
        """How far the person says they went to school."""
        said = self.schooling.data
        return Schooling(said) if said in set(Schooling) else None
