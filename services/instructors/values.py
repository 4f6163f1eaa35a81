"""What is written into a file: the fields of its personal part and of each kind of row, and how they are cleaned."""

import re
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from models import (
    CompetenceRuling,
    Degree,
    EducationRecord,
    EmploymentKind,
    EmploymentRecord,
    ExperienceKind,
    ExperienceRecord,
    InstructorCard,
    InstructorProfile,
    InstructorRecord,
    MaritalStatus,
    MilitaryStatus,
    RecordKind,
    RetrainingRecord,
    SkillCertificate,
    SkillStandard,
    TradeField,
    db,
)
from services import codes, policy, text
from services.errors import DomainError
from services.instructors.labels import LABEL

MOST_HOURS_A_WEEK, MOST_COURSE_HOURS = 60, 2000
LONGEST = {
    "birth_place": 80,
    "phone": 20,
    "email": 120,
    "postal_code": 20,
    "address": 300,
    "work_permit_no": 30,
    "employer": 200,
    "personnel_no": 20,
    "post": 120,
    "study_field": 200,
    "university": 120,
    "title": 200,
    "provider": 200,
    "certificate_no": 40,
    "workplace": 200,
    "number": 40,
}
NUMBERS = ("phone", "postal_code", "work_permit_no", "personnel_no", "certificate_no", "number", "email")
NOT_AHEAD = ("hired_on", "graduated_on", "started_on", "issued_on", "ruled_on")


@dataclass(frozen=True)
class ProfileValues:
    """The personal part; None is not written."""

    birth_place: str | None = None
    marital: MaritalStatus | None = None
    military: MilitaryStatus | None = None
    phone: str | None = None
    email: str | None = None
    postal_code: str | None = None
    address: str | None = None
    work_permit_no: str | None = None
    work_permit_until: date | None = None


@dataclass(frozen=True)
class EmploymentValues:
    employment: EmploymentKind
    employer: str
    hired_on: date
    personnel_no: str | None = None
    post: str | None = None
    ended_on: date | None = None
    morning_hours: int = 0
    evening_hours: int = 0


@dataclass(frozen=True)
class EducationValues:
    degree: Degree
    study_field: str
    graduated_on: date
    university: str | None = None
    gpa_hundredths: int | None = None


@dataclass(frozen=True)
class RetrainingValues:
    title: str
    provider: str
    hours: int
    started_on: date
    ended_on: date
    standard_id: int | None = None
    certificate_no: str | None = None


@dataclass(frozen=True)
class ExperienceValues:
    experience: ExperienceKind
    field_id: int
    workplace: str
    started_on: date
    ended_on: date | None = None


@dataclass(frozen=True)
class CardValues:
    number: str
    issued_on: date
    expires_on: date


@dataclass(frozen=True)
class CertificateValues:
    title: str
    number: str
    issued_on: date
    standard_id: int | None = None


@dataclass(frozen=True)
class RulingValues:
    standard_id: int
    number: str
    ruled_on: date
    valid_until: date | None = None


Values = (
    EmploymentValues
    | EducationValues
    | RetrainingValues
    | ExperienceValues
    | CardValues
    | CertificateValues
    | RulingValues
)

# Which table and which values each kind of row has.
KINDS: dict[RecordKind, tuple[type[InstructorRecord], type[Values]]] = {
    RecordKind.EMPLOYMENT: (EmploymentRecord, EmploymentValues),
    RecordKind.EDUCATION: (EducationRecord, EducationValues),
    RecordKind.RETRAINING: (RetrainingRecord, RetrainingValues),
    RecordKind.EXPERIENCE: (ExperienceRecord, ExperienceValues),
    RecordKind.CARD: (InstructorCard, CardValues),
    RecordKind.CERTIFICATE: (SkillCertificate, CertificateValues),
    RecordKind.RULING: (CompetenceRuling, RulingValues),
}


def values_of(record: InstructorRecord) -> Values:
    """What a row says."""
    made = KINDS[record.kind][1]
    return made(**{each.name: getattr(record, each.name) for each in fields(made)})


def profile_values(profile: InstructorProfile | None) -> ProfileValues:
    if profile is None:
        return ProfileValues()
    return ProfileValues(**{each.name: getattr(profile, each.name) for each in fields(ProfileValues)})


def columns(values: Values | ProfileValues) -> dict[str, Any]:
    """The columns of a row that says this."""
    found = dict(vars(values))
    if isinstance(values, EducationValues):
        found["study_key"] = text.key(values.study_field)
    return found


# -- Cleaning ----------------------------------------------------------------------


def tidy_profile(values: ProfileValues, birth_date: date | None) -> ProfileValues:
    """The values as they are stored.

    Raises:
        DomainError: one is too long or cannot be what it should be; it names the field.
    """
    found = _worded(values)
    if found["phone"] and not re.fullmatch("[0-9+() -]{4,20}", found["phone"]):
        raise DomainError("تلفن را با رقم و خط تیره بنویسید؛ مثلاً ۰۱۷-۳۲۲۲۰۰۰۰", field="phone")
    if found["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", found["email"]):
        raise DomainError("رایانامه را کامل بنویسید؛ مثلاً name@example.ir", field="email")
    if typed := found["postal_code"]:
        found["postal_code"] = codes.postal_code(typed)
        if found["postal_code"] is None:
            raise DomainError(
                "کد پستی ده رقم است و با ۰ یا ۲ آغاز نمی‌شود. آن را با قبض تطبیق دهید", field="postal_code"
            )
    return replace(values, **found)


def tidy(values: Values, birth_date: date | None) -> Values:
    """The values of a row as they are stored.

    Args:
        birth_date: of the person, before whose birth nothing of the file lies; None when it is not known.

    Source: docs/rules.md R-206.
    Raises:
        DomainError: what is wrong with which field.
    """
    found = vars(values) | _worded(values)
    for name in ("employer", "study_field", "title", "provider", "workplace", "number"):
        if name in found and not text.key(found[name]):
            raise DomainError(f"{LABEL[name]} را بنویسید", field=name)
    _check_days(found, birth_date)
    _check_numbers(found)
    _check_rows(found)
    return replace(values, **found)


def _worded(values: Any) -> dict[str, Any]:
    """The texts clean, numbers in one kind of digits; what is empty is None."""
    found: dict[str, Any] = {}
    for name in (each.name for each in fields(values) if each.name in LONGEST):
        word = text.clean(getattr(values, name)) or None
        if len(word or "") > LONGEST[name]:
            raise DomainError(f"{LABEL[name]} تا {text.persian_digits(LONGEST[name])} نویسه است", field=name)
        found[name] = (text.digits(word) or None) if name in NUMBERS else word
    return found


def _check_days(found: dict[str, Any], birth_date: date | None) -> None:
    today = policy.today()
    for name, day in found.items():
        if not isinstance(day, date):
            continue
        if day > today and name in NOT_AHEAD:
            raise DomainError(f"{LABEL[name]} نمی‌تواند پس از امروز باشد", field=name)
        if birth_date and day <= birth_date:
            raise DomainError(f"{LABEL[name]} پیش از تولد این شخص است", field=name)
    for first, last in (("hired_on", "ended_on"), ("started_on", "ended_on"), ("issued_on", "expires_on")):
        if found.get(first) and found.get(last) and found[last] < found[first]:
            raise DomainError(f"{LABEL[last]} پیش از {LABEL[first]} است", field=last)
    if found.get("valid_until") and found["valid_until"] < found["ruled_on"]:
        raise DomainError(f"{LABEL['valid_until']} پیش از {LABEL['ruled_on']} است", field="valid_until")
    if "hours" in found and found["ended_on"] > today:
        raise DomainError("دوره‌ای که هنوز تمام نشده است نوشته نمی‌شود", field="ended_on")
    if "workplace" in found and found["ended_on"] and found["ended_on"] > today:
        raise DomainError("اگر هنوز آن‌جا کار می‌کنید، روز پایان را خالی بگذارید", field="ended_on")


def _check_numbers(found: dict[str, Any]) -> None:
    for name, least, most in (
        ("morning_hours", 0, MOST_HOURS_A_WEEK),
        ("evening_hours", 0, MOST_HOURS_A_WEEK),
        ("hours", 1, MOST_COURSE_HOURS),
    ):
        if name in found and not least <= found[name] <= most:
            between = f"{text.persian_digits(least)} تا {text.persian_digits(most)}"
            raise DomainError(f"{LABEL[name]} عددی از {between} است", field=name)
    gpa = found.get("gpa_hundredths")
    if gpa is not None and not 0 <= gpa <= 2000:
        raise DomainError("معدل از صفر تا بیست است", field="gpa_hundredths")


def _check_rows(found: dict[str, Any]) -> None:
    """Fields and standards come from the catalog; one that is retired by now may still stand in a file."""
    for name, model in (("field_id", TradeField), ("standard_id", SkillStandard)):
        if found.get(name) and db.session.get(model, found[name]) is None:
            raise DomainError(f"{LABEL[name]} را از فهرست انتخاب کنید", field=name)
