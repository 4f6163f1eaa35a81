"""What the people of a unit debited from trainees: by clerk and month, for the manager.

Source: docs/rules.md R-466.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from sqlalchemy import ColumnElement, ScalarSelect, case, exists, func, select
from sqlalchemy.orm import aliased

from models import Channel, DebitObjection, DebitSource, Enrollment, EnrollmentStatus, Person, Role, User, db
from models import LedgerTransfer as L
from services import jalali, text
from services.access import Actor, Level
from services.catalog.booklet import Month
from services.errors import NotAllowed

SHOWN = 6  # months


@dataclass(frozen=True)
class Line:
    """What one clerk debited from trainees in a month; `back` are those whose credit has returned since."""

    month: Month
    clerk: str
    times: int
    rials: int
    back: int
    objections: int


def may_read(actor: Actor) -> bool:
    return actor.level is Level.CENTER and actor.has(Role.MANAGER)


def table(actor: Actor, last: Month, months: int = SHOWN) -> Sequence[Line]:
    """The last months up to one, newest first, in one query; who debited nothing is not in it.

    Raises:
        NotAllowed: it is for managers.
    """
    if not may_read(actor):
        raise NotAllowed("جدول کسرها برای مدیر واحد است.")
    among = [last]
    while len(among) < months:
        among.insert(0, among[0].before)
    place, found = _place(among), []
    sums = (func.count().label("times"), func.sum(Enrollment.fee_rials).label("rials"))
    also = (func.sum(case((_is_back(), 1), else_=0)).label("back"), func.sum(_objections()).label("objections"))
    clerk = (Person.first_name, Person.last_name, User.username)
    query = select(place.label("place"), *clerk, *sums, *also).select_from(Enrollment)
    query = query.join(User, User.id == Enrollment.created_by_id).join(Person, Person.id == User.person_id)
    query = query.where(*_debits(actor, among[0], last)).group_by(place, User.id, *clerk)
    for row in db.session.execute(query):
        name = " ".join(part for part in (row.first_name, row.last_name) if part) or row.username
        found.append(Line(among[row.place], name, row.times, int(row.rials), int(row.back), int(row.objections)))
    return sorted(found, key=lambda line: (-line.month.year, -line.month.month, text.sort_key(line.clerk)))


def _place(among: Sequence[Month]) -> ColumnElement[int]:
    """SQL: in which of these months, one after the other, an enrollment was made."""
    ends = (jalali.from_tehran(month.after.first, time(0)) for month in among)
    return case(*((Enrollment.created_at < end, place) for place, end in enumerate(ends)))


def _debits(actor: Actor, first: Month, last: Month) -> list[ColumnElement[bool]]:
    start, end = (jalali.from_tehran(day, time(0)) for day in (first.first, last.after.first))
    return [
        Enrollment.unit_id.in_(actor.acting(Role.MANAGER).units),
        Enrollment.debit_source == DebitSource.TRAINEE,
        Enrollment.channel != Channel.SELF,
        Enrollment.moved_from_id.is_(None),  # moved at the same price by whoever canceled or merged the course
        Enrollment.created_at >= start,
        Enrollment.created_at < end,
    ]


def _is_back() -> ColumnElement[bool]:
    moved = aliased(Enrollment)
    return (Enrollment.status == EnrollmentStatus.CANCELED) & ~exists().where(moved.moved_from_id == Enrollment.id)


def _objections() -> ScalarSelect[int]:
    query = select(func.count()).select_from(DebitObjection).join(L, L.id == DebitObjection.transfer_id)
    return query.where(L.enrollment_id == Enrollment.id).correlate(Enrollment).scalar_subquery()
