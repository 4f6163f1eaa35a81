"""Who may teach a standard: each rule at its edge, and no way around them to an approved course."""

import datetime as dt
import re
from pathlib import Path

import pytest

from models import CourseStatus, Degree, RecordState, Role, SkillStandard, UnitKind, db
from services import courses
from services.access import Level
from services.courses import Action, Incomplete
from services.errors import DomainError
from services.instructors import fit
from tests import course_cases as cases
from tests import fit_cases as files
from tests import make
from tests.fit_cases import DAY, TODAY

S = CourseStatus


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def standard(unit):
    return make.first(SkillStandard)


@pytest.fixture
def teacher(unit):
    return make.first(make.Instructor, unit_id=unit.id)


def seen(teacher, standard, on=TODAY):
    return fit.of_people(standard.id, [teacher.person_id], on).matches[teacher.person_id]


# -- Each rule ---------------------------------------------------------------------


@pytest.mark.once
def test_a_standard_without_rules_asks_for_nothing_but_the_field(teacher, standard):
    match = seen(teacher, standard)
    assert (match.fits, match.may_teach, match.best) == (True, True, None)


@pytest.mark.parametrize(("degree", "study", "fits"), [
    (Degree.BACHELOR, "مهندسی مکانیک", True), (Degree.DOCTORATE, "مكانيك خودرو", True),
    (Degree.ASSOCIATE, "مکانیک", False), (Degree.BACHELOR, "حقوق", False), (Degree.MASTER, "بیومکانیک", False),
    (Degree.BACHELOR, "مهندسی مواد", True),
])  # fmt: skip
def test_the_degree_must_be_high_enough_and_in_a_field_of_the_same_row(teacher, standard, degree, study, fits):
    files.rule(standard)
    make.education(teacher, degree=Degree.DOCTORATE, study_field="ادبیات")
    make.education(teacher, degree=degree, study_field=study)
    assert seen(teacher, standard).fits is fits


@pytest.mark.once
@pytest.mark.parametrize("state", [each for each in RecordState if each is not RecordState.VERIFIED])
def test_what_is_not_verified_counts_for_nothing(teacher, standard, state):
    files.rule(standard, **files.BACHELOR, needs_card=True)
    make.education(teacher, state=state, decision="ناخوانا")
    files.card(teacher, TODAY + DAY, state)
    files.ruling(teacher, standard, state=state)
    match = seen(teacher, standard)
    assert (len(match.best.missing), match.ruling) == (2, None)


@pytest.mark.parametrize(("spans", "fits"), [
    ([(2 * 366, 0)], True), ([(2 * 360, 0)], False), ([(1000, 900), (800, 0)], True),
    ([(500, 0), (500, 0)], False), ([(500, 100), (400, 0)], False), ([(0, -800)], False),
])  # fmt: skip
def test_the_same_days_of_experience_count_once_and_days_to_come_not_at_all(teacher, standard, spans, fits):
    files.rule(standard, experience_years=2)
    for first, last in spans:
        files.experience(teacher, standard.field, TODAY - first * DAY, TODAY - last * DAY)
    assert seen(teacher, standard, TODAY + 400 * DAY).fits is fits


@pytest.mark.once
def test_experience_that_goes_on_counts_until_today_and_only_in_the_field_of_the_standard(teacher, standard):
    files.rule(standard, experience_years=2)
    files.experience(teacher, make.field(), TODAY - 3000 * DAY)
    assert "۰ سال تأیید شده" in seen(teacher, standard).lacks
    files.experience(teacher, standard.field, TODAY - 735 * DAY, experience="trade")
    assert seen(teacher, standard).fits


@pytest.mark.once
@pytest.mark.parametrize(("hours", "ago", "fits"), [(40, 0, True), (39, 0, False), (40, 729, True), (40, 732, False)])
def test_retraining_counts_for_the_years_that_the_rule_says(teacher, standard, hours, ago, fits):
    files.rule(standard, retraining_hours=40, retraining_years=2)
    files.retraining(teacher, hours, TODAY - ago * DAY)
    assert seen(teacher, standard).fits is fits


def test_a_certificate_counts_for_its_own_standard_alone(teacher, standard):
    files.rule(standard, needs_certificate=True)
    files.certificate(teacher, make.standard())
    files.certificate(teacher, None)
    assert not seen(teacher, standard).fits
    files.certificate(teacher, standard)
    assert seen(teacher, standard).fits


@pytest.mark.once
def test_the_card_must_be_in_date_on_the_day(teacher, standard):
    files.rule(standard, needs_card=True)
    files.card(teacher, TODAY + 9 * DAY)
    assert seen(teacher, standard, TODAY + 9 * DAY).fits
    assert "باید تمدید شود" in seen(teacher, standard, TODAY + 10 * DAY).lacks


def test_one_way_of_several_is_enough_and_the_nearest_one_is_explained(teacher, standard):
    files.rule(standard, min_degree=Degree.MASTER, needs_card=True)
    files.rule(standard, min_degree=Degree.DIPLOMA, experience_years=5)
    make.education(teacher, degree=Degree.DIPLOMA)
    match = seen(teacher, standard)
    assert not match.fits
    assert [fine for fine, _ in match.best.points] == [True, False]
    files.experience(teacher, standard.field, TODAY - 2000 * DAY)
    assert seen(teacher, standard).fits


@pytest.mark.once
@pytest.mark.parametrize(("until", "holds"), [(None, True), (0, True), (-1, False)])
def test_a_ruling_stands_for_its_own_standard_until_its_day(teacher, standard, until, holds):
    files.rule(standard, needs_card=True)
    files.ruling(teacher, make.standard())
    assert not seen(teacher, standard).may_teach
    files.ruling(teacher, standard, until if until is None else TODAY + until * DAY)
    match = seen(teacher, standard)
    assert (match.may_teach, match.fits) == (holds, False)


# -- No way around -----------------------------------------------------------------


def directorate():
    return cases.staff(Role.REVIEWER, cases.office())


def test_a_course_with_an_unfit_instructor_is_not_sent_by_step_or_form_nor_as_a_copy(unit, standard, teacher):
    make.route()
    clerk = cases.staff(Role.CLERK, unit)
    former, draft = cases.at(S.FINISHED, unit), cases.draft(clerk)
    files.rule(standard)
    copied = courses.copy(clerk, former.id, "one-copy")
    values = cases.complete_values(unit)
    for course in (draft, copied):
        courses.save(clerk, course.id, course.version, values)
        with pytest.raises(Incomplete) as incomplete:
            courses.send(clerk, course.id, course.version, cases.SIGNED)
        assert [gap.field for gap in incomplete.value.gaps] == ["instructor_id"]
        assert "مدرک کارشناسی یا بالاتر در مکانیک یا مواد تأیید نشده است" in incomplete.value.gaps[0].text
        with pytest.raises(Incomplete, match="رأی تأییدشدهٔ کمیته"):
            cases.advance(clerk, course.id, Action.SEND)
    files.ruling(teacher, standard)
    assert cases.advance(clerk, draft.id, Action.SEND).status is S.CENTER_REVIEW
    make.education(teacher)
    values = cases.complete_values(unit, start_time=dt.time(14), end_time=dt.time(18))
    courses.save(clerk, copied.id, copied.version, values)
    assert courses.send(clerk, copied.id, copied.version, cases.SIGNED)[1]


def test_who_teaches_a_part_must_fit_like_the_instructor_and_reviewers_see_it(unit, standard, teacher):
    clerk, helper = cases.staff(Role.CLERK, unit), make.instructor(unit, make.first(make.TradeField))
    draft = cases.draft(clerk, instructor_id=teacher.id, co_instructors=((helper.id, 600),))
    make.route()
    files.rule(standard)
    make.education(teacher)
    with pytest.raises(Incomplete) as incomplete:
        cases.advance(clerk, draft.id, Action.SEND)
    assert [gap.field for gap in incomplete.value.gaps] == ["co_instructors"]
    assert f"مربی همکار، {helper.person.full_name}، با شرایط استاندارد نمی‌خواند" in incomplete.value.gaps[0].text
    degree = make.education(helper)
    assert cases.advance(clerk, draft.id, Action.SEND).status is S.CENTER_REVIEW
    degree.state, degree.decision = RecordState.REJECTED, "ناخوانا"
    db.session.commit()
    seen = courses.case(cases.staff(Role.MANAGER, unit), draft.id)
    assert [each.field for each in seen.clashes if each.kind == "fit"] == ["co_instructors"]


@pytest.mark.parametrize("at", [S.CENTER_REVIEW, S.PROVINCE_REVIEW, S.HQ_REVIEW])
def test_no_level_approves_an_unfit_instructor_and_each_may_return(unit, standard, teacher, at):
    course = cases.at(at, unit)
    files.rule(standard)
    offices = {S.PROVINCE_REVIEW: UnitKind.DIRECTORATE, S.HQ_REVIEW: UnitKind.HQ}
    role, place = (Role.REVIEWER, cases.office(offices[at])) if at in offices else (Role.MANAGER, unit)
    actor = cases.staff(role, place)
    with pytest.raises(DomainError, match="چیزی تغییر نکرد"):
        cases.advance(actor, course.id, Action.APPROVE)
    db.session.expire_all()
    assert (course.status, len(course.events)) == (at, 2)
    assert (False, "مربی رأی تأییدشدهٔ کمیتهٔ تعیین صلاحیت ندارد؛ دوره فرستاده یا تأیید نمی‌شود") in (
        courses.case(actor, course.id).facts
    )
    files.ruling(teacher, standard)
    assert any("رأی کمیتهٔ تعیین صلاحیت درس می‌دهد" in said for _, said in courses.case(actor, course.id).facts)
    cases.advance(actor, course.id, Action.APPROVE)
    other = cases.at(at, unit)
    assert cases.advance(actor, other.id, Action.RETURN, reason=cases.ANY_REASON).status is S.RETURNED


GATED = [step for step in courses.STEPS if step.action in (Action.SEND, Action.APPROVE)]


@pytest.mark.once
@pytest.mark.parametrize("step", GATED, ids=[f"{step.source}-{step.action}" for step in GATED])
def test_no_step_of_the_table_lets_an_unfit_instructor_through(unit, standard, step):
    make.route()
    course = cases.at(step.source, unit)
    files.rule(standard)
    kinds = {Level.PROVINCE: UnitKind.DIRECTORATE, Level.HQ: UnitKind.HQ}
    place = cases.office(kinds[step.level]) if step.level in kinds else unit
    with pytest.raises(DomainError, match="با شرایط استاندارد نمی‌خواند"):
        cases.advance(cases.staff(sorted(step.roles)[0], place), course.id, step.action)
    db.session.expire_all()
    assert course.status is step.source


@pytest.mark.once
def test_only_steps_their_undoing_the_clock_and_the_end_of_a_course_change_its_state():
    writers = {
        path.name
        for path in (Path(courses.__file__).parents[1]).rglob("*.py")
        if re.search(
            r"update\(Course\)[^#]*?[ (]status=(?!Enroll)|course\.status = ",
            path.read_text(encoding="utf-8"),
            re.DOTALL,
        )
    }
    assert writers == {"steps.py", "undoing.py", "clock.py", "applying.py"}


@pytest.mark.once
def test_a_ruling_must_hold_when_the_course_begins(unit, standard, teacher):
    course = cases.at(S.PROVINCE_REVIEW, unit)
    files.rule(standard)
    files.ruling(teacher, standard, course.start_on - DAY)
    with pytest.raises(DomainError, match="با شرایط استاندارد نمی‌خواند"):
        cases.advance(directorate(), course.id, Action.APPROVE)


@pytest.mark.once
def test_a_course_whose_instructor_has_left_the_unit_is_not_approved(unit, teacher):
    course = cases.at(S.PROVINCE_REVIEW, unit)
    teacher.is_active, teacher.ended_on = False, dt.date(2026, 1, 1)
    db.session.commit()
    with pytest.raises(DomainError, match="دیگر در این واحد کار نمی‌کند"):
        cases.advance(directorate(), course.id, Action.APPROVE)


@pytest.mark.parametrize(("days", "fits"), [
    ({}, True), ({"ended_on": 0}, True), ({"ended_on": -1}, False), ({"started_on": 1}, False),
])  # fmt: skip
def test_an_instructor_must_be_in_the_unit_from_the_first_day_of_a_course_to_its_last(unit, teacher, days, fits):
    make.route()
    clerk = cases.staff(Role.CLERK, unit)
    draft, waiting = cases.draft(clerk), cases.at(S.PROVINCE_REVIEW, unit)
    edge = {"ended_on": draft.end_on, "started_on": draft.start_on}
    for name, shift in days.items():
        setattr(teacher, name, edge[name] + shift * DAY)
    db.session.commit()
    reviewer = directorate()
    for actor, course, action in ((clerk, draft, Action.SEND), (reviewer, waiting, Action.APPROVE)):
        if fits:
            cases.advance(actor, course.id, action)
        else:
            with pytest.raises(DomainError, match="تا پایان دوره"):
                cases.advance(actor, course.id, action)
