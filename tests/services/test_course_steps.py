"""The table of steps: what is listed happens, once, and nothing else does."""

import threading
from datetime import date

import pytest

from models import ApprovalRoute, CourseEvent, CourseStatus, Policy, ReasonText, Role, UnitKind, db
from services import courses
from services.access import Level
from services.courses import Action
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from tests import course_cases as cases
from tests import make

S = CourseStatus
# Everybody who may sign in at a level where courses are seen.
PEOPLE = [
    (Level.CENTER, Role.CLERK),
    (Level.CENTER, Role.MANAGER),
    (Level.CENTER, Role.COUNSELOR),
    (Level.PROVINCE, Role.REVIEWER),
    (Level.PROVINCE, Role.PLANNER),
    (Level.PROVINCE, Role.DIRECTOR),
    (Level.HQ, Role.REVIEWER),
    (Level.HQ, Role.ADMIN),
]


def somebody(level, role, unit):
    place = {Level.CENTER: unit, Level.PROVINCE: None, Level.HQ: None}[level]
    kinds = {Level.PROVINCE: UnitKind.DIRECTORATE, Level.HQ: UnitKind.HQ}
    return cases.staff(role, place or cases.office(kinds[level]))


def events(course):
    steps = [e for e in db.session.query(CourseEvent).filter_by(course_id=course.id).order_by(CourseEvent.id)]
    return [e.action for e in steps if e.action not in ("create", "edit")]


@pytest.mark.parametrize(("level", "role"), PEOPLE, ids=[f"{level}-{role}" for level, role in PEOPLE])
@pytest.mark.parametrize("status", S)
def test_only_listed_steps_are_possible(status, level, role):
    unit = cases.center()
    actor = somebody(level, role, unit)
    course = cases.at(status, unit)
    for action in Action:
        rows = [s for s in courses.STEPS if (s.source, s.action, s.level) == (status, action, level)]
        listed = any(role in row.roles for row in rows)
        assert [s.action for s in courses.steps_for(course, actor)].count(action) == int(listed)
        if not listed:
            # A draft is not even seen by other levels.
            is_hidden = status is S.DRAFT and level is not Level.CENTER
            with pytest.raises(OutsideTerritory if is_hidden else NotAllowed):
                cases.advance(actor, course.id, action, reason=cases.ANY_REASON)
            assert db.session.get(type(course), course.id).status is status
            continue
        moved = cases.at(status, unit)
        cases.advance(actor, moved.id, action, reason=cases.ANY_REASON)
        assert events(moved) == [action.value]
    assert events(course) == []


@pytest.mark.once
def test_the_whole_way_ends_approved_and_leaves_one_event_for_each_step():
    unit = cases.center()
    make.route(levels="center,province,hq")
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    hq = cases.staff(Role.REVIEWER, cases.office(UnitKind.HQ))
    course = cases.draft(clerk)
    reached = [cases.advance(clerk, course.id, Action.SEND).status]
    reached += [cases.advance(who, course.id, Action.APPROVE).status for who in (manager, reviewer, hq)]
    assert reached == [S.CENTER_REVIEW, S.PROVINCE_REVIEW, S.HQ_REVIEW, S.APPROVED]
    assert events(course) == ["send", "approve", "approve", "approve"]


@pytest.mark.once
def test_the_route_of_a_unit_kind_decides_the_levels():
    unit = cases.center()
    make.route(levels="province")
    clerk = cases.staff(Role.CLERK, unit)
    course = cases.advance(clerk, cases.draft(clerk).id, Action.SEND)
    assert (course.status, course.levels) == (S.PROVINCE_REVIEW, "province")
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    assert cases.advance(reviewer, course.id, Action.APPROVE).status is S.APPROVED


@pytest.mark.once
def test_a_route_for_the_setting_stands_before_the_route_for_all():
    unit = cases.center()
    make.route(levels="center,province")
    make.save(ApprovalRoute(unit_kind="center", setting="prison", valid_from=date(2019, 1, 1), levels="province,hq"))
    clerk = cases.staff(Role.CLERK, unit)
    course = cases.advance(clerk, cases.draft(clerk, setting="prison").id, Action.SEND)
    assert course.levels == "province,hq"


def test_a_later_change_of_the_route_leaves_sent_courses_on_their_own():
    unit = cases.center()
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    course = cases.advance(clerk, cases.draft(clerk).id, Action.SEND)
    make.route(levels="center,province,hq")
    cases.advance(manager, course.id, Action.APPROVE)
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    assert cases.advance(reviewer, course.id, Action.APPROVE).status is S.APPROVED


@pytest.mark.once
@pytest.mark.parametrize("action", [Action.RETURN, Action.REJECT, Action.CANCEL])
def test_a_step_against_the_center_needs_a_reason(action):
    unit = cases.center()
    status = S.APPROVED if action is Action.CANCEL else S.PROVINCE_REVIEW
    course, reviewer = cases.at(status, unit), cases.staff(Role.REVIEWER, cases.office())
    with pytest.raises(DomainError, match="دلیل را بنویسید"):
        cases.advance(reviewer, course.id, action, reason="  ")
    assert events(course) == []


@pytest.mark.once
def test_a_course_with_enrolled_people_is_not_canceled():
    unit = cases.center()
    course, reviewer = cases.at(S.OPEN, unit), cases.staff(Role.REVIEWER, cases.office())
    course.taken = 3
    db.session.commit()
    with pytest.raises(DomainError, match="۳ نفر"):
        cases.advance(reviewer, course.id, Action.CANCEL, reason=cases.ANY_REASON)


@pytest.mark.once
def test_starting_below_the_minimum_needs_a_reason():
    unit = cases.center()
    clerk, course = cases.staff(Role.CLERK, unit), cases.at(S.CLOSED, unit)
    with pytest.raises(DomainError, match="حداقل ظرفیت"):
        cases.advance(clerk, course.id, Action.START)
    assert cases.advance(clerk, course.id, Action.START, reason="درخواست شهرستان").status is S.RUNNING


def test_a_saved_reason_is_kept_by_itself_so_that_reasons_can_be_counted():
    unit = cases.center()
    reviewer = cases.staff(Role.REVIEWER, cases.office())
    hours = make.save(ReasonText(kind="return", code="hours", title="ساعت", body="ساعت‌ها کم است"))
    for words in ("", "یک هفته دیرتر"):
        course = cases.at(S.PROVINCE_REVIEW, unit)
        cases.advance(reviewer, course.id, Action.RETURN, reason=words, reason_code="hours")
    course = cases.at(S.PROVINCE_REVIEW, unit)
    cases.advance(reviewer, course.id, Action.RETURN, reason="ساعت‌ها کم است")
    found = db.session.query(CourseEvent).filter_by(reason_text_id=hours.id).order_by(CourseEvent.id)
    told = [event.reason for event in found]
    assert told == ["ساعت‌ها کم است", "ساعت‌ها کم است؛ یک هفته دیرتر"]


@pytest.mark.once
def test_a_rejected_course_is_edited_and_sent_again_by_its_center():
    unit = cases.center()
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    course = cases.advance(clerk, cases.draft(clerk).id, Action.SEND)
    cases.advance(manager, course.id, Action.REJECT, reason=cases.ANY_REASON)
    assert courses.case(clerk, course.id).sent_back.reason == cases.ANY_REASON
    courses.save(clerk, course.id, course.version, cases.complete_values(unit, capacity_max=12))
    assert cases.advance(clerk, course.id, Action.SEND).status is S.CENTER_REVIEW
    assert events(course) == ["send", "reject", "send"]


# -- Separation of duties ----------------------------------------------------------


@pytest.mark.once
def test_nobody_decides_on_a_course_they_entered():
    unit = cases.center()
    manager = cases.staff(Role.MANAGER, unit)
    course = cases.advance(manager, cases.draft(manager).id, Action.SEND)
    for action in (Action.APPROVE, Action.RETURN, Action.REJECT):
        with pytest.raises(NotAllowed, match="خود شما"):
            cases.advance(manager, course.id, action, reason=cases.ANY_REASON)
    assert courses.case(manager, course.id).is_own
    assert events(course) == ["send"]


def test_nobody_decides_on_a_course_they_edited_since_it_was_last_sent():
    unit = cases.center()
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    course = cases.draft(clerk)
    courses.save(manager, course.id, course.version, cases.complete_values(unit, capacity_max=12))
    cases.advance(clerk, course.id, Action.SEND)
    with pytest.raises(NotAllowed, match="خود شما"):
        cases.advance(manager, course.id, Action.APPROVE)


def test_an_edit_before_an_earlier_sending_bars_nobody():
    unit = cases.center()
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    other = cases.staff(Role.MANAGER, unit)
    course = cases.draft(clerk)
    courses.save(manager, course.id, course.version, cases.complete_values(unit, capacity_max=12))
    cases.advance(clerk, course.id, Action.SEND)
    cases.advance(other, course.id, Action.RETURN, reason=cases.ANY_REASON)
    courses.save(clerk, course.id, course.version, cases.complete_values(unit, capacity_max=11))
    cases.advance(clerk, course.id, Action.SEND)
    assert cases.advance(manager, course.id, Action.APPROVE).status is S.PROVINCE_REVIEW


@pytest.mark.once
def test_the_separation_of_duties_can_be_switched_off_for_a_unit_kind():
    unit = cases.center()
    manager = cases.staff(Role.MANAGER, unit)
    course = cases.advance(manager, cases.draft(manager).id, Action.SEND)
    make.save(Policy(name="separation_of_duties", scope="center", valid_from=cases.next_saturday(-9), value=False))
    assert cases.advance(manager, course.id, Action.APPROVE).status is S.PROVINCE_REVIEW


# -- Two at once -------------------------------------------------------------------


def test_two_reviewers_at_the_same_moment_have_one_effect(app):
    unit = cases.center()
    people = [cases.staff(Role.REVIEWER, cases.office()) for _ in range(2)]
    course = cases.at(S.PROVINCE_REVIEW, unit, levels="province")
    course_id, version, barrier, results = course.id, course.version, threading.Barrier(2), []

    def decide(actor):
        with app.app_context():
            barrier.wait()
            try:
                results.append(cases.advance(actor, course_id, Action.APPROVE, version=version).status)
            except Conflict as late:
                results.append(str(late))
            db.session.remove()

    threads = [threading.Thread(target=decide, args=(who,)) for who in people]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert S.APPROVED in results
    [late] = [result for result in results if result is not S.APPROVED]
    assert "تأیید کرد" in late
    assert any(who.name in late for who in people)
    assert events(course) == ["approve"]


@pytest.mark.once
def test_a_second_click_has_one_effect_and_says_so():
    unit = cases.center()
    reviewer, course = cases.staff(Role.REVIEWER, cases.office()), cases.at(S.PROVINCE_REVIEW, unit)
    version = course.version
    cases.advance(reviewer, course.id, Action.APPROVE, version=version)
    with pytest.raises(Conflict, match="شما ساعت .* تأیید کردید. همان یک بار ثبت شد و چیزی دوباره ثبت نشد"):
        cases.advance(reviewer, course.id, Action.APPROVE, version=version)
    assert events(course) == ["approve"]


@pytest.mark.once
def test_a_decision_on_an_older_round_is_refused():
    unit = cases.center()
    reviewer, course = cases.staff(Role.REVIEWER, cases.office()), cases.at(S.PROVINCE_REVIEW, unit)
    seen, clerk = course.version, cases.staff(Role.CLERK, unit)
    cases.advance(reviewer, course.id, Action.RETURN, reason=cases.ANY_REASON)
    make.route(levels="province")
    cases.advance(clerk, course.id, Action.SEND)
    with pytest.raises(Conflict, match=clerk.name):
        cases.advance(reviewer, course.id, Action.APPROVE, version=seen)
