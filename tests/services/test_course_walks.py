"""Random walks: whatever anybody tries with a course, it moves along the table or not at all, one event a move."""

import datetime as dt
import random
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import func, select

from models import ChecklistSignature, Course, CourseClaim, CourseEvent, CourseStatus, Role, UnitKind, db, utcnow
from services import courses
from services.access import Actor
from services.courses import STEPS, Action, deadlines, steps
from services.courses import together as bulk
from services.errors import DomainError
from tests import course_cases as cases
from tests import make

S = CourseStatus
MOVES = {(step.source, step.action.value) for step in STEPS}
# A decision taken back leads from where it had led to where the course had waited.
REVIEWS = {*steps.REVIEW_OF.values()}
LEFT_BEHIND = (CourseEvent, ChecklistSignature)
STEPS_OF_A_WALK = 100


@dataclass
class Walk:
    """One unit, everybody who may touch its courses, and what they have tried."""

    dice: random.Random
    people: list[Actor] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    moved: set[tuple[str, str]] = field(default_factory=set)
    refused: int = 0

    def begin(self) -> None:
        unit = cases.center()
        make.route(levels=self.dice.choice(("center,province", "province", "center,province,hq")))
        roles = [Role.CLERK, Role.CLERK, Role.MANAGER, Role.MANAGER, Role.COUNSELOR]
        self.people = [cases.staff(role, unit) for role in roles]
        office, hq = cases.office(), cases.office(UnitKind.HQ)
        self.people += [cases.staff(role, office) for role in (Role.REVIEWER, Role.REVIEWER, Role.PLANNER)]
        self.people += [cases.staff(role, hq) for role in (Role.REVIEWER, Role.ADMIN)]
        self.people.append(cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province())))
        # Two on the way from the start, at hours of their own, and two that have come far already.
        other_days = {"weekdays": 0b1010, "start_on": cases.next_saturday() + dt.timedelta(days=1)}
        self.ids = [cases.draft(self.people[0], **over).id for over in ({}, other_days)]
        self.ids += [cases.at(status, unit).id for status in (S.OPEN, S.CLOSED)]

    def try_something(self) -> None:
        who, course_id = self.dice.choice(self.people), self.dice.choice(self.ids)
        doing = self.dice.choices((self.step, self.take_back, self.hold, self.edit, self.clock, self.several),
                                  (60, 12, 6, 6, 4, 6))[0]  # fmt: skip
        before = seen(self.ids)
        try:
            doing(who, course_id)
        except DomainError:
            self.refused += 1
            db.session.rollback()
            assert seen(self.ids) == before, "a refusal leaves nothing"
            return
        for course_id, after in seen(self.ids).items():
            if after != before[course_id]:
                self.look(before[course_id], after, course_id)

    def look(self, before: tuple, after: tuple, course_id: int) -> None:
        """Whatever was moved went along the table and left one event for each move, end to end."""
        new = events(course_id)[before[2] :]
        state = before[0]
        for event in (each for each in new if each.action not in ("edit", "remind", "escalate")):
            assert event.source == state
            if event.action == "undo":
                assert S(event.target) in REVIEWS
            else:
                assert (S(event.source), event.action) in MOVES, "the table has no such step"
            self.moved.add((event.source, event.action))
            state = event.target
        assert after[0] == state, "no state without its event"
        assert after[1] - before[1] == sum(event.action not in ("remind", "escalate") for event in new)

    # What people try; most of it is not theirs to do.

    def step(self, who: Actor, course_id: int) -> None:
        signed = self.dice.choice((cases.SIGNED, cases.SIGNED, courses.Signed(("safety",))))
        said = courses.Said(self.dice.choice(("دلیل", "دلیل", "")), signed=signed)
        course = db.session.get(Course, course_id, populate_existing=True)
        version, action = course.version - self.dice.choice((0, 0, 0, 1)), self.dice.choice(list(Action))
        # Half of the time somebody who may, and does not put a draft aside: else a walk seldom gets anywhere.
        open_to = [(each, s.action) for each in self.people for s in courses.steps_for(course, each)]
        if self.dice.random() < 0.6 and open_to:
            who, action = self.dice.choice(open_to)
            action = Action.SEND if action is Action.DISCARD and self.dice.random() < 0.9 else action
        courses.decide(who, course_id, action, said, version=version)

    def take_back(self, who: Actor, course_id: int) -> None:
        last = events(course_id)[-1]
        taker = next((each for each in self.people if each.user_id == last.actor_id), who)
        courses.undo(self.dice.choice((taker, taker, who)), course_id, last.course_version)

    def hold(self, who: Actor, course_id: int) -> None:
        self.dice.choice((courses.claim, courses.release))(who, course_id)
        if self.dice.random() < 0.7:  # else the whole walk would soon be in somebody's hand
            db.session.query(CourseClaim).delete()
            db.session.commit()

    def edit(self, who: Actor, course_id: int) -> None:
        course = courses.get(who, course_id)
        values = replace(courses.values_of(course), capacity_max=self.dice.randint(6, 15))
        courses.save(who, course_id, course.version, values)

    def clock(self, _who: Actor, _course_id: int) -> None:
        now = utcnow() + dt.timedelta(days=self.dice.choice((0, 4, 6)))
        deadlines.tick(now)
        courses.tick(now)

    def several(self, who: Actor, _course_id: int) -> None:
        bulk.require_reviewer(who)
        keys = [bulk.Key(each, version) for each, (_, version, *_) in seen(self.ids).items()]
        approve = self.dice.random() < 0.6
        bulk.decide_all(who, make.national_code(), keys, approve=approve, reason="دلیل", signed=cases.SIGNED)


def seen(ids: list[int]) -> dict[int, tuple]:
    """Everything about each course that a refused try must not change."""
    db.session.rollback()
    counts = [select(func.count()).where(table.course_id == Course.id).scalar_subquery() for table in LEFT_BEHIND]
    query = select(Course.id, Course.status, Course.version, *counts).where(Course.id.in_(ids)).order_by(Course.id)
    return {course_id: (status.value, *rest) for course_id, status, *rest in db.session.execute(query)}


def events(course_id: int) -> list[CourseEvent]:
    return db.session.query(CourseEvent).filter_by(course_id=course_id).order_by(CourseEvent.id).all()


@pytest.mark.parametrize("seed", range(3))
def test_no_walk_leaves_the_table_and_every_move_has_its_event(seed):
    walk = Walk(random.Random(seed))
    walk.begin()
    for _ in range(STEPS_OF_A_WALK):
        walk.try_something()
    assert walk.refused > STEPS_OF_A_WALK / 4, "an attack that is never refused is none"
    assert len(walk.moved) > 5, "a walk that stands still shows nothing"
    for course_id in walk.ids:
        signed = [e for e in events(course_id) if e.action in ("send", "approve")]
        assert all(event.signature for event in signed), "nothing is sent or approved without a signature"
