"""The public pages in Chromium: what is in sight, what can be done without a script, what a first visit costs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from models import CourseStatus, utcnow
from services import catalog
from tests import make
from tests.web.bare import axe_violations, follow, patient, served, sticks_out

pytestmark = pytest.mark.once
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}


@pytest.fixture
def site(app) -> Iterator[str]:
    catalog.forget()
    make.tariff()
    with served(app) as address:
        yield address


def test_the_national_window_is_in_sight_without_scrolling_on_a_phone(browser, site):
    with patient(browser, viewport=PHONE) as context:
        page = context.new_page()
        page.goto(site)
        link = page.get_by_role("link", name="پنجره ملی دولت هوشمند")
        box = link.bounding_box()
        assert 0 <= box["y"] < box["y"] + box["height"] <= PHONE["height"]
        assert box["height"] >= 44
        assert page.evaluate("scrollY") == 0


def test_a_first_visit_to_the_list_is_three_requests(browser, site):
    make.course()
    with patient(browser, viewport=PHONE) as context:
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request.resource_type))
        page.goto(f"{site}/courses", wait_until="networkidle")
        assert len(asked) <= 3
        assert "script" not in asked


def test_a_visitor_searches_filters_pages_and_opens_a_course_without_a_script(browser, site):
    for n in range(30):
        make.course(title=f"برق صنعتی {n:02}")
    make.course(title="خیاطی", shift="evening")
    with patient(browser, viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site)
        page.get_by_role("searchbox").fill("صنعتي برق")
        follow(page, page.get_by_role("button", name="جستجوی دوره"))
        expect(page.get_by_role("heading", name="۳۰ دوره")).to_be_visible()
        follow(page, page.get_by_role("link", name="۲۵ دورهٔ بعدی"))
        expect(page.locator(".results > li")).to_have_count(5)
        page.locator("summary").click()
        page.get_by_role("searchbox").fill("")
        page.get_by_label("نوبت").select_option("عصر")
        follow(page, page.get_by_role("button", name="نمایش دوره‌ها"))
        follow(page, page.get_by_role("link", name="خیاطی", exact=True))
        expect(page.get_by_role("link", name="ثبت‌نام", exact=True)).to_be_visible()


@pytest.mark.parametrize(("size", "open_"), [(PHONE, False), (DESK, True)], ids=["phone", "desk"])
def test_filters_stand_open_beside_the_list_and_folded_above_it_on_a_phone(browser, site, size, open_):
    make.course(shift="evening", title="خیاطی")
    make.course(shift="morning")
    with patient(browser, viewport=size, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/courses")
        expect(page.get_by_label("نوبت")).to_be_visible(visible=open_)
        expect(page.locator("summary")).to_be_visible(visible=not open_)
        if not open_:
            page.locator("summary").click()
        page.get_by_label("نوبت").focus()
        expect(page.get_by_label("نوبت")).to_be_focused()
        page.get_by_label("نوبت").select_option("عصر")
        with page.expect_navigation():
            page.get_by_role("button", name="نمایش دوره‌ها").press("Enter")
        expect(page.locator(".results > li")).to_have_count(1)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_public_pages_are_accessible_and_fit_the_screen(browser, site, size):
    course = make.course(age_min=15, tuition_rials=1_000)
    full = make.course(taken=15)
    soon = make.course(CourseStatus.APPROVED, enroll_open_at=utcnow().replace(year=2040))
    paths = ["/", "/courses", "/courses?q=%DB%8C%DB%8C", "/courses?from-d=40", "/slip", "/status", "/courses/11"]
    paths += [f"/courses/{each.code}" for each in (course, full, soon)]
    with patient(browser, viewport=size) as context:
        page = context.new_page()
        for path in paths:
            page.goto(f"{site}{path}")
            assert axe_violations(page) == [], path
            assert not sticks_out(page), path
