"""Working a queue: a case in hand, a decision taken back, what is late, and what changed since a level last looked."""

import datetime as dt
from contextlib import contextmanager

import pytest

from models import AuditEvent, Course, CourseEvent, CourseStatus, Policy, Role, UnitKind, db, utcnow
from services import courses
from services.courses import Action, claims, deadlines, steps, undoing
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from tests import class_cases, make
from tests import course_cases as cases

S = CourseStatus
WAITS = {"center": S.CENTER_REVIEW, "province": S.PROVINCE_REVIEW, "hq": S.HQ_REVIEW}


@pytest.fixture
def unit():
    return cases.center()


def reviewer():
    return cases.staff(Role.REVIEWER, cases.office())


def fresh(course):
    return db.session.get(Course, course.id, populate_existing=True)


def actions(course):
    events = db.session.query(CourseEvent).filter_by(course_id=course.id).order_by(CourseEvent.id)
    return [event.action for event in events if event.action not in ("create", "edit")]


@contextmanager
def later(monkeypatch, **by):
    """The modules of the queue as they are so much later."""
    with monkeypatch.context() as patch:
        now = utcnow() + dt.timedelta(**by)
        for module in ("undoing", "claims", "holding"):
            patch.setattr(f"services.courses.{module}.utcnow", lambda: now)
        yield now


def rule(name, value, scope="*"):
    make.save(Policy(name=name, scope=scope, valid_from=cases.next_saturday(-9), value=value))


# -- In hand -----------------------------------------------------------------------


def test_a_case_in_hand_is_seen_by_the_others_who_decide_only_after_taking_it_over(unit):
    one, other = reviewer(), reviewer()
    course = cases.at(S.PROVINCE_REVIEW, unit)
    assert courses.claim(one, course.id).former == ""
    assert courses.claim(one, course.id).former == "", "a second press is no taking over"
    held = courses.case(other, course.id).held
    assert held.user_id == one.user_id
    for action in (Action.APPROVE, Action.RETURN, Action.REJECT):
        with pytest.raises(Conflict, match=f"{one.name} این پرونده را از ساعت"):
            cases.advance(other, course.id, action, reason=cases.ANY_REASON)
    assert courses.claim(other, course.id).former == one.name
    assert db.session.query(AuditEvent).filter_by(action="claim_taken_over", subject_id=course.id).count() == 1
    with pytest.raises(Conflict, match=other.name):
        cases.advance(one, course.id, Action.APPROVE)
    assert cases.advance(other, course.id, Action.APPROVE).status is S.HQ_REVIEW
    assert actions(course) == ["approve"]


def test_a_claim_ends_with_its_hour_with_letting_go_and_with_the_next_step(unit, monkeypatch):
    one, other, manager = reviewer(), reviewer(), cases.staff(Role.MANAGER, unit)
    course = cases.at(S.PROVINCE_REVIEW, unit)
    courses.claim(one, course.id)
    courses.release(other, course.id)
    assert courses.case(other, course.id).held, "only its holder lets go"
    with later(monkeypatch, minutes=61):
        assert courses.case(other, course.id).held is None
    courses.release(one, course.id)
    assert courses.case(other, course.id).held is None
    waiting = cases.at(S.CENTER_REVIEW, unit)
    courses.claim(manager, waiting.id)
    cases.advance(manager, waiting.id, Action.APPROVE)
    assert courses.case(other, waiting.id).held is None
    [line] = [row for row in courses.queue(other, "waiting", utcnow()).rows if row.id == waiting.id]
    assert line.holder_id is None


def test_nobody_takes_in_hand_what_does_not_wait_for_them(unit):
    course, near = cases.at(S.CENTER_REVIEW, unit), reviewer()
    far = cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province()))
    for who, error in (
        (near, NotAllowed),
        (cases.staff(Role.CLERK, unit), NotAllowed),
        (far, OutsideTerritory),
    ):
        for hand in (claims.claim, claims.release):
            with pytest.raises(error):
                hand(who, course.id)


def test_the_queue_says_in_whose_hand_a_case_is(unit):
    one, course = reviewer(), cases.at(S.PROVINCE_REVIEW, unit)
    courses.claim(one, course.id)
    [row] = courses.queue(reviewer(), "waiting", utcnow()).rows
    assert (row.holder_id, f"{row.first_name} {row.last_name}") == (one.user_id, one.name)


# -- Taken back --------------------------------------------------------------------


@pytest.mark.parametrize("action", steps.DECISIONS)
@pytest.mark.parametrize("level", WAITS)
def test_every_decision_is_taken_back_to_where_the_course_had_waited(unit, level, action):
    who = cases.staff(Role.MANAGER, unit) if level == "center" else None
    who = who or cases.staff(Role.REVIEWER, cases.office(UnitKind.HQ if level == "hq" else UnitKind.DIRECTORATE))
    course = cases.at(WAITS[level], unit)
    since = course.level_since = utcnow() - dt.timedelta(days=2)
    db.session.commit()
    done = cases.advance(who, course.id, action, reason=cases.ANY_REASON)
    found = courses.undoable(who, course.id, utcnow())
    assert (found.version, 25 <= found.seconds <= 30) == (done.version, True)
    back = courses.undo(who, course.id, found.version)
    assert (back.status, back.level_since) == (WAITS[level], since)
    assert actions(course) == [action.value, "undo"]
    assert courses.undoable(who, course.id, utcnow()) is None
    assert courses.case(who, course.id).signatures == [], "the signature no longer counts"
    cases.advance(who, course.id, action, reason=cases.ANY_REASON)
    assert actions(course)[-1] == action.value


def test_a_decision_is_not_taken_back_too_late_by_another_or_twice(unit, monkeypatch):
    one, other, course = reviewer(), reviewer(), cases.at(S.PROVINCE_REVIEW, unit)
    version = cases.advance(one, course.id, Action.APPROVE).version
    with pytest.raises(Conflict, match="کار دیگری"):
        courses.undo(other, course.id, version)
    with later(monkeypatch, seconds=31) as now:
        assert courses.undoable(one, course.id, now) is None
        with pytest.raises(DomainError, match="۳۰ ثانیه"):
            courses.undo(one, course.id, version)
    assert fresh(course).status is S.HQ_REVIEW
    courses.undo(one, course.id, version)
    with pytest.raises(Conflict):
        courses.undo(one, course.id, version)
    assert actions(course) == ["approve", "undo"]


def test_what_has_followed_keeps_a_decision_from_being_taken_back(unit):
    one, clerk = reviewer(), cases.staff(Role.CLERK, unit)
    back = cases.at(S.PROVINCE_REVIEW, unit)
    version = cases.advance(one, back.id, Action.RETURN, reason=cases.ANY_REASON).version
    courses.save(clerk, back.id, version, cases.complete_values(unit, capacity_max=11))
    with pytest.raises(Conflict, match="کار دیگری"):
        courses.undo(one, back.id, version)
    last = cases.at(S.PROVINCE_REVIEW, unit, levels="province")
    version = cases.advance(one, last.id, Action.APPROVE).version
    class_cases.enroll(last, since_days=0, until_days=0)
    assert fresh(last).taken == 0, "whoever came has left again, and the past stays"
    with pytest.raises(Conflict, match="ثبت‌نام"):
        courses.undo(one, last.id, version)
    assert (fresh(back).status, fresh(last).status) == (S.RETURNED, S.APPROVED)


# -- Late --------------------------------------------------------------------------


def waiting(unit, level, days):
    return make.course(WAITS[level], unit, level_since=utcnow() - dt.timedelta(days=days), levels="center,province,hq")


@pytest.mark.parametrize(("days", "noted"), [(1, []), (2, []), (3, ["remind"]), (4, ["remind"]),
                                             (5, ["remind", "escalate"]), (40, ["remind", "escalate"])])  # fmt: skip
def test_the_clock_reminds_on_the_last_day_and_lets_a_late_case_come_up_each_once(unit, days, noted):
    found = {level: waiting(unit, level, days) for level in WAITS}
    expected = {level: [each for each in noted if level != "hq" or each == "remind"] for level in WAITS}
    assert deadlines.tick(utcnow()) == sum(map(len, expected.values()))
    assert deadlines.tick(utcnow()) == 0
    assert {level: actions(course) for level, course in found.items()} == expected
    assert all(fresh(course).status is WAITS[level] for level, course in found.items())
    for level, above in (("center", "province"), ("province", "hq")):
        kind = UnitKind.DIRECTORATE if above == "province" else UnitKind.HQ
        page = courses.queue(cases.staff(Role.REVIEWER, cases.office(kind)), "came_up", utcnow())
        assert [row.id for row in page.rows] == ([found[level].id] if "escalate" in noted else [])
        assert page.counts["came_up"] == len(page.rows)


def test_a_province_may_have_days_of_its_own(unit):
    far = make.unit(province_=make.province())
    rule("review_days_center", 6)
    rule("review_days_center", 1, scope=far.province.code)
    late, in_time = waiting(far, "center", 1), waiting(unit, "center", 5)
    deadlines.tick(utcnow())
    assert (actions(late), actions(in_time)) == (["remind"], [])
    for office, due in ((far, 1), (unit, 0)):
        page = courses.queue(cases.staff(Role.MANAGER, office), "due", utcnow())
        assert (len(page.rows), page.counts["due"]) == (due, due)


def test_a_case_that_waits_anew_is_reminded_of_anew_and_a_reminder_bars_no_decision(unit):
    course, one = cases.at(S.PROVINCE_REVIEW, unit), reviewer()
    course.level_since = utcnow() - dt.timedelta(days=6)
    db.session.commit()
    version = course.version
    deadlines.tick(utcnow())
    version = cases.advance(one, course.id, Action.APPROVE, version=version).version
    with pytest.raises(Conflict, match="شما ساعت .* تأیید کردید"):
        cases.advance(one, course.id, Action.APPROVE, version=version - 1)
    moved = fresh(course)
    assert courses.queue(cases.staff(Role.REVIEWER, cases.office(UnitKind.HQ)), "came_up", utcnow()).rows == []
    moved.level_since = utcnow() - dt.timedelta(days=3)
    db.session.commit()
    later_on = utcnow()
    db.session.query(CourseEvent).filter_by(action="remind").count()
    assert deadlines.tick(later_on) == 0, "what was written since counts for this waiting"


# -- What changed ------------------------------------------------------------------


def test_a_second_round_shows_what_was_edited_since_the_last_approval_old_beside_new(unit):
    make.route(levels="center,province")
    clerk, manager, one = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit), reviewer()
    course = cases.draft(clerk)
    cases.advance(clerk, course.id, Action.SEND)
    assert courses.case(manager, course.id).changed is None, "a first round has nothing to compare with"
    cases.advance(manager, course.id, Action.APPROVE)
    courses.advance(one, course.id, Action.RETURN, reason=cases.ANY_REASON)
    for over in ({"capacity_max": 11, "age_min": 18}, {"capacity_max": 12, "age_min": 20}, {"capacity_max": 12}):
        kept = {name: getattr(fresh(course), name) for name in ("end_on", "enroll_open_at", "enroll_close_at")}
        courses.save(clerk, course.id, course.version, cases.complete_values(unit, **kept, **over))
    cases.advance(clerk, course.id, Action.SEND)
    changed = courses.case(manager, course.id).changed
    assert (changed.since, changed.rows) == ("آخرین تأیید", [("حداکثر ظرفیت", "۱۵", "۱۲")])


def test_without_an_approval_the_last_return_counts_and_an_undone_one_does_not(unit):
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    course = cases.draft(clerk)
    cases.advance(clerk, course.id, Action.SEND)
    version = cases.advance(manager, course.id, Action.APPROVE).version
    undoing.undo(manager, course.id, version)
    assert courses.case(manager, course.id).changed is None
    cases.advance(manager, course.id, Action.RETURN, reason=cases.ANY_REASON)
    cases.advance(clerk, course.id, Action.SEND)
    changed = courses.case(manager, course.id).changed
    assert (changed.since, changed.rows) == ("آخرین برگشت", [])
