"""A trainee is not enrolled with the number of whoever enrolls them: not a colleague's, not the unit's."""

import pytest

from models import Enrollment, Person, Role, Unit, UnitKind, db, utcnow
from services.enrollment import drafts
from services.enrollment.drafts import Entry
from services.errors import DomainError
from tests import course_cases, make

NUMBER = "09113700077"


@pytest.fixture
def center():
    make.tariff(0)
    return make.unit()


@pytest.fixture
def clerk(center):
    return course_cases.staff(Role.CLERK, center)


def member(unit: Unit, role: Role = Role.MANAGER, mobile: str = NUMBER, **over) -> Person:
    """A colleague of the unit with this mobile."""
    person = make.person(mobile=mobile, mobile_status="matched")
    make.user(role, unit, person=person, **over)
    return person


def enroll(actor, unit: Unit, mobile: str, code: str | None = None) -> None:
    course = make.course(unit_=unit)
    key = drafts.start(actor, code or make.national_code())
    entry = Entry(course_id=course.id, mobile=mobile, debit_source="trainee")
    drafts.confirm(actor, drafts.save(actor, key, 1, entry))


def refusal(actor, unit: Unit, mobile: str = NUMBER) -> str:
    with pytest.raises(DomainError) as refused:
        enroll(actor, unit, mobile)
    assert (refused.value.field, db.session.query(Enrollment).count()) == ("mobile", 0)
    return str(refused.value)


@pytest.mark.once
@pytest.mark.parametrize("mobile", [NUMBER, "+98 911 370 0077", "۰۹۱۱۳۷۰۰۰۷۷"])
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CLERK, Role.COUNSELOR, Role.INSTRUCTOR])
def test_a_colleagues_mobile_is_refused(clerk, center, role, mobile):
    member(center, role)
    assert "کارکنان همین واحد" in refusal(clerk, center, mobile)


@pytest.mark.once
@pytest.mark.parametrize("phone", [NUMBER, "0911-370 00 77", "3222000، ۰۹۱۱۳۷۰۰۰۷۷"])
def test_the_units_own_number_is_refused(clerk, center, phone):
    center.phone = phone
    db.session.commit()
    assert "خود این واحد" in refusal(clerk, center)


def test_a_counter_types_neither_its_own_numbers_nor_those_of_the_center(center):
    office = make.unit(UnitKind.COUNTER)
    counter = course_cases.staff(Role.COUNTER, office)
    member(center)
    member(office, Role.COUNTER, "09113700078")
    for mobile in (NUMBER, "09113700078"):
        assert "کارکنان همین واحد" in refusal(counter, center, mobile)


@pytest.mark.once
@pytest.mark.parametrize("case", ["elsewhere", "left", "nobody"])
def test_any_other_number_is_taken(clerk, center, case):
    if case == "elsewhere":
        member(make.unit())
    elif case == "left":
        member(center, disabled_at=utcnow())
    enroll(clerk, center, NUMBER)
    assert db.session.query(Enrollment).count() == 1


@pytest.mark.once
def test_a_colleague_is_enrolled_with_their_own_number(clerk, center):
    colleague = member(center)
    enroll(clerk, center, NUMBER, colleague.national_code)
    assert db.session.query(Enrollment).one().person_id == colleague.id


def test_a_number_that_shahkar_matched_with_the_trainee_is_theirs(clerk, center):
    member(center, mobile=NUMBER)
    trainee = make.person(mobile=NUMBER, mobile_status="matched")
    enroll(clerk, center, NUMBER, trainee.national_code)
    assert db.session.query(Enrollment).one().person_id == trainee.id
