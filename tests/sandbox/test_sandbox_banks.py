"""The banks of the sandbox, each asked in its own wire format as its documentation writes it."""

import base64

import pytest
import requests
from bs4 import BeautifulSoup
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

BACK = "http://127.0.0.1:8000/pay/callback"
KEY = b"doreh-sandbox-sadad-key!"
TERMINAL = 13000777


def sealed(text):
    """Triple DES, ECB, PKCS7, base64: written here a second time on purpose."""
    missing = 8 - len(text) % 8
    sealer = Cipher(TripleDES(KEY), modes.ECB()).encryptor()  # noqa: S305 the bank's choice
    return base64.b64encode(sealer.update((text + chr(missing) * missing).encode()) + sealer.finalize()).decode()


def call(sandbox, path, body):
    """A JSON call without the User-Agent that Sadad does not bear."""
    return requests.post(sandbox.url + path, json=body, headers={"User-Agent": ""}, timeout=60)


def sadad_request(sandbox, order=71, amount=500000, **changes):
    body = {
        "MerchantId": "000000140336777", "TerminalId": "24000777", "Amount": amount, "OrderId": order,
        "LocalDateTime": "11/22/2026 5:40:00 PM", "ReturnUrl": f"{BACK}/sadad",
        "SignData": sealed(f"24000777;{order};{amount}"),
    }  # fmt: skip
    return call(sandbox, "/sadad/api/v0/Request/PaymentRequest", body | changes).json()


def sadad_verify(sandbox, token, sign=None):
    return call(sandbox, "/sadad/api/v0/Advice/Verify", {"Token": token, "SignData": sealed(sign or token)})


def sep_token(sandbox, order="71", **changes):
    body = {"action": "token", "TerminalId": TERMINAL, "Amount": 500000, "ResNum": order, "RedirectUrl": f"{BACK}/sep"}
    return call(sandbox, "/sep/onlinepg/onlinepg", body | changes).json()


def sep_verify(sandbox, reference, act="VerifyTransaction", terminal=TERMINAL):
    body = {"RefNum": reference, "TerminalNumber": terminal}
    return call(sandbox, f"/sep/verifyTxnRandomSessionkey/ipg/{act}", body).json()


def test_sadad_takes_a_payment_once_and_says_so_afterwards(sandbox):
    asked = sadad_request(sandbox)
    assert asked["ResCode"] == "0"
    assert sadad_verify(sandbox, asked["Token"]).json()["ResCode"] == -1
    back = sandbox.pay("sadad", token=asked["Token"])
    assert (back["method"], back["url"]) == ("POST", f"{BACK}/sadad")
    assert back["fields"].items() >= {"OrderId": "71", "Token": asked["Token"], "ResCode": "0"}.items()
    first, second = (sadad_verify(sandbox, asked["Token"]).json() for _ in range(2))
    assert (first["ResCode"], first["Amount"], first["OrderId"]) == (0, 500000, 71)
    assert (second["ResCode"], second["RetrivalRefNo"]) == (100, first["RetrivalRefNo"])
    assert sadad_verify(sandbox, asked["Token"], sign="other").json()["ResCode"] == -1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"MerchantId": "1"}, "1027"),
        ({"TerminalId": "1"}, "1028"),
        ({"OrderId": "a"}, "1026"),
        ({"Amount": 0}, "1001"),
        ({"ReturnUrl": ""}, "1023"),
        ({"LocalDateTime": "now"}, "1024"),
        ({"Amount": 500001}, "1025"),
        ({"SignData": "x"}, "1025"),
    ],
)
def test_sadad_refuses_what_is_wrong_in_a_request(sandbox, changes, code):
    assert sadad_request(sandbox, **changes)["ResCode"] == code
    assert sandbox.payments() == []


def test_sadad_wants_each_order_once_and_no_user_agent(sandbox):
    assert [sadad_request(sandbox)["ResCode"] for _ in range(2)] == ["0", "1011"]
    answer = requests.post(f"{sandbox.url}/sadad/api/v0/Request/PaymentRequest", json={}, timeout=60)
    assert answer.status_code == 500


def test_sep_says_success_for_a_reference_however_often_it_is_shown(sandbox):
    asked = sep_token(sandbox)
    assert asked["status"] == 1
    back = sandbox.pay("sep", token=asked["token"])
    told = back["fields"]
    assert told.items() >= {"State": "OK", "Status": "2", "ResNum": "71", "Amount": "500000"}.items()
    first, second = (sep_verify(sandbox, told["RefNum"]) for _ in range(2))
    assert (first["ResultCode"], first["Success"], first["TransactionDetail"]["OrginalAmount"]) == (0, True, 500000)
    assert second == first
    other = sep_token(sandbox, order="72")
    stolen = sandbox.pay("sep", "duplicate", token=other["token"])["fields"]
    assert (stolen["ResNum"], stolen["RefNum"], stolen["State"]) == ("72", told["RefNum"], "OK")
    assert sep_verify(sandbox, "invented")["ResultCode"] == -2
    assert sep_verify(sandbox, told["RefNum"], terminal=1)["ResultCode"] == -105


def test_sep_refuses_what_is_wrong_in_a_request(sandbox):
    codes = [sep_token(sandbox, **one)["errorCode"] for one in ({"TerminalId": 1}, {"Amount": 0}, {"action": "x"})]
    assert codes == ["12", "5", "5"]


def test_sep_gives_back_what_is_asked_in_time_and_what_nobody_verified(sandbox):
    tokens = [sep_token(sandbox, order=str(order))["token"] for order in range(3)]
    prompt, late, slow = (sandbox.pay("sep", token=token)["fields"]["RefNum"] for token in tokens)
    for reference in (prompt, late):
        assert sep_verify(sandbox, reference)["ResultCode"] == 0
    assert sep_verify(sandbox, prompt, "ReverseTransaction")["ResultCode"] == 0
    assert sep_verify(sandbox, prompt)["ResultCode"] == 5
    sandbox.bank("age", bank="sep", order_id="1", minutes=51)
    assert sep_verify(sandbox, late, "ReverseTransaction")["ResultCode"] == -6
    sandbox.bank("age", bank="sep", order_id="2", minutes=31)
    assert sep_verify(sandbox, slow)["ResultCode"] == -6
    assert [one["state"] for one in sandbox.payments("sep")] == ["reversed", "verified", "reversed"]


def test_sep_tells_what_became_of_a_token_where_the_contract_has_that(sandbox):
    path = "/sep/verifyTxnRandomSessionkey/api/v2/ipg/payment/receipt"
    tokens = [sep_token(sandbox, order=str(order))["token"] for order in range(3)]
    bodies = [{"TerminalNumber": TERMINAL, "Token": token} for token in tokens]
    sandbox.pay("sep", "lost", token=tokens[0])
    sandbox.pay("sep", "cancel", token=tokens[1])
    lost, *others = (call(sandbox, path, body).json()["Data"] for body in bodies)
    assert (lost["State"], lost["Amount"], lost["ResNum"]) == ("OK", 500000, "0")
    assert sep_verify(sandbox, lost["RefNum"])["ResultCode"] == 0
    assert [one["State"] for one in others] == ["CanceledByUser", "InProgress"]
    assert call(sandbox, path, bodies[0] | {"Token": "x"}).json()["HasError"] is True
    sandbox.bank("answers", bank="sep", call="inquire", codes=["404"])
    assert call(sandbox, path, bodies[0]).status_code == 404


@pytest.mark.parametrize(
    ("outcome", "codes", "amount"),
    [
        ("wrong", [0, 100], 50000),
        ("no_amount", [0, 100], None),
        ("already", [100, 100], 500000),
        ("forged", [-1, -1], 0),
        ("cancel", [-1, -1], 0),
    ],
)
def test_what_the_payer_chooses_shows_in_the_answers(sandbox, outcome, codes, amount):
    token = sadad_request(sandbox)["Token"]
    told = sandbox.pay("sadad", outcome, token=token)["fields"]
    assert told["ResCode"] == ("-1" if outcome == "cancel" else "0")
    answers = [sadad_verify(sandbox, token).json() for _ in range(2)]
    assert [one["ResCode"] for one in answers] == codes
    assert answers[0].get("Amount") == amount


def test_an_answer_is_lost_or_a_page_or_never_comes(sandbox):
    tokens = {kind: sadad_request(sandbox, order)["Token"] for order, kind in enumerate(("unheard", "html", "silent"))}
    for kind, token in tokens.items():
        sandbox.pay("sadad", kind, token=token)
    with pytest.raises(requests.ConnectionError):
        sadad_verify(sandbox, tokens["unheard"])
    assert sadad_verify(sandbox, tokens["unheard"]).json()["ResCode"] == 100
    page = sadad_verify(sandbox, tokens["html"])
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert sadad_verify(sandbox, tokens["html"]).json()["ResCode"] == 0
    body = {"Token": tokens["silent"], "SignData": sealed(tokens["silent"])}
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{sandbox.url}/sadad/api/v0/Advice/Verify", json=body, headers={"User-Agent": ""}, timeout=(60, 0.3)
        )
    sandbox.bank("odd", bank="sadad", token=tokens["silent"], odd="")
    assert sadad_verify(sandbox, tokens["silent"]).json()["ResCode"] == 0


def test_an_ordered_code_is_answered_once_and_nothing_is_done(sandbox):
    sandbox.bank("answers", bank="sadad", call="request", codes=["1018", "1029"])
    assert [sadad_request(sandbox)["ResCode"] for _ in range(3)] == ["1018", "1029", "0"]


def test_sadad_money_goes_back_by_itself_and_a_visit_ends(sandbox):
    token, slow = (sadad_request(sandbox, order)["Token"] for order in (1, 2))
    sandbox.pay("sadad", token=token)
    sandbox.bank("windows", bank="sadad", verify_s=0, visit_s=0)
    assert sadad_verify(sandbox, token).json()["ResCode"] == 101
    answer = requests.post(f"{sandbox.url}/control/bank/pay", json={"bank": "sadad", "token": slow}, timeout=60)
    assert answer.status_code == 400


def form_of(answer):
    soup = BeautifulSoup(answer.text, "html.parser")
    return {one["name"]: one["value"] for one in soup.select("form input[type=hidden]")}, soup


def test_a_payer_walks_through_the_page_and_back(sandbox):
    token = sadad_request(sandbox)["Token"]
    fields, soup = form_of(requests.get(f"{sandbox.url}/sadad/Purchase?Token={token}", timeout=60))
    assert "۵۰۰٬۰۰۰" in soup.select_one(".sum").text
    answer = requests.post(f"{sandbox.url}/sadad/pay", fields | {"outcome": "pay"}, timeout=60)
    told, soup = form_of(answer)
    assert soup.select_one("main form")["action"] == f"{BACK}/sadad"
    assert (told["OrderId"], told["ResCode"]) == ("71", "0")
    assert "form-action 'self' http://127.0.0.1:8000;" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    again = requests.post(f"{sandbox.url}/sadad/pay", fields | {"outcome": "pay"}, timeout=60)
    assert again.status_code == 400
    assert form_of(requests.post(f"{sandbox.url}/sadad/back", fields, timeout=60))[0].keys() == told.keys()


def test_a_form_of_the_merchant_opens_the_page_and_get_brings_back_by_get(sandbox):
    token = sep_token(sandbox)["token"]
    headers = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "cross-site"}
    enter = {"Token": token, "GetMethod": "true"}
    hidden = requests.post(f"{sandbox.url}/sep/OnlinePG/OnlinePG", enter, headers=headers, timeout=60)
    assert (hidden.status_code, "Referrer-Policy" in hidden.text) == (400, True)
    known = headers | {"Referer": "http://127.0.0.1:8000/"}
    fields, _ = form_of(requests.post(f"{sandbox.url}/sep/OnlinePG/OnlinePG", enter, headers=known, timeout=60))
    answer = requests.post(f"{sandbox.url}/sep/pay", fields | {"outcome": "cancel"}, allow_redirects=False, timeout=60)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{BACK}/sep?MID=")
    assert "State=CanceledByUser" in answer.headers["Location"]


def test_a_switch_takes_the_answers_and_leaves_the_page(sandbox):
    token = sep_token(sandbox)["token"]
    sandbox.switch("sep", "html")
    page = requests.get(f"{sandbox.url}/sep/OnlinePG/SendToken?token={token}", timeout=60)
    assert "پرداخت اینترنتی" in page.text
    body = {"RefNum": sandbox.pay("sep", token=token)["fields"]["RefNum"], "TerminalNumber": TERMINAL}
    path = f"{sandbox.url}/sep/verifyTxnRandomSessionkey/ipg/VerifyTransaction"
    assert "در دست به‌روزرسانی" in requests.post(path, json=body, timeout=60).text
    sandbox.switch("sep", "wrong")
    assert requests.post(path, json=body, timeout=60).json()["TransactionDetail"]["OrginalAmount"] == 5_000_000
