"""What a standard asks for: items of four groups, for each workshop, for so many trainees or for each one.

Kept by HQ by hand or by a sheet. A basis of `PER_WORKSHOP` trainees is more than any workshop seats, so an item with
it is needed once; the sum of what is short (R-46) needs no second rule for it. Source: docs/rules.md R-116.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, tuple_

from models import EquipmentGroup, SkillStandard, StandardRequirement, db
from services import audit, imports, labels, text
from services.access import Actor, Level
from services.errors import Conflict, DomainError, NotAllowed, NotFound
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values
from services.standards.sheet import CODE_LENGTH, ROLES
from services.transaction import atomic

PER_WORKSHOP = 1000
MOST_QUANTITY = 100_000

FOUR = ("item_name", "group", "quantity", "basis_n")  # what a person writes of an item
_LATE = "این قلم را کسی دیگر در این میان تغییر داده است. نوشتهٔ شما در فرم مانده است؛ ببینید و دوباره ذخیره کنید."
_GONE = "این قلم را کسی دیگر همین حالا تغییر داد یا برداشت. صفحه را دوباره بخوانید."


def of_standard(standard_id: int) -> Sequence[StandardRequirement]:
    """The items of a standard, by group and in the order in which they came."""
    query = select(StandardRequirement).where(StandardRequirement.standard_id == standard_id)
    rows = db.session.scalars(query.order_by(StandardRequirement.id)).all()
    order = list(EquipmentGroup)
    return sorted(rows, key=lambda row: order.index(row.group))


def basis(basis_n: int) -> str:
    """«برای هر کارگاه», «برای هر نفر» or «برای هر ۵ نفر»."""
    if basis_n >= PER_WORKSHOP:
        return "برای هر کارگاه"
    return "برای هر نفر" if basis_n == 1 else f"برای هر {text.persian_digits(basis_n)} نفر"


# -- By hand -----------------------------------------------------------------------


class StaleItem(Conflict):
    """Nothing was saved. `stored` stands now; `merged` is that with what the sender has touched."""

    def __init__(self, stored: Values, merged: Values) -> None:
        super().__init__(_LATE)
        self.stored = stored
        self.merged = merged


def add(actor: Actor, standard_id: int, values: Values) -> bool:
    """A new item of a standard; False when it is there just so, as when the same form comes twice.

    Raises:
        DomainError: the values cannot stand, or the item is there with other numbers.
    """
    _check(actor, values)
    with atomic():
        _lock(standard_id)
        same = _same_item(standard_id, values)
        if any(by_hand(row) == _four(values) for row in same):
            return False
        if same:
            raise DomainError("این قلم در این گروه هست؛ همان را ویرایش کنید.", field="item_name")
        (row_id,) = Requirements().write(_SCOPE, [(None, values | {"standard_id": standard_id})])
        _tell(actor, "requirement.add", standard_id, row_id, changes=_four(values))
    return True


def change(actor: Actor, standard_id: int, row_id: int, seen: Values, values: Values) -> bool:
    """Other values for an item as it was `seen`; False when it has them already.

    Raises:
        DomainError: the values cannot stand.
        StaleItem: somebody has changed it since. Conflict: somebody has removed it.
    """
    _check(actor, values)
    with atomic():
        _lock(standard_id)
        stored, wanted = _stored(standard_id, row_id), _four(values)
        if stored is None:
            raise Conflict(_GONE)
        if stored == wanted:
            return False
        if stored != _four(seen):
            touched = {name: wanted[name] for name in FOUR if wanted[name] != seen.get(name)}
            raise StaleItem(stored, {**stored, **touched})
        if any(row.id != row_id for row in _same_item(standard_id, values)):
            raise DomainError("قلم دیگری با همین نام در این گروه هست.", field="item_name")
        Requirements().write(_SCOPE, [(row_id, wanted)])
        _tell(actor, "requirement.change", standard_id, row_id, before=stored, changes=wanted)
    return True


def remove(actor: Actor, standard_id: int, row_id: int, seen: Values) -> bool:
    """Take an item away as it was `seen`; False when it is gone.

    Raises:
        Conflict: somebody has changed it since.
    """
    _may(actor)
    with atomic():
        _lock(standard_id)
        stored = _stored(standard_id, row_id)
        if stored is None:
            return False
        if stored != _four(seen):
            raise Conflict(_GONE)
        Requirements().remove(_SCOPE, [row_id])
        _tell(actor, "requirement.remove", standard_id, row_id, changes=stored)
    return True


def by_hand(row: StandardRequirement) -> Values:
    """What a person writes of an item."""
    return {"item_name": row.item_name, "group": row.group.value, "quantity": row.quantity, "basis_n": row.basis_n}


def _four(values: Values) -> Values:
    return {name: values.get(name) for name in FOUR}


def _stored(standard_id: int, row_id: int) -> Values | None:
    query = select(StandardRequirement).where(
        StandardRequirement.id == row_id, StandardRequirement.standard_id == standard_id
    )
    row = db.session.scalar(query.execution_options(populate_existing=True))
    return by_hand(row) if row else None


def _check(actor: Actor, values: Values) -> None:
    _may(actor)
    if not values.get("item_name"):
        raise DomainError("نام قلم را بنویسید", field="item_name")
    if not 0 < int(values.get("quantity") or 0) <= MOST_QUANTITY:
        raise DomainError("تعداد را با عددی بزرگ‌تر از صفر بنویسید", field="quantity")
    if not 0 < int(values.get("basis_n") or 0) <= PER_WORKSHOP:
        raise DomainError("برای چند نفر؟ عددی از ۱ تا ۱۰۰۰ بنویسید", field="basis_n")


def _may(actor: Actor) -> None:
    if actor.level is not Level.HQ or not actor.has(*ROLES):
        raise NotAllowed("تجهیزات استانداردها را ستاد نگه می‌دارد.")


def _lock(standard_id: int) -> None:
    query = select(SkillStandard.id).where(SkillStandard.id == standard_id).with_for_update()
    if db.session.scalar(query) is None:
        raise NotFound("این استاندارد پیدا نشد.")


def _same_item(standard_id: int, values: Values) -> Sequence[StandardRequirement]:
    key = text.key(str(values["item_name"]))
    query = select(StandardRequirement).where(
        StandardRequirement.standard_id == standard_id,
        StandardRequirement.item_key == key,
        StandardRequirement.group == values["group"],
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _tell(actor: Actor, action: str, standard_id: int, row_id: int, **detail: Any) -> None:
    audit.record(action, "skill_standard", standard_id, actor_id=actor.user_id, requirement=row_id, **detail)


# -- By a sheet --------------------------------------------------------------------

_SCOPE = Scope(0, 0, Level.HQ)
_BASIS = {"کارگاه": "workshop", "نفر": "trainee", "گروه": "group"}
COLUMNS = (
    Column("code", "کد_استاندارد_ایسکو", Kind.CODE, is_required=True, length=CODE_LENGTH),
    Column("group", "گروه", Kind.CHOICE, is_required=True, choices={v: k for k, v in labels.EQUIPMENT_GROUP.items()}),
    Column("item_name", "قلم", is_required=True),
    Column("quantity", "تعداد", Kind.INTEGER, is_required=True, least=1, most=MOST_QUANTITY),
    Column("per", "برای هر", Kind.CHOICE, is_required=True, choices=_BASIS, hint="با «گروه» تعداد نفرات را هم بنویسید"),
    Column("of", "تعداد نفرات گروه", Kind.INTEGER, least=1, most=PER_WORKSHOP - 1),
)


def prepare(values: Values) -> tuple[Values, dict[str, str]]:
    """«for each» and the size of a group as one number; the item's key, by which it is found again."""
    found = dict(values)
    per, size = found.pop("per", None), found.pop("of", None)
    found["item_key"] = text.key(str(values.get("item_name") or ""))
    found["basis_n"] = {"workshop": PER_WORKSHOP, "trainee": 1, "group": size}.get(str(per))
    problem = {"of": "تعداد نفرات گروه را بنویسید"} if per == "group" and not size else {}
    return found, problem


class Requirements:
    """Rows of `standard_requirement`, found by the code of the standard, group and item."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        codes = {str(line["code"]) for line in lines}
        query = select(SkillStandard.code, SkillStandard.id).where(SkillStandard.code.in_(codes))
        ids = dict(iter(db.session.execute(query.order_by(SkillStandard.id).with_for_update())))
        rows = select(StandardRequirement).where(
            tuple_(StandardRequirement.standard_id, StandardRequirement.item_key).in_(
                [(ids.get(str(line["code"]), 0), line["item_key"]) for line in lines]
            )
        )
        found = db.session.scalars(rows.execution_options(populate_existing=True))
        stored = {(row.standard_id, row.group.value, row.item_key): row for row in found}
        return [self._stored(line, ids.get(str(line["code"])), stored) for line in lines]

    def _stored(
        self, line: Values, standard_id: int | None, stored: Mapping[tuple[int, str, str], StandardRequirement]
    ) -> Stored:
        if standard_id is None:
            return Stored(errors={"code": "استانداردی با این کد در کاتالوگ نیست"})
        row = stored.get((standard_id, str(line["group"]), str(line["item_key"])))
        implied = {"standard_id": standard_id}
        return Stored(row.id, _values(row), implied=implied) if row else Stored(implied=implied)

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        query = select(StandardRequirement).where(StandardRequirement.id.in_(ids)).order_by(StandardRequirement.id)
        rows = db.session.scalars(query.with_for_update().execution_options(populate_existing=True))
        return {row.id: _values(row) for row in rows}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        ids = [row_id for row_id, _ in changes if row_id]
        query = select(StandardRequirement).where(StandardRequirement.id.in_(ids))
        there = {row.id: row for row in db.session.scalars(query)}
        rows = [there[row_id] if row_id else StandardRequirement() for row_id, _ in changes]
        for row, (_, values) in zip(rows, changes, strict=True):
            for name in {"standard_id", "item_name", "quantity", "basis_n"} & values.keys():
                setattr(row, name, values[name])
            if "group" in values:
                row.group = EquipmentGroup(str(values["group"]))
            row.item_key = text.key(row.item_name)
        db.session.add_all(rows)
        db.session.flush()
        return [row.id for row in rows]

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        db.session.execute(delete(StandardRequirement).where(StandardRequirement.id.in_(ids)))

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


def _values(row: StandardRequirement) -> dict[str, Value]:
    values: dict[str, Value] = {"standard_id": row.standard_id, "group": row.group.value, "item_key": row.item_key}
    return values | {"item_name": row.item_name, "quantity": row.quantity, "basis_n": row.basis_n}


FORM = imports.register(
    ImportForm(
        code="requirements",
        title="ورود تجهیزات استانداردها",
        lead="هر ردیف یک قلم از یک استاندارد است: برای هر کارگاه، هر نفر یا هر گروه چند نفره چند عدد.",
        level=Level.HQ,
        roles=ROLES,
        columns=COLUMNS,
        key=("code", "group", "item_key"),
        label=lambda values: f"{values.get('code') or ''} {values.get('item_name') or ''}".strip(),
        shown=(
            Shown("item_name", "قلم"),
            Shown("group", "گروه", lambda value: labels.EQUIPMENT_GROUP.get(str(value), str(value))),
            Shown("quantity", "تعداد"),
            Shown("basis_n", "مبنا", lambda value: basis(int(value or 1))),
        ),
        subject=Requirements(),
        prepare=prepare,
        home="/hq/standards",
    )
)
