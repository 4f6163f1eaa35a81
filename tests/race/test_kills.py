"""Five hundred enroll while every process of the installation is killed twenty times: nothing lost, nothing doubled."""

import os

from sqlalchemy import text, update

from bench import ground, kills, messages
from bench.installation import Installation, installed
from models import Outbox, OutboxState, db, utcnow
from scripts import readiness
from services import outbox
from services.transaction import atomic

KIND = os.environ.get("TEST_DATABASE", "sqlite")


def test_twenty_kills_during_five_hundred_enrollments_lose_and_double_nothing():
    after = kills.chaos(KIND, enrollments=500, kills=20)
    assert after.killed == 20
    assert after.is_clean, after
    assert after.drained_s <= 60, after


def sent_after_the_queue_was_lost(dispatch, seconds: float) -> int:
    """Messages that arrive when `dispatch` has put them into the queue and the queue is then killed."""
    with installed(KIND) as site:
        ground.foundations(site.app)
        course_id, _ = ground.course(site.app, 10)
        site.start("valkey", "sandbox")
        for person in ground.trainees(site.app, 10):
            messages.enroll(site, course_id, person)
        make_due(site)
        with site.app.app_context():
            dispatch()
        site.kill("valkey")
        site.start("worker", "dispatcher")
        readiness.until(lambda: sent(site) == 10, seconds, 0.2)
        return sent(site)


def make_due(site: Installation) -> None:
    with site.app.app_context(), atomic():
        db.session.execute(update(Outbox).values(next_try_at=utcnow()))


def sent(site: Installation) -> int:
    with site.app.app_context():
        return db.session.scalar(text("SELECT count(*) FROM message WHERE sent_at IS NOT NULL"))


def naive_dispatch() -> None:
    """As an outbox is often written: what has been put into the queue is taken for done."""
    outbox.dispatch()
    with atomic():
        db.session.execute(update(Outbox).values(state=OutboxState.DONE, done_at=utcnow()))


def test_what_was_queued_when_the_queue_died_is_sent_all_the_same():
    assert sent_after_the_queue_was_lost(outbox.dispatch, 60) == 10


def test_control_a_dispatcher_that_marks_rows_done_loses_them_with_the_queue():
    assert sent_after_the_queue_was_lost(naive_dispatch, 8) < 10, (
        "the attack no longer works, so the tests above prove nothing"
    )
