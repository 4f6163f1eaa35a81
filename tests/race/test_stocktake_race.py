"""Many phones in one workshop at once: one open count, each count once, books of the moment, and one closing."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import func, select

from models import EquipmentItem, EquipmentMovement, MovementKind, Role, Stocktake, StocktakeCount, Unit, db
from services import property_labels
from services.equipment import movements
from services.stocktakes import closing, counting, reading
from services.stocktakes.counting import Count
from services.transaction import atomic
from tests import make
from tests.course_cases import actor
from tests.race.crowd import storm

PHONES = 8


@pytest.fixture
def workshop():
    return make.workshop(make.unit())


@pytest.fixture
def people(workshop):
    unit = make.first(Unit, id=workshop.unit_id)
    return [actor(make.user(role, unit), "center") for role in [Role.MANAGER] + [Role.CLERK] * (PHONES - 1)]


def opened(app, workshop, people) -> int:
    workshop_id = workshop.id  # a thread must not read a row of another one's session
    storm(app, lambda who: counting.open_count(who, workshop_id)[1], people)
    return db.session.scalar(select(func.count()).select_from(Stocktake))


def test_of_many_who_open_a_count_at_once_all_find_the_same(app, workshop, people):
    assert opened(app, workshop, people) == 1


def test_control_without_the_index_there_are_several(app, workshop, people, without_index):
    without_index(Stocktake, "uq_stocktake_open")
    assert opened(app, workshop, people) > 1


def test_counts_and_movements_at_once_each_count_once_and_beside_the_books_of_its_moment(app, workshop, people):
    items = [make.item(workshop, 20).id for _ in range(2)]
    stocktake = counting.open_count(people[0], workshop.id)[0].id
    keys = [str(uuid.uuid4()) for _ in people]

    def work(task):
        who, item_id, key = task
        if key is None:
            with atomic():
                movements.write(who, item_id, MovementKind.RECEIVED, 1, 1, dt.date(2026, 11, 1), reason="خرید")
            return "moved"
        label = property_labels.label(item_id)
        return counting.record(who, stocktake, Count(key, label, 18, 17)).repeated

    counts = [(who, items[n % 2], key) for n, (who, key) in enumerate(zip(people, keys, strict=True))]
    moves = [(who, items[n % 2], None) for n, who in enumerate(people)]
    seen = storm(app, work, [*counts, *counts, *moves])
    assert seen["moved"] == PHONES
    assert seen["False"] == PHONES
    assert sum(seen.values()) == 3 * PHONES
    assert set(seen) <= {"moved", "False", "True", "Conflict"}
    assert db.session.scalar(select(func.count()).select_from(StocktakeCount)) == PHONES
    shut(app, people, stocktake, items)


def shut(app, people, stocktake, items) -> None:
    """Close it from several places at once: the books end as the counts say, moved by what came after them."""
    closing.send(people[1], stocktake)
    ended = reading.whole(reading.get(people[0], stocktake))
    wanted = {line.item.id: line.item.quantity + 18 - line.count.book_quantity for line in ended.lines}
    last = ended.last
    seen = storm(app, lambda who: closing.close(who, stocktake, last, leave_rest=False), [people[0]] * 4)
    assert seen["0"] == 1
    assert set(seen) <= {"0", "None", "Conflict"}
    for item in items:
        stands = db.session.get_one(EquipmentItem, item, populate_existing=True)
        rows = select(func.sum(EquipmentMovement.pieces), func.sum(EquipmentMovement.working))
        sums = db.session.execute(rows.where(EquipmentMovement.item_id == item)).one()
        assert stands.quantity == wanted[item]
        assert (stands.quantity, stands.serviceable) == tuple(sums)
