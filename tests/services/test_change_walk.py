"""Random days of random people: whatever they do to approved courses, every seat and every rial is where it belongs."""

import contextlib
import random

import pytest
from sqlalchemy import select

from models import ChangeState, Course, CourseChange, CourseEvent, Enrollment, EnrollmentStatus, db
from services import course_changes, enrollment
from services.courses import steps
from services.errors import DomainError
from tests import change_cases as changes
from tests import make

STEPS_OF_A_WALK = 40


class Walk:
    """Three courses of one standard, some people, and what anybody may try."""

    def __init__(self, seed):
        self.chance, self.people = random.Random(seed), changes.staff()
        self.courses = [changes.live(self.people.unit, capacity_max=each) for each in (3, 5, 8)]
        self.trainees = [make.person() for _ in range(6)]
        self.who = (self.people.clerk, self.people.manager, self.people.reviewer)
        self.done = 0

    def course(self):
        return self.chance.choice(self.courses)

    def enroll(self):
        payer = self.chance.choice([None, self.trainees[0]])
        changes.enroll(self.course(), self.chance.choice([None, *self.trainees]), payer)

    def withdraw(self):
        active = db.session.scalars(select(Enrollment).where(Enrollment.status == EnrollmentStatus.ACTIVE)).all()
        row = self.chance.choice(active)
        enrollment.withdraw(row.person, row.id)

    def shrink(self):
        course, other = self.course(), self.chance.choice([None, self.course()])
        wish = changes.wish(course, other=other, capacity_min=1, capacity_max=self.chance.randint(1, 6))
        course_changes.edit(self.chance.choice(self.who), changes.key(), course.id, wish)

    def ask_end(self):
        course, other = self.course(), self.chance.choice([None, self.course()])
        course_changes.end(self.chance.choice(self.who), changes.key(), course.id, changes.wish(course, other=other))

    def end(self):
        course, other = self.course(), self.chance.choice([None, self.course()])
        who = self.chance.choice(self.who)
        course_changes.cancel(who, changes.key(), course.id, changes.wish(course, other=other))

    def decide(self):
        change = self.chance.choice(db.session.scalars(select(CourseChange)).all())
        action = self.chance.choice(["approve", "approve", "approve", "return", "refuse", "withdraw"])
        course_changes.decide(self.chance.choice(self.who), change.id, change.version, action, "دلیل")

    def step(self):
        act = self.chance.choice([self.enroll] * 5 + [self.withdraw, self.shrink, self.ask_end] + [self.decide] * 5
                                 + [self.end] * (self.chance.random() < 0.2))  # fmt: skip
        with contextlib.suppress(DomainError, IndexError):  # a rule says no, or there is nobody to do it to
            act()
            self.done += 1
        db.session.rollback()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_people_do_to_approved_courses_seats_and_money_are_right_after_every_step(seed):
    walk = Walk(seed)
    for _ in range(STEPS_OF_A_WALK):
        walk.step()
        assert changes.odd() == [], f"after {walk.done} steps"
    assert walk.done > 10, "the walk went nowhere"
    assert went_along_the_tables()


def went_along_the_tables():
    """Every move of a course is one event that begins where the last ended, and no change has lost its end."""
    listed = {(step.source, step.action) for step in steps.STEPS}
    for course in db.session.scalars(select(Course)):
        state = "open"
        moves = select(CourseEvent).where(CourseEvent.course_id == course.id, CourseEvent.source != CourseEvent.target)
        for event in db.session.scalars(moves.order_by(CourseEvent.id)):
            if event.source != state or (event.source, event.action) not in listed:
                return False
            state = event.target
        if state != course.status:
            return False
    ended = db.session.scalars(select(CourseChange).where(CourseChange.state == ChangeState.DONE))
    return all(change.decided_at and change.decided_by_id for change in ended)
