"""Letting go of files by the clock: those whose owner never came, those taken away, and bytes without a row."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select, update

import gateways
from models import FileState, StoredFile, db
from services.transaction import atomic

log = logging.getLogger(__name__)

UNOWNED_KEPT = timedelta(hours=24)
REMOVED_KEPT = timedelta(days=30)
BATCH = 500
PARTS = ("raw", "file", "thumb")
AGED: dict[str, timedelta] = {}  # other parts, which have no row of their own, and how long they are kept
FEW = 100  # so many bytes without a row are no sign of a wrong database


def keep_for(part: str, how_long: timedelta) -> None:
    """Keep what is stored under names of this part for a time; called once, when its module is loaded."""
    AGED[part] = how_long


def sweep(now: datetime) -> int:
    """Forget what nobody needs; returns how many names went from the store. May run any number of times.

    Source: docs/rules.md R-94, R-118.
    """
    _forget_unowned(now)
    store = gateways.files()
    before = (now - UNOWNED_KEPT).timestamp()
    store.sweep(before)
    names, seen = _ours(store.names(before)), 0
    rowless: list[str] = []
    doomed: list[str] = []
    while some := list(islice(names, BATCH)):
        without, over = _judge(some, now)
        seen, rowless, doomed = seen + len(some), rowless + without, doomed + over
    if len(rowless) > max(FEW, seen // 2):
        # Deleting cannot be taken back, and a database of another installation would know none of them.
        log.error("%s of %s stored files have no row; none of these is deleted", len(rowless), seen)
        rowless = []
    gone = [*rowless, *doomed, *_aged(now)]
    for name in gone:
        store.delete(name)
    return len(gone)


def _aged(now: datetime) -> Iterator[str]:
    for part, how_long in AGED.items():
        yield from (name for name in gateways.files().names((now - how_long).timestamp()) if name.endswith(f".{part}"))


def _forget_unowned(now: datetime) -> None:
    old = (StoredFile.owner_id.is_(None), StoredFile.created_at < now - UNOWNED_KEPT, StoredFile.removed_at.is_(None))
    with atomic():
        db.session.execute(update(StoredFile).where(*old).values(removed_at=now))


def _ours(names: Iterable[str]) -> Iterator[str]:
    return (name for name in names if name.rpartition(".")[2] in PARTS)


def _judge(names: Iterable[str], now: datetime) -> tuple[list[str], list[str]]:
    """Of these names, those without a row, and those whose row needs them no more."""
    by_key: dict[str, list[str]] = {}
    for name in names:
        by_key.setdefault(name[:32], []).append(name)
    rows = {row.key: row for row in db.session.scalars(select(StoredFile).where(StoredFile.key.in_(by_key)))}
    rowless = [name for key in by_key.keys() - rows.keys() for name in by_key[key]]
    doomed = [name for key, row in rows.items() for name in by_key[key] if _is_over(row, name, now)]
    db.session.rollback()
    return rowless, doomed


def _is_over(row: StoredFile, name: str, now: datetime) -> bool:
    if row.removed_at is not None and (row.owner_id is None or row.removed_at < now - REMOVED_KEPT):
        return True
    return name.endswith(".raw") and row.state is not FileState.WAITING
