"""Two counts of workshops in the center of clerk1: one that goes on, and one that waits for manager1."""

import datetime as dt
import uuid
from typing import Any

from models import Stocktake, StocktakeCount, StocktakeState
from scripts.demo import units
from scripts.demo.crowd import Crowd
from scripts.demo.ground import Ground
from scripts.reference.rows import Rows

# What was found beside the books, item by item: more pieces, more serviceable ones; a count that goes on stops early.
GOES_ON = ((0, 0), (-1, -1), (0, -1), (0, 0))
WAITS = ((0, 0), (0, -1), (-1, -1), (1, 1), (0, 0), (0, 1))


def count(rows: Rows, ground: Ground, crowd: Crowd, today: dt.date) -> None:
    shops = [workshop for (unit, _kit), workshop in ground.workshops.items() if unit == units.CENTER1]
    began = dt.datetime.combine(today - dt.timedelta(days=1), dt.time(6, 30), dt.UTC)
    _hold(rows, crowd, shops[0], GOES_ON, {"state": StocktakeState.OPEN, "opened_at": began})
    sent = {"counted_by_id": crowd.users["clerk1"], "counted_at": began + dt.timedelta(hours=1)}
    _hold(rows, crowd, shops[1], WAITS, {"state": StocktakeState.COUNTED, "opened_at": began, **sent})


def _hold(
    rows: Rows, crowd: Crowd, workshop_id: int, found: tuple[tuple[int, int], ...], values: dict[str, Any]
) -> None:
    items = [item for item in rows.rows["equipment_item"] if item["workshop_id"] == workshop_id]
    where = {"workshop_id": workshop_id, "unit_id": items[0]["unit_id"], "province_id": items[0]["province_id"]}
    clerk = crowd.users["clerk1"]
    stocktake_id = rows.add(Stocktake, opened_by_id=clerk, **where, **values)
    # Zip ends with what was counted, or with the items where there are fewer.
    for number, (item, (pieces, working)) in enumerate(zip(items, found, strict=False), 1):
        quantity = max(0, item["quantity"] + pieces)
        rows.add(
            StocktakeCount,
            stocktake_id=stocktake_id,
            item_id=item["id"],
            count_key=str(uuid.uuid5(uuid.NAMESPACE_OID, f"demo {stocktake_id} {number}")),
            quantity=quantity,
            serviceable=min(quantity, max(0, item["serviceable"] + working)),
            book_quantity=item["quantity"],
            book_serviceable=item["serviceable"],
            counted_by_id=clerk,
            at=values["opened_at"] + dt.timedelta(minutes=2 * number),
        )
