"""The one way in which pieces of equipment come, go, break and are repaired: a row a change, and never below zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Integer, column, update, values

from models import EquipmentItem, EquipmentMovement, MovementKind, db
from services import jalali, labels, policy, text
from services.access import Actor
from services.errors import DomainError, NotFound
from services.sql import add_many

K = MovementKind
IN = frozenset({K.RECEIVED, K.ARRIVED, K.RETURNED, K.FOUND})
OUT = frozenset({K.SENT, K.CONSUMED, K.WRITTEN_OFF, K.LOST})
MOST = 1_000_000  # pieces in one movement; more is a slip of the hand
LONGEST_REASON = 300
OLDEST_YEARS = 60


@dataclass(frozen=True)
class Move:
    """One of many changes: `pieces` and `working` are added to the item's numbers, negative for what goes."""

    item_id: int
    kind: MovementKind
    pieces: int
    working: int
    happened_on: date
    reason: str


def signed(kind: MovementKind, pieces: int, working: int) -> tuple[int, int]:
    """What a person wrote (so many pieces, so many of them working) as `write` takes it: what is added to both numbers.

    Repaired and broken pieces stay in the workshop, so `working` is not asked for them.

    Raises:
        DomainError: it cannot be; it names the field `pieces` or `working`.
    """
    if not 1 <= pieces <= MOST:
        raise DomainError(f"تعداد را عددی از ۱ تا {text.group_thousands(MOST)} بنویسید", field="pieces")
    if kind is K.REPAIRED:
        return 0, pieces
    if kind is K.BROKEN:
        return 0, -pieces
    if not 0 <= working <= pieces:
        raise DomainError("تعداد سالم‌ها از صفر تا همهٔ همین تعداد است", field="working")
    return (pieces, working) if kind in IN else (-pieces, -working)


def write(
    actor: Actor,
    item_id: int,
    kind: MovementKind,
    pieces: int,
    working: int,
    happened_on: date,
    *,
    reason: str,
    document_id: int | None = None,
    transfer_id: int | None = None,
    stocktake_id: int | None = None,
    request_id: int | None = None,
) -> EquipmentMovement:
    """Change an item and write down why; inside `atomic()`, once the caller knows that the item is the actor's.

    One conditional UPDATE changes the item, so of two who take the last piece one is refused. In the session the
    item is as it stands after the movement.

    Args:
        pieces, working: what is added to the item's numbers, negative for what goes; see `signed`.

    Raises:
        DomainError: there are not so many, the reason is missing, or the day lies in the future.
    """
    why, day = said_reason(reason), said_day(happened_on)
    item = _change(item_id, pieces, working)
    if item is None:
        raise _refusal(item_id, pieces, working)
    links = {"transfer_id": transfer_id, "stocktake_id": stocktake_id, "request_id": request_id}
    change = {"kind": kind, "pieces": pieces, "working": working, "happened_on": day, "reason": why}
    where = {"item_id": item.id, "unit_id": item.unit_id, "province_id": item.province_id}
    movement = EquipmentMovement(user_id=actor.user_id, document_id=document_id, **where, **change, **links)
    db.session.add(movement)
    db.session.flush()
    return movement


def write_all(actor: Actor, moves: Sequence[Move], *, stocktake_id: int | None = None) -> None:
    """`write` for many in two statements: all of them happen or, by the refusal of one, none; inside `atomic()`.

    The items are held by the caller, the lower id first. One may be named more than once; it is then as all its
    movements together leave it.

    Raises:
        DomainError: as `write`, of the first item that is refused. The caller then undoes its transaction.
    """
    plus: dict[int, tuple[int, int]] = {}
    for move in moves:
        had = plus.get(move.item_id, (0, 0))
        plus[move.item_id] = (had[0] + move.pieces, had[1] + move.working)
    items = _change_all(plus) if plus else {}
    for item_id, change in plus.items():
        if item_id not in items:
            raise _refusal(item_id, *change)
    add_many(EquipmentMovement, [_row(actor, move, items[move.item_id], stocktake_id) for move in moves])


def said_reason(reason: str, field: str = "reason") -> str:
    """The reason as it is stored.

    Raises:
        DomainError: there is none, or it is too long.
    """
    why = text.clean(reason)
    if not text.key(why):
        raise DomainError("دلیل را بنویسید", field=field)
    if len(why) > LONGEST_REASON:
        raise DomainError(f"دلیل را تا {text.persian_digits(LONGEST_REASON)} نویسه بنویسید", field=field)
    return why


def said_day(day: date) -> date:
    """A day on which something can have happened.

    Raises:
        DomainError: it lies in the future, or too long ago to be meant.
    """
    today = policy.today()
    if day > today:
        raise DomainError(f"این روز هنوز نیامده است؛ امروز {jalali.short(today)} است", field="happened_on")
    if day.year < today.year - OLDEST_YEARS:
        raise DomainError("سال را با چهار رقم و درست بنویسید", field="happened_on")
    return day


def why_not(item: EquipmentItem, pieces: int, working: int) -> DomainError | None:
    """What speaks against a change of an item as it stands; None when it could be."""
    if not item.is_active:
        return DomainError(f"«{item.name}» کنار گذاشته شده است. نخست آن را دوباره فعال کنید؛ چیزی ثبت نشد.")
    has, works = item.quantity, item.serviceable
    stands = f"اکنون {labels.pieces(has, item.unit_of_count)} هست که {text.persian_digits(works)} تای آن سالم است"
    of_working = "pieces" if pieces == 0 else "working"
    if has + pieces < 0:
        return DomainError(f"این تعداد نیست؛ {stands}", field="pieces")
    if works + working < 0:
        return DomainError(f"این تعداد سالم نیست؛ {stands}", field=of_working)
    if works + working > has + pieces:
        return DomainError(f"تعداد خراب‌ها {text.persian_digits(has - works)} است؛ {stands}", field=of_working)
    return None


def refuse_impossible(item: EquipmentItem, pieces: int, working: int) -> None:
    """Say at once what could not be done later, for what waits; whether it can be is asked again when it is done.

    Raises:
        DomainError: as `write`.
    """
    if refused := why_not(item, pieces, working):
        raise refused


# -- Support -----------------------------------------------------------------------


def _change(item_id: int, pieces: int, working: int) -> EquipmentItem | None:
    quantity, serviceable = EquipmentItem.quantity + pieces, EquipmentItem.serviceable + working
    change = (
        update(EquipmentItem)
        .where(EquipmentItem.id == item_id, EquipmentItem.is_active)
        .where(quantity >= 0, serviceable >= 0, serviceable <= quantity)
        .values(quantity=quantity, serviceable=serviceable)
        .returning(EquipmentItem)
    )
    options = {"synchronize_session": False, "populate_existing": True}
    return db.session.scalar(change, execution_options=options)


def _change_all(plus: Mapping[int, tuple[int, int]]) -> dict[int, EquipmentItem]:
    """The items that could be changed, by id; one that could not is absent."""
    numbers = (column("item_id", Integer), column("pieces", Integer), column("working", Integer))
    rows = [(item_id, pieces, working) for item_id, (pieces, working) in plus.items()]
    by = values(*numbers, name="plus").data(rows).cte("plus")
    quantity, serviceable = EquipmentItem.quantity + by.c.pieces, EquipmentItem.serviceable + by.c.working
    change = (
        update(EquipmentItem)
        .where(EquipmentItem.id == by.c.item_id, EquipmentItem.is_active)
        .where(quantity >= 0, serviceable >= 0, serviceable <= quantity)
        .values(quantity=quantity, serviceable=serviceable)
        .returning(EquipmentItem)
    )
    options = {"synchronize_session": False, "populate_existing": True}
    return {item.id: item for item in db.session.scalars(change, execution_options=options)}


def _row(actor: Actor, move: Move, item: EquipmentItem, stocktake_id: int | None) -> dict[str, Any]:
    where = {"item_id": item.id, "unit_id": item.unit_id, "province_id": item.province_id}
    change = {"kind": move.kind, "pieces": move.pieces, "working": move.working}
    said = {"happened_on": said_day(move.happened_on), "reason": said_reason(move.reason)}
    return {"user_id": actor.user_id, "stocktake_id": stocktake_id, **where, **change, **said}


def _refusal(item_id: int, pieces: int, working: int) -> DomainError:
    """Why an item could not be changed, from how it stands now."""
    item = db.session.get(EquipmentItem, item_id, populate_existing=True)
    if item is None:
        return NotFound("این قلم پیدا نشد.")
    return why_not(item, pieces, working) or DomainError("این تعداد در همین لحظه تغییر کرد. دوباره بفرستید.")
