"""Purses: whose one is debited, statements, low balances, objections and sums."""

import datetime as dt

import pytest

from models import Account, Enrollment, Message, OwnerKind, Person, Policy, Role, db
from services import purses
from services.enrollment import drafts
from services.enrollment.desk import desk
from services.enrollment.drafts import Entry
from tests import course_cases, make


@pytest.fixture
def unit():
    make.tariff(50_000)
    return make.unit(title="مرکز گرگان")


@pytest.fixture
def clerk(unit):
    return course_cases.staff(Role.CLERK, unit)


def by_unit(scope: str = "*") -> None:
    make.save(Policy(name="portal_purse", scope=scope, value="unit", valid_from=dt.date(2020, 1, 1)))


def purse(kind: OwnerKind, code: str, rials: int) -> Account:
    row = make.first(Account, owner_kind=kind, owner_code=code) or make.save(Account(owner_kind=kind, owner_code=code))
    return make.fill(row, rials)


def enroll(clerk, course, source: str, person: Person | None = None) -> Enrollment:
    """As the clerk's desk does it."""
    key = drafts.start(clerk, (person or make.person()).national_code)
    drafts.confirm(clerk, drafts.save(clerk, key, 1, Entry(course_id=course.id, debit_source=source)))
    return make.first(Enrollment, form_key=key)


def test_the_portal_user_is_the_clerk_and_by_the_rule_of_the_unit_its_own_purse(clerk, unit):
    own = purses.portal(clerk)
    assert own.owner == (OwnerKind.NATIONAL, make.first(Person, id=clerk.person_id).national_code)
    assert own.words.startswith(f"شما، {clerk.name}، کد ملی ")
    by_unit(scope=unit.kind.value)
    its = purses.portal(clerk)
    assert (its.owner, its.unit_id) == ((OwnerKind.UNIT, unit.code), unit.id)
    assert its.words.startswith("واحد شما، مرکز گرگان، کد واحد ")


def test_who_works_for_several_units_pays_for_each_from_the_purse_of_its_rule(unit):
    there = make.unit(province_=make.province())
    user = make.user(Role.CLERK, unit)
    make.save(make.UserRole(user_id=user.id, unit_id=there.id, role=Role.CLERK, can_enroll_others=True))
    actor = course_cases.actor(user)
    by_unit(scope=there.province.code)
    assert [each.kind for each in purses.portals(actor)] == [OwnerKind.NATIONAL, OwnerKind.UNIT]
    assert purses.portal_purse(actor, there.id) == (OwnerKind.UNIT, there.code)
    assert purses.portal_purse(actor, unit.id)[0] is purses.portal_purse(actor)[0] is OwnerKind.NATIONAL


def test_the_desk_shows_and_debits_the_purse_of_the_unit(clerk, unit):
    by_unit()
    held = purse(OwnerKind.UNIT, unit.code, 80_000)
    draft = drafts.get(clerk, drafts.start(clerk, make.national_code()))
    assert desk(clerk, draft).purses.portal_user == 80_000
    enroll(clerk, make.course(unit_=unit), "portal_user")
    db.session.refresh(held)
    assert held.balance == 30_000


def lows() -> list[int]:
    return [row.person_id for row in db.session.query(Message).filter_by(template="low_balance").order_by(Message.id)]


def test_a_purse_that_runs_low_is_told_once_for_each_crossing_to_its_owner_or_the_managers(clerk, unit):
    manager = make.user(Role.MANAGER, unit)
    held, course = make.purse(make.first(Person, id=clerk.person_id), 580_000), make.course(unit_=unit)
    for _ in range(3):  # 530,000, 480,000, 430,000 against 500,000
        enroll(clerk, course, "portal_user")
    assert lows() == [clerk.person_id]
    make.fill(held, 100_000)
    enroll(clerk, course, "portal_user")
    assert lows() == [clerk.person_id] * 2
    by_unit()
    purse(OwnerKind.UNIT, unit.code, 540_000)
    enroll(clerk, course, "portal_user")
    assert lows()[2:] == [manager.person_id]
    assert "۴۹۰٬۰۰۰ ریال" in db.session.query(Message).filter_by(template="low_balance").all()[-1].body
