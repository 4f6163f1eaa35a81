"""What is counted after a storm notices each guard that is taken away."""

import contextlib

import pytest
from sqlalchemy import update

from bench import reckoning, storm
from models import WaitlistEntry, db, utcnow
from services.enrollment import commit, reversal
from services.errors import DomainError
from services.waiting import offering, telling, ticking
from tests import make
from tests.race.test_waiting_race import enroll, full, leave

pytestmark = pytest.mark.once  # the queries themselves run after every storm, on both databases

# What stands guard, and what is found when it is away.
GUARDS = [
    (reversal, "_give_back", "an ended enrollment without exactly one refund, or another with one"),
    (reversal, "_give_back", "a purse that does not hold what came to it, less the fees of those who are enrolled"),
    (offering, "_hold", "a held seat without its offer"),
    (offering, "settle_locked", "a free seat for which somebody waits"),
    (telling, "offered", "an offer without exactly one message, or one that has passed"),
    (reversal.messages, "tell", "an enrollment without exactly one message for each thing"),
]


@pytest.fixture
def line(app):
    """A course of two seats, its two enrollments, and the three entries of its line."""
    make.tariff(50_000)
    return full(2, 3)


def played(line) -> list[str]:
    """Two leave the course, one offer passes and one is taken, where it can be; then it is counted."""
    course, rows, entries = line
    for row in rows:
        leave(row)
    db.session.execute(update(WaitlistEntry).where(WaitlistEntry.id == entries[0]).values(offer_until=utcnow()))
    db.session.commit()
    ticking.tick(utcnow())
    with contextlib.suppress(DomainError):
        enroll(course, db.session.get_one(WaitlistEntry, entries[1]).person_id)
    return counted()


def counted() -> list[str]:
    """What is broken, but for what is still to be sent: nothing sends here."""
    return [name for name in reckoning.broken_invariants() if not name.startswith("something owed")]


def test_a_line_whose_offers_pass_and_are_taken_adds_up(line):
    assert played(line) == []
    taken = db.session.get_one(WaitlistEntry, line[2][1]).person
    assert list(storm.paid()) == [(taken.national_code, line[0], taken.national_code, 50_000)]
    assert reckoning.unsent() > reckoning.sent() == 0


@pytest.mark.parametrize(("where", "name", "found"), GUARDS)
def test_control_without_a_guard_the_count_names_what_is_broken(line, monkeypatch, where, name, found):
    monkeypatch.setattr(where, name, lambda *_, **__: None)
    assert any(each.startswith(found) for each in played(line))


def test_control_a_line_that_is_served_from_its_end_is_noticed(line, monkeypatch):
    monkeypatch.setattr(offering, "ORDER", (WaitlistEntry.id.desc(),))
    assert "somebody passed over in a line" in played(line)


def test_control_seats_that_are_sold_without_being_taken_are_noticed(line, monkeypatch):
    monkeypatch.setattr(commit, "take_seat", lambda *_: None)
    assert "a seat counter that is not the number of enrollments" in played(line)
