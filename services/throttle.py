"""Slows down guessing: each failed try of a user name or address is counted, and the wait grows with them."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from models import SignInThrottle, db, utcnow
from services import seals, text
from services.errors import TooMany
from services.sql import insert_once
from services.transaction import atomic

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)  # a wait, never a lock: nobody can shut a center out for good
FORGOTTEN = timedelta(hours=12)


@dataclass(frozen=True)
class Bucket:
    """What tries are counted under, and how many are free before the first wait."""

    mark: str
    free: int


def buckets(username: str, address: str) -> list[Bucket]:
    """A name from one address soon waits; a name from everywhere, or an address for all names, later.

    So a stranger who types a clerk's name all day from elsewhere does not keep the clerk out at once, and a center
    whose computers share one address is not shut out by one forgetful colleague.
    """
    name, net = text.key(username), network(address)
    wanted = ((f"pair:{name}:{net}", 5), (f"name:{name}", 30), (f"address:{net}", 60))
    return sorted((Bucket(seals.mark("throttle", what), free) for what, free in wanted), key=lambda one: one.mark)


def network(address: str) -> str:
    """The address, or its /64 for IPv6, where one computer has endless many."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{ip}/64", strict=False)) if ip.version == 6 else str(ip)


def count(tried: list[Bucket]) -> None:
    """Count a try before it is made, so that a hundred at once do not slip through together.

    Raises:
        TooMany: one of them must wait; nothing is counted then.
    """
    now = utcnow()
    with atomic():
        rows = [_row(bucket) for bucket in tried]
        waiting = [row.blocked_until for row in rows if row.blocked_until and row.blocked_until > now]
        if waiting:
            raise _too_many(max(waiting) - now)
        for bucket, row in zip(tried, rows, strict=True):
            _count(bucket, row, now)


def limit(wanted: dict[str, int], said: str) -> None:
    """Count something that may be asked for often enough, under each name with so many free before the first wait.

    Raises:
        TooMany: one of them must wait; it says `said`.
    """
    tried = [Bucket(seals.mark("throttle", what), free) for what, free in wanted.items()]
    try:
        count(sorted(tried, key=lambda one: one.mark))
    except TooMany as wait:
        raise TooMany(said, wait.seconds) from wait


def take_once(what: str) -> bool:
    """Whether nobody has taken this before; of several at the same moment it is one."""
    with atomic():
        row = insert_once(SignInThrottle, bucket=seals.mark("once", what), failures=0, updated_at=utcnow())
        return db.session.scalar(row.returning(SignInThrottle.id)) is not None


def taken_for(what: str) -> timedelta:
    """How long ago it was taken; for ever where nobody has."""
    at = db.session.scalar(select(SignInThrottle.updated_at).where(SignInThrottle.bucket == seals.mark("once", what)))
    return utcnow() - at if at else FORGOTTEN


def give_back(what: str) -> None:
    """What was taken had no effect; it may be taken again."""
    with atomic():
        db.session.execute(delete(SignInThrottle).where(SignInThrottle.bucket == seals.mark("once", what)))


def forgive(tried: list[Bucket]) -> None:
    """The try was right: what was counted for this name is forgotten, and one is taken back from the address."""
    with atomic():
        for bucket in tried:
            row = _row(bucket)
            if bucket.free >= 60:
                row.failures, row.blocked_until = max(row.failures - 1, 0), None
            else:
                db.session.delete(row)


def purge(now: datetime) -> int:
    """Forget what was counted long ago."""
    with atomic():
        gone = db.session.execute(delete(SignInThrottle).where(SignInThrottle.updated_at < now - FORGOTTEN))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _row(bucket: Bucket) -> SignInThrottle:
    """The bucket's row, locked; in the order of the marks, so that two sign-ins never wait for each other."""
    query: Any = select(SignInThrottle).where(SignInThrottle.bucket == bucket.mark).with_for_update()
    query = query.execution_options(populate_existing=True)
    row = db.session.scalar(query)
    if row is None:
        db.session.execute(insert_once(SignInThrottle, bucket=bucket.mark, failures=0, updated_at=utcnow()))
        row = db.session.scalars(query).one()
    return row


def _count(bucket: Bucket, row: SignInThrottle, now: datetime) -> None:
    row.failures = 1 if now - row.updated_at > FORGOTTEN else row.failures + 1
    row.updated_at = now
    beyond = row.failures - bucket.free
    # 2**4 minutes are beyond the longest wait already.
    row.blocked_until = now + min(FIRST_WAIT * 2 ** min(beyond, 4), LONGEST_WAIT) if beyond >= 0 else None


def _too_many(wait: timedelta) -> TooMany:
    minutes = text.persian_digits(max(1, -(-int(wait.total_seconds()) // 60)))
    return TooMany(
        f"چند بار پشت سر هم نادرست نوشته شد. {minutes} دقیقهٔ دیگر دوباره امتحان کنید. حساب شما بسته نشده است.",
        int(wait.total_seconds()) + 1,
    )
