"""Sheets at the screen: sent, looked through, imported and taken back, with and without a script."""

import io

import openpyxl
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

import gateways
from models import ImportBatch, ImportState, Role, SkillStandard, UnitKind, db
from services import imports
from tests import make, owed
from tests import sheets as made
from tests.web.reading import soup_of

ADDRESS = "/hq/imports/standards"


@pytest.fixture(autouse=True)
def folder(app, tmp_path, monkeypatch):
    """An empty store for each test; the answer is its folder."""
    store = gateways.LocalDisk(tmp_path / "files")
    monkeypatch.setitem(app.extensions, "file_store", store)
    return store.folder


@pytest.fixture
def desk(sign_in):
    make.field("جوشکاری")
    return sign_in(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))


def fields(page: BeautifulSoup) -> dict[str, str]:
    return {field["name"]: field.get("value", "") for field in page.select("main form[enctype] input[type=hidden]")}


def send(desk, data: bytes, name="استانداردها.xlsx", **more):
    """Packed here: a client of tests leaves the file open into which it packs what is large."""
    form = {**fields(soup_of(desk.get(ADDRESS))), **more, "file": FileStorage(io.BytesIO(data), name)}
    boundary, packed = encode_multipart(form)
    return desk.post(ADDRESS, data=packed, content_type=f"multipart/form-data; boundary={boundary}")


def press(desk, address: str, ending: str):
    page = soup_of(desk.get(address))
    form = next(form for form in page.select("form[method=post]") if form["action"].endswith(ending))
    return desk.post(form["action"], data={field["name"]: field["value"] for field in form.select("input")})


def sent(desk, *lines, data: bytes = b"") -> str:
    answer = send(desk, data or made.xlsx(*lines))
    assert answer.status_code == 303
    owed.run()
    return answer.headers["Location"]


def stored() -> list[SkillStandard]:
    db.session.rollback()
    return list(db.session.scalars(select(SkillStandard).execution_options(populate_existing=True)))


def test_a_sheet_is_sent_looked_through_imported_and_taken_back_without_a_script(desk):
    page = sent(desk, made.line(1), made.line(2, code="۱۲"))
    text = soup_of(desk.get(page)).text
    assert "۱ ردیف درست، ۱ ردیف خطا" in text
    assert stored() == []
    assert press(desk, page, "/apply").status_code == 303
    assert "در حال ثبت" in soup_of(desk.get(page)).text
    owed.run()
    assert [row.title for row in stored()] == ["جوشکار 1"]
    assert press(desk, page, "/undo").status_code == 303
    owed.run()
    assert stored() == []
    assert "برگردانده شد" in soup_of(desk.get(page)).text


def test_the_error_of_a_cell_stands_above_what_was_written(desk):
    line = soup_of(desk.get(sent(desk, made.line(1, theory_rest="۷۵")))).select_one("tbody tr")
    error = line.select_one(".error")
    assert "دقیقه_تئوری" in error.text
    assert error.find_next_sibling("bdi").text == "۷۵"


def test_what_would_change_is_shown_as_it_was_and_as_it_becomes(desk):
    press(desk, sent(desk, made.line(1)), "/apply")
    owed.run()
    line = soup_of(desk.get(sent(desk, made.line(1, practice_hours="90")))).select_one("tbody tr")
    assert (line.select_one("del").text, line.select_one("ins").text) == ("۸۰ ساعت", "۹۰ ساعت")


def test_the_same_sheet_again_says_without_change_and_offers_no_import(desk):
    data = made.xlsx(made.line(1))  # once: a workbook holds the second in which it was written
    press(desk, sent(desk, data=data), "/apply")
    owed.run()
    page = soup_of(desk.get(sent(desk, data=data)))
    assert "بدون تغییر" in page.text
    assert "همین پرونده پیش‌تر" in page.text
    assert not page.select("form[action$='/apply']")


@pytest.mark.parametrize(("name", "data", "why"), [
    ("a.xlsx", b"", "پروندهٔ پرشده را بفرستید"),
    ("a.xlsx", made.archive(**{"letter.docx": b"x"}), "اکسل سالمی نیست"),
    ("a.xlsx", made.with_part("xl/vbaProject.bin", b"x"), "ماکرو"),
    ("a.pdf", b"%PDF", "xlsx یا csv"),
    ("a.xlsx", b"PK" + b"0" * imports.MOST_BYTES, "بیش از ۲ مگابایت"),
], ids=["empty", "renamed", "macro", "pdf", "a little too large"])  # fmt: skip
def test_a_file_that_is_no_sheet_is_refused_at_its_field_and_nothing_is_kept(desk, folder, name, data, why):
    answer = send(desk, data, name)
    page = soup_of(answer)
    assert answer.status_code == 422
    assert why in page.select_one("#file-error").text
    assert page.select_one(".notice.bad a[href='#file']")
    assert db.session.scalar(select(ImportBatch.id)) is None
    assert not any(path.is_file() for path in folder.rglob("*"))


def test_a_sheet_of_fifty_megabytes_is_refused_before_it_is_read_and_its_limit_is_said(desk, folder):
    answer = send(desk, made.row_xml(1, "0" * 100).encode() * 500_000)
    assert (answer.status_code, db.session.scalar(select(ImportBatch.id))) == (413, None)
    assert "حداکثر حجم ۲ مگابایت" in soup_of(answer).text
    assert not any(path.is_file() for path in folder.rglob("*"))


def test_a_store_that_takes_nothing_says_so_at_the_field_and_nothing_is_stored(desk, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(gateways.LocalDisk, "put", full)
    answer = send(desk, made.xlsx(made.line(1)))
    assert (answer.status_code, db.session.scalar(select(ImportBatch.id))) == (503, None)
    assert "انبار پرونده‌ها" in soup_of(answer).select_one("#file-error").text


def test_the_pages_of_an_import_stand_in_the_section_that_it_fills(desk):
    for page in (ADDRESS, sent(desk, made.line(1))):
        (marked,) = soup_of(desk.get(page)).select("header nav a[aria-current]")
        assert marked["href"] == "/hq/standards", page


def test_a_form_without_a_file_asks_for_one(desk):
    answer = desk.post(ADDRESS, data=fields(soup_of(desk.get(ADDRESS))))
    assert (answer.status_code, "انتخاب کنید" in soup_of(answer).select_one("#file-error").text) == (422, True)


def test_a_form_sent_twice_leads_to_one_sheet_and_says_so(desk):
    form = fields(soup_of(desk.get(ADDRESS)))
    first, second = (
        desk.post(ADDRESS, data={**form, "file": (io.BytesIO(made.xlsx(made.line(1))), "a.xlsx")}) for _ in range(2)
    )
    assert first.headers["Location"] == second.headers["Location"]
    assert "همان پرونده را می‌بینید" in soup_of(desk.get(second.headers["Location"])).text


def test_a_refused_sheet_comes_back_as_the_form_alone_for_htmx(desk):
    form = fields(soup_of(desk.get(ADDRESS)))
    answer = desk.post(ADDRESS, data={**form, "file": (io.BytesIO(b"x"), "a.pdf")}, headers={"HX-Request": "true"})
    page = soup_of(answer)
    assert (answer.status_code, page.select_one("html"), page.select_one("form")["method"]) == (422, None, "post")


def test_the_template_and_the_bad_lines_are_workbooks_to_keep(desk):
    page = sent(desk, made.line(1, code="1"))
    for address in (f"{ADDRESS}/template.xlsx", page + "/bad.xlsx"):
        answer = desk.get(address)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].sheet_view.rightToLeft


def test_a_job_at_work_is_followed_by_a_part_of_the_page_that_ends_with_the_job(desk):
    page = sent(desk, made.line(1))
    press(desk, page, "/apply")
    whole = soup_of(desk.get(page))
    part = whole.select_one("#progress")
    assert (part.select_one("progress")["max"], part["hx-get"]) == ("1", page + "/progress")
    assert whole.select_one("noscript meta[http-equiv=refresh]")
    owed.run()
    answer = desk.get(page + "/progress", headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert not soup_of(answer).select("[hx-get]")


def test_a_sheet_put_aside_imports_nothing(desk):
    page = sent(desk, made.line(1))
    assert press(desk, page, "/drop").status_code == 303
    assert stored() == []
    assert db.session.scalar(select(ImportBatch.state)) is ImportState.DROPPED


def test_two_who_decide_at_once_are_told_apart(desk):
    page = sent(desk, made.line(1))
    form = soup_of(desk.get(page)).select_one("form[action$='/apply']")
    data = {"csrf_token": form.select_one("[name=csrf_token]")["value"]}
    assert [desk.post(page + "/apply", data=data).status_code for _ in range(2)] == [303, 409]


def test_another_level_does_not_find_a_sheet(desk, sign_in):
    page = sent(desk, made.line(1))
    assert sign_in(make.user(Role.MANAGER)).get(page).status_code == 403
    operator = sign_in(make.user(Role.OPERATOR, make.first(type(make.unit()), kind=UnitKind.HQ)))
    assert operator.get(page).status_code == 403


def spoiled(number: int) -> dict[str, object]:
    return {"code": "1" * 15} if number % 5 == 0 else {"theory_rest": 99} if number % 7 == 0 else {}


def test_fifty_changed_lines_fit_the_budget_of_a_page(desk):
    lines = [made.line(n, instructor_requirement=f"کارشناسی مکانیک و {n} سال سابقه") for n in range(1, 61)]
    press(desk, sent(desk, *lines), "/apply")
    owed.again()
    other = [made.line(n, theory_hours=str(n), instructor_requirement=f"{n} سال", **spoiled(n)) for n in range(1, 61)]
    answer = desk.get(sent(desk, *other), headers={"Accept-Encoding": "br"})
    assert answer.content_encoding == "br"
    assert len(answer.data) < 6 * 1024
