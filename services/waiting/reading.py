"""Reading waiting lists: where a person stands, a course's line for its staff, and what the public is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, and_, func, literal_column, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from models import Course, Person, Role, WaitlistEntry, WaitState, db, utcnow
from services import courses, territory
from services.access import Actor, Visitor
from services.errors import NotAllowed, NotFound, OutsideTerritory
from services.waiting.offering import ORDER, STANDING, rank

SUBJECT = "waitlist_entry"
SIZE = 50
SHOWN = timedelta(days=14)  # for which a person still reads what became of a place that is over
NO_SUCH = "این نوبت پیدا نشد. از صفحهٔ خود یا از فهرست انتظار دوره شروع کنید."


@dataclass(frozen=True)
class Standing:
    """An entry, its place among `total` who wait (0 where it does not), and whether its offer still runs."""

    entry: WaitlistEntry
    place: int
    total: int

    @property
    def is_offered(self) -> bool:
        until = self.entry.offer_until
        return self.entry.state is WaitState.OFFERED and until is not None and until > utcnow()

    @property
    def stands(self) -> bool:
        return self.entry.state in (WaitState.WAITING, WaitState.OFFERED)


@dataclass(frozen=True)
class Line:
    """A page of a course's line: those with an offer, then those who wait, then the newest who are out of it."""

    course: Course
    rows: Sequence[Standing]
    over: Sequence[WaitlistEntry]
    more: int


@dataclass(frozen=True)
class Crowd:
    """What everybody may know of a course's line: how many wait, and until when freed seats are held for the next."""

    waiting: int
    held_until: datetime | None


def place_of(entry_id: int) -> int:
    """How many stand in the line up to this entry; 0 where it does not wait."""
    return db.session.scalar(select(_place(WaitlistEntry)).where(WaitlistEntry.id == entry_id)) or 0


def own(person: Visitor, entry_id: int) -> Standing:
    """A person's own entry, as it is now.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is somebody else's.
    """
    found = _standings(WaitlistEntry.id == entry_id)
    if not found:
        raise NotFound(NO_SUCH)
    if found[0].entry.person_id != person.id:
        raise OutsideTerritory(SUBJECT, entry_id)
    return found[0]


def of_person(person: Person | Visitor, now: datetime) -> list[Standing]:
    """Where somebody stands, and what became of places that were over lately; those with an offer first."""
    recent = and_(WaitlistEntry.state.in_((WaitState.EXPIRED, WaitState.CLOSED)), WaitlistEntry.ended_at > now - SHOWN)
    found = _standings(WaitlistEntry.person_id == person.id, or_(STANDING, recent))
    return sorted(found, key=lambda each: (not each.is_offered, not each.stands, -each.entry.id))


def in_course(person: Visitor, course_id: int) -> Standing | None:
    """Where somebody stands in the line of one course."""
    found = _standings(WaitlistEntry.person_id == person.id, WaitlistEntry.course_id == course_id, STANDING)
    return found[0] if found else None


def crowd(course_id: int, now: datetime) -> Crowd:
    """How long the line of a course is, and until when its running offers hold seats; one query."""
    waiting = func.count().filter(WaitlistEntry.state == WaitState.WAITING)
    runs = and_(WaitlistEntry.state == WaitState.OFFERED, WaitlistEntry.offer_until > now)
    until = func.max(WaitlistEntry.offer_until).filter(runs)
    row = db.session.execute(select(waiting, until).where(WaitlistEntry.course_id == course_id, STANDING)).one()
    return Crowd(row[0], row[1])


def length(course_id: int) -> int:
    """How many wait in a course's line and have no offer."""
    return crowd(course_id, utcnow()).waiting


def line(actor: Actor, course_id: int) -> Line:
    """The line of a course in the actor's territory.

    Raises:
        NotFound, OutsideTerritory: no such course, or not for this actor.
    """
    course = courses.get(actor, course_id)
    rows = _standings(WaitlistEntry.course_id == course_id, STANDING)
    ended = select(WaitlistEntry).where(WaitlistEntry.course_id == course_id, ~STANDING)
    ended = ended.options(joinedload(WaitlistEntry.person)).order_by(WaitlistEntry.ended_at.desc()).limit(20)
    return Line(course, rows[:SIZE], db.session.scalars(ended).all(), max(0, len(rows) - SIZE))


def of_unit(actor: Actor, entry_id: int) -> WaitlistEntry:
    """An entry in the line of a course of the actor's own units, with course, unit and person.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is another unit's.
    """
    staff = Course.unit_id.in_(courses.reading.units_of_staff(actor))
    query = select(WaitlistEntry, staff).join(WaitlistEntry.course).where(WaitlistEntry.id == entry_id)
    query = query.options(
        contains_eager(WaitlistEntry.course).joinedload(Course.unit), joinedload(WaitlistEntry.person)
    )
    return territory.only(query, SUBJECT, entry_id, NO_SUCH)


def to_let_ahead(actor: Actor, entry_id: int) -> WaitlistEntry:
    """The same for whoever may let it in before its turn.

    Raises:
        NotAllowed: that is the manager's to do. And as `of_unit`.
    """
    entry = of_unit(actor, entry_id)
    if not may_let_ahead(actor, entry.course):
        raise NotAllowed("جلو انداختن نوبت کار مدیر مرکز است. چیزی تغییر نکرد.")
    return entry


def may_keep(actor: Actor, course: Course) -> bool:
    """Whether this person takes people out of the line: staff of the course's unit."""
    return course.unit_id in courses.reading.units_of_staff(actor)


def may_let_ahead(actor: Actor, course: Course) -> bool:
    """Whether this person lets somebody in before their turn: the manager of the course's unit."""
    return course.unit_id in actor.acting(Role.MANAGER).units


# -- Support -----------------------------------------------------------------------


def _standings(*where: Any) -> list[Standing]:
    """Entries with course, unit and person, in the order of their lines: first those who have an offer."""
    offered_first = WaitlistEntry.state != WaitState.OFFERED
    query = select(WaitlistEntry, _place(WaitlistEntry), _total(WaitlistEntry)).where(*where)
    query = query.join(WaitlistEntry.course).options(
        contains_eager(WaitlistEntry.course).joinedload(Course.unit), joinedload(WaitlistEntry.person)
    )
    rows = db.session.execute(query.order_by(offered_first, *ORDER).execution_options(populate_existing=True))
    return [Standing(*row) for row in rows]


def _place(entry: Any) -> ScalarSelect[int]:
    other = aliased(WaitlistEntry)
    before = or_(rank(other) < rank(entry), and_(rank(other) == rank(entry), other.id <= entry.id))
    counted = select(func.count()).where(
        other.course_id == entry.course_id,
        other.state == literal_column("'waiting'"),
        entry.state == literal_column("'waiting'"),
        before,
    )
    return counted.correlate(entry).scalar_subquery()


def _total(entry: Any) -> ScalarSelect[int]:
    other = aliased(WaitlistEntry)
    counted = select(func.count()).where(other.course_id == entry.course_id, other.state == literal_column("'waiting'"))
    return counted.correlate(entry).scalar_subquery()
