"""Movements of equipment: the numbers of an item are the sums of its rows, and nothing goes below zero."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from models import EquipmentMovement, MovementKind, Role, db
from services.equipment import movements
from services.errors import DomainError
from services.policy import today
from services.transaction import atomic
from tests import course_cases as cases
from tests import make

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


def test_each_kind_changes_the_numbers_its_way_and_they_stay_the_sums_of_the_rows(clean):
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


@pytest.mark.parametrize(("kind", "pieces", "working", "field"), [
    (K.LOST, 6, 0, "pieces"), (K.LOST, 2, 0, "working"), (K.WRITTEN_OFF, 5, 5, "working"), (K.BROKEN, 5, 0, "pieces"),
    (K.REPAIRED, 2, 0, "pieces"), (K.FOUND, 1, 2, "working"), (K.FOUND, 0, 0, "pieces"), (K.FOUND, -1, -1, "pieces"),
    (K.RECEIVED, 10**9, 0, "pieces"),
])  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field_and_changes_nothing(clean, kind, pieces, working, field):
    actor, item = clerk(), make.item(pieces=5, working=4)
    with pytest.raises(DomainError) as refused:
        wrote(actor, item, kind, pieces, working)
    assert refused.value.field == field
    assert numbers(item) == (5, 4) == sums(item)


def test_a_day_to_come_a_missing_reason_and_an_item_put_aside_are_refused(clean):
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
