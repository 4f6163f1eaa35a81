"""Each message at most once, only to a matched mobile, and a reason for each that is not sent."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from gateways.errors import Refused, Temporary, Unanswered
from models import DeliveryEvent, Enrollment, Message, MobileStatus, Person, TargetGroup, db, utcnow
from services import labels, messages, mobiles, outbox, people
from services.errors import Conflict
from services.transaction import atomic
from tests import fakes, make, owed

MOBILE = "09113701000"


@pytest.fixture
def phones(app):
    provider = fakes.Phones()
    with fakes.installed(app, sms=provider, shahkar=fakes.Shahkar(owners={})):
        yield provider


def somebody(status=MobileStatus.MATCHED, **over):
    return make.person(mobile=MOBILE if status != "none" else None, mobile_status=status, **over)


def told(person, template="enrolled", **over) -> Message:
    with atomic():
        messages.tell(person.id, template, "ثبت‌نام شما انجام شد.", cause_key=f"test:{person.id}:{template}", **over)
    return db.session.scalars(select(Message).order_by(Message.id.desc())).first()


def settled(message) -> tuple[str, str | None]:
    db.session.refresh(message)
    return message.state, message.suppressed_reason


def events(message) -> list[str]:
    query = select(DeliveryEvent.state).where(DeliveryEvent.message_id == message.id).order_by(DeliveryEvent.id)
    return list(db.session.scalars(query))


def enrolled(person, **over) -> Enrollment:
    values = {"debit_source": "none", "fee_rials": 0, "channel": "clerk", "form_hash": "0" * 64, "form_key": "k"}
    course = make.course()
    place = {"unit_id": course.unit_id, "province_id": course.province_id, "tracking_code": "1234567890123"}
    return make.save(Enrollment(person_id=person.id, course_id=course.id, **{**values, **place, **over}))


# -- The gate ----------------------------------------------------------------------


def test_a_matched_mobile_gets_the_message_once(phones):
    message = told(somebody())
    owed.run()
    owed.again()
    assert list(phones.texts.values()) == [(MOBILE, "ثبت‌نام شما انجام شد.")]
    assert settled(message) == ("sent", None)
    assert (events(message), owed.row("sms").state) == (["trying", "sent"], "done")


@pytest.mark.once
@pytest.mark.parametrize(("status", "reason"), [("not_matched", "mobile_not_matched"), ("none", "no_mobile")])
def test_any_other_mobile_gets_nothing_and_the_reason_is_written_down(phones, status, reason):
    message = told(somebody(MobileStatus(status)))
    owed.run()
    assert settled(message) == ("suppressed", reason)
    assert (phones.texts, owed.row("sms").state) == ({}, "done")
    assert reason in labels.SUPPRESSED_REASON


@pytest.mark.once
def test_an_unchecked_mobile_waits_for_its_match_without_counting_as_a_failure(phones):
    person = somebody(MobileStatus.UNCHECKED)
    message = told(person)
    owed.run("sms")
    owed.again("sms")
    row = owed.row("sms")
    assert (row.state, row.failures, row.last_error) == ("open", 0, "waiting_match")
    assert settled(message)[0] == "queued"
    assert [each.topic for each in owed.rows()] == ["sms", "shahkar"]


@pytest.mark.once
def test_the_verdict_wakes_the_messages_that_waited(phones, app):
    person = somebody(MobileStatus.UNCHECKED)
    app.extensions["gateways"].shahkar.owners[MOBILE] = person.national_code
    message = told(person)
    owed.run("sms")
    owed.run("shahkar")
    assert owed.row("sms").next_try_at <= utcnow()
    owed.run("sms")
    assert settled(message) == ("sent", None)


@pytest.mark.once
def test_a_refused_match_lets_the_waiting_message_end_with_its_reason(phones):
    message = told(somebody(MobileStatus.UNCHECKED))
    owed.run("sms")
    owed.run("shahkar")
    owed.run("sms")
    assert settled(message) == ("suppressed", "mobile_not_matched")


@pytest.mark.once
def test_the_mobile_of_the_moment_of_sending_decides(phones):
    person = somebody()
    message = told(person)
    with atomic():
        mobiles.put(people.locked(person.id), "09113709999", people.CLERK)
    owed.run("sms")
    assert (settled(message)[0], phones.texts) == ("queued", {})


@pytest.mark.once
def test_a_mobile_that_nobody_can_match_is_a_reason(phones):
    foreigner = somebody(MobileStatus.UNCHECKED, national_code=None, foreign_code="123456789012")
    message = told(foreigner)
    owed.run()
    assert settled(message) == ("suppressed", "mobile_unchecked")


def test_an_exempt_group_without_a_mobile_has_its_own_reason(phones):
    group = make.save(TargetGroup(code="g", title="عشایر", is_mobile_exempt=True))
    person = somebody(MobileStatus.NONE)
    message = told(person, enrollment_id=enrolled(person, target_group_id=group.id).id)
    owed.run()
    assert settled(message) == ("suppressed", "group_exempt")


@pytest.mark.once
def test_the_confirmation_of_a_canceled_enrollment_is_not_sent_but_its_cancelation_is(phones):
    person = somebody()
    enrollment = enrolled(person, status="canceled")
    made = told(person, enrollment_id=enrollment.id)
    gone = told(person, "enrollment_canceled", enrollment_id=enrollment.id)
    owed.run()
    assert (settled(made), settled(gone)) == (("suppressed", "enrollment_canceled"), ("sent", None))


@pytest.mark.once
def test_where_sms_is_off_the_reason_says_so(app):
    message = told(somebody())
    owed.run()
    assert settled(message) == ("suppressed", "sms_off")


# -- At most once ------------------------------------------------------------------


@pytest.mark.once
def test_a_provider_that_takes_the_message_and_says_nothing_is_asked_and_not_sent_to_again(phones):
    phones.lost.append(Unanswered("timeout"))
    message = told(somebody())
    owed.run()
    assert (settled(message)[0], events(message)) == ("queued", ["trying", "unanswered"])
    owed.again()
    assert settled(message) == ("sent", None)
    assert (sum(phones.handed_over.values()), events(message)[-1]) == (1, "found")


def test_a_worker_that_dies_after_handing_over_sends_nothing_twice(phones):
    phones.lost.append(_die)
    message = told(somebody())
    with pytest.raises(Death):
        owed.run()
    db.session.rollback()
    owed.again()
    assert (settled(message), sum(phones.handed_over.values())) == (("sent", None), 1)


class Death(BaseException):
    """What no handler catches, as a kill."""


def _die():
    raise Death


def test_without_the_note_before_sending_a_death_would_send_twice(phones, monkeypatch):
    """The control: with the guard taken away, the attack of the test above succeeds."""
    monkeypatch.setattr(messages, "is_doubtful", lambda last_event: False)
    phones.lost.append(_die)
    told(somebody())
    with pytest.raises(Death):
        owed.run()
    db.session.rollback()
    owed.again()
    assert sum(phones.handed_over.values()) == 2


def test_what_the_provider_did_not_take_is_sent_at_the_next_try(phones):
    phones.trouble.append(Unanswered("timeout"))
    message = told(somebody())
    owed.run()
    owed.again()
    assert (settled(message), list(phones.handed_over.values())) == (("sent", None), [1])
    assert events(message) == ["trying", "unanswered", "not_found", "trying", "sent"]


@pytest.mark.once
def test_a_refusal_for_now_is_tried_again_without_asking(phones):
    phones.trouble.append(Temporary("15"))
    message = told(somebody())
    owed.run()
    row = owed.row("sms")
    assert (row.failures, row.last_error) == (1, "15")
    owed.again()
    assert (settled(message), phones.asked.total()) == (("sent", None), 0)


@pytest.mark.once
def test_a_refusal_for_good_is_a_failure_that_is_shown(phones):
    phones.trouble.append(Refused("27"))
    message = told(somebody())
    owed.run()
    assert (settled(message)[0], events(message)[-1], owed.row("sms").state) == ("failed", "refused", "done")


def test_after_a_day_nobody_can_be_asked_so_it_is_unknown_and_not_repeated(phones):
    phones.trouble.append(Unanswered("timeout"))
    message = told(somebody())
    owed.run()
    long_ago = utcnow() - dt.timedelta(hours=25)
    make.save(DeliveryEvent(message_id=message.id, state="unanswered", at=long_ago))
    owed.again()
    owed.again()
    assert (settled(message)[0], phones.texts, owed.row("sms").state) == ("unknown", {}, "done")


@pytest.mark.once
def test_a_provider_that_cannot_be_asked_leaves_the_message_unknown(app):
    provider = fakes.Phones(lost=[Unanswered("timeout")])
    mute = type("Mute", (), {"send": provider.send})()
    with fakes.installed(app, sms=mute):
        message = told(somebody())
        owed.run()
        owed.again()
    assert (settled(message)[0], provider.handed_over.total()) == ("unknown", 1)


def test_only_a_person_repeats_an_unknown_message_and_one_under_way_is_refused(phones):
    message = told(somebody())
    db.session.execute(update(Message).values(state="unknown"))
    db.session.commit()
    clerk = make.user()
    messages.repeat(message.id, clerk.id)
    with pytest.raises(Conflict):
        messages.repeat(message.id, clerk.id)
    owed.run()
    assert (settled(message), phones.handed_over.total()) == (("sent", None), 1)


def test_a_message_that_came_back_is_really_sent_again_when_a_person_repeats_it(phones):
    person = somebody()
    message = told(person)
    owed.run()
    db.session.execute(update(Message).values(state="failed"))  # as the provider reported it
    db.session.execute(update(Person).where(Person.id == person.id).values(mobile="09113702000"))
    db.session.commit()
    messages.repeat(message.id, make.user().id)
    owed.run()
    assert [mobile for mobile, _ in phones.texts.values()] == [MOBILE, "09113702000"]
    assert settled(message) == ("sent", None)


def test_an_unknown_message_is_repeated_by_its_old_key_so_that_the_provider_can_stop_a_double(phones):
    message = told(somebody())
    phones.lost.append(Unanswered("timeout"))
    owed.run()
    db.session.execute(update(Message).values(state="unknown"))
    db.session.commit()
    owed.skip_the_wait()
    owed.run()
    messages.repeat(message.id, make.user().id)
    owed.run()
    assert (settled(message)[0], len(phones.texts)) == ("sent", 1)


def test_keys_at_the_provider_are_digits_of_63_bits_and_differ(phones):
    one, two = told(somebody()), told(somebody())
    keys = {messages.uid_of(one), messages.uid_of(two)}
    assert len(keys) == 2
    assert all(key.isdigit() and int(key) < 2**63 for key in keys)


@pytest.mark.once
def test_a_holder_that_lost_its_lease_sends_nothing(phones):
    message = told(somebody())
    stale = outbox._claim(owed.row("sms").id)
    owed.skip_the_wait()
    owed.run()
    with pytest.raises(outbox.LostLease):
        outbox.renew(stale)
    assert (settled(message), phones.handed_over.total()) == (("sent", None), 1)
