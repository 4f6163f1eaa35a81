"""Questions put to outside systems about a person: each through the breaker, each outcome written down."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import select

from gateways.errors import GatewayError, Refused
from gateways.http import take_said
from models import Inquiry, InquiryAnswer, InquiryKind, InquiryOutcome, Mode, db, utcnow
from services import allowances, closing, forgetting, outbox, outside, policy, seals
from services.outbox import Claim
from services.transaction import atomic

R = TypeVar("R")
KEPT, SEAL = "inquiry_answer_days", "inquiry answer"
LONGEST = 20_000  # letters of an answer
FOR_EVER_S = 100 * 365 * 86_400  # its time is over by the row's own day
_told: ContextVar[tuple[str, str]] = ContextVar("told", default=("", ""))  # the question, and what was said to it
UNASKED_S = 6 * 3600  # whoever switches the mode wakes what waits for it


@dataclass(frozen=True, repr=False)
class Question:
    """What is asked about whom; `subject` is everything the answer depends on and is kept as a keyed hash only."""

    kind: InquiryKind
    person_id: int
    subject: str
    request_id: str


@dataclass(frozen=True)
class Way:
    """How an answer came: by a call for what is owed (`claim`), or from a file or by hand, which a user brought in.

    `source` is what is written down as the origin of the values.
    """

    source: str
    claim: Claim | None = None
    actor_id: int | None = None


class Settled(StrEnum):
    """What has become of an answer: taken in, about a question that is another one by now, or no longer needed."""

    TAKEN = "taken"
    STALE = "stale"
    NEEDLESS = "needless"


@dataclass(frozen=True)
class Answer(Generic[R]):
    """What came back, which may itself be None."""

    value: R


def is_held(claim: Claim, code: str, *, can_be_called: bool) -> bool:
    """Whether the system is not asked by calls now; then the claim has been settled and waits for another way.

    A system that `can_be_called` has all its settings.
    """
    mode = outside.mode_of(code)
    if mode is Mode.ONLINE and can_be_called:
        return False
    outbox.hold(claim, outside.WAITS.get(mode, outside.WAITS[Mode.OFF]), seconds=UNASKED_S)
    return True


def ask(claim: Claim, question: Question, function: Callable[[], R]) -> Answer[R] | None:
    """The answer, or None when there is none and the claim has been settled: try later, or for good."""
    try:
        with atomic():
            outbox.renew(claim)
            place = allowances.take(question.kind.value, claim.actor_id)
    except allowances.Full as full:
        # Not all at the very moment at which the next slot begins: other things are owed then, too.
        outbox.hold(claim, full.why, seconds=full.seconds + claim.id % full.spread_s)
        return None
    take_said()
    try:
        answer = Answer(outside.call(question.kind.value, function))
        _told.set((question.request_id, take_said()))
        return answer
    except outside.Resting as rest:
        allowances.give_back(place)
        outbox.hold(claim, "resting", seconds=rest.seconds)
    except Refused as error:
        _fail(claim, question, InquiryOutcome.ERROR, error)
    except GatewayError as error:
        _fail(claim, question, InquiryOutcome.UNKNOWN, error)
    return None


def _fail(claim: Claim, question: Question, outcome: InquiryOutcome, error: GatewayError) -> None:
    settle = outbox.bury if outcome is InquiryOutcome.ERROR else outbox.later
    with atomic():
        note(question, outcome, claim)
        settle(claim, error.code)


def close(way: Way, topic: outbox.Topic, question: Question, settled: Settled, why_stale: str) -> None:
    """What was owed is done with this answer, however it came; a stale one leaves it owed, to be asked anew."""
    if way.claim is None:
        if settled is not Settled.STALE:
            closing.answered(topic, question.person_id)
    elif settled is Settled.STALE:
        outbox.hold(way.claim, why_stale, seconds=0)
    else:
        outbox.done(way.claim)


def note(question: Question, outcome: InquiryOutcome, claim: Claim | None = None) -> None:
    """Write the outcome of one try down; call inside the transaction of its effect.

    What the system has said is kept beside it, sealed, for as long as somebody may have to look at it.

    Source: docs/rules.md R-800.
    """
    row = Inquiry(
        person_id=question.person_id,
        outbox_id=claim.id if claim else None,
        kind=question.kind,
        request_id=question.request_id,
        outcome=outcome,
        subject_hash=_hash(question),
        at=utcnow(),
    )
    db.session.add(row)
    request_id, said = _told.get()
    if said and request_id == question.request_id:
        _told.set(("", ""))
        _keep(row, said)


def _keep(row: Inquiry, said: str) -> None:
    days = int(policy.value_in(KEPT, "*", "*"))
    if days:
        db.session.flush()
        sealed = seals.seal(SEAL, said[:LONGEST])
        db.session.add(InquiryAnswer(inquiry_id=row.id, sealed=sealed, expires_at=utcnow() + timedelta(days=days)))


def said(inquiry_id: int) -> str | None:
    """What a system has answered, word for word; None when that is erased by now."""
    query = select(InquiryAnswer).where(InquiryAnswer.inquiry_id == inquiry_id, InquiryAnswer.expires_at > utcnow())
    row = db.session.scalar(query)
    found: str | None = seals.unseal(SEAL, row.sealed, FOR_EVER_S) if row else None
    return found


def erase(now: datetime) -> int:
    """Forget answers whose time is over; that a question was put, and its outcome, stays."""
    return forgetting.forget(InquiryAnswer, InquiryAnswer.expires_at < now)


def remembered(question: Question, since: datetime) -> InquiryOutcome | None:
    """The newest verdict on this very question since then."""
    verdicts = (InquiryOutcome.MATCH, InquiryOutcome.NO_MATCH)
    query = (
        select(Inquiry.outcome)
        .where(
            Inquiry.person_id == question.person_id,
            Inquiry.kind == question.kind,
            Inquiry.subject_hash == _hash(question),
            Inquiry.outcome.in_(verdicts),
            Inquiry.at > since,
        )
        .order_by(Inquiry.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def _hash(question: Question) -> str:
    return seals.mark(f"inquiry:{question.kind.value}", question.subject)
