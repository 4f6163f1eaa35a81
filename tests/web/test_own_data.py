"""The trainee's page of own data: where each value is from, and how the mobile stands."""

from functools import partial

import pytest
from bs4 import BeautifulSoup

from models import Discrepancy, db
from tests import make

SOURCES = {"name": {"source": "registry"}, "birth_date": {"source": "sso"}, "mobile": {"source": "self"}}


def shown(client) -> str:
    return " ".join(BeautifulSoup(client.get("/trainee/me").data, "html.parser").main.get_text(" ").split())


def test_every_value_stands_with_its_source_and_what_is_missing_with_the_way_to_it(sign_in):
    person = make.person(sources=SOURCES, father_name=None, mobile=None, mobile_status="none")
    said = {"ours": {"birth_date": "1"}, "theirs": {"birth_date": "2"}}
    make.save(Discrepancy(person_id=person.id, field="birth_date", source="sso", **said))
    text = shown(sign_in(person))
    assert f"{person.full_name} (ثبت احوال)" in text
    assert "ثبت نشده؛ با یک ورود تازه از پنجره ملی کامل می‌شود" in text
    assert "دربارهٔ تاریخ تولد دو منبع یک چیز نمی‌گویند" in text
    assert "پیامکی به شما نمی‌رسد" in text


def test_a_typed_number_is_taken_shown_waiting_and_a_wrong_one_stays_as_it_was_written(sign_in, token):
    person = make.person(mobile="09113700071", mobile_status="matched")
    client = sign_in(person)
    post = partial(client.post, "/trainee/me/mobile")
    form = {"csrf_token": token(client, "/trainee/me")}
    assert "شاهکار گفته است که این شماره به نام شماست" in shown(client)
    wrong = post(data=form | {"mobile": "0911"})
    field = BeautifulSoup(wrong.data, "html.parser").select_one("input[name=mobile]")
    assert (wrong.status_code, field["value"], field["aria-invalid"]) == (422, "0911", "true")
    for said in ("عوض شد و از شاهکار پرسیده می‌شود", "همین شماره از پیش ثبت است"):
        assert post(data=form | {"mobile": "۰۹۱۱۳۷۰۰۰۷۲"}).status_code == 303
        text = shown(client)
        assert said in text
        assert "در انتظار تطبیق" in text
        assert "تا پاسخ نیاید پیامکی به این شماره یا شمارهٔ پیشین فرستاده نمی‌شود" in text
    assert "(خودتان)" in text
    db.session.refresh(person)
    assert (person.mobile, person.mobile_status) == ("09113700072", "unchecked")


@pytest.mark.parametrize("status", ["not_matched", "unchecked"])
def test_a_number_that_gets_no_messages_says_so_with_what_to_do(sign_in, status):
    text = shown(sign_in(make.person(mobile="09113700071", mobile_status=status)))
    assert "پیامکی به آن فرستاده نمی‌شود" in text
    assert "شماره‌ای را که به نام خودتان است بنویسید" in text
