"""What holds for every gateway: an answer that is none is never yes or no, and nobody's fields are believed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.banks.base import Returned
from gateways.banks.wire import Line
from gateways.errors import Temporary, Unanswered
from tests.gateways.bad_server import BadServer, reset
from tests.gateways.bank_cases import ALL, BACK, KNOWN, NUMBER, RIALS, Bank
from tests.ports import free_port

QUESTIONS = {
    "request": lambda gateway: gateway.request(NUMBER, RIALS, BACK),
    "verify": lambda gateway: gateway.verify(KNOWN),
}
PAGE = b"<!doctype html><title>0</title><p>ResCode 0 Amount 50000</p>"

each_gateway = pytest.mark.parametrize("code", ALL)
each_question = pytest.mark.parametrize("question", QUESTIONS)


@each_gateway
@each_question
@pytest.mark.parametrize(
    "answer", [PAGE, b"", {}, ("500 Oops", {}), ("404 Not Found", PAGE), ("301 Moved", b"")], ids=str
)
def test_a_page_an_error_or_nothing_is_no_answer(code, question, answer):
    with Bank(answer) as bank, pytest.raises(Unanswered):
        QUESTIONS[question](ALL[code](bank.url))


@each_gateway
@each_question
def test_a_door_that_is_shut_has_done_nothing(code, question):
    with Bank(("503 Service Unavailable", b"")) as bank, pytest.raises(Temporary, match="http_503"):
        QUESTIONS[question](ALL[code](bank.url))
    with pytest.raises(Temporary, match="unreachable"):
        QUESTIONS[question](ALL[code](f"http://127.0.0.1:{free_port()}"))


@each_gateway
def test_silence_ends_at_the_deadline_and_a_broken_line_at_once(code):
    with BadServer(lambda connection: connection.recv(1)) as server, pytest.raises(Unanswered, match="timeout"):
        ALL[code](server.url, Line(0.3)).verify(KNOWN)
    with BadServer(reset) as server, pytest.raises(Unanswered, match="broken"):
        ALL[code](server.url).verify(KNOWN)


@each_gateway
def test_banks_are_asked_through_the_proxy_with_its_name_and_password(code):
    with Bank(PAGE) as proxy:
        line = Line(30, proxy.url.replace("http://", "http://doreh:secret@"))
        with pytest.raises(Unanswered):
            ALL[code]("http://bank.invalid:8080", line).verify(KNOWN)
    head = proxy.requests[0].partition(b"\r\n\r\n")[0]
    assert head.split(b" ")[1].startswith(b"http://bank.invalid:8080/")
    assert b"Proxy-Authorization: Basic ZG9yZWg6c2VjcmV0" in head
    assert "secret" not in repr(line)


NAMES = ("OrderId", "Token", "ResCode", "PrimaryAccNo", "State", "Status", "RefNum", "ResNum", "TraceNo", "SecurePan")
NAMES += ("Amount", "RefId", "SaleOrderId", "SaleReferenceId", "CardHolderPan", "FinalAmount", "Authority")
VALUES = st.text(max_size=300) | st.sampled_from(["0", "-1", "OK", "1001", "9" * 30, "٣", "1e5", " 17 ", "t" * 201])


@each_gateway
@settings(max_examples=60)
@given(fields=st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_whatever_comes_with_the_browser_is_read_within_bounds_or_refused(code, fields):
    try:
        came = ALL[code]("https://bank.example.ir").returned(fields)
    except ValueError:
        return
    assert isinstance(came, Returned)
    assert came.order_number is not None or came.token is not None
    assert came.order_number is None or 0 <= came.order_number < 2**63
    assert came.amount_rials is None or 0 <= came.amount_rials < 2**63
    longest = {"token": 200, "reference": 80, "trace": 40, "card": 24, "code": 40}
    kept = {name: getattr(came, name) or "" for name in longest}
    assert {name for name, text in kept.items() if len(text) > longest[name] or not text.isascii()} == set()


@each_gateway
def test_a_return_without_anything_of_the_gateway_is_refused(code):
    gateway = ALL[code]("https://bank.example.ir")
    for fields in ({}, {"OrderId": "a", "ResNum": "b", "SaleOrderId": "c", "Authority": " "}):
        with pytest.raises(ValueError, match="n"):
            gateway.returned(fields)
