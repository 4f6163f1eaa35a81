"""The pages of licenses: an academy writes and sends, a province decides, everybody may look at what holds."""

import datetime as dt
import io
import re
import uuid

import pytest
from bs4 import BeautifulSoup

from models import (
    CourseStatus,
    License,
    LicenseState,
    Person,
    Role,
    SkillStandard,
    StoredFile,
    UnitKind,
    UserRole,
    db,
    utcnow,
)
from services import jalali, licenses
from tests import attachments, make
from tests import course_cases as cases
from tests import license_cases as held

S = LicenseState


@pytest.fixture
def academy():
    return held.academy()


@pytest.fixture
def client(sign_in, academy):
    return sign_in(make.user(Role.MANAGER, academy))


@pytest.fixture
def province(sign_in):
    return sign_in(make.user(Role.REVIEWER, cases.office()))


@pytest.fixture
def post(token):
    def _post(client, url, **data):
        return client.post(url, data={"csrf_token": token(client, "/auth/sessions"), **data})

    return _post


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def day(name: str, on: dt.date) -> dict[str, int]:
    year, month, number = jalali.parts(on)
    return {f"{name}-d": number, f"{name}-m": month, f"{name}-y": year}


def written(**over) -> dict[str, object]:
    values = {"form_key": "a form", "number": "۱۴۰۵/۲۲", "capacity": "۳۰", "address": "گرگان", "founder_kind": "person"}
    values |= {"founder_code": make.national_code(), "manager_code": make.national_code(), "gender": "mixed"}
    return values | day("issued_on", held.days(-30)) | over


def field_error(answer, name: str) -> str:
    return soup(answer).select_one(f"#{name}-error").get_text()


# -- An academy ---------------------------------------------------------------------


def test_an_academy_writes_its_license_adds_trades_and_a_paper_and_sends_it(client, post):
    made = post(client, "/center/license/new", **written())
    page = made.location
    assert "پیش‌نویس ساخته شد" in client.get(page).get_data(as_text=True)
    standard = make.first(SkillStandard)
    found = client.get(f"{page}/trades?q={standard.title}")
    assert soup(found).select_one(f"button[name=standard][value='{standard.id}']")
    assert post(client, f"{page}/trades", standard=standard.id).status_code == 303
    refused = post(client, f"{page}/send", version=1)
    assert (refused.status_code, "پیوست" in refused.get_data(as_text=True)) == (422, True)
    row = db.session.query(License).one()
    held.paper(cases.actor(db.session.get(make.User, row.entered_by_id)), row)
    for said in ("برای استان فرستاده شد", "پیش‌تر فرستاده شده بود"):
        answer = post(client, f"{page}/send", version=1)
        assert said in client.get(answer.location).get_data(as_text=True)
    assert client.get(f"{page}/edit").status_code == 303, "sent, so it is looked at and not edited"


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(client, post):
    wrong = post(client, "/center/license/new", **written(founder_code="0013542418", number="۱۴۰۵/الف"))
    assert (wrong.status_code, "کد ملی" in field_error(wrong, "founder_code")) == (422, True)
    assert soup(wrong).select_one("[name=number]")["value"] == "۱۴۰۵/الف"
    legal = post(client, "/center/license/new", **written(founder_kind="legal", founder_legal_id="10380284790"))
    assert "نام شخص حقوقی" in field_error(legal, "founder_title")
    late = post(client, "/center/license/new", **written(**day("issued_on", held.days(3))))
    assert "دیرتر" in field_error(late, "issued_on")
    assert db.session.query(License).count() == 0


def test_the_codes_of_its_people_stand_in_the_form_alone(client, post, province):
    data = written()
    page = post(client, "/center/license/new", **data).location
    number = re.search(r"\d+", page)[0]
    row = db.session.get(License, int(number))
    row.state = S.WAITING
    make.save(row)
    for who, url in ((client, page), (province, f"/province/licenses/{number}"), (client, "/center/license")):
        text = who.get(url).get_data(as_text=True)
        assert not {data["founder_code"], data["manager_code"]} & set(re.findall(r"\d{10}", _latin(text)))
    row.state = S.DRAFT
    make.save(row)
    assert soup(client.get(f"{page}/edit")).select_one("[name=manager_code]")["value"]


def test_a_code_typed_into_the_form_brings_out_no_birth_date_and_no_mobile(client, post):
    known = make.person(birth_date=dt.date(1977, 3, 21), mobile="09121112233", mobile_status="matched")
    page = post(client, "/center/license/new", **written(manager_code=known.national_code)).location
    form = soup(client.get(f"{page}/edit"))
    assert [form.select_one(f"[name={n}]").get("value", "") for n in ("manager_birth-y", "manager_mobile")] == ["", ""]
    assert "09121112233" not in _latin(client.get(page).get_data(as_text=True))


def _latin(text: str) -> str:
    return text.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))


def test_a_late_saving_shows_both_values_and_keeps_what_was_written(client, post, academy):
    row = make.license_(academy, state=S.DRAFT)
    code = db.session.get(Person, row.manager_id).national_code
    same = written(number=row.number, manager_code=code, founder_code=code) | day("issued_on", row.issued_on)
    first = post(client, f"/center/license/{row.id}/edit", **same | {"version": 1, "capacity": "۱۲"})
    late = post(client, f"/center/license/{row.id}/edit", **same | {"version": 1, "capacity": "۱۵"})
    assert (first.status_code, late.status_code) == (303, 409)
    assert soup(late).select_one("[name=capacity]")["value"] == "۱۵"
    assert "۱۲" in late.get_data(as_text=True)


def test_a_renewal_begins_with_what_seldom_changes_and_an_open_one_is_not_begun_twice(client, post, academy):
    former = make.license_(academy, make.first(make.TradeField), number="27/5")
    form = soup(client.get("/center/license/new"))
    assert form.select_one("[name=number]")["value"] == "27/5"
    assert form.select_one("[name=issued_on-d]").get("value", "") == ""
    held.draft(held.writer(academy), number=former.number)
    again = post(client, "/center/license/new", **written())
    assert (again.status_code, "همان را کامل کنید" in again.get_data(as_text=True)) == (422, True)


def test_a_paper_is_brought_and_taken_away_only_while_the_license_is_written(client, post, academy):
    row = make.license_(academy, state=S.DRAFT)
    files = {"file": (io.BytesIO(attachments.jpeg()), "پروانه.jpg"), "form_key": str(uuid.uuid4())}
    assert post(client, f"/center/license/{row.id}/files", **files).status_code == 303
    key = db.session.query(StoredFile).one().key
    row.state = S.WAITING
    make.save(row)
    assert post(client, f"/center/license/{row.id}/files/{key}/remove").status_code == 403
    row.state = S.DRAFT
    make.save(row)
    assert post(client, f"/center/license/{row.id}/files/{key}/remove").status_code == 303


def test_a_counselor_of_the_academy_looks_and_a_clerk_of_a_center_is_told_whom_it_is_for(sign_in, post, academy):
    row = make.license_(academy, state=S.DRAFT)
    counselor, clerk = sign_in(make.user(Role.COUNSELOR, academy)), sign_in(make.user())
    assert counselor.get(f"/center/license/{row.id}").status_code == 200
    assert post(counselor, f"/center/license/{row.id}/edit", **written()).status_code == 403
    assert "برای آموزشگاه آزاد است" in clerk.get("/center/license").get_data(as_text=True)
    assert post(clerk, "/center/license/new", **written()).status_code == 403
    assert clerk.get(f"/center/license/{row.id}").status_code == 404


STANDINGS = [
    ({"expires_on": held.days(60)}, "رو به پایان", "۶۰ روز دیگر"),
    ({"expires_on": held.days(0)}, "رو به پایان", "امروز تمام می‌شود"),
    ({"expires_on": held.days(-2)}, "بی‌اعتبار", "تمام شده است"),
    ({"state": S.SUSPENDED, "decision": "راه خروج ندارد"}, "بی‌اعتبار", "راه خروج ندارد"),
]


@pytest.mark.parametrize(("over", "tile", "said"), STANDINGS)
def test_what_ends_and_what_is_over_stands_on_the_first_pages(client, province, academy, over, tile, said):
    make.license_(academy, **over)
    for who, home in ((client, "/center"), (province, "/province")):
        assert tile in soup(who.get(home)).select_one(".tiles").get_text()
    assert said in client.get("/center/license").get_data(as_text=True)


def test_who_has_begun_a_renewal_is_told_how_it_stands_and_not_to_begin_it(client, academy):
    make.license_(academy, expires_on=held.days(20))
    renewal = make.license_(academy, state=S.DRAFT)
    for state, said in ((S.DRAFT, "آن را کامل کنید و بفرستید"), (S.WAITING, "تمدید آن در انتظار استان است")):
        renewal.state = state
        make.save(renewal)
        page = client.get("/center/license").get_data(as_text=True)
        assert (said in page, "همین حالا بنویسید" in page) == (True, False)


def test_a_license_far_from_its_end_makes_no_tile(client, province, academy):
    make.license_(academy, expires_on=held.days(91))
    for who, home in ((client, "/center"), (province, "/province")):
        assert "پروانهٔ" not in soup(who.get(home)).select_one(".tiles").get_text()


# -- A province -----------------------------------------------------------------------


def test_a_reviewer_finds_what_waits_and_decides_with_a_reason(province, client, post, academy):
    row = held.waiting(held.writer(academy))
    assert f"/province/licenses/{row.id}" in province.get("/province/licenses").get_data(as_text=True)
    page = f"/province/licenses/{row.id}"
    said = {"version": row.version, "decision": "reject", "form_key": "a form"}
    assert "دلیل را بنویسید" in field_error(post(province, f"{page}/decide", **said), "reason")
    assert "انتخاب کنید" in post(province, f"{page}/decide", version=1).get_data(as_text=True)
    assert post(province, f"{page}/decide", **said, reason="تصویر خوانا نیست").status_code == 303
    late = post(province, f"{page}/decide", **said | {"decision": "approve"})
    assert (late.status_code, "خود شما" in late.get_data(as_text=True)) == (409, True)
    again = post(province, f"{page}/decide", **said, reason="تصویر خوانا نیست")
    assert "پیش‌تر ثبت شد: خود شما" in province.get(again.location).get_data(as_text=True)
    assert "تصویر خوانا نیست" in client.get(f"/center/license/{row.id}").get_data(as_text=True)


def test_a_planner_looks_and_decides_nothing(sign_in, post, academy):
    row, planner = make.license_(academy), sign_in(make.user(Role.PLANNER, cases.office()))
    page = soup(planner.get(f"/province/licenses/{row.id}"))
    assert not page.select("main form")
    assert post(planner, f"/province/licenses/{row.id}/decide", version=1, decision="revoke").status_code == 403
    assert db.session.get(License, row.id, populate_existing=True).state is S.VALID


def test_a_decision_from_the_queue_goes_on_to_the_next_and_what_is_refused_stays_beside_the_list(province, post):
    rows = [make.license_(make.unit(UnitKind.ACADEMY), state=S.WAITING, sent_at=utcnow()) for _ in range(3)]
    url = "/province/licenses"
    page = soup(province.get(f"{url}?case={rows[0].id}"))
    assert [box["value"] for box in page.select(".queue input")] == [str(row.id) for row in rows]
    sent = {tag["name"]: tag.get("value", "") for tag in page.select("form.decision input[type=hidden]")}
    wrong = post(province, f"{url}/{rows[0].id}/decide", **sent | {"decision": "reject"})
    assert (wrong.status_code, len(soup(wrong).select(".queue li"))) == (422, 3)
    done = post(province, f"{url}/{rows[0].id}/decide", **sent | {"decision": "approve"})
    assert done.location == f"{url}?tab=waiting&case={rows[1].id}"
    again = post(province, f"{url}/{rows[0].id}/decide", **sent | {"decision": "approve"})
    assert again.location == f"{url}?tab=decided&case={rows[0].id}"
    assert "پیش‌تر ثبت شد" in province.get(again.location).get_data(as_text=True)


def test_several_are_looked_at_once_more_and_afterwards_each_says_what_became_of_it(province, post, academy):
    writer = held.writer(academy)
    first, gone = make.license_(make.unit(UnitKind.ACADEMY), state=S.WAITING, sent_at=utcnow()), held.waiting(writer)
    url = f"/province/licenses/together?do=approve&case={first.id}&case={gone.id}"
    form = soup(province.get(url)).select_one("form[action$=together]")
    sent = {tag["name"]: tag.get("value", "") for tag in form.select("input[type=hidden]")}
    sent["case"] = [tag["value"] for tag in form.select("input[name=case]")]
    licenses.recall(writer, gone.id)
    licenses.save(writer, gone.id, 3, held.said(number="99/99"))
    answer = post(province, "/province/licenses/together", **sent)
    page = soup(province.get(answer.location)).main.get_text()
    assert ("۱ پروانه تأیید شد. ۱ پروانه نشد" in page, f"{writer.name}" in page) == (True, True)
    hidden = province.get(f"/province/licenses?case={gone.id}").get_data(as_text=True)
    assert ("پس گرفته است" in hidden, "99/99" in _latin(hidden)) == (True, False)
    assert province.get("/province/licenses/together?do=approve").location == "/province/licenses"


def test_headquarters_reads_the_licenses_of_all_provinces_and_decides_nothing(sign_in, academy):
    far = make.unit(UnitKind.ACADEMY, make.province())
    rows = [make.license_(unit, state=S.WAITING, sent_at=utcnow()) for unit in (academy, far)]
    draft = make.license_(make.unit(UnitKind.ACADEMY), state=S.DRAFT)
    client = sign_in(make.user(Role.REVIEWER, make.unit(UnitKind.HQ)))
    page = soup(client.get("/hq/licenses"))
    assert [link["href"] for link in page.select(".queue a")] == [
        f"/hq/licenses?tab=waiting&case={row.id}" for row in rows
    ]
    assert far.province.title in page.select_one(".queue").get_text()
    whole = soup(client.get(f"/hq/licenses/{rows[1].id}"))
    assert [each.select("main form:not([role=search])") for each in (page, whole)] == [[], []]
    assert client.get(f"/hq/licenses/{draft.id}").status_code == 404


def test_who_wrote_it_is_told_that_a_colleague_decides(sign_in, academy):
    user = make.user(Role.MANAGER, academy)
    row = held.waiting(cases.actor(user))
    make.save(UserRole(user_id=user.id, unit_id=cases.office().id, role=Role.REVIEWER))
    page = soup(sign_in(user).get(f"/province/licenses/{row.id}"))
    assert "با همکار دیگری است" in page.get_text()
    assert not page.select("form[action$=decide]")


def test_a_visit_with_its_report_is_read_by_the_academy(province, client, post, academy):
    row = make.license_(academy)
    said = {"kind": "equipment", "outcome": "conditional", "visitor": "ن. قره", "note": "تهویه درست شود"}
    said |= day("visited_on", held.days(-1)) | {"form_key": str(uuid.uuid4())}
    unsaid = post(province, f"/province/licenses/{row.id}/visits", **said | {"outcome": ""})
    assert "نتیجهٔ بازدید را انتخاب کنید" in field_error(unsaid, "outcome")
    report = {"file": (io.BytesIO(attachments.pdf()), "گزارش.pdf")}
    assert post(province, f"/province/licenses/{row.id}/visits", **said, **report).status_code == 303
    assert post(province, f"/province/licenses/{row.id}/visits", **said).status_code == 303
    attachments.work()
    page = client.get(f"/center/license/{row.id}").get_data(as_text=True)
    assert (page.count("ن. قره"), "گزارش.pdf" in page) == (1, True)
    key = db.session.query(StoredFile).one().key
    assert client.get(f"/files/{key}").status_code == 200
    assert len(licenses.visits(row)) == 1


# -- Everybody ------------------------------------------------------------------------


def test_anybody_sees_what_holds_and_nothing_of_its_people(app, academy):
    make.tariff()
    row = make.license_(academy, make.first(make.TradeField), number="27/9")
    course = make.course(CourseStatus.OPEN, academy)
    page = app.test_client().get(f"/academies/{academy.code}")
    text, manager = page.get_data(as_text=True), db.session.get(Person, row.manager_id)
    assert all(word in text for word in ("۲۷/۹", "معتبر", make.first(make.TradeField).title, course.title))
    assert not any(word in _latin(text) for word in (manager.last_name, manager.national_code))
    assert f"/academies/{academy.code}" in app.test_client().get(f"/courses/{course.code}").get_data(as_text=True)


@pytest.mark.parametrize(("over", "said"), [
    ({"state": S.WAITING}, "پروانهٔ معتبری برای این آموزشگاه ثبت نشده است"),
    ({"state": S.SUSPENDED, "decision": "راه خروج"}, "تعلیق شده"),
    ({"expires_on": held.days(-1)}, "اعتبار تمام شده"),
])  # fmt: skip
def test_anybody_sees_when_it_does_not_hold_and_not_why(app, academy, over, said):
    make.license_(academy, **over)
    text = app.test_client().get(f"/academies/{academy.code}").get_data(as_text=True)
    assert (said in text, "راه خروج" in text, "از اداره کل استان بپرسید" in text) == (True, False, True)


def test_a_center_a_closed_academy_and_an_unknown_code_have_no_such_page(app, academy):
    academy.is_active = False
    make.save(academy)
    for code in (academy.code, make.unit(UnitKind.CENTER).code, "0", "x" * 300):
        assert app.test_client().get(f"/academies/{code}").status_code == 404
