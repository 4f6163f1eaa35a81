"""Several people at one day of a bank at once: each difference is explained once, and the day is closed once."""

import datetime as dt

from sqlalchemy import func, select

from models import DayClosing, Outcome, ReconciliationRow, Role, UnitKind, db
from services import policy
from services.reconciliation import reading, settling
from tests import make
from tests.race.crowd import storm
from tests.services.test_import_engine import actor
from tests.web import book_scenes


def test_differences_are_explained_once_and_a_day_is_closed_once(app):
    day, hq = policy.today() - dt.timedelta(days=1), make.unit(UnitKind.HQ)
    people = [actor(make.user(Role.REVIEWER, hq)) for _ in range(8)]
    book_scenes.sent(make.user(Role.ADMIN, hq), day)
    book_scenes.payment(day)
    keys = {each.key for each in reading.one("sep", day).differences}

    done = storm(app, lambda who: settling.settle(who, "sep", day, keys, f"نوشتهٔ {who.user_id}"), people[:4])
    assert done == {"1": 1, "Conflict": 3}
    seen = reading.one("sep", day).seen
    done = storm(app, lambda who: settling.close(who, "sep", day, seen, ""), people[4:])
    assert done == {"True": 1, "Conflict": 3}
    db.session.rollback()
    written = select(func.count()).select_from(ReconciliationRow)
    assert db.session.scalar(written.where(ReconciliationRow.outcome == Outcome.MISSING_THERE)) == 1
    assert db.session.scalar(select(func.count()).select_from(DayClosing)) == 1
