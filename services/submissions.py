"""Forms already carried out, by the key they were rendered with; a repeat finds where the first one led."""

import uuid

from sqlalchemy import select

from models import FormSubmission, db
from services.errors import Conflict

_NOT_YOURS = "این فرم را کاربر دیگری فرستاده است. صفحه را دوباره باز کنید؛ چیزی ثبت نشد."


def new_key() -> str:
    """A key for one rendering of a form."""
    return str(uuid.uuid4())


def where(key: str, user_id: int) -> str | None:
    """Where this form led when it was carried out before; None when it is new.

    Raises:
        Conflict: somebody else carried it out.
    """
    row = db.session.execute(
        select(FormSubmission.location, FormSubmission.user_id).where(FormSubmission.key == key)
    ).first()
    if row is None:
        return None
    if row.user_id != user_id:
        raise Conflict(_NOT_YOURS)
    return row.location


def done(key: str, user_id: int, location: str) -> None:
    """Note that a form has been carried out, in the transaction of its effect; two at once fail by the unique key."""
    db.session.add(FormSubmission(key=key, user_id=user_id, fingerprint="", location=location))
