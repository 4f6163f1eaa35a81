"""The pages of reports: where each row leads, what a filter keeps, charts that say their conclusion, a workbook."""

import io

import openpyxl
import pytest

from models import Role, UnitKind
from services import jalali, policy
from tests import make
from tests.web.reading import soup_of, words


@pytest.fixture
def golestan():
    return make.province("گلستان")


@pytest.fixture
def unit(golestan):
    return make.unit(province_=golestan, title="مرکز گرگان")


@pytest.fixture
def stocked(unit):
    workshop = make.workshop(unit)
    make.item(workshop, 12_345, 12_000, price_rials=1_000_000, condition="good")
    make.item(workshop, 3, group="tool")
    return workshop


@pytest.fixture
def clerk(sign_in, unit):
    return sign_in(make.user(Role.CLERK, unit))


@pytest.fixture
def director(sign_in, golestan):
    return sign_in(make.user(Role.DIRECTOR, make.unit(UnitKind.DIRECTORATE, golestan)))


@pytest.fixture
def admin(sign_in):
    return sign_in(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))


def soup(answer):
    assert answer.status_code == 200
    return soup_of(answer)


def part_links(page):
    return [link["href"] for link in page.select("#parts th[scope=row] a")]


def test_a_row_leads_down_from_the_country_to_the_workshops_and_back_up(admin, stocked, unit, golestan):
    country = soup(admin.get("/hq/inventory"))
    (link,) = part_links(country)
    assert link == f"/hq/inventory?province={golestan.id}"
    (link,) = part_links(soup(admin.get(link)))
    assert link == f"/hq/inventory?unit={unit.id}"
    bottom = soup(admin.get(link))
    assert "کارگاه ۱" in words(bottom.select_one("#parts"))
    above = ["/hq/inventory", f"/hq/inventory?province={golestan.id}"]
    assert [step["href"] for step in bottom.select(".path a")] == above
    assert f"/hq/shortages?unit={unit.id}" in [tab["href"] for tab in bottom.select(".tabs a")]


def test_numbers_are_grouped_in_persian_and_kept_narrowed_from_page_to_page(director, stocked, unit):
    page = soup(director.get("/province/inventory?group=capital"))
    assert "۱۲٬۳۴۵" in words(page.select_one(".tiles"))
    assert "۱۲٬۳۴۸" in words(soup(director.get("/province/inventory")).select_one(".tiles"))
    assert part_links(page) == [f"/province/inventory?unit={unit.id}&group=capital"]
    assert page.select_one("option[selected][value=capital]")
    assert all("group=capital" in tab["href"] for tab in page.select("nav[aria-label='گزارش‌ها'] a")[:3])


def test_every_drawing_says_its_conclusion_and_has_its_table(clerk, stocked):
    page = soup(clerk.get("/center/inventory/reports"))
    drawing = page.select_one("svg[role=img]")
    assert words(drawing.select_one("title")) == "به تفکیک سن. بیشترین: تاریخ ندارد، ۱۲٬۳۴۸ عدد"
    assert "۱۲٬۳۴۸" in words(drawing.find_parent("figure").select_one("details table"))


def test_what_has_no_price_is_counted_and_said(clerk, stocked):
    page = words(soup(clerk.get("/center/inventory/reports/value")).select_one("main"))
    assert "۱۲٬۳۴۵٬۰۰۰٬۰۰۰ ریال" in page
    assert "۱ قلم از ۲ قلم بها ندارد" in page


def test_movements_of_a_jalali_period_and_a_period_that_cannot_be(clerk, stocked):
    year, month, day = jalali.parts(policy.today())
    url = "/center/inventory/reports/movements"
    today = {"d": str(day), "m": str(month), "y": str(year)}
    asked = {f"{name}-{part}": value for name in ("first", "last") for part, value in today.items()}
    assert "دریافت ۲ ۱۲٬۳۴۸" in words(soup(clerk.get(url, query_string=asked)))
    assert "چیزی جابه‌جا نشده" in words(soup(clerk.get(url, query_string=asked | {"group": "protective"})))
    wrong = soup(clerk.get(url, query_string=asked | {"first-m": "13"}))
    assert wrong.select_one("#first-error")
    assert wrong.select_one("[name=first-m]")["value"] == "13"
    long = soup(clerk.get(url, query_string=asked | {"first-y": "1390"}))
    assert "دو سال" in words(long.select_one("#first-error"))


def test_a_report_is_a_workbook_of_what_is_shown(director, stocked, unit):
    answer = director.get(f"/province/inventory/stock.xlsx?unit={unit.id}&group=tool")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="equipment.xlsx"'
    assert openpyxl.load_workbook(io.BytesIO(answer.data))["ریز"].max_row == 2
    assert director.get("/province/inventory/movements.xlsx").status_code == 200


def test_other_territories_and_other_roles_have_no_report(director, clerk, stocked, unit):
    far = make.unit(province_=make.province("یزد"))
    for path in ("", "/value", "/movements", "/stock.xlsx", "/movements.xlsx"):
        assert director.get(f"/province/inventory{path}?unit={far.id}").status_code == 404
        assert director.get(f"/province/inventory{path}?province={far.province_id}").status_code == 404
        assert clerk.get(f"/center/inventory/reports{path}?unit={far.id}").status_code == 404
        assert clerk.get(f"/province/inventory{path}").status_code == 403


def test_odd_addresses_are_the_whole_report(clerk, stocked):
    for query in ("unit=x", "group=nothing", "page=0", "page=9999", "age=1&condition=2"):
        assert "۱۲٬۳۴۸" in words(soup(clerk.get(f"/center/inventory/reports?{query}")))
