"""Taking on an instructor, the fields they teach in, and the end and return of their employment in a unit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from models import (
    UNDER_WAY,
    Course,
    Gender,
    Instructor,
    InstructorEvent,
    InstructorField,
    InstructorMove,
    InstructorMoveState,
    Person,
    TradeField,
    Unit,
    User,
    db,
)
from services import audit, codes, identity, jalali, people, policy, submissions, text
from services.access import Actor
from services.errors import Conflict, DomainError
from services.instructors import reading
from services.instructors.labels import INSTRUCTOR_DID
from services.sql import add_once
from services.transaction import atomic

YOUNGEST = 18
MOST_FIELDS = 10
LONGEST_REASON = 300
_NAMED = 5  # courses that a refusal names
_OTHER_NAME = "این کد ملی به نام شخص دیگری ثبت است. کد ملی و نام را با کارت ملی تطبیق دهید؛ چیزی ثبت نشد"


@dataclass(frozen=True)
class NewInstructor:
    """Who is taken on, as the unit writes it; what is known of the person already stays as it is."""

    national_code: str
    first_name: str
    last_name: str
    birth_date: date | None
    mobile: str = ""
    father_name: str = ""
    gender: Gender | None = None
    started_on: date | None = None
    field_ids: Collection[int] = ()
    unit_id: int | None = None


@dataclass(frozen=True)
class Made:
    """The id of what a form has made, and whether the same form had made it before."""

    id: int
    repeated: bool


class StillTeaching(DomainError):
    """Courses under way go on after the last day; `courses` are the first of them."""

    def __init__(self, message: str, courses: Sequence[Course], *, field: str) -> None:
        super().__init__(message, field=field)
        self.courses = courses


# -- Taking on ---------------------------------------------------------------------


def take_on(actor: Actor, form_key: str, new: NewInstructor) -> Made:
    """An instructor of the actor's unit; the same form sent again finds the first one.

    Source: docs/rules.md R-201.
    Raises:
        NotAllowed: the actor keeps no instructors.
        DomainError: what is wrong with which field.
    """
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return Made(submissions.id_of(earlier, "instructor"), repeated=True)
        unit = _unit(actor, new.unit_id)
        code = codes.national_code(new.national_code)
        if code is None:
            raise DomainError(codes.why_not_national_code(new.national_code), field="national_code")
        person = people.find_or_create(code)
        _recognize(person, new)
        _fill(person, new)
        _refuse_unfit(person)
        db.session.flush()
        identity.owe_checks(person, actor.user_id)
        row = _engaged(actor, person, unit, new)
        submissions.finish(form_key, f"instructor:{row.id}")
        return Made(row.id, repeated=False)


def _unit(actor: Actor, unit_id: int | None) -> Unit:
    kept = reading.keeper(actor)
    chosen = kept[0] if len(kept) == 1 else unit_id
    if chosen not in kept:
        raise DomainError("واحدی را که مربی در آن تدریس می‌کند انتخاب کنید", field="unit")
    return db.session.get_one(Unit, chosen)


def _recognize(person: Person, new: NewInstructor) -> None:
    """The typed name must be that of the code: a slip of one digit is another human being."""
    first, last = people.name_part(new.first_name), people.name_part(new.last_name)
    if not first:
        raise DomainError("نام را بنویسید", field="first_name")
    if not last:
        raise DomainError("نام خانوادگی را بنویسید", field="last_name")
    if person.full_name and text.near(person.full_name, f"{first} {last}") == "different":
        raise DomainError(_OTHER_NAME, field="national_code")


def _fill(person: Person, new: NewInstructor) -> None:
    """Only the gaps; as the desk does with trainees."""
    if person.full_name is None:
        people.set_name(person, new.first_name, new.last_name, people.CLERK)
    if new.birth_date and not people.has_settled_birth_date(person):
        people.set_birth_date(person, new.birth_date, people.CLERK)
    if person.father_name is None and (father := people.name_part(new.father_name)):
        person.father_name = father[:80]
        people.mark_source(person, "father_name", people.CLERK)
    if person.gender is None and new.gender in (Gender.FEMALE, Gender.MALE):
        person.gender = new.gender
        people.mark_source(person, "gender", people.CLERK)
    if new.mobile and not people.has_settled_mobile(person):
        people.set_mobile(person, new.mobile, people.CLERK)


def _refuse_unfit(person: Person) -> None:
    if not person.is_alive:
        raise DomainError("ثبت احوال این شخص را درگذشته می‌داند. با مدیر مرکز تماس بگیرید.", field="national_code")
    if person.birth_date is None:
        raise DomainError("تاریخ تولد را بنویسید؛ ثبت احوال با آن پاسخ می‌دهد", field="birth_date")
    if person.birth_date >= policy.today():
        raise DomainError("تاریخ تولد را درست بنویسید", field="birth_date")
    if jalali.full_years(person.birth_date, policy.today()) < YOUNGEST:
        raise DomainError(f"مربی دست‌کم {text.persian_digits(YOUNGEST)} سال دارد", field="birth_date")


def _engaged(actor: Actor, person: Person, unit: Unit, new: NewInstructor) -> Instructor:
    started = _said_day(new.started_on or policy.today(), "started_on")
    fields = _checked_fields(new.field_ids)
    where = {"unit_id": unit.id, "province_id": unit.province_id}
    days: dict[str, Any] = {"is_active": True, "started_on": started, "ended_on": None, "end_reason": None}
    added = add_once(Instructor, person_id=person.id, **where, **days)
    if added is None:
        earlier = db.session.scalar(_of(person.id, unit.id))
        active = earlier is not None and earlier.is_active
        sentence = "این شخص مربی همین واحد است" if active else "این شخص پیش‌تر مربی همین واحد بوده است"
        raise DomainError(f"{sentence}؛ از فهرست مربیان صفحهٔ او را باز کنید", field="national_code")
    row = db.session.get_one(Instructor, added)
    for field_id in fields:
        db.session.add(InstructorField(instructor_id=row.id, field_id=field_id))
    note(actor.user_id, row, "taken_on", unit=unit.id, on=started.isoformat(), fields=fields)
    audit.record("instructor_taken_on", "instructor", row.id, actor_id=actor.user_id, unit=unit.id)
    return row


def _of(person_id: int, unit_id: int) -> Any:
    return select(Instructor).where(Instructor.person_id == person_id, Instructor.unit_id == unit_id)


# -- Fields ------------------------------------------------------------------------


def fields_of(instructor_id: int) -> Sequence[TradeField]:
    """The fields in which an instructor teaches, by title."""
    query = select(TradeField).join(InstructorField, InstructorField.field_id == TradeField.id)
    return db.session.scalars(
        query.where(InstructorField.instructor_id == instructor_id).order_by(TradeField.title_sort)
    ).all()


def set_fields(actor: Actor, instructor_id: int, field_ids: Collection[int]) -> bool:
    """The fields in which an instructor teaches from now on; False when they are these already.

    Source: docs/rules.md R-202.
    Raises:
        NotAllowed: not the actor's instructor.
        StillTeaching: a course under way is in a field that is to go.
    """
    with atomic():
        row = reading.changeable(actor, instructor_id)
        lock(row)
        wanted, before = set(_checked_fields(field_ids)), {field.id for field in fields_of(row.id)}
        if wanted == before:
            return False
        gone = before - wanted
        busy = _teaching(row, Course.field_id.in_(gone)) if gone else []
        if busy:
            raise StillTeaching("دوره‌ای در جریان با این مربی در رشته‌ای است که برداشته‌اید", busy, field="fields")
        of_it = InstructorField.instructor_id == row.id
        db.session.execute(delete(InstructorField).where(of_it, InstructorField.field_id.in_(gone)))
        for field_id in sorted(wanted - before):
            add_once(InstructorField, instructor_id=row.id, field_id=field_id)
        note(actor.user_id, row, "fields", added=sorted(wanted - before), removed=sorted(gone))
        return True


def _checked_fields(field_ids: Collection[int]) -> list[int]:
    wanted = sorted(set(field_ids))
    if not wanted or len(wanted) > MOST_FIELDS:
        most = text.persian_digits(MOST_FIELDS)
        raise DomainError(f"دست‌کم یک رشته و حداکثر {most} رشته انتخاب کنید", field="fields")
    found = db.session.scalars(select(TradeField.id).where(TradeField.id.in_(wanted))).all()
    if len(found) != len(wanted):
        raise DomainError("رشته‌ها را از فهرست انتخاب کنید", field="fields")
    return wanted


# -- The end and the return --------------------------------------------------------


def end(actor: Actor, instructor_id: int, last_day: date, reason: str) -> bool:
    """End an employment in a unit with a last day, which may be ahead; False when it ended that day already.

    Source: docs/rules.md R-203.
    Raises:
        NotAllowed: not the actor's instructor.
        StillTeaching: courses under way go on after that day.
        DomainError: no reason, or no possible day.
    """
    with atomic():
        row = reading.changeable(actor, instructor_id)
        lock(row)
        if row.ended_on == last_day:
            return False
        why = said_reason(reason)
        _check_last_day(row, last_day)
        _refuse_waiting_move(row)
        close(row, last_day, why)
        note(actor.user_id, row, "ended", why, on=last_day.isoformat())
        return True


def bring_back(actor: Actor, instructor_id: int) -> bool:
    """An instructor whose employment has ended, or will end, goes on in the unit; False when nothing had ended."""
    with atomic():
        row = reading.changeable(actor, instructor_id)
        lock(row)
        if row.ended_on is None:
            return False
        reopen(row)
        note(actor.user_id, row, "returned", on=policy.today().isoformat())
        return True


def close(row: Instructor, last_day: date, why: str) -> None:
    """End a locked row on a day; what is ahead of today ends by the clock.

    Raises:
        StillTeaching: courses under way go on after that day.
    """
    busy = _teaching(row, Course.end_on > last_day)
    if busy:
        sentence = "دوره‌هایی با این مربی پس از آن روز ادامه دارند. مربی آن دوره‌ها را عوض کنید یا روز دیرتری بنویسید"
        raise StillTeaching(sentence, busy, field="last_day")
    still = last_day >= policy.today()
    _set(row, is_active=still, ended_on=last_day, end_reason=why)


def reopen(row: Instructor) -> None:
    """A locked row goes on; the day on which it began stays, because courses of before point at it."""
    _set(row, is_active=True, ended_on=None, end_reason=None)


def close_ended(now: datetime) -> int:
    """Switch off those whose last day is over; returns how many. May run any number of times."""
    over = (Instructor.is_active, Instructor.ended_on < policy.today(now))
    with atomic():
        turned = update(Instructor).where(*over).values(is_active=False, version=Instructor.version + 1)
        ids = db.session.scalars(turned.returning(Instructor.id), execution_options={"synchronize_session": False})
        gone = list(ids)
        for instructor_id in gone:
            db.session.add(InstructorEvent(instructor_id=instructor_id, action="closed"))
    return len(gone)


# -- Events ------------------------------------------------------------------------


def note(actor_id: int | None, row: Instructor, action: str, reason: str = "", **details: Any) -> None:
    """One step in the history of an instructor; `details` are ids and days only."""
    event = {"action": action, "reason": reason, "details": details, "actor_id": actor_id}
    db.session.add(InstructorEvent(instructor_id=row.id, **event))


@dataclass(frozen=True)
class Told:
    """One step in words."""

    at: str
    what: str
    note: str


def history(instructor_id: int, limit: int = 20) -> list[Told]:
    """What happened to an instructor in a unit, newest first."""
    query = select(InstructorEvent, User).outerjoin(User, User.id == InstructorEvent.actor_id)
    query = query.options(joinedload(User.person)).where(InstructorEvent.instructor_id == instructor_id)
    rows = db.session.execute(query.order_by(InstructorEvent.id.desc()).limit(limit))
    return [_told(event, user) for event, user in rows]


def _told(event: InstructorEvent, user: User | None) -> Told:
    who = (user.person.full_name or user.username) if user else "سامانه"
    day = event.details.get("on")
    when = f" ({jalali.long(date.fromisoformat(day))})" if day else ""
    return Told(jalali.at(event.at), f"{who} {INSTRUCTOR_DID.get(event.action, event.action)}{when}", event.reason)


# -- Support -----------------------------------------------------------------------


def said_reason(reason: str, field: str = "reason") -> str:
    """A reason, clean.

    Raises:
        DomainError: there is none, or it is too long.
    """
    why = text.clean(reason)
    if not why or len(why) > LONGEST_REASON:
        most = text.persian_digits(LONGEST_REASON)
        raise DomainError(f"دلیل را تا {most} نویسه بنویسید" if why else "دلیل را بنویسید", field=field)
    return why


def _said_day(day: date, field: str) -> date:
    if day > policy.today() or day.year < 1950:
        raise DomainError("این روز باید امروز یا پیش از آن باشد", field=field)
    return day


def _check_last_day(row: Instructor, last_day: date) -> None:
    if row.started_on and last_day < row.started_on:
        raise DomainError("روز پایان پیش از روز آغاز همکاری است", field="last_day")
    if (last_day - policy.today()).days > 366:
        raise DomainError("روز پایان حداکثر یک سال پس از امروز است", field="last_day")


def _refuse_waiting_move(row: Instructor) -> None:
    waiting = (InstructorMove.instructor_id == row.id, InstructorMove.state == InstructorMoveState.WAITING)
    if db.session.scalar(select(InstructorMove.id).where(*waiting)):
        raise DomainError("جابه‌جایی این مربی در انتظار پاسخ است؛ نخست آن را پس بگیرید", field="reason")


def lock(row: Instructor) -> None:
    """Nobody sends a course with this instructor, or changes the row, before our transaction ends."""
    query = select(Instructor).where(Instructor.id == row.id).with_for_update(of=Instructor)
    db.session.scalars(query.execution_options(populate_existing=True)).one()


def _teaching(row: Instructor, where: Any) -> Sequence[Course]:
    """The first courses under way that this row teaches and of which `where` is true."""
    query = select(Course).where(Course.instructor_id == row.id, Course.status.in_(UNDER_WAY), where)
    return db.session.scalars(query.order_by(Course.id).limit(_NAMED)).all()


def _set(row: Instructor, **values: Any) -> None:
    here = (Instructor.id == row.id, Instructor.version == row.version)
    done = update(Instructor).where(*here).values(version=Instructor.version + 1, **values)
    done = done.execution_options(synchronize_session=False).returning(Instructor.id)
    if db.session.scalar(done) is None:
        raise Conflict("همکار دیگری همین حالا این مربی را تغییر داد. صفحه را دوباره باز کنید؛ چیزی ثبت نشد.")
    db.session.refresh(row)
