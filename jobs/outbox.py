"""The jobs behind the rows of the outbox; the argument is an id, and each may run twice."""

import mmap

import cryptography.fernet  # noqa: F401 (answers are sealed with it and look-ups marked: once for all processes forked)
import cryptography.hazmat.primitives.kdf.hkdf  # noqa: F401

from services import (
    addresses,
    deciles,
    karpoosheh,
    legacy,
    lookups,
    messages,
    mobiles,
    outbox,
    outside_hours,
    renumbering,
    standards,
    tracking,
)
from services.equipment import sheet as equipment_sheet
from services.exchange import answering
from services.files import processing
from services.imports import work
from services.instructors import evidence, retraining_sheet, sheet
from services.organizations import sheet as nominee_sheet
from services.payments import rechecking
from services.places import sheets as place_sheets
from services.reconciliation import sheets as bank_sheets
from services.tariffs import decile_sheet

# Each registers what it carries out.
TOPICS = (addresses, deciles, karpoosheh, lookups, messages, mobiles, processing, rechecking, work)
# And each of these what can be imported.
FORMS = (
    standards, equipment_sheet, place_sheets, sheet, retraining_sheet, nominee_sheet, decile_sheet, bank_sheets,
    answering, legacy,
)  # fmt: skip
WORDS = (renumbering, tracking)  # each of these says what some messages say, or where they go
PICTURES = (evidence,)  # and this one which pictures are cut to a portrait

_asked_to_leave = mmap.mmap(-1, 1)  # one byte of memory that a worker shares with the processes it forks


def come() -> None:
    """A worker begins, perhaps in the place of one that was told to stop."""
    _asked_to_leave[0] = 0


def leave() -> None:
    """A worker that is told to stop has its sitting end after the row at hand."""
    _asked_to_leave[0] = 1


def run(outbox_id: int) -> bool:
    return outbox.handle(outbox_id)


def sit(outbox_id: int) -> int:
    """What a worker is asked to do: this row, and then what else there is; one who comes too late waits for nothing."""
    was_first = outbox.handle(outbox_id)
    try:
        return was_first + outbox.drain(lambda: _asked_to_leave[0] == 1, outbox.LINGER_S if was_first else 0)
    finally:
        outside_hours.write()  # this process ends
