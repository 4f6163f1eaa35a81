"""The pages about service: what is due, a plan, a record with its paper, and a workshop that is down."""

import io
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from models import CourseStatus, Role, ServiceRecord, StoredFile, WorkshopDowntime, db
from services import jalali, policy
from tests import attachments, make
from tests.web.reading import page_text

DAY = timedelta(days=1)


@pytest.fixture
def unit():
    make.unit("directorate")
    return make.unit()


@pytest.fixture
def workshop(unit):
    return make.workshop(unit, make.standard())


@pytest.fixture
def client(sign_in, unit):
    return sign_in(make.user(Role.CLERK, unit))


def due(workshop, days, **over):
    return make.item(workshop, service_every_days=30, next_service_on=policy.today() + days * DAY, **over)


def day(on, name="done_on"):
    year, month, number = jalali.parts(on)
    return {f"{name}-d": str(number), f"{name}-m": str(month), f"{name}-y": str(year)}


def test_the_first_page_and_the_tabs_say_how_many_are_late(client, workshop):
    assert "سرویس" not in page_text(client.get("/center")).split("ثبت‌نام کارآموز")[1]
    due(workshop, 3)
    assert "۱ سرویس نزدیک" in page_text(client.get("/center"))
    for _ in range(2):
        due(workshop, -4)
    assert "۲ سرویس گذشته" in page_text(client.get("/center"))
    page = client.get("/center/service")
    assert "گذشته ۲ دو هفتهٔ آینده ۱" in page_text(page)
    assert page_text(page).count("۴ روز گذشته") == 2


SECTION = ("equipment", "equipment/transfers", "stocktakes", "equipment/labels", "service", "equipment/shortages",
           "inventory/reports", "inventory/reports/movements", "places")  # fmt: skip


def test_every_page_of_the_section_says_on_its_tab_how_much_is_past_its_day(client, workshop, unit):
    def tabs(page):
        soup = BeautifulSoup(client.get(f"/center/{page}").data, "html.parser")
        links = soup.select("nav[aria-label='بخش‌های تجهیزات'] a")
        return [link.text for link in links], [link["href"] for link in links if link.has_attr("aria-current")]

    assert "سرویس" in tabs("equipment")[0]
    for days in (-1, -9, 0, 3):
        due(workshop, days)
    due(make.workshop(make.unit()), -1)
    for page in SECTION:
        labels, current = tabs(page)
        assert "سرویس ۲" in labels, page
        assert current == [f"/center/{page.removesuffix('/movements')}"]


def test_a_plan_is_written_and_one_over_a_newer_plan_is_told(client, post, workshop):
    item = make.item(workshop)
    url = f"/center/service/items/{item.id}/plan"
    answer = post(url, every_days="۹۰")
    assert answer.status_code == 303
    db.session.refresh(item)
    assert item.next_service_on == policy.today() + 90 * DAY
    late = post(url, every_days="30")
    assert late.status_code == 409
    assert "اکنون: هر ۹۰ روز" in page_text(late)
    form = BeautifulSoup(late.data, "html.parser").select_one(f"form[action='{url}']")
    assert form.select_one("[name=every_days]")["value"] == "30"
    hidden = {tag["name"]: tag["value"] for tag in form.select("input[type=hidden]")}
    again = post(url, **hidden, every_days="30")
    assert again.status_code == 303
    assert post(url, every_days="هر ماه").status_code == 422


def test_a_service_with_its_paper_is_kept_once_and_shows_what_it_cost(client, post, workshop):
    item = due(workshop, -4)
    page = BeautifulSoup(client.get(f"/center/service/items/{item.id}").data, "html.parser")
    url = f"/center/service/items/{item.id}/records"
    key = page.select_one(f"form[action='{url}'] [name=form_key]")["value"]
    for _ in range(2):
        paper = (io.BytesIO(attachments.jpeg()), "فاکتور.jpg")
        written = {"kind": "repair", "done_by": "شرکت ابزار", "cost": "۲٬۵۰۰٬۰۰۰", "file": paper}
        answer = post(url, form_key=key, **day(policy.today() - DAY), **written)
        assert answer.status_code == 303
    shown = page_text(client.get(answer.location))
    assert "همان یک بار ثبت شد" in shown
    assert "۲٬۵۰۰٬۰۰۰ ریال (۲۵۰٬۰۰۰ تومان)" in shown
    assert db.session.query(ServiceRecord).count() == db.session.query(StoredFile).count() == 1


def test_what_is_wrong_with_a_service_stands_at_its_field_and_nothing_is_lost(post, workshop, sign_in, unit):
    item = due(workshop, -4)
    url = f"/center/service/items/{item.id}/records"
    answer = post(url, form_key="a", note="روغن", done_by="", cost="دو هزار تومان", **day(policy.today() + DAY))
    assert answer.status_code == 422
    soup = BeautifulSoup(answer.data, "html.parser")
    assert soup.select_one("#cost-error")
    assert soup.select_one("[name=note]").get_text().strip() == "روغن"
    right = post(url, form_key="a", note="روغن", done_by="خودم", **day(policy.today() + DAY))
    assert "هنوز نیامده" in BeautifulSoup(right.data, "html.parser").select_one("#done_on-error").get_text()
    fragment = post(url, sign_in(make.user(Role.CLERK, unit), htmx=True), form_key="b")
    assert fragment.status_code == 422
    assert BeautifulSoup(fragment.data, "html.parser").select_one("html") is None


def test_others_see_no_form_and_strangers_no_page(sign_in, post, workshop, unit):
    item = due(workshop, 1)
    counselor, stranger = sign_in(make.user(Role.COUNSELOR, unit)), sign_in(make.user())
    page = BeautifulSoup(counselor.get(f"/center/service/items/{item.id}").data, "html.parser")
    assert page.select("main form") == []
    assert post(f"/center/service/items/{item.id}/plan", counselor, every_days="3").status_code == 403
    paths = (f"items/{item.id}", f"workshops/{workshop.id}")
    assert [stranger.get(f"/center/service/{path}").status_code for path in paths] == [404, 404]
    assert post(f"/center/service/workshops/{workshop.id}/down", stranger, reason="برق").status_code == 404


def test_a_workshop_that_is_down_is_told_where_courses_choose_it_and_where_they_are_reviewed(
    client, post, workshop, unit, sign_in
):
    over = {"workshop_id": workshop.id, "standard": make.first(make.SkillStandard)}
    draft = make.course(CourseStatus.DRAFT, unit, **over)
    sent = make.course(CourseStatus.CENTER_REVIEW, unit, sent_at=make.utcnow(), level_since=make.utcnow(), **over)
    url = f"/center/service/workshops/{workshop.id}"
    answer = post(f"{url}/down", reason="سیم‌کشی برق", **day(policy.today(), "starts_on"))
    assert answer.status_code == 303
    shown = page_text(client.get(url))
    assert "سیم‌کشی برق" in shown
    assert shown.count("در انتظار تأیید مرکز") == 1
    edit = page_text(client.get(f"/center/courses/{draft.id}/edit/workshop"))
    assert "جای کار، خارج از کار" in edit
    assert "این کارگاه از" in edit
    assert "کارگاه از" in page_text(sign_in(make.user(Role.MANAGER, unit)).get(f"/center/courses/{sent.id}"))
    assert "۱ کارگاه خارج از کار" in page_text(client.get("/center"))
    (down,) = db.session.query(WorkshopDowntime).all()
    bad = post(f"/center/service/downtimes/{down.id}/end", **day(policy.today() + DAY, "ends_on"))
    assert bad.status_code == 422
    assert post(f"/center/service/downtimes/{down.id}/end", **day(policy.today(), "ends_on")).status_code == 303
    assert "خارج از کار" not in page_text(client.get(f"/center/courses/{draft.id}/edit/workshop"))
