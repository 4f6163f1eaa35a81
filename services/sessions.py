"""Who is signed in where: one row per browser, found by the hash of the token in its cookie.

Any number of sessions of one user work side by side, and nothing about work in progress is kept in them.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import contains_eager

from models import Person, SessionKind, User, UserSession, db, utcnow
from services import audit
from services.access import Visitor
from services.errors import NotFound, OutsideTerritory
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
    person: Visitor


@dataclass(frozen=True)
class Owner:
    """Whose session it is or was; one of the two is set."""

    user_id: int | None
    person_id: int | None


# -- Opening and finding -----------------------------------------------------------


def open_staff(user_id: int, browser: str = "", address: str = "", token: str = "") -> str:
    """A new session; the token, a random one unless given, goes into the cookie and is stored nowhere else."""
    return _open(token, browser, address, kind=SessionKind.STAFF, user_id=user_id)


def open_trainee(person_id: int, browser: str = "", address: str = "", token: str = "") -> str:
    return _open(token, browser, address, kind=SessionKind.TRAINEE, person_id=person_id)


def staff(token: str) -> Staff | None:
    """The session behind a staff cookie with its user and person, in one query."""
    if not _may_be_token(token):
        return None
    row = db.session.execute(_of_staff(), {"mark": token_hash(token)}).first()
    now = utcnow()
    if row is None or not is_open(row, now) or row.User.disabled_at is not None:
        return None
    _touch(row.id, row.last_seen_at, now)
    return Staff(row.id, row.User)


def trainee(token: str) -> Trainee | None:
    """The session behind a trainee cookie with its person, in one query."""
    if not _may_be_token(token):
        return None
    # Asked with every page of a trainee: a statement that is built once, and no entities.
    row = db.session.connection().execute(_of_trainee(), {"mark": token_hash(token)}).first()
    now = utcnow()
    if row is None or not is_open(row, now):
        return None
    _touch(row.id, row.last_seen_at, now)
    return Trainee(row.id, Visitor(*row[-6:]))


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
    """Close one of one's own sessions from another browser.

    Raises:
        NotFound, OutsideTerritory: none that is open, or somebody else's.
    """
    with atomic():
        if not _end(UserSession.id == session_id, _of(owner)):
            found = db.session.get(UserSession, session_id)
            if found and (found.user_id, found.person_id) != (owner.user_id, owner.person_id):
                raise OutsideTerritory("user_session", session_id)
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


def _open(token: str, browser: str, address: str, **owner_and_kind: Any) -> str:
    token, now = token or secrets.token_urlsafe(32), utcnow()
    values = {"browser": browser[:120], "address": address[:45], "created_at": now, "last_seen_at": now}
    with atomic():
        db.session.add(UserSession(token_hash=token_hash(token), **values, **owner_and_kind))
    return token


_SESSION = (UserSession.id, UserSession.kind, UserSession.created_at, UserSession.last_seen_at, UserSession.ended_at)


@cache
def _of_staff() -> Select[*tuple[Any, ...]]:
    joined = select(*_SESSION, User).join(User, User.id == UserSession.user_id).join(User.person)
    return joined.where(*_has_token(SessionKind.STAFF)).options(contains_eager(User.person))


@cache
def _of_trainee() -> Select[*tuple[Any, ...]]:
    person = (Person.id, Person.national_code, Person.foreign_code, Person.first_name, Person.last_name, Person.mobile)
    joined = select(*_SESSION, *person).join(Person, Person.id == UserSession.person_id)
    return joined.where(*_has_token(SessionKind.TRAINEE))


def _has_token(kind: SessionKind) -> tuple[Any, ...]:
    return UserSession.token_hash == bindparam("mark"), UserSession.kind == kind


def _may_be_token(text: str) -> bool:
    return 20 <= len(text) <= 100


def is_open(row: Any, now: datetime) -> bool:
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


def _touch(session_id: int, seen_at: datetime, now: datetime) -> None:
    if now - seen_at < SEEN_EVERY:
        return
    seen = update(UserSession).where(UserSession.id == session_id, UserSession.last_seen_at <= now - SEEN_EVERY)
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
