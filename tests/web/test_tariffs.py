"""The pages of tariffs: a row is seen with its effect before it is written, ended from its page, and simulated."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup

from models import IncomeDecile, Role, Tariff, UnitKind, db
from services import jalali, policy
from tests import make
from tests.web import pages

URL = "/hq/tariffs"


@pytest.fixture
def hq():
    make.tariff(50_000)
    return make.unit(UnitKind.HQ)


def parts(name, days=0):
    year, month, day = jalali.parts(policy.today() + dt.timedelta(days=days))
    return {f"{name}-d": day, f"{name}-m": month, f"{name}-y": year}


def soup(answer):
    return BeautifulSoup(answer.data, "html.parser")


def words(found):
    return " ".join(found.get_text(" ").split())


def fields_of(form):
    return {each["name"]: each.get("value", "") for each in form.select("input[type=hidden]")}


def enrolled(decile):
    course, person = make.course(), make.person()
    row = pages.enroll(course, person)
    row.fee_rials, row.debit_source, row.payer_account_id = 50_000, "trainee", make.purse(person).id
    db.session.commit()
    make.save(IncomeDecile(person_id=person.id, decile=decile, source="sheet", valid_from=policy.today()))
    return person


def test_a_tariff_shows_what_it_would_change_is_written_by_a_second_press(sign_in, hq):
    enrolled(3), enrolled(8)
    desk = sign_in(make.user(Role.ADMIN, hq))
    asked = {"amount": "۰", "deciles": ["3", "4"], **parts("valid_from")}
    effect = soup(desk.get(f"{URL}/new", query_string=asked)).select_one("#effect").parent
    assert "دهک ۳: رایگان دهک ۴: رایگان" in words(effect)
    assert "از ۲ ثبت‌نام ۹۰ روز گذشته، مبلغ ۱ ثبت‌نام عوض می‌شد؛ روی هم ۵۰٬۰۰۰ ریال کمتر" in words(effect)
    assert db.session.query(Tariff).count() == 1
    for said in ("تعرفه نوشته شد", "همین تعرفه نوشته شده است"):
        assert desk.post(URL, data=fields_of(effect.form)).status_code == 303
        listed = soup(desk.get(URL))
        assert said in listed.text
    lines = [words(line) for line in listed.select("tbody tr")]
    assert [line.split(" از")[0] for line in lines][0].startswith("همه ۵۰٬۰۰۰ ریال")
    assert lines[2].startswith("دهک ۴ رایگان")
    assert "اعتبار ثبت‌نام، دهک ۳: رایگان، از" in words(listed.select_one(".timeline"))


def test_a_tariff_is_ended_on_its_page_and_who_comes_late_sees_who_was_faster(sign_in, hq):
    desk, row = sign_in(make.user(Role.ADMIN, hq)), make.tariff(0, decile=3)
    page = soup(desk.get(f"{URL}/{row.id}"))
    assert "به جای آن تعرفهٔ «همه» به کار می‌رود: ۵۰٬۰۰۰ ریال" in words(page.select_one("#effect").parent)
    assert not page.select("form[action$=remove]"), "it has begun"
    sent = fields_of(page.select_one("form[action$=end]")) | parts("valid_to", 5)
    assert [desk.post(f"{URL}/{row.id}/end", data=sent).status_code for _ in range(2)] == [303, 303]
    late = desk.post(f"{URL}/{row.id}/end", data=sent | parts("valid_to", 9))
    assert late.status_code == 409
    assert "این تعرفه را عوض کرد" in soup(late).select_one(".alert").text
    db.session.refresh(row)
    assert row.version == 2


@pytest.mark.once
def test_what_is_wrong_is_said_at_its_field_and_a_torn_form_is_refused(sign_in, hq):
    desk = sign_in(make.user(Role.ADMIN, hq))
    for over, said in (
        ({"amount": ""}, "مبلغ را بنویسید"),
        ({"amount": "۵ تومان"}, "به ریال"),
        ({"valid_from-y": ""}, "سال"),
        (parts("valid_to", -2), "روز پایان پیش از روز آغاز"),
    ):
        answer = desk.get(f"{URL}/new", query_string={"amount": "70000", **parts("valid_from"), **over})
        assert answer.status_code == 422
        assert said in soup(answer).select_one(".error").text
    first = make.first(Tariff)
    end = soup(desk.get(f"{URL}/{first.id}")).select_one("form[action$=end]")
    ended = desk.post(f"{URL}/{first.id}/end", data=fields_of(end) | parts("valid_to"))
    assert ended.status_code == 422
    assert "کسی نمی‌تواند ثبت‌نام کند" in soup(ended).select_one(".error").text
    token = {"csrf_token": fields_of(end)["csrf_token"]}
    assert desk.post(URL, data=token | {"amount": "9", "fee_kind": "enroll_credit"}).status_code == 422
    assert db.session.query(Tariff).count() == 1


@pytest.mark.once
def test_the_simulation_says_what_other_rows_would_have_brought(sign_in, hq):
    enrolled(3), enrolled(8)
    desk = sign_in(make.user(Role.REVIEWER, hq))
    page = soup(desk.get(f"{URL}/simulation"))
    assert "پرداخته‌اند ۱۰۰٬۰۰۰ ریال" in words(page.select_one(".facts"))
    page = soup(desk.get(f"{URL}/simulation", query_string={"amount": "20000", "deciles": "3"}))
    assert "می‌پرداختند ۷۰٬۰۰۰ ریال (۷٬۰۰۰ تومان) تفاوت ۳۰٬۰۰۰ ریال (۳٬۰۰۰ تومان) کمتر" in words(
        page.select_one(".facts")
    )
    assert "دهک ۳ ۱ ۵۰٬۰۰۰ ۲۰٬۰۰۰ ۳۰٬۰۰۰ کمتر" in words(page.select("table")[3])
    assert "ثبت‌نامی انجام نشده است" in soup(desk.get(f"{URL}/simulation", query_string=parts("until", -9))).text
    odd = desk.get(f"{URL}/simulation", query_string=parts("since", 3))
    assert odd.status_code == 422


@pytest.mark.once
def test_a_reviewer_of_hq_reads_tariffs_and_finds_nothing_to_press(sign_in, hq):
    make.tariff(9_000, decile=2, valid_from=policy.today() + dt.timedelta(days=9))
    reviewer = sign_in(make.user(Role.REVIEWER, hq))
    asked = f"{URL}/new?amount=3&" + "&".join(f"{name}={value}" for name, value in parts("valid_from").items())
    for path in (URL, asked, *(f"{URL}/{row.id}" for row in db.session.query(Tariff))):
        page = soup(reviewer.get(path))
        assert page.h1
        assert not page.select("main form[method=post]")
