"""The province decides about a license: approves or rejects it, suspends it, lets it hold again, revokes it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models import License, LicenseState, Unit, db, utcnow
from services import deciding, submissions, text
from services.access import Actor
from services.courses.licensing import COUNTS
from services.deciding import Decided, Outcome
from services.errors import Conflict, DomainError
from services.licenses import cases, reading, trail
from services.licenses.reading import S
from services.licenses.wording import ACTION, STATE
from services.transaction import atomic, retried

LONGEST_REASON = 300
APPROVE, REJECT, SUSPEND, RESUME, REVOKE = "approve", "reject", "suspend", "resume", "revoke"


@dataclass(frozen=True)
class Key:
    """A license as somebody has seen it."""

    license_id: int
    version: int


@dataclass(frozen=True)
class Step:
    """One row of the table of decisions."""

    source: LicenseState
    action: str
    target: LicenseState
    needs_reason: bool = False


# What a province can do to a license. Anything not listed here cannot happen.
STEPS = (
    Step(S.WAITING, APPROVE, S.VALID),
    Step(S.WAITING, REJECT, S.REJECTED, needs_reason=True),
    Step(S.VALID, SUSPEND, S.SUSPENDED, needs_reason=True),
    Step(S.VALID, REVOKE, S.REVOKED, needs_reason=True),
    Step(S.SUSPENDED, RESUME, S.VALID),
    Step(S.SUSPENDED, REVOKE, S.REVOKED, needs_reason=True),
)


def steps_for(actor: Actor, license_: License) -> list[Step]:
    """What this person may do to a license now, their own writing aside."""
    return [step for step in STEPS if step.source is license_.state] if reading.may_decide(actor, license_) else []


@retried
def decide(actor: Actor, form_key: str, key: Key, action: str, reason: str = "") -> Decided[License]:
    """Take one step; with an approval the license that counted until now is replaced, in the same transaction.

    The same form sent again does nothing more.

    Source: docs/rules.md R-254, R-255.
    Raises:
        NotAllowed: the actor decides nothing here, or has written it.
        Conflict: somebody was faster; the sentence says who and when.
        DomainError: no reason, or the license cannot hold.
    """
    with atomic():
        row = cases.locked(actor, key.license_id)
        if denial := cases.by_role(actor, row):
            raise denial
        # The other word, said with the same form after going back, is no repeat.
        if not submissions.once(
            submissions.for_choice(form_key, f"{action} {row.id}"), actor.user_id, f"license:{row.id}"
        ):
            return Decided(row, repeated=True)
        if key.version != row.version:
            raise trail.late(actor, row.id)
        step = next((step for step in steps_for(actor, row) if step.action == action), None)
        if step is None:
            raise Conflict(_not_now(row, action))
        said = said_reason(reason, is_needed=step.needs_reason)
        if action == APPROVE:
            # Locked, so that of two renewals approved at once the second one sees the first.
            db.session.get_one(Unit, row.unit_id, with_for_update={"key_share": True}, populate_existing=True)
        (case,) = cases.of(actor, [row])
        if why := case.denial or (case.against if action == APPROVE else None):
            raise why
        if action == APPROVE and case.former:
            _replace(actor, row)
        _turn(actor, row, step, said)
    return Decided(row, repeated=False)


def decide_all(
    actor: Actor, form_key: str, chosen: Collection[Key], *, approve: bool, reason: str
) -> Sequence[Outcome[Key]]:
    """Approve or reject several licenses as `decide` does each, in their order; of each what became of it.

    Source: docs/rules.md R-262.
    Raises:
        NotFound, OutsideTerritory: one of them is not there, or another province's; nothing is decided then.
        DomainError: they are too many, or no reason is said for a rejection.
    """
    cases.theirs(actor, [key.license_id for key in chosen])
    said, action = said_reason(reason, is_needed=not approve), APPROVE if approve else REJECT
    return deciding.each(chosen, lambda key: decide(actor, form_key, key, action, said))


def said_reason(words: str, *, is_needed: bool) -> str:
    """
    Raises:
        DomainError: there is none where one is needed.
    """
    said = text.clean(words)[:LONGEST_REASON]
    if is_needed and not said:
        raise DomainError("دلیل را بنویسید؛ آموزشگاه همین را می‌بیند", field="reason")
    return said


# -- Support -----------------------------------------------------------------------


def _replace(actor: Actor, row: License) -> None:
    """The license that counted until now gives way."""
    counts = (License.unit_id == row.unit_id, License.state.in_(COUNTS), License.id != row.id)
    former = db.session.scalar(
        select(License).where(*counts).with_for_update().execution_options(populate_existing=True)
    )
    if former is None:  # it was revoked at this very moment
        return
    if former.state is S.SUSPENDED:  # so it was at this very moment
        raise trail.late(actor, former.id)
    former.state, former.version = S.REPLACED, former.version + 1
    db.session.flush()  # before the new one counts: an academy has one that does
    trail.note(actor, former.id, "replaced", by=row.id)


def _turn(actor: Actor, row: License, step: Step, said: str) -> None:
    row.state, row.decision, row.version = step.target, said or None, row.version + 1
    row.decided_by_id, row.decided_at = actor.user_id, utcnow()
    try:
        db.session.flush()
    except IntegrityError as taken:  # another academy got the number at this very moment
        raise DomainError("این شماره هم‌اکنون برای آموزشگاه دیگری تأیید شد. شماره را بررسی کنید.") from taken
    trail.note(actor, row.id, step.action, said)


def _not_now(row: License, action: str) -> str:
    return f"این پروانه اکنون «{STATE[row.state][0]}» است و «{ACTION[action]}» در این وضع ممکن نیست. چیزی ثبت نشد."
