"""What enrolling costs many people at once: the same price as `commit` takes from one, from all rows in memory."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from sqlalchemy import select

from models import IncomeDecile, TargetGroup, db
from services import policy, tariffs


def of_each(course: Any, people: Collection[int], groups: Collection[int] = ()) -> Callable[..., int]:
    """What enrolling costs, as `commit` asks for one: by the id of a person of these and of a target group of these.

    Three queries at most; `course` has a delivery and, as `kind`, the kind of its unit.
    """
    today = policy.today()
    deciles = _deciles(people, today)
    codes_ = {}
    if groups:
        rows = db.session.execute(select(TargetGroup.id, TargetGroup.code).where(TargetGroup.id.in_(groups)))
        codes_ = {row.id: row.code for row in rows}
    book = tariffs.book(tariffs.ENROLL_CREDIT)

    def price(person_id: int, group_id: int | None = None) -> int:
        group = codes_.get(group_id) if group_id else None
        keys = tariffs.Keys(course.kind.value, course.delivery, group, deciles.get(person_id))
        return tariffs.sure(book.amount(keys, today), tariffs.ENROLL_CREDIT)

    return price


def _deciles(people: Collection[int], today: date) -> dict[int, int]:
    """The decile that is known of each today; the newest row stands."""
    known = (IncomeDecile.person_id.in_(people), IncomeDecile.valid_from <= today)
    query = select(IncomeDecile.person_id, IncomeDecile.decile).where(*known).order_by(IncomeDecile.valid_from)
    return {row.person_id: row.decile for row in db.session.execute(query)}
