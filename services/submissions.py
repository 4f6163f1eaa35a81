"""Forms already carried out, by the key they were rendered with; a repeat finds where the first one led."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from models import FormSubmission, db
from services import forgetting
from services.errors import Conflict, DomainError
from services.sql import insert_once

KEPT = timedelta(days=90)  # longer than a tab stays open; an enrollment carries its own key, for ever
LONGEST = 36  # letters of a key, as many as a UUID has
_NOT_OURS = "این فرم ناقص رسید و چیزی ثبت نشد. صفحه را دوباره باز کنید."
_NOT_YOURS = "این فرم را کاربر دیگری فرستاده است. صفحه را دوباره باز کنید؛ چیزی ثبت نشد."


def new_key() -> str:
    """A key for one rendering of a form."""
    return str(uuid.uuid4())


def key_of(sent: str | None) -> str:
    """The key that a form came with; a new one where it came without."""
    return (sent or "")[:LONGEST] or new_key()


def for_choice(key: str, what: str) -> str:
    """The key of one choice on a page that offers several: another choice is another form, not a repeat."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{key} {what}"))


def begin(key: str, user_id: int) -> str | None:
    """Take a form, inside the transaction of its effect: None, or where it led when it was carried out before.

    A repeat that comes at the same moment waits here for the first one.

    Raises:
        Conflict: somebody else carried it out.
        DomainError: no page of ours has such a key.
    """
    return _take(key, user_id, "")


def once(key: str, user_id: int, location: str) -> bool:
    """Take a form that can lead to one place only, as `begin` does; False when it was carried out before.

    Raises:
        Conflict: somebody else carried it out.
        DomainError: no page of ours has such a key, or one with another form.
    """
    earlier = _take(key, user_id, location)
    if earlier not in (None, location):
        raise DomainError(_NOT_OURS)
    return earlier is None


def were_all(keys: Collection[str], user_id: int) -> bool:
    """Whether this person has carried out all of these forms."""
    mine = select(func.count()).select_from(FormSubmission)
    return db.session.scalar(mine.where(FormSubmission.key.in_(keys), FormSubmission.user_id == user_id)) == len(keys)


def id_of(location: str, what: str) -> int:
    """The id in a place such as `unit:7`, where a form of this kind has led.

    Raises:
        DomainError: a form of another kind carries the key; no page of ours does that.
    """
    kind, _, number = location.partition(":")
    if kind != what:
        raise DomainError(_NOT_OURS)
    return int(number)


def finish(key: str, location: str) -> None:
    """Note where a taken form has led."""
    db.session.execute(update(FormSubmission).where(FormSubmission.key == key).values(location=location))


def purge(now: datetime) -> int:
    """Forget forms that were carried out long ago; what they made stays.

    Source: docs/rules.md R-61.
    """
    return forgetting.forget(FormSubmission, FormSubmission.at < now - KEPT)


# -- Support -----------------------------------------------------------------------


def _take(key: str, user_id: int, location: str) -> str | None:
    if not key.isprintable() or len(key) > LONGEST:
        raise DomainError(_NOT_OURS)
    row = insert_once(FormSubmission, key=key, user_id=user_id, fingerprint="", location=location)
    if db.session.scalar(row.returning(FormSubmission.id)) is not None:
        return None
    earlier = db.session.execute(
        select(FormSubmission.location, FormSubmission.user_id).where(FormSubmission.key == key)
    ).one()
    if earlier.user_id != user_id:
        raise Conflict(_NOT_YOURS)
    return str(earlier.location)
