"""Self-enrollment: a signed-in person, one page that asks «are you …?», one press."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from models import (
    Account,
    Channel,
    Course,
    DebitSource,
    Discrepancy,
    DiscrepancyState,
    Enrollment,
    EnrollmentStatus,
    IdentityStatus,
    Person,
    Unit,
    db,
)
from services import codes, courses, labels, ledger, policy, tariffs
from services.access import Visitor
from services.enrollment import commit
from services.enrollment.commit import Application, Outcome
from services.errors import NotFound

_UNKNOWN = "دوره‌ای با این کد پیدا نشد. از فهرست دوره‌ها شروع کنید."


@dataclass(frozen=True)
class Offer:
    """What the confirmation page shows; `standing` is the tracking code of the enrollment that exists already.

    `sources` tell where what is known of the person came from; `disputed` is who gives another name, and which.
    """

    id: int
    code: str
    title: str
    unit_title: str
    start_on: dt.date | None
    taken: int
    held: int
    capacity_max: int
    province_id: int
    field_id: int | None
    standard_id: int | None
    fee_rials: int
    balance: int
    standing: str | None
    sources: dict[str, Any]
    disputed: tuple[str, str] | None

    @property
    def seats_left(self) -> int:
        return max(0, self.capacity_max - self.taken - self.held)

    @property
    def is_full(self) -> bool:
        return self.seats_left == 0

    @property
    def name_note(self) -> str:
        """Where the person's name is from, or who gives another one."""
        if self.disputed:
            return labels.NAME_DISPUTED.format(source=labels.SOURCE[self.disputed[0]], name=self.disputed[1])
        return labels.NAME_FROM.get((self.sources.get("name") or {}).get("source", ""), "")

    @property
    def is_enough(self) -> bool:
        return self.balance >= self.fee_rials


def offer(person: Visitor, course_code: str) -> Offer:
    """The course, the fee and the person's own credit.

    Raises:
        NotFound: no public course has this code.
    """
    kind, owner = ledger.owner_of(person)
    asked = {
        "code": codes.read_course_code(course_code),
        "person": person.id,
        "kind": kind,
        "owner": owner,
        "today": policy.today(),
    }
    row = db.session.connection().execute(_offer(), asked).first()
    if row is None:
        raise NotFound(_UNKNOWN)
    fee = tariffs.sure(row.fee_rials, tariffs.ENROLL_CREDIT)
    values = {name: value for name, value in row._mapping.items() if name != "identity_status"}
    is_disputed = row.identity_status is IdentityStatus.DISCREPANCY
    disputed = _other_name(person.id) if is_disputed else None
    return Offer(**{**values, "fee_rials": fee, "balance": row.balance or 0, "disputed": disputed})


def _other_name(person_id: int) -> tuple[str, str] | None:
    """Who gives this person another name, and which, as long as nobody has settled it."""
    query = select(Discrepancy.source, Discrepancy.theirs).where(
        Discrepancy.person_id == person_id, Discrepancy.field == "name", Discrepancy.state == DiscrepancyState.OPEN
    )
    row = db.session.execute(query).first()
    name = " ".join(filter(None, (row.theirs.get("first_name"), row.theirs.get("last_name")))) if row else ""
    return (row.source, name) if row and name else None


@cache
def _offer() -> Select[*tuple[Any, ...]]:
    """Everything in one statement, built once: at an opening minute this page is asked for by hundreds."""
    today: Any = bindparam("today")
    keys = tariffs.Keys(Unit.kind, Course.delivery, decile=tariffs.decile_of(bindparam("person"), today))
    fee = tariffs.in_force(tariffs.ENROLL_CREDIT, keys, today).correlate(Unit, Course).scalar_subquery()
    purse = and_(Account.owner_kind == bindparam("kind"), Account.owner_code == bindparam("owner"))
    standing = and_(
        Enrollment.course_id == Course.id,
        Enrollment.person_id == bindparam("person"),
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    course = (Course.id, Course.code, Course.title, Course.start_on, Course.taken, Course.held, Course.capacity_max)
    kin = (Course.province_id, Course.field_id, Course.standard_id, Unit.title.label("unit_title"))
    own = (fee.label("fee_rials"), Account.balance, Enrollment.tracking_code.label("standing"))
    query = select(*course, *kin, *own, Person.identity_status, Person.sources).join(Course.unit)
    query = query.join(Person, Person.id == bindparam("person"))
    query = query.outerjoin(Account, purse).outerjoin(Enrollment, standing)
    return query.where(Course.code == bindparam("code"), courses.public_on(today))


def lacking(person: Visitor, course: Offer) -> int:
    """What the own purse lacks for the course; the fee, where it lacks nothing.

    Raises:
        NotEligible: a rule refuses this person, so that nothing should be paid in for the course.
    """
    commit.check_eligible(person.id, course.id, Channel.SELF)
    return max(course.fee_rials - course.balance, 0) or course.fee_rials


def enroll(person: Visitor, course_code: str, form_key: str, *, seen: int | None = None) -> Outcome:
    """Enroll the signed-in person, paying from the own purse no more than they have seen.

    Raises:
        NotFound, and every refusal of `commit.enroll`.
    """
    course_id: int | None = (
        db.session.connection().execute(_id(), {"code": codes.read_course_code(course_code)}).scalar()
    )
    if course_id is None:
        raise NotFound(_UNKNOWN)
    return commit.enroll(
        Application(
            form_key=form_key,
            course_id=course_id,
            person_id=person.id,
            channel=Channel.SELF,
            debit_source=DebitSource.TRAINEE,
            payer=ledger.owner_of(person),
            seen_fee=seen,
        )
    )


@cache
def _id() -> Select[int]:
    return select(Course.id).where(Course.code == bindparam("code"))
