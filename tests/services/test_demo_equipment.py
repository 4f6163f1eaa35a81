"""The demo's year of equipment: right at every moment of it, and with something for each side to do."""

import datetime as dt

import pytest
from sqlalchemy import func, select, text

from models import EquipmentMovement, User, db
from scripts.demo.load import load
from services.equipment import checking, move_lists, queues, review, transfers
from tests import course_cases as cases
from tests import make

TODAY = dt.date(2026, 11, 21)
# Of every movement: what there was of its item after it.
BELOW_ZERO = """
SELECT count(*) FROM equipment_movement m WHERE EXISTS (
  SELECT 1 FROM equipment_movement b WHERE b.item_id = m.item_id AND b.id <= m.id GROUP BY b.item_id
  HAVING sum(b.working) < 0 OR sum(b.working) > sum(b.pieces))
"""


@pytest.fixture(autouse=True)
def demo(clean, tmp_path):
    load(TODAY, tmp_path / "people.json")


def test_equipment_has_a_year_behind_it_and_something_for_each_side_to_do():
    assert (checking.differences(), db.session.scalar(text(BELOW_ZERO))) == ([], 0)
    kinds = {kind.value for kind in db.session.scalars(select(EquipmentMovement.kind))}
    assert kinds >= {"received", "broken", "repaired", "consumed", "written_off", "sent"}
    assert db.session.scalar(select(func.max(EquipmentMovement.happened_on))) <= TODAY
    clerk, reviewer = (cases.actor(make.first(User, username=name)) for name in ("clerk1", "province1"))
    assert move_lists.counts(clerk) == {"in": 1, "out": 1, "asked": 1}
    coming = move_lists.listing(clerk, "in").rows[0]
    transfers.receive(clerk, "arrived", coming.id, 1, 1, "")
    for kind, case_id in (each.key for each in queues.waiting(reviewer).rows):
        review.decide(reviewer, "decision", kind, case_id, approve=True, reason="")
    assert (queues.waiting_count(reviewer), checking.differences()) == (0, [])
