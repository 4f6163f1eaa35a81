"""The fields that instructors teach in, the end and return of their employment in a unit, and its history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from models import (
    UNDER_WAY,
    Course,
    Instructor,
    InstructorEvent,
    InstructorField,
    InstructorMove,
    InstructorMoveState,
    TradeField,
    User,
    db,
)
from services import jalali, policy, text
from services.access import Actor
from services.errors import Conflict, DomainError
from services.instructors import reading
from services.instructors.labels import INSTRUCTOR_DID
from services.sql import add_once
from services.transaction import atomic

MOST_FIELDS = 10
LONGEST_REASON = 300
_NAMED = 5  # courses that a refusal names


@dataclass(frozen=True)
class Made:
    """The id of what a form has made, and whether the same form had made it before."""

    id: int
    repeated: bool


class StillTeaching(DomainError):
    """Courses under way go on after the last day; `courses` are the first of them."""

    def __init__(self, message: str, courses: Sequence[Course], *, field: str) -> None:
        super().__init__(message, field=field)
        self.courses = courses


# -- Fields ------------------------------------------------------------------------


def fields_of(instructor_id: int) -> Sequence[TradeField]:
    """The fields in which an instructor teaches, by title."""
    query = select(TradeField).join(InstructorField, InstructorField.field_id == TradeField.id)
    return db.session.scalars(
        query.where(InstructorField.instructor_id == instructor_id).order_by(TradeField.title_sort)
    ).all()


def titles_of(ids: Collection[int]) -> dict[int, str]:
    """The titles of the fields of several instructors, by instructor; one query."""
    query = select(InstructorField.instructor_id, TradeField.title)
    query = query.join(TradeField, TradeField.id == InstructorField.field_id).order_by(TradeField.title_sort)
    found: dict[int, list[str]] = {}
    for instructor_id, title in db.session.execute(query.where(InstructorField.instructor_id.in_(ids))):
        found.setdefault(instructor_id, []).append(title)
    return {instructor_id: "، ".join(titles) for instructor_id, titles in found.items()}


def set_fields(actor: Actor, instructor_id: int, field_ids: Collection[int]) -> bool:
    """The fields in which an instructor teaches from now on; False when they are these already.

    Source: docs/rules.md R-202.
    Raises:
        NotAllowed: not the actor's instructor.
        StillTeaching: a course under way is in a field that is to go.
    """
    with atomic():
        row = reading.changeable(actor, instructor_id)
        lock(row)
        wanted, before = set(checked_fields(field_ids)), {field.id for field in fields_of(row.id)}
        if wanted == before:
            return False
        gone = before - wanted
        busy = _teaching(row, Course.field_id.in_(gone)) if gone else []
        if busy:
            raise StillTeaching("دوره‌ای در جریان با این مربی در رشته‌ای است که برداشته‌اید", busy, field="fields")
        of_it = InstructorField.instructor_id == row.id
        db.session.execute(delete(InstructorField).where(of_it, InstructorField.field_id.in_(gone)))
        for field_id in sorted(wanted - before):
            add_once(InstructorField, instructor_id=row.id, field_id=field_id)
        note(actor.user_id, row, "fields", added=sorted(wanted - before), removed=sorted(gone))
        return True


def checked_fields(field_ids: Collection[int]) -> list[int]:
    wanted = sorted(set(field_ids))
    if not wanted or len(wanted) > MOST_FIELDS:
        most = text.persian_digits(MOST_FIELDS)
        raise DomainError(f"دست‌کم یک رشته و حداکثر {most} رشته انتخاب کنید", field="fields")
    found = db.session.scalars(select(TradeField.id).where(TradeField.id.in_(wanted))).all()
    if len(found) != len(wanted):
        raise DomainError("رشته‌ها را از فهرست انتخاب کنید", field="fields")
    return wanted


# -- The end and the return --------------------------------------------------------


def end(actor: Actor, instructor_id: int, last_day: date, reason: str) -> bool:
    """End an employment in a unit with a last day, which may be ahead; False when it ended that day already.

    Source: docs/rules.md R-203.
    Raises:
        NotAllowed: not the actor's instructor.
        StillTeaching: courses under way go on after that day.
        DomainError: no reason, or no possible day.
    """
    with atomic():
        row = reading.changeable(actor, instructor_id)
        lock(row)
        if row.ended_on == last_day:
            return False
        why = said_reason(reason)
        _check_last_day(row, last_day)
        _refuse_waiting_move(row)
        close(row, last_day, why)
        note(actor.user_id, row, "ended", why, on=last_day.isoformat())
        return True


def bring_back(actor: Actor, instructor_id: int) -> bool:
    """An instructor whose employment has ended, or will end, goes on in the unit; False when nothing had ended."""
    with atomic():
        row = reading.changeable(actor, instructor_id)
        lock(row)
        if row.ended_on is None:
            return False
        reopen(row)
        note(actor.user_id, row, "returned", on=policy.today().isoformat())
        return True


def close(row: Instructor, last_day: date, why: str) -> None:
    """End a locked row on a day; what is ahead of today ends by the clock.

    Raises:
        StillTeaching: courses under way go on after that day.
    """
    busy = _teaching(row, Course.end_on > last_day)
    if busy:
        sentence = "دوره‌هایی با این مربی پس از آن روز ادامه دارند. مربی آن دوره‌ها را عوض کنید یا روز دیرتری بنویسید"
        raise StillTeaching(sentence, busy, field="last_day")
    still = last_day >= policy.today()
    _set(row, is_active=still, ended_on=last_day, end_reason=why)


def reopen(row: Instructor) -> None:
    """A locked row goes on; the day on which it began stays, because courses of before point at it."""
    _set(row, is_active=True, ended_on=None, end_reason=None)


def put_aside(row: Instructor, why: str) -> None:
    """A locked row that should not have come is over at once; where it was may be read in its history."""
    _set(row, is_active=False, ended_on=policy.today(), end_reason=why)


def close_ended(now: datetime) -> int:
    """Switch off those whose last day is over; returns how many. May run any number of times."""
    over = (Instructor.is_active, Instructor.ended_on < policy.today(now))
    with atomic():
        turned = update(Instructor).where(*over).values(is_active=False, version=Instructor.version + 1)
        ids = db.session.scalars(turned.returning(Instructor.id), execution_options={"synchronize_session": False})
        gone = list(ids)
        for instructor_id in gone:
            db.session.add(InstructorEvent(instructor_id=instructor_id, action="closed"))
    return len(gone)


# -- Events ------------------------------------------------------------------------


def note(actor_id: int | None, row: Instructor, action: str, reason: str = "", **details: Any) -> None:
    """One step in the history of an instructor; `details` are ids and days only."""
    event = {"action": action, "reason": reason, "details": details, "actor_id": actor_id}
    db.session.add(InstructorEvent(instructor_id=row.id, **event))


@dataclass(frozen=True)
class Told:
    """One step in words."""

    at: str
    what: str
    note: str


def history(instructor_id: int, limit: int = 20) -> list[Told]:
    """What happened to an instructor in a unit, newest first."""
    query = select(InstructorEvent, User).outerjoin(User, User.id == InstructorEvent.actor_id)
    query = query.options(joinedload(User.person)).where(InstructorEvent.instructor_id == instructor_id)
    rows = db.session.execute(query.order_by(InstructorEvent.id.desc()).limit(limit))
    return [_told(event, user) for event, user in rows]


def _told(event: InstructorEvent, user: User | None) -> Told:
    who = (user.person.full_name or user.username) if user else "سامانه"
    day = event.details.get("on")
    when = f" ({jalali.day_month_year(date.fromisoformat(day))})" if day else ""
    return Told(jalali.at(event.at), f"{who} {INSTRUCTOR_DID.get(event.action, event.action)}{when}", event.reason)


# -- Support -----------------------------------------------------------------------


def said_reason(reason: str, field: str = "reason") -> str:
    """A reason, clean.

    Raises:
        DomainError: there is none, or it is too long.
    """
    why = text.clean(reason)
    if not why or len(why) > LONGEST_REASON:
        most = text.persian_digits(LONGEST_REASON)
        raise DomainError(f"دلیل را تا {most} نویسه بنویسید" if why else "دلیل را بنویسید", field=field)
    return why


def _check_last_day(row: Instructor, last_day: date) -> None:
    if row.started_on and last_day < row.started_on:
        raise DomainError("روز پایان پیش از روز آغاز همکاری است", field="last_day")
    if (last_day - policy.today()).days > 366:
        raise DomainError("روز پایان حداکثر یک سال پس از امروز است", field="last_day")


def _refuse_waiting_move(row: Instructor) -> None:
    waiting = (InstructorMove.instructor_id == row.id, InstructorMove.state == InstructorMoveState.WAITING)
    if db.session.scalar(select(InstructorMove.id).where(*waiting)):
        raise DomainError("جابه‌جایی این مربی در انتظار پاسخ است؛ نخست آن را پس بگیرید", field="reason")


def lock(row: Instructor) -> None:
    """Nobody sends a course with this instructor, or changes the row, before our transaction ends."""
    query = select(Instructor).where(Instructor.id == row.id).with_for_update(of=Instructor, key_share=True)
    db.session.scalars(query.execution_options(populate_existing=True)).one()


def _teaching(row: Instructor, where: Any) -> Sequence[Course]:
    """The first courses under way that this row teaches and of which `where` is true."""
    query = select(Course).where(Course.instructor_id == row.id, Course.status.in_(UNDER_WAY), where)
    return db.session.scalars(query.order_by(Course.id).limit(_NAMED)).all()


def _set(row: Instructor, **values: Any) -> None:
    here = (Instructor.id == row.id, Instructor.version == row.version)
    done = update(Instructor).where(*here).values(version=Instructor.version + 1, **values)
    done = done.execution_options(synchronize_session=False).returning(Instructor.id)
    if db.session.scalar(done) is None:
        raise Conflict("همکار دیگری همین حالا این مربی را تغییر داد. صفحه را دوباره باز کنید؛ چیزی ثبت نشد.")
    db.session.refresh(row)
