"""Two people of the province decide about a case: the second yes moves the money and names the entry it undoes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import (
    AuditEvent,
    CreditCase,
    CreditCaseKind,
    CreditCaseState,
    TransferKind,
    User,
    db,
    utcnow,
)
from services import jalali, ledger, submissions, text, trail
from services.access import Actor
from services.credit_cases import asking, owners, reading, telling, wording
from services.deciding import Decided
from services.errors import Conflict, DomainError, NotAllowed
from services.ledger import Cause
from services.transaction import atomic, retried

S = CreditCaseState
APPROVE, REFUSE = "approve", "refuse"
KIND = {CreditCaseKind.MOVE: TransferKind.MOVE, CreditCaseKind.CORRECTION: TransferKind.CORRECTION}


@dataclass(frozen=True)
class Key:
    """A case as somebody has seen it."""

    case_id: int
    version: int


@dataclass(frozen=True)
class Step:
    """One row of the table of decisions."""

    source: CreditCaseState
    action: str
    target: CreditCaseState


# What a province can do to a case. Anything not listed here cannot happen.
STEPS = (
    Step(S.ASKED, APPROVE, S.SECONDED),
    Step(S.SECONDED, APPROVE, S.DONE),
    Step(S.ASKED, REFUSE, S.REFUSED),
    Step(S.SECONDED, REFUSE, S.REFUSED),
)


@retried
def decide(actor: Actor, form_key: str, key: Key, action: str, words: str = "") -> Decided[CreditCase]:
    """Take one step; with the second approval the money moves, in the same transaction, if it is still there.

    The same form sent again does nothing more.

    Raises:
        NotAllowed: this person does not decide about it. Conflict: somebody was faster; the sentence says who.
        DomainError: no reason for a refusal, or the money has been spent.

    Source: docs/rules.md R-484 to R-486.
    """
    with atomic():
        row = reading.locked(actor, key.case_id)
        if not reading.decides_on(actor, row):
            raise NotAllowed(wording.NOT_DECIDING)
        choice = submissions.for_choice(form_key, f"{action} {row.id}")
        if not submissions.once(choice, actor.user_id, f"{reading.SUBJECT}:{row.id}"):
            return Decided(row, repeated=True)
        if key.version != row.version:
            raise _late(actor, row)
        step = next((step for step in STEPS if (step.source, step.action) == (row.state, action)), None)
        if step is None:
            raise Conflict(f"این درخواست «{wording.STATE[row.state][0]}» است. چیزی ثبت نشد.")
        seen = owners.of((row.from_account, row.to_account))
        if denial := reading.denied(actor, row, seen, reading.first_chair(row)):
            raise NotAllowed(f"{denial} چیزی ثبت نشد.")
        columns = _TAKE[step.target](actor, row, text.clean(words)[: asking.LONGEST_REASON])
        for name, value in (columns | {"state": step.target, "version": row.version + 1}).items():
            setattr(row, name, value)
        db.session.flush()
        if step.target in _TELL:
            _TELL[step.target](row, seen)
        detail = _chair(actor, row) if step.target is S.SECONDED else {}
        asking.note(step.target.value, row.id, actor_id=actor.user_id, **detail)
        return Decided(row, repeated=False)


def over(actor: Actor, row: CreditCase) -> str:
    """The last step of a case, by whom and when; empty when there was none."""
    of_row = (AuditEvent.subject == reading.SUBJECT, AuditEvent.subject_id == row.id)
    query = select(AuditEvent).where(*of_row, AuditEvent.action.in_(wording.DID)).order_by(AuditEvent.id.desc())
    event = db.session.scalar(query.limit(1))
    if event is None:
        return ""
    gave = event.action in ("credit_case_seconded", "credit_case_done")
    when = f"{jalali.at(event.at)} {'در این درخواست' if gave else 'این درخواست را'}"
    if event.actor_id == actor.user_id:
        return f"خود شما {when} {wording.YOU[event.action]}"
    user = db.session.get(User, event.actor_id, options=[joinedload(User.person)]) if event.actor_id else None
    return f"{trail.name_of(user) if user else 'درخواست‌کننده'} {when} {wording.DID[event.action]}"


# -- Support -----------------------------------------------------------------------


def _first(actor: Actor, row: CreditCase, words: str) -> dict[str, Any]:
    if why := reading.against(row):
        raise why
    return {"first_by_id": actor.user_id, "first_at": utcnow(), "first_note": words or None}


def _second(actor: Actor, row: CreditCase, words: str) -> dict[str, Any]:
    """Both purses are held before they are looked at, so that nobody spends in between what is moved."""
    ledger.hold(row.from_account_id, row.to_account_id)
    if why := reading.against(row):
        raise why
    cause = Cause(f"credit_case:{row.id}", KIND[row.kind], actor_id=actor.user_id, opposes_id=row.transfer_id)
    ledger.transfer(row.from_account_id, row.to_account_id, row.amount, cause)
    moved = ledger.transfer_of(cause.key)
    return {"done_transfer_id": moved, "second_by_id": actor.user_id, "settled_at": utcnow()}


def _refused(actor: Actor, row: CreditCase, words: str) -> dict[str, Any]:
    if not words:
        raise DomainError("دلیل را بنویسید؛ درخواست‌کننده همین را می‌بیند", field="reason")
    return {"refusal": words, "refused_by_id": actor.user_id, "settled_at": utcnow()}


# What a step writes, by the state that it leads to, and whom it tells.
_TAKE = {S.SECONDED: _first, S.DONE: _second, S.REFUSED: _refused}
_TELL = {S.DONE: telling.done, S.REFUSED: telling.refused}


def _chair(actor: Actor, row: CreditCase) -> dict[str, Any]:
    chair = actor.standing_in(row.unit_id or 0, row.province_id, *reading.DECIDING)
    return {"in_place_of": chair} if chair else {}


def _late(actor: Actor, row: CreditCase) -> Conflict:
    found = over(actor, row)
    if not found:
        return Conflict("این درخواست در این میان تغییر کرد. صفحه را دوباره ببینید؛ چیزی ثبت نشد.")
    return Conflict(f"{found}. آنچه شما فرستادید ثبت نشد.")
