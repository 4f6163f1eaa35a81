"""What the clock does to waiting lists: offers pass, the next ones get theirs, and lines of closed courses end."""

from datetime import datetime

from models import db
from services.transaction import atomic
from services.waiting import offering

BATCH = 200


def tick(now: datetime) -> int:
    """Settle every course whose line is not as it should be; returns how many. Any number of clocks may run.

    Each in a transaction of its own, so that no offer of one course waits for another.
    """
    settled = 0
    last = 0
    while True:
        ids = db.session.scalars(offering.due(now, last).limit(BATCH)).all()
        db.session.rollback()
        if not ids:
            return settled
        for course_id in ids:
            with atomic():
                offering.settle(course_id)
        settled, last = settled + len(ids), ids[-1]
