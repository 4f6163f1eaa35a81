"""The jobs behind the rows of the outbox; the argument is an id, and each may run twice."""

from services import lookups, messages, mobiles, outbox, standards
from services.equipment import sheet as equipment_sheet
from services.files import processing
from services.imports import work
from services.places import sheets as place_sheets

TOPICS = (lookups, messages, mobiles, processing, work)  # each registers what it carries out
FORMS = (standards, equipment_sheet, place_sheets)  # and each of these what can be imported


def run(outbox_id: int) -> bool:
    return outbox.handle(outbox_id)


def sit(outbox_id: int) -> int:
    """What a worker is asked to do: this row, and then what else there is; one who comes too late waits for nothing."""
    was_first = outbox.handle(outbox_id)
    return was_first + outbox.drain(linger=outbox.LINGER_S if was_first else 0)
