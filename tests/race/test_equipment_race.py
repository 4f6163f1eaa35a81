"""Attacks by many at once on the numbers of equipment, with a control that shows the attack to be real."""

import random
import threading

import pytest
from sqlalchemy import select, text, update

from models import (
    EquipmentItem,
    EquipmentMovement,
    EquipmentTransfer,
    MovementKind,
    Role,
    TransferState,
    Unit,
    UnitKind,
    db,
)
from services import policy
from services.equipment import Change, checking, movements, queues, recording, review, transfers
from services.equipment.cases import is_refused
from services.equipment.transfers import Move
from services.errors import Conflict, DomainError
from services.policy import today
from services.transaction import atomic
from tests import course_cases as cases
from tests import make
from tests.race.crowd import storm

K = MovementKind
CROWD = 16
ACTS = 12  # of each user in a random history


def invariants_hold() -> bool:
    """Every item's numbers are the sums of its rows, and none is negative or more works than there is."""
    db.session.expire_all()
    impossible = "SELECT count(*) FROM equipment_item WHERE serviceable < 0 OR serviceable > quantity"
    return checking.differences() == [] and db.session.scalar(text(impossible)) == 0


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def item(center):
    return make.item(make.workshop(center), pieces=5)


def clerks(center: Unit, count: int) -> list:
    return [cases.staff(Role.CLERK, center) for _ in range(count)]


def test_of_sixteen_who_take_one_of_five_pieces_five_get_it(app, center, item):
    item_id = item.id

    def take(actor) -> str:
        change = Change(K.CONSUMED, 1, 1, today(), "مصرف دوره")
        return str(recording.record(actor, f"form {actor.user_id}", item_id, change).repeated)

    assert storm(app, take, clerks(center, CROWD)) == {"False": 5, "DomainError": CROWD - 5}
    assert invariants_hold()


def test_one_form_sent_sixteen_times_at_once_is_one_movement(app, center, item):
    actor, item_id = clerks(center, 1)[0], item.id

    def take(key: str) -> str:
        return str(recording.record(actor, key, item_id, Change(K.LOST, 2, 2, today(), "پیدا نشد")).repeated)

    assert storm(app, take, ["a form"] * CROWD) == {"False": 1, "True": CROWD - 1}
    assert db.session.get(EquipmentItem, item_id, populate_existing=True).quantity == 3
    assert invariants_hold()


def test_of_sixteen_who_settle_one_move_one_does(app, center, item):
    room = make.workshop(center)
    actors = clerks(center, CROWD)
    move = Move(room.id, 5, 5, today(), "نیاز دوره")
    sent = transfers.ask(actors[0], "a form", item.id, move).transfer.id

    def settle(turn: tuple[int, object]) -> str:
        number, actor = turn
        if number % 2:
            return transfers.give_back(actor, f"form {number}", sent, "برگشت").transfer.state.value
        return transfers.receive(actor, f"form {number}", sent, 4, 4, "یکی کم بود").transfer.state.value

    seen = storm(app, settle, list(enumerate(actors)))
    assert seen.pop("Conflict") == CROWD - 1
    assert sum(seen.values()) == 1
    assert sum(db.session.scalars(select(EquipmentItem.quantity))) == 5
    assert invariants_hold()


# -- Reviewers ---------------------------------------------------------------------


@pytest.fixture
def waiting(center):
    """Six losses and six moves of three items that wait for the province."""
    clerk, far = cases.staff(Role.CLERK, center), make.workshop(make.unit(province_=center.province))
    for number in range(3):
        row = make.item(make.workshop(center), 40, 0)
        for n in range(2):
            recording.record(clerk, f"loss {number} {n}", row.id, Change(K.LOST, 11, 0, today(), "سرقت"))
            transfers.ask(clerk, f"move {number} {n}", row.id, Move(far.id, 2, 0, today(), "نیاز دوره"))
    return [each.key for each in queues.waiting(cases.staff(Role.REVIEWER, office(center))).rows]


def office(center: Unit) -> Unit:
    return make.first(Unit, kind=UnitKind.DIRECTORATE) or make.unit(UnitKind.DIRECTORATE, center.province)


def test_reviewers_who_decide_the_same_cases_in_opposite_orders_decide_each_once(app, center, waiting):
    actors = [cases.staff(Role.REVIEWER, office(center)) for _ in range(4)]

    def work(turn: tuple[int, object]) -> str:
        number, actor = turn
        order, said = waiting[:: 1 if number % 2 else -1], {"approve": number % 4 < 2, "reason": "نیازی نیست"}
        if number < 2:
            seen = [review.decide_all(actor, f"form {number}", [key], **said)[0] for key in order]
        else:
            seen = review.decide_all(actor, f"form {number}", order, **said)
        assert all(each.why is None or isinstance(each.why, Conflict) for each in seen)
        return str(sum(each.why is None for each in seen))

    seen = storm(app, work, list(enumerate(actors)))
    assert all(done.isdigit() for done in seen), seen
    assert sum(int(done) * times for done, times in seen.items()) == len(waiting) == 12
    decided = [each.row for each in queues.done(actors[0]).rows]
    approved = [row for row in decided if not is_refused(row)]
    kinds = db.session.scalars(select(EquipmentMovement.kind).where(EquipmentMovement.kind != K.RECEIVED)).all()
    assert (len(decided), len(kinds)) == (12, len(approved))
    assert invariants_hold()


def test_one_form_for_several_cases_sent_four_times_at_once_decides_each_once(app, center, waiting):
    actor = cases.staff(Role.REVIEWER, office(center))

    def work(order: int) -> str:
        seen = review.decide_all(actor, "a form", waiting[::order], approve=True, reason="")
        assert [each.why for each in seen] == [None] * 12
        return str(sum(not each.repeated for each in seen))

    seen = storm(app, work, [1, -1] * 2)
    assert sum(int(done) * times for done, times in seen.items()) == 12, seen
    assert db.session.scalars(select(EquipmentItem.quantity)).all() == [14] * 3
    assert invariants_hold()


# -- Any history of any number of users --------------------------------------------


class Storekeeper:
    """A user who does one thing after the other to a few items, as dice say, and goes on after a refusal."""

    def __init__(self, actor, seed: int, items: list[int], rooms: list[int]) -> None:
        self.actor, self.items, self.rooms = actor, items, rooms
        self.dice = random.Random(seed)  # noqa: S311 (a repeatable history, not a secret)
        self.seed = seed

    def work(self) -> int:
        """How many of the acts were done."""
        return sum(self._tried(number) for number in range(ACTS))

    def _tried(self, number: int) -> bool:
        act = self.dice.choice((self._record, self._record, self._send, self._settle))
        try:
            return act(f"{self.seed} {number}")
        except DomainError:
            db.session.rollback()
            return False

    def _record(self, key: str) -> bool:
        kind, pieces = self.dice.choice(recording.KINDS), self.dice.randint(1, 4)
        change = Change(kind, pieces, self.dice.randint(0, pieces), today(), "آزمون")
        recording.record(self.actor, key, self.dice.choice(self.items), change)
        return True

    def _send(self, key: str) -> bool:
        pieces = self.dice.randint(1, 4)
        move = Move(self.dice.choice(self.rooms), pieces, self.dice.randint(0, pieces), today(), "آزمون")
        transfers.ask(self.actor, key, self.dice.choice(self.items), move)
        return True

    def _settle(self, key: str) -> bool:
        on_its_way = select(EquipmentTransfer.id).where(EquipmentTransfer.state == TransferState.SENT)
        open_moves = db.session.scalars(on_its_way.order_by(EquipmentTransfer.id)).all()
        if not open_moves:
            return False
        transfer = transfers.get(self.actor, self.dice.choice(open_moves))
        if self.dice.random() < 0.3:
            transfers.give_back(self.actor, key, transfer.id, "برگشت")
            return True
        pieces = self.dice.randint(1, transfer.pieces)
        transfers.receive(
            self.actor, key, transfer.id, pieces, self.dice.randint(0, min(pieces, transfer.working)), "کم بود"
        )
        return True


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_history_of_any_users_at_once_leaves_every_number_the_sum_of_its_rows(app, center, seed, monkeypatch):
    monkeypatch.setitem(policy.DEFAULTS, "equipment_loss_pieces", None)
    rooms = [make.workshop(center).id for _ in range(3)]
    items = [make.item(make.first(type(make.workshop(center)), id=room), pieces=6).id for room in rooms]
    crowd = [Storekeeper(actor, seed * 100 + n, items, rooms) for n, actor in enumerate(clerks(center, 8))]
    seen = storm(app, Storekeeper.work, crowd)
    assert all(done.isdigit() for done in seen), seen
    done = sum(int(each) * times for each, times in seen.items())
    assert done > 20
    assert invariants_hold()
    moved = set(db.session.scalars(select(EquipmentMovement.kind)))
    assert K.SENT in moved
    assert len(moved) > 4


# -- Controls ----------------------------------------------------------------------


def test_control_whoever_looks_first_and_writes_what_was_seen_loses_pieces(app, center, item, monkeypatch):
    item_id, all_have_read, mine = item.id, threading.Barrier(CROWD), threading.local()

    def overwrite(_: int, pieces: int, working: int) -> EquipmentItem:
        values = {"quantity": mine.quantity + pieces, "serviceable": mine.serviceable + working}
        db.session.execute(update(EquipmentItem).where(EquipmentItem.id == item_id).values(values))
        return db.session.get_one(EquipmentItem, item_id, populate_existing=True)

    def take(actor) -> str:
        found = db.session.get_one(EquipmentItem, item_id)
        mine.quantity, mine.serviceable = found.quantity, found.serviceable
        db.session.commit()
        all_have_read.wait(30)
        return taken(actor, item_id)

    monkeypatch.setattr(movements, "_change", overwrite)
    assert storm(app, take, clerks(center, CROWD)) == {"taken": CROWD}, "the attack no longer works"
    assert not invariants_hold()


def test_control_without_the_condition_and_the_check_there_are_less_than_none(
    app, center, item, monkeypatch, without_check
):
    item_id = item.id
    actors = clerks(center, CROWD)
    without_check("equipment_item", "serviceable_in_quantity")

    def change(_: int, pieces: int, working: int) -> EquipmentItem:
        values = {"quantity": EquipmentItem.quantity + pieces, "serviceable": EquipmentItem.serviceable + working}
        db.session.execute(update(EquipmentItem).where(EquipmentItem.id == item_id).values(values))
        return db.session.get_one(EquipmentItem, item_id, populate_existing=True)

    monkeypatch.setattr(movements, "_change", change)
    assert storm(app, lambda actor: taken(actor, item_id), actors) == {"taken": CROWD}
    assert db.session.scalar(select(EquipmentItem.quantity)) == 5 - CROWD
    assert not invariants_hold()


def taken(actor, item_id: int) -> str:
    with atomic():
        movements.write(actor, item_id, K.CONSUMED, -1, -1, today(), reason="مصرف دوره")
    return "taken"
