"""The control addresses and the switches themselves."""

import threading
import time

import pytest
import requests

from scripts import readiness

QUESTION = {"nationalCode": "0010350829", "birthDate": "13700126", "clientId": "doreh"}


def ask_registry(sandbox):
    return requests.post(f"{sandbox.url}/registry/api/SabtAhval/PersonalInformation", json=QUESTION, timeout=60)


def until_asked(sandbox, times):
    assert readiness.until(lambda: sum(sandbox.counts().get("registry", {}).values()) == times, 60)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("switch", {"system": "bank", "mode": "up"}),
        ("switch", {"system": "sms", "mode": "asleep"}),
        ("switch", {"system": "sms", "mode": "slow", "seconds": 3600}),
        ("switch", {"system": "sms", "mode": "slow", "seconds": "x"}),
        ("switch", []),
        ("bank/pay", {"bank": "sms", "order_id": "1"}),
        ("bank/pay", {"bank": "sep", "order_id": "1"}),
        ("bank/answers", {"bank": "sep", "call": "verify", "codes": 5}),
        ("bank/windows", {"bank": "sep", "forever_s": 5}),
        ("bank/file", {"bank": "sep", "kind": "leave_out"}),
        ("bank/file", {"bank": "sep", "kind": "add", "day": "tomorrow"}),
        ("people", {"national_code": "1"}),
        ("people", [{"national_code": "0010350829"}]),
        ("people", [5]),
    ],
)
def test_nonsense_is_refused_with_a_reason(sandbox, path, body):
    answer = requests.post(f"{sandbox.url}/control/{path}", json=body, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_bad_person_among_good_ones_changes_nobody(sandbox):
    before = sandbox.state()["people"]
    good = {"national_code": "1", "first_name": "a", "last_name": "b", "gender": "male", "birth_date": "1990-01-01"}
    assert requests.post(f"{sandbox.url}/control/people", json=[good, {}], timeout=60).status_code == 400
    assert sandbox.state()["people"] == before


@pytest.mark.parametrize(
    ("mode", "status", "kind"),
    [("error500", 500, "text/html"), ("html", 200, "text/html"), ("up", 200, "application/json")],
)
def test_a_fault_looks_as_it_is_named(sandbox, mode, status, kind):
    sandbox.switch("registry", mode)
    answer = ask_registry(sandbox)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, kind)


def test_a_slow_answer_is_right_and_late(sandbox):
    sandbox.switch("registry", "slow", 0.6)
    began = time.monotonic()
    assert ask_registry(sandbox).json()["result"]["nin"] == 10350829
    assert time.monotonic() - began >= 0.6


def test_a_silent_system_drops_the_line_when_it_is_switched(sandbox):
    sandbox.switch("registry", "silent")
    seen = []

    def wait():
        try:
            ask_registry(sandbox)
        except requests.ConnectionError as error:
            seen.append(error)

    asker = threading.Thread(target=wait)
    asker.start()
    until_asked(sandbox, 1)
    time.sleep(0.5)
    assert asker.is_alive()
    sandbox.switch("registry", "up")
    asker.join(60)
    assert len(seen) == 1


def test_many_silent_lines_leave_the_control_addresses_free(sandbox):
    sandbox.switch("all", "silent")

    def wait():
        with pytest.raises(requests.ConnectionError):
            ask_registry(sandbox)

    askers = [threading.Thread(target=wait) for _ in range(20)]
    for asker in askers:
        asker.start()
    until_asked(sandbox, 20)
    began = time.monotonic()
    sandbox.switch("all", "up")
    assert time.monotonic() - began < 30
    for asker in askers:
        asker.join(60)
    assert ask_registry(sandbox).status_code == 200


def test_a_switch_turns_one_system_only(sandbox):
    sandbox.switch("sms", "error500")
    assert ask_registry(sandbox).status_code == 200
    systems = {code: one["mode"] for code, one in sandbox.state()["systems"].items()}
    assert {code for code, mode in systems.items() if mode != "up"} == {"sms"}
    beside = {"address", "decile"}
    assert systems.keys() == {"sso", "registry", "shahkar", "sms", "sadad", "sep", "mellat", "zarinpal"} | beside


def test_requests_are_counted_by_system_and_path_whatever_the_switch(sandbox):
    ask_registry(sandbox)
    sandbox.switch("registry", "error500")
    ask_registry(sandbox)
    assert sandbox.counts() == {"registry": {"/registry/api/SabtAhval/PersonalInformation": 2}}


def test_reset_forgets_all_but_the_people(sandbox):
    sandbox.switch("all", "html")
    ask_registry(sandbox)
    people = sandbox.state()["people"]
    sandbox.reset()
    state = sandbox.state()
    assert {one["mode"] for one in state["systems"].values()} == {"up"}
    assert (state["people"], state["messages"], sandbox.counts()) == (people, 0, {})
