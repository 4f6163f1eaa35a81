"""One's own enrollments by tracking code and mobile code: to the owner of the mobile alone, and nothing to try out."""

import datetime as dt

import pytest
import time_machine
from sqlalchemy import select

from models import Message, MobileCode, MobileStatus, db, utcnow
from services import codes, text, tracking
from services.errors import DomainError, NotFound, TooMany
from services.submissions import new_key
from tests import fakes, make, owed
from tests.web.pages import enroll

MOBILE = "09113702000"


@pytest.fixture
def phones(app):
    provider = fakes.Phones()
    with fakes.installed(app, sms=provider, shahkar=fakes.Shahkar(owners={})):
        yield provider


@pytest.fixture
def enrollment():
    return enroll(make.course(), make.person(mobile=MOBILE, mobile_status=MobileStatus.MATCHED))


def asked(tracking_code, form_key=None) -> str:
    return tracking.ask(form_key or new_key(), tracking_code, "10.0.0.1")


def sent(phones) -> str:
    """The code on the phone."""
    owed.run()
    ((mobile, body),) = phones.texts.values()
    assert mobile == MOBILE
    return text.digits(body).partition(": ")[2][:6]


def stored(key) -> MobileCode:
    return db.session.scalars(select(MobileCode).where(MobileCode.key == key)).one()


def test_the_code_goes_to_the_matched_mobile_and_opens_the_page_of_its_owner_for_a_while(enrollment, phones):
    key = asked(enrollment.tracking_code)
    code = sent(phones)
    assert tracking.person_of(key) is None
    tracking.prove(key, code)
    assert tracking.person_of(key).id == enrollment.person_id
    tracking.prove(key, code)  # a second press
    with time_machine.travel(utcnow() + tracking.READABLE + dt.timedelta(seconds=1)):
        assert tracking.person_of(key) is None


@pytest.mark.once
def test_the_code_is_stored_nowhere(enrollment, phones):
    key = asked(enrollment.tracking_code)
    code = sent(phones)
    body = db.session.scalars(select(Message.body)).one()
    assert code not in text.digits(body)
    assert code not in stored(key).code_hash


def test_the_same_form_sends_one_code_and_another_tracking_code_in_it_is_another_question(enrollment, phones):
    form = new_key()
    assert asked(enrollment.tracking_code, form) == asked(enrollment.tracking_code, form)
    assert asked(codes.tracking_code(), form) != asked(enrollment.tracking_code, form)
    sent(phones)


@pytest.mark.once
@pytest.mark.parametrize("status", [MobileStatus.NOT_MATCHED, MobileStatus.NONE])
def test_a_mobile_that_is_not_proven_gets_no_code(status, phones):
    number = None if status is MobileStatus.NONE else MOBILE
    asked(enroll(make.course(), make.person(mobile=number, mobile_status=status)).tracking_code)
    owed.run()
    assert phones.texts == {}


@pytest.mark.once
def test_a_code_that_would_come_too_late_is_not_sent(enrollment, phones):
    asked(enrollment.tracking_code)
    with time_machine.travel(utcnow() + tracking.VALID):
        owed.run()
    row = db.session.scalars(select(Message)).one()
    assert (row.state, row.suppressed_reason, phones.texts) == ("suppressed", "too_late", {})


def test_an_unknown_tracking_code_is_answered_alike_and_no_code_fits(phones):
    key = asked(codes.tracking_code())
    assert tracking.is_open(key)
    assert db.session.scalars(select(Message)).all() == []
    with pytest.raises(DomainError, match="۴ بار دیگر"):
        tracking.prove(key, tracking._code(key))
    assert tracking.person_of(key) is None


@pytest.mark.once
def test_five_wrong_tries_use_a_code_up(enrollment, phones):
    key = asked(enrollment.tracking_code)
    code = sent(phones)
    for left in ("۴", "۳", "۲", "۱"):
        with pytest.raises(DomainError, match=f"{left} بار دیگر"):
            tracking.prove(key, "000000" if code != "000000" else "111111")
    for typed in ("00000", code):
        with pytest.raises(DomainError, match="پنج بار نادرست"):
            tracking.prove(key, typed)
    assert not tracking.is_open(key)
    assert tracking.person_of(key) is None


@pytest.mark.once
def test_after_ten_minutes_the_right_code_is_one_no_more(enrollment, phones):
    key = asked(enrollment.tracking_code)
    code = sent(phones)
    with time_machine.travel(utcnow() + tracking.VALID), pytest.raises(DomainError, match="زمان این کد"):
        tracking.prove(key, code)
    with pytest.raises(NotFound):
        tracking.prove(new_key(), code)
    assert tracking.purge(utcnow()) == 0
    assert tracking.purge(utcnow() + tracking.KEPT) == 1


@pytest.mark.once
def test_codes_are_sent_so_often_and_no_more_for_known_and_unknown_codes_alike(enrollment):
    for code in (enrollment.tracking_code, codes.tracking_code()):
        for _ in range(tracking.FREE_FOR_CODE):
            asked(code)
        with pytest.raises(TooMany, match="کدی فرستاده نشد"):
            asked(code)
