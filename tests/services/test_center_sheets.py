"""Sheets of a center: its places, its workshops and its equipment, whose pieces come and go by movements."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from models import (
    AuditEvent,
    EquipmentItem,
    EquipmentMovement,
    EquipmentTransfer,
    ImportState,
    MovementKind,
    Place,
    Role,
    UnitKind,
    User,
    UserRole,
    Workshop,
    db,
)
from services import access, imports, places, submissions
from services.access import Level
from services.equipment import movements, sheet
from services.errors import DomainError, NotAllowed, OutsideTerritory
from services.places import sheets as place_sheets
from services.policy import today
from services.transaction import atomic
from tests import make
from tests import sheets as made
from tests.services.test_import_engine import folder, work  # noqa: F401 (a fixture)


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def clerk(center):
    return actor(make.user(Role.CLERK, center))


@pytest.fixture
def room(center):
    return make.workshop(center, title="کارگاه جوش")


def actor(user):
    return access.actor(user, Level.CENTER, access.roles_of(user.id))


def send(clerk, form, *lines, **options):
    names = list(dict.fromkeys(name for line in lines for name in line))
    titles = [form.column(name).title for name in names]
    data = made.xlsx(*[[line.get(name, "") for name in names] for line in lines], titles=titles)
    sent = imports.send(clerk, form, submissions.new_key(), ("a.xlsx", data), options)
    work()
    return again(clerk, sent.batch_id)


def again(clerk, batch_id):
    db.session.rollback()
    return imports.get(clerk, batch_id)


def applied(clerk, form, *lines, **options):
    batch = send(clerk, form, *lines, **options)
    assert [row.errors for row in imports.rows(batch) if row.errors] == []
    imports.apply(clerk, batch.id)
    work()
    batch = again(clerk, batch.id)
    assert batch.failed_count == 0, [row.errors for row in imports.rows(batch)]
    return batch


def undone(clerk, batch):
    imports.undo(clerk, batch.id)
    work()
    return again(clerk, batch.id)


def errors(clerk, form, *lines):
    return [set(row.errors) for row in imports.rows(send(clerk, form, *lines))]


def all_of(model):
    db.session.rollback()
    return db.session.scalars(select(model).order_by(model.id).execution_options(populate_existing=True)).all()


# -- Equipment ---------------------------------------------------------------------


def lathe(**over):
    line = {"workshop": "کارگاه جوش", "group": "تجهیزات", "name": "دستگاه تراش", "asset_tag": "00123", "pieces": "5"}
    return line | {"working": "4", "price_rials": "۱٬۰۰۰٬۰۰۰", "acquired_on": "1400/02/03", "condition": "خوب"} | over


def test_a_new_item_comes_with_its_first_movement_and_keeps_its_zeros(clerk, center, room):
    applied(clerk, sheet.FORM, lathe(), lathe(name="انبردست", asset_tag="", group="ابزار", working=""))
    first, second = all_of(EquipmentItem)
    assert (first.asset_tag, first.quantity, first.serviceable, first.workshop_id) == ("00123", 5, 4, room.id)
    assert (first.price_rials, first.acquired_on.isoformat(), first.unit_of_count) == (1_000_000, "2021-04-23", "عدد")
    assert (second.quantity, second.serviceable) == (5, 5)
    moves = all_of(EquipmentMovement)
    assert {(row.kind, row.user_id) for row in moves} == {(MovementKind.RECEIVED, clerk.user_id)}
    assert [(row.item_id, row.pieces, row.working) for row in moves] == [(first.id, 5, 4), (second.id, 5, 5)]


def test_the_same_sheet_of_equipment_again_changes_nothing(clerk, room):
    lines = [lathe(), lathe(name="انبردست", asset_tag="", group="ابزار", working="")]
    applied(clerk, sheet.FORM, *lines)
    batch = send(clerk, sheet.FORM, *lines)
    assert (batch.todo_count, imports.counts(batch)["same"]) == (0, 2)


def test_facts_change_by_a_sheet_and_numbers_do_not(clerk, room):
    applied(clerk, sheet.FORM, lathe())
    applied(clerk, sheet.FORM, lathe(model="TN50", pieces="", working=""))
    assert [(row.model, row.quantity, row.serviceable) for row in all_of(EquipmentItem)] == [("TN50", 5, 4)]
    assert errors(clerk, sheet.FORM, lathe(pieces="6")) == [{"pieces"}]
    assert errors(clerk, sheet.FORM, lathe(working="3")) == [{"working"}]
    assert len(all_of(EquipmentMovement)) == 1


def test_an_import_of_equipment_is_taken_back_by_movements_and_can_be_done_again(clerk, room):
    batch = undone(clerk, applied(clerk, sheet.FORM, lathe()))
    (item,) = all_of(EquipmentItem)
    assert (batch.state, item.quantity, item.serviceable, item.is_active) == (ImportState.UNDONE, 0, 0, False)
    assert [(row.pieces, row.working) for row in all_of(EquipmentMovement)] == [(5, 4), (-5, -4)]
    applied(clerk, sheet.FORM, lathe())
    (item,) = all_of(EquipmentItem)
    assert (item.quantity, item.serviceable, item.is_active) == (5, 4, True)
    undone(clerk, batch_of(clerk))
    assert [(row.quantity, row.is_active) for row in all_of(EquipmentItem)] == [(0, False)]


def batch_of(clerk):
    return imports.recent(clerk, sheet.FORM)[0]


def test_an_import_of_equipment_is_not_taken_back_once_a_piece_has_moved(clerk, room):
    batch = applied(clerk, sheet.FORM, lathe(), lathe(name="انبردست", asset_tag=""))
    item = all_of(EquipmentItem)[1]
    for kind, plus in ((MovementKind.BROKEN, -1), (MovementKind.REPAIRED, 1)):  # the numbers are as before
        with atomic():
            movements.write(clerk, item.id, kind, 0, plus, today(), reason="آزمایش")
    batch = undone(clerk, batch)
    assert (batch.state, batch.undone_count) == (ImportState.DONE, 0)
    assert "انبردست" in batch.note
    assert [row.quantity for row in all_of(EquipmentItem)] == [5, 5]


@pytest.mark.parametrize(("over", "column"), [
    ({"workshop": "کارگاه دیگر"}, "workshop"), ({"place": "ساختمان دیگر"}, "place"), ({"pieces": ""}, "pieces"),
    ({"working": "6"}, "working"), ({"group": "خودرو"}, "group"), ({"name": ""}, "name"), ({"pieces": "0"}, "pieces"),
    ({"price_rials": "گران"}, "price_rials"), ({"acquired_on": "1400/13/01"}, "acquired_on"),
])  # fmt: skip
def test_a_wrong_cell_of_equipment_is_told_at_its_column(clerk, room, over, column):
    assert column in errors(clerk, sheet.FORM, lathe(**over))[0]
    assert all_of(EquipmentItem) == []


def test_two_items_of_one_name_are_told_apart_by_their_marks(clerk, room):
    applied(clerk, sheet.FORM, lathe(asset_tag="1", serial="a"), lathe(asset_tag="2", serial="b"))
    assert errors(clerk, sheet.FORM, lathe(asset_tag="")) == [{"name"}]
    assert errors(clerk, sheet.FORM, lathe(asset_tag="", serial="B")) == [set()]
    assert errors(clerk, sheet.FORM, lathe(asset_tag="7"), lathe(asset_tag="7", serial="x"))[1] == {"asset_tag"}


def test_a_colleague_of_another_center_neither_sees_nor_finds_it(clerk, room):
    batch = applied(clerk, sheet.FORM, lathe())
    other = actor(make.user(Role.CLERK, make.unit()))
    with pytest.raises(OutsideTerritory):
        imports.get(other, batch.id)
    assert errors(other, sheet.FORM, lathe()) == [{"workshop"}]
    for role, unit in ((Role.COUNSELOR, None), (Role.CLERK, make.unit(UnitKind.COUNTER))):
        with pytest.raises(NotAllowed):
            send(actor(make.user(role, unit)), sheet.FORM, lathe())


@pytest.mark.once
def test_who_keeps_several_units_says_for_which_one_a_sheet_is(clerk, center, room):
    second = make.unit()
    user = make.first(User, id=clerk.user_id)
    make.save(UserRole(user_id=user.id, unit_id=second.id, role=Role.CLERK))
    both = actor(user)
    with pytest.raises(DomainError, match="انتخاب کنید") as refused:
        send(both, sheet.FORM, lathe())
    assert refused.value.field == "unit"
    assert imports.rows(send(both, sheet.FORM, lathe(), unit=center.id))[0].errors == {}
    assert "workshop" in imports.rows(send(both, sheet.FORM, lathe(), unit=second.id))[0].errors


def many(count, **over):
    return [lathe(name=f"دستگاه {n}", asset_tag=f"{n:05d}", **over) for n in range(count)]


@pytest.mark.parametrize("count", [2, 50])
def test_fifty_items_are_imported_changed_and_taken_back_by_as_many_statements_as_two(clerk, room, queries, count):
    batches, asked = [], []
    for step, over in ((imports.apply, {}), (imports.apply, {"model": "ب"}), (imports.undo, {}), (imports.undo, {})):
        batches += [send(clerk, sheet.FORM, *many(count, **over)).id] if step is imports.apply else []
        step(clerk, batches[-1] if step is imports.apply else batches.pop())
        with queries() as seen:
            work()
        asked.append(len(seen))
    assert max(asked) <= 38, asked
    assert {(row.quantity, row.is_active) for row in all_of(EquipmentItem)} == {(0, False)}
    assert len(all_of(EquipmentMovement)) == 2 * count
    made = select(AuditEvent.subject_id).where(AuditEvent.action == "equipment_created")
    assert sorted(db.session.scalars(made)) == [row.id for row in all_of(EquipmentItem)]


def test_one_item_that_cannot_be_taken_back_stays_whole_and_holds_no_other_up(clerk, center, room):
    batch = applied(clerk, sheet.FORM, *many(3))
    kept = all_of(EquipmentItem)[1]
    ways = {"from_workshop_id": room.id, "to_workshop_id": make.workshop(center).id, "from_unit_id": center.id}
    where = {"to_unit_id": center.id, "province_id": center.province_id, "asked_by_id": clerk.user_id}
    about = {"pieces": 1, "working": 1, "state": "waiting", "happened_on": today(), "reason": "آزمایش"}
    make.save(EquipmentTransfer(item_id=kept.id, **ways, **where, **about))
    batch = undone(clerk, batch)
    assert (batch.state, batch.undone_count, batch.kept_count) == (ImportState.UNDONE, 2, 1)
    assert [(row.quantity, row.is_active) for row in all_of(EquipmentItem)] == [(0, False), (5, True), (0, False)]
    assert [row.pieces for row in all_of(EquipmentMovement)] == [5, 5, 5, -5, -5]
    (why,) = [row.errors["name"] for row in imports.rows(batch) if row.errors]
    assert "جابه‌جایی نیمه‌کاره" in why


def test_everything_that_is_wrong_with_a_line_is_told_at_once(clerk, center, room):
    wrong = lathe(workshop="کارگاه دیگر", price_rials="گران", acquired_on="1500/01/01", working="6")
    (row,) = imports.rows(send(clerk, sheet.FORM, wrong))
    told = imports.told(sheet.FORM, row).problems
    assert [one.column for one in told] == ["کارگاه", "تعداد سالم", "تاریخ تحصیل", "بهای هر عدد"]
    assert [one.written for one in told] == ["کارگاه دیگر", "6", "1500/01/01", "گران"]
    applied(clerk, sheet.FORM, lathe())
    assert errors(clerk, sheet.FORM, lathe(pieces="6", price_rials="گران")) == [{"pieces", "price_rials"}]
    unknown = building(center, county="جای ناشناس", kind="روستا", phone="بی‌شماره", capacity="0", title="،")
    assert errors(clerk, place_sheets.PLACES, unknown) == [{"county", "village", "phone", "capacity", "title"}]
    empty = hall(place="جای دیگر", title="،", workstations="0", has_gas="شاید")
    assert errors(clerk, place_sheets.WORKSHOPS, empty) == [{"place", "title", "workstations", "has_gas"}]


def test_nothing_is_guessed_of_an_item_whose_marks_make_no_sense(clerk, room):
    applied(clerk, sheet.FORM, lathe(asset_tag=""))
    bad = lathe(asset_tag="=1+1", pieces="7")
    assert errors(clerk, sheet.FORM, bad, lathe(name="=A1", asset_tag=""), lathe(name="=B1", asset_tag="")) == [
        {"asset_tag"}, {"name"}, {"name"}]  # fmt: skip


# -- Places and workshops ----------------------------------------------------------


def building(center, **over):
    county = center.county.title
    line = {"title": "ساختمان شمارهٔ ۱", "code": "007", "kind": "ساختمان آموزشی", "county": county, "gender": "زنان"}
    return line | {"capacity": "40", "postal_code": "", "ownership": "دولتی"} | over


def hall(**over):
    has = dict.fromkeys(("has_water", "has_gas", "has_ventilation", "has_protective_gear"), "ندارد")
    line = {"place": "ساختمان شمارهٔ ۱", "title": "کارگاه برق", "workstations": "12", "has_power": "دارد"}
    return line | has | over


def test_places_and_their_workshops_come_from_sheets_change_and_are_taken_back(clerk, center):
    places = applied(clerk, place_sheets.PLACES, building(center))
    rooms = applied(clerk, place_sheets.WORKSHOPS, hall(), hall(title="کارگاه جوش", place="007"))
    (place,) = all_of(Place)
    assert (place.code, place.capacity, place.unit_id, place.kind) == ("007", 40, center.id, "building")
    assert [(row.place_id, row.workstations, row.has_power, row.has_gas) for row in all_of(Workshop)] == [
        (place.id, 12, True, False)] * 2  # fmt: skip
    assert send(clerk, place_sheets.PLACES, building(center)).todo_count == 0
    assert send(clerk, place_sheets.WORKSHOPS, hall()).todo_count == 0
    assert undone(clerk, places).kept_count == 1  # its workshops stand in it
    changed = applied(clerk, place_sheets.WORKSHOPS, hall(has_gas="دارد", workstations="15"))
    assert (all_of(Workshop)[0].workstations, all_of(Workshop)[0].version) == (15, 2)
    undone(clerk, changed)
    undone(clerk, rooms)
    assert all_of(Workshop) == []


@pytest.mark.once
@pytest.mark.parametrize(("over", "column"), [
    ({"county": "جای ناشناس"}, "county"), ({"kind": "روستا"}, "village"), ({"phone": "بی‌شماره"}, "phone"),
    ({"postal_code": "1111111111"}, "postal_code"), ({"kind": "برج"}, "kind"), ({"title": "،"}, "title"),
    ({"capacity": "0"}, "capacity"),
])  # fmt: skip
def test_a_wrong_cell_of_a_place_is_told_at_its_column(clerk, center, over, column):
    assert column in errors(clerk, place_sheets.PLACES, building(center, **over))[0]


def test_an_unusual_postal_code_that_somebody_has_confirmed_is_no_wrong_cell(clerk, center):
    applied(clerk, place_sheets.PLACES, building(center))
    (place,) = all_of(Place)
    values = replace(places.place_values(place), postal_code="0123456789")
    places.edit(clerk, place.id, place.version, values, sure_of="0123456789")
    applied(clerk, place_sheets.PLACES, building(center, postal_code="0123456789", address="گرگان"))
    assert (place.postal_code, place.address) == ("0123456789", "گرگان")
    assert "postal_code" in errors(clerk, place_sheets.PLACES, building(center, postal_code="2123456789"))[0]


def test_a_workshop_names_its_place_and_fewer_seats_than_a_running_course_has_are_refused(clerk, center):
    applied(clerk, place_sheets.PLACES, building(center))
    assert errors(clerk, place_sheets.WORKSHOPS, hall(place="جای دیگر")) == [{"place"}]
    applied(clerk, place_sheets.WORKSHOPS, hall())
    (room,) = all_of(Workshop)
    make.course("open", center, workshop_id=room.id, place_id=room.place_id, capacity_max=12)
    made = [hall(title="کارگاه ۲", workstations="15"), hall(title="کارگاه ۳", workstations="4")]
    batch = send(clerk, place_sheets.WORKSHOPS, made[0], hall(workstations="10"), made[1])
    imports.apply(clerk, batch.id)
    work()
    batch = again(clerk, batch.id)
    assert (batch.failed_count, batch.done_count) == (1, 2)
    assert [row.workstations for row in all_of(Workshop)] == [12, 15, 4]
