"""Messages owed to people: written with the event that causes them, sent by a job, or held back with a reason."""

from models import Message, MessageState, db, utcnow
from services.outbox import Topic, owe
from services.sql import insert_once


def tell(person_id: int, template: str, body: str, *, cause_key: str, enrollment_id: int | None = None) -> None:
    """Owe a person one SMS for one cause; whether it may be sent is decided when it is sent."""
    statement = insert_once(
        Message,
        person_id=person_id,
        enrollment_id=enrollment_id,
        cause_key=cause_key,
        channel="sms",
        template=template,
        body=body,
        state=MessageState.QUEUED,
        created_at=utcnow(),
    )
    message_id = db.session.scalar(statement.returning(Message.id))
    if message_id is not None:
        owe(Topic.SMS, message_id, f"sms:{message_id}")
