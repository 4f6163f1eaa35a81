"""A trainee's own mobile: typed or from the national window, and no message goes astray while it changes."""

import dataclasses

import pytest
from sqlalchemy import select

from models import MobileChange, Outbox, OutboxState, Person, db
from services import messages, own_data, people
from services.access import Visitor
from services.errors import DomainError, TooMany
from services.sso_people import sign_in
from services.transaction import atomic
from tests import fakes, make, owed
from tests.window import PERSON

OLD, NEW = "09113700071", "09113700072"


@pytest.fixture
def person():
    return make.person(mobile=OLD, mobile_status="matched")


def change(person: Person, mobile: str) -> bool:
    who = Visitor(person.id, person.national_code, None, person.first_name, person.last_name, person.mobile)
    return own_data.change_mobile(who, mobile)


def stands(person: Person) -> tuple[str | None, str, str]:
    db.session.rollback()
    return person.mobile, person.mobile_status, own_data.standing(person).kind


def tell(person: Person) -> None:
    with atomic():
        messages.tell(person.id, "enrolled", "متن", cause_key=f"c{person.version}")


def told(phones: fakes.Phones) -> list[tuple[str, str]]:
    return sorted(phones.texts.values())


def test_a_typed_mobile_gets_a_word_once_it_is_matched_and_the_old_one_nothing_more(app, person):
    phones, shahkar = fakes.Phones(), fakes.Shahkar(owners={NEW: person.national_code})
    tell(person)
    with fakes.installed(app, sms=phones, shahkar=shahkar):
        assert change(person, "+98 911 370 0072")
        assert not change(person, NEW)
        assert stands(person) == (NEW, "unchecked", "info")
        owed.run("sms")
        assert phones.texts == {}
        owed.again("shahkar")
        owed.again()
    assert stands(person) == (NEW, "matched", "ok")
    assert told(phones) == sorted([(NEW, "متن"), (NEW, own_data.CHANGED)])
    assert person.sources["mobile"]["source"] == people.SELF


def test_whoever_had_no_number_gets_the_same_word_at_the_first(app):
    person, phones = make.person(mobile=None, mobile_status="none"), fakes.Phones()
    with fakes.installed(app, sms=phones, shahkar=fakes.Shahkar(owners={NEW: person.national_code})):
        change(person, NEW)
        owed.run("shahkar")
        owed.again()
    assert told(phones) == [(NEW, own_data.CHANGED)]


def test_to_somebody_elses_number_nothing_goes_until_shahkar_says_another_thing(app, person):
    phones, shahkar = fakes.Phones(), fakes.Shahkar()
    with fakes.installed(app, sms=phones, shahkar=shahkar):
        change(person, NEW)
        tell(person)
        for _ in range(2):
            owed.again()
        assert (stands(person), phones.texts) == ((NEW, "not_matched", "bad"), {})
        assert not change(person, NEW)  # by now it is theirs, the person says
        assert stands(person) == (NEW, "unchecked", "info")
    assert db.session.query(MobileChange).count() == 1


def test_while_nobody_can_ask_shahkar_the_page_says_so_and_the_windows_number_ends_it(app, person):
    change(person, NEW)
    row = db.session.scalars(select(Outbox).where(Outbox.topic == "shahkar")).one()
    row.state, row.discard_reason = OutboxState.DISCARDED, "عمر این پرسش گذشت"
    db.session.commit()
    assert stands(person) == (NEW, "unchecked", "warn")
    facts = dataclasses.replace(PERSON, national_code=person.national_code, mobile=OLD)
    sign_in(facts)
    assert stands(person) == (OLD, "matched", "ok")


def test_the_windows_number_takes_the_place_of_a_matched_one_when_its_owner_asks_for_it(app, person):
    facts = dataclasses.replace(PERSON, national_code=person.national_code, mobile=NEW)
    phones = fakes.Phones()
    sign_in(facts)
    assert stands(person)[0] == OLD
    with fakes.installed(app, sms=phones):
        for _ in range(2):
            sign_in(facts, takes_mobile=True)
        owed.again()
    assert stands(person) == (NEW, "matched", "ok")
    assert told(phones) == [(NEW, own_data.CHANGED)]
    sign_in(dataclasses.replace(facts, mobile=None), takes_mobile=True)
    assert stands(person) == (NEW, "matched", "ok")
    changes = db.session.scalars(select(MobileChange)).all()
    assert [(row.old_mobile, row.new_mobile, row.source, row.actor_id) for row in changes] == [(OLD, NEW, "sso", None)]


def test_nonsense_is_refused_and_whoever_tries_one_number_after_the_other_waits(person):
    with pytest.raises(DomainError) as refused:
        change(person, "021123")
    assert (refused.value.field, stands(person)[0]) == ("mobile", OLD)
    for n in range(own_data.FREE_CHANGES):
        assert change(person, f"0911370010{n}")
    with pytest.raises(TooMany):
        change(person, NEW)
    assert stands(person)[0] == "09113700104"
