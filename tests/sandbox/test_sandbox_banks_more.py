"""Mellat and Zarinpal in the sandbox, asked as their documentation writes it."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from defusedxml.ElementTree import fromstring

BACK = "http://127.0.0.1:8000/pay/callback"
LOGIN = {"terminalId": 1300777, "userName": "doreh", "userPassword": "doreh-sandbox"}
MERCHANT = "d0e7d0e7-0000-4000-8000-000000000777"


def soap(sandbox, name, **fields):
    """A call as a SOAP client writes it: a prefix on the call, none on its fields."""
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in (LOGIN | fields).items())
    text = (
        '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        f' xmlns:int="http://interfaces.core.sw.bps.com/"><soapenv:Header/><soapenv:Body><int:{name}>{inner}'
        f"</int:{name}></soapenv:Body></soapenv:Envelope>"
    )
    headers = {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": '""'}
    url = f"{sandbox.url}/mellat/pgwchannel/services/pgw"
    return requests.post(url, text.encode(), headers=headers, timeout=60)


def ask(sandbox, name, **fields):
    answer = soap(sandbox, name, **fields)
    assert answer.headers["Content-Type"].startswith("text/xml")
    return fromstring(answer.content).findtext(f".//{{http://interfaces.core.sw.bps.com/}}{name}Response/return")


def pay_request(sandbox, order=71, **changes):
    fields = {
        "orderId": order, "amount": 500000, "localDate": "20261122", "localTime": "174000", "additionalData": "",
        "callBackUrl": f"{BACK}/mellat", "payerId": 0,
    }  # fmt: skip
    return ask(sandbox, "bpPayRequest", **(fields | changes))


def sale(sandbox, order, outcome="pay"):
    """A paid order, and how it is named in all later calls."""
    code, token = pay_request(sandbox, order).split(",")
    assert code == "0"
    told = sandbox.pay("mellat", outcome, token=token)["fields"]
    assert (told["RefId"], told["SaleOrderId"]) == (token, str(order))
    return told, {"orderId": order, "saleOrderId": order, "saleReferenceId": told.get("SaleReferenceId", 0)}


def zarinpal(sandbox, act, **fields):
    body = {"merchant_id": MERCHANT, **fields}
    return requests.post(f"{sandbox.url}/zarinpal/pg/v4/payment/{act}.json", json=body, timeout=60).json()


def authority(sandbox, **changes):
    asked = {
        "amount": 500000, "currency": "IRR", "description": "افزایش اعتبار", "callback_url": f"{BACK}/zarinpal",
        "metadata": {"order_id": "71"},
    }  # fmt: skip
    return zarinpal(sandbox, "request", **(asked | changes))


def code_of(answer):
    return answer["data"]["code"] if answer["data"] else answer["errors"]["code"]


def test_mellat_takes_money_in_two_steps_and_once(sandbox):
    told, named = sale(sandbox, 71)
    assert (told["ResCode"], told["FinalAmount"]) == ("0", "500000")
    steps = ["Settle", "Inquiry", "Verify", "Verify", "Inquiry", "Settle", "Settle", "Inquiry"]
    codes = [ask(sandbox, f"bp{step}Request", **named) for step in steps]
    assert codes == ["44", "0", "0", "43", "43", "0", "45", "45"]
    assert ask(sandbox, "bpVerifyRequest", **(named | {"saleReferenceId": 5})) == "54"
    assert ask(sandbox, "bpVerifyRequest", **(named | {"saleOrderId": 5})) == "42"
    assert ask(sandbox, "bpReversalRequest", **named) == "0"
    assert [ask(sandbox, f"bp{step}Request", **named) for step in ("Reversal", "Verify", "Settle")] == ["48"] * 3


def test_mellat_wants_a_right_request_once_and_its_token_as_it_is(sandbox):
    wrong = [
        {"terminalId": 1}, {"userPassword": "x"}, {"amount": 0}, {"orderId": "a"}, {"localTime": "1"},
        {"callBackUrl": ""},
    ]  # fmt: skip
    assert [pay_request(sandbox, **one) for one in wrong] == ["21", "24", "25", "32", "35", "62"]
    token = pay_request(sandbox).partition(",")[2]
    assert pay_request(sandbox) == "41"
    start = f"{sandbox.url}/mellat/pgwchannel/startpay.mellat"
    headers = {"Origin": "http://127.0.0.1:8000"}
    found = [
        requests.post(start, {"RefId": one}, headers=headers, timeout=60).status_code
        for one in (token, token.swapcase())
    ]
    assert found == [200, 400]


def test_mellat_money_goes_back_by_itself_or_is_not_to_be_had_back(sandbox):
    _, slow = sale(sandbox, 1)
    _, late = sale(sandbox, 2)
    assert ask(sandbox, "bpVerifyRequest", **late) == "0"
    sandbox.bank("age", bank="mellat", order_id="1", minutes=21)
    sandbox.bank("age", bank="mellat", order_id="2", minutes=181)
    assert ask(sandbox, "bpVerifyRequest", **slow) == "48"
    assert ask(sandbox, "bpReversalRequest", **late) == "55"


def test_mellat_tells_the_amount_nowhere_but_in_the_return(sandbox):
    returns = {outcome: sale(sandbox, order, outcome)[0] for order, outcome in enumerate(("wrong", "no_amount"))}
    assert returns["wrong"]["FinalAmount"] == "50000"
    assert "FinalAmount" not in returns["no_amount"]
    _, already = sale(sandbox, 7, "already")
    assert [ask(sandbox, f"bp{step}Request", **already) for step in ("Verify", "Settle")] == ["43", "45"]
    told, forged = sale(sandbox, 8, "forged")
    assert (told["ResCode"], ask(sandbox, "bpVerifyRequest", **forged)) == ("0", "42")
    canceled, _ = sale(sandbox, 9, "cancel")
    assert (canceled["ResCode"], canceled.keys()) == ("17", {"RefId", "SaleOrderId", "ResCode"})


def test_mellat_answers_what_it_cannot_read_with_a_fault_and_describes_itself(sandbox):
    url = f"{sandbox.url}/mellat/pgwchannel/services/pgw"
    headers = {"Content-Type": "text/xml"}
    entity = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    for text in ("", "<x/>", entity):
        answer = requests.post(url, text, headers=headers, timeout=60)
        assert (answer.status_code, "faultstring" in answer.text) == (500, True)
    assert soap(sandbox, "bpUnknownRequest").status_code == 500
    wsdl = fromstring(requests.get(f"{url}?wsdl", timeout=60).content)
    names = [one.get("name") for one in wsdl.iter("{http://schemas.xmlsoap.org/wsdl/}operation")]
    assert {"bpPayRequest", "bpVerifyRequest", "bpSettleRequest", "bpReversalRequest"} <= set(names)


def test_zarinpal_compares_the_amount_itself_and_takes_once(sandbox):
    asked = authority(sandbox)
    token = asked["data"]["authority"]
    assert (asked["data"]["code"], asked["errors"], len(token)) == (100, [], 36)
    named = {"authority": token, "amount": 500000}
    assert zarinpal(sandbox, "inquiry", authority=token)["data"]["status"] == "IN_BANK"
    assert code_of(zarinpal(sandbox, "verify", **named)) == -51
    back = sandbox.pay("zarinpal", order_id="71")
    assert parse_qs(urlsplit(back["url"]).query) == {"Authority": [token], "Status": ["OK"]}
    assert (back["method"], zarinpal(sandbox, "inquiry", authority=token)["data"]["status"]) == ("GET", "PAID")
    assert code_of(zarinpal(sandbox, "verify", **(named | {"amount": 50000}))) == -50
    assert [one["authority"] for one in zarinpal(sandbox, "unVerified")["data"]["authorities"]] == [token]
    first, second = (zarinpal(sandbox, "verify", **named)["data"] for _ in range(2))
    assert (first["code"], second["code"]) == (100, 101)
    assert first["ref_id"] == second["ref_id"] > 0
    assert zarinpal(sandbox, "unVerified")["data"]["authorities"] == []
    assert zarinpal(sandbox, "inquiry", authority=token)["data"]["status"] == "VERIFIED"
    assert [code_of(zarinpal(sandbox, "reverse", authority=token)) for _ in range(2)] == [100, -61]
    assert code_of(zarinpal(sandbox, "verify", **named)) == -51


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"merchant_id": "x"}, -10),
        ({"amount": 999}, -9),
        ({"currency": "USD"}, -9),
        ({"description": ""}, -9),
        ({"callback_url": "/x"}, -9),
    ],
)
def test_zarinpal_refuses_what_is_wrong_in_a_request(sandbox, changes, code):
    assert code_of(authority(sandbox, **changes)) == code


def test_zarinpal_counts_tomans_where_no_currency_is_said(sandbox):
    authority(sandbox, currency="IRT")
    assert sandbox.payments("zarinpal")[0]["amount"] == 5_000_000


def test_zarinpal_keeps_money_that_nobody_verifies(sandbox):
    token = authority(sandbox)["data"]["authority"]
    sandbox.pay("zarinpal", "lost", token=token)
    sandbox.bank("age", bank="zarinpal", token=token, minutes=60 * 24 * 30)
    assert zarinpal(sandbox, "inquiry", authority=token)["data"]["status"] == "PAID"
    assert code_of(zarinpal(sandbox, "reverse", authority=token)) == -63
    assert code_of(zarinpal(sandbox, "verify", authority=token, amount=500000)) == 100
    assert code_of(zarinpal(sandbox, "verify", authority="A1", amount=500000)) == -54


def test_zarinpal_brings_the_payer_back_by_get(sandbox):
    token = authority(sandbox)["data"]["authority"]
    page = requests.get(f"{sandbox.url}/zarinpal/pg/StartPay/{token}", timeout=60).text
    assert re.search(f'name="token" value="{token}"', page)
    form = {"token": token, "outcome": "cancel", "get": "1"}
    answer = requests.post(f"{sandbox.url}/zarinpal/pay", form, allow_redirects=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"{BACK}/zarinpal?Authority={token}&Status=NOK",
    )


@pytest.mark.parametrize(
    ("bank", "path", "kind"),
    [("mellat", "pgwchannel/services/pgw", "text/xml"), ("zarinpal", "pg/v4/payment/verify.json", "application/json")],
)
def test_a_wrong_answer_has_the_right_shape_and_says_nothing(sandbox, bank, path, kind):
    sandbox.switch(bank, "wrong")
    if bank == "mellat":
        assert pay_request(sandbox) == ""
    else:
        assert authority(sandbox) == {"data": [], "errors": []}
    sandbox.switch(bank, "html")
    headers = {"Content-Type": kind}
    answer = requests.post(f"{sandbox.url}/{bank}/{path}", "", headers=headers, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
