"""A person's mobile: changed here alone, and asked of Shahkar by a job whether it is registered to its owner."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

import gateways
from gateways.shahkar import new_request_id
from models import (
    Guardianship,
    IdentityStep,
    InquiryKind,
    InquiryOutcome,
    Message,
    MessageState,
    MobileChange,
    MobileStatus,
    Mode,
    OutboxState,
    Person,
    Unit,
    User,
    UserRole,
    db,
    utcnow,
)
from services import codes, inquiries, outbox, outside, people, policy, provenance, text
from services.errors import DomainError
from services.inquiries import Question, Settled, Way
from services.outbox import Claim, Topic
from services.provenance import Place
from services.transaction import atomic

SOURCE = "shahkar"
OTHER_MOBILE = "other_mobile"  # the words are in services/labels.py
MONTH = timedelta(days=30)
RECHECK_S, DAY_S = 600, 86_400  # the clock comes so often, and the share of a day is for that time
MEMORY = timedelta(hours=24)  # numbers change hands, but not within a day


def owe(person: Person, actor_id: int | None = None) -> None:
    """Owe a check of a mobile that nobody has checked, or not for long; call inside the transaction.

    Source: docs/rules.md R-80, R-82.
    """
    if not _is_to_check(person):
        return
    before = outbox.states_of(Topic.SHAHKAR, person.id)
    # One that is open will look at the mobile as it is then. The first check of a person is what an enrollment brings;
    # only whoever types one number after the other may be guessing.
    if OutboxState.OPEN not in before:
        outbox.owe(Topic.SHAHKAR, person.id, f"shahkar:{person.id}:{len(before)}", actor_id if before else None)


def owe_each(persons: Sequence[Person]) -> None:
    """`owe` for many people, which no user has typed."""
    outbox.owe_each(Topic.SHAHKAR, [person.id for person in persons if _is_to_check(person)])


def _is_to_check(person: Person) -> bool:
    """Whether nobody has checked the mobile, or not for long; an old match is one no more."""
    if is_old(person) and outside.mode_of(Topic.SHAHKAR) is not Mode.OFF:
        person.mobile_status = MobileStatus.UNCHECKED
    return person.mobile_status is MobileStatus.UNCHECKED and person.national_code is not None


def is_old(person: Person) -> bool:
    """Whether a match is so long ago that the number may have changed hands."""
    if person.mobile_status is not MobileStatus.MATCHED or person.mobile_checked_at is None:
        return False
    age = utcnow() - person.mobile_checked_at
    # No policy is shorter than a month, and most matches are: they need no look at it.
    months = int(policy.value_in("mobile_recheck_months", "*", "*")) if age > MONTH else 0
    return months > 0 and age > months * MONTH


def recheck(now: datetime) -> int:
    """Ask again about the oldest matches, a small share at a time and only while Shahkar answers; how many.

    Source: docs/rules.md R-82, R-770.
    """
    months, a_day = (
        int(policy.value_in(name, "*", "*")) for name in ("mobile_recheck_months", "mobile_recheck_per_day")
    )
    share = -(-a_day * RECHECK_S // DAY_S)
    is_calm = outside.is_online(Topic.SHAHKAR) and not outside.is_down(Topic.SHAHKAR)
    if not months or not share or not is_calm or outbox.waiting(Topic.SHAHKAR) >= share:
        return 0
    with atomic():
        old = _oldest(now - months * MONTH, share)
        for person in old:
            person.mobile_status = MobileStatus.UNCHECKED
        db.session.flush()
        owe_each(old)
    return len(old)


def _oldest(before: datetime, limit: int) -> Sequence[Person]:
    is_old = (Person.mobile_status == MobileStatus.MATCHED, Person.mobile_checked_at < before)
    query = (
        select(Person).where(*is_old, Person.national_code.is_not(None)).order_by(Person.mobile_checked_at, Person.id)
    )
    query = query.limit(limit).with_for_update(key_share=True, skip_locked=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def is_coming(person: Person) -> bool:
    """Whether a verdict on the mobile can still come by itself, or by an operator who revives a dead letter."""
    states = outbox.states_of(Topic.SHAHKAR, person.id)
    return bool(states) and states[-1] in (OutboxState.OPEN, OutboxState.DEAD)


def was_given_up(person: Person) -> bool:
    """Whether an operator discarded the last check."""
    states = outbox.states_of(Topic.SHAHKAR, person.id)
    return bool(states) and states[-1] is OutboxState.DISCARDED


@outbox.handles(Topic.SHAHKAR)
def check(claim: Claim) -> None:
    """Settle whether a person's mobile is theirs."""
    with atomic():
        # Locked, so that a number given at this moment either is seen here or finds this check closed.
        person = people.locked(claim.ref_id)
        if not person.national_code or person.mobile_status is not MobileStatus.UNCHECKED:
            outbox.done(claim)
            return
    shahkar = gateways.shahkar()
    if inquiries.is_held(claim, Topic.SHAHKAR, can_be_called=shahkar is not None) or shahkar is None:
        return
    code, mobile = person.national_code, person.mobile or ""
    question = question_of(person, new_request_id(shahkar.provider_code))
    way = Way(SOURCE, claim)
    known = inquiries.remembered(question, utcnow() - MEMORY)
    if known is not None:
        settle(question, known, way, is_remembered=True)
        return
    answer = inquiries.ask(claim, question, lambda: shahkar.matches(code, mobile, question.request_id))
    if answer is not None:
        outcome = InquiryOutcome.MATCH if answer.value else InquiryOutcome.NO_MATCH
        settle(question, outcome, way)


def question_of(person: Person, request_id: str) -> Question:
    """What Shahkar is asked about a person; `request_id` names the call, or the row of a file."""
    return Question(InquiryKind.SHAHKAR, person.id, f"{person.national_code}:{person.mobile}", request_id)


def settle(question: Question, outcome: InquiryOutcome, way: Way, *, is_remembered: bool = False) -> Settled:
    """Take in whether the mobile is its owner's; the way the verdict came makes no odds.

    Args:
        outcome: MATCH or NO_MATCH; what is unknown settles nothing and stays owed.
        is_remembered: the verdict is one of ours, and is not written down a second time.
    """
    if outcome not in (InquiryOutcome.MATCH, InquiryOutcome.NO_MATCH):
        raise ValueError(outcome)
    with atomic():
        person = people.locked(question.person_id)
        if not is_remembered:
            inquiries.note(question, outcome, way.claim)
        settled = _taken(person, question, outcome, way)
        inquiries.close(way, Topic.SHAHKAR, question, settled, OTHER_MOBILE)
    return settled


def _taken(person: Person, question: Question, outcome: InquiryOutcome, way: Way) -> Settled:
    if person.mobile_status is not MobileStatus.UNCHECKED:
        return Settled.NEEDLESS
    if question.subject != f"{person.national_code}:{person.mobile}":
        # The verdict is about a number that is no longer theirs; a new one is looked at in the next turn.
        return Settled.STALE
    matches = outcome is InquiryOutcome.MATCH
    person.mobile_status = MobileStatus.MATCHED if matches else MobileStatus.NOT_MATCHED
    person.mobile_checked_at = utcnow()
    step = IdentityStep.CONFIRMED if matches else IdentityStep.DISPUTED
    provenance.note(person, "mobile", step, way.source, way.actor_id)
    wake_messages(person.id)
    return Settled.TAKEN


def wake_messages(person_id: int) -> None:
    """The mobile's status has changed: what waited for it is decided now; call in the transaction that changed it."""
    wards = select(Guardianship.person_id).where(Guardianship.guardian_id == person_id, Guardianship.ended_at.is_(None))
    theirs = or_(Message.person_id == person_id, Message.person_id.in_(wards))
    outbox.wake(Topic.SMS, select(Message.id).where(theirs, Message.state == MessageState.QUEUED))


def is_to_ask(person: Person) -> bool:
    """Whether a file that goes to Shahkar should hold this person."""
    return person.national_code is not None and bool(person.mobile) and person.mobile_status is MobileStatus.UNCHECKED


# -- Changing ----------------------------------------------------------------------

WHILE_TYPING = "هنگام ثبت مشخصات نوشته شد"
OWN_MOBILE = "این شمارهٔ همراه خود شماست. شماره‌ای به نام کارآموز بنویسید، یا جای آن را خالی بگذارید."
COLLEAGUES_MOBILE = (
    "این شمارهٔ همراه یکی از کارکنان همین واحد است. شماره‌ای به نام کارآموز بنویسید، یا جای آن را خالی بگذارید."
)
UNITS_MOBILE = "این شمارهٔ خود این واحد است. شماره‌ای به نام کارآموز بنویسید، یا جای آن را خالی بگذارید."


@dataclass(frozen=True)
class By:
    """The user who writes a mobile, for which unit, and on what evidence; nobody where its owner does."""

    actor_id: int | None = None
    unit_id: int | None = None
    document_id: int | None = None
    reason: str | None = None
    place: Place | None = None  # where the person belongs, if that has been looked up


NOBODY = By()


def change(person: Person, mobile: str, source: str, by: By = NOBODY) -> bool:
    """Give a person another mobile, and owe its check; True when it is another one. Call inside `atomic()`, locked.

    Raises:
        DomainError: no mobile number, or that of whoever writes it, of a colleague or of the unit; at `mobile`.

    Source: docs/rules.md R-790.
    """
    refuse_of_staff(person, mobile, {by.unit_id} if by.unit_id else set(), by.actor_id)
    is_new = put(person, mobile, source, by)
    db.session.flush()
    owe(person, by.actor_id)
    return is_new


def put(person: Person, mobile: str, source: str, by: By = NOBODY) -> bool:
    """`change` without asking whose number it is and without owing: for many people, of whom both is done together.

    What came from the national window is its owner's. Nothing is read here where `by` knows the place.
    """
    number, before = wanted(mobile), person.mobile
    if number == before and source != people.SSO:
        return False
    if number != before or person.mobile_status is not MobileStatus.MATCHED:
        step = IdentityStep.CONFIRMED if number == before else IdentityStep.CHANGED if before else IdentityStep.FILLED
        provenance.note_each(person, [("mobile", step)], source, by.actor_id, by.place)
    mark(person, number, source)
    if number == before:
        return False
    if before or by.document_id or by.reason:
        row = MobileChange(person_id=person.id, old_mobile=before, new_mobile=number, source=source)
        row.actor_id, row.unit_id, row.document_id = by.actor_id, by.unit_id, by.document_id
        row.reason = by.reason or (WHILE_TYPING if by.actor_id else None)
        db.session.add(row)
    return True


def ask_again(person: Person) -> None:
    """Ask about the same mobile once more, because it may be its owner's by now; call inside `atomic()`, locked."""
    if person.mobile_status is MobileStatus.NOT_MATCHED:
        person.mobile_status, person.mobile_checked_at = MobileStatus.UNCHECKED, None
        db.session.flush()
    owe(person)


def wanted(mobile: str) -> str:
    """A mobile that was typed, in the form in which it is stored.

    Raises:
        DomainError: it is none.
    """
    number = codes.mobile(mobile)
    if number is None:
        raise DomainError(codes.why_not_mobile(mobile), field="mobile")
    return number


def mark(person: Person, number: str, source: str) -> None:
    """Set another number without a word of it anywhere: for who writes the history of many people at once."""
    is_theirs = source == people.SSO
    if is_theirs and (person.mobile, person.mobile_status) != (number, MobileStatus.MATCHED):
        wake_messages(person.id)
    person.mobile, person.mobile_checked_at = number, utcnow() if is_theirs else None
    person.mobile_status = MobileStatus.MATCHED if is_theirs else MobileStatus.UNCHECKED
    people.mark_source(person, "mobile", source)


def fill(person: Person, said: str | None, by: By) -> None:
    """The mobile that a clerk has written of somebody beside other things; one that is its owner's stays."""
    if said and not people.has_settled_mobile(person):
        put(person, said, people.CLERK, by)


def refuse_of_staff(person: Person, mobile: str, units: Collection[int], actor_id: int | None) -> None:
    """No number of whoever writes it, of a colleague or of a unit, typed to get past the field.

    Raises:
        DomainError: it is one of those; not where Shahkar has matched it with this person.

    Source: docs/rules.md R-39.
    """
    number = codes.mobile(mobile)
    if number is None or (number == person.mobile and person.mobile_status is MobileStatus.MATCHED):
        return
    here = or_(User.id == actor_id, UserRole.unit_id.in_(units))
    staff = select(User.id).join(Person, Person.id == User.person_id).outerjoin(UserRole, UserRole.user_id == User.id)
    whose = staff.where(here, User.disabled_at.is_(None), Person.mobile == number, Person.id != person.id)
    owners = set(db.session.scalars(whose))
    phones = db.session.scalars(select(Unit.phone).where(Unit.id.in_(units))).all() if units and not owners else []
    if said := of_staff(number, is_own=actor_id in owners, is_colleagues=bool(owners), phones=phones):
        raise DomainError(said, field="mobile")


def of_staff(number: str, *, is_own: bool, is_colleagues: bool, phones: Iterable[str | None]) -> str | None:
    """The sentence for a number that is not a trainee's own; None for any other number."""
    if is_own or is_colleagues:
        return OWN_MOBILE if is_own else COLLEAGUES_MOBILE
    return UNITS_MOBILE if any(_is_among(number, phone) for phone in phones) else None


def _is_among(number: str, phones: str | None) -> bool:
    """Whether a mobile is one of the numbers in a free text, however they are grouped."""
    return number.removeprefix("0") in "".join(filter(str.isdigit, text.digits(phones)))


def others_with(mobile: str | None, person_id: int | None) -> int:
    """How many other people have this mobile, up to fifty: a warning, not a refusal (F55)."""
    number = codes.mobile(mobile) if mobile else None
    if number is None:
        return 0
    others = select(Person.id).where(Person.mobile == number, Person.id != (person_id or 0))
    return len(db.session.scalars(others.limit(50)).all())
