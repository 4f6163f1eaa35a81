"""Text messages that go without a call: those that pass the gate at the moment in which a file is made, and what became
of them.

Source: docs/rules.md R-30, R-742, R-749.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from models import (
    DeliveryEvent,
    Enrollment,
    EnrollmentStatus,
    Guardianship,
    Message,
    MessageState,
    MobileStatus,
    Person,
    db,
)
from services import guardians, karpoosheh, messages, mobiles
from services.outbox import Claim


def for_file(refs: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Mobile and text of those messages that may go now, by message; their people are locked.

    What perhaps went, what may not be stored and what waits for a match is left to the worker.
    """
    events = select(DeliveryEvent.message_id, func.max(DeliveryEvent.id).label("last"))
    newest = events.where(DeliveryEvent.message_id.in_(refs)).group_by(DeliveryEvent.message_id).subquery()
    query = select(Message, Person, Enrollment.status, DeliveryEvent.state).join(Person, Person.id == Message.person_id)
    query = query.outerjoin(Enrollment, Enrollment.id == Message.enrollment_id)
    query = query.outerjoin(newest, newest.c.message_id == Message.id)
    query = query.outerjoin(DeliveryEvent, DeliveryEvent.id == newest.c.last)
    query = query.where(Message.id.in_(refs), Message.state == MessageState.QUEUED, Message.channel == messages.SYSTEM)
    found = db.session.execute(query.order_by(Message.id), execution_options=messages.FRESH).all()
    answering = _guardians([person.id for _, person, _, _ in found if not _is_theirs(person)])
    told = {
        message.id: _cells(message, person, status, answering.get(person.id))
        for message, person, status, event in found
        if message.template not in messages.RENDERED and not messages.is_doubtful(event)
    }
    return {ref: cells for ref, cells in told.items() if cells}


def _cells(
    message: Message, person: Person, status: EnrollmentStatus | None, guardian: Person | None
) -> tuple[str, ...]:
    """To which number, and what it says there; nothing where the gate is shut."""
    if message.template in messages.ADDRESSED:
        number = messages.ADDRESSED[message.template](message)
        return (number, message.body) if number else ()
    if message.template in (messages.CONFIRMATION, messages.REMINDER) and status is EnrollmentStatus.CANCELED:
        return ()
    if _is_theirs(person):
        return (person.mobile or "", message.body)
    if guardian is not None and _is_theirs(guardian) and guardians.is_minor(person.birth_date):
        return (guardian.mobile or "", guardians.worded(person, message.body))
    return ()


def _is_theirs(person: Person) -> bool:
    return person.mobile_status is MobileStatus.MATCHED and not mobiles.is_old(person)


def _guardians(ids: Sequence[int]) -> Mapping[int, Person]:
    """Who answers for each of some people, where somebody does."""
    query = select(Guardianship.person_id, Person).join(Person, Person.id == Guardianship.guardian_id)
    query = query.where(Guardianship.person_id.in_(ids), Guardianship.ended_at.is_(None))
    return {ward: guardian for ward, guardian in db.session.execute(query)} if ids else {}


def settle(claim: Claim, reference: str) -> None:
    """A message went by a file or by hand; `reference` is the provider's, or ours. Inside `atomic()`."""
    _tell_as_well(claim)
    messages.close(claim, claim.ref_id, MessageState.SENT, messages.SENT, reference[:40])


def settle_refused(claim: Claim, why: str) -> None:
    """A message that went in a file was not taken, for good. Inside `atomic()`."""
    _tell_as_well(claim)
    messages.close(claim, claim.ref_id, MessageState.FAILED, messages.REFUSED, why)


def _tell_as_well(claim: Claim) -> None:
    """The worker has perhaps never seen it."""
    message = db.session.get_one(Message, claim.ref_id)
    if message.template in karpoosheh.LEGAL:
        karpoosheh.tell_as_well(message)
