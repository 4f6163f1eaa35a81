"""What happens by the clock, once for each slot."""

import datetime as dt
import threading

import pytest
from sqlalchemy import select

from models import CronRun, EnrollmentDraft, FormSubmission, HeldPost, db, utcnow
from services import books, clock
from services.clock import Task
from services.equipment import checking
from tests import make
from tests.race.crowd import storm

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def task(monkeypatch):
    """One task of a minute that counts its runs."""
    ran: list[dt.datetime] = []
    monkeypatch.setattr(clock, "TASKS", (Task("test", clock.every(60), ran.append),))
    monkeypatch.setattr(clock, "_taken", {})
    return ran


def test_a_task_runs_once_in_each_slot(task):
    for seconds in (0, 1, 59, 60, 61, 119, 120):
        clock.tick(NOON + dt.timedelta(seconds=seconds))
    assert len(task) == 3


def test_sixteen_clocks_run_it_once(app, task, monkeypatch):
    class Forgetful(dict):
        def __setitem__(self, key, value):
            pass

    monkeypatch.setattr(clock, "_taken", Forgetful())  # each clock is a process of its own
    storm(app, lambda _: clock.tick(NOON), range(16))
    assert len(task) == 1


def test_a_failing_task_stops_no_other_and_its_next_slot_comes(monkeypatch):
    ran = []
    bad = Task("bad", clock.every(60), lambda now: ran.append("bad") or 1 / 0)
    monkeypatch.setattr(clock, "TASKS", (bad, Task("good", clock.every(60), lambda now: ran.append("good"))))
    monkeypatch.setattr(clock, "_taken", {})
    clock.tick(NOON)
    clock.tick(NOON + dt.timedelta(seconds=60))
    assert ran == ["bad", "good"] * 2


@pytest.mark.parametrize(("hour", "minute", "slot"), [(22, 59, None), (23, 0, "2026-11-22"), (20, 30, None)])
def test_the_night_begins_at_half_past_two_in_tehran(hour, minute, slot):
    assert clock.nightly(NOON.replace(hour=hour, minute=minute)) == slot


def test_the_real_tasks_open_courses_and_purge_what_is_over(monkeypatch):
    monkeypatch.setattr(clock, "_taken", {})
    course = make.course(status="approved")
    noon = utcnow().replace(hour=12)  # in Tehran the books of this night are due
    past = noon - dt.timedelta(hours=2)
    owner = make.user()
    make.save(HeldPost(user_id=owner.id, token_hash="x", sealed="", created_at=past, expires_at=past))
    make.save(CronRun(name="old", slot="1", at=past - dt.timedelta(days=3)))
    make.save(EnrollmentDraft(key="k", user_id=owner.id, updated_at=past - dt.timedelta(days=31)))
    form = {"key": "k", "user_id": owner.id, "fingerprint": "", "location": ""}
    make.save(FormSubmission(**form, at=past - dt.timedelta(days=91)))
    clock.tick(noon)
    for thread in threading.enumerate():
        if thread.name in {task.name for task in clock.TASKS}:
            thread.join(120)
    db.session.refresh(course)
    left = {model: db.session.query(model).count() for model in (HeldPost, EnrollmentDraft, FormSubmission)}
    assert (course.status, left) == ("open", dict.fromkeys(left, 0))
    assert "old" not in set(db.session.scalars(select(CronRun.name)))
    assert books.last_count() == checking.last_count() == 0
