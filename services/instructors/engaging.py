"""The fields that instructors teach in, the end and return of their employment in a unit, and its history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, tuple_, update
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
from services.sql import add_many, add_many_once
from services.transaction import atomic

MOST_FIELDS = 10
LONGEST_REASON = 300
_NAMED = 5  # courses that a refusal names
_GOES_ON: dict[str, Any] = {"is_active": True, "ended_on": None, "end_reason": None}


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
        return set_fields_each(actor.user_id, {row.id: checked_fields(field_ids)})


def set_fields_each(actor_id: int, wanted: Mapping[int, Collection[int]]) -> bool:
    """The fields of locked rows, by their ids, in a number of statements that does not grow; False when all are so.

    Raises:
        StillTeaching: a course under way is in a field that is to go.
    """
    query = select(InstructorField).where(InstructorField.instructor_id.in_(wanted))
    before: dict[int, set[int]] = {}
    for row in db.session.execute(query.with_only_columns(InstructorField.instructor_id, InstructorField.field_id)):
        before.setdefault(row.instructor_id, set()).add(row.field_id)
    new = {(each, field_id) for each, chosen in wanted.items() for field_id in set(chosen) - before.get(each, set())}
    gone = {(each, field_id) for each, had in before.items() for field_id in had - set(wanted[each])}
    _refuse_taught(gone)
    pair = tuple_(InstructorField.instructor_id, InstructorField.field_id)
    if gone:
        db.session.execute(delete(InstructorField).where(pair.in_(sorted(gone))))
    add_many_once(InstructorField, [{"instructor_id": each, "field_id": field_id} for each, field_id in sorted(new)])
    told = {
        each: {"added": _second(new, each), "removed": _second(gone, each)}
        for each in sorted({each for each, _ in new | gone})
    }
    note_each(actor_id, "fields", "", told)
    return bool(told)


def _second(pairs: Collection[tuple[int, int]], first: int) -> list[int]:
    return sorted(field_id for each, field_id in pairs if each == first)


def _refuse_taught(gone: Collection[tuple[int, int]]) -> None:
    if not gone:
        return
    pair = tuple_(Course.instructor_id, Course.field_id)
    busy = _under_way(pair.in_(sorted(gone)))
    if busy:
        raise StillTeaching("دوره‌ای در جریان با این مربی در رشته‌ای است که برداشته‌اید", busy, field="fields")


def checked_fields(field_ids: Collection[int]) -> list[int]:
    return checked_fields_each({0: field_ids})[0]


def checked_fields_each(chosen: Mapping[int, Collection[int]]) -> dict[int, list[int]]:
    """What was chosen, by whom it is for; all of it in the catalog, and neither nothing nor too much."""
    wanted = {each: sorted(set(field_ids)) for each, field_ids in chosen.items()}
    if not all(1 <= len(field_ids) <= MOST_FIELDS for field_ids in wanted.values()):
        most = text.persian_digits(MOST_FIELDS)
        raise DomainError(f"دست‌کم یک رشته و حداکثر {most} رشته انتخاب کنید", field="fields")
    every = {field_id for field_ids in wanted.values() for field_id in field_ids}
    if len(db.session.scalars(select(TradeField.id).where(TradeField.id.in_(every))).all()) != len(every):
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
    _set(row, **_GOES_ON)


def reopen_each(actor_id: int, ids: Collection[int], why: str) -> None:
    """`reopen` of many locked rows, by their ids."""
    _set_each(ids, **_GOES_ON)
    note_each(actor_id, "returned", why, {each: _today() for each in ids})


def put_aside_each(actor_id: int, ids: Collection[int], why: str) -> None:
    """Locked rows that should not have come are over at once; where they were may be read in their history."""
    _set_each(ids, is_active=False, ended_on=policy.today(), end_reason=why)
    note_each(actor_id, "ended", why, {each: _today() for each in ids})


def _today() -> dict[str, Any]:
    return {"on": policy.today().isoformat()}


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


def note_each(actor_id: int | None, action: str, reason: str, details: Mapping[int, dict[str, Any]]) -> None:
    """The same step of many instructors, by one statement: their ids, each with its details."""
    event = {"action": action, "reason": reason, "actor_id": actor_id}
    add_many(InstructorEvent, [event | {"instructor_id": each, "details": said} for each, said in details.items()])


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
    return _under_way(Course.instructor_id == row.id, where)


def _under_way(*where: Any) -> Sequence[Course]:
    query = select(Course).where(Course.status.in_(UNDER_WAY), *where)
    return db.session.scalars(query.order_by(Course.id).limit(_NAMED)).all()


def _set(row: Instructor, **values: Any) -> None:
    here = (Instructor.id == row.id, Instructor.version == row.version)
    done = update(Instructor).where(*here).values(version=Instructor.version + 1, **values)
    done = done.execution_options(synchronize_session=False).returning(Instructor.id)
    if db.session.scalar(done) is None:
        raise Conflict("همکار دیگری همین حالا این مربی را تغییر داد. صفحه را دوباره باز کنید؛ چیزی ثبت نشد.")
    db.session.refresh(row)


def _set_each(ids: Collection[int], **values: Any) -> None:
    done = update(Instructor).where(Instructor.id.in_(ids)).values(version=Instructor.version + 1, **values)
    db.session.execute(done, execution_options={"synchronize_session": False})
