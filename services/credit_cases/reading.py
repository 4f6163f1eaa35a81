"""Which cases there are for whom, and one of them with what keeps it from being decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import joinedload

from models import (
    AuditEvent,
    CreditCase,
    CreditCaseKind,
    CreditCaseState,
    Enrollment,
    OwnerKind,
    Person,
    Province,
    Role,
    Unit,
    User,
    db,
)
from services import jalali, territory, trail
from services.access import Actor, Level, Visitor
from services.credit_cases import finding, owners, wording
from services.credit_cases.finding import Asker
from services.credit_cases.owners import Owner
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory

SIZE = 25
S = CreditCaseState
OPEN = (S.ASKED, S.SECONDED)
DECIDING = (Role.REVIEWER, Role.DIRECTOR)
ASKING = (Role.CLERK, Role.MANAGER, Role.COUNTER)
SUBJECT = "credit_case"
WAITING, ENDED = TABS = ("waiting", "ended")


@dataclass(frozen=True)
class Page:
    """Some cases of a tab, those that have waited longest first; `after` is where the next page begins."""

    rows: Sequence[CreditCase]
    owners: dict[int, Owner]
    waiting: int
    after: int | None


@dataclass(frozen=True)
class Case:
    """A case as somebody sees it who may decide about it.

    `denial` is why this person does not (None when they do), `against` why it cannot be approved as it stands.
    """

    row: CreditCase
    source: Owner
    target: Owner
    asker: str
    history: Sequence[trail.Told]
    paid: str | None
    denial: NotAllowed | None = None
    against: DomainError | None = None

    @property
    def waits(self) -> bool:
        return self.row.state in OPEN

    @property
    def actions(self) -> list[str]:
        return list(wording.ACTION) if self.waits and self.denial is None else []


# -- Those of the asker --------------------------------------------------------------


def of_asker(asker: Asker, after: int | None = None) -> Page:
    """The cases that a unit or a trainee has asked for, newest first."""
    query = _whole().where(visible_to(asker)).order_by(CreditCase.id.desc()).limit(SIZE + 1)
    rows = db.session.scalars(query.where(CreditCase.id < after) if after else query).all()
    return _page(rows, 0)


def get(asker: Asker, case_id: int) -> CreditCase:
    """One case that is theirs to see, as it is now.

    Raises:
        NotFound, OutsideTerritory.
    """
    query = select(CreditCase, visible_to(asker)).where(CreditCase.id == case_id).options(*_LOADED)
    return territory.only(query, SUBJECT, case_id, wording.NO_SUCH)


def is_mine(asker: Asker, row: CreditCase) -> bool:
    if isinstance(asker, Visitor):
        return row.asked_by_person_id == asker.id
    return row.asked_by_id == asker.user_id


def may_ask(asker: Asker) -> bool:
    return isinstance(asker, Visitor) or bool(asker.acting(*ASKING).units)


def visible_to(asker: Asker) -> ColumnElement[bool]:
    """The cases that a trainee or a unit has asked for, those of a province, and all for HQ."""
    if isinstance(asker, Visitor):
        return CreditCase.asked_by_person_id == asker.id
    if asker.level is Level.CENTER:
        others = CreditCase.unit_id.in_(set(asker.units) - asker.own_acts_only)
        own = and_(CreditCase.unit_id.in_(asker.units), CreditCase.asked_by_id == asker.user_id)
        return or_(others, own)
    if asker.level is Level.PROVINCE:
        return CreditCase.province_id.in_(asker.provinces)
    return true() if asker.level is Level.HQ else false()


def units(actor: Actor) -> list[tuple[int, str]]:
    """The units among which somebody says for which one they ask."""
    query = select(Unit.id, Unit.title).where(Unit.id.in_(actor.acting(*ASKING).units)).order_by(Unit.title_sort)
    return [(row.id, row.title) for row in db.session.execute(query)] if len(actor.acting(*ASKING).units) > 1 else []


def provinces() -> Sequence[Province]:
    """The provinces among which a trainee says which one decides."""
    return db.session.scalars(select(Province).order_by(Province.title_sort)).all()


def province_of(person_id: int) -> int | None:
    """Where a trainee enrolled last."""
    query = select(Enrollment.province_id).where(Enrollment.person_id == person_id)
    return db.session.scalar(query.order_by(Enrollment.id.desc()).limit(1))


# -- Those of a province ---------------------------------------------------------------


def listing(actor: Actor, tab: str, after: int | None = None) -> Page:
    """The cases of a province in one tab; four queries."""
    is_open = CreditCase.state.in_(OPEN)
    query = _whole().where(visible_to(actor), is_open if tab == WAITING else ~is_open).limit(SIZE + 1)
    if tab == WAITING:
        query = query.where(CreditCase.id > (after or 0)).order_by(CreditCase.id)
    else:
        query = (query.where(CreditCase.id < after) if after else query).order_by(CreditCase.id.desc())
    return _page(db.session.scalars(query).all(), db.session.scalar(select(_waiting(actor))) or 0)


def counted(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """SQL: how many cases wait in the province, for the numbers of its home."""
    return {"credit_cases": _waiting(actor)}


def decides(actor: Actor) -> bool:
    """Whether this person decides about cases anywhere."""
    return actor.level is Level.PROVINCE and bool(actor.acting(*DECIDING).provinces)


def decides_on(actor: Actor, row: CreditCase) -> bool:
    """Whether this person decides about the cases of that province at all."""
    return decides(actor) and actor.acting(*DECIDING).covers(row.unit_id or 0, row.province_id)


def case(actor: Actor, case_id: int) -> Case:
    """One case with everything that is said of it.

    Raises:
        NotFound, OutsideTerritory: as `get`.
    """
    return of(actor, get(actor, case_id))


def of(actor: Actor, row: CreditCase, known: Mapping[int, Owner] | None = None) -> Case:
    """What is said of a case; three queries, and one where the owners of its purses are not known yet."""
    seen = known or owners.of((row.from_account, row.to_account))
    events = _events(row)
    found = Case(
        row,
        seen[row.from_account_id],
        seen[row.to_account_id],
        _asker(row, events),
        _told(row, events),
        finding.said_of(row.transfer.payment_line_id),
    )
    if not found.waits:
        return found
    return replace(found, denial=denied(actor, row, seen, _chair_in(events)), against=against(row))


def locked(actor: Actor, case_id: int) -> CreditCase:
    """One of them, held until we have ended; inside `atomic()`."""
    query = select(CreditCase, visible_to(actor)).where(CreditCase.id == case_id)
    found = db.session.execute(
        query.with_for_update(of=CreditCase).execution_options(populate_existing=True).options(*_LOADED)
    ).first()
    if found is None:
        raise NotFound(wording.NO_SUCH)
    if not found[1]:
        raise OutsideTerritory(SUBJECT, case_id)
    row: CreditCase = found[0]
    return row


def denied(actor: Actor, row: CreditCase, seen: Mapping[int, Owner], first_chair: int | None) -> NotAllowed | None:
    """Why this person does not decide about a case that waits; None when they do.

    Args:
        seen: the owners of its purses. first_chair: in whose place the first approval was given, if in anybody's.

    Source: docs/rules.md R-484.
    """
    chair = actor.standing_in(row.unit_id or 0, row.province_id, *DECIDING)
    if not decides_on(actor, row):
        return NotAllowed(wording.NOT_DECIDING)
    if actor.user_id == row.asked_by_id or actor.person_id == row.asked_by_person_id:
        return NotAllowed(wording.OWN)
    if chair is not None and chair == row.asked_by_id:
        return NotAllowed(wording.FOR_ASKER)
    if actor.person_id in {seen[number].person_id for number in (row.from_account_id, row.to_account_id)}:
        return NotAllowed(wording.OWN_PURSE)
    return _second_denied(actor, row, first_chair, chair) if row.state is S.SECONDED else None


def first_chair(row: CreditCase) -> int | None:
    """In whose place the first approval of a case was given, if in anybody's; one query for one that has it."""
    return _chair_in(_events(row)) if row.state is S.SECONDED else None


def against(row: CreditCase) -> DomainError | None:
    """Why a case cannot be approved as things stand; for the eye, the purses are held when it is done."""
    if row.kind is CreditCaseKind.CORRECTION and (row.document is None or row.document.state == "refused"):
        return DomainError(wording.NO_PAPER)
    if finding.undone([row.transfer_id]).get(row.transfer_id, 0) + row.amount > row.transfer.amount:
        return DomainError(wording.MOVED_BEFORE)
    is_short = row.from_account.owner_kind is not OwnerKind.SYSTEM and row.from_account.balance < row.amount
    return DomainError(wording.spent(row.amount)) if is_short else None


def history(asker: Asker, row: CreditCase) -> list[trail.Told]:
    """What was done to a case, newest first, for whoever has asked; a trainee does not read who of the staff it was."""
    found = _events(row)
    return _told(row, [(event, None) for event, _ in found] if isinstance(asker, Visitor) else found)


# -- Support -----------------------------------------------------------------------

_LOADED = (
    joinedload(CreditCase.from_account),
    joinedload(CreditCase.to_account),
    joinedload(CreditCase.transfer),
    joinedload(CreditCase.document),
)


def _whole() -> Select[CreditCase]:
    return select(CreditCase).options(*_LOADED)


def _page(rows: Sequence[CreditCase], waiting: int) -> Page:
    shown = rows[:SIZE]
    seen = owners.of(account for row in shown for account in (row.from_account, row.to_account))
    return Page(shown, seen, waiting, shown[-1].id if len(rows) > SIZE else None)


def _waiting(actor: Actor) -> ScalarSelect[int]:
    some = select(CreditCase.id).where(visible_to(actor), CreditCase.state.in_(OPEN)).limit(1000).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _second_denied(actor: Actor, row: CreditCase, first_chair: int | None, chair: int | None) -> NotAllowed | None:
    """Two people decide, each in a chair of their own: who was the first, or the deputy of the first, is no second."""
    if actor.user_id == row.first_by_id:
        return NotAllowed(wording.FIRST_WAS_YOU)
    same = actor.user_id == first_chair or (chair is not None and chair in (row.first_by_id, first_chair))
    return NotAllowed(wording.FIRST_CHAIR) if same else None


def _events(row: CreditCase) -> Sequence[Any]:
    return trail.acts(SUBJECT, row.id, wording.DID, 20)


def _chair_in(events: Sequence[Any]) -> int | None:
    chairs = (event.detail.get("in_place_of") for event, _ in events if event.action == "credit_case_seconded")
    return next(chairs, None)


def _asker(row: CreditCase, events: Sequence[Any]) -> str:
    """Who has asked, as reviewers read it."""
    if row.asked_by_person_id is None:
        return next((trail.name_of(user) for event, user in events if event.action == "credit_case_asked"), "")
    person = db.session.get(Person, row.asked_by_person_id)
    return f"{(person.full_name if person else None) or 'نام ثبت نشده'} (کارآموز)"


def _told(row: CreditCase, events: Sequence[Any]) -> list[trail.Told]:
    words = {
        "credit_case_asked": row.reason,
        "credit_case_seconded": row.first_note or "",
        "credit_case_refused": row.refusal or "",
    }
    return [
        trail.Told(
            jalali.at(event.at), f"{_who(event, user)} {wording.DID[event.action]}", words.get(event.action, ""), []
        )
        for event, user in events
    ]


def _who(event: AuditEvent, user: User | None) -> str:
    if user is not None:
        return trail.name_of(user)
    return "کارآموز" if event.action in ("credit_case_asked", "credit_case_withdrawn") else "اداره کل"
