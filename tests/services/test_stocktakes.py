"""Counting workshops: what stands, what the books become, and who may close."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from models import (
    AuditEvent,
    EquipmentItem,
    EquipmentMovement,
    EquipmentRequest,
    MovementKind,
    Role,
    Stocktake,
    StocktakeCount,
    StocktakeState,
    Unit,
    UnitKind,
    User,
    db,
)
from scripts.demo.load import load
from services import property_labels
from services.equipment import movements
from services.errors import Conflict, DomainError, NotAllowed, NotFound
from services.stocktakes import closing, counting, differences, reading, remaining
from services.stocktakes.counting import Count
from services.text import persian_digits
from services.transaction import atomic
from tests import make
from tests.course_cases import actor

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def workshop():
    return make.workshop(make.unit(), title="کارگاه برق")


@pytest.fixture
def clerk(workshop):
    return actor(make.user(Role.CLERK, make.first(Unit, id=workshop.unit_id)), "center")


@pytest.fixture
def manager(workshop):
    return actor(make.user(Role.MANAGER, make.first(Unit, id=workshop.unit_id)), "center")


@pytest.fixture
def stocktake(clerk, workshop):
    return counting.open_count(clerk, workshop.id)[0]


def count(who, stocktake, item, quantity, serviceable=None, key=None):
    label = property_labels.label(item.id)
    serviceable = quantity if serviceable is None else serviceable
    return counting.record(who, stocktake.id, Count(key or str(uuid.uuid4()), label, quantity, serviceable))


def stands(item) -> tuple[int, int]:
    db.session.refresh(item)
    return item.quantity, item.serviceable


def seen(stocktake) -> int:
    return reading.whole(stocktake).last


def closed(clerk, manager, stocktake, *, leave_rest=False):
    closing.send(clerk, stocktake.id)
    return closing.close(manager, stocktake.id, seen(stocktake), leave_rest=leave_rest)


# -- What a difference means -------------------------------------------------------


@pytest.mark.once
@given(*[st.integers(0, 30)] * 4)
def test_the_movements_of_a_difference_lead_from_the_books_to_the_count_and_each_is_possible(a, b, c, d):
    pieces, working, counted, works = max(a, b), min(a, b), max(c, d), min(c, d)
    for kind, many, good in differences.steps(counted - pieces, works - working):
        more, better = movements.signed(kind, many, good)
        pieces, working = pieces + more, working + better
        assert 0 <= working <= pieces
    assert (pieces, working) == (counted, works)


@pytest.mark.once
def test_what_is_as_in_the_books_asks_for_no_movement_and_the_rest_for_one_or_two():
    K = MovementKind
    assert differences.steps(0, 0) == []
    assert differences.steps(2, 1) == [(K.FOUND, 2, 1)]
    assert differences.steps(-2, 0) == [(K.LOST, 2, 0)]
    assert differences.steps(-1, -3) == [(K.LOST, 1, 1), (K.BROKEN, 2, 2)]
    assert differences.steps(0, 2) == [(K.REPAIRED, 2, 2)]


# -- Counting ----------------------------------------------------------------------


def test_a_workshop_has_one_open_count_and_whoever_opens_again_finds_it(clerk, manager, workshop, stocktake):
    assert counting.open_count(manager, workshop.id) == (stocktake, False)
    closing.drop(clerk, stocktake.id, "اشتباه باز شد")
    again, new = counting.open_count(manager, workshop.id)
    assert new
    assert again.id != stocktake.id


def test_the_last_count_of_an_item_stands_and_the_earlier_ones_are_kept(clerk, manager, stocktake, workshop):
    item = make.item(workshop, 5)
    count(clerk, stocktake, item, 4)
    count(manager, stocktake, item, 5, 3)
    (line,) = reading.whole(stocktake).lines
    assert (line.count.quantity, line.count.serviceable, line.count.counted_by_id) == (5, 3, manager.user_id)
    assert [kept.quantity for kept in reading.history(stocktake, item.id)] == [5, 4]
    assert stands(item) == (5, 5)


def test_a_count_that_is_sent_again_is_one_row_also_after_the_count_was_sent_in(clerk, stocktake, workshop):
    item, key = make.item(workshop, 5), str(uuid.uuid4())
    assert not count(clerk, stocktake, item, 4, key=key).repeated
    closing.send(clerk, stocktake.id)
    assert count(clerk, stocktake, item, 4, key=key).repeated
    assert db.session.scalar(select(func.count()).select_from(StocktakeCount)) == 1
    with pytest.raises(Conflict, match="عددهای دیگری"):
        count(clerk, stocktake, item, 5, key=key)
    with pytest.raises(Conflict, match="دیگر باز نیست"):
        count(clerk, stocktake, item, 4)


@pytest.mark.once
def test_the_key_of_a_colleagues_count_is_refused(clerk, manager, stocktake, workshop):
    item, key = make.item(workshop, 5), str(uuid.uuid4())
    count(clerk, stocktake, item, 4, key=key)
    with pytest.raises(Conflict):
        count(manager, stocktake, item, 4, key=key)


@pytest.mark.once
@pytest.mark.parametrize(("label", "quantity", "serviceable", "field"), [
    ("12", 1, 1, "label"), ("", 1, 1, "label"), (None, None, 1, "quantity"), (None, 2, None, "serviceable"),
    (None, 2, 3, "serviceable"), (None, 1_000_001, 1, "quantity"),
])  # fmt: skip
def test_a_wrong_count_is_refused_at_its_field(clerk, stocktake, workshop, label, quantity, serviceable, field):
    label = property_labels.label(make.item(workshop).id) if label is None else label
    with pytest.raises(DomainError) as refused:
        counting.record(clerk, stocktake.id, Count(str(uuid.uuid4()), label, quantity, serviceable))
    assert refused.value.field == field


@pytest.mark.once
def test_an_item_of_another_workshop_or_center_or_out_of_use_is_not_counted_here(clerk, stocktake, workshop):
    unit = make.first(Unit, id=workshop.unit_id)
    beside = make.item(make.workshop(unit, title="کارگاه جوش"))
    foreign, aside = make.item(make.workshop(make.unit())), make.item(workshop, 0, is_active=False)
    for item, says in ((beside, "کارگاه جوش"), (foreign, "در این مرکز نیست"), (aside, "کنار گذاشته")):
        with pytest.raises(DomainError, match=says):
            count(clerk, stocktake, item, 1)


def test_nobody_counts_for_another_center_or_as_a_counselor(stocktake, workshop):
    stranger = actor(make.user(Role.CLERK, make.unit()), "center")
    unit = make.first(Unit, id=workshop.unit_id)
    counselor = actor(make.user(Role.COUNSELOR, unit), "center")
    for who in (stranger, counselor):
        with pytest.raises(NotFound):
            count(who, stocktake, make.item(workshop), 1)
        with pytest.raises(DomainError):
            counting.open_count(who, workshop.id)


def test_what_is_left_comes_a_page_at_a_time_and_what_was_counted_leaves_it(clerk, stocktake, workshop):
    items = [make.item(workshop, name=f"مته {chr(1575 + n // 10)}{n % 10}") for n in range(35)]
    first = remaining.page(stocktake)
    second = remaining.page(stocktake, first.after)
    by_name = sorted(items, key=lambda item: (item.name_sort, item.id))
    assert [*first.left, *second.left] == by_name
    assert (len(first.left), first.left_count, second.after, first.is_all) == (30, 35, None, False)
    for item in (items[3], items[31], items[3]):
        count(clerk, stocktake, item, 1)
    now = remaining.page(stocktake)
    assert {items[3], items[31]}.isdisjoint(now.left)
    assert [row.item_id for row in now.counted] == [items[3].id, items[31].id]
    assert (now.left_count, now.counted_count) == (33, 2)
    of_all = {row.id: row.is_left for row in remaining.everything(stocktake)}
    assert of_all == {item.id: item not in (items[3], items[31]) for item in items}
    assert remaining.item(stocktake, items[34].id) == items[34]
    assert remaining.item(stocktake, make.item(make.workshop(make.unit())).id) is None


# -- Closing -----------------------------------------------------------------------


def test_a_closed_count_makes_the_books_say_what_was_counted_by_movements_that_name_it(
    clerk, manager, stocktake, workshop
):
    wanted = {(5, 5): (5, 5), (4, 4): (3, 1), (2, 0): (3, 3), (6, 2): (0, 0), (1, 1): (1, 0)}
    items = {now: make.item(workshop, *now) for now in wanted}
    for now, counted in wanted.items():
        count(clerk, stocktake, items[now], *counted)
    assert closed(clerk, manager, stocktake) == 0
    assert {now: stands(item) for now, item in items.items()} == wanted
    rows = db.session.scalars(select(EquipmentMovement).where(EquipmentMovement.stocktake_id == stocktake.id)).all()
    assert sorted(row.kind.value for row in rows) == ["broken", "broken", "found", "lost", "lost", "repaired"]
    assert {row.reason for row in rows} == {f"انبارگردانی {persian_digits(stocktake.id)}"}
    assert closing.close(manager, stocktake.id, 0, leave_rest=False) is None


@pytest.mark.parametrize("count_", [2, 40])
def test_forty_differences_are_closed_by_as_many_statements_as_two(
    clerk, manager, stocktake, workshop, queries, count_
):
    items = [make.item(workshop, 30, name=f"مته {n}") for n in range(count_)]
    for n, item in enumerate(items):
        count(clerk, stocktake, item, 5 if n % 2 else 29, 4)  # each second one is above the limit of losses
    closing.send(clerk, stocktake.id)
    last = seen(stocktake)
    with queries() as asked:
        waiting = closing.close(manager, stocktake.id, last, leave_rest=False)
    assert waiting == count_ // 2
    assert len(asked) <= 15, asked
    assert [stands(item) for item in items] == [(30, 29), (29, 4)][::-1] * (count_ // 2)
    requests = db.session.scalars(select(EquipmentRequest).order_by(EquipmentRequest.item_id)).all()
    assert [row.item_id for row in requests] == [item.id for item in items[1::2]]
    sent = select(AuditEvent.subject_id, AuditEvent.detail).where(AuditEvent.action == "equipment_request_sent")
    told = {item_id: detail["request"] for item_id, detail in db.session.execute(sent)}
    assert told == {row.item_id: row.id for row in requests}


def test_losses_of_the_last_days_count_towards_the_limit_of_a_closing(clerk, manager, stocktake, workshop):
    item = make.item(workshop, 30)
    with atomic():
        movements.write(clerk, item.id, MovementKind.LOST, -6, -6, TODAY, reason="شکست")
    count(clerk, stocktake, item, 18)
    assert closed(clerk, manager, stocktake) == 1
    assert stands(item) == (24, 24)


def test_what_moves_during_the_count_does_not_distort_it(clerk, manager, stocktake, workshop):
    item = make.item(workshop, 10)
    count(clerk, stocktake, item, 9)  # one is missing
    with atomic():
        movements.write(clerk, item.id, MovementKind.CONSUMED, -4, -4, TODAY, reason="کلاس")
        movements.write(clerk, item.id, MovementKind.RECEIVED, 2, 2, TODAY, reason="خرید")
    closed(clerk, manager, stocktake)
    assert stands(item) == (7, 7)


@pytest.mark.once
def test_a_difference_that_no_longer_fits_the_books_closes_nothing_and_names_its_item(
    clerk, manager, stocktake, workshop
):
    item, other = make.item(workshop, 5, name="مته"), make.item(workshop, 5)
    count(clerk, stocktake, item, 3)
    count(clerk, stocktake, other, 4)
    with atomic():
        movements.write(clerk, item.id, MovementKind.CONSUMED, -4, -4, TODAY, reason="کلاس")
    closing.send(clerk, stocktake.id)
    with pytest.raises(DomainError, match="مته"):
        closing.close(manager, stocktake.id, seen(stocktake), leave_rest=True)
    assert (stands(item), stands(other)) == ((1, 1), (5, 5))
    assert reading.get(manager, stocktake.id).state is StocktakeState.COUNTED


def test_a_loss_above_the_limit_waits_for_the_province_and_the_rest_is_done(clerk, manager, stocktake, workshop):
    item, small = make.item(workshop, 30), make.item(workshop, 30)
    count(clerk, stocktake, item, 5, 4)
    count(clerk, stocktake, small, 29)
    assert closed(clerk, manager, stocktake) == 1
    (request,) = db.session.scalars(select(EquipmentRequest)).all()
    assert (request.item_id, request.kind, request.pieces, request.working) == (item.id, MovementKind.LOST, -25, -25)
    assert request.stocktake_id == stocktake.id
    assert (stands(item), stands(small)) == ((30, 29), (29, 29))


@pytest.mark.once
def test_uncounted_items_are_left_only_when_the_manager_says_so(clerk, manager, stocktake, workshop):
    item, left = make.item(workshop, 5), make.item(workshop, 5)
    count(clerk, stocktake, item, 5)
    assert [line.item.id for line in reading.whole(stocktake).left] == [left.id]
    with pytest.raises(DomainError) as refused:
        closed(clerk, manager, stocktake)
    assert refused.value.field == "leave_rest"
    assert closing.close(manager, stocktake.id, seen(stocktake), leave_rest=True) == 0
    assert stands(left) == (5, 5)


@pytest.mark.once
def test_only_a_manager_who_was_not_the_only_counter_closes(clerk, manager, stocktake, workshop):
    item = make.item(workshop, 5)
    count(manager, stocktake, item, 5)
    for who, refusal in ((clerk, NotAllowed), (manager, NotAllowed)):
        with pytest.raises(refusal):
            closed(clerk, who, stocktake)
    closing.reopen(manager, stocktake.id)
    count(clerk, stocktake, item, 5)
    assert closed(clerk, manager, stocktake) == 0


@pytest.mark.once
def test_whoever_works_alone_for_an_academy_closes_their_own_count():
    academy = make.unit(UnitKind.ACADEMY)
    alone = actor(make.user(Role.MANAGER, academy), "center")
    workshop = make.workshop(academy)
    stocktake, _ = counting.open_count(alone, workshop.id)
    count(alone, stocktake, make.item(workshop, 5), 5)
    assert closed(alone, alone, stocktake) == 0


@pytest.mark.once
def test_a_manager_closes_only_what_they_have_seen(clerk, manager, stocktake, workshop):
    item = make.item(workshop, 5)
    count(clerk, stocktake, item, 5)
    before = seen(stocktake)
    count(clerk, stocktake, item, 1)
    closing.send(clerk, stocktake.id)
    with pytest.raises(Conflict, match="دوباره شمرده"):
        closing.close(manager, stocktake.id, before, leave_rest=True)
    assert stands(item) == (5, 5)


def test_a_count_is_sent_once_and_not_empty_and_closed_only_after(clerk, manager, stocktake, workshop):
    with pytest.raises(DomainError, match="هنوز چیزی"):
        closing.send(clerk, stocktake.id)
    count(clerk, stocktake, make.item(workshop, 5), 5)
    with pytest.raises(Conflict):
        closing.close(manager, stocktake.id, seen(stocktake), leave_rest=True)
    assert closing.send(clerk, stocktake.id)
    assert not closing.send(clerk, stocktake.id)
    assert closing.reopen(manager, stocktake.id)
    assert not closing.reopen(manager, stocktake.id)
    with pytest.raises(NotAllowed):
        closing.reopen(clerk, stocktake.id)


@pytest.mark.once
def test_a_dropped_count_changes_no_books_and_says_why(clerk, manager, stocktake, workshop):
    item = make.item(workshop, 5)
    count(clerk, stocktake, item, 1)
    with pytest.raises(DomainError) as refused:
        closing.drop(manager, stocktake.id, "  ")
    assert refused.value.field == "reason"
    other = actor(make.user(Role.CLERK, make.first(Unit, id=workshop.unit_id)), "center")
    with pytest.raises(NotAllowed):
        closing.drop(other, stocktake.id, "نه")
    assert closing.drop(manager, stocktake.id, "کارگاه بسته است")
    assert not closing.drop(manager, stocktake.id, "دوباره")
    assert db.session.get(Stocktake, stocktake.id).note == "کارگاه بسته است"
    assert stands(item) == (5, 5)


def test_what_has_left_the_workshop_since_it_was_counted_is_not_put_right(clerk, manager, stocktake, workshop):
    item = make.item(workshop, 5)
    count(clerk, stocktake, item, 3)
    unit = make.first(Unit, id=workshop.unit_id)
    db.session.get(EquipmentItem, item.id).workshop_id = make.workshop(unit).id
    db.session.commit()
    assert closed(clerk, manager, stocktake) == 0
    assert stands(item) == (5, 5)


# -- Demo --------------------------------------------------------------------------


def test_the_demo_has_a_count_that_goes_on_and_one_that_its_manager_can_close(clean, tmp_path):
    load(dt.date(2026, 11, 21), tmp_path / "people.json")
    clerk, manager = (actor(make.first(User, username=name), "center") for name in ("clerk1", "manager1"))
    one, other = (row for row, _, _ in reading.open_ones(clerk))
    assert (one.state, other.state) == (StocktakeState.OPEN, StocktakeState.COUNTED)
    assert reading.whole(one).left
    assert len(reading.whole(other).different) >= 2
    closing.close(manager, other.id, seen(other), leave_rest=True)
    assert reading.get(clerk, other.id).state is StocktakeState.CLOSED
