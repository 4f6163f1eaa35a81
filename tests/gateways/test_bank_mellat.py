"""Mellat's envelopes and its codes; what is verified reaches us only when it is settled too."""

import datetime as dt
import re
from xml.etree import ElementTree as ET

import pytest
import time_machine

from gateways.banks.base import Redirect, Status
from gateways.errors import Refused, Temporary, Unanswered
from tests.gateways.bank_cases import BACK, KNOWN, NUMBER, ORDER, RIALS, Bank, mellat, soap

BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"


def called(bank, nth=0):
    """The method of a request that came, and its fields."""
    head, _, body = bank.requests[nth].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /services/pgw ")
    assert b"content-type: text/xml" in head.lower()
    (method,) = ET.fromstring(body).find(BODY)  # noqa: S314 (our own envelope)
    namespace, _, name = method.tag.rpartition("}")
    assert namespace == "{http://interfaces.core.sw.bps.com/"
    return name, {field.tag: field.text or "" for field in method}


WHO = {"terminalId": "1234", "userName": "doreh", "userPassword": "p<&>w"}
VISIT = {**WHO, "orderId": "1001", "saleOrderId": "1001", "saleReferenceId": "5142510"}


def test_the_request_is_an_envelope_and_leads_to_the_page_by_post():
    at = dt.datetime(2026, 11, 22, 20, 35, 7, tzinfo=dt.UTC)
    with Bank(soap("bpPayRequest", "0,AF82041a2Bf6989c7fF9")) as bank, time_machine.travel(at, tick=False):
        token = mellat(bank.url).request(NUMBER, RIALS, BACK)
        name, fields = called(bank)
        page = f"{bank.url}/startpay.mellat"
    assert name == "bpPayRequest"
    when = {"localDate": "20261123", "localTime": "000507"}
    ours = {"orderId": "1001", "amount": "50000", "additionalData": "", "callBackUrl": BACK, "payerId": "0"}
    assert fields == {**WHO, **ours, **when}
    assert token.redirect == Redirect("POST", page, {"RefId": "AF82041a2Bf6989c7fF9"})


@pytest.mark.parametrize(("word", "kind"), [
    ("41", Refused), ("25", Refused), ("421", Temporary), ("24", Temporary), ("34", Temporary), ("0", Unanswered),
    ("0,", Unanswered), ("yes,AF82", Unanswered), ("", Unanswered),
])  # fmt: skip
def test_a_request_without_a_token_ends_by_its_code(word, kind):
    with Bank(soap("bpPayRequest", word)) as bank, pytest.raises(kind):
        mellat(bank.url).request(NUMBER, RIALS, BACK)


@pytest.mark.parametrize(("verified", "settled", "status"), [
    ("0", "0", Status.PAID), ("0", "45", Status.PAID), ("43", "0", Status.ALREADY), ("43", "45", Status.ALREADY),
    ("0", "48", Status.REVERSED),
])  # fmt: skip
def test_a_payment_is_verified_and_then_settled_also_when_either_was_done_before(verified, settled, status):
    with Bank(soap("bpVerifyRequest", verified), soap("bpSettleRequest", settled)) as bank:
        verdict = mellat(bank.url).verify(KNOWN)
        assert [called(bank, nth) for nth in (0, 1)] == [("bpVerifyRequest", VISIT), ("bpSettleRequest", VISIT)]
    assert (verdict.status, verdict.amount_rials) == (status, None)
    assert verdict.reference == "5142510"


@pytest.mark.parametrize(
    ("settled", "kind"), [("61", Unanswered), ("46", Unanswered), ("42", Unanswered), ("21", Temporary)]
)
def test_what_is_not_settled_is_not_paid_and_asked_again(settled, kind):
    with Bank(soap("bpVerifyRequest", "0"), soap("bpSettleRequest", settled)) as bank, pytest.raises(kind):
        mellat(bank.url).verify(KNOWN)


@pytest.mark.parametrize(("code", "status"), [
    ("17", Status.UNPAID), ("42", Status.UNPAID), ("995", Status.UNPAID), ("113", Status.UNPAID),
    ("48", Status.REVERSED), ("45", Status.ALREADY),
])  # fmt: skip
def test_what_cannot_be_verified_is_not_settled(code, status):
    with Bank(soap("bpVerifyRequest", code)) as bank:
        assert mellat(bank.url).verify(KNOWN).status is status
        assert len(bank.requests) == 1


@pytest.mark.parametrize(("code", "kind"), [("34", Unanswered), ("416", Unanswered), ("421", Temporary)])
def test_a_failure_of_the_bank_says_nothing_about_the_money(code, kind):
    with Bank(soap("bpVerifyRequest", code)) as bank, pytest.raises(kind):
        mellat(bank.url).verify(KNOWN)


@pytest.mark.parametrize(("code", "status"), [("0", Status.PAID), ("43", Status.ALREADY), ("48", Status.REVERSED)])
def test_an_inquiry_takes_nothing(code, status):
    with Bank(soap("bpInquiryRequest", code)) as bank:
        assert mellat(bank.url).inquire(KNOWN).status is status
        assert called(bank) == ("bpInquiryRequest", VISIT)


def test_money_is_given_back_once():
    for code in ("0", "48"):
        with Bank(soap("bpReversalRequest", code)) as bank:
            assert mellat(bank.url).reverse(KNOWN).status is Status.REVERSED
            assert called(bank) == ("bpReversalRequest", VISIT)
    with Bank(soap("bpReversalRequest", "54")) as bank, pytest.raises(Refused, match="54"):
        mellat(bank.url).reverse(KNOWN)


def test_a_visit_whose_reference_never_came_cannot_be_shown_to_be_paid():
    gateway = mellat("http://127.0.0.1:1")
    assert {gateway.verify(ORDER).status, gateway.inquire(ORDER).status} == {Status.UNPAID}
    with pytest.raises(Refused):
        gateway.reverse(ORDER)


FAULT = re.sub(rb"<ns1:.*Response>", b"<soap:Fault><faultstring>0,A</faultstring></soap:Fault>", soap("x", "0"))
BOMB = b'<!DOCTYPE a [<!ENTITY b "0">]>' + soap("bpVerifyRequest", "&b;").partition(b"?>")[2]


@pytest.mark.parametrize("body", [
    FAULT, BOMB, b"", b"<", b"<html><p>0</p></html>", soap("bpPayRequest", "0"), soap("bpVerifyRequest", ""), b"\xff",
], ids=lambda body: repr(body[-25:]))  # fmt: skip
def test_what_is_not_the_answer_to_the_question_is_no_answer(body):
    with Bank(body) as bank, pytest.raises(Unanswered):
        mellat(bank.url).verify(KNOWN)


def test_the_return_is_read_and_its_amount_is_only_a_hint():
    fields = {"RefId": "AF82", "ResCode": "0", "SaleOrderId": "1001", "SaleReferenceId": "5142510"}
    came = mellat("https://bpm.example.ir").returned(fields | {"CardHolderPan": "610433****1234", "FinalAmount": "10"})
    assert (came.order_number, came.token, came.reference, came.says_paid) == (1001, "AF82", "5142510", True)
    assert (came.amount_rials, came.card) == (10, "610433****1234")
    gave_up = mellat("https://bpm.example.ir").returned({"RefId": "AF82", "ResCode": "17", "SaleOrderId": "1001"})
    assert (gave_up.says_paid, gave_up.code, gave_up.reference) == (False, "17", None)


def test_the_password_is_shown_nowhere():
    gateway = mellat("https://bpm.example.ir")
    assert "p<&>w" not in repr(gateway)
    assert gateway.origin == "https://bpm.example.ir"
