"""Reading enrollments: the slip by its tracking code, the last ones of a course, those of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select, true
from sqlalchemy.orm import joinedload

from models import (
    Account,
    BreakerState,
    Channel,
    Course,
    Enrollment,
    EnrollmentEvent,
    EnrollmentStatus,
    Message,
    MessageState,
    MobileStatus,
    Outbox,
    OutboxState,
    OutsideSystem,
    OwnerKind,
    Person,
    Place,
    Role,
    StoredFile,
    Unit,
    Workshop,
    db,
)
from services import codes, foreigners, guardians, jalali, labels, messages, people
from services.access import Actor, Level, Visitor
from services.enrollment import resuming, reversal, steps
from services.errors import NotFound, OutsideTerritory
from services.outbox import Topic

MESSAGE_NOTES = {
    MessageState.QUEUED: "پیامک در راه است.",
    MessageState.SENT: "پیامک فرستاده شد.",
    MessageState.DELIVERED: "پیامک تحویل شد.",
    MessageState.SUPPRESSED: "پیامک فرستاده نشد",
    MessageState.FAILED: "پیامک فرستاده نشد. شماره را بررسی کنید.",
    MessageState.UNKNOWN: "از سامانهٔ پیامک پاسخ روشنی نرسید؛ شاید پیامک رسیده باشد.",
}
# Of a message that is still queued: what it waits for.
WAITS_FOR_MATCH = "شمارهٔ همراه هنوز با کد ملی تطبیق داده نشده است؛ پس از تطبیق، پیامک خودکار فرستاده می‌شود."
WAITS_FOR_PROVIDER = "سامانهٔ پیامک پاسخ نمی‌دهد؛ پس از وصل شدن آن، پیامک خودکار فرستاده می‌شود."
WAITS_FOR_OPERATOR = (
    "پیامک هنوز فرستاده نشده است؛ راهبر سامانه آن را بررسی می‌کند. رسید را چاپ کنید یا کد رهگیری را یادداشت کنید."
)


@dataclass(frozen=True)
class Viewer:
    """Who looks at a slip: staff with their territories, a signed-in person, or a stranger (nothing given)."""

    actors: tuple[Actor, ...] = ()
    person_id: int | None = None


@dataclass(frozen=True)
class Slip:
    """One enrollment as it is printed. `is_whole` tells whether the viewer may read names and codes in full.

    `undo_key` is that of the draft it was made by, for the clerk who may still take it back; `papers` are what a
    trainee sent to prove their group, for staff and for themselves; `remembered` is for staff what was set aside, and
    `guardian` who answers for a child; who `may_keep` is led to what is known of the person.
    """

    enrollment: Enrollment
    is_whole: bool
    is_staff: bool
    paid_by: str
    message: Row[Any] | None
    undo_key: str | None
    papers: list[StoredFile]
    remembered: list[tuple[str, str]]
    guardian: str = ""
    may_keep: bool = False

    @property
    def schedule(self) -> str:
        course = self.enrollment.course
        days = labels.weekdays(course.weekdays)
        if course.start_time is None or course.end_time is None:
            return days
        return f"{days}، {jalali.clock(course.start_time)} تا {jalali.clock(course.end_time)}"

    @property
    def where(self) -> str:
        workshop = self.enrollment.course.workshop
        place = workshop.place if workshop else None
        parts = [place.title, place.address, workshop.title] if workshop and place else []
        return "، ".join(part for part in parts if part) or self.enrollment.course.unit.address or ""

    @property
    def next_step(self) -> str:
        return steps.next_step(self.enrollment).text

    @property
    def message_note(self) -> str | None:
        """Whether the SMS has gone, or why not; for the person and for staff."""
        if self.message is None or not self.is_whole:
            return None
        if self.message.state is MessageState.QUEUED:
            return self._waits_for(self.message)
        why = labels.SUPPRESSED_REASON.get(self.message.suppressed_reason or "")
        said = MESSAGE_NOTES[self.message.state]
        return f"{said}: {why}." if why else said

    def _waits_for(self, owed: Row[Any]) -> str:
        if owed.owed_state is OutboxState.DEAD:
            return WAITS_FOR_OPERATOR
        if self.enrollment.person.mobile_status is MobileStatus.UNCHECKED:
            return WAITS_FOR_MATCH
        # What had waited for the match is on its way as soon as there is one.
        has_failed = owed.last_error not in (None, messages.WAITING)
        is_resting = owed.breaker is BreakerState.OPEN  # then nobody even tries
        return WAITS_FOR_PROVIDER if has_failed or is_resting else MESSAGE_NOTES[MessageState.QUEUED]

    @property
    def name(self) -> str:
        person = self.enrollment.person
        return people.shown_name(person) if self.is_whole else people.masked_name(person)

    @property
    def code_word(self) -> str:
        return "کد ملی" if self.enrollment.person.national_code else foreigners.kind_of(self.enrollment.person)

    @property
    def code(self) -> str:
        code = self.enrollment.person.national_code or self.enrollment.person.foreign_code or ""
        return code if self.is_whole else people.masked_code(code)


def slip(tracking_code: str, viewer: Viewer) -> Slip:
    """The slip of a tracking code; a stranger who has the code reads it with the person masked.

    Raises:
        NotFound: no such tracking code.
    """
    code = tracking_code if codes.is_tracking_code(tracking_code) else None
    enrollment = db.session.scalar(_of_code(), {"code": code}) if code else None
    if enrollment is None:
        raise NotFound("ثبت‌نامی با این کد رهگیری پیدا نشد. رقم‌ها را با رسید تطبیق دهید.")
    message = db.session.connection().execute(_newest_message(), {"enrollment": enrollment.id}).first()
    whole = _may_read(enrollment, viewer)
    staff = bool(viewer.actors)
    sent_proof = whole and enrollment.target_group_id is not None and enrollment.channel is Channel.SELF
    papers = resuming.papers_of(enrollment) if sent_proof else []
    owner = _owner_name(enrollment.payer) if whole and enrollment.payer else None
    paid_by, undo_key = _paid_by(enrollment, owner), _undo_key(enrollment, viewer)
    remembered = _remembered(enrollment.id) if whole and staff else []
    guardian, may_keep = _guardian(enrollment) if whole and staff else "", _may_keep(enrollment, viewer)
    return Slip(enrollment, whole, staff, paid_by, message, undo_key, papers, remembered, guardian, may_keep)


def several(enrollment_ids: Sequence[int], viewer: Viewer) -> list[Slip]:
    """Slips to be printed one after the other, of those that the viewer may read whole; in three queries at most."""
    query = _wide().where(Enrollment.id.in_(enrollment_ids)).order_by(Enrollment.id)
    rows = [row for row in db.session.scalars(query) if _may_read(row, viewer)]
    owners = _owner_names([row.payer for row in rows if row.payer])
    staff = bool(viewer.actors)
    paid = {row.id: _paid_by(row, owners.get(row.payer_account_id or 0)) for row in rows}
    return [Slip(row, True, staff, paid[row.id], None, None, [], []) for row in rows]


@cache
def _of_code() -> Select[Enrollment]:
    """Built once: every enrollment ends on this page."""
    return _wide().where(Enrollment.tracking_code == bindparam("code"))


def _wide() -> Select[Enrollment]:
    """Enrollments with no more columns than a slip shows."""
    course = joinedload(Enrollment.course).load_only(*_OF_COURSE)
    workshop = course.joinedload(Course.workshop).load_only(Workshop.title, Workshop.place_id)
    person = joinedload(Enrollment.person).load_only(*_OF_PERSON)
    return (
        select(Enrollment)
        .options(person, course.joinedload(Course.unit).load_only(Unit.title, Unit.phone, Unit.address))
        .options(workshop.joinedload(Workshop.place).load_only(Place.title, Place.address))
        .options(joinedload(Enrollment.payer).load_only(Account.owner_kind, Account.owner_code))
    )


_OF_COURSE: tuple[Any, ...] = (
    Course.code,
    Course.title,
    Course.status,
    Course.unit_id,
    Course.workshop_id,
    Course.weekdays,
    Course.start_on,
    Course.start_time,
    Course.end_time,
)
_OF_PERSON: tuple[Any, ...] = (
    Person.national_code,
    Person.foreign_code,
    Person.first_name,
    Person.last_name,
    Person.identity_status,
    Person.mobile_status,
    Person.birth_date,
    Person.sources,
)


@cache
def _newest_message() -> Select[*tuple[Any, ...]]:
    """The newest message of an enrollment, with what is owed of it and how the provider is doing."""
    of_message = and_(Outbox.topic == Topic.SMS, Outbox.ref_id == Message.id)
    owed = (Outbox.state.label("owed_state"), Outbox.last_error, OutsideSystem.breaker)
    query = select(Message.state, Message.suppressed_reason, *owed).outerjoin(Outbox, of_message)
    query = query.outerjoin(OutsideSystem, OutsideSystem.code == messages.SYSTEM).where(
        Message.enrollment_id == bindparam("enrollment")
    )
    return query.order_by(Message.id.desc(), Outbox.id.desc()).limit(1)


def _may_read(enrollment: Enrollment, viewer: Viewer) -> bool:
    if viewer.person_id is not None and viewer.person_id == enrollment.person_id:
        return True
    return any(_is_in_territory(actor, enrollment) for actor in viewer.actors)


def _is_in_territory(actor: Actor, enrollment: Enrollment) -> bool:
    units = {enrollment.unit_id, enrollment.course.unit_id}
    if actor.level is Level.CENTER and enrollment.created_by_id != actor.user_id:
        units -= actor.own_acts_only
    return any(actor.covers(unit_id, enrollment.province_id) for unit_id in units)


def _guardian(enrollment: Enrollment) -> str:
    if not guardians.is_minor(enrollment.person.birth_date):
        return ""
    named = guardians.standing(enrollment.person_id)
    return guardians.words(named) if named else "ثبت نشده است"


def _may_keep(enrollment: Enrollment, viewer: Viewer) -> bool:
    """Whether this is a clerk or manager of a unit that enrolled the person or holds the course."""
    units = {enrollment.unit_id, enrollment.course.unit_id}
    centers = (actor for actor in viewer.actors if actor.level is Level.CENTER)
    return any(units & set(actor.acting(Role.CLERK, Role.MANAGER).units) for actor in centers)


def _undo_key(enrollment: Enrollment, viewer: Viewer) -> str | None:
    here = (actor for actor in viewer.actors if actor.level is Level.CENTER and enrollment.unit_id in actor.units)
    return enrollment.form_key if any(reversal.can_undo(actor.user_id, enrollment) for actor in here) else None


def _paid_by(enrollment: Enrollment, owner: str | None) -> str:
    """Who paid, in the circular's words; `owner` is the name of the portal user, where it may be read."""
    if not enrollment.fee_rials:
        return enrollment.fee_reason or "بدون هزینه"
    if enrollment.debit_source.value == "trainee":
        return "کسر اعتبار از کارآموز"
    return f"کسر اعتبار از کاربر پورتال ({owner})" if owner else "کسر اعتبار از کاربر پورتال"


def _owner_name(account: Account) -> str | None:
    if account.owner_kind is OwnerKind.UNIT:
        return db.session.scalar(select(Unit.title).where(Unit.code == account.owner_code))
    if account.owner_kind is not OwnerKind.NATIONAL:
        return None
    owner = people.by_national_code(account.owner_code)
    return owner.full_name if owner else None


def _owner_names(accounts: Sequence[Account]) -> dict[int, str]:
    """The names of owners of several purses, by the id of the purse."""
    codes_of = {kind: {each.owner_code for each in accounts if each.owner_kind is kind} for kind in OwnerKind}
    units = select(Unit.code, Unit.title).where(Unit.code.in_(codes_of[OwnerKind.UNIT]))
    names = {(OwnerKind.UNIT, code): title for code, title in db.session.execute(units)}
    owners = select(Person).where(Person.national_code.in_(codes_of[OwnerKind.NATIONAL]))
    for owner in db.session.scalars(owners):
        names[OwnerKind.NATIONAL, owner.national_code or ""] = owner.full_name or ""
    return {each.id: names.get((each.owner_kind, each.owner_code), "") for each in accounts}


def last_of_course(actor: Actor, course: Course, limit: int = 5) -> list[Enrollment]:
    """The newest enrollments of a course, for the side of the clerk's desk; of a counter its own acts alone.

    Source: docs/rules.md R-565.
    """
    is_whole = course.unit_id in set(actor.units) - actor.own_acts_only
    among = true() if is_whole else Enrollment.created_by_id == actor.user_id
    query = (
        select(Enrollment)
        .where(Enrollment.course_id == course.id, Enrollment.status == EnrollmentStatus.ACTIVE, among)
        .options(joinedload(Enrollment.person))
        .order_by(Enrollment.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def of_person(person: Person | Visitor, limit: int = 50) -> list[Enrollment]:
    """A person's own enrollments, newest first."""
    query = (
        select(Enrollment)
        .where(Enrollment.person_id == person.id)
        .options(joinedload(Enrollment.course).joinedload(Course.unit))
        .order_by(Enrollment.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


# What an enrollment remembers of its rules (services/enrollment/remembering.py), for staff.
REMEMBERED = {
    "rule_waived": "چشم‌پوشی از شرط",
    "rules_warned": "هشدار هنگام ثبت‌نام",
    "prerequisite_said": "مدرک پیش‌نیاز، به گفتهٔ ثبت‌کننده",
}


def _remembered(enrollment_id: int) -> list[tuple[str, str]]:
    """What was set aside, warned about or said when somebody was enrolled: in words, with the reason."""
    query = select(EnrollmentEvent.action, EnrollmentEvent.reason).where(EnrollmentEvent.enrollment_id == enrollment_id)
    rows = db.session.execute(query.where(EnrollmentEvent.action.in_(REMEMBERED)).order_by(EnrollmentEvent.id))
    return [(REMEMBERED[row.action], row.reason) for row in rows]


def last_word(enrollment_id: int) -> str:
    """What the history of an enrollment says last: of one that has ended, by which rule the credit came back or not."""
    newest = select(EnrollmentEvent.reason).where(EnrollmentEvent.enrollment_id == enrollment_id)
    return db.session.scalar(newest.order_by(EnrollmentEvent.id.desc()).limit(1)) or ""


def own(person: Person | Visitor, enrollment_id: int) -> Enrollment:
    """One of a person's own enrollments.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is not theirs.
    """
    query = select(Enrollment).where(Enrollment.id == enrollment_id)
    unit = joinedload(Enrollment.course).joinedload(Course.unit).joinedload(Unit.province)
    found = db.session.scalar(query.options(unit))
    if found is None:
        raise NotFound("این ثبت‌نام پیدا نشد. از صفحهٔ خود شروع کنید.")
    if found.person_id != person.id:
        raise OutsideTerritory("enrollment", found.id)
    return found
