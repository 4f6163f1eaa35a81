"""Objections of owners to debits: who reads them, and who answers.

Source: docs/rules.md R-465.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, false, func, select, true, update
from sqlalchemy.orm import aliased

from models import (
    Course,
    DebitObjection,
    Enrollment,
    ObjectionState,
    Person,
    Role,
    Unit,
    User,
    db,
    utcnow,
)
from models import LedgerTransfer as L
from services import audit, deciding, jalali, messages, text
from services.access import Actor, Level
from services.enrollment import reversal
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.purses.objecting import LONGEST, SUBJECT
from services.transaction import atomic, retried

SIZE = 25
_UNKNOWN = "این اعتراض پیدا نشد. از فهرست اعتراض‌ها شروع کنید."
_WHO = {Level.CENTER: Role.MANAGER, Level.PROVINCE: Role.REVIEWER}


# -- Who answers -------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """An objection with all that is known of the debit; `why_not` is why this person does not answer it, or empty."""

    row: Row[Any]
    why_not: str

    @property
    def is_open(self) -> bool:
        return self.row.DebitObjection.state is ObjectionState.OPEN


def sees(actor: Actor) -> bool:
    """Whether this person reads objections at all: managers of a unit, and the province."""
    return actor.level is Level.PROVINCE or (actor.level is Level.CENTER and actor.has(Role.MANAGER))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL: the objections of a manager's own units, of a province; needs the unit joined."""
    if actor.level is Level.CENTER:
        return DebitObjection.unit_id.in_(actor.acting(Role.MANAGER).units)
    return Unit.province_id.in_(actor.provinces) if actor.level is Level.PROVINCE else false()


def open_count(actor: Actor) -> int:
    """How many wait for an answer in the territory."""
    return db.session.scalar(select(counted(actor)["objections"])) or 0 if sees(actor) else 0


def counted(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """How many wait, as a part of a query of a home page."""
    query = select(func.count()).select_from(DebitObjection).join(Unit, Unit.id == DebitObjection.unit_id)
    return {"objections": query.where(DebitObjection.state == ObjectionState.OPEN, visible_to(actor)).scalar_subquery()}


def listing(actor: Actor, *, answered: bool, before: int | None = None) -> tuple[Sequence[Row[Any]], int | None]:
    """A page of what waits, oldest first, or of what was answered, newest first; and the id where the next goes on.

    Raises:
        NotAllowed: objections are for managers and the province.
    """
    _require(actor)
    key, is_open = DebitObjection.id, DebitObjection.state == ObjectionState.OPEN
    query = _told().where(visible_to(actor), ~is_open if answered else is_open)
    if before:
        query = query.where(key < before if answered else key > before)
    rows = db.session.execute(query.order_by(key.desc() if answered else key).limit(SIZE + 1)).all()
    return rows[:SIZE], rows[SIZE - 1].DebitObjection.id if len(rows) > SIZE else None


def get(actor: Actor, objection_id: int) -> Case:
    """One objection in the territory.

    Raises:
        NotAllowed: as `listing`. NotFound, OutsideTerritory: there is none, or it is another unit's.
    """
    _require(actor)
    query = _told().add_columns(and_(true(), visible_to(actor)).label("is_seen"))
    row = db.session.execute(
        query.where(DebitObjection.id == objection_id).execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(_UNKNOWN)
    if not row.is_seen:
        raise OutsideTerritory(SUBJECT, objection_id)
    return Case(row, _why_not(actor, row))


def require_answer(actor: Actor, objection_id: int) -> Case:
    """`get`, for whoever answers it.

    Raises:
        NotAllowed: it waits for somebody else's answer.
    """
    case = get(actor, objection_id)
    if case.is_open and case.why_not:
        raise NotAllowed(f"{case.why_not} چیزی تغییر نکرد.")
    return case


def _require(actor: Actor) -> None:
    if not sees(actor):
        raise NotAllowed("اعتراض‌ها را مدیر واحد می‌بیند و پاسخ می‌دهد.")


def _why_not(actor: Actor, row: Row[Any]) -> str:
    role = _WHO[actor.level]
    if not actor.acting(role).covers(row.DebitObjection.unit_id, row.province_id):
        return "پاسخ با مدیر واحد یا بررس استان است."
    if row.actor_id == actor.user_id:
        return "این کسر را خود شما انجام داده‌اید؛ پاسخ با مدیر دیگر واحد یا بررس استان است."
    if actor.standing_in(row.DebitObjection.unit_id, row.province_id, role) == row.actor_id and row.actor_id:
        return "این کسر را کسی انجام داده است که شما جانشین او هستید؛ پاسخ با همکار دیگری است."
    return ""


_CLERK = aliased(Person)
_JUDGE, _JUDGE_USER = aliased(Person), aliased(User)


def _told() -> Select[*tuple[Any, ...]]:
    """An objection with the debit, the enrollment, its person, who debited and who answered."""
    debit_ = (L.amount, L.at.label("debited_at"), L.actor_id, Enrollment.id.label("enrollment_id"))
    what = (Enrollment.tracking_code, Enrollment.status, Course.title.label("course"), Unit.title.label("unit"))
    names = (
        Person.first_name,
        Person.last_name,
        _CLERK.first_name.label("by_first"),
        _CLERK.last_name.label("by_last"),
    )
    judge = (_JUDGE.first_name.label("judge_first"), _JUDGE.last_name.label("judge_last"))
    query = select(DebitObjection, *debit_, *what, *names, *judge, Unit.province_id, User.username)
    query = query.join(L, L.id == DebitObjection.transfer_id).join(Enrollment, Enrollment.id == L.enrollment_id)
    query = query.join(Course, Course.id == Enrollment.course_id).join(Unit, Unit.id == DebitObjection.unit_id)
    query = query.join(Person, Person.id == DebitObjection.person_id)
    query = query.outerjoin(User, User.id == L.actor_id).outerjoin(_CLERK, _CLERK.id == User.person_id)
    query = query.outerjoin(_JUDGE_USER, _JUDGE_USER.id == DebitObjection.answered_by_id)
    return query.outerjoin(_JUDGE, _JUDGE.id == _JUDGE_USER.person_id)


# -- The answer --------------------------------------------------------------------


@retried
def answer(actor: Actor, objection_id: int, *, accepts: bool, words: str) -> deciding.Decided[ObjectionState]:
    """Accept, and so take the enrollment back with its credit, or decline with a reason.

    Raises:
        NotFound, OutsideTerritory, NotAllowed: as `get`, or not this person's to answer.
        DomainError: declined without a reason. Conflict: somebody was faster, with another answer.
    """
    said = text.clean(words)[:LONGEST]
    if not accepts and not said:
        raise DomainError("دلیل نپذیرفتن را بنویسید؛ همین دلیل برای کارآموز پیامک می‌شود", field="answer")
    state = ObjectionState.ACCEPTED if accepts else ObjectionState.DECLINED
    said = said or "پذیرفته شد."
    with atomic():
        case = require_answer(actor, objection_id)
        if not _settle(actor, objection_id, state, said):
            return deciding.Decided(state, repeated=_same(actor, get(actor, objection_id), state, said))
        audit.record(f"objection_{state}", SUBJECT, objection_id, actor_id=actor.user_id)
        if accepts:
            reversal.accept_objection(actor.user_id, case.row.enrollment_id)
        else:
            _tell(case.row, said)
    return deciding.Decided(state, repeated=False)


def _settle(actor: Actor, objection_id: int, state: ObjectionState, said: str) -> bool:
    waiting = (DebitObjection.id == objection_id, DebitObjection.state == ObjectionState.OPEN)
    values = {"state": state, "answer": said, "answered_by_id": actor.user_id, "answered_at": utcnow()}
    settled = update(DebitObjection).where(*waiting).values(**values, version=DebitObjection.version + 1)
    settled = settled.returning(DebitObjection.id).execution_options(synchronize_session=False)
    return db.session.scalar(settled) is not None


def _same(actor: Actor, case: Case, state: ObjectionState, said: str) -> bool:
    row = case.row.DebitObjection
    if (row.answered_by_id, row.state, row.answer) == (actor.user_id, state, said):
        return True
    who = "خود شما" if row.answered_by_id == actor.user_id else judge(case.row)
    did = "پذیرفت" if row.state is ObjectionState.ACCEPTED else "نپذیرفت"
    at = jalali.at(row.answered_at) if row.answered_at else ""
    raise Conflict(f"{who} این اعتراض را {at} {did}{'ید' if who == 'خود شما' else ''}. پاسخ شما ثبت نشد.")


def judge(row: Row[Any]) -> str:
    """Who answered."""
    return " ".join(part for part in (row.judge_first, row.judge_last) if part) or "همکار شما"


def _tell(row: Row[Any], said: str) -> None:
    amount = text.rial(row.amount)
    body = f"به اعتراض شما دربارهٔ کسر {amount} برای دورهٔ «{row.course}» پاسخ داده شد: پذیرفته نشد. {said}"
    key = f"objection:{row.DebitObjection.id}:declined"
    messages.tell(row.DebitObjection.person_id, "objection", body, cause_key=key, enrollment_id=row.enrollment_id)
