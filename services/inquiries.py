"""Questions put to outside systems about a person: each through the breaker, each outcome written down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from sqlalchemy import select

from gateways.errors import GatewayError, Refused
from models import Inquiry, InquiryKind, InquiryOutcome, Mode, db, utcnow
from services import allowances, giving_away, outbox, outside, seals
from services.outbox import Claim
from services.transaction import atomic

R = TypeVar("R")
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
    try:
        return Answer(outside.call(question.kind.value, function))
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
            giving_away.answered(topic, question.person_id)
    elif settled is Settled.STALE:
        outbox.hold(way.claim, why_stale, seconds=0)
    else:
        outbox.done(way.claim)


def note(question: Question, outcome: InquiryOutcome, claim: Claim | None = None) -> None:
    """Write the outcome of one try down; call inside the transaction of its effect."""
    db.session.add(
        Inquiry(
            person_id=question.person_id,
            outbox_id=claim.id if claim else None,
            kind=question.kind,
            request_id=question.request_id,
            outcome=outcome,
            subject_hash=_hash(question),
            at=utcnow(),
        )
    )


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
