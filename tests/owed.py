"""Short cuts of the tests about what is owed: carry it out now, or look at it."""

from datetime import timedelta

from sqlalchemy import select, update

from jobs import outbox as job
from models import Outbox, OutsideSystem, db, utcnow
from services.transaction import atomic


def rows(topic: str | None = None) -> list[Outbox]:
    query = select(Outbox).order_by(Outbox.id).execution_options(populate_existing=True)
    db.session.rollback()
    return list(db.session.scalars(query.where(Outbox.topic == topic) if topic else query))


def row(topic: str) -> Outbox:
    return rows(topic)[-1]


def run(topic: str | None = None) -> None:
    """Carry out every open row once, in order, as a worker would that gets its job at once."""
    for one in rows(topic):
        job.run(one.id)


def skip_the_wait() -> None:
    """The back-off of every open row is over."""
    past = utcnow() - timedelta(seconds=1)
    with atomic():
        db.session.execute(update(Outbox).values(next_try_at=past, lease_until=None))


def end_the_rest() -> None:
    """Every open breaker lets somebody try now."""
    with atomic():
        db.session.execute(update(OutsideSystem).values(probe_at=utcnow() - timedelta(seconds=1)))


def again(topic: str | None = None) -> None:
    skip_the_wait()
    run(topic)
