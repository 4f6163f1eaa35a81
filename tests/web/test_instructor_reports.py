"""The pages of reports about instructors: where a row leads, bars and tables, the workbook, who may not look."""

import io

import openpyxl
import pytest
from bs4 import BeautifulSoup

from models import Role, UnitKind
from tests import make


@pytest.fixture
def unit():
    return make.unit(province_=make.province("گلستان"), title="مرکز گرگان")


@pytest.fixture
def teacher(unit):
    found = make.instructor(unit, make.field("جوشکاری"))
    make.education(found)
    make.workshop(unit, make.standard(field_id=make.field("برق").id))
    return found


def soup(answer):
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def words(tag):
    return " ".join(tag.get_text(" ").split())


def test_a_row_leads_down_from_the_country_to_a_center_and_back_up(sign_in, unit, teacher):
    admin = sign_in(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))
    (link,) = soup(admin.get("/hq/instructors/reports")).select("#parts th a")
    (link,) = soup(admin.get(link["href"])).select("#parts th a")
    assert link["href"] == f"/hq/instructors/reports?unit={unit.id}"
    page = soup(admin.get(link["href"]))
    above = ["/hq/instructors/reports", f"/hq/instructors/reports?province={unit.province_id}"]
    assert [step["href"] for step in page.select(".path a")] == above
    assert f"/hq/instructors/reports/coverage?unit={unit.id}" in [tab["href"] for tab in page.select(".tabs a")]


def test_bars_gaps_and_workbook_of_a_center(sign_in, unit, teacher):
    client = sign_in(make.user(Role.CLERK, unit))
    page = soup(client.get("/center/instructors/reports"))
    assert "کارشناسی ۱" in words(page.select(".bars")[0])
    assert page.select("svg rect")
    coverage = soup(client.get("/center/instructors/reports/coverage"))
    assert "برق ۱" in words(coverage.select_one("#gaps"))
    assert "برق بی‌مربی ۱ ۰" in words(coverage.select_one("#fields"))
    answer = client.get("/center/instructors/reports/instructors.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames == ["مربیان", "بازآموزی مانده"]
    standards = soup(client.get("/center/instructors/reports/standards"))
    assert "۱ ۰ ۰" in words(standards.select_one("#standards tbody"))
    (book, _) = [a["href"] for a in standards.select("a[href*=xlsx]")]
    assert len(openpyxl.load_workbook(io.BytesIO(client.get(book).data)).sheetnames) == 4
    (book, _) = [a["href"] for a in page.select("a[href*=xlsx]")]
    assert len(openpyxl.load_workbook(io.BytesIO(client.get(book).data)).sheetnames) == 5


def test_of_the_country_a_province_is_chosen_before_its_standards(sign_in, unit, teacher):
    admin = sign_in(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))
    (link,) = soup(admin.get("/hq/instructors/reports/standards")).select("main tbody a")
    assert soup(admin.get(link["href"])).select_one("#standards tbody tr")


def test_reports_of_others_are_not_found_and_counselors_see_none(sign_in, unit):
    other = make.unit()
    client = sign_in(make.user(Role.MANAGER, unit))
    for path in ("", "/coverage", "/standards", "/instructors.xlsx", "/report.xlsx", "/coverage.xlsx"):
        assert client.get(f"/center/instructors/reports{path}?unit={other.id}").status_code == 404
        counselor = sign_in(make.user(Role.COUNSELOR, unit))
        assert counselor.get(f"/center/instructors/reports{path}").status_code == 403


def test_an_empty_unit_says_so(sign_in, unit):
    client = sign_in(make.user(Role.MANAGER, unit))
    assert "۰ مربی" in words(soup(client.get("/center/instructors/reports")).select_one(".tiles"))
    assert "هنوز کارگاه یا مربی‌ای" in words(soup(client.get("/center/instructors/reports/coverage")))
