"""Who holds different roles in two units has in each only what was given there."""

import pytest
from sqlalchemy import select

from models import CourseStatus, Discrepancy, Enrollment, EnrollmentDraft, Role, UnitKind, User, UserRole, db
from services import access, courses, discrepancies, staff
from services.access import Level
from services.courses import Action
from services.enrollment import drafts, reach, slips
from services.enrollment.drafts import Entry
from services.errors import DomainError, NotAllowed, OutsideTerritory
from services.staff import NewUser
from tests import course_cases, make


@pytest.fixture
def here():
    make.tariff(0)
    return course_cases.center()


@pytest.fixture
def there(here):
    unit = make.unit(UnitKind.CENTER)
    standard = make.first(make.SkillStandard)
    make.workshop(unit, standard)
    make.instructor(unit, make.first(make.TradeField, id=standard.field_id))
    return unit


def holding(role, unit, other_role, other_unit, **other) -> access.Actor:
    """Somebody with one role in one unit and another role in another."""
    user = make.user(role, unit)
    make.save(UserRole(user_id=user.id, unit_id=other_unit.id, role=other_role, **other))
    return course_cases.actor(user, "center")


@pytest.mark.once
def test_a_manager_here_and_counselor_there_decides_on_courses_here_only(here, there):
    who = holding(Role.MANAGER, here, Role.COUNSELOR, there)
    own, other = (course_cases.at(CourseStatus.CENTER_REVIEW, unit) for unit in (here, there))
    assert courses.steps_for(other, who) == []
    with pytest.raises(NotAllowed):
        course_cases.advance(who, other.id, Action.APPROVE)
    assert course_cases.advance(who, own.id, Action.APPROVE).status is CourseStatus.PROVINCE_REVIEW


@pytest.mark.once
def test_a_clerk_here_and_counselor_there_edits_and_enters_courses_here_only(here, there):
    who = holding(Role.CLERK, here, Role.COUNSELOR, there)
    other = course_cases.draft(course_cases.staff(Role.CLERK, there))
    assert not courses.is_editable(other, who)
    with pytest.raises(NotAllowed):
        courses.save(who, other.id, other.version, courses.values_of(other))
    with pytest.raises(NotAllowed):
        courses.copy(who, other.id, "a key")
    assert courses.create(who, other.standard_id, "another key").unit_id == here.id


@pytest.mark.parametrize("act", [
    lambda who, clerk, unit: staff.issue_code(who, clerk.id),
    lambda who, clerk, unit: staff.disable(who, clerk.id),
    lambda who, clerk, unit: staff.grant(who, clerk.id, "counselor", unit.code),
    lambda who, clerk, unit: staff.create(who, NewUser(make.national_code(), "new.one", "clerk", unit.code)),
])  # fmt: skip
def test_a_manager_here_and_counselor_there_keeps_no_accounts_there(here, there, act):
    who, clerk = holding(Role.MANAGER, here, Role.COUNSELOR, there), make.user(Role.CLERK, there)
    with pytest.raises((DomainError, OutsideTerritory)):
        act(who, clerk, there)
    assert clerk.id not in {user.id for user in staff.listing(who).users}
    assert len(staff.issue_code(who, make.user(Role.CLERK, here).id)) == 8


def test_a_manager_here_and_clerk_there_settles_names_here_only(here, there):
    who = holding(Role.MANAGER, here, Role.CLERK, there)
    for unit, may in ((here, True), (there, False)):
        values = {"ours": {"gender": "male"}, "theirs": {"gender": "female"}, "source": "registry", "field": "gender"}
        row = make.save(Discrepancy(person_id=make.person().id, unit_id=unit.id, **values))
        assert discrepancies.case(who, row.id).can_settle is may
        if not may:
            with pytest.raises(NotAllowed):
                discrepancies.settle(who, row.id, "official", "دلیل")


def test_the_permission_to_enroll_others_counts_in_the_unit_that_gave_it(here, there):
    who = holding(Role.CLERK, here, Role.CLERK, there, can_enroll_others=False)
    make.course(unit_=there)
    own = make.course(unit_=here)
    assert [course.id for course in reach.open_courses(who)] == [own.id]
    with pytest.raises(OutsideTerritory):
        drafts.start(who, make.national_code(), course_id=make.course(unit_=there).id)


def test_a_draft_is_not_confirmed_in_a_unit_that_has_taken_the_permission_back(here, there):
    who = holding(Role.CLERK, here, Role.CLERK, there, can_enroll_others=True)
    course = make.course(unit_=here)
    key = drafts.start(who, make.national_code(), course_id=course.id)
    draft = drafts.save(who, key, 1, Entry(course_id=course.id, debit_source="trainee"))
    make.first(UserRole, unit_id=here.id, user_id=who.user_id).can_enroll_others = False
    db.session.commit()
    now = access.actor(db.session.get_one(User, who.user_id), Level.CENTER, access.roles_of(who.user_id))
    with pytest.raises(NotAllowed):
        drafts.confirm(now, draft)


def test_an_enrollment_belongs_to_the_unit_of_its_course_not_to_the_clerks_first(here, there):
    who = holding(Role.CLERK, here, Role.CLERK, there, can_enroll_others=True)
    course = make.course(unit_=there)
    key = drafts.start(who, make.national_code(), course_id=course.id)
    drafts.confirm(who, drafts.save(who, key, 1, Entry(course_id=course.id, debit_source="trainee")))
    assert db.session.scalars(select(Enrollment.unit_id)).one() == there.id


def counter(office) -> access.Actor:
    user = make.user(Role.COUNTER, office)
    return access.actor(user, Level.CENTER, access.roles_of(user.id))


def test_a_counter_sees_own_acts_only_whatever_the_office_has_done(here):
    office = make.unit(UnitKind.COUNTER)
    mine, colleague = counter(office), counter(office)
    course = make.course(unit_=here)
    key = drafts.start(mine, make.national_code(), course_id=course.id)
    done = drafts.confirm(mine, drafts.save(mine, key, 1, Entry(course_id=course.id, debit_source="trainee")))
    assert drafts.finished(mine, key).enrollment.id == done.enrollment_id
    assert drafts.finished(colleague, key) is None
    seen = [slips.slip(done.tracking_code, slips.Viewer(actors=(who,))).is_whole for who in (mine, colleague)]
    assert seen == [True, False]


def test_a_counter_with_a_role_in_a_center_sees_own_acts_only_of_the_office(here):
    office = make.unit(UnitKind.COUNTER)
    draft = drafts.start(counter(office), make.national_code())
    with pytest.raises(OutsideTerritory):
        drafts.get(holding(Role.COUNTER, office, Role.CLERK, here), draft)
    assert db.session.scalars(select(EnrollmentDraft.unit_id)).one() == office.id


def test_a_counter_office_looks_at_no_disputed_names():
    office = make.unit(UnitKind.COUNTER)
    values = {"ours": {"gender": "male"}, "theirs": {"gender": "female"}, "source": "registry", "field": "gender"}
    make.save(Discrepancy(person_id=make.person().id, unit_id=office.id, **values))
    assert discrepancies.listing(counter(office)).rows == []
