"""The seat of an enrollment: looked for without a lock, taken by one condition in the database, and given back."""

from functools import cache
from typing import Any

from sqlalchemy import Select, Update, bindparam, case, exists, or_, select, update

from models import Course, Person, db, utcnow
from services import courses
from services.enrollment.refusals import CourseFull, CourseNotOpen
from services.waiting import offering


def check_open(course_id: int, person: int | str | None) -> None:
    """The look without a lock that turns most of a rush away; what it lets through is checked again.

    Whoever has a running offer of the waiting list finds room; `person` is their id, or the code of somebody unlocked.

    Raises:
        CourseNotOpen, CourseFull: as the names say.
    """
    asked = {"course": course_id, "person": person, "now": utcnow()}
    row = db.session.connection().execute(_seats(isinstance(person, str)), asked).first()
    if row is None or not row.is_open:
        raise CourseNotOpen
    if not row.has_room:
        raise CourseFull


@cache
def _seats(by_code: bool) -> Select[*tuple[Any, ...]]:
    is_open = case((courses.enrollable(bindparam("now")), True), else_=False).label("is_open")
    person: Any = bindparam("person")
    if by_code:
        person = select(Person.id).where(or_(Person.national_code == person, Person.foreign_code == person))
        person = person.scalar_subquery()
    own = exists().where(offering.offered_to(person, Course.id, bindparam("now"))).correlate(Course)
    has_room = case((or_(courses.has_room(), own), True), else_=False).label("has_room")
    return select(is_open, has_room).where(Course.id == bindparam("course"))


def take_seat(course_id: int, person_id: int, enrollment_id: int, offer: int | None = None) -> None:
    """A free seat, or the one that an offer of the waiting list holds."""
    now = utcnow()
    taking = _taking() if offer is None else _taking_held()
    taken = db.session.connection().execute(taking, {"course": course_id, "now": now}).scalar()
    if taken is None:
        check_open(course_id, person_id)
        raise CourseFull
    if offer is not None:
        offering.accept(offer, enrollment_id, now)


@cache
def _taking() -> Update:
    """The seat by one condition in the database, whatever was read before."""
    wanted = (courses.enrollable(bindparam("now")), courses.has_room())
    statement = update(Course).where(Course.id == bindparam("course"), *wanted)
    return statement.values(taken=Course.taken + 1).returning(Course.taken)


@cache
def _taking_held() -> Update:
    """The seat of an offer becomes that of an enrollment; `offering.accept` then looks whether the offer still ran."""
    wanted = (courses.enrollable(bindparam("now")), Course.held > 0)
    statement = update(Course).where(Course.id == bindparam("course"), *wanted)
    return statement.values(taken=Course.taken + 1, held=Course.held - 1).returning(Course.taken)


def free_seat(course_id: int) -> None:
    """Give a seat back, which is the next one's in the waiting list at once; call after the purse has been locked."""
    freeing = update(Course).where(Course.id == course_id).values(taken=Course.taken - 1).returning(*offering.COLUMNS)
    offering.settle_locked(db.session.connection().execute(freeing).one())
