"""Rows of tariffs as HQ writes them: seen before they are written, never for what is over, and somebody always pays."""

import datetime as dt

import pytest

from models import AuditEvent, Delivery, IncomeDecile, Role, TargetGroup, Tariff, UnitKind, db
from services import policy, tariffs
from services.errors import Conflict, DomainError, NotAllowed
from services.tariffs import keeping, reading, simulating
from services.tariffs.keeping import NewTariff
from services.tariffs.reading import State
from tests import course_cases as cases
from tests import make
from tests.web import pages

DAY = dt.timedelta(days=1)
FEE = tariffs.ENROLL_CREDIT


@pytest.fixture
def admin():
    make.tariff(50_000)
    return cases.staff(Role.ADMIN, make.unit(UnitKind.HQ))


def day(days):
    return policy.today() + days * DAY


def wanted(amount=60_000, *, deciles=(), days=0, to=None, **over):
    keys = {"fee_kind": FEE, "unit_kind": "*", "delivery": "*", "target_group": "*"} | over
    return NewTariff(**keys, deciles=deciles, amount_rials=amount, valid_from=day(days), valid_to=to and day(to))


def stored(**keys):
    return make.first(Tariff, **keys)


def test_rows_are_written_once_for_each_decile_and_another_amount_from_the_same_day_is_refused(admin):
    assert keeping.add(admin, wanted(0, deciles=(1, 2)))
    assert not keeping.add(admin, wanted(0, deciles=(1, 2))), "the second press finds the first"
    assert keeping.add(admin, wanted(0, deciles=(2, 3))), "what is lacking is added"
    with pytest.raises(Conflict, match="رایگان"):
        keeping.add(admin, wanted(9_000, deciles=(3, 4)))
    assert sorted(row.decile for row in db.session.query(Tariff)) == [0, 1, 2, 3], "all of them or none"
    told = [event.detail["decile"] for event in db.session.query(AuditEvent).filter_by(action="tariff_added")]
    assert sorted(told) == [1, 2, 3]
    assert [line.what for line in reading.history({})] == ["نوشت"] * 3
    assert "دهک ۳: رایگان" in reading.history({})[0].note


@pytest.mark.parametrize(
    ("over", "field"),
    [({"fee_kind": "x"}, "fee_kind"), ({"unit_kind": "hq"}, "unit_kind"), ({"delivery": "x"}, "delivery"),
     ({"target_group": "x"}, "target_group"), ({"target_group": "free"}, "target_group"),
     ({"deciles": (11,)}, "deciles"), ({"amount": -1}, "amount"),
     ({"days": -1}, "valid_from"), ({"days": 3, "to": 2}, "valid_to")],
)  # fmt: skip
@pytest.mark.once
def test_a_row_that_cannot_be_is_refused_at_its_field(admin, over, field):
    make.save(TargetGroup(code="free", title="زندانیان", is_fee_exempt=True))
    with pytest.raises(DomainError) as refused:
        keeping.add(admin, wanted(**over))
    assert refused.value.field == field
    assert db.session.query(Tariff).count() == 1


@pytest.mark.once
def test_only_an_administrator_of_hq_writes_tariffs(admin):
    for role, unit in ((Role.REVIEWER, make.unit(UnitKind.HQ)), (Role.MANAGER, make.unit())):
        who = cases.staff(role, unit)
        for act in (keeping.add, lambda who, _: keeping.end(who, 1, 1, day(1)), lambda who, _: keeping.remove(who, 1)):
            with pytest.raises(NotAllowed):
                act(who, wanted())


@pytest.mark.once
def test_a_row_for_some_days_gives_way_to_the_former_one_and_the_list_says_what_each_is(admin):
    keeping.add(admin, wanted(30_000, to=4))
    keeping.add(admin, wanted(70_000, days=9))
    keeping.add(admin, wanted(20_000, unit_kind="academy", delivery="virtual"))
    rows = reading.rows(FEE)
    assert [(row.line.amount_rials, row.state) for row in rows.rows] == [
        (70_000, State.COMING), (30_000, State.NOW), (50_000, State.RESTING), (20_000, State.NOW)
    ]  # fmt: skip
    assert rows.rows[1].then.amount_rials == 50_000
    assert [row.whom for row in rows.of(State.NOW)] == ["همه", "مجازی، آموزشگاه آزاد"]
    later = {row.line.amount_rials: row.state for row in reading.rows(FEE, on=day(10)).rows}
    assert (later[30_000], later[50_000], later[70_000]) == (State.PAST, State.PAST, State.NOW)


def test_a_row_ends_for_days_to_come_and_somebody_faster_is_named(admin):
    keeping.add(admin, wanted(20_000, deciles=(5,)))
    row = stored(decile=5)
    with pytest.raises(DomainError, match="از امروز") as refused:
        keeping.end(admin, row.id, row.version, day(-1))
    assert refused.value.field == "valid_to"
    assert [keeping.end(admin, row.id, 1, day(3)) for _ in range(2)] == [True, False]
    with pytest.raises(Conflict, match=admin.name):
        keeping.end(admin, row.id, 1, day(5))
    assert keeping.end(admin, row.id, 2, day(5)), "who has seen it may change it"
    with pytest.raises(Conflict, match="آغاز شده"):
        keeping.remove(admin, row.id)
    keeping.add(admin, wanted(10_000, deciles=(5,), days=8))
    coming = db.session.query(Tariff).filter_by(amount_rials=10_000).one().id
    assert [keeping.remove(admin, coming) for _ in range(2)] == [True, False]


def test_nobody_is_left_without_a_fee(admin):
    first = stored()
    with pytest.raises(DomainError, match="کسی نمی‌تواند ثبت‌نام کند"):
        keeping.end(admin, first.id, 1, day(3))
    keeping.add(admin, wanted(60_000, days=4))
    assert keeping.end(admin, first.id, 1, day(3))
    with pytest.raises(DomainError, match="کسی نمی‌تواند"):
        keeping.remove(admin, stored(amount_rials=60_000).id)
    assert reading.rows(FEE).gap is None
    assert keeping.add(admin, wanted(9_000, fee_kind="exam_written"))
    assert keeping.end(admin, stored(fee_kind="exam_written").id, 1, day(0)), "what is not taken here may end"


# -- Simulation --------------------------------------------------------------------


def enrolled(course, fee, decile=None, **over):
    person = make.person()
    row = pages.enroll(course, person)
    payer = make.purse(person).id if fee else None
    values = {"fee_rials": fee, "debit_source": "trainee" if fee else "none", "payer_account_id": payer} | over
    for name, value in values.items():
        setattr(row, name, value)
    if decile:
        make.save(IncomeDecile(person_id=person.id, decile=decile, source="sheet", valid_from=day(-1)))
    db.session.commit()


@pytest.fixture
def year(admin):
    """Five enrollments that stand and one that does not."""
    center, academy = make.unit(), make.unit(UnitKind.ACADEMY)
    free = make.save(TargetGroup(code="free", title="زندانیان", is_fee_exempt=True))
    here, far = make.course(unit_=center), make.course(unit_=academy, delivery=Delivery.VIRTUAL)
    enrolled(here, 50_000)
    enrolled(here, 50_000, decile=3)
    enrolled(here, 0, target_group_id=free.id)
    enrolled(far, 40_000, decile=3)
    enrolled(far, 50_000, created_at=simulating._midnight(day(-40)))
    enrolled(here, 50_000, status="canceled")
    return admin


def test_the_simulation_counts_what_stands_and_prices_it_by_the_rows_of_a_day_and_a_thought_one(year, queries):
    keeping.add(year, wanted(10_000, deciles=(3,), days=7))
    with queries() as seen:
        now = simulating.simulate(day(-9), day(0), day(0))
    assert len(seen) == 2
    assert (now.whole.count, now.whole.paid, now.whole.would, now.whole.unpriced) == (4, 140_000, 150_000, 0)
    then = simulating.simulate(day(-90), day(0), day(7), wanted(70_000, unit_kind="academy"))
    assert (then.whole.count, then.whole.paid, then.whole.would) == (5, 190_000, 140_000)
    assert {value: (one.count, one.would) for value, one in then.by_unit_kind} == {
        "center": (3, 60_000), "academy": (2, 80_000)
    }  # fmt: skip
    assert [(value, one.count, one.difference) for value, one in then.by_decile] == [(3, 2, -70_000), (None, 3, 20_000)]
    assert dict(then.by_group)["free"].would == 0
    assert simulating.simulate(day(-9), day(0), dt.date(2019, 1, 1)).whole.unpriced == 3
    with pytest.raises(DomainError, match="یک سال"):
        simulating.simulate(day(-500), day(0), day(0))


def test_a_new_row_and_an_ending_show_what_they_change_and_write_nothing(year):
    seen = simulating.of_adding(wanted(80_000, unit_kind="center"))
    assert (seen.count, seen.changes, seen.difference) == (5, [(50_000, 80_000, 2)], 60_000)
    assert simulating.of_adding(wanted(9_000, fee_kind="certificate")).count == 0
    keeping.add(year, wanted(0, deciles=(3,)))
    book = tariffs.book(FEE)
    ending = simulating.of_ending(book, next(line for line in book.lines if line.decile), day(2))
    assert ending.changes == [(0, 50_000, 2)]
    assert db.session.query(Tariff).count() == 2
