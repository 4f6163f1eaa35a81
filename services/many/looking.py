"""A list as it stands now: for each person who they are, what speaks against them, who would pay, what has become."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.orm import aliased

from models import (
    Account,
    Course,
    DebitSource,
    Enrollment,
    EnrollmentList,
    EnrollmentListRow,
    EnrollmentStatus,
    IdentityStatus,
    ListRowState,
    OwnerKind,
    Person,
    db,
    utcnow,
)
from services import codes, foreigners, purses, text
from services.access import Actor
from services.courses.reading import ENROLLABLE
from services.enrollment import batch, eligibility, fees, numbers
from services.enrollment.roster import IDENTITY
from services.enrollment.rules import Outcome
from services.enrollment.whose import NAMELESS
from services.enrollment.wording import TO_STAFF
from services.many import keeping, said
from services.many.said import Claim
from services.purses.portal import Portal

Claims = Callable[[Any], Claim]
STANDING = aliased(Enrollment)  # by whatever form somebody is in the course


class State(StrEnum):
    """What a row is now; those before `ENROLLED` are still to be done."""

    READY = "ready"
    SHORT = "short"
    BARRED = "barred"
    UNREADABLE = "unreadable"
    ENROLLED = "enrolled"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Line:
    """One row for the page. `lacks` is what the trainee's own purse is short of, `problem` why it is not ready.

    `said` are the words of the list about the person, `draft` is the key of the draft at the desk, where one has been
    kept, and `tracking_code` that of the enrollment.
    """

    id: int
    line: int
    code: str
    name: str | None
    identity: tuple[str, str]
    state: State
    problem: str
    fee: int
    balance: int
    draft: str | None
    tracking_code: str | None
    kind: OwnerKind
    said: Sequence[str]

    @property
    def owner(self) -> tuple[OwnerKind, str]:
        return self.kind, self.code

    @property
    def lacks(self) -> int:
        return max(self.fee - self.balance, 0)


@dataclass(frozen=True)
class Look:
    """The whole list. `by_portal` is how many of those who are ready to be paid for the portal user's purse can pay."""

    kept: EnrollmentList
    lines: Sequence[Line]
    portal: Portal
    is_open: bool

    def of(self, *states: State) -> list[Line]:
        return [line for line in self.lines if line.state in states]

    @property
    def payable(self) -> list[Line]:
        """Those whom nothing but money can hold back."""
        return self.of(State.READY, State.SHORT)

    @property
    def by_trainee(self) -> int:
        """How many of them can pay from their own purse."""
        return sum(not line.lacks for line in self.payable)

    @property
    def by_portal(self) -> int:
        """For how many of them the portal user's purse is enough, in the order of the list."""
        left, count = self.portal.balance, 0
        for line in self.payable:
            if line.fee <= left:
                left, count = left - line.fee, count + 1
        return count

    @property
    def cost(self) -> int:
        """What all of them cost together."""
        return sum(line.fee for line in self.payable)

    @property
    def portal_lacks(self) -> int:
        return max(self.cost - self.portal.balance, 0)

    @property
    def short(self) -> list[Line]:
        """Those of them whose own purse holds too little."""
        return [line for line in self.payable if line.lacks]


def look(actor: Actor, key: str) -> Look:
    """A list of the actor's units, in a number of queries that does not grow with it.

    Raises:
        NotFound, OutsideTerritory: as `keeping.get`.

    Source: docs/rules.md R-583.
    """
    found = keeping.get(actor, key)
    rows = db.session.execute(_rows(found)).all()
    asked = [row for row in rows if row.code and _is_to_do(row)]
    claims = said.of_rows(rows)
    ruled = _ruled(found, asked, claims)
    course = found.course
    price = _prices(course, asked, claims)
    lines = [_line(found, row, ruled.get(row.id, _Ruled()), price(row), claims(row).words) for row in rows]
    return Look(found, lines, purses.portal(actor, found.unit_id), _takes(course))


def _takes(course: Course) -> bool:
    """Whether the course takes enrollments at this moment, seats aside."""
    begin, end = course.enroll_open_at, course.enroll_close_at
    return course.status in ENROLLABLE and begin is not None and end is not None and begin <= utcnow() < end


def _prices(course: Course, rows: Sequence[Row[Any]], claims: Claims) -> Callable[[Any], int]:
    """What enrolling each row costs, as the run will take it."""
    groups = {group.id for row in rows if (group := claims(row).group)}
    price = fees.of_each(_Priced(course.unit.kind, course.delivery), [row.person_id or 0 for row in rows], groups)

    def of(row: Any) -> int:
        claim = claims(row)
        return (
            0
            if claim.is_free
            else price(row.person_id or 0, claim.group.id if claim.group and claim.group.id in groups else None)
        )

    return of


@dataclass(frozen=True)
class _Priced:
    kind: Any
    delivery: Any


def _rows(found: EnrollmentList) -> Select[*tuple[Any, ...]]:
    """Rows, people, purses and what has come of them, in one query; `draft_id` only of a draft that is still there."""
    row = EnrollmentListRow
    own = (row.id, row.line, row.form_key, row.typed, row.national_code, row.fields, row.state, row.problem)
    code = (keeping.CODE.label("code"), keeping.FOREIGN.label("foreign_code"))
    person = (Person.id.label("person_id"), Person.first_name, Person.last_name, Person.identity_status)
    rules = (Person.gender, Person.birth_date, Person.is_alive, Person.schooling)
    made = (Enrollment.tracking_code.label("made_code"), Enrollment.status.label("made_status"), Enrollment.course_id)
    query = select(*own, *code, row.draft_id, *person, *rules, *made, STANDING.tracking_code, Account.balance)
    query = query.outerjoin(Person, keeping.WHOSE)
    query = query.outerjoin(Enrollment, Enrollment.form_key == row.form_key)
    active = and_(STANDING.course_id == found.course_id, STANDING.status == EnrollmentStatus.ACTIVE)
    query = query.outerjoin(STANDING, and_(active, STANDING.person_id == Person.id))
    own_purse = and_(Account.owner_kind == OwnerKind.NATIONAL, Account.owner_code == row.national_code)
    foreign = and_(Account.owner_kind == OwnerKind.FOREIGN, Account.owner_code == keeping.FOREIGN)
    return query.outerjoin(Account, or_(own_purse, foreign)).where(row.list_id == found.id).order_by(row.line)


def _is_to_do(row: Row[Any]) -> bool:
    return row.made_code is None and row.tracking_code is None and row.state is not ListRowState.LEFT_OUT


@dataclass(frozen=True)
class _Ruled:
    """What the rules say of a row: `against` bars it, `beside` only warns or asks for what is not known."""

    against: str = ""
    beside: str = ""


def _ruled(found: EnrollmentList, rows: Sequence[Row[Any]], claims: Claims) -> dict[int, _Ruled]:
    """What the rules say of each, by the id of the row; of those who were never seen by what was written alone."""
    if not rows:
        return {}
    asks = eligibility.asked(found.course_id)
    known = [batch.applicant(_Known(row), claims(row).typed) for row in rows if row.person_id]
    say = {row.person_id: claims(row).said for row in rows if row.person_id}
    answers = eligibility.answer_each(known, asks, say) if known else {}
    ruled = {}
    for row in rows:
        claim = claims(row)
        if problem := why_not(row, claim):
            ruled[row.id] = _Ruled(problem)
            continue
        findings = answers.get(row.person_id) or eligibility.look(claim.typed, asks, claim.said, TO_STAFF)
        beside = [each.text for each in findings if each.outcome is Outcome.WARNS or each.asks_for]
        ruled[row.id] = _Ruled(" ".join(eligibility.against(findings)), " ".join(beside))
    return ruled


class _Known:
    """The person of a row as the rules look at them: a row's own id is that of the row."""

    def __init__(self, row: Row[Any]) -> None:
        self.id, self.gender, self.birth_date = row.person_id, row.gender, row.birth_date
        self.is_alive, self.schooling = row.is_alive, row.schooling


def made_up(code: str, identity: IdentityStatus | None) -> bool:
    """Whether a code looks made up and nobody has confirmed whose it is.

    Source: docs/rules.md R-84.
    """
    return codes.is_suspicious_national_code(code) and identity is not IdentityStatus.VERIFIED


def why_not(row: Any, claim: Claim) -> str:
    """What a row itself lacks, whatever the rules say of its person; the same at the look and in the run.

    Source: docs/rules.md R-84, R-561, R-691.
    """
    if row.national_code and made_up(row.national_code, row.identity_status):
        return numbers.DUMMY_IN_LIST
    is_named = row.first_name or row.last_name or row.fields.get("first_name") or row.fields.get("last_name")
    return claim.gap if row.national_code or is_named else NAMELESS


def _line(found: EnrollmentList, row: Row[Any], ruled: _Ruled, fee: int, words: Sequence[str]) -> Line:
    state, problem = _state(found, row, ruled, fee)
    name = " ".join(filter(None, (row.first_name, row.last_name))) or None
    return Line(
        id=row.id,
        line=row.line,
        code=row.code or row.typed,
        name=name or _said_name(row.fields),
        identity=_identity(row),
        state=state,
        problem=problem,
        fee=fee,
        balance=row.balance or 0,
        draft=row.form_key if row.draft_id and state in (State.READY, State.SHORT, State.BARRED) else None,
        tracking_code=row.made_code or row.tracking_code,
        kind=OwnerKind.FOREIGN if row.foreign_code else OwnerKind.NATIONAL,
        said=[*([foreigners.KINDS[row.fields["foreign_kind"]]] if row.foreign_code else []), *words],
    )


def _said_name(fields: Mapping[str, Any]) -> str | None:
    return " ".join(filter(None, (fields.get("first_name"), fields.get("last_name")))) or None


def _identity(row: Row[Any]) -> tuple[str, str]:
    if not row.code:
        return "", ""
    return IDENTITY[row.identity_status] if row.person_id else ("در سامانه نیست", "")


def _state(found: EnrollmentList, row: Row[Any], ruled: _Ruled, fee: int) -> tuple[State, str]:
    """What a row is now, and the sentence that goes with it."""
    if row.made_code is not None:
        return State.ENROLLED, _ended(found, row)
    if row.tracking_code is not None:
        return State.ENROLLED, "پیش از این فهرست ثبت‌نام شده است."
    if row.state is ListRowState.LEFT_OUT:
        return State.LEFT_OUT, ""
    if not row.code:
        return State.UNREADABLE, row.problem or ""
    if ruled.against:
        return State.BARRED, ruled.against
    if _is_short(found, row, fee):
        return State.SHORT, f"{text.rial(fee - (row.balance or 0))} کم دارد."
    return State.READY, row.problem or ruled.beside


def _is_short(found: EnrollmentList, row: Row[Any], fee: int) -> bool:
    return found.debit_source is DebitSource.TRAINEE and (row.balance or 0) < fee


def _ended(found: EnrollmentList, row: Row[Any]) -> str:
    if row.course_id != found.course_id:
        return "از میز ثبت‌نام در دورهٔ دیگری ثبت‌نام شد."
    return "" if row.made_status is EnrollmentStatus.ACTIVE else "این ثبت‌نام سپس لغو شده است."
