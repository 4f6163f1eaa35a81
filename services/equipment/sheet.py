"""Equipment of a center as a form of import: an item is known by its earlier property number, or by name and workshop.

What an item begins with is a movement like any other. The number of pieces of an item that is there is not changed by a
sheet: pieces come and go by movements, each with its reason. Source: docs/rules.md R-119.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from models import (
    Condition,
    EquipmentGroup,
    EquipmentItem,
    EquipmentMovement,
    MovementKind,
    Place,
    Role,
    Source,
    Workshop,
    db,
)
from services import audit, imports, labels, policy, text
from services.access import Level
from services.equipment import movements, reading
from services.equipment.items import Stock, add
from services.equipment.values import FIELDS, LONGEST, MOST_RIALS, ItemValues, columns, tidy, values_of
from services.errors import DomainError
from services.imports import Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values

IMPORTED, TAKEN_BACK = "ورود از اکسل", "برگرداندن ورود از اکسل"
_KINDS: dict[str, Any] = {"group": EquipmentGroup, "source": Source, "condition": Condition}
_COUNTS = ("pieces", "working")


class Items:
    """Rows of `equipment_item` of one unit; `pieces` and `working` are their sums, `moves` how often they changed."""

    def find(self, scope: Scope, lines: Sequence[Values]) -> Sequence[Stored]:
        rooms, items = _rooms(scope.unit_id), _items(scope.unit_id, lines)
        return [_stored(line, rooms, items) for line in lines]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        query = select(EquipmentItem).where(EquipmentItem.id.in_(ids)).order_by(EquipmentItem.id).with_for_update()
        rows = db.session.scalars(query.execution_options(populate_existing=True)).all()
        moves = _moves([row.id for row in rows])
        return {row.id: _values(row) | {"moves": moves.get(row.id, 0)} for row in rows}

    def write(self, scope: Scope, subject_id: int | None, values: Values) -> int:
        if subject_id is None:
            stock = Stock(int(values["pieces"] or 0), int(values["working"] or 0), policy.today(), IMPORTED)
            return add(scope.actor, int(values["workshop_id"] or 0), _item_values(values), stock).id
        row = db.session.get_one(EquipmentItem, subject_id)
        facts = {name: value for name, value in values.items() if name in FIELDS}
        wanted = tidy(_item_values(_values(row) | facts))
        changed = columns(wanted) | ({"is_active": values["is_active"]} if "is_active" in values else {})
        stays = values.get("is_active") is not False
        if not stays:
            _move_to(scope, row, values, TAKEN_BACK)
        for name, value in changed.items():
            setattr(row, name, value)
        row.version += 1
        db.session.flush()
        if stays:
            _move_to(scope, row, values, IMPORTED)
        audit.record("equipment_imported", "equipment_item", row.id, actor_id=scope.user_id, fields=sorted(values))
        return row.id

    def remove(self, scope: Scope, subject_id: int) -> None:
        """The pieces go by a movement of the other sign, and the item is put aside: its history stays."""
        if reading.has_open_transfer(subject_id):
            raise DomainError("برگردانده نشد: جابه‌جایی نیمه‌کاره‌ای از این قلم هست.")
        self.write(scope, subject_id, {"pieces": 0, "working": 0, "is_active": False})

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


def prepare(values: Values) -> tuple[Values, dict[str, str]]:
    """Numbers and marks as they are stored."""
    found = values | {"pieces": values.get("pieces"), "working": values.get("working")}
    for name in ("serial", "asset_tag"):
        if found.get(name):
            found[name] = text.digits(str(found[name])).upper()
    if "unit_of_count" in found:
        found["unit_of_count"] = found["unit_of_count"] or "عدد"
    if found["pieces"] and int(found["working"] or 0) > int(found["pieces"]):
        return found, {"working": "از همهٔ تعداد بیشتر است"}
    return found, {}


# -- What the lines name -----------------------------------------------------------


@dataclass(frozen=True)
class _Known:
    """The items that lines may mean, by property number and by workshop and name."""

    by_tag: Mapping[str, EquipmentItem]
    by_name: Mapping[tuple[int, str], Sequence[EquipmentItem]]


def _rooms(unit_id: int) -> dict[str, list[tuple[int, str]]]:
    """The workshops in use of a unit by the key of their title: id, and the key of the title of the place."""
    query = select(Workshop.id, Workshop.title, Place.title).join(Place, Place.id == Workshop.place_id)
    query = query.where(Workshop.unit_id == unit_id, Workshop.is_active).order_by(Workshop.id)
    found: dict[str, list[tuple[int, str]]] = {}
    for room_id, title, place in db.session.execute(query):
        found.setdefault(text.key(title), []).append((room_id, text.key(place)))
    return found


def _items(unit_id: int, lines: Sequence[Values]) -> _Known:
    keys = {text.key(str(line.get("name") or "")) for line in lines}
    tags = {str(line["asset_tag"]) for line in lines if line.get("asset_tag")}
    named = or_(EquipmentItem.name_key.in_(keys), EquipmentItem.asset_tag.in_(tags))
    query = select(EquipmentItem).where(EquipmentItem.unit_id == unit_id, named).order_by(EquipmentItem.id)
    rows = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    by_name: dict[tuple[int, str], list[EquipmentItem]] = {}
    for row in rows:
        by_name.setdefault((row.workshop_id, row.name_key), []).append(row)
    return _Known({row.asset_tag: row for row in rows if row.asset_tag}, by_name)


def _stored(line: Values, rooms: Mapping[str, list[tuple[int, str]]], items: _Known) -> Stored:
    room_id, errors = _room_of(line, rooms)
    if room_id is None:
        return Stored(errors=errors)
    row, problem = _item_of(line, room_id, items)
    if problem:
        return Stored(errors={"name": problem})
    if row is None:
        no_number = {} if line["pieces"] else {"pieces": "این قلم هنوز ثبت نیست؛ تعداد آن را بنویسید"}
        new: dict[str, Value] = {"workshop_id": room_id, "is_active": True, "moves": 1}
        return Stored(errors=no_number, implied=new | _said(line, line["pieces"], line["pieces"]))
    if row.workshop_id != room_id:
        return Stored(errors={"workshop": "این شمارهٔ اموال در کارگاه دیگری ثبت است؛ جابه‌جایی ثبت کنید"})
    had = line["pieces"] if line["pieces"] and not row.is_active else row.serviceable
    implied = {"is_active": True} | _said(line, row.quantity, had)
    return Stored(row.id, _values(row), _other_numbers(row, implied), implied)


def _said(line: Values, pieces: Value, working: Value) -> Values:
    """The numbers of a line; what it leaves empty is as given here."""
    of_line = {name: line[name] for name in _COUNTS if line[name] is not None}
    return {"pieces": pieces, "working": working} | of_line


def _other_numbers(row: EquipmentItem, said: Values) -> dict[str, str]:
    """A sheet does not change the numbers of what is there."""
    how = "تعداد با جابه‌جایی عوض می‌شود، نه با ورود"
    if row.is_active and said["pieces"] != row.quantity:
        return {"pieces": f"اکنون {text.persian_digits(row.quantity)} تا ثبت است؛ {how}"}
    if row.is_active and said["working"] != row.serviceable:
        return {"working": f"اکنون {text.persian_digits(row.serviceable)} تا سالم است؛ {how}"}
    return {}


def _room_of(line: Values, rooms: Mapping[str, list[tuple[int, str]]]) -> tuple[int | None, dict[str, str]]:
    found = rooms.get(text.key(str(line.get("workshop") or "")), [])
    if not found:
        return None, {"workshop": "کارگاهی با این نام نیست؛ املای آن را بسنجید یا نخست کارگاه را ثبت کنید"}
    wanted = text.key(str(line.get("place") or ""))
    found = [room for room in found if not wanted or room[1] == wanted]
    if not found:
        return None, {"place": "این کارگاه در مکان دیگری است"}
    if len(found) > 1:
        return None, {"place": "چند کارگاه با این نام هست؛ نام مکان را هم بنویسید"}
    return found[0][0], {}


def _item_of(line: Values, room_id: int, items: _Known) -> tuple[EquipmentItem | None, str]:
    if line.get("asset_tag"):
        return items.by_tag.get(str(line["asset_tag"])), ""
    found = items.by_name.get((room_id, text.key(str(line.get("name") or ""))), [])
    for name in ("model", "serial"):
        found = [row for row in found if not line.get(name) or getattr(row, name) == line[name]]
    if len(found) > 1:
        return None, "چند قلم با این نام در این کارگاه هست؛ شمارهٔ اموال یا سریال را هم بنویسید"
    return (found[0] if found else None), ""


# -- Values ------------------------------------------------------------------------


def _values(row: EquipmentItem) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in columns(values_of(row)).items():
        if name in FIELDS:
            found[name] = value.isoformat() if isinstance(value, date) else getattr(value, "value", value)
    found |= {"pieces": row.quantity, "working": row.serviceable, "is_active": row.is_active}
    return found | {"workshop_id": row.workshop_id}


def _item_values(values: Mapping[str, Value]) -> ItemValues:
    found: dict[str, Any] = {name: values.get(name) for name in FIELDS}
    found |= {name: kind(found[name]) if found[name] else None for name, kind in _KINDS.items()}
    day = found["acquired_on"]
    found["acquired_on"] = date.fromisoformat(str(day)) if day else None
    return ItemValues(**found | {"unit_of_count": found["unit_of_count"] or "عدد"})


def _moves(ids: Sequence[int]) -> dict[int, int]:
    query = select(EquipmentMovement.item_id, func.count()).where(EquipmentMovement.item_id.in_(ids))
    return dict(iter(db.session.execute(query.group_by(EquipmentMovement.item_id))))


def _move_to(scope: Scope, row: EquipmentItem, values: Values, reason: str) -> None:
    """The movement that brings an item to the numbers of a line, where they differ."""
    wanted = {"pieces": row.quantity, "working": row.serviceable} | values
    plus = (int(wanted["pieces"] or 0) - row.quantity, int(wanted["working"] or 0) - row.serviceable)
    if plus == (0, 0):
        return
    kind = MovementKind.RECEIVED if plus[0] > 0 else MovementKind.WRITTEN_OFF
    movements.write(scope.actor, row.id, kind, *plus, policy.today(), reason=reason)


# -- The form ----------------------------------------------------------------------


def _words(named: Mapping[str, str]) -> dict[str, str]:
    return {word: value for value, word in named.items()}


def _shown(named: Mapping[str, str]) -> Any:
    return lambda value: named.get(str(value), "خالی")


COLUMNS = (
    Column("workshop", "کارگاه", is_required=True, longest=150, hint="نام کارگاه همان‌گونه که ثبت است"),
    Column("place", "مکان", longest=150, hint="اگر چند کارگاه یک نام دارند"),
    Column("group", "گروه", Kind.CHOICE, is_required=True, choices=_words(labels.EQUIPMENT_GROUP)),
    Column("name", "نام", is_required=True, longest=LONGEST["name"]),
    Column("model", "مدل", longest=LONGEST["model"]),
    Column("serial", "شمارهٔ سریال", Kind.CODE, longest=LONGEST["serial"]),
    Column("asset_tag", "شمارهٔ اموال پیشین", Kind.CODE, longest=LONGEST["asset_tag"], hint="با صفرهای ابتدای آن"),
    Column("pieces", "تعداد", Kind.INTEGER, least=1, most=movements.MOST, hint="برای قلم تازه لازم است"),
    Column("working", "تعداد سالم", Kind.INTEGER, most=movements.MOST, hint="اگر خالی باشد همه سالم‌اند"),
    Column("unit_of_count", "واحد شمارش", longest=LONGEST["unit_of_count"], hint="اگر خالی باشد «عدد»"),
    Column("acquired_on", "تاریخ تحصیل", Kind.DATE),
    Column("source", "از کجا آمده", Kind.CHOICE, choices=_words(labels.ITEM_SOURCE)),
    Column("price_rials", "بهای هر عدد", Kind.INTEGER, most=MOST_RIALS, hint="به ریال"),
    Column("condition", "وضع", Kind.CHOICE, choices=_words(labels.CONDITION)),
    Column("note", "یادداشت", longest=LONGEST["note"]),
)

FORM = imports.register(
    ImportForm(
        code="equipment",
        title="ورود تجهیزات از اکسل",
        lead="هر ردیف یک قلم از یک کارگاه است. موجودی قلم تازه در جابه‌جایی‌ها «دریافت» ثبت می‌شود.",
        level=Level.CENTER,
        roles=(Role.CLERK, Role.MANAGER),
        columns=COLUMNS,
        key=("name", "asset_tag", "serial", "model", "place", "workshop"),
        unique=(("asset_tag",),),
        label=lambda values: " ".join(str(values[name]) for name in ("name", "asset_tag") if values.get(name)),
        shown=(
            Shown("group", "گروه", _shown(labels.EQUIPMENT_GROUP)),
            *(Shown(one.name, one.title) for one in COLUMNS if one.name in ("name", "model", "serial", "asset_tag")),
            Shown("pieces", "تعداد"),
            Shown("working", "تعداد سالم"),
            Shown("unit_of_count", "واحد شمارش"),
            Shown("acquired_on", "تاریخ تحصیل", imports.show_date),
            Shown("source", "از کجا آمده", _shown(labels.ITEM_SOURCE)),
            Shown("price_rials", "بهای هر عدد", lambda value: text.rial(int(value)) if value else "خالی"),
            Shown("condition", "وضع", _shown(labels.CONDITION)),
            Shown("note", "یادداشت"),
            Shown("is_active", "در فهرست", lambda value: "هست" if value else "کنار گذاشته"),
        ),
        subject=Items(),
        prepare=prepare,
        whose=reading.units_of,
        home="/center/equipment",
    )
)
