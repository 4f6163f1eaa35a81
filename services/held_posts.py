"""Forms that arrived after their session had ended: kept one hour, encrypted, shown again to their owner only."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select

from models import HeldPost, Person, User, db, utcnow
from services import audit, seals
from services.errors import NotAllowed, NotFound
from services.sessions import Owner
from services.transaction import atomic

KEPT = timedelta(hours=1)
LARGEST = 256 * 1024
MOST = 20  # of one owner; the oldest give way
PURPOSE = "held form"
GONE = "این فرم دیگر نگه داشته نشده است. فرم‌ها پس از یک ساعت پاک می‌شوند."


@dataclass(frozen=True)
class Form:
    """What was posted: `path` is an address of ours, `fields` are (name, value) pairs in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]
    had_files: bool = False


class NotYours(NotAllowed):
    """The form is somebody else's; `initials` tell whose."""

    def __init__(self, initials: str) -> None:
        super().__init__("این فرم را کاربر دیگری نوشته است و فقط همان کاربر می‌تواند آن را ببیند.")
        self.initials = initials


def hold(owner: Owner, form: Form) -> str | None:
    """Keep a form for its owner; answers its key, or None when it is too large to keep."""
    content = [form.path, list(map(list, form.fields)), form.had_files]
    if len(json.dumps(content).encode()) > LARGEST:
        return None
    key, now = secrets.token_urlsafe(18), utcnow()
    sealed = seals.seal(PURPOSE, [key, *content])
    with atomic():
        _make_room(owner)
        row = HeldPost(token_hash=_hash(key), sealed=sealed, created_at=now, expires_at=now + KEPT)
        row.user_id, row.person_id = owner.user_id, owner.person_id
        db.session.add(row)
    return key


def get(owner: Owner, key: str) -> Form:
    """The form behind a key.

    Raises:
        NotFound: no such form, or no longer.
        NotYours: it belongs to somebody else.
    """
    row = _row(key)
    if (row.user_id, row.person_id) != (owner.user_id, owner.person_id):
        audit.record("held_form_refused", "held_post", row.id, actor_id=owner.user_id, actor_person_id=owner.person_id)
        raise NotYours(initials(Owner(row.user_id, row.person_id)))
    content = seals.unseal(PURPOSE, row.sealed, int(KEPT.total_seconds()) + 60)
    if content is None:
        raise NotFound(GONE)
    _, path, fields, had_files = content
    return Form(path, tuple((name, value) for name, value in fields), had_files)


def newest(owner: Owner) -> str | None:
    """The key of the form that was kept last for this owner, if one waits."""
    query = select(HeldPost).where(_of(owner), HeldPost.expires_at > utcnow()).order_by(HeldPost.id.desc())
    row = db.session.scalar(query.limit(1))
    content = row and seals.unseal(PURPOSE, row.sealed, int(KEPT.total_seconds()) + 60)
    return str(content[0]) if content else None


def drop(owner: Owner, key: str) -> None:
    """Forget a form at once; nothing happens when it is not there or not the owner's."""
    with atomic():
        db.session.execute(delete(HeldPost).where(_of(owner), HeldPost.token_hash == _hash(key)))


def purge(now: datetime) -> int:
    """Forget all forms whose hour is over."""
    with atomic():
        gone = db.session.query(HeldPost).filter(HeldPost.expires_at <= now)
        return gone.delete(synchronize_session=False)


def initials(owner: Owner) -> str:
    """«م. ن.»; empty when no name is known."""
    query = select(Person).where(Person.id == owner.person_id)
    if owner.user_id is not None:
        query = select(Person).join(User, User.person_id == Person.id).where(User.id == owner.user_id)
    person = db.session.scalar(query)
    names = (person.first_name, person.last_name) if person else ()
    return " ".join(f"{name[0]}." for name in names if name)


def _row(key: str) -> HeldPost:
    row = db.session.scalar(select(HeldPost).where(HeldPost.token_hash == _hash(key)))
    if row is None or row.expires_at <= utcnow():
        raise NotFound(GONE)
    return row


def _make_room(owner: Owner) -> None:
    older = select(HeldPost.id).where(_of(owner)).order_by(HeldPost.id.desc()).offset(MOST - 1)
    ids = list(db.session.scalars(older))
    if ids:
        db.session.execute(delete(HeldPost).where(HeldPost.id.in_(ids)))


def _of(owner: Owner) -> ColumnElement[bool]:
    if owner.user_id is not None:
        return HeldPost.user_id == owner.user_id
    return HeldPost.person_id == owner.person_id


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
