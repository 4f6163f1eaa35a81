"""The queue of record: claims, back-off, dispatching, and many at once on one row."""

import datetime as dt

import pytest
import time_machine
from sqlalchemy import update

from gateways import queue
from models import Outbox, OutsideSystem, db, utcnow
from services import outbox
from services.outbox import LostLease, Topic
from services.transaction import atomic
from tests import owed
from tests.race.crowd import storm


@pytest.fixture
def pushed(monkeypatch):
    """What would be in Redis: the queue is a hint, and a list is one too."""
    seen: list[int] = []
    monkeypatch.setattr(queue, "push", lambda row, attempt: seen.append(row) or True)
    monkeypatch.setattr(queue, "is_alive", lambda: True)
    monkeypatch.setattr(queue, "depth", lambda: 0)
    return seen


@pytest.fixture
def done():
    """A handler for the registry's topic that counts its effects in the database's own transaction."""
    seen: list[int] = []
    kept = outbox.HANDLERS[Topic.REGISTRY]

    def handler(claim):
        with atomic():
            outbox.done(claim)
        seen.append(claim.ref_id)

    outbox.HANDLERS[Topic.REGISTRY] = handler
    yield seen
    outbox.HANDLERS[Topic.REGISTRY] = kept


def owe(*refs, topic=Topic.REGISTRY) -> list[int]:
    with atomic():
        for ref in refs:
            outbox.owe(topic, ref, f"test:{topic}:{ref}")
    return [row.id for row in owed.rows()]


def test_what_is_owed_twice_is_one_row_and_one_push(pushed):
    owe(1)
    owe(1)
    assert pushed == [row.id for row in owed.rows()]


def test_nothing_is_pushed_when_the_transaction_fails(pushed):
    with pytest.raises(ZeroDivisionError), atomic():
        _owe_and_fail()
    assert (pushed, owed.rows()) == ([], [])


def _owe_and_fail():
    outbox.owe(Topic.REGISTRY, 1, "test")
    raise ZeroDivisionError


def test_sixteen_workers_with_one_row_have_one_effect(app, done):
    (row,) = owe(5)
    seen = storm(app, lambda _: outbox.handle(row), range(16))
    assert done == [5]
    assert seen["True"] == 1


def test_without_the_claim_sixteen_workers_have_many_effects(app, done, monkeypatch):
    """The control: with the guard taken away, the attack of the test above succeeds."""
    (row,) = owe(5)
    free = outbox.Claim(row, Topic.REGISTRY, 5, 0, 0)
    monkeypatch.setattr(outbox, "_claim", lambda _: free)
    monkeypatch.setattr(outbox, "_settle", lambda *_, **__: None)
    storm(app, lambda _: outbox.handle(row), range(16))
    assert len(done) == 16


def test_a_lease_that_ran_out_is_taken_over_and_the_old_holder_can_settle_nothing(done):
    (row,) = owe(5)
    old = outbox._claim(row)
    assert outbox.handle(row) is False
    owed.skip_the_wait()
    assert outbox.handle(row) is True
    for settle in (outbox.done, outbox.renew, lambda claim: outbox.later(claim, "late")):
        with pytest.raises(LostLease):
            settle(old)


def test_gaps_grow_with_failures_and_end_in_a_dead_letter(pushed):
    (row,) = owe(5)
    waits = []
    with time_machine.travel(utcnow(), tick=False):
        for _ in range(8):
            outbox.later(outbox._claim(row), "timeout")
            waits.append((owed.row("registry").next_try_at - utcnow()).total_seconds())
            owed.skip_the_wait()
    assert waits == [5, 20, 60, 300, 1800, 7200, 7200, 7200]
    db.session.execute(update(Outbox).values(failures=outbox.MOST_FAILURES - 1))
    db.session.commit()
    outbox.later(outbox._claim(row), "timeout")
    assert (owed.row("registry").state, owed.row("registry").last_error) == ("dead", "timeout")


def test_a_second_job_for_a_row_does_not_come_before_its_next_try(done):
    (row,) = owe(5)
    outbox.later(outbox._claim(row), "timeout")
    assert outbox.handle(row) is False
    assert done == []


def test_holding_counts_no_failure_and_waking_ends_it(pushed):
    (row,) = owe(5)
    outbox.hold(outbox._claim(row), "resting", seconds=600)
    assert (owed.row("registry").failures, outbox._claim(row)) == (0, None)
    with atomic():
        outbox.wake(Topic.REGISTRY, [5])
    assert pushed == [row, row]
    assert outbox._claim(row) is not None


def test_waking_takes_no_lease_from_somebody_at_work(pushed):
    (row,) = owe(5)
    claim = outbox._claim(row)
    with atomic():
        outbox.wake(Topic.REGISTRY, [5])
    assert outbox._claim(row) is None
    outbox.done(claim)


def test_two_dispatchers_queue_what_is_due_once(app, pushed):
    rows = owe(*range(40))
    owed.skip_the_wait()
    pushed.clear()
    seen = storm(app, lambda _: outbox.dispatch(), range(4))
    assert sorted(pushed) == rows
    assert sum(int(count) * times for count, times in seen.items()) == 40


def test_nothing_is_dispatched_while_redis_is_away_or_the_queue_is_full(pushed, monkeypatch):
    owe(1)
    owed.skip_the_wait()
    monkeypatch.setattr(queue, "is_alive", lambda: False)
    assert outbox.dispatch() == 0
    monkeypatch.setattr(queue, "is_alive", lambda: True)
    monkeypatch.setattr(queue, "depth", lambda: outbox.ROOM)
    assert outbox.dispatch() == 0
    monkeypatch.setattr(queue, "depth", lambda: 0)
    assert outbox.dispatch() == 1


def test_a_resting_system_gets_one_row_when_its_rest_is_over_and_none_before(pushed):
    owe(1, 2, 3)
    owe(1, topic=Topic.SMS)
    system = OutsideSystem(code="registry", breaker="open", probe_at=utcnow() + dt.timedelta(seconds=30))
    db.session.add(system)
    db.session.commit()
    owed.skip_the_wait()
    assert outbox.dispatch() == 1
    db.session.execute(update(OutsideSystem).values(probe_at=utcnow() - dt.timedelta(seconds=1)))
    db.session.commit()
    assert outbox.dispatch() == 1


def test_a_failing_handler_is_tried_again_and_its_error_text_is_in_no_log(done, caplog):
    national_code = "0010350829"

    def handler(claim):
        raise ValueError(national_code)

    (row,) = owe(5)
    outbox.HANDLERS[Topic.REGISTRY] = handler
    assert outbox.handle(row) is True
    assert owed.row("registry").last_error == "failure: ValueError"
    assert "0010350829" not in caplog.text
    assert "test_outbox.py" in caplog.text
