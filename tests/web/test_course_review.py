"""Reviewers at their queues: one case beside the list, one decision, the next case."""

import pytest

from models import AuditEvent, Course, CourseEvent, CourseStatus, ReasonText, Role, UnitKind, db
from services import courses
from tests import course_cases as cases
from tests import make
from tests.web.reading import soup_of

S = CourseStatus
PLACES = {
    "center": (Role.MANAGER, S.CENTER_REVIEW, S.PROVINCE_REVIEW),
    "province": (Role.REVIEWER, S.PROVINCE_REVIEW, S.HQ_REVIEW),
    "hq": (Role.REVIEWER, S.HQ_REVIEW, S.APPROVED),
}


@pytest.fixture
def unit():
    return cases.center()


def reviewer(level, unit):
    kinds = {"province": UnitKind.DIRECTORATE, "hq": UnitKind.HQ}
    return make.user(PLACES[level][0], unit if level == "center" else cases.office(kinds[level]))


def fields(soup):
    form = soup.select_one("form.decision[action$=decide]")
    return form["action"], {tag["name"]: tag.get("value", "") for tag in form.select("input:not([type=radio])")}


def fresh(course):
    return db.session.get(Course, course.id, populate_existing=True)


@pytest.fixture(params=PLACES)
def level(request):
    return request.param


@pytest.fixture
def desk(level, unit, sign_in):
    return sign_in(reviewer(level, unit))


def test_the_list_of_courses_that_came_back_says_why_in_one_query_for_all(unit, sign_in, queries):
    manager, clerk = cases.staff(Role.MANAGER, unit), sign_in(make.user(Role.CLERK, unit))
    url = "/center/courses?tab=returned"
    for reason in ("ساعت‌ها <b>کم</b> است", "روزهای کلاس با تعطیلی‌ها جور نیست. " * 15):
        course = cases.at(S.CENTER_REVIEW, unit)
        cases.advance(manager, course.id, courses.Action.RETURN, reason=reason)
        with queries() as seen:
            rows = soup_of(clerk.get(url)).select("tbody tr")
    assert len(seen) <= 6, "\n".join(seen)
    newest, oldest = (row.select_one(".cut").text for row in rows)
    assert oldest == "«ساعت‌ها <b>کم</b> است»"
    assert newest.startswith("«روزهای کلاس")
    assert newest.endswith("…»")
    assert len(newest) <= 130
    assert not soup_of(clerk.get("/center/courses?tab=draft")).select(".cut")


def test_approving_goes_on_to_the_next_case(level, desk, unit):
    first, second = (cases.at(PLACES[level][1], unit) for _ in range(2))
    url, data = fields(soup_of(desk.get(f"/{level}/queue")))
    answer = desk.post(url, data={**data, "decision": "approve"})
    assert answer.headers["Location"] == f"/{level}/queue?tab=waiting&case={second.id}&did={first.id}"
    assert fresh(first).status is PLACES[level][2]
    page = soup_of(desk.get(answer.headers["Location"]))
    assert "ثبت شد" in page.select_one("#alerts").text
    assert page.select_one("#case h2").text == second.title


@pytest.mark.parametrize(("decision", "status"), [("return", S.RETURNED), ("reject", S.REJECTED)])
def test_a_saved_reason_and_own_words_go_together_to_the_center(level, desk, unit, decision, status):
    saved = make.save(ReasonText(kind="return", code="capacity", title="ظرفیت", body="ظرفیت را درست کنید"))
    course = cases.at(PLACES[level][1], unit)
    url, data = fields(soup_of(desk.get(f"/{level}/queue")))
    said = {"decision": decision, "saved_reason": "capacity", "reason": "ده نفر كافی است"}
    assert desk.post(url, data=data | said).status_code == 303
    assert fresh(course).status is status
    event = db.session.query(CourseEvent).order_by(CourseEvent.id.desc()).first()
    assert (event.reason, event.reason_text_id) == ("ظرفیت را درست کنید؛ ده نفر کافی است", saved.id)
    page = soup_of(desk.get(f"/{level}/courses/{course.id}"))
    assert page.select_one(".notice.alert h2").text.endswith(": ظرفیت")
    assert page.select_one(".timeline li").text.count("ظرفیت") == 2


def test_a_saved_reason_that_is_gone_is_told_at_its_field_and_the_words_stay(level, desk, unit):
    course = cases.at(PLACES[level][1], unit)
    make.save(ReasonText(kind="return", code="hours", title="ساعت", body="ساعت‌ها را درست کنید"))
    url, data = fields(soup_of(desk.get(f"/{level}/queue")))
    said = {"decision": "return", "saved_reason": "capacity", "reason": "ده نفر کافی است"}
    page = soup_of(desk.post(url, data=data | said))
    assert page.select_one(".alert a[href='#saved_reason']")
    assert page.select_one("#reason").text.strip() == "ده نفر کافی است"
    assert fresh(course).status is PLACES[level][1]


@pytest.mark.parametrize(("said", "at"), [({}, "decision-0"), ({"decision": "return"}, "reason")])
def test_an_unfinished_decision_comes_back_as_it_was(level, desk, unit, said, at):
    course = cases.at(PLACES[level][1], unit)
    url, data = fields(soup_of(desk.get(f"/{level}/queue")))
    answer = desk.post(url, data=data | said | {"reason": "  "})
    assert answer.status_code == 422
    assert soup_of(answer).select_one(f".alert a[href='#{at}']")
    assert fresh(course).status is PLACES[level][1]


def test_a_decision_that_came_late_names_who_was_faster(level, desk, unit, sign_in):
    course, faster = cases.at(PLACES[level][1], unit), reviewer(level, unit)
    url, data = fields(soup_of(desk.get(f"/{level}/queue")))
    other = sign_in(faster)
    other_url, other_data = fields(soup_of(other.get(f"/{level}/queue")))
    assert other.post(other_url, data=other_data | {"decision": "approve"}).status_code == 303
    answer = desk.post(url, data=data | {"decision": "approve"})
    assert answer.status_code == 409
    assert faster.person.full_name in answer.text
    assert fresh(course).status is PLACES[level][2]


def test_a_reason_that_came_late_stays_on_the_page_of_the_case(level, desk, unit):
    course, faster = cases.at(PLACES[level][1], unit), cases.actor(reviewer(level, unit), level)
    url, data = fields(soup_of(desk.get(f"/{level}/queue")))
    cases.advance(faster, course.id, courses.Action.APPROVE)
    answer = desk.post(url, data=data | {"decision": "return", "reason": "روزها <b>کم</b> است"})
    page = soup_of(answer)
    assert answer.status_code == 409
    assert page.h1.text == course.title
    assert faster.name in page.select_one(".alert").text
    assert "روزها <b>کم</b> است" in page.select_one(".alert").text


def test_a_reason_for_an_older_round_is_in_the_form_of_the_new_one(unit, sign_in):
    desk, course = sign_in(reviewer("center", unit)), cases.at(S.CENTER_REVIEW, unit)
    url, data = fields(soup_of(desk.get("/center/queue")))
    other, clerk = cases.staff(Role.MANAGER, unit), cases.staff(Role.CLERK, unit)
    cases.advance(other, course.id, courses.Action.RETURN, reason=cases.ANY_REASON)
    cases.advance(clerk, course.id, courses.Action.SEND)
    page = soup_of(desk.post(url, data=data | {"decision": "return", "reason": "روزها کم است"}))
    assert page.select_one("#reason").text.strip() == "روزها کم است"
    assert page.select_one("input[name=version]")["value"] == str(fresh(course).version)
    assert page.select_one("input[name=decision][checked]")["value"] == "return"
    again = fields(page)[1] | {"decision": "return", "reason": "روزها کم است"}
    assert desk.post(url, data=again).status_code == 303


@pytest.mark.parametrize(("status", "act"), [(S.DRAFT, "discard"), (S.APPROVED, "cancel"), (S.OPEN, "close")])
def test_a_reason_that_is_too_long_comes_back_and_nothing_is_done(unit, sign_in, status, act):
    course = cases.at(status, unit)
    at = "province" if act == "cancel" else "center"
    desk = sign_in(reviewer("province", unit) if act == "cancel" else make.user(Role.CLERK, unit))
    form = soup_of(desk.get(f"/{at}/courses/{course.id}")).select_one(f"form[action$={act}]")
    data = {tag["name"]: tag["value"] for tag in form.select("input")} | {"reason": "دلیل دراز " * 61}
    answer = desk.post(form["action"], data=data)
    page = soup_of(answer)
    assert answer.status_code == 422
    assert page.select_one(f"details[open] #reason-{act}").text.strip() == data["reason"].strip()
    assert page.select_one(f"#reason-{act}")["aria-invalid"] == "true"
    assert page.select_one(f".alert a[href='#reason-{act}']")
    assert fresh(course).status is status


def test_a_step_that_came_late_keeps_its_reason_and_says_who_was_faster(unit, sign_in):
    course, desk = cases.at(S.APPROVED, unit), sign_in(reviewer("province", unit))
    form = soup_of(desk.get(f"/province/courses/{course.id}")).select_one("form[action$=cancel]")
    data = {tag["name"]: tag["value"] for tag in form.select("input")}
    faster = cases.staff(Role.REVIEWER, cases.office())
    cases.advance(faster, course.id, courses.Action.CANCEL, reason="کارگاه سوخت")
    answer = desk.post(form["action"], data=data | {"reason": "مربی نیامد"})
    assert answer.status_code == 409
    said = soup_of(answer).select_one(".alert").text
    assert faster.name in said
    assert "مربی نیامد" in said


def test_a_second_press_has_one_effect_and_says_so(level, desk, unit):
    cases.at(PLACES[level][1], unit)
    url, data = fields(soup_of(desk.get(f"/{level}/queue")))
    answers = [desk.post(url, data=data | {"decision": "approve"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "دوباره ثبت نشد" in answers[1].text
    assert db.session.query(CourseEvent).filter_by(action="approve").count() == 1


def test_the_pane_alone_answers_htmx_and_others_get_the_queue(level, unit, sign_in):
    course, user = cases.at(PLACES[level][1], unit), reviewer(level, unit)
    url = f"/{level}/queue/{course.id}?tab=waiting"
    pane = soup_of(sign_in(user, htmx=True).get(url))
    assert pane.select_one("html") is None
    assert pane.select_one("article#case form.decision")
    assert len(pane.select("[hx-swap-oob]")) == 1
    assert sign_in(user).get(url).headers["Location"] == f"/{level}/queue?tab=waiting&case={course.id}"


def test_the_pane_is_small_enough_for_a_slow_line(level, unit, sign_in):
    import brotli

    course = cases.at(PLACES[level][1], unit)
    answer = sign_in(reviewer(level, unit), htmx=True).get(f"/{level}/queue/{course.id}")
    assert len(brotli.compress(answer.data, quality=5)) <= 2048


def test_the_queue_stays_within_its_queries_whatever_its_length(level, desk, unit, queries):
    seen = []
    for wanted in (5, 20):
        for _ in range(wanted):
            make.course(PLACES[level][1], unit, level_since=make.utcnow())
        with queries() as statements:
            assert desk.get(f"/{level}/queue").status_code == 200
        seen.append(len(statements))
    assert seen[0] == seen[1] <= 8


def test_a_case_stays_within_its_queries(level, desk, unit, queries):
    course = cases.at(PLACES[level][1], unit)
    with queries() as statements:
        page = desk.get(f"/{level}/courses/{course.id}")
    assert page.status_code == 200
    assert len(statements) <= 8


def test_a_decision_stays_within_its_queries(level, desk, unit, queries):
    cases.at(PLACES[level][1], unit)
    url, data = fields(soup_of(desk.get(f"/{level}/queue")))
    with queries() as statements:
        desk.post(url, data=data | {"decision": "approve"})
    assert len(statements) <= 12


def test_an_empty_queue_says_so(level, desk):
    assert "پرونده‌ای در انتظار شما نیست" in desk.get(f"/{level}/queue").text


def test_homes_show_what_waits(level, desk, unit):
    cases.at(PLACES[level][1], unit)
    tile = soup_of(desk.get(f"/{level}")).select_one(f".tile[href='/{level}/queue']")
    assert tile.b.text == "۱"


# -- Territory and own work --------------------------------------------------------


@pytest.mark.parametrize("url", ["/province/queue?case={}", "/province/courses/{}", "/province/queue/{}"])
def test_another_provinces_case_is_not_found_and_the_look_is_written_down(sign_in, unit, url):
    course = cases.at(S.PROVINCE_REVIEW, unit)
    far = make.unit(UnitKind.DIRECTORATE, make.province())
    assert sign_in(make.user(Role.REVIEWER, far), htmx=True).get(url.format(course.id)).status_code == 404
    assert db.session.query(AuditEvent).filter_by(subject_id=course.id, subject="course").count() == 1


def test_a_manager_who_entered_a_course_is_told_kindly_and_has_no_card(sign_in, unit):
    user = make.user(Role.MANAGER, unit)
    manager = cases.actor(user)
    course = cases.advance(manager, cases.draft(manager).id, courses.Action.SEND)
    desk = sign_in(user)
    page = soup_of(desk.get("/center/queue"))
    assert page.select_one("form.decision") is None
    assert "همکار دیگری" in page.select_one("#case").text
    token = page.select_one("input[name=csrf_token]")["value"]
    data = {"csrf_token": token, "decision": "approve", "version": course.version}
    assert desk.post(f"/center/courses/{course.id}/decide", data=data).status_code == 403


@pytest.mark.parametrize("role", [Role.PLANNER, Role.DIRECTOR])
def test_others_of_the_province_read_and_do_not_decide(sign_in, unit, role, token):
    course = cases.at(S.PROVINCE_REVIEW, unit)
    desk = sign_in(make.user(role, cases.office()))
    page = soup_of(desk.get("/province/queue"))
    assert page.select_one("#case h2").text == course.title
    assert page.select_one("form.decision") is None
    data = {"csrf_token": token(desk, "/province"), "decision": "approve", "version": course.version}
    assert desk.post(f"/province/courses/{course.id}/decide", data=data).status_code == 403


def test_the_province_cancels_an_approved_course_with_a_reason(sign_in, unit):
    course = cases.at(S.APPROVED, unit)
    desk = sign_in(make.user(Role.REVIEWER, cases.office()))
    form = soup_of(desk.get(f"/province/courses/{course.id}")).select_one("form[action$=cancel]")
    data = {tag["name"]: tag["value"] for tag in form.select("input")}
    assert desk.post(form["action"], data=data).status_code == 422
    assert desk.post(form["action"], data=data | {"reason": "کارگاه آسیب دید"}).status_code == 303
    assert fresh(course).status is S.CANCELED


def test_the_provinces_list_finds_a_course_by_its_center(sign_in, unit):
    make.course(S.OPEN, unit)
    desk = sign_in(make.user(Role.REVIEWER, cases.office()))
    assert len(soup_of(desk.get(f"/province/courses?tab=open&q={unit.title}")).select("tbody tr")) == 1
    assert "پیدا نشد" in desk.get("/province/courses?tab=open&q=ناموجود").text
