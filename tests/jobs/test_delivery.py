"""Messages, look-ups and matches against the real sandbox, with each of its switches turned."""

import datetime as dt

import pytest
from sqlalchemy import select

from jobs import outbox as job
from models import IdentityStatus, Message, MobileStatus, Person, db, utcnow
from services import identity, messages, receipts
from services.transaction import atomic
from tests import make, owed
from tests.race.crowd import storm
from tests.sandbox_process import person as known

BORN = dt.date(1991, 4, 15)
FAULTS = ["error500", "html", "silent", "wrong", "slow"]


def mobile_of(number: int) -> str:
    return f"0911370{number:04d}"


def somebody(sandbox, status=MobileStatus.MATCHED, number=1000, owner=None, **over) -> Person:
    person = make.person(mobile=mobile_of(number), mobile_status=status, **over)
    code = person.national_code
    sandbox.people(known(code, mobile=mobile_of(number), mobile_owner=owner or code, birth_date=str(BORN)))
    return person


def told(person) -> Message:
    with atomic():
        messages.tell(person.id, "enrolled", "ثبت‌نام شما انجام شد.", cause_key=f"test:{person.id}")
        identity.owe_checks(person)
    return db.session.scalars(select(Message).where(Message.person_id == person.id)).one()


def state_of(row) -> str:
    db.session.refresh(row)
    return row.state


def test_a_message_of_ours_arrives_with_our_key_and_sender(sandbox):
    message = told(somebody(sandbox))
    owed.run()
    (got,) = sandbox.messages(mobile_of(1000))
    assert (got["text"], got["sender"], got["uid"]) == (message.body, "40406404000", messages.uid_of(message))
    assert state_of(message) == "sent"


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_provider_does_the_phone_gets_one_message(sandbox, fault):
    message = told(somebody(sandbox))
    sandbox.switch("sms", fault, 10)
    owed.run()
    sandbox.switch("sms", "up")
    owed.again()
    assert (state_of(message), len(sandbox.messages())) == ("sent", 1)
    assert list(sandbox.by_uid().values()) == [1], "handed over twice"


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_registry_does_the_name_comes_when_it_is_back(sandbox, fault):
    person = somebody(sandbox, first_name=None, last_name=None, birth_date=BORN)
    with atomic():
        identity.owe_checks(person)
    sandbox.switch("registry", fault, 10)
    owed.run()
    db.session.refresh(person)
    assert (person.full_name, person.identity_status) == (None, IdentityStatus.PENDING)
    sandbox.switch("registry", "up")
    owed.again()
    db.session.refresh(person)
    assert (person.full_name, person.identity_status) == ("مریم کریمی", IdentityStatus.VERIFIED)


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_shahkar_does_no_answer_is_no_verdict_and_nothing_is_sent_before_one(sandbox, fault):
    person = somebody(sandbox, MobileStatus.UNCHECKED)
    message = told(person)
    sandbox.switch("shahkar", fault, 10)
    owed.run()
    db.session.refresh(person)
    assert (person.mobile_status, sandbox.messages()) == (MobileStatus.UNCHECKED, [])
    sandbox.switch("shahkar", "up")
    owed.again("shahkar")
    owed.run("sms")
    assert (state_of(message), len(sandbox.messages(mobile_of(1000)))) == ("sent", 1)


def test_a_mobile_of_somebody_else_gets_nothing_by_any_path(sandbox):
    stranger = somebody(sandbox, MobileStatus.UNCHECKED, owner="0010350829")
    message = told(stranger)
    for _ in range(3):
        owed.again()
    db.session.refresh(message)
    messages.repeat(message.id, make.user().id)
    owed.again()
    assert (sandbox.messages(), message.suppressed_reason) == ([], "mobile_not_matched")


def test_control_without_the_gate_the_strangers_phone_gets_the_message(sandbox, monkeypatch):
    monkeypatch.setattr(messages, "_why_not", lambda *_: None)
    told(somebody(sandbox, MobileStatus.UNCHECKED, owner="0010350829"))
    owed.run("sms")
    assert len(sandbox.messages(mobile_of(1000))) == 1


def test_twelve_workers_with_one_message_send_it_once(app, sandbox):
    told(somebody(sandbox))
    row = owed.row("sms").id
    storm(app, lambda _: job.run(row), range(12))
    assert list(sandbox.by_uid().values()) == [1]


def test_asking_and_sending_go_through_the_breaker(sandbox):
    sandbox.switch("sms", "error500")
    for number in range(7):
        told(somebody(sandbox, number=1000 + number))
    owed.run()
    asked = sum(sandbox.counts()["sms"].values())
    owed.again()
    assert (asked, sum(sandbox.counts()["sms"].values())) == (5, 5)
    assert [row.last_error for row in owed.rows("sms")] == ["resting"] * 7
    assert sum(row.failures for row in owed.rows("sms")) == 5


# -- Receipts ----------------------------------------------------------------------


def test_what_has_arrived_is_known_to_have_arrived(sandbox):
    message = told(somebody(sandbox))
    owed.run()
    assert (receipts.collect(utcnow()), receipts.collect(utcnow())) == (1, 0)
    assert state_of(message) == "delivered"


@pytest.mark.parametrize("fault", FAULTS)
def test_without_a_receipt_a_message_stays_sent(sandbox, fault):
    message = told(somebody(sandbox))
    owed.run()
    sandbox.switch("sms", fault, 10)
    assert receipts.collect(utcnow()) == 0
    assert state_of(message) == "sent"


def test_nobody_is_asked_about_a_message_of_yesterday(sandbox):
    told(somebody(sandbox))
    owed.run()
    asked = sum(sandbox.counts()["sms"].values())
    assert receipts.collect(utcnow() + dt.timedelta(hours=25)) == 0
    assert sum(sandbox.counts()["sms"].values()) == asked
