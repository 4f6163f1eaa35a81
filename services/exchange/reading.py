"""Batches as the operator sees them."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import BatchState, ExchangeBatch, ExchangeRow, ExchangeState, User, db

PAGE = 50
STATE = {
    BatchState.READY: ("آمادهٔ گرفتن", "info"),
    BatchState.SENT: ("در انتظار پاسخ", "warn"),
    BatchState.ANSWERED: ("پاسخ کامل", "ok"),
    BatchState.DROPPED: ("کنار گذاشته شد", ""),
}
ROW = {
    ExchangeState.READY: ("آماده", "info"),
    ExchangeState.SENT: ("فرستاده شد", "warn"),
    ExchangeState.ACCEPTED: ("پذیرفته", "ok"),
    ExchangeState.REJECTED: ("رد", "bad"),
}


def batches(code: str, limit: int = 10) -> Sequence[ExchangeBatch]:
    """The newest batches of a system, newest first."""
    query = select(ExchangeBatch).where(ExchangeBatch.system == code).order_by(ExchangeBatch.id.desc()).limit(limit)
    return db.session.scalars(query.options(joinedload(ExchangeBatch.made_by).joinedload(User.person))).all()


def counts(batch_id: int) -> Counter[ExchangeState]:
    """How many rows of a batch are in each state."""
    query = select(ExchangeRow.state, func.count()).where(ExchangeRow.batch_id == batch_id).group_by(ExchangeRow.state)
    return Counter({state: number for state, number in db.session.execute(query)})


def rows(batch_id: int, state: str, after: int) -> tuple[Sequence[ExchangeRow], int | None]:
    """Rows of a batch in one state or in all, in the order of the file, and after which the next page begins."""
    query = select(ExchangeRow).where(ExchangeRow.batch_id == batch_id, ExchangeRow.id > after)
    if state in set(ExchangeState):
        query = query.where(ExchangeRow.state == state)
    found = db.session.scalars(query.order_by(ExchangeRow.id).limit(PAGE + 1)).all()
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def in_files() -> dict[str, int]:
    """How many rows of each system stand in a file that has no answer yet."""
    is_out = ExchangeRow.state.in_((ExchangeState.READY, ExchangeState.SENT))
    query = select(ExchangeRow.system, func.count()).where(is_out).group_by(ExchangeRow.system)
    return {system: number for system, number in db.session.execute(query)}
