"""Movements of equipment: the numbers of an item are the sums of its rows, and nothing goes below zero."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from models import AuditEvent, EquipmentGroup, EquipmentMovement, MovementKind, Role, UnitKind, db
from services import equipment, property_labels
from services.equipment import Filter, ItemValues, Stock, checking, movements
from services.errors import DomainError, NotAllowed, OutsideTerritory
from services.late import LateSaving
from services.policy import today
from services.transaction import atomic
from tests import course_cases as cases
from tests import make
from tests.broken import behind_the_guards

K = MovementKind


def clerk():
    return cases.staff(Role.CLERK, make.unit())


def wrote(actor, item, kind, pieces, working=0, day=None, reason="برای آزمون"):
    with atomic():
        plus = movements.signed(kind, pieces, working)
        return movements.write(actor, item.id, kind, *plus, day or today(), reason=reason)


def numbers(item):
    db.session.refresh(item)
    return item.quantity, item.serviceable


def sums(item):
    query = select(func.sum(EquipmentMovement.pieces), func.sum(EquipmentMovement.working))
    return tuple(db.session.execute(query.where(EquipmentMovement.item_id == item.id)).one())


@pytest.mark.once
def test_each_kind_changes_the_numbers_its_way_and_they_stay_the_sums_of_the_rows():
    actor, item = clerk(), make.item(pieces=5)
    for kind, pieces, working, after in (
        (K.RECEIVED, 3, 2, (8, 7)),
        (K.BROKEN, 4, 0, (8, 3)),
        (K.REPAIRED, 2, 0, (8, 5)),
        (K.CONSUMED, 1, 1, (7, 4)),
        (K.WRITTEN_OFF, 3, 0, (4, 4)),
        (K.LOST, 2, 2, (2, 2)),
        (K.FOUND, 1, 0, (3, 2)),
    ):
        movement = wrote(actor, item, kind, pieces, working)
        assert numbers(item) == after == sums(item), kind
        assert (movement.user_id, movement.unit_id) == (actor.user_id, item.unit_id)


@pytest.mark.once
@pytest.mark.parametrize(("kind", "pieces", "working", "field"), [
    (K.LOST, 6, 0, "pieces"), (K.LOST, 2, 0, "working"), (K.WRITTEN_OFF, 5, 5, "working"), (K.BROKEN, 5, 0, "pieces"),
    (K.REPAIRED, 2, 0, "pieces"), (K.FOUND, 1, 2, "working"), (K.FOUND, 0, 0, "pieces"), (K.FOUND, -1, -1, "pieces"),
    (K.RECEIVED, 10**9, 0, "pieces"),
])  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field_and_changes_nothing(kind, pieces, working, field):
    actor, item = clerk(), make.item(pieces=5, working=4)
    with pytest.raises(DomainError) as refused:
        wrote(actor, item, kind, pieces, working)
    assert refused.value.field == field
    assert numbers(item) == (5, 4) == sums(item)


@pytest.mark.once
def test_a_day_to_come_a_missing_reason_and_an_item_put_aside_are_refused():
    actor, item, aside = clerk(), make.item(), make.item(pieces=0, is_active=False)
    for wrong, field in (
        ({"day": today() + dt.timedelta(days=1)}, "happened_on"),
        ({"day": dt.date(1402, 1, 1)}, "happened_on"),
        ({"reason": " ‌ "}, "reason"),
        ({"reason": "ب" * 301}, "reason"),
    ):
        with pytest.raises(DomainError) as refused:
            wrote(actor, item, K.FOUND, 1, 1, **wrong)
        assert refused.value.field == field
    with pytest.raises(DomainError, match="کنار گذاشته"):
        wrote(actor, aside, K.FOUND, 1, 1)
    assert numbers(item) == (5, 5) == sums(item)


# -- Items -------------------------------------------------------------------------


def drill(**over) -> ItemValues:
    return ItemValues(**{"group": EquipmentGroup.TOOL, "name": "دریل ستونی ١٢", "unit_of_count": "دستگاه", **over})


def stock(pieces=3, working=2) -> Stock:
    return Stock(pieces, working, today())


def test_a_new_item_begins_with_a_movement_and_the_same_form_makes_one():
    actor = clerk()
    room = make.workshop(make.first(type(make.unit()), id=actor.units[0]))
    made = [equipment.create(actor, "a form", room.id, drill(serial="a۱۲"), stock()) for _ in range(2)]
    item = made[0].item
    assert [each.repeated for each in made] == [False, True]
    assert (item.id, item.name, item.serial) == (made[1].item.id, "دریل ستونی ۱۲", "A12")
    assert numbers(item) == (3, 2) == sums(item)
    assert numbers(equipment.create(actor, "empty", room.id, drill(), stock(0, 0)).item) == (0, 0)
    strange = make.workshop(make.unit())
    for wrong, field in (((strange.id, drill()), "workshop"), ((room.id, drill(name="-")), "name")):
        with pytest.raises(DomainError) as refused:
            equipment.create(actor, "another", *wrong, stock())
        assert refused.value.field == field
    with pytest.raises(NotAllowed):
        equipment.create(cases.staff(Role.COUNSELOR, make.unit()), "a counselor", room.id, drill(), stock())


def test_who_saves_late_sees_both_values_and_the_numbers_are_nobodys_to_write():
    item = make.item()
    unit = make.first(type(make.unit()), id=item.unit_id)
    first, second = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    before, version = equipment.values_of(item), item.version
    wrote(first, item, K.LOST, 1, 1)  # a movement makes nobody's form stale
    assert equipment.edit(first, item.id, version, drill(model="الف"))
    assert not equipment.edit(first, item.id, version, drill(model="الف"))
    with pytest.raises(LateSaving) as stale:
        equipment.edit(second, item.id, version, ItemValues(before.group, before.name, before.unit_of_count, note="نو"))
    assert {d.field for d in stale.value.differences} == {"group", "name", "model", "note"}
    assert (stale.value.merged.name, stale.value.merged.note) == ("دریل ستونی ۱۲", "نو")
    assert numbers(item) == (4, 4) == sums(item)
    with pytest.raises(OutsideTerritory):
        equipment.edit(clerk(), item.id, item.version, drill())


def test_the_list_finds_by_name_label_tag_and_serial_and_narrows():
    center = make.unit()
    room = make.workshop(center)
    lathe = make.item(room, 2, 1, name="ماشین تراش", asset_tag="T-9", serial="S7", group=EquipmentGroup.CAPITAL)
    glove = make.item(make.workshop(center), name="دستکش", group=EquipmentGroup.PROTECTIVE, condition="new")
    make.item(make.workshop(make.unit()), name="ماشین تراش")
    label = property_labels.label(lathe.id)

    def names(**wanted) -> list[str]:
        return [item.name for item in equipment.listing([center.id], Filter(**wanted)).items]

    assert names() == ["دستکش", "ماشین تراش"]
    for words in ("تراش", "ماشين تراش", label, "t-9", "s۷"):
        assert names(words=words) == ["ماشین تراش"], words
    assert names(broken=True) == names(workshop_id=room.id) == names(group=EquipmentGroup.CAPITAL) == ["ماشین تراش"]
    assert names(condition=glove.condition) == ["دستکش"]
    assert names(aside=True) == names(words="هیچ") == []
    for n in range(30):
        make.item(room, 0, name=f"پیچ {n}")
    page = equipment.listing([center.id], Filter())
    rest = equipment.listing([center.id], Filter(), page.after)
    assert (len(page.items), len(rest.items), rest.after) == (25, 7, None)
    assert not {item.id for item in page.items} & {item.id for item in rest.items}


def test_equipment_of_a_counter_office_or_of_another_province_is_nobodys_here():
    item = make.item()
    counter = cases.staff(Role.MANAGER, make.unit(UnitKind.COUNTER))
    with pytest.raises(NotAllowed):
        equipment.keeper(counter)
    reviewer = cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province()))
    with pytest.raises(OutsideTerritory):
        equipment.get(reviewer, item.id)
    own = cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE))
    assert equipment.get(own, item.id).id == item.id
    with pytest.raises(NotAllowed):
        equipment.changeable(own, item.id)


# -- The nightly check -------------------------------------------------------------


def test_the_nightly_check_passes_right_books_and_finds_every_kind_of_wrong_ones():
    actor, right = clerk(), make.item()
    wrote(actor, right, K.LOST, 2, 2)
    make.item(pieces=0)
    assert (checking.last_count(), checking.check(), checking.last_count()) == (None, [], 0)
    many, few, gone = make.item(), make.item(), make.item()
    behind_the_guards("UPDATE equipment_item SET quantity = 6 WHERE id = :id", id=many.id)
    behind_the_guards("UPDATE equipment_item SET serviceable = 4 WHERE id = :id", id=few.id)
    behind_the_guards("DELETE FROM equipment_movement WHERE item_id = :id", id=gone.id)
    assert checking.check() == [many.id, few.id, gone.id]
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.action, event.detail["items"]) == (checking.ACTION, [many.id, few.id, gone.id])
    assert checking.last_count() == 3
