"""What the province decides about: losses above the limits and moves to other centers, two tables read alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from models import EquipmentItem, EquipmentRequest, EquipmentTransfer, RequestState, Role, TransferState, Workshop, db
from services import jalali
from services.access import Actor, Level
from services.equipment import history, movements
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.text import persian_digits

MOVE, LOSS = "move", "loss"  # the kinds of a case, in addresses too
MOST = 25  # cases together; more of them a person does not look at
Key = tuple[str, int]
Row = EquipmentRequest | EquipmentTransfer
WAITING: dict[str, object] = {MOVE: TransferState.WAITING, LOSS: RequestState.WAITING}
# How a case ends: approved, refused.
ENDS = {
    MOVE: (TransferState.SENT, TransferState.REFUSED),
    LOSS: (RequestState.APPROVED, RequestState.REJECTED),
}
# Where a case stands that the province has decided; what went on its way may have got somewhere since.
_AFTER = {MOVE: (*ENDS[MOVE], TransferState.RECEIVED, TransferState.RETURNED), LOSS: ENDS[LOSS]}
_REFUSED = (RequestState.REJECTED, TransferState.REFUSED)
_WITHDRAWN = (RequestState.WITHDRAWN, TransferState.WITHDRAWN)
_NOT_YOURS = "این درخواست را خود شما داده‌اید؛ تصمیم دربارهٔ آن با همکار دیگری است. چیزی ثبت نشد."
_NO_REVIEWER = "تصمیم دربارهٔ تغییر تجهیزات با بررس استان است. چیزی ثبت نشد."
GONE = "این قلم دیگر در آن مرکز نیست. درخواست را رد کنید؛ چیزی ثبت نشد."


@dataclass(frozen=True)
class Case:
    """One thing that waits, or was decided: `row` is a request (a loss) or a transfer (a move).

    `waits` says whether it is open, `denial` why this person is not the one who decides it, None when they are.
    """

    kind: str
    row: Row
    waits: bool
    denial: NotAllowed | None

    @property
    def key(self) -> Key:
        return self.kind, self.row.id

    @property
    def decides(self) -> bool:
        return self.waits and self.denial is None


def require_reviewer(actor: Actor) -> None:
    """
    Raises:
        NotAllowed: this person decides nowhere.
    """
    if not actor.has(Role.REVIEWER):
        raise NotAllowed(_NO_REVIEWER)


def model(kind: str) -> Any:
    """The table of a kind of case; both have the columns that are named here."""
    return EquipmentTransfer if kind == MOVE else EquipmentRequest


def reading(kind: str) -> Select[Any]:
    """The rows of a kind with what is shown of them."""
    table = model(kind)
    workshop = joinedload(table.item).joinedload(EquipmentItem.workshop)
    if kind == LOSS:
        shown: Sequence[Any] = (workshop.joinedload(Workshop.place),)
    else:
        ends = (EquipmentTransfer.from_workshop, EquipmentTransfer.to_workshop)
        shown = (workshop, *(joinedload(end).joinedload(Workshop.place) for end in ends))
    return select(table).options(*shown, joinedload(table.document))


def of(actor: Actor, kind: str, row: Row) -> Case:
    return Case(kind, row, row.state == WAITING[kind], _denial(actor, row))


def case(actor: Actor, kind: str, case_id: int) -> Case:
    """One of them as it is now, with everything that a reviewer wants to see.

    Raises:
        NotFound, OutsideTerritory: there is none, or another province's.
    """
    return several(actor, [(kind, case_id)])[0]


def several(actor: Actor, chosen: Collection[Key]) -> list[Case]:
    """Cases as they are now, those first that have waited longest.

    Raises:
        NotFound, OutsideTerritory: one of them is not there, or another province's.
        DomainError: they are too many.
    """
    if len(set(chosen)) > MOST:
        raise DomainError(f"در یک بار تا {persian_digits(MOST)} پرونده انتخاب کنید. چیزی ثبت نشد.")
    found = [of(actor, kind, row) for kind in (LOSS, MOVE) for row in _rows(actor, kind, chosen)]
    return sorted(found, key=lambda each: (each.row.created_at, *each.key))


def decided(kind: str) -> tuple[ColumnElement[bool], ...]:
    """What the province has decided, whatever has become of it since."""
    table = model(kind)
    # The second is what the index of decided cases says.
    return table.state.in_(_AFTER[kind]), table.decided_at.is_not(None), table.decided_by_id.is_not(None)


def is_refused(row: Row) -> bool:
    return row.state in _REFUSED


def against(kind: str, row: Row) -> DomainError | None:
    """Why the books do not allow what is asked for, as they stand; None when they do."""
    if row.item.unit_id != (row.from_unit_id if isinstance(row, EquipmentTransfer) else row.unit_id):
        return DomainError(GONE)
    sign = -1 if kind == MOVE else 1
    return movements.why_not(row.item, sign * row.pieces, sign * row.working)


def over(actor: Actor, row: Row, names: Mapping[int, str]) -> str:
    """Who has ended a case, when and how, in words; `names` has the name of whoever decided it."""
    at = row.decided_at or (row.settled_at if isinstance(row, EquipmentTransfer) else None)
    when = f"{jalali.at(at)} " if at else ""
    if row.state in _WITHDRAWN:
        return f"مرکز {when}این درخواست را پس گرفت"
    if row.decided_by_id == actor.user_id:
        return f"خود شما {when}این درخواست را {'رد کردید' if is_refused(row) else 'پذیرفتید'}"
    who = names.get(row.decided_by_id or 0, "همکار دیگری")
    return f"{who} {when}این درخواست را {'رد کرد' if is_refused(row) else 'پذیرفت'}"


def late(actor: Actor, kind: str, case_id: int) -> Conflict:
    """Somebody was faster: who, when and what."""
    row: Row = db.session.get_one(model(kind), case_id, populate_existing=True)
    return Conflict(f"{over(actor, row, history.people(row.decided_by_id))}. تصمیم شما ثبت نشد.")


# -- Support -----------------------------------------------------------------------


def _rows(actor: Actor, kind: str, chosen: Collection[Key]) -> Sequence[Row]:
    ids = {case_id for each, case_id in chosen if each == kind}
    if not ids:
        return ()
    query = reading(kind).where(model(kind).id.in_(ids)).execution_options(populate_existing=True)
    rows: Sequence[Row] = db.session.scalars(query).all()
    for row in rows:
        if actor.level is not Level.PROVINCE or row.province_id not in actor.provinces:
            raise OutsideTerritory(str(model(kind).__tablename__), row.id)
    if len(rows) < len(ids):
        raise NotFound("این درخواست پیدا نشد.")
    return rows


def _denial(actor: Actor, row: Row) -> NotAllowed | None:
    if row.province_id not in actor.acting(Role.REVIEWER).provinces:
        return NotAllowed(_NO_REVIEWER)
    return NotAllowed(_NOT_YOURS) if row.asked_by_id == actor.user_id else None
