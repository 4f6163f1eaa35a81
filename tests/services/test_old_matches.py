"""A match of long ago is asked about again before it is trusted, because numbers change hands."""

import dataclasses
import datetime as dt

import pytest

from gateways.errors import Temporary
from models import Message, MobileStatus, OutsideSystem, Person, Policy, Role, db, utcnow
from services import identity, messages, mobiles, people
from services.enrollment import drafts
from services.enrollment.drafts import Entry
from services.sso_people import sign_in
from services.transaction import atomic
from tests import course_cases, fakes, make, owed
from tests.window import PERSON

MOBILE, OTHER = "09113700091", "09113700092"
YOUNG, OLD = dt.timedelta(days=179), dt.timedelta(days=181)


@pytest.fixture
def outside(app):
    systems = {"shahkar": fakes.Shahkar(), "sms": fakes.Phones()}
    with fakes.installed(app, **systems):
        yield systems


def matched(age: dt.timedelta | None, **over) -> Person:
    at = None if age is None else utcnow() - age
    return make.person(mobile=MOBILE, mobile_status="matched", mobile_checked_at=at, **over)


def told(person) -> Message:
    with atomic():
        messages.tell(person.id, "enrolled", "متن", cause_key=f"c{person.id}")
    return make.first(Message, person_id=person.id)


def now(row):
    db.session.refresh(row)
    return row


@pytest.mark.once
@pytest.mark.parametrize("age", [YOUNG, dt.timedelta(0), None])
def test_a_match_that_is_not_old_is_trusted_without_a_question(outside, age):
    message = told(matched(age))
    owed.run()
    assert (now(message).state, outside["shahkar"].asked) == ("sent", [])


@pytest.mark.once
def test_an_old_match_that_still_holds_is_dated_anew_and_the_message_goes(outside):
    person = matched(OLD)
    outside["shahkar"].owners[MOBILE] = person.national_code
    message = told(person)
    owed.run("sms")
    assert (now(person).mobile_status, outside["sms"].texts) == (MobileStatus.UNCHECKED, {})
    owed.run("shahkar")
    owed.run("sms")  # woken by the match
    assert (now(person).mobile_status, now(message).state) == (MobileStatus.MATCHED, "sent")
    assert utcnow() - person.mobile_checked_at < dt.timedelta(minutes=5)


@pytest.mark.once
def test_a_number_that_has_changed_hands_gets_nothing(outside):
    person = matched(OLD)
    outside["shahkar"].owners[MOBILE] = "0010350829"
    message = told(person)
    for topic in ("sms", "shahkar", "sms"):
        owed.run(topic)
    assert (now(person).mobile_status, now(message).suppressed_reason) == ("not_matched", "mobile_not_matched")
    assert outside["sms"].texts == {}


@pytest.mark.once
def test_no_answer_about_an_old_match_is_no_verdict(outside):
    person = matched(OLD)
    outside["shahkar"].trouble.append(Temporary("unreachable"))
    message = told(person)
    owed.run()
    owed.again("sms")
    assert (now(person).mobile_status, now(message).state) == (MobileStatus.UNCHECKED, "queued")


@pytest.mark.once
@pytest.mark.parametrize(("months", "asked"), [(12, 0), (1, 1), (0, 0)])
def test_the_age_is_a_policy_and_zero_is_never(outside, months, asked):
    make.save(Policy(name="mobile_recheck_months", scope="*", valid_from=dt.date(2020, 1, 1), value=months))
    told(matched(OLD))
    owed.run()
    owed.again()
    assert len(outside["shahkar"].asked) == asked


def test_while_shahkar_is_switched_off_an_old_match_stands(app):
    phones = fakes.Phones()
    with fakes.installed(app, sms=phones):
        person = matched(OLD)
        told(person)
        owed.run()
    assert (now(person).mobile_status, len(phones.texts)) == (MobileStatus.MATCHED, 1)


def test_the_next_enrollment_at_the_desk_owes_the_check_and_is_not_kept_waiting(outside):
    make.tariff(0)
    unit, person = make.unit(), matched(OLD)
    clerk, course = course_cases.staff(Role.CLERK, unit), make.course(unit_=unit)
    key = drafts.start(clerk, person.national_code)
    made = drafts.confirm(clerk, drafts.save(clerk, key, 1, Entry(course_id=course.id, debit_source="trainee")))
    assert (made.repeated, now(person).mobile_status) == (False, MobileStatus.UNCHECKED)
    assert sorted(row.topic for row in owed.rows()) == ["shahkar", "sms"]


@pytest.mark.parametrize(("age", "is_taken"), [(OLD, True), (YOUNG, False)])
def test_the_windows_number_takes_the_place_of_an_old_match(age, is_taken):
    matched(age, national_code=PERSON.national_code)
    assert sign_in(dataclasses.replace(PERSON, mobile=OTHER)).mobile == (OTHER if is_taken else MOBILE)


def test_a_number_of_the_window_that_shahkar_refused_since_may_be_typed_anew(outside):
    make.tariff(0)
    person = sign_in(PERSON)
    with atomic():
        people.locked(person.id).mobile_checked_at = utcnow() - OLD
    with atomic():
        identity.owe_checks(people.locked(person.id))
    owed.run()
    assert now(person).mobile_status is MobileStatus.NOT_MATCHED
    unit = make.unit()
    clerk, course = course_cases.staff(Role.CLERK, unit), make.course(unit_=unit)
    key = drafts.start(clerk, person.national_code)
    entry = Entry(course_id=course.id, mobile=OTHER, debit_source="trainee")
    drafts.confirm(clerk, drafts.save(clerk, key, 1, entry))
    assert (now(person).mobile, person.mobile_status) == (OTHER, MobileStatus.UNCHECKED)


# -- By the clock ------------------------------------------------------------------


def aged(days: int) -> Person:
    code = make.national_code()
    at = utcnow() - dt.timedelta(days=days)
    return make.person(national_code=code, mobile=f"09{code[:9]}", mobile_status="matched", mobile_checked_at=at)


def share(per_day: int) -> None:
    make.save(Policy(name="mobile_recheck_per_day", scope="*", valid_from=dt.date(2020, 1, 1), value=per_day))


def unchecked() -> list[int]:
    db.session.rollback()
    rows = db.session.query(Person).filter_by(mobile_status="unchecked").order_by(Person.id)
    return [row.id for row in rows]


def test_the_clock_asks_about_the_oldest_matches_in_small_shares_and_never_about_young_ones(outside):
    share(288)  # two in ten minutes
    young, old, older, oldest = (aged(days).id for days in (100, 200, 300, 400))
    assert mobiles.recheck(utcnow()) == 2
    assert unchecked() == [older, oldest]
    assert mobiles.recheck(utcnow()) == 0  # while those wait
    owed.run("shahkar")
    assert mobiles.recheck(utcnow()) == 1
    owed.run("shahkar")
    states = {row.id: row.mobile_status for row in db.session.query(Person)}
    assert [states[one] for one in (young, old, older, oldest)] == ["matched", *["not_matched"] * 3]
    assert (len(outside["shahkar"].asked), mobiles.recheck(utcnow())) == (3, 0)


def test_nobody_is_asked_about_while_shahkar_is_away_or_off_or_by_a_policy_of_none(outside, app):
    aged(400)
    with atomic():
        db.session.add(OutsideSystem(code="shahkar", breaker="open", failures=5))
    assert mobiles.recheck(utcnow()) == 0
    with atomic():
        db.session.query(OutsideSystem).update({"breaker": "closed"})
    share(0)
    assert mobiles.recheck(utcnow()) == 0
    with fakes.installed(app, sms=fakes.Phones()):
        app.config["SHAHKAR_MODE"] = "off"
        db.session.query(Policy).delete()
        db.session.commit()
        assert mobiles.recheck(utcnow()) == 0
    assert unchecked() == []
