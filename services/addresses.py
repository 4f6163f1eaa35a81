"""Where somebody lives: the postal code they give, and the address that the post has for it, asked by a job."""

import gateways
from models import IdentityStep, InquiryKind, InquiryOutcome, Mode, OutboxState, Person
from services import codes, inquiries, outbox, outside, people, provenance
from services.errors import DomainError
from services.inquiries import Question, Settled, Way
from services.mobiles import NOBODY, By
from services.outbox import Claim, Topic
from services.transaction import atomic

SOURCE, OTHER_CODE = "post", "other_postal_code"
WRONG = "کد پستی ۱۰ رقم دارد و با ۰ یا ۲ آغاز نمی‌شود؛ آن را با قبض یا سند خانه تطبیق دهید"


def give(person_id: int, typed: str, source: str, by: By = NOBODY) -> bool:
    """Take a postal code that was typed, and owe its address; False when it is the one that stands.

    Raises:
        DomainError: it is none.

    Source: docs/rules.md R-801.
    """
    code = codes.postal_code(typed)
    if code is None:
        raise DomainError(WRONG, field="postal_code")
    with atomic():
        person = people.locked(person_id)
        if person.postal_code == code:
            owe(person)
            return False
        step = IdentityStep.CHANGED if person.postal_code else IdentityStep.FILLED
        person.postal_code, person.address = code, None
        person.version += 1
        people.mark_source(person, "postal_code", source)
        provenance.note_each(person, [("postal_code", step)], source, by.actor_id, by.place)
        owe(person)
    return True


def owe(person: Person) -> None:
    """Owe the address of a postal code that has none, where the post is asked at all."""
    if not person.postal_code or person.address or outside.mode_of(Topic.ADDRESS) is Mode.OFF:
        return
    before = outbox.states_of(Topic.ADDRESS, person.id)
    if OutboxState.OPEN not in before:
        outbox.owe(Topic.ADDRESS, person.id, f"address:{person.id}:{len(before)}")


@outbox.handles(Topic.ADDRESS)
def look_up(claim: Claim) -> None:
    """Ask for the address of one person's postal code."""
    with atomic():
        person = people.locked(claim.ref_id)
        if not person.postal_code or person.address:
            outbox.done(claim)
            return
    post = gateways.address()
    if inquiries.is_held(claim, Topic.ADDRESS, can_be_called=post is not None) or post is None:
        return
    code = person.postal_code
    question = question_of(person, f"{claim.id}-{claim.attempt}")
    answer = inquiries.ask(claim, question, lambda: post.of(code))
    if answer is not None:
        settle(question, answer.value, Way(SOURCE, claim))


def question_of(person: Person, request_id: str) -> Question:
    return Question(InquiryKind.ADDRESS, person.id, f"{person.postal_code}", request_id)


def settle(question: Question, found: str | None, way: Way) -> Settled:
    """Take in an address, or that there is no such postal code; the way the answer came makes no odds."""
    with atomic():
        person = people.locked(question.person_id)
        outcome = InquiryOutcome.MATCH if found else InquiryOutcome.NO_MATCH
        inquiries.note(question, outcome, way.claim)
        settled = Settled.TAKEN if question.subject == f"{person.postal_code}" else Settled.STALE
        if settled is Settled.TAKEN and found:
            person.address = found[:300]
            people.mark_source(person, "address", way.source)
            provenance.note(person, "address", IdentityStep.FILLED, way.source, way.actor_id)
        inquiries.close(way, Topic.ADDRESS, question, settled, OTHER_CODE)
    return settled
