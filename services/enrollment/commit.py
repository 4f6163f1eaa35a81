"""The transaction that puts a person into a course: once per form, never a seat or a rial too many.

One order of locks everywhere: person, purse, course. The hot rows come last, and nothing is called outside.
"""

from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, update

from models import (
    Channel,
    DebitSource,
    Enrollment,
    EnrollmentDraft,
    EnrollmentEvent,
    EnrollmentStatus,
    OwnerKind,
    Person,
    db,
    utcnow,
)
from services import codes, ledger, messages
from services.enrollment import at_once, confirming, eligibility, remembering, wording
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
from services.enrollment.rules import Applicant, Finding, Said
from services.enrollment.seats import check_open, take_seat
from services.enrollment.terms import Application, Outcome, Terms, asked, columns, course_and_purse, priced
from services.purses import low
from services.sql import Row as SqlRow
from services.sql import add_once
from services.transaction import atomic, retried

SAID_IN_FORMS = ("prerequisite", "target_group", "guardian_code")


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
    if done := at_once.enroll(application):
        return done
    return the_long_way(application)


def the_long_way(application: Application) -> Outcome:
    """The same in steps: on every database, and for whatever `at_once` leaves open."""
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
    course = db.session.connection().execute(course_and_purse(), asked(application)).one()
    found = priced(application, course)
    if (course.balance or 0) < found.fee:
        # Nobody pays in for what refuses them.
        _refuse(_answer(application, person, course, found.values), must_ask=application.must_ask)
        raise Shortage(application.debit_source, purses(person, application.portal_user, found.fee))
    return found


def _answer(application: Application, person: Applicant, course: Any, values: dict[str, Any]) -> list[Finding]:
    words = wording.of(application.channel)
    return eligibility.answer(person, course, values, said=application.said, words=words)


def _refuse(found: list[Finding], *, must_ask: bool = False) -> None:
    if any(each.refuses or (must_ask and each.asks_for) for each in found):
        raise NotEligible(found, must_ask=must_ask)


def _insert(application: Application, terms: Terms) -> Outcome:
    tracking_code = codes.tracking_code()
    enrollment_id = add_once(Enrollment, **columns(application, terms, tracking_code))
    if enrollment_id is not None:
        return Outcome(enrollment_id, tracking_code, repeated=False)
    # Neither this form nor another one: then the tracking code, drawn by lot, had been drawn before.
    return _made_before(application) or _insert(application, terms)


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
