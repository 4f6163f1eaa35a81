"""Moves between workshops: what leaves one side's books enters the other's, and what does not arrive goes back."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from models import (
    EquipmentItem,
    EquipmentMovement,
    MovementKind,
    Policy,
    Province,
    Role,
    TransferState,
    Unit,
    UnitKind,
    db,
)
from services.equipment import checking, items, recording, targets, transfers
from services.equipment.recording import Change
from services.equipment.transfers import Move
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.policy import today
from tests import course_cases as cases
from tests import make

S = TransferState


class Sides:
    """Two centers of a province with an item at the first; moves go without the province."""

    def __init__(self, pieces: int = 5, working: int | None = None, **over) -> None:
        make.save(Policy(name="equipment_moves_reviewed", valid_from=dt.date(2020, 1, 1), value=False))
        self.here = make.unit()
        self.there = make.unit(province_=db.session.get(Province, self.here.province_id))
        self.room, self.other_room, self.far_room = (make.workshop(unit) for unit in (self.here, self.here, self.there))
        self.item = make.item(self.room, pieces, working, **over)
        self.sender, self.receiver = cases.staff(Role.CLERK, self.here), cases.staff(Role.CLERK, self.there)

    def send(self, pieces, working=0, key="a form", to=None, **over):
        said = {"happened_on": today(), "reason": "نیاز دوره"} | over
        move = Move(to_workshop_id=(to or self.far_room).id, pieces=pieces, working=working, **said)
        return transfers.ask(self.sender, key, self.item.id, move).transfer


def books(unit: Unit) -> tuple[int, int]:
    query = select(func.sum(EquipmentItem.quantity), func.sum(EquipmentItem.serviceable))
    row = db.session.execute(query.where(EquipmentItem.unit_id == unit.id)).one()
    return row[0] or 0, row[1] or 0


def kinds(item: EquipmentItem | int) -> list[str]:
    rows = select(EquipmentMovement.kind).where(EquipmentMovement.item_id == getattr(item, "id", item))
    return [kind.value for kind in db.session.scalars(rows.order_by(EquipmentMovement.id))]


def test_what_is_sent_is_in_nobodys_books_until_the_other_side_says_that_it_came():
    sides = Sides(pieces=5, working=4)
    sent = sides.send(3, 2)
    assert (sent.state, books(sides.here), books(sides.there)) == (S.SENT, (2, 2), (0, 0))
    got = transfers.receive(sides.receiver, "arrived", sent.id, 3, 2, "").transfer
    assert (got.state, books(sides.here), books(sides.there)) == (S.RECEIVED, (2, 2), (3, 2))
    assert (got.to_item_id != sides.item.id, kinds(got.to_item_id)) == (True, ["arrived"])
    assert checking.differences() == []


def test_a_part_joins_the_same_thing_there_and_nothing_else():
    sides = Sides(model="الف")
    make.item(sides.far_room, 1, model="ب")
    make.item(sides.far_room, 1, model="الف", serial="12")
    make.item(sides.far_room, 1, model="الف", unit_of_count="کارتن")
    twin = make.item(sides.far_room, 1, model="الف")
    got = transfers.receive(sides.receiver, "arrived", sides.send(2, 2).id, 2, 2, "").transfer
    assert got.to_item_id == twin.id
    db.session.refresh(twin)
    assert (twin.quantity, checking.differences()) == (3, [])


@pytest.mark.once
def test_an_item_moved_whole_keeps_its_row_and_its_history():
    sides = Sides(serial="A1")
    got = transfers.receive(sides.receiver, "arrived", sides.send(5, 5).id, 5, 5, "").transfer
    item = db.session.get(EquipmentItem, sides.item.id, populate_existing=True)
    assert got.to_item_id == item.id
    assert (item.unit_id, item.workshop_id, item.quantity) == (sides.there.id, sides.far_room.id, 5)
    assert kinds(item) == ["received", "sent", "arrived"]
    with pytest.raises(OutsideTerritory):
        items.put_aside(sides.sender, item.id, "دیگر اینجا نیست")


def test_a_row_stays_while_another_move_of_it_is_open_so_that_a_return_finds_its_home():
    sides = Sides()
    first, second = sides.send(3, 3), sides.send(2, 2, "another form")
    transfers.receive(sides.receiver, "arrived", first.id, 3, 3, "")
    transfers.give_back(sides.sender, "returned", second.id, "وسیلهٔ حمل نیامد")
    assert (books(sides.here), books(sides.there)) == ((2, 2), (3, 3))
    assert kinds(sides.item) == ["received", "sent", "sent", "returned"]


@pytest.mark.once
def test_what_did_not_arrive_goes_back_and_what_broke_on_the_way_is_broken():
    sides = Sides()
    sent = sides.send(4, 4)
    for wrong, field in (
        ((0, 0, "نرسید"), "pieces"),
        ((5, 5, ""), "pieces"),
        ((3, 4, "ن"), "working"),
        ((3, 3, ""), "note"),
    ):
        with pytest.raises(DomainError) as refused:
            transfers.receive(sides.receiver, "arrived", sent.id, *wrong)
        assert refused.value.field == field
    got = transfers.receive(sides.receiver, "arrived", sent.id, 3, 2, "یکی جا ماند و یکی شکست").transfer
    assert (books(sides.here), books(sides.there)) == ((2, 2), (3, 2))
    assert (got.note, kinds(sides.item)[-1], checking.differences()) == ("یکی جا ماند و یکی شکست", "returned", [])


def test_who_is_late_is_told_so_and_nothing_is_booked_twice():
    sides = Sides()
    sent = sides.send(2, 2)
    transfers.receive(sides.receiver, "arrived", sent.id, 2, 2, "")
    for act in (
        lambda: transfers.receive(sides.receiver, "another form", sent.id, 2, 2, ""),
        lambda: transfers.give_back(sides.sender, "returned", sent.id, "برگشت"),
        lambda: transfers.withdraw(sides.sender, "withdrawn", sent.id),
    ):
        with pytest.raises(Conflict, match="تحویل گرفته شد"):
            act()
    assert (books(sides.here), books(sides.there)) == ((3, 3), (2, 2))


def test_a_form_of_a_move_that_comes_twice_sends_once():
    sides = Sides()
    assert sides.send(2, 2).id == sides.send(2, 2).id
    assert (books(sides.here), kinds(sides.item)) == ((3, 3), ["received", "sent"])


def test_a_form_that_ends_a_move_does_so_once_and_is_no_form_of_another_move():
    sides = Sides()
    first, second = sides.send(2, 2), sides.send(1, 1, "another form")
    acts = (
        lambda: transfers.receive(sides.receiver, "arrived", first.id, 2, 2, ""),
        lambda: transfers.give_back(sides.sender, "returned", second.id, "وسیلهٔ حمل نیامد"),
    )
    assert [[act().repeated, act().repeated] for act in acts] == [[False, True]] * 2
    assert (books(sides.here), books(sides.there), checking.differences()) == ((3, 3), (2, 2), [])
    third = sides.send(1, 1, "third form")
    with pytest.raises(DomainError, match="ناقص"):
        transfers.receive(sides.receiver, "arrived", third.id, 1, 1, "")
    with pytest.raises(Conflict, match="کاربر دیگری"):
        transfers.give_back(sides.receiver, "returned", second.id, "نرسید")
    with pytest.raises(Conflict, match="خود شما در صفحهٔ دیگری زودتر رسیدید"):
        transfers.give_back(sides.sender, "a second page", second.id, "نرسید")


def test_each_side_does_its_own_part_and_strangers_see_nothing():
    sides = Sides()
    sent = sides.send(2, 2)
    with pytest.raises(NotAllowed):
        transfers.receive(sides.sender, "arrived", sent.id, 2, 2, "")
    with pytest.raises(OutsideTerritory):
        transfers.get(cases.staff(Role.CLERK, make.unit()), sent.id)
    with pytest.raises(NotFound):
        transfers.get(sides.sender, 10**6)
    assert transfers.get(sides.receiver, sent.id).id == sent.id
    inside = sides.send(1, 1, "third form", sides.other_room)
    transfers.receive(sides.sender, "arrived", inside.id, 1, 1, "")
    assert books(sides.here) == (3, 3)


@pytest.mark.once
def test_pieces_go_to_workshops_in_use_of_state_centers_of_the_province_and_nowhere_else():
    sides = Sides()
    elsewhere = make.workshop(make.unit(province_=make.province()))
    academy = make.unit(UnitKind.ACADEMY, db.session.get(Province, sides.here.province_id))
    closed = make.workshop(sides.there, is_active=False)
    for room in (elsewhere, make.workshop(academy), closed, sides.room):
        with pytest.raises(DomainError) as refused:
            sides.send(1, 1, to=room)
        assert refused.value.field == "workshop"
    own = make.item(make.workshop(academy))
    assert [unit.id for unit in targets.units(own)] == [academy.id]
    assert books(sides.here) == (5, 5)


def test_an_item_is_put_aside_only_when_nothing_of_it_is_left_or_on_its_way():
    sides = Sides(pieces=1)

    def aside():
        return items.put_aside(sides.sender, sides.item.id, "فرسوده شد")

    with pytest.raises(DomainError, match="موجودی صفر"):
        aside()
    sent = sides.send(1, 1)
    with pytest.raises(DomainError, match="نیمه‌کاره"):
        aside()
    transfers.give_back(sides.receiver, "returned", sent.id, "جا نبود")
    recording.record(sides.sender, "loss", sides.item.id, Change(MovementKind.LOST, 1, 1, today(), "پیدا نشد"))
    assert (aside(), aside()) == (True, False)
    found = Change(MovementKind.FOUND, 1, 1, today(), "پیدا شد")
    with pytest.raises(DomainError, match="کنار گذاشته"):
        recording.record(sides.sender, "found", sides.item.id, found)
    assert (items.bring_back(sides.sender, sides.item.id), items.bring_back(sides.sender, sides.item.id)) == (
        True,
        False,
    )
    assert not recording.record(sides.sender, "found", sides.item.id, found).repeated
