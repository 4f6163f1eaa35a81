"""Taking on an instructor by national code, or by the code of a foreigner, under the rules of identity of trainees."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from models import Gender, Instructor, InstructorField, Person, Unit, db
from services import audit, codes, foreigners, identity, jalali, mobiles, people, policy, provenance, submissions, text
from services.access import Actor
from services.errors import DomainError
from services.instructors import engaging, reading
from services.instructors.engaging import Made
from services.mobiles import By
from services.provenance import Place
from services.sql import add_many, add_many_once
from services.transaction import atomic

YOUNGEST = 18
OTHER_NAME = "این کد ملی به نام شخص دیگری ثبت است. کد ملی و نام را با کارت ملی تطبیق دهید؛ چیزی ثبت نشد"
_OTHER_FOREIGNER = "این کد به نام شخص دیگری ثبت است. کد و نام را با مدرک او تطبیق دهید؛ چیزی ثبت نشد"


@dataclass(frozen=True)
class NewInstructor:
    """Who is taken on, as the unit writes it; what is known of the person already stays as it is.

    Of the two codes one is given; a foreign one with the kind of paper that bears it.
    """

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
    foreign_code: str = ""
    foreign_kind: str = ""


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
        person = _person(new)
        _recognize(person, new)
        at = Place(unit.id, unit.province_id)
        fill(person, new, people.CLERK, By(actor.user_id, unit.id, place=at))
        refuse_unfit(person)
        db.session.flush()
        identity.owe_checks(person, actor.user_id)
        made = engage_each(actor, unit, {person.id: new})[person.id]
        submissions.finish(form_key, f"instructor:{made}")
        return Made(made, repeated=False)


def _unit(actor: Actor, unit_id: int | None) -> Unit:
    kept = reading.keeper(actor)
    chosen = kept[0] if len(kept) == 1 else unit_id
    if chosen not in kept:
        raise DomainError("واحدی را که مربی در آن تدریس می‌کند انتخاب کنید", field="unit")
    return db.session.get_one(Unit, chosen)


def _person(new: NewInstructor) -> Person:
    if new.foreign_code:
        if new.national_code:
            raise DomainError("کد ملی یا کد اتباع را بنویسید، نه هر دو را", field="foreign_code")
        return foreigners.find_or_create(new.foreign_code, new.foreign_kind, people.CLERK)
    code = codes.national_code(new.national_code)
    if code is None:
        raise DomainError(codes.why_not_national_code(new.national_code), field="national_code")
    return people.find_or_create(code)


def _recognize(person: Person, new: NewInstructor) -> None:
    """The typed name must be that of the code: a slip of one digit is another human being."""
    first, last = people.name_part(new.first_name), people.name_part(new.last_name)
    if not first:
        raise DomainError("نام را بنویسید", field="first_name")
    if not last:
        raise DomainError("نام خانوادگی را بنویسید", field="last_name")
    if person.full_name and text.near(person.full_name, f"{first} {last}") == "different":
        raise DomainError(_OTHER_FOREIGNER if person.foreign_code else OTHER_NAME, field=_code_of(person))


def _code_of(person: Person) -> str:
    """The field of a form in which this person's code stands."""
    return "foreign_code" if person.foreign_code else "national_code"


def fill(person: Person, new: NewInstructor, source: str, by: By) -> None:
    """Only the gaps, with where each value came from; as the desk does with trainees."""
    with provenance.noting(person, source, by.actor_id, by.place):
        _fill(person, new, source)
    if new.mobile and not people.has_settled_mobile(person):
        mobiles.put(person, new.mobile, source, by)


def _fill(person: Person, new: NewInstructor, source: str) -> None:
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


def refuse_unfit(person: Person) -> None:
    """Raises DomainError for who cannot be an instructor, at the field that says so."""
    if not person.is_alive:
        raise DomainError("ثبت احوال این شخص را درگذشته می‌داند. با مدیر مرکز تماس بگیرید.", field=_code_of(person))
    if person.birth_date is None:
        why = "" if person.foreign_code else "؛ ثبت احوال با آن پاسخ می‌دهد"
        raise DomainError(f"تاریخ تولد را بنویسید{why}", field="birth_date")
    if person.birth_date >= policy.today():
        raise DomainError("تاریخ تولد را درست بنویسید", field="birth_date")
    if jalali.full_years(person.birth_date, policy.today()) < YOUNGEST:
        raise DomainError(f"مربی دست‌کم {text.persian_digits(YOUNGEST)} سال دارد", field="birth_date")


def engage_each(actor: Actor, unit: Unit, new: Mapping[int, NewInstructor], why: str = "") -> dict[int, int]:
    """The rows of people in a unit where they have none, with their fields and first events; inside `atomic()`.

    `new` is by the ids of the people, and so is the answer. The number of statements does not grow with them.
    """
    started = {person_id: _said_day(one.started_on or policy.today(), "started_on") for person_id, one in new.items()}
    chosen = engaging.checked_fields_each({person_id: one.field_ids for person_id, one in new.items()})
    where = {"unit_id": unit.id, "province_id": unit.province_id, "is_active": True}
    rows = [where | {"person_id": person_id, "started_on": day} for person_id, day in started.items()]
    made = _made(add_many_once(Instructor, rows))
    if lacking := sorted(set(new) - set(made)):
        person = db.session.get_one(Person, lacking[0])
        raise DomainError(_already(person.id, unit.id), field=_code_of(person))
    pairs = [(made[person_id], field_id) for person_id, fields in chosen.items() for field_id in fields]
    add_many(InstructorField, [{"instructor_id": each, "field_id": field_id} for each, field_id in pairs])
    begun = {
        each: {"unit": unit.id, "on": started[person_id].isoformat(), "fields": chosen[person_id]}
        for person_id, each in made.items()
    }
    engaging.note_each(actor.user_id, "taken_on", why, begun)
    details: dict[int, dict[str, Any]] = {each: {"unit": unit.id} for each in made.values()}
    audit.record_each("instructor_taken_on", "instructor", details, actor_id=actor.user_id)
    return made


def _made(ids: Collection[int]) -> dict[int, int]:
    query = select(Instructor.person_id, Instructor.id).where(Instructor.id.in_(ids)).order_by(Instructor.id)
    return dict(iter(db.session.execute(query)))


def _already(person_id: int, unit_id: int) -> str:
    mine = (Instructor.person_id == person_id, Instructor.unit_id == unit_id)
    active = db.session.scalar(select(Instructor.is_active).where(*mine))
    sentence = "این شخص مربی همین واحد است" if active else "این شخص پیش‌تر مربی همین واحد بوده است"
    return f"{sentence}؛ از فهرست مربیان صفحهٔ او را باز کنید"


def _said_day(day: date, field: str) -> date:
    if day > policy.today() or day.year < 1950:
        raise DomainError("این روز باید امروز یا پیش از آن باشد", field=field)
    return day
