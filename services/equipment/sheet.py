"""Equipment of a center as a form of import: an item is known by its earlier property number, or by name and workshop.

What an item begins with is a movement like any other. The number of pieces of an item that is there is not changed by a
sheet: pieces come and go by movements, each with its reason. Source: docs/rules.md R-119.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from models import (
    Condition,
    EquipmentGroup,
    EquipmentItem,
    EquipmentMovement,
    EquipmentTransfer,
    MovementKind,
    Place,
    Role,
    Source,
    TransferState,
    Workshop,
    db,
)
from services import audit, imports, labels, policy, text
from services.access import Level
from services.equipment import movements, reading
from services.equipment.items import Beginning, Stock, add
from services.equipment.movements import Move
from services.equipment.values import FIELDS, LONGEST, MOST_RIALS, ItemValues, columns, tidy, values_of
from services.errors import DomainError
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values, faults

IMPORTED, TAKEN_BACK = "ورود از اکسل", "برگرداندن ورود از اکسل"
_KINDS: dict[str, Any] = {"group": EquipmentGroup, "source": Source, "condition": Condition}
_COUNTS = ("pieces", "working")
_KNOWN_BY = frozenset({"workshop", "place", "name", "model", "serial", "asset_tag"})


class Items:
    """Rows of `equipment_item` of one unit; `pieces` and `working` are their sums, `moves` how often they changed."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        rooms, items = _rooms(scope.unit_id), _items(scope.unit_id, lines)
        return [_stored(line, cells, rooms, items) for line, cells in zip(lines, wrong, strict=True)]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        query = select(EquipmentItem).where(EquipmentItem.id.in_(ids)).order_by(EquipmentItem.id).with_for_update()
        rows = db.session.scalars(query.execution_options(populate_existing=True)).all()
        moves = _moves([row.id for row in rows])
        return {row.id: _values(row) | {"moves": moves.get(row.id, 0)} for row in rows}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        new = [_beginning(values) for row_id, values in changes if row_id is None]
        made = iter(add(scope.actor, new) if new else [])
        _change(scope, {row_id: values for row_id, values in changes if row_id is not None})
        return [next(made).id if row_id is None else row_id for row_id, _ in changes]

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        """The pieces go by movements of the other sign, and the items are put aside: their history stays."""
        under_way = EquipmentTransfer.state.in_((TransferState.WAITING, TransferState.SENT))
        moving = select(EquipmentTransfer.id).where(EquipmentTransfer.item_id.in_(ids), under_way).limit(1)
        if db.session.scalar(moving) is not None:
            raise DomainError("برگردانده نشد: جابه‌جایی نیمه‌کاره‌ای از این قلم هست.")
        nothing: Values = {"pieces": 0, "working": 0, "is_active": False}
        _change(scope, dict.fromkeys(ids, nothing))

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


def _stored(line: Values, wrong: Collection[str], rooms: Mapping[str, list[tuple[int, str]]], items: _Known) -> Stored:
    """What a line means; which item that is stays open while a cell by which it is known makes no sense."""
    odd = faults(lambda values: tidy(_item_values(values)), line, wrong, {"name": "ا"})
    room_id, errors = _room_of(line, rooms)
    if room_id is None or _KNOWN_BY & set(wrong):
        return Stored(errors=odd | errors)
    row, problem = _item_of(line, room_id, items)
    if problem:
        return Stored(errors=odd | {"name": problem})
    if row is None:
        no_number = {} if line["pieces"] else {"pieces": "این قلم هنوز ثبت نیست؛ تعداد آن را بنویسید"}
        new: dict[str, Value] = {"workshop_id": room_id, "is_active": True, "moves": 1}
        return Stored(errors=odd | no_number, implied=new | _said(line, line["pieces"], line["pieces"]))
    if row.workshop_id != room_id:
        return Stored(errors=odd | {"workshop": "این شمارهٔ اموال در کارگاه دیگری ثبت است؛ جابه‌جایی ثبت کنید"})
    had = line["pieces"] if line["pieces"] and not row.is_active else row.serviceable
    implied = {"is_active": True} | _said(line, row.quantity, had)
    return Stored(row.id, _values(row), odd | _other_numbers(row, implied), implied)


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


# -- Writing -----------------------------------------------------------------------


def _beginning(values: Values) -> Beginning:
    stock = Stock(int(values["pieces"] or 0), int(values["working"] or 0), policy.today(), IMPORTED)
    return Beginning(int(values["workshop_id"] or 0), _item_values(values), stock)


def _change(scope: Scope, wanted: Mapping[int, Values]) -> None:
    """Facts and numbers of items; what leaves the list gives its pieces away first, what comes back gets them last.

    The number of statements does not grow with the items.
    """
    if not wanted:
        return
    rows = db.session.scalars(select(EquipmentItem).where(EquipmentItem.id.in_(wanted))).all()
    leaving = [row for row in rows if wanted[row.id].get("is_active") is False]
    _move_to(scope, leaving, wanted, TAKEN_BACK)
    for row in rows:
        for name, value in _changed(row, wanted[row.id]).items():
            setattr(row, name, value)
        row.version += 1
    db.session.flush()
    _move_to(scope, [row for row in rows if row not in leaving], wanted, IMPORTED)
    details = {row.id: {"fields": sorted(wanted[row.id])} for row in rows}
    audit.record_each("equipment_imported", "equipment_item", details, actor_id=scope.user_id)


def _changed(row: EquipmentItem, values: Values) -> dict[str, Any]:
    """The columns of an item as a line wants them."""
    facts = {name: value for name, value in values.items() if name in FIELDS}
    wanted = columns(tidy(_item_values(_values(row) | facts)))
    return wanted | ({"is_active": values["is_active"]} if "is_active" in values else {})


def _move_to(scope: Scope, rows: Sequence[EquipmentItem], wanted: Mapping[int, Values], reason: str) -> None:
    """The movements that bring items to the numbers of their lines, where they differ."""
    moves = [_move(row, wanted[row.id], reason) for row in rows]
    movements.write_all(scope.actor, [move for move in moves if move])


def _move(row: EquipmentItem, values: Values, reason: str) -> Move | None:
    wanted = {"pieces": row.quantity, "working": row.serviceable} | values
    plus = (int(wanted["pieces"] or 0) - row.quantity, int(wanted["working"] or 0) - row.serviceable)
    if plus == (0, 0):
        return None
    kind = MovementKind.RECEIVED if plus[0] > 0 else MovementKind.WRITTEN_OFF
    return Move(row.id, kind, *plus, policy.today(), reason)


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
