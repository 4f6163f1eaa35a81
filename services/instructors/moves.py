"""Moves of an instructor to another unit of the province: asked for by one side, decided by the other or above."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.orm import joinedload

from models import (
    Instructor,
    InstructorField,
    InstructorMove,
    InstructorMoveState,
    InstructorRecord,
    RecordEvent,
    RecordState,
    Role,
    Unit,
    db,
    utcnow,
)
from services import jalali, policy, submissions, territory
from services.access import Actor, Level
from services.errors import Conflict, DomainError, NotAllowed
from services.instructors import engaging, reading
from services.instructors.engaging import Made
from services.instructors.labels import MOVE_STATE
from services.sql import add_once
from services.transaction import atomic

S = InstructorMoveState
PAGE = 25
NO_SUCH = "این جابه‌جایی پیدا نشد."
NOT_YOURS = "دربارهٔ این جابه‌جایی مدیر واحد مقصد یا بررس استان پاسخ می‌دهد. چیزی ثبت نشد."
WAITING_ROWS = (RecordState.DRAFT, RecordState.AT_CENTER, RecordState.AT_PROVINCE, RecordState.REJECTED)


@dataclass(frozen=True)
class Wish:
    """Where to, from which day on, and why."""

    to_unit_id: int
    on_date: date
    reason: str


def ask(actor: Actor, form_key: str, instructor_id: int, wish: Wish) -> Made:
    """Ask for a move; it waits for the other unit or the province. The same form sent again finds the first one.

    Source: docs/rules.md R-204.
    Raises:
        NotAllowed: not the actor's instructor.
        Conflict: a move of this instructor waits already.
        DomainError: what is wrong with which field.
    """
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Made(submissions.id_of(earlier, "instructor_move"), repeated=True)
        row = reading.changeable(actor, instructor_id)
        if row.ended_on is not None:
            raise DomainError("همکاری این مربی پایان یافته است یا روز پایان دارد. چیزی ثبت نشد.")
        _check_target(row, wish.to_unit_id)
        _check_day(row, wish.on_date)
        why = engaging.said_reason(wish.reason)
        units = {"from_unit_id": row.unit_id, "to_unit_id": wish.to_unit_id, "province_id": row.province_id}
        said = {"on_date": wish.on_date, "reason": why, "asked_by_id": actor.user_id, "state": S.WAITING}
        move_id = add_once(InstructorMove, instructor_id=row.id, **units, **said, created_at=utcnow())
        if move_id is None:
            raise Conflict("جابه‌جایی دیگری برای این مربی در انتظار پاسخ است. چیزی دوباره ثبت نشد.")
        engaging.note(actor.user_id, row, "move_asked", why, to=wish.to_unit_id, on=wish.on_date.isoformat())
        submissions.finish(form_key, f"instructor_move:{move_id}")
        return Made(move_id, repeated=False)


def accept(actor: Actor, move_id: int) -> Instructor:
    """End the old row the day before and begin the new one, which this answers.

    Raises:
        NotAllowed: it is not the actor's to decide.
        Conflict: somebody was faster.
        StillTeaching: courses under way go on after the day of the move.
    """
    with atomic():
        move = get(actor, move_id)
        _refuse_others(actor, move)
        if not _turned(move, S.ACCEPTED, actor, None):  # the move first: whoever answers it too waits here
            raise late(move)
        old = db.session.get_one(Instructor, move.instructor_id)
        engaging.lock(old)
        _check_target(old, move.to_unit_id)
        if old.ended_on is not None:
            raise DomainError("همکاری این مربی در این میان پایان یافته است. درخواست را رد کنید.")
        engaging.close(old, move.on_date - timedelta(days=1), move.reason)
        engaging.note(actor.user_id, old, "moved_out", move.reason, to=move.to_unit_id, on=move.on_date.isoformat())
        new = _begun(old, move)
        engaging.note(actor.user_id, new, "moved_in", "", **{"from": old.unit_id}, on=move.on_date.isoformat())
        _reroute(actor, old, new)
        return new


def refuse(actor: Actor, move_id: int, reason: str) -> InstructorMove:
    """Say no to a move, with a reason.

    Raises:
        NotAllowed: it is not the actor's to decide.
        Conflict: somebody was faster.
        DomainError: no reason.
    """
    with atomic():
        move = get(actor, move_id)
        _refuse_others(actor, move)
        why = engaging.said_reason(reason)
        if not _turned(move, S.REFUSED, actor, why):
            raise late(move)
        engaging.note(actor.user_id, move.instructor, "move_refused", why)
        return get(actor, move_id)


def withdraw(actor: Actor, move_id: int) -> bool:
    """Take a waiting move back, by the unit that asked; False when it was taken back already.

    Raises:
        NotAllowed: another unit's request.
        Conflict: somebody has decided already.
    """
    with atomic():
        move = get(actor, move_id)
        if move.from_unit_id not in reading.kept_units(actor):
            raise NotAllowed(reading.NOT_KEPT)
        if move.state is S.WITHDRAWN:
            return False
        if not _turned(move, S.WITHDRAWN, actor, None):
            raise late(move)
        engaging.note(actor.user_id, move.instructor, "move_withdrawn")
        return True


# -- Reading -----------------------------------------------------------------------


def get(actor: Actor, move_id: int) -> InstructorMove:
    """A move from or to the actor's territory, as it is now.

    Raises:
        NotFound, OutsideTerritory: no such move, or between others.
    """
    query = select(InstructorMove, visible_to(actor)).where(InstructorMove.id == move_id).options(*_whole())
    return territory.only(query, "instructor_move", move_id, NO_SUCH)


def listing(actor: Actor, tab: str, before: int | None = None) -> tuple[Sequence[InstructorMove], int | None]:
    """25 moves of the territory, newest first: "waiting" ones or all; and the id before which the next page begins."""
    reading.may_look(actor)
    query = select(InstructorMove).where(visible_to(actor)).options(*_whole())
    if tab == "waiting":
        query = query.where(InstructorMove.state == S.WAITING)
    if before:
        query = query.where(InstructorMove.id < before)
    found = db.session.scalars(query.order_by(InstructorMove.id.desc()).limit(PAGE + 1)).all()
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def waiting_for(actor: Actor) -> int:
    """How many moves wait for this person's answer."""
    mine = InstructorMove.to_unit_id.in_(reading.kept_units(actor, Role.MANAGER))
    query = select(InstructorMove.id).where(InstructorMove.state == S.WAITING, mine)
    return len(db.session.scalars(query.limit(100)).all())


def waiting_of(instructor_id: int) -> InstructorMove | None:
    """The move of an instructor that waits for an answer."""
    mine = (InstructorMove.instructor_id == instructor_id, InstructorMove.state == S.WAITING)
    return db.session.scalar(select(InstructorMove).where(*mine).options(joinedload(InstructorMove.to_unit)))


def targets(row: Instructor) -> Sequence[Unit]:
    """The other centers and academies of the province, by title."""
    query = select(Unit).where(Unit.province_id == row.province_id, Unit.kind.in_(reading.HAVE_INSTRUCTORS))
    query = query.where(Unit.is_active, Unit.id != row.unit_id)
    return db.session.scalars(query.order_by(Unit.title_sort)).all()


def may_decide(actor: Actor, move: InstructorMove) -> bool:
    """Whether the actor answers this move: a manager of the unit it goes to, or a reviewer of the province."""
    if actor.level is Level.PROVINCE:
        return actor.acting(Role.REVIEWER).covers(move.to_unit_id, move.province_id)
    return move.to_unit_id in reading.kept_units(actor, Role.MANAGER)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL: one side of the move lies in the territory."""
    if actor.level is Level.HQ:
        return true()
    if actor.level is Level.PROVINCE:
        return InstructorMove.province_id.in_(actor.provinces)
    kept = reading.kept_units(actor)
    return or_(InstructorMove.from_unit_id.in_(kept), InstructorMove.to_unit_id.in_(kept))


# -- Support -----------------------------------------------------------------------


def _whole() -> tuple[Any, ...]:
    units = (joinedload(InstructorMove.from_unit), joinedload(InstructorMove.to_unit))
    return (joinedload(InstructorMove.instructor).joinedload(Instructor.person), *units)


def _check_target(row: Instructor, unit_id: int) -> None:
    unit = db.session.get(Unit, unit_id)
    right = unit is not None and unit.is_active and unit.kind in reading.HAVE_INSTRUCTORS
    if unit is None or not right or unit.province_id != row.province_id or unit.id == row.unit_id:
        raise DomainError("واحد مقصد را از فهرست انتخاب کنید", field="to_unit")


def _check_day(row: Instructor, day: date) -> None:
    if row.started_on and day <= row.started_on:
        raise DomainError("روز جابه‌جایی پس از روز آغاز همکاری در این واحد است", field="on_date")
    if abs((day - policy.today()).days) > 92:
        raise DomainError("روز جابه‌جایی حداکثر سه ماه پیش یا پس از امروز است", field="on_date")


def _refuse_others(actor: Actor, move: InstructorMove) -> None:
    if not may_decide(actor, move):
        raise NotAllowed(NOT_YOURS)


def _turned(move: InstructorMove, state: InstructorMoveState, actor: Actor, why: str | None) -> bool:
    """Whether the move was waiting and is decided now."""
    said = {"state": state, "decision": why, "decided_by_id": actor.user_id, "decided_at": utcnow()}
    turn = update(InstructorMove).where(InstructorMove.id == move.id, InstructorMove.state == S.WAITING).values(said)
    options = {"synchronize_session": False}
    return db.session.scalar(turn.returning(InstructorMove.id), execution_options=options) is not None


def late(move: InstructorMove) -> Conflict:
    """Somebody was faster: what has become of the move."""
    db.session.refresh(move)
    when = f"ساعت {jalali.clock(jalali.tehran(move.decided_at).time())} " if move.decided_at else ""
    return Conflict(f"همکار دیگری زودتر رسید: این جابه‌جایی {when}{MOVE_STATE[move.state][0]}. چیزی دوباره ثبت نشد.")


def _begun(old: Instructor, move: InstructorMove) -> Instructor:
    """The row in the other unit; who was there before takes up the row of before. The fields come along."""
    unit = db.session.get_one(Unit, move.to_unit_id)
    where = {"person_id": old.person_id, "unit_id": unit.id}
    days: dict[str, Any] = {"is_active": True, "started_on": move.on_date, "ended_on": None, "end_reason": None}
    new_id = add_once(Instructor, **where, province_id=unit.province_id, **days)
    if new_id is None:
        new = db.session.scalars(select(Instructor).filter_by(**where)).one()
        engaging.lock(new)
        engaging.reopen(new)
    else:
        new = db.session.get_one(Instructor, new_id)
    for field in engaging.fields_of(old.id):
        add_once(InstructorField, instructor_id=new.id, field_id=field.id)
    return new


def _reroute(actor: Actor, old: Instructor, new: Instructor) -> None:
    """Rows that wait for the center of before wait for the new one; what a row of the file says does not change."""
    waiting = (InstructorRecord.person_id == old.person_id, InstructorRecord.unit_id == old.unit_id)
    ids = select(InstructorRecord.id).where(*waiting, InstructorRecord.state.in_(WAITING_ROWS))
    for record_id in db.session.scalars(ids).all():
        there = {"unit_id": new.unit_id, "province_id": new.province_id}
        moved = update(InstructorRecord).where(InstructorRecord.id == record_id)
        moved = moved.values(**there, version=InstructorRecord.version + 1)
        db.session.execute(moved, execution_options={"synchronize_session": False})
        step = {"action": "rerouted", "level": actor.level.value, "actor_id": actor.user_id}
        db.session.add(RecordEvent(record_id=record_id, **step))
