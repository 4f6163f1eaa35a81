"""Who sets a rule of eligibility aside for one person, and what is left of it."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import func, select

from models import AuditEvent, EligibilityWaiver, EnrollmentDraft, Policy, Role, UnitKind, db
from services import enrollment, text
from services.enrollment import drafts, reversal, unwaiving, waivers
from services.enrollment.waivers import Wanted
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from tests import change_cases, make
from tests import course_cases as cases

YOUNG = dt.date(2015, 1, 1)


@pytest.fixture
def course():
    make.tariff(0)
    return make.course(age_min=40, gender="female")


@pytest.fixture
def manager(course):
    return cases.staff(Role.MANAGER, course.unit)


@pytest.fixture
def reviewer(course):
    return cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, course.province))


def wanted(course, person, rule="age", **over) -> Wanted:
    return Wanted(course, rule, over.pop("reason", "رأی شورای مرکز"), person.national_code, **over)


def grant(actor, asked, key=None) -> bool:
    return waivers.grant(actor, key or str(uuid.uuid4()), asked)


def count(model, **where) -> int:
    return db.session.scalar(select(func.count()).select_from(model).filter_by(**where))


def test_a_manager_sets_a_rule_aside_once_and_the_trail_holds_no_personal_data(course, manager):
    person, key = make.person(birth_date=YOUNG), str(uuid.uuid4())
    assert [grant(manager, wanted(course, person), key) for _ in range(2)] == [True, False]
    row = db.session.scalars(select(EligibilityWaiver)).one()
    assert (row.person_id, row.course_id, row.rule, row.granted_by_id) == (person.id, course.id, "age", manager.user_id)
    event = db.session.scalars(select(AuditEvent).filter_by(action="rule_waived")).one()
    assert event.detail == {"course": course.id, "rule": "age", "level": "center"}
    with pytest.raises(DomainError, match="چشم‌پوشی شده"):
        grant(manager, wanted(course, person))


@pytest.mark.once
def test_what_the_policy_leaves_to_the_province_is_not_the_managers(course, manager, reviewer):
    person = make.person(gender="male", birth_date=YOUNG)
    with pytest.raises(NotAllowed, match="کارشناس استان"):
        grant(manager, wanted(course, person, "gender"))
    assert grant(reviewer, wanted(course, person, "gender"))
    assert grant(reviewer, wanted(course, person))
    nobody = {"mode": "refuse", "override": "nobody"}
    make.save(Policy(name="eligible_age", scope="*", valid_from=dt.date(2020, 1, 1), value=nobody))
    with pytest.raises(NotAllowed, match="برای هیچ‌کس"):
        grant(reviewer, wanted(course, make.person(birth_date=YOUNG)))


def test_a_clerk_another_center_and_whoever_it_is_about_set_nothing_aside(course, manager):
    person, elsewhere = make.person(birth_date=YOUNG), make.unit()
    others = [cases.staff(Role.CLERK, course.unit), cases.staff(Role.MANAGER, elsewhere)]
    others.append(cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province())))
    for actor in others:
        with pytest.raises(NotAllowed):
            grant(actor, wanted(course, person))
    own = make.user(Role.MANAGER, course.unit)
    own.person.birth_date = YOUNG
    db.session.commit()
    with pytest.raises(NotAllowed, match="خودتان"):
        grant(cases.actor(own), wanted(course, own.person))
    with pytest.raises(DomainError, match="قلمرو"):
        waivers.course_by_code(others[1], course.code)
    assert count(EligibilityWaiver) == 0


@pytest.mark.once
@pytest.mark.parametrize(("over", "field"), [
    ({"reason": " "}, "reason"), ({"rule": "gender"}, "rule"), ({"rule": "education"}, "rule"), ({"rule": "x"}, "rule"),
])  # fmt: skip
def test_nothing_is_set_aside_without_a_reason_or_where_it_refuses_nobody(course, manager, over, field):
    with pytest.raises(DomainError) as refusal:
        grant(manager, wanted(course, make.person(birth_date=YOUNG, gender="female"), **over))
    assert (refusal.value.field, count(EligibilityWaiver)) == (field, 0)


@pytest.mark.once
def test_who_has_died_is_set_aside_by_nobody(course, manager):
    with pytest.raises(NotAllowed, match="برای هیچ‌کس"):
        grant(manager, wanted(course, make.person(is_alive=False), "deceased"))


def test_of_a_draft_what_was_typed_counts_and_the_person_may_be_new(course, manager):
    key, code = str(uuid.uuid4()), make.national_code()
    values = {"user_id": manager.user_id, "unit_id": course.unit_id, "course_id": course.id, "national_code": code}
    fields = {"birth_date": YOUNG.isoformat()}
    draft = make.save(EnrollmentDraft(key=key, **values, debit_source="trainee", version=2, fields=fields))
    assert waivers.grant(manager, str(uuid.uuid4()), Wanted(course, "age", "رأی شورا", draft=draft))
    assert drafts.confirm(manager, drafts.get(manager, key)).tracking_code
    (line,), older = waivers.of_territory(manager)
    assert (line.title, line.used is not None, older, line.code.count("*") > 0) == ("سن", True, None, True)


@pytest.mark.once
def test_whoever_types_a_code_leaves_a_trace_whatever_comes_of_it(course, manager):
    with pytest.raises(DomainError):
        grant(manager, wanted(course, make.person(birth_date=dt.date(1970, 1, 1))))
    assert count(AuditEvent, action="person_looked_up") == 1


# -- Taking back -----------------------------------------------------------------------


def take_back(actor, waiver, key=None) -> bool:
    return unwaiving.take_back(actor, key or str(uuid.uuid4()), waiver.id, "اشتباه بود")


@pytest.fixture
def given(course):
    """`given(actor)`: a person, and the rule that `actor` has set aside for them."""

    def _given(actor):
        person = make.person(birth_date=YOUNG, gender="female")
        grant(actor, wanted(course, person))
        return person, db.session.scalars(select(EligibilityWaiver).order_by(EligibilityWaiver.id.desc())).first()

    return _given


def test_what_a_manager_set_aside_a_colleague_takes_back_once_and_the_rule_refuses_again(course, manager, given):
    (person, waiver), key = given(manager), str(uuid.uuid4())
    colleague, waiver_id = cases.staff(Role.MANAGER, course.unit), waiver.id
    assert [take_back(colleague, waiver, key) for _ in range(2)] == [True, False]
    event = db.session.scalars(select(AuditEvent).filter_by(action=unwaiving.TAKEN_BACK)).one()
    facts = {"course": course.id, "person": person.id, "rule": "age", "reason": "اشتباه بود"}
    assert (event.subject_id, event.actor_id, event.detail) == (waiver_id, colleague.user_id, facts)
    (past,) = unwaiving.of_territory(manager)
    assert (past.title, past.code.count("*") > 0, count(EligibilityWaiver)) == ("سن", True, 0)
    with pytest.raises(NotFound, match="پس گرفته است"):
        unwaiving.of(manager, waiver_id)
    assert grant(manager, wanted(course, person)), "and it can be set aside anew"


def test_what_the_province_set_aside_the_center_does_not_take_back(course, manager, reviewer, given):
    _, of_province = given(reviewer)
    with pytest.raises(NotAllowed, match="کارشناس استان"):
        take_back(manager, of_province)
    assert take_back(cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, course.province)), of_province)
    _, of_center = given(manager)
    for actor in (cases.staff(Role.CLERK, course.unit), cases.staff(Role.DIRECTOR, reviewer_unit(course))):
        with pytest.raises(NotAllowed):
            take_back(actor, of_center)
    with pytest.raises(OutsideTerritory):
        take_back(cases.staff(Role.MANAGER, make.unit()), of_center)
    with pytest.raises(DomainError, match="دلیل"):
        unwaiving.take_back(manager, str(uuid.uuid4()), of_center.id, " ")
    assert take_back(reviewer, of_center)


def reviewer_unit(course):
    return make.unit(UnitKind.DIRECTORATE, course.province)


def test_one_that_somebody_is_in_the_course_by_says_where_and_is_free_again_when_they_leave(course, manager, given):
    person, waiver = given(manager)
    enrolled = enrollment.enroll(change_cases.application(course, person))
    with pytest.raises(Conflict, match=text.persian_digits(enrolled.tracking_code)):
        take_back(manager, waiver)
    assert count(EligibilityWaiver) == 1
    reversal.withdraw(person, enrolled.enrollment_id)
    assert take_back(manager, waiver)
