"""What is written about an organization and its contracts: the fields, how they are cleaned, and how they read."""

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from models import AgreementKind, OrganizationKind
from services import codes, jalali, text
from services.errors import DomainError

KIND = {"company": "شرکت یا کارخانه", "agency": "دستگاه دولتی یا عمومی"}
AGREEMENT_KIND = {"contract": "قرارداد", "memorandum": "تفاهم‌نامه"}
LABEL = {
    "kind": "نوع",
    "legal_id": "شناسهٔ ملی",
    "title": "نام",
    "contact": "رابط",
    "phone": "تلفن",
    "address": "نشانی",
    "is_active": "فعال",
    "number": "شماره",
    "subject": "موضوع",
    "signed_on": "تاریخ امضا",
    "valid_until": "پایان اعتبار",
}
LONGEST = {"title": 200, "contact": 120, "phone": 20, "address": 300, "number": 40, "subject": 200}
NOTHING = "ثبت نشده"


@dataclass(frozen=True)
class OrganizationValues:
    """A company or an agency as a province writes it."""

    kind: OrganizationKind
    legal_id: str
    title: str
    contact: str | None = None
    phone: str | None = None
    address: str | None = None
    is_active: bool = True


@dataclass(frozen=True)
class AgreementValues:
    """A contract or a memorandum; without a last day it holds until it is put aside."""

    kind: AgreementKind
    number: str
    signed_on: date
    subject: str | None = None
    valid_until: date | None = None
    is_active: bool = True


def tidy(values: OrganizationValues) -> OrganizationValues:
    """The values as they are stored.

    Raises:
        DomainError: one is missing, too long or cannot be what it should be; it names the field.
    """
    cleaned = _clean(values, ("title", "contact", "phone", "address"))
    legal_id = codes.legal_id(values.legal_id)
    if legal_id is None:
        raise DomainError("شناسهٔ ملی ۱۱ رقم دارد و این عدد درست نیست؛ با نامهٔ سازمان تطبیق دهید", field="legal_id")
    if not text.key(cleaned["title"]):
        raise DomainError("نام سازمان را بنویسید", field="title")
    phone = text.digits(cleaned["phone"]) or None
    if phone and not re.fullmatch("[0-9+() -]{4,20}", phone):
        raise DomainError("تلفن را با رقم و خط تیره بنویسید؛ مثلاً ۰۱۷-۳۲۲۲۰۰۰۰", field="phone")
    return replace(values, legal_id=legal_id, **cleaned | {"phone": phone})


def tidy_agreement(values: AgreementValues) -> AgreementValues:
    """The same for a contract; raises as `tidy`."""
    cleaned = _clean(values, ("number", "subject"))
    if not cleaned["number"]:
        raise DomainError("شمارهٔ قرارداد را بنویسید", field="number")
    if values.valid_until and values.valid_until < values.signed_on:
        raise DomainError("پایان اعتبار پیش از تاریخ امضاست", field="valid_until")
    return replace(values, **cleaned)


def _clean(values: Any, names: tuple[str, ...]) -> dict[str, Any]:
    cleaned = {name: text.clean(getattr(values, name)) or None for name in names}
    for name, found in cleaned.items():
        if len(found or "") > LONGEST[name]:
            raise DomainError(f"{LABEL[name]} تا {text.persian_digits(LONGEST[name])} نویسه است", field=name)
    return cleaned


def show(field: str, raw: Any) -> str:
    """A stored value for the screen."""
    if field == "is_active":
        return "بله" if raw else "خیر"
    if raw is None or raw == "":
        return NOTHING
    if field in ("signed_on", "valid_until"):
        return jalali.day_month_year(raw if isinstance(raw, date) else date.fromisoformat(raw))
    return KIND.get(raw) or AGREEMENT_KIND.get(raw) or text.persian_digits(raw)
