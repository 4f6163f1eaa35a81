"""Zarinpal's wire format and its codes; amounts are rials and said to be."""

import pytest

from gateways.banks.base import Redirect, Status
from gateways.errors import Refused, Temporary, Unanswered
from tests.gateways.bank_cases import BACK, NUMBER, ORDER, RIALS, Bank, zarinpal

MERCHANT = {"merchant_id": "5a8dc0de-0000-4000-8000-000000000001"}


def good(**data):
    return {"data": {"code": 100, "message": "Success", **data}, "errors": []}


def bad(code, status="422 Unprocessable Content"):
    return status, {"data": [], "errors": {"code": code, "message": "x", "validations": []}}


def test_the_request_says_that_its_amount_is_in_rials_and_leads_to_the_page():
    with Bank(good(authority="A0000", fee_type="Merchant", fee=100)) as bank:
        token = zarinpal(bank.url).request(NUMBER, RIALS, BACK)
        path, asked = bank.asked()
        page = f"{bank.url}/pg/StartPay/A0000"
    assert path == "/pg/v4/payment/request.json"
    ours = {"amount": 50000, "currency": "IRR", "callback_url": BACK, "metadata": {"order_id": "1001"}}
    assert asked == {**MERCHANT, **ours, "description": "افزایش اعتبار دوره"}
    assert token.redirect == Redirect("GET", page)


@pytest.mark.parametrize(("answer", "kind", "code"), [
    (bad(-9), Refused, "-9"), (bad(-11, "401 Unauthorized"), Temporary, "-11"), (bad(-14), Temporary, "-14"),
    (("404 Not Found", b"<h1>404"), Unanswered, "http_404"), (("503 Busy", b""), Temporary, "http_503"),
    (good(), Unanswered, "no_token"), ({"data": [], "errors": []}, Unanswered, "no_data"),
])  # fmt: skip
def test_a_request_without_an_authority_ends_by_its_code_whatever_its_status(answer, kind, code):
    with Bank(answer) as bank, pytest.raises(kind) as caught:
        zarinpal(bank.url).request(NUMBER, RIALS, BACK)
    assert caught.value.code == code


def test_the_amount_is_verified_in_the_rials_that_were_asked_for():
    with Bank(good(ref_id=201, card_pan="502229******5995", fee=0)) as bank:
        verdict = zarinpal(bank.url).verify(ORDER)
        assert bank.asked() == ("/pg/v4/payment/verify.json", {**MERCHANT, "amount": 50000, "authority": "token-1"})
    assert (verdict.status, verdict.amount_rials) == (Status.PAID, 50_000)
    assert (verdict.reference, verdict.card) == ("201", "502229******5995")


def test_what_was_verified_before_is_told_without_an_amount():
    with Bank({"data": {"code": 101, "ref_id": 201, "message": "Verified"}, "errors": []}) as bank:
        verdict = zarinpal(bank.url).verify(ORDER)
    assert (verdict.status, verdict.amount_rials, verdict.reference) == (Status.ALREADY, None, "201")


@pytest.mark.parametrize("code", [-51, -54])
def test_what_was_not_paid_is_told(code):
    with Bank(bad(code)) as bank:
        assert zarinpal(bank.url).verify(ORDER).status is Status.UNPAID


@pytest.mark.parametrize(("answer", "kind"), [
    (bad(-10), Temporary), (bad(-98), Unanswered), (good(ref_id=None), Unanswered),
    (good(ref_id=0), Unanswered), ({"data": {"message": "Success"}}, Unanswered), ([], Unanswered),
])  # fmt: skip
def test_what_is_no_proper_yes_is_no_verdict(answer, kind):
    with Bank(answer) as bank, pytest.raises(kind):
        zarinpal(bank.url).verify(ORDER)


def test_another_amount_is_told_as_the_gateway_lists_it():
    with Bank(bad(-50), good(authorities=[{"authority": "token-1", "amount": 10}])) as bank:
        verdict = zarinpal(bank.url).verify(ORDER)
    assert (verdict.status, verdict.amount_rials, verdict.code) == (Status.PAID, 10, "-50")
    for listed in ([], [{"authority": "token-1", "amount": RIALS}]):
        with Bank(bad(-50), good(authorities=listed)) as bank, pytest.raises(Refused, match="-50"):
            zarinpal(bank.url).verify(ORDER)


@pytest.mark.parametrize(("state", "status"), [
    ("PAID", Status.PAID), ("VERIFIED", Status.ALREADY), ("IN_BANK", Status.PENDING), ("FAILED", Status.UNPAID),
    ("REVERSED", Status.REVERSED),
])  # fmt: skip
def test_an_inquiry_tells_the_state_and_takes_nothing(state, status):
    with Bank(good(status=state)) as bank:
        assert zarinpal(bank.url).inquire(ORDER).status is status
        assert bank.asked() == ("/pg/v4/payment/inquiry.json", {**MERCHANT, "authority": "token-1"})


def test_a_state_that_nobody_knows_is_no_answer():
    with Bank(good(status="MAYBE")) as bank, pytest.raises(Unanswered, match="no_state"):
        zarinpal(bank.url).inquire(ORDER)


def test_money_is_given_back_or_the_code_says_why_not():
    with Bank(good()) as bank:
        assert zarinpal(bank.url).reverse(ORDER).status is Status.REVERSED
        assert bank.asked()[0] == "/pg/v4/payment/reverse.json"
    with Bank(bad(-62)) as bank, pytest.raises(Refused, match="-62"):
        zarinpal(bank.url).reverse(ORDER)


def test_what_was_paid_and_never_verified_is_listed():
    rows = [{"authority": "A1", "amount": 50000, "callback_url": "x", "date": "2026-11-22 10:22:02"}]
    with Bank(good(authorities=rows)) as bank:
        assert zarinpal(bank.url).unverified() == {"A1": 50_000}
        assert bank.asked() == ("/pg/v4/payment/unVerified.json", MERCHANT)


def test_the_return_names_the_authority_alone():
    came = zarinpal("https://pay.example.ir").returned({"Authority": "A0000", "Status": "OK"})
    assert (came.order_number, came.token, came.says_paid) == (None, "A0000", True)
    gave_up = zarinpal("https://pay.example.ir").returned({"Authority": "A0000", "Status": "NOK"})
    assert (gave_up.says_paid, gave_up.code) == (False, "NOK")
    assert "5a8dc0de" not in repr(zarinpal("https://pay.example.ir"))
