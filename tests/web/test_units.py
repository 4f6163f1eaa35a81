"""The pages on which HQ keeps directorates and a directorate keeps its centers, academies and counters."""

import pytest

from models import AuditEvent, Role, Unit, UnitKind, db
from tests import make
from tests.web.reading import errors, filled, soup_of


@pytest.fixture
def county():
    return make.county(make.province("گلستان"), "گرگان")


@pytest.fixture
def office(county):
    return make.unit(UnitKind.DIRECTORATE, county.province, title="ادارهٔ کل گلستان")


@pytest.fixture
def director(office):
    return make.user(Role.DIRECTOR, office)


@pytest.fixture
def client(sign_in, director):
    return sign_in(director)


def test_a_director_makes_a_center_and_goes_on_to_its_first_user(client, post, county):
    form = filled(client.get("/province/centers/new"))
    new = {"kind": "center", "title": "مرکز گرگان", "county": county.id, "gender": "mixed", "phone": "۰۱۷-۳۲۲۲۰۰۰۰"}
    answer = post("/province/centers/new", form_key=form["form_key"], **new)
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    assert "واحد ساخته شد" in page
    made = make.first(Unit, title="مرکز گرگان")
    link = f"/province/staff/new?unit={made.code}"
    assert link in page
    assert filled(client.get(link))["unit"] == made.code


def test_the_same_form_sent_twice_makes_one_unit_and_says_so(client, post, county):
    new = {"form_key": "k" * 36, "kind": "academy", "title": "آموزشگاه پارسا", "county": county.id}
    first, second = (post("/province/centers/new", **new) for _ in range(2))
    assert first.location == second.location
    assert "پیش‌تر فرستاده شده بود" in client.get(second.location).get_data(as_text=True)
    assert db.session.query(Unit).filter_by(title="آموزشگاه پارسا").count() == 1


def test_what_is_wrong_stands_at_its_field_and_everything_typed_stays(post, county):
    new = {
        "kind": "center",
        "title": "مرکز",
        "county": county.id,
        "gender": "female",
        "phone": "ندارد",
        "address": "خیابان",
    }
    answer = post("/province/centers/new", form_key="a key", **new)
    assert answer.status_code == 422
    assert "رقم" in soup_of(answer).select_one("#phone-error").get_text()
    kept = filled(answer)
    assert {name: str(value) for name, value in new.items()} == {name: kept[name] for name in new}
    assert kept["form_key"] == "a key"


def test_everything_that_is_missing_is_said_at_once(post):
    answer = post("/province/centers/new", form_key="a key", kind="", title=" ", county="")
    assert (answer.status_code, errors(answer)) == (422, {"kind", "title", "county"})


@pytest.mark.parametrize("act", ["", "/edit"])
def test_a_unit_of_another_province_is_not_there_and_the_look_is_written_down(client, director, act):
    far = make.unit(UnitKind.CENTER, make.province("یزد"))
    assert client.get(f"/province/centers/{far.id}{act}").status_code == 404
    event = db.session.query(AuditEvent).filter_by(action="outside_territory").one()
    assert (event.subject, event.subject_id, event.actor_id) == ("unit", far.id, director.id)


def test_a_late_saving_shows_both_values_and_saves_on_the_second_press(client, post, sign_in, office, county):
    unit = make.unit(UnitKind.CENTER, county.province, title="مرکز گرگان", address="خیابان یک")
    url = f"/province/centers/{unit.id}/edit"
    form = filled(client.get(url))
    colleague = sign_in(make.user(Role.REVIEWER, office))
    assert post(url, as_=colleague, **{**form, "phone": "017-1111", "address": "خیابان دو"}).status_code == 303
    late = post(url, **{**form, "address": "خیابان سه"})
    assert late.status_code == 409
    text = late.get_data(as_text=True)
    assert "خیابان دو" in text
    again = filled(late)
    assert (again["address"], again["phone"], again["version"]) == ("خیابان سه", "017-1111", "2")
    assert post(url, **again).status_code == 303
    assert db.session.get(Unit, unit.id, populate_existing=True).address == "خیابان سه"
    assert "خیابان سه" in client.get(f"/province/centers/{unit.id}").get_data(as_text=True)


def test_switching_off_needs_a_reason_ends_the_work_there_and_is_undone(client, post, sign_in, county):
    unit = make.unit(UnitKind.COUNTER, county.province, title="پیشخوان مرکزی")
    clerk = sign_in(make.user(Role.COUNTER, unit))
    base = f"/province/centers/{unit.id}"
    assert clerk.get("/center").status_code == 200
    assert post(f"{base}/disable", reason=" ").status_code == 422
    assert clerk.get("/center").status_code == 200
    for said in ("واحد غیرفعال شد", "پیش‌تر غیرفعال شده بود"):
        answer = post(f"{base}/disable", reason="پایان قرارداد")
        assert said in client.get(answer.location).get_data(as_text=True)
    assert "پایان قرارداد" in client.get(base).get_data(as_text=True)
    refused = clerk.get("/center")
    assert refused.status_code == 403
    assert "واحد شما غیرفعال شده است" in refused.get_data(as_text=True)
    assert post(f"{base}/enable").status_code == 303
    assert clerk.get("/center").status_code == 200


@pytest.mark.parametrize("act", ["edit", "disable", "enable"])
def test_a_planner_looks_and_changes_nothing(sign_in, post, office, county, act):
    unit = make.unit(UnitKind.CENTER, county.province)
    planner = sign_in(make.user(Role.PLANNER, office))
    assert "disable" not in planner.get(f"/province/centers/{unit.id}").get_data(as_text=True)
    assert post(f"/province/centers/{unit.id}/{act}", as_=planner, title="دیگر", reason="دلیل").status_code == 403
    assert planner.get("/province/centers/new").status_code == 403


def test_hq_makes_the_directorate_of_a_province_that_has_none(sign_in, post, county):
    admin = sign_in(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))
    yazd = make.province("یزد")
    make.unit(UnitKind.DIRECTORATE, county.province)
    page = soup_of(admin.get("/hq/units/new"))
    assert [option.get_text() for option in page.select("#province option")] == ["انتخاب کنید", "یزد"]
    answer = post("/hq/units/new", as_=admin, form_key="a key", province=yazd.id, title="")
    assert "اداره کل آموزش فنی و حرفه‌ای استان یزد" in admin.get(answer.location).get_data(as_text=True)
    assert "استان یزد" in admin.get("/hq/units").get_data(as_text=True)
    edited = post(f"{answer.location}/edit", as_=admin, version="1", title="اداره کل یزد", county="", phone="035-1234")
    assert edited.status_code == 303
    assert "اداره کل یزد" in admin.get(edited.location).get_data(as_text=True)


def test_hq_begins_with_the_directorates_and_searches_everywhere(sign_in, office, county):
    admin = sign_in(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))
    make.unit(UnitKind.CENTER, county.province, title="مرکز کردکوی")
    assert "مرکز کردکوی" not in admin.get("/hq/units").get_data(as_text=True)
    assert "مرکز کردکوی" in admin.get("/hq/units?q=کردکوی").get_data(as_text=True)
    assert "مرکز کردکوی" in admin.get("/hq/units?tab=center").get_data(as_text=True)


def test_the_list_goes_on_and_says_when_nothing_is_found(client, county):
    for n in range(27):
        make.unit(UnitKind.ACADEMY, county.province, title=f"آموزشگاه {n:02}")
    page = soup_of(client.get("/province/centers?tab=academy"))
    further = client.get(page.select_one("a[rel=next]")["href"]).get_data(as_text=True)
    assert "آموزشگاه 26" in further
    assert "آموزشگاه 24" not in further
    assert "پیدا نشد" in client.get("/province/centers?q=هیچ").get_data(as_text=True)
