"""What is written about a place and a workshop: the fields, how they are cleaned, and how they read in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from models import Area, County, Gender, Instructor, Ownership, Place, PlaceKind, Shift, Workshop, db
from services import codes, jalali, labels, text
from services.errors import DomainError

NOTHING = "ثبت نشده"
MOST_SEATS = 500
_POINT = Decimal("0.000001")  # about ten centimeters
PLACE_LABEL = {
    "title": "نام مکان",
    "kind": "نوع مکان",
    "code": "کد مکان",
    "county_id": "شهرستان",
    "district": "بخش",
    "village": "روستا",
    "area": "بافت",
    "address": "نشانی",
    "postal_code": "کد پستی",
    "latitude": "عرض جغرافیایی",
    "longitude": "طول جغرافیایی",
    "phone": "تلفن",
    "area_m2": "مساحت (متر مربع)",
    "ownership": "مالکیت",
    "gender": "برای",
    "capacity": "گنجایش (نفر)",
    "contract_no": "شمارهٔ قرارداد",
    "safety_checked_on": "تاریخ بازدید ایمنی",
}
WORKSHOP_LABEL = {
    "title": "نام کارگاه",
    "workstations": "تعداد جای کار",
    "area_m2": "مساحت (متر مربع)",
    "has_power": "برق",
    "has_water": "آب",
    "has_gas": "گاز",
    "has_ventilation": "تهویه",
    "has_protective_gear": "لوازم حفاظت فردی",
    "shifts": "نوبت‌ها",
    "responsible_id": "مربی مسئول",
}
LABEL = PLACE_LABEL | WORKSHOP_LABEL
LONGEST = {
    "title": 150,
    "code": 20,
    "district": 80,
    "village": 80,
    "address": 300,
    "postal_code": 20,
    "phone": 20,
    "contract_no": 60,
}
_WORDS: dict[str, Mapping[Any, str]] = {
    "kind": labels.PLACE_KIND,
    "area": labels.AREA,
    "ownership": labels.OWNERSHIP,
    "gender": labels.GENDER,
}


@dataclass(frozen=True)
class PlaceValues:
    """The fields of a place that its unit writes; None is not written."""

    title: str
    kind: PlaceKind
    code: str | None = None
    county_id: int | None = None
    district: str | None = None
    village: str | None = None
    area: Area | None = None
    address: str | None = None
    postal_code: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    phone: str | None = None
    area_m2: int | None = None
    ownership: Ownership | None = None
    gender: Gender = Gender.MIXED
    capacity: int | None = None
    contract_no: str | None = None
    safety_checked_on: date | None = None


@dataclass(frozen=True)
class WorkshopValues:
    """The fields of a workshop that its unit writes; `shifts` are joined by commas."""

    title: str
    workstations: int
    area_m2: int | None = None
    has_power: bool = False
    has_water: bool = False
    has_gas: bool = False
    has_ventilation: bool = False
    has_protective_gear: bool = False
    shifts: str | None = None
    responsible_id: int | None = None


PLACE_FIELDS = tuple(field.name for field in fields(PlaceValues))
WORKSHOP_FIELDS = tuple(field.name for field in fields(WorkshopValues))


def place_values(place: Place) -> PlaceValues:
    return PlaceValues(**{name: getattr(place, name) for name in PLACE_FIELDS})


def workshop_values(workshop: Workshop) -> WorkshopValues:
    return WorkshopValues(**{name: getattr(workshop, name) for name in WORKSHOP_FIELDS})


def columns(values: PlaceValues | WorkshopValues) -> dict[str, Any]:
    """The columns of a row with these values."""
    return {field.name: getattr(values, field.name) for field in fields(values)}


# -- Cleaning ----------------------------------------------------------------------


class UnusualPostalCode(DomainError):
    """It is not as postal codes are; whoever writes it may say that it is right all the same."""


def tidy_place(values: PlaceValues, sure_of: str | None = None) -> PlaceValues:
    """The values as they are stored.

    Args:
        sure_of: a postal code that is right although it is unusual.

    Source: docs/rules.md R-120.
    Raises:
        UnusualPostalCode: it is another one than that.
        DomainError: one is too long or cannot be what it should be; it names the field.
    """
    found = columns(values) | {name: _words(name, getattr(values, name)) for name in LONGEST}
    if not text.key(found["title"]):
        raise DomainError("نام مکان را بنویسید", field="title")
    found["code"] = text.digits(found["code"]) or None
    found["phone"] = text.digits(found["phone"]) or None
    if found["phone"] and not re.fullmatch("[0-9+() -]{4,20}", found["phone"]):
        raise DomainError("تلفن را با رقم و خط تیره بنویسید؛ مثلاً ۰۱۷-۳۲۲۲۰۰۰۰", field="phone")
    found["postal_code"] = _postal_code(found["postal_code"], sure_of)
    if values.kind is PlaceKind.VILLAGE and not found["village"]:
        raise DomainError("نام روستا را بنویسید", field="village")
    for name, most in (("area_m2", 1_000_000), ("capacity", 10_000)):
        _check_count(name, found[name], most)
    return PlaceValues(**found | _point(values.latitude, values.longitude))


def tidy_workshop(values: WorkshopValues) -> WorkshopValues:
    """The values as they are stored.

    Raises:
        DomainError: one is too long or cannot be what it should be; it names the field.
    """
    title = _words("title", values.title)
    if not text.key(title):
        raise DomainError("نام کارگاه را بنویسید", field="title")
    if not values.workstations:
        raise DomainError("تعداد جای کار را بنویسید؛ ظرفیت دوره از آن بیشتر نمی‌شود", field="workstations")
    _check_count("workstations", values.workstations, MOST_SEATS)
    _check_count("area_m2", values.area_m2, 100_000)
    chosen = (values.shifts or "").split(",")
    shifts = ",".join(shift.value for shift in Shift if shift.value in chosen) or None
    return WorkshopValues(**columns(values) | {"title": title, "shifts": shifts})


def _words(name: str, raw: str | None) -> str | None:
    found = text.clean(raw) or None
    if len(found or "") > LONGEST[name]:
        raise DomainError(f"{LABEL[name]} تا {text.persian_digits(LONGEST[name])} نویسه است", field=name)
    return found


def _postal_code(typed: str | None, sure_of: str | None) -> str | None:
    """Domain 3.8: what is not as postal codes are is warned of, not refused."""
    code = codes.bare(typed)
    if not re.fullmatch("[0-9]{0,10}", code):
        raise DomainError("کد پستی فقط رقم دارد و از ۱۰ رقم بیشتر نیست", field="postal_code")
    if not code or codes.postal_code(code) or code == codes.bare(sure_of):
        return code or None
    odd = "کد پستی معمولاً با ۰ یا ۲ آغاز نمی‌شود و همهٔ رقم‌هایش یکی نیست؛ آن را با قبض تطبیق دهید"
    if len(code) != 10:
        odd = f"کد پستی ۱۰ رقم است و این {text.persian_digits(len(code))} رقم دارد؛ آن را با قبض تطبیق دهید"
    raise UnusualPostalCode(odd, field="postal_code")


def _check_count(name: str, count: int | None, most: int) -> None:
    if count is not None and not 1 <= count <= most:
        raise DomainError(f"{LABEL[name]} عددی از ۱ تا {text.persian_digits(most)} است", field=name)


def _point(latitude: Decimal | None, longitude: Decimal | None) -> dict[str, Decimal | None]:
    """Both or none, and on the ground of the country: swapped numbers are found by that."""
    if latitude is None and longitude is None:
        return {"latitude": None, "longitude": None}
    for name, value, low, high in (("latitude", latitude, 24, 41), ("longitude", longitude, 43, 65)):
        if value is None:
            raise DomainError("عرض و طول جغرافیایی را با هم بنویسید یا خالی بگذارید", field="point")
        if not low <= value <= high:
            between = f"{text.persian_digits(low)} تا {text.persian_digits(high)}"
            raise DomainError(f"{LABEL[name]} در ایران عددی از {between} است", field="point")
    both = {"latitude": latitude, "longitude": longitude}
    return {name: value.quantize(_POINT) if value is not None else None for name, value in both.items()}


# -- In words ----------------------------------------------------------------------


def show(field: str, raw: Any) -> str:
    """A stored value, as it is or as an event keeps it, for the screen."""
    if raw is None or raw == "":
        return NOTHING
    if isinstance(raw, bool):
        return "دارد" if raw else "ندارد"
    if field == "county_id":
        county = db.session.get(County, raw)
        return county.title if county else NOTHING
    if field == "responsible_id":
        teacher = db.session.get(Instructor, raw)
        return (teacher.person.full_name if teacher else None) or NOTHING
    if field == "shifts":
        return labels.shifts(raw) or NOTHING
    if field == "safety_checked_on":
        return jalali.long(raw if isinstance(raw, date) else date.fromisoformat(raw))
    return _WORDS[field][raw] if field in _WORDS else text.persian_digits(raw)
