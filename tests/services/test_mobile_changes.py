"""A person's mobile is changed in one place: the old one is kept, the new one is checked, staff's own are refused."""

import pytest
from sqlalchemy import select

from models import IdentityEvent, MobileChange, MobileStatus, Outbox, Person, Role, db
from services import mobiles, people
from services.errors import DomainError
from services.mobiles import By
from services.transaction import atomic
from tests import make

OLD, NEW = "09113700071", "09113700072"


def change(person: Person, mobile: str, source: str = people.CLERK, **by) -> bool:
    with atomic():
        return mobiles.change(people.locked(person.id), mobile, source, By(**by))


def kept() -> list[tuple[str | None, str | None, str, str | None]]:
    rows = db.session.scalars(select(MobileChange).order_by(MobileChange.id))
    return [(row.old_mobile, row.new_mobile, row.source, row.reason) for row in rows]


def test_another_mobile_is_unchecked_and_asked_about_and_the_old_one_is_kept():
    person = make.person(mobile=OLD, mobile_status="matched")
    clerk = make.user(Role.CLERK)
    assert change(person, "+98 911 370 0072", actor_id=clerk.id, unit_id=clerk.roles[0].unit_id, reason="خط تازه")
    db.session.refresh(person)
    assert (person.mobile, person.mobile_status, person.mobile_checked_at) == (NEW, MobileStatus.UNCHECKED, None)
    assert person.sources["mobile"]["source"] == people.CLERK
    assert kept() == [(OLD, NEW, people.CLERK, "خط تازه")]
    steps = db.session.execute(select(IdentityEvent.field, IdentityEvent.step, IdentityEvent.actor_id)).all()
    assert steps == [("mobile", "changed", clerk.id)]
    assert db.session.scalars(select(Outbox.topic).where(Outbox.ref_id == person.id)).all() == ["shahkar"]


def test_the_same_mobile_again_is_no_change_and_what_staff_fill_in_passing_has_a_reason():
    person, clerk = make.person(mobile=None), make.user(Role.CLERK)
    assert change(person, OLD, actor_id=clerk.id)
    assert not change(person, OLD, actor_id=clerk.id)
    assert kept() == []  # nothing was replaced
    assert change(person, NEW, actor_id=clerk.id)
    assert kept() == [(OLD, NEW, people.CLERK, mobiles.WHILE_TYPING)]


def test_the_windows_mobile_is_its_owners_at_once():
    person = make.person(mobile=OLD, mobile_status="unchecked")
    assert not change(person, OLD, people.SSO)
    db.session.refresh(person)
    assert (person.mobile_status, person.mobile_checked_at is None) == (MobileStatus.MATCHED, False)
    assert change(person, NEW, people.SSO)
    db.session.refresh(person)
    assert (person.mobile, person.mobile_status) == (NEW, MobileStatus.MATCHED)
    assert kept() == [(OLD, NEW, people.SSO, None)]


@pytest.mark.parametrize("whose", ["own", "colleague", "unit", "nonsense"])
def test_numbers_of_staff_and_of_the_unit_and_nonsense_are_refused(whose):
    person, unit = make.person(mobile=OLD), make.unit()
    unit.phone = "0911-370 00 99"
    clerk = make.user(Role.CLERK, unit, person=make.person(mobile="09113700081"))
    make.user(Role.MANAGER, unit, person=make.person(mobile="09113700082"))
    typed = {"own": "09113700081", "colleague": "09113700082", "unit": "09113700099", "nonsense": "0911"}[whose]
    with pytest.raises(DomainError) as refused:
        change(person, typed, actor_id=clerk.id, unit_id=None if whose == "own" else unit.id)
    said = {"own": "خود شماست", "colleague": "کارکنان همین واحد", "unit": "خود این واحد", "nonsense": "۱۱ رقم"}
    assert said[whose] in str(refused.value)
    assert refused.value.field == "mobile"
    assert kept() == []


def test_a_mobile_of_many_is_counted_and_not_refused():
    person = make.person(mobile=None)
    for _ in range(3):
        make.person(mobile=NEW)
    assert mobiles.others_with("۰۹۱۱۳۷۰۰۰۷۲", person.id) == 3
    assert change(person, NEW, people.IMPORT)
    assert (mobiles.others_with(NEW, person.id), mobiles.others_with(None, None)) == (3, 0)
