"""Who is enrolled in one course, for its center: a list in the order of enrolling, with what is still missing."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, func, or_, select

from models import Course, EndCause, Enrollment, EnrollmentStatus, IdentityStatus, Message, MessageState, Person, db
from services import courses, labels, people
from services.access import Actor
from services.enrollment import leaving

SIZE = 25
# What the list may be narrowed to: key and label.
VIEWS = (("", "همه"), ("nameless", "بدون نام"), ("unsent", "پیامک نرفته"), ("canceled", "لغوشده"))
IDENTITY = {
    IdentityStatus.VERIFIED: ("قطعی", "ok"),
    IdentityStatus.DISCREPANCY: ("مغایرت نام", "warn"),
    IdentityStatus.PENDING: ("در انتظار تأیید نام", ""),
    IdentityStatus.FOREIGN_MANUAL: ("اتباع خارجی", ""),
}


@dataclass(frozen=True)
class Line:
    """One enrollment in the list; `message` is the state of its newest SMS, with the reason why it has not gone."""

    enrollment_id: int
    tracking_code: str
    name: str | None
    code: str
    status: tuple[str, str]
    mobile: str
    message: tuple[str, str]


@dataclass(frozen=True)
class Roster:
    """One page; `counts` has the number of every view, `after` the id where the next page begins or None."""

    course: Course
    lines: list[Line]
    counts: dict[str, int]
    after: int | None


def roster(actor: Actor, course_id: int, view: str = "", after: int = 0) -> Roster:
    """A page of the enrollments of a course in the actor's territory, in three queries.

    Raises:
        NotFound, OutsideTerritory: no such course, or not for this actor.
    """
    course = courses.get(actor, course_id)
    query = _enrollments(course_id, view).where(Enrollment.id > after).order_by(Enrollment.id).limit(SIZE + 1)
    rows = db.session.execute(query).all()
    counted = db.session.execute(select(*(_number(course_id, name).label(f"n_{name}") for name, _ in VIEWS))).one()
    counts = {name: getattr(counted, f"n_{name}") for name, _ in VIEWS}
    return Roster(course, [_line(row) for row in rows[:SIZE]], counts, rows[SIZE - 1].id if len(rows) > SIZE else None)


def _enrollments(course_id: int, view: str) -> Select[*tuple[Any, ...]]:
    columns = (Enrollment.id, Enrollment.tracking_code, Enrollment.status, Enrollment.end_cause)
    person = (Person.national_code, Person.foreign_code, Person.first_name, Person.last_name)
    known = (Person.identity_status, Person.mobile_status, Message.state, Message.suppressed_reason)
    return _joined(select(*columns, *person, *known)).where(*_where(course_id, view))


def _number(course_id: int, view: str) -> ScalarSelect[int]:
    some = _joined(select(Enrollment.id)).where(*_where(course_id, view)).limit(1000).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """With the person and the newest message of each enrollment."""
    newest = select(func.max(Message.id)).where(Message.enrollment_id == Enrollment.id).correlate(Enrollment)
    query = query.select_from(Enrollment).join(Person, Person.id == Enrollment.person_id)
    return query.outerjoin(Message, Message.id == newest.scalar_subquery())


def _where(course_id: int, view: str) -> tuple[ColumnElement[bool], ...]:
    status = EnrollmentStatus.CANCELED if view == "canceled" else EnrollmentStatus.ACTIVE
    here = (Enrollment.course_id == course_id, Enrollment.status == status)
    if view == "nameless":
        return (*here, and_(Person.first_name.is_(None), Person.last_name.is_(None)))
    if view == "unsent":
        gone = Message.state.in_((MessageState.SENT, MessageState.DELIVERED))
        return (*here, or_(Message.state.is_(None), ~gone))
    return here


def _line(row: Row[Any]) -> Line:
    is_canceled = row.status is EnrollmentStatus.CANCELED
    return Line(
        enrollment_id=row.id,
        tracking_code=row.tracking_code,
        name=" ".join(part for part in (row.first_name, row.last_name) if part) or None,
        code=people.masked_code(row.national_code or row.foreign_code or ""),
        status=(_ended(row.end_cause), "bad") if is_canceled else IDENTITY[row.identity_status],
        mobile=labels.MOBILE_STATUS[row.mobile_status],
        message=_message(row.state, row.suppressed_reason),
    )


def _ended(cause: EndCause | None) -> str:
    return leaving.ENDED[cause][1] if cause else "لغوشده"


def _message(state: MessageState | None, reason: str | None) -> tuple[str, str]:
    if state is None:
        return "پیامکی نیست", ""
    return labels.MESSAGE_STATE[state], labels.SUPPRESSED_REASON.get(reason or "", "")
