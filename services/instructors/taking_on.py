"""Taking on an instructor by national code, under the rules of identity of trainees."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from models import Gender, Instructor, InstructorField, Person, Unit, db
from services import audit, codes, identity, jalali, people, policy, submissions, text
from services.access import Actor
from services.errors import DomainError
from services.instructors import engaging, reading
from services.instructors.engaging import Made
from services.sql import add_once
from services.transaction import atomic

YOUNGEST = 18
OTHER_NAME = "این کد ملی به نام شخص دیگری ثبت است. کد ملی و نام را با کارت ملی تطبیق دهید؛ چیزی ثبت نشد"


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
        fill(person, new, people.CLERK)
        refuse_unfit(person)
        db.session.flush()
        identity.owe_checks(person, actor.user_id)
        row = engage(actor, person, unit, new)
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
        raise DomainError(OTHER_NAME, field="national_code")


def fill(person: Person, new: NewInstructor, source: str) -> None:
    """Only the gaps, with where each value came from; as the desk does with trainees."""
    if person.full_name is None:
        people.set_name(person, new.first_name, new.last_name, source)
    if new.birth_date and not people.has_settled_birth_date(person):
        people.set_birth_date(person, new.birth_date, source)
    if person.father_name is None and (father := people.name_part(new.father_name)):
        person.father_name = father[:80]
        people.mark_source(person, "father_name", source)
    if person.gender is None and new.gender in (Gender.FEMALE, Gender.MALE):
        person.gender = new.gender
        people.mark_source(person, "gender", source)
    if new.mobile and not people.has_settled_mobile(person):
        people.set_mobile(person, new.mobile, source)


def refuse_unfit(person: Person) -> None:
    """Raises DomainError for who cannot be an instructor, at the field that says so."""
    if not person.is_alive:
        raise DomainError("ثبت احوال این شخص را درگذشته می‌داند. با مدیر مرکز تماس بگیرید.", field="national_code")
    if person.birth_date is None:
        raise DomainError("تاریخ تولد را بنویسید؛ ثبت احوال با آن پاسخ می‌دهد", field="birth_date")
    if person.birth_date >= policy.today():
        raise DomainError("تاریخ تولد را درست بنویسید", field="birth_date")
    if jalali.full_years(person.birth_date, policy.today()) < YOUNGEST:
        raise DomainError(f"مربی دست‌کم {text.persian_digits(YOUNGEST)} سال دارد", field="birth_date")


def engage(actor: Actor, person: Person, unit: Unit, new: NewInstructor, why: str = "") -> Instructor:
    """The row of a person in a unit where they have none, with its fields and its first event; inside `atomic()`."""
    started = _said_day(new.started_on or policy.today(), "started_on")
    fields = engaging.checked_fields(new.field_ids)
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
    engaging.note(actor.user_id, row, "taken_on", why, unit=unit.id, on=started.isoformat(), fields=fields)
    audit.record("instructor_taken_on", "instructor", row.id, actor_id=actor.user_id, unit=unit.id)
    return row


def _of(person_id: int, unit_id: int) -> Any:
    return select(Instructor).where(Instructor.person_id == person_id, Instructor.unit_id == unit_id)


def _said_day(day: date, field: str) -> date:
    if day > policy.today() or day.year < 1950:
        raise DomainError("این روز باید امروز یا پیش از آن باشد", field=field)
    return day
