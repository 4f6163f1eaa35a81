"""The job behind every file: look at what was sent, keep what is fit to be seen, and let go of the rest."""

import contextlib
import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

import gateways
from gateways.file_store import NoSuchFile
from models import FileKind, FileState, StoredFile, db, utcnow
from services import outbox
from services.files import images, pdfs
from services.files.owners import RULES, Prepare
from services.files.reasons import LOST, UNREADABLE, Unfit
from services.files.sniffing import JPEG
from services.outbox import Claim, Topic
from services.transaction import atomic

MOST_TRIES = 5  # what has ended as many processes is broken itself


@dataclass(frozen=True)
class _Waiting:
    """What the job must know of a file, read before the work, so that no transaction is open during it."""

    id: int
    key: str
    kind: FileKind
    prepare: Prepare


@outbox.handles(Topic.FILE)
def settle(claim: Claim) -> None:
    """Make a waiting file ready or refuse it; a repeat writes the same bytes under the same names."""
    file = _waiting(claim.ref_id)
    if file is None:
        outbox.done(claim)
        return
    try:
        values = _prepare(file, claim.attempt)
    except Unfit as error:
        values = {"state": FileState.REFUSED, "refused_reason": error.code}
    with atomic():
        row = (StoredFile.id == file.id, StoredFile.state == FileState.WAITING)
        db.session.execute(update(StoredFile).where(*row).values(settled_at=utcnow(), **values))
        outbox.done(claim)
    with contextlib.suppress(OSError):  # what stays is swept at night
        gateways.files().delete(f"{file.key}.raw")


def _waiting(file_id: int) -> _Waiting | None:
    row = db.session.get(StoredFile, file_id, populate_existing=True)
    is_waiting = row is not None and row.state is FileState.WAITING and row.removed_at is None
    found = _Waiting(row.id, row.key, row.kind, _prepare_of(row)) if row and is_waiting else None
    db.session.commit()
    return found


def _prepare_of(row: StoredFile) -> Prepare:
    rule = RULES.get(row.owner_kind)
    return rule.prepare_of(row) if rule else images.prepare


def _prepare(file: _Waiting, attempt: int) -> dict[str, Any]:
    if attempt > MOST_TRIES:
        raise Unfit(UNREADABLE)
    try:
        sent = gateways.files().read(f"{file.key}.raw")
    except NoSuchFile:
        raise Unfit(LOST) from None
    return _picture(file, sent) if file.kind is FileKind.IMAGE else _document(file.key, sent)


def _picture(file: _Waiting, sent: bytes) -> dict[str, Any]:
    made = file.prepare(sent)
    store = gateways.files()
    store.put(f"{file.key}.thumb", (made.thumb,))
    store.put(f"{file.key}.file", (made.body,))
    return {"mime": JPEG, "width": made.width, "height": made.height, **_measures(made.body)}


def _document(key: str, sent: bytes) -> dict[str, Any]:
    pages = pdfs.check(sent)
    gateways.files().put(f"{key}.file", (sent,))
    return {"pages": pages, **_measures(sent)}


def _measures(body: bytes) -> dict[str, Any]:
    return {"state": FileState.READY, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
