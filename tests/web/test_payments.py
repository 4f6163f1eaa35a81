"""The way back from a bank, the receipt, and payments as the operators see them."""

import datetime as dt
import re
import uuid

import pytest
from sqlalchemy import update

from gateways.errors import Temporary
from models import Basket, OwnerKind, PaymentLine, PaymentState, Role, UnitKind, db, utcnow
from services import jalali, ledger
from services.payments import starting, wording
from services.payments.starting import Line, Order
from services.text import persian_digits
from tests import make, owed
from tests.fakes import Bank, banking
from tests.strict import squeeze
from tests.web import payment_scenes

CODE = make.national_code(82_000_001)


@pytest.fixture
def bank():
    with banking(found := Bank()):
        yield found


def visit(bank: Bank, key: str = "form", **over) -> dict[str, str]:
    """What the payer's browser brings back from a visit that was paid."""
    starting.start(Order([Line(OwnerKind.NATIONAL, CODE, 500_000)], key, **over))
    number = list(bank.visits)[-1]
    bank.pay(number)
    return bank.fields(number)


def held() -> int:
    return ledger.balance(OwnerKind.NATIONAL, CODE)


@pytest.fixture
def operator(sign_in):
    return sign_in(make.user(Role.OPERATOR, make.unit(UnitKind.HQ)))


# -- Back from the bank ------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_payer_comes_back_by_either_method_without_cookie_or_token_of_ours_and_sees_a_receipt(client, bank, method):
    make.person(national_code=CODE, first_name="مریم", last_name="نوروزی")
    fields = visit(bank)
    where = {"query_string": fields} if method == "GET" else {"data": fields}
    answer = client.open("/pay/callback/sadad", method=method, headers={"Origin": "https://bank.example"}, **where)
    assert (answer.status_code, answer.headers["Cache-Control"], held()) == (303, "no-store", 500_000)
    assert "Set-Cookie" not in answer.headers
    page = client.get(answer.location)
    said = squeeze(page.text)
    for words in (
        "پرداخت شد",
        "۵۰۰٬۰۰۰ ریال (۵۰٬۰۰۰ تومان)",
        "م*** ن***",
        persian_digits(f"{CODE[:3]}****{CODE[-3:]}"),
        "بانک ملی",
    ):
        assert words in said
    assert CODE not in page.text
    assert 'http-equiv="refresh"' not in page.text


def test_a_return_twice_a_day_later_and_by_another_method_leads_to_the_same_receipt(client, bank):
    fields = visit(bank)
    first = client.post("/pay/callback/sadad", data=fields)
    assert client.get("/pay/callback/sadad", query_string=fields).location == first.location
    assert client.head("/pay/callback/sadad", query_string=fields).status_code == 204
    assert client.put("/pay/callback/sadad", data=fields).status_code == 405
    assert (held(), bank.calls["verify"]) == (500_000, 1)


def test_a_return_of_another_visit_or_of_none_is_not_found_and_tells_nothing(client, bank):
    fields, other = visit(bank, "a"), visit(bank, "b")
    for sent in (fields | {"token": other["token"]}, {"order": "1"}, {}):
        answer = client.post("/pay/callback/sadad", data=sent)
        assert answer.status_code == 404
        assert "شناخته نیست" in answer.text
    assert client.post("/pay/callback/nowhere", data=fields).status_code == 404
    assert held() == 0


def test_a_receipt_that_is_open_refreshes_itself_leads_to_the_bank_again_and_then_back_to_the_draft(client, bank):
    basket = {"key": "k", "lines": [], "return_path": "/center/enroll", "created_at": utcnow(), "updated_at": utcnow()}
    started = starting.start(
        Order([Line(OwnerKind.NATIONAL, CODE, 500_000)], "f", basket_id=make.save(Basket(**basket)).id)
    )
    page = client.get(f"/pay/receipt/{started.receipt_key}").text
    assert 'http-equiv="refresh"' in page
    assert started.redirect.url in page
    bank.pay(list(bank.visits)[-1])
    owed.again("sadad")
    page = client.get(f"/pay/receipt/{started.receipt_key}").text
    assert ">ادامهٔ ثبت‌نام</a>" in page
    assert "refresh" not in page
    assert "hx-get" not in page


def test_nobody_finds_a_receipt_by_guessing(client):
    assert client.get("/pay/receipt/" + "x" * 32).status_code == 404
    assert client.get("/pay/receipt/1").status_code == 404


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        (PaymentState.FAILED, "not_paid", "دوباره پرداخت کنید"),
        (PaymentState.FAILED, "amount_differs", "شمارهٔ سفارش این رسید را به راهنمایی تلفنی بگویید"),
        (PaymentState.REVERSED, "amount_differs", "با مبلغ این سفارش یکی نبود"),
        (PaymentState.EXPIRED, "overdue", "بانک آن را خودکار برمی‌گرداند"),
    ],
)
def test_a_receipt_says_what_happened_and_what_to_do(client, state, code, words):
    row = payment_scenes.payment(state, code=code)
    assert words in client.get(f"/pay/receipt/{row.receipt_key}").text


def test_a_receipt_neither_asks_again_for_what_was_paid_nor_promises_what_was_not(client):
    basket = make.save(Basket(key=str(uuid.uuid4())))
    ended = [payment_scenes.payment(state, basket_id=basket.id) for state in payment_scenes.ENDS[:2]]
    db.session.execute(update(PaymentLine).values(was_known=False))
    db.session.commit()
    paid, failed = (client.get(f"/pay/receipt/{each.receipt_key}").text for each in ended)
    assert ("پرداخت دوباره" in paid, "پرداخت دوباره" in failed) == (False, True)
    assert ("نخستین ثبت‌نام او" in paid, "نخستین ثبت‌نام او" in failed) == (True, False)


def test_what_a_bank_left_out_is_said_in_words_and_its_reference_stays_as_it_prints_it():
    silent = wording.event("asked", "no_answer", {"status": "no_answer", "bank": "no_amount"})[1]
    assert silent == "بانک پاسخ نداد، بانک مبلغ را در پاسخ خود نگفت"
    assert "مرجع b9K2" in wording.event("asked", "0", {"reference": "b9K2"})[1]


# -- Operators ---------------------------------------------------------------------


def test_operators_see_how_many_stand_where_narrow_the_list_and_have_a_bank_asked_again(operator, bank, token):
    for state in (PaymentState.VERIFIED, PaymentState.FAILED):
        payment_scenes.payment(state)
    fields = visit(bank)
    page = operator.get("/ops/exchange")
    assert "۵۰۰٬۰۰۰ ریال" in page.text
    assert squeeze(operator.get("/ops/exchange?state=failed").text).count("/ops/exchange/") == 1
    assert "<b>۱</b> <span>پرداخت باز" in operator.get("/ops").text
    url = f"/ops/exchange/{rows_of(operator, fields['order'])[0]}"
    story = operator.get(url).text
    assert "بانک آمادهٔ پرداخت شد" in story
    answer = operator.post(f"{url}/ask", data={"csrf_token": token(operator, url)})
    assert answer.status_code == 303
    owed.run("sadad")
    assert held() == 500_000
    story = operator.get(url).text
    assert "بانک تأیید کرد و اعتبار افزوده شد" in story
    assert "دوباره بپرس" not in story


def rows_of(client, number: str) -> list[str]:
    return re.findall(r'href="/ops/exchange/(\d+)"', client.get(f"/ops/exchange?number={number}").text)


def test_the_list_of_payments_goes_on_and_a_day_shows_what_ended_on_it(operator):
    for _ in range(27):
        payment_scenes.payment(PaymentState.VERIFIED)
    yesterday = utcnow() - dt.timedelta(days=1)
    payment_scenes.payment(PaymentState.EXPIRED, settled_at=yesterday)
    page = operator.get("/ops/exchange?state=verified").text
    assert page.count('scope="row"><a href="/ops/exchange/') == 25
    assert "before=" in page
    year, month, day = jalali.parts(jalali.tehran(yesterday).date())
    page = operator.get(f"/ops/exchange?day-y={year}&day-m={month}&day-d={day}").text
    assert page.count('scope="row"><a href="/ops/exchange/') == 1
    assert operator.get("/ops/exchange?day-y=x&gateway=zzz&state=zzz&before=q").status_code == 200


def test_a_bank_that_does_not_answer_is_left_out_payers_go_to_the_next_and_operators_are_told(operator, queries):
    silent, sep = Bank("mellat", trouble=[Temporary("unreachable")] * 5), Bank("sep")
    lines = [Line(OwnerKind.NATIONAL, CODE, 500_000)]
    with banking(silent, sep):
        assert {starting.start(Order(lines, f"form-{n}", gateway="mellat")).gateway for n in range(7)} == {"sep"}
        assert silent.calls["request"] == 5
        with queries() as seen:
            page = operator.get("/ops/exchange").text
        assert "درگاه بانک ملت (به‌پرداخت) از" in squeeze(page)
        assert "خودکار کنار گذاشته شده است" in page
        assert "پاسخ نمی‌دهد" in operator.get("/ops").text
    assert len(seen) <= 6


def test_a_return_costs_few_statements_also_when_it_fills_a_purse(client, bank, queries):
    starting.start(Order([Line(OwnerKind.NATIONAL, CODE, 500_000)], "first"))  # the bank is known to answer
    fields = visit(bank)
    with queries() as seen:
        client.post("/pay/callback/sadad", data=fields)
    assert held() == 500_000
    assert len(seen) <= 20, "\n".join(seen)
