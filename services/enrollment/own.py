"""Self-enrollment: a signed-in person, one page that asks «are you …?», one press."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select

from models import (
    Account,
    Channel,
    Course,
    CourseStatus,
    DebitSource,
    Discrepancy,
    DiscrepancyState,
    Enrollment,
    EnrollmentDraft,
    EnrollmentStatus,
    IdentityStatus,
    Person,
    PersonPhoto,
    Schooling,
    TargetGroup,
    Unit,
    WaitlistEntry,
    db,
    utcnow,
)
from services import codes, courses, labels, ledger, people, policy, schooling, tariffs
from services.access import Visitor
from services.enrollment import commit, eligibility, lacks, resuming
from services.enrollment.rules import Finding, Said
from services.enrollment.terms import Application, Outcome
from services.enrollment.wording import TO_PERSON
from services.errors import DomainError, NotFound
from services.transaction import atomic, retried
from services.waiting import offering

_UNKNOWN = "دوره‌ای با این کد پیدا نشد. از فهرست دوره‌ها شروع کنید."


@dataclass(frozen=True)
class Offer:
    """What the confirmation page shows; `standing` is the tracking code of the enrollment that exists already.

    `wait_id` is the person's place in the waiting list, and `held_until` the end of an offer that it has become.

    `sources` tell where what is known of the person came from; `disputed` is who gives another name, and which.
    `photo` says how the person's portrait stands.
    `draft_key` is that of what was begun before and not finished, `kept` what was typed then, `group_title` the
    target group that it names.
    """

    id: int
    code: str
    title: str
    unit_title: str
    unit_phone: str | None
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
    draft_key: str | None
    kept: dict[str, Any] | None
    photo: str
    target_group_id: int | None
    group_title: str | None
    min_education: str | None
    schooling: Schooling | None
    status: CourseStatus
    enroll_open_at: dt.datetime
    enroll_close_at: dt.datetime
    wait_id: int | None
    held_until: dt.datetime | None

    @property
    def least_schooling(self) -> str:
        """What the course asks for at least, where the person has not said yet how far they went to school."""
        least = schooling.read(self.min_education) if self.schooling is None else None
        return schooling.TITLES[least] if least not in (None, Schooling.NONE) else ""

    @property
    def when(self) -> str:
        """Where the hour of enrollment stands: «soon», «open» or «over»."""
        now = utcnow()
        if courses.reading.takes_now(self, now):
            return "open"
        return "soon" if self.status in courses.ENROLLABLE and now < self.enroll_open_at else "over"

    @property
    def is_held(self) -> bool:
        """Whether a seat is held for this very person."""
        return self.held_until is not None and self.held_until > utcnow()

    @property
    def seats_left(self) -> int:
        return max(0, self.capacity_max - self.taken - self.held)

    @property
    def is_full(self) -> bool:
        return self.seats_left == 0 and not self.is_held

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
    fee = 0 if row.is_fee_exempt else tariffs.sure(row.fee_rials, tariffs.ENROLL_CREDIT)
    values = {name: value for name, value in row._mapping.items() if name in Offer.__dataclass_fields__}
    photo = lacks.PHOTO_WORDS[lacks.photo_stands(row)]
    is_disputed = row.identity_status is IdentityStatus.DISCREPANCY
    disputed = _other_name(person.id) if is_disputed else None
    return Offer(**{**values, "fee_rials": fee, "balance": row.balance or 0, "disputed": disputed, "photo": photo})


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
    decile = tariffs.decile_of(bindparam("person"), today)
    keys = tariffs.Keys(Unit.kind, Course.delivery, TargetGroup.code, decile)
    fee = tariffs.in_force(tariffs.ENROLL_CREDIT, keys, today).correlate(Unit, Course, TargetGroup).scalar_subquery()
    purse = and_(Account.owner_kind == bindparam("kind"), Account.owner_code == bindparam("owner"))
    standing = and_(
        Enrollment.course_id == Course.id,
        Enrollment.person_id == bindparam("person"),
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    course = (Course.id, Course.code, Course.title, Course.start_on, Course.taken, Course.held, Course.capacity_max)
    kin = (
        Course.province_id,
        Course.field_id,
        Course.standard_id,
        Unit.title.label("unit_title"),
        Unit.phone.label("unit_phone"),
    )
    own = (fee.label("fee_rials"), Account.balance, Enrollment.tracking_code.label("standing"))
    begun = (EnrollmentDraft.key.label("draft_key"), EnrollmentDraft.fields.label("kept"), *_OF_GROUP)
    hours = (Course.status, Course.enroll_open_at, Course.enroll_close_at)
    wait = (WaitlistEntry.id.label("wait_id"), WaitlistEntry.offer_until.label("held_until"))
    waits = and_(
        WaitlistEntry.course_id == Course.id, WaitlistEntry.person_id == bindparam("person"), offering.STANDING
    )
    about = (Course.min_education, Person.schooling, Person.identity_status, Person.sources, *lacks.of_photo())
    query = select(*course, *kin, *own, *begun, *hours, *wait, *about).join(Course.unit)
    query = query.join(Person, Person.id == bindparam("person"))
    query = query.outerjoin(WaitlistEntry, waits).outerjoin(PersonPhoto, lacks.newest_photo(Person.id))
    query = _with_begun(query.outerjoin(Account, purse).outerjoin(Enrollment, standing))
    return query.where(Course.code == bindparam("code"), courses.public_on(today))


def answer(person: Visitor, course: Offer, prerequisite: str = "") -> list[Finding]:
    """What the rules say of somebody who could be enrolled now, in their own words."""
    if course.standing or course.is_full or course.when == "over":
        return []
    said = Said(course.target_group_id, prerequisite or None)
    return eligibility.look_up(person.id, course.id, said, TO_PERSON)


def barring(found: list[Finding]) -> list[Finding]:
    """The rules that refuse whatever is written on the page of a self-enrollment, so that it has no button.

    Source: docs/rules.md R-695.
    """
    return [each for each in found if each.refuses and each.field != "prerequisite"]


def lacking(person: Visitor, course: Offer, prerequisite: str = "") -> int:
    """What the own purse lacks for the course; the fee, where it lacks nothing.

    Raises:
        NotEligible: a rule refuses this person, so that nothing should be paid in for the course.
    """
    commit.check_eligible(person.id, course.id, Channel.SELF, Said(course.target_group_id, prerequisite or None))
    return max(course.fee_rials - course.balance, 0) or course.fee_rials


def enroll(
    person: Visitor,
    course_code: str,
    form_key: str,
    *,
    seen: int | None = None,
    has: Schooling | None = None,
    prerequisite: str = "",
) -> Outcome:
    """Enroll the signed-in person, paying from the own purse no more than they have seen.

    `has` is how far they say they went to school, where the course asks for it; `prerequisite` which paper they have.

    Raises:
        NotFound, and every refusal of `commit.enroll`.
    """
    asked = {"code": codes.read_course_code(course_code), "person": person.id}
    row = db.session.connection().execute(_begun(), asked).first()
    if row is None:
        raise NotFound(_UNKNOWN)
    application = Application(
        form_key=form_key,
        course_id=row.id,
        person_id=person.id,
        channel=Channel.SELF,
        debit_source=DebitSource.TRAINEE,
        payer=ledger.owner_of(person),
        seen_fee=seen,
        draft_id=row.draft_id,
        free_because=f"گروه هدف: {row.group_title}" if row.is_fee_exempt else None,
        target_group_id=row.target_group_id,
        group_evidence=_proven(row) or None,
        prerequisite_seen=prerequisite or None,
    )
    return _enroll_saying(application, has) if has else commit.enroll(application)


@retried
def _enroll_saying(application: Application, said: Schooling) -> Outcome:
    """Whoever is refused may have chosen a wrong line: nothing is kept of it then.

    Source: docs/rules.md R-604.
    """
    with atomic():
        people.set_schooling(people.locked(application.person_id), said, people.SELF)
        return commit.enroll(application)


def _proven(row: Row[Any]) -> str:
    """What was written to prove the group; its file was asked for when it was written.

    Source: docs/rules.md R-602.
    """
    words = str(row.fields.get("evidence", "")) if row.target_group_id else ""
    if (row.needs_evidence or row.is_fee_exempt) and not words:
        raise DomainError(resuming.NO_WORDS.format(title=row.group_title), field="target_group")
    return words


_OF_GROUP = (TargetGroup.id.label("target_group_id"), TargetGroup.title.label("group_title"), TargetGroup.is_fee_exempt)


@cache
def _begun() -> Select[*tuple[Any, ...]]:
    """The course, with what the person has begun for it."""
    begun = (EnrollmentDraft.id.label("draft_id"), EnrollmentDraft.fields, *_OF_GROUP, TargetGroup.needs_evidence)
    return _with_begun(select(Course.id, *begun).select_from(Course)).where(Course.code == bindparam("code"))


def _with_begun(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A group that is in use no more counts as none."""
    mine = EnrollmentDraft.id == resuming.standing(bindparam("person"), Course.id)
    group = and_(TargetGroup.id == EnrollmentDraft.target_group_id, TargetGroup.is_active)
    return query.outerjoin(EnrollmentDraft, mine).outerjoin(TargetGroup, group)
