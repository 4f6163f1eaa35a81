"""The operator's pages about outside systems: modes, files that go out and come back, answers by hand."""

import io

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

import gateways
from blueprints import troubles
from models import AuditEvent, ExchangeBatch, ExchangeRow, OutsideSystem, Person, Role, UnitKind, db, utcnow
from services import outside
from tests import exchange_cases as cases
from tests import fakes, make, owed
from tests.attachments import pdf
from tests.strict import squeeze


@pytest.fixture
def operator(sign_in, app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "file_store", gateways.LocalDisk(tmp_path / "files"))
    return sign_in(make.user(Role.OPERATOR, make.unit(UnitKind.HQ)))


@pytest.fixture
def registry(app):
    with fakes.installed(app, registry=fakes.Registry()) as fake:
        yield fake


def held(client, url, **fields):
    """The hidden fields of the form on a page that goes to an address, with these filled in."""
    soup = BeautifulSoup(client.get(url).data, "html.parser")
    return {tag["name"]: tag["value"] for tag in soup.select("main input[type=hidden]")} | fields


def test_a_mode_is_switched_on_its_page_and_shown_with_who_and_why(operator, registry):
    page = "/ops/outside/registry"
    stale = held(operator, page, mode="batch", reason="قطعی سراسری")
    assert operator.post(page, data={**stale, "reason": ""}).status_code == 422
    assert operator.post(page, data=stale).status_code == 303
    assert outside.mode_of("registry") == "batch"
    for url in (page, "/ops/outside"):
        text = operator.get(url).text
        assert ("قطعی سراسری" in text, "با پرونده" in text) == (True, True)
    late = operator.post(page, data={**stale, "mode": "manual"})
    assert (late.status_code, "این سامانه را «با پرونده» کرد" in late.text) == (409, True)
    assert "قطعی سراسری" in late.text


def test_a_file_is_gathered_and_taken_by_its_buttons(operator, registry):
    cases.put("registry", "batch")
    person = cases.nameless()
    page = "/ops/outside/registry"
    batch = operator.post(f"{page}/gather", data=held(operator, page)).headers["Location"]
    assert "۱ ردیف در این دسته است" in operator.get(batch).text
    again = operator.post(f"{page}/gather", data=held(operator, page))
    assert "چیزی برای پرونده نبود" in operator.get(again.headers["Location"]).text
    form = held(operator, batch)
    sheet, text = (operator.post(f"{batch}/file", data={**form, "as": kind}) for kind in ("xlsx", "csv"))
    assert sheet.data.startswith(b"PK")
    assert (text.mimetype, person.national_code in text.text) == ("text/csv", True)
    assert person.national_code not in operator.get(batch).text
    taken = select(func.count(AuditEvent.id)).where(AuditEvent.action == "exchange_file_taken")
    assert db.session.scalar(taken) == 2


def test_the_file_comes_back_is_seen_first_and_then_taken_for_good(operator, registry):
    cases.put("registry", "batch")
    person = cases.nameless()
    page = "/ops/outside/registry"
    batch = operator.post(f"{page}/gather", data=held(operator, page)).headers["Location"]
    text = operator.post(f"{batch}/file", data={**held(operator, batch), "as": "csv"}).text
    file = {"file": (io.BytesIO(text.replace(",,,,,,,", ",پیدا نشد,,,,,,").encode()), "answer.csv")}
    shown = operator.post(f"{batch}/answer", data={**held(operator, batch), **file}).headers["Location"]
    cases.work()
    assert "بی‌پاسخ" in operator.get(shown).text
    operator.post(f"{shown}/apply", data=held(operator, shown))
    cases.work()
    db.session.rollback()
    assert db.session.get_one(Person, person.id, populate_existing=True).identity_note == "not_found"
    assert "برگرداندن" not in operator.get(shown).text
    assert "پاسخ کامل" in operator.get(batch).text


def test_a_file_is_dropped_with_a_reason_and_no_empty_file_is_taken(operator, registry):
    cases.put("registry", "batch")
    cases.nameless()
    page = "/ops/outside/registry"
    batch = operator.post(f"{page}/gather", data=held(operator, page)).headers["Location"]
    form = held(operator, batch)
    operator.post(f"{batch}/file", data=form)
    assert "پروندهٔ پاسخ را انتخاب کنید" in operator.post(f"{batch}/answer", data=form).text
    assert operator.post(f"{batch}/drop", data={**form, "reason": "نرسید"}).status_code == 409, (
        "somebody took the file since"
    )
    form = held(operator, batch)
    assert operator.post(f"{batch}/drop", data={**form, "reason": " "}).status_code == 422
    assert operator.post(f"{batch}/drop", data={**form, "reason": "نرسید"}).status_code == 303
    assert db.session.scalar(select(ExchangeBatch.state)) == "dropped"
    assert operator.post(f"{batch}/file", data=form).status_code == 409


def test_an_answer_by_hand_with_its_document(operator, registry):
    cases.put("registry", "manual")
    person = cases.nameless()
    owed.run()
    waiting = "/ops/outside/registry/waiting"
    soup = BeautifulSoup(operator.get(waiting).data, "html.parser")
    page = soup.select_one("main td a")["href"]
    assert person.national_code in operator.get(page).text
    form = held(operator, page, result="found", first_name="مریم", last_name="کریمی")
    assert "سندی را که پاسخ در آن است" in operator.post(page, data=form).text
    document = {"file": (io.BytesIO(pdf()), "reply.pdf")}
    assert operator.post(page, data={**form, **document}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Person, person.id, populate_existing=True).full_name == "مریم کریمی"
    assert "تازه‌ترین پاسخ‌های دستی" in operator.get(waiting).text
    assert operator.get(page).status_code == 404
    assert db.session.scalar(select(ExchangeRow.document_id)) is not None


def test_the_list_tells_calls_queue_and_files_in_figures(operator, registry):
    cases.nameless()
    owed.run("registry")
    cases.nameless()
    page = squeeze(operator.get("/ops/outside").text)
    assert "۰ درصد (۰ از ۱)" in page
    assert "۱ کار، کهنه‌ترین از" in page


# -- Troubles ----------------------------------------------------------------------

DOWN = {"breaker": "open", "failures": 5}


def said(client, url: str) -> list[str]:
    notices = BeautifulSoup(client.get(url).data, "html.parser").select("main p.notice.warn[role=status]")
    return [tag.get_text() for tag in notices]


def test_a_trouble_stands_on_the_pages_that_it_touches_and_on_no_others(app, client, sign_in, operator, monkeypatch):
    for name, value in {"SSO_MODE": "online", "PAYMENT_MODE": "online", "PAYMENT_GATEWAYS": ("sep", "sadad")}.items():
        monkeypatch.setitem(app.config, name, value)
    for code in ("sso", "sms", "shahkar", "sep"):
        make.save(OutsideSystem(code=code, opened_at=utcnow(), **DOWN))
    assert "پنجره ملی دولت هوشمند اکنون پاسخ نمی‌دهد" in said(client, "/auth/window")[0]
    assert "از درگاه‌های دیگر پرداخت می‌شود" in said(client, "/pay")[0]
    for who, url in ((client, "/courses"), (client, "/status"), (operator, "/ops"), (sign_in(make.user()), "/center")):
        assert said(who, url) == []
    make.save(OutsideSystem(code="sadad", opened_at=utcnow(), **DOWN))
    assert "هیچ درگاه بانکی" in said(client, "/pay")[0]


@pytest.mark.once
def test_every_page_in_the_table_of_troubles_is_one_and_every_system_is_in_it(app):
    named = set().union(*troubles.PAGES.values())
    assert named <= set(app.view_functions)
    assert set(troubles.PAGES) == {*outside.SYSTEMS, outside.PAYMENT}
    assert {code for code, pages in troubles.PAGES.items() if pages} == set(troubles.ADVICE)
