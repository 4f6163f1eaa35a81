"""Forms about licenses of academies. A form checks shape; the service checks the rule."""

from collections.abc import Sequence
from typing import Any

from wtforms import FileField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired

from blueprints import addresses
from blueprints.forms.fields import (
    DigitsField,
    JalaliDateField,
    MobileField,
    NationalCodeField,
    NumberField,
    TidyStringField,
    options,
)
from blueprints.forms.keyed import KeyedForm
from models import FounderKind, Gender, License, LicenseGrade, Person, Unit, VisitKind, VisitOutcome
from services import labels, licenses, policy
from services.licenses import LicenseSaid, LicenseValues, PersonSaid, Visit, wording

CHOOSE, UNSAID = ("", "انتخاب کنید"), ("", "ثبت نشده")
BIRTH = "با آن، نام خودبه‌خود از ثبت احوال می‌آید؛ اگر پیش‌تر نوشته‌اید خالی بگذارید"
MOBILE = "یادآوری پایان اعتبار به آن می‌رود، وقتی به نام خود او باشد؛ اگر پیش‌تر نوشته‌اید خالی بگذارید"
FIVE_YEARS = "اگر خالی بماند، پنج سال پس از صدور"
# Fields of the service by the name that they have in the form.
FIELD_OF = {"founder_person_id": "founder_code", "manager_id": "manager_code"}


class LicenseForm(KeyedForm):
    """A license as its academy writes it."""

    version = HiddenField()
    unit = SelectField("آموزشگاه", coerce=addresses.number, validate_choice=False)
    number = StringField("شمارهٔ پروانه", [DataRequired("شمارهٔ پروانه را بنویسید")], render_kw={"dir": "ltr"})
    grade = SelectField("درجه", choices=options([UNSAID, *wording.GRADE.items()]), validate_choice=False)
    issued_on = JalaliDateField("تاریخ صدور", [DataRequired("تاریخ صدور را بنویسید")])
    expires_on = JalaliDateField("پایان اعتبار", description=FIVE_YEARS)
    founder_kind = RadioField("نوع مؤسس", choices=options(wording.FOUNDER.items()), default="person")
    founder_code = NationalCodeField("کد ملی مؤسس", description="برای شخص حقیقی")
    founder_birth = JalaliDateField("تاریخ تولد مؤسس", description=BIRTH)
    founder_title = TidyStringField("نام شخص حقوقی", description="اگر مؤسس شخص حقوقی است")
    founder_legal_id = DigitsField("شناسهٔ ملی شخص حقوقی", lengths=(11,), description="برای شخص حقوقی، ۱۱ رقم")
    manager_code = NationalCodeField("کد ملی مدیر", [DataRequired("کد ملی مدیر را بنویسید")])
    manager_birth = JalaliDateField("تاریخ تولد مدیر", description=BIRTH)
    manager_mobile = MobileField("تلفن همراه مدیر", description=MOBILE)
    gender = SelectField("جنسیت", choices=options(labels.GENDER.items()), validate_choice=False)
    capacity = NumberField("ظرفیت (نفر)", [InputRequired("ظرفیت را بنویسید")])
    police_approved_on = JalaliDateField("تأیید پلیس اماکن")
    address = TidyStringField("نشانی", [DataRequired("نشانی را بنویسید")])
    note = TextAreaField("یادداشت")

    def of_new(self, academies: Sequence[Unit]) -> "LicenseForm":
        """The form of a new license, for one of these academies."""
        del self.version
        self.prepare()
        if len(academies) == 1:
            del self.unit
        else:
            self.unit.choices = options([CHOOSE, *((unit.id, unit.title) for unit in academies)])
        return self

    def of_old(self) -> "LicenseForm":
        del self.form_key, self.unit
        return self


def shown(values: LicenseValues, founder: Person | None, manager: Person, version: int = 0) -> dict[str, Any]:
    """The data of the form for a stored license; of its people the codes alone, whatever else is known of them."""
    names = ("number", "issued_on", "expires_on", "founder_title", "founder_legal_id", "capacity", "address", "note")
    data: dict[str, Any] = {name: getattr(values, name) for name in (*names, "police_approved_on")}
    data |= {name: getattr(values, name) or "" for name in ("grade", "founder_kind", "gender")}
    codes = {"founder_code": founder and founder.national_code, "manager_code": manager.national_code}
    return data | codes | {"version": version}


def renewed(former: License, person: Any) -> dict[str, Any]:
    """The data of the form for a renewal: what seldom changes."""
    founder = person(former.founder_person_id) if former.founder_person_id else None
    data = shown(licenses.values_of(former), founder, person(former.manager_id))
    return data | dict.fromkeys(("issued_on", "expires_on", "note"))


def said(form: LicenseForm) -> LicenseSaid:
    """What was written."""
    legal = form.founder_kind.data == FounderKind.LEGAL
    grade, gender = form.grade.data, form.gender.data
    return LicenseSaid(
        number=form.number.data,
        issued_on=form.issued_on.data,
        expires_on=form.expires_on.data,
        founder_kind=FounderKind.LEGAL if legal else FounderKind.PERSON,
        founder=PersonSaid(form.founder_code.data, form.founder_birth.data),
        founder_legal_id=form.founder_legal_id.data if legal else None,
        founder_title=form.founder_title.data if legal else None,
        manager=PersonSaid(form.manager_code.data, form.manager_birth.data, form.manager_mobile.data),
        gender=Gender(gender) if gender in set(Gender) else Gender.MIXED,
        capacity=form.capacity.data,
        address=form.address.data,
        grade=LicenseGrade(grade) if grade in set(LicenseGrade) else None,
        police_approved_on=form.police_approved_on.data,
        note=form.note.data,
    )


class PaperForm(KeyedForm):
    """A paper of a license."""

    file = FileField("عکس یا برگهٔ پروانه")


class DecisionForm(KeyedForm):
    """What a province does to a license; from the queue with its tab, and the license after it in the list."""

    version = HiddenField()
    tab = HiddenField()
    next = HiddenField()
    decision = RadioField("تصمیم استان", [AnyOf(wording.ACTION, "تصمیم خود را انتخاب کنید")], validate_choice=False)
    reason = TextAreaField("دلیل", description="برای رد، تعلیق و لغو لازم است؛ آموزشگاه همین را می‌بیند")

    def offer(self, license_: License, actions: Sequence[str]) -> "DecisionForm":
        self.decision.choices = options([(action, wording.ACTION[action]) for action in actions])
        if not self.is_submitted():
            self.version.data = license_.version
        self.form_key.data = self.key()
        return self


class VisitForm(PaperForm):
    """What an expert saw at an academy."""

    kind = SelectField(
        "بازدید از", choices=options([(k.value, wording.VISIT_KIND[k]) for k in VisitKind]), validate_choice=False
    )
    outcome = SelectField(
        "نتیجه",
        [DataRequired("نتیجهٔ بازدید را انتخاب کنید")],
        choices=options([CHOOSE, *((o.value, wording.OUTCOME[o][0]) for o in VisitOutcome)]),
    )
    visited_on = JalaliDateField("روز بازدید", [DataRequired("روز بازدید را بنویسید")])
    visitor = TidyStringField("بازدیدکننده", [DataRequired("نام بازدیدکننده را بنویسید")])
    note = TextAreaField("شرح")
    file = FileField("گزارش بازدید")

    def visit(self) -> Visit:
        kind = VisitKind(self.kind.data) if self.kind.data in set(VisitKind) else VisitKind.ENVIRONMENT
        day: Any = self.visited_on.data
        return Visit(kind, VisitOutcome(self.outcome.data), day, self.visitor.data or "", self.note.data or "")

    def prepare(self) -> "VisitForm":
        super().prepare()
        if not self.is_submitted():
            self.visited_on.process(None, policy.today())
        return self
