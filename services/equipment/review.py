"""The province's word on what waits: one case, or several together by the same rule."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import update

from models import EquipmentTransfer, db, utcnow
from services import audit, deciding, policy, submissions, text
from services.access import Actor
from services.deciding import Decided, Outcome
from services.equipment import cases, movements, transfers
from services.equipment.cases import ENDS, WAITING, Case, Key, Row
from services.errors import DomainError
from services.transaction import atomic, retried


@retried
def decide(actor: Actor, form_key: str, kind: str, case_id: int, *, approve: bool, reason: str) -> Decided[Row]:
    """Let it happen, in the same transaction, or refuse it with a reason; the same form sent again does nothing more.

    Source: docs/rules.md R-155.
    Raises:
        NotAllowed: the actor reviews nothing here, or has asked for it.
        Conflict: somebody was faster.
        DomainError: there are not so many any more; or no reason is said for a refusal.
    """
    with atomic():
        case = cases.case(actor, kind, case_id)
        if case.denial:
            raise case.denial
        row, word = case.row, "approve" if approve else "refuse"
        # The other word, said with the same form after going back, is no repeat.
        key = submissions.for_choice(form_key, f"{word} {kind} {row.id}")
        if not submissions.once(key, actor.user_id, f"{row.__tablename__}:{row.id}"):
            return Decided(row, repeated=True)
        said = text.clean(reason)[: movements.LONGEST_REASON] if approve else movements.said_reason(reason)
        if not _turn(actor, case, said, approve=approve):
            raise cases.late(actor, kind, row.id)
        if approve:
            _carry_out(actor, case)
        action = "equipment_change_approved" if approve else "equipment_change_refused"
        audit.record(action, "equipment_item", row.item_id, actor_id=actor.user_id, **{kind: row.id})
        return Decided(row, repeated=False)


def decide_all(
    actor: Actor, form_key: str, chosen: Collection[Key], *, approve: bool, reason: str
) -> Sequence[Outcome[Key]]:
    """Decide several cases as `decide` does each, those first that have waited longest; of each what became of it.

    Source: docs/rules.md R-158.
    Raises:
        NotFound, OutsideTerritory: one of them is not there, or another province's; nothing is decided then.
        DomainError: they are too many, or no reason is said for a refusal.
    """
    found = cases.several(actor, chosen)
    if not approve:
        reason = movements.said_reason(reason)
    said: dict[str, Any] = {"approve": approve, "reason": reason}
    return deciding.each([case.key for case in found], lambda key: decide(actor, form_key, *key, **said))


# -- Support -----------------------------------------------------------------------


def _turn(actor: Actor, case: Case, said: str, *, approve: bool) -> bool:
    """The conditional UPDATE; the row then shows the decision. False: somebody was faster."""
    table = cases.model(case.kind)
    yes, no = ENDS[case.kind]
    decided = {"decided_by_id": actor.user_id, "decided_at": utcnow(), "decision": said or None}
    turn = update(table).where(table.id == case.row.id, table.state == WAITING[case.kind])
    turn = turn.values(state=yes if approve else no, **decided)
    options = {"synchronize_session": False, "populate_existing": True}
    return db.session.scalar(turn.returning(table), execution_options=options) is not None


def _carry_out(actor: Actor, case: Case) -> None:
    """The movement that was asked for; pieces are sent on the day on which they may go."""
    row = case.row
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
        raise DomainError(cases.GONE)
