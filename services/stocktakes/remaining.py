"""What whoever counts has before them: what is left, by name and a page at a time, and what was counted last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import joinedload

from models import EquipmentItem, Stocktake, StocktakeCount, db
from services.stocktakes.differences import Line
from services.stocktakes.reading import in_books

PAGE, LAST, DIFFERENCES = 30, 10, 40
Cursor = tuple[str, int]  # the sort key and the id of the last item of a page


@dataclass(frozen=True)
class Remaining:
    """Some of what nobody has counted, and where the next page begins (None at the end); the counts that came last.

    The two numbers are of all items that are left, and of all that were counted.
    """

    left: Sequence[EquipmentItem]
    after: Cursor | None
    counted: Sequence[StocktakeCount]
    left_count: int
    counted_count: int

    @property
    def is_all(self) -> bool:
        """Whether every item of the count is on this page."""
        return (len(self.left), len(self.counted)) == (self.left_count, self.counted_count)


def page(stocktake: Stocktake, after: Cursor | None = None) -> Remaining:
    """30 items that nobody has counted, and the ten that were counted last."""
    left = (in_books(stocktake), ~_is_counted(stocktake))
    query = select(EquipmentItem).where(*left)
    if after:
        later = (EquipmentItem.name_sort == after[0]) & (EquipmentItem.id > after[1])
        query = query.where(or_(EquipmentItem.name_sort > after[0], later))
    found = db.session.scalars(query.order_by(EquipmentItem.name_sort, EquipmentItem.id).limit(PAGE + 1)).all()
    after = _place(found[PAGE - 1]) if len(found) > PAGE else None
    here = StocktakeCount.stocktake_id == stocktake.id
    of_left = select(func.count()).select_from(EquipmentItem).where(*left).scalar_subquery()
    of_counted = select(func.count(StocktakeCount.item_id.distinct())).where(here).scalar_subquery()
    numbers = db.session.execute(select(of_left, of_counted)).one()
    return Remaining(found[:PAGE], after, _last(stocktake), *numbers)


def differences(lines: Sequence[Line], after: Cursor | None = None) -> tuple[Sequence[Line], Cursor | None]:
    """40 lines of those of a count, which are in the order of their names, and where the next page begins."""
    later = [line for line in lines if after is None or _place(line.item) > after]
    last = later[DIFFERENCES - 1].item if len(later) > DIFFERENCES else None
    return later[:DIFFERENCES], _place(last) if last else None


def everything(stocktake: Stocktake) -> Sequence[Any]:
    """Every item of a count by name: `id`, `name`, `unit_of_count`, and whether it `is_left`."""
    counted = _is_counted(stocktake)
    columns = (EquipmentItem.id, EquipmentItem.name, EquipmentItem.unit_of_count, (~counted).label("is_left"))
    query = select(*columns).where(or_(in_books(stocktake), counted))
    return db.session.execute(query.order_by(EquipmentItem.name_sort, EquipmentItem.id)).all()


def item(stocktake: Stocktake, item_id: int | None) -> EquipmentItem | None:
    """An item that is counted here, by the number on its label."""
    query = select(EquipmentItem).where(EquipmentItem.id == item_id, in_books(stocktake))
    return db.session.scalar(query) if item_id else None


# -- Support -----------------------------------------------------------------------


def _place(row: EquipmentItem) -> Cursor:
    return row.name_sort, row.id


def _is_counted(stocktake: Stocktake) -> ColumnElement[bool]:
    return exists().where(StocktakeCount.stocktake_id == stocktake.id, StocktakeCount.item_id == EquipmentItem.id)


def _last(stocktake: Stocktake) -> Sequence[StocktakeCount]:
    """The last count of each item, the newest first."""
    stands = select(func.max(StocktakeCount.id)).where(StocktakeCount.stocktake_id == stocktake.id)
    query = select(StocktakeCount).where(StocktakeCount.id.in_(stands.group_by(StocktakeCount.item_id)))
    query = query.options(joinedload(StocktakeCount.item)).order_by(StocktakeCount.id.desc())
    return db.session.scalars(query.limit(LAST)).all()
