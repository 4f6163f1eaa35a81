"""The first page, the way to a slip, and how the outside systems are doing."""

import re

import pytest
from bs4 import BeautifulSoup

from models import OutsideSystem, utcnow
from services import codes
from tests import make


def page(client, url):
    return BeautifulSoup(client.get(url).data, "html.parser")


def test_the_first_page_leads_to_the_window_the_courses_the_slip_and_staff_sign_in(client):
    soup = page(client, "/")
    assert soup.select_one("a.primary[href='/auth/sso']").get_text() == "پنجره ملی دولت هوشمند"
    assert soup.select_one("form[action='/courses'] input[name=q]")
    for url in ("/courses", "/track", "/auth/login"):
        assert soup.select_one(f"main a[href='{url}']")
    assert "با یک بار ورود کامل می‌شود" in soup.get_text()


def test_the_first_page_asks_the_database_nothing(client, queries):
    with queries() as seen:
        client.get("/")
    assert seen == []


# -- The way to a slip -------------------------------------------------------------


@pytest.fixture
def send(client, token):
    return lambda code: client.post("/slip", data={"code": code, "csrf_token": token(client, "/slip")})


def test_a_tracking_code_typed_in_groups_and_persian_digits_leads_to_its_slip(send):
    code = codes.tracking_code()
    typed = "".join(chr(ord("۰") + int(d)) if d.isdigit() else d for d in codes.group_tracking(code))
    answer = send(f" {typed} ")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/slip/{code}")


@pytest.mark.parametrize(("typed", "said"), [("", "کد رهگیری را بنویسید"), ("123", "۱۳ رقم"), ("۱" * 13, "۱۳ رقم")])
def test_a_wrong_tracking_code_stays_in_its_field_with_a_sentence(send, typed, said):
    answer = send(typed)
    soup = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 422
    assert said in soup.select_one(".error").get_text()
    assert soup.select_one("[name=code]")["value"] == typed
    assert soup.title.get_text().startswith("خطا: ")


# -- Outside systems ---------------------------------------------------------------


@pytest.fixture
def online(app, monkeypatch):
    for system in ("SSO", "REGISTRY", "SHAHKAR", "SMS"):
        monkeypatch.setitem(app.config, f"{system}_MODE", "online")


def states(client):
    rows = page(client, "/status").select("tbody tr")
    return {row.th.get_text(): re.sub(r"\s+", " ", row.select("td")[0].get_text()) for row in rows}


@pytest.mark.usefixtures("online")
def test_each_outside_system_is_shown_with_its_state(client):
    now = utcnow()
    make.save(OutsideSystem(code="sso", last_ok_at=now))
    make.save(OutsideSystem(code="sms", breaker="open", failures=5, last_failure_at=now, opened_at=now))
    make.save(OutsideSystem(code="registry", failures=1, last_ok_at=now, last_failure_at=now))
    assert states(client) == {
        "پنجره ملی دولت هوشمند": "برقرار",
        "ثبت احوال": "گاهی پاسخ نمی‌دهد",
        "شاهکار (تطبیق تلفن همراه)": "هنوز پرسشی نشده است",
        "پیامک": "پاسخ نمی‌دهد",
        "کارپوشهٔ ملی ایرانیان": "اکنون به کار نمی‌رود",
    }


def test_a_system_that_is_not_used_says_so(client):
    assert set(states(client).values()) == {"اکنون به کار نمی‌رود"}
