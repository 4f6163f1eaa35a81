"""Rows of files as cases: which wait for a center or a province, which it has decided, and who may decide them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, exists, false, func, or_, select, tuple_
from sqlalchemy import case as case_
from sqlalchemy.orm import contains_eager, joinedload, with_polymorphic

from models import InstructorRecord, RecordEvent, RecordState, Role, Unit, db
from services import access, policy
from services.access import Actor, Level
from services.changes import between
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.instructors import evidence, reading
from services.instructors.labels import LABEL
from services.instructors.values import values_of
from services.instructors.wording import show
from services.text import persian_digits

S = RecordState
PAGE = 25
MOST = 25  # rows together; more of them a person does not look at
WAITS = {Level.CENTER: S.AT_CENTER, Level.PROVINCE: S.AT_PROVINCE}
NO_SUCH = "این ردیف پیدا نشد."
_NO_MANAGER = "ردیف‌های پرونده را در مرکز، مدیر همان مرکز بررسی می‌کند. چیزی ثبت نشد."
_NO_REVIEWER = "ردیف‌های پرونده را در استان، بررس همان استان بررسی می‌کند. چیزی ثبت نشد."
_OWN = "این ردیف را خود شما نوشته‌اید یا بررسی کرده‌اید، یا دربارهٔ خود شماست؛ تصمیم با همکار دیگری است."
_WROTE = ("entered", "corrected", "sent")
Cursor = tuple[datetime, int]


@dataclass(frozen=True)
class Case:
    """A row with the one it would replace, and why this person does not decide it; None when they do.

    Of one that has gone back to its author (`is_hidden`) nothing but that is for others to see.
    """

    record: InstructorRecord
    former: InstructorRecord | None
    waits: bool
    denial: NotAllowed | None
    has_paper: bool
    named: Sequence[Any] = ()  # what the row names, kept in memory for its titles

    @property
    def is_hidden(self) -> bool:
        return self.record.state is S.DRAFT

    @property
    def decides(self) -> bool:
        return self.waits and self.denial is None

    def differences(self) -> list[tuple[str, str, str]]:
        """What a change of a verified row changes: label, before, after."""
        if self.former is None:
            return []
        changes = between(self.former, values_of(self.record))
        return [(LABEL[name], show(name, old), show(name, new)) for name, (old, new) in changes.items()]


@dataclass(frozen=True)
class Page:
    """Some cases, and where the next page begins (None at the end)."""

    rows: Sequence[Case]
    after: Cursor | None


# -- Lists -------------------------------------------------------------------------


def waiting(actor: Actor, after: Cursor | None = None) -> Page:
    """25 of what waits here, those first that were sent the longest ago."""
    query = _reading(actor).where(*_open(actor)).order_by(InstructorRecord.sent_at, InstructorRecord.id)
    if after:
        query = query.where(tuple_(InstructorRecord.sent_at, InstructorRecord.id) > after)
    return _page(actor, query, lambda row: row.sent_at)


def decided(actor: Actor, after: Cursor | None = None) -> Page:
    """25 of what somebody has decided here and is not being written again, the newest first."""
    at = _decided_at(actor)
    query = _reading(actor).where(_here(actor), InstructorRecord.state.not_in((S.DRAFT, WAITS[actor.level])))
    query = query.where(at.is_not(None)).order_by(at.desc(), InstructorRecord.id.desc())
    if after:
        query = query.where(tuple_(at, InstructorRecord.id) < after)
    return _page(actor, query, lambda row: decided_at(actor, row))


def waiting_count(actor: Actor) -> ScalarSelect[int]:
    """How many rows wait here, as a part of another query."""
    return select(func.count()).select_from(InstructorRecord).where(*_open(actor)).scalar_subquery()


def counted(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """The same for a home page, for those who verify."""
    return {"records": waiting_count(actor)} if is_verifier(actor) else {}


def how_many_wait(actor: Actor) -> int:
    return int(db.session.scalar(select(waiting_count(actor))) or 0)


def decided_at(actor: Actor, row: InstructorRecord) -> datetime | None:
    """When a row was decided at the actor's level."""
    return (row.center_at or row.decided_at) if actor.level is Level.CENTER else row.decided_at


# -- Cases -------------------------------------------------------------------------


def is_verifier(actor: Actor) -> bool:
    """Whether this person decides somewhere."""
    return bool(_units(actor) or _provinces(actor))


def require_verifier(actor: Actor) -> None:
    """
    Raises:
        NotAllowed: this person decides nowhere.
    """
    if not is_verifier(actor):
        raise NotAllowed(_NO_MANAGER if actor.level is Level.CENTER else _NO_REVIEWER)


def case(actor: Actor, record_id: int) -> Case:
    """One row as it is now.

    Raises:
        NotFound, OutsideTerritory: there is none, another territory's, or one that nobody has sent.
    """
    return several(actor, [record_id])[0]


def several(actor: Actor, chosen: Collection[int]) -> list[Case]:
    """Rows as they are now, those first that were sent the longest ago.

    Raises:
        NotFound, OutsideTerritory: one of them is not there, another territory's, or was never sent.
        DomainError: they are too many.
    """
    ids = set(chosen)
    if len(ids) > MOST:
        raise DomainError(f"در یک بار تا {persian_digits(MOST)} ردیف انتخاب کنید. چیزی ثبت نشد.")
    query = _reading(actor).where(InstructorRecord.id.in_(ids)).order_by(InstructorRecord.sent_at, InstructorRecord.id)
    found = list(db.session.execute(query.execution_options(populate_existing=True)))
    for row, *_ in found:
        refuse_outside(actor, row)
    if len(found) < len(ids):
        raise NotFound(NO_SUCH)
    return _cases(actor, found)


def refuse_outside(actor: Actor, row: InstructorRecord) -> None:
    """
    Raises:
        OutsideTerritory: the row is not looked at by the actor's units or provinces, or was never sent to them.
    """
    if actor.level is Level.CENTER:
        here = row.unit_id in reading.kept_units(actor)
    else:
        here = actor.level is Level.PROVINCE and row.province_id in actor.provinces
    if not here or (row.state is S.DRAFT and row.sent_at is None):
        raise OutsideTerritory("instructor_record", row.id)


def by_role(actor: Actor, row: InstructorRecord) -> NotAllowed | None:
    """Why this person decides on no row of that unit or province; None when they do."""
    if actor.level is Level.CENTER and row.unit_id not in _units(actor):
        return NotAllowed(_NO_MANAGER)
    if actor.level is Level.PROVINCE and row.province_id not in _provinces(actor):
        return NotAllowed(_NO_REVIEWER)
    return None


# -- Support -----------------------------------------------------------------------


def _reading(actor: Actor) -> Any:
    """Rows of every kind with what is shown of them, whether the actor wrote them, and whether they have a paper."""
    every = with_polymorphic(InstructorRecord, "*")
    wrote = exists().where(RecordEvent.record_id == every.id, RecordEvent.actor_id == actor.user_id)
    query = select(every, wrote.where(RecordEvent.action.in_(_WROTE)), evidence.held_by(every.id))
    query = query.join(every.unit).options(contains_eager(every.unit).joinedload(Unit.province))
    return query.options(joinedload(every.person))


def _open(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return _here(actor), InstructorRecord.state == WAITS[actor.level]


def _here(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.CENTER:
        return InstructorRecord.unit_id.in_(reading.kept_units(actor))
    return InstructorRecord.province_id.in_(actor.provinces) if actor.level is Level.PROVINCE else false()


def _decided_at(actor: Actor) -> Any:
    """SQL: when somebody decided a row at the actor's level; what came with the first data nobody has decided here."""
    by_somebody = InstructorRecord.decided_by_id.is_not(None)
    if actor.level is Level.CENTER:
        decided = case_((by_somebody, InstructorRecord.decided_at))
        return func.coalesce(InstructorRecord.center_at, decided)
    # What its center has rejected never came to the province.
    came = or_(InstructorRecord.center_at.is_not(None), InstructorRecord.state != S.REJECTED)
    return case_((by_somebody & came, InstructorRecord.decided_at))


def _page(actor: Actor, query: Any, moment: Any) -> Page:
    found = list(db.session.execute(query.limit(PAGE + 1)))
    last = found[PAGE - 1][0] if len(found) > PAGE else None
    return Page(_cases(actor, found[:PAGE]), (moment(last), last.id) if last else None)


def _cases(actor: Actor, found: Sequence[Any]) -> list[Case]:
    rows = [row for row, *_ in found]
    formers = _formers(rows)
    named = reading.named([*rows, *formers.values()])
    own = _own(actor, [row for row, wrote, _ in found if wrote or _concerns(actor, row)])
    return [
        Case(
            record=row,
            former=formers.get(row.replaces_id or 0),
            waits=row.state is WAITS[actor.level],
            denial=by_role(actor, row) or (NotAllowed(_OWN) if row.id in own else None),
            has_paper=has_paper,
            named=named,
        )
        for row, _, has_paper in found
    ]


def _formers(rows: Sequence[InstructorRecord]) -> dict[int, InstructorRecord]:
    """The verified rows that these are to replace, by id."""
    ids = {row.replaces_id for row in rows} - {None}
    if not ids:
        return {}
    every = with_polymorphic(InstructorRecord, "*")
    return {row.id: row for row in db.session.scalars(select(every).where(every.id.in_(ids)))}


def _own(actor: Actor, mine: Sequence[InstructorRecord]) -> set[int]:
    """Those of the actor's own rows that somebody else must decide.

    Source: docs/rules.md R-216.
    """
    if actor.level is Level.CENTER:
        shared = access.shared(actor.user_id, {row.unit_id for row in mine}, Role.CLERK, Role.MANAGER)
        mine = [row for row in mine if row.unit_id in shared]
    separated = {where: policy.value_in("separation_of_duties", *where) for where in map(_scope, mine)}
    return {row.id for row in mine if separated[_scope(row)]}


def _scope(row: InstructorRecord) -> tuple[str, str]:
    """By what rules of the unit are found: its kind and province."""
    unit = row.unit
    return unit.kind.value, unit.province.code if unit.province else "*"


def _concerns(actor: Actor, row: InstructorRecord) -> bool:
    """Whether the row is of the actor's own file, or was passed by them on the level below."""
    return row.person_id == actor.person_id or (actor.level is Level.PROVINCE and row.center_by_id == actor.user_id)


def _units(actor: Actor) -> tuple[int, ...]:
    """The units in which this person verifies."""
    return reading.kept_units(actor, Role.MANAGER)


def _provinces(actor: Actor) -> tuple[int, ...]:
    return actor.acting(Role.REVIEWER).provinces if actor.level is Level.PROVINCE else ()
