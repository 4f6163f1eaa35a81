"""Which equipment is due for service, and what was done to an item."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, select, tuple_
from sqlalchemy.orm import joinedload

from models import EquipmentGroup, EquipmentItem, Role, ServiceRecord, StoredFile, User, Workshop, WorkshopDowntime, db
from services import files, jalali, policy, text
from services.access import Actor, Level
from services.errors import NotAllowed, NotFound, OutsideTerritory

PAGE = 25
SOON_DAYS = 14
OWNER = "service_record"  # whose documents are in the file store
OVERDUE, SOON, PLANNED, NONE = TABS = ("overdue", "soon", "planned", "none")
KEEPERS = (Role.CLERK, Role.MANAGER)
_NOT_KEPT = "برنامهٔ سرویس و خارج از کار بودن کارگاه را کارشناس یا مدیر همین واحد می‌نویسد. چیزی ثبت نشد."
_NO_SUCH = "این قلم پیدا نشد. شاید نشانی ناقص است."


@dataclass(frozen=True)
class Numbers:
    """What waits for somebody: items past their day, items of the next days, and workshops that are down."""

    overdue: int
    soon: int
    down: int


@dataclass(frozen=True)
class Page:
    """Some items of a tab, and where the next page begins (None at the end)."""

    items: Sequence[EquipmentItem]
    after: tuple[str, int] | None


@dataclass(frozen=True)
class Done:
    """One service that was done, who wrote it down, and its document."""

    record: ServiceRecord
    by: str
    document: StoredFile | None


def may_keep(actor: Actor, unit_id: int) -> bool:
    """Whether this person plans and records service for a unit."""
    return actor.level is Level.CENTER and unit_id in actor.acting(*KEEPERS).units


def counted(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """What `Numbers` holds as parts of a query, for pages that count other things as well."""
    today = policy.today()
    due = select(func.count(EquipmentItem.id)).where(_mine(actor))
    down = select(func.count(WorkshopDowntime.id)).join(Workshop, Workshop.id == WorkshopDowntime.workshop_id)
    down = down.where(Workshop.unit_id.in_(actor.units), WorkshopDowntime.ends_on.is_(None))
    return {
        "overdue": due.where(*_in_tab(OVERDUE, today)).scalar_subquery(),
        "soon": due.where(*_in_tab(SOON, today)).scalar_subquery(),
        "down": down.scalar_subquery(),
    }


def numbers(actor: Actor) -> Numbers:
    """The numbers of the tabs; one query."""
    parts = counted(actor)
    row = db.session.execute(select(*(part.label(name) for name, part in parts.items()))).one()
    return Numbers(**row._mapping)


def overdue(actor: Actor) -> int:
    """How many items of the actor's units are past their day."""
    return db.session.scalar(select(counted(actor)["overdue"])) or 0


def listing(actor: Actor, tab: str, words: str = "", after: tuple[str, int] | None = None) -> Page:
    """25 items of a tab: those with a day by their day, those without a plan by their name."""
    query = select(EquipmentItem).where(_mine(actor), *_in_tab(tab, policy.today()))
    if wanted := text.key(words):
        query = query.where(EquipmentItem.name_key.contains(wanted, autoescape=True))
    query = _ordered(query, tab, after).options(joinedload(EquipmentItem.workshop)).limit(PAGE + 1)
    found = db.session.scalars(query).all()
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], _cursor(tab, last) if last else None)


def item(actor: Actor, item_id: int) -> EquipmentItem:
    """An item of the actor's units with its workshop, as it is now.

    Raises:
        NotFound, OutsideTerritory: no such item, or another unit's.
    """
    query = select(EquipmentItem).where(EquipmentItem.id == item_id).options(joinedload(EquipmentItem.workshop))
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(_NO_SUCH)
    if not actor.covers(found.unit_id, found.province_id):
        raise OutsideTerritory("equipment_item", item_id)
    return found


def locked(actor: Actor, item_id: int) -> EquipmentItem:
    """The item for whoever plans or records its service, held until the transaction ends.

    Raises:
        NotAllowed: it is not theirs to serve; or as `item`.
    """
    found = item(actor, item_id)
    if not may_keep(actor, found.unit_id):
        raise NotAllowed(_NOT_KEPT)
    query = select(EquipmentItem).where(EquipmentItem.id == item_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def refuse_others(actor: Actor, unit_id: int) -> None:
    """Let those pass who keep the equipment of the unit.

    Raises:
        NotAllowed: this person does not.
    """
    if not may_keep(actor, unit_id):
        raise NotAllowed(_NOT_KEPT)


def history(item_id: int) -> list[Done]:
    """What was done to an item, newest first; two queries."""
    query = select(ServiceRecord, User).join(User, User.id == ServiceRecord.user_id)
    query = query.where(ServiceRecord.item_id == item_id).options(joinedload(User.person))
    rows = db.session.execute(query.order_by(ServiceRecord.done_on.desc(), ServiceRecord.id.desc()).limit(50)).all()
    documents = files.of_owners(OWNER, [record.id for record, _ in rows])
    return [
        Done(record, user.person.full_name or user.username, next(iter(documents[record.id]), None))
        for record, user in rows
    ]


# -- Support -----------------------------------------------------------------------


def _mine(actor: Actor) -> ColumnElement[bool]:
    """What is still there: an item without pieces needs no service."""
    there = and_(EquipmentItem.is_active, EquipmentItem.quantity > 0)
    return and_(EquipmentItem.unit_id.in_(actor.units), there)


def _in_tab(tab: str, today: date) -> tuple[ColumnElement[bool], ...]:
    day = EquipmentItem.next_service_on
    return {
        OVERDUE: (day < today,),
        SOON: (day >= today, day <= today + timedelta(days=SOON_DAYS)),
        PLANNED: (day.is_not(None),),
        NONE: (day.is_(None), EquipmentItem.group.in_((EquipmentGroup.CAPITAL, EquipmentGroup.TOOL))),
    }[tab]


def _ordered(query: Select[Any], tab: str, after: tuple[str, int] | None) -> Select[Any]:
    first: Any = EquipmentItem.name_sort if tab == NONE else EquipmentItem.next_service_on
    if after:
        start: Any = after[0] if tab == NONE else jalali.parse(after[0])
        query = query.where(tuple_(first, EquipmentItem.id) > tuple_(start, after[1])) if start is not None else query
    return query.order_by(first, EquipmentItem.id)


def _cursor(tab: str, last: EquipmentItem) -> tuple[str, int]:
    if tab == NONE or last.next_service_on is None:
        return last.name_sort, last.id
    return "".join(f"{part:02}" for part in jalali.parts(last.next_service_on)), last.id
