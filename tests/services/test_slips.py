"""What a slip says about its message is true of what is owed at that moment."""

import uuid

import pytest

from gateways.errors import Refused, Temporary
from models import Channel, DebitSource, MobileStatus, Outbox, Person, Tariff, db
from services import enrollment, identity, ledger, people
from services.enrollment import slips
from services.enrollment.slips import Viewer
from services.transaction import atomic
from tests import fakes, make, owed

MOBILE = "09113700081"


@pytest.fixture
def outside(app):
    systems = {"sms": fakes.Phones(), "shahkar": fakes.Shahkar()}
    with fakes.installed(app, **systems):
        yield systems


def enrolled(**over) -> tuple[str, int]:
    """Tracking code and person of a new enrollment."""
    make.first(Tariff) or make.tariff(0)
    person = make.person(**{"mobile": MOBILE, "mobile_status": "matched", **over})
    values = {"form_key": str(uuid.uuid4()), "channel": Channel.SELF, "debit_source": DebitSource.TRAINEE}
    values |= {"course_id": make.course().id, "person_id": person.id, "payer": ledger.owner_of(person)}
    made = enrollment.enroll(enrollment.Application(**values))
    with atomic():
        identity.owe_checks(people.locked(person.id))
    return made.tracking_code, person.id


def note(made: tuple[str, int]) -> str | None:
    code, person_id = made
    db.session.expire_all()
    return slips.slip(code, Viewer(person_id=person_id)).message_note


@pytest.mark.once
def test_a_message_that_can_go_is_on_its_way_and_then_sent(outside):
    made = enrolled()
    assert note(made) == "پیامک در راه است."
    owed.run()
    assert note(made) == "پیامک فرستاده شد."


def test_a_message_waits_for_the_match_before_and_after_its_first_try(outside):
    made = enrolled(mobile_status="unchecked")
    assert note(made) == slips.WAITS_FOR_MATCH
    owed.run("sms")
    assert (note(made), owed.row("sms").last_error) == (slips.WAITS_FOR_MATCH, "waiting_match")


def test_once_matched_a_message_that_had_waited_is_on_its_way(outside):
    made = enrolled(mobile_status="unchecked")
    owed.run("sms")
    person = db.session.get_one(Person, made[1])
    outside["shahkar"].owners[MOBILE] = person.national_code
    owed.run("shahkar")
    assert person.mobile_status is MobileStatus.MATCHED
    assert (note(made), owed.row("sms").last_error) == ("پیامک در راه است.", "waiting_match")


@pytest.mark.once
def test_a_number_of_somebody_else_is_said_as_soon_as_it_is_known(outside):
    made = enrolled(mobile_status="unchecked")
    for topic in ("sms", "shahkar"):
        owed.run(topic)
    owed.again("sms")
    assert note(made) == "پیامک فرستاده نشد: عدم تطابق شماره همراه با کد ملی."


@pytest.mark.once
@pytest.mark.parametrize("rests", [False, True])
def test_a_provider_that_does_not_answer_is_said(outside, rests):
    made = enrolled()
    outside["sms"].trouble.extend([Temporary("unreachable")] * 9)
    owed.run()
    for _ in range(6 if rests else 0):
        owed.again()
    assert owed.row("sms").last_error == ("resting" if rests else "unreachable")
    assert note(made) == slips.WAITS_FOR_PROVIDER


@pytest.mark.once
def test_while_the_provider_rests_it_is_said_before_anybody_tries(outside):
    enrolled()
    outside["sms"].trouble.extend([Temporary("unreachable")] * 9)
    for _ in range(5):
        owed.again()
    made = enrolled(mobile="09113700082")
    assert (note(made), owed.row("sms").last_error) == (slips.WAITS_FOR_PROVIDER, None)


def test_a_dead_letter_is_the_operators(outside):
    made = enrolled()
    with atomic():
        row = db.session.query(Outbox).filter_by(topic="sms").one()
        row.state, row.last_error = "dead", "failure: KeyError"
    assert note(made) == slips.WAITS_FOR_OPERATOR


@pytest.mark.once
def test_a_refused_message_says_so(outside):
    made = enrolled()
    outside["sms"].trouble.append(Refused("27"))
    owed.run()
    assert note(made) == "پیامک فرستاده نشد. شماره را بررسی کنید."


@pytest.mark.once
def test_a_stranger_reads_nothing_about_the_message(outside):
    code, _ = enrolled()
    assert slips.slip(code, Viewer()).message_note is None
