"""What workshops lack and who could lend it: the sums of the database against sums made by hand."""

import io
import random

import openpyxl
import pytest

from models import EquipmentGroup, Role, StandardRequirement, UnitKind, utcnow
from services import places, text
from services.places import lacking
from services.places.lacking import Scope
from tests import course_cases, make

ITEMS = ("دریل ستونی", "کولیس", "عینک ایمنی")


def asks(standard, item: str, quantity: int, basis_n: int, group=EquipmentGroup.TOOL) -> None:
    keys = {"item_name": item, "item_key": text.key(item), "group": group}
    make.save(StandardRequirement(standard_id=standard.id, quantity=quantity, basis_n=basis_n, **keys))


def needed(quantity: int, basis_n: int, trainees: int) -> int:
    """As many whole sets as there are begun groups, counted one by one."""
    return quantity * len(range(0, trainees, basis_n))


@pytest.mark.once
@pytest.mark.parametrize(("trainees", "sets"), [(1, 1), (15, 1), (16, 2), (30, 2), (31, 3)])
def test_a_group_begun_needs_its_whole_set(trainees, sets):
    standard = make.standard()
    room = make.workshop(make.unit(), standard, workstations=trainees)
    asks(standard, ITEMS[0], 2, 15)
    assert [(row.needed, row.present) for row in places.shortages(room.id, standard.id, trainees)] == [(2 * sets, 0)]
    assert [row.needed for row in lacking.listing(Scope(workshop_id=room.id))[0]] == [2 * sets]


def test_an_item_that_is_asked_for_twice_is_needed_twice():
    standard = make.standard()
    room = make.workshop(make.unit(), standard)
    asks(standard, ITEMS[0], 1, 1000, EquipmentGroup.TOOL)
    asks(standard, ITEMS[0], 2, 1000, EquipmentGroup.PROTECTIVE)
    make.item(room, 2, name=ITEMS[0])
    assert places.shortages(room.id, standard.id, 5) == [places.Shortage(ITEMS[0], 3, 2)]
    make.item(room, 1, name=ITEMS[0].replace("ی", "ي"))  # the same word in another spelling
    assert places.shortages(room.id, standard.id, 5) == []


def test_a_workshop_needs_the_most_that_any_of_its_standards_asks_for_and_not_their_sum():
    small, large, retired = (make.standard() for _ in range(3))
    room = make.workshop(make.unit(), small, large, retired, workstations=10)
    for standard, quantity in ((small, 1), (large, 2), (retired, 9)):
        asks(standard, ITEMS[0], quantity, 5)
    retired.retired_at = utcnow()
    make.item(room, 1, working=1, name=ITEMS[0])
    make.item(room, 6, working=0, name=ITEMS[0])  # what does not work is not there
    (row,), after = lacking.listing(Scope(workshop_id=room.id))
    assert (row.needed, row.present, row.missing, row.standards, after) == (4, 1, 3, 2, None)
    assert lacking.counts(room.id) == {small.id: 1, large.id: 1}
    assert [each.needed for each in lacking.listing(Scope(workshop_id=room.id, standard_id=small.id))[0]] == [2]


def test_lenders_of_the_same_center_come_first_then_those_of_the_province_and_nobody_from_afar():
    standard, province = make.standard(), make.province()
    asks(standard, ITEMS[0], 1, 5)
    units = [make.unit(province_=province) for _ in range(2)] + [make.unit(province_=make.province())]
    short = make.workshop(units[0], standard, workstations=10)
    own, other, afar = (make.workshop(unit) for unit in units)
    busy = make.workshop(units[0], standard, workstations=10)  # has two and needs both
    for room, pieces in ((own, 1), (other, 5), (afar, 9), (busy, 2)):
        make.item(room, pieces, name=ITEMS[0])
    closed = make.workshop(units[1], standard, is_active=False)
    make.item(closed, 3, name=ITEMS[0])
    found, _ = lacking.listing(Scope(units=(units[0].id,)))
    assert [(row.workshop_id, row.missing) for row in found] == [(short.id, 2)]
    lenders = lacking.lenders(found, [province.id])[text.key(ITEMS[0])]
    assert [(each.workshop_id, each.pieces) for each in lenders] == [(own.id, 1), (other.id, 5), (closed.id, 3)]
    total = lacking.by_item(Scope(provinces=(province.id,)))[0][0]
    assert (total.missing, total.workshops, total.spare) == (2, 1, 9)


@pytest.fixture(params=range(4))
def country(request):
    """Any workshops, standards and stocks of one province, and one without any: what is asked for, and the rooms."""
    rng = random.Random(request.param)
    province = make.province()
    make.province("استان بی‌کارگاه")
    standards = [make.standard() for _ in range(3)]
    asked = [(s, item, rng.randint(1, 4), rng.choice((1, 3, 15, 1000))) for s in standards for item in ITEMS
             if rng.random() < 0.7]  # fmt: skip
    for row in asked:
        asks(*row)
    units = [make.unit(province_=province) for _ in range(2)]
    rooms = {}
    for number in range(5):
        hosts = rng.sample(standards, rng.randint(0, 3))
        room = make.workshop(units[number % 2], *hosts, workstations=rng.randint(1, 40))
        stock = {item: rng.randint(0, 30) for item in ITEMS if rng.random() < 0.8}
        for item, pieces in stock.items():
            make.item(room, pieces + 1, working=pieces, name=item)
        rooms[room.id] = (room, hosts, stock)
    return province, standards, asked, rooms


@pytest.mark.once
def test_the_sums_of_a_province_are_those_made_by_hand(country):
    """Every figure of the report counted again, row by row."""
    province, _, asked, rooms = country
    short, spare = by_hand(rooms, asked)
    found = {(row.workshop_id, row.item): (row.needed, row.present) for row in whole(lacking.listing, province)}
    assert found == short
    totals = {row.title: (row.missing, row.workshops, row.spare) for row in whole(lacking.by_item, province)}
    assert totals == summed(short, spare)
    units = whole(lacking.by_unit, province)
    assert tuple(map(sum, zip(*((row.workshops, row.items, row.missing) for row in units), strict=True))) == size(short)


def test_the_sums_of_the_country_are_those_made_by_hand(country):
    province, standards, asked, rooms = country
    ours, other = lacking.by_province(Scope())
    hosting = [room for room, hosts, _ in rooms.values() if any(row[0] in hosts for row in asked)]
    numbers = (ours.id, ours.of, ours.workshops, ours.items, ours.missing)
    assert numbers == (province.id, len(hosting), *size(by_hand(rooms, asked)[0]))
    assert (other.title, other.of, other.missing) == ("استان بی‌کارگاه", 0, 0)
    found = {row.id: (row.workshops, row.items, row.missing) for row in lacking.by_standard(Scope())[0]}
    for standard in standards:
        alone = size(by_hand(rooms, [row for row in asked if row[0] is standard])[0])
        assert found.get(standard.id, (0, 0, 0)) == alone
        assert lacking.by_province(Scope(standard_id=standard.id))[0].missing == alone[2]


def size(short):
    """How many workshops, items of them and pieces are short."""
    return len({room_id for room_id, _ in short}), len(short), sum(most - has for most, has in short.values())


def by_hand(rooms, asked):
    short, spare = {}, dict.fromkeys(ITEMS, 0)
    for room, hosts, stock in rooms.values():
        for item in ITEMS:
            wanted = [
                needed(quantity, basis, room.workstations)
                for standard, name, quantity, basis in asked
                if name == item and standard in hosts
            ]
            most, has = max(wanted, default=0), stock.get(item, 0)
            if most > has:
                short[room.id, item] = (most, has)
            spare[item] += max(0, has - most)
    return short, spare


def summed(short, spare):
    found = {}
    for (_, item), (most, has) in short.items():
        missing, count, _ = found.get(item, (0, 0, 0))
        found[item] = (missing + most - has, count + 1, spare[item])
    return found


def whole(report, province):
    rows, after = report(Scope(provinces=(province.id,)))
    assert after is None
    return rows


@pytest.mark.parametrize("report", [lacking.listing, lacking.by_item, lacking.by_unit, lacking.by_standard])
def test_a_long_report_goes_on_where_the_page_ends(report):
    province, standards = make.province(), [make.standard() for _ in range(5)]
    for number, standard in enumerate(standards):
        asks(standard, f"قلم {number}", number // 2 + 1, 1000)
    for _ in range(5):
        make.workshop(make.unit(province_=province), *standards)
    scope, found, after = Scope(provinces=(province.id,)), [], None
    while True:
        rows, after = report(scope, after, 2)
        found += rows
        if after is None:
            break
    assert len(found) == len(set(found)) == (25 if report is lacking.listing else 5)
    assert sum(row.missing for row in found) == 5 * (1 + 1 + 2 + 2 + 3)


def test_a_workbook_has_the_sums_and_each_shortage_and_says_where_it_stops(monkeypatch):
    province, standard = make.province(), make.standard()
    for number in range(3):
        asks(standard, f"قلم {number}", 2, 1000)
    make.workshop(make.unit(province_=province, title="مرکز گرگان"), standard)
    book = sheets_of(Scope())
    assert book["خلاصه"][1] == (province.title, 1, 1, 3, 6)
    assert book["استانداردها"][1] == (standard.title, standard.code, 1, 3, 6)
    assert book["قلم‌ها"][1] == ("قلم 0", 1, 2, 0)
    assert book["ریز"][1] == ("مرکز گرگان", "کارگاه ۱", "قلم 0", 2, 0, 2, 1)
    monkeypatch.setattr(lacking.sheets, "MOST", 2)
    assert [len(lines) for lines in sheets_of(Scope(provinces=(province.id,))).values()] == [2, 2, 4, 4]
    assert "بیش از ۲ ردیف" in sheets_of(Scope())["ریز"][3][0]


def sheets_of(scope):
    into = io.BytesIO()
    lacking.write(into, scope)
    book = openpyxl.load_workbook(into, read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


@pytest.mark.once
def test_everybody_sees_the_shortages_of_their_own_territory():
    center, office = make.unit(), make.unit(UnitKind.DIRECTORATE)
    clerk, reviewer = course_cases.staff(Role.CLERK, center), course_cases.staff(Role.REVIEWER, office)
    admin = course_cases.staff(Role.ADMIN, make.unit(UnitKind.HQ))
    afar = Scope(provinces=(make.province().id,), item_key="x")
    assert lacking.scope_of(clerk, Scope()) == Scope((center.province_id,), (center.id,))
    assert lacking.scope_of(reviewer, afar) == Scope(provinces=(office.province_id,), item_key="x")
    assert lacking.scope_of(admin, afar) == afar
