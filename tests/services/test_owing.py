from models import Inquiry, Message, Outbox, db, utcnow
from services.outbox import Topic
from services.owing import add_and_owe
from services.transaction import atomic
from tests import make


def owed(cause_key: str, person_id: int, request_id: str) -> tuple[int, int, int]:
    """How many messages, inquiries and rows of the outbox there are after a message was owed, an inquiry beside it."""
    about = {"person_id": person_id, "cause_key": cause_key, "channel": "sms", "template": "t", "body": "سلام: ٪ ' %s"}
    with atomic():
        message = Message, about | {"state": "queued", "created_at": utcnow()}
        asked = {"person_id": person_id, "kind": "shahkar", "request_id": request_id, "outcome": "match"}
        add_and_owe(Topic.SMS, message, (Inquiry, asked | {"at": utcnow()}))
    return tuple(db.session.query(model).count() for model in (Message, Inquiry, Outbox))


def test_a_new_row_is_owed_once_and_what_stands_beside_it_is_added_in_any_case():
    person = make.person()
    assert owed("a", person.id, "1") == (1, 1, 1)
    assert owed("b", person.id, "2") == (2, 2, 2)
    assert owed("a", person.id, "3") == (2, 3, 2)
    rows = db.session.query(Outbox).order_by(Outbox.id).all()
    messages = [row.id for row in db.session.query(Message).order_by(Message.id)]
    assert [row.ref_id for row in rows] == messages
    assert [row.dedup_key for row in rows] == [f"sms:{number}" for number in messages]
    assert {(row.topic, row.state.value, row.attempts, row.failures) for row in rows} == {("sms", "open", 0, 0)}
