"""Instructors without a national code: taken on by the code on a paper, which has to stand in their file."""

import datetime as dt

import pytest

from models import IdentityStatus, Outbox, Role, db
from services import codes, foreigners
from services.errors import DomainError
from services.instructors import evidence, profile, reading, verifying
from services.instructors.reading import Filter
from services.instructors.taking_on import NewInstructor, take_on
from services.instructors.verifying import Key
from services.submissions import new_key
from tests import attachments, make
from tests import course_cases as cases
from tests import instructor_cases as files
from tests.services.test_files import folder  # noqa: F401 (a fixture)

CODE = "10350829"  # of eight digits, and with zeros before it somebody's national code


@pytest.fixture
def clerk():
    return cases.staff(Role.CLERK, make.unit())


@pytest.fixture
def newcomer():
    field = make.field("خیاطی")

    def _new(**over):
        paper = {"national_code": "", "foreign_code": CODE, "foreign_kind": "amayesh"}
        named = {
            "first_name": "نجیبه",
            "last_name": "احمدزی",
            "birth_date": dt.date(1985, 3, 2),
            "mobile": "09121234567",
        }
        return NewInstructor(**paper | named | {"field_ids": [field.id]} | over)

    return _new


@pytest.mark.once
def test_a_foreigner_is_taken_on_by_the_code_of_a_paper_and_nobody_outside_is_asked(clerk, newcomer):
    own = make.person(national_code=codes.national_code(CODE))
    row = reading.find(clerk, take_on(clerk, new_key(), newcomer(foreign_code="۱۰۳۵ ۰۸۲۹")).id)
    person = row.person
    assert (person.national_code, person.foreign_code, person.full_name) == (None, CODE, "نجیبه احمدزی")
    assert person.id != own.id
    assert (person.identity_status, foreigners.kind_of(person)) == (IdentityStatus.FOREIGN_MANUAL, "کارت آمایش")
    assert db.session.query(Outbox).count() == 0
    assert [each.instructor.id for each in reading.listing(clerk, Filter(words=CODE)).rows] == [row.id]
    far = cases.staff(Role.CLERK, make.unit())
    other = take_on(far, new_key(), newcomer(foreign_kind="passport"))  # the same human, with the paper of before
    assert reading.find(far, other.id).person_id == person.id
    assert foreigners.kind_of(reading.find(far, other.id).person) == "کارت آمایش"


@pytest.mark.once
@pytest.mark.parametrize(("over", "field"), [
    ({"foreign_code": "1234567"}, "foreign_code"), ({"foreign_code": "1" * 12}, "foreign_code"),
    ({"foreign_kind": ""}, "foreign_kind"), ({"national_code": "0010350829"}, "foreign_code"),
    ({"foreign_code": ""}, "national_code"), ({"birth_date": None}, "birth_date"),
])  # fmt: skip
def test_what_is_wrong_with_such_a_code_stands_at_its_field(clerk, newcomer, over, field):
    with pytest.raises(DomainError) as refused:
        take_on(clerk, new_key(), newcomer(**over))
    assert refused.value.field == field


@pytest.mark.once
def test_another_name_on_a_known_code_is_another_human_being(clerk, newcomer):
    take_on(clerk, new_key(), newcomer())
    for over in ({"first_name": "گل‌آغا", "last_name": "رحیمی"}, {}):  # the second is there already
        with pytest.raises(DomainError) as refused:
            take_on(clerk, new_key(), newcomer(**over))
        assert refused.value.field == "foreign_code"


@pytest.mark.once
@pytest.mark.usefixtures("folder")
def test_no_row_of_a_foreigner_is_verified_before_a_paper_says_who_it_is(clerk, newcomer):
    teacher = reading.find(clerk, take_on(clerk, new_key(), newcomer()).id)
    record = files.waiting(teacher, clerk)
    manager = cases.staff(Role.MANAGER, teacher.unit)
    key = Key(record.id, record.version)
    with pytest.raises(DomainError, match="مدرک هویت"):
        verifying.decide(manager, new_key(), key, approve=True, reason="")
    row = profile.begun(teacher.person_id)
    attachments.send(clerk, attachments.jpeg(), evidence.Place(evidence.IDENTITY, row.id, teacher.unit_id))
    assert verifying.decide(manager, new_key(), key, approve=True, reason="")
