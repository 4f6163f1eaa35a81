"""Reports about equipment: what they count, whose they show, and what they leave out and say so."""

import datetime as dt
import io
import uuid

import openpyxl
import pytest

from models import EquipmentItem, Role, Unit, UnitKind, db
from services import inventory_reports as reports
from services import jalali, policy
from services.equipment import movements, transfers
from services.equipment.transfers import Move
from services.errors import DomainError, NotFound, OutsideTerritory
from services.inventory_reports import Age, Filters, Parts, Period, Sums
from services.inventory_reports import sheets as writing
from services.transaction import atomic
from tests import course_cases as cases
from tests import make

DAY = dt.timedelta(days=1)


@pytest.fixture
def golestan():
    return make.province("گلستان")


@pytest.fixture
def unit(golestan):
    return make.unit(province_=golestan, title="مرکز گرگان")


@pytest.fixture
def clerk(unit):
    return cases.staff(Role.CLERK, unit)


@pytest.fixture
def director(golestan):
    return cases.staff(Role.DIRECTOR, make.unit(UnitKind.DIRECTORATE, golestan))


@pytest.fixture
def admin():
    return cases.staff(Role.ADMIN, make.unit(UnitKind.HQ))


def years(count: int) -> dt.date:
    return policy.today() - dt.timedelta(days=int(count * 365.25) + 20)


def stock(actor, *, filters=None, **where):
    return reports.stock(reports.scope(actor, **where), filters or Filters())


def filled(unit):
    """Two workshops: one with a priced and an unpriced item, one with nothing."""
    full, empty = make.workshop(unit), make.workshop(unit)
    old = {"acquired_on": years(12), "condition": "worn", "next_service_on": policy.today() - DAY}
    make.item(full, 10, 7, price_rials=2_000_000_000, **old)
    make.item(full, 3, group="tool", acquired_on=years(1), condition="new")
    make.item(full, 99, is_active=False, price_rials=5)
    return full, empty


# -- What there is -----------------------------------------------------------------


@pytest.mark.once
def test_a_center_sees_its_workshops_with_pieces_state_value_and_what_has_no_price(clerk, unit):
    full, empty = filled(unit)
    found = stock(clerk)
    by_id = {row.id: row.sums for row in found.rows}
    wanted = Sums(lines=2, pieces=13, working=10, rials=20_000_000_000, unpriced=1, overdue=1)
    assert by_id == {full.id: wanted, empty.id: Sums()}
    assert found.total == wanted
    assert {age: sums.pieces for age, sums in found.by_age.items()} == {Age.FRESH: 3, Age.OLD: 10}
    assert {condition: sums.pieces for condition, sums in found.by_condition.items()} == {"new": 3, "worn": 10}
    assert {group: sums.rials for group, sums in found.by_group.items()} == {"capital": 20_000_000_000, "tool": 0}


@pytest.mark.parametrize(("filters", "pieces"), [
    (Filters(group="tool"), 3), (Filters(condition="worn"), 10), (Filters(age=Age.OLD), 10),
    (Filters(age=Age.FRESH), 3), (Filters(age=Age.MIDDLE), 0), (Filters(age=Age.UNKNOWN), 0),
    (Filters("tool", "worn"), 0),
])  # fmt: skip
def test_a_filter_narrows_rows_and_sums_alike(clerk, unit, filters, pieces):
    filled(unit)
    found = stock(clerk, filters=filters)
    assert found.total.pieces == pieces
    assert sum(sums.pieces for sums in found.by_group.values()) == pieces
    assert sum(sums.pieces for sums in found.by_age.values()) == pieces


def test_a_province_sees_its_centers_those_without_equipment_too_and_goes_down_to_their_workshops(
    director, unit, golestan
):
    filled(unit)
    bare = make.unit(UnitKind.ACADEMY, golestan, title="آموزشگاه تهی")
    make.unit(UnitKind.COUNTER, golestan)
    make.unit(province_=golestan, is_active=False)
    make.item(make.workshop(make.unit(province_=make.province("یزد"))))
    found = stock(director)
    assert [(row.title, row.sums.pieces) for row in found.rows] == [(bare.title, 0), (unit.title, 13)]
    scope = reports.scope(director, unit_id=unit.id)
    assert (scope.parts, scope.unit.id) == (Parts.WORKSHOPS, unit.id)
    assert reports.stock(scope, Filters()).total == found.total


def test_headquarters_see_provinces_then_centers_then_workshops(admin, unit, golestan):
    filled(unit)
    far = make.province("یزد")
    make.item(make.workshop(make.unit(province_=far)), 4)
    assert {row.title: row.sums.pieces for row in stock(admin).rows if row.sums.pieces} == {"گلستان": 13, "یزد": 4}
    assert [row.title for row in stock(admin, province_id=golestan.id).rows] == [unit.title]
    assert stock(admin, unit_id=unit.id).total.pieces == 13


def test_nobody_reads_beyond_their_territory(clerk, director, unit):
    far = make.unit(province_=make.province("یزد"))
    for ask in (
        lambda: reports.scope(clerk, unit_id=far.id),
        lambda: reports.scope(director, unit_id=far.id),
        lambda: reports.scope(director, province_id=far.province_id),
    ):
        with pytest.raises(OutsideTerritory):
            ask()
    for ask in (lambda: reports.scope(director, unit_id=10**9), lambda: reports.scope(clerk, unit_id=10**9)):
        with pytest.raises(NotFound):
            ask()
    assert reports.scope(clerk, province_id=far.province_id).units == (unit.id,)


def test_who_works_for_two_centers_sees_both(clerk, unit):
    other = make.unit(province_=db.session.get(Unit, unit.id).province)
    make.save(make.UserRole(user_id=clerk.user_id, unit_id=other.id, role=Role.CLERK))
    both = cases.actor(db.session.get(make.User, clerk.user_id))
    assert {row.id for row in stock(both).rows} == {unit.id, other.id}


def test_workshops_stand_in_the_order_of_the_alphabet_on_every_database(clerk, unit):
    for title in ("کارگاه ۱۰", "پارچه", "کارگاه ۲", "آشپزی"):
        make.workshop(unit).title = title
    db.session.commit()
    assert [row.title for row in stock(clerk).rows] == ["آشپزی", "پارچه", "کارگاه ۲", "کارگاه ۱۰"]


# -- What moved --------------------------------------------------------------------


@pytest.fixture
def moved(clerk, unit):
    """An item that got 6 yesterday, of which 2 broke and 1 was used up; all of it long after the opening stock."""
    item = make.item(make.workshop(unit), 5)
    for kind, pieces, working in (("received", 6, 6), ("broken", 0, -2), ("consumed", -1, -1)):
        with atomic():
            movements.write(clerk, item.id, movements.K(kind), pieces, working, policy.today() - DAY, reason="دلیل")
    return item


@pytest.mark.once
def test_movements_are_counted_by_kind_month_and_part(clerk, moved):
    yesterday = policy.today() - DAY
    found = reports.traffic(reports.scope(clerk), Filters(), Period(yesterday, yesterday))
    assert {kind: (one.times, one.pieces) for kind, one in found.by_kind.items()} == {
        "received": (1, 6), "broken": (1, 2), "consumed": (1, 1),
    }  # fmt: skip
    (row,) = found.rows
    assert (row.id, row.times, row.came, row.left) == (moved.workshop_id, 3, 6, 1)
    month = jalali.MONTHS[jalali.parts(yesterday)[1] - 1]
    assert [(name, came.pieces, left.pieces) for name, came, left in found.months] == [(month, 6, 1)]


def taken(clerk, item, to, pieces: int) -> None:
    """So many pieces move to another workshop of the unit and arrive there."""
    asked = transfers.ask(clerk, str(uuid.uuid4()), item.id, Move(to.id, pieces, pieces, policy.today(), "نیاز"))
    transfers.receive(clerk, str(uuid.uuid4()), asked.transfer.id, pieces, pieces, "")


def used(clerk, item, pieces: int) -> None:
    with atomic():
        movements.write(clerk, item.id, movements.K.CONSUMED, -pieces, -pieces, policy.today(), reason="مصرف")


def test_a_movement_counts_in_the_workshop_where_it_happened_wherever_the_item_is_by_now(clerk, unit):
    first, second, third = (make.workshop(unit, title=title) for title in ("الف", "ب", "پ"))
    item = make.item(first, 10)
    used(clerk, item, 1)
    taken(clerk, item, second, 9)
    used(clerk, item, 2)
    taken(clerk, item, third, 7)
    taken(clerk, item, second, 3)
    used(clerk, item, 4)
    today = Period(policy.today(), policy.today())
    for filters in (Filters(), Filters(group="capital")):
        rows = reports.traffic(reports.scope(clerk), filters, today).rows
        flows = {row.id: (row.times, row.came, row.left) for row in rows}
        assert flows == {first.id: (3, 10, 1 + 9), second.id: (4, 9 + 3, 2 + 7), third.id: (3, 7, 3 + 4)}
    lines = read(reports.write_traffic, reports.scope(clerk), Filters(), today)["ریز"].iter_rows(values_only=True)
    named = [line[list(titles).index("کارگاه")] for titles in [next(lines)] for line in lines]
    assert named == ["الف", "الف", "الف", "ب", "ب", "ب", "پ", "پ", "ب", "پ"]


def test_what_happened_before_or_after_the_period_is_not_in_it(clerk, director, admin, moved):
    today = policy.today()
    for days in (Period(today - 9 * DAY, today - 2 * DAY), Period(today - 400 * DAY, today - 2 * DAY)):
        assert reports.traffic(reports.scope(clerk), Filters(), days).by_kind == {}
    whole = Period(today - 9 * DAY, today)
    for actor in (clerk, director, admin):
        found = reports.traffic(reports.scope(actor), Filters(), whole)
        assert sum(one.times for one in found.by_kind.values()) == 4
        assert [row.came for row in found.rows] == [11]
    assert reports.traffic(reports.scope(clerk), Filters(group="tool"), whole).rows == []


@pytest.mark.once
def test_months_in_which_nothing_moved_are_there(clerk):
    year = reports.traffic(
        reports.scope(clerk), Filters(), Period(jalali.to_gregorian(1404, 11, 5), jalali.to_gregorian(1405, 2, 1))
    )
    assert [name for name, _, _ in year.months] == ["بهمن", "اسفند", "فروردین", "اردیبهشت"]


@pytest.mark.once
def test_a_period_is_the_year_so_far_and_never_backward_or_endless():
    today = policy.today()
    assert reports.period(None, None) == Period(jalali.to_gregorian(jalali.parts(today)[0], 1, 1), today)
    for first, last in ((today, today - DAY), (today - 800 * DAY, today)):
        with pytest.raises(DomainError) as refused:
            reports.period(first, last)
        assert refused.value.field == "first"


# -- Workbooks ---------------------------------------------------------------------


def read(write, *args):
    into = io.BytesIO()
    write(into, *args)
    return openpyxl.load_workbook(io.BytesIO(into.getvalue()))


@pytest.mark.once
def test_a_workbook_has_sums_and_lines_codes_as_text_and_amounts_as_numbers(clerk, unit):
    full, _ = filled(unit)
    make.item(full, 1, name="=1+1", serial="00012", asset_tag="007")
    book = read(reports.write_stock, reports.scope(clerk), Filters())
    assert [sheet.sheet_view.rightToLeft for sheet in book] == [True, True]
    titles, *lines = book["ریز"].iter_rows(values_only=True)
    by_name = [dict(zip(titles, line, strict=True)) for line in lines]
    assert [type(line["ارزش (ریال)"]) for line in by_name if line["گروه"] == "تجهیزات"].count(int) == 1
    risky = next(line for line in by_name if "1+1" in line["نام"])
    assert (risky["نام"], risky["سریال"], risky["شمارهٔ اموال پیشین"]) == ("'=1+1", "00012", "007")
    assert len(lines) == 3
    assert book["خلاصه"]["D2"].value + book["خلاصه"]["D3"].value == 14


def test_a_long_workbook_is_read_in_parts_and_keeps_its_order(clerk, unit, monkeypatch):
    monkeypatch.setattr(writing, "AT_ONCE", 2)
    workshop = make.workshop(unit)
    for name in "پبتآج":
        make.item(workshop, name=name)
    rows = read(reports.write_stock, reports.scope(clerk), Filters())["ریز"].iter_rows(min_row=2, values_only=True)
    assert [row[5] for row in rows] == ["آ", "ب", "پ", "ت", "ج"]


@pytest.mark.once
def test_a_workbook_that_is_full_says_so(clerk, unit, monkeypatch):
    filled(unit)
    monkeypatch.setattr(writing, "MOST", 1)
    *_, last = read(reports.write_stock, reports.scope(clerk), Filters())["ریز"].iter_rows(values_only=True)
    assert "بقیه در آن نیست" in last[0]


def test_movements_are_a_workbook_too(clerk, moved):
    days = Period(policy.today() - DAY, policy.today())
    book = read(reports.write_traffic, reports.scope(clerk), Filters(), days)
    assert book["ریز"].max_row == 5
    assert book["نوع‌ها"]["A2"].value == "دریافت"
    assert db.session.get(EquipmentItem, moved.id).quantity == 10
