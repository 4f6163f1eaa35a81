"""What is known of one person, where each part of it came from, and what has happened to it.

Source: docs/rules.md R-771, R-773.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, false, or_, select, true

from models import (
    Course,
    Discrepancy,
    DiscrepancyState,
    Enrollment,
    IdentityEvent,
    IdentityStatus,
    IdentityStep,
    Person,
    Role,
    User,
    db,
)
from services import audit, discrepancies, jalali, labels, lookups, people, provenance, territory
from services.access import Actor, Level
from services.errors import DomainError, NotAllowed
from services.transaction import atomic

EVENTS = 30
FIELDS = {
    "name": "نام و نام خانوادگی",
    "father_name": "نام پدر",
    "gender": "جنسیت",
    "birth_date": "تاریخ تولد",
    "shenasname_no": "شماره شناسنامه",
    "mobile": "تلفن همراه",
    "address": "نشانی",
    "postal_code": "کد پستی",
    "schooling": "تحصیلات",
    "deceased": "وضع حیات",
}
SHOWN = ("name", "father_name", "gender", "birth_date", "shenasname_no", "mobile")
STEP = {
    IdentityStep.FILLED: "پر کرد",
    IdentityStep.CHANGED: "تغییر داد",
    IdentityStep.CONFIRMED: "همان را تأیید کرد",
    IdentityStep.DISPUTED: "چیز دیگری گفت",
    IdentityStep.SETTLED: "پس از بررسی پذیرفته شد",
}
TYPED = (IdentityStep.FILLED, IdentityStep.CHANGED, IdentityStep.SETTLED)
SETTLED = "تاریخ تولد این شخص در این میان قطعی شده است؛ صفحه را دوباره باز کنید"
SAME = "ثبت احوال با همین تاریخ کسی را پیدا نکرد؛ تاریخ را از روی کارت ملی بنویسید"
SOURCE = labels.SOURCE | {"shahkar": "شاهکار"}


@dataclass(frozen=True)
class Field:
    """One field as it stands: its value in words, the source, since when and by which user if one did it."""

    title: str
    value: str | None
    source: str
    at: datetime | None
    by: str
    is_locked: bool


@dataclass(frozen=True)
class Known:
    """A person for the page; `can_correct` is whether this actor may write a birth date for the registry."""

    person: Person
    fields: list[Field]
    events: list[Row[Any]]
    disputes: Sequence[Discrepancy]
    is_dead: bool
    can_correct: bool

    @property
    def tags(self) -> list[tuple[str, str]]:
        found = [("درگذشته به گفتهٔ ثبت احوال", "bad")] if self.is_dead else []
        return [*found, STATUS[self.person.identity_status]]


STATUS = {
    IdentityStatus.VERIFIED: ("هویت قطعی", "ok"),
    IdentityStatus.DISCREPANCY: ("مغایرت نام", "warn"),
    IdentityStatus.PENDING: ("در انتظار تأیید", ""),
    IdentityStatus.FOREIGN_MANUAL: ("اتباع خارجی", ""),
}


def known(actor: Actor, person_id: int) -> Known:
    """One person who is or was enrolled in the actor's territory, or is disputed there; four queries.

    Raises:
        NotFound, OutsideTerritory: no such person, or not for this actor.
    """
    person = _get(actor, person_id)
    supervises = discrepancies.supervising(actor)
    is_supervisor = bool(supervises.roles)
    events = [event for event in _events(person_id) if is_supervisor or event.field != "deceased"]
    open_ones = select(Discrepancy).where(
        Discrepancy.person_id == person_id, Discrepancy.state == DiscrepancyState.OPEN, discrepancies.visible_to(actor)
    )
    return Known(
        person=person,
        fields=[_field(person, name, events) for name in SHOWN],
        events=events,
        disputes=db.session.scalars(open_ones.order_by(Discrepancy.id)).all(),
        is_dead=is_supervisor and not person.is_alive,
        can_correct=may_correct(actor, person),
    )


def may_correct(actor: Actor, person: Person) -> bool:
    """Whether a birth date is wanted of this person, and this actor is one who enrolls."""
    is_wanted = person.national_code is not None and person.identity_status is IdentityStatus.PENDING
    return is_wanted and _writes(actor) and not people.has_settled_birth_date(person)


def check_writer(actor: Actor, person_id: int) -> None:
    """Let only those on who may write the birth date of this person; raises as `correct`."""
    _get(actor, person_id)
    if not _writes(actor):
        raise NotAllowed("تاریخ تولد را کارشناس یا مدیر مرکز می‌نویسد. چیزی تغییر نکرد.")


def correct(actor: Actor, person_id: int, birth_date: date) -> None:
    """Write the birth date that the registry did not know somebody by; it is asked about anew.

    Raises:
        NotFound, OutsideTerritory: as `known`. NotAllowed: not somebody who enrolls.
        DomainError: the birth date stands already, or is the one that the registry did not know.

    Source: docs/rules.md R-773.
    """
    check_writer(actor, person_id)
    with atomic():
        person = people.locked(person_id)
        if not may_correct(actor, person):
            raise DomainError(SETTLED, field="birth_date")
        if person.birth_date == birth_date:
            raise DomainError(SAME, field="birth_date")
        with provenance.noting(person, people.CLERK, actor.user_id):
            people.set_birth_date(person, birth_date, people.CLERK)
        db.session.flush()
        person.version += 1
        lookups.owe(person, actor.user_id)
        audit.record("birth_date_written", "person", person_id, actor_id=actor.user_id)


# -- Support -----------------------------------------------------------------------


def _writes(actor: Actor) -> bool:
    return actor.level is Level.CENTER and actor.has(Role.CLERK, Role.MANAGER, Role.COUNTER)


def _get(actor: Actor, person_id: int) -> Person:
    enrolled = exists().where(Enrollment.person_id == Person.id, Course.id == Enrollment.course_id, _here(actor))
    disputed = exists().where(Discrepancy.person_id == Person.id, discrepancies.visible_to(actor))
    query = select(Person, or_(enrolled, disputed)).where(Person.id == person_id)
    return territory.only(query, "person", person_id, "این شخص پیدا نشد.")


def _here(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.HQ:
        return true()
    if actor.level is Level.PROVINCE:
        return Enrollment.province_id.in_(actor.provinces)
    if actor.level is not Level.CENTER:
        return false()
    own = actor.own_acts_only
    acts = and_(Enrollment.unit_id.in_(own), Enrollment.created_by_id == actor.user_id)
    return or_(Course.unit_id.in_(set(actor.units) - own), acts)


def _events(person_id: int) -> Sequence[Row[Any]]:
    """The newest events, each with the name of its user."""
    user = select(User.id, User.username, Person.first_name, Person.last_name).join(Person, Person.id == User.person_id)
    who = user.subquery()
    own = (IdentityEvent.field, IdentityEvent.step, IdentityEvent.source, IdentityEvent.at)
    query = select(*own, who.c.username, who.c.first_name, who.c.last_name)
    query = query.outerjoin(who, who.c.id == IdentityEvent.actor_id).where(IdentityEvent.person_id == person_id)
    return db.session.execute(query.order_by(IdentityEvent.id.desc()).limit(EVENTS)).all()


def who(event: Row[Any]) -> str:
    """The user who did something, in words; empty where none did."""
    return " ".join(filter(None, (event.first_name, event.last_name))) or event.username or ""


def _field(person: Person, name: str, events: Sequence[Row[Any]]) -> Field:
    value = _said(person, name)
    at = (person.sources.get(name) or {}).get("at")
    origin = people.origin(person.sources, name) or ""
    last = next((each for each in events if each.field == name and each.step in TYPED and each.source == origin), None)
    is_locked = value is not None and people.is_official(person, name)
    when = datetime.fromisoformat(at) if at else None
    return Field(FIELDS[name], value, SOURCE.get(origin, ""), when, who(last) if last else "", is_locked)


def _said(person: Person, name: str) -> str | None:
    if name == "name":
        return person.full_name
    if name == "gender":
        return labels.PERSON_GENDER[person.gender] if person.gender else None
    if name == "birth_date":
        return jalali.day_month_year(person.birth_date) if person.birth_date else None
    if name == "mobile":
        masked = f"{person.mobile[:4]}***{person.mobile[-4:]}" if person.mobile else None
        return f"{masked}، {labels.MOBILE_STATUS[person.mobile_status]}" if masked else None
    found: str | None = getattr(person, name)
    return found
