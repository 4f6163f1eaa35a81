"""What the planner's calendar reads: the rows of a page, their meetings, their downtimes and the holidays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, exists, null, or_, select, tuple_
from sqlalchemy.orm import aliased

from models import (
    Attendance,
    Course,
    CourseSession,
    CourseStatus,
    Holiday,
    Instructor,
    Person,
    Place,
    Province,
    Unit,
    UnitKind,
    Workshop,
    WorkshopDowntime,
    db,
)
from services import policy
from services.access import Actor, Level
from services.attendance.calendar import Span
from services.courses.bookings import takes_room
from services.instructors import reading as instructors
from services.instructors import workload
from services.planning.hours import RULE, Slot

WORKSHOP, INSTRUCTOR, UNIT = "workshop", "instructor", "unit"
SIZES = {WORKSHOP: 25, INSTRUCTOR: 25, UNIT: 10}
HELD_KINDS = (UnitKind.CENTER, UnitKind.ACADEMY)
Home = aliased(Unit)  # the unit of a row: inside a policy's own question `Unit` is another one


@dataclass(frozen=True)
class Asked:
    """Which calendar: whose rows, of which unit alone, in which days, after which row (its sort key and id)."""

    kind: str
    span: Span
    unit_id: int | None = None
    after: tuple[str, int] | None = None


@dataclass(frozen=True)
class Row:
    """One row of a page. `key` is what its meetings are found by; `shifts` and `most` are None where it has none."""

    id: int
    key: int
    title: str | None
    sub: str | None
    sort: str
    unit_id: int
    province: str
    shifts: str | None
    rule: Any
    most: Any


@dataclass(frozen=True)
class Meeting:
    """One meeting of a course; `is_marked` when somebody has said who was there."""

    key: int
    on: date
    start: time
    end: time
    course_id: int
    code: str
    title: str | None
    status: CourseStatus
    workshop_id: int | None
    unit_id: int
    province_id: int
    taken: int
    capacity: int | None
    is_marked: bool

    @property
    def slot(self) -> Slot:
        return self.start, self.end

    @property
    def minutes(self) -> int:
        return workload.minutes_between(self.start, self.end)

    @property
    def is_sure(self) -> bool:
        """Whether the course is approved, and not only on its way."""
        return not self.status.value.endswith("_review")


@dataclass(frozen=True)
class Room:
    """A workshop of a unit, or of a row, with the days on which it is down."""

    id: int
    unit_id: int
    shifts: str | None
    down: tuple[tuple[date, date | None, str], ...] = ()

    def why_down(self, day: date) -> str:
        return next((why for first, last, why in self.down if first <= day and (last is None or day <= last)), "")


def rows(actor: Actor, asked: Asked) -> list[Row]:
    """The rows of a page and one more when there are further ones; one query."""
    query = {WORKSHOP: _workshops, INSTRUCTOR: _instructors, UNIT: _units}[asked.kind](actor)
    sort, row_id = query.selected_columns.sort, query.selected_columns.id
    if asked.unit_id:
        query = query.where(Home.id == asked.unit_id)
    if asked.after:
        query = query.where(tuple_(sort, row_id) > asked.after)
    found = db.session.execute(query.order_by(sort, row_id).limit(SIZES[asked.kind] + 1))
    return [Row(**row._mapping) for row in found]


def _workshops(actor: Actor) -> Select[Any]:
    query = select(
        Workshop.id.label("id"),
        Workshop.id.label("key"),
        Workshop.title.label("title"),
        (Place.title + "، " + Home.title).label("sub"),
        Home.title_sort.label("sort"),
        Workshop.shifts.label("shifts"),
        *_of_unit(),
    )
    query = query.join(Place, Place.id == Workshop.place_id).join(Home, Home.id == Workshop.unit_id).join(Home.province)
    return query.where(_mine(actor), Workshop.is_active, Place.is_active)


def _instructors(actor: Actor) -> Select[Any]:
    query = select(
        Instructor.id.label("id"),
        Instructor.person_id.label("key"),
        (Person.first_name + " " + Person.last_name).label("title"),
        Home.title.label("sub"),
        Person.name_sort.label("sort"),
        _nothing().label("shifts"),
        *_of_unit(),
    )
    query = query.join(Instructor.person).join(Home, Home.id == Instructor.unit_id).join(Home.province)
    return query.where(instructors.visible_to(actor), Instructor.is_active, Person.name_sort.is_not(None))


def _units(actor: Actor) -> Select[Any]:
    query = select(
        Home.id.label("id"),
        Home.id.label("key"),
        Home.title.label("title"),
        _nothing().label("sub"),
        Home.title_sort.label("sort"),
        _nothing().label("shifts"),
        *_of_unit(),
    )
    return query.join(Home.province).where(_mine(actor), Home.is_active, Home.kind.in_(HELD_KINDS))


def _of_unit() -> tuple[Any, ...]:
    rules = (policy.column(name, Home.id).label(label) for name, label in ((RULE, "rule"), (workload.WEEK, "most")))
    return Home.id.label("unit_id"), Province.code.label("province"), *rules


def _nothing() -> Any:
    return cast(null(), String)


def _mine(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.PROVINCE:
        return Home.province_id.in_(actor.provinces)
    return Home.id.in_(actor.units)


def meetings(asked: Asked, keys: Iterable[int]) -> list[Meeting]:
    """What is held in the days, by time; a room only by those to whom people come. One query."""
    key: Any = {WORKSHOP: Course.workshop_id, INSTRUCTOR: Instructor.person_id, UNIT: Course.unit_id}[asked.kind]
    marked = exists().where(Attendance.session_id == CourseSession.id)
    query = select(
        key,
        CourseSession.on_date,
        CourseSession.start_time,
        CourseSession.end_time,
        Course.id,
        Course.code,
        Course.title,
        Course.status,
        Course.workshop_id,
        Course.unit_id,
        Course.province_id,
        Course.taken,
        Course.capacity_max,
        marked,
    ).join(Course, Course.id == CourseSession.course_id)
    query = query.join(Course.instructor) if asked.kind == INSTRUCTOR else query.where(takes_room())
    query = query.where(
        key.in_(list(keys)),
        CourseSession.on_date.between(asked.span.first, asked.span.last),
        Course.status.in_(workload.COUNTED),
    )
    found = db.session.execute(query.order_by(CourseSession.on_date, CourseSession.start_time, Course.id))
    return [Meeting(*row) for row in found]


def rooms(asked: Asked, ids: Sequence[int]) -> list[Room]:
    """The workshops of these rows with their downtimes in the days; one query."""
    column = Workshop.unit_id if asked.kind == UNIT else Workshop.id
    lies_in = WorkshopDowntime.ends_on.is_(None) | (WorkshopDowntime.ends_on >= asked.span.first)
    down = (WorkshopDowntime.workshop_id == Workshop.id) & (WorkshopDowntime.starts_on <= asked.span.last) & lies_in
    query = select(
        Workshop.id,
        Workshop.unit_id,
        Workshop.shifts,
        WorkshopDowntime.starts_on,
        WorkshopDowntime.ends_on,
        WorkshopDowntime.reason,
    )
    query = query.join(Workshop.place).outerjoin(WorkshopDowntime, down)
    query = query.where(column.in_(ids), Workshop.is_active, Place.is_active).order_by(Workshop.id, WorkshopDowntime.id)
    found: dict[int, Room] = {}
    for room_id, unit_id, shifts, first, last, why in db.session.execute(query):
        known = found[room_id].down if room_id in found else ()
        found[room_id] = Room(room_id, unit_id, shifts, (*known, (first, last, why)) if first else known)
    return list(found.values())


def holidays(span: Span, provinces: Iterable[str]) -> dict[str, frozenset[date]]:
    """By the code of a province its days without classes, its own and the country's; one query."""
    codes = set(provinces)
    query = select(Holiday.scope, Holiday.on_date).where(
        Holiday.on_date.between(span.first, span.last), or_(Holiday.scope == "*", Holiday.scope.in_(codes))
    )
    found = db.session.execute(query).all()
    return {code: frozenset(day for scope, day in found if scope in ("*", code)) for code in codes}
