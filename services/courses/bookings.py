"""What else takes the workshop, the place or the people of a course: meetings of other courses, by one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    cast,
    exists,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from models import (
    UNDER_WAY,
    Course,
    CourseInstructor,
    CourseSession,
    CourseStatus,
    Delivery,
    Instructor,
    Person,
    Shift,
    Unit,
    Workshop,
    db,
)
from services.instructors.workload import COUNTED, Meeting

ROOM, PERSON = "room", "person"
# Nobody comes to these, so they take no room.
FROM_AFAR = (Delivery.VIRTUAL, Delivery.ELECTRONIC)
Team = Sequence[tuple[int, int | None]]  # ids of instructors and their minutes; no minutes: the course is theirs


@dataclass(frozen=True)
class Booking:
    """One meeting of another course that takes a room of the same place, or one of the same people.

    `own_share` and `share` are the minutes of somebody who teaches only a part, of this course and of the other;
    `lies_across` when it meets at hours of this course.
    """

    takes: str
    person_id: int | None
    own_share: int | None
    share: int | None
    first_name: str | None
    last_name: str | None
    lies_across: bool
    on: date
    start: time
    end: time
    course_id: int
    code: str
    title: str | None
    shift: Shift | None
    delivery: Delivery | None
    workshop_id: int | None
    capacity: int | None
    minutes: int
    status: CourseStatus
    sent_at: datetime | None
    unit_id: int
    province_id: int
    unit_title: str

    @property
    def bars(self) -> bool:
        """Whether the two cannot both be held, as far as hours and states say."""
        return self.lies_across and self.status in UNDER_WAY

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or "نام ثبت نشده"

    def as_meeting(self) -> Meeting:
        """The same as the hours of an instructor are counted."""
        return Meeting(
            self.person_id or 0, self.on, self.start, self.end, self.course_id, self.code, self.title, self.shift,
            self.share, self.minutes,
        )  # fmt: skip


def around(
    course: Course, first: date, last: date, days: Sequence[date] | None, team: Team | None = None
) -> list[Booking]:
    """The meetings from `first` to `last` that take what `course` takes, in order.

    Of its people all of them, because their weeks are counted; of the rooms of its place those at its hours.

    Args:
        days: the class days of a course that is not sent; None for those it was sent with.
        team: its instructors; None for those that stand in the database.
    """
    across = _across(course, days)
    taken = union_all(_of_rooms(course), *_of_people(_team(course, team))).subquery("taken")
    query = (
        _columns(taken, across)
        .join(Course, Course.id == taken.c.course_id)
        .join(CourseSession, CourseSession.course_id == Course.id)
        .join(Unit, Unit.id == Course.unit_id)
        .outerjoin(Person, Person.id == taken.c.person_id)
        .where(
            Course.id != (course.id or 0),
            Course.status.in_(COUNTED),
            CourseSession.on_date.between(first, last),
            or_(taken.c.takes == PERSON, and_(across, takes_room())),
        )
        .order_by(CourseSession.on_date, CourseSession.start_time, Course.id)
    )
    return [Booking(*row) for row in db.session.execute(query)]


def of_partners(booked: Iterable[Booking]) -> list[list[Booking]]:
    """What each of those who teach a part of the course holds elsewhere."""
    found: dict[int | None, list[Booking]] = {}
    for each in booked:
        if each.takes == PERSON and each.own_share is not None:
            found.setdefault(each.person_id, []).append(each)
    return list(found.values())


def _columns(taken: Subquery, across: ColumnElement[bool]) -> Select[Any]:
    minutes = Course.theory_minutes + Course.practice_minutes + Course.project_minutes + Course.internship_minutes
    return select(
        *(taken.c[name] for name in ("takes", "person_id", "own_share", "share")),
        Person.first_name,
        Person.last_name,
        across,
        CourseSession.on_date,
        CourseSession.start_time,
        CourseSession.end_time,
        Course.id,
        Course.code,
        Course.title,
        Course.shift,
        Course.delivery,
        Course.workshop_id,
        Course.capacity_max,
        minutes,
        Course.status,
        Course.sent_at,
        Course.unit_id,
        Course.province_id,
        Unit.title,
    ).select_from(taken)


def _across(course: Course, days: Sequence[date] | None) -> ColumnElement[bool]:
    """SQL: a meeting lies across one of the course's."""
    if days is not None:
        hours = (CourseSession.start_time < course.end_time, CourseSession.end_time > course.start_time)
        return and_(CourseSession.on_date.in_(days), *hours)
    own = aliased(CourseSession)
    return exists().where(
        own.course_id == course.id,
        own.on_date == CourseSession.on_date,
        own.start_time < CourseSession.end_time,
        own.end_time > CourseSession.start_time,
    )


def takes_room() -> ColumnElement[bool]:
    """SQL: people come to the course."""
    return or_(Course.delivery.is_(None), Course.delivery.not_in(FROM_AFAR))


def _nobody() -> Any:
    return cast(null(), Integer)


def _of_rooms(course: Course) -> Select[Any]:
    """The courses in any workshop of the same place; none for a course that nobody comes to."""
    place = select(Workshop.place_id).where(Workshop.id == course.workshop_id).scalar_subquery()
    nothing = (_nobody().label("person_id"), _nobody().label("own_share"), _nobody().label("share"))
    query = select(Course.id.label("course_id"), literal(ROOM).label("takes"), *nothing)
    query = query.join(Workshop, Workshop.id == Course.workshop_id).where(Workshop.place_id == place)
    return query.where(literal(course.delivery not in FROM_AFAR))


def _of_people(team: Subquery) -> tuple[Select[Any], Select[Any]]:
    """The courses that somebody of a team holds, and those of which they teach a part."""
    who = (literal(PERSON), team.c.person_id, team.c.minutes)
    held = select(Course.id, *who, _nobody()).join(Instructor, Instructor.id == Course.instructor_id)
    part = select(CourseInstructor.course_id, *who, CourseInstructor.minutes).join(CourseInstructor.instructor)
    return (
        held.join(team, team.c.person_id == Instructor.person_id),
        part.join(team, team.c.person_id == Instructor.person_id),
    )


def _team(course: Course, team: Team | None) -> Subquery:
    """The people of a course, each with the minutes of a part, or none where the course is theirs."""
    of_id = select(Instructor.person_id)
    if team is not None:
        rows = [
            of_id.add_columns(cast(minutes, Integer).label("minutes")).where(Instructor.id == one)
            for one, minutes in team
        ]
        return union_all(*(rows or [of_id.add_columns(_nobody().label("minutes")).where(literal(False))])).subquery(
            "team"
        )
    own = of_id.add_columns(_nobody().label("minutes")).where(Instructor.id == course.instructor_id)
    others = of_id.add_columns(CourseInstructor.minutes).join(CourseInstructor)
    return union_all(own, others.where(CourseInstructor.course_id == (course.id or 0))).subquery("team")
