"""The text message gateway: accepted, refused, later, and perhaps."""

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.errors import GatewayError, Refused, Temporary, Unanswered
from gateways.sms import Magfa, parts
from tests.gateways.bad_server import BadServer, answering
from tests.ports import free_port

TEXT = "ثبت‌نام شما انجام شد."


def magfa_at(sandbox, timeout_s=30.0, password="doreh-sandbox"):  # noqa: S107
    return Magfa(f"{sandbox.url}/sms/api/http/sms/v2", "doreh", password, "40406404000", timeout_s)


def test_a_message_reaches_the_phone_once_with_our_key(sandbox):
    number = magfa_at(sandbox).send("o-17", "09113701000", TEXT)
    assert number.isdigit()
    message = sandbox.messages("09113701000")[0]
    assert (message["uid"], message["text"], message["sender"]) == ("o-17", TEXT, "40406404000")


def test_the_same_key_twice_is_one_message_counted_twice(sandbox):
    magfa = magfa_at(sandbox)
    assert magfa.send("o-1", "09113701000", TEXT) == magfa.send("o-1", "09113701000", TEXT)
    assert len(sandbox.messages("09113701000")) == 1
    assert sandbox.by_uid() == {"o-1": 2}


def test_sixteen_at_once_with_one_key_are_one_message(sandbox):
    ids = []
    send = lambda: ids.append(magfa_at(sandbox).send("o-2", "09113701000", TEXT))  # noqa: E731
    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(ids), len(set(ids))) == (16, 1)
    assert (len(sandbox.messages()), sandbox.by_uid()) == (1, {"o-2": 16})


def test_a_sent_message_is_found_by_its_key_and_another_is_not(sandbox):
    magfa = magfa_at(sandbox)
    number = magfa.send("o-3", "09113701000", TEXT)
    assert magfa.find("o-3") == number
    assert magfa.find("o-4") is None


def test_delivery_is_told_by_id(sandbox):
    magfa = magfa_at(sandbox)
    number = magfa.send("o-5", "09113701000", TEXT)
    assert magfa.delivered([number, "7"]) == {number: "delivered", "7": "unknown"}
    assert magfa.delivered([]) == {}


def test_more_ids_than_one_call_takes_are_asked_in_several(sandbox):
    numbers = [str(number) for number in range(1, 251)]
    assert len(magfa_at(sandbox).delivered(numbers)) == 250
    assert sandbox.counts()["sms"]["/sms/api/http/sms/v2/statuses/<ids>"] == 3


@pytest.mark.parametrize("mode", ["slow", "error500", "html", "silent", "wrong"])
@pytest.mark.parametrize("act", ["send", "find", "delivered"])
def test_every_fault_is_perhaps(sandbox, mode, act):
    sandbox.switch("sms", mode, 5)
    magfa = magfa_at(sandbox, timeout_s=0.6)
    calls = {
        "send": lambda: magfa.send("o-6", "09113701000", TEXT),
        "find": lambda: magfa.find("o-6"),
        "delivered": lambda: magfa.delivered(["1"]),
    }
    with pytest.raises(Unanswered):
        calls[act]()


@pytest.mark.parametrize(("mode", "arrived"), [("slow", 1), ("wrong", 1), ("error500", 0), ("html", 0), ("silent", 0)])
def test_after_a_fault_the_key_tells_whether_the_message_went(sandbox, mode, arrived):
    sandbox.switch("sms", mode, 5)
    with pytest.raises(Unanswered):
        magfa_at(sandbox, timeout_s=1.5).send("o-7", "09113701000", TEXT)
    sandbox.switch("sms", "up")
    assert (magfa_at(sandbox).find("o-7") is not None) == bool(arrived)
    assert len(sandbox.messages()) == arrived


def test_a_provider_that_is_down_got_nothing():
    with pytest.raises(Temporary, match="unreachable"):
        Magfa(f"http://127.0.0.1:{free_port()}", "doreh", "x", "4040", 2).send("o-8", "09113701000", TEXT)


def test_a_wrong_password_is_for_the_operator_to_mend(sandbox):
    with pytest.raises(Temporary, match="18"):
        magfa_at(sandbox, password="wrong").send("o-9", "09113701000", TEXT)


@pytest.mark.parametrize(("mobile", "text", "code"), [("0911", TEXT, "1"), ("09113701000", " ", "13")])
def test_what_can_never_be_sent_is_refused(sandbox, mobile, text, code):
    with pytest.raises(Refused) as caught:
        magfa_at(sandbox).send("o-10", mobile, text)
    assert caught.value.code == code


TABLE = [(code, Temporary) for code in (2, 8, 14, 15, 16, 17, 18, 19, 20, 22, 23, 29)]
TABLE += [(code, Refused) for code in (1, 13, 27, 30, 31, 33, 34, 101, 110, 999)]


@pytest.mark.parametrize("where", ["whole", "message"])
@pytest.mark.parametrize(("code", "kind"), TABLE)
def test_each_code_means_later_or_never(code, kind, where):
    whole = {"status": code, "messages": []}
    document = whole if where == "whole" else {"status": 0, "messages": [{"status": code}]}
    with BadServer(answering(document)) as server, pytest.raises(kind) as caught:
        Magfa(server.url, "doreh", "x", "4040", 30).send("o-11", "09113701000", TEXT)
    assert caught.value.code == str(code)


@pytest.mark.parametrize(
    "messages",
    [None, [], {}, [1], [{"status": 0}], [{"status": 0, "id": None}], [{"status": 0, "id": 0}]]
    + [[{"status": "0", "id": 5}]]
    + [[{"status": 0, "id": 5, "userId": "another"}], [{"status": 0, "id": 5}, {"status": 0, "id": 6}]],
)
def test_an_acceptance_without_a_proper_id_is_perhaps(messages):
    with BadServer(answering({"status": 0, "messages": messages})) as server, pytest.raises(Unanswered):
        Magfa(server.url, "doreh", "x", "4040", 30).send("o-12", "09113701000", TEXT)


def test_the_request_has_the_providers_shape():
    with BadServer(answering({"status": 14})) as server:
        with pytest.raises(Temporary):
            Magfa(server.url, "doreh/tvto", "x", "4040", 30).send("o-13", "09113701000", TEXT)
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /send ")
    assert json.loads(body) == {
        "senders": ["4040"],
        "recipients": ["989113701000"],
        "messages": [TEXT],
        "uids": ["o-13"],
    }


VALUES = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.none())


@settings(max_examples=40, deadline=None)
@given(reports=st.lists(st.dictionaries(st.sampled_from(["mid", "status"]), VALUES)))
def test_no_delivery_report_whatever_ends_in_another_error(reports):
    with BadServer(answering({"status": 0, "dlrs": reports})) as server:
        try:
            states = Magfa(server.url, "doreh", "x", "4040", 30).delivered(["1", "2"])
        except GatewayError:
            return
    assert set(states) <= {"1", "2"}


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("a", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3)]
    + [("س", 1), ("س" * 70, 1), ("س" * 71, 2), ("س" * 134, 2), ("س" * 135, 3), ("a" * 69 + "۱", 1), ("a" * 70 + "۱", 2)]
    + [("€" * 80, 1), ("€" * 81, 2), ("a" * 152 + "€" + "a" * 10, 2), ("😀" * 35, 1), ("😀" * 36, 2), ("😀" * 67, 3)],
    ids=lambda value: str(value)[:8],
)
def test_parts_are_counted_as_the_network_counts(text, count):
    assert parts(text) == count
