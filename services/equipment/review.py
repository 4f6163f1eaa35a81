"""What waits for the province: losses above the limits and moves to other centers, oldest first, and the decisions."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.orm import joinedload

from models import (
    EquipmentItem,
    EquipmentRequest,
    EquipmentTransfer,
    RequestState,
    Role,
    TransferState,
    User,
    Workshop,
    db,
    utcnow,
)
from services import audit, jalali, policy, text
from services.access import Actor, Level
from services.equipment import movements, transfers
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.transaction import atomic

PAGE = 25
MOVE, LOSS = "move", "loss"  # the kinds of a case, in addresses too
Row = EquipmentRequest | EquipmentTransfer
Cursor = tuple[datetime, str, int]
_WAITING: dict[str, object] = {MOVE: TransferState.WAITING, LOSS: RequestState.WAITING}
_ENDS = {
    MOVE: (TransferState.SENT, TransferState.REFUSED),
    LOSS: (RequestState.APPROVED, RequestState.REJECTED),
}
_NOT_YOURS = "این درخواست را خود شما داده‌اید؛ تصمیم دربارهٔ آن با همکار دیگری است. چیزی ثبت نشد."
_NO_REVIEWER = "تصمیم دربارهٔ تغییر تجهیزات با بررس استان است. چیزی ثبت نشد."


@dataclass(frozen=True)
class Case:
    """One thing that waits, or was decided: `row` is a request (a loss) or a transfer (a move).

    `decides` says whether this person may decide it now; `is_own` whether only that they asked for it bars them.
    """

    kind: str
    row: Row
    asked_by: User
    decided_by: User | None
    waits: bool
    decides: bool
    is_own: bool


@dataclass(frozen=True)
class Queue:
    """Some of what waits, each with its kind, and where the next page begins (None at the end)."""

    rows: Sequence[tuple[str, Row]]
    after: Cursor | None


def waiting_count(actor: Actor) -> int:
    """How much waits in the actor's provinces."""
    counts = [select(func.count()).where(*_open(actor, kind)).scalar_subquery() for kind in (MOVE, LOSS)]
    return int(db.session.scalar(select(counts[0] + counts[1])) or 0)


def queue(actor: Actor, after: Cursor | None = None) -> Queue:
    """25 of what waits, the longest first."""
    lists = [_some(actor, kind, after) for kind in (LOSS, MOVE)]
    found = list(heapq.merge(*lists, key=_place))[: PAGE + 1]
    return Queue(found[:PAGE], _place(found[PAGE - 1]) if len(found) > PAGE else None)


def case(actor: Actor, kind: str, case_id: int) -> Case:
    """One of them with everything that a reviewer wants to see.

    Raises:
        NotFound, OutsideTerritory: there is none, or another province's.
    """
    row = _get(actor, kind, case_id)
    users = {user.id: user for user in _users(row.asked_by_id, row.decided_by_id)}
    waits, is_own = row.state == _WAITING[kind], row.asked_by_id == actor.user_id
    may = waits and _reviews(actor, row)
    decided_by = users.get(row.decided_by_id or 0)
    return Case(kind, row, users[row.asked_by_id], decided_by, waits, may and not is_own, may and is_own)


def decide(actor: Actor, kind: str, case_id: int, *, approve: bool, reason: str) -> Row:
    """Let it happen, in the same transaction, or refuse it with a reason.

    Source: docs/rules.md R-155.
    Raises:
        NotAllowed: the actor reviews nothing here, or has asked for it.
        Conflict: somebody was faster.
        DomainError: there are not so many any more; or no reason is said for a refusal.
    """
    with atomic():
        row = _get(actor, kind, case_id)
        if not _reviews(actor, row):
            raise NotAllowed(_NO_REVIEWER)
        if row.asked_by_id == actor.user_id:
            raise NotAllowed(_NOT_YOURS)
        said = text.clean(reason)[: movements.LONGEST_REASON]
        if not approve:
            said = movements.said_reason(reason)
        if not _turn(actor, kind, row.id, said, approve=approve):
            raise _late(kind, row.id)
        if approve:
            _carry_out(actor, row)
        action = "equipment_change_approved" if approve else "equipment_change_refused"
        audit.record(action, "equipment_item", row.item_id, actor_id=actor.user_id, **{kind: row.id})
        return _get(actor, kind, case_id)


# -- Support -----------------------------------------------------------------------


def _model(kind: str) -> Any:
    """The table of a kind of case; both have the columns that are named here."""
    return EquipmentTransfer if kind == MOVE else EquipmentRequest


def _open(actor: Actor, kind: str) -> tuple[ColumnElement[bool], ...]:
    model = _model(kind)
    return model.province_id.in_(actor.provinces), model.state == _WAITING[kind]


def _some(actor: Actor, kind: str, after: Cursor | None) -> list[tuple[str, Row]]:
    model = _model(kind)
    query = select(model).where(*_open(actor, kind)).options(*_with(kind))
    if after:
        moment, last_kind, last_id = after
        here = tuple_(model.created_at, model.id) > (moment, last_id if last_kind == kind else 0)
        # Of the same moment all losses stand before all moves.
        query = query.where(here if kind >= last_kind else model.created_at > moment)
    rows = db.session.scalars(query.order_by(model.created_at, model.id).limit(PAGE + 1))
    return [(kind, row) for row in rows]


def _place(found: tuple[str, Row]) -> Cursor:
    return found[1].created_at, found[0], found[1].id


def _with(kind: str) -> list[Any]:
    """What is shown of a row, loaded with it."""
    workshop = joinedload(_model(kind).item).joinedload(EquipmentItem.workshop)
    if kind == LOSS:
        return [workshop.joinedload(Workshop.place)]
    ends = (EquipmentTransfer.from_workshop, EquipmentTransfer.to_workshop)
    return [workshop, *(joinedload(end).joinedload(Workshop.place) for end in ends)]


def _get(actor: Actor, kind: str, case_id: int) -> Row:
    model = _model(kind)
    query = select(model).where(model.id == case_id).options(*_with(kind))
    row: Row | None = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("این درخواست پیدا نشد.")
    if actor.level is not Level.PROVINCE or row.province_id not in actor.provinces:
        raise OutsideTerritory(str(model.__tablename__), case_id)
    return row


def _users(*user_ids: int | None) -> Sequence[User]:
    query = select(User).where(User.id.in_([each for each in user_ids if each])).options(joinedload(User.person))
    return db.session.scalars(query).all()


def _reviews(actor: Actor, row: Row) -> bool:
    return row.province_id in actor.acting(Role.REVIEWER).provinces


def _turn(actor: Actor, kind: str, case_id: int, said: str, *, approve: bool) -> bool:
    model = _model(kind)
    yes, no = _ENDS[kind]
    decided = {"decided_by_id": actor.user_id, "decided_at": utcnow(), "decision": said or None}
    turn = update(model).where(model.id == case_id, model.state == _WAITING[kind])
    turn = turn.values(state=yes if approve else no, **decided)
    options = {"synchronize_session": False}
    return db.session.scalar(turn.returning(model.id), execution_options=options) is not None


def _carry_out(actor: Actor, row: Row) -> None:
    """The movement that was asked for; pieces are sent on the day on which they may go."""
    if isinstance(row, EquipmentTransfer):
        transfers.send(actor, row, policy.today())
        return
    done = movements.write(
        actor,
        row.item_id,
        row.kind,
        row.pieces,
        row.working,
        row.happened_on,
        reason=row.reason,
        document_id=row.document_id,
        stocktake_id=row.stocktake_id,
        request_id=row.id,
    )
    if done.unit_id != row.unit_id:
        raise DomainError("این قلم دیگر در آن مرکز نیست. درخواست را رد کنید؛ چیزی ثبت نشد.")


def _late(kind: str, case_id: int) -> Conflict:
    """Somebody was faster: who, when and what."""
    row: Row = db.session.get_one(_model(kind), case_id, populate_existing=True)
    if row.state in (RequestState.WITHDRAWN, TransferState.WITHDRAWN):
        return Conflict("مرکز این درخواست را در همین میان پس گرفت. چیزی ثبت نشد.")
    when = f"ساعت {jalali.clock(jalali.tehran(row.decided_at).time())} " if row.decided_at else ""
    users = _users(row.decided_by_id)
    who = (users[0].person.full_name or users[0].username) if users else "همکار دیگری"
    did = "رد کرد" if row.state in (RequestState.REJECTED, TransferState.REFUSED) else "پذیرفت"
    return Conflict(f"{who} {when}این درخواست را {did}. تصمیم شما ثبت نشد.")
