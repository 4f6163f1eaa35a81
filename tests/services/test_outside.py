"""The breaker: it opens for everybody, lets one try at a time, and closes with everything due."""

import datetime as dt

import pytest
import time_machine
from sqlalchemy import select, update

from gateways.errors import Refused, Temporary, Unanswered
from models import BreakerState, Message, Mode, Outbox, OutsideSystem, db, utcnow
from services import lookups, messages, outbox, outside, outside_hours, people, standing
from services.outbox import Topic
from services.payments import banks
from services.transaction import atomic
from tests import fakes, make, owed
from tests.race.crowd import storm


def fail(error=None):
    with pytest.raises((Temporary, Unanswered, Refused)):
        outside.call("registry", lambda: _raise(error or Unanswered("timeout")))


def _raise(error):
    raise error


def opened():
    for _ in range(5):
        fail()


def row() -> OutsideSystem:
    db.session.rollback()
    return db.session.scalar(select(OutsideSystem).execution_options(populate_existing=True))


def test_five_failures_within_a_minute_open_it_and_nothing_is_called_any_more():
    opened()
    called = []
    with pytest.raises(outside.Resting) as rest:
        outside.call("registry", lambda: called.append(1))
    assert (called, outside.is_down("registry"), outside.is_down("sms")) == ([], True, False)
    assert 0 < rest.value.seconds <= 61


@pytest.mark.once
def test_four_failures_and_a_success_leave_it_closed():
    for _ in range(4):
        fail()
    assert outside.call("registry", lambda: 7) == 7
    fail()
    assert not outside.is_down("registry")


def test_failures_spread_over_more_than_a_minute_do_not_open_it():
    for _ in range(6):
        fail()
        long_ago = utcnow() - dt.timedelta(seconds=61)
        db.session.execute(update(OutsideSystem).values(failing_since=long_ago))
        db.session.commit()
    assert not outside.is_down("registry")


@pytest.mark.once
def test_a_refusal_and_a_misunderstood_question_are_answers():
    for _ in range(6):
        fail(Refused("http_400"))
        fail(Unanswered("311"))
    assert not outside.is_down("registry")


def test_when_the_rest_is_over_one_of_sixteen_tries_and_a_failure_shuts_it_again(app):
    opened()
    owed.end_the_rest()
    seen = storm(app, lambda _: outside.call("registry", lambda: _raise(Temporary("unreachable"))), range(16))
    assert seen == {"Temporary": 1, "Resting": 15}
    assert outside.is_down("registry")
    with pytest.raises(outside.Resting):
        outside.call("registry", lambda: None)


def test_a_success_closes_it_and_what_is_owed_is_due():
    with atomic():
        for number in range(8):
            outbox.owe(Topic.REGISTRY, number, f"test:{number}")
        outbox.owe(Topic.SMS, 1, "test:sms")
    for each in owed.rows():
        outbox.later(outbox._claim(each.id), "timeout")
    opened()
    owed.end_the_rest()
    outside.call("registry", lambda: None)
    soon = utcnow() + dt.timedelta(seconds=4)
    due = [each.topic for each in owed.rows() if each.next_try_at <= soon and each.lease_until is None]
    assert due == ["registry"] * 8
    assert (row().breaker, row().failures) == (BreakerState.CLOSED, 0)


def test_what_is_owed_after_an_outage_falls_due_at_a_pace_that_leaves_room_for_everything_else():
    later = utcnow() + dt.timedelta(hours=2)
    with atomic():
        for n in range(400):
            held = {"next_try_at": later, "lease_until": later, "last_error": "resting"}
            db.session.add(Outbox(topic="registry", ref_id=n, dedup_key=f"r{n}", **held))
        before = utcnow()
        db.session.flush()
        outbox.make_due("registry")
    due = sorted((row.next_try_at - before).total_seconds() for row in owed.rows("registry"))
    in_a_second = [sum(n <= at < n + 1 for at in due) for n in range(22)]
    assert max(in_a_second) <= outbox.REFILL_PER_S
    assert due[-1] <= 400 / outbox.REFILL_PER_S + 1
    assert all(row.lease_until is None for row in owed.rows("registry"))


def test_success_writes_once_in_five_seconds(queries):
    outside.call("registry", lambda: None)
    with queries() as seen, time_machine.travel(utcnow(), tick=False):
        for _ in range(5):
            outside.call("registry", lambda: None)
    assert not [statement for statement in seen if statement.startswith(("UPDATE", "INSERT"))]


@pytest.mark.once
def test_a_call_inside_a_transaction_is_a_mistake_of_ours():
    with pytest.raises(RuntimeError), atomic():
        outside.call("registry", lambda: None)


@pytest.mark.parametrize(
    ("make_so", "health"),
    [
        (lambda: None, "unasked"),
        (lambda: outside.call("registry", lambda: None), "up"),
        (fail, "shaky"),
        (opened, "down"),
    ],
)
def test_the_state_is_told_to_everybody(make_so, health):
    make_so()
    states = {state.code: state.health for state in outside.states({"REGISTRY_MODE": "online"})}
    assert states == {"sso": "off", "registry": health, "shahkar": "off", "sms": "off", "karpoosheh": "off"}
    assert len(standing.systems({"REGISTRY_MODE": "online"})) == 5


@pytest.mark.once
def test_only_the_chosen_gateways_of_banks_are_told_in_their_order():
    outside.call("sep", lambda: None)
    told = standing.systems({"PAYMENT_MODE": "online", "PAYMENT_GATEWAYS": ("zarinpal", "sep")})[5:]
    assert [(each.fact.code, each.fact.health) for each in told] == [("zarinpal", "unasked"), ("sep", "up")]
    assert told[1].title == "درگاه بانک سامان (سپ)"
    assert "درگاه‌های دیگر" in told[0].still_works
    assert len(standing.systems({"PAYMENT_MODE": "manual", "PAYMENT_GATEWAYS": ("zarinpal", "sep")})) == 5
    (alone,) = standing.systems({"PAYMENT_MODE": "online", "PAYMENT_GATEWAYS": ("zarinpal",)})[5:]
    assert "پرداخت اینترنتی ممکن نیست" in alone.still_works


@pytest.mark.once
def test_a_slow_answer_is_told_as_slow(monkeypatch):
    monkeypatch.setattr(outside, "SLOW_MS", -1)
    outside.call("registry", lambda: None)
    assert outside.states({"REGISTRY_MODE": "online"})[1].health == "slow"


# -- Modes -------------------------------------------------------------------------


def switched(code: str, mode: str) -> None:
    make.save(OutsideSystem(code=code, mode=Mode(mode)))


def test_the_mode_is_what_an_operator_has_chosen_and_else_the_setting(app, monkeypatch, queries):
    monkeypatch.setitem(app.config, "REGISTRY_MODE", "manual")
    switched("shahkar", "batch")
    outside.call("registry", lambda: None)
    assert [outside.mode_of(code) for code in ("registry", "shahkar", "sms")] == ["manual", "batch", "off"]
    assert [each.health for each in outside.states(app.config)] == ["off", "manual", "batch", "off", "off"]
    with app.test_request_context(), queries() as seen:
        for code in outside.SYSTEMS:
            outside.mode_of(code)
    assert len(seen) == 1


@pytest.mark.parametrize(("mode", "why"), [("batch", "batch"), ("manual", "by_hand"), ("off", "switched_off")])
def test_what_is_owed_waits_for_the_way_that_was_chosen_and_nobody_is_called(app, mode, why):
    registry = fakes.Registry()
    with fakes.installed(app, registry=registry):
        person = make.person(first_name=None, last_name=None, birth_date=dt.date(1991, 4, 15))
        with atomic():
            lookups.owe(people.locked(person.id))
        switched("registry", mode)
        owed.run()
    (row,) = owed.rows()
    assert (row.last_error, row.state, row.failures, registry.asked) == (why, "open", 0, 0)


@pytest.mark.parametrize(("mode", "state"), [("batch", "queued"), ("manual", "queued"), ("off", "suppressed")])
def test_a_message_waits_for_a_file_or_a_hand_and_is_held_back_while_messages_are_off(app, mode, state):
    phones = fakes.Phones()
    with fakes.installed(app, sms=phones):
        person = make.person(mobile="09121234567", mobile_status="matched")
        with atomic():
            messages.tell(person.id, "enrolled", "متن", cause_key="k")
        switched("sms", mode)
        owed.run()
    assert (db.session.scalar(select(Message.state)), dict(phones.handed_over)) == (state, {})


def test_what_payment_has_begun_is_looked_after_while_it_is_off(app):
    with fakes.installed(app, banks={"sep": fakes.Bank("sep")}):
        assert banks.codes() == ["sep"]
        switched("payment", "off")
        assert (banks.codes(), banks.to_try("sep"), banks.by_code("sep") is not None) == ([], [], True)
        assert "sep" not in {state.code for state in outside.states(app.config)}


# -- Counts ------------------------------------------------------------------------


def test_every_call_is_counted_by_the_hour_and_a_busy_process_writes_once_a_second(queries, monkeypatch):
    with queries() as seen:
        for _ in range(20):
            outside.call("registry", lambda: None)
        fail()
        fail(Refused("http_400"))
    writes = [one for one in seen if "outside_hour" in one]
    assert len(writes) <= 3
    outside_hours.write()
    rate = outside_hours.rates(utcnow())["registry"]
    assert (rate.in_hour, rate.failed_in_hour, rate.in_day, rate.of_day, rate.slow_in_day) == (22, 1, 22, 5, 0)
    monkeypatch.setattr(outside, "SLOW_MS", -1)
    outside.call("registry", lambda: None)
    outside_hours.write()
    assert outside_hours.rates(utcnow())["registry"].slow_in_day == 1


def test_calls_of_sixteen_at_once_are_all_counted(app):
    storm(app, lambda _: [outside.call("sms", lambda: None) for _ in range(5)] and "ok", range(16))
    outside_hours.write()
    db.session.rollback()
    assert outside_hours.rates(utcnow())["sms"].in_hour == 80


def test_old_counts_are_forgotten():
    outside.call("sms", lambda: None)
    outside_hours.purge(utcnow() + dt.timedelta(days=41))
    assert outside_hours.rates(utcnow()) == {}
