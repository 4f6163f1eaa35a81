"""The public list and the page of a course, as a visitor's browser gets them."""

import datetime as dt
from urllib.parse import parse_qs, quote, urlsplit

import brotli
import pytest
from bs4 import BeautifulSoup

from models import CourseEvent, CourseStatus, Gender, Policy, utcnow
from services import catalog, codes
from tests import make

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _ground():
    catalog.forget()
    make.tariff(50_000)


def page(client, url):
    return BeautifulSoup(client.get(url).data, "html.parser")


def titles(soup):
    return [link.get_text() for link in soup.select(".results h3 a")]


def text(soup):
    return " ".join(soup.get_text().split())


# -- The list ----------------------------------------------------------------------


def test_a_row_says_what_where_when_for_whom_how_many_and_how_much(client):
    unit = make.unit(title="مرکز شمارهٔ ۲ گرگان")
    start = dt.date(2026, 12, 6)
    make.course(unit_=unit, title="برق", start_on=start, end_on=start + DAY, weekdays=0b11111, gender=Gender.FEMALE)
    row = text(page(client, "/courses").select_one(".results li"))
    for part in (
        "برق", "مرکز شمارهٔ ۲ گرگان", "یکشنبه ۱۵ آذر ۱۴۰۵", "شنبه تا چهارشنبه", "۸ تا ۱۲", "ویژهٔ زنان",
        "۱۵ جای خالی از ۱۵", "۵۰٬۰۰۰ ریال", "ثبت‌نام",
    ):  # fmt: skip
        assert part in row


def test_the_tag_tells_full_few_and_not_yet_open_courses_apart(client):
    make.course(title="پر", taken=15)
    make.course(title="کم", taken=14)
    make.course(CourseStatus.APPROVED, title="بعد", enroll_open_at=utcnow() + DAY)
    soup = page(client, "/courses")
    tags = {li.h3.get_text(): li.select_one(".tag") for li in soup.select(".results > li")}
    assert tags["پر"].get_text() == "ظرفیت تکمیل شد"
    assert tags["کم"]["class"] == ["tag", "warn"]
    assert tags["بعد"].get_text().startswith("ثبت‌نام از ")
    assert [a["href"] for a in soup.select(".results .btn")] == [f"/trainee/enroll/{_code(soup, 'کم')}"]


def _code(soup, title):
    return next(a["href"].rsplit("/")[-1] for a in soup.select(".results h3 a") if a.get_text() == title)


def test_a_row_changes_with_its_seats_although_rows_are_kept(client):
    course = make.course()
    assert "۱۵ جای خالی از ۱۵" in text(page(client, "/courses"))
    course.taken = 9
    make.save(course)
    assert "۶ جای خالی از ۱۵" in text(page(client, "/courses"))


def test_links_lead_through_all_pages_and_back_and_keep_the_filters(client):
    for n in range(60):
        make.course(title=f"برق {n}")
    make.course(title="جوش")
    first = page(client, f"/courses?q={quote('برق')}&gender=female&county=&page=")
    second = page(client, first.select_one("a[rel=next]")["href"])
    third = page(client, second.select_one("a[rel=next]")["href"])
    assert third.select_one("a[rel=next]") is None
    assert len({*titles(first), *titles(second), *titles(third)}) == 60
    assert "صفحهٔ ۳ از ۳" in text(third)
    assert titles(page(client, third.select_one("a[rel=prev]")["href"])) == titles(second)
    query = parse_qs(urlsplit(first.select_one("a[rel=next]")["href"]).query)
    assert (query["q"], query["gender"], query["page"]) == (["برق"], ["female"], ["2"])
    assert "county" not in query


def test_the_closed_filter_box_shows_what_is_chosen_and_the_fields_keep_it(client):
    course = make.course()
    unit = course.unit
    soup = page(client, f"/courses?province={unit.province.code}&shift=morning&free=1&from-d=1&from-m=مهر&from-y=1400")
    summary = soup.summary.get_text()
    for part in (unit.province.title, "همهٔ شهرستان‌ها", "نوبت صبح", "شروع از ۱ مهر ۱۴۰۰", "فقط دارای جای خالی"):
        assert part in summary
    chosen = [option.get_text() for option in soup.select("option[selected]")]
    assert chosen == [unit.province.title, "صبح"]
    assert soup.select_one("[name=free]").has_attr("checked")
    assert soup.select_one("[name=from-m]")["value"] == "مهر"
    assert soup.select("[name=county] option")[1].get_text() == unit.county.title


def test_an_impossible_date_is_said_at_its_field_and_does_not_hide_the_courses(client):
    make.course(title="برق")
    soup = page(client, "/courses?from-d=31&from-m=7&from-y=1405")
    assert "۳۱ مهر وجود ندارد" in soup.select_one(".error").get_text()
    assert soup.details.has_attr("open")
    assert titles(soup) == ["برق"]


@pytest.mark.parametrize(
    "query",
    [
        "province=%00&q=%00", "after=x&before=y&page=-3&rows=7", "gender=mixed&shift=no&field=9999999999",
        "after=20261399-1", "before=20260101-999999999999999999", "q=" + "a" * 3000, "county=1&unit=2", "from-y=99999",
        "page=99999999999", "q=<script>", "field=۵",
    ],
)  # fmt: skip
def test_no_address_breaks_the_list(client, query):
    make.course()
    assert client.get(f"/courses?{query}").status_code == 200


def test_nothing_found_says_so_and_gives_a_way_on(client):
    soup = page(client, f"/courses?q={quote('هیچ')}")
    assert "دوره‌ای با این جستجو پیدا نشد. واژهٔ کوتاه‌تری بنویسید" in text(soup)
    assert soup.select_one("main a.btn[href='/courses']")


def test_the_list_is_asked_for_again_without_being_sent_again(client):
    course = make.course()
    first = client.get("/courses")
    again = client.get("/courses", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    course.taken = 3
    make.save(course)
    assert client.get("/courses", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_first_visit_is_three_requests_and_small_and_has_no_script(client):
    for n in range(50):
        make.course(title=f"تعمیر و نگهداری دستگاه شمارهٔ {n}", taken=n % 15)
    sent = client.get("/courses?rows=50", headers={"Accept-Encoding": "br"})
    soup = BeautifulSoup(brotli.decompress(sent.data), "html.parser")
    assert len(titles(soup)) == 50
    assert not soup.select("script")
    assets = {link["href"] for link in soup.select("link[href]")}
    more = [client.get(url, headers={"Accept-Encoding": "br"}) for url in assets]
    assert len(more) == 2
    assert len(sent.data) <= 8 * 1024
    assert len(sent.data) + sum(len(each.data) for each in more) <= 16 * 1024


def test_queries_of_the_list_do_not_grow_with_its_rows(client, queries):
    province = make.course().unit.province.code
    counts = []
    for _ in range(2):
        catalog.forget()
        with queries() as seen:
            client.get(f"/courses?province={province}&q=م")
        counts.append(len(seen))
        for _ in range(20):
            make.course()
    assert counts[0] == counts[1] <= 6


def test_the_old_address_leads_to_the_list_without_its_filters(client):
    answer = client.get("/dore/grid/student?ostan=27&page=3")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/courses")


# -- One course --------------------------------------------------------------------


def test_a_course_page_has_its_facts_its_unit_and_a_preview(client):
    unit = make.unit(address="خیابان امام", office_hours="۷:۳۰ تا ۱۴")
    conditions = {"age_min": 15, "min_education": "دیپلم", "tuition_rials": 900_000}
    course = make.course(unit_=unit, title="برق", theory_minutes=1200, practice_minutes=3600, **conditions)
    soup = page(client, f"/courses/{course.code}")
    for part in (
        unit.title, "خیابان امام", "۷:۳۰ تا ۱۴", "۰۱۷-۳۲۲۲۰۰۰۰", "از ۱۵ سال", "دیپلم", "۵۰٬۰۰۰ ریال", "۹۰۰٬۰۰۰ ریال",
        "ساختمان اصلی", "کارگاه ۱", "نوروزی", "۸۰ ساعت (۲۰ ساعت نظری، ۶۰ ساعت عملی)", "زنان و مردان",
    ):  # fmt: skip
        assert part in text(soup)
    assert "مریم" not in text(soup)
    assert soup.select_one("meta[property='og:title']")["content"].startswith("برق، ")
    assert "شروع" in soup.select_one("meta[property='og:description']")["content"]
    assert soup.select_one("a.primary")["href"] == f"/trainee/enroll/{course.code}"


def test_the_instructor_is_left_out_where_the_rule_says_so(client):
    make.save(Policy(name="instructor_name_public", valid_from=dt.date(2020, 1, 1), value=False))
    assert "نوروزی" not in text(page(client, f"/courses/{make.course().code}"))


def test_before_opening_the_page_shows_our_clock_and_no_button(client):
    opens = dt.datetime(2040, 12, 5, 4, 30, tzinfo=dt.UTC)
    course = make.course(CourseStatus.APPROVED, enroll_open_at=opens, enroll_close_at=opens + DAY)
    soup = page(client, f"/courses/{course.code}")
    assert "ثبت‌نام ساعت ۸:۰۰ روز چهارشنبه ۱۵ آذر ۱۴۱۹ باز می‌شود" in text(soup)
    assert "ساعت سامانه اکنون" in text(soup)
    assert not soup.select("main a.primary[href^='/trainee/enroll']")


def test_a_full_course_says_so_fairly_and_shows_similar_ones(client):
    full = make.course(title="پر", taken=15)
    for n in range(7):
        make.course(title=f"مشابه {n}")
    soup = page(client, f"/courses/{full.code}")
    assert "هر ۱۵ جا به ترتیب زمان ثبت‌نام داده شد" in text(soup)
    assert len(titles(soup)) == 5
    assert [link.get_text() for link in soup.select(f"a[href='/trainee/enroll/{full.code}']")] == [
        "نشستن در فهرست انتظار"
    ]


def test_a_closed_and_a_canceled_course_keep_their_pages(client):
    over = make.course(enroll_close_at=utcnow() - DAY)
    assert "مهلت ثبت‌نام این دوره تمام شد" in text(page(client, f"/courses/{over.code}"))
    gone = make.course(CourseStatus.CANCELED)
    values = {"actor_id": gone.entered_by_id, "level": "province", "course_version": 1}
    make.save(CourseEvent(course_id=gone.id, action="approve", source="x", target="approved", **values))
    assert "این دوره لغو شد" in text(page(client, f"/courses/{gone.code}"))


def test_a_code_in_persian_digits_leads_to_the_one_address(client):
    code = make.course().code
    answer = client.get("/courses/" + "".join(chr(ord("۰") + int(digit)) for digit in code))
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/courses/{code}")


@pytest.mark.parametrize("code", [codes.course_code(77), "12345", "<b>", "۱" * 60])
def test_an_unknown_code_is_404_with_a_search_box(client, code):
    answer = client.get(f"/courses/{quote(code)}")
    assert answer.status_code == 404
    assert BeautifulSoup(answer.data, "html.parser").select_one("form[action='/courses'] input[name=q]")


def test_a_draft_has_no_public_page(client):
    assert client.get(f"/courses/{make.course(CourseStatus.DRAFT).code}").status_code == 404


def test_a_full_course_page_stays_within_its_queries(client, queries):
    full = make.course(taken=15)
    for _ in range(6):
        make.course()
    catalog.forget()
    with queries() as seen:
        client.get(f"/courses/{full.code}")
    assert len(seen) <= 8
