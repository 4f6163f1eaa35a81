"""People come and go while a course is canceled, merged or made smaller: no seat and no rial is lost or made."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from models import Course, CourseStatus, Enrollment, EnrollmentStatus, Message, Role, db
from services import course_changes, enrollment
from services.access import Actor, Visitor
from services.enrollment import moving
from services.transaction import atomic
from tests import change_cases as changes
from tests import course_cases as cases
from tests import make
from tests.race.crowd import storm

CROWD = 12
FEE = changes.FEE
Act = Callable[[], object]


@pytest.fixture
def people() -> changes.Staff:
    return changes.staff()


def run(act: Act) -> str:
    act()
    return "done"


def enrolling(course: Course, payer=None) -> Act:
    """One more person who enrolls, with the money that it takes."""
    person, source = make.person(), payer
    purse = source or person
    make.purse(purse, FEE)
    form = changes.application(course, person, payer)
    return lambda: enrollment.enroll(form)


def withdrawing(enrollment_id: int) -> Act:
    person_id = db.session.get_one(Enrollment, enrollment_id).person_id
    who = Visitor(person_id, None, None, None, None, None)  # rows of this session are not for other threads
    return lambda: enrollment.withdraw(who, enrollment_id)


def canceling(who: Actor, course: Course, other: Course | None = None) -> Act:
    course_id, wish, form = course.id, changes.wish(course, other=other), changes.key()
    return lambda: course_changes.cancel(who, form, course_id, wish)


def is_over(course: Course) -> bool:
    return db.session.get_one(Course, course.id, populate_existing=True).status is CourseStatus.CANCELED


def told_twice() -> list[int]:
    """People who were told of one course more than once that it ended."""
    ended = db.session.scalars(select(Message.enrollment_id).where(Message.template == "course_canceled")).all()
    return sorted({each for each in ended if ended.count(each) > 1})


def test_whoever_enrolls_or_withdraws_while_the_course_is_canceled_has_their_money_and_no_seat(app, people):
    course, payer = changes.live(people.unit, capacity_max=20), make.person()
    came = [changes.enroll(course, payer=payer if n % 2 else None) for n in range(6)]
    acts = [enrolling(course, payer if n % 2 else None) for n in range(CROWD)]
    acts += [withdrawing(came[0]), withdrawing(came[1])]
    other = cases.staff(Role.REVIEWER, cases.office())
    seen = storm(app, run, [canceling(people.reviewer, course), canceling(other, course), *acts])
    assert is_over(course), seen
    assert changes.odd() == []
    assert told_twice() == []
    assert seen["IntegrityError"] == seen["OperationalError"] == seen["DBAPIError"] == 0, seen
    assert not db.session.scalars(select(Enrollment).where(Enrollment.status == EnrollmentStatus.ACTIVE)).all()


def test_two_courses_that_take_each_other_in_while_both_are_gone_for_keep_every_seat_and_rial(app, people):
    one, two = changes.live(people.unit), changes.live(people.unit)
    changes.fill(one, 5)
    back = changes.fill(two, 5)
    acts = [enrolling(each) for each in (one, two) for _ in range(4)] + [withdrawing(back[0])]
    seen = storm(app, run, [canceling(people.reviewer, one, two), canceling(people.reviewer, two, one), *acts])
    assert changes.odd() == []
    assert sum(is_over(each) for each in (one, two)) == 1, seen
    assert seen["IntegrityError"] == seen["OperationalError"] == seen["Conflict"] == 0, seen


def test_a_course_made_smaller_while_people_come_is_never_fuller_than_it_may_be(app, people):
    course = changes.live(people.unit, capacity_max=10)
    came = changes.fill(course, 6)
    asked = course_changes.edit(
        people.clerk, changes.key(), course.id, changes.wish(course, capacity_min=1, capacity_max=4)
    )
    course_changes.decide(people.manager, asked.change.id, 1, "approve")
    change_id, reviewer = asked.change.id, people.reviewer
    deciding = [lambda: course_changes.decide(reviewer, change_id, 2, "approve")] * 3
    seen = storm(app, run, [*deciding, *(enrolling(course) for _ in range(CROWD)), withdrawing(came[0])])
    assert changes.odd() == []
    assert db.session.get_one(Course, course.id).capacity_max == 4
    assert seen["IntegrityError"] == seen["OperationalError"] == 0, seen


def naive(course_id: int, enter: Callable[[], object]) -> None:
    """Canceling as it is ordinarily written: who is there is read first. The real one asks again in its UPDATE."""
    course = db.session.get_one(Course, course_id)
    leaving = moving.look(course, None)
    db.session.commit()
    late = threading.Thread(target=enter)
    late.start()
    late.join()
    with atomic():
        moving.settle(1, course, leaving, "")
        db.session.execute(
            update(Course)
            .where(Course.id == course_id)
            .values(status="canceled", taken=Course.taken - len(leaving.everybody))
        )


def test_control_without_the_condition_somebody_stays_in_a_course_that_is_over(app, people):
    course = changes.live(people.unit)
    changes.fill(course, 2)
    enter = enrolling(course)

    def in_a_session_of_its_own() -> None:
        with app.app_context():
            enter()
            db.session.remove()

    naive(course.id, in_a_session_of_its_own)
    assert len(changes.odd()) == 1, "the attack no longer works, so the tests above prove nothing"
