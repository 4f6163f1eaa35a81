"""Five hundred enroll while every process of the installation is killed twenty times: nothing lost, nothing doubled."""

import os

import pytest
from sqlalchemy import select, update

from bench import ground, kills, messages
from bench.installation import Installation, installed
from models import Message, Outbox, OutboxState, db, utcnow
from scripts import readiness
from services import outbox
from services.transaction import atomic

KIND = os.environ.get("TEST_DATABASE", "sqlite")


def test_twenty_kills_during_five_hundred_enrollments_lose_and_double_nothing():
    after = kills.chaos(KIND, enrollments=500, kills=20)
    assert after.killed == 20
    assert after.is_clean, after
    assert after.drained_s <= 300, after  # of a loaded machine; the bench says how long it takes on a calm one


def test_every_part_is_killed_once_before_any_is_killed_again():
    for seed in range(20):
        victims = [(kill.name, kill.one) for kill in kills.plan(seed, kills=20, enrollments=500)]
        assert set(victims[: len(kills.VICTIMS)]) == set(kills.VICTIMS)
        assert len(victims) == 20


# -- A queue that dies with what it holds ------------------------------------------


@pytest.fixture(scope="module")
def sent() -> dict[str, int]:
    """Of ten messages each, how many came after the queue was killed: those of our dispatcher and of a naive one.

    Both kinds were in the queue when it died; the naive ones were put there first.
    """
    with installed(KIND) as site:
        ground.foundations(site.app)
        site.start("valkey", "sandbox")
        with site.app.app_context():
            by_whom = {"naive": queued(site, naive_dispatch, first=0), "ours": queued(site, outbox.dispatch, first=10)}
            site.kill("valkey")
            no_wait()
            site.start("jobs")
            readiness.until(lambda: count_sent(by_whom["ours"]) == 10, 180, 0.2)
            return {who: count_sent(people) for who, people in by_whom.items()}


def queued(site: Installation, dispatch, first: int) -> list[int]:
    """Ten people whose confirmations `dispatch` has put into the queue, which nobody serves yet."""
    course_id, _ = ground.course(site.app, 10)
    people = ground.trainees(site.app, 10, first=first)
    for person in people:
        messages.enroll(site, course_id, person)
    with atomic():
        db.session.execute(update(Outbox).values(next_try_at=utcnow()))
    dispatch()
    return [person.person_id for person in people]


def no_wait() -> None:
    """What was dispatched is looked at again after twenty seconds; we do not wait so long."""
    soon = utcnow() + outbox.REDISPATCH
    assert db.session.scalars(select(Outbox).where(Outbox.next_try_at > soon)).all() == []
    with atomic():
        db.session.execute(update(Outbox).values(next_try_at=utcnow()))


def count_sent(people: list[int]) -> int:
    db.session.rollback()
    query = select(Message.id).where(Message.person_id.in_(people), Message.sent_at.is_not(None))
    return len(db.session.scalars(query).all())


def naive_dispatch() -> None:
    """As an outbox is often written: what has been put into the queue is taken for done."""
    outbox.dispatch()
    with atomic():
        db.session.execute(update(Outbox).values(state=OutboxState.DONE, done_at=utcnow()))


def test_what_was_queued_when_the_queue_died_is_sent_all_the_same(sent):
    assert sent["ours"] == 10


def test_control_a_dispatcher_that_marks_rows_done_loses_them_with_the_queue(sent):
    assert sent["naive"] < 10, "the attack no longer works, so the tests above prove nothing"
