"""Messages to the national inbox, beside or in place of an SMS: owed, put into files, or dropped for collection.

They need no mobile: whoever has a national code has an inbox. Source: docs/rules.md R-750.
"""

from collections.abc import Sequence

from sqlalchemy import select

import gateways
from gateways.errors import GatewayError, Refused
from gateways.karpoosheh import Outcome
from models import DeliveryEvent, Message, MessageState, Mode, Person, db, utcnow
from services import outbox, outside
from services.outbox import Claim, Topic
from services.sql import add_once
from services.transaction import atomic

CHANNEL = "karpoosheh"
UNASKED_S = 6 * 3600
# What has weight before the law goes here too: an end, a refusal, money that changed its owner.
LEGAL = frozenset({
    "enrollment_canceled", "course_canceled", "moved", "credit_moved", "credit_corrected", "credit_case_refused",
    "objection", "license_ends",
})  # fmt: skip
TITLES = {
    "enrolled": "ثبت‌نام در دوره",
    "course_starts": "آغاز دوره",
    "enrollment_canceled": "پایان ثبت‌نام",
    "course_canceled": "لغو دوره",
    "moved": "جابه‌جایی ثبت‌نام",
    "license_ends": "پایان اعتبار پروانه",
}
OTHERWISE, MARK = "پیام سازمان آموزش فنی و حرفه‌ای کشور", "ابلاغ رسمی: "
# Why a message was not sent; the words are in services/labels.py.
NO_CODE, OFF = "no_national_code", "karpoosheh_off"
_STATE = {
    Outcome.QUEUED: MessageState.SENT,
    Outcome.DELIVERED: MessageState.DELIVERED,
    Outcome.FAILED: MessageState.FAILED,
}


def title_of(message: Message) -> str:
    """What stands above a message; a notice of legal weight says so."""
    title = TITLES.get(message.template, OTHERWISE)
    return f"{MARK}{title}" if message.template in LEGAL else title


def tell_as_well(sms: Message) -> None:
    """Owe what an SMS says in the inbox too, once for its cause, unless the inbox is off; inside the transaction.

    Called where the SMS is looked at, before it goes or waits: whoever causes it waits for nothing more.
    """
    if outside.mode_of(CHANNEL) is Mode.OFF:
        return
    about = {"person_id": sms.person_id, "enrollment_id": sms.enrollment_id, "template": sms.template, "body": sms.body}
    row = {**about, "cause_key": _key(sms.cause_key), "channel": CHANNEL, "state": MessageState.QUEUED}
    message_id = add_once(Message, **row, created_at=utcnow())
    if message_id is not None:
        outbox.owe(Topic.KARPOOSHEH, message_id, f"{CHANNEL}:{message_id}")


def _key(cause: str) -> str:
    """One cause has one message in each channel."""
    return f"{cause[:78]}:k"


# -- Sending -----------------------------------------------------------------------


@outbox.handles(Topic.KARPOOSHEH)
def deliver(claim: Claim) -> None:
    """Put one message into the inbox; our key makes a repeat harmless."""
    with atomic():
        message, person = _read(claim.ref_id)
        if message.state is not MessageState.QUEUED:
            outbox.done(claim)
            return
        inbox, mode = gateways.karpoosheh(), outside.mode_of(CHANNEL)
        is_off = mode is Mode.OFF or (mode is Mode.ONLINE and inbox is None)
        if is_off or not person.national_code:
            settle_as(claim, MessageState.SUPPRESSED, OFF if is_off else NO_CODE)
            return
        if mode is not Mode.ONLINE or inbox is None:
            outbox.hold(claim, outside.WAITS[mode], seconds=UNASKED_S)
            return
        outbox.renew(claim)
        cells = (person.national_code, title_of(message), message.body, ref_of(message))
    try:
        outcome = outside.call(CHANNEL, lambda: inbox.send(*cells))
    except outside.Resting as rest:
        outbox.hold(claim, "resting", seconds=rest.seconds)
    except Refused as error:
        settle_as(claim, MessageState.FAILED, error.code)
    except GatewayError as error:
        outbox.later(claim, error.code)
    else:
        settle_as(claim, _STATE[outcome], outcome.value)


def ref_of(message: Message) -> str:
    """Our key of a message in the inbox, and no other installation's."""
    return f"{int(message.created_at.timestamp())}-{message.id}"


def settle_as(claim: Claim, state: MessageState, why: str) -> None:
    """Write down what has become of a message, however that was learned."""
    with atomic():
        message = db.session.get_one(Message, claim.ref_id, populate_existing=True)
        message.state = state
        if state is MessageState.SUPPRESSED:
            message.suppressed_reason = why[:40]
        elif state is not MessageState.FAILED:
            message.sent_at, message.provider_ref = utcnow(), None
        db.session.add(DeliveryEvent(message_id=message.id, state=state.value, detail=why[:120], at=utcnow()))
        outbox.done(claim)


def _read(message_id: int) -> tuple[Message, Person]:
    query = select(Message, Person).join(Person, Person.id == Message.person_id).where(Message.id == message_id)
    message, person = db.session.execute(query.execution_options(populate_existing=True)).one()
    return message, person


def for_file(refs: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """National code, title and text of those messages that can go, by message."""
    query = select(Message, Person).join(Person, Person.id == Message.person_id).order_by(Message.id)
    query = query.where(Message.id.in_(refs), Message.state == MessageState.QUEUED, Message.channel == CHANNEL)
    found = db.session.execute(query.where(Person.national_code.is_not(None)))
    return {message.id: (person.national_code or "", title_of(message), message.body) for message, person in found}
