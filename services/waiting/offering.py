"""The offers of a course's waiting list, made to fit its seats: the one place that writes `course.held`.

Whoever frees a seat, joins, leaves or lets an offer pass calls `settle` in the same transaction. It locks the course,
and everything else that happens to a line happens behind that lock; so a freed seat belongs to the next one in the
line before anybody else can see it. Of the locks it is the last: person, purse, course, and then the entries.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    literal_column,
    null,
    or_,
    select,
    update,
)

from models import Course, Enrollment, EnrollmentStatus, Province, Unit, WaitlistEntry, WaitState, db, utcnow
from services import policy
from services.courses.reading import enrollable, has_room, takes_now
from services.errors import Conflict
from services.waiting import quiet, telling

HOURS = "waitlist_offer_hours"
# Said in the statement itself: only so can a database see that a partial index has what is asked for.
STANDING: ColumnElement[bool] = WaitlistEntry.state.in_((literal_column("'waiting'"), literal_column("'offered'")))


def rank(entry: Any) -> ColumnElement[int]:
    """SQL: 0 for whoever was let in before their turn, 1 for everybody else."""
    return case((entry.ahead_by_id.is_(None), 1), else_=0)


# What has to be read of a course behind its lock.
COLUMNS: tuple[Any, ...] = (
    Course.id,
    Course.taken,
    Course.held,
    Course.capacity_max,
    Course.status,
    Course.enroll_open_at,
    Course.enroll_close_at,
    Course.title,
    Course.code,
    Course.unit_id,
    Course.province_id,
)
ORDER = (rank(WaitlistEntry), WaitlistEntry.id)


class OfferOver(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "مهلت جایی که برای شما نگه داشته شده بود همین حالا گذشت و چیزی کسر نشد. اگر هنوز می‌خواهید، دوباره در "
            "فهرست انتظار بنشینید."
        )


@dataclass(frozen=True)
class Locked:
    """A course behind its lock, with what those in its line are told of it; `row` has `COLUMNS`."""

    row: Any

    @cached_property
    def unit(self) -> Any:
        query = select(Unit.phone, Unit.kind, Province.code.label("province_code")).join(Unit.province)
        row: Any = db.session.connection().execute(query.where(Unit.id == self.row.unit_id)).one()
        return row

    def rule(self, name: str) -> int:
        return self.rules(name)[0]

    def rules(self, *names: str) -> list[int]:
        """The values of several rules, in one query."""
        found = policy.values_in(names, self.unit.kind.value, self.unit.province_code)
        return [int(found[name]) for name in names]


@dataclass(frozen=True)
class Seats:
    """What `settle` leaves: `free` are the seats that neither anybody has nor an offer holds."""

    course: Locked
    free: int
    is_open: bool


def settle(course_id: int) -> Seats:
    """Make the offers of a course fit its seats, behind the lock of its row; inside `atomic()`."""
    return settle_locked(db.session.connection().execute(_locked(), {"course": course_id}).one())


def settle_locked(row: Any) -> Seats:
    """The same for a course that is locked, because it has just been written.

    Offers whose time is over pass, those that a smaller course has no seat for are taken back, and free seats are
    offered to the next ones. A course that takes nobody any more has no line. Repeating it changes nothing.

    Source: docs/rules.md R-621 to R-624.
    """
    now, course = utcnow(), Locked(row)
    is_open, capacity = takes_now(row, now), row.capacity_max or 0
    # As many as there can be offers, and as many more as there can be seats for.
    standing = _standing(row.id, row.held + capacity if is_open else None)
    held = _kept(course, standing, now) if is_open else _close(course, standing, now)
    free = capacity - row.taken - held
    if is_open and free > 0 and any(each.state is WaitState.WAITING for each in standing):
        made = _offer(course, free, now)
        held, free = held + made, free - made
    if held != row.held:
        _hold(row.id, held)
    return Seats(course, free, is_open)


def offered_to(person: Any, course: Any, now: Any) -> ColumnElement[bool]:
    """SQL: an entry is the offer of this person for a seat in this course, and it still runs."""
    whose = (WaitlistEntry.person_id == person, WaitlistEntry.course_id == course)
    return and_(*whose, WaitlistEntry.state == literal_column("'offered'"), WaitlistEntry.offer_until > now)


def end(entry_ids: Collection[int], state: WaitState, now: datetime, **values: Any) -> int:
    """Give entries their last state, if they stand still; returns how many. The course must be locked."""
    if not entry_ids:
        return 0
    ending = update(WaitlistEntry).where(WaitlistEntry.id.in_(entry_ids), STANDING)
    ending = ending.values(state=state, ended_at=now, version=WaitlistEntry.version + 1, **values)
    ended = db.session.scalars(
        ending.returning(WaitlistEntry.id), execution_options={"synchronize_session": False}
    ).all()
    return len(ended)


def accept(entry_id: int, enrollment_id: int, now: datetime) -> None:
    """An offer has become an enrollment, which takes over the seat it held; the course is locked by that.

    Raises:
        OfferOver: it has passed, was taken back or given up at this very moment.
    """
    taking = update(WaitlistEntry).where(
        WaitlistEntry.id == entry_id, WaitlistEntry.state == WaitState.OFFERED, WaitlistEntry.offer_until > now
    )
    taking = taking.values(
        state=WaitState.TAKEN, enrollment_id=enrollment_id, ended_at=now, version=WaitlistEntry.version + 1
    )
    taken = taking.returning(WaitlistEntry.id).execution_options(synchronize_session=False)
    if db.session.scalar(taken) is None:
        raise OfferOver


# -- Support -----------------------------------------------------------------------


@cache
def _locked() -> Select[*tuple[Any, ...]]:
    return select(*COLUMNS).where(Course.id == bindparam("course")).with_for_update()


def _standing(course_id: int, limit: int | None = None, *, waiting: bool = False) -> Sequence[Any]:
    """Entries in the order of the line, offers first, each with the enrollment that its person has all the same."""
    columns = (WaitlistEntry.id, WaitlistEntry.person_id, WaitlistEntry.offer_until, WaitlistEntry.version)
    query = select(*columns, WaitlistEntry.state, Enrollment.id.label("enrollment_id"))
    query = query.outerjoin(Enrollment, _own_enrollment()).where(WaitlistEntry.course_id == course_id)
    waits = WaitlistEntry.state == literal_column("'waiting'")
    query = query.where(waits if waiting else STANDING).order_by(case((waits, 1), else_=0), *ORDER)
    return db.session.connection().execute(query.limit(limit)).all()


def _own_enrollment() -> ColumnElement[bool]:
    """SQL: the person of an entry is in its course."""
    return and_(
        Enrollment.course_id == WaitlistEntry.course_id,
        Enrollment.person_id == WaitlistEntry.person_id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )


def _kept(course: Locked, standing: Sequence[Any], now: datetime) -> int:
    """How many offers still run, once those are ended that are over or have no seat."""
    offers = _without_enrolled([each for each in standing if each.state is WaitState.OFFERED], now)
    over = [each for each in offers if each.offer_until <= now]
    end([each.id for each in over], WaitState.EXPIRED, now)
    running = [each for each in offers if each.offer_until > now]
    room = max(0, course.row.capacity_max - course.row.taken)
    _take_back(course, running[room:])
    for each in over:
        telling.passed(course, each)
    return min(len(running), room)


def _without_enrolled(rows: Sequence[Any], now: datetime) -> list[Any]:
    """Those who got into the course by another way wait no more."""
    for row in rows:
        if row.enrollment_id is not None:
            end([row.id], WaitState.TAKEN, now, enrollment_id=row.enrollment_id)
    return [row for row in rows if row.enrollment_id is None]


def _take_back(course: Locked, rows: Sequence[Any]) -> None:
    """Of a course that has become smaller: these wait again, where they stood."""
    if not rows:
        return
    back = update(WaitlistEntry).where(WaitlistEntry.id.in_([row.id for row in rows]))
    back = back.values(
        state=WaitState.WAITING, offered_at=null(), offer_until=null(), version=WaitlistEntry.version + 1
    )
    db.session.execute(back.execution_options(synchronize_session=False))
    for row in rows:
        telling.taken_back(course, row)


def _offer(course: Locked, free: int, now: datetime) -> int:
    """Offer free seats to the next ones in the line; returns how many."""
    made = 0
    while made < free and (rows := _standing(course.row.id, free - made, waiting=True)):
        if next_ones := _without_enrolled(rows, now):
            hours, begin, end = course.rules(HOURS, quiet.FROM, quiet.TO)
            until = min(quiet.over(now, begin, end) + timedelta(hours=hours), course.row.enroll_close_at)
            offer = update(WaitlistEntry).where(WaitlistEntry.id.in_([row.id for row in next_ones])).values(
                state=WaitState.OFFERED, offered_at=now, offer_until=until, version=WaitlistEntry.version + 1
            )  # fmt: skip
            db.session.execute(offer.execution_options(synchronize_session=False))
            made += len(next_ones)
            for row in next_ones:
                telling.offered(course, row, until)
    return made


def _close(course: Locked, standing: Sequence[Any], now: datetime) -> int:
    """Everybody who still waits is told that it was in vain; no seat is held any more."""
    rows = _without_enrolled(standing, now)
    end([row.id for row in rows], WaitState.CLOSED, now)
    for row in rows:
        telling.closed(course, row)
    return 0


def _hold(course_id: int, held: int) -> None:
    holding = update(Course).where(Course.id == course_id).values(held=held)
    db.session.execute(holding.execution_options(synchronize_session=False))


def due(now: datetime, after: int) -> Select[int]:
    """SQL: the courses from this id on whose line is not as `settle` would leave it."""
    line = select(WaitlistEntry.course_id).join(Course, Course.id == WaitlistEntry.course_id)
    over = and_(WaitlistEntry.state == literal_column("'offered'"), WaitlistEntry.offer_until <= now)
    enrolled = exists().where(_own_enrollment()).correlate(WaitlistEntry)
    free = and_(WaitlistEntry.state == literal_column("'waiting'"), has_room())
    wrong = or_(over, free, enrolled, ~enrollable(now))
    return line.where(STANDING, WaitlistEntry.course_id > after, wrong).distinct().order_by(WaitlistEntry.course_id)
