"""Writing a change down: at once within the limits, as a request to the province above them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, update

from models import EquipmentItem, EquipmentMovement, EquipmentRequest, MovementKind, RequestState, db, utcnow
from services import audit, submissions
from services.access import Actor
from services.equipment import documents, limits, movements, reading
from services.equipment.movements import Move
from services.errors import Conflict, NotFound
from services.transaction import atomic

K = MovementKind
# What a person writes down; the rest are the two ends of a move.
KINDS = (K.RECEIVED, K.BROKEN, K.REPAIRED, K.CONSUMED, K.WRITTEN_OFF, K.LOST, K.FOUND)
MOVED_ON = "این قلم در همین لحظه به مرکز دیگری رسید. چیزی ثبت نشد."


@dataclass(frozen=True)
class Change:
    """What happened to an item, as a person says it: so many pieces, so many of them working.

    `document` is the key of a file that was sent with it, or empty.
    """

    kind: MovementKind
    pieces: int
    working: int
    happened_on: date
    reason: str
    document: str = ""


@dataclass(frozen=True)
class Recorded:
    """What became of a change: it was written down, or it waits; `repeated` when the same form had come before."""

    waits: bool
    repeated: bool


def record(actor: Actor, form_key: str, item_id: int, change: Change) -> Recorded:
    """Write a change of an item down, or ask the province; the same form sent again does nothing more.

    Raises:
        NotAllowed, OutsideTerritory: the item is not the actor's.
        DomainError: what is wrong with which field.
    """
    if change.kind not in KINDS:
        raise ValueError(f"{change.kind} is the end of a move")
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            waits = earlier.startswith(f"{EquipmentRequest.__tablename__}:")
            submissions.id_of(earlier, EquipmentRequest.__tablename__ if waits else EquipmentMovement.__tablename__)
            return Recorded(waits, repeated=True)
        item = reading.changeable(actor, item_id)
        document_id = documents.attach(actor, item, change.document)
        made = change_or_ask(actor, item, change, document_id=document_id)
        submissions.finish(form_key, f"{made.__tablename__}:{made.id}")
        return Recorded(isinstance(made, EquipmentRequest), repeated=False)


def change_or_ask(
    actor: Actor, item: EquipmentItem, change: Change, *, document_id: int | None = None
) -> EquipmentMovement | EquipmentRequest:
    """The movement, or above the limit of the policy the request for it; inside `atomic()`.

    Source: docs/rules.md R-154.
    """
    unit_id = item.unit_id
    pieces, working = movements.signed(change.kind, change.pieces, change.working)
    if limits.loss_waits(item, change.kind, change.pieces):
        movements.refuse_impossible(item, pieces, working)
        return _ask(actor, item, change, document_id)
    movement = movements.write(
        actor,
        item.id,
        change.kind,
        pieces,
        working,
        change.happened_on,
        reason=change.reason,
        document_id=document_id,
    )
    if movement.unit_id != unit_id:
        raise Conflict(MOVED_ON)
    return movement


def change_or_ask_all(
    actor: Actor, unit_id: int, changes: Sequence[tuple[EquipmentItem, Change]], *, stocktake_id: int
) -> int:
    """`change_or_ask` for many items of one unit that the caller holds; how many of the changes wait.

    An item may come with one loss and more; the number of statements does not grow with them.

    Raises:
        DomainError: one of them cannot be; the caller then undoes its transaction.
    """
    losses = {item: change.pieces for item, change in changes if change.kind in limits.LIMITED}
    above = limits.losses_wait(unit_id, losses)
    asked, moves = [], []
    for item, change in changes:
        plus = movements.signed(change.kind, change.pieces, change.working)
        if change.kind in limits.LIMITED and item.id in above:
            movements.refuse_impossible(item, *plus)
            asked.append(_request(actor, item, change) | {"stocktake_id": stocktake_id})
        else:
            moves.append(Move(item.id, change.kind, *plus, change.happened_on, change.reason))
    movements.write_all(actor, moves, stocktake_id=stocktake_id)
    _ask_all(actor, asked)
    return len(asked)


def item_of(actor: Actor, request_id: int) -> int:
    """The id of the item that a request is about.

    Raises:
        NotFound, OutsideTerritory: no such request, or another's.
    """
    request = db.session.get(EquipmentRequest, request_id)
    if request is None:
        raise NotFound("این درخواست پیدا نشد.")
    return reading.get(actor, request.item_id).id


def withdraw(actor: Actor, request_id: int) -> bool:
    """Take a request back while it waits; False when it was taken back already.

    Raises:
        Conflict: the province was faster.
    """
    with atomic():
        reading.changeable(actor, item_of(actor, request_id))
        request = db.session.get_one(EquipmentRequest, request_id, populate_existing=True)
        if request.state is RequestState.WITHDRAWN:
            return False
        waiting = (EquipmentRequest.id == request_id, EquipmentRequest.state == RequestState.WAITING)
        back = update(EquipmentRequest).where(*waiting)
        back = back.values(state=RequestState.WITHDRAWN, decided_by_id=actor.user_id, decided_at=utcnow())
        options = {"synchronize_session": False}
        if db.session.scalar(back.returning(EquipmentRequest.id), execution_options=options) is None:
            raise Conflict("استان همین حالا دربارهٔ این درخواست تصمیم گرفت. صفحه را دوباره باز کنید.")
        audit.record("equipment_request_withdrawn", "equipment_item", request.item_id, actor_id=actor.user_id)
    return True


def _ask(actor: Actor, item: EquipmentItem, change: Change, document_id: int | None) -> EquipmentRequest:
    request = EquipmentRequest(document_id=document_id, **_request(actor, item, change))
    db.session.add(request)
    db.session.flush()
    audit.record("equipment_request_sent", "equipment_item", item.id, actor_id=actor.user_id, request=request.id)
    return request


def _ask_all(actor: Actor, requests: Sequence[dict[str, Any]]) -> None:
    """Many at once, one for an item."""
    if not requests:
        return
    made = insert(EquipmentRequest).returning(EquipmentRequest.item_id, EquipmentRequest.id)
    details = {item_id: {"request": request_id} for item_id, request_id in db.session.execute(made, requests)}
    audit.record_each("equipment_request_sent", "equipment_item", details, actor_id=actor.user_id)


def _request(actor: Actor, item: EquipmentItem, change: Change) -> dict[str, Any]:
    pieces, working = movements.signed(change.kind, change.pieces, change.working)
    where = {"item_id": item.id, "unit_id": item.unit_id, "province_id": item.province_id}
    what = {"kind": change.kind, "pieces": pieces, "working": working, "asked_by_id": actor.user_id}
    said = {
        "happened_on": movements.said_day(change.happened_on),
        "reason": movements.said_reason(change.reason),
    }
    return {**where, **what, **said}
