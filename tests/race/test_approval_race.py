"""Many decide on one course at once: one decision counts, with a control that shows the attack is real."""

import threading
from collections.abc import Callable
from itertools import cycle

import pytest
from sqlalchemy import update

from models import Course, CourseEvent, CourseStatus, Role, db
from services import courses
from services.access import Actor
from services.courses import STEPS, Action, steps, steps_for
from services.transaction import atomic
from tests import course_cases as cases
from tests.race.crowd import storm

CROWD = 16
BEFORE = CourseStatus.PROVINCE_REVIEW


@pytest.fixture
def course() -> Course:
    return cases.at(BEFORE, cases.center(), levels="province")


@pytest.fixture
def reviewers(course) -> list[Actor]:
    return [cases.staff(Role.REVIEWER, cases.office()) for _ in range(CROWD)]


def went_along_the_table(course_id: int) -> bool:
    """I9: from the state it was in, every change is one listed step and one event that begins where the last ended."""
    db.session.rollback()
    changes = db.session.query(CourseEvent).filter_by(course_id=course_id).order_by(CourseEvent.id)
    state = BEFORE.value
    for event in changes.filter(CourseEvent.action.not_in(("create", "edit"))):
        listed = any((step.source, step.action) == (event.source, event.action) for step in STEPS)
        if not listed or event.source != state:
            return False
        state = event.target
    return db.session.get_one(Course, course_id, populate_existing=True).status == state


def test_of_sixteen_who_approve_at_once_one_does_it_and_the_others_are_told(app, course, reviewers):
    course_id, version = course.id, course.version

    def approve(who: Actor) -> str:
        return cases.advance(who, course_id, Action.APPROVE, version=version).status.value

    assert storm(app, approve, reviewers) == {"approved": 1, "Conflict": CROWD - 1}
    assert went_along_the_table(course_id)


def test_of_sixteen_different_decisions_at_once_one_stands(app, course, reviewers):
    course_id, version = course.id, course.version

    def decide(who_and_what: tuple[Actor, Action]) -> str:
        who, action = who_and_what
        cases.advance(who, course_id, action, reason=cases.ANY_REASON, version=version)
        return "decided"

    decisions = list(zip(reviewers, cycle((Action.APPROVE, Action.RETURN, Action.REJECT)), strict=False))
    assert storm(app, decide, decisions) == {"decided": 1, "Conflict": CROWD - 1}
    assert went_along_the_table(course_id)


def naive(course_id: int) -> Callable[[Actor], str]:
    """Approving as it is ordinarily written: read, decide, write. The real one asks again in its UPDATE."""
    all_have_read = threading.Barrier(CROWD)

    def approve(who: Actor) -> str:
        course = courses.get(who, course_id)
        step = next(step for step in steps_for(course, who) if step.action is Action.APPROVE)
        db.session.commit()
        all_have_read.wait(60)
        with atomic():
            course.status = steps._next(course.levels, step)
            db.session.execute(update(Course).where(Course.id == course_id).values(version=Course.version + 1))
            steps._record(course, step, who, None, steps.Said(), steps.Why(""))
        return str(course.status)

    return approve


def test_control_without_the_conditional_update_a_course_is_approved_many_times(app, course, reviewers):
    seen = storm(app, naive(course.id), reviewers)
    assert seen == {"approved": CROWD}, "the attack no longer works, so the tests above prove nothing"
    assert not went_along_the_table(course.id)
