"""The parts of a draft: each saved beside the others, its end worked out anew, who else teaches, and copies."""

import datetime as dt

import pytest

from models import (
    Course,
    CourseEvent,
    CourseInstructor,
    Holiday,
    Role,
    StandardRequirement,
    TradeField,
    Trigger,
    db,
)
from services import courses, jalali
from services.courses import Action, overview
from tests import course_cases as cases
from tests import make


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def clerk(unit):
    return cases.staff(Role.CLERK, unit)


@pytest.fixture
def draft(clerk):
    return cases.draft(clerk)


def colleague_of(draft):
    return make.instructor(draft.unit, make.first(TradeField, id=draft.field_id))


def save(clerk, course, version=None, **written):
    return courses.save_part(clerk, course.id, version or course.version, written)


# -- Parts -------------------------------------------------------------------------


@pytest.mark.once
def test_every_field_of_a_course_stands_in_one_part():
    names = [name for part in courses.PARTS.values() for name in part]
    assert sorted(names) == sorted(vars(courses.CourseValues()))
    assert len(set(names)) == len(names)


@pytest.mark.once
def test_a_part_leaves_the_fields_of_others_as_they_stand(clerk, unit, draft):
    version, other = draft.version, cases.staff(Role.CLERK, unit)
    save(other, draft, gender="female")
    saved = save(clerk, draft, version, capacity_max=9)
    assert (saved.course.capacity_max, saved.course.gender) == (9, "female")
    assert not saved.is_repeat


@pytest.mark.parametrize("way", ["changed", "sent", "sent and returned", "never seen"])
def test_a_part_is_refused_when_its_fields_moved_or_the_course_went(clerk, unit, draft, way):
    version, other = draft.version, cases.staff(Role.CLERK, unit)
    if way == "changed":
        save(other, draft, capacity_max=12)
    if way.startswith("sent"):
        cases.advance(other, draft.id, Action.SEND)
    if way.endswith("returned"):
        cases.advance(cases.staff(Role.MANAGER, unit), draft.id, Action.RETURN, reason=cases.ANY_REASON)
        assert save(clerk, draft, version, capacity_max=9).course.capacity_max == 9  # it is theirs again
        return
    with pytest.raises(courses.StaleEdit):
        save(clerk, draft, version + 5 if way == "never seen" else version, capacity_max=9)
    assert draft.capacity_max in (12, 15)


@pytest.mark.parametrize(
    "written", [{"capacity_max": 30}, {"workshop_id": 999}, {"place_id": 999}, {"agreement_id": 9}]
)
def test_a_part_is_refused_for_its_own_fields_and_for_no_others(clerk, draft, written):
    with pytest.raises(courses.Refused) as refused:
        save(clerk, draft, **written)
    assert [problem.field for problem in refused.value.problems] == list(written)
    draft.instructor.is_active, draft.instructor.ended_on = False, dt.date(2026, 1, 1)
    db.session.commit()
    assert save(clerk, draft, capacity_min=4).course.capacity_min == 4


def test_what_is_missing_is_told_by_parts(clerk, draft):
    save(clerk, draft, workshop_id=None, start_trigger=Trigger.REQUEST)
    seen = overview(clerk, draft, make.utcnow())
    assert {task.part: [gap.field for gap in task.gaps] for task in seen.tasks if task.gaps} == {
        "workshop": ["workshop_id"], "terms": ["agreement_id"],
    }  # fmt: skip
    assert ("محل برگزاری", draft.place.title) in seen.tasks[1].facts


# -- The end date ------------------------------------------------------------------


def test_another_weekday_moves_the_end_that_followed_from_the_plan(clerk, draft):
    before = draft.end_on
    saved = save(clerk, draft, weekdays=0b111)
    assert saved.end_before == before
    assert saved.course.end_on == saved.proposed_end < before
    assert courses.gaps(draft, make.utcnow()) == []


def test_an_end_written_by_hand_is_kept_and_the_plans_is_said(clerk, draft):
    late = draft.end_on + dt.timedelta(days=70)
    save(clerk, draft, end_on=late)
    saved = save(clerk, draft, weekdays=0b10101)
    assert (saved.course.end_on, saved.proposed_end, saved.end_before) == (late, None, None)
    assert saved.other_end == courses.propose_end(draft)
    anew = courses.save_part(clerk, draft.id, draft.version, {"weekdays": 0b10101}, propose_end=True)
    assert (anew.course.end_on, anew.end_before) == (saved.other_end, late)


# -- Who teaches with --------------------------------------------------------------


def test_co_instructors_are_saved_with_their_hours_and_stand_in_the_history(clerk, draft):
    other = colleague_of(draft)
    save(clerk, draft, co_instructors=((other.id, 600),))
    assert courses.values_of(draft).co_instructors == ((other.id, 600),)
    event = db.session.query(CourseEvent).order_by(CourseEvent.id.desc()).first()
    assert event.changes == {"co_instructors": [[], [[other.id, 600]]]}
    assert other.person.full_name in courses.case(clerk, draft.id).timeline[0].parts[-1]
    assert save(clerk, draft, draft.version - 1, co_instructors=((other.id, 600),)).is_repeat
    save(clerk, draft, co_instructors=())
    assert db.session.query(CourseInstructor).count() == 0


@pytest.mark.once
@pytest.mark.parametrize("minutes", [0, 4800])
def test_hours_that_leave_none_for_somebody_are_refused(clerk, draft, minutes):
    with pytest.raises(courses.Refused) as refused:
        save(clerk, draft, co_instructors=((colleague_of(draft).id, minutes),))
    assert refused.value.problems[0].field == "co_instructors"


def test_nobody_teaches_beside_themselves_twice_or_from_elsewhere(clerk, draft):
    other, stranger = colleague_of(draft), make.instructor(make.unit(), make.first(TradeField, id=draft.field_id))
    for who in ([draft.instructor_id], [other.id, other.id], [stranger.id]):
        with pytest.raises(courses.Refused):
            save(clerk, draft, co_instructors=tuple((each, 60) for each in who))


@pytest.mark.once
def test_a_co_instructor_who_has_left_keeps_a_course_from_being_sent(clerk, draft):
    other = colleague_of(draft)
    save(clerk, draft, co_instructors=((other.id, 600),))
    other.ended_on = draft.end_on - dt.timedelta(days=1)
    db.session.commit()
    assert [gap.field for gap in courses.gaps(draft, make.utcnow())] == ["co_instructors"]


# -- Sending -----------------------------------------------------------------------


@pytest.mark.once
def test_a_sent_course_keeps_what_its_standard_asked_for(clerk, draft):
    make.save(StandardRequirement(standard_id=draft.standard_id, group="capital", item_name="چرخ", item_key="چرخ",
                                  quantity=2, basis_n=3))  # fmt: skip
    course, is_new = courses.send(clerk, draft.id, draft.version, cases.SIGNED)
    kept = course.standard_snapshot
    assert (is_new, kept["title"], kept["theory_minutes"]) == (True, course.title, 1200)
    assert kept["equipment"] == [["capital", "چرخ", 2, 3]]


# -- Copies ------------------------------------------------------------------------


def test_a_copy_starts_on_the_same_weekday_and_moves_its_dates_by_whole_weeks(clerk, draft):
    asked = draft.start_on + dt.timedelta(days=7 * 26 - 3)
    make.save(Holiday(scope="*", on_date=draft.start_on + dt.timedelta(weeks=27), title="تعطیل"))
    copy = courses.copy(clerk, draft.id, "k", asked)
    half = dt.timedelta(weeks=26)
    assert (copy.start_on, copy.copied_from_id) == (draft.start_on + half, draft.id)
    assert copy.end_on == draft.end_on + half + dt.timedelta(days=5)  # one Saturday fell out; the next meeting is later
    assert copy.enroll_close_at == draft.enroll_close_at + half
    assert courses.copy(clerk, draft.id, "k", asked).id == copy.id
    assert courses.copy(clerk, draft.id, "k").start_on is None


def test_a_copy_brings_who_still_teaches_with_and_says_what_differs(clerk, draft):
    stays, left = colleague_of(draft), colleague_of(draft)
    save(clerk, draft, co_instructors=((stays.id, 60), (left.id, 120)))
    left.is_active, left.ended_on = False, dt.date(2026, 1, 1)
    db.session.commit()
    copy = courses.copy(clerk, draft.id, "k", draft.start_on + dt.timedelta(days=1))
    save(clerk, copy, capacity_max=9)
    assert courses.values_of(copy).co_instructors == ((stays.id, 60),)
    differs = courses.copied(copy, courses.values_of(copy)).differences
    assert set(differs) == {"start_on", "end_on", "enroll_open_at", "enroll_close_at", "co_instructors", "capacity_max"}
    assert (differs["capacity_max"].stored, differs["capacity_max"].sent) == ("۱۵", "۹")
    assert differs["start_on"].stored == jalali.long(draft.start_on)
    seen = overview(clerk, copy, make.utcnow())
    assert {task.part: task.differences for task in seen.tasks if task.differences} == {
        "time": 2, "workshop": 1, "teacher": 1, "terms": 2,
    }  # fmt: skip
    assert db.session.get(Course, draft.id).capacity_max == 15
