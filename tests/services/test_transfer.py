"""One person goes to another course: the seats, the money, the rules, and the one message."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import func, select

from models import (
    Course,
    CourseStatus,
    Delivery,
    Enrollment,
    EnrollmentEvent,
    Gender,
    IncomeDecile,
    Message,
    Role,
    Unit,
    UnitKind,
    db,
)
from services import jalali
from services.enrollment import transfer
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from tests import change_cases as changes
from tests import course_cases as cases
from tests import make

WHY = "ساعت دیگری می‌خواهد"


@pytest.fixture
def people():
    return changes.staff()


def move(actor, row, other, key=None):
    return transfer.move(actor, key or str(uuid.uuid4()), row, other.id if other else None, WHY)


def test_one_person_goes_with_the_same_payment_and_is_told_once(people):
    course, other = changes.live(people.unit), changes.live(people.unit, capacity_max=1)
    payer = make.person()
    stays, row = changes.enroll(course), changes.enroll(course, payer=payer)
    key = str(uuid.uuid4())
    new, again = (move(people.clerk, row, other, key) for _ in range(2))
    assert (new.id, new.course_id, new.moved_from_id, new.fee_rials) == (again.id, other.id, row, changes.FEE)
    assert (changes.is_active(stays), changes.is_active(row), changes.is_active(new.id)) == (True, False, True)
    assert changes.balance_of(row) == 0
    assert new.payer_account_id == db.session.get_one(Enrollment, row).payer_account_id
    seats = db.session.execute(select(Course.taken).order_by(Course.id)).scalars().all()
    assert seats == [1, 1]
    told = select(func.count()).select_from(Message).where(Message.template == "moved")
    assert db.session.scalar(told) == 1
    events = select(EnrollmentEvent.action, EnrollmentEvent.reason).order_by(EnrollmentEvent.id.desc()).limit(2)
    assert {tuple(each) for each in db.session.execute(events)} == {("moved_here", WHY), ("moved", WHY)}
    assert changes.odd() == []
    with pytest.raises(Conflict):
        move(people.clerk, row, other)
    with pytest.raises(DomainError, match="جای خالی"):  # the one seat is taken
        move(people.clerk, stays, other)


def test_what_the_rules_of_enrolling_bar_is_refused_and_nothing_is_touched(people):
    course, women = changes.live(people.unit), changes.live(people.unit, gender=Gender.FEMALE)
    man = changes.enroll(course, make.person(gender=Gender.MALE))
    with pytest.raises(DomainError, match="بانوان"):
        move(people.clerk, man, women)
    with pytest.raises(DomainError, match="انتخاب"):
        move(people.clerk, man, None)
    academy = make.unit(UnitKind.ACADEMY, people.unit.province)
    dear = changes.live(people.unit)
    dear.unit_id = academy.id
    db.session.commit()
    make.tariff(70_000, unit_kind="academy")
    with pytest.raises(DomainError, match="هزینه"):
        move(people.clerk, man, dear)
    assert changes.is_active(man)
    assert changes.odd() == []


def test_what_the_person_would_pay_in_both_courses_is_compared_not_what_others_do(people):
    course, virtual = changes.live(people.unit), changes.live(people.unit, delivery=Delivery.VIRTUAL)
    plain, poor = changes.enroll(course), make.person()
    make.tariff(70_000, delivery="virtual"), make.tariff(50_000, decile=2)
    values = {"decile": 2, "source": "sheet", "valid_from": dt.date(2026, 1, 1)}
    make.save(IncomeDecile(person_id=poor.id, **values))
    row = changes.enroll(course, poor)
    with pytest.raises(DomainError, match="۷۰٬۰۰۰ ریال"):
        move(people.clerk, plain, virtual)
    assert move(people.clerk, row, virtual).course_id == virtual.id
    assert changes.odd() == []


def test_only_staff_of_the_unit_move_people_and_only_before_the_course_begins(people):
    course, other = changes.live(people.unit), changes.live(people.unit)
    row = changes.enroll(course)
    counselor = cases.staff(Role.COUNSELOR, people.unit)
    stranger = cases.staff(Role.MANAGER, make.unit(UnitKind.CENTER))
    with pytest.raises(NotAllowed):
        move(counselor, row, other)
    with pytest.raises(OutsideTerritory):
        move(stranger, row, other)
    course.status, course.start_on = CourseStatus.RUNNING, jalali.tehran_today(dt.datetime.now(dt.UTC))
    db.session.commit()
    assert not transfer.may_move(people.clerk, course)
    with pytest.raises(NotAllowed, match="پیش از شروع"):
        move(people.clerk, row, other)
    assert db.session.get_one(Unit, people.unit.id).id == course.unit_id
