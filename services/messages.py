"""Messages owed to people: written with the event that causes them, sent by a job, or held back with a reason."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, Update, bindparam, func, or_, select, update
from sqlalchemy.orm import aliased

import gateways
from gateways.errors import GatewayError, Refused, Temporary
from gateways.sms import Magfa
from models import (
    DeliveryEvent,
    Enrollment,
    EnrollmentStatus,
    Guardianship,
    Message,
    MessageState,
    MobileStatus,
    Mode,
    Person,
    TargetGroup,
    db,
    utcnow,
)
from services import audit, guardians, karpoosheh, mobiles, outbox, outside
from services.errors import Conflict
from services.outbox import Claim, Topic, owe
from services.owing import add_and_owe
from services.sql import Row, add_many_once, add_once
from services.transaction import atomic

SYSTEM = "sms"
# What a delivery event says. After one of the first two the phone may have the message.
TRYING, UNANSWERED = "trying", "unanswered"
LATER, NOT_FOUND, FOUND, SENT, REFUSED = "later", "not_found", "found", "sent", "refused"
SUPPRESSED, UNKNOWN, REPEATED, DISCARDED = "suppressed", "unknown", "repeated", "discarded"
DOUBTFUL = (TRYING, UNANSWERED)
ASKABLE = timedelta(hours=23)  # the provider keeps our key for a day
FRESH = {"populate_existing": True}
UNASKED_S = 6 * 3600  # whoever switches the mode wakes what waits for it
WAIT_FOR_MATCH_S = 600  # the match itself wakes the message at once

# Why a message is not sent; the words are in services/labels.py.
NO_MOBILE, NOT_MATCHED, UNCHECKED = "no_mobile", "mobile_not_matched", "mobile_unchecked"
GUARDIAN_UNMATCHED = "guardian_unmatched"
EXEMPT, CANCELED, OFF, TOO_LATE = "group_exempt", "enrollment_canceled", "sms_off", "too_late"
CONFIRMATION, REMINDER = "enrolled", "course_starts"
WAITING = "waiting_match"
NO_WAY_TO_OWN = frozenset({NO_MOBILE, NOT_MATCHED, UNCHECKED, EXEMPT, WAITING})
_TABLE: Any = Message.__table__
# Templates whose words are made when they are sent, because what they say may not be stored; None: it is too late.
RENDERED: dict[str, Callable[[Message], str | None]] = {}
# Templates that go to a number which was proven to be the person's and is theirs no more; None: there is none.
ADDRESSED: dict[str, Callable[[Message], str | None]] = {}
# Templates that wait for an hour of the day, with when each message may go at the earliest.
NOT_BEFORE: dict[str, Callable[[Message], datetime]] = {}
QUIET = "quiet_hours"


@dataclass(frozen=True, repr=False)
class Ticket:
    """A message that may be handed over now. `uid` is our key at the provider, the same at every try."""

    message_id: int
    uid: str
    mobile: str
    body: str


# -- Owing -------------------------------------------------------------------------


def tell(
    person_id: int,
    template: str,
    body: str,
    *,
    cause_key: str,
    enrollment_id: int | None = None,
    beside: Sequence[Row] = (),
) -> None:
    """Owe a person one SMS for one cause; whether it may be sent is decided when it is sent.

    Rows `beside` it are of other tables and are added in any case, by the same statement where the database can.
    """
    message = Message, _row(Owed(person_id, template, body, cause_key, enrollment_id))
    add_and_owe(Topic.SMS, message, *beside)


@dataclass(frozen=True)
class Owed:
    """What `tell` takes, for one of many."""

    person_id: int
    template: str
    body: str
    cause_key: str
    enrollment_id: int | None = None


def tell_each(messages: Sequence[Owed]) -> None:
    """`tell` of many by two statements."""
    ids = add_many_once(Message, [_row(each) for each in messages])
    outbox.owe_new(Topic.SMS, {message_id: f"sms:{message_id}" for message_id in ids})


def _row(message: Owed) -> dict[str, Any]:
    states = {"channel": "sms", "state": MessageState.QUEUED, "created_at": utcnow()}
    return {**asdict(message), **states}


def repeat(message_id: int, actor_id: int) -> None:
    """A person decides that a message that did not go, or perhaps went, is sent again; the gate stands as before.

    Raises:
        Conflict: it is on its way, or has been sent.
    """
    again = (MessageState.UNKNOWN, MessageState.FAILED, MessageState.SUPPRESSED)
    with atomic():
        message = db.session.get(Message, message_id, populate_existing=True, with_for_update={"key_share": True})
        if message is None or message.state not in again:
            raise Conflict("این پیامک در راه است یا فرستاده شده است. دوباره فرستاده نشد.")
        _note(message_id, REPEATED, message.state)
        message.state, message.suppressed_reason = MessageState.QUEUED, None
        topic = Topic(message.channel)
        owe(topic, message_id, f"{topic}:{message_id}:{len(outbox.states_of(topic, message_id))}")
        audit.record("message_repeated", "message", message_id, actor_id=actor_id)


def uid_of(message: Message) -> str:
    """Our key of a message at the provider: digits that fit 63 bits, and no other installation's.

    The provider sends nothing twice by one key. So a message that it took, that came back and that a person
    repeats has a new one; one that perhaps arrived keeps its own.
    """
    rounds = 0
    if message.provider_ref is not None:
        came_back = (DeliveryEvent.state == REPEATED, DeliveryEvent.detail == MessageState.FAILED.value)
        query = select(func.count()).where(DeliveryEvent.message_id == message.id, *came_back)
        rounds = db.session.scalar(query) or 0
    return str(min(rounds, 8) * 10**18 + int(message.created_at.timestamp()) * 10**8 + message.id % 10**8)


# -- Sending -----------------------------------------------------------------------


@outbox.handles(Topic.SMS)
def deliver(claim: Claim) -> None:
    """Send one message at most once, or write down why not."""
    mode = outside.mode_of(SYSTEM)
    provider = gateways.sms() if mode is Mode.ONLINE else None
    standing = db.session.connection().execute(_standing(), {"message": claim.ref_id}).one()
    if standing.state is not MessageState.QUEUED:
        outbox.done(claim)
        return
    if is_doubtful(standing.last_event) and not _is_cleared(claim, standing.last_at, provider):
        return
    ticket = _pass_the_gate(claim, Mode.OFF if mode is Mode.ONLINE and provider is None else mode)
    if ticket is not None and provider is not None:
        _hand_over(claim, ticket, provider)


@cache
def _standing() -> Select[*tuple[Any, ...]]:
    """A message's state, and what was last noted of it and when."""
    events = aliased(DeliveryEvent)
    newest = select(func.max(events.id)).where(events.message_id == Message.id).correlate(Message).scalar_subquery()
    columns = (Message.state, DeliveryEvent.state.label("last_event"), DeliveryEvent.at.label("last_at"))
    query = select(*columns).outerjoin(DeliveryEvent, DeliveryEvent.id == newest)
    return query.where(Message.id == bindparam("message"))


def is_doubtful(last_event: str | None) -> bool:
    """Whether an earlier try was cut off or not answered, so that the phone may have the message already."""
    return last_event in DOUBTFUL


def _is_cleared(claim: Claim, last_at: datetime, provider: Magfa | None) -> bool:
    """Ask the provider by our key. True: it has not got the message. False: the claim has been settled."""
    message = db.session.get_one(Message, claim.ref_id, populate_existing=True)
    if provider is None or not hasattr(provider, "find"):
        close(claim, message.id, MessageState.UNKNOWN, UNKNOWN, "cannot ask")
        return False
    uid = uid_of(message)
    with atomic():
        outbox.renew(claim)
    try:
        number = outside.call(SYSTEM, lambda: provider.find(uid))
    except outside.Resting as rest:
        outbox.hold(claim, "resting", seconds=rest.seconds)
        return False
    except Refused as error:
        close(claim, message.id, MessageState.UNKNOWN, UNKNOWN, error.code)
        return False
    except GatewayError as error:
        outbox.later(claim, error.code)
        return False
    if number is not None:
        close(claim, message.id, MessageState.SENT, FOUND, number)
        return False
    if utcnow() - last_at > ASKABLE:
        close(claim, message.id, MessageState.UNKNOWN, UNKNOWN, "too late to ask")
        return False
    with atomic():
        _note(message.id, NOT_FOUND)
    return True


def _pass_the_gate(claim: Claim, mode: Mode) -> Ticket | None:
    """The one gate: decide on the person as they are now, and write down that we are about to send.

    None: the message waits or is held back for good, and the claim has been settled.
    """
    with atomic():
        asked = {"message": claim.ref_id}
        # Locked, so that a verdict on the mobile comes either before this look or after our waiting is stored. Read by
        # itself: what one statement reads beside a lock is as old as the wait for it.
        locked = db.session.execute(_locked_addressees(), asked, execution_options=FRESH).scalars().all()
        message, status = db.session.execute(_at_the_gate(), asked, execution_options=FRESH).one()
        found = _Look(OFF) if mode is Mode.OFF else _look(message, locked, status)
        if message.template in karpoosheh.LEGAL or found.reason == EXEMPT:
            karpoosheh.tell_as_well(message)
        if found.reason == WAITING:
            outbox.hold(claim, WAITING, seconds=WAIT_FOR_MATCH_S)
            return None
        if found.reason:
            message.state, message.suppressed_reason = MessageState.SUPPRESSED, found.reason
            _note(message.id, SUPPRESSED, found.reason)
            outbox.done(claim)
            return None
        if mode is not Mode.ONLINE:
            outbox.hold(claim, outside.WAITS[mode], seconds=UNASKED_S)
            return None
        if rest := _rest_of_quiet(message):
            outbox.hold(claim, QUIET, seconds=rest)
            return None
        _note(message.id, TRYING)
        outbox.renew(claim)
        return Ticket(message.id, uid_of(message), found.mobile, found.body)


@dataclass(frozen=True, repr=False)
class _Look:
    """Why a message does not go now, or to which number it goes and what it says there."""

    reason: str | None
    mobile: str = ""
    body: str = ""


def _look(message: Message, locked: Sequence[Person], status: EnrollmentStatus | None) -> _Look:
    """What is to be done with a message; `locked` are its person and who answers for them.

    Source: docs/rules.md R-30, R-794.
    """
    person = next(each for each in locked if each.id == message.person_id)
    body = RENDERED[message.template](message) if message.template in RENDERED else message.body
    if body is None:
        return _Look(TOO_LATE)
    if message.template in ADDRESSED:
        number = ADDRESSED[message.template](message)
        return _Look(None if number else NO_MOBILE, number or "", body)
    reason = _why_not(message, person, status)
    guardian = next((each for each in locked if each is not person), None)
    if guardian is not None and reason in NO_WAY_TO_OWN and guardians.is_minor(person.birth_date):
        theirs = _why_not_to(guardian)
        if theirs is None:
            return _Look(None, guardian.mobile or "", guardians.worded(person, body))
        reason = WAITING if WAITING in (reason, theirs) else GUARDIAN_UNMATCHED
    return _Look(reason, person.mobile or "", body)


def _why_not_to(guardian: Person) -> str | None:
    """The reason why nothing goes to the mobile of who answers for a child, WAITING, or None when it may."""
    if mobiles.is_old(guardian):
        mobiles.owe(guardian)
    if guardian.mobile_status is MobileStatus.UNCHECKED:
        return _why_unchecked(guardian)
    return None if guardian.mobile_status is MobileStatus.MATCHED else GUARDIAN_UNMATCHED


def _rest_of_quiet(message: Message) -> int:
    """How many seconds it has to wait for an hour in which it may be sent."""
    if message.template not in NOT_BEFORE:
        return 0
    return max(0, math.ceil((NOT_BEFORE[message.template](message) - utcnow()).total_seconds()))


@cache
def _locked_addressees() -> Select[*tuple[Any, ...]]:
    """The person of a message, and who answers for them if somebody does, in the order of locks."""
    addressee = select(Message.person_id).where(Message.id == bindparam("message")).scalar_subquery()
    named = select(Guardianship.guardian_id).where(Guardianship.person_id == addressee, Guardianship.ended_at.is_(None))
    either = or_(Person.id == addressee, Person.id == named.scalar_subquery())
    return select(Person).where(either).order_by(Person.id).with_for_update(key_share=True)


@cache
def _at_the_gate() -> Select[*tuple[Any, ...]]:
    query = select(Message, Enrollment.status).outerjoin(Enrollment, Enrollment.id == Message.enrollment_id)
    return query.where(Message.id == bindparam("message"))


def _why_not(message: Message, person: Person, status: EnrollmentStatus | None) -> str | None:
    """The reason to hold a message back, WAITING, or None when it may go; `status` is that of its enrollment.

    Source: docs/rules.md R-30.
    """
    if message.template in (CONFIRMATION, REMINDER) and status is EnrollmentStatus.CANCELED:
        return CANCELED
    if mobiles.is_old(person):
        mobiles.owe(person)
    if person.mobile_status is MobileStatus.MATCHED:
        return None
    if person.mobile_status is MobileStatus.UNCHECKED:
        return _why_unchecked(person)
    if person.mobile_status is MobileStatus.NOT_MATCHED:
        return NOT_MATCHED
    return EXEMPT if _is_exempt(message) else NO_MOBILE


def _why_unchecked(person: Person) -> str:
    if not person.national_code or outside.mode_of(Topic.SHAHKAR) is Mode.OFF or mobiles.was_given_up(person):
        return UNCHECKED
    if not mobiles.is_coming(person):
        mobiles.owe(person)
    return WAITING


def _is_exempt(message: Message) -> bool:
    """Whether the enrollment that it is about was made in a group that needs no mobile."""
    query = select(TargetGroup.is_mobile_exempt).join(Enrollment, Enrollment.target_group_id == TargetGroup.id)
    return bool(db.session.scalar(query.where(Enrollment.id == message.enrollment_id)))


def _hand_over(claim: Claim, ticket: Ticket, provider: Magfa) -> None:
    try:
        number = outside.call(SYSTEM, lambda: provider.send(ticket.uid, ticket.mobile, ticket.body))
    except outside.Resting as rest:
        with atomic():
            _note(ticket.message_id, LATER, "resting")
            outbox.hold(claim, "resting", seconds=rest.seconds)
    except Refused as error:
        close(claim, ticket.message_id, MessageState.FAILED, REFUSED, error.code)
    except GatewayError as error:
        # Temporary means that nothing was taken; after anything else the provider is asked before the next try.
        event = LATER if isinstance(error, Temporary) else UNANSWERED
        with atomic():
            _note(ticket.message_id, event, error.code)
            outbox.later(claim, error.code)
    else:
        close(claim, ticket.message_id, MessageState.SENT, SENT, number)


def close(claim: Claim, message_id: int, state: MessageState, event: str, detail: str) -> None:
    values: dict[str, Any] = {"state": state}
    if state is MessageState.SENT:
        values |= {"provider_ref": detail, "sent_at": utcnow()}
    asked = {"message": message_id, **{f"new_{name}": value for name, value in values.items()}}
    with atomic():
        db.session.connection().execute(_closing(tuple(values)), asked)
        _note(message_id, event, detail)
        outbox.done(claim)


@cache
def _closing(names: tuple[str, ...]) -> Update:
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(_TABLE).where(_TABLE.c.id == bindparam("message")).values(new)


def _note(message_id: int, state: str, detail: str = "") -> None:
    add_once(DeliveryEvent, message_id=message_id, state=state, detail=detail[:120], at=utcnow())
