"""A year of equipment: what was bought, used, broke and was repaired, and what is on its way or waits.

The numbers of every item stay those that `ground` gave it; its first stock is what they must have been before.
"""

import datetime as dt
from random import Random
from typing import Any

from models import EquipmentMovement, EquipmentRequest, EquipmentTransfer, MovementKind, TransferState
from scripts.demo import units
from scripts.demo.crowd import Crowd
from scripts.demo.ground import OPENED_ON, Ground
from scripts.reference.rows import Rows

K = MovementKind
Row = dict[str, Any]
Step = tuple[MovementKind, int, int, str]  # kind, what is added to the pieces and to those that work, why
_BOUGHT, _USED = "خرید از محل اعتبار تجهیز کارگاه", "مصرف دورهٔ {}"
_BROKE = ("موتور سوخت", "کابل برق قطع شد", "بدنه ترک خورد", "کلید روشن نمی‌شود")
_TERMS = ("بهار", "تابستان", "پاییز")


def live(rows: Rows, ground: Ground, crowd: Crowd, today: dt.date) -> None:
    """Call when the items have all that is known of them."""
    clerks = {ground.units[code]: user for code, user in crowd.clerks.items()}
    clerks[ground.units[units.CENTER1]] = crowd.users["clerk1"]
    first = {row["item_id"]: row for row in rows.rows["equipment_movement"]}
    for item in rows.rows["equipment_item"]:
        dice = Random(f"year-{item['id']}")  # noqa: S311 (demo data, the same every time)
        _tell(rows, item, first[item["id"]], _steps(item, dice), (clerks.get(item["unit_id"]), today, dice))
    for row in first.values():
        row["at"] = _at(OPENED_ON)
        row["user_id"] = None
    _on_the_way(rows, ground, crowd, first, today)
    _waiting(rows, ground, crowd, today)


# -- One item ----------------------------------------------------------------------


def _steps(item: Row, dice: Random) -> list[Step]:
    """What happened after the first stock, in its order; broken pieces of today broke in the year."""
    broken = item["quantity"] - item["serviceable"]
    if item["item_group"] == "consumable":
        used = max(1, item["quantity"] // 4)
        steps = [(K.CONSUMED, -used, -used, _USED.format(term)) for term in _TERMS]
        return [*steps[:2], (K.RECEIVED, used, used, _BOUGHT), *steps[2:]]
    steps = []
    if item["quantity"] > 1 and dice.random() < 0.2:
        steps.append((K.RECEIVED, 1, 1, _BOUGHT))
    if item["serviceable"] and dice.random() < 0.25:
        steps += [(K.BROKEN, 0, -1, dice.choice(_BROKE)), (K.REPAIRED, 0, 1, "تعمیر در کارگاه مرکز")]
    if dice.random() < 0.1:
        steps += [(K.BROKEN, 0, -1, dice.choice(_BROKE)), (K.WRITTEN_OFF, -1, 0, "صورت‌جلسهٔ اسقاط")]
    return steps + ([(K.BROKEN, 0, -broken, dice.choice(_BROKE))] if broken else [])


def _tell(rows: Rows, item: Row, opening: Row, steps: list[Step], when: tuple[int | None, dt.date, Random]) -> None:
    """Write the steps down on days of the year and make the first stock what must have been there before them."""
    clerk, today, dice = when
    days = sorted(dice.randint(5, max(6, (today - OPENED_ON).days)) for _ in steps)
    opening["pieces"] = item["quantity"] - sum(step[1] for step in steps)
    opening["working"] = item["serviceable"] - sum(step[2] for step in steps)
    for (kind, pieces, working, reason), day in zip(steps, days, strict=True):
        _move(rows, item, (kind, pieces, working, reason), OPENED_ON + dt.timedelta(days=day), clerk)


def _move(rows: Rows, item: Row, step: Step, day: dt.date, user_id: int | None, **links: int) -> None:
    kind, pieces, working, reason = step
    where = {"item_id": item["id"], "unit_id": item["unit_id"], "province_id": item["province_id"]}
    change = {"kind": kind, "pieces": pieces, "working": working, "happened_on": day, "reason": reason}
    rows.add(EquipmentMovement, **where, **change, at=_at(day), user_id=user_id, **links)


# -- What is under way -------------------------------------------------------------


def _on_the_way(rows: Rows, ground: Ground, crowd: Crowd, first: dict[int, Row], today: dt.date) -> None:
    """Something on its way to the center of clerk1, and something of it that may not go yet."""
    home, province = ground.units[units.CENTER1], ground.provinces[units.unit(units.CENTER1).province or ""]
    own = [item for item in rows.rows["equipment_item"] if item["unit_id"] == home]
    others = [
        item for item in rows.rows["equipment_item"] if item["province_id"] == province and item["unit_id"] != home
    ]
    states = {ground.units[one.code] for one in units.units() if one.kind == "center"}
    coming = next(item for item in others if item["unit_id"] in states and item["item_group"] == "tool")
    code = next(code for code, unit_id in ground.units.items() if unit_id == coming["unit_id"])
    sender, said = crowd.clerks.get(code) or crowd.users["clerk1"], "برای دورهٔ ماه آینده"
    sent_on = today - dt.timedelta(days=2)
    sent = _transfer(
        rows, coming, own[0], sender, {"state": TransferState.SENT, "happened_on": sent_on, "reason": said}
    )
    for number in ("pieces", "working"):
        first[coming["id"]][number] += 1
    _move(rows, coming, (K.SENT, -1, -1, said), sent_on, sender, transfer_id=sent)
    going = next(item for item in own if item["item_group"] == "capital" and item["serviceable"] > 1)
    asked = {"state": TransferState.WAITING, "happened_on": today, "reason": "آن مرکز برای دورهٔ تابستان ندارد"}
    _transfer(rows, going, coming, crowd.users["clerk1"], asked)


def _transfer(rows: Rows, item: Row, to: Row, asker: int, values: Row) -> int:
    ends = {"from_workshop_id": item["workshop_id"], "from_unit_id": item["unit_id"]}
    ends |= {"to_workshop_id": to["workshop_id"], "to_unit_id": to["unit_id"], "province_id": item["province_id"]}
    number = {"pieces": 1, "working": 1, "created_at": _at(values["happened_on"])}
    return rows.add(EquipmentTransfer, item_id=item["id"], asked_by_id=asker, **ends, **number, **values)


def _waiting(rows: Rows, ground: Ground, crowd: Crowd, today: dt.date) -> None:
    """A piece that is too dear to be written off without the province."""
    home = ground.units[units.CENTER1]
    items = [item for item in rows.rows["equipment_item"] if item["unit_id"] == home]
    item = max(items, key=lambda each: (each["quantity"] > each["serviceable"], each["price_rials"] or 0))
    item["price_rials"] = 185_000_000
    where = {"item_id": item["id"], "unit_id": item["unit_id"], "province_id": item["province_id"]}
    change = {"kind": K.WRITTEN_OFF, "pieces": -1, "working": 0, "happened_on": today - dt.timedelta(days=1)}
    reason = "تعمیر نمی‌پذیرد؛ صورت‌جلسهٔ ۱۴ پیوست پروندهٔ مرکز است"
    asked = {"asked_by_id": crowd.users["clerk1"], "created_at": _at(today - dt.timedelta(days=1))}
    rows.add(EquipmentRequest, **where, **change, **asked, reason=reason, state="waiting")


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(6), dt.UTC)
