"""Many people into one course at the screen, as it stands without a script: a workbook, two tabs, one payment."""

import io

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

import gateways
from models import AuditEvent, Basket, Enrollment, EnrollmentListRow, db
from tests import make, owed, sheets
from tests.web.reading import soup_of

TITLES = ["کد ملی", "نام", "نام خانوادگی", "تلفن همراه"]


@pytest.fixture(autouse=True)
def folder(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "file_store", gateways.LocalDisk(tmp_path / "files"))


@pytest.fixture
def course():
    make.tariff(50_000)
    return make.course(capacity_max=30)


@pytest.fixture
def desk(sign_in, course):
    return sign_in(make.user(unit_=course.unit))


def hidden(page, action: str) -> dict[str, str]:
    form = next(each for each in page.select("form[method=post]") if each.get("action", "").endswith(action))
    return {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}


def send(desk, course, data: bytes, name: str = "کارآموزان.xlsx"):
    address = f"/center/courses/{course.id}/list"
    page = soup_of(desk.get(address))
    fields = {field["name"]: field.get("value", "") for field in page.select("main form input[type=hidden]")}
    form = {**fields, "codes": "", "file": FileStorage(io.BytesIO(data), name)}
    boundary, packed = encode_multipart(form)
    return desk.post(address, data=packed, content_type=f"multipart/form-data; boundary={boundary}")


def count(model) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_workbook_becomes_a_list_that_two_tabs_run_and_one_payment_fills(desk, course):
    rich, poor = make.person(), make.person()
    make.purse(rich, 50_000)
    new = make.national_code()
    lines = [[rich.national_code], [poor.national_code], [new, "زهرا", "کریمی", "09121112233"], ["12"]]
    batch = send(desk, course, sheets.xlsx(*lines, titles=TITLES)).headers["Location"]
    owed.run()
    page = desk.get(batch).headers["Location"]
    seen = soup_of(desk.get(page))
    assert [tag.text for tag in seen.select("td .tag")].count("آماده") == 3
    assert "زهرا کریمی" in seen.text
    typed = hidden(seen, page) | {"debit_source": "trainee"}
    told = [soup_of(desk.post(page, data=typed, follow_redirects=True)).select_one(".notice").text for _ in range(2)]
    assert ("۱ نفر ثبت‌نام شدند" in told[0], "۱ نفر ثبت‌نام شدند" in told[1]) == (True, False)
    assert count(Enrollment) == 1
    paid = desk.post(page, data={**typed, "do": "top_up"})
    assert paid.headers["Location"].startswith("/pay/")
    basket = db.session.scalars(select(Basket)).one()
    assert ([line["code"] for line in basket.lines], basket.return_path) == ([poor.national_code, new], page)


def test_a_sheet_of_something_else_is_refused_at_its_field_and_makes_nothing(desk, course):
    answer = send(desk, course, b"no sheet", "a.pdf")
    assert answer.status_code == 422
    assert soup_of(answer).select_one("#file-error")
    assert count(EnrollmentListRow) == 0


def test_whoever_is_looked_up_by_a_list_stands_in_the_trail_without_code_or_name(desk, course):
    person = make.person()
    address = f"/center/courses/{course.id}/list"
    form = hidden(soup_of(desk.get(address)), "") | {"codes": person.national_code}
    assert desk.post(address, data=form).status_code == 303
    rows = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "person_looked_up")).all()
    assert [row.subject_id for row in rows] == [person.id]
    assert all(person.national_code not in str(row.detail) for row in rows)
