"""Which groups people have named themselves, and how it stands with each: told by the history of the enrollment.

A claim is looked at where the group spares something: it is free of the fee, has prices of its own, or asks for
evidence. Whom staff enroll has shown the paper at the desk.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from models import (
    Channel,
    Course,
    Enrollment,
    EnrollmentEvent,
    EnrollmentStatus,
    Person,
    Role,
    StoredFile,
    TargetGroup,
    Unit,
    db,
    utcnow,
)
from services import jalali, people, tariffs, territory
from services.access import Actor, Level, Visitor
from services.enrollment import resuming
from services.errors import NotAllowed

PROVED, REFUTED, OWED, PAID = "group_proved", "group_refuted", "group_fee_owed", "group_fee_paid"
WORDS = (PROVED, REFUTED, OWED, PAID)
SUBJECT = "enrollment"
SIZE = 25
LATELY = timedelta(days=400)  # older claims are of courses that are over
NO_SUCH = "این ثبت‌نام پیدا نشد. از فهرست مدرک‌های گروه هدف شروع کنید."


class State(enum.StrEnum):
    WAITING = "waiting"
    HOLDS = "holds"
    REFUTED = "refuted"
    OWED = "owed"
    PAID = "paid"


_STATE = {None: State.WAITING, PROVED: State.HOLDS, REFUTED: State.REFUTED, OWED: State.OWED, PAID: State.PAID}


@dataclass(frozen=True)
class Claim:
    """The group of one enrollment and how it stands; `reason` is what was said last of it."""

    enrollment: Enrollment
    group: TargetGroup
    state: State
    reason: str

    @property
    def name(self) -> str:
        return people.shown_name(self.enrollment.person)

    @property
    def code(self) -> str:
        person = self.enrollment.person
        return people.masked_code(person.national_code or person.foreign_code or "")

    @property
    def rest(self) -> int:
        """What the enrollment would have cost in no group, on the day on which it was made, less what was paid."""
        made, unit = self.enrollment, self.enrollment.course.unit
        day = jalali.tehran_today(made.created_at)
        keys = tariffs.Keys(unit.kind, made.course.delivery, None, tariffs.decile_of(made.person_id, day))
        return max(tariffs.amount_rials(tariffs.ENROLL_CREDIT, keys, day) - made.fee_rials, 0)


def _last(column: Any) -> ScalarSelect[Any]:
    """SQL: the last word about the group of an enrollment."""
    event = select(column).where(EnrollmentEvent.enrollment_id == Enrollment.id, EnrollmentEvent.action.in_(WORDS))
    return event.order_by(EnrollmentEvent.id.desc()).limit(1).correlate(Enrollment).scalar_subquery()


def is_owed() -> ColumnElement[bool]:
    """SQL: an enrollment whose fee is still to be paid, because its group did not hold."""
    return and_(Enrollment.target_group_id.is_not(None), func.coalesce(_last(EnrollmentEvent.action), "") == OWED)


def _is_claim() -> ColumnElement[bool]:
    """SQL: somebody who enrolled themselves says that they are in a group that spares something."""
    priced = TargetGroup.code.in_(tariffs.own_prices())
    spares = or_(TargetGroup.is_fee_exempt, TargetGroup.needs_evidence, priced)
    return and_(Enrollment.channel == Channel.SELF, Enrollment.target_group_id.is_not(None), spares)


def _claims() -> Select[*tuple[Any, ...]]:
    last = (_last(EnrollmentEvent.action).label("word"), _last(EnrollmentEvent.reason).label("reason"))
    query = select(Enrollment, TargetGroup, *last).join(TargetGroup, TargetGroup.id == Enrollment.target_group_id)
    query = query.join(Enrollment.course).options(joinedload(Enrollment.person))
    unit = contains_eager(Enrollment.course).joinedload(Course.unit).joinedload(Unit.province)
    return query.where(_is_claim()).options(unit)


def _as_claim(row: Row[*tuple[Any, ...]]) -> Claim:
    made, group, word, reason = row
    return Claim(made, group, _STATE[word], reason or "")


# -- Of staff ----------------------------------------------------------------------


def reviewer(actor: Actor) -> Actor:
    """The actor where they look at what proves a group.

    Raises:
        NotAllowed: nowhere.
    """
    here = actor.acting(Role.CLERK, Role.MANAGER)
    if actor.level is not Level.CENTER or not here.units:
        raise NotAllowed("مدرک گروه هدف را کارشناس و مدیر مرکز برگزارکننده بررسی می‌کنند.")
    return here


def _standing(here: Actor, state: State) -> tuple[ColumnElement[bool], ...]:
    """SQL: what waits for these people, or is still owed to their units."""
    word = _last(EnrollmentEvent.action)
    wanted = word == OWED if state is State.OWED else word.is_(None)
    active = Enrollment.status == EnrollmentStatus.ACTIVE
    return active, Enrollment.unit_id.in_(here.units), Enrollment.created_at >= utcnow() - LATELY, wanted


def page(actor: Actor, state: State, after: int = 0) -> tuple[list[Claim], int | None]:
    """Claims that wait for a look, or whose fee is owed, oldest first, and where the next page begins; one query.

    Raises:
        NotAllowed: this person looks at none.
    """
    query = _claims().where(*_standing(reviewer(actor), state), Enrollment.id > after).order_by(Enrollment.id)
    rows = db.session.execute(query.limit(SIZE + 1)).all()
    return [_as_claim(row) for row in rows[:SIZE]], rows[SIZE - 1][0].id if len(rows) > SIZE else None


def counted(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """How many wait, as a part of a query of a home page, for those who look at them."""
    here = actor.acting(Role.CLERK, Role.MANAGER)
    query = select(func.count()).select_from(Enrollment)
    query = query.join(TargetGroup, TargetGroup.id == Enrollment.target_group_id).where(_is_claim())
    return {"claims": query.where(*_standing(here, State.WAITING)).scalar_subquery()} if here.units else {}


def of_unit(actor: Actor, enrollment_id: int) -> Claim:
    """One claim that this person may decide on, in whatever state.

    Raises:
        NotAllowed: this person looks at none. NotFound, OutsideTerritory: there is none, or it is another unit's.
    """
    here = reviewer(actor)
    mine = select(Enrollment, Enrollment.unit_id.in_(here.units)).where(Enrollment.id == enrollment_id)
    territory.only(mine, SUBJECT, enrollment_id, NO_SUCH)
    return _one(enrollment_id)


def papers(claim: Claim) -> Sequence[StoredFile]:
    """What was sent to prove the group."""
    return resuming.papers_of(claim.enrollment)


# -- Of the person -----------------------------------------------------------------


def own(person: Person | Visitor, enrollment_id: int) -> Claim:
    """One claim of this person.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is somebody else's.
    """
    mine = select(Enrollment, Enrollment.person_id == person.id).where(Enrollment.id == enrollment_id)
    territory.only(mine, SUBJECT, enrollment_id, "این ثبت‌نام پیدا نشد. از صفحهٔ خود شروع کنید.")
    return _one(enrollment_id)


def of_person(rows: Sequence[Enrollment]) -> dict[int, Claim]:
    """How it stands with the groups of somebody's enrollments, by enrollment; no query where none was named."""
    active = [row for row in rows if row.status is EnrollmentStatus.ACTIVE and row.channel is Channel.SELF]
    ids = [row.id for row in active if row.target_group_id]
    found = db.session.execute(_claims().where(Enrollment.id.in_(ids))) if ids else ()
    return {row[0].id: _as_claim(row) for row in found}


def _one(enrollment_id: int) -> Claim:
    query = _claims().where(Enrollment.id == enrollment_id).execution_options(populate_existing=True)
    row = db.session.execute(query).first()
    if row is None:
        raise NotAllowed("این ثبت‌نام گروه هدفی ندارد که بررسی شود.")
    return _as_claim(row)
