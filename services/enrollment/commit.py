"""The transaction that puts a person into a course: once per form, never a seat or a rial too many.

One order of locks everywhere: person, purse, course. The hot rows come last, and nothing is called outside.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select, update

from models import (
    Account,
    Channel,
    Course,
    DebitSource,
    Enrollment,
    EnrollmentDraft,
    EnrollmentEvent,
    EnrollmentStatus,
    OwnerKind,
    Person,
    Unit,
    WaitlistEntry,
    db,
    utcnow,
)
from services import codes, ledger, messages, policy, tariffs
from services.enrollment import confirming, eligibility, remembering, wording
from services.enrollment.refusals import (
    AlreadyEnrolled,
    CourseFull,
    CourseNotOpen,
    FeeRose,
    FormUsed,
    NotEligible,
    Purses,
    Shortage,
)
from services.enrollment.rules import POLICIES, Applicant, Finding, Said
from services.enrollment.seats import check_open, take_seat
from services.enrollment.visits import Visit
from services.purses import low
from services.sql import Row as SqlRow
from services.sql import add_once
from services.transaction import atomic, retried
from services.waiting import offering

RULES = (*POLICIES, low.RULE)
SAID_IN_FORMS = ("prerequisite", "target_group", "guardian_code")
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


def check_eligible(person_id: int, course_id: int, channel: Channel, said: Said | None = None) -> None:
    """The look without a lock before somebody pays in for a course.

    Args:
        said: None where nothing could be said yet, as before joining a line; what a form would answer bars nobody then.

    Raises:
        NotEligible: a rule refuses this person.
    """
    found = eligibility.look_up(person_id, course_id, said or Said(), wording.of(channel))
    _refuse([each for each in found if said is not None or each.field not in SAID_IN_FORMS])


@retried
def enroll(application: Application) -> Outcome:
    """Enroll once. The same form again gives the first outcome; refusals leave nothing behind.

    Raises:
        CourseNotOpen, CourseFull, AlreadyEnrolled, NotEligible, Shortage, FeeRose, FormUsed: nothing was done.

    Source: docs/rules.md R-21.
    """
    try:
        check_open(application.course_id, application.person_id)
    except (CourseNotOpen, CourseFull):
        # Full or closed since: the form may be the very one that took a seat before.
        done = repeated(application)
        if done is None:
            raise
        return done
    with atomic():
        return _enroll(application)


def repeated(application: Application) -> Outcome | None:
    """The outcome of this very form when it has been carried out; FormUsed when it held something else."""
    row = db.session.connection().execute(_by_form(), {"form": application.form_key}).first()
    if row is None:
        return None
    if row.form_hash != application.fingerprint:
        raise FormUsed
    return Outcome(row.id, row.tracking_code, repeated=True)


@cache
def _by_form() -> Select[*tuple[Any, ...]]:
    query = select(Enrollment.id, Enrollment.tracking_code, Enrollment.form_hash)
    return query.where(Enrollment.form_key == bindparam("form"))


@dataclass(frozen=True)
class Terms:
    """The course and what the enrollment costs whom, as they are now; `purse` is None where nothing is paid.

    `course` is the row of `_course_and_purse`.
    """

    course: Any
    fee: int
    purse: int | None
    values: dict[str, Any]  # of RULES


def _enroll(application: Application) -> Outcome:
    db.session.flush()  # what an outer block has changed in entities is read below without them
    person = db.session.connection().execute(_locked(), {"person": application.person_id}).one()
    try:
        terms = _terms(application, person)
    except (Shortage, FeeRose, NotEligible):
        # The form may be the very one that emptied the purse, or the person be enrolled already.
        done = _made_before(application)
        if done is None:
            raise
        return done
    outcome = _insert(application, terms)
    if outcome.repeated:
        return outcome
    found = _answer(application, person, terms.course, terms.values)
    _refuse(found, must_ask=application.must_ask)
    if terms.purse is not None:
        held = ledger.held(terms.purse, terms.fee)
        if held is None:
            raise Shortage(application.debit_source, purses(person, application.portal_user, terms.fee))
        low_rials = int(terms.values[low.RULE])
        if application.debit_source is DebitSource.PORTAL_USER and held - terms.fee < low_rials <= held:
            low.tell(terms.purse, held - terms.fee, actor_id=application.actor_id, cause=application.form_key)
    _note(application, terms, outcome)
    remembering.remember(outcome.enrollment_id, application, found)
    take_seat(application.course_id, application.person_id, outcome.enrollment_id, terms.course.offer)
    return outcome


@cache
def _locked() -> Select[*tuple[Any, ...]]:
    """Rules such as one active course have no unique index, so a person's enrollments come one after another."""
    codes_ = (Person.id, Person.national_code, Person.foreign_code)
    return (
        select(*codes_, Person.gender, Person.birth_date, Person.is_alive, Person.schooling)
        .where(Person.id == bindparam("person"))
        .with_for_update(key_share=True)
    )


def _terms(application: Application, person: Row[Any]) -> Terms:
    """Course, fee and purse in one query; a purse that is short is told before anything is written."""
    kind, code = application.payer
    asked = {"course": application.course_id, "owner_kind": kind, "owner_code": code, "today": policy.today()}
    asked |= {"person": application.person_id, "group": application.target_group_id, "now": utcnow()}
    course = db.session.connection().execute(_course_and_purse(), asked).one()
    values = policy.unpacked(RULES, course.rules)
    if application.free_because:
        return Terms(course, 0, None, values)
    amount = tariffs.sure(course.fee, tariffs.ENROLL_CREDIT)
    if application.seen_fee is not None and amount > application.seen_fee:
        raise FeeRose(application.seen_fee, amount)
    if amount and (course.balance or 0) < amount:
        # Nobody pays in for what refuses them.
        _refuse(_answer(application, person, course, values), must_ask=application.must_ask)
        raise Shortage(application.debit_source, purses(person, application.portal_user, amount))
    return Terms(course, amount, course.purse if amount else None, values)


def _answer(application: Application, person: Applicant, course: Any, values: dict[str, Any]) -> list[Finding]:
    words = wording.of(application.channel)
    return eligibility.answer(person, course, values, said=application.said, words=words)


def _refuse(found: list[Finding], *, must_ask: bool = False) -> None:
    if any(each.refuses or (must_ask and each.asks_for) for each in found):
        raise NotEligible(found, must_ask=must_ask)


@cache
def _course_and_purse() -> Select[*tuple[Any, ...]]:
    today: Any = bindparam("today")
    of_person = tariffs.group_code(bindparam("group")), tariffs.decile_of(bindparam("person"), today)
    keys = tariffs.Keys(Unit.kind, Course.delivery, *of_person)
    fee = tariffs.in_force(tariffs.ENROLL_CREDIT, keys, today).correlate(Unit, Course).scalar_subquery()
    payer = and_(Account.owner_kind == bindparam("owner_kind"), Account.owner_code == bindparam("owner_code"))
    course = (*eligibility.columns(), Course.title)
    where = (Course.province_id, Course.unit_id, policy.packed(RULES, Course.unit_id, on=today).label("rules"))
    offer = select(WaitlistEntry.id).where(offering.offered_to(bindparam("person"), Course.id, bindparam("now")))
    own = (Account.id.label("purse"), Account.balance, offer.correlate(Course).scalar_subquery().label("offer"))
    query = select(*course, *where, fee.label("fee"), *own)
    query = query.join(Course.unit).outerjoin(Account, payer)
    return query.where(Course.id == bindparam("course"))


def _insert(application: Application, terms: Terms) -> Outcome:
    tracking_code = codes.tracking_code()
    enrollment_id = add_once(Enrollment, **columns(application, terms, tracking_code))
    if enrollment_id is not None:
        return Outcome(enrollment_id, tracking_code, repeated=False)
    # Neither this form nor another one: then the tracking code, drawn by lot, had been drawn before.
    return _made_before(application) or _insert(application, terms)


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


def _made_before(application: Application) -> Outcome | None:
    """What this form has done; None when nobody has enrolled the person in the course.

    Raises:
        FormUsed: the form held something else. AlreadyEnrolled: another form did it.
    """
    done = repeated(application)
    if done is not None:
        return done
    standing = select(Enrollment.tracking_code).where(
        Enrollment.course_id == application.course_id,
        Enrollment.person_id == application.person_id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    tracking_code = db.session.scalar(standing)
    if tracking_code is not None:
        raise AlreadyEnrolled(tracking_code, wording.of(application.channel))
    return None


def purses(person: ledger.Coded, portal_user: tuple[OwnerKind, str] | None, fee: int) -> Purses:
    """Both balances as they stand, for the eye."""
    owners = [ledger.owner_of(person), *([portal_user] if portal_user else [])]
    trainee, *user = ledger.balances(*owners)
    return Purses(fee_rials=fee, trainee=trainee, portal_user=user[0] if user else None)


def _note(application: Application, terms: Terms, outcome: Outcome) -> None:
    step = {"enrollment_id": outcome.enrollment_id, "actor_id": application.actor_id, "action": "enroll"}
    rows: list[SqlRow] = [(EnrollmentEvent, step | {"reason": "", "at": utcnow()})]
    if terms.purse is not None:
        debit = ledger.debit(outcome.enrollment_id, application.actor_id)
        rows.append(ledger.earning(terms.purse, terms.fee, debit))
    cause_key = f"enrollment:{outcome.enrollment_id}:made"
    by = confirming.debited_by(application, terms.course) if terms.fee else None
    body = confirming.confirmation(terms.course, outcome.tracking_code, terms.fee, application.debit_source, by)
    made = outcome.enrollment_id
    messages.tell(application.person_id, "enrolled", body, cause_key=cause_key, enrollment_id=made, beside=rows)
    if application.draft_id is not None:
        mark = update(EnrollmentDraft).where(EnrollmentDraft.id == application.draft_id).values(used_at=utcnow())
        db.session.execute(mark.execution_options(synchronize_session=False))
