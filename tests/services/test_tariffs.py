"""Tariffs: the narrowest row in force, the same in the database and in memory, and what people then pay."""

import datetime as dt
import random
import uuid

import pytest

from models import AuditEvent, Delivery, Enrollment, IncomeDecile, Role, TargetGroup, Tariff, UnitKind, db
from services import ledger, people, policy, tariffs
from services.enrollment import desk, drafts, own, reversal
from services.enrollment.drafts import Entry
from services.enrollment.refusals import FeeRose
from services.tariffs import Keys, decile_sheet
from tests import course_cases, make, sheets
from tests.services.test_import_engine import applied, folder, hq, lines_of, send, undone  # noqa: F401 (fixtures)

DAY = dt.timedelta(days=1)
FEE, FORM = tariffs.ENROLL_CREDIT, decile_sheet.FORM


def decile(person, number, days=0):
    values = {"person_id": person.id, "decile": number, "source": "sheet"}
    return make.save(IncomeDecile(valid_from=policy.today() + days * DAY, **values))


def test_the_narrowest_row_wins_person_before_course_and_the_newest_of_one_key():
    today = policy.today()
    asked = Keys(UnitKind.ACADEMY, Delivery.VIRTUAL, "prison", 3)
    for amount, keys in (
        (1, {}),
        (2, {"unit_kind": "academy"}),
        (3, {"delivery": "virtual"}),
        (4, {"decile": 3}),
        (5, {"target_group": "prison"}),
    ):
        make.tariff(amount, **keys)
        assert tariffs.amount_rials(FEE, asked, today) == amount, "group, decile, delivery, unit kind"
    make.tariff(6, target_group="prison", valid_from=today)
    make.tariff(7, target_group="prison", valid_from=today + DAY)
    make.tariff(8, target_group="prison", decile=4)
    assert tariffs.amount_rials(FEE, asked, today) == 6
    make.first(Tariff, amount_rials=6).valid_to = today
    db.session.commit()
    assert [tariffs.amount_rials(FEE, asked, today + n * DAY) for n in (0, 1)] == [6, 7]
    assert tariffs.amount_rials(FEE, Keys(), today) == 1, "nothing known fits only rows for any"


def test_the_database_and_the_book_read_the_same_price():
    lot, today, made = random.Random(6), policy.today(), set()  # noqa: S311 (no secret)
    choices = (("*", "center", "academy"), ("*", "virtual", "blended"), ("*", "a", "b"), (0, 1, 2))
    for _ in range(60):
        keys, start = tuple(lot.choice(each) for each in choices), lot.randrange(-9, 9)
        if (*keys, start) in made:
            continue
        made.add((*keys, start))
        names = dict(zip(("unit_kind", "delivery", "target_group", "decile"), keys, strict=True))
        end = lot.choice((None, None, start + lot.randrange(5)))
        dates = {"valid_from": today + start * DAY, "valid_to": None if end is None else today + end * DAY}
        make.tariff(lot.randrange(10**6), **names, **dates)
    book, asked = tariffs.book(FEE), [[None if v in ("*", 0) else v for v in each] for each in choices]
    for _ in range(120):
        keys, day = Keys(*(lot.choice(each) for each in asked)), today + lot.randrange(-9, 12) * DAY
        assert db.session.scalar(tariffs.in_force(FEE, keys, day)) == book.amount(keys, day), (keys, day)


# -- What people pay ---------------------------------------------------------------


def test_who_enrolls_pays_by_delivery_group_and_decile_and_the_desk_says_so_before():
    make.tariff(50_000)
    make.tariff(40_000, delivery="virtual")
    make.tariff(30_000, decile=3)
    group = make.save(TargetGroup(code="nomad", title="عشایر"))
    make.tariff(20_000, target_group="nomad", unit_kind="center")
    clerk, poor, other = course_cases.staff(Role.CLERK, make.unit()), make.person(), make.person()
    decile(poor, 4, days=-9), decile(poor, 3, days=-1), decile(poor, 9, days=1)
    unit = make.first(make.Unit, id=clerk.units[0])
    course, plain = make.course(unit_=unit, delivery=Delivery.VIRTUAL), make.course(unit_=unit)
    for person in (poor, other):
        make.purse(person, 100_000)
    assert [own.offer(person, course.code).fee_rials for person in (poor, other)] == [30_000, 40_000]
    assert own.offer(other, plain.code).fee_rials == 50_000
    for person, chosen, fee in ((other, group.id, 20_000), (poor, None, 30_000)):
        key = drafts.start(clerk, person.national_code)
        entry = Entry(course_id=course.id, debit_source="trainee", target_group_id=chosen)
        draft = drafts.save(clerk, key, 1, entry)
        assert desk.desk(clerk, draft).purses.fee_rials == fee
        made = db.session.get(Enrollment, drafts.confirm(clerk, draft).enrollment_id)
        assert (made.fee_rials, ledger.balances(ledger.owner_of(person))) == (fee, [100_000 - fee])


def test_another_tariff_touches_nothing_that_was_charged_and_the_same_comes_back():
    make.tariff(50_000)
    person, course, later = make.person(), make.course(), make.course()
    make.purse(person, 150_000)
    first = own.enroll(person, course.code, str(uuid.uuid4())).enrollment_id
    make.tariff(90_000, valid_from=policy.today())
    assert own.offer(person, later.code).fee_rials == 90_000
    reversal.withdraw(person, first)
    again = own.enroll(person, later.code, str(uuid.uuid4())).enrollment_id
    fees = [db.session.get(Enrollment, each, populate_existing=True).fee_rials for each in (first, again)]
    assert (fees, ledger.balances(ledger.owner_of(person))) == ([50_000, 90_000], [60_000])


def test_a_fee_that_rose_since_the_page_was_seen_takes_nothing_until_it_is_seen_again():
    make.tariff(50_000)
    person, course, key = make.person(), make.course(), str(uuid.uuid4())
    make.purse(person, 200_000)
    make.tariff(90_000, valid_from=policy.today())
    with pytest.raises(FeeRose, match="۵۰٬۰۰۰ ریال به ۹۰٬۰۰۰ ریال"):
        own.enroll(person, course.code, key, seen=50_000)
    assert ledger.balances(ledger.owner_of(person)) == [200_000]
    assert not own.enroll(person, course.code, key, seen=90_000).repeated
    make.first(Tariff, amount_rials=90_000).amount_rials = 95_000
    db.session.commit()
    assert own.enroll(person, course.code, key, seen=90_000).repeated, "it was taken at its price"
    assert ledger.balances(ledger.owner_of(person)) == [110_000]


# -- Deciles by import -------------------------------------------------------------


def sheet(*lines):
    return sheets.xlsx(*lines, titles=[column.title for column in decile_sheet.FORM.columns])


def test_a_sheet_of_deciles_sets_the_fee_of_the_next_enrollment_and_is_undone(hq):  # noqa: F811
    make.tariff(50_000), make.tariff(0, decile=2), make.tariff(30_000, decile=7)
    known, stranger, course = make.person(), make.national_code(), make.course()
    first = applied(hq, data=sheet([known.national_code, "2", "1405/01/01"], [stranger, "7", "1405/01/01"]), form=FORM)
    assert own.offer(known, course.code).fee_rials == 0
    new = people.by_national_code(stranger)
    assert (own.offer(new, course.code).fee_rials, new.full_name) == (30_000, None)
    again = sheet([known.national_code, "7", "1405/01/01"], [stranger, "7", "1405/01/01"])
    second = applied(hq, data=again, form=FORM)
    assert second.todo_count == 1
    assert own.offer(known, course.code).fee_rials == 30_000
    for batch, fee in ((second, 0), (first, 50_000)):
        undone(hq, batch)
        db.session.rollback()
        assert own.offer(known, course.code).fee_rials == fee
    told = db.session.query(AuditEvent).filter_by(subject="income_decile").all()
    assert len(told) == 6
    assert not any(event.detail for event in told), "no decile and no code in the trail"


@pytest.mark.once
def test_a_wrong_line_of_deciles_is_told_at_its_column(hq):  # noqa: F811
    for line, column in (
        (["1234567890", "3", "1405/01/01"], "national_code"),
        ([make.national_code(), "11", "1405/01/01"], "decile"),
        ([make.national_code(), "3", "چندی پیش"], "valid_from"),
    ):
        (row,) = lines_of(send(hq, data=sheet(line), form=FORM))
        assert row.errors.keys() == {column}
