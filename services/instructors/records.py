"""The rows of a file as they are written: drafted, saved, sent, taken back, corrected, and changed once verified.

What center and province decide about them is in `services/instructors/verifying.py`.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, with_polymorphic

from models import (
    Instructor,
    InstructorRecord,
    RecordEvent,
    RecordKind,
    RecordState,
    StoredFile,
    User,
    db,
    utcnow,
)
from services import files, jalali, late, submissions
from services.access import Actor, Level
from services.changes import between
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.instructors import evidence, reading
from services.instructors.engaging import Made
from services.instructors.labels import LABEL, RECORD_DID, RECORD_STATE
from services.instructors.values import KINDS, Values, columns, tidy
from services.instructors.wording import show
from services.transaction import atomic

S = RecordState
NO_SUCH = "این ردیف پیدا نشد."
NOT_HIRED = "هنوز هیچ مرکزی شما را به‌عنوان مربی ثبت نکرده است. از مرکز خود بخواهید شما را ثبت کند."
LOCKED = "این ردیف دیگر پیش‌نویس نیست و ویرایش نمی‌شود. صفحهٔ آن را ببینید؛ چیزی ثبت نشد."
WORDS = late.Words("instructor_record", "instructor_record_edited", "این ردیف", LABEL, show, late.marked)
CORRECTABLE = (S.DRAFT, S.REJECTED, S.WITHDRAWN)
ON_ITS_WAY = (S.AT_CENTER, S.AT_PROVINCE)
OF_THE_UNIT = frozenset({RecordKind.RULING})  # what a committee rules is not for the instructor to write


@dataclass(frozen=True)
class Opened:
    """A row with the engagement through which the actor sees its person, and what the actor may do with it."""

    record: InstructorRecord
    instructor: Instructor
    writes: bool

    @property
    def may_edit(self) -> bool:
        return self.writes and self.record.state in CORRECTABLE

    @property
    def may_send(self) -> bool:
        return self.writes and self.record.state is S.DRAFT

    @property
    def may_withdraw(self) -> bool:
        return self.writes and self.record.state in (S.DRAFT, *ON_ITS_WAY)

    @property
    def may_change(self) -> bool:
        return self.writes and self.record.state is S.VERIFIED


@dataclass(frozen=True)
class Told:
    """One step in words."""

    at: str
    what: str
    note: str


# -- Writing -----------------------------------------------------------------------


def enter(actor: Actor, form_key: str, instructor_id: int | None, kind: RecordKind, values: Values) -> Made:
    """A draft of a row; the same form sent again finds the first one.

    Args:
        instructor_id: whose file; None for the actor's own.

    Source: docs/rules.md R-205.
    Raises:
        NotAllowed: not the actor's to write.
        DomainError: what is wrong with which field.
    """
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Made(submissions.id_of(earlier, "instructor_record"), repeated=True)
        instructor = writer(actor, instructor_id, kind)
        record = _drafted(actor, instructor, kind, tidy(values, instructor.person.birth_date))
        submissions.finish(form_key, f"instructor_record:{record.id}")
        return Made(record.id, repeated=False)


def change(actor: Actor, form_key: str, record_id: int, values: Values) -> Made:
    """A draft that is to take the place of a verified row; the same form sent again finds the first one.

    Raises:
        NotAllowed, OutsideTerritory: not the actor's to change.
        Conflict: another change of the row is under way, or it is not verified any more.
        DomainError: what is wrong with which field, or nothing is different.
    """
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Made(submissions.id_of(earlier, "instructor_record"), repeated=True)
        opened = _writable(actor, record_id)
        row = opened.record
        db.session.refresh(row, with_for_update=True)
        if row.state is not S.VERIFIED:
            raise Conflict("این ردیف دیگر ردیف تأییدشدهٔ پرونده نیست. صفحهٔ آن را دوباره باز کنید؛ چیزی ثبت نشد.")
        _refuse_second_change(row)
        values = tidy(values, opened.instructor.person.birth_date)
        if not between(row, values):
            raise DomainError("چیزی با ردیف تأییدشده فرق ندارد؛ چیزی ثبت نشد.")
        record = _drafted(actor, opened.instructor, row.kind, values, replaces_id=row.id)
        submissions.finish(form_key, f"instructor_record:{record.id}")
        return Made(record.id, repeated=False)


def save(actor: Actor, record_id: int, version: int, values: Values) -> bool:
    """Save a draft, or correct what was rejected or taken back; False when nothing differs.

    Raises:
        LateSaving: it was saved since, in another tab or by a colleague who corrects it too.
        Conflict: it is no draft any more.
        NotAllowed, OutsideTerritory: not the actor's to write.
        DomainError: what is wrong with which field.
    """
    with atomic():
        opened = _writable(actor, record_id)
        row = opened.record
        if row.state not in CORRECTABLE:
            raise Conflict(LOCKED)
        values = tidy(values, opened.instructor.person.birth_date)
        changes = between(row, values)
        if not changes and row.state is S.DRAFT:
            return False
        if version != row.version:
            raise late.refusal(WORDS, row, actor, version, values)
        if row.state is not S.DRAFT:
            _refuse_second_change(row)
        before = row.state
        if not _turned(row, version, (before,), state=S.DRAFT, entered_by_id=actor.user_id):
            db.session.refresh(row)
            raise late.refusal(WORDS, row, actor, version, values)
        for name, value in columns(values).items():
            setattr(row, name, value)
        db.session.flush()
        late.note(WORDS, actor, row, changes)
        if before is not S.DRAFT:
            step(actor, row.id, "corrected")
        return True


def send(actor: Actor, record_id: int) -> bool:
    """Send a draft to be verified, by the center first; False when it was sent already.

    Raises:
        Conflict: it is no draft any more.
        NotAllowed, OutsideTerritory: not the actor's to send.
        DomainError: it has no photo or paper; the field is `file`.
    """
    with atomic():
        row = _writable(actor, record_id).record
        if row.state in ON_ITS_WAY and row.entered_by_id == actor.user_id:
            return False
        if row.state is not S.DRAFT:
            raise Conflict(LOCKED)
        if not evidence.has_any(row.id):
            raise DomainError("پیش از فرستادن، عکس یا سند این ردیف را بفرستید", field="file")
        here = _route(row)
        to = {"unit_id": here.unit_id, "province_id": here.province_id, "sent_at": utcnow()}
        fresh = {"decision": None, "center_by_id": None, "center_at": None, "decided_by_id": None, "decided_at": None}
        if not _turned(row, row.version, (S.DRAFT,), state=S.AT_CENTER, **to, **fresh):
            raise Conflict(LOCKED)
        step(actor, row.id, "sent")
        return True


def withdraw(actor: Actor, record_id: int) -> bool:
    """Take a row back before it is decided, or put a draft away; False when it was taken back already.

    Raises:
        Conflict: it has been decided already.
        NotAllowed, OutsideTerritory: not the actor's.
    """
    with atomic():
        row = _writable(actor, record_id).record
        if row.state is S.WITHDRAWN:
            return False
        if not _turned(row, row.version, (S.DRAFT, *ON_ITS_WAY), state=S.WITHDRAWN):
            db.session.refresh(row)
            now = RECORD_STATE[row.state][0]
            raise Conflict(f"این ردیف زودتر {now} و دیگر پس گرفته نمی‌شود. صفحهٔ آن را ببینید.")
        step(actor, row.id, "withdrawn")
        return True


def remove_file(actor: Actor, record_id: int, key: str) -> bool:
    """Take a photo or paper away from a row that is not sent; False when it was gone."""
    with atomic():
        row = changeable(actor, record_id)
        mine = (StoredFile.owner_kind == evidence.OWNER, StoredFile.owner_id == row.id, StoredFile.key == key)
        file = db.session.scalar(select(StoredFile).where(*mine)) if files.is_key(key) else None
        if file is None:
            raise NotFound("این پرونده پیدا نشد.")
        return files.remove(actor, file)


def changeable(actor: Actor, record_id: int) -> InstructorRecord:
    """A row to which the actor may add photos and papers: a draft, one that was sent back, or one of a list.

    What came in a list waits for the center without a paper, and gets one where it stands; R-287.

    Raises:
        Conflict: it is no draft any more; NotAllowed, OutsideTerritory: as `get`.
    """
    row = _writable(actor, record_id).record
    if row.state not in CORRECTABLE and (row.state is not S.AT_CENTER or evidence.has_any(row.id)):
        raise Conflict(LOCKED)
    return row


# -- Reading -----------------------------------------------------------------------


def get(actor: Actor, record_id: int) -> Opened:
    """A row that the actor may see, as it is now; a draft is its author's alone.

    Raises:
        NotFound, OutsideTerritory: no such row, or of somebody else's instructor.
    """
    every = with_polymorphic(InstructorRecord, "*")
    query = select(every).where(every.id == record_id)
    record = db.session.scalar(query.execution_options(populate_existing=True))
    if record is None:
        raise NotFound(NO_SUCH)
    instructor = _seen_through(actor, record)
    hidden = record.state is S.DRAFT and record.entered_by_id != actor.user_id
    if instructor is None or hidden:
        raise OutsideTerritory("instructor_record", record_id)
    return Opened(record, instructor, _writes(actor, record, instructor))


def history(record_id: int) -> list[Told]:
    """The steps of a row, newest first."""
    query = select(RecordEvent, User).outerjoin(User, User.id == RecordEvent.actor_id)
    query = query.options(joinedload(User.person)).where(RecordEvent.record_id == record_id)
    rows = db.session.execute(query.order_by(RecordEvent.id.desc()).limit(50))
    return [
        Told(jalali.at(event.at), f"{_name(user)} {RECORD_DID.get(event.action, event.action)}", event.reason)
        for event, user in rows
    ]


def writer(actor: Actor, instructor_id: int | None, kind: RecordKind | None = None) -> Instructor:
    """The active engagement for which the actor writes rows (of this kind); without an id the actor's own.

    Raises:
        NotAllowed: there is none; or as `reading.changeable`.
    """
    if actor.level is Level.INSTRUCTOR or instructor_id is None:
        found = own(actor)
        if found is None or not found.is_active:
            raise NotAllowed(NOT_HIRED)
        if kind in OF_THE_UNIT:
            raise NotAllowed("رأی کمیتهٔ صلاحیت حرفه‌ای را مرکز ثبت می‌کند. چیزی ثبت نشد.")
        return found
    instructor = reading.changeable(actor, instructor_id)
    if not instructor.is_active:
        raise NotAllowed("همکاری این مربی پایان یافته است و چیزی به پرونده افزوده نمی‌شود.")
    return instructor


def own(actor: Actor) -> Instructor | None:
    """Where the actor teaches: an active row first, of those the one in a unit whose role they hold."""
    query = select(Instructor).where(Instructor.person_id == actor.person_id)
    query = query.options(joinedload(Instructor.person), joinedload(Instructor.unit))
    first = (Instructor.is_active.desc(), Instructor.unit_id.in_(actor.units).desc(), Instructor.id.desc())
    return db.session.scalars(query.order_by(*first).limit(1)).first()


# -- Support -----------------------------------------------------------------------


def step(actor: Actor, record_id: int, action: str, reason: str = "") -> None:
    """One row of the history; it says nothing of what the row says."""
    who = {"actor_id": actor.user_id, "level": actor.level.value}
    db.session.add(RecordEvent(record_id=record_id, action=action, reason=reason, **who))


def _drafted(
    actor: Actor, instructor: Instructor, kind: RecordKind, values: Values, *, replaces_id: int | None = None
) -> InstructorRecord:
    model = KINDS[kind][0]
    if not isinstance(values, KINDS[kind][1]):
        raise TypeError("values of another kind of row")
    where = {"unit_id": instructor.unit_id, "province_id": instructor.province_id}
    said: dict[str, Any] = {**where, **columns(values), "entered_by_id": actor.user_id, "replaces_id": replaces_id}
    record = model(person_id=instructor.person_id, state=S.DRAFT, **said)
    db.session.add(record)
    db.session.flush()
    step(actor, record.id, "entered")
    return record


def _seen_through(actor: Actor, record: InstructorRecord) -> Instructor | None:
    """The engagement by which a row is seen; of one that has ended only what went through its unit."""
    if actor.level is Level.INSTRUCTOR:
        return own(actor) if record.person_id == actor.person_id else None
    query = select(Instructor).where(Instructor.person_id == record.person_id, reading.visible_to(actor))
    query = query.where(Instructor.is_active | (Instructor.unit_id == record.unit_id))
    query = query.options(joinedload(Instructor.person), joinedload(Instructor.unit))
    first = ((Instructor.unit_id == record.unit_id).desc(), Instructor.is_active.desc(), Instructor.id.desc())
    return db.session.scalars(query.order_by(*first).limit(1)).first()


def _writes(actor: Actor, record: InstructorRecord, instructor: Instructor) -> bool:
    if not instructor.is_active:
        return False
    if actor.level is Level.INSTRUCTOR:
        return record.kind not in OF_THE_UNIT
    return record.unit_id in reading.kept_units(actor) and instructor.unit_id == record.unit_id


def _writable(actor: Actor, record_id: int) -> Opened:
    opened = get(actor, record_id)
    if not opened.writes:
        raise NotAllowed(reading.NOT_KEPT)
    return opened


def _refuse_second_change(row: InstructorRecord) -> None:
    """One change of a verified row at a time; the database says so too."""
    replaced = row.id if row.state is S.VERIFIED else row.replaces_id
    if replaced is None:
        return
    other = (InstructorRecord.replaces_id == replaced, InstructorRecord.id != row.id)
    open_ = InstructorRecord.state.in_((*reading.OPEN, S.VERIFIED))
    if db.session.scalar(select(InstructorRecord.id).where(*other, open_).limit(1)):
        raise Conflict("تغییر دیگری برای همین ردیف نوشته شده است. نخست آن را تمام کنید یا پس بگیرید؛ چیزی ثبت نشد.")


def _route(row: InstructorRecord) -> Instructor:
    """The unit that looks at the row: where the person teaches now, the row's own one first."""
    query = select(Instructor).where(Instructor.person_id == row.person_id, Instructor.is_active)
    first = ((Instructor.unit_id == row.unit_id).desc(), Instructor.id.desc())
    found = db.session.scalars(query.order_by(*first).limit(1)).first()
    if found is None:
        raise NotAllowed(NOT_HIRED)
    return found


def _turned(row: InstructorRecord, version: int, sources: tuple[RecordState, ...], **values: Any) -> bool:
    """Whether the row was as expected and is as told now."""
    here = (InstructorRecord.id == row.id, InstructorRecord.version == version, InstructorRecord.state.in_(sources))
    turn = update(InstructorRecord).where(*here).values(version=version + 1, **values)
    options = {"synchronize_session": False}
    done = db.session.scalar(turn.returning(InstructorRecord.id), execution_options=options) is not None
    if done:
        db.session.refresh(row)
    return done


def _name(user: User | None) -> str:
    return (user.person.full_name or user.username) if user else "سامانه"
