"""The enrollment transaction: once per form, with seat, debit, message and draft together or not at all."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import func, select

from models import (
    Channel,
    DebitSource,
    Enrollment,
    EnrollmentEvent,
    LedgerTransfer,
    Message,
    Outbox,
    UnitKind,
    db,
    utcnow,
)
from services import codes, enrollment, ledger
from services.enrollment import Application
from tests import make


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


def application(course, person, **over) -> Application:
    values = {
        "form_key": str(uuid.uuid4()),
        "channel": Channel.CLERK,
        "debit_source": DebitSource.TRAINEE,
        "payer": ledger.owner_of(person),
    }
    return Application(course_id=course.id, person_id=person.id, **{**values, **over})


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def nothing_happened(course) -> bool:
    db.session.refresh(course)
    made = [count(model) for model in (Enrollment, EnrollmentEvent, Message, Outbox)]
    debits = db.session.scalar(select(func.count()).where(LedgerTransfer.kind == "debit"))
    return course.taken == 0 and made == [0, 0, 0, 0] and debits == 0


def test_an_enrollment_takes_a_seat_a_fee_and_owes_one_message():
    course, person = make.course(), make.person()
    purse = make.purse(person, 70_000)
    outcome = enrollment.enroll(application(course, person))
    db.session.refresh(course)
    db.session.refresh(purse)
    assert (course.taken, purse.balance, count(Message), count(Outbox)) == (1, 20_000, 1, 1)
    row = db.session.get(Enrollment, outcome.enrollment_id)
    assert (row.fee_rials, row.debit_source, row.payer_account_id) == (50_000, DebitSource.TRAINEE, purse.id)
    assert row.fee_reason is None


def test_the_same_form_again_has_one_effect_and_says_so():
    course, person = make.course(), make.person()
    purse = make.purse(person, 200_000)
    form = application(course, person)
    first, second = enrollment.enroll(form), enrollment.enroll(form)
    db.session.refresh(purse)
    assert (first.repeated, second.repeated) == (False, True)
    assert first.tracking_code == second.tracking_code
    assert (purse.balance, count(Enrollment)) == (150_000, 1)


def test_the_same_form_with_other_content_is_refused():
    course, other, person = make.course(), make.course(), make.person()
    make.purse(person, 200_000)
    form = application(course, person)
    enrollment.enroll(form)
    with pytest.raises(enrollment.FormUsed):
        enrollment.enroll(application(other, person, form_key=form.form_key))


def test_a_person_is_enrolled_once_in_a_course_whatever_the_form():
    course, person = make.course(), make.person()
    make.purse(person, 200_000)
    made = enrollment.enroll(application(course, person))
    with pytest.raises(enrollment.AlreadyEnrolled) as refusal:
        enrollment.enroll(application(course, person))
    assert refusal.value.tracking_code == made.tracking_code
    assert count(Enrollment) == 1


@pytest.mark.once
def test_on_shortage_nothing_is_seated_debited_or_owed():
    course, person = make.course(), make.person()
    make.purse(person, 49_999)
    with pytest.raises(enrollment.Shortage, match="عدم موجودی کافی"):
        enrollment.enroll(application(course, person))
    assert nothing_happened(course)


@pytest.mark.parametrize(("user", "trainee", "chosen", "other"), [
    (0, 50_000, DebitSource.PORTAL_USER, DebitSource.TRAINEE),
    (50_000, 0, DebitSource.TRAINEE, DebitSource.PORTAL_USER),
    (10_000, 20_000, DebitSource.TRAINEE, None),
    (10_000, 20_000, DebitSource.PORTAL_USER, None),
])  # fmt: skip
def test_a_shortage_names_both_purses_and_the_one_that_would_do(user, trainee, chosen, other):
    course, person, clerk = make.course(), make.person(), make.person()
    make.purse(person, trainee)
    make.purse(clerk, user)
    owner = ledger.owner_of(clerk)
    payer = owner if chosen is DebitSource.PORTAL_USER else ledger.owner_of(person)
    with pytest.raises(enrollment.Shortage) as refusal:
        enrollment.enroll(application(course, person, debit_source=chosen, payer=payer, portal_user=owner))
    assert refusal.value.other is other
    assert (refusal.value.purses.portal_user, refusal.value.purses.trainee) == (user, trainee)


def test_an_exempt_person_pays_nothing_and_the_reason_is_kept():
    course, person = make.course(), make.person()
    outcome = enrollment.enroll(application(course, person, free_because="گروه هدف: زندانیان"))
    row = db.session.get(Enrollment, outcome.enrollment_id)
    assert (row.fee_rials, row.debit_source, row.fee_reason) == (0, DebitSource.NONE, "گروه هدف: زندانیان")
    assert count(LedgerTransfer) == 0


def test_the_last_seat_is_sold_and_no_more():
    course = make.course(capacity_max=1)
    first, second = make.person(), make.person()
    for person in (first, second):
        make.purse(person, 50_000)
    enrollment.enroll(application(course, first))
    with pytest.raises(enrollment.CourseFull):
        enrollment.enroll(application(course, second))
    assert count(Enrollment) == 1


@pytest.mark.once
@pytest.mark.parametrize(("opens", "closes"), [(1, 5), (-5, -1)])
def test_outside_its_times_a_course_takes_nobody_even_when_the_clock_process_is_down(opens, closes):
    now = utcnow()
    window = {"enroll_open_at": now + dt.timedelta(hours=opens), "enroll_close_at": now + dt.timedelta(hours=closes)}
    course, person = make.course(**window), make.person()
    make.purse(person, 50_000)
    with pytest.raises(enrollment.CourseNotOpen):
        enrollment.enroll(application(course, person))
    assert nothing_happened(course)


@pytest.mark.once
@pytest.mark.parametrize(("person", "course", "words"), [
    ({"gender": "male"}, {"gender": "female"}, "ویژهٔ بانوان"),
    ({"birth_date": dt.date(2020, 1, 1)}, {"age_min": 15}, "از ۱۵ سال"),
    ({"birth_date": dt.date(1950, 1, 1)}, {"age_max": 40}, "تا ۴۰ سال"),
    ({"is_alive": False}, {}, "مدیر مرکز"),
])  # fmt: skip
@pytest.mark.parametrize("credit", [50_000, 0], ids=["credit", "short"])  # nobody is sent to a bank before they hear it
def test_a_rule_that_refuses_says_which_it_is(person, course, words, credit):
    course, person = make.course(**course), make.person(**person)
    make.purse(person, credit)
    with pytest.raises(enrollment.NotEligible, match=words):
        enrollment.enroll(application(course, person))
    assert nothing_happened(course)


SAID = {
    Channel.CLERK: ["سن کارآموز در آغاز دوره", "کارآموز در ۱ دورهٔ دیگر ثبت‌نام دارد", "این شخص در همین دوره"],
    Channel.SELF: ["سن شما در آغاز دوره", "شما در ۱ دورهٔ دیگر ثبت‌نام دارید", "شما در همین دوره"],
}


@pytest.mark.once
@pytest.mark.parametrize("channel", SAID)
def test_a_refusal_speaks_to_the_person_as_you_and_to_a_clerk_of_the_trainee(channel):
    age, elsewhere, here = SAID[channel]
    first, second = make.course(), make.course(age_min=99)
    person = make.person(birth_date=dt.date(2001, 3, 21))
    make.purse(person, 200_000)
    enrollment.enroll(application(first, person, channel=channel))
    with pytest.raises(enrollment.NotEligible) as against:
        enrollment.enroll(application(second, person, channel=channel))
    by_age, by_courses = against.value.reasons
    assert by_age.startswith(age)
    assert by_courses.startswith(elsewhere)
    with pytest.raises(enrollment.AlreadyEnrolled, match=here):
        enrollment.enroll(application(first, person, channel=channel))


@pytest.mark.once
@pytest.mark.parametrize(("channel", "words"), [(Channel.CLERK, "این کد ملی"), (Channel.SELF, "کد ملی شما")])
def test_whoever_the_registry_calls_dead_is_refused_by_the_code_and_the_person_by_theirs(channel, words):
    course, person = make.course(), make.person(is_alive=False)
    make.purse(person, 50_000)
    with pytest.raises(enrollment.NotEligible, match=words):
        enrollment.enroll(application(course, person, channel=channel))


@pytest.mark.once
def test_what_is_not_known_is_not_a_reason_to_refuse():
    course = make.course(gender="female", age_min=15)
    person = make.person(first_name=None, last_name=None)
    make.purse(person, 50_000)
    assert not enrollment.enroll(application(course, person)).repeated


def test_a_second_active_course_is_refused_and_allowed_again_when_the_first_is_over():
    first, second, person = make.course(), make.course(), make.person()
    make.purse(person, 200_000)
    enrollment.enroll(application(first, person))
    with pytest.raises(enrollment.NotEligible, match="دورهٔ دیگر"):
        enrollment.enroll(application(second, person))
    first.status = "finished"
    db.session.commit()
    assert not enrollment.enroll(application(second, person)).repeated


def test_the_message_holds_no_name_and_no_national_code():
    course, person = make.course(), make.person()
    make.purse(person, 50_000)
    enrollment.enroll(application(course, person))
    body = db.session.scalars(select(Message.body)).one()
    assert person.last_name not in body
    assert person.national_code not in body
    assert "۵۰٬۰۰۰ ریال از اعتبار شما کسر کرد" in body


def told(course, person, **over) -> str:
    """The confirmation of a paid enrollment."""
    make.purse(person, 50_000)
    enrollment.enroll(application(course, person, **over))
    return db.session.scalars(select(Message.body).order_by(Message.id.desc())).first()


def parts(sms: str) -> int:
    """How many parts a text in UCS-2 is sent and charged as."""
    return 1 if len(sms) <= 70 else -(-len(sms) // 67)


@pytest.mark.parametrize(("phone", "where"), [("017-32220000", "۰۱۷۳۲۲۲۰۰۰۰"), (None, "همان‌جا")])
def test_whose_credit_a_clerk_spends_is_told_which_unit_did_it_and_where_to_object(phone, where):
    unit = make.unit(title="مرکز شماره ۲ گرگان")
    unit.phone = phone
    db.session.commit()
    body = told(make.course(unit_=unit), make.person(), actor_id=make.user(unit_=unit).id)
    assert f"«مرکز شماره ۲ گرگان» ۵۰٬۰۰۰ ریال از اعتبار شما کسر کرد؛ اعتراض: {where}. کد رهگیری" in body


def test_a_counter_that_spends_a_persons_credit_is_named_itself():
    counter = make.unit(UnitKind.COUNTER, title="پیشخوان خیابان مطهری")
    body = told(make.course(), make.person(), channel=Channel.COUNTER, unit_id=counter.id)
    assert "«پیشخوان خیابان مطهری» ۵۰٬۰۰۰ ریال" in body


@pytest.mark.parametrize("by_oneself", [True, False])
def test_nobody_else_is_named_where_nobody_else_spent_the_persons_credit(by_oneself):
    unit, clerk = make.unit(title="مرکز شماره ۲ گرگان"), make.person()
    make.purse(clerk, 50_000)
    others = {"debit_source": DebitSource.PORTAL_USER, "payer": ledger.owner_of(clerk)}
    body = told(make.course(unit_=unit), make.person(), **({"channel": Channel.SELF} if by_oneself else others))
    assert ("از اعتبار شما کسر شد" in body) is by_oneself
    assert (unit.title in body, "اعتراض" in body) == (False, False)


@pytest.mark.parametrize("start_on", [dt.date(2027, 5, 10), dt.date(2027, 4, 9), dt.date(2027, 1, 1)], ids=str)
def test_a_confirmation_with_long_titles_stays_within_three_parts_on_every_day(start_on):
    """The twentieth of Ordibehesht is written as long as any day."""
    unit = make.unit(title="مرکز آموزش فنی و حرفه‌ای گرگان")
    title = "تعمیر و نگهداری رایانهٔ همراه"
    course = make.course(unit_=unit, title=title, start_on=start_on, end_on=start_on)
    assert parts(told(course, make.person())) == 3
    assert parts(told(course, make.person(), channel=Channel.SELF)) <= 3


def test_an_enrollment_under_a_tariff_of_zero_keeps_the_reason_and_moves_no_money():
    make.tariff(0, valid_from=dt.date(2021, 1, 1))
    outcome = enrollment.enroll(application(make.course(), make.person()))
    row = db.session.get(Enrollment, outcome.enrollment_id)
    assert (row.fee_rials, row.debit_source, row.payer_account_id) == (0, DebitSource.NONE, None)
    assert "تعرفهٔ این روز صفر است" in row.fee_reason
    assert count(LedgerTransfer) == 0


def test_the_transaction_keeps_to_its_number_of_statements(queries):
    course, person, before = make.course(), make.person(), make.person()
    for each in (before, person):
        make.purse(each, 50_000)
    enrollment.enroll(application(course, before))
    form = application(course, person)
    with queries() as seen:
        enrollment.enroll(form)
    assert len(seen) <= 15, "\n".join(seen)


def test_whoever_is_enrolled_already_is_told_so_and_not_that_the_purse_is_short():
    course, person = make.course(), make.person()
    make.purse(person, 50_000)
    made = enrollment.enroll(application(course, person))
    with pytest.raises(enrollment.AlreadyEnrolled) as refusal:
        enrollment.enroll(application(course, person))
    assert refusal.value.tracking_code == made.tracking_code


@pytest.mark.once
def test_a_tracking_code_that_exists_already_is_stepped_over(monkeypatch):
    course, people = make.course(), [make.person() for _ in range(2)]
    for person in people:
        make.purse(person, 50_000)
    drawn = iter(["1234567890128", "1234567890128", "2234567890127"])
    monkeypatch.setattr(codes, "tracking_code", lambda: next(drawn))
    made = [enrollment.enroll(application(course, person)).tracking_code for person in people]
    assert made == ["1234567890128", "2234567890127"]
