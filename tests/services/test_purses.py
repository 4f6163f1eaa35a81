"""Purses: whose one is debited, statements, low balances, objections and sums."""

import datetime as dt

import pytest

from models import Account, Enrollment, LedgerTransfer, Message, OwnerKind, Person, Policy, Role, TransferKind, db
from services import jalali, purses
from services.catalog.booklet import Month
from services.enrollment import drafts
from services.enrollment.desk import desk
from services.enrollment.drafts import Entry
from services.purses import months, statement
from services.purses.statement import Wanted
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
    last = db.session.query(Message).filter_by(template="low_balance").order_by(Message.id.desc()).first()
    assert "۴۹۰٬۰۰۰ ریال" in last.body


# -- Statements --------------------------------------------------------------------


def moved(held: Account, rials: int, day: dt.datetime) -> int:
    """A top-up or, for less than nothing, a correction at a moment; its id."""
    other = make.first(Account, owner_kind="system", owner_code="gateway" if rials > 0 else "income")
    ends = {"from_account_id": other.id, "to_account_id": held.id}
    ends = ends if rials > 0 else {"from_account_id": held.id, "to_account_id": other.id}
    kind = TransferKind.TOP_UP if rials > 0 else TransferKind.CORRECTION
    key = f"test:{make.national_code()}"
    return make.save(LedgerTransfer(**ends, amount=abs(rials), kind=kind, cause_key=key, at=day)).id


def test_a_statement_says_after_each_movement_what_the_purse_held_on_every_page_and_through_every_filter():
    held, other = make.purse(), make.purse(balance=999)
    start = jalali.from_tehran(jalali.to_gregorian(1405, 8, 29), dt.time(12))
    amounts = [700, -200, 40, 1, -500, 60, 9, -10, 300, -400]
    wanted, total = [], 0
    for n, rials in enumerate(amounts):
        total += rials
        wanted.insert(0, (moved(held, rials, start + dt.timedelta(hours=6 * n)), rials, total))
        moved(other, 5, start)
    owner, seen, before = (held.owner_kind, held.owner_code), [], None
    while before is not None or not seen:
        found = statement.page(owner, before=before, size=3)
        seen += [(each.id, each.amount, each.after) for each in found.entries]
        before = found.before
    assert seen == wanted
    gone = statement.page(owner, Wanted(kind=TransferKind.CORRECTION))
    assert [(each.id, each.amount, each.after) for each in gone.entries] == [row for row in wanted if row[1] < 0]
    last_of_month = jalali.to_gregorian(1405, 8, 30)
    day = statement.page(owner, Wanted(first=last_of_month, last=last_of_month))
    assert [(each.amount, each.after) for each in day.entries] == [row[1:] for row in wanted[4:8]]
    assert [each.id for each in statement.every(owner, Wanted(), most=7)] == [row[0] for row in wanted[:7]]
    assert statement.page((OwnerKind.NATIONAL, make.national_code())).entries == []


def test_a_month_has_what_the_purse_held_before_and_after_it_and_the_sums_between():
    held = make.purse()
    first = jalali.from_tehran(jalali.to_gregorian(1405, 8, 1), dt.time(0))
    for rials, at in (
        (900, first - dt.timedelta(seconds=1)),
        (-200, first),
        (50, first),
        (7, first + dt.timedelta(30)),
    ):
        moved(held, rials, at)
    found = months.monthly((held.owner_kind, held.owner_code), Month(1405, 8))
    assert (found.opening, found.closing) == (900, 750)
    assert found.sums == {TransferKind.TOP_UP: (1, 50), TransferKind.CORRECTION: (1, -200)}
    assert [each.amount for each in found.entries] == [-200, 50]
    empty = months.monthly((held.owner_kind, held.owner_code), Month(1405, 10))
    assert (empty.opening, empty.closing, empty.entries) == (757, 757, [])
