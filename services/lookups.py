"""The civil registry is asked who a person is, by a job; what it says is taken in."""

from collections.abc import Sequence

import gateways
from gateways.registry import RegistryPerson
from models import Gender, IdentityStatus, InquiryKind, InquiryOutcome, OutboxState, Person
from services import inquiries, official, outbox, people
from services.inquiries import Question, Settled, Way
from services.official import Facts
from services.outbox import Claim, Topic
from services.transaction import atomic

NOT_FOUND = "not_found"  # the words are in services/labels.py
OTHER_BIRTH_DATE = "other_birth_date"


def owe(person: Person, actor_id: int | None = None) -> None:
    """Owe a look-up of a person about whom the registry has something to tell; call inside the transaction.

    A birth date that it knew nobody by is not asked about again until another one is given.
    """
    if not _may_tell(person):
        return
    before = outbox.states_of(Topic.REGISTRY, person.id)
    # One that is open will ask by the birth date as it is then.
    if OutboxState.OPEN not in before:
        outbox.owe(Topic.REGISTRY, person.id, f"registry:{person.id}:{len(before)}", actor_id)


def owe_each(persons: Sequence[Person], actor_id: int | None = None) -> None:
    """`owe` for many people; without a user where none has typed them."""
    outbox.owe_each(Topic.REGISTRY, [person.id for person in persons if _may_tell(person)], actor_id)


@outbox.handles(Topic.REGISTRY)
def look_up(claim: Claim) -> None:
    """Ask about one person by national code and birth date."""
    with atomic():
        person = people.locked(claim.ref_id)
        if not _is_open(person):
            outbox.done(claim)
            return
    registry = gateways.registry()
    if inquiries.is_held(claim, Topic.REGISTRY, can_be_called=registry is not None) or registry is None:
        return
    code, birth_date = person.national_code or "", person.birth_date
    if birth_date is None:
        raise AssertionError("looked at above")
    # The registry takes no key of ours; the row and the try name the question.
    question = question_of(person, f"{claim.id}-{claim.attempt}")
    answer = inquiries.ask(claim, question, lambda: registry.person(code, birth_date))
    if answer is not None:
        settle(question, answer.value, Way(people.REGISTRY, claim))


def _may_tell(person: Person) -> bool:
    """Whether it is worth asking the registry."""
    return _is_open(person) and person.identity_note != NOT_FOUND


def _is_open(person: Person) -> bool:
    """Whether the registry has something to tell that we do not know from it."""
    if not person.national_code or not person.birth_date:
        return False
    return person.identity_status is IdentityStatus.PENDING


def question_of(person: Person, request_id: str) -> Question:
    """What the registry is asked about a person; `request_id` names the call, or the row of a file."""
    subject = f"{person.national_code}:{person.birth_date}"
    return Question(InquiryKind.REGISTRY, person.id, subject, request_id)


def settle(question: Question, found: RegistryPerson | None, way: Way) -> Settled:
    """Take in who the registry says the person is, or that it knows nobody; the way the answer came makes no odds.

    An answer to a question that is no longer ours (another birth date was typed since) changes nothing.
    """
    with atomic():
        person = people.locked(question.person_id)
        inquiries.note(question, InquiryOutcome.MATCH if found else InquiryOutcome.NO_MATCH, way.claim)
        settled = _taken(person, question, found, way)
        inquiries.close(way, Topic.REGISTRY, question, settled, OTHER_BIRTH_DATE)
    return settled


def _taken(person: Person, question: Question, found: RegistryPerson | None, way: Way) -> Settled:
    if not _is_open(person):
        return Settled.NEEDLESS
    if question.subject != f"{person.national_code}:{person.birth_date}":
        # The answer is about a birth date that was corrected since; the new one is asked about in the next turn.
        return Settled.STALE
    if found is None:
        person.identity_note = NOT_FOUND
    else:
        official.take_in(person, facts_of(found, way.source), way.actor_id)
    return Settled.TAKEN


def facts_of(found: RegistryPerson, source: str = people.REGISTRY) -> Facts:
    return Facts(
        source=source,
        first_name=found.first_name,
        last_name=found.last_name,
        father_name=found.father_name,
        gender=Gender(found.gender) if found.gender else None,
        birth_date=found.birth_date,
        shenasname_no=found.shenasname_no,
        is_alive=found.alive,
    )


def is_to_ask(person: Person) -> bool:
    """Whether a file that goes to the registry should hold this person."""
    return _is_open(person)
