"""Which labels go on a sheet: those of a workshop or of some of its items, from a place of a half-used sheet on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from models import EquipmentItem, Place, Unit, Workshop, db
from services import property_labels
from services.access import Actor, Level
from services.equipment import reading
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory

COLUMNS, ROWS = 3, 8
PLACES = COLUMNS * ROWS
SEEING = (Level.CENTER, Level.PROVINCE, Level.HQ)  # who keeps it first, because they can do most with it
NOT_YOURS = "صفحهٔ تجهیزات برای کارشناس و مدیر مرکز، اداره کل و ستاد است."
MOST = 10 * PLACES  # labels in one go; more would keep everybody else waiting for the printer, too


@dataclass(frozen=True)
class Label:
    """What is printed on one label; `address` is what the QR code says."""

    name: str
    number: str
    workshop: str
    unit: str
    address: str


def workshop(actor: Actor, workshop_id: int) -> Workshop:
    """A workshop whose equipment the actor keeps.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is somebody else's.
    """
    found = db.session.get(Workshop, workshop_id)
    if found is None:
        raise NotFound("این کارگاه پیدا نشد.")
    if found.unit_id not in reading.units_of(actor):
        raise OutsideTerritory("workshop", workshop_id)
    return found


def items(workshop_id: int) -> Sequence[EquipmentItem]:
    """The items of a workshop that are in use, by name."""
    query = select(EquipmentItem).where(EquipmentItem.workshop_id == workshop_id, EquipmentItem.is_active)
    return db.session.scalars(query.order_by(EquipmentItem.name_sort, EquipmentItem.id)).all()


def labels(place: Workshop, chosen: set[int], base_url: str, *, of_each_piece: bool) -> list[Label]:
    """The labels of the chosen items of a workshop, or of all where none is chosen; at most `MOST`.

    Args:
        of_each_piece: as many as there are pieces, instead of one for an item; what there is none of gets none.
    """
    unit = db.session.scalar(select(Unit.title).where(Unit.id == place.unit_id)) or ""
    found: list[Label] = []
    for item in items(place.id):
        if not chosen or item.id in chosen:
            number = property_labels.label(item.id)
            one = Label(item.name, number, place.title, unit, address(base_url, number))
            found += [one] * min(item.quantity if of_each_piece else 1, MOST - len(found))
    return found


def address(base_url: str, number: str) -> str:
    """The short address of an item's page, in the capitals that make a small code."""
    return f"{base_url}/e/{number}".upper()


def sheets(count: int, first: int) -> int:
    """How many sheets so many labels take when the first goes to place `first` (from 1) of a half-used one."""
    return -(-(count + first - 1) // PLACES)


def on_sheet(every: list[Label], first: int, number: int) -> list[Label | None]:
    """What stands on sheet `number` (from 1): None is a place that was used before."""
    placed: list[Label | None] = [*([None] * (first - 1)), *every]
    return placed[(number - 1) * PLACES : number * PLACES]


def item(actors: Sequence[Actor], number: str) -> tuple[Actor, EquipmentItem]:
    """The item that has this label, and as whom this person sees it.

    Args:
        actors: the person at each level where they act; the first that sees the item counts.

    Raises:
        NotFound, OutsideTerritory: no item has it, or it is somebody else's.
        NotAllowed: this person looks at no equipment.
    """
    item_id = property_labels.item_id(number)
    if item_id is None:
        raise NotFound(property_labels.why_not(number))
    refused: DomainError = NotAllowed(NOT_YOURS)
    for actor in sorted((each for each in actors if each.level in SEEING), key=lambda each: SEEING.index(each.level)):
        try:
            return actor, reading.get(actor, item_id)
        except (NotAllowed, OutsideTerritory) as error:
            refused = error
    raise refused


def workshops(actor: Actor) -> Sequence[Any]:
    """The workshops of the actor's units that have something to label: id, title, place and number of items.

    Raises:
        NotAllowed: the actor keeps no equipment.
    """
    query = (
        select(Workshop.id, Workshop.title, Place.title.label("place"), func.count().label("items"))
        .join(Workshop.place)
        .join(EquipmentItem, (EquipmentItem.workshop_id == Workshop.id) & EquipmentItem.is_active)
        .where(Workshop.unit_id.in_(reading.keeper(actor)))
        .group_by(Workshop.id, Workshop.title, Place.id, Place.title)
        .order_by(Place.id, Workshop.id)
    )
    return db.session.execute(query).all()
