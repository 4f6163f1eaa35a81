"""The jobs behind the rows of the outbox; the argument is an id, and each may run twice."""

from services import lookups, messages, mobiles, outbox, standards
from services.files import processing
from services.imports import work

TOPICS = (lookups, messages, mobiles, processing, work)  # each registers what it carries out
FORMS = (standards,)  # and each of these what can be imported


def run(outbox_id: int) -> bool:
    return outbox.handle(outbox_id)


def sit(outbox_id: int) -> int:
    """What a worker is asked to do: this row, and then what else there is; one who comes too late waits for nothing."""
    was_first = outbox.handle(outbox_id)
    return was_first + outbox.drain(linger=outbox.LINGER_S if was_first else 0)
