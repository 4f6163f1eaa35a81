"""Many people by one transaction: exactly what one at a time would have done, in statements that do not grow."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import event, func, select

from models import (
    Channel,
    DebitSource,
    Enrollment,
    EnrollmentEvent,
    IncomeDecile,
    LedgerTransfer,
    Message,
    Outbox,
    Policy,
    WaitlistEntry,
    db,
)
from services import enrollment, ledger, policy
from services.enrollment import Application, batch, commit
from services.enrollment.batch import enroll_each
from services.enrollment.eligibility import Typed
from services.waiting import joining
from services.waiting.joining import Asking
from tests import make

FEE = 50_000


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(FEE)


def application(course, person, source=DebitSource.TRAINEE, user=None, **over) -> Application:
    payer = ledger.owner_of(user if source is DebitSource.PORTAL_USER else person)
    key = over.pop("form_key", None) or str(uuid.uuid4())
    values = {"channel": Channel.CLERK, "debit_source": source, "payer": payer, **over}
    portal = ledger.owner_of(user) if user else None
    return Application(form_key=key, course_id=course.id, person_id=person.id, portal_user=portal, **values)


def people(count: int, credit: int = FEE) -> list:
    found = [make.person() for _ in range(count)]
    if credit:
        for each in found:
            make.purse(each, credit)
    return found


def count(model, *where) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def ended(results, forms) -> list[str]:
    """How each form ended, in the order of the forms."""
    return [type(results[form.form_key]).__name__ for form in forms]


def test_everybody_gets_what_one_at_a_time_would_have_brought():
    course, other = make.course(), make.course()
    alone, *rest = people(4, 70_000)
    enrollment.enroll(application(other, alone))
    forms = [application(course, each) for each in rest]
    results = enroll_each(forms)
    assert ended(results, forms) == ["Outcome"] * 3
    one, many = (
        db.session.scalars(select(Enrollment).where(Enrollment.course_id == each.id).order_by(Enrollment.id)).all()
        for each in (other, course)
    )
    apart = {"id", "form_key", "form_hash", "course_id", "person_id", "payer_account_id", "tracking_code", "created_at"}
    plain = [
        {c.key: getattr(row, c.key) for c in Enrollment.__table__.c if c.key not in apart} for row in (*one, *many)
    ]
    assert plain == plain[:1] * 4
    assert all(row.payer.balance == 20_000 for row in many)
    db.session.refresh(course)
    debits = LedgerTransfer.kind == "debit"
    assert (course.taken, count(LedgerTransfer, debits)) == (3, 4)
    assert [count(model) for model in (EnrollmentEvent, Message, Outbox)] == [4, 4, 4]
    shapes = {body.split(" کد رهگیری")[0] for body in db.session.scalars(select(Message.body))}
    assert len(shapes) == len({course.title, other.title})


def test_the_same_forms_again_move_nothing_and_give_the_first_outcomes():
    course = make.course()
    forms = [application(course, each) for each in people(3)]
    first, second = enroll_each(forms), enroll_each(forms)
    assert {key: each.tracking_code for key, each in first.items()} == {
        key: each.tracking_code for key, each in second.items()
    }
    assert all(each.repeated for each in second.values())
    db.session.refresh(course)
    assert (course.taken, count(Enrollment), count(Message)) == (3, 3, 3)


def test_one_purse_pays_for_as_many_as_it_can_in_the_order_of_the_list():
    course, payer = make.course(), make.person()
    purse = make.purse(payer, 2 * FEE + 10_000)
    free, *rest = people(4, 0)
    rich = people(1)[0]
    forms = [application(course, each, DebitSource.PORTAL_USER, payer) for each in (rest[0], rest[1], rest[2], rich)]
    forms.insert(0, application(course, free, DebitSource.PORTAL_USER, payer, free_because="گروه هدف: آزمون"))
    results = enroll_each(forms)
    assert ended(results, forms) == ["Outcome", "Outcome", "Outcome", "Shortage", "Shortage"]
    db.session.refresh(purse)
    assert purse.balance == 10_000
    poor, well = results[forms[3].form_key], results[forms[4].form_key]
    assert (poor.other, well.other) == (None, DebitSource.TRAINEE)
    assert (poor.purses.portal_user, poor.purses.trainee, well.purses.trainee) == (10_000, 0, FEE)


def test_the_last_seats_go_to_those_who_stand_first_and_a_full_course_asks_nobody_for_money():
    course = make.course(capacity_max=2)
    forms = [application(course, each) for each in people(3)]
    poor = [application(course, each) for each in people(1, 0)]
    assert ended(enroll_each(forms), forms) == ["Outcome", "Outcome", "CourseFull"]
    assert ended(enroll_each(poor), poor) == ["CourseFull"]
    db.session.refresh(course)
    assert (course.taken, count(LedgerTransfer, LedgerTransfer.kind == "debit")) == (2, 2)


def test_a_closed_course_takes_nobody_but_knows_whom_it_has():
    course = make.course()
    forms = [application(course, each) for each in people(2)]
    enroll_each(forms[:1])
    course.enroll_close_at = course.enroll_open_at + dt.timedelta(seconds=1)
    db.session.commit()
    results = enroll_each(forms)
    assert ended(results, forms) == ["Outcome", "CourseNotOpen"]
    assert results[forms[0].form_key].repeated


@pytest.mark.once
def test_rules_stand_in_the_way_of_each_alone_and_a_typed_birth_date_counts_where_none_is_known():
    course, other = make.course(age_min=18), make.course()
    busy, child, known, fine, standing = people(5)
    known.birth_date = dt.date(1990, 1, 1)
    db.session.commit()
    make.purse(busy, FEE)
    make.purse(standing, FEE)
    enrollment.enroll(application(other, busy))
    before = enrollment.enroll(application(course, standing))
    forms = [application(course, each) for each in (busy, child, known, fine, standing)]
    young = {each.id: Typed(birth_date=dt.date(2020, 1, 1)) for each in (child, known)}
    results = enroll_each(forms, typed=young)
    assert ended(results, forms) == ["NotEligible", "NotEligible", "Outcome", "Outcome", "AlreadyEnrolled"]
    assert results[forms[4].form_key].tracking_code == before.tracking_code


def test_each_pays_by_their_own_decile():
    course = make.course()
    poor, other = people(2)
    make.tariff(10_000, decile=2)
    for decile, since in ((5, 400), (2, 30)):
        day = dt.date.today() - dt.timedelta(days=since)  # noqa: DTZ011 (any day near today will do)
        make.save(IncomeDecile(person_id=poor.id, decile=decile, valid_from=day, source="sheet"))
    enroll_each([application(course, each) for each in (poor, other)])
    query = select(Enrollment.person_id, Enrollment.fee_rials).order_by(Enrollment.id)
    assert dict(db.session.execute(query).all()) == {poor.id: 10_000, other.id: FEE}


def test_seats_that_go_while_a_batch_is_at_work_leave_nothing_of_the_try(monkeypatch):
    course = make.course(capacity_max=2)
    forms = [application(course, each) for each in people(2)]
    take, tries = batch._take_seats, []

    def hindered(course_id: int, wanted: int) -> None:
        tries.append(wanted)
        if len(tries) <= batch.TRIES:
            raise batch.Moved
        take(course_id, wanted)

    monkeypatch.setattr(batch, "_take_seats", hindered)
    noted = []
    assert ended(enroll_each(forms, note=noted.append), forms) == ["Outcome"] * 2
    db.session.refresh(course)
    assert tries == [2] * batch.TRIES
    assert (course.taken, count(Enrollment), count(Message), len(noted)) == (2, 2, 2, batch.TRIES + 1)
    assert commit.repeated(forms[0]) is not None


@pytest.mark.once
def test_fifty_cost_no_more_statements_than_two():
    asked = []
    for size in (2, 50):
        course = make.course(capacity_max=100)
        forms = [application(course, each) for each in people(size)]
        seen = []
        listener = lambda *args, seen=seen: seen.append(args[2])  # noqa: E731 (one line)
        event.listen(db.engine, "before_cursor_execute", listener)
        enroll_each(forms)
        event.remove(db.engine, "before_cursor_execute", listener)
        asked.append(len(seen))
    assert asked[0] == asked[1] < 20


def test_whom_an_offer_holds_a_seat_for_takes_that_seat_and_nobody_else_does():
    course = make.course(capacity_max=1)
    first, offered, other = people(3, 3 * FEE)
    made = enrollment.enroll(application(course, first))
    entry = joining.join(Asking(str(uuid.uuid4()), course.id, offered.id, Channel.SELF)).entry_id
    enrollment.withdraw(first, made.enrollment_id)
    forms = [application(course, each) for each in (other, offered)]
    assert ended(enroll_each(forms), forms) == ["CourseFull", "Outcome"]
    db.session.refresh(course)
    assert (course.taken, course.held, db.session.get(WaitlistEntry, entry).state) == (1, 0, "taken")


def test_what_only_warned_stays_in_the_history_of_each():
    course, (young, old) = make.course(age_min=18), people(2)
    for person, year in ((young, 2020), (old, 1990)):
        person.birth_date = dt.date(year, 1, 1)
    value = policy.DEFAULTS["eligible_age"] | {"mode": "warn"}
    make.save(Policy(name="eligible_age", scope="*", valid_from=dt.date(2020, 1, 1), value=value))
    enroll_each([application(course, each) for each in (young, old)])
    query = select(Enrollment.person_id).join(EnrollmentEvent, EnrollmentEvent.enrollment_id == Enrollment.id)
    assert db.session.scalars(query.where(EnrollmentEvent.action != "enroll")).all() == [young.id]
