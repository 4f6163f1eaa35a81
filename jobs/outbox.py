"""The job behind every row of the outbox; its argument is an id, and it may run twice."""

from services import lookups, messages, mobiles, outbox

TOPICS = (lookups, messages, mobiles)  # each registers what it carries out


def run(outbox_id: int) -> bool:
    return outbox.handle(outbox_id)
