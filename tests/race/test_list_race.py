"""Batches of many against each other and against single forms: seats, money and each person exactly once."""

import uuid

import pytest
from sqlalchemy import func, select

from models import Account, Channel, Course, DebitSource, Enrollment, EnrollmentListRow, db
from services import enrollment, ledger, many
from services.enrollment import Application, batch
from services.enrollment.terms import Outcome
from services.many.typed import wanted
from tests import course_cases, make
from tests.race.crowd import storm
from tests.race.test_enrollment_race import invariants_hold

FEE = 50_000


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(FEE)


def forms(course: Course, people: list, user=None) -> list[Application]:
    """One form for each person, paid by themselves or by one purse."""
    source = DebitSource.PORTAL_USER if user else DebitSource.TRAINEE
    same = {"course_id": course.id, "channel": Channel.CLERK, "debit_source": source}
    owner = ledger.owner_of(user) if user else None
    return [
        Application(str(uuid.uuid4()), person_id=each.id, payer=owner or ledger.owner_of(each), **same)
        for each in people
    ]


def people(count: int, money: int = FEE) -> list:
    found = [make.person() for _ in range(count)]
    for each in found if money else ():
        make.purse(each, money)
    return found


def together(some: list[Application]) -> str:
    results = batch.enroll_each(some).values()
    new = sum(isinstance(each, Outcome) and not each.repeated for each in results)
    return f"{new} of {len(some)}"


def total(seen) -> int:
    """How many people the batches of a storm say that they have enrolled."""
    return sum(int(word.split()[0]) * times for word, times in seen.items())


def taken(course: Course) -> tuple[int, int]:
    db.session.rollback()
    db.session.refresh(course)
    return course.taken, db.session.scalar(select(func.count()).where(Enrollment.course_id == course.id))


def test_one_list_run_by_eight_at_once_in_any_cut_enrolls_each_once(app):
    course, crowd = make.course(capacity_max=100), people(24, 2 * FEE)
    all_ = forms(course, crowd)
    cuts = [all_, all_[::-1], all_[:12], all_[12:], all_[6:18], all_[::2], all_[1::2], all_]
    seen = storm(app, together, cuts)
    assert total(seen) == 24
    assert taken(course) == (24, 24)
    assert invariants_hold()


def test_batches_and_single_forms_that_go_for_ten_seats_fill_ten(app):
    course = make.course(capacity_max=10)
    crowd = people(24)
    all_ = forms(course, crowd)
    alone = forms(course, crowd[:6])  # the same people by other forms

    def work(some) -> str:
        if isinstance(some, list):
            return together(some)
        return "1 of 1" if not enrollment.enroll(some).repeated else "0 of 1"

    seen = storm(app, work, [all_[:8], all_[8:16], all_[16:], *alone])
    refused = sum(times for word, times in seen.items() if " of " not in word)
    assert total({word: times for word, times in seen.items() if " of " in word}) == 10, seen
    assert refused <= len(alone)
    assert taken(course) == (10, 10)
    assert invariants_hold()


def test_one_purse_that_holds_nine_fees_pays_for_nine_in_lists_of_two_courses(app):
    payer = make.person()
    purse = make.purse(payer, 9 * FEE)
    pairs = [(make.course(capacity_max=40), people(8, 0)) for _ in range(2)]
    lists = [forms(course, crowd, payer) for course, crowd in pairs]
    seen = storm(app, together, [lists[0][:4], lists[0][4:], lists[1][:4], lists[1][4:]])
    assert total(seen) == 9
    db.session.refresh(purse)
    assert purse.balance == 0
    assert invariants_hold()


def test_lists_of_the_same_people_in_two_courses_give_each_of_them_one(app):
    crowd = people(12, 4 * FEE)
    here, there = (forms(make.course(capacity_max=40), crowd) for _ in range(2))
    seen = storm(app, together, [here, there[::-1], here[::-1], there])
    assert total(seen) == 12
    assert invariants_hold()


def test_one_press_in_four_tabs_enrolls_each_person_of_the_list_once_and_marks_every_row(app, monkeypatch):
    monkeypatch.setattr(batch, "MOST", 8)
    course = make.course(capacity_max=24)
    clerk = course_cases.actor(make.user(unit_=course.unit))
    codes = [each.national_code for each in people(16)] + [make.national_code() for _ in range(8)]
    for code in codes[16:]:
        make.fill(make.save(Account(owner_kind="national", owner_code=code)), FEE)
    key = many.start(clerk, str(uuid.uuid4()), course.id, [wanted(code) for code in codes])
    runs = [DebitSource.TRAINEE] * 4
    seen = storm(app, lambda source: f"{many.run(clerk, key, source).enrolled} of 24", runs)
    assert total(seen) == 24, seen
    states = db.session.scalars(select(EnrollmentListRow.state)).all()
    assert (taken(course), set(states)) == ((24, 24), {"enrolled"})
    assert invariants_hold()


def test_control_without_the_condition_two_batches_sell_the_last_seats_twice(app, monkeypatch, without_check):
    """Both have counted the seats before either takes them; only the condition in the database stands between."""
    without_check("course", "taken_in_capacity")
    course = make.course(capacity_max=8)
    all_ = forms(course, people(16))

    def grab(course_id: int, count: int) -> None:
        row = db.session.get_one(Course, course_id, populate_existing=True, with_for_update=True)
        row.taken += count

    monkeypatch.setattr(batch, "_turn_away", lambda *_: None)
    monkeypatch.setattr(batch, "_seat", lambda *_: None)
    monkeypatch.setattr(batch, "_take_seats", grab)
    seen = storm(app, together, [all_[:8], all_[8:]])
    assert total(seen) == 16
    assert not invariants_hold()
