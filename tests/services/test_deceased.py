"""Whom the registry calls dead is enrolled by no door, and why is a supervisor's to know."""

import datetime as dt
import uuid

import pytest

from gateways.registry import RegistryPerson
from models import Channel, DebitSource, Enrollment, Person, Role, db
from services import discrepancies, enrollment, ledger, lookups, many, people
from services.enrollment import Application, NotEligible, drafts, transfer
from services.enrollment import desk as desks
from services.enrollment.drafts import Entry
from services.errors import DomainError, OutsideTerritory
from services.inquiries import Way
from services.waiting import joining
from services.waiting.joining import Asking
from tests import change_cases as changes
from tests import course_cases, make

BORN = dt.date(1991, 4, 15)
REASON, NEUTRAL = "درگذشته", "مدیر مرکز"


@pytest.fixture
def staff():
    return changes.staff()


def dies(person: Person) -> Person:
    """The registry says that this person is dead, as an answer that has just come in."""
    said = {"first_name": "مریم", "last_name": "کریمی", "father_name": None, "gender": None, "birth_date": BORN}
    record = RegistryPerson(national_code=person.national_code, shenasname_no=None, alive=False, **said)
    lookups.settle(lookups.question_of(person, "row-1"), record, Way(people.REGISTRY))
    db.session.refresh(person)
    return person


def living() -> Person:
    person = make.person(first_name=None, last_name=None, birth_date=BORN)
    make.purse(person, 500_000)
    return person


def by_desk(staff, course, person):
    key = drafts.start(staff.clerk, person.national_code)
    drafts.confirm(staff.clerk, drafts.save(staff.clerk, key, 1, Entry(course_id=course.id, debit_source="trainee")))


def by_list(staff, course, person):
    key = many.start(staff.clerk, str(uuid.uuid4()), course.id, many.read(person.national_code))
    many.run(staff.clerk, key, DebitSource.TRAINEE)
    (line,) = many.look(staff.clerk, key).lines
    raise DomainError(line.problem)


def by_self(staff, course, person, channel=Channel.SELF):
    said = {"channel": channel, "debit_source": DebitSource.TRAINEE, "payer": ledger.owner_of(person)}
    enrollment.enroll(Application(form_key=str(uuid.uuid4()), course_id=course.id, person_id=person.id, **said))


def by_line(staff, course, person):
    joining.join(Asking(str(uuid.uuid4()), course.id, person.id, Channel.SELF))


@pytest.mark.parametrize("door", [by_desk, by_list, by_self, by_line])
def test_no_door_takes_the_dead_or_says_why(staff, door):
    course, person = changes.live(staff.unit, capacity_max=1), dies(living())
    if door is by_line:
        changes.enroll(course)
    with pytest.raises(DomainError, match=NEUTRAL) as refused:
        door(staff, course, person)
    assert REASON not in str(refused.value)
    assert not db.session.query(Enrollment).filter_by(person_id=person.id).count()


def test_nobody_who_has_died_since_is_moved_or_takes_a_seat_that_was_kept_for_them(staff):
    course, other = changes.live(staff.unit), changes.live(staff.unit, capacity_max=1)
    there, waits, mover = changes.enroll(other), living(), living()
    row = changes.enroll(course, mover)
    by_line(staff, other, waits)
    enrollment.reversal.withdraw(db.session.get_one(Enrollment, there).person, there)
    dies(waits), dies(mover)
    with pytest.raises(NotEligible, match=NEUTRAL):
        by_self(staff, other, waits)
    with pytest.raises(DomainError, match=NEUTRAL) as refused:
        transfer.move(staff.clerk, str(uuid.uuid4()), row, changes.live(staff.unit).id, "می‌خواهد")
    assert REASON not in str(refused.value)
    assert changes.is_active(row)


def test_who_is_called_dead_while_somebody_is_about_to_enroll_them_is_a_task_of_that_center(staff):
    person = living()
    drafts.start(staff.clerk, person.national_code)
    dies(person)
    (task,) = discrepancies.listing(course_cases.staff(Role.MANAGER, staff.unit)).rows
    assert (task.field, task.province_id) == ("deceased", staff.unit.province_id)


def test_the_manager_reads_the_reason_at_the_desk_and_among_the_discrepancies_and_the_clerk_does_not(staff):
    course, person = changes.live(staff.unit), living()
    changes.enroll(course, person)
    dies(person)
    manager = course_cases.staff(Role.MANAGER, staff.unit)
    (task,) = discrepancies.listing(manager).rows
    assert (task.field, discrepancies.listing(staff.clerk).rows, discrepancies.count(staff.clerk)) == (
        "deceased",
        [],
        0,
    )
    with pytest.raises(OutsideTerritory):
        discrepancies.case(staff.clerk, task.id)
    for who, is_told in ((manager, True), (staff.clerk, False)):
        key = drafts.start(who, person.national_code)
        draft = drafts.save(who, key, 1, Entry(course_id=changes.live(staff.unit).id, debit_source="trainee"))
        said = " ".join(f"{each.text} {each.found}" for each in desks.desk(who, draft).findings)
        assert ((REASON in said), (NEUTRAL in said)) == (is_told, not is_told)
