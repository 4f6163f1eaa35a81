"""The pages of places, workshops and shortages: at a center that keeps them, at a province and HQ that look."""

from urllib.parse import unquote

import pytest

from models import (
    AuditEvent,
    CourseSession,
    CourseStatus,
    Place,
    Province,
    Role,
    SkillStandard,
    StandardRequirement,
    UnitKind,
    Workshop,
    db,
)
from services import text
from tests import course_cases as cases
from tests import make
from tests.web.pages import LIST_QUERIES
from tests.web.reading import errors, filled, main_text, soup_of, words

ITEM = "دریل ستونی"


@pytest.fixture
def center():
    return cases.center()


@pytest.fixture
def room(center) -> Workshop:
    return make.first(Workshop, unit_id=center.id)


@pytest.fixture
def clerk(center):
    return make.user(Role.CLERK, center)


@pytest.fixture
def client(sign_in, clerk):
    return sign_in(clerk)


def test_a_clerk_writes_a_place_and_a_workshop_in_it(client, post, center):
    form = filled(client.get("/center/places/new"))
    new = {
        "kind": "village", "title": "خانهٔ مهارت", "village": "قرن‌آباد", "county_id": center.county_id,
        "point": "۳۶٫۸۴۲۷، ۵۴٫۴۴۳۹", "safety_checked_on-d": "۱۵", "safety_checked_on-m": "مهر",
        "safety_checked_on-y": "۱۴۰۵", "postal_code": "۴۹۱۶۶۱۹۷۳۵", "area": "rural", "ownership": "lent",
    }  # fmt: skip
    answers = [post("/center/places/new", **form | new) for _ in range(2)]
    assert answers[0].location == answers[1].location
    page = client.get(answers[0].location)
    assert "پیش‌تر فرستاده شده بود" in main_text(page)
    assert soup_of(page).select_one("a[href='geo:36.842700,54.443900']")
    for shown in ("روستایی", "واگذاری", "۴۹۱۶۶۱۹۷۳۵", "چهارشنبه ۱۵ مهر ۱۴۰۵", "قرن‌آباد"):
        assert shown in main_text(page), shown
    assert "خانهٔ مهارت" in main_text(client.get("/center/places?kind=village"))
    url = f"{answers[0].location}/workshops/new"
    given = {**filled(client.get(url)), "title": "سالن", "workstations": "۱۲", "shifts": ["morning", "night"]}
    made = post(url, **given).location
    assert "صبح، شب" in main_text(client.get(made))
    assert db.session.query(Workshop).order_by(Workshop.id.desc()).first().has_power


def test_a_standard_is_found_in_the_catalog_and_given_to_a_workshop_and_taken_back(client, post, center, room):
    other, page = make.standard(title="قالیبافی"), f"/center/places/workshops/{room.id}"
    found = client.get(f"{page}/standards", query_string={"q": "قالی"})
    assert soup_of(found).select_one(f"button[name=standard][value='{other.id}']")
    assert post(f"{page}/standards", standard=other.id, q="قالی").status_code == 303
    again = post(f"{page}/standards", standard=other.id, q="قالی")
    assert "پیش‌تر افزوده شده بود" in main_text(client.get(again.location))
    assert "قالیبافی" in main_text(client.get(page))
    for standard in (other.id, make.first(SkillStandard).id):
        assert post(f"{page}/standards/{standard}/remove").status_code == 303
    assert "هنوز استانداردی انتخاب نشده" in main_text(client.get(page))
    assert post(f"{page}/standards", standard="قالی").status_code == 404


def test_what_is_wrong_stands_at_its_field_and_everything_typed_stays(client, post, center):
    typed = {
        "title": "زندان", "kind": "prison", "county_id": center.county_id, "postal_code": "۲۱۲",
        "capacity": "سی", "point": "شمال", "safety_checked_on-d": "۳۲", "safety_checked_on-m": "۱",
        "safety_checked_on-y": "۱۴۰۵", "gender": "male", "address": "جادهٔ گنبد",
    }  # fmt: skip
    typed = filled(client.get("/center/places/new")) | typed
    answer = post("/center/places/new", **typed)
    assert (answer.status_code, errors(answer)) == (422, {"capacity", "point", "safety_checked_on"})
    kept = filled(answer)
    assert kept == {name: value if isinstance(value, list) else str(value) for name, value in typed.items()}
    right = {"capacity": "۳۰", "point": "", "safety_checked_on-d": "۳۱"}
    answer = post("/center/places/new", **typed | right)
    assert (answer.status_code, errors(answer)) == (422, {"postal_code_sure"})
    assert "این ۳ رقم دارد" in main_text(answer)


def test_an_unusual_postal_code_is_kept_after_one_more_press_and_no_other_with_it(client, post, center):
    form = filled(client.get("/center/places/new"))
    form |= {"title": "انبار", "county_id": center.county_id}
    assert "postal_code_asked" not in form
    asked = filled(post("/center/places/new", **form | {"postal_code": "۲۱۲"}))
    assert (asked["postal_code"], "postal_code_sure" in asked) == ("۲۱۲", False)
    other = post("/center/places/new", **asked | {"postal_code": "۰۰۰", "postal_code_sure": "y"})
    assert (other.status_code, "postal_code_sure" in filled(other)) == (422, False)
    without_title = filled(post("/center/places/new", **asked | {"postal_code_sure": "y", "title": ""}))
    page = client.get(post("/center/places/new", **without_title | {"title": "انبار"}).location)
    assert "کد پستی ۲۱۲" in main_text(page)
    assert "گفت که این کد پستی درست است: « ۲۱۲ »" in main_text(page)
    form = filled(client.get(f"{page.request.path}/edit"))
    assert post(f"{page.request.path}/edit", **form | {"title": "انبار تازه"}).status_code == 303


def test_a_late_saving_shows_both_values_and_saves_on_the_second_press(client, post, sign_in, center, room):
    colleague = sign_in(make.user(Role.MANAGER, center))
    place = f"/center/places/{room.place_id}/edit"
    form = filled(client.get(place)) | {"county_id": center.county_id}
    assert post(place, as_=colleague, **form | {"phone": "017-1111"}).status_code == 303
    late = post(place, **form | {"address": "خیابان سه"})
    assert (late.status_code, "همکار شما تغییر داده است" in main_text(late)) == (409, True)
    again = filled(late)
    assert (again["address"], again["phone"], again["version"]) == ("خیابان سه", "017-1111", "2")
    assert post(place, **again).status_code == 303
    url = f"/center/places/workshops/{room.id}/edit"
    form = filled(client.get(url))
    assert post(url, as_=colleague, **form | {"has_gas": "y"}).status_code == 303
    late = post(url, **form | {"workstations": "۱۸"})
    assert (late.status_code, filled(late)["has_gas"], filled(late)["workstations"]) == (409, "y", "۱۸")
    assert post(url, **filled(late)).status_code == 303
    row = db.session.get(Workshop, room.id, populate_existing=True)
    assert (row.has_gas, row.workstations, row.version) == (True, 18, 3)


def test_the_course_that_keeps_a_workshop_in_use_is_named_with_a_link(client, post, center, room):
    course = cases.at(CourseStatus.OPEN, center)
    page = f"/center/places/workshops/{room.id}"
    refused = [post(f"{page}/disable", reason="تعمیر"), post(f"/center/places/{room.place_id}/disable", reason="تعمیر")]
    form = filled(client.get(f"{page}/edit"))
    refused += [post(f"{page}/edit", **form | {"workstations": "2"}),
                post(f"{page}/standards/{course.standard_id}/remove")]  # fmt: skip
    for answer in refused:
        assert answer.status_code == 422
        assert soup_of(answer).select_one(f"main a[href='/center/courses/{course.id}']")
    assert filled(refused[0])["reason"] == "تعمیر"
    course.status = CourseStatus.FINISHED
    db.session.commit()
    assert errors(post(f"{page}/disable", reason="")) == {"reason"}
    answer = client.get(post(f"{page}/disable", reason="سقف ریخته است").location)
    assert "سقف ریخته است" in main_text(answer)
    assert soup_of(answer).select_one("h1 ~ .tag.bad")
    assert "فعال شد" in main_text(client.get(post(f"{page}/enable").location))


def test_the_week_of_a_workshop_shows_classes_and_leads_to_the_weeks_around_it(client, center, room):
    course = cases.at(CourseStatus.APPROVED, center)
    meets = {"on_date": course.start_on, "start_time": course.start_time, "end_time": course.end_time}
    make.save(CourseSession(course_id=course.id, **meets))
    for url in (f"/center/places/workshops/{room.id}", f"/center/places/{room.place_id}/week"):
        answer = client.get(url, query_string={"week": course.start_on.isoformat()})
        assert "۸:۰۰ تا ۱۲:۰۰" in main_text(answer)
        assert soup_of(answer).select_one(f"td a[href='/center/courses/{course.id}']")
        earlier, later = (link["href"] for link in soup_of(answer).select(".pager a"))
        assert "۸:۰۰ تا ۱۲:۰۰" not in main_text(client.get(earlier))
        back = soup_of(client.get(later)).select_one(".pager a")["href"]
        assert "۸:۰۰ تا ۱۲:۰۰" in main_text(client.get(back))


# -- Shortages ---------------------------------------------------------------------


@pytest.fixture
def short(center, room):
    """The workshop lacks two; a colleague's has one to spare and a center of the province five."""
    standard = make.first(SkillStandard)
    keys = {"item_name": ITEM, "item_key": text.key(ITEM), "group": "tool"}
    make.save(StandardRequirement(standard_id=standard.id, quantity=1, basis_n=10, **keys))  # 20 places: two
    other = make.unit(title="مرکز دیگر")
    for unit, pieces in ((center, 1), (other, 5)):
        make.item(make.workshop(unit), pieces, name=ITEM)
    return standard


def test_a_center_sees_what_is_lacking_and_who_could_lend_it(client, short, room):
    page = client.get(f"/center/places/workshops/{room.id}")
    link = soup_of(page).select_one("a[href*='standard=']")
    assert link.get_text() == "۱ قلم کم"
    for url in (link["href"], "/center/equipment/shortages", f"/center/equipment/shortages?workshop={room.id}"):
        answer = main_text(client.get(url))
        assert ITEM in answer, url
        assert "۱ در کارگاه ۱، همین واحد" in answer
        assert "۵ در کارگاه ۱، مرکز دیگر" in answer
    make.item(room, 2, name=ITEM)
    assert "چیزی کم نیست" in main_text(client.get("/center/equipment/shortages"))
    assert "کامل" in main_text(client.get(f"/center/places/workshops/{room.id}"))


def test_where_nothing_is_asked_for_it_is_not_said_that_nothing_is_short(client, sign_in):
    office = sign_in(make.user(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE)))
    for answer in (client.get("/center/equipment/shortages"), office.get("/province/shortages")):
        assert "هنوز هیچ کارگاهی استانداردی ندارد که تجهیزاتی بخواهد" in main_text(answer)


def first_row(answer) -> tuple[list[str], str]:
    """The cells of the first row of a page's table, and where it leads."""
    row = soup_of(answer).select_one("table tbody tr")
    return [words(cell) for cell in row.select("th, td")], row.a["href"]


def test_a_province_and_hq_see_sums_and_go_down_to_a_unit_and_an_item(sign_in, short, center, room):
    office = make.unit(UnitKind.DIRECTORATE)
    for part, user, query in (
        ("province", make.user(Role.REVIEWER, office), ""),
        ("hq", make.user(Role.ADMIN, make.unit(UnitKind.HQ)), f"province={center.province_id}"),
    ):
        client = sign_in(user)
        cells, url = first_row(client.get(f"/{part}/shortages?{query}"))
        assert cells == [ITEM, "۱", "۲", "۶"]
        assert "۵ در کارگاه ۱، مرکز دیگر" in main_text(client.get(url))
        cells, url = first_row(client.get(f"/{part}/shortages?by=unit&{query}"))
        assert cells == [center.title, "۱", "۱", "۲"]
        assert room.title in main_text(client.get(url))
        cells, url = first_row(client.get(f"/{part}/shortages?by=standard&{query}"))
        assert cells[1:] == ["۱", "۱", "۲"]
        assert room.title in main_text(client.get(url))
        assert center.title in main_text(client.get(f"/{part}/places?unit={center.id}"))
        page = client.get(f"/{part}/places/{room.place_id}")
        assert (page.status_code, soup_of(page).select("main form[method=post]")) == (200, [])
        assert client.get(f"/{part}/places/{room.place_id}/edit").status_code == 404


def test_hq_sees_the_whole_country_and_goes_down_by_province_standard_and_item(sign_in, queries, short, room):
    client, province = sign_in(make.user(Role.ADMIN, make.unit(UnitKind.HQ))), make.first(Province)
    cells, url = first_row(client.get("/hq/shortages"))
    assert (cells, url) == ([province.title, "۱", "۱", "۱", "۲"], f"/hq/shortages?province={province.id}")
    for way, key in (("standard", short.id), ("item", text.key(ITEM))):
        _, url = first_row(client.get(f"/hq/shortages?by={way}"))
        assert unquote(url) == f"/hq/shortages?{way}={key}"
        country = client.get(url)
        assert not soup_of(country).select("a[href*='by=']")
        cells, url = first_row(country)
        assert cells == [province.title, "۱", "۱", "۱", "۲"]
        with queries() as seen:
            bottom = client.get(url)
        assert (room.title in main_text(bottom), len(seen) <= LIST_QUERIES) == (True, True)
        above = [unquote(step["href"]) for step in soup_of(bottom).select(".path a")]
        assert above == ["/hq/shortages", f"/hq/shortages?{way}={key}"]
    (sheet,) = soup_of(bottom).select("a[href*='.xlsx']")
    assert client.get(sheet["href"]).mimetype.endswith("spreadsheetml.sheet")
    for query in ("province=999999", "standard=999999"):
        assert client.get(f"/hq/shortages?{query}").status_code == 404
        assert client.get(f"/hq/shortages.xlsx?{query}").status_code == 404


@pytest.mark.parametrize("path", ["shortages?unit={unit}", "shortages?workshop={room}", "shortages.xlsx?unit={unit}",
                                  "places/{place}", "places/workshops/{room}", "places/{place}/week"])  # fmt: skip
def test_another_province_is_not_there_and_the_look_is_written_down(sign_in, center, room, path):
    user = make.user(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province()))
    url = "/province/" + path.format(unit=center.id, room=room.id, place=room.place_id)
    assert sign_in(user).get(url).status_code == 404
    event = db.session.query(AuditEvent).filter_by(action="outside_territory").one()
    assert event.actor_id == user.id
    assert db.session.query(Place).count() == 1
