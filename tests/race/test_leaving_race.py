"""Who leaves, who is sent away and who is said to have completed, all at once: one end, and the money once."""

import uuid
from functools import partial

import pytest
from sqlalchemy import ColumnElement, func, select

from models import Completion, CourseStatus, EndCause, Enrollment, EnrollmentEvent, LedgerTransfer, Message, Role, db
from services import enrollment, ledger
from services.access import Actor
from services.enrollment import completion, reversal
from tests import change_cases as changes
from tests import course_cases as cases
from tests.race.crowd import storm

PEOPLE = 4
C = Completion
WHY = "در مصاحبه پذیرفته نشد"


@pytest.fixture
def people():
    return changes.staff()


def leave(enrollment_id: int) -> str:
    row = db.session.get_one(Enrollment, enrollment_id)
    reversal.withdraw(row.person, enrollment_id)
    return "left"


def send_away(clerk: Actor, enrollment_id: int) -> str:
    return enrollment.end(clerk, enrollment_id, EndCause.CENTER, WHY).end_cause.value


def say(who: Actor, course_id: int, word: Completion, ids: list[int]) -> str:
    """What a page says that was shown before anything was said."""
    return f"{word.value} {completion.say(who, course_id, dict.fromkeys(ids), dict.fromkeys(ids, word))}"


def count(of: type, **values: str) -> int:
    return db.session.scalar(select(func.count()).select_from(of).filter_by(**values))


# -- The center and the person -----------------------------------------------------


def test_of_the_centers_end_and_the_persons_withdrawal_one_counts_and_the_money_comes_back_once(app, people):
    rows = changes.fill(changes.live(people.unit), PEOPLE)
    acts = [act for row in rows for act in (partial(leave, row), partial(send_away, people.clerk, row)) * 2]
    seen = storm(app, lambda act: act(), acts)
    assert set(seen) <= {"left", "center", "Conflict"}
    assert seen["left"] == 2 * PEOPLE
    assert changes.odd() == []
    assert [changes.balance_of(row) for row in rows] == [changes.FEE] * PEOPLE
    ends = EnrollmentEvent.action.in_(("withdraw", "center"))
    assert db.session.scalar(select(func.count()).where(ends)) == PEOPLE
    assert count(Message, template="enrollment_canceled") == PEOPLE


def test_control_without_look_key_and_cause_both_end_it_and_the_money_comes_back_twice(app, people, monkeypatch):
    row = changes.enroll(changes.live(people.unit))
    monkeypatch.setattr(reversal, "_still", lambda cause: (Enrollment.id > 0,))
    monkeypatch.setattr(reversal.messages, "tell", lambda *_, **__: None)  # whose key would refuse the second end
    monkeypatch.setattr(reversal, "free_seat", lambda course_id: None)  # whose seats would not go below none
    monkeypatch.setattr(ledger, "Cause", _with_a_key_of_its_own(ledger.Cause))
    seen = storm(app, lambda act: act(), [partial(leave, row), partial(send_away, people.clerk, row)])
    assert seen["left"] == 1
    assert changes.balance_of(row) == 2 * changes.FEE


def _with_a_key_of_its_own(cause):
    return lambda key, *rest, **more: cause(str(uuid.uuid4()), *rest, **more)


# -- What is said of them when the course is over -----------------------------------


@pytest.fixture
def over(people):
    """A course that its center has just ended, and its people, whose browsers still show the way out."""
    course = changes.live(people.unit)
    ids = changes.fill(course, PEOPLE)
    course.status = CourseStatus.FINISHED
    db.session.commit()
    return course.id, ids


@pytest.fixture
def as_seen_before(monkeypatch):
    """Whoever leaves has looked a moment before the course was ended."""
    monkeypatch.setattr(reversal.leaving, "is_over", lambda row: False)


def clashing() -> int:
    """How many have left a course and completed it."""
    db.session.rollback()
    both = (Enrollment.canceled_at.is_not(None), Enrollment.completion.is_not(None))
    return db.session.scalar(select(func.count()).select_from(Enrollment).where(*both))


def test_of_two_who_say_how_a_course_ended_one_stands_whole_and_the_other_is_told_who(app, people, over):
    course, ids = over
    other = cases.staff(Role.CLERK, people.unit)
    acts = [partial(say, people.clerk, course, C.COMPLETED, ids), partial(say, other, course, C.INCOMPLETE, ids)]
    seen = storm(app, lambda act: act(), acts)
    assert seen["Conflict"] == 1
    words = {row.completion for row in db.session.query(Enrollment)}
    assert f"{words.pop().value} {PEOPLE}" in seen
    assert not words
    events = EnrollmentEvent.action.in_(("completed", "not_completed"))
    assert db.session.scalar(select(func.count()).where(events)) == PEOPLE


def test_control_with_what_the_page_had_shown_for_what_stands_the_second_word_silently_replaces_the_first(
    app, people, over, monkeypatch
):
    course, ids = over
    monkeypatch.setattr(completion, "_held", lambda course_id: dict.fromkeys(ids))
    other = cases.staff(Role.CLERK, people.unit)
    acts = [partial(say, people.clerk, course, C.COMPLETED, ids), partial(say, other, course, C.INCOMPLETE, ids)]
    assert storm(app, lambda act: act(), acts)["Conflict"] == 0


@pytest.mark.usefixtures("as_seen_before")
def test_nobody_both_leaves_a_course_with_the_money_and_completes_it(app, people, over):
    course, ids = over
    acts = [partial(leave, row) for row in ids] + [
        partial(say, people.clerk, course, C.COMPLETED, [row]) for row in ids
    ]
    seen = storm(app, lambda act: act(), acts)
    assert seen["left"] + seen["completed 1"] == seen["Conflict"] == PEOPLE
    assert (clashing(), changes.odd()) == (0, [])


@pytest.mark.usefixtures("as_seen_before")
def test_control_without_the_look_at_the_word_somebody_completes_a_course_and_has_the_money_back(
    app, people, over, monkeypatch
):
    def whatever_is_said(cause: EndCause) -> tuple[ColumnElement[bool], ...]:
        return (Enrollment.status == "active",)

    monkeypatch.setattr(reversal, "_still", whatever_is_said)
    course, (row, *_) = over
    say(people.clerk, course, C.COMPLETED, [row])
    leave(row)
    assert clashing() == 1
    assert count(LedgerTransfer, kind="refund") == 1
