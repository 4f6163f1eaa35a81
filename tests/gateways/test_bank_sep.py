"""SEP's wire format and its codes; a RefNum proves the payment, and the receipt finds one that was lost."""

from dataclasses import replace

import pytest

from gateways.banks.base import Redirect, Status
from gateways.errors import Refused, Temporary, Unanswered
from tests.gateways.bank_cases import BACK, KNOWN, NUMBER, ORDER, RIALS, Bank, sep

REF = "jJnBmy/IojtTemplUH5ke9ULCGtDtb"
PAID = replace(KNOWN, reference=REF)
DETAIL = {
    "RRN": "14226761817",
    "RefNum": REF,
    "MaskedPan": "621986****8080",
    "TerminalNumber": 2015,
    "OrginalAmount": 50000,
    "AffectiveAmount": 50000,
    "StraceNo": "100428",
}
VERIFIED = {"TransactionDetail": DETAIL, "ResultCode": 0, "ResultDescription": "", "Success": True}
RECEIPT = {"State": "OK", "Status": 2, "RefNum": REF, "ResNum": "1001", "TraceNo": 100428, "Amount": 50000}
VERIFY = "/verifyTxnRandomSessionkey/ipg/VerifyTransaction"
ASK = "/verifyTxnRandomSessionkey/api/v2/ipg/payment/receipt"


def test_the_request_names_the_terminal_and_leads_to_the_banks_page():
    with Bank({"status": 1, "token": "2c3c1fefac5a48geb9f9be7e445dd9b2"}) as bank:
        token = sep(bank.url).request(NUMBER, RIALS, BACK)
        asked = {"action": "token", "TerminalId": "2015", "Amount": 50000, "ResNum": "1001", "RedirectUrl": BACK}
        assert bank.asked() == ("/onlinepg/onlinepg", asked)
        page = f"{bank.url}/OnlinePG/SendToken?token=2c3c1fefac5a48geb9f9be7e445dd9b2"
        assert token.redirect == Redirect("GET", page)


@pytest.mark.parametrize(("code", "kind"), [("5", Refused), (5, Refused), ("8", Temporary), ("12", Temporary)])
def test_a_request_that_is_refused_says_why_by_its_code(code, kind):
    document = {"status": -1, "errorCode": code, "errorDesc": "پارامترهای ارسالی نامعتبر است"}
    with Bank(document) as bank, pytest.raises(kind) as caught:
        sep(bank.url).request(NUMBER, RIALS, BACK)
    assert caught.value.code == str(code)


@pytest.mark.parametrize(("code", "status"), [(0, Status.PAID), (2, Status.ALREADY)])
def test_a_verified_payment_comes_with_its_amount(code, status):
    with Bank(VERIFIED | {"ResultCode": code}) as bank:
        verdict = sep(bank.url).verify(PAID)
        assert bank.asked() == (VERIFY, {"RefNum": REF, "TerminalNumber": 2015})
    assert (verdict.status, verdict.amount_rials, verdict.reference) == (status, 50_000, REF)
    assert (verdict.trace, verdict.card) == ("100428", "621986****8080")


@pytest.mark.parametrize(
    ("amounts", "told"), [((50000, 50000), 50_000), ((10, 10), 10), ((50000, 10), 10), ((10, 50000), 10)]
)
def test_whichever_of_the_two_amounts_is_another_is_told(amounts, told):
    detail = DETAIL | dict(zip(("OrginalAmount", "AffectiveAmount"), amounts, strict=True))
    with Bank(VERIFIED | {"TransactionDetail": detail}) as bank:
        assert sep(bank.url).verify(PAID).amount_rials == told


@pytest.mark.parametrize(("changed", "code"), [
    ({"OrginalAmount": None}, "no_amount"), ({"AffectiveAmount": 0}, "no_amount"),
    ({"OrginalAmount": 5.5}, "no_amount"),
    ({"RefNum": "another"}, "other_reference"), ({"TerminalNumber": 2016}, "other_terminal"),
])  # fmt: skip
def test_a_yes_about_another_payment_or_without_an_amount_is_no_answer(changed, code):
    with Bank(VERIFIED | {"TransactionDetail": DETAIL | changed}) as bank, pytest.raises(Unanswered) as caught:
        sep(bank.url).verify(PAID)
    assert caught.value.code == code


@pytest.mark.parametrize(("code", "status"), [(-2, Status.UNPAID), (-6, Status.REVERSED), (5, Status.REVERSED)])
def test_what_is_not_ours_any_more_is_told(code, status):
    with Bank({"TransactionDetail": None, "ResultCode": code, "Success": False}) as bank:
        assert sep(bank.url).verify(PAID).status is status


@pytest.mark.parametrize(("document", "kind"), [
    ({"ResultCode": -106}, Temporary), ({"ResultCode": -104}, Temporary), ({"ResultCode": 99}, Unanswered),
    ({"ResultCode": 0, "TransactionDetail": None}, Unanswered), ({"Success": True}, Unanswered),
])  # fmt: skip
def test_what_says_nothing_about_the_money_is_no_verdict(document, kind):
    with Bank(document) as bank, pytest.raises(kind):
        sep(bank.url).verify(PAID)


def test_a_visit_whose_way_back_was_lost_is_found_by_its_receipt_and_verified():
    with Bank({"HasError": False, "Data": RECEIPT}, VERIFIED) as bank:
        verdict = sep(bank.url).verify(ORDER)
        assert bank.asked() == (ASK, {"TerminalNumber": 2015, "Token": "token-1"})
        assert bank.asked(1)[0] == VERIFY
    assert (verdict.status, verdict.reference, verdict.amount_rials) == (Status.PAID, REF, 50_000)


@pytest.mark.parametrize(("answer", "status"), [
    ({"HasError": False, "Data": {"State": "InProgress", "ResNum": "1001"}}, Status.PENDING),
    ({"HasError": False, "Data": {"State": "CanceledByUser", "ResNum": "1001"}}, Status.UNPAID),
    ({"HasError": True, "Data": None, "ErrorCode": -2}, Status.UNPAID),
    (("404 Not Found", b"<h1>404</h1>"), Status.UNPAID),
])  # fmt: skip
def test_without_the_receipt_of_a_payment_nothing_is_verified(answer, status):
    with Bank(answer) as bank:
        assert sep(bank.url).verify(ORDER).status is status
        assert len(bank.requests) == 1


def test_the_receipt_of_another_visit_is_no_answer():
    with Bank({"HasError": False, "Data": RECEIPT | {"ResNum": "1002"}}) as bank, pytest.raises(Unanswered):
        sep(bank.url).verify(ORDER)


@pytest.mark.parametrize(("code", "ends"), [(0, "reversed"), (2, "reversed"), (-2, "-2"), (-106, "-106")])
def test_money_is_given_back_by_its_reference(code, ends):
    with Bank({"ResultCode": code}) as bank:
        try:
            ended = sep(bank.url).reverse(PAID).status.value
        except (Refused, Temporary) as error:
            ended = error.code
        assert bank.asked()[0] == "/verifyTxnRandomSessionkey/ipg/ReverseTransaction"
    assert ended == ends
    with pytest.raises(Refused):
        sep("https://sep.example.ir").reverse(ORDER)


def test_the_return_is_read_and_says_what_the_payer_did():
    fields = {"State": "OK", "Status": "2", "RefNum": REF, "ResNum": "1001", "TraceNo": "100428", "Amount": "50000"}
    came = sep("https://sep.example.ir").returned(fields | {"RRN": "1", "SecurePan": "621986******8080", "MID": "2015"})
    assert (came.order_number, came.reference, came.amount_rials, came.says_paid) == (1001, REF, 50_000, True)
    assert (came.trace, came.card, came.code, came.token) == ("100428", "621986******8080", "2", None)
    gave_up = sep("https://sep.example.ir").returned({"State": "CanceledByUser", "Status": "1", "ResNum": "1001"})
    assert (gave_up.says_paid, gave_up.code, gave_up.reference) == (False, "1", None)
    short = sep("https://sep.example.ir").returned({"Token": "token-1", "RefNum": REF})
    assert (short.order_number, short.token, short.says_paid) == (None, "token-1", True)
