"""Sadad's wire format, its signature and its codes."""

import base64
import datetime as dt

import pytest
import time_machine

from gateways.banks.base import Redirect, Status
from gateways.errors import Refused, Temporary, Unanswered
from tests.gateways.bank_cases import BACK, NUMBER, ORDER, RIALS, Bank, sadad

VERIFIED = {
    "ResCode": "0",
    "Description": "عملیات با موفقیت انجام شد",
    "Amount": "50000",
    "RetrivalRefNo": "324970354312",
    "SystemTraceNo": "002046",
    "OrderId": "1001",
}


def test_the_request_is_signed_and_leads_to_the_banks_page():
    at = dt.datetime(2026, 11, 22, 14, 5, 7, tzinfo=dt.UTC)
    with Bank({"ResCode": 0, "Token": "t+1", "Description": ""}) as bank, time_machine.travel(at, tick=False):
        token = sadad(f"{bank.url}/vpg/").request(NUMBER, RIALS, BACK)
        path, asked = bank.asked()
        assert path == "/vpg/api/v0/Request/PaymentRequest"
        assert asked == {
            "MerchantId": "140336",
            "TerminalId": "24000615",
            "Amount": 50000,
            "OrderId": 1001,
            "LocalDateTime": "11/22/2026 05:35:07 PM",
            "ReturnUrl": BACK,
            "SignData": "8anK510CpvU1/qQW9GOicmIe9k+xf+yO",  # as openssl signs it
        }
        assert token.value == "t+1"
        assert token.redirect == Redirect("GET", f"{bank.url}/vpg/Purchase?Token=t%2B1")


def test_no_program_is_named_to_the_bank_which_once_failed_on_the_name():
    with Bank({"ResCode": 0, "Token": "t"}, VERIFIED) as bank:
        sadad(bank.url).request(NUMBER, RIALS, BACK)
        sadad(bank.url).verify(ORDER)
        assert not [request for request in bank.requests if b"user-agent" in request.lower()]


@pytest.mark.parametrize(("code", "kind"), [
    (1011, Refused), (61, Refused), ("1003", Temporary), (1018, Temporary), (1006, Temporary), (7777, Temporary),
])  # fmt: skip
def test_a_request_is_refused_for_what_is_wrong_with_it_and_else_the_next_gateway_may_do(code, kind):
    with Bank({"ResCode": code, "Token": None}) as bank, pytest.raises(kind) as caught:
        sadad(bank.url).request(NUMBER, RIALS, BACK)
    assert caught.value.code == str(code)


@pytest.mark.parametrize(("code", "status"), [("0", Status.PAID), (0, Status.PAID), (100, Status.ALREADY)])
def test_a_verified_payment_comes_with_its_amount_and_its_reference(code, status):
    with Bank(VERIFIED | {"ResCode": code}) as bank:
        verdict = sadad(bank.url).verify(ORDER)
        assert bank.asked() == ("/api/v0/Advice/Verify", {"Token": "token-1", "SignData": "vAc2art6C0Q="})
    assert (verdict.status, verdict.amount_rials) == (status, 50_000)
    assert (verdict.reference, verdict.trace) == ("324970354312", "002046")


@pytest.mark.parametrize(("changed", "code"), [
    ({"Amount": "0"}, "no_amount"), ({"Amount": None}, "no_amount"), ({"Amount": True}, "no_amount"),
    ({"OrderId": "1002"}, "other_order"), ({"OrderId": None}, "other_order"),
    ({"RetrivalRefNo": None}, "no_reference"), ({"RetrivalRefNo": "0"}, "no_reference"),
    ({"RetrivalRefNo": True}, "no_reference"), ({"RetrivalRefNo": "1 2"}, "no_reference"),
    ({"ResCode": None}, "no_code"), ({"ResCode": "OK"}, "no_code"), ({"ResCode": "1002"}, "1002"),
])  # fmt: skip
def test_a_yes_without_amount_order_or_reference_is_no_answer(changed, code):
    with Bank(VERIFIED | changed) as bank, pytest.raises(Unanswered) as caught:
        sadad(bank.url).verify(ORDER)
    assert caught.value.code == code


def test_another_amount_is_told_as_it_is():
    with Bank(VERIFIED | {"Amount": 10}) as bank:
        assert sadad(bank.url).inquire(ORDER).amount_rials == 10


@pytest.mark.parametrize("code", [-1, "101"])
def test_what_was_not_paid_is_told_without_an_amount(code):
    with Bank({"ResCode": code, "Amount": "0", "OrderId": None}) as bank:
        assert sadad(bank.url).verify(ORDER).status is Status.UNPAID


def test_our_own_settings_are_for_the_operator_to_mend_and_a_reversal_does_not_exist():
    with Bank({"ResCode": "1029"}) as bank, pytest.raises(Temporary):
        sadad(bank.url).verify(ORDER)
    with pytest.raises(Refused, match="no_reverse"):
        sadad("https://sadad.example.ir").reverse(ORDER)


def test_the_return_is_read_in_any_capitals_and_the_card_stays_hidden():
    fields = {"OrderId": "1001", "token": "t", "ResCode": "0", "PrimaryAccNo": "6037991234567890", "HashedCardNo": "x"}
    came = sadad("https://sadad.example.ir").returned(fields)
    assert (came.order_number, came.token, came.says_paid, came.code) == (1001, "t", True, "0")
    assert (came.card, came.amount_rials, came.reference) == ("603799******7890", None, None)
    gave_up = sadad("https://sadad.example.ir").returned({"Token": "t", "ResCode": "-1"})
    assert (gave_up.order_number, gave_up.says_paid, gave_up.code) == (None, False, "-1")


def test_the_key_is_shown_nowhere():
    gateway = sadad("https://sadad.example.ir/vpg")
    assert base64.b64decode("c2FuZGJveC1zYWRhZC1rZXktMjRiISEh").decode() not in repr(gateway)
    assert gateway.origin == "https://sadad.example.ir"
