"""The sheet of one meeting, and a class as a whole: who was there how often."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import joinedload

from models import Attendance, AuditEvent, Course, CourseSession, Enrollment, Person, Presence, User, db
from services import jalali, people
from services.access import Actor
from services.attendance import reading, wording
from services.attendance.reading import Meeting, Term
from services.text import persian_digits

CORRECTED = "attendance_corrected"
_RECENT = timedelta(days=14)


@dataclass(frozen=True)
class Line:
    """One person on the sheet of a meeting, with what stands there."""

    enrollment_id: int
    name: str
    code: str
    presence: Presence | None
    marked_by_id: int | None
    marked_at: datetime | None


@dataclass(frozen=True)
class Sheet:
    """The sheet of a meeting; `until` is the last day on which its instructor may mark it."""

    session: CourseSession
    course: Course
    lines: list[Line]
    until: date

    @property
    def marked(self) -> int:
        return sum(line.presence is not None for line in self.lines)

    @property
    def standing(self) -> str:
        """What stands in every line, as a form carries it: what differs from it is what somebody has marked."""
        return " ".join(f"{line.enrollment_id}:{line.presence.value if line.presence else ''}" for line in self.lines)


@dataclass(frozen=True)
class Member:
    """One person of a class: how often they were there, and what stands for each meeting by its id."""

    name: str
    code: str
    is_canceled: bool
    signs: dict[int, Presence]
    counts: dict[Presence, int] = field(default_factory=dict)

    @property
    def marked(self) -> int:
        return len(self.signs)

    @property
    def away(self) -> int:
        return sum(each.value in wording.AWAY for each in self.signs.values())

    @property
    def excused(self) -> int:
        return sum(each is Presence.EXCUSED for each in self.signs.values())

    @property
    def share(self) -> int:
        """Absences in percent of the meetings with a mark, rounded.

        Source: docs/rules.md R-275.
        """
        return (200 * self.away + self.marked) // (2 * self.marked) if self.marked else 0


@dataclass(frozen=True)
class Class:
    """A course with all its meetings and everybody who was in it at any of them."""

    course: Course
    meetings: list[Meeting]
    members: list[Member]

    @property
    def minutes(self) -> int:
        """All that the course meets, also in the time to come."""
        return sum(each.minutes for each in self.meetings)

    def missed(self, one: Member) -> int:
        """The minutes in which somebody was not there."""
        away = {key for key, sign in one.signs.items() if sign.value in wording.AWAY}
        return sum(each.minutes for each in self.meetings if each.session.id in away)

    def groups(self, today: date) -> tuple[list[Meeting], list[Meeting], list[Meeting]]:
        """Meetings that matter now (today's, the next, recent sheets not full), past, and to come."""
        ahead = [each for each in self.meetings if each.session.on_date > today]
        recent = today - _RECENT
        now = [each for each in self.meetings if each.session.on_date == today]
        owed = [each for each in self.meetings if recent <= each.session.on_date < today and not each.is_whole]
        past = [each for each in self.meetings if each.session.on_date < today and each not in owed]
        return [*owed, *now, *ahead[:1]], past, ahead[1:]


# -- One meeting -------------------------------------------------------------------


def sheet(actor: Actor, session_id: int) -> Sheet:
    """The sheet of a meeting, in three queries.

    Raises:
        NotFound, OutsideTerritory: no meeting of a class of this actor.
    """
    session, course = reading.meeting(actor, session_id)
    return Sheet(session, course, lines(session), reading.last_day(session, course.unit))


def lines(session: CourseSession) -> list[Line]:
    """Those who belonged to the class at this meeting, by name."""
    marks = (Attendance.presence, Attendance.marked_by_id, Attendance.marked_at)
    query = _people(select(*_PERSON, *marks), session.course_id).outerjoin(
        Attendance, (Attendance.enrollment_id == Enrollment.id) & (Attendance.session_id == session.id)
    )
    rows = db.session.execute(query).all()
    return [
        Line(row.id, _name(row), _code(row), row.presence, row.marked_by_id, row.marked_at)
        for row in rows
        if reading.is_there(session, row.created_at, row.canceled_at)
    ]


def corrections(session_id: int) -> list[tuple[str, str, str, list[str]]]:
    """Who put the sheet of a meeting right, why and how, newest first; as a timeline shows it."""
    query = select(AuditEvent, User).join(User, User.id == AuditEvent.actor_id).options(joinedload(User.person))
    of_meeting = (AuditEvent.subject == "course_session", AuditEvent.subject_id == session_id)
    query = query.where(*of_meeting, AuditEvent.action == CORRECTED).order_by(AuditEvent.id.desc()).limit(10)
    return [_told(event, user) for event, user in db.session.execute(query)]


def _told(event: AuditEvent, user: User) -> tuple[str, str, str, list[str]]:
    many = persian_digits(len(event.detail["changes"]))
    who = user.person.full_name or user.username
    return jalali.at(event.at), f"{who} {many} علامت را تصحیح کرد", event.detail["reason"], []


# -- A class -----------------------------------------------------------------------


def whole(actor: Actor, course_id: int) -> Class:
    """A class with every meeting and member, in four queries.

    Raises:
        NotFound, OutsideTerritory: no class of this actor.
    """
    course = reading.get(actor, course_id)
    rows = db.session.execute(_people(select(*_PERSON), course.id)).all()
    signs: dict[int, dict[int, Presence]] = {row.id: {} for row in rows}
    marks = select(Attendance.enrollment_id, Attendance.session_id, Attendance.presence)
    for enrollment_id, session_id, presence in db.session.execute(marks.where(Attendance.course_id == course.id)):
        signs[enrollment_id][session_id] = presence
    meetings = _meetings(course, rows, signs)
    return Class(course, meetings, [_member(row, signs[row.id]) for row in rows if _belongs(row, signs, meetings)])


def _meetings(course: Course, rows: Sequence[Row[Any]], signs: dict[int, dict[int, Presence]]) -> list[Meeting]:
    terms = [Term(course.id, row.created_at, row.canceled_at) for row in rows]
    query = select(CourseSession).where(CourseSession.course_id == course.id)
    query = query.order_by(CourseSession.on_date, CourseSession.start_time)
    return [
        Meeting(each, course, sum(each.id in of for of in signs.values()), reading.expected(each, terms))
        for each in db.session.scalars(query)
    ]


def _belongs(row: Row[Any], signs: dict[int, dict[int, Presence]], meetings: list[Meeting]) -> bool:
    """Whoever is enrolled, and who has left and was in the class before."""
    there = (reading.is_there(each.session, row.created_at, row.canceled_at) for each in meetings)
    return row.canceled_at is None or bool(signs[row.id]) or any(there)


def _member(row: Row[Any], signs: dict[int, Presence]) -> Member:
    return Member(_name(row), _code(row), row.canceled_at is not None, signs)


# -- Support -----------------------------------------------------------------------

_PERSON = (
    Enrollment.id, Enrollment.created_at, Enrollment.canceled_at, Enrollment.tracking_code, Person.first_name,
    Person.last_name, Person.national_code, Person.foreign_code,
)  # fmt: skip


def _people(query: Select[*tuple[Any, ...]], course_id: int) -> Select[*tuple[Any, ...]]:
    """Everybody who ever enrolled, by name; those without one stand last on both databases."""
    query = query.select_from(Enrollment).join(Person, Person.id == Enrollment.person_id)
    query = query.where(Enrollment.id.in_(reading.ever_enrolled(Enrollment.course_id == course_id)))
    return query.order_by(func.coalesce(Person.name_sort, "~"), Enrollment.id)


def _name(row: Row[Any]) -> str:
    return " ".join(part for part in (row.first_name, row.last_name) if part) or wording.NOBODY


def _code(row: Row[Any]) -> str:
    return people.masked_code(row.national_code or row.foreign_code or "")
