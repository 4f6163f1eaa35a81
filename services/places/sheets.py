"""Places and workshops of a center as two forms of import; what both may hold is decided where one writes them by hand.

Source: docs/rules.md R-119.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import delete, exists, select

from models import (
    Area,
    County,
    Course,
    EquipmentItem,
    EquipmentTransfer,
    Gender,
    Ownership,
    Place,
    PlaceKind,
    Role,
    Stocktake,
    Workshop,
    WorkshopDowntime,
    WorkshopStandard,
    db,
)
from services import audit, imports, labels, text
from services.access import Level
from services.errors import DomainError
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values, faults
from services.places.keeping import _refuse_fuller_courses
from services.places.reading import kept_units
from services.places.values import (
    LONGEST,
    MOST_SEATS,
    PlaceValues,
    WorkshopValues,
    columns,
    place_values,
    tidy_place,
    tidy_workshop,
    workshop_values,
)

_ENUMS: dict[str, Any] = {"kind": PlaceKind, "area": Area, "ownership": Ownership, "gender": Gender}
_HAS = ("has_power", "has_water", "has_gas", "has_ventilation", "has_protective_gear")
_HARMLESS: Values = {"title": "ا", "village": "ا", "workstations": 1}  # in place of what was refused
_IN_USE = "برگردانده نشد: دوره، کارگاه یا تجهیزاتی برای آن ثبت شده است."


class Places:
    """Rows of `place` of one unit, found by code where the line has one, else by title."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        query = select(Place).where(Place.unit_id == scope.unit_id).order_by(Place.id).with_for_update()
        rows = db.session.scalars(query.execution_options(populate_existing=True)).all()
        counties = _counties(scope)
        return [_place_of(line, cells, rows, counties) for line, cells in zip(lines, wrong, strict=True)]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        query = select(Place).where(Place.id.in_(ids)).order_by(Place.id).with_for_update()
        return {row.id: _kept(row) for row in db.session.scalars(query.execution_options(populate_existing=True))}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        unit = next(held for held in scope.actor.held if held.unit_id == scope.unit_id)
        there = _by_id(Place, [row_id for row_id, _ in changes if row_id])
        new = {"unit_id": scope.unit_id, "province_id": unit.province_id}
        rows = [there[row_id] if row_id else Place(**new) for row_id, _ in changes]
        for row, (row_id, values) in zip(rows, changes, strict=True):
            before = _kept(row) if row_id else {}
            _fill(row, columns(_tidy(before, values)), is_new=not row_id)
        return _saved(scope, "place", rows)

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        _delete(Place, ids, Workshop.place_id, Course.place_id)

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


class Workshops:
    """Rows of `workshop` of one unit, found by place and title."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        places = db.session.scalars(select(Place).where(Place.unit_id == scope.unit_id, Place.is_active)).all()
        query = select(Workshop).where(Workshop.unit_id == scope.unit_id).order_by(Workshop.id).with_for_update()
        rows = db.session.scalars(query.execution_options(populate_existing=True)).all()
        rooms = {(row.place_id, text.key(row.title)): row for row in rows}
        return [_room_of(line, cells, places, rooms) for line, cells in zip(lines, wrong, strict=True)]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        query = select(Workshop).where(Workshop.id.in_(ids)).order_by(Workshop.id).with_for_update()
        return {row.id: _kept(row) for row in db.session.scalars(query.execution_options(populate_existing=True))}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        there = _by_id(Workshop, [row_id for row_id, _ in changes if row_id])
        rows = [
            there[row_id] if row_id else Workshop(place_id=values["place_id"], unit_id=scope.unit_id)
            for row_id, values in changes
        ]
        for row, (row_id, values) in zip(rows, changes, strict=True):
            wanted = _as_workshop((_kept(row) if row_id else {}) | values)
            if row_id and wanted.workstations < row.workstations:
                _refuse_fuller_courses(row, wanted.workstations)
            _fill(row, columns(tidy_workshop(wanted)), is_new=not row_id)
        return _saved(scope, "workshop", rows)

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        of_items = (EquipmentItem.workshop_id, EquipmentTransfer.from_workshop_id, EquipmentTransfer.to_workshop_id)
        of_rooms = (WorkshopStandard.workshop_id, WorkshopDowntime.workshop_id, Stocktake.workshop_id)
        _delete(Workshop, ids, Course.workshop_id, *of_items, *of_rooms)

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


# -- What the lines name -----------------------------------------------------------


def _counties(scope: Scope) -> dict[str, int]:
    """The counties of the province of the unit by the key of their title."""
    province = next(held.province_id for held in scope.actor.held if held.unit_id == scope.unit_id)
    query = select(County.title, County.id).where(County.province_id == province)
    return {text.key(title): county_id for title, county_id in db.session.execute(query)}


def _place_of(line: Values, wrong: Collection[str], rows: Sequence[Place], counties: Mapping[str, int]) -> Stored:
    county = counties.get(text.key(str(line.get("county") or "")))
    errors = {} if county else {"county": "این شهرستان در استان شما نیست؛ املای آن را بسنجید"}
    key = text.key(str(line["title"] or ""))
    same = [row for row in rows if row.code == line["code"]] if line.get("code") else []
    same = same or [row for row in rows if text.key(row.title) == key and not (line.get("code") and row.code)]
    if not {"title", "code"}.isdisjoint(wrong):
        return Stored(errors=errors | _odd_place(line, wrong))
    if len(same) > 1:
        errors["title"] = "چند مکان با این نام هست؛ کد مکان را هم بنویسید"
        return Stored(errors=_odd_place(line, wrong) | errors)
    row = same[0] if same else None
    before = _kept(row) if row else {}
    errors |= faults(lambda values: _tidy(before, values), line, wrong, _HARMLESS)
    return Stored(row.id if row else None, before, errors, {"county_id": county})


def _odd_place(line: Values, wrong: Collection[str]) -> dict[str, str]:
    """What can be said of a line of which nobody knows which place it means, and so what it has already."""
    found = faults(lambda values: _tidy({}, values), line, wrong, _HARMLESS)
    return {name: why for name, why in found.items() if name in line}


def _room_of(
    line: Values, wrong: Collection[str], places: Sequence[Place], rooms: Mapping[tuple[int, str], Workshop]
) -> Stored:
    key = text.key(str(line["place"] or ""))
    found = [place for place in places if key in (text.key(place.title), text.key(place.code or "-"))]
    if len(found) != 1:
        why = "چند مکان با این نام هست؛ کد مکان را بنویسید" if found else "مکانی با این نام نیست؛ نخست مکان را ثبت کنید"
        odd = faults(lambda values: tidy_workshop(_as_workshop(values)), line, wrong, _HARMLESS)
        return Stored(errors={"place": why} | odd)
    row = rooms.get((found[0].id, text.key(str(line["title"] or ""))))
    before = _kept(row) if row else {}
    odd = faults(lambda values: tidy_workshop(_as_workshop(before | values)), line, wrong, _HARMLESS)
    return Stored(row.id if row else None, before, odd, {"place_id": found[0].id})


# -- Values ------------------------------------------------------------------------


def _kept(row: Place | Workshop) -> dict[str, Value]:
    values = columns(place_values(row) if isinstance(row, Place) else workshop_values(row))
    kept: dict[str, Value] = {}
    for name, value in values.items():
        if name not in ("latitude", "longitude", "responsible_id", "shifts"):
            kept[name] = value.isoformat() if isinstance(value, date) else getattr(value, "value", value)
    return kept if isinstance(row, Place) else kept | {"place_id": row.place_id}


def _as_place(values: Mapping[str, Value]) -> PlaceValues:
    found: dict[str, Any] = {name: values[name] for name in PlaceValues.__dataclass_fields__ if name in values}
    found |= {name: kind(found[name]) if found.get(name) else None for name, kind in _ENUMS.items()}
    day = found.get("safety_checked_on")
    found["safety_checked_on"] = date.fromisoformat(str(day)) if day else None
    return PlaceValues(**found | {"gender": found["gender"] or Gender.MIXED})


def _tidy(before: Mapping[str, Value], values: Mapping[str, Value]) -> PlaceValues:
    """A line over what is stored; only a person can say that an unusual postal code is right, and a stored one is."""
    return tidy_place(_as_place({**before, **values}), str(before.get("postal_code") or ""))


def _as_workshop(values: Mapping[str, Value]) -> WorkshopValues:
    found: dict[str, Any] = {name: values[name] for name in WorkshopValues.__dataclass_fields__ if name in values}
    return WorkshopValues(**found)


# -- Writing -----------------------------------------------------------------------

Row = TypeVar("Row", Place, Workshop)


def _by_id(model: type[Row], ids: Sequence[int]) -> dict[int, Row]:
    return {row.id: row for row in db.session.scalars(select(model).where(model.id.in_(ids)))}


def _fill(row: Place | Workshop, written: Mapping[str, Any], *, is_new: bool) -> None:
    """The columns that a line has; a point on the map, shifts and the one responsible stay as they are."""
    for name in set(written) - ({"latitude", "longitude", "responsible_id", "shifts"} if not is_new else set()):
        setattr(row, name, written[name])
    row.version = 1 if is_new else row.version + 1


def _saved(scope: Scope, subject: str, rows: Sequence[Place] | Sequence[Workshop]) -> list[int]:
    db.session.add_all(rows)
    db.session.flush()
    audit.record_each(f"{subject}_imported", subject, {row.id: {} for row in rows}, actor_id=scope.user_id)
    return [row.id for row in rows]


def _delete(model: type[Place] | type[Workshop], ids: Sequence[int], *users: Any) -> None:
    for column in users:
        if db.session.scalar(select(exists().where(column.in_(ids)))):
            raise DomainError(_IN_USE)
    db.session.execute(delete(model).where(model.id.in_(ids)))


# -- The forms ---------------------------------------------------------------------


def _words(named: Mapping[str, str]) -> dict[str, str]:
    return {word: value for value, word in named.items()}


def _shown(named: Mapping[str, str]) -> Any:
    return lambda value: named.get(str(value), "خالی")


def _county(value: Value) -> str:
    return db.session.scalar(select(County.title).where(County.id == value)) or "خالی"


def _yes(value: Value) -> str:
    return "دارد" if value else "ندارد"


_CHOICES = {"kind": labels.PLACE_KIND, "area": labels.AREA, "ownership": labels.OWNERSHIP, "gender": labels.GENDER}
_YES = {"دارد": True, "ندارد": False}
PLACE_COLUMNS = (
    Column("title", "نام_مکان", is_required=True, longest=LONGEST["title"]),
    Column("code", "کد_مکان", Kind.CODE, longest=LONGEST["code"], hint="مکان با کد شناخته می‌شود و بی‌کد با نام"),
    Column("kind", "نوع_مکان", Kind.CHOICE, is_required=True, choices=_words(labels.PLACE_KIND)),
    Column("county", "شهرستان", is_required=True),
    Column("district", "بخش", longest=LONGEST["district"]),
    Column("village", "روستا", longest=LONGEST["village"]),
    Column("area", "بافت", Kind.CHOICE, choices=_words(labels.AREA)),
    Column("address", "نشانی", longest=LONGEST["address"]),
    Column("postal_code", "کد_پستی", Kind.CODE, length=10),
    Column("phone", "تلفن", Kind.CODE, longest=LONGEST["phone"]),
    Column("area_m2", "مساحت", Kind.INTEGER, least=1, most=1_000_000, hint="متر مربع"),
    Column("ownership", "مالکیت", Kind.CHOICE, choices=_words(labels.OWNERSHIP)),
    Column("gender", "برای", Kind.CHOICE, is_required=True, choices=_words(labels.GENDER)),
    Column("capacity", "گنجایش", Kind.INTEGER, least=1, most=10_000, hint="نفر"),
    Column("contract_no", "شماره_قرارداد", longest=LONGEST["contract_no"]),
    Column("safety_checked_on", "تاریخ_بازدید_ایمنی", Kind.DATE),
)
ROOM_COLUMNS = (
    Column("place", "مکان", is_required=True, longest=LONGEST["title"], hint="نام یا کد مکان همان‌گونه که ثبت است"),
    Column("title", "نام_کارگاه", is_required=True, longest=LONGEST["title"]),
    Column("workstations", "تعداد_جای_کار", Kind.INTEGER, is_required=True, least=1, most=MOST_SEATS),
    Column("area_m2", "مساحت", Kind.INTEGER, least=1, most=100_000, hint="متر مربع"),
    Column("has_power", "برق", Kind.CHOICE, is_required=True, choices=_YES),
    Column("has_water", "آب", Kind.CHOICE, is_required=True, choices=_YES),
    Column("has_gas", "گاز", Kind.CHOICE, is_required=True, choices=_YES),
    Column("has_ventilation", "تهویه", Kind.CHOICE, is_required=True, choices=_YES),
    Column("has_protective_gear", "لوازم_حفاظت_فردی", Kind.CHOICE, is_required=True, choices=_YES),
)


def _form(code: str, title: str, lead: str, **rest: Any) -> ImportForm:
    roles = (Role.CLERK, Role.MANAGER)
    form = ImportForm(code, title, lead, Level.CENTER, roles, whose=kept_units, home="/center/places", **rest)
    return imports.register(form)


PLACES = _form(
    "places",
    "ورود مکان‌ها از اکسل",
    "هر ردیف یک مکان است. کارگاه‌های آن‌ها را پس از آن با «ورود کارگاه‌ها» بفرستید.",
    columns=PLACE_COLUMNS,
    key=("code", "title"),
    unique=(("code",),),
    label=lambda values: str(values.get("title") or ""),
    shown=tuple(
        Shown("county_id", one.title, _county) if one.name == "county"
        else Shown(one.name, one.title, _shown(_CHOICES[one.name])) if one.name in _CHOICES
        else Shown(one.name, one.title, imports.show_date) if one.kind is Kind.DATE
        else Shown(one.name, one.title)
        for one in PLACE_COLUMNS
    ),
    subject=Places(),
)  # fmt: skip
WORKSHOPS = _form(
    "workshops",
    "ورود کارگاه‌ها از اکسل",
    "هر ردیف یک کارگاه از مکانی است که از پیش ثبت شده است.",
    columns=ROOM_COLUMNS,
    key=("place", "title"),
    label=lambda values: " ".join(str(values[name]) for name in ("title", "place") if values.get(name)),
    shown=tuple(Shown(one.name, one.title, _yes if one.name in _HAS else imports.show_text) for one in ROOM_COLUMNS),
    subject=Workshops(),
)
FORMS = (PLACES, WORKSHOPS)
