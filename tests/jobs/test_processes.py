"""Real workers and dispatchers on a real queue, killed and cut off: late perhaps, never lost, never doubled."""

import pytest

from gateways import queue
from models import IdentityStatus, db
from scripts import readiness
from services import identity, letters, outside
from services.transaction import atomic
from tests import owed
from tests.jobs.test_delivery import BORN, mobile_of, somebody, told


def tell_many(sandbox, count, first=0):
    """Messages to as many people; one enrollment's worth each."""
    for number in range(first, first + count):
        told(somebody(sandbox, number=1000 + number))


def until(condition) -> bool:
    """Generous, because a loaded machine is slow: nobody waits longer than it takes."""
    return readiness.until(condition, 120, 0.2)


def is_down(code) -> bool:
    db.session.rollback()
    return outside.is_down(code)


def all_done() -> bool:
    return {row.state for row in owed.rows()} == {"done"}


def handed_over_once(sandbox, count) -> bool:
    return sorted(sandbox.by_uid().values()) == [1] * count and len(sandbox.messages()) == count


def test_an_owed_message_and_name_arrive_within_seconds(plant, sandbox):
    plant.worker()
    assert until(lambda: queue.workers_alive() == 1)
    person = somebody(sandbox, "unchecked", first_name=None, last_name=None, birth_date=BORN)
    told(person)
    plant.dispatcher()
    assert until(all_done), plant.log()
    db.session.refresh(person)
    assert (person.identity_status, person.full_name) == (IdentityStatus.VERIFIED, "مریم کریمی")
    assert len(sandbox.messages(mobile_of(1000))) == 1


def test_a_worker_group_killed_in_the_middle_is_replaced_and_the_message_sent_once(plant, sandbox):
    sandbox.switch("sms", "slow", 4)
    first = plant.worker()
    plant.dispatcher()
    tell_many(sandbox, 1)
    assert until(lambda: sandbox.messages()), plant.log()
    plant.kill(first)
    sandbox.switch("sms", "up")
    plant.worker()
    assert until(all_done), plant.log()
    assert handed_over_once(sandbox, 1)
    assert owed.row("sms").attempts == 2


def test_a_worker_told_to_stop_finishes_the_message_at_hand_and_goes(plant, sandbox):
    sandbox.switch("sms", "slow", 1)
    plant.patience_s = 10
    worker = plant.worker()
    plant.dispatcher()
    tell_many(sandbox, 10)
    assert until(lambda: sandbox.messages()), plant.log()
    worker.terminate()
    assert worker.wait(60) == 0
    sent = len(sandbox.messages())
    assert 0 < sent < 10
    assert sum(row.state == "done" for row in owed.rows()) == sent


@pytest.mark.once
def test_a_queue_server_lost_in_the_middle_delays_and_loses_nothing(plant, sandbox):
    server = plant.started[0]
    plant.worker()
    plant.dispatcher()
    tell_many(sandbox, 4)
    plant.kill(server)
    tell_many(sandbox, 4, first=4)
    assert queue.depth() == 0
    plant.queue_server()
    assert until(all_done), plant.log()
    assert handed_over_once(sandbox, 8)


def test_two_dispatchers_and_two_workers_send_each_message_once(plant, sandbox):
    for start in (plant.worker, plant.worker, plant.dispatcher, plant.dispatcher):
        start()
    tell_many(sandbox, 10)
    assert until(all_done), plant.log()
    assert handed_over_once(sandbox, 10)
    assert {load.open for load in letters.loads()} == {0}


def test_a_breaker_opened_by_a_worker_is_open_here_and_all_is_sent_after_the_return(plant, sandbox):
    sandbox.switch("sms", "error500")
    plant.worker()
    plant.dispatcher()
    tell_many(sandbox, 6)
    assert until(lambda: is_down("sms")), plant.log()
    with pytest.raises(outside.Resting):
        outside.call("sms", lambda: None)
    sandbox.switch("sms", "up")
    owed.end_the_rest()
    owed.skip_the_wait()
    assert until(all_done), plant.log()
    assert not is_down("sms")
    assert handed_over_once(sandbox, 6)


@pytest.mark.once
def test_names_owed_while_the_registry_was_down_are_filled_after_its_return(plant, sandbox):
    sandbox.switch("registry", "error500")
    people = [somebody(sandbox, number=1000 + n, first_name=None, last_name=None, birth_date=BORN) for n in range(6)]
    with atomic():
        for person in people:
            identity.owe_checks(person)
    plant.worker()
    plant.dispatcher()
    assert until(lambda: is_down("registry")), plant.log()
    sandbox.switch("registry", "up")
    owed.end_the_rest()
    owed.skip_the_wait()
    assert until(all_done), plant.log()
    for person in people:
        db.session.refresh(person)
    assert {person.identity_status for person in people} == {IdentityStatus.VERIFIED}
