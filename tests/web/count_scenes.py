"""Counts of workshops as the walkers of pages and forms see them."""

import uuid

from models import EquipmentItem, Stocktake, StocktakeCount, StocktakeState, User, Workshop
from services import property_labels
from tests import make

S = StocktakeState
Scene = tuple[str, dict, dict]


def stocktake(world, state: StocktakeState, title: str = "کارگاه برق") -> Stocktake:
    """A count by a colleague in a workshop of its own, with a difference."""
    workshop = make.workshop(world.unit, title=title)
    colleague = make.user(unit_=world.unit)
    where = {"workshop_id": workshop.id, "unit_id": world.unit.id, "province_id": world.unit.province_id}
    row = make.save(Stocktake(state=state, opened_by_id=colleague.id, **where))
    counted(row, colleague)
    return row


def counted(row: Stocktake, by: User, name: str = "دریل ستونی") -> EquipmentItem:
    item = make.item(make.first(Workshop, id=row.workshop_id), 5, name=name)
    numbers = {"quantity": 4, "serviceable": 3, "book_quantity": 5, "book_serviceable": 5}
    who = {"counted_by_id": by.id, "count_key": str(uuid.uuid4())}
    make.save(StocktakeCount(stocktake_id=row.id, item_id=item.id, **numbers, **who))
    return item


def standing(world, state: StocktakeState) -> Stocktake:
    """The one that grows with `grown`."""
    title = f"کارگاه {state.value}"
    workshop = make.first(Workshop, title=title)
    return make.first(Stocktake, workshop_id=workshop.id) if workshop else stocktake(world, state, title)


def grown(world, n: int) -> None:
    for state in (S.OPEN, S.COUNTED):
        row = standing(world, state)
        counted(row, make.first(User, id=row.opened_by_id), f"دستگاه جوش {n}")
        make.item(make.first(Workshop, id=row.workshop_id), name=f"انبر {n}")
    stocktake(world, S.OPEN)
    stocktake(world, S.CLOSED)


def opened(world) -> Scene:
    return "/center/stocktakes", {}, {"workshop": str(make.workshop(world.unit).id)}


def recorded(world) -> Scene:
    row = stocktake(world, S.OPEN)
    item = make.item(make.first(Workshop, id=row.workshop_id))
    numbers = {"label": property_labels.label(item.id), "quantity": "۵", "serviceable": "۴"}
    return f"/center/stocktakes/{row.id}/count", {"stocktake_id": row.id}, numbers


def at(state: StocktakeState, **typed: str):
    def scene(world) -> Scene:
        row = stocktake(world, state)
        return f"/center/stocktakes/{row.id}", {"stocktake_id": row.id}, typed

    return scene


SCENES = {
    "center.stocktake_open": opened,
    "center.stocktake_record": recorded,
    "center.stocktake_send": at(S.OPEN),
    "center.stocktake_reopen": at(S.COUNTED),
    "center.stocktake_close": at(S.COUNTED),
    "center.stocktake_drop": at(S.COUNTED, reason="کارگاه بسته است"),
}
