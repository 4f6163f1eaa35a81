"""For which units and in which courses a member of staff enrolls others."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from models import Course, EnrollmentDraft, Role, Unit, db, utcnow
from services import codes, counters, courses
from services.access import Actor
from services.errors import DomainError, NotAllowed, OutsideTerritory


def may_enroll(actor: Actor, unit_id: int | None = None) -> None:
    """The circular's explicit, revocable permission; of this unit, or of any.

    Raises:
        NotAllowed: it has not been given, or no contract of the counter office allows it.

    Source: docs/rules.md R-564 (contracts).
    """
    if not actor.can_enroll_others or (unit_id and unit_id not in actor.enrolling().units):
        raise NotAllowed("اجازهٔ ثبت‌نام دیگران به کاربری شما داده نشده است. از مدیر مرکز بخواهید آن را بدهد.")
    counters.require(actor.enrolling(), counters.ENROLL, unit_id)


def units_to_choose(actor: Actor, course: Course | None, after: EnrollmentDraft | None) -> Sequence[Unit]:
    """The units to choose from for a new draft; none when it is clear whose it will be.

    Source: docs/rules.md R-74.
    """
    if _known_unit(actor, course.id if course else None, after):
        return []
    query = select(Unit).where(Unit.id.in_(actor.enrolling().units)).order_by(Unit.title_sort)
    return db.session.scalars(query).all()


def require_unit(actor: Actor, course_id: int | None, after: EnrollmentDraft | None) -> int:
    """The unit of a new draft when it is clear.

    Raises:
        DomainError: it has to be chosen.
    """
    unit_id = _known_unit(actor, course_id, after)
    if unit_id is None:
        raise DomainError("واحدی را انتخاب کنید که از طرف آن ثبت‌نام می‌کنید", field="unit")
    return unit_id


def _known_unit(actor: Actor, course_id: int | None, after: EnrollmentDraft | None) -> int | None:
    """The only unit for which the actor enrolls others, else that of the course, else that of the person before."""
    units = actor.enrolling().units
    if len(units) == 1:
        return units[0]
    of_course = db.session.scalar(select(Course.unit_id).where(Course.id == course_id)) if course_id else None
    return next((unit_id for unit_id in (of_course, after and after.unit_id) if unit_id in units), None)


def courses_in_reach(actor: Actor) -> ColumnElement[bool]:
    """The condition for the courses that the actor may enroll people in: own units', or a province's for a counter."""
    here = actor.enrolling()
    return or_(Course.unit_id.in_(here.units), Course.province_id.in_(here.acting(Role.COUNTER).provinces))


def require_course(actor: Actor, course_id: int | None) -> None:
    """Refuse a course that is not in reach."""
    if course_id is None:
        return
    found = db.session.scalar(select(Course.id).where(Course.id == course_id, courses_in_reach(actor)))
    if found is None:
        raise OutsideTerritory("course", course_id)


def open_courses(actor: Actor, also: int | None = None, limit: int = 30) -> list[Course]:
    """Courses in reach that take enrollments now, soonest first; `also` is one to show whatever its state."""
    wanted = courses.enrollable(utcnow())
    if also is not None:
        wanted = or_(wanted, Course.id == also)
    query = select(Course).where(and_(courses_in_reach(actor), wanted)).options(joinedload(Course.unit))
    first = (Course.id != also, Course.start_on, Course.id) if also is not None else (Course.start_on, Course.id)
    return list(db.session.scalars(query.order_by(*first).limit(limit)))


def course_by_code(actor: Actor, code: str | None) -> Course | None:
    """The course in reach whose code a link carries; None when there is none."""
    plain = codes.read_course_code(code)
    if plain is None:
        return None
    return db.session.scalar(select(Course).where(Course.code == plain, courses_in_reach(actor)))
