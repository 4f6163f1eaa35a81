"""Handing files out: to those who may see their owner, each time written down."""

from collections import defaultdict
from collections.abc import Collection
from typing import BinaryIO

from sqlalchemy import select

import gateways
from gateways.file_store import NoSuchFile
from models import FileAccess, FileState, StoredFile, db, utcnow
from services.errors import NotFound, OutsideTerritory, Unavailable
from services.files.owners import Viewer, may_see
from services.files.receiving import is_key
from services.sql import add_once
from services.transaction import atomic

WHOLE, THUMB = "file", "thumb"
_GONE = "این پرونده پیدا نشد. شاید برداشته شده یا نشانی ناقص است."
_AWAY = "انبار پرونده‌ها همین حالا پاسخ نمی‌دهد. چند دقیقهٔ دیگر دوباره باز کنید."
_NOT_YET = "این پرونده هنوز آماده نیست. چند لحظه بعد دوباره باز کنید."


def get(viewer: Viewer, key: str) -> StoredFile:
    """The row of a file that the viewer may see, in any state.

    Raises:
        NotFound: there is none, or it was taken away.
        OutsideTerritory: it is not theirs to see.

    Source: docs/rules.md R-93.
    """
    found = db.session.scalar(select(StoredFile).where(StoredFile.key == key)) if is_key(key) else None
    if not found or found.removed_at is not None:
        raise NotFound(_GONE)
    if not may_see(viewer, found):
        raise OutsideTerritory("file", found.id)
    return found


def hand_out(viewer: Viewer, key: str, part: str = WHOLE) -> tuple[StoredFile, BinaryIO]:
    """A ready file, or its small picture, opened; that it was handed out is stored before.

    Raises:
        NotFound: as `get`; or it is not ready, or has no small picture.
    """
    file = get(viewer, key)
    if file.state is FileState.WAITING:
        raise NotFound(_NOT_YET)
    try:
        stream = gateways.files().open(f"{file.key}.{part}")
    except NoSuchFile:
        raise NotFound(_GONE) from None
    except OSError as error:
        raise Unavailable(_AWAY) from error
    with atomic():
        who = {"user_id": viewer.user_id, "person_id": viewer.person_id}
        add_once(FileAccess, file_id=file.id, part=part, at=utcnow(), **who)
    return file, stream


def of_owner(owner_kind: str, owner_id: int) -> list[StoredFile]:
    """The files of one owner that the caller may see, oldest first."""
    return of_owners(owner_kind, [owner_id])[owner_id]


def of_owners(owner_kind: str, owner_ids: Collection[int]) -> dict[int, list[StoredFile]]:
    """The files of several owners of a kind in one query; an owner without any has an empty list."""
    mine = (StoredFile.owner_kind == owner_kind, StoredFile.owner_id.in_(owner_ids), StoredFile.removed_at.is_(None))
    found: dict[int, list[StoredFile]] = defaultdict(list)
    for file in db.session.scalars(select(StoredFile).where(*mine).order_by(StoredFile.id)):
        found[file.owner_id or 0].append(file)
    return found
