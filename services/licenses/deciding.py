"""The province decides about a license: approves or rejects it, suspends it, lets it hold again, revokes it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models import License, LicenseState, Unit, db, utcnow
from services import jalali, policy, text
from services.access import Actor
from services.courses.licensing import COUNTS
from services.errors import Conflict, DomainError, NotAllowed
from services.licenses import reading, trail
from services.licenses.drafting import refuse_taken_number
from services.licenses.reading import S
from services.licenses.wording import ACTION, STATE
from services.transaction import atomic

LONGEST_REASON = 300
APPROVE, REJECT, SUSPEND, RESUME, REVOKE = "approve", "reject", "suspend", "resume", "revoke"
_WROTE = ("create", "edit", "trade_added", "trade_removed", "send")
_NO_REVIEWER = "تصمیم دربارهٔ پروانه با بررس همان استان است. چیزی ثبت نشد."
_OWN = "این پروانه را خود شما نوشته‌اید؛ تصمیم دربارهٔ آن با همکار دیگری است. پروانه همچنان در صف است."


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


def is_own_work(actor: Actor, license_: License) -> bool:
    """Whether this person has written the license, where another one must decide.

    Source: docs/rules.md R-254.
    """
    mine = actor.user_id in trail.actors(license_.id, _WROTE) or license_.entered_by_id == actor.user_id
    return mine and bool(policy.value("separation_of_duties", db.session.get_one(Unit, license_.unit_id)))


def decide(actor: Actor, license_id: int, version: int, action: str, reason: str = "") -> License:
    """Take one step; with an approval the license that counted until now is replaced, in the same transaction.

    Source: docs/rules.md R-254, R-255.
    Raises:
        NotAllowed: the actor decides nothing here, or has written it.
        Conflict: somebody was faster; the sentence says who and when.
        DomainError: no reason, or the license cannot hold.
    """
    with atomic():
        row = reading.get(actor, license_id, lock=True)
        if not reading.may_decide(actor, row):
            raise NotAllowed(_NO_REVIEWER)
        if version != row.version:
            raise trail.late(actor, license_id)
        step = next((step for step in steps_for(actor, row) if step.action == action), None)
        if step is None:
            raise Conflict(_not_now(row, action))
        said = _reason(step, reason)
        if row.state is S.WAITING and is_own_work(actor, row):
            raise NotAllowed(_OWN)
        if action == APPROVE:
            _put_in_place(actor, row)
        _turn(actor, row, step, said)
    return row


# -- Support -----------------------------------------------------------------------


def _reason(step: Step, words: str) -> str:
    said = text.clean(words)[:LONGEST_REASON]
    if step.needs_reason and not said:
        raise DomainError("دلیل را بنویسید؛ آموزشگاه همین را می‌بیند", field="reason")
    return said


def _put_in_place(actor: Actor, row: License) -> None:
    """Make room for a license that is to hold from now on."""
    if row.expires_on < policy.today():
        raise DomainError(
            f"اعتبار این پروانه {jalali.long(row.expires_on)} تمام شده است و تأیید نمی‌شود. آن را رد کنید."
        )
    # Locked, so that of two renewals approved at once the second one sees the first.
    unit = db.session.get_one(Unit, row.unit_id, with_for_update={"key_share": True}, populate_existing=True)
    if not unit.is_active:
        raise DomainError("این آموزشگاه غیرفعال است؛ پروانهٔ آن تأیید نمی‌شود. چیزی ثبت نشد.")
    refuse_taken_number(row)
    counts = (License.unit_id == row.unit_id, License.state.in_(COUNTS), License.id != row.id)
    former = db.session.scalar(
        select(License).where(*counts).with_for_update().execution_options(populate_existing=True)
    )
    if former is None:
        return
    if former.state is S.SUSPENDED:
        raise DomainError("پروانهٔ کنونی این آموزشگاه تعلیق است. نخست تعلیق را بردارید یا آن را لغو کنید. چیزی ثبت نشد.")
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
