"""The pages people look at: complete, in Persian, without scripts, and safe from foreign forms."""

import csv
import io
import re

import pytest
import requests
from bs4 import BeautifulSoup

MODES = ["up", "slow", "error500", "html", "silent", "wrong"]
ASK = "response_type=code&client_id=doreh&scope=openid&state=s&nonce=n&code_challenge=c&code_challenge_method=S256"
AUTHORIZE = f"/sso/oauth2/authorize?{ASK}&redirect_uri=http://127.0.0.1:8000/auth/sso/callback"


def page(sandbox, path, **form):
    """A page as soup, after the checks that hold for every page."""
    url = sandbox.url + path
    answer = requests.post(url, form, timeout=60) if form else requests.get(url, timeout=60)
    soup = BeautifulSoup(answer.text, "html.parser")
    assert (soup.html["lang"], soup.html["dir"]) == ("fa", "rtl")
    assert [one.get_text(" ", strip=True) for one in soup.select("h1")] == [soup.title.text.partition(" – ")[0]]
    assert not soup.select("script, style, [style], [onclick]")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for field in soup.select("input:not([type=hidden])"):
        assert soup.select(f"label[for={field['id']}]"), field
    ids = [one["id"] for one in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    return soup


def send(sandbox, mobile="989113701000", text="سلام", uid="o-1"):
    body = {"senders": ["40406404000"], "recipients": [mobile], "messages": [text], "uids": [uid]}
    url = f"{sandbox.url}/sms/api/http/sms/v2/send"
    return requests.post(url, json=body, auth=("doreh", "doreh-sandbox"), timeout=60).json()


def test_the_first_page_has_every_system_with_every_switch(sandbox):
    soup = page(sandbox, "/")
    for code in ("sso", "registry", "shahkar", "sms", "address", "decile", "sadad", "sep", "mellat", "zarinpal"):
        assert [one["value"] for one in soup.select(f"#{code} .modes button")] == MODES
        assert soup.select_one(f"#{code} [aria-pressed=true]")["value"] == "up"


def test_the_first_page_lists_people_and_phones(sandbox):
    send(sandbox)
    text = page(sandbox, "/").get_text()
    for shown in ("مریم یزدی کیانی", "۰۰۱۰۳۵۰۸۲۹", "۲۶ فروردین ۱۳۷۰", "۰۹۱۱۳۷۰۱۰۰۰", "نامش هنوز نیامده است", "۱ پیامک"):
        assert shown in text


@pytest.mark.parametrize("mode", MODES)
def test_a_switch_is_turned_by_a_plain_form_and_shown(sandbox, mode):
    answer = requests.post(
        f"{sandbox.url}/switch", {"system": "sms", "mode": mode, "seconds": "۷"}, allow_redirects=False, timeout=60
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/#sms")
    assert page(sandbox, "/").select_one("#sms [aria-pressed=true]")["value"] == mode
    assert sandbox.state()["systems"]["sms"] == {"mode": mode, "seconds": 7}


def test_one_button_sets_all_right_again(sandbox):
    sandbox.switch("all", "silent")
    page(sandbox, "/switch", mode="up")
    assert {one["mode"] for one in sandbox.state()["systems"].values()} == {"up"}


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:1"])
@pytest.mark.parametrize("path", ["switch", "reset", "control/reset", "sso/login", "sadad/pay", "payments"])
def test_a_form_of_another_site_does_nothing(sandbox, origin, path):
    sandbox.switch("sms", "silent")
    answer = requests.post(f"{sandbox.url}/{path}", {"mode": "up"}, headers={"Origin": origin}, timeout=60)
    assert answer.status_code == 403
    assert sandbox.state()["systems"]["sms"]["mode"] == "silent"


@pytest.mark.parametrize("text", ["يزدي", "یزدی‌کیانی", "۰۰۱۰۳۵۰۸۲۹", "مریم کیانی", "09113701000"])
def test_people_are_found_however_they_are_written(sandbox, text):
    rows = page(sandbox, "/people", text=text).select("tbody tr")
    assert [row.select_one("b").text for row in rows] == ["مریم یزدی کیانی"]


def test_nobody_found_says_what_to_do(sandbox):
    assert "کسی با این جستجو پیدا نشد" in page(sandbox, "/people", text="هیچ‌کس").get_text()


def test_a_phone_shows_its_messages_with_parts_and_repeats(sandbox):
    for _ in range(3):
        send(sandbox, text="س" * 135)
    send(sandbox, text="کوتاه <b>", uid="o-2")
    soup = page(sandbox, "/phones/09113701000")
    assert [one.text.strip() for one in soup.select(".bub")] == ["س" * 135, "کوتاه <b>"]
    assert [one.text for one in soup.select(".phone .t")] == ["۳ بخش", "۳ بار فرستاده شد، یک بار رسید"]
    assert [one["href"] for one in page(sandbox, "/phones").select(".list a")] == ["/phones/09113701000"]


def test_a_phone_without_messages_says_so(sandbox):
    assert "هنوز پیامکی به این شماره نرسیده است" in page(sandbox, "/phones/09120000000").get_text()


def test_the_window_lists_people_with_a_button_each(sandbox):
    soup = page(sandbox, AUTHORIZE)
    assert "0010350829" in [one["value"] for one in soup.select(".list button")]
    wanted = soup.select_one("[name=request]")["value"]
    found = page(sandbox, "/sso/people", request=wanted, text="ایری").select(".list button")
    assert [one["value"] for one in found] == ["0077611616"]


@pytest.mark.parametrize(("code", "says"), [("0077611616", "فوت‌شده"), ("123", "نمی‌شناسد"), ("", "نمی‌شناسد")])
def test_who_cannot_sign_in_is_told_and_keeps_what_was_typed(sandbox, code, says):
    wanted = page(sandbox, AUTHORIZE).select_one("[name=request]")["value"]
    soup = page(sandbox, "/sso/login", request=wanted, national_code=code)
    assert says in soup.select_one("[role=alert]").text
    assert soup.select_one("#national_code")["value"] == code


def test_no_page_address_holds_a_national_code(sandbox):
    soup = page(sandbox, AUTHORIZE)
    forms = [form for form in soup.select("form") if form.select("[name=national_code], [name=text]")]
    assert {form["method"] for form in forms} == {"post"}
    assert not re.search(r"\d{10}", " ".join(link["href"] for link in page(sandbox, "/people").select("a")))


def answered(sandbox, rows, **faults):
    """What comes back for a file of these rows, by the titles of its columns."""
    into = io.StringIO()
    csv.writer(into).writerows(rows)
    file = {"file": ("out.csv", ("\ufeff" + into.getvalue()).encode())}
    answer = requests.post(f"{sandbox.url}/files", faults, files=file, timeout=60)
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))), answer.status_code


def test_a_file_for_the_registry_is_answered_with_the_faults_that_are_asked_for(sandbox):
    page(sandbox, "/files")
    rows = [["شمارهٔ ردیف", "کد ملی", "تاریخ تولد", "نتیجه"]]
    rows += [[f"r-{n}", code, "1370/01/26", ""] for n, code in enumerate(("0010350829", "0010350829", "0000000000"))]
    (first, _, nobody), _ = answered(sandbox, rows)
    assert (first["نتیجه"], first["نام"], nobody["نتیجه"]) == ("پیدا شد", "مریم", "پیدا نشد")
    faulty, _ = answered(sandbox, rows, wrong_code="1", unknown="1", left_out="1")
    assert [(line["شمارهٔ ردیف"], line["کد ملی"] == "0010350829") for line in faulty] == [
        ("r-0", False),
        ("r-1-0", True),
    ]
    assert answered(sandbox, [["a"], ["b"]])[1] == 422


def test_a_file_of_mobiles_is_answered_by_their_owners_and_the_inbox_has_a_page(sandbox):
    rows = [
        ["شمارهٔ ردیف", "کد ملی", "شمارهٔ همراه"],
        ["r-1", "0010350829", "09113701000"],
        ["r-2", "0010350829", "0912"],
    ]
    lines, _ = answered(sandbox, rows)
    assert [line["نتیجه"] for line in lines] == ["مطابق است", "مطابق نیست"]
    assert "KARPOOSHEH_FOLDER" in page(sandbox, "/inbox").get_text()
