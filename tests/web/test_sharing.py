"""What carries a course further: preview tags, short addresses, the poster and the booklet of a unit."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup

from blueprints.assets import FOLDER, assets
from models import CourseStatus, UnitKind
from services import catalog, jalali
from services.catalog import booklet
from services.text import persian_digits
from tests import make

AZAR = jalali.to_gregorian(1405, 9, 10)


@pytest.fixture(autouse=True)
def _ground():
    catalog.forget()
    make.tariff(50_000)


def soup(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return BeautifulSoup(answer.data, "html.parser")


def words(tag) -> str:
    return " ".join(tag.get_text().split())


def test_a_messenger_shows_title_date_and_picture_and_nothing_of_the_visitor(client, sign_in):
    course = make.course(title="جوشکاری", start_on=AZAR, end_on=AZAR)
    person = make.person(first_name="زهرا", last_name="کمالی")
    for browser in (client, sign_in(person)):
        page = soup(browser, f"/courses/{course.code}")
        tags = {tag["property"]: tag["content"] for tag in page.select("meta[property^='og:']")}
        assert tags["og:title"].startswith("جوشکاری، ")
        assert "۱۰ آذر ۱۴۰۵" in tags["og:description"]
        assert tags["og:url"].endswith(f"/courses/{course.code}")
        assert "کمالی" not in str(tags)
    picture = client.get("/" + tags["og:image"].split("/", 3)[-1])
    assert (picture.status_code, picture.data) == (200, (FOLDER / "share.png").read_bytes())


def test_a_short_address_leads_to_the_course_however_it_is_typed(client):
    course = make.course()
    typed = (f"/c/{course.code}", f"/C/{course.code}", f"/c/{persian_digits(course.code)}")
    assert {client.get(path).location for path in typed} == {f"/courses/{course.code}"}
    assert [client.get(path).status_code for path in ("/c/1", "/c/abc", f"/courses/{course.code}1/poster")] == [404] * 3


def test_the_poster_says_everything_and_its_code_is_the_short_address(client):
    course = make.course(title="جوشکاری", start_on=AZAR, end_on=AZAR, tuition_rials=1_200_000)
    page = soup(client, f"/courses/{course.code}/poster")
    for part in ("جوشکاری", "۱۰ آذر ۱۴۰۵", "۸ تا ۱۲", "۵۰٬۰۰۰ ریال", "۱٬۲۰۰٬۰۰۰ ریال", f"/c/{course.code}", "۰۱۷"):
        assert part in words(page.select_one("article"))
    assert page.select_one("article svg path")["d"].startswith("M")
    draft = make.course(CourseStatus.DRAFT)
    assert client.get(f"/courses/{draft.code}/poster").status_code == 404


def test_the_booklet_has_the_approved_courses_that_start_in_the_month_and_leads_to_its_neighbors(client):
    unit = make.unit(title="مرکز گرگان")
    here = {"unit_": unit, "end_on": AZAR + dt.timedelta(days=90)}
    shown = [make.course(status, start_on=AZAR, **here) for status in (CourseStatus.APPROVED, CourseStatus.RUNNING)]
    make.course(CourseStatus.PROVINCE_REVIEW, start_on=AZAR, **here)
    make.course(start_on=AZAR + dt.timedelta(days=30), **here)
    make.course(start_on=AZAR, unit_=make.unit(), end_on=AZAR)
    page = soup(client, f"/units/{unit.code}/booklet?month=1405-09")
    assert [link["href"] for link in page.select("td a")] == [f"/courses/{course.code}" for course in shown]
    assert [link["href"][-7:] for link in page.select(".pager a")] == ["1405-08", "1405-10"]
    empty = soup(client, f"/units/{unit.code}/booklet?month=1405-12")
    assert "شروع نمی‌شود" in words(empty)


def test_there_is_no_booklet_of_what_holds_no_courses(client):
    office, closed = make.unit(UnitKind.DIRECTORATE), make.unit(is_active=False)
    codes = (office.code, closed.code, "nothing")
    assert [client.get(f"/units/{code}/booklet").status_code for code in codes] == [404] * 3


def test_months_follow_each_other_over_the_new_year():
    month = booklet.Month(1405, 12)
    assert (month.after, month.after.before, month.last) == (booklet.Month(1406, 1), month, dt.date(2027, 3, 20))


@pytest.mark.once
def test_a_picture_is_sent_as_it_is_though_it_holds_bytes_like_indentation(tmp_path):
    (tmp_path / "some.png").write_bytes(b"\x89PNG\n  \n\n body")
    assert assets(tmp_path)["some.png"].bodies == {"identity": b"\x89PNG\n  \n\n body"}
