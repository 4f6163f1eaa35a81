"""What is written about an item: the fields, how they are cleaned, and how they read in words. Not its numbers."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from models import Condition, EquipmentGroup, EquipmentItem, Source
from services import jalali, labels, policy, text
from services.errors import DomainError

LABEL = {
    "group": "گروه",
    "name": "نام",
    "model": "مدل",
    "serial": "شمارهٔ سریال",
    "asset_tag": "شمارهٔ اموال پیشین",
    "unit_of_count": "واحد شمارش",
    "acquired_on": "تاریخ تحصیل",
    "source": "از کجا آمده",
    "price_rials": "بهای هر عدد",
    "condition": "وضع",
    "note": "یادداشت",
}
LONGEST = {"name": 150, "model": 120, "serial": 80, "asset_tag": 40, "unit_of_count": 30, "note": 500}
MOST_RIALS = 10**13
NOTHING = "ثبت نشده"


@dataclass(frozen=True)
class ItemValues:
    """The facts of an item that its keepers write, without the plan of its service; None is not written."""

    group: EquipmentGroup
    name: str
    unit_of_count: str = "عدد"
    model: str | None = None
    serial: str | None = None
    asset_tag: str | None = None
    acquired_on: date | None = None
    source: Source | None = None
    price_rials: int | None = None
    condition: Condition | None = None
    note: str | None = None


FIELDS = tuple(field.name for field in fields(ItemValues))


def values_of(item: EquipmentItem) -> ItemValues:
    return ItemValues(**{name: getattr(item, name) for name in FIELDS})


def tidy(values: ItemValues) -> ItemValues:
    """The values as they are stored.

    Raises:
        DomainError: one is too long or cannot be what it should be; it names the field.
    """
    cleaned: dict[str, Any] = {name: text.clean(getattr(values, name)) or None for name in LONGEST}
    for name in ("serial", "asset_tag"):
        cleaned[name] = text.digits(cleaned[name]).upper() or None
    for name, most in LONGEST.items():
        if len(cleaned[name] or "") > most:
            raise DomainError(f"{LABEL[name]} تا {text.persian_digits(most)} نویسه است", field=name)
    if not text.key(cleaned["name"]):
        raise DomainError("نام را بنویسید", field="name")
    cleaned["unit_of_count"] = cleaned["unit_of_count"] or "عدد"
    _refuse_odd_numbers(values)
    return replace(values, **cleaned)


def columns(values: ItemValues) -> dict[str, Any]:
    """The columns of a row with these values, with the keys by which its name is found and sorted."""
    keys = {"name_key": text.key(values.name), "name_sort": text.sort_key(values.name)}
    return {name: getattr(values, name) for name in FIELDS} | keys


def show(field: str, raw: Any) -> str:
    """A value as an event keeps it, for the screen."""
    if raw is None or raw == "":
        return NOTHING
    words = {"group": labels.EQUIPMENT_GROUP, "source": labels.ITEM_SOURCE, "condition": labels.CONDITION}
    if field in words:
        return words[field].get(raw, raw)
    if field == "price_rials":
        return text.rial(raw)
    if field == "acquired_on":
        return jalali.short(date.fromisoformat(raw))
    return text.persian_digits(raw)


def _refuse_odd_numbers(values: ItemValues) -> None:
    if values.price_rials is not None and not 0 <= values.price_rials <= MOST_RIALS:
        raise DomainError("بهای هر عدد درست نیست؛ آن را به ریال بنویسید", field="price_rials")
    if values.acquired_on and values.acquired_on > policy.today():
        raise DomainError("تاریخ تحصیل هنوز نیامده است", field="acquired_on")
