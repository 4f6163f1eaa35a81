"""The signed checklist: nobody sends or approves a course without it, and each level's name stands under it."""

import pytest

from models import (
    ChecklistSignature,
    Course,
    CourseEvent,
    CourseStatus,
    Policy,
    ReasonText,
    Role,
    StandardRequirement,
    db,
)
from services import courses
from services.access import Level
from services.courses import CHECKLIST, Action, Incomplete, Signed
from services.errors import DomainError
from tests import course_cases as cases
from tests import make
from tests.services.test_course_steps import somebody

S = CourseStatus
ALL = Signed(tuple(CHECKLIST))
REVIEWERS = {S.CENTER_REVIEW: (Level.CENTER, Role.MANAGER), S.PROVINCE_REVIEW: (Level.PROVINCE, Role.REVIEWER),
             S.HQ_REVIEW: (Level.HQ, Role.REVIEWER)}  # fmt: skip


@pytest.fixture
def unit():
    return cases.center()


def signatures():
    rows = db.session.query(ChecklistSignature).order_by(ChecklistSignature.id)
    return [(row.level, row.actor_id, row.course_version, row.note) for row in rows]


def lack_equipment(course):
    values = {"standard_id": course.standard_id, "item_name": "رکتیفایر", "item_key": "رکتیفایر", "group": "capital"}
    make.save(StandardRequirement(quantity=1, basis_n=5, **values))


@pytest.mark.once
@pytest.mark.parametrize("left", [*CHECKLIST, "all"])
def test_nobody_sends_a_course_with_a_part_of_the_checklist_left_out(unit, left):
    clerk = cases.staff(Role.CLERK, unit)
    course = cases.draft(clerk)
    signed = Signed() if left == "all" else Signed(tuple(name for name in CHECKLIST if name != left))
    with pytest.raises(Incomplete) as incomplete:
        courses.advance(clerk, course.id, Action.SEND, signed=signed)
    [gap] = incomplete.value.gaps
    assert gap.field == f"sign_{'safety' if left == 'all' else left}"
    assert all(label in gap.text for name, label in CHECKLIST.items() if name == left or left == "all")
    with pytest.raises(Incomplete) as by_form:
        courses.send(clerk, course.id, course.version, signed)
    assert by_form.value.gaps == [gap]
    assert (course.status, signatures()) == (S.DRAFT, [])


@pytest.mark.parametrize("status", REVIEWERS)
def test_no_level_approves_without_its_own_signature_and_each_may_return(unit, status):
    level, role = REVIEWERS[status]
    who, course = somebody(level, role, unit), cases.at(status, unit)
    with pytest.raises(DomainError, match="چک‌لیست را امضا کنید") as refused:
        courses.advance(who, course.id, Action.APPROVE, signed=Signed(("safety", "health")))
    assert (refused.value.field, course.status, signatures()) == ("sign_gear", status, [])
    courses.advance(who, course.id, Action.RETURN, reason=cases.ANY_REASON)
    assert signatures() == []
    other = cases.at(status, unit)
    seen = other.version
    courses.advance(who, other.id, Action.APPROVE, signed=ALL)
    assert signatures() == [(level, who.user_id, seen, "")]


@pytest.mark.once
def test_a_shortage_of_equipment_is_explained_by_everybody_who_signs(unit):
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    course = cases.draft(clerk)
    lack_equipment(course)
    assert any("رکتیفایر" in said for said in courses.warnings(course))
    with pytest.raises(Incomplete, match="کمبود چگونه جبران"):
        courses.advance(clerk, course.id, Action.SEND, signed=ALL)
    courses.advance(clerk, course.id, Action.SEND, signed=Signed(ALL.items, "دو دستگاه امانی می‌آید"))
    with pytest.raises(DomainError, match="کمبود چگونه جبران") as refused:
        courses.advance(manager, course.id, Action.APPROVE, signed=Signed(ALL.items, "  "))
    assert refused.value.field == "note"
    courses.advance(manager, course.id, Action.APPROVE, signed=Signed(ALL.items, "دیدم؛ می‌رسد"))
    reviewer = courses.case(somebody(Level.PROVINCE, Role.REVIEWER, unit), course.id)
    assert reviewer.is_short
    assert [event.signature.note for event in reviewer.signatures] == ["دو دستگاه امانی می‌آید", "دیدم؛ می‌رسد"]


def test_what_is_sent_again_is_signed_anew_and_the_former_round_stays_written(unit):
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    make.route(levels="center,province")
    course = cases.draft(clerk)
    cases.advance(clerk, course.id, Action.SEND)
    cases.advance(manager, course.id, Action.APPROVE)
    reviewer = somebody(Level.PROVINCE, Role.REVIEWER, unit)
    courses.advance(reviewer, course.id, Action.RETURN, reason=cases.ANY_REASON)
    assert [row.actor_id for row in courses.case(clerk, course.id).signatures] == [clerk.user_id, manager.user_id]
    cases.advance(clerk, course.id, Action.SEND)
    assert [row.actor_id for row in courses.case(reviewer, course.id).signatures] == [clerk.user_id]
    assert len(signatures()) == 3


@pytest.mark.once
def test_what_the_clock_says_about_a_waiting_course_is_signed_by_nobody(unit):
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    make.route(levels="center,province")
    course = cases.draft(clerk)
    cases.advance(clerk, course.id, Action.SEND)
    cases.advance(manager, course.id, Action.APPROVE)
    step = {"level": "system", "source": course.status.value, "target": course.status.value}
    make.save(CourseEvent(course_id=course.id, action="remind", course_version=course.version, **step))
    db.session.expire_all()
    reviewer = somebody(Level.PROVINCE, Role.REVIEWER, unit)
    assert [row.action for row in courses.case(reviewer, course.id).signatures] == ["send", "approve"]


@pytest.mark.once
def test_where_a_policy_asks_for_no_checklist_a_course_goes_without_one(unit):
    make.save(Policy(name="checklist_signed", scope="center", valid_from=cases.next_saturday(-9), value=False))
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    course = cases.draft(clerk)
    courses.advance(clerk, course.id, Action.SEND)
    assert courses.advance(manager, course.id, Action.APPROVE).status is S.PROVINCE_REVIEW
    assert signatures() == []


# -- What is said with a decision --------------------------------------------------


def test_comments_at_fields_and_the_letter_are_kept_with_the_decision_and_stand_for_a_reason(unit):
    course, manager = cases.at(S.CENTER_REVIEW, unit), cases.staff(Role.MANAGER, unit)
    make.save(ReasonText(kind="return", code="hours", title="ساعت", body="ساعت‌ها کم است"))
    said = {"capacity_max": " ده نفر کافی است ", "start_on": "", "no_such_field": "x"}
    letter = courses.Letter("۱۴/۲۲۵", cases.next_saturday())
    courses.decide(manager, course.id, Action.RETURN, courses.Said(comments=said, letter=letter))
    event = db.session.query(CourseEvent).order_by(CourseEvent.id.desc()).first()
    assert event.comments == {"capacity_max": "ده نفر کافی است"}
    assert event.reason == "حداکثر ظرفیت: ده نفر کافی است"
    assert (event.letter_number, event.letter_on) == ("۱۴/۲۲۵", letter.on)


def test_comments_written_beside_an_approval_are_not_kept_and_no_reason_is_made_of_them(unit):
    course, manager = cases.at(S.CENTER_REVIEW, unit), cases.staff(Role.MANAGER, unit)
    courses.decide(manager, course.id, Action.APPROVE, courses.Said(comments={"capacity_max": "ده نفر"}, signed=ALL))
    event = db.session.query(CourseEvent).order_by(CourseEvent.id.desc()).first()
    assert (event.comments, event.reason) == (None, "")


def test_a_reason_longer_than_a_page_is_refused_at_its_field_and_decides_nothing(unit):
    course, manager = cases.at(S.CENTER_REVIEW, unit), cases.staff(Role.MANAGER, unit)
    with pytest.raises(DomainError, match="۶۰۰ حرف") as refused:
        courses.advance(manager, course.id, Action.RETURN, reason="ن" * 601)
    db.session.rollback()
    assert (refused.value.field, make.first(Course, id=course.id).status) == ("reason", S.CENTER_REVIEW)
