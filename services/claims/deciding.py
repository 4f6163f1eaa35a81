"""The center says whether the group that somebody named holds; what does not hold is owed, and never taken unasked."""

from dataclasses import dataclass

from sqlalchemy import select

from models import Enrollment, EnrollmentEvent, EnrollmentStatus, db, utcnow
from services import audit, messages, text
from services.access import Actor
from services.claims import reading
from services.claims.reading import OWED, PROVED, REFUTED, Claim, State
from services.errors import Conflict, DomainError, NotAllowed
from services.transaction import atomic, retried

LONGEST_REASON = 300
_DONE = {
    State.HOLDS: "مدرک این گروه هدف پیش‌تر پذیرفته شده است.",
    State.REFUTED: "این گروه هدف پیش‌تر رد شده است.",
    State.OWED: "این گروه هدف پیش‌تر رد شده و هزینهٔ آن مانده است.",
    State.PAID: "هزینهٔ این ثبت‌نام پس از رد گروه هدف پرداخت شده است.",
}
_SAYS = {State.HOLDS: PROVED, State.REFUTED: REFUTED, State.OWED: OWED}


@dataclass(frozen=True)
class Word:
    """What is said of a claim: whether it holds, why not, and where the person goes on."""

    holds: bool
    reason: str
    address: str


@dataclass(frozen=True)
class Decided:
    """How a claim stands after the word, and what is owed by it in rials."""

    state: State
    rest: int = 0


@retried
def decide(actor: Actor, enrollment_id: int, word: Word) -> Decided:
    """Say whether a claim holds; what was refused may be accepted later. The same word again changes nothing.

    Raises:
        NotFound, OutsideTerritory, NotAllowed: as `reading.of_unit`, or it is about oneself.
        DomainError: refused without a reason. Conflict: somebody has decided, or the enrollment has ended.

    Source: docs/rules.md R-692, R-693.
    """
    said = "" if word.holds else text.clean(word.reason)[:LONGEST_REASON]
    with atomic():
        db.session.execute(select(Enrollment.id).where(Enrollment.id == enrollment_id).with_for_update())
        claim = reading.of_unit(actor, enrollment_id)
        if not word.holds and not said:
            raise DomainError("دلیل را بنویسید؛ برای کارآموز فرستاده می‌شود", field="reason")
        if _is_repeat(claim, word, said):
            return Decided(claim.state, claim.rest if claim.state is State.OWED else 0)
        _check(actor, claim, word)
        return _settle(actor, claim, word, said)


def _is_repeat(claim: Claim, word: Word, said: str) -> bool:
    same = (State.HOLDS,) if word.holds else (State.OWED, State.REFUTED)
    return claim.state in same and claim.reason == said


def _check(actor: Actor, claim: Claim, word: Word) -> None:
    if claim.enrollment.person_id == actor.person_id:
        raise NotAllowed("مدرک خودتان را همکار دیگری بررسی می‌کند. چیزی تغییر نکرد.")
    if claim.enrollment.status is not EnrollmentStatus.ACTIVE:
        raise Conflict("این ثبت‌نام در این میان پایان یافته است. چیزی تغییر نکرد.")
    if claim.state is not State.WAITING and not (claim.state is State.OWED and word.holds):
        raise Conflict(f"{_DONE[claim.state]} چیزی دوباره تغییر نکرد.")


def _settle(actor: Actor, claim: Claim, word: Word, said: str) -> Decided:
    made, rest = claim.enrollment, 0 if word.holds else claim.rest
    state = State.HOLDS if word.holds else State.OWED if rest else State.REFUTED
    action = _SAYS[state]
    db.session.add(
        EnrollmentEvent(enrollment_id=made.id, actor_id=actor.user_id, action=action, reason=said, at=utcnow())
    )
    audit.record(action, reading.SUBJECT, made.id, actor_id=actor.user_id, rials=rest)
    if not word.holds:
        owed = f" {text.rial(rest)} هزینه مانده است؛ چیزی خودکار کسر نمی‌شود: {word.address}" if rest else ""
        why = f"مدرک گروه هدف شما برای دورهٔ «{made.course.title}» پذیرفته نشد: {said.rstrip('. ')}"
        key = f"enrollment:{made.id}:group-refuted"
        body = f"دوره: {why}. جای شما هست.{owed}"
        messages.tell(made.person_id, "group_refuted", body, cause_key=key, enrollment_id=made.id)
    db.session.flush()
    return Decided(state, rest)
