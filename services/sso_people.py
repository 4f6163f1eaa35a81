"""What the national window tells at sign-in fills a person's gaps, and never silently replaces anything."""

from typing import Any

from sqlalchemy import select

from gateways.sso import SsoPerson
from models import Discrepancy, Enrollment, Gender, IdentityStatus, MobileStatus, Person, db, utcnow
from services import codes, people, text
from services.errors import DomainError
from services.people import SSO
from services.transaction import atomic

PLAIN_FIELDS = ("father_name", "shenasname_no")


def sign_in(facts: SsoPerson) -> Person:
    """The person of this national code, found or made, with what was empty filled in.

    A different value is left as it is and becomes a task for a reviewer. Found by national code only: a mobile or a
    name may belong to two people.
    """
    code = codes.national_code(facts.national_code)
    if code is None:
        raise DomainError("کد ملی‌ای که پنجرهٔ ملی فرستاد درست نیست و ورود انجام نشد.")
    with atomic():
        people.find_or_create(code)
        person = db.session.scalars(
            select(Person).where(Person.national_code == code).with_for_update(), execution_options=_FRESH
        ).one()
        before = _values(person)
        _take_name(person, facts)
        for field in PLAIN_FIELDS:
            _fill(person, field, text.clean(getattr(facts, field)) or None)
        _take(person, "birth_date", facts.birth_date)
        _take(person, "gender", Gender(facts.gender) if facts.gender else None)
        _take_mobile(person, codes.mobile(facts.mobile))
        _settle_status(person)
        if _values(person) != before:
            person.version += 1
    return person


_FRESH = {"populate_existing": True}


def _take_name(person: Person, facts: SsoPerson) -> None:
    first, last = text.clean(facts.first_name) or None, text.clean(facts.last_name) or None
    if last is None:
        return
    if _agrees(person.first_name, first) and _agrees(person.last_name, last):
        # The same name in another spelling of one letter or space is not another name.
        people.set_name(person, first or person.first_name, last, SSO)
        return
    ours = {"first_name": person.first_name, "last_name": person.last_name}
    likeness = text.near(person.full_name, f"{first or ''} {last}")
    _open_discrepancy(person, "name", ours, {"first_name": first, "last_name": last, "likeness": likeness})


def _agrees(ours: str | None, theirs: str | None) -> bool:
    """Whether two parts of a name do not contradict each other: a missing one contradicts nothing."""
    return ours is None or theirs is None or text.near(ours, theirs) == "equal"


def _take(person: Person, field: str, value: Any) -> None:
    """Fill an empty field; a different value becomes a discrepancy."""
    ours = getattr(person, field)
    if value is not None and ours is not None and ours != value:
        _open_discrepancy(person, field, {field: str(ours)}, {field: str(value)})
    else:
        _fill(person, field, value)


def _fill(person: Person, field: str, value: Any) -> None:
    ours = getattr(person, field)
    if value is not None and ours in (None, value):
        setattr(person, field, value)
        people.mark_source(person, field, SSO)


def _take_mobile(person: Person, mobile: str | None) -> None:
    """The window's mobile is its owner's. One of ours that was not refused by Shahkar stays."""
    if mobile is None or (person.mobile not in (None, mobile) and person.mobile_status != MobileStatus.NOT_MATCHED):
        return
    person.mobile, person.mobile_status, person.mobile_checked_at = mobile, MobileStatus.MATCHED, utcnow()
    people.mark_source(person, "mobile", SSO)


def _settle_status(person: Person) -> None:
    query = select(Discrepancy.id).where(Discrepancy.person_id == person.id, Discrepancy.state == "open").limit(1)
    if db.session.scalar(query):
        person.identity_status = IdentityStatus.DISCREPANCY
    elif person.last_name and people.is_official(person, "name"):
        person.identity_status = IdentityStatus.VERIFIED


def _open_discrepancy(person: Person, field: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """One open task for a person and field; it goes to the unit where they enrolled last."""
    same = select(Discrepancy).where(Discrepancy.person_id == person.id, Discrepancy.field == field)
    newest = db.session.scalar(same.order_by(Discrepancy.id.desc()).limit(1))
    # An open one is enough, and what a reviewer has settled is not asked again at each sign-in.
    if newest is not None and (newest.state == "open" or newest.theirs == theirs):
        return
    where = select(Enrollment.unit_id, Enrollment.province_id).where(Enrollment.person_id == person.id)
    unit_id, province_id = db.session.execute(where.order_by(Enrollment.id.desc()).limit(1)).first() or (None, None)
    row = Discrepancy(person_id=person.id, field=field, ours=ours, theirs=theirs, source=SSO)
    row.unit_id, row.province_id = unit_id, province_id
    db.session.add(row)
    db.session.flush()


def _values(person: Person) -> tuple[Any, ...]:
    names = ("first_name", "last_name", *PLAIN_FIELDS, "birth_date", "gender", "mobile", "mobile_status")
    return (*(getattr(person, name) for name in names), person.identity_status)
