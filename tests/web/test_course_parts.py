"""A clerk at the parts of a draft: each saves its own, typed or pressed, alone or beside a colleague, and one sends."""

import pytest

from models import (
    CourseEvent,
    CourseStatus,
    Role,
    SkillStandard,
    StandardRequirement,
    TradeField,
    db,
)
from services import courses, jalali
from services.courses import steps
from services.courses.saying import Said
from tests import course_cases as cases
from tests import make
from tests.web.course_pages import address, agreement, another_place, date_fields, fresh, held, put, send
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


# -- The list of tasks -------------------------------------------------------------


def tasks(page):
    return {row.a.text: row for row in page.select(".tasks li")}


def test_the_parts_of_a_new_draft_say_in_words_what_is_missing(desk, user):
    course = courses.create(cases.actor(user), make.first(SkillStandard).id, "k")
    rows = tasks(soup_of(desk.get(f"/center/courses/{course.id}/edit")))
    assert [row.select_one(".push").text for row in rows.values()] == [
        "کامل", "۹ مورد مانده", "۲ مورد مانده", "۱ مورد مانده", "۳ مورد مانده", "پس از کامل شدن بخش‌ها",
    ]  # fmt: skip
    assert "تاریخ شروع را بنویسید؛ " in rows["زمان و محل"].text
    for row in rows.values():
        assert desk.get(row.a["href"]).status_code == 200


def test_a_complete_draft_is_ready_in_all_its_parts(desk, draft):
    rows = tasks(soup_of(desk.get(f"/center/courses/{draft.id}/edit")))
    assert [row.select_one(".push").text for row in rows.values()] == [*["کامل"] * 5, "آمادهٔ ارسال"]
    assert not any(row.select(".push.tag") for name, row in rows.items() if name != "بررسی و ارسال")


# -- One part ----------------------------------------------------------------------


def test_every_field_is_saved_with_its_part_and_shown_again(desk, draft, unit):
    other = make.instructor(unit, make.first(TradeField, id=draft.field_id))
    contract = agreement(unit.province)
    written = {
        "time": {"setting": "branch", "delivery": "blended", "shift": "evening", "weekdays": ["0", "3"],
                 "start_time": "۱۵:۰۰", "end_time": "۱۸:۳۰"},
        "workshop": {"capacity_min": "۴", "capacity_max": "۱۰"},
        "teacher": {"co_1": str(other.id), "hours_1": "۱۲"},
        "terms": {"gender": "female", "age_min": "۱۸", "age_max": "۴۵", "tuition": "۱٬۲۰۰٬۰۰۰",
                  "start_trigger": "request", "agreement": str(contract.id), "enroll_open_time": "۹:۱۵"},
    }  # fmt: skip
    for part, fields in written.items():
        assert put(desk, draft, **fields).headers["Location"] == address(draft, part)
        shown = held(soup_of(desk.get(address(draft, part))))
        assert {name: shown[name] for name in fields} == fields
    course = fresh(draft)
    assert (course.gender, course.setting, course.tuition_rials) == ("female", "branch", 1_200_000)
    assert (course.weekdays, course.start_time.hour, course.agreement_id) == (0b1001, 15, contract.id)
    assert courses.values_of(course).co_instructors == ((other.id, 720),)


def test_what_is_emptied_is_gone(desk, draft):
    names = [name for name in courses.PARTS["terms"] if name != "gender"]
    url = address(draft, "terms")
    kept = {"csrf_token", "version", "gender"}
    data = {name: value if name in kept else "" for name, value in held(soup_of(desk.get(url))).items()}
    assert desk.post(url, data={**data, "do": "save"}).status_code == 303
    values = courses.values_of(fresh(draft))
    assert not any(getattr(values, name) for name in names)
    assert values.gender


def test_saving_and_going_on_leads_from_part_to_part_and_to_sending(desk, draft):
    seen, at = [], address(draft, "time")
    while not at.endswith("/send"):
        data = held(soup_of(desk.get(at)))
        at = desk.post(at, data={**data, "do": "next"}).headers["Location"]
        seen.append(at.rsplit("/", 1)[1])
    assert seen == ["workshop", "teacher", "terms", "send"]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"capacity_max": "۲۱"}, "capacity_max"),
        ({"capacity_max": "بیست"}, "capacity_max"),
        ({"start_on-d": "۴۰"}, "start_on-d"),
        ({"enroll_open_on-d": "", "enroll_open_on-m": "", "enroll_open_on-y": ""}, "enroll_open_on-d"),
        ({"tuition": "۱۰۰ تومان"}, "tuition"),
        ({"hours_1": "۵", "co_1": "999"}, "co_1"),
    ],
)
def test_a_mistake_keeps_what_was_typed_and_points_at_its_field(desk, draft, fields, at):
    name, typed = next(iter(fields.items()))
    answer = put(desk, draft, **fields)
    page = soup_of(answer)
    assert answer.status_code == 422
    assert page.select_one(f".alert a[href='#{at}']")
    assert page.select_one(f"#{at}")["aria-invalid"] == "true"
    assert held(page)[name] == typed
    assert fresh(draft).version == draft.version


def test_what_a_part_lacks_is_said_beside_it_with_a_link_to_the_field(desk, user):
    course = courses.create(cases.actor(user), make.first(SkillStandard).id, "k")
    page = soup_of(desk.get(address(course, "time")))
    links = [link["href"] for link in page.select("#auto li a")]
    assert {"#place", "#start_on-d", "#weekdays-0", "#start_time"} <= set(links)
    assert all(page.select_one(link) for link in links)


def test_an_empty_list_of_workshops_says_why(desk, user):
    bare = make.standard(field_id=make.field("رنگرزی").id)
    course = courses.create(cases.actor(user), bare.id, "k")
    assert "هیچ کارگاه فعالی از این واحد" in desk.get(address(course, "workshop")).text
    assert "هیچ مربی فعالی از این واحد" in desk.get(address(course, "teacher")).text


def test_what_the_workshop_is_short_of_is_counted_for_the_capacity(desk, draft):
    make.save(StandardRequirement(standard_id=draft.standard_id, group="capital", item_name="چرخ خیاطی",
                                  item_key="چرخ خیاطی", quantity=1, basis_n=1))  # fmt: skip
    row = soup_of(desk.get(address(draft, "workshop"))).select_one("#auto .pairs li")
    assert [each.text for each in row.select("span")] == ["چرخ خیاطی", "۰ از ۱۵"]


# -- The end date ------------------------------------------------------------------


def test_an_empty_end_date_is_filled_and_said(desk, draft):
    empty = {f"end_on-{part}": "" for part in "ymd"}
    answer = put(desk, draft, **empty, **date_fields("start_on", cases.next_saturday(6)))
    said = soup_of(desk.get(answer.headers["Location"])).select_one("#alerts").text
    assert fresh(draft).end_on > cases.next_saturday(6)
    assert jalali.long(draft.end_on) in said


def test_a_change_of_the_plan_moves_the_end_and_says_from_what_to_what(desk, draft):
    before = draft.end_on
    answer = put(desk, draft, weekdays=["0", "2", "4"])
    said = soup_of(desk.get(answer.headers["Location"])).select_one("#alerts").text
    assert fresh(draft).end_on < before
    assert f"از {jalali.long(before)} به {jalali.long(draft.end_on)} رسید" in said


def test_an_end_written_by_hand_stays_and_the_page_says_what_it_would_be(desk, draft):
    late = cases.next_saturday(40)
    put(desk, draft, **date_fields("end_on", late))
    answer = put(desk, draft, weekdays=["0", "2", "4"])
    said = soup_of(desk.get(answer.headers["Location"])).select_one("#alerts").text
    assert (fresh(draft).end_on, "خودتان نوشته‌اید" in said) == (late, True)
    put(desk, draft, do="propose", weekdays=["0", "2", "4"])
    assert fresh(draft).end_on < late


def test_hours_that_never_end_are_told_at_the_weekdays_and_all_is_kept(desk, draft):
    empty = {f"end_on-{part}": "" for part in "ymd"}
    answer = put(desk, draft, **empty, start_time="۸", end_time="۸:۱۰")
    page = soup_of(answer)
    assert answer.status_code == 422
    assert "دو سال" in page.select_one(".alert a[href='#weekdays-0']").text
    assert (held(page)["end_time"], fresh(draft).end_time.hour) == ("۸:۱۰", 12)


def test_another_place_empties_the_workshop_and_says_so(desk, draft, unit):
    other = another_place(unit)
    answer = put(desk, draft, place=str(other.id))
    assert (fresh(draft).place_id, draft.workshop_id) == (other.id, None)
    assert "کارگاه را دوباره انتخاب کنید" in desk.get(answer.headers["Location"]).text


# -- Typing ------------------------------------------------------------------------


def typed(desk, course, part, page=None, status=200, **fields):
    """What htmx sends while somebody writes, and what it puts in their places on the page; 4xx when it is not saved."""
    url = address(course, part)
    data = {**held(soup_of(page or desk.get(url))), **fields}
    answer = desk.post(url, data=data, headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert "HX-Request" in answer.headers["Vary"]
    return soup_of(answer)


def test_what_is_typed_is_saved_quietly_and_the_version_goes_on(desk, draft):
    page = desk.get(address(draft, "workshop"))
    part = typed(desk, draft, "workshop", page, capacity_max="۱۱")
    assert "ذخیره شد" in part.select_one("#kept[hx-swap-oob]").text
    assert (fresh(draft).capacity_max, part.select_one("#version")["value"]) == (11, str(draft.version))
    again = typed(desk, draft, "workshop", page, capacity_max="۱۲", version=part.select_one("#version")["value"])
    assert (fresh(draft).capacity_max, again.select_one("#kept").get("class")) == (12, ["live"])


def test_an_answer_that_never_arrived_is_no_other_pages_saving(desk, draft):
    """The page goes on with the version that it knows, typing and pressing."""
    page, url = desk.get(address(draft, "time")), address(draft, "time")
    typed(desk, draft, "time", page, weekdays=["0", "2", "4"])
    typed(desk, draft, "time", page, weekdays=["0", "2", "4"], start_time="۸:۳۰", end_time="۱۲:۳۰")
    moved = fresh(draft).end_on
    data = {**held(soup_of(page)), "weekdays": ["0", "2", "4"], "start_time": "۹:۰۰", "end_time": "۱۳:۰۰"}
    assert desk.post(url, data={**data, "do": "save"}).status_code == 303
    assert (fresh(draft).start_time.hour, draft.end_on) == (9, moved)
    assert desk.post(url, data={**data, "page": "another", "do": "save", "start_time": "۱۰:۰۰"}).status_code == 409


def test_typing_moves_the_end_date_on_the_page(desk, draft):
    before = draft.end_on
    part = typed(desk, draft, "time", weekdays=["0", "2", "4"])
    assert jalali.long(before) in part.select_one("#kept").text
    day, month, year = (tag["value"] for tag in part.select("#end input"))
    assert jalali.to_gregorian(*(int(each) for each in (year, month, day))) == fresh(draft).end_on
    assert not typed(desk, draft, "time", start_time="۸:۳۰", end_time="۱۲:۳۰").select("#end")


def test_half_a_date_and_a_colleagues_saving_are_told_without_saving(desk, draft, sign_in, unit):
    part = typed(desk, draft, "time", status=422, **{"start_on-d": "۵", "start_on-m": "", "start_on-y": ""})
    assert "پس از درست شدن" in part.select_one("#kept.warn").text
    assert (part.select("#version"), fresh(draft).version) == ([], draft.version)
    page = desk.get(address(draft, "workshop"))
    put(sign_in(make.user(Role.CLERK, unit)), draft, capacity_max="۱۲")
    part = typed(desk, draft, "workshop", page, 409, capacity_max="۱۰")
    assert "هر دو نوشته" in part.select_one("#kept.warn").text
    assert (part.select("#version"), fresh(draft).capacity_max) == ([], 12)


def test_typing_on_a_course_that_was_sent_says_so_and_changes_nothing(desk, draft):
    page = desk.get(address(draft, "workshop"))
    send(desk, draft)
    assert "فرستادید" in typed(desk, draft, "workshop", page, 409, capacity_max="۹").select_one("#kept.warn").text
    assert fresh(draft).capacity_max == 15


def test_an_hour_of_typing_is_one_line_of_the_history(desk, draft):
    for n in ("۵", "۶", "۷"):
        typed(desk, draft, "workshop", capacity_min=n, capacity_max="۱۴")
    lines = soup_of(desk.get(f"/center/courses/{draft.id}")).select(".timeline > li")
    assert len(lines) == 2
    assert "حداقل ظرفیت را «۷» نوشت" in lines[0].text


# -- What came back ----------------------------------------------------------------


def test_what_the_reviewer_says_at_a_field_stands_at_it_and_is_counted_at_its_part(desk, draft, unit):
    send(desk, draft)
    said = {"capacity_max": "بیش از ۱۲ نفر نشود", "shift": "عصر بهتر است"}
    manager = cases.staff(Role.MANAGER, unit)
    steps.decide(manager, draft.id, courses.Action.RETURN, Said(cases.ANY_REASON, comments=said))
    assert "بیش از ۱۲ نفر نشود" in soup_of(desk.get(address(draft, "workshop"))).select_one("#capacity_max-hint").text
    rows = tasks(soup_of(desk.get(f"/center/courses/{draft.id}/edit")))
    assert ["بررسی‌کننده" in row.text for row in rows.values()] == [False, True, True, False, False, False]


# -- Two people --------------------------------------------------------------------


def test_a_late_save_shows_both_values_and_keeps_the_form(desk, draft, unit, sign_in):
    url = address(draft, "workshop")
    mine = held(soup_of(desk.get(url)))
    put(sign_in(make.user(Role.CLERK, unit)), draft, capacity_max="۱۲", capacity_min="۴")
    answer = desk.post(url, data={**mine, "do": "save", "capacity_max": "۱۰"})
    page = soup_of(answer)
    rows = {row.th.text: [cell.text for cell in row.select("td")][:2] for row in page.select(".alert tbody tr")}
    assert answer.status_code == 409
    assert rows == {"حداکثر ظرفیت": ["۱۲", "۱۰"], "حداقل ظرفیت": ["۴", "۵"]}
    again = held(page)
    assert (again["capacity_max"], again["capacity_min"], again["version"]) == ("۱۰", "۴", str(fresh(draft).version))
    assert desk.post(url, data={**again, "do": "save"}).status_code == 303
    assert (fresh(draft).capacity_max, draft.capacity_min) == (10, 4)


def test_two_people_at_two_parts_of_one_course_both_save(desk, draft, unit, sign_in):
    url = address(draft, "workshop")
    mine = held(soup_of(desk.get(url)))
    put(sign_in(make.user(Role.CLERK, unit)), draft, gender="female")
    assert desk.post(url, data={**mine, "do": "save", "capacity_max": "۱۰"}).status_code == 303
    assert (fresh(draft).capacity_max, draft.gender) == (10, "female")


@pytest.mark.parametrize("do", ["save", "next", "propose"])
def test_a_second_press_is_the_same_saving_and_says_so(desk, draft, do):
    url = address(draft, "time")
    data = {**held(soup_of(desk.get(url))), "do": do, "weekdays": ["0", "2", "4"]}
    answers = [desk.post(url, data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    said = soup_of(desk.get(answers[1].headers["Location"])).select_one("#alerts").text
    assert "چیزی دوباره ذخیره نشد" in said
    assert "پیش‌نویس ذخیره شد" not in said
    assert (fresh(draft).weekdays, db.session.query(CourseEvent).filter_by(action="edit").count()) == (0b10101, 2)


def test_what_was_typed_while_a_colleague_sent_the_course_stays_on_the_page(desk, draft, unit):
    url, colleague = address(draft, "workshop"), cases.staff(Role.CLERK, unit)
    mine = held(soup_of(desk.get(url)))
    cases.advance(colleague, draft.id, courses.Action.SEND)
    answer = desk.post(url, data={**mine, "do": "save", "capacity_max": "۱۰"})
    page = soup_of(answer)
    assert answer.status_code == 409
    assert colleague.name in page.select_one(".alert").text
    assert "در انتظار تأیید مرکز" in page.select_one(".alert").text
    assert page.select_one(f".alert a[href='/center/courses/{draft.id}']")
    assert held(page)["capacity_max"] == "۱۰"
    assert [button["value"] for button in page.select("form[data-draft] .act button[name=do]")] == ["save"]
    assert fresh(draft).capacity_max == 15


# -- Sending -----------------------------------------------------------------------


def test_an_unfinished_course_is_kept_but_not_sent(desk, user):
    course = courses.create(cases.actor(user), make.first(SkillStandard).id, "k")
    answer = send(desk, course)
    page = soup_of(answer)
    assert answer.status_code == 422
    links = [link["href"] for link in page.select(".alert li a")]
    assert {address(course, part) for part in courses.PARTS} == set(links)
    assert (fresh(course).status, "کارگاه را انتخاب کنید" in page.select_one(".alert").text) == (S.DRAFT, True)


def test_a_complete_course_is_sent_to_the_manager_with_its_checklist(desk, draft):
    page = soup_of(desk.get(address(draft, "send")))
    assert "چیزی کم نیست" in page.select_one(".notice.ok").text
    assert send(desk, draft, sign_safety="").status_code == 422
    answer = send(desk, draft)
    assert answer.headers["Location"] == f"/center/courses/{draft.id}"
    assert fresh(draft).status is S.CENTER_REVIEW
    assert "برای مدیر مرکز فرستاده شد" in desk.get(answer.headers["Location"]).text


def test_a_sent_course_has_no_pages_to_write_on(desk, draft):
    send(desk, draft)
    for page in ("", "/time", "/workshop", "/teacher", "/terms", "/send"):
        answer = desk.get(f"/center/courses/{draft.id}/edit{page}")
        assert answer.headers["Location"] == f"/center/courses/{draft.id}"


def test_a_second_press_of_send_leads_to_the_course_and_says_so(desk, draft):
    url = address(draft, "send")
    signed = {f"sign_{name}": "y" for name in courses.CHECKLIST}
    data = {**held(soup_of(desk.get(url))), **signed}
    answers = [desk.post(url, data=data) for _ in range(2)]
    assert [answer.headers["Location"] for answer in answers] == [f"/center/courses/{draft.id}"] * 2
    assert "یک بار فرستاده شده است" in soup_of(desk.get(f"/center/courses/{draft.id}")).select_one("#alerts").text
    assert db.session.query(CourseEvent).filter_by(action="send").count() == 1


def test_a_send_that_is_repeated_after_a_return_sends_nothing(desk, draft, unit):
    url = address(draft, "send")
    data = {**held(soup_of(desk.get(url))), **{f"sign_{name}": "y" for name in courses.CHECKLIST}}
    desk.post(url, data=data)
    manager = cases.staff(Role.MANAGER, unit)
    cases.advance(manager, draft.id, courses.Action.RETURN, reason=cases.ANY_REASON)
    assert desk.post(url, data=data).headers["Location"] == f"/center/courses/{draft.id}"
    assert fresh(draft).status is S.RETURNED


def test_what_a_colleague_changed_since_the_check_is_looked_at_before_it_is_sent(desk, draft, unit, sign_in):
    url = address(draft, "send")
    data = {**held(soup_of(desk.get(url))), **{f"sign_{name}": "y" for name in courses.CHECKLIST}}
    put(sign_in(make.user(Role.CLERK, unit)), draft, capacity_max="۱۲")
    answer = desk.post(url, data=data)
    assert (answer.status_code, fresh(draft).status) == (409, S.DRAFT)
    assert "ویرایش کرد" in soup_of(answer).select_one("#refused").text
    assert "۱۲" in soup_of(answer).select_one("[aria-labelledby=part-workshop]").text
