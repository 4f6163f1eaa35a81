"""The document of a contract: one file, in whose place a newer one stands."""

from sqlalchemy import update

from models import Agreement, FileKind, StoredFile, db
from services import audit, files
from services.access import Actor, Level
from services.files import Place, Viewer
from services.organizations import keeping
from services.transaction import atomic

OWNER = "agreement"


def may_see(viewer: Viewer, file: StoredFile) -> bool:
    """The staff of the province that has made the contract, and nobody else."""
    return any(actor.level is Level.PROVINCE and file.province_id in actor.provinces for actor in viewer.actors)


files.register(OWNER, FileKind, may_see)


def place_of(row: Agreement, *, later: bool = False) -> Place:
    """Where the document of a contract lies; with `later` it waits for `put`."""
    return Place(OWNER, None if later else row.id, None, row.organization.province_id)


def put(actor: Actor, agreement_id: int, file: StoredFile) -> bool:
    """Let a file that this person has sent be the document of a contract; False when it is that already.

    The one before is taken away. What the trail keeps is the number of the file.

    Raises:
        NotFound, OutsideTerritory, NotAllowed: as `keeping`.

    Source: docs/rules.md R-423.
    """
    with atomic():
        row = _held(actor, agreement_id)
        if row.document_id == file.id:
            return False
        files.attach(actor, [file.key], place_of(row))
        _drop(actor, row)
        _write(actor, row, file.id)
    return True


def remove(actor: Actor, agreement_id: int) -> bool:
    """Take the document of a contract away; False when there is none. Raises as `put`."""
    with atomic():
        row = _held(actor, agreement_id)
        gone = _drop(actor, row)
        if gone:
            _write(actor, row, None)
    return gone


# -- Support -----------------------------------------------------------------------


def _held(actor: Actor, agreement_id: int) -> Agreement:
    """The contract, kept until we have ended."""
    row = keeping.get_agreement(actor, agreement_id, hold=True)
    keeping.keeper(actor)
    return row


def _drop(actor: Actor, row: Agreement) -> bool:
    file = db.session.get(StoredFile, row.document_id) if row.document_id else None
    return file is not None and files.remove(actor, file)


def _write(actor: Actor, row: Agreement, file_id: int | None) -> None:
    written = update(Agreement).where(Agreement.id == row.id).values(document_id=file_id)
    db.session.execute(written.execution_options(synchronize_session=False))
    audit.record("agreement_document", "agreement", row.id, actor_id=actor.user_id, file=file_id)
