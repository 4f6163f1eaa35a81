"""The queue at one moment: bulk forms pressed twice, decisions taken back against what follows, clocks side by side."""

import datetime as dt
import uuid

import pytest

from models import Course, CourseClaim, CourseEvent, CourseStatus, Enrollment, Role, db, utcnow
from services import courses
from services.courses import Action, deadlines
from services.courses import together as bulk
from services.enrollment import own
from tests import course_cases as cases
from tests import make
from tests.race.crowd import storm

S = CourseStatus
ROUNDS = 5


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def reviewers():
    return [cases.staff(Role.REVIEWER, cases.office()) for _ in range(4)]


def count(action: str, course_id: int | None = None) -> int:
    db.session.rollback()
    events = db.session.query(CourseEvent).filter_by(action=action)
    return (events.filter_by(course_id=course_id) if course_id else events).count()


def status(course_id: int) -> CourseStatus:
    db.session.rollback()
    return db.session.get_one(Course, course_id, populate_existing=True).status


def approve_all(who, key, keys):
    said = {"approve": True, "reason": "", "signed": cases.SIGNED}
    return sum(each.why is None for each in bulk.decide_all(who, key, keys, **said))


def test_a_double_click_on_bulk_approve_has_one_effect_and_every_answer_says_all_is_done(app, unit, reviewers):
    ids = [cases.at(S.PROVINCE_REVIEW, unit, levels="province").id for _ in range(3)]
    keys, key = [bulk.Key(each) for each in ids], str(uuid.uuid4())
    assert storm(app, lambda _: approve_all(reviewers[0], key, keys), range(4)) == {"3": 4}
    assert (count("approve"), {status(each) for each in ids}) == (3, {S.APPROVED})


def test_reviewers_who_approve_the_same_ones_in_any_order_neither_hang_nor_double(app, unit, reviewers):
    ids = [cases.at(S.PROVINCE_REVIEW, unit, levels="province").id for _ in range(4)]
    orders = [ids[n:] + ids[:n] for n in range(4)]
    versions = {each: db.session.get(Course, each).version for each in ids}
    turns = list(zip(reviewers, orders, strict=True))

    def approve(turn):
        who, order = turn
        return approve_all(who, str(uuid.uuid4()), [bulk.Key(each, versions[each]) for each in order])

    done = storm(app, approve, turns)
    assert sum(int(n) * times for n, times in done.items()) == 4
    assert (count("approve"), {status(each) for each in ids}) == (4, {S.APPROVED})


def test_a_decision_is_taken_back_or_somebody_is_enrolled_never_both(app, unit, reviewers):
    make.tariff()
    for _ in range(ROUNDS):
        course = cases.at(S.PROVINCE_REVIEW, unit, levels="province")
        course.enroll_open_at = utcnow() - dt.timedelta(hours=1)
        db.session.commit()
        person, code, course_id = make.person(), course.code, course.id
        make.purse(person, 50_000)
        version = cases.advance(reviewers[0], course_id, Action.APPROVE).version
        turns = [lambda v=version, i=course_id: courses.undo(reviewers[0], i, v),
                 lambda p=person, c=code: own.enroll(p, c, str(uuid.uuid4()))]  # fmt: skip
        storm(app, lambda turn: bool(turn()), turns)
        enrolled = db.session.query(Enrollment).filter_by(course_id=course_id).count()
        undone = count("undo", course_id)
        assert (enrolled, undone) in ((1, 0), (0, 1))
        assert status(course_id) is (S.PROVINCE_REVIEW if undone else S.APPROVED)


def test_a_decision_is_taken_back_or_the_next_level_decides_never_both(app, unit, reviewers):
    hq = cases.staff(Role.REVIEWER, cases.office(make.UnitKind.HQ))
    for _ in range(ROUNDS):
        course_id = cases.at(S.PROVINCE_REVIEW, unit).id
        version = cases.advance(reviewers[0], course_id, Action.APPROVE).version
        turns = [lambda v=version, i=course_id: courses.undo(reviewers[0], i, v),
                 lambda i=course_id: cases.advance(hq, i, Action.APPROVE)]  # fmt: skip
        seen = storm(app, lambda turn: turn().status.value, turns)
        assert sum(seen[name] for name in ("province_review", "approved")) == 1, seen
        assert count("undo", course_id) + count("approve", course_id) == 2


def test_of_many_who_take_a_case_in_hand_the_last_has_it_alone(app, unit, reviewers):
    course_id = cases.at(S.PROVINCE_REVIEW, unit).id
    seen = storm(app, lambda who: courses.claim(who, course_id).course.id, reviewers)
    assert seen == {str(course_id): 4}
    [claim] = db.session.query(CourseClaim).all()
    assert claim.user_id in {who.user_id for who in reviewers}


def test_four_clocks_write_each_reminder_once(app, unit):
    since = utcnow() - dt.timedelta(days=9)
    for state in (S.CENTER_REVIEW, S.PROVINCE_REVIEW, S.HQ_REVIEW):
        for _ in range(3):
            make.course(state, unit, level_since=since)
    now = utcnow()
    storm(app, lambda _: deadlines.tick(now), range(4))
    assert (count("remind"), count("escalate")) == (9, 6)
