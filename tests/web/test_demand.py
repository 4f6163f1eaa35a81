"""«اعلام نیاز» as visitors, trainees, planners and centers meet it."""

import pytest
from bs4 import BeautifulSoup

from models import CourseDemand, Role, SkillStandard, Unit, UnitKind, db
from services import catalog
from tests import course_cases as cases
from tests import make

MOBILE = "09113700001"


@pytest.fixture
def center():
    catalog.forget()
    make.tariff(50_000)
    return cases.center()


@pytest.fixture
def typed(center):
    """What a visitor writes: a standard and a county, and who they are."""
    standard = make.first(SkillStandard)
    place = {"q": standard.title, "province": center.province.code, "county": center.county.code}
    return {"standard": standard.code, "shift": "", "national_code": make.national_code(), "mobile": MOBILE} | place


@pytest.fixture
def post(client, token, typed):
    """`post(data)` as a visitor who has the form open."""
    page = f"/demand?q={typed['q']}&province={typed['province']}"
    return lambda data: client.post("/demand", data=data | {"csrf_token": token(client, page)})


def words(answer) -> str:
    return " ".join(BeautifulSoup(answer.data, "html.parser").get_text().split())


def test_the_empty_list_leads_to_a_form_that_knows_what_was_looked_for(client, center):
    answer = client.get(f"/courses?q=مهارت&province={center.province.code}&county={center.county.code}")
    link = next(a["href"] for a in BeautifulSoup(answer.data, "html.parser").select("a[href^='/demand']"))
    page = BeautifulSoup(client.get(link).data, "html.parser")
    assert page.select_one("#county option[selected]")["value"] == center.county.code
    assert [radio["value"] for radio in page.select("input[name=standard]")] == [make.first(SkillStandard).code]


def test_a_visitor_cannot_tell_who_is_known_who_waits_and_whose_mobile_it_is(client, post, typed):
    known = make.person(mobile="09113700009", mobile_status="matched")
    sent = [
        typed,
        typed,
        typed | {"national_code": known.national_code},
        typed | {"national_code": make.national_code()},
    ]
    answers = [post(each) for each in sent]
    assert {(each.status_code, each.location) for each in answers} == {(303, "/demand/sent")}
    assert db.session.query(CourseDemand).count() == 2
    assert "اگر کد ملی و تلفن همراهی که نوشتید به نام یک نفر باشد" in words(client.get("/demand/sent"))


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"county": "999999"}, "شهرستان خود را انتخاب کنید"),
        ({"standard": "0" * 15}, "مهارت را از فهرست انتخاب کنید"),
        ({"national_code": "1234567890"}, "کد ملی"),
        ({"mobile": "0911"}, "شمارهٔ همراه"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_stays(post, typed, over, said):
    answer = post(typed | over)
    page = BeautifulSoup(answer.data, "html.parser")
    assert (answer.status_code, said in words(answer)) == (422, True)
    assert page.select_one("#mobile")["value"] == (typed | over)["mobile"]
    assert db.session.query(CourseDemand).count() == 0


def test_a_course_with_a_seat_near_by_is_shown_in_the_place_of_waiting(post, center, typed):
    course = make.course(unit_=center)
    answer = post(typed)
    assert (answer.status_code, f"/courses/{course.code}" in answer.get_data(as_text=True)) == (409, True)
    assert db.session.query(CourseDemand).count() == 0


def test_a_trainee_types_nothing_sees_what_waits_and_takes_it_back(sign_in, token, typed):
    person = make.person()
    browser = sign_in(person)
    form = f"/demand?q={typed['q']}&province={typed['province']}"
    assert 'name="national_code"' not in browser.get(form).get_data(as_text=True)
    data = {name: typed[name] for name in ("q", "province", "standard", "county", "shift")}
    data["csrf_token"] = token(browser, form)
    answers = [browser.post("/demand", data=data, follow_redirects=True) for _ in range(2)]
    assert "نیاز شما ثبت شد" in words(answers[0])
    assert "پیش‌تر خواسته‌اید" in words(answers[1])
    (demand,) = db.session.query(CourseDemand)
    assert demand.person_id == person.id
    data["csrf_token"] = token(browser, "/trainee/demands")
    done = browser.post(f"/trainee/demands/{demand.id}/withdraw", data=data, follow_redirects=True)
    assert "پس گرفته شد" in words(done)


def test_who_sends_too_many_waits_and_keeps_what_was_written(post, typed):
    for _ in range(9):
        answer = post(typed)
    assert answer.status_code == 429
    assert "دقیقهٔ دیگر دوباره بفرستید" in words(answer)


def test_a_planner_makes_a_draft_and_a_center_goes_on_with_its_own(client, post, sign_in, token, center, typed):
    post(typed)
    place = f"{make.first(SkillStandard).id}/{center.county_id}"
    for level, role, unit in (("province", Role.PLANNER, None), ("center", Role.CLERK, center)):
        browser = sign_in(make.user(role, unit or make.unit(UnitKind.DIRECTORATE)))
        assert "۱ نفر منتظر" in words(browser.get(f"/{level}/demand/{place}"))
        data = {"unit": center.id, "form_key": f"key-{level}", "csrf_token": token(browser, "/auth/sessions")}
        answer = browser.post(f"/{level}/demand/{place}", data=data)
        assert answer.status_code == 303
        assert ("/edit" in answer.location) is (level == "center")
        assert typed["national_code"] not in browser.get(f"/{level}/demand").get_data(as_text=True)
    assert make.first(Unit, id=center.id)
