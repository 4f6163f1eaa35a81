"""The further forms of import of the catalog: what standards ask for, their tariffs, and the fields they stand in."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from models import FieldLevel, StandardRequirement, StandardTariff, TradeField, db
from services import standards
from services.standards import requirements, tariff_sheet
from tests import make
from tests import sheets as made
from tests.services.test_import_engine import applied, folder, hq, lines_of, send, undone  # noqa: F401 (fixtures)

NEEDS, PRICES, FIELDS = requirements.FORM, tariff_sheet.FORM, standards.field_sheet.FORM


def sheet(form, *lines) -> bytes:
    return made.xlsx(*lines, titles=[column.title for column in form.columns])


def need(code: str, item="دستگاه جوش", group="تجهیزات", quantity="2", per="گروه", of="5") -> list[str]:
    return [code, group, item, quantity, per, of]


def items(row) -> list[tuple[str, str, int, int]]:
    db.session.rollback()
    return [
        (each.group.value, each.item_name, each.quantity, each.basis_n) for each in requirements.of_standard(row.id)
    ]


@pytest.mark.once
@pytest.mark.parametrize(("per", "of", "basis"), [("گروه", "5", 5), ("نفر", "", 1), ("کارگاه", "", 1000)])
def test_what_a_standard_asks_for_comes_from_a_sheet(hq, per, of, basis):  # noqa: F811
    row = make.standard()
    applied(hq, data=sheet(NEEDS, need(row.code, per=per, of=of)), form=NEEDS)
    assert items(row) == [("capital", "دستگاه جوش", 2, basis)]


def test_another_quantity_changes_the_item_and_the_same_sheet_nothing(hq):  # noqa: F811
    row = make.standard()
    applied(hq, data=sheet(NEEDS, need(row.code)), form=NEEDS)
    batch = applied(hq, data=sheet(NEEDS, need(row.code, item="دستگاه  جوش", quantity="7"), need(row.code)[:2]
                                   + ["ماسک", "1", "نفر", ""]), form=NEEDS)  # fmt: skip
    assert items(row) == [("capital", "دستگاه جوش", 7, 5), ("capital", "ماسک", 1, 1)]
    assert send(hq, data=sheet(NEEDS, need(row.code, quantity="7")), form=NEEDS).todo_count == 0
    undone(hq, batch)
    assert items(row) == [("capital", "دستگاه جوش", 2, 5)]


def test_an_item_that_was_changed_by_hand_keeps_its_import_from_being_undone(hq):  # noqa: F811
    row = make.standard()
    batch = applied(hq, data=sheet(NEEDS, need(row.code)), form=NEEDS)
    first = db.session.scalar(select(StandardRequirement))
    values = {"item_name": "دستگاه جوش", "group": "capital", "quantity": 3, "basis_n": 5}
    requirements.change(hq, row.id, first.id, requirements.by_hand(first), values)
    assert undone(hq, batch).state == "done"
    assert items(row) == [("capital", "دستگاه جوش", 3, 5)]


@pytest.mark.parametrize(("line", "column"), [
    ({"code": "999999999999999"}, "code"), ({"group": "خوراکی"}, "group"), ({"quantity": "0"}, "quantity"),
    ({"per": "گروه", "of": ""}, "of"), ({"per": "شهر"}, "per"),
])  # fmt: skip
def test_a_wrong_cell_of_a_need_is_told_at_its_column(hq, line, column):  # noqa: F811
    values = {"code": make.standard().code} | line
    (row,) = lines_of(send(hq, data=sheet(NEEDS, need(**values)), form=NEEDS))
    assert row.errors.keys() == {column}


def amounts(row) -> list[tuple[dt.date, dict[str, int]]]:
    db.session.rollback()
    return tariff_sheet.of_standard(row.id)


@pytest.mark.once
def test_three_amounts_come_from_a_day_on_and_another_day_adds_to_them(hq):  # noqa: F811
    row = make.standard()
    applied(hq, data=sheet(PRICES, [row.code, "1404/01/01", "1,000,000", "800000", "۵۰۰۰۰۰"]), form=PRICES)
    applied(hq, data=sheet(PRICES, [row.code, "1405/01/01", "1500000", "800000", "500000"]), form=PRICES)
    (new, old) = amounts(row)
    assert new == (dt.date(2026, 3, 21), {"in_person": 1_500_000, "virtual": 800_000, "electronic": 500_000})
    assert old[1]["in_person"] == 1_000_000


def test_amounts_are_mended_on_their_day_and_taken_back(hq):  # noqa: F811
    row = make.standard()
    line = [row.code, "1404/01/01", "1000000", "800000", "500000"]
    first = applied(hq, data=sheet(PRICES, line), form=PRICES)
    second = applied(hq, data=sheet(PRICES, [*line[:2], "900000", *line[3:]]), form=PRICES)
    assert amounts(row)[0][1]["in_person"] == 900_000
    assert undone(hq, first).state == "done"
    undone(hq, second)
    assert amounts(row)[0][1]["in_person"] == 1_000_000
    undone(hq, first)
    assert db.session.scalar(select(func.count()).select_from(StandardTariff)) == 0


def test_fields_are_made_with_what_stands_above_them_and_only_once(hq):  # noqa: F811
    lines = (["صنعت", "مکانیک", "تراش"], ["صنعت", "مکانیک", "فرز"], ["خدمات", "گردشگری", "راهنما"])
    applied(hq, data=sheet(FIELDS, *lines), form=FIELDS)
    levels = dict(db.session.execute(select(TradeField.level, func.count()).group_by(TradeField.level)).all())
    assert levels == {FieldLevel.FAMILY: 2, FieldLevel.CLUSTER: 2, FieldLevel.FIELD: 4}  # one was there before
    assert send(hq, data=sheet(FIELDS, *lines), form=FIELDS).todo_count == 0


def test_a_field_that_a_standard_stands_in_stays_when_its_import_is_undone(hq):  # noqa: F811
    batch = applied(hq, data=sheet(FIELDS, ["صنعت", "مکانیک", "تراش"], ["صنعت", "مکانیک", "فرز"]), form=FIELDS)
    field = make.first(TradeField, title="تراش")
    make.standard(field_id=field.id)
    batch = undone(hq, batch)
    assert (batch.undone_count, batch.kept_count) == (1, 1)
    titles = db.session.scalars(select(TradeField.title)).all()
    assert ("تراش" in titles, "فرز" in titles) == (True, False)
