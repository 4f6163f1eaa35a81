"""A clerk at the course pages: list, choosing a standard, saving, proposing, sending, and being late."""

import pytest

from models import (
    AuditEvent,
    Course,
    CourseEvent,
    CourseStatus,
    Role,
    SkillStandard,
    Unit,
    UnitKind,
    db,
)
from services import courses, jalali
from tests import course_cases as cases
from tests import make
from tests.web.course_pages import address, fresh, held, put, send
from tests.web.reading import soup_of

S = CourseStatus


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def user(unit):
    return make.user(Role.CLERK, unit)


@pytest.fixture
def desk(user, sign_in):
    return sign_in(user)


@pytest.fixture
def draft(user):
    return cases.draft(cases.actor(user))


# -- List --------------------------------------------------------------------------


def test_the_list_has_a_tab_for_each_state_and_its_number(desk, unit):
    make.course(S.OPEN, unit, title="جوشکاری برق")
    page = soup_of(desk.get("/center/courses?tab=open"))
    assert [tab.text for tab in page.select(".tabs a")][3] == "تأییدشده و ثبت‌نام ۱"
    assert page.select_one("tbody tr a").text == "جوشکاری برق"


@pytest.mark.parametrize("url", ["/center", "/center/courses?tab=open", "/center/courses/new"])
def test_the_queries_of_a_list_do_not_grow_with_its_rows(desk, unit, queries, url):
    seen = []
    for wanted in (5, 20):
        for _ in range(wanted):
            make.course(S.OPEN, unit)
            make.standard()
        with queries() as statements:
            assert desk.get(url).status_code == 200
        seen.append(len(statements))
    # The home says what is late, and so asks for the days that a level has; and whether the purse runs low.
    assert seen[0] == seen[1] <= (8 if url == "/center" else 6)


def test_an_empty_tab_says_what_to_do(desk):
    assert "دورهٔ تازه بسازید" in desk.get("/center/courses").text


# -- New ---------------------------------------------------------------------------


def test_a_standard_of_the_catalog_becomes_a_draft(desk, unit):
    page = soup_of(desk.get("/center/courses/new?q=مهارت"))
    form = page.select_one("form[method=post][action$=new]")
    data = {tag["name"]: tag["value"] for tag in form.select("input[name]")}
    button = form.select_one("button[name=standard]")
    data["standard"] = button["value"]
    answers = [desk.post("/center/courses/new", data=data) for _ in range(2)]
    [course] = db.session.query(Course)
    assert {answer.headers["Location"] for answer in answers} == {f"/center/courses/{course.id}/edit"}
    assert (course.status, course.standard_id, course.unit_id) == (S.DRAFT, int(button["value"]), unit.id)


def test_a_retired_standard_is_refused_even_when_it_is_posted(desk, token):
    retired = make.standard(retired_at=make.utcnow())
    data = {"csrf_token": token(desk, "/center/courses/new"), "form_key": "k", "standard": retired.id}
    answer = desk.post("/center/courses/new", data=data)
    assert answer.status_code == 422
    assert "از رده خارج" in answer.text
    assert db.session.query(Course).count() == 0


def test_a_former_course_is_copied_from_the_page_of_new_courses(desk, unit):
    make.course(S.FINISHED, unit)
    link = soup_of(desk.get("/center/courses/new")).select_one("aside a.btn")["href"]
    answer = desk.post(link, data=held(soup_of(desk.get(link))))
    copied = db.session.query(Course).filter_by(status=S.DRAFT).one()
    assert answer.headers["Location"] == f"/center/courses/{copied.id}/edit"


# -- The standard ------------------------------------------------------------------


def test_another_standard_moves_the_end_to_its_hours_and_says_so(desk, draft, unit):
    before = draft.end_on
    other = make.standard(field_id=draft.field_id)
    other.practice_minutes = 0
    db.session.commit()
    url = f"/center/courses/{draft.id}/standard"
    data = held(soup_of(desk.get(url)), "form[method=post]:not([data-sign-out])") | {"standard": other.id}
    answer = desk.post(url, data=data)
    assert fresh(draft).end_on < before
    assert jalali.long(before) in soup_of(desk.get(answer.headers["Location"])).select_one("#alerts").text


def test_a_standard_pressed_twice_is_one_choice(desk, draft):
    other = make.standard(field_id=make.field("رنگرزی").id)
    url = f"/center/courses/{draft.id}/standard"
    data = held(soup_of(desk.get(url)), "form[method=post]:not([data-sign-out])") | {"standard": other.id}
    answers = [desk.post(url, data=data) for _ in range(2)]
    assert [answer.headers["Location"] for answer in answers] == [f"/center/courses/{draft.id}/edit"] * 2
    assert fresh(draft).standard_id == other.id


def test_a_standard_chosen_late_is_chosen_again_on_the_same_page(desk, draft, unit, sign_in):
    other = make.standard(field_id=make.field("رنگرزی").id)
    url = f"/center/courses/{draft.id}/standard"
    data = held(soup_of(desk.get(f"{url}?q=مهارت")), "form[method=post]:not([data-sign-out])") | {"standard": other.id}
    put(sign_in(make.user(Role.CLERK, unit)), draft, capacity_max="۱۲")
    answer = desk.post(url, data=data)
    page = soup_of(answer)
    assert answer.status_code == 409
    assert "استاندارد عوض نشد" in page.select_one(".alert").text
    assert page.select_one("#q")["value"] == "مهارت"
    again = held(page, "form[method=post]:not([data-sign-out])")
    assert desk.post(url, data=again | {"standard": other.id}).status_code == 303
    assert (fresh(draft).standard_id, draft.capacity_max) == (other.id, 12)


def test_another_standard_is_chosen_from_the_catalog(desk, draft):
    other = make.standard(field_id=make.field("رنگرزی").id)
    url = f"/center/courses/{draft.id}/standard"
    data = held(soup_of(desk.get(url)), "form[method=post]:not([data-sign-out])") | {"standard": other.id}
    assert desk.post(url, data=data).status_code == 303
    assert fresh(draft).title == other.title


@pytest.mark.parametrize("url", ["/center/courses/{}/standard", "/center/courses/new"])
def test_a_standard_retired_meanwhile_is_told_where_another_one_is_chosen(desk, draft, url):
    retired, url = make.standard(retired_at=make.utcnow()), url.format(draft.id)
    data = held(soup_of(desk.get(url)), "form[method=post]:not([data-sign-out])") | {"standard": retired.id}
    answer = desk.post(url, data=data)
    assert answer.status_code == 422
    assert "از رده خارج" in soup_of(answer).select_one(".alert").text
    assert soup_of(answer).select_one("button[name=standard]")


# -- Statements --------------------------------------------------------------------


@pytest.mark.parametrize("part", ["", "time", "workshop", "teacher", "terms", "send"])
def test_the_pages_of_a_draft_stay_within_their_queries(desk, draft, queries, part):
    with queries() as opened:
        assert desk.get(address(draft, part).rstrip("/")).status_code == 200
    assert len(opened) <= 14, "\n".join(opened)


@pytest.mark.parametrize("part", ["time", "workshop", "teacher", "terms"])
def test_a_part_is_saved_within_its_queries(desk, draft, queries, part):
    url = address(draft, part)
    data = {**held(soup_of(desk.get(url))), "do": "save", "capacity_max": "۱۱", "age_min": "۲۰", "setting": "branch"}
    with queries() as saved:
        assert desk.post(url, data=data).status_code == 303
    assert len(saved) <= 10, "\n".join(saved)


def test_a_course_is_sent_within_its_queries(desk, draft, unit, queries):
    url = address(draft, "send")
    for most in (13, 14):  # the second time it takes the former meetings away
        data = {**held(soup_of(desk.get(url))), **{f"sign_{name}": "y" for name in courses.CHECKLIST}}
        with queries() as seen:
            assert desk.post(url, data=data).status_code == 303
        assert len(seen) <= most, "\n".join(seen)
        cases.advance(cases.staff(Role.MANAGER, unit), draft.id, courses.Action.RETURN, reason=cases.ANY_REASON)


@pytest.mark.parametrize("act", ["new", "copy", "standard"])
def test_what_makes_a_draft_stays_within_its_queries(desk, draft, queries, act):
    other = make.standard(field_id=make.field("رنگرزی").id)
    url = "/center/courses/new" if act == "new" else f"/center/courses/{draft.id}/{act}"
    page = desk.get(url)
    data = held(soup_of(page), f"form[action='{url}']") | {"standard": other.id}
    with queries() as seen:
        assert desk.post(url, data=data).status_code == 303
    # A copy also counts the holidays between its days and brings those who taught parts of the former course.
    assert len(seen) <= (14 if act == "copy" else 12), "\n".join(seen)


# -- Territory and roles -----------------------------------------------------------

PAGES = ["", "/edit", "/edit/terms", "/edit/send", "/standard", "/copy"]


@pytest.mark.parametrize("url", [*(f"/center/courses/{{}}{page}" for page in PAGES), "/center/queue?case={}"])
def test_another_centers_course_is_not_found_and_the_look_is_written_down(desk, url):
    other = make.unit(UnitKind.CENTER)
    course = make.course(S.DRAFT, other)
    assert desk.get(url.format(course.id)).status_code == 404
    event = db.session.query(AuditEvent).one()
    assert (event.action, event.subject, event.subject_id) == ("outside_territory", "course", course.id)


@pytest.mark.parametrize("act", ["copy", "edit/time", "edit/send", "standard", "decide", "discard"])
def test_nothing_is_posted_to_another_centers_course(desk, token, act):
    course = make.course(S.DRAFT, make.unit(UnitKind.CENTER))
    data = {"csrf_token": token(desk, "/center/courses/new"), "form_key": "k", "standard": course.standard_id}
    answer = desk.post(f"/center/courses/{course.id}/{act}", data={**data, "decision": "approve"})
    assert answer.status_code == 404
    assert db.session.query(CourseEvent).count() == 0


@pytest.mark.parametrize("url", ["decide", "discard", "close", "start", "finish"])
def test_what_changes_a_course_is_not_a_link(desk, draft, url):
    assert desk.get(f"/center/courses/{draft.id}/{url}").status_code == 405


def test_a_counselor_sees_the_list_and_enters_nothing(unit, sign_in, token):
    desk = sign_in(make.user(Role.COUNSELOR, unit))
    assert "دورهٔ تازه" not in soup_of(desk.get("/center/courses")).select_one(".head").text
    data = {"csrf_token": token(desk, "/center/courses/new"), "form_key": "k"}
    answer = desk.post("/center/courses/new", data={**data, "standard": make.first(SkillStandard).id})
    assert answer.status_code == 403


def test_a_provincial_reviewer_does_not_enter_the_centers_pages(sign_in):
    desk = sign_in(make.user(Role.REVIEWER, cases.office()))
    assert desk.get("/center/courses").status_code == 403


def test_a_rejected_course_says_why_above_its_form_and_goes_again(desk, draft, unit):
    cases.advance(cases.staff(Role.CLERK, unit), draft.id, courses.Action.SEND)
    cases.advance(cases.staff(Role.MANAGER, unit), draft.id, courses.Action.REJECT, reason="در برنامه نیست")
    assert soup_of(desk.get("/center")).select_one(".tile[href*=returned] b").text == "۱"
    page = soup_of(desk.get(f"/center/courses/{draft.id}/edit"))
    assert "در برنامه نیست" in page.select_one(".notice.bad").text
    assert "tab=returned" in page.select_one("a.back, main a")["href"]
    assert send(desk, draft).status_code == 303
    assert fresh(draft).status is S.CENTER_REVIEW


def test_a_draft_is_put_aside_with_its_button(desk, draft):
    form = soup_of(desk.get(f"/center/courses/{draft.id}")).select_one("form[action$=discard]")
    desk.post(form["action"], data={tag["name"]: tag["value"] for tag in form.select("input")})
    assert fresh(draft).status is S.CANCELED
    assert db.session.get(Unit, draft.unit_id)
