"""Losses above the limit and moves to other centers wait for the province, and happen when it says so."""

import datetime as dt

import pytest
from sqlalchemy import func, select, update

from models import (
    EquipmentMovement,
    EquipmentRequest,
    EquipmentTransfer,
    MovementKind,
    Policy,
    Province,
    RequestState,
    Role,
    TransferState,
    Unit,
    UnitKind,
    UserRole,
    db,
    utcnow,
)
from services.equipment import KINDS, Change, checking, queues, recording, review, transfers
from services.equipment.cases import LOSS, MOVE, case
from services.equipment.transfers import Move
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.policy import today
from tests import course_cases as cases
from tests import make

K = MovementKind


@pytest.fixture
def item():
    return make.item(make.workshop(make.unit()), pieces=30, price_rials=1_000_000)


@pytest.fixture
def clerk(item):
    return cases.staff(Role.CLERK, db.session.get(Unit, item.unit_id))


@pytest.fixture
def office(item):
    return make.unit(UnitKind.DIRECTORATE, db.session.get(Province, item.province_id))


@pytest.fixture
def reviewer(office):
    return cases.staff(Role.REVIEWER, office)


def lose(actor, item, pieces, key="a form", kind=K.LOST):
    return recording.record(actor, key, item.id, Change(kind, pieces, 0, today(), "آتش‌سوزی انبار"))


def asked(item) -> EquipmentRequest:
    query = select(EquipmentRequest).where(EquipmentRequest.item_id == item.id).order_by(EquipmentRequest.id.desc())
    return db.session.scalars(query.limit(1).execution_options(populate_existing=True)).one()


def left(item) -> int:
    db.session.refresh(item)
    return item.quantity


@pytest.fixture(autouse=True)
def broken(item):
    """All pieces are broken, so that any number of them may go."""
    with recording.atomic():
        recording.movements.write(
            cases.staff(Role.CLERK, db.session.get(Unit, item.unit_id)),
            item.id,
            K.BROKEN,
            0,
            -30,
            today(),
            reason="خرابی",
        )


def test_a_loss_waits_above_the_limit_of_pieces_or_of_value_and_small_ones_add_up(item, clerk):
    assert not lose(clerk, item, 6).waits
    assert not lose(clerk, item, 4, "second", K.WRITTEN_OFF).waits
    assert lose(clerk, item, 1, "third").waits
    assert left(item) == 20
    dear = make.item(make.first(type(item.workshop), id=item.workshop_id), 3, 0, price_rials=60_000_000)
    assert not lose(clerk, dear, 1, "fourth").waits
    assert lose(clerk, dear, 1, "fifth").waits
    free = make.item(make.first(type(item.workshop), id=item.workshop_id), 3, 0)
    assert not lose(clerk, free, 3, "sixth").waits


@pytest.mark.once
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {K.LOST, K.WRITTEN_OFF, K.BROKEN}))
def test_no_other_kind_of_change_ever_waits(item, clerk, kind):
    assert not recording.record(clerk, "a form", item.id, Change(kind, 20, 0, today(), "دلیل")).waits


def test_the_limits_are_policies_from_a_day_on_and_for_a_province(item, clerk):
    code = db.session.get(Province, item.province_id).code
    make.save(Policy(name="equipment_loss_pieces", valid_from=today() + dt.timedelta(days=1), value=0))
    make.save(Policy(name="equipment_loss_pieces", scope="zz", valid_from=dt.date(2020, 1, 1), value=0))
    assert not lose(clerk, item, 1).waits
    make.save(Policy(name="equipment_loss_pieces", scope=code, valid_from=dt.date(2020, 1, 1), value=0))
    assert lose(clerk, item, 1, "second").waits
    for name in ("equipment_loss_pieces", "equipment_loss_rials"):
        make.save(Policy(name=name, scope=code, valid_from=today(), value=None))
    assert not lose(clerk, item, 29, "third").waits


def test_an_approved_loss_happens_once_and_a_refused_one_never(item, clerk, reviewer):
    for key in ("a form", "a form", "another"):
        assert lose(clerk, item, 12, key).waits
    first, second = db.session.scalars(select(EquipmentRequest).order_by(EquipmentRequest.id)).all()
    assert (left(item), queues.waiting_count(reviewer)) == (30, 2)
    assert (
        review.decide(reviewer, "decision", LOSS, first.id, approve=True, reason="").what.state is RequestState.APPROVED
    )
    with pytest.raises(DomainError) as refused:
        review.decide(reviewer, "decision", LOSS, second.id, approve=False, reason=" ")
    assert refused.value.field == "reason"
    review.decide(reviewer, "decision", LOSS, second.id, approve=False, reason="گزارش حراست نیست")
    assert (left(item), queues.waiting_count(reviewer)) == (18, 0)
    row = db.session.scalars(select(EquipmentMovement).where(EquipmentMovement.request_id == first.id)).one()
    assert (row.kind, row.pieces, row.user_id) == (K.LOST, -12, reviewer.user_id)
    assert (asked(item).decision, checking.differences()) == ("گزارش حراست نیست", [])


@pytest.mark.once
def test_an_approval_that_the_books_no_longer_allow_is_refused_and_goes_on_waiting(item, clerk, reviewer):
    lose(clerk, item, 25)
    recording.record(clerk, "used", item.id, Change(K.CONSUMED, 10, 0, today(), "مصرف دوره"))
    with pytest.raises(DomainError, match="۲۰"):
        review.decide(reviewer, "decision", LOSS, asked(item).id, approve=True, reason="")
    assert (asked(item).state, asked(item).decided_by_id, left(item)) == (RequestState.WAITING, None, 20)


def test_what_could_not_be_is_refused_when_it_is_asked_for(item, clerk):
    with pytest.raises(DomainError) as refused:
        lose(clerk, item, 31)
    assert refused.value.field == "pieces"
    assert db.session.scalar(select(func.count()).select_from(EquipmentRequest)) == 0


def test_the_second_to_decide_learns_who_was_faster_and_what_he_did(item, clerk, reviewer, office):
    lose(clerk, item, 12)
    review.decide(reviewer, "decision", LOSS, asked(item).id, approve=True, reason="")
    with pytest.raises(Conflict, match="پذیرفت") as late:
        review.decide(cases.staff(Role.REVIEWER, office), "decision", LOSS, asked(item).id, approve=False, reason="نه")
    assert reviewer.name in str(late.value)
    assert left(item) == 18
    with pytest.raises(Conflict):
        recording.withdraw(clerk, asked(item).id)


@pytest.mark.once
def test_a_request_is_taken_back_by_its_unit_while_it_waits(item, clerk, reviewer):
    lose(clerk, item, 12)
    with pytest.raises(OutsideTerritory):
        recording.withdraw(cases.staff(Role.CLERK, make.unit()), asked(item).id)
    assert (recording.withdraw(clerk, asked(item).id), recording.withdraw(clerk, asked(item).id)) == (True, False)
    with pytest.raises(Conflict, match="پس گرفت"):
        review.decide(reviewer, "decision", LOSS, asked(item).id, approve=True, reason="")
    assert left(item) == 30


@pytest.mark.once
def test_nobody_decides_on_what_they_asked_for_and_only_reviewers_of_the_province_decide(item, office, reviewer):
    both = make.user(Role.REVIEWER, office)
    make.save(UserRole(user_id=both.id, unit_id=item.unit_id, role=Role.CLERK))
    lose(cases.actor(both, "center"), item, 12)
    own = cases.actor(both, "province")
    assert (case(own, LOSS, asked(item).id).decides, case(reviewer, LOSS, asked(item).id).decides) == (False, True)
    far = cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province()))
    for who, error in ((own, NotAllowed), (cases.staff(Role.PLANNER, office), NotAllowed), (far, OutsideTerritory)):
        with pytest.raises(error):
            review.decide(who, "decision", LOSS, asked(item).id, approve=True, reason="")
    assert left(item) == 30


def test_a_move_to_another_center_waits_and_one_inside_the_center_does_not(item, clerk, reviewer):
    unit = db.session.get(Unit, item.unit_id)
    inside, far = make.workshop(unit), make.workshop(make.unit(province_=unit.province))

    def move(key, room, pieces=10):
        return transfers.ask(clerk, key, item.id, Move(room.id, pieces, 0, today(), "نیاز دوره")).transfer

    assert (move("in", inside, 1).state, left(item)) == (TransferState.SENT, 29)
    first, second, third = (move(key, far) for key in ("out", "second", "third"))
    assert (first.state, left(item), queues.waiting_count(reviewer)) == (TransferState.WAITING, 29, 3)
    receiver = cases.staff(Role.CLERK, db.session.get(Unit, far.unit_id))
    with pytest.raises(Conflict):
        transfers.receive(receiver, "too early", first.id, 10, 0, "")
    assert review.decide(reviewer, "decision", MOVE, first.id, approve=True, reason="").what.state is TransferState.SENT
    assert left(item) == 19
    review.decide(reviewer, "decision", MOVE, second.id, approve=False, reason="آنجا نیاز نیست")
    assert not transfers.withdraw(clerk, "withdrawn", third.id).repeated
    assert transfers.withdraw(clerk, "withdrawn", third.id).repeated
    transfers.receive(receiver, "arrived", first.id, 10, 0, "")
    states = db.session.scalars(select(EquipmentTransfer.state).order_by(EquipmentTransfer.id)).all()
    assert states == [TransferState.SENT, TransferState.RECEIVED, TransferState.REFUSED, TransferState.WITHDRAWN]
    assert (left(item), checking.differences()) == (19, [])


def test_the_queue_shows_losses_and_moves_together_the_longest_waiting_first(item, clerk, reviewer):
    far = make.workshop(make.unit(province_=db.session.get(Province, item.province_id)))
    for n in range(20):
        lose(clerk, item, 12, f"loss {n}")
        transfers.ask(clerk, f"move {n}", item.id, Move(far.id, 1, 0, today(), "نیاز دوره"))
    page = queues.waiting(reviewer)
    rest = queues.waiting(reviewer, page.after)
    every = [each.key for each in (*page.rows, *rest.rows)]
    assert (len(page.rows), len(rest.rows), rest.after, len(set(every))) == (25, 15, None, 40)
    moments = [each.row.created_at for each in (*page.rows, *rest.rows)]
    assert moments == sorted(moments)


# -- Forms sent twice, several at once, and what was decided -----------------------


def waiting(item, clerk, count, pieces=12) -> list[tuple[str, int]]:
    """Keys of losses that wait, those first that were asked for first."""
    for n in range(count):
        assert lose(clerk, item, pieces, f"loss {item.id} {n}").waits
    query = select(EquipmentRequest.id).where(EquipmentRequest.state == RequestState.WAITING)
    return [(LOSS, row_id) for row_id in db.session.scalars(query.order_by(EquipmentRequest.id))]


def told(outcomes) -> list[str]:
    """Of each case whether it was done before, or why it was not."""
    return [str(each.why or each.repeated) for each in outcomes]


def test_a_decision_sent_twice_is_one_and_the_other_word_after_going_back_is_late(item, clerk, reviewer):
    (key,) = waiting(item, clerk, 1)
    seen = [review.decide(reviewer, "a form", *key, approve=True, reason="") for _ in range(2)]
    assert [(each.repeated, each.what.state) for each in seen] == [
        (False, RequestState.APPROVED),
        (True, RequestState.APPROVED),
    ]
    with pytest.raises(Conflict, match="خود شما .* پذیرفتید"):
        review.decide(reviewer, "a form", *key, approve=False, reason="نه")
    assert (left(item), checking.differences()) == (18, [])


def test_each_of_several_is_decided_by_itself_and_what_could_not_be_says_why(item, clerk, reviewer, office):
    first, second, third, fourth = keys = waiting(item, clerk, 4)
    both = make.user(Role.REVIEWER, office)
    request = db.session.get(EquipmentRequest, second[1])
    request.asked_by_id = both.id
    make.save(request)
    recording.withdraw(clerk, third[1])
    actor = cases.actor(both, "province")
    seen = review.decide_all(actor, "a form", keys[::-1], approve=True, reason="")
    assert [each.key for each in seen] == keys
    assert told(seen)[0] == told(seen)[3] == "False"
    assert ("خود شما داده‌اید" in told(seen)[1], "پس گرفت" in told(seen)[2]) == (True, True)
    assert told(review.decide_all(actor, "a form", keys, approve=True, reason=""))[::3] == ["True", "True"]
    books = told(review.decide_all(reviewer, "another", [second, first], approve=True, reason=""))
    assert (actor.name in books[0], "این تعداد نیست" in books[1]) == (True, True)
    assert (left(item), queues.waiting_count(reviewer), checking.differences()) == (6, 1, [])


def test_one_reason_is_said_for_all_that_are_refused_and_without_it_none_is(item, clerk, reviewer):
    keys = waiting(item, clerk, 3)
    with pytest.raises(DomainError) as refused:
        review.decide_all(reviewer, "a form", keys, approve=False, reason=" ")
    assert (refused.value.field, queues.waiting_count(reviewer)) == ("reason", 3)
    assert told(review.decide_all(reviewer, "a form", keys, approve=False, reason="گزارش نیست")) == ["False"] * 3
    assert set(db.session.scalars(select(EquipmentRequest.decision))) == {"گزارش نیست"}
    assert left(item) == 30


@pytest.mark.once
def test_a_case_of_another_province_among_several_or_too_many_of_them_stop_all(item, clerk, reviewer):
    keys = waiting(item, clerk, 1)
    far = make.item(make.workshop(make.unit(province_=make.province())), 40, 0)
    strange = waiting(far, cases.staff(Role.CLERK, db.session.get(Unit, far.unit_id)), 1)
    for chosen, error in (
        (strange, OutsideTerritory),
        ([*keys, (LOSS, 10**6)], NotFound),
        ([*keys, *((LOSS, 10**6 + n) for n in range(25))], DomainError),
    ):
        with pytest.raises(error):
            review.decide_all(reviewer, "a form", chosen, approve=True, reason="")
    assert (queues.waiting_count(reviewer), left(item)) == (1, 30)


def test_what_was_decided_stands_newest_first_and_what_was_taken_back_is_no_decision(item, clerk, reviewer):
    far = make.workshop(make.unit(province_=db.session.get(Province, item.province_id)))
    moves = [
        transfers.ask(clerk, f"move {n}", item.id, Move(far.id, 1, 0, today(), "نیاز دوره")).transfer for n in range(16)
    ]
    losses = waiting(item, clerk, 16)
    transfers.withdraw(clerk, "withdrawn", moves.pop().id)
    recording.withdraw(clerk, losses.pop()[1])
    order = [key for pair in zip([(MOVE, each.id) for each in moves], losses, strict=True) for key in pair]
    for key in order:
        review.decide(reviewer, "a form", *key, approve=False, reason="نیازی نیست")
    page = queues.done(reviewer)
    rest = queues.done(reviewer, page.after)
    assert ([each.key for each in (*page.rows, *rest.rows)], rest.after) == (order[::-1], None)
    assert queues.done(cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province()))).rows == []


def test_of_one_moment_every_case_stands_on_one_page_and_none_is_left_out(item, clerk, reviewer):
    far = make.workshop(make.unit(province_=db.session.get(Province, item.province_id)))
    for n in range(15):
        transfers.ask(clerk, f"move {n}", item.id, Move(far.id, 1, 0, today(), "نیاز دوره"))
    waiting(item, clerk, 15)
    at = utcnow()
    for table in (EquipmentRequest, EquipmentTransfer):
        db.session.execute(update(table).values(created_at=at, decided_at=at, decided_by_id=reviewer.user_id))
    db.session.commit()
    for listing, states in ((queues.waiting, None), (queues.done, (RequestState.APPROVED, TransferState.REFUSED))):
        for table, state in zip((EquipmentRequest, EquipmentTransfer), states or (), strict=False):
            db.session.execute(update(table).values(state=state))
        db.session.commit()
        page = listing(reviewer)
        rest = listing(reviewer, page.after)
        keys = [each.key for each in (*page.rows, *rest.rows)]
        assert (len(page.rows), len(keys), len(set(keys)), rest.after) == (25, 30, 30, None)
