"""Entering a course: drafts at any point, proposals, refusals, and two people at one course."""

import datetime as dt
import threading
from dataclasses import replace

import pytest

from models import CourseEvent, CourseSession, CourseStatus, Gender, Holiday, Role, SkillStandard, UnitKind, db, utcnow
from services import course_lists, courses, standards
from services.codes import is_course_code
from services.courses import Action
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from tests import course_cases as cases
from tests import make

S = CourseStatus


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def clerk(unit):
    return cases.staff(Role.CLERK, unit)


def standard():
    return make.first(SkillStandard)


def last_event(course):
    return db.session.query(CourseEvent).filter_by(course_id=course.id).order_by(CourseEvent.id.desc()).first()


# -- New ---------------------------------------------------------------------------


@pytest.mark.once
def test_a_new_course_is_a_draft_with_a_snapshot_of_its_standard(clerk, unit):
    course = courses.create(clerk, standard().id, "k1")
    assert (course.status, course.unit_id, course.entered_by_id) == (S.DRAFT, unit.id, clerk.user_id)
    assert (course.title, course.standard_code, course.total_minutes) == (standard().title, standard().code, 4800)
    assert is_course_code(course.code)
    assert last_event(course).action == "create"


def test_the_same_form_twice_makes_one_course(clerk):
    first, second = (courses.create(clerk, standard().id, "k1") for _ in range(2))
    assert first.id == second.id


@pytest.mark.once
def test_the_key_of_somebody_elses_form_is_refused(clerk, unit):
    courses.create(clerk, standard().id, "k1")
    with pytest.raises(Conflict):
        courses.create(cases.staff(Role.CLERK, unit), standard().id, "k1")


@pytest.mark.once
def test_a_code_taken_by_another_course_is_stepped_over(clerk, unit):
    n = courses.create(clerk, standard().id, "k1").id
    from services.codes import course_code

    make.course(S.FINISHED, unit, code=course_code(n + 2))
    assert is_course_code(courses.create(clerk, standard().id, "k2").code)


def test_a_retired_standard_makes_no_course_and_is_not_found(clerk):
    retired = make.standard(title="تلفن‌چی", retired_at=utcnow())
    with pytest.raises(DomainError, match="از رده خارج"):
        courses.create(clerk, retired.id, "k1")
    assert standards.search("تلفن‌چی") == []


@pytest.mark.once
@pytest.mark.parametrize("role", [Role.COUNSELOR])
def test_others_of_the_center_enter_no_course(unit, role):
    with pytest.raises(NotAllowed):
        courses.create(cases.staff(role, unit), standard().id, "k1")


@pytest.mark.parametrize("words", ["جوش كاري برق", "رشته جوش", "72120000000", "جوش‌کاری"])
def test_standards_are_found_by_title_field_and_code_in_any_spelling(words):
    field = make.field("رشتهٔ جوشکاری")
    wanted = make.standard(title="جوشکاری با برق", field_id=field.id, code="721200000000009")
    make.standard(title="خیاطی", field_id=make.field("پوشاک").id, code="753100000000001")
    assert [row.id for row in standards.search(words)] == [wanted.id]


@pytest.mark.once
def test_a_copy_has_everything_but_the_dates(clerk, unit):
    former = cases.draft(clerk)
    copied = courses.copy(clerk, former.id, "k2")
    mine, theirs = courses.values_of(copied), courses.values_of(former)
    dates = {"start_on": None, "end_on": None, "enroll_open_at": None, "enroll_close_at": None}
    assert mine == replace(theirs, **dates)
    assert copied.place_id == former.place_id
    assert (copied.status, last_event(copied).action) == (S.DRAFT, "copy")


@pytest.mark.once
def test_a_copy_leaves_out_a_workshop_that_is_closed_now(clerk):
    former = cases.draft(clerk)
    former.workshop.is_active = False
    db.session.commit()
    copied = courses.copy(clerk, former.id, "k2")
    assert (copied.workshop_id, copied.place_id, copied.instructor_id) == (None, None, former.instructor_id)


# -- Saving ------------------------------------------------------------------------


@pytest.mark.parametrize("part", [{}, {"gender": "female"}, {"capacity_max": 10}, {"start_on": dt.date(2027, 1, 2)}])
def test_a_draft_is_saved_with_any_subset(clerk, part):
    course = courses.create(clerk, standard().id, "k1")
    saved = courses.save(clerk, course.id, course.version, courses.CourseValues(**part)).course
    assert [getattr(saved, name) for name in part] == list(part.values())


@pytest.mark.once
def test_an_edit_is_one_event_with_old_and_new_values(clerk, unit):
    course = cases.draft(clerk)
    courses.save(clerk, course.id, course.version, cases.complete_values(unit, capacity_max=12, end_on=course.end_on))
    event = last_event(course)
    assert (event.action, event.actor_id, event.course_version) == ("edit", clerk.user_id, course.version)
    assert event.changes["capacity_max"] == [15, 12]


@pytest.mark.once
def test_saving_what_is_already_there_adds_nothing(clerk):
    course = cases.draft(clerk)
    before, version = last_event(course).id, course.version
    courses.save(clerk, course.id, version, courses.values_of(course))
    assert (last_event(course).id, course.version) == (before, version)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"capacity_max": 21}, "capacity_max"),
        ({"capacity_min": 16}, "capacity_min"),
        ({"end_time": dt.time(7)}, "end_time"),
        ({"end_on": dt.date(2020, 1, 1)}, "end_on"),
        ({"age_min": 40, "age_max": 20}, "age_min"),
        ({"enroll_close_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "enroll_close_at"),
        ({"workshop_id": 999}, "workshop_id"),
        ({"instructor_id": 999}, "instructor_id"),
        ({"target_group_id": 999}, "target_group_id"),
    ],
)
def test_what_cannot_stand_together_is_refused_at_its_field(clerk, unit, over, field):
    course = courses.create(clerk, standard().id, "k1")
    with pytest.raises(courses.Refused) as refused:
        courses.save(clerk, course.id, course.version, cases.complete_values(unit, **over))
    assert [problem.field for problem in refused.value.problems] == [field]
    assert last_event(course).action == "create"


@pytest.mark.once
def test_only_own_workshops_for_the_standard_and_instructors_of_the_field_are_offered(clerk, unit):
    course = courses.create(clerk, standard().id, "k1")
    good = courses.options(course)
    make.workshop(unit, make.standard())
    make.workshop(unit, standard(), is_active=False)
    make.workshop(make.unit(), standard())
    make.instructor(unit, make.field())
    make.instructor(
        unit, db.session.get(make.TradeField, standard().field_id), is_active=False, ended_on=dt.date(2026, 1, 1)
    )
    again = courses.options(course)
    assert [w.id for w in again.workshops] == [w.id for w in good.workshops]
    assert [i.id for i in again.instructors] == [i.id for i in good.instructors]


def test_an_empty_list_says_why(clerk):
    bare = make.standard(field_id=make.field("رنگرزی").id)
    offered = courses.options(courses.create(clerk, bare.id, "k1"))
    assert "کارگاه" in offered.why_no_workshop
    assert "مربی" in offered.why_no_instructor


@pytest.mark.once
def test_another_standard_takes_the_place_and_people_that_do_not_fit_away(clerk):
    course = cases.draft(clerk)
    other = make.standard(field_id=make.field("رنگرزی").id)
    courses.choose_standard(clerk, course.id, course.version, other.id)
    assert (course.title, course.workshop_id, course.place_id, course.instructor_id) == (other.title, None, None, None)
    assert last_event(course).changes["standard_id"] == [standard().id, other.id]


@pytest.mark.once
@pytest.mark.parametrize("status", [s for s in S if s not in (S.DRAFT, S.RETURNED, S.REJECTED)])
def test_a_course_on_its_way_is_not_edited(clerk, unit, status):
    course = cases.at(status, unit)
    with pytest.raises(NotAllowed):
        courses.save(clerk, course.id, course.version, courses.CourseValues())


# -- The same form twice ------------------------------------------------------------


def test_the_same_content_sent_again_is_the_same_saving(clerk, unit):
    course = courses.create(clerk, standard().id, "k1")
    version, values = course.version, cases.complete_values(unit)
    saved = [courses.save(clerk, course.id, version, values) for _ in range(2)]
    assert [each.is_repeat for each in saved] == [False, True]
    assert saved[0].proposed_end == saved[1].proposed_end == course.end_on
    assert db.session.query(CourseEvent).filter_by(course_id=course.id, action="edit").count() == 1


def test_the_same_content_sent_at_the_same_moment_is_saved_once(app, clerk):
    course = cases.draft(clerk)
    course_id, version, values = course.id, course.version, replace(courses.values_of(course), capacity_max=9)
    results = at_once(app, *[lambda: courses.save(clerk, course_id, version, values).is_repeat] * 4)
    assert sorted(results) == [False, True, True, True]
    assert last_event(course).course_version == version + 1


@pytest.mark.once
def test_a_repeat_knows_that_the_course_was_sent_in_between(clerk):
    course = cases.draft(clerk)
    version, values = course.version, replace(courses.values_of(course), capacity_max=9)
    courses.save(clerk, course.id, version, values)
    assert not courses.save(clerk, course.id, version, values).is_sent
    cases.advance(clerk, course.id, Action.SEND)
    assert courses.save(clerk, course.id, version, values).is_sent


def test_the_same_standard_chosen_again_is_one_choice(clerk):
    course, other = cases.draft(clerk), make.standard(field_id=make.field("رنگرزی").id)
    version = course.version
    chosen = [courses.choose_standard(clerk, course.id, version, other.id) for _ in range(2)]
    assert [each.is_repeat for each in chosen] == [False, True]
    assert (course.version, last_event(course).action) == (version + 1, "edit")


@pytest.mark.once
def test_a_standard_chosen_on_an_older_page_is_refused_without_talk_of_typing(clerk, unit):
    course, other = cases.draft(clerk), make.standard(field_id=make.field("رنگرزی").id)
    version, title = course.version, course.title
    colleague = cases.staff(Role.CLERK, unit)
    courses.save(colleague, course.id, version, replace(courses.values_of(course), capacity_max=9))
    with pytest.raises(Conflict, match="استاندارد عوض نشد") as late:
        courses.choose_standard(clerk, course.id, version, other.id)
    assert colleague.name in str(late.value)
    assert "نوشته‌های شما" not in str(late.value)
    assert course.title == title


# -- Two people --------------------------------------------------------------------


@pytest.mark.once
def test_what_was_written_while_a_colleague_sent_the_course_is_refused_with_both_values(clerk, unit):
    course, other = cases.draft(clerk), cases.staff(Role.CLERK, unit)
    version, values = course.version, courses.values_of(course)
    cases.advance(other, course.id, Action.SEND)
    with pytest.raises(courses.StaleEdit, match="فرستاد") as stale:
        courses.save(clerk, course.id, version, replace(values, capacity_max=10))
    assert [(d.field, d.stored, d.sent) for d in stale.value.differences] == [("capacity_max", "۱۵", "۱۰")]
    assert (course.capacity_max, course.status) == (15, S.CENTER_REVIEW)


@pytest.mark.once
def test_the_person_who_saved_on_another_page_is_spoken_to(clerk):
    course = cases.draft(clerk)
    version, values = course.version, courses.values_of(course)
    courses.save(clerk, course.id, version, replace(values, capacity_max=12))
    with pytest.raises(courses.StaleEdit, match="شما ساعت .* این دوره را ویرایش کردید"):
        courses.save(clerk, course.id, version, replace(values, capacity_max=10))


@pytest.mark.once
def test_a_stale_save_is_refused_with_both_values(clerk, unit):
    other = cases.staff(Role.CLERK, unit)
    course = cases.draft(clerk)
    version, values = course.version, courses.values_of(course)
    courses.save(other, course.id, version, replace(values, capacity_max=12, gender=Gender.FEMALE))
    with pytest.raises(courses.StaleEdit) as stale:
        courses.save(clerk, course.id, version, replace(values, capacity_max=10, capacity_min=4))
    rows = {d.field: (d.stored, d.sent) for d in stale.value.differences}
    assert rows == {"capacity_max": ("۱۲", "۱۰"), "capacity_min": ("۵", "۴"), "gender": ("زنان", "زنان و مردان")}
    assert other.name in str(stale.value)
    assert (course.capacity_max, course.capacity_min) == (12, 5)


def test_what_the_late_one_had_not_touched_is_taken_from_the_other(clerk, unit):
    course = cases.draft(clerk)
    version, values = course.version, courses.values_of(course)
    courses.save(cases.staff(Role.CLERK, unit), course.id, version, replace(values, gender=Gender.FEMALE))
    with pytest.raises(courses.StaleEdit) as stale:
        courses.save(clerk, course.id, version, replace(values, capacity_max=10))
    assert (stale.value.merged.gender, stale.value.merged.capacity_max) == (Gender.FEMALE, 10)


def at_once(app, *works):
    """Run these at the same moment, each in a thread with a session of its own; what they gave or raised."""
    barrier, results = threading.Barrier(len(works)), []

    def run(work):
        with app.app_context():
            barrier.wait()
            try:
                results.append(work())
            except DomainError as refused:
                results.append(refused)
            db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    db.session.rollback()  # what was read before is an older snapshot
    return results


def test_two_saves_at_the_same_moment_keep_one_and_refuse_the_other(app, clerk, unit):
    course, other = cases.draft(clerk), cases.staff(Role.CLERK, unit)
    course_id, version, values = course.id, course.version, courses.values_of(course)
    results = at_once(
        app,
        lambda: courses.save(clerk, course_id, version, replace(values, capacity_max=10)),
        lambda: courses.save(other, course_id, version, replace(values, capacity_max=11)),
    )
    assert sorted(type(result).__name__ for result in results) == ["Saved", "StaleEdit"]
    kept = next(result for result in results if isinstance(result, courses.Saved)).course.capacity_max
    assert db.session.get(type(course), course_id, populate_existing=True).capacity_max == kept


def test_one_form_sent_four_times_at_the_same_moment_makes_one_course(app, clerk):
    standard_id = standard().id
    made = at_once(app, *[lambda: courses.create(clerk, standard_id, "k1").id for _ in range(4)])
    assert len(set(made)) == 1


def test_another_choice_on_the_same_page_makes_another_course(clerk):
    other = make.standard(title="جوشکاری")
    first, second = (courses.create(clerk, each.id, "k1") for each in (standard(), other))
    assert (second.id != first.id, second.title) == (True, "جوشکاری")
    assert courses.copy(clerk, first.id, "k1").id not in (first.id, second.id)


def test_a_course_sent_four_times_at_the_same_moment_is_sent_once(app, clerk):
    course = cases.draft(clerk)
    course_id, version = course.id, course.version
    send = [lambda: cases.advance(clerk, course_id, Action.SEND, version=version)] * 4
    assert sorted(type(result).__name__ for result in at_once(app, *send)) == ["Conflict"] * 3 + ["Course"]


# -- Dates -------------------------------------------------------------------------


def test_the_end_is_proposed_from_hours_weekdays_and_holidays(clerk, unit):
    start = cases.next_saturday()
    for days, scope in ((2, "*"), (7, unit.province.code), (9, "another")):
        make.save(Holiday(scope=scope, on_date=start + dt.timedelta(days=days), title="تعطیل"))
    saved = courses.save(*_ready(clerk), cases.complete_values(unit))
    # 20 meetings on two days a week are ten weeks; two of them fall out and go to the eleventh.
    assert saved.proposed_end == saved.course.end_on == start + dt.timedelta(days=7 * 10 + 2)


def _ready(clerk):
    course = courses.create(clerk, standard().id, f"k{make.national_code()}")
    return clerk, course.id, course.version


@pytest.mark.once
def test_a_written_end_is_kept_and_a_new_proposal_is_made_on_demand(clerk, unit):
    late = cases.next_saturday(30)
    saved = courses.save(*_ready(clerk), cases.complete_values(unit, end_on=late))
    assert (saved.course.end_on, saved.proposed_end) == (late, None)
    again = courses.save(
        clerk, saved.course.id, saved.course.version, courses.values_of(saved.course), propose_end=True
    )
    assert again.course.end_on == cases.next_saturday() + dt.timedelta(days=7 * 9 + 2)


@pytest.mark.once
def test_hours_that_never_end_are_refused(clerk, unit):
    with pytest.raises(DomainError, match="دو سال"):
        courses.save(*_ready(clerk), cases.complete_values(unit, end_time=dt.time(8, 10)))


def test_sending_writes_the_meetings_without_the_holidays(clerk, unit):
    start = cases.next_saturday()
    make.save(Holiday(scope="*", on_date=start + dt.timedelta(days=2), title="تعطیل"))
    course = cases.draft(clerk)
    cases.advance(clerk, course.id, Action.SEND)
    days = sorted(row.on_date for row in db.session.query(CourseSession).filter_by(course_id=course.id))
    assert len(days) == 20
    assert (days[0], days[-1]) == (start, course.end_on)
    assert start + dt.timedelta(days=2) not in days


# -- Sending -----------------------------------------------------------------------


def test_an_unfinished_course_is_not_sent_and_the_list_of_what_is_missing_comes_back(clerk):
    course = courses.create(clerk, standard().id, "k1")
    with pytest.raises(courses.Incomplete) as incomplete:
        cases.advance(clerk, course.id, Action.SEND)
    missing = {gap.field for gap in incomplete.value.gaps}
    assert missing >= {"workshop_id", "instructor_id", "start_on", "weekdays", "gender", "enroll_open_at", "shift"}
    assert "capacity_max" not in missing
    assert course.status is S.DRAFT


@pytest.mark.once
@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"start_on": cases.next_saturday(-2), "end_on": cases.next_saturday(20)}, "start_on"),
        ({"start_on": cases.next_saturday() + dt.timedelta(days=1)}, "start_on"),
        ({"end_on": cases.next_saturday(5)}, "end_on"),
        ({"enroll_close_at": utcnow() + dt.timedelta(days=400)}, "enroll_close_at"),
    ],
)
def test_a_plan_that_does_not_hold_is_not_sent(clerk, unit, over, field):
    course = cases.draft(clerk, **over)
    assert [gap.field for gap in courses.gaps(course, utcnow())] == [field]


@pytest.mark.once
@pytest.mark.parametrize("lost", ["workshop", "instructor", "standard"])
def test_what_was_lost_since_it_was_chosen_keeps_a_course_from_being_sent(clerk, lost):
    course = cases.draft(clerk)
    if lost == "standard":
        standard().retired_at = utcnow()
    else:
        row = getattr(course, lost)
        row.is_active, row.ended_on = False, dt.date(2026, 1, 1)
    db.session.commit()
    assert [gap.field for gap in courses.gaps(course, utcnow())] == [f"{lost}_id"]


# -- Territory ---------------------------------------------------------------------


def test_another_centers_course_is_outside_and_a_missing_one_is_not_found(clerk):
    other = make.unit(UnitKind.CENTER)
    course = cases.draft(clerk)
    stranger = cases.staff(Role.CLERK, other)
    for act in (
        lambda: courses.get(stranger, course.id),
        lambda: courses.case(stranger, course.id),
        lambda: courses.copy(stranger, course.id, "k9"),
        lambda: courses.save(stranger, course.id, 1, courses.CourseValues()),
        lambda: cases.advance(stranger, course.id, Action.SEND),
    ):
        with pytest.raises(OutsideTerritory):
            act()
    with pytest.raises(NotFound):
        courses.get(clerk, 10**6)


@pytest.mark.once
def test_a_draft_is_its_units_own_until_it_is_sent(clerk):
    course = cases.draft(clerk)
    others = [cases.staff(Role.REVIEWER, cases.office(kind)) for kind in (UnitKind.DIRECTORATE, UnitKind.HQ)]
    for reviewer in others:
        for look in (courses.get, courses.case):
            with pytest.raises(OutsideTerritory):
                look(reviewer, course.id)
    cases.advance(clerk, course.id, Action.SEND)
    assert {courses.get(reviewer, course.id).id for reviewer in others} == {course.id}


def test_a_draft_that_was_put_aside_unsent_stays_its_units_own(clerk):
    course, reviewer = cases.draft(clerk), cases.staff(Role.REVIEWER, cases.office())
    cases.advance(clerk, course.id, Action.DISCARD)
    with pytest.raises(OutsideTerritory):
        courses.get(reviewer, course.id)
    assert course_lists.listing(reviewer, course_lists.Wanted("finished")).counts["finished"] == 0
    assert course_lists.listing(clerk, course_lists.Wanted("finished")).counts["finished"] == 1


@pytest.mark.once
def test_another_provinces_reviewer_sees_nothing(clerk):
    course = cases.draft(clerk)
    cases.advance(clerk, course.id, Action.SEND)
    near = cases.staff(Role.REVIEWER, cases.office())
    far = make.unit(UnitKind.DIRECTORATE, make.province())
    with pytest.raises(OutsideTerritory):
        courses.get(cases.staff(Role.REVIEWER, far), course.id)
    assert courses.get(near, course.id).id == course.id
