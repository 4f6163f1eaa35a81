"""Whether what was sent has arrived: the provider is asked about each message for a day."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select

import gateways
from gateways.errors import GatewayError
from models import DeliveryEvent, Message, MessageState, db, utcnow
from services import outside
from services.transaction import atomic

log = logging.getLogger(__name__)

ASKED_FOR = timedelta(hours=24)  # the provider forgets after a day
AT_ONCE = 500
OUTCOMES = {
    "delivered": MessageState.DELIVERED,
    "undelivered": MessageState.FAILED,
    "rejected": MessageState.FAILED,
}


def collect(now: datetime) -> int:
    """Ask about messages on their way and store what is final; returns how many that was."""
    provider = gateways.sms() if outside.is_online("sms") else None
    sent = _on_their_way(now) if provider else {}
    if provider is None or not sent:
        return 0
    try:
        states = outside.call("sms", lambda: provider.delivered(list(sent)))
    except (GatewayError, outside.Resting) as error:
        log.info("no receipts now: %s", type(error).__name__)
        return 0
    final = {sent[ref]: state for ref, state in states.items() if state in OUTCOMES}
    with atomic():
        return sum(_store(message_id, state) for message_id, state in final.items())


def _on_their_way(now: datetime) -> dict[str, int]:
    """The provider's id of each message and ours, any of them first, so that slow ones hold up no others."""
    query = select(Message.provider_ref, Message.id).where(
        Message.state == MessageState.SENT, Message.sent_at > now - ASKED_FOR, Message.provider_ref.is_not(None)
    )
    return {str(ref): id_ for ref, id_ in db.session.execute(query.order_by(func.random()).limit(AT_ONCE))}


def _store(message_id: int, state: str) -> bool:
    message = db.session.get_one(Message, message_id, populate_existing=True, with_for_update=True)
    if message.state is not MessageState.SENT:
        return False
    message.state = OUTCOMES[state]
    db.session.add(DeliveryEvent(message_id=message_id, state=state, at=utcnow()))
    return True
