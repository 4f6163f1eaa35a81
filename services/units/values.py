"""What is written about a unit: the fields, how they are cleaned, and how they read in words."""

import re
from dataclasses import dataclass, fields
from typing import Any

from models import County, Gender, Unit, db
from services import labels, text
from services.errors import DomainError

LABEL = {
    "title": "نام",
    "county_id": "شهرستان",
    "gender": "جنسیت",
    "phone": "تلفن",
    "address": "نشانی",
    "office_hours": "ساعت کار",
}
LONGEST = {"title": 150, "phone": 20, "address": 300, "office_hours": 120}
NOTHING = "ثبت نشده"


@dataclass(frozen=True)
class UnitValues:
    """The fields of a unit that its keepers write; None is not written."""

    title: str
    county_id: int | None = None
    gender: Gender = Gender.MIXED
    phone: str | None = None
    address: str | None = None
    office_hours: str | None = None


FIELDS = tuple(field.name for field in fields(UnitValues))


def values_of(unit: Unit) -> UnitValues:
    return UnitValues(**{name: getattr(unit, name) for name in FIELDS})


def tidy(values: UnitValues) -> UnitValues:
    """The values as they are stored.

    Raises:
        DomainError: one is too long or cannot be what it should be; it names the field.
    """
    cleaned = {name: text.clean(getattr(values, name)) or None for name in LONGEST}
    cleaned["phone"] = text.digits(cleaned["phone"]) or None
    for name, most in LONGEST.items():
        if len(cleaned[name] or "") > most:
            raise DomainError(f"{LABEL[name]} تا {text.persian_digits(most)} نویسه است", field=name)
    if cleaned["phone"] and not re.fullmatch("[0-9+() -]{4,20}", cleaned["phone"]):
        raise DomainError("تلفن را با رقم و خط تیره بنویسید؛ مثلاً ۰۱۷-۳۲۲۲۰۰۰۰", field="phone")
    title = cleaned.pop("title") or ""
    if not text.key(title):
        raise DomainError("نام واحد را بنویسید", field="title")
    return UnitValues(title, values.county_id, values.gender, **cleaned)


def columns(values: UnitValues) -> dict[str, Any]:
    """The columns of a row with these values, with the keys by which its title is found and sorted."""
    keys = {"title_key": text.key(values.title), "title_sort": text.sort_key(values.title)}
    return {name: getattr(values, name) for name in FIELDS} | keys


def show(field: str, raw: Any) -> str:
    """A stored value for the screen."""
    if raw is None or raw == "":
        return NOTHING
    if field == "county_id":
        county = db.session.get(County, raw)
        return county.title if county else NOTHING
    return labels.GENDER[raw] if field == "gender" else text.persian_digits(raw)
