"""The queue of rows of instructors' files over the browser: at the center, then at the province, one or several."""

import pytest
from bs4 import BeautifulSoup

from models import Degree, InstructorRecord, RecordState, Role, UnitKind, db
from services.instructors import records, verifying, wording
from services.instructors.values import EducationValues
from tests import course_cases as cases
from tests import make
from tests.instructor_cases import AT_PROVINCE, key, paper, staff, waiting
from tests.strict import squeeze

CENTER, PROVINCE = "/center/instructors/queue", "/province/instructors/queue"


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def teacher(center):
    return make.instructor(center)


@pytest.fixture
def people(center):
    return staff(center)


@pytest.fixture
def manager(center):
    return make.user(Role.MANAGER, center)


@pytest.fixture
def desk(sign_in, manager):
    return sign_in(manager)


@pytest.fixture
def office(sign_in, people):
    """The browser of a second reviewer of the province."""
    return sign_in(make.user(Role.REVIEWER, db.session.get_one(make.Unit, people[2].units[0])))


def soup_of(client, url):
    return BeautifulSoup(client.get(url).data, "html.parser")


def fields(soup, action: str) -> dict[str, list[str]]:
    """What the form to `action` sends by itself."""
    tags = soup.select_one(f"form[action='{action}']").select("input[type=hidden]")
    return {tag["name"]: [each.get("value", "") for each in tags if each["name"] == tag["name"]] for tag in tags}


def words(answer) -> str:
    return squeeze(BeautifulSoup(answer.data, "html.parser").main.text)


def state(row) -> RecordState:
    return db.session.get_one(InstructorRecord, row.id, populate_existing=True).state


def test_a_row_goes_through_both_queues_and_a_second_press_says_what_the_first_did(desk, office, people, teacher):
    clerk, *_ = people
    first, second = (waiting(teacher, clerk) for _ in range(2))
    assert "منتظر ۲" in soup_of(desk, CENTER).select(".tabs")[-1].text
    action = f"{CENTER}/{first.id}/decide"
    sent = fields(soup_of(desk, CENTER), action) | {"decision": "approve"}
    done, again = (desk.post(action, data=sent) for _ in range(2))
    assert done.location == f"{CENTER}?case={second.id}"
    assert again.location == f"{CENTER}?tab=decided&case={first.id}"
    assert "پیش‌تر ثبت شد: خود شما" in words(desk.get(again.location))
    there = f"{PROVINCE}/{first.id}/decide"
    answer = office.post(there, data=fields(soup_of(office, PROVINCE), there) | {"decision": "approve"})
    assert (answer.location, state(first)) == (PROVINCE, RecordState.VERIFIED)
    assert "تأییدشده" in soup_of(desk, f"{CENTER}?tab=decided").select_one(".queue li").text


def test_a_rejection_needs_a_reason_which_the_author_reads_and_the_form_keeps_what_was_chosen(
    desk, sign_in, center, people, teacher
):
    row = waiting(teacher, people[0])
    action = f"{CENTER}/{row.id}/decide"
    sent = fields(soup_of(desk, CENTER), action) | {"decision": "reject"}
    refused = desk.post(action, data=sent)
    page = BeautifulSoup(refused.data, "html.parser")
    assert (refused.status_code, state(row)) == (422, RecordState.AT_CENTER)
    assert page.select_one("input[value=reject]").has_attr("checked")
    assert page.select_one("#reason-error")
    assert desk.post(action, data=sent | {"decision": "هیچ"}).status_code == 422
    assert desk.post(action, data=sent | {"reason": "مهر ندارد <b>"}).status_code == 303
    clerk = sign_in(make.user(Role.CLERK, center))
    assert "مهر ندارد <b>" in words(clerk.get(f"/center/instructors/records/{row.id}"))


def test_a_late_decision_names_who_was_faster_and_keeps_what_was_typed(office, people, teacher):
    row = waiting(teacher, people[0], AT_PROVINCE)
    action = f"{PROVINCE}/{row.id}/decide"
    sent = fields(soup_of(office, PROVINCE), action) | {"decision": "reject", "reason": "کپی <b>است</b>"}
    verifying.decide(people[2], "a form", key(row), approve=True, reason="")
    late = office.post(action, data=sent)
    assert late.status_code == 409
    assert f"{people[2].name} " in words(late)
    assert "این ردیف را تأیید کرد. تصمیم شما ثبت نشد." in words(late)
    assert "نوشتهٔ شما: «کپی <b>است</b>»" in words(late)


def test_a_row_that_was_corrected_is_shown_again_and_one_being_corrected_shows_nothing_of_itself(desk, people, teacher):
    clerk = people[0]
    row = waiting(teacher, clerk)
    action = f"{CENTER}/{row.id}/decide"
    sent = fields(soup_of(desk, CENTER), action) | {"decision": "approve"}
    records.withdraw(clerk, row.id)
    new = EducationValues(Degree.MASTER, "حقوق خصوصی", row.graduated_on)
    records.save(clerk, row.id, key(row).version, new)
    late = desk.post(action, data=sent)
    assert late.status_code == 409
    assert ("برای اصلاح باز کرد" in words(late), "حقوق خصوصی" in words(late)) == (True, False)
    assert "حقوق خصوصی" not in words(desk.get(f"{CENTER}/together?do=approve&case={row.id}"))
    records.send(clerk, row.id)
    late = desk.post(action, data=sent)
    assert ("دوباره ببینید" in words(late), "حقوق خصوصی" in words(late)) == (True, True)
    again = fields(BeautifulSoup(late.data, "html.parser"), action) | {"decision": "approve"}
    assert desk.post(action, data=again).status_code == 303
    assert state(row) is RecordState.AT_PROVINCE


def test_a_change_shows_before_and_after_and_its_paper(desk, people, teacher):
    clerk = people[0]
    former = make.education(teacher, degree=Degree.DIPLOMA)
    made = records.change(clerk, "change", former.id, EducationValues(Degree.BACHELOR, "برق", former.graduated_on))
    row = db.session.get_one(InstructorRecord, made.id)
    file = paper(row, clerk)
    records.send(clerk, row.id)
    pane = soup_of(desk, CENTER).select_one("#case")
    assert [squeeze(cell.text) for cell in pane.select("tbody tr")[0].select("td")] == ["مدرک", "دیپلم", "کارشناسی"]
    assert pane.select_one(f"a[href='/files/{file.key}'] img")


def test_several_are_looked_at_once_more_and_afterwards_each_says_what_became_of_it(desk, people, teacher):
    clerk, colleague, _ = people
    first, second, third = rows = [waiting(teacher, clerk) for _ in range(3)]
    boxes = [box["value"] for box in soup_of(desk, CENTER).select(".queue input")]
    assert boxes == [str(row.id) for row in rows]
    url = f"{CENTER}/together?do=approve&" + "&".join(f"case={each}" for each in boxes)
    sent = fields(soup_of(desk, url), f"{CENTER}/together")
    assert sent["case"] == [f"{row.id}-1" for row in rows]
    verifying.decide(colleague, "a form", key(second), approve=False, reason="خوانا نیست")
    records.withdraw(clerk, third.id)
    records.save(clerk, third.id, key(third).version, EducationValues(Degree.MASTER, "برق", third.graduated_on))
    records.send(clerk, third.id)
    answer = desk.post(f"{CENTER}/together", data=sent)
    page = words(answer)
    assert answer.status_code == 422  # one of them still waits, and its row says why it was not decided
    assert "۱ ردیف تأیید شد. ۲ ردیف نشد" in page
    assert len(BeautifulSoup(answer.text, "html.parser").select("form tbody .bad")) == 1
    assert f"{colleague.name}" in page
    assert [state(row) for row in rows] == [RecordState.AT_PROVINCE, RecordState.REJECTED, RecordState.AT_CENTER]
    again = desk.post(f"{CENTER}/together", data=sent | {"case": [f"{first.id}-1"]})
    assert "پیش‌تر ثبت شد" in words(desk.get(again.location))


def test_several_are_rejected_for_one_reason_and_nothing_is_done_without_a_choice(office, people, teacher):
    rows = [waiting(teacher, people[0], AT_PROVINCE) for _ in range(2)]
    url = f"{PROVINCE}/together?do=reject&case={rows[0].id}&case={rows[1].id}"
    sent = fields(soup_of(office, url), f"{PROVINCE}/together")
    refused = office.post(f"{PROVINCE}/together", data=sent)
    assert (refused.status_code, state(rows[0])) == (422, RecordState.AT_PROVINCE)
    office.post(f"{PROVINCE}/together", data=sent | {"reason": "مهر ندارد"})
    assert [state(row) for row in rows] == [RecordState.REJECTED] * 2
    for odd in ("", "?do=approve", "?do=x&case=1", "?do=approve&case=x"):
        assert office.get(f"{PROVINCE}/together{odd}").location == PROVINCE
    assert office.post(f"{PROVINCE}/together", data=sent | {"case": []}).location == PROVINCE
    assert office.get(f"{PROVINCE}/together?do=approve&case=999999").status_code == 404


def test_who_looks_only_or_has_written_a_row_chooses_and_decides_nothing(sign_in, center, people, manager, teacher):
    clerk, _, reviewer = people
    waiting(teacher, clerk)
    mine = waiting(teacher, cases.actor(manager))
    records.step(cases.actor(manager), mine.id, "entered")
    db.session.commit()
    page = soup_of(sign_in(manager), f"{CENTER}?case={mine.id}")
    assert [box.has_attr("disabled") for box in page.select(".queue input")] == [False, True]
    assert (page.select_one("form.decision"), "همکار دیگری" in page.select_one("#case").text) == (None, True)
    waiting(teacher, clerk, AT_PROVINCE)
    planner = make.user(Role.PLANNER, make.unit(UnitKind.DIRECTORATE, center.province))
    for who, url in ((make.user(Role.CLERK, center), CENTER), (planner, PROVINCE)):
        client = sign_in(who)
        page = soup_of(client, url)
        assert (page.select(".queue input"), page.select("form.decision")) == ([], [])
        assert client.get(f"{url}/together?do=approve&case={mine.id}").status_code == 403
    assert sign_in(make.user(Role.COUNSELOR, center)).get(CENTER).status_code == 403
    assert reviewer


@pytest.mark.once
def test_the_pane_alone_answers_htmx_and_pages_follow_each_other(desk, people, teacher):
    rows = [waiting(teacher, people[0]) for _ in range(27)]
    page = soup_of(desk, CENTER)
    link = page.select(".queue a")[0]
    pane = desk.get(link["hx-get"], headers={"HX-Request": "true"})
    soup = BeautifulSoup(pane.data, "html.parser")
    assert (bool(soup.select_one("#case form.decision")), soup.select_one("html")) == (True, None)
    assert soup.select_one("[data-key=KeyJ]")["href"] == f"{CENTER}?tab=waiting&case={rows[1].id}"
    assert soup.select_one("label[data-key=KeyX]")["for"] == f"case-{rows[0].id}"
    assert desk.get(link["hx-get"]).location == f"{CENTER}?tab=waiting&case={rows[0].id}"
    assert "منتظر ۲۷" in page.select(".tabs")[-1].text
    rest = soup_of(desk, page.select_one("a[rel=next]")["href"])
    assert [len(each.select(".queue li")) for each in (page, rest)] == [25, 2]
    for odd in ("9" * 18 + "_1", "1_x", "x_1", "_"):
        assert desk.get(f"{CENTER}?tab=decided&after={odd}").status_code == 200
    assert wording.title(rows[0]) in page.select_one(".queue li").text


@pytest.mark.once
def test_homes_tell_those_who_verify_how_much_waits_and_nobody_else(sign_in, center, people, teacher, desk, office):
    for state in ("at_center", "at_center", AT_PROVINCE):
        waiting(teacher, people[0], state)
    for client, home, many in ((desk, "/center", "۲"), (office, "/province", "۱")):
        tile = soup_of(client, home).select_one(f"a[href='{home}/instructors/queue']")
        assert many in tile.text
    clerk = sign_in(make.user(Role.CLERK, center))
    page = clerk.get("/center")
    assert (page.status_code, "/center/instructors/queue" in page.text) == (200, False)
