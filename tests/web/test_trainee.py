"""Self-enrollment and the slip, as the trainee, as staff and as a stranger see them."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select, update

from models import Discrepancy, Enrollment, Message, Policy, Role, TargetGroup, db, utcnow
from services.text import persian_digits
from tests import make


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


@pytest.fixture
def person():
    return make.person(mobile="09130004567", mobile_status="matched")


def form_of(client, url: str) -> dict[str, str]:
    soup = BeautifulSoup(client.get(url).data, "html.parser")
    return {tag["name"]: tag["value"] for tag in soup.select("main form input[type=hidden]")}


def enrolled() -> int:
    return db.session.scalar(select(func.count()).select_from(Enrollment))


def test_the_page_asks_are_you_and_nothing_personal_is_typed(sign_in, person):
    page = BeautifulSoup(sign_in(person).get(f"/trainee/enroll/{make.course().code}").data, "html.parser")
    assert f"شما «{person.full_name}» هستید؟" in page.get_text()
    assert not page.select("main input:not([type=hidden]), main select, main textarea")


def asked(sign_in, person) -> str:
    """What the section about the person says."""
    page = BeautifulSoup(sign_in(person).get(f"/trainee/enroll/{make.course().code}").data, "html.parser")
    return page.select_one("main form section").get_text()


@pytest.mark.parametrize(("source", "said"), [
    ("sso", "از پنجره ملی دولت هوشمند گرفته شده است"),
    ("registry", "از ثبت احوال گرفته شده است"),
    ("clerk", "کارشناس مرکز نوشته است"),
])  # fmt: skip
def test_the_page_says_where_the_name_is_from(sign_in, source, said):
    text = asked(sign_in, make.person(sources={"name": {"source": source, "at": "2026-11-22T08:00:00+00:00"}}))
    assert said in text
    assert ("پنجره ملی دولت هوشمند گرفته" in text) is (source == "sso")


def test_a_name_that_the_window_contradicts_is_shown_beside_the_windows(sign_in):
    person = make.person(last_name="رضایی", identity_status="discrepancy", sources={"name": {"source": "clerk"}})
    theirs = {"first_name": "مریم", "last_name": "محمدی"}
    row = {"person_id": person.id, "field": "name", "source": "sso"}
    make.save(Discrepancy(ours={"first_name": "مریم", "last_name": "رضایی"}, theirs=theirs, **row))
    text = asked(sign_in, person)
    assert "پنجره ملی دولت هوشمند نام شما را «مریم محمدی» می‌داند" in text
    assert "گرفته شده است" not in text


def test_who_has_no_name_yet_is_asked_by_the_national_code(sign_in):
    person = make.person(first_name=None, last_name=None)
    text = asked(sign_in, person)
    assert f"شما دارندهٔ کد ملی {persian_digits(person.national_code)} هستید؟" in text
    assert "نام شما هنوز ثبت نشده است" in text


@pytest.mark.once
def test_a_fee_that_rose_meanwhile_is_shown_and_taken_by_the_next_press_only(sign_in, person):
    url, client = f"/trainee/enroll/{make.course().code}", sign_in(person)
    make.purse(person, 90_000)
    form = form_of(client, url)
    make.tariff(80_000, valid_from=dt.date(2021, 1, 1))
    answer = client.post(url, data=form)
    assert answer.status_code == 409
    page = BeautifulSoup(answer.data, "html.parser")
    assert "از ۵۰٬۰۰۰ ریال به ۸۰٬۰۰۰ ریال رسیده است" in page.select_one(".alert").text
    assert enrolled() == 0
    again = {tag["name"]: tag["value"] for tag in page.select("main form input[type=hidden]")}
    assert client.post(url, data=again).status_code == 303
    assert enrolled() == 1


def test_one_press_leads_from_the_course_to_the_slip(sign_in, person):
    course = make.course()
    make.purse(person, 50_000)
    client, url = sign_in(person), f"/trainee/enroll/{course.code}"
    answer = client.post(url, data=form_of(client, url))
    assert answer.status_code == 303
    slip = client.get(answer.headers["Location"])
    assert person.full_name in slip.text
    assert "ثبت‌نام انجام شد" in slip.text


def test_a_second_press_a_reload_or_a_second_tab_enrolls_once(sign_in, person):
    course = make.course()
    make.purse(person, 200_000)
    client, url = sign_in(person), f"/trainee/enroll/{course.code}"
    form, other_tab = form_of(client, url), form_of(client, url)
    first, second = (client.post(url, data=form) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    third = client.post(url, data=other_tab)
    assert third.status_code == 409
    assert "شما در این دوره ثبت‌نام هستید" in third.text
    assert enrolled() == 1


def test_without_credit_nothing_is_taken_and_the_page_says_what_to_do(sign_in, person):
    course = make.course()
    client, url = sign_in(person), f"/trainee/enroll/{course.code}"
    answer = client.post(url, data=form_of(client, url))
    assert answer.status_code == 422
    assert "عدم موجودی کافی" in answer.text
    assert enrolled() == 0


def test_a_forged_key_is_refused(sign_in, person):
    course = make.course()
    client, url = sign_in(person), f"/trainee/enroll/{course.code}"
    answer = client.post(url, data={**form_of(client, url), "form_key": "x"})
    assert answer.status_code == 422
    assert enrolled() == 0


def test_a_full_course_has_no_button_and_shows_similar_courses_with_seats(sign_in, person):
    full, other = (make.course(capacity_max=1) for _ in range(2))
    elsewhere = make.course(standard=make.standard(field_id=make.field().id))
    make.purse(person, 50_000)
    client, url = sign_in(person), f"/trainee/enroll/{full.code}"
    form = form_of(client, url)
    assert "بله، ثبت‌نام می‌کنم" in client.get(url).text
    full.taken = 1
    db.session.commit()
    for answer, status in ((client.get(url), 200), (client.post(url, data=form), 409)):
        assert answer.status_code == status
        page = BeautifulSoup(answer.data, "html.parser").select_one("main")
        assert [button.get_text() for button in page.select("button")] == ["در فهرست انتظار می‌نشینم"]
        assert "ظرفیت این دوره پر است" in page.get_text()
        links = {link["href"] for link in page.select(".results a")}
        assert f"/courses/{other.code}" in links
        assert not links & {f"/courses/{full.code}", f"/courses/{elsewhere.code}"}
    assert enrolled() == 0


def test_a_course_with_seats_left_shows_no_other_courses(sign_in, person):
    course, other = (make.course() for _ in range(2))
    assert other.code not in sign_in(person).get(f"/trainee/enroll/{course.code}").text


def test_before_and_after_its_time_a_course_refuses_with_a_sentence(sign_in, person):
    course = make.course(enroll_open_at=utcnow() + dt.timedelta(hours=1))
    make.purse(person, 50_000)
    client, url = sign_in(person), f"/trainee/enroll/{course.code}"
    answer = client.post(url, data=form_of(client, url))
    assert answer.status_code == 409
    assert "ثبت‌نام این دوره باز نیست" in answer.text


def test_every_refusal_speaks_to_the_person_as_you(sign_in, person):
    person.birth_date = dt.date(2015, 1, 1)
    make.purse(person, 200_000)
    client = sign_in(person)
    answers = []
    for rules in ({}, {"age_min": 18}):
        url = f"/trainee/enroll/{make.course(**rules).code}"
        answers.append(client.post(url, data=form_of(client, url)))
    assert [answer.status_code for answer in answers] == [303, 422]
    told = BeautifulSoup(answers[1].data, "html.parser").select_one(".alert").get_text()
    assert "سن شما" in told
    assert "شما در ۱ دورهٔ دیگر ثبت‌نام دارید" in told
    assert "کارآموز" not in told


def test_a_signed_out_visitor_is_sent_to_the_national_window_and_back(client):
    answer = client.get(f"/trainee/enroll/{make.course().code}")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/auth/sso?next=/trainee/enroll/")


def slip_url(sign_in, person) -> str:
    course = make.course()
    make.purse(person, 50_000)
    client, url = sign_in(person), f"/trainee/enroll/{course.code}"
    return client.post(url, data=form_of(client, url)).headers["Location"].split("?")[0]


def test_a_stranger_with_the_tracking_code_reads_the_slip_without_names_and_codes(sign_in, person, client):
    page = client.get(slip_url(sign_in, person)).text
    assert person.last_name not in page
    assert person.national_code not in page.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))


def test_a_slip_kept_by_a_browser_is_not_shown_to_whoever_uses_it_next(sign_in, person, client):
    url = slip_url(sign_in, person)
    mine = sign_in(person)
    whole, masked = mine.get(url), client.get(url)
    for answer in (whole, masked):
        assert "Cookie" in answer.headers["Vary"]
        assert "no-cache" in answer.headers["Cache-Control"]
    assert "private" in whole.headers["Cache-Control"]
    tag = {"If-None-Match": whole.headers["ETag"]}
    assert mine.get(url, headers=tag).status_code == 304
    assert client.get(url, headers=tag).status_code == 200
    assert sign_in(make.person()).get(url, headers=tag).status_code == 200


@pytest.mark.parametrize(("role", "own", "sees"), [
    (Role.CLERK, True, True), (Role.CLERK, False, False), (Role.REVIEWER, True, True), (Role.REVIEWER, False, False),
])  # fmt: skip
def test_staff_read_names_on_slips_of_their_territory_only(sign_in, person, role, own, sees):
    url = slip_url(sign_in, person)
    course = db.session.scalars(select(Enrollment)).one().course
    if role is Role.CLERK:
        unit = course.unit if own else make.unit()
    else:
        unit = make.unit("directorate", course.unit.province if own else make.province())
    page = sign_in(make.user(role, unit)).get(url).text
    assert (person.last_name in page) is sees


def test_the_slip_says_why_no_message_went(sign_in, person):
    url = slip_url(sign_in, person)
    db.session.execute(update(Message).values(state="suppressed", suppressed_reason="mobile_not_matched"))
    db.session.commit()
    assert "پیامک فرستاده نشد: عدم تطابق شماره همراه با کد ملی." in sign_in(person).get(url).text


def test_the_slip_of_who_has_no_name_tells_the_way_to_the_window_with_a_short_address(sign_in):
    person = make.person(first_name=None, last_name=None)
    page = sign_in(person).get(slip_url(sign_in, person)).text
    assert "نام ثبت نشده" in page
    assert "نام هنوز ثبت نشده است" in page
    assert "پنجره ملی دولت هوشمند" in page
    assert '<bdi dir="ltr">localhost</bdi>' in page


def test_the_slip_of_who_has_a_typed_name_does_not_say_that_it_is_missing(sign_in):
    typed = make.person(identity_status="pending", sources={"name": {"source": "clerk"}})
    page = sign_in(typed).get(slip_url(sign_in, typed)).text
    assert typed.last_name in page
    assert "ثبت نشده است" not in page
    assert "منبع رسمی" in page
    settled = make.person()
    assert "منبع رسمی" not in sign_in(settled).get(slip_url(sign_in, settled)).text


def test_a_wrong_tracking_code_is_not_found(client):
    assert client.get("/slip/1234567890123").status_code == 404


def test_the_first_page_tells_the_next_step_and_lets_one_withdraw(sign_in, person):
    slip_url(sign_in, person)
    client = sign_in(person)
    assert "با رسید و کارت ملی در محل برگزاری باشید" in client.get("/trainee").text
    row = db.session.scalars(select(Enrollment)).one()
    url = f"/trainee/enrollments/{row.id}/withdraw"
    answer = client.post(url, data=form_of(client, url), follow_redirects=True)
    assert "انصراف شما ثبت شد" in answer.text
    db.session.rollback()
    db.session.refresh(row)
    assert row.status == "canceled"


def test_nobody_withdraws_for_another(sign_in, person):
    slip_url(sign_in, person)
    row = db.session.scalars(select(Enrollment)).one()
    assert sign_in(make.person()).get(f"/trainee/enrollments/{row.id}/withdraw").status_code == 404


def test_the_journeys_pages_keep_to_their_number_of_queries(sign_in, person, queries):
    course = make.course()
    make.purse(person, 50_000)
    client, url = sign_in(person), f"/trainee/enroll/{course.code}"
    form = form_of(client, url)
    for path, most in ((url, 8), ("/trainee", 6)):
        with queries() as seen:
            client.get(path)
        assert len(seen) <= most, "\n".join(seen)
    with queries() as seen:
        client.post(url, data=form)
    assert len(seen) <= 18, "\n".join(seen)


def test_the_own_page_says_what_the_rules_found_and_takes_the_paper_of_a_prerequisite(sign_in, token):
    person = make.person(gender="male", birth_date=dt.date(2001, 3, 21))
    course = make.course(gender="female", standard=make.standard(prerequisite="کارور رایانه"))
    make.purse(person, 50_000)
    client, url = sign_in(person), f"/trainee/enroll/{course.code}"
    page = BeautifulSoup(client.get(url).data, "html.parser")
    said = [" ".join(item.get_text(" ").split()) for item in page.select("details[open] li")]
    assert [line.split(":")[0] for line in said] == ["جنسیت", "پیش‌نیاز", "دوره‌های هم‌زمان"]
    assert "چشم‌پوشی" not in page.text
    form = {tag["name"]: tag.get("value", "") for tag in page.select("form.card input[name]")}
    assert "ویژهٔ بانوان" in client.post(url, data=form | {"prerequisite": "گواهی ۱۲۳"}).text
    course.gender = "mixed"
    db.session.commit()
    answer = client.post(url, data=form)
    assert (answer.status_code, "شمارهٔ مدرکش را بنویسید" in answer.text) == (422, True)
    answer = client.post(url, data=form | {"prerequisite": "گواهی ۱۲۳"})
    assert answer.status_code == 303
    clerk = sign_in(make.user(Role.CLERK, course.unit))
    slip = answer.headers["Location"].partition("?")[0]
    assert ("گواهی ۱۲۳" in clerk.get(slip).text, "گواهی ۱۲۳" in client.get(slip).text) == (True, False)


def test_whom_a_rule_keeps_out_finds_no_button_but_what_else_can_be_done(sign_in, person):
    course, near = make.course(age_min=90), make.course()
    person.birth_date = dt.date(1990, 1, 1)
    make.purse(person, 50_000)
    group = make.save(TargetGroup(code="rural", title="روستاییان"))
    client, url = sign_in(person), f"/trainee/enroll/{course.code}"
    page = BeautifulSoup(client.get(url).data, "html.parser").main
    said = page.get_text(" ", strip=True)
    assert page.select(".btn.primary, [name=do]") == []
    assert page.select_one(f".results a[href$='/courses/{near.code}']")
    assert [part in said for part in ("۹۰ سال", "راهی هست", "گروه هدف خود را")] == [True, True, False]
    course.age_min, course.target_group_id = None, group.id
    make.save(Policy(name="eligible_target_group", scope="*", valid_from=dt.date(2020, 1, 1),
                     value={"mode": "refuse", "override": "nobody"}))  # fmt: skip
    page = BeautifulSoup(client.get(url).data, "html.parser").main
    said = page.get_text(" ", strip=True)
    assert [part in said for part in ("راهی هست", "گروه هدف خود را")] == [False, True]
    refused = client.post(url, data=form_of(client, url))
    assert (refused.status_code, refused.text.count("با این شرط‌ها اکنون"), enrolled()) == (422, 1, 0)
