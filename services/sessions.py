"""Who is signed in where: one row per browser, found by the hash of the token in its cookie.

Any number of sessions of one user work side by side, and nothing about work in progress is kept in them.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import contains_eager

from models import Person, SessionKind, User, UserSession, db, utcnow
from services import audit
from services.errors import NotFound
from services.transaction import atomic

log = logging.getLogger(__name__)

# An hour without a click ends a session, because desks and phones are shared; whoever comes back signs in again and
# finds the form as it was. Twelve hours is the longest working day: nobody stays signed in over night.
IDLE = {SessionKind.STAFF: timedelta(minutes=60), SessionKind.TRAINEE: timedelta(minutes=60)}
LONGEST = {SessionKind.STAFF: timedelta(hours=12), SessionKind.TRAINEE: timedelta(hours=12)}
SEEN_EVERY = timedelta(minutes=1)  # last_seen_at is no finer than this, so that reading a page seldom writes
KEPT = timedelta(days=30)  # ended rows stay so long: the cookie of an ended session still tells whose form was kept


@dataclass(frozen=True)
class Staff:
    """A signed-in staff user; `user.person` is loaded."""

    session_id: int
    user: User


@dataclass(frozen=True)
class Trainee:
    """A signed-in trainee."""

    session_id: int
    person: Person


@dataclass(frozen=True)
class Owner:
    """Whose session it is or was; one of the two is set."""

    user_id: int | None
    person_id: int | None


# -- Opening and finding -----------------------------------------------------------


def open_staff(user_id: int, browser: str = "", address: str = "") -> str:
    """A new session; the token goes into the cookie and is stored nowhere else."""
    return _open(browser, address, kind=SessionKind.STAFF, user_id=user_id)


def open_trainee(person_id: int, browser: str = "", address: str = "") -> str:
    return _open(browser, address, kind=SessionKind.TRAINEE, person_id=person_id)


def staff(token: str) -> Staff | None:
    """The session behind a staff cookie with its user and person, in one query."""
    joined = select(UserSession, User).join(User, User.id == UserSession.user_id).join(User.person)
    found = _find(joined.options(contains_eager(User.person)), token, SessionKind.STAFF)
    if found is None or found[1].disabled_at is not None:
        return None
    _touch(found[0])
    return Staff(found[0].id, found[1])


def trainee(token: str) -> Trainee | None:
    """The session behind a trainee cookie with its person, in one query."""
    joined = select(UserSession, Person).join(Person, Person.id == UserSession.person_id)
    found = _find(joined, token, SessionKind.TRAINEE)
    if found is None:
        return None
    _touch(found[0])
    return Trainee(found[0].id, found[1])


def owner(token: str) -> Owner | None:
    """Whose session this is or was, even when it has ended."""
    row = db.session.execute(
        select(UserSession.user_id, UserSession.person_id).where(UserSession.token_hash == token_hash(token))
    ).first()
    return Owner(*row) if row else None


# -- Ending ------------------------------------------------------------------------


def end(token: str) -> None:
    """Sign out this browser."""
    with atomic():
        _end(UserSession.token_hash == token_hash(token))


def mine(owner: Owner, now: datetime | None = None) -> list[UserSession]:
    """The open sessions of a user or trainee, the one seen last first."""
    now = now or utcnow()
    query = select(UserSession).where(_of(owner), _is_open(now)).order_by(UserSession.last_seen_at.desc())
    return list(db.session.scalars(query.limit(50)))


def close(owner: Owner, session_id: int) -> None:
    """Close one of one's own sessions from another browser."""
    with atomic():
        if not _end(UserSession.id == session_id, _of(owner)):
            raise NotFound("این ورود پیدا نشد. شاید پیش از این بسته شده است.")
        _record(owner, "session_closed", session_id)


def close_others(owner: Owner, keep: int | None = None) -> int:
    """Close all sessions but `keep`; answers how many there were."""
    with atomic():
        return _end(_of(owner), UserSession.id != (keep or 0))


def purge(now: datetime) -> int:
    """Forget sessions that nobody can use any more."""
    with atomic():
        gone = db.session.query(UserSession).filter(UserSession.created_at < now - KEPT)
        return gone.delete(synchronize_session=False)


# -- Support -----------------------------------------------------------------------


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _open(browser: str, address: str, **owner_and_kind: Any) -> str:
    token, now = secrets.token_urlsafe(32), utcnow()
    values = {"browser": browser[:120], "address": address[:45], "created_at": now, "last_seen_at": now}
    with atomic():
        db.session.add(UserSession(token_hash=token_hash(token), **values, **owner_and_kind))
    return token


def _find(query: Any, token: str, kind: SessionKind) -> tuple[Any, Any] | None:
    if not 20 <= len(token) <= 100:
        return None
    found = db.session.execute(query.where(UserSession.token_hash == token_hash(token), UserSession.kind == kind))
    row = found.first()
    return (row[0], row[1]) if row and is_open(row[0], utcnow()) else None


def is_open(row: UserSession, now: datetime) -> bool:
    """Whether a session can still be used: not ended, not idle too long, not too old."""
    fresh = now - row.last_seen_at < IDLE[row.kind] and now - row.created_at < LONGEST[row.kind]
    return row.ended_at is None and fresh


def _is_open(now: datetime) -> Any:
    """The same as `is_open`, asked of the database."""
    by_kind = [
        and_(UserSession.kind == kind, UserSession.last_seen_at > now - IDLE[kind], UserSession.created_at > now - most)
        for kind, most in LONGEST.items()
    ]
    return and_(UserSession.ended_at.is_(None), or_(*by_kind))


def _touch(row: UserSession) -> None:
    now = utcnow()
    if now - row.last_seen_at < SEEN_EVERY:
        return
    seen = update(UserSession).where(UserSession.id == row.id, UserSession.last_seen_at <= now - SEEN_EVERY)
    try:
        with atomic():
            db.session.execute(seen.values(last_seen_at=now))
    except OperationalError:
        # A page that only reads must not fail because a busy database could not note the time.
        log.warning("the time of a visit could not be noted")


def _of(owner: Owner) -> Any:
    if owner.user_id is not None:
        return UserSession.user_id == owner.user_id
    return UserSession.person_id == owner.person_id


def _end(*where: Any) -> int:
    ended = update(UserSession).where(UserSession.ended_at.is_(None), *where).values(ended_at=utcnow())
    return int(db.session.execute(ended).rowcount)  # type: ignore[attr-defined]


def _record(owner: Owner, action: str, session_id: int) -> None:
    audit.record(action, "user_session", session_id, actor_id=owner.user_id, actor_person_id=owner.person_id)
