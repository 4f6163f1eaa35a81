"""Waiting for a seat: who is offered one and until when, and that nobody else gets it."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import select, update

from models import (
    AuditEvent,
    Channel,
    Course,
    CourseStatus,
    DebitSource,
    Enrollment,
    Message,
    Policy,
    Role,
    WaitlistEntry,
    WaitState,
    db,
    utcnow,
)
from services import books, catalog, courses, enrollment, jalali, ledger, policy
from services.catalog import Search
from services.enrollment import AlreadyEnrolled, Application, CourseFull, CourseNotOpen, NotEligible, moving, reversal
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from services.waiting import joining, quiet, reading, ticking
from services.waiting.joining import Asking, HasRoom
from services.waiting.offering import OfferOver
from tests import change_cases as changes
from tests import course_cases as cases
from tests import fakes, make, owed

HOUR = dt.timedelta(hours=1)
S = WaitState


@pytest.fixture(autouse=True)
def people():
    """Staff of a center, and the fee of all courses."""
    return changes.staff()


def application(course, person, **over) -> Application:
    values = {"channel": Channel.SELF, "debit_source": DebitSource.TRAINEE, "payer": ledger.owner_of(person)}
    form = {"form_key": str(uuid.uuid4()), "course_id": course.id, "person_id": person.id}
    return Application(**{**form, **values, **over})


def rich(**values):
    """A person whose credit is enough for two enrollments."""
    person = make.person(**values)
    make.purse(person, 100_000)
    return person


def test_a_held_seat_is_nobody_elses_wherever_seats_are_counted_shown_or_taken():
    course, other = make.course(taken=14, held=1), make.course(capacity_max=1)
    assert (course.seats_left, [row.title for row in catalog.find(Search(only_free=True), utcnow()).rows]) == (
        0, [other.title],
    )  # fmt: skip
    assert [row.id for row in catalog.similar(other, utcnow())] == []
    with pytest.raises(CourseFull):
        enrollment.enroll(application(course, rich()))
    with pytest.raises(CourseFull):  # and past the first look
        enrollment.commit.take_seat(course.id, rich().id, 1)
    with pytest.raises(moving.Unsettled):
        moving.seat(course, 1)
    assert db.session.scalars(db.select(type(course).id).where(courses.has_room())).all() == [other.id]


# -- The line ----------------------------------------------------------------------


def full(seats: int = 1, **over) -> tuple[Course, list[int]]:
    """A course without a free seat, and its enrollments."""
    course = make.course(capacity_max=seats, **over)
    return course, [enrollment.enroll(application(course, rich())).enrollment_id for _ in range(seats)]


def wait(course, person=None, **over) -> int:
    person = person or rich()
    return joining.join(Asking(str(uuid.uuid4()), course.id, person.id, Channel.SELF, **over)).entry_id


def leave(enrollment_id: int) -> None:
    row = db.session.get_one(Enrollment, enrollment_id)
    reversal.withdraw(row.person, enrollment_id)


def states(*entries: int) -> list[WaitState]:
    db.session.rollback()
    found = dict(db.session.execute(select(WaitlistEntry.id, WaitlistEntry.state)).all())
    return [found[each] for each in entries]


def person_of(entry: int):
    return db.session.get_one(WaitlistEntry, entry).person


def pass_time(entry: int) -> None:
    """The offer of an entry has ended by its time, and no clock has looked yet."""
    db.session.execute(update(WaitlistEntry).where(WaitlistEntry.id == entry).values(offer_until=utcnow() - HOUR))
    db.session.commit()


def right(course) -> bool:
    """The books are, and no seat of the course is free while somebody waits."""
    db.session.expire_all()
    waits = db.session.scalar(select(WaitlistEntry.id).where(WaitlistEntry.state == S.WAITING).limit(1))
    return books.differences().count == 0 and not (waits and db.session.get_one(Course, course.id).seats_left)


def told(*templates: str) -> list[str]:
    rows = db.session.scalars(select(Message.template).where(Message.template.in_(templates)).order_by(Message.id))
    return list(rows)


def test_a_freed_seat_is_the_next_ones_for_two_days_and_nobody_else_gets_it():
    course, (row,) = full()
    first, second = wait(course), wait(course)
    leave(row)
    assert states(first, second) == [S.OFFERED, S.WAITING]
    entry = db.session.get_one(WaitlistEntry, first)
    assert abs(entry.offer_until - quiet.over(utcnow(), 22, 7) - 48 * HOUR) < HOUR
    for stranger in (rich(), person_of(second)):
        with pytest.raises(CourseFull):
            enrollment.enroll(application(course, stranger))
    made = enrollment.enroll(application(course, person_of(first)))
    entry = db.session.get_one(WaitlistEntry, first, populate_existing=True)
    assert (entry.state, entry.enrollment_id) == (S.TAKEN, made.enrollment_id)
    assert (states(second), right(course)) == ([S.WAITING], True)
    assert told("seat_offered") == ["seat_offered"]


def test_an_offer_that_passes_or_is_given_up_goes_to_the_next_one_and_out_of_the_line_at_last():
    course, (row,) = full()
    entries = [wait(course) for _ in range(3)]
    leave(row)
    pass_time(entries[0])
    with pytest.raises(CourseFull):  # before any clock has looked
        enrollment.enroll(application(course, person_of(entries[0])))
    assert (ticking.tick(utcnow()), ticking.tick(utcnow())) == (1, 0)
    assert states(*entries) == [S.EXPIRED, S.OFFERED, S.WAITING]
    assert [joining.leave(person_of(entries[1]), entries[1]) for _ in range(2)] == [True, False]
    assert states(*entries) == [S.EXPIRED, S.LEFT, S.OFFERED]
    again = wait(course, person_of(entries[0]))
    joining.leave(person_of(entries[2]), entries[2])
    assert states(again) == [S.OFFERED]
    joining.leave(person_of(again), again)
    assert (right(course), db.session.get_one(Course, course.id).seats_left) == (True, 1)
    enrollment.enroll(application(course, rich()))


def test_an_offer_that_is_given_up_between_the_look_and_the_seat_is_refused_and_leaves_nothing(monkeypatch):
    course, (row,) = full()
    first, second = wait(course), wait(course)
    leave(row)
    person, taking = person_of(first), enrollment.commit.take_seat

    def given_up_meanwhile(*asked):
        joining.leave(person, first)
        taking(*asked)

    monkeypatch.setattr(enrollment.commit, "take_seat", given_up_meanwhile)
    with pytest.raises(OfferOver):
        enrollment.enroll(application(course, person))
    assert (states(first, second), right(course)) == ([S.OFFERED, S.WAITING], True)  # all of it was undone


def test_places_are_counted_in_the_order_of_joining_and_the_same_person_keeps_theirs():
    course, _ = full()
    person = rich()
    entries = [wait(course), wait(course, person), wait(course)]
    again = joining.join(Asking(str(uuid.uuid4()), course.id, person.id, Channel.SELF))
    assert (again.entry_id, again.place, again.is_new) == (entries[1], 2, False)
    (standing,) = reading.of_person(person, utcnow())
    assert (standing.place, standing.total) == (2, 3)
    joining.leave(person_of(entries[0]), entries[0])
    assert reading.of_person(person, utcnow())[0].place == 1
    with pytest.raises(OutsideTerritory):
        joining.leave(person, entries[2])


def test_nobody_waits_for_what_is_there_shut_theirs_already_or_barred_nor_in_too_many_lines():
    course, (row,) = full()
    with pytest.raises(HasRoom):
        wait(make.course())
    with pytest.raises(CourseNotOpen):
        wait(make.course(taken=15, enroll_open_at=utcnow() + HOUR))
    with pytest.raises(AlreadyEnrolled):
        wait(course, db.session.get_one(Enrollment, row).person)
    with pytest.raises(NotEligible):
        wait(full(gender="female")[0], rich(gender="male"))
    make.save(Policy(name="waitlist_most", scope="*", value=1, valid_from=dt.date(2026, 1, 1)))
    person = rich()
    wait(course, person)
    with pytest.raises(DomainError, match="فهرست انتظار"):
        wait(full()[0], person)


# -- Out of turn -------------------------------------------------------------------


def test_the_manager_lets_somebody_ahead_with_a_reason_that_stays_and_takes_no_offer_away(people):
    course, rows = full(2, unit_=people.unit)
    offered, second, third = (wait(course) for _ in range(3))
    leave(rows[0])
    with pytest.raises(NotAllowed):
        joining.let_ahead(people.clerk, third, "مادر دو فرزند")
    with pytest.raises(OutsideTerritory):
        joining.let_ahead(cases.staff(Role.MANAGER, make.unit()), third, "دلیل")
    with pytest.raises(DomainError, match="دلیل"):
        joining.let_ahead(people.manager, third, " ")
    assert [joining.let_ahead(people.manager, third, "مادر دو فرزند") for _ in range(2)] == [True, False]
    assert (states(offered, second, third), reading.place_of(third)) == ([S.OFFERED, S.WAITING, S.WAITING], 1)
    leave(rows[1])
    assert states(offered, second, third) == [S.OFFERED, S.WAITING, S.OFFERED]
    entry = db.session.get_one(WaitlistEntry, third)
    assert (entry.ahead_reason, entry.ahead_by_id) == ("مادر دو فرزند", people.manager.user_id)
    acts = select(AuditEvent.actor_id).where(AuditEvent.action == "waitlist_let_ahead")
    assert db.session.scalars(acts).all() == [people.manager.user_id]
    with pytest.raises(Conflict):
        joining.let_ahead(people.manager, offered, "دلیل")
    assert [joining.remove(people.clerk, third, "تلفنی گفت نمی‌آید") for _ in range(2)] == [True, False]
    assert (states(second, third), right(course)) == ([S.OFFERED, S.LEFT], True)


# -- The course changes under the line -----------------------------------------------


def test_a_larger_course_offers_its_new_seats_and_a_smaller_one_takes_the_last_offers_back(people):
    course = changes.live(people.unit, capacity_max=2, capacity_min=1)
    rows = [changes.enroll(course) for _ in range(2)]
    entries = [wait(course, make.person()) for _ in range(3)]
    leave(rows[0])
    approved(people, course, capacity_max=4)
    assert states(*entries) == [S.OFFERED, S.OFFERED, S.OFFERED]
    assert right(course)
    approved(people, course, capacity_max=2)
    assert (states(*entries), changes.odd()) == ([S.OFFERED, S.WAITING, S.WAITING], [])
    assert told("seat_offer_taken_back") == ["seat_offer_taken_back"] * 2
    approved(people, course, capacity_max=3)
    assert (states(*entries), right(course)) == ([S.OFFERED, S.OFFERED, S.WAITING], True)


def approved(people, course, **values) -> None:
    db.session.expire_all()
    change = changes.course_changes.edit(people.clerk, changes.key(), course.id, changes.wish(course, **values)).change
    changes.through(people, change.id)


@pytest.mark.parametrize("over", ["canceled", "closed", "its hour"])
def test_a_course_that_takes_nobody_any_more_has_no_line_and_everybody_is_told_once(over):
    course, (row,) = full()
    first, second = wait(course), wait(course)
    leave(row)
    values = {
        "canceled": {"status": CourseStatus.CANCELED},
        "closed": {"status": CourseStatus.CLOSED},
        "its hour": {"enroll_close_at": utcnow() - dt.timedelta(seconds=1)},
    }[over]
    db.session.execute(update(Course).values(**values))
    db.session.commit()
    with pytest.raises(enrollment.CourseNotOpen):
        enrollment.enroll(application(course, person_of(first)))
    assert (ticking.tick(utcnow()), ticking.tick(utcnow())) == (1, 0)
    assert (states(first, second), db.session.get_one(Course, course.id).held) == ([S.CLOSED, S.CLOSED], 0)
    assert told("waitlist_closed") == ["waitlist_closed"] * 2


def test_an_offer_never_runs_longer_than_the_enrollment_of_its_course():
    soon = utcnow() + HOUR
    course, (row,) = full(enroll_close_at=soon)
    entry = wait(course)
    leave(row)
    assert db.session.get_one(WaitlistEntry, entry).offer_until == soon


def test_who_got_in_by_another_way_waits_no_more_and_the_seat_goes_on():
    course, rows = full(2)
    first, second = wait(course), wait(course)
    leave(rows[0])
    held = db.session.get_one(WaitlistEntry, first)
    other = make.course()
    by_hand = enrollment.enroll(application(other, held.person)).enrollment_id
    db.session.execute(update(Enrollment).where(Enrollment.id == by_hand).values(course_id=course.id))
    db.session.execute(update(Course).where(Course.id == other.id).values(taken=0))
    db.session.execute(update(Course).where(Course.id == course.id).values(taken=2, held=0))
    db.session.commit()
    assert ticking.tick(utcnow()) == 1
    assert (states(first, second), right(course)) == ([S.TAKEN, S.WAITING], True)


# -- Quiet hours -----------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(("hour", "rule", "until"), [
    ("21:59", (22, 7), None), ("22:00", (22, 7), "07:00+1"), ("06:59", (22, 7), "07:00"), ("07:00", (22, 7), None),
    ("13:30", (13, 15), "15:00"), ("15:00", (13, 15), None), ("23:00", (5, 5), None),
])  # fmt: skip
def test_quiet_hours_end_at_their_end_on_either_side_of_midnight(hour, rule, until):
    day = dt.date(2026, 11, 22)
    now = jalali.from_tehran(day, dt.time.fromisoformat(hour))
    clock, _, later = (until or hour).partition("+")
    end = jalali.from_tehran(day + dt.timedelta(days=int(later or 0)), dt.time.fromisoformat(clock))
    assert quiet.over(now, *rule) == end


def ruled(begin: int, end: int) -> None:
    today = {"scope": "*", "valid_from": policy.today()}
    make.save(Policy(name=quiet.FROM, value=begin % 24, **today))
    make.save(Policy(name=quiet.TO, value=end % 24, **today))


def test_at_night_an_offer_is_not_told_and_its_time_runs_from_the_morning_on(app):
    hour = jalali.tehran(utcnow()).hour
    ruled(hour, hour + 3)
    course, (row,) = full()
    entry = wait(course, rich(mobile="09121234567", mobile_status="matched"))
    leave(row)
    phones = fakes.Phones()
    with fakes.installed(app, sms=phones):
        owed.run("sms")
    told_of = db.session.scalars(select(Message).filter_by(template="seat_offered")).one()
    held = next(row for row in owed.rows("sms") if row.ref_id == told_of.id)
    assert (told_of.state, held.last_error) == ("queued", "quiet_hours")
    assert not any("جایی برای شما" in words for _, words in phones.texts.values())
    until = db.session.get_one(WaitlistEntry, entry).offer_until
    assert until - utcnow() > 49 * HOUR
    assert abs(until - held.next_try_at - 48 * HOUR) < HOUR


def test_an_offer_that_is_gone_by_the_morning_is_not_told(app):
    hour = jalali.tehran(utcnow()).hour
    ruled(hour, hour)
    course, (row,) = full()
    entry = wait(course, rich(mobile="09121234567", mobile_status="matched"))
    leave(row)
    pass_time(entry)
    with fakes.installed(app, sms=fakes.Phones()):
        owed.run("sms")
    told_of = db.session.scalars(select(Message).filter_by(template="seat_offered")).one()
    assert (told_of.state, told_of.suppressed_reason) == ("suppressed", "too_late")
