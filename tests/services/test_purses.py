"""Purses: whose one is debited, statements, low balances, objections and sums."""

import datetime as dt

import pytest

from models import Account, OwnerKind, Policy, Role, db
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


def test_the_portal_user_is_the_clerk_and_by_the_rule_of_the_unit_its_own_purse(clerk, unit):
    own = purses.portal(clerk)
    assert own.owner == (OwnerKind.NATIONAL, make.first(make.Person, id=clerk.person_id).national_code)
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
    course = make.course(unit_=unit)
    key = drafts.start(clerk, make.national_code())
    draft = drafts.save(clerk, key, 1, Entry(course_id=course.id, debit_source="portal_user"))
    assert desk(clerk, draft).purses.portal_user == 80_000
    drafts.confirm(clerk, draft)
    db.session.refresh(held)
    assert held.balance == 30_000
