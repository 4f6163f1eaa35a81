"""What is written about a license: what a form says, how it is checked, and what is stored of it."""

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from models import FounderKind, Gender, License, LicenseGrade
from services import codes, jalali, policy, text
from services.errors import DomainError
from services.licenses.wording import LABEL

YEARS = 5  # a license holds for five years
LONGEST = {"number": 40, "founder_title": 200, "address": 300, "note": 500}
MOST_SEATS = 2000


@dataclass(frozen=True)
class PersonSaid:
    """Somebody as a form names them; what is known of them already is not overwritten."""

    national_code: str | None = None
    birth_date: date | None = None
    mobile: str | None = None


@dataclass(frozen=True)
class LicenseSaid:
    """A license as its academy writes it. Without a last day it ends five years after the first."""

    number: str | None
    issued_on: date | None
    expires_on: date | None
    founder_kind: FounderKind
    founder: PersonSaid
    founder_legal_id: str | None
    founder_title: str | None
    manager: PersonSaid
    gender: Gender
    capacity: int | None
    address: str | None
    grade: LicenseGrade | None = None
    police_approved_on: date | None = None
    note: str | None = None


@dataclass(frozen=True)
class LicenseValues:
    """The columns of a license that its academy writes; persons are ids."""

    number: str
    issued_on: date
    expires_on: date
    founder_kind: FounderKind
    founder_person_id: int | None
    founder_legal_id: str | None
    founder_title: str | None
    manager_id: int
    grade: LicenseGrade | None
    gender: Gender
    capacity: int
    address: str
    police_approved_on: date | None
    note: str | None


FIELDS = tuple(field.name for field in fields(LicenseValues))


def values_of(license_: License) -> LicenseValues:
    return LicenseValues(**{name: getattr(license_, name) for name in FIELDS})


def columns(values: LicenseValues) -> dict[str, Any]:
    return {name: getattr(values, name) for name in FIELDS}


def tidy(said: LicenseSaid) -> dict[str, Any]:
    """The columns of what was said, without its people.

    Source: docs/rules.md R-250, R-251.
    Raises:
        DomainError: what is wrong with which field.
    """
    cleaned = {name: text.clean(getattr(said, name)) or None for name in LONGEST}
    for name, most in LONGEST.items():
        if len(cleaned[name] or "") > most:
            raise DomainError(f"{LABEL[name]} تا {text.persian_digits(most)} نویسه است", field=name)
    for name in ("number", "address"):
        if not cleaned[name]:
            raise DomainError(f"{LABEL[name]} را بنویسید", field=name)
    cleaned["number"] = re.sub(r"\s+", "", text.digits(cleaned["number"]))
    if said.capacity is None or not 1 <= said.capacity <= MOST_SEATS:
        raise DomainError(f"ظرفیت عددی از ۱ تا {text.group_thousands(MOST_SEATS)} نفر است", field="capacity")
    rest = {name: getattr(said, name) for name in ("founder_kind", "grade", "gender", "capacity")}
    return cleaned | rest | _days(said) | _legal(said, cleaned["founder_title"])


def last_day(issued_on: date) -> date:
    """The last of five Jalali years from a day on."""
    year, month, day = jalali.parts(issued_on)
    return jalali.to_gregorian(year + YEARS, month, min(day, jalali.month_length(year + YEARS, month)))


def _days(said: LicenseSaid) -> dict[str, date | None]:
    today, issued = policy.today(), said.issued_on
    if issued is None:
        raise DomainError("تاریخ صدور را بنویسید", field="issued_on")
    if issued > today:
        raise DomainError("تاریخ صدور از امروز دیرتر است", field="issued_on")
    expires = said.expires_on or last_day(issued)
    if expires < issued:
        raise DomainError("پایان اعتبار پیش از صدور است", field="expires_on")
    if expires > last_day(issued):
        most = jalali.long(last_day(issued))
        raise DomainError(f"پروانه تا پنج سال اعتبار دارد؛ پایان آن دیرتر از {most} نیست", field="expires_on")
    if said.police_approved_on and said.police_approved_on > today:
        raise DomainError("تأیید پلیس اماکن از امروز دیرتر است", field="police_approved_on")
    return {"issued_on": issued, "expires_on": expires, "police_approved_on": said.police_approved_on}


def _legal(said: LicenseSaid, title: str | None) -> dict[str, str | None]:
    if said.founder_kind is FounderKind.PERSON:
        return {"founder_legal_id": None, "founder_title": None}
    legal_id = codes.legal_id(said.founder_legal_id)
    if legal_id is None:
        sentence = "شناسهٔ ملی شخص حقوقی ۱۱ رقم است و رقم آخر آن باید درست باشد"
        raise DomainError(sentence, field="founder_legal_id")
    if not title:
        raise DomainError("نام شخص حقوقی را بنویسید", field="founder_title")
    return {"founder_legal_id": legal_id, "founder_title": title}
