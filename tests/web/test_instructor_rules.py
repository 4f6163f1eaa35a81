"""Who may teach a standard, as HQ writes it: ways beside the printed text, with late savings seen and history kept."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from models import AuditEvent, CourseStatus, Degree, InstructorRule, Role, TradeField, UnitKind, db
from services.instructors import rules
from tests import fit_cases as files
from tests import make

WAY = {"min_degree": "bachelor", "study_fields": "مكانیک،  مواد", "experience_years": "۲", "needs_card": "y"}


@pytest.fixture
def desk(sign_in):
    return sign_in(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))


@pytest.fixture
def standard():
    return make.standard(instructor_requirement="کارشناسی مکانیک با دو سال سابقه")


def soup_of(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def url_of(standard) -> str:
    return f"/hq/standards/{standard.id}/instructors"


def form_of(answer) -> dict[str, str]:
    """The form of a way as a person has it before them."""
    form = soup_of(answer).select_one("form#way")
    found = {field["name"]: field.get("value", "") for field in form.select("input") if field.get("type") != "checkbox"}
    found |= {field["name"]: "y" for field in form.select("[type=checkbox][checked]")}
    return found | {each["name"]: (each.select_one("option[selected]") or {"value": ""})["value"]
                    for each in form.select("select")}  # fmt: skip


def stored(standard) -> list[list[str]]:
    db.session.rollback()
    db.session.expire_all()
    return [rules.said(way) for way in rules.of_standard(standard.id)]


def test_a_way_is_written_beside_the_printed_text_changed_and_taken_away(desk, standard):
    url = url_of(standard)
    page = desk.get(url)
    assert "کارشناسی مکانیک با دو سال سابقه" in soup_of(page).aside.text
    for _ in range(2):  # the second press finds the first
        assert desk.post(url, data=form_of(page) | WAY).status_code == 303
    said = ["کارشناسی یا بالاتر در مکانیک یا مواد", "۲ سال سابقهٔ تدریس یا کار در رشته", "کارت مربیگری معتبر"]
    assert stored(standard) == [said]
    assert all(part in desk.get(f"/hq/standards/{standard.id}").text for part in said)
    number = db.session.scalar(select(InstructorRule.id))
    opened = form_of(desk.get(f"{url}?edit={number}"))
    change = opened | {"experience_years": "", "retraining_hours": "40", "retraining_years": "2"}
    assert desk.post(url, data=change).status_code == 303
    assert stored(standard)[0][1] == "۴۰ ساعت بازآموزی در ۲ سال گذشته"
    assert desk.post(f"{url}/{number}/remove", data=opened).status_code == 409
    now = form_of(desk.get(f"{url}?edit={number}"))
    for _ in range(2):
        assert desk.post(f"{url}/{number}/remove", data=now).status_code == 303
    assert stored(standard) == []
    actions = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["rule.add", "rule.change", "rule.remove"]
    history = soup_of(desk.get(f"/hq/standards/{standard.id}")).select_one(".timeline").text
    assert "راهی از شرایط مربی را تغییر داد" in history
    assert f"پیش از آن: {'؛ '.join(said)}" in history


@pytest.fixture
def taught(standard):
    """Three who teach the field of the standard and have courses: one with a degree, one without, one with a ruling."""
    unit, field = make.unit(), db.session.get_one(TradeField, standard.field_id)
    fits, lacks, ruled = (make.instructor(unit, field) for _ in range(3))
    make.education(fits, degree=Degree.MASTER, study_field="مکانیک")
    files.ruling(ruled, standard)
    course = {"standard": standard}
    make.course(CourseStatus.RUNNING, unit, instructor_id=fits.id, title="دورهٔ یکم", **course)
    make.course(CourseStatus.RUNNING, unit, instructor_id=ruled.id, title="دورهٔ دوم", **course)
    make.course(CourseStatus.FINISHED, unit, instructor_id=lacks.id, title="دورهٔ تمام", **course)
    return make.course(CourseStatus.PROVINCE_REVIEW, unit, instructor_id=lacks.id, title="دورهٔ سوم", **course)


def effect_of(answer) -> tuple[list[list[str]], str]:
    page = soup_of(answer).select_one("#effect")
    return [[cell.text for cell in line.select("td")] for line in page.select("tbody tr")], page.text


def test_what_a_way_would_do_is_seen_before_it_is_saved_and_a_loss_is_said_twice(desk, standard, taught):
    url = url_of(standard)
    way = form_of(desk.get(url)) | {"min_degree": "bachelor", "study_fields": "مکانیک"}
    looked = desk.post(url, data=way | {"look": "1"})
    assert (looked.status_code, stored(standard)) == (200, [])
    counts, said = effect_of(looked)
    assert counts == [["۳", "۱"], ["۰", "۱"], ["۰", "۱"]]
    assert "۱ دوره که مربی واجد شرایط دارد" in said
    assert ["دورهٔ سوم" in said, "دورهٔ یکم" in said, "دورهٔ دوم" in said, "دورهٔ تمام" in said] == [
        True,
        False,
        False,
        False,
    ]
    assert "کارشناسی یا بالاتر در مکانیک تأیید نشده است" in said
    refused = desk.post(url, data=way)
    assert (refused.status_code, stored(standard)) == (422, [])
    again = form_of(refused)
    assert (again["min_degree"], again["meant"]) == ("bachelor", "1")
    assert desk.post(url, data=again).status_code == 303
    assert len(stored(standard)) == 1


def test_taking_a_way_away_that_a_course_stands_on_is_said_twice(desk, standard, taught):
    url = url_of(standard)
    wide, narrow = files.rule(standard, min_degree=Degree.BACHELOR), files.rule(standard, min_degree=Degree.DOCTORATE)
    mark = {way.id: rules.mark(rules.values_of(way)) for way in (wide, narrow)}
    token = {"csrf_token": form_of(desk.get(url))["csrf_token"]}
    asked = desk.post(f"{url}/{wide.id}/remove", data=token | {"seen": mark[wide.id]})
    assert (asked.status_code, len(stored(standard))) == (422, 2)
    assert "دورهٔ یکم" in effect_of(asked)[1]
    form = next(each for each in soup_of(asked).select("#effect form"))
    meant = {field["name"]: field["value"] for field in form.select("input")}
    assert desk.post(form["action"], data=meant).status_code == 303
    assert desk.post(f"{url}/{narrow.id}/remove", data=token | {"seen": mark[narrow.id]}).status_code == 303
    assert stored(standard) == []


def test_a_late_saving_keeps_what_both_have_touched_and_saves_on_the_second_press(desk, standard):
    url, row = url_of(standard), files.rule(standard)
    mine = theirs = form_of(desk.get(f"{url}?edit={row.id}"))
    assert desk.post(url, data=theirs | {"min_degree": "master"}).status_code == 303
    late = desk.post(url, data=mine | {"experience_years": "۵"})
    assert late.status_code == 409
    assert "کارشناسی ارشد یا بالاتر" in soup_of(late).select_one("#way .notice").text
    again = form_of(late)
    assert (again["min_degree"], again["experience_years"]) == ("master", "۵")
    assert desk.post(url, data=again).status_code == 303
    assert stored(standard)[0][:2] == ["کارشناسی ارشد یا بالاتر در مکانیک یا مواد", "۵ سال سابقهٔ تدریس یا کار در رشته"]


@pytest.mark.parametrize(("over", "field"), [
    ({"min_degree": "", "study_fields": "", "experience_years": "", "needs_card": ""}, "min_degree"),
    ({"experience_years": "41"}, "experience_years"), ({"experience_years": "دو"}, "experience_years"),
    ({"retraining_hours": "20"}, "retraining_years"), ({"retraining_hours": "2001"}, "retraining_hours"),
    ({"study_fields": "ب" * 501}, "study_fields"),
])  # fmt: skip
def test_a_way_that_cannot_stand_comes_back_with_what_was_written(desk, standard, over, field):
    url = url_of(standard)
    answer = desk.post(url, data={k: v for k, v in (form_of(desk.get(url)) | WAY | over).items() if v})
    assert answer.status_code == 422
    assert soup_of(answer).select_one(f"#{field}-error")
    assert stored(standard) == []


def test_a_form_whose_hidden_part_was_tampered_with_saves_nothing(desk, standard):
    url, row = url_of(standard), files.rule(standard)
    opened = form_of(desk.get(f"{url}?edit={row.id}"))
    for seen in ("", "|||||", "wizard||1|2|3|True|True", "bachelor|مکانیک|1|x|3|True|True"):
        assert desk.post(url, data=opened | {"seen": seen, "min_degree": "doctorate"}).status_code == 409
        assert desk.post(f"{url}/{row.id}/remove", data=opened | {"seen": seen}).status_code == 409
    assert stored(standard) == [["کارشناسی یا بالاتر در مکانیک یا مواد"]]


def test_who_only_looks_at_the_catalog_changes_no_rule(sign_in, standard):
    row = files.rule(standard)
    looker = sign_in(make.user(Role.DIRECTOR, make.unit(UnitKind.HQ)))
    page = soup_of(looker.get(url_of(standard)))
    assert "کارشناسی یا بالاتر" in page.text
    assert not page.select("main form")
    token = {"csrf_token": soup_of(looker.get("/auth/sessions")).select_one("[name=csrf_token]")["value"]}
    for url in (url_of(standard), f"{url_of(standard)}/{row.id}/remove"):
        assert looker.post(url, data=token | WAY).status_code == 403
    assert len(stored(standard)) == 1
