"""Many at once at the waiting list of a course: each seat once, to whom it was offered, in the order of the line."""

import random
import threading
import uuid
from functools import partial

import pytest
from sqlalchemy import select, update

from models import Channel, Course, DebitSource, Enrollment, Person, WaitlistEntry, WaitState, db, utcnow
from services import books, enrollment, ledger
from services.enrollment import Application, reversal
from services.transaction import atomic
from services.waiting import joining, offering, ticking
from services.waiting.joining import Asking
from tests import make
from tests.race.crowd import storm

CROWD = 16
S = WaitState


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


def rich() -> int:
    person = make.person()
    make.purse(person, 50_000)
    return person.id


def enroll(course_id: int, person_id: int) -> str:
    person = db.session.get_one(Person, person_id)
    paid = {"channel": Channel.SELF, "debit_source": DebitSource.TRAINEE, "payer": ledger.owner_of(person)}
    form = Application(form_key=str(uuid.uuid4()), course_id=course_id, person_id=person_id, **paid)
    return "repeated" if enrollment.enroll(form).repeated else "enrolled"


def join(course_id: int, person_id: int) -> str:
    asking = Asking(str(uuid.uuid4()), course_id, person_id, Channel.SELF)
    return "joined" if joining.join(asking).is_new else "stood"


def leave(enrollment_id: int) -> str:
    row = db.session.get_one(Enrollment, enrollment_id)
    reversal.withdraw(row.person, enrollment_id)
    return "left"


def full(seats: int, lined: int) -> tuple[int, list[int], list[int]]:
    """A full course, its enrollments and the entries of its line."""
    course = make.course(capacity_max=seats).id
    for person in [rich() for _ in range(seats)]:
        enroll(course, person)
    for person in [rich() for _ in range(lined)]:
        join(course, person)
    rows = db.session.scalars(select(Enrollment.id).order_by(Enrollment.id)).all()
    return course, list(rows), list(db.session.scalars(select(WaitlistEntry.id).order_by(WaitlistEntry.id)))


def line_is_right(course_id: int) -> bool:
    """Seats and money add up, no seat is free while somebody waits, and nobody who waits was passed over."""
    db.session.rollback()
    db.session.expire_all()
    course = db.session.get_one(Course, course_id)
    entries = db.session.scalars(select(WaitlistEntry).order_by(WaitlistEntry.id)).all()
    first = next((each.id for each in entries if each.state is S.WAITING), None)
    idle = first is not None and course.seats_left > 0
    passed_over = [each for each in entries if first is not None and each.id > first and each.state is not S.WAITING]
    return books.differences().count == 0 and not idle and all(each.state is S.LEFT for each in passed_over)


def states() -> list[WaitState]:
    db.session.rollback()
    return list(db.session.scalars(select(WaitlistEntry.state).order_by(WaitlistEntry.id)))


def test_seats_freed_in_a_rush_of_strangers_go_to_the_line_alone(app):
    course, rows, _ = full(4, 8)
    strangers = [partial(enroll, course, rich()) for _ in range(CROWD - 4)]
    seen = storm(app, lambda act: act(), [*strangers, *(partial(leave, row) for row in rows)])
    assert seen == {"left": 4, "CourseFull": CROWD - 4}
    assert states() == [S.OFFERED] * 4 + [S.WAITING] * 4
    assert line_is_right(course)


def test_an_offer_that_is_taken_by_sixteen_presses_is_one_seat(app):
    course, (row,), _ = full(1, 1)
    leave(row)
    person = db.session.scalar(select(WaitlistEntry.person_id))
    seen = storm(app, lambda _: enroll(course, person), range(CROWD))
    assert seen["enrolled"] == 1
    assert set(seen) <= {"enrolled", "AlreadyEnrolled", "CourseFull"}
    assert (states(), line_is_right(course)) == ([S.TAKEN], True)


def test_offers_that_pass_while_they_are_taken_given_up_and_settled_by_many_clocks_hold_no_seat_twice(app):
    course, rows, entries = full(6, CROWD)
    for row in rows:
        leave(row)
    late = utcnow()
    people = dict(db.session.execute(select(WaitlistEntry.id, WaitlistEntry.person_id)).all())
    over = update(WaitlistEntry).where(WaitlistEntry.id.in_(entries[:3])).values(offer_until=late)
    db.session.execute(over)
    db.session.commit()
    acts = [partial(enroll, course, people[entry]) for entry in entries[:6]]
    acts += [lambda entry=entry: joining.leave(_visitor(people[entry]), entry) for entry in entries[4:8]]
    acts += [lambda: ticking.tick(utcnow()) and "ticked" for _ in range(4)]
    acts += [partial(join, course, rich()) for _ in range(4)]
    random.Random(7).shuffle(acts)  # noqa: S311 (a mix that is the same each time)
    seen = storm(app, lambda act: act(), acts)
    assert set(seen) <= {"enrolled", "CourseFull", "OfferOver", "True", "False", "ticked", "0", "joined"}
    assert seen["enrolled"] >= 1
    found = states()
    assert found[:3] == [S.EXPIRED] * 3
    assert (found[3], line_is_right(course)) == (S.TAKEN, True)
    ticking.tick(utcnow())
    assert line_is_right(course)


def _visitor(person_id: int):
    return db.session.get_one(Person, person_id)


def test_sixteen_who_join_at_once_while_the_seat_is_freed_stand_in_one_order_and_the_first_is_offered_it(app):
    course, (row,), _ = full(1, 0)
    seen = storm(app, lambda act: act(), [
        *(partial(join, course, rich()) for _ in range(CROWD - 1)), partial(leave, row),
    ])  # fmt: skip
    assert seen["left"] == 1
    assert seen["joined"] + seen["HasRoom"] == CROWD - 1
    assert line_is_right(course)
    if seen["joined"]:
        assert states()[0] is S.OFFERED


def test_one_person_who_joins_by_sixteen_tabs_has_one_place(app):
    course, _, _ = full(1, 1)
    person = rich()
    assert storm(app, lambda _: join(course, person), range(CROWD)) == {"joined": 1, "stood": CROWD - 1}
    assert states() == [S.WAITING] * 2


# -- Controls ------------------------------------------------------------------------


def test_control_without_the_held_seat_a_stranger_takes_what_was_offered(app, monkeypatch):
    monkeypatch.setattr(offering, "_hold", lambda *_: None)
    monkeypatch.setattr(offering.telling, "offered", lambda *_: None)
    course, rows, _ = full(4, 8)
    strangers = [partial(enroll, course, rich()) for _ in range(CROWD - 4)]
    for row in rows:
        leave(row)
    assert storm(app, lambda act: act(), strangers)["enrolled"] == 4
    assert not line_is_right(course)


def test_control_without_the_offer_in_the_moment_of_freeing_strangers_pass_the_line(app, monkeypatch):
    course, rows, _ = full(4, 8)
    monkeypatch.setattr(offering, "settle_locked", lambda row: None)
    for row in rows:
        leave(row)
    strangers = [rich() for _ in range(CROWD)]
    assert storm(app, lambda person: enroll(course, person), strangers)["enrolled"] == 4
    assert states() == [S.WAITING] * 8


def test_control_without_the_lock_of_the_course_many_clocks_offer_one_seat_many_times(app, monkeypatch):
    course, (row,), _ = full(1, CROWD)
    monkeypatch.setattr(offering, "settle_locked", lambda row: None)
    leave(row)
    all_have_read = threading.Barrier(CROWD)

    def settle_naively(_: int) -> int:
        """Read, decide, write; nothing stands between the look at the seats and the offer."""
        free = db.session.get_one(Course, course).seats_left
        db.session.commit()
        all_have_read.wait(60)
        with atomic():
            waiting = select(WaitlistEntry.id).where(WaitlistEntry.state == S.WAITING).order_by(WaitlistEntry.id)
            for entry_id in db.session.scalars(waiting.limit(free)).all():
                turn = update(WaitlistEntry).where(WaitlistEntry.id == entry_id)
                db.session.execute(turn.values(state=S.OFFERED, offer_until=utcnow(), offered_at=utcnow()))
            db.session.execute(update(Course).values(held=free))
        return free

    assert storm(app, settle_naively, range(CROWD)) == {"1": CROWD}
    assert states().count(S.OFFERED) > 1
    assert not line_is_right(course)
