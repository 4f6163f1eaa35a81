"""Objections to debits, what a manager and the offices read of them, and the card of a top-up."""

import pytest

from models import DebitObjection, Enrollment, EnrollmentStatus, Message, OwnerKind, Role, UnitKind, db, utcnow
from services import jalali
from services.access import Visitor
from services.catalog.booklet import month_of
from services.enrollment import own
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.purses import cards, clerks, objecting, objections, statement, sums
from tests import course_cases, make
from tests.services.test_purses import enroll

MONTH = month_of(jalali.tehran_today(utcnow()))


@pytest.fixture
def unit():
    make.tariff(50_000)
    return make.unit(title="مرکز گرگان")


@pytest.fixture
def clerk(unit):
    return course_cases.staff(Role.CLERK, unit)


@pytest.fixture
def manager(unit):
    return course_cases.staff(Role.MANAGER, unit)


def visitor(person) -> Visitor:
    return Visitor(person.id, person.national_code, None, person.first_name, person.last_name, None)


def debited(clerk, source: str = "trainee"):
    """A trainee whom a clerk has enrolled, and the transfer that paid for it."""
    person, course = make.person(), make.course(unit_=make.first(make.Unit, id=clerk.units[0]))
    held = make.purse(person if source == "trainee" else make.first(make.Person, id=clerk.person_id), 50_000)
    made = enroll(clerk, course, source, person)
    return visitor(person), held, make.first(make.LedgerTransfer, enrollment_id=made.id).id


def test_an_owner_objects_once_to_a_debit_by_somebody_else_and_to_no_other(clerk):
    person, _, transfer = debited(clerk)
    assert objecting.raise_(person, transfer, "من ثبت‌نام نکرده‌ام")
    assert not objecting.raise_(person, transfer, "من  ثبت‌نام نکرده‌ام")
    with pytest.raises(Conflict):
        objecting.raise_(person, transfer, "چیز دیگری")
    assert db.session.query(DebitObjection).count() == 1
    for who, which in ((visitor(make.person()), transfer), (person, transfer + 99)):
        with pytest.raises((OutsideTerritory, NotFound)):
            objecting.raise_(who, which, "نه")
    _, _, portals = debited(clerk, "portal_user")
    payer = visitor(make.first(make.Person, id=make.first(Enrollment, debit_source="portal_user").person_id))
    with pytest.raises(DomainError):
        objecting.raise_(payer, portals, "نه")
    selfmade = make.person()
    make.purse(selfmade, 50_000)
    made = own.enroll(visitor(selfmade), make.course().code, "form-of-their-own")
    with pytest.raises(DomainError):
        objecting.raise_(visitor(selfmade), make.first(make.LedgerTransfer, enrollment_id=made.enrollment_id).id, "نه")


def test_an_accepted_objection_takes_the_enrollment_back_once_and_who_comes_second_reads_who_was_faster(clerk, manager):
    person, held, transfer = debited(clerk)
    objecting.raise_(person, transfer, "من ثبت‌نام نکرده‌ام")
    row = make.first(DebitObjection)
    outcomes = [objections.answer(manager, row.id, accepts=True, words="").repeated for _ in range(2)]
    assert outcomes == [False, True]
    enrollment = make.first(Enrollment)
    db.session.refresh(held)
    assert (enrollment.status, held.balance, enrollment.course.taken) == (EnrollmentStatus.CANCELED, 50_000, 0)
    other = course_cases.staff(Role.MANAGER, make.first(make.Unit, id=manager.units[0]))
    with pytest.raises(Conflict, match=f"{manager.name} .*پذیرفت"):
        objections.answer(other, row.id, accepts=False, words="نه")
    newest = statement.page((held.owner_kind, held.owner_code)).entries
    assert [each.objection for each in newest] == [None, "accepted", None]


def test_a_declined_objection_changes_nothing_and_tells_the_owner_why(clerk, manager):
    person, held, transfer = debited(clerk)
    objecting.raise_(person, transfer, "من ثبت‌نام نکرده‌ام")
    row = make.first(DebitObjection)
    with pytest.raises(DomainError) as refusal:
        objections.answer(manager, row.id, accepts=False, words=" ")
    assert refusal.value.field == "answer"
    objections.answer(manager, row.id, accepts=False, words="برگهٔ امضاشدهٔ شما نزد مرکز است.")
    db.session.refresh(held)
    assert (make.first(Enrollment).status, held.balance) == (EnrollmentStatus.ACTIVE, 0)
    told = make.first(Message, template="objection")
    assert told.person_id == person.id
    assert "برگهٔ امضاشده" in told.body


def test_nobody_answers_for_their_own_debit_and_the_province_does_where_the_unit_cannot(unit, manager):
    person, _, transfer = debited(manager)
    objecting.raise_(person, transfer, "من ثبت‌نام نکرده‌ام")
    row = make.first(DebitObjection)
    office = make.unit(UnitKind.DIRECTORATE, unit.province)
    planner, reviewer = (course_cases.staff(role, office) for role in (Role.PLANNER, Role.REVIEWER))
    clerk, far = course_cases.staff(Role.CLERK, unit), course_cases.staff(Role.MANAGER, make.unit())
    assert [objections.get(who, row.id).why_not != "" for who in (manager, planner, reviewer)] == [True, True, False]
    for who, refusal in ((manager, NotAllowed), (planner, NotAllowed), (clerk, NotAllowed), (far, OutsideTerritory)):
        with pytest.raises(refusal):
            objections.answer(who, row.id, accepts=True, words="")
    assert [objections.open_count(who) for who in (manager, reviewer, clerk, far)] == [1, 1, 0, 0]
    objections.answer(reviewer, row.id, accepts=True, words="")
    (done,), _ = objections.listing(manager, answered=True)
    assert objections.judge(done) == reviewer.name
    assert objections.listing(manager, answered=False) == ([], None)


def test_a_manager_sees_by_clerk_and_month_what_was_debited_from_trainees_and_what_went_back(clerk, manager, unit):
    person, _, transfer = debited(clerk)
    debited(clerk)
    debited(clerk, "portal_user")
    debited(manager)
    objecting.raise_(person, transfer, "من ثبت‌نام نکرده‌ام")
    objections.answer(manager, make.first(DebitObjection).id, accepts=True, words="")
    seen = {(line.month, line.clerk): line for line in clerks.table(manager, MONTH)}
    theirs = seen[MONTH, clerk.name]
    assert (theirs.times, theirs.rials, theirs.back, theirs.objections) == (2, 100_000, 1, 1)
    assert (len(seen), seen[MONTH, manager.name].rials) == (2, 50_000)
    assert clerks.table(manager, MONTH.before) == []
    with pytest.raises(NotAllowed):
        clerks.table(clerk, MONTH)
    office = course_cases.staff(Role.DIRECTOR, make.unit(UnitKind.DIRECTORATE, unit.province))
    hq = course_cases.staff(Role.REVIEWER, make.unit(UnitKind.HQ))
    for who, filled in ((office, None), (hq, 200_000)):
        found = sums.month_sums(who, MONTH)
        assert [found.total(name) for name in ("times", "trainees", "portal", "back")] == [4, 150_000, 50_000, 50_000]
        assert (found.filled, found.held) == (filled, filled and 50_000)
    elsewhere = course_cases.staff(Role.DIRECTOR, make.unit(UnitKind.DIRECTORATE, make.province()))
    assert sums.month_sums(elsewhere, MONTH).parts == []


def test_a_card_proves_a_top_up_of_the_own_purse_by_a_serial_that_catches_slips():
    held, other = make.purse(balance=70_000), make.purse(balance=10)
    owner = (OwnerKind.NATIONAL, held.owner_code)
    number = cards.serial(make.first(make.LedgerTransfer, to_account_id=held.id).id)
    whose, card = cards.card([owner], number)
    assert (whose, card.entry.amount, card.balance) == (owner, 70_000, 70_000)
    with pytest.raises(NotFound):
        cards.card([owner], number[:-1] + str((int(number[-1]) + 1) % 10))
    with pytest.raises(OutsideTerritory):
        cards.card([(OwnerKind.NATIONAL, other.owner_code)], number)
