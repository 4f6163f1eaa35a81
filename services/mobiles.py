"""Whether a mobile is registered to its owner's national code: owed when it is new, asked of Shahkar by a job."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

import gateways
from gateways.shahkar import new_request_id
from models import (
    IdentityStep,
    InquiryKind,
    InquiryOutcome,
    Message,
    MessageState,
    MobileStatus,
    Mode,
    OutboxState,
    Person,
    utcnow,
)
from services import inquiries, outbox, outside, people, policy, provenance
from services.inquiries import Question, Settled, Way
from services.outbox import Claim, Topic
from services.transaction import atomic

SOURCE = "shahkar"
OTHER_MOBILE = "other_mobile"  # the words are in services/labels.py
MONTH = timedelta(days=30)
MEMORY = timedelta(hours=24)  # numbers change hands, but not within a day


def owe(person: Person, actor_id: int | None = None) -> None:
    """Owe a check of a mobile that nobody has checked, or not for long; call inside the transaction.

    Source: docs/rules.md R-80, R-82.
    """
    if not _is_to_check(person):
        return
    before = outbox.states_of(Topic.SHAHKAR, person.id)
    # One that is open will look at the mobile as it is then. The first check of a person is what an enrollment brings;
    # only whoever types one number after the other may be guessing.
    if OutboxState.OPEN not in before:
        outbox.owe(Topic.SHAHKAR, person.id, f"shahkar:{person.id}:{len(before)}", actor_id if before else None)


def owe_each(persons: Sequence[Person]) -> None:
    """`owe` for many people, which no user has typed."""
    outbox.owe_each(Topic.SHAHKAR, [person.id for person in persons if _is_to_check(person)])


def _is_to_check(person: Person) -> bool:
    """Whether nobody has checked the mobile, or not for long; an old match is one no more."""
    if is_old(person) and outside.mode_of(Topic.SHAHKAR) is not Mode.OFF:
        person.mobile_status = MobileStatus.UNCHECKED
    return person.mobile_status is MobileStatus.UNCHECKED and person.national_code is not None


def is_old(person: Person) -> bool:
    """Whether a match is so long ago that the number may have changed hands."""
    if person.mobile_status is not MobileStatus.MATCHED or person.mobile_checked_at is None:
        return False
    age = utcnow() - person.mobile_checked_at
    # No policy is shorter than a month, and most matches are: they need no look at it.
    months = int(policy.value_in("mobile_recheck_months", "*", "*")) if age > MONTH else 0
    return months > 0 and age > months * MONTH


def is_coming(person: Person) -> bool:
    """Whether a verdict on the mobile can still come by itself, or by an operator who revives a dead letter."""
    states = outbox.states_of(Topic.SHAHKAR, person.id)
    return bool(states) and states[-1] in (OutboxState.OPEN, OutboxState.DEAD)


def was_given_up(person: Person) -> bool:
    """Whether an operator discarded the last check."""
    states = outbox.states_of(Topic.SHAHKAR, person.id)
    return bool(states) and states[-1] is OutboxState.DISCARDED


@outbox.handles(Topic.SHAHKAR)
def check(claim: Claim) -> None:
    """Settle whether a person's mobile is theirs."""
    with atomic():
        # Locked, so that a number given at this moment either is seen here or finds this check closed.
        person = people.locked(claim.ref_id)
        if not person.national_code or person.mobile_status is not MobileStatus.UNCHECKED:
            outbox.done(claim)
            return
    shahkar = gateways.shahkar()
    if inquiries.is_held(claim, Topic.SHAHKAR, can_be_called=shahkar is not None) or shahkar is None:
        return
    code, mobile = person.national_code, person.mobile or ""
    question = question_of(person, new_request_id(shahkar.provider_code))
    way = Way(SOURCE, claim)
    known = inquiries.remembered(question, utcnow() - MEMORY)
    if known is not None:
        settle(question, known, way, is_remembered=True)
        return
    answer = inquiries.ask(claim, question, lambda: shahkar.matches(code, mobile, question.request_id))
    if answer is not None:
        outcome = InquiryOutcome.MATCH if answer.value else InquiryOutcome.NO_MATCH
        settle(question, outcome, way)


def question_of(person: Person, request_id: str) -> Question:
    """What Shahkar is asked about a person; `request_id` names the call, or the row of a file."""
    return Question(InquiryKind.SHAHKAR, person.id, f"{person.national_code}:{person.mobile}", request_id)


def settle(question: Question, outcome: InquiryOutcome, way: Way, *, is_remembered: bool = False) -> Settled:
    """Take in whether the mobile is its owner's; the way the verdict came makes no odds.

    Args:
        outcome: MATCH or NO_MATCH; what is unknown settles nothing and stays owed.
        is_remembered: the verdict is one of ours, and is not written down a second time.
    """
    if outcome not in (InquiryOutcome.MATCH, InquiryOutcome.NO_MATCH):
        raise ValueError(outcome)
    with atomic():
        person = people.locked(question.person_id)
        if not is_remembered:
            inquiries.note(question, outcome, way.claim)
        settled = _taken(person, question, outcome, way)
        inquiries.close(way, Topic.SHAHKAR, question, settled, OTHER_MOBILE)
    return settled


def _taken(person: Person, question: Question, outcome: InquiryOutcome, way: Way) -> Settled:
    if person.mobile_status is not MobileStatus.UNCHECKED:
        return Settled.NEEDLESS
    if question.subject != f"{person.national_code}:{person.mobile}":
        # The verdict is about a number that is no longer theirs; a new one is looked at in the next turn.
        return Settled.STALE
    matches = outcome is InquiryOutcome.MATCH
    person.mobile_status = MobileStatus.MATCHED if matches else MobileStatus.NOT_MATCHED
    person.mobile_checked_at = utcnow()
    step = IdentityStep.CONFIRMED if matches else IdentityStep.DISPUTED
    provenance.note(person, "mobile", step, way.source, way.actor_id)
    wake_messages(person.id)
    return Settled.TAKEN


def wake_messages(person_id: int) -> None:
    """The mobile's status has changed: what waited for it is decided now; call in the transaction that changed it."""
    queued = select(Message.id).where(Message.person_id == person_id, Message.state == MessageState.QUEUED)
    outbox.wake(Topic.SMS, queued)


def is_to_ask(person: Person) -> bool:
    """Whether a file that goes to Shahkar should hold this person."""
    return person.national_code is not None and bool(person.mobile) and person.mobile_status is MobileStatus.UNCHECKED
