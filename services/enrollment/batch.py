"""Many people into one course by one transaction: what `commit` does for one, in statements that do not grow.

The order of locks is the same: persons by id, purses by id, the course last. What each person gets is decided under
those locks in the order of the list, so that money and seats go to whoever stands first. Where the last seats go to
somebody else meanwhile, nothing of the try is left and a fresh look decides; at last everybody is enrolled alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, or_, select, update

from models import (
    Course,
    DebitSource,
    Enrollment,
    EnrollmentDraft,
    EnrollmentEvent,
    EnrollmentStatus,
    OwnerKind,
    Person,
    Province,
    Unit,
    WaitlistEntry,
    db,
    utcnow,
)
from services import codes, courses, ledger, messages, policy
from services.enrollment import commit, confirming, eligibility, fees, remembering, rules, wording
from services.enrollment.eligibility import Typed
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
from services.enrollment.rules import Finding
from services.enrollment.terms import Application, Outcome, Terms, columns
from services.errors import DomainError
from services.messages import Owed
from services.purses import low
from services.sql import add_many, insert_once
from services.transaction import atomic, retried
from services.waiting import offering

MOST = 50  # people in one transaction: others wait for the course no longer than that
TRIES = 3
Result = Outcome | DomainError
Note = Callable[[Mapping[str, Result]], None]
Owner = tuple[OwnerKind, str]


class Moved(Exception):
    """The seats went to somebody else since they were counted; nothing may be stored."""


@dataclass
class Round:
    """One transaction: who is still to be enrolled and what has become of the others, by the key of the form.

    `found` is what the rules have answered of each; for those who are `offered` a seat of the waiting list one is held.
    """

    left: list[Application]
    results: dict[str, Result] = field(default_factory=dict)
    found: dict[str, list[Finding]] = field(default_factory=dict)
    offered: list[Application] = field(default_factory=list)

    def settle(self, decide: Callable[[Application], Result | None]) -> None:
        """Take those out of whom something is decided; in the order of the list."""
        still = []
        for each in self.left:
            found = decide(each)
            if found is None:
                still.append(each)
            else:
                self.results[each.form_key] = found
        self.left = still


def enroll_each(
    applications: Sequence[Application], *, typed: Mapping[int, Typed] | None = None, note: Note = lambda _: None
) -> dict[str, Result]:
    """Enroll up to `MOST` people in one course; what became of each form, an `Outcome` or why not.

    Args:
        applications: all for one course, by one actor and from one kind of purse, in the order in which they get seats
            and money.
        typed: what was written of a person beside, by their id.
        note: called inside the transaction with all results, before the seats are taken.

    Source: docs/rules.md R-580, R-581.
    """
    for _ in range(TRIES):
        try:
            going = _together(applications, typed or {}, note)
        except Moved:
            continue
        return going.results | (_one_by_one(going.offered, note) if going.offered else {})
    return _one_by_one(applications, note)


@retried
def _together(applications: Sequence[Application], typed: Mapping[int, Typed], note: Note) -> Round:
    with atomic():
        db.session.flush()  # what an outer block has changed in entities is read below without them
        people = _lock([each.person_id for each in applications])
        course = db.session.connection().execute(_course(), _asked(applications[0])).one()
        going = Round(list(applications))
        _recall(going, course.id)
        _set_apart(going, course.id)
        _turn_away(going, course)
        _refuse(going, course, people, typed)
        terms = _pay(going, course, people)
        _seat(going, course)
        made = _insert(going, terms)
        _write(going, terms, made)
        note(going.results)
        _take_seats(course.id, len(made))
    return going


def _one_by_one(applications: Sequence[Application], note: Note) -> dict[str, Result]:
    """The slow way, which no crowd can disturb."""
    results: dict[str, Result] = {}
    for each in applications:
        try:
            results[each.form_key] = commit.enroll(each)
        except DomainError as refusal:
            results[each.form_key] = refusal
    with atomic():
        _lock([each.person_id for each in applications])
        note(results)
    return results


# -- Who -----------------------------------------------------------------------------


def _lock(ids: Sequence[int]) -> dict[int, Any]:
    columns = (Person.id, Person.national_code, Person.foreign_code, Person.gender, Person.birth_date, Person.is_alive)
    query = (
        select(*columns, Person.schooling).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
    )
    return {row.id: row for row in db.session.connection().execute(query)}


def _asked(application: Application) -> dict[str, Any]:
    return {"course": application.course_id, "now": utcnow()}


@cache
def _course() -> Select[*tuple[Any, ...]]:
    """The course with the seats that are free when it is looked at."""
    is_open = case((courses.enrollable(bindparam("now")), True), else_=False).label("is_open")
    free = (is_open, (Course.capacity_max - Course.taken - Course.held).label("free"))
    asks = (*eligibility.columns(), Course.title, Course.delivery)
    where = (Course.province_id, Course.unit_id, Unit.kind, Province.code.label("province_code"))
    return select(*asks, *where, *free).join(Course.unit).join(Course.province).where(Course.id == bindparam("course"))


def _recall(going: Round, course_id: int) -> None:
    """Whom this very form has enrolled before, and who is in the course by another one; final, as they are locked."""
    keys, ids = [each.form_key for each in going.left], [each.person_id for each in going.left]
    active = and_(Enrollment.course_id == course_id, Enrollment.status == EnrollmentStatus.ACTIVE)
    query = select(
        Enrollment.id, Enrollment.form_key, Enrollment.person_id, Enrollment.course_id, Enrollment.tracking_code
    ).where(or_(Enrollment.form_key.in_(keys), and_(active, Enrollment.person_id.in_(ids))))
    rows = db.session.connection().execute(query).all()
    by_form = {row.form_key: row for row in rows}
    standing = {row.person_id: row.tracking_code for row in rows if row.course_id == course_id}

    def decide(each: Application) -> Result | None:
        done = by_form.get(each.form_key)
        if done is not None:
            same = (done.person_id, done.course_id) == (each.person_id, course_id)
            return Outcome(done.id, done.tracking_code, repeated=True) if same else FormUsed()
        code = standing.get(each.person_id)
        return AlreadyEnrolled(code, wording.of(each.channel)) if code else None

    going.settle(decide)


def _set_apart(going: Round, course_id: int) -> None:
    """Those for whom the waiting list holds a seat: each is enrolled alone afterwards, in the seat that is theirs."""
    if not going.left:
        return
    offers = select(WaitlistEntry.person_id).where(offering.offered_to(WaitlistEntry.person_id, course_id, utcnow()))
    people = set(db.session.scalars(offers.where(WaitlistEntry.person_id.in_([each.person_id for each in going.left]))))
    going.offered = [each for each in going.left if each.person_id in people]
    going.left = [each for each in going.left if each.person_id not in people]


def _turn_away(going: Round, course: Any) -> None:
    """Nobody is asked for money or anything else in a course that takes nobody."""
    if not course.is_open:
        going.settle(lambda _: CourseNotOpen())
    elif course.free <= 0:
        going.settle(lambda _: CourseFull())


def _refuse(going: Round, course: Any, people: Mapping[int, Any], typed: Mapping[int, Typed]) -> None:
    if not going.left:
        return
    values = policy.values_in(rules.POLICIES, course.kind.value, course.province_code)
    asked = [applicant(people[each.person_id], typed.get(each.person_id)) for each in going.left]
    said = {each.person_id: each.said for each in going.left}
    words = wording.of(going.left[0].channel)
    answers = eligibility.answer_each(asked, eligibility.Asked(course, values), said, words=words)
    going.found = {each.form_key: answers[each.person_id] for each in going.left}
    going.settle(lambda each: _refusal(going.found[each.form_key]))


def _refusal(found: list[Finding]) -> Result | None:
    return NotEligible(found) if eligibility.against(found) else None


def applicant(person: Any, typed: Typed | None) -> Typed:
    """A person, or a row with these columns, with what was typed: a birth date only where none is known."""
    beside = typed or Typed()
    born, schooling = person.birth_date or beside.birth_date, beside.schooling or person.schooling
    return Typed(person.id, person.gender, born, person.is_alive, schooling)


# -- Money ---------------------------------------------------------------------------


def _pay(going: Round, course: Any, people: Mapping[int, Any]) -> dict[str, Terms]:
    """The fee of each and the purse that pays it; whoever comes when a purse is empty is refused."""
    if not going.left:
        return {}
    costs = _costs(going.left, course)
    going.settle(lambda each: _risen(each, costs[each.form_key]))
    payers = {each.payer for each in going.left if costs[each.form_key]}
    held = ledger.held_each(payers) if payers else {}
    left = {owner: balance for owner, (_, balance) in held.items()}
    terms: dict[str, Terms] = {}
    short: list[str] = []
    for each in going.left:
        fee = costs[each.form_key]
        if fee and left.get(each.payer, 0) < fee:
            short.append(each.form_key)
            continue
        if fee:
            left[each.payer] -= fee
        terms[each.form_key] = Terms(course, fee, held[each.payer][0] if fee else None, {})
    _refuse_short(going, people, costs, left, short)
    return terms


def _costs(applications: Sequence[Application], course: Any) -> dict[str, int]:
    ids = [each.person_id for each in applications]
    groups = {each.target_group_id for each in applications if each.target_group_id}
    prices = fees.of_each(course, ids, groups)
    return {
        each.form_key: 0 if each.free_because else prices(each.person_id, each.target_group_id) for each in applications
    }


def _risen(application: Application, fee: int) -> Result | None:
    seen = application.seen_fee
    return FeeRose(seen, fee) if seen is not None and fee > seen else None


def _refuse_short(
    going: Round, people: Mapping[int, Any], costs: Mapping[str, int], left: Mapping[Owner, int], short: Sequence[str]
) -> None:
    """Each with what both purses hold once those before have paid."""
    asked = [each for each in going.left if each.form_key in short]
    if not asked:
        return
    owners = {each.form_key: ledger.owner_of(people[each.person_id]) for each in asked}
    others = [owner for owner in set(owners.values()) if owner not in left]
    stands = {**dict(zip(others, ledger.balances(*others), strict=True)), **left} if others else dict(left)

    def decide(each: Application) -> Result | None:
        if each.form_key not in owners:
            return None
        user = stands.get(each.portal_user, 0) if each.portal_user else None
        held = Purses(costs[each.form_key], stands.get(owners[each.form_key], 0), user)
        return Shortage(each.debit_source, held)

    going.settle(decide)


# -- Seats ---------------------------------------------------------------------------


def _seat(going: Round, course: Any) -> None:
    """Whoever stands behind the last free seat is refused before anything is written."""
    seated = {each.form_key for each in going.left[: course.free]}
    going.settle(lambda each: None if each.form_key in seated else CourseFull())


def _take_seats(course_id: int, count: int) -> None:
    """All seats by one condition in the database, whatever was read before.

    Raises:
        Moved: they are not free any more, or the course takes nobody.
    """
    if not count:
        return
    room = (courses.enrollable(utcnow()), courses.has_room(count=count))
    taking = update(Course).where(Course.id == course_id, *room).values(taken=Course.taken + count)
    if db.session.connection().execute(taking.returning(Course.id)).scalar() is None:
        raise Moved


# -- Writing -------------------------------------------------------------------------


def _insert(going: Round, terms: Mapping[str, Terms]) -> dict[str, Outcome]:
    """The new enrollments by their forms.

    Raises:
        Moved: a tracking code, drawn by lot, had been drawn before.
    """
    if not going.left:
        return {}
    drawn = {each.form_key: codes.tracking_code() for each in going.left}
    rows = [columns(each, terms[each.form_key], drawn[each.form_key]) for each in going.left]
    table: Any = Enrollment.__table__
    adding = insert_once(Enrollment).returning(table.c.id, table.c.form_key)
    made = {row.form_key: row.id for row in db.session.connection().execute(adding, rows)}
    if len(made) < len(rows):
        raise Moved
    return {key: Outcome(made[key], code, repeated=False) for key, code in drawn.items()}


def _write(going: Round, terms: Mapping[str, Terms], made: Mapping[str, Outcome]) -> None:
    """Debits, histories, messages and used drafts of the new enrollments."""
    if not made:
        return
    done = going.left
    actor_id = done[0].actor_id
    paid = [(each, terms[each.form_key]) for each in done if terms[each.form_key].fee]
    debits = [(t.purse or 0, t.fee, ledger.debit(made[a.form_key].enrollment_id, actor_id)) for a, t in paid]
    if ledger.earn_each(debits) < len(debits):
        raise AssertionError("a new enrollment has been paid for before")
    ids = [outcome.enrollment_id for outcome in made.values()]
    steps: list[dict[str, Any]] = [{"enrollment_id": each, "actor_id": actor_id, "action": "enroll"} for each in ids]
    add_many(EnrollmentEvent, steps)
    noted = [remembering.events(made[each.form_key].enrollment_id, each, going.found[each.form_key]) for each in done]
    add_many(EnrollmentEvent, [event for events in noted for event in events])
    _tell(done, terms, made)
    drafts = [each.draft_id for each in done if each.draft_id is not None]
    if drafts:
        using = update(EnrollmentDraft).where(EnrollmentDraft.id.in_(drafts)).values(used_at=utcnow())
        db.session.execute(using.execution_options(synchronize_session=False))
    _warn(paid)
    going.results |= made


def _tell(done: Sequence[Application], terms: Mapping[str, Terms], made: Mapping[str, Outcome]) -> None:
    course = terms[done[0].form_key].course
    by = None
    if any(terms[each.form_key].fee for each in done):
        by = confirming.debited_by(next(each for each in done if terms[each.form_key].fee), course)
    owed = []
    for each in done:
        outcome, fee = made[each.form_key], terms[each.form_key].fee
        body = confirming.confirmation(course, outcome.tracking_code, fee, each.debit_source, by if fee else None)
        made_key = f"enrollment:{outcome.enrollment_id}:made"
        owed.append(Owed(each.person_id, messages.CONFIRMATION, body, made_key, outcome.enrollment_id))
    messages.tell_each(owed)


def _warn(paid: Sequence[tuple[Application, Terms]]) -> None:
    """A word about the portal user's purse when these debits have brought it low."""
    spent = [(each, terms) for each, terms in paid if each.debit_source is DebitSource.PORTAL_USER]
    if not spent:
        return
    first, terms = spent[0]
    values = policy.values_in((low.RULE,), terms.course.kind.value, terms.course.province_code)
    now = ledger.balance(*first.payer)
    before = now + sum(each.fee for _, each in spent)
    if now < int(values[low.RULE]) <= before:
        low.tell(terms.purse or 0, now, actor_id=first.actor_id, cause=first.form_key)
