"""Self-enrollment: a signed-in person, one page that asks «are you …?», one press."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from models import Account, Channel, Course, DebitSource, Enrollment, EnrollmentStatus, Unit, db
from services import courses, ledger, policy, tariffs
from services.access import Visitor
from services.enrollment import commit
from services.enrollment.commit import Application, Outcome
from services.errors import NotFound

_UNKNOWN = "دوره‌ای با این کد پیدا نشد. از فهرست دوره‌ها شروع کنید."


@dataclass(frozen=True)
class Offer:
    """What the confirmation page shows; `standing` is the tracking code of the enrollment that exists already."""

    code: str
    title: str
    unit_title: str
    start_on: dt.date | None
    taken: int
    capacity_max: int
    fee_rials: int
    balance: int
    standing: str | None

    @property
    def seats_left(self) -> int:
        return self.capacity_max - self.taken

    @property
    def is_enough(self) -> bool:
        return self.balance >= self.fee_rials


def offer(person: Visitor, course_code: str) -> Offer:
    """The course, the fee and the person's own credit.

    Raises:
        NotFound: no public course has this code.
    """
    kind, owner = ledger.owner_of(person)
    asked = {"code": course_code, "person": person.id, "kind": kind, "owner": owner, "today": policy.today()}
    row = db.session.connection().execute(_offer(), asked).first()
    if row is None:
        raise NotFound(_UNKNOWN)
    fee = tariffs.sure(row.fee_rials, tariffs.ENROLL_CREDIT)
    return Offer(**{**row._mapping, "fee_rials": fee, "balance": row.balance or 0})


@cache
def _offer() -> Select[*tuple[Any, ...]]:
    """Everything in one statement, built once: at an opening minute this page is asked for by hundreds."""
    today: Any = bindparam("today")
    fee = tariffs.in_force(tariffs.ENROLL_CREDIT, Unit.kind, today).correlate(Unit).scalar_subquery()
    purse = and_(Account.owner_kind == bindparam("kind"), Account.owner_code == bindparam("owner"))
    standing = and_(
        Enrollment.course_id == Course.id,
        Enrollment.person_id == bindparam("person"),
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    course = (Course.code, Course.title, Course.start_on, Course.taken, Course.capacity_max)
    own = (fee.label("fee_rials"), Account.balance, Enrollment.tracking_code.label("standing"))
    query = select(*course, Unit.title.label("unit_title"), *own).join(Course.unit)
    query = query.outerjoin(Account, purse).outerjoin(Enrollment, standing)
    return query.where(Course.code == bindparam("code"), courses.public_on(today))


def enroll(person: Visitor, course_code: str, form_key: str) -> Outcome:
    """Enroll the signed-in person, paying from the own purse.

    Raises:
        NotFound, and every refusal of `commit.enroll`.
    """
    course_id: int | None = db.session.connection().execute(_id(), {"code": course_code}).scalar()
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
        )
    )


@cache
def _id() -> Select[int]:
    return select(Course.id).where(Course.code == bindparam("code"))
