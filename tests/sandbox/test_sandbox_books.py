"""The books of the banks: the page for people, the files of a day, and a return that comes twice."""

import csv
import datetime
import http.server
import io
import threading
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
import requests
from openpyxl import load_workbook

from tests.sandbox.test_sandbox_banks import sadad_request, sadad_verify, sep_token, sep_verify
from tests.sandbox.test_sandbox_banks_more import ask, authority, sale, zarinpal
from tests.sandbox.test_sandbox_pages import page


def today():
    return datetime.datetime.now(ZoneInfo("Asia/Tehran")).date()


def taken(sandbox, order, amount=500000):
    """A verified payment at Sadad: its reference."""
    token = sadad_request(sandbox, order, amount)["Token"]
    sandbox.pay("sadad", token=token)
    return sadad_verify(sandbox, token).json()["RetrivalRefNo"]


def day_file(sandbox, bank, kind="csv", day=None):
    answer = requests.get(f"{sandbox.url}/control/bank/file/{bank}/{day or today()}.{kind}", timeout=60)
    answer.raise_for_status()
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_the_file_of_a_day_holds_what_was_taken_and_no_more(sandbox):
    first, second = taken(sandbox, 1), taken(sandbox, 2, 700000)
    sandbox.pay("sadad", token=sadad_request(sandbox, 3)["Token"])
    rows = day_file(sandbox, "sadad")
    assert [(row["شماره سفارش"], row["شماره مرجع"], row["مبلغ"]) for row in rows] == [
        ("1", first, "500000"),
        ("2", second, "700000"),
    ]
    assert [row["مبلغ"] for row in day_file(sandbox, "sadad", "xlsx")] == [500000, 700000]
    sandbox.bank("age", bank="sadad", order_id="1", minutes=24 * 60)
    assert [row["شماره مرجع"] for row in day_file(sandbox, "sadad")] == [second]
    assert [row["شماره مرجع"] for row in day_file(sandbox, "sadad", day=today() - datetime.timedelta(1))] == [first]


def test_each_bank_writes_its_file_in_its_own_way(sandbox):
    reference = sandbox.pay("sep", token=sep_token(sandbox)["token"])["fields"]["RefNum"]
    sep_verify(sandbox, reference)
    told, named = sale(sandbox, 71)
    assert ask(sandbox, "bpVerifyRequest", **named) == "0"
    assert day_file(sandbox, "mellat") == []  # verified, and not yet paid out
    assert ask(sandbox, "bpSettleRequest", **named) == "0"
    token = authority(sandbox)["data"]["authority"]
    sandbox.pay("zarinpal", token=token)
    ref_id = zarinpal(sandbox, "verify", authority=token, amount=500000)["data"]["ref_id"]
    (sep,), (mellat,), (zarin,) = (day_file(sandbox, bank) for bank in ("sep", "mellat", "zarinpal"))
    assert (sep["RefNum"], sep["ResNum"], sep["Amount"]) == (reference, "71", "500000")
    assert (mellat["کد مرجع تراکنش"], mellat["مبلغ (ريال)"]) == (told["SaleReferenceId"], "500,000")
    assert (zarin["ref_id"], zarin["authority"], zarin["amount"]) == (str(ref_id), token, "500000")


def test_faults_are_put_into_a_file_and_taken_out_again(sandbox):
    first, second = taken(sandbox, 1), taken(sandbox, 2)
    sandbox.bank("file", bank="sadad", kind="leave_out", reference=first)
    sandbox.bank("file", bank="sadad", kind="amount", reference=second, amount=490000)
    sandbox.bank("file", bank="sadad", kind="add", order_id="900", amount=1000)
    rows = day_file(sandbox, "sadad")
    assert [(row["شماره سفارش"], row["مبلغ"]) for row in rows] == [("2", "490000"), ("900", "1000")]
    page(sandbox, "/payments/file", bank="sadad", kind="clear")
    assert [row["شماره مرجع"] for row in day_file(sandbox, "sadad")] == [first, second]


def test_the_page_of_payments_shows_them_and_lets_time_pass(sandbox):
    assert "هنوز کسی به بانک نرفته است" in page(sandbox, "/payments").get_text()
    token = sadad_request(sandbox)["Token"]
    sandbox.pay("sadad", "silent", token=token)
    taken(sandbox, 72)
    soup = page(sandbox, "/payments")
    assert [one.text for one in soup.select("tbody .t")] == ["تأییدشده", "پرداخت‌شده، تأییدنشده", "پاسخ نادرست می‌دهد"]
    assert "۵۰۰٬۰۰۰" in page(sandbox, "/").select_one("[aria-labelledby=h-payments] table").text
    form = {"bank": "sadad", "token": token}
    page(sandbox, "/payments", **form)
    assert sandbox.payments("sadad")[1]["odd"] == ""
    page(sandbox, "/payments", **form, minutes="60")
    assert sandbox.payments("sadad")[1]["reversed_by"] == "bank"
    page(sandbox, "/payments", bank="sadad", token=sandbox.payments("sadad")[0]["token"], fault="leave_out")
    assert day_file(sandbox, "sadad") == []


@pytest.fixture
def merchant():
    """Somebody at whose address returns arrive."""
    seen = []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802 named by the library
            seen.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(303)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/back", seen
    server.shutdown()
    server.server_close()


def test_a_return_that_comes_twice_comes_once_ahead_of_the_browser(sandbox, merchant):
    address, seen = merchant
    token = sadad_request(sandbox, ReturnUrl=address)["Token"]
    answer = requests.post(f"{sandbox.url}/sadad/pay", {"token": token, "outcome": "twice"}, timeout=60)
    assert [(one["OrderId"], one["ResCode"]) for one in seen] == [(["71"], ["0"])]
    assert f'action="{address}"' in answer.text
