"""The rules that HQ writes: a route is seen with its effect before it is written, others of HQ only read."""

import pytest
from bs4 import BeautifulSoup

from models import ApprovalRoute, CourseStatus, Policy, Role, UnitKind, db, utcnow
from services import jalali, policy, rule_values
from tests import make
from tests.course_cases import actor

URL = "/hq/rules/routes"


def day_parts(name, days=0):
    year, month, day = jalali.parts(policy.today())
    return {f"{name}-d": day + days, f"{name}-m": month, f"{name}-y": year}


def asked(**over):
    return {"unit_kind": "center", "setting": "*", "levels": "province", **day_parts("valid_from")} | over


@pytest.fixture
def hq():
    return make.unit(UnitKind.HQ)


def soup(answer):
    return BeautifulSoup(answer.data, "html.parser")


def fields_of(form):
    return {each["name"]: each.get("value", "") for each in form.select("input[type=hidden]")}


def test_a_route_shows_what_it_would_change_and_is_written_by_a_second_press(sign_in, hq):
    make.course(CourseStatus.PROVINCE_REVIEW, make.unit(), sent_at=utcnow(), level_since=utcnow())
    desk = sign_in(make.user(Role.ADMIN, hq))
    page = soup(desk.get(f"{URL}/new", query_string=asked()))
    effect = page.select_one("#effect").parent
    assert "از ۱ دوره‌ای که در ۹۰ روز گذشته" in effect.text
    assert "۱ دوره هم‌اکنون در راه تأیید است" in effect.text
    assert [cell.text for cell in effect.select("td")] == ["مرکز، سپس استان", "استان", "۱"]
    assert db.session.query(ApprovalRoute).count() == 0
    for said in ("راه تازه نوشته شد", "همین راه نوشته شده است"):
        assert desk.post(URL, data=fields_of(effect.form)).status_code == 303
        listed = soup(desk.get(URL))
        assert said in listed.text
    assert "مدیر" not in listed.select_one("table").text
    assert "مرکز دولتی، همهٔ بخش‌ها: استان" in listed.select_one(".timeline").text
    assert db.session.query(ApprovalRoute).one().levels == "province"


@pytest.mark.once
def test_what_is_missing_is_said_at_its_field_and_a_torn_form_is_refused(sign_in, hq):
    desk = sign_in(make.user(Role.ADMIN, hq))
    answer = desk.get(f"{URL}/new", query_string=asked(**{"valid_from-y": ""}))
    assert answer.status_code == 422
    assert "سال" in soup(answer).select_one("#error-summary").parent.text
    assert desk.post(URL, data={"csrf_token": fields_of(soup(desk.get("/auth/sessions")).form)["csrf_token"],
                                "unit_kind": "center", "levels": "province"}).status_code == 422  # fmt: skip
    assert db.session.query(ApprovalRoute).count() == 0


@pytest.mark.once
def test_a_reviewer_of_hq_reads_rules_and_finds_nothing_to_press(sign_in, hq):
    make.save(ApprovalRoute(unit_kind="center", valid_from=policy.today().replace(year=2090), levels="hq"))
    reviewer = sign_in(make.user(Role.REVIEWER, hq))
    for path in (URL, "/hq/rules/separation", "/hq/rules/conflicts"):
        page = soup(reviewer.get(path))
        assert page.h1
        assert not page.select("main form")
    assert not soup(reviewer.get(f"{URL}/new", query_string=asked())).select("main form[method=post]")


@pytest.mark.once
def test_separation_of_duties_is_switched_on_its_page(sign_in, hq):
    desk = sign_in(make.user(Role.ADMIN, hq))
    url = "/hq/rules/separation"
    page = soup(desk.get(url))
    token = fields_of(page.select_one("main form"))
    sent = token | {"scope": "academy", "value": "off", **day_parts("valid_from")}
    assert desk.post(url, data=sent).status_code == 303
    row = db.session.query(Policy).one()
    assert (row.name, row.scope, row.value) == ("separation_of_duties", "academy", False)
    page = soup(desk.get(url))
    rows = [" ".join(line.get_text(" ").split()) for line in page.select("tbody tr")]
    assert rows[0].startswith("همهٔ آموزشگاه‌های آزاد خاموش")
    assert "پیش‌فرض برای همه: روشن" in page.select_one("main").text
    assert desk.post(url, data=sent | {"valid_from-y": "۱۳۹۹"}).status_code == 422


@pytest.mark.once
def test_what_becomes_of_a_collision_is_ruled_on_its_page_and_told_apart_from_other_rules(sign_in, hq):
    admin = make.user(Role.ADMIN, hq)
    desk, url = sign_in(admin), "/hq/rules/conflicts"
    rule_values.add(actor(admin), rule_values.SEPARATION, "*", policy.today(), value=True)
    sent = fields_of(soup(desk.get(url)).select_one("main form")) | day_parts("valid_from")
    assert desk.post(url, data=sent).status_code == 422
    sent |= {"kind": "place", "scope": "academy", "value": "refuse"}
    assert desk.post(url, data=sent).status_code == 303
    row = db.session.query(Policy).filter_by(name="conflict_place").one()
    assert (row.scope, row.value) == ("academy", "refuse")
    page = soup(desk.get(url))
    line = next(line for line in page.select("tbody tr") if "مکان در همان ساعت" in line.get_text())
    assert "همهٔ آموزشگاه‌های آزاد: فرستاده و تأیید نمی‌شود" in " ".join(line.get_text(" ").split())
    assert len(page.select(".timeline > li")) == 1
    assert desk.post(url, data=sent | {"value": "off"}).status_code == 409


@pytest.mark.once
def test_what_comes_back_to_who_leaves_and_how_long_a_seat_is_held_are_ruled_on_one_page(sign_in, hq):
    admin = make.user(Role.ADMIN, hq)
    desk, url = sign_in(admin), "/hq/rules/leaving"
    sent = fields_of(soup(desk.get(url)).select_one("main form")) | day_parts("valid_from") | {"scope": "center"}
    for kind, wrong in (("refund_no_show", "۱۲"), ("waitlist_offer_hours", "بله"), ("waitlist_offer_hours", "۰")):
        assert desk.post(url, data=sent | {"kind": kind, "value": wrong}).status_code == 422
    for kind, value in (("refund_no_show", "بله"), ("waitlist_offer_hours", "۲۴")):
        assert desk.post(url, data=sent | {"kind": kind, "value": value}).status_code == 303
    rows = {row.name: row.value for row in db.session.query(Policy)}
    assert rows == {"refund_no_show": True, "waitlist_offer_hours": 24}
    text = " ".join(soup(desk.get(url)).get_text(" ").split())
    assert "نیامدن به دوره: اعتبار برنمی‌گردد همهٔ مراکز دولتی: برمی‌گردد" in text


@pytest.mark.once
def test_how_much_absence_is_too_much_and_what_follows_are_ruled_on_one_page(sign_in, hq):
    desk, url = sign_in(make.user(Role.ADMIN, hq)), "/hq/rules/absence"
    sent = fields_of(soup(desk.get(url)).select_one("main form")) | day_parts("valid_from") | {"scope": "center"}
    for kind, wrong in (("absence_percent", "۱۰۱"), ("absence_percent", "هشدار"), ("absence_follows", "۲۰")):
        assert desk.post(url, data=sent | {"kind": kind, "value": wrong}).status_code == 422
    for kind, value in (("absence_percent", "۲۵"), ("absence_follows", "هشدار")):
        assert desk.post(url, data=sent | {"kind": kind, "value": value}).status_code == 303
    rows = {row.name: row.value for row in db.session.query(Policy)}
    assert rows == {"absence_percent": 25, "absence_follows": "warn"}


@pytest.mark.once
def test_a_rule_of_eligibility_is_ruled_on_its_page_with_the_numbers_that_belong_to_it(sign_in, hq):
    admin = make.user(Role.ADMIN, hq)
    desk, url = sign_in(admin), "/hq/rules/eligibility"
    assert len(soup(desk.get(url)).select("tbody tr")) == 11
    sent = fields_of(soup(desk.get(f"{url}/eligible_period")).select_one("main form")) | day_parts("valid_from")
    sent |= {"scope": "center", "mode": "warn", "override": "province", "of": "standard"}
    answer = desk.post(f"{url}/eligible_period", data=sent | {"most": "", "months": "۶"})
    assert (answer.status_code, "عددی از ۰ تا ۱۰۰ بنویسید" in answer.text) == (422, True)
    assert desk.post(f"{url}/eligible_period", data=sent | {"most": "۲", "months": "۶"}).status_code == 303
    row = db.session.query(Policy).filter_by(name="eligible_period").one()
    assert row.value == {"mode": "warn", "override": "province", "most": 2, "months": 6, "of": "standard"}
    assert "هشدار داده می‌شودتا ۲ ثبت‌نام در ۶ ماه (دوره‌های همان استاندارد)" in soup(desk.get(url)).text
    token, day = {"csrf_token": sent["csrf_token"], "scope": "*"}, day_parts("valid_from")
    numbers = (("max_active_courses", {"most": "2"}, 2), ("literacy_waiver", {"waiver": "off"}, "off"))
    for name, chosen, stored in numbers:
        assert desk.post(f"{url}/{name}", data=token | day | chosen).status_code == 303
        assert db.session.query(Policy).filter_by(name=name).one().value == stored
    assert desk.get(f"{url}/separation_of_duties").status_code == 404
    reader = sign_in(make.user(Role.REVIEWER, hq))
    assert not soup(reader.get(f"{url}/eligible_age")).select("main form")
    assert reader.post(f"{url}/eligible_age", data=token | day | {"mode": "off"}).status_code in (400, 403)
