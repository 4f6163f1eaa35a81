"""Shahkar's gateway: yes, no, and everything that is neither."""

import datetime
import json
import threading

import pytest

from gateways.errors import GatewayError, Temporary, Unanswered
from gateways.shahkar import Shahkar, new_request_id
from tests.gateways.bad_server import BadServer, answering
from tests.ports import free_port

PROVIDER = "0785"


def shahkar_at(url, timeout_s=30.0, password="doreh-sandbox"):  # noqa: S107
    return Shahkar(url, "doreh", password, PROVIDER, timeout_s)


def ask(sandbox, code, mobile, **options):
    return shahkar_at(f"{sandbox.url}/shahkar", **options).matches(code, mobile, new_request_id(PROVIDER))


def test_a_persons_own_mobile_matches(sandbox):
    assert ask(sandbox, "0010350829", "09113701000") is True


@pytest.mark.parametrize(
    ("code", "mobile"), [("0077611616", "09113701001"), ("0010350829", "09113701001"), ("0010350829", "09120000000")]
)
def test_a_mobile_of_somebody_else_does_not_match(sandbox, code, mobile):
    assert ask(sandbox, code, mobile) is False


def test_a_mobile_matches_the_one_it_is_registered_to(sandbox):
    assert ask(sandbox, "0013542419", "09113701001") is True


@pytest.mark.parametrize("mode", ["slow", "error500", "html", "silent", "wrong"])
@pytest.mark.parametrize("mobile", ["09113701000", "09120000000"])
def test_every_fault_is_unanswered_and_never_no(sandbox, mode, mobile):
    sandbox.switch("shahkar", mode, 5)
    with pytest.raises(Unanswered):
        ask(sandbox, "0010350829", mobile, timeout_s=0.6)


def test_bad_input_is_unanswered(sandbox):
    with pytest.raises(Unanswered, match="311"):
        ask(sandbox, "12345", "09113701000")


def test_a_request_id_is_good_for_one_call(sandbox):
    shahkar, once = shahkar_at(f"{sandbox.url}/shahkar"), new_request_id(PROVIDER)
    assert shahkar.matches("0010350829", "09113701000", once) is True
    with pytest.raises(Unanswered, match="311"):
        shahkar.matches("0010350829", "09113701000", once)


def test_a_wrong_password_is_unanswered(sandbox):
    with pytest.raises(Unanswered, match="bus_failed"):
        ask(sandbox, "0010350829", "09113701000", password="wrong")


def test_a_bus_that_is_down_may_be_tried_later():
    with pytest.raises(Temporary):
        shahkar_at(f"http://127.0.0.1:{free_port()}").matches("0010350829", "09113701000", new_request_id(PROVIDER))


@pytest.mark.parametrize(
    "text",
    [None, 5, "", "<html>", "[]", '{"result":null}', '{"result":{"data":[]}}', '{"result":{"data":{}}}']
    + [json.dumps({"result": {"data": {"response": code}}}) for code in (0, 311, 500, None, True, "6OO", [600])]
    + [json.dumps({"result": {"data": {"response": 600, "requestId": "another"}}})],
)
def test_an_odd_answer_is_never_no(text):
    with BadServer(answering({"isSuccessful": True, "responseText": text})) as server, pytest.raises(GatewayError):
        shahkar_at(server.url).matches("0010350829", "09113701000", new_request_id(PROVIDER))


@pytest.mark.parametrize("code", ["200", 200])
def test_the_code_may_be_a_number_or_text(code):
    text = json.dumps({"result": {"data": {"response": code}}})
    with BadServer(answering({"isSuccessful": True, "responseText": text})) as server:
        assert shahkar_at(server.url).matches("0010350829", "09113701000", new_request_id(PROVIDER))


def test_the_question_has_the_shape_of_the_bus():
    once = new_request_id(PROVIDER)
    with BadServer(answering({})) as server:
        with pytest.raises(GatewayError):
            shahkar_at(server.url).matches("0010350829", "09113701000", once)
        body = json.loads(server.requests[0].partition(b"\r\n\r\n")[2])
    assert body["credential"] == {"code": "doreh", "password": "doreh-sandbox"}
    assert body["service"] == "gsb-itoshahkar"
    assert [(one["parameterName"], one["parameterValue"]) for one in body["parameters"]] == [
        ("serviceType", "2"),
        ("identificationType", "0"),
        ("identificationNo", "0010350829"),
        ("requestId", once),
        ("serviceNumber", "09113701000"),
    ]


def test_request_ids_are_unique_in_threads_and_carry_provider_and_time():
    found = []
    make = lambda: found.extend(new_request_id(PROVIDER) for _ in range(500))  # noqa: E731
    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 4000
    assert {len(one) for one in found} == {24}
    assert {one[:4] for one in found} == {PROVIDER}
    stamp = datetime.datetime.strptime(found[0][4:18] + "+0330", "%Y%m%d%H%M%S%z")
    assert abs(stamp - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=1)
