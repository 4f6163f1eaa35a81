"""Deleting what nobody needs any more, a little at a time, so that no enrollment waits for it."""

from sqlalchemy import ColumnElement, delete, select

from models import Basket, EnrollmentDraft, FormSubmission, InquiryAnswer, MobileCode, db
from services.transaction import atomic

BATCH = 500
MOST = 100_000  # in one go; what is left goes the next time


Forgotten = Basket | EnrollmentDraft | FormSubmission | InquiryAnswer | MobileCode


def forget(model: type[Forgotten], *old: ColumnElement[bool]) -> int:
    """Delete the rows that fulfill all conditions, each looked at again in its own small transaction; how many went."""
    ids = list(db.session.scalars(select(model.id).where(*old).limit(MOST)))
    gone = 0
    for first in range(0, len(ids), BATCH):
        some = model.id.in_(ids[first : first + BATCH])
        with atomic():
            done = db.session.execute(delete(model).where(some, *old).execution_options(synchronize_session=False))
        gone += int(done.rowcount)  # type: ignore[attr-defined]
    return gone
