"""Reports as workbooks: the sums of a territory, and line by line what they are the sums of."""

from collections.abc import Callable, Iterator
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import EquipmentItem, EquipmentMovement, Place, Unit, User, Workshop, db
from services import jalali, labels, property_labels, text
from services.imports import workbook
from services.inventory_reports.scope import Filters, Parts, Scope
from services.inventory_reports.stock import stock
from services.inventory_reports.traffic import Period, traffic, within, workshop_id

MOST = 10_000  # lines of a sheet; a larger territory is read unit by unit
AT_ONCE = 500
_ADVICE = "گزارش یک استان یا یک مرکز را بگیرید."
_PART = {Parts.PROVINCES: "استان", Parts.UNITS: "واحد", Parts.WORKSHOPS: "کارگاه"}
_ITEM = (
    "واحد", "محل", "کارگاه", "شمارهٔ برچسب", "گروه", "نام", "مدل", "سریال", "شمارهٔ اموال پیشین", "واحد شمارش",
    "تعداد", "سالم", "وضع", "منبع", "تاریخ دریافت", "بهای هر عدد (ریال)", "ارزش (ریال)", "نوبت سرویس",
)  # fmt: skip
_MOVEMENT = ("تاریخ", "واحد", "کارگاه", "نام", "نوع", "تعداد", "از آن سالم", "دلیل", "ثبت‌کننده")


def write_stock(into: IO[bytes], scope: Scope, filters: Filters) -> None:
    """Sums by part, then every item."""
    report = stock(scope, filters)
    titles = (_PART[scope.parts], "", "قلم", "تعداد", "سالم", "خراب", "ارزش (ریال)", "قلم بی‌قیمت", "سرویس گذشته")
    sums = [
        (row.title, row.sub, s.lines, s.pieces, s.working, s.broken, s.rials, s.unpriced, s.overdue)
        for row in report.rows
        for s in (row.sums,)
    ]
    workbook.write(
        into, ("خلاصه", [titles, *sums]), ("ریز", _lines(_ITEM, _items(scope, filters), EquipmentItem.id, _item))
    )


def write_traffic(into: IO[bytes], scope: Scope, filters: Filters, days: Period) -> None:
    """Sums by kind and by part, then every movement."""
    report = traffic(scope, filters, days)
    kinds = [(labels.MOVEMENT[kind], moved.times, moved.pieces) for kind, moved in report.by_kind.items()]
    parts = [(row.title, row.sub, row.times, row.came, row.left) for row in report.rows]
    workbook.write(
        into,
        ("نوع‌ها", [("نوع", "بار", "تعداد"), *kinds]),
        ("بخش‌ها", [(_PART[scope.parts], "", "بار", "آمده", "رفته"), *parts]),
        ("ریز", _lines(_MOVEMENT, _movements(scope, filters, days), EquipmentMovement.id, _movement)),
    )


# -- Support -----------------------------------------------------------------------


def _lines(
    titles: tuple[str, ...], query: Any, key: Any, line: Callable[..., tuple[str | int, ...]]
) -> Iterator[workbook.Line]:
    """Read as they are written, a part at a time in the order of `query`, so that a long list is never in memory."""
    ids = db.session.scalars(query.with_only_columns(key).limit(MOST + 1)).all()
    parts = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
    rows = (row for part in parts for row in db.session.execute(query.where(key.in_(part))))
    return workbook.capped(titles, (line(*row) for row in rows), MOST, _ADVICE)


def _items(scope: Scope, filters: Filters) -> Any:
    query = select(EquipmentItem, Unit.title, Workshop.title, Place.title)
    query = query.join(Unit, Unit.id == EquipmentItem.unit_id)
    query = query.join(Workshop, Workshop.id == EquipmentItem.workshop_id).join(Workshop.place)
    query = query.where(scope.items(), *filters.where())
    return query.order_by(Unit.title_sort, EquipmentItem.unit_id, EquipmentItem.name_sort, EquipmentItem.id)


def _item(item: EquipmentItem, unit: str, workshop: str, place: str) -> tuple[str | int, ...]:
    priced = ("", "") if item.price_rials is None else (item.price_rials, item.price_rials * item.quantity)
    return (
        unit, place, workshop, property_labels.label(item.id), labels.EQUIPMENT_GROUP[item.group], item.name,
        item.model or "", item.serial or "", item.asset_tag or "", item.unit_of_count, item.quantity, item.serviceable,
        labels.CONDITION.get(item.condition or "", ""), labels.ITEM_SOURCE.get(item.source or "", ""),
        _day(item.acquired_on), *priced, _day(item.next_service_on),
    )  # fmt: skip


def _movements(scope: Scope, filters: Filters, days: Period) -> Any:
    # A column of its own, so that only the lines that are written look for their workshop.
    where = select(Workshop.title).where(Workshop.id == workshop_id()).correlate(EquipmentMovement).scalar_subquery()
    query = select(EquipmentMovement, EquipmentItem.name, where, Unit.title, User)
    query = query.join(EquipmentItem, EquipmentItem.id == EquipmentMovement.item_id)
    query = query.join(Unit, Unit.id == EquipmentMovement.unit_id)
    query = query.outerjoin(User, User.id == EquipmentMovement.user_id).options(joinedload(User.person))
    return query.where(*within(scope, filters, days)).order_by(EquipmentMovement.happened_on, EquipmentMovement.id)


def _movement(row: EquipmentMovement, name: str, workshop: str, unit: str, user: User | None) -> tuple[str | int, ...]:
    by = (user.person.full_name or user.username) if user else ""
    kind = labels.MOVEMENT[row.kind]
    return _day(row.happened_on), unit, workshop, name, kind, row.pieces, row.working, row.reason, by


def _day(day: Any) -> str:
    """In plain digits, so that a spreadsheet sorts it."""
    return text.digits(jalali.short(day)) if day else ""
