"""Reminders before a license ends: to the manager of the academy, once for each license and step.

Source: docs/rules.md R-260.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, joinedload

from models import License, LicenseEvent, db
from services import jalali, messages
from services.licenses import trail
from services.licenses.reading import S
from services.text import persian_digits
from services.transaction import atomic

STEPS_DAYS = (7, 30, 90)
TEMPLATE = "license_ends"


def remind(now: datetime) -> int:
    """Owe an SMS for every license that has come to a step; returns how many. A missed day is made up for.

    Whether it may be sent is decided when it is sent, by the mobile's match.
    """
    today = jalali.tehran_today(now)
    ids = list(db.session.scalars(select(License.id).where(*_ending(today)).order_by(License.id)))
    db.session.rollback()
    return sum(_remind(license_id, today) for license_id in ids)


def _ending(today: date) -> tuple[Any, ...]:
    """The licenses near their end for which nothing waits: an academy that has sent its renewal has done its part."""
    renewal = aliased(License)
    waits = exists().where(renewal.unit_id == License.unit_id, renewal.state == S.WAITING)
    last = today + timedelta(days=max(STEPS_DAYS))
    return License.state == S.VALID, License.expires_on.between(today, last), ~waits


def _remind(license_id: int, today: date) -> bool:
    with atomic():
        # Locked, so that two clocks do not both find that nothing was said yet.
        query = select(License).where(License.id == license_id, *_ending(today)).with_for_update(of=License)
        row = db.session.scalar(query.options(joinedload(License.unit)).execution_options(populate_existing=True))
        if row is None:
            return False
        left = (row.expires_on - today).days
        step = next(days for days in STEPS_DAYS if left <= days)
        said = (LicenseEvent.license_id == license_id, LicenseEvent.action == f"remind_{step}")
        if db.session.scalar(select(exists().where(*said))):
            return False
        trail.note(None, license_id, f"remind_{step}", days=left)
        messages.tell(row.manager_id, TEMPLATE, _body(row, left), cause_key=f"license:{license_id}:{step}")
    return True


def _body(row: License, left: int) -> str:
    when = "امروز" if left == 0 else f"{persian_digits(left)} روز دیگر"
    day = jalali.day_month_year(row.expires_on)
    return f"اعتبار پروانهٔ {row.unit.title} {when}، {day}، تمام می‌شود. تمدید را در سامانهٔ دوره، بخش «پروانه»، بفرستید."
