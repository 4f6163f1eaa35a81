"""What is known of each piece of equipment besides its numbers, how it is served, and one workshop that is down."""

import datetime as dt
import random
from typing import Any

from models import Condition, EquipmentGroup, ServiceKind, ServiceRecord, Source, WorkshopDowntime
from scripts.demo import units
from scripts.demo.crowd import Crowd
from scripts.demo.ground import OPENED_ON, Ground
from scripts.reference.rows import Rows

# A price of one piece in rials, from and to.
PRICES = {
    EquipmentGroup.CAPITAL: (80_000_000, 2_400_000_000),
    EquipmentGroup.TOOL: (3_000_000, 60_000_000),
    EquipmentGroup.CONSUMABLE: (200_000, 4_000_000),
    EquipmentGroup.PROTECTIVE: (800_000, 9_000_000),
}
# The oldest day of each condition, in years before the books were opened.
WORN = ((1, Condition.NEW), (4, Condition.GOOD), (9, Condition.WORN), (16, Condition.POOR))
EVERY = (90, 180, 365)
DONE: tuple[tuple[ServiceKind, str, str | None], ...] = (
    (ServiceKind.SERVICE, "شرکت نگهداشت البرز", "روغن و فیلتر عوض شد"),
    (ServiceKind.INSPECTION, "بازرس ایمنی اداره کل", None),
    (ServiceKind.REPAIR, "تعمیرگاه مرکز", "سیم‌پیچ باز و بسته شد"),
    (ServiceKind.CALIBRATION, "آزمایشگاه همکار", "برگهٔ کالیبراسیون در بایگانی است"),
)
DOWN = (units.CENTER1, "computer")


def keep(rows: Rows, ground: Ground, crowd: Crowd, today: dt.date) -> None:
    """Complete the items that `ground` has laid; call before they are written."""
    clerk = crowd.users["clerk1"]
    for item in rows.rows["equipment_item"]:
        rng = random.Random(f"upkeep {item['id']}")
        item |= _known(rng, item) | _served(rng, item, today)
        if item["unit_id"] == ground.units[units.CENTER1] and item["last_service_on"]:
            _records(rows, rng, item, clerk)
    rows.add(
        WorkshopDowntime,
        workshop_id=ground.workshops[DOWN],
        starts_on=today - dt.timedelta(days=6),
        reason="تابلوی برق سوخته است؛ پیمانکار تا دو هفتهٔ دیگر تحویل می‌دهد",
        begun_by_id=clerk,
        created_at=dt.datetime.combine(today - dt.timedelta(days=6), dt.time(5), dt.UTC),
    )


def _known(rng: random.Random, item: dict[str, Any]) -> dict[str, Any]:
    """Price, source, day and condition; here and there nobody has written them down."""
    years, condition = rng.choices(WORN, weights=(3, 5, 4, 2))[0]
    oldest = rng.uniform(years * 0.4, years)
    cheapest, dearest = PRICES[item["item_group"]]
    price = rng.randint(cheapest // 100_000, dearest // 100_000) * 100_000
    is_known = rng.random() > 0.06
    return {
        "price_rials": price if rng.random() > 0.12 else None,
        "source": rng.choices(tuple(Source), weights=(6, 5, 2, 1, 1))[0] if is_known else None,
        "acquired_on": OPENED_ON - dt.timedelta(days=int(oldest * 365)) if is_known else None,
        "condition": condition if rng.random() > 0.05 else None,
    }


def _served(rng: random.Random, item: dict[str, Any], today: dt.date) -> dict[str, Any]:
    """Half of the machines have a plan; of those one in six is late, and some are due within days."""
    planned = item["item_group"] == EquipmentGroup.CAPITAL and item["quantity"] > 0 and rng.random() < 0.5
    if not planned:
        return {"service_every_days": None, "last_service_on": None, "next_service_on": None}
    every = rng.choice(EVERY)
    since = every + rng.randint(2, 40) if rng.random() < 1 / 6 else rng.randint(0, every)
    last = today - dt.timedelta(days=since)
    return {
        "service_every_days": every,
        "last_service_on": last,
        "next_service_on": last + dt.timedelta(days=every),
    }


def _records(rows: Rows, rng: random.Random, item: dict[str, Any], clerk: int) -> None:
    """The service of the last day, and perhaps a repair before it."""
    kinds = [(DONE[0], item["last_service_on"])]
    if rng.random() < 0.4:
        kinds.insert(0, (rng.choice(DONE[1:]), item["last_service_on"] - dt.timedelta(days=rng.randint(20, 90))))
    for (kind, by, note), day in kinds:
        rows.add(
            ServiceRecord,
            item_id=item["id"],
            kind=kind,
            done_on=day,
            done_by=by,
            cost_rials=rng.randint(30, 900) * 100_000,
            note=note,
            user_id=clerk,
            at=dt.datetime.combine(day, dt.time(9), dt.UTC),
        )
