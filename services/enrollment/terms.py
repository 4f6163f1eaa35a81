"""What is asked for by an enrollment, and what it costs whom: shared by the short way and the long one."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from models import Account, Channel, Course, DebitSource, EnrollmentStatus, OwnerKind, Unit, WaitlistEntry, utcnow
from services import policy, tariffs
from services.enrollment import eligibility
from services.enrollment.refusals import FeeRose
from services.enrollment.rules import POLICIES, Said
from services.enrollment.visits import Visit
from services.purses import low
from services.waiting import offering

RULES = (*POLICIES, low.RULE)
NO_FEE = "بدون هزینه (تعرفهٔ این روز صفر است)"


@dataclass(frozen=True)
class Application:
    """What is asked for. `form_key` is the key of the form that asks; `payer` owns the purse to debit.

    `seen_fee` is the fee that a person has read before they pressed; more than that is not taken.
    `prerequisite_seen` is which paper proves what the course asks to have been passed, in the words of who enrolls.
    `has_guardian` is whether whoever enrolls has named one who answers for a child.
    `must_ask` refuses what nobody has been asked for yet, such as the schooling where the course asks for one.
    """

    form_key: str
    course_id: int
    person_id: int
    channel: Channel
    debit_source: DebitSource
    payer: tuple[OwnerKind, str]
    actor_id: int | None = None
    portal_user: tuple[OwnerKind, str] | None = None
    unit_id: int | None = None
    draft_id: int | None = None
    free_because: str | None = None
    target_group_id: int | None = None
    group_evidence: str | None = None
    seen_fee: int | None = None
    prerequisite_seen: str | None = None
    in_person: Visit | None = None
    must_ask: bool = False
    has_guardian: bool = False

    @property
    def said(self) -> Said:
        return Said(self.target_group_id, self.prerequisite_seen, self.has_guardian)

    @property
    def fingerprint(self) -> str:
        parts = (self.course_id, self.person_id, self.debit_source.value)
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """`repeated` is True when this form had been carried out before and nothing was done now."""

    enrollment_id: int
    tracking_code: str
    repeated: bool


@dataclass(frozen=True)
class Terms:
    """The course and what the enrollment costs whom, as they are now; `purse` is None where nothing is paid.

    `course` is the row of `course_and_purse`.
    """

    course: Any
    fee: int
    purse: int | None
    values: dict[str, Any]  # of RULES


def asked(application: Application) -> dict[str, Any]:
    """The parameters of `course_and_purse`."""
    kind, code = application.payer
    found = {"course": application.course_id, "owner_kind": kind, "owner_code": code, "today": policy.today()}
    return found | {"person": application.person_id, "group": application.target_group_id, "now": utcnow()}


def priced(application: Application, course: Any) -> Terms:
    """What this enrollment costs, whatever the purse holds; `course` is the row of `course_and_purse`.

    Raises:
        FeeRose: it costs more than was seen.
    """
    values = policy.unpacked(RULES, course.rules)
    if application.free_because:
        return Terms(course, 0, None, values)
    amount = tariffs.sure(course.fee, tariffs.ENROLL_CREDIT)
    if application.seen_fee is not None and amount > application.seen_fee:
        raise FeeRose(application.seen_fee, amount)
    return Terms(course, amount, course.purse if amount else None, values)


@cache
def course_and_purse() -> Select[*tuple[Any, ...]]:
    today: Any = bindparam("today")
    of_person = tariffs.group_code(bindparam("group")), tariffs.decile_of(bindparam("person"), today)
    keys = tariffs.Keys(Unit.kind, Course.delivery, *of_person)
    fee = tariffs.in_force(tariffs.ENROLL_CREDIT, keys, today).correlate(Unit, Course).scalar_subquery()
    payer = and_(Account.owner_kind == bindparam("owner_kind"), Account.owner_code == bindparam("owner_code"))
    course = (*eligibility.columns(), Course.title)
    where = (Course.province_id, Course.unit_id, policy.packed(RULES, Unit, on=today).label("rules"))
    offer = select(WaitlistEntry.id).where(offering.offered_to(bindparam("person"), Course.id, bindparam("now")))
    own = (Account.id.label("purse"), Account.balance, offer.correlate(Course).scalar_subquery().label("offer"))
    query = select(*course, *where, fee.label("fee"), *own)
    query = query.join(Course.unit).outerjoin(Unit.province).outerjoin(Account, payer)
    return query.where(Course.id == bindparam("course"))


def columns(application: Application, terms: Terms, tracking_code: str) -> dict[str, Any]:
    """The row of a new enrollment."""
    course, fee = terms.course, terms.fee
    return {
        "form_key": application.form_key,
        "form_hash": application.fingerprint,
        "course_id": course.id,
        "person_id": application.person_id,
        "province_id": course.province_id,
        "unit_id": application.unit_id or course.unit_id,
        "created_by_id": application.actor_id,
        "payer_account_id": terms.purse,
        "target_group_id": application.target_group_id,
        "group_evidence": application.group_evidence,
        "tracking_code": tracking_code,
        "channel": application.channel,
        "in_person_reason": application.in_person and application.in_person[0],
        "in_person_level": application.in_person and application.in_person[1],
        "debit_source": application.debit_source if fee else DebitSource.NONE,
        "fee_rials": fee,
        "fee_reason": None if fee else application.free_because or NO_FEE,
        "status": EnrollmentStatus.ACTIVE,
    }
