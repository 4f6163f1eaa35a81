"""How many answers about people somebody has had in an hour: whoever is not signed in cannot try codes out."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from models import AnswerCount, db, utcnow
from services import jalali, text
from services.baskets.values import Payer
from services.errors import TooMany
from services.sql import insert_once
from services.transaction import atomic

SLOT = timedelta(minutes=10)
HOUR = timedelta(hours=1)


def count(payer: Payer, answers: int) -> None:
    """Count the answers that are about to be given; inside `atomic()`, so that none is counted that is not given.

    Any sixty minutes lie within seven slots of ten, which are summed up.

    Raises:
        TooMany: it would be more than anybody gets within an hour.

    Source: docs/rules.md R-444.
    """
    now = utcnow()
    for bucket in sorted(payer.marks):
        slot = _slot(now)
        db.session.execute(insert_once(AnswerCount, bucket=bucket, slot=slot, n=0))
        here = (AnswerCount.bucket == bucket, AnswerCount.slot == slot)
        db.session.execute(update(AnswerCount).where(*here).values(n=AnswerCount.n + answers))
        since = (AnswerCount.bucket == bucket, AnswerCount.slot >= _slot(now - HOUR))
        if (db.session.scalar(select(func.sum(AnswerCount.n)).where(*since)) or 0) > payer.free:
            raise _too_many(now, bucket, payer)


def purge(now: datetime) -> int:
    """Forget what was counted before the last hour."""
    with atomic():
        gone = db.session.execute(delete(AnswerCount).where(AnswerCount.slot < _slot(now - HOUR)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _slot(moment: datetime) -> str:
    """The slot of a moment; later slots sort after earlier ones."""
    return f"{int(moment.timestamp()) // int(SLOT.total_seconds()):012d}"


def _too_many(now: datetime, bucket: str, payer: Payer) -> TooMany:
    """The refusal, with the moment at which the oldest answers no longer count."""
    query = select(func.min(AnswerCount.slot)).where(
        AnswerCount.bucket == bucket, AnswerCount.slot >= _slot(now - HOUR), AnswerCount.n > 0
    )
    oldest = int(db.session.scalar(query) or _slot(now))
    free_at = (oldest + 7) * int(SLOT.total_seconds())
    seconds = max(60, free_at - int(now.timestamp()))
    when = jalali.clock(jalali.tehran(now + timedelta(seconds=seconds + 59)).time())
    most = f"دربارهٔ {text.persian_digits(payer.free)} کد"
    if payer.user_id or payer.person_id:
        said = f"در یک ساعت گذشته {most} پرسیده‌اید و این یکی پاسخ داده نشد. ساعت {when} دوباره بفرستید."
        return TooMany(f"{said} برای اعتبار خودتان چنین حدی نیست.", seconds)
    said = f"در یک ساعت گذشته از این شبکه یا این مرورگر {most} پرسیده شده است و این یکی پاسخ داده نشد."
    own = "برای اعتبار خودتان وارد شوید؛ آن‌جا چنین حدی نیست."
    return TooMany(f"{said} ساعت {when} دوباره بفرستید. {own}", seconds)
