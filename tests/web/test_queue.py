"""The pages of a queue: a case in hand, a decision taken back, what is to be mended where, and several at once."""

import pytest

from models import Course, CourseEvent, CourseStatus, Role, StandardRequirement, UnitKind, db
from services import courses
from services.courses import CHECKLIST, wording
from tests import course_cases as cases
from tests import make
from tests.web.reading import soup_of
from tests.web.test_course_review import PLACES, fields, fresh, reviewer

S = CourseStatus


@pytest.fixture
def unit():
    return cases.center()


@pytest.fixture
def desk(unit, sign_in):
    return sign_in(reviewer("province", unit))


def pressed(soup, action):
    """The form of a page that leads there, and what it sends."""
    form = soup.select_one(f"form[action$={action}]")
    return form["action"], {tag["name"]: tag["value"] for tag in form.select("input")}


def newest(course):
    return db.session.query(CourseEvent).filter_by(course_id=course.id).order_by(CourseEvent.id.desc()).first()


# -- In hand, and taken back -------------------------------------------------------


def test_a_case_is_taken_in_hand_over_and_let_go_by_buttons(unit, desk, sign_in):
    course, other = cases.at(S.PROVINCE_REVIEW, unit), reviewer("province", unit)
    url, data = pressed(soup_of(desk.get(f"/province/queue?case={course.id}")), "claim")
    page = soup_of(desk.get(desk.post(url, data=data).headers["Location"]))
    assert "در دست شما" in page.select_one("ul.queue li.on").text
    theirs = sign_in(other)
    page = soup_of(theirs.get(f"/province/queue?case={course.id}"))
    assert "این پرونده را از ساعت" in page.select_one("#case .notice.warn").text
    url, data = fields(page)
    answer = theirs.post(url, data=data | {"decision": "approve"})
    assert (answer.status_code, fresh(course).status) == (409, S.PROVINCE_REVIEW)
    url, data = pressed(soup_of(theirs.get(f"/province/queue?case={course.id}")), "claim")
    page = soup_of(theirs.get(theirs.post(url, data=data).headers["Location"]))
    assert "خوب است به او بگویید" in page.select_one("#alerts").text
    url, data = pressed(page, "release")
    assert theirs.post(url, data=data).status_code == 303
    page = soup_of(desk.get(f"/province/queue?case={course.id}"))
    assert "در دست" not in page.select_one("ul.queue li.on").text


@pytest.mark.parametrize("level", PLACES)
def test_a_decision_is_taken_back_by_the_button_of_the_next_page(level, unit, sign_in):
    course, following = (cases.at(PLACES[level][1], unit) for _ in range(2))
    desk = sign_in(reviewer(level, unit))
    url, data = fields(soup_of(desk.get(f"/{level}/queue")))
    next_page = desk.post(url, data=data | {"decision": "approve"}).headers["Location"]
    page = soup_of(desk.get(next_page))
    assert page.select_one("#case h2").text == following.title
    url, data = pressed(page, "undo")
    answer = desk.post(url, data=data)
    assert answer.headers["Location"] == f"/{level}/queue?case={course.id}"
    assert fresh(course).status is PLACES[level][1]
    assert not soup_of(desk.get(next_page)).select("form[action$=undo]"), "there is nothing to take back any more"
    again = desk.post(url, data=data)
    assert "کار دیگری" in soup_of(desk.get(again.headers["Location"])).select_one("#alerts").text
    assert newest(course).action == "undo"


# -- What is said with a decision --------------------------------------------------


@pytest.mark.parametrize("left", ["safety", "instructor"])
def test_an_approval_without_the_whole_checklist_comes_back_with_what_was_ticked(unit, desk, left):
    course = cases.at(S.PROVINCE_REVIEW, unit)
    url, data = fields(soup_of(desk.get("/province/queue")))
    del data[f"sign_{left}"]
    answer = desk.post(url, data=data | {"decision": "approve", "reason": "دیدم"})
    page = soup_of(answer)
    assert (answer.status_code, fresh(course).status) == (422, S.PROVINCE_REVIEW)
    assert CHECKLIST[left] in page.select_one(f".alert a[href='#sign_{left}']").text
    assert len(page.select("input[name^=sign_][checked]")) == len(CHECKLIST) - 1
    assert page.select_one("#reason").text.strip() == "دیدم"


def test_letter_and_comments_stand_on_the_whole_page_that_a_button_of_the_queue_opens_with_what_was_written(unit, desk):
    course = cases.at(S.PROVINCE_REVIEW, unit)
    url, data = fields(soup_of(desk.get("/province/queue")))
    answer = desk.post(url, data=data | {"decision": "return", "reason": "ساعت‌ها", "do": "more"})
    page = soup_of(answer)
    assert (answer.status_code, fresh(course).status) == (200, S.PROVINCE_REVIEW)
    assert page.select_one("#reason").text.strip() == "ساعت‌ها"
    assert page.select_one("input[name=decision][checked]")["value"] == "return"
    assert len(page.select("details[open] input[name^=say_]")) == len(wording.FIELD)
    _, data = fields(page)
    said = {"say_capacity_max": "ده نفر <b>کافی</b> است", "letter_number": "۱۴/۲۲۵", "letter_on-y": "1405"}
    wrong = desk.post(url, data=data | {"decision": "return", "reason": "", **said})
    assert soup_of(wrong).select_one(".alert a[href^='#letter_on']")
    said |= {"letter_on-m": "آذر", "letter_on-d": "1"}
    assert desk.post(url, data=data | {"decision": "return", "reason": "", **said}).status_code == 303
    event = newest(course)
    assert (event.comments, event.letter_number) == ({"capacity_max": "ده نفر <b>کافی</b> است"}, "۱۴/۲۲۵")
    shown = soup_of(desk.get(f"/province/courses/{course.id}")).select_one(".notice.alert")
    assert "حداکثر ظرفیت: ده نفر <b>کافی</b> است" in shown.text
    assert "۱۴/۲۲۵" in shown.text


def test_a_second_round_shows_old_beside_new_and_who_has_signed(unit, desk):
    clerk, manager = cases.staff(Role.CLERK, unit), cases.staff(Role.MANAGER, unit)
    course = cases.draft(clerk)
    cases.advance(clerk, course.id, courses.Action.SEND)
    cases.advance(manager, course.id, courses.Action.RETURN, reason=cases.ANY_REASON)
    courses.save(clerk, course.id, course.version, cases.complete_values(unit, capacity_max=12))
    for who, action in ((clerk, courses.Action.SEND), (manager, courses.Action.APPROVE)):
        cases.advance(who, course.id, action)
    page = soup_of(desk.get("/province/queue"))
    signed = page.find("h3", string="چک‌لیست امضاشده").parent.text
    assert all(who.name in signed for who in (clerk, manager))
    assert signed.count("هر ۷ مورد") == 2
    courses.advance(cases.actor(make.user(Role.REVIEWER, cases.office())), course.id, courses.Action.RETURN, reason="x")
    kept = {name: getattr(fresh(course), name) for name in ("end_on", "enroll_open_at", "enroll_close_at")}
    courses.save(clerk, course.id, fresh(course).version, cases.complete_values(unit, **kept, capacity_max=9))
    for who, action in ((clerk, courses.Action.SEND), (manager, courses.Action.APPROVE)):
        cases.advance(who, course.id, action)
    page = soup_of(desk.get("/province/queue"))
    assert "نسبت به آخرین تأیید" in page.select_one("#case").text


# -- Several at once ---------------------------------------------------------------


def test_several_are_approved_from_one_page_that_says_of_each_what_became_of_it(unit, desk):
    good = [cases.at(S.PROVINCE_REVIEW, unit) for _ in range(2)]
    late = cases.at(S.PROVINCE_REVIEW, unit)
    asked = "/province/queue/together?do=approve" + "".join(f"&case={each.id}" for each in (*good, late))
    page = soup_of(desk.get(asked))
    assert len(page.select("tbody tr")) == 3
    url, data = page.select_one("form[method=post][action$=together]")["action"], {}
    for tag in page.select("form[action$=together] input"):
        data.setdefault(tag["name"], []).append(tag.get("value", ""))
    unsigned = {name: value for name, value in data.items() if not name.startswith("sign_")}
    refused = desk.post(url, data=unsigned)
    assert refused.status_code == 422
    assert soup_of(refused).select_one(".alert a[href='#sign_safety']")
    faster = cases.actor(make.user(Role.REVIEWER, cases.office()))
    courses.advance(faster, late.id, courses.Action.RETURN, reason="ساعت‌ها")
    answers = [desk.post(url, data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert [fresh(each).status for each in (*good, late)] == [S.HQ_REVIEW, S.HQ_REVIEW, S.RETURNED]
    assert db.session.query(CourseEvent).filter_by(action="approve").count() == 2
    result = soup_of(desk.get(answers[0].headers["Location"]))
    assert "۲ پرونده تأیید شد" in result.select_one("#alerts").text
    assert faster.name in result.select_one("main").text


def test_what_is_refused_of_several_stands_at_its_field_or_its_row_with_what_was_written(unit, desk):
    short, full = cases.at(S.PROVINCE_REVIEW, unit), cases.at(S.PROVINCE_REVIEW, unit)
    make.save(StandardRequirement(standard_id=short.standard_id, group="capital", item_name="چرخ خیاطی",
                                  item_key="چرخ خیاطی", quantity=1, basis_n=1))  # fmt: skip
    page = soup_of(desk.get(f"/province/queue/together?do=approve&case={short.id}&case={full.id}"))
    data = {}
    for tag in page.select("form[action$=together] input"):
        data.setdefault(tag["name"], []).append(tag.get("value", ""))
    refused = desk.post("/province/queue/together", data=data)
    assert (refused.status_code, {fresh(each).status for each in (short, full)}) == (422, {S.PROVINCE_REVIEW})
    assert soup_of(refused).select_one(".alert a[href='#note']")
    seen_before = [f"{each.id}-{fresh(each).version - (each is full)}" for each in (short, full)]
    left = desk.post("/province/queue/together", data=data | {"note": "از مرکز دیگر", "case": seen_before})
    assert (left.status_code, fresh(short).status, fresh(full).status) == (422, S.HQ_REVIEW, S.PROVINCE_REVIEW)
    page = soup_of(left)
    assert "۱ پرونده نشد" in page.select_one(".alert").text
    assert len(page.select("form tbody tr")) == len(page.select("form tbody .bad")) == 1
    assert page.select_one("#note").text.strip() == "از مرکز دیگر"
    assert page.select_one("#sign_safety").has_attr("checked")


@pytest.mark.parametrize("level", PLACES)
def test_several_are_returned_with_one_reason_and_only_by_who_decides(level, unit, sign_in):
    chosen = [cases.at(PLACES[level][1], unit) for _ in range(2)]
    desk = sign_in(reviewer(level, unit))
    queue = soup_of(desk.get(f"/{level}/queue"))
    assert len(queue.select("ul.queue input[type=checkbox][name=case]")) == 2
    page = soup_of(desk.get(f"/{level}/queue/together?do=return&case={chosen[0].id}&case={chosen[1].id}"))
    data = {"csrf_token": page.select_one("input[name=csrf_token]")["value"], "do": "return",
            "form_key": page.select_one("input[name=form_key]")["value"],
            "case": [tag["value"] for tag in page.select("input[name=case]")]}  # fmt: skip
    assert desk.post(f"/{level}/queue/together", data=data).status_code == 422
    assert desk.post(f"/{level}/queue/together", data=data | {"reason": "ساعت‌ها کم است"}).status_code == 303
    assert {fresh(each).status for each in chosen} == {S.RETURNED}
    assert {newest(each).reason for each in chosen} == {"ساعت‌ها کم است"}
    other = sign_in(make.user(Role.CLERK, unit) if level == "center" else make.user(
        Role.ADMIN if level == "hq" else Role.PLANNER,
        cases.office(UnitKind.HQ if level == "hq" else UnitKind.DIRECTORATE)))  # fmt: skip
    assert other.get(f"/{level}/queue/together?do=return&case={chosen[0].id}").status_code == 403
    assert not soup_of(other.get(f"/{level}/queue")).select("input[name=case]")


def test_another_provinces_case_among_several_stops_them_all(unit, desk):
    mine = cases.at(S.PROVINCE_REVIEW, unit)
    far = make.unit(province_=make.province())
    theirs = make.course(S.PROVINCE_REVIEW, far, level_since=make.utcnow())
    assert desk.get(f"/province/queue/together?do=approve&case={mine.id}&case={theirs.id}").status_code == 404
    assert db.session.get(Course, mine.id).status is S.PROVINCE_REVIEW
