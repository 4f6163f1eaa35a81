"""Self-enrollment beyond the one press: target groups with evidence, and what is begun and gone on with."""

import io

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from models import Enrollment, EnrollmentDraft, Role, StoredFile, TargetGroup, db
from services.access import Visitor
from services.enrollment import resuming
from services.files import Viewer
from tests import attachments, course_cases, make


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


@pytest.fixture
def person():
    return make.person(mobile="09130004567", mobile_status="matched")


@pytest.fixture
def group():
    return make.save(TargetGroup(code="aid", title="مددجویان", is_fee_exempt=True, needs_evidence=True))


def hidden(answer) -> dict[str, str]:
    soup = BeautifulSoup(answer.data, "html.parser")
    return {tag["name"]: tag["value"] for tag in soup.select("main form input[type=hidden]")}


def said(answer) -> str:
    return BeautifulSoup(answer.data, "html.parser").select_one("main").get_text(" ", strip=True)


def belong(client, course, group, evidence="کارت ۱۲۳", *, file=True):
    url = f"/trainee/enroll/{course.code}/group"
    data = {**hidden(client.get(url)), "target_group": group.id if group else "", "evidence": evidence}
    if file:
        data["file"] = (io.BytesIO(attachments.jpeg()), "card.jpg")
    return client.post(url, data=data)


def press(client, course):
    url = f"/trainee/enroll/{course.code}"
    return client.post(url, data=hidden(client.get(url)))


def test_who_belongs_to_an_exempt_group_sends_the_paper_and_pays_nothing(sign_in, person, group):
    course, client = make.course(), sign_in(person)
    assert belong(client, course, group).status_code == 303
    page = said(client.get(f"/trainee/enroll/{course.code}"))
    assert "مددجویان" in page
    assert "چیزی کسر نمی‌شود" in page
    assert press(client, course).status_code == 303
    made = db.session.scalars(select(Enrollment)).one()
    assert (made.target_group_id, made.group_evidence, made.fee_rials) == (group.id, "کارت ۱۲۳", 0)
    assert "مددجویان" in made.fee_reason
    assert resuming.unfinished(person.id) == []
    url, clerk = f"/slip/{made.tracking_code}", make.user(Role.CLERK, course.unit)
    assert ["card.jpg" in said(who.get(url)) for who in (client, sign_in(clerk), sign_in(make.user()))] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("evidence", "file", "why"), [
    ("", True, "نوع و شمارهٔ مدرک را بنویسید"), ("کارت ۱۲۳", False, "پی‌دی‌اف مدرک را هم بفرستید"),
])  # fmt: skip
def test_a_group_without_its_proof_is_refused_and_what_came_is_kept(sign_in, person, group, evidence, file, why):
    course, client = make.course(), sign_in(person)
    answer = belong(client, course, group, evidence, file=file)
    page = said(answer)
    assert answer.status_code == 422
    assert why in page
    assert ("در حال بررسی" in page) is file
    assert "مددجویان" not in said(client.get(f"/trainee/enroll/{course.code}"))
    assert belong(client, course, group, "کارت ۱۲۳", file=not file).status_code == 303


def test_who_enrolls_says_how_far_they_went_to_school_where_the_course_asks(sign_in, person):
    course, client = make.course(min_education="دیپلم"), sign_in(person)
    make.purse(person, 50_000)
    url = f"/trainee/enroll/{course.code}"
    answer = client.get(url)
    assert "این دوره دست‌کم «دیپلم» می‌خواهد" in said(answer)
    refused = client.post(url, data={**hidden(answer), "schooling": "cycle"})
    chosen = BeautifulSoup(refused.data, "html.parser").select_one("select[name=schooling] option[selected]")
    assert (refused.status_code, chosen["value"]) == (422, "cycle")
    assert db.session.get(type(person), person.id, populate_existing=True).schooling is None
    assert client.post(url, data={**hidden(refused), "schooling": "diploma"}).status_code == 303
    known = db.session.get(type(person), person.id, populate_existing=True)
    assert (known.schooling, known.sources["schooling"]["source"]) == ("diploma", "self")
    again = said(client.get(f"/trainee/enroll/{make.course(min_education='دیپلم').code}"))
    assert "می‌خواهد. مرکز مدرک" not in again


@pytest.mark.once
def test_a_group_that_left_use_no_longer_frees_from_the_fee(sign_in, person, group):
    course, client = make.course(), sign_in(person)
    belong(client, course, group)
    form = hidden(client.get(f"/trainee/enroll/{course.code}"))
    group.is_active = False
    db.session.commit()
    answer = client.post(f"/trainee/enroll/{course.code}", data=form)
    assert answer.status_code == 409
    assert "از ۰ ریال به ۵۰٬۰۰۰ ریال رسیده است" in said(answer)
    assert db.session.scalars(select(Enrollment)).all() == []


@pytest.mark.once
def test_two_tabs_with_one_group_form_say_who_was_later(sign_in, person, group):
    course, client = make.course(), sign_in(person)
    url = f"/trainee/enroll/{course.code}/group"
    old = hidden(client.get(url))
    belong(client, course, group)
    answer = client.post(url, data={**old, "target_group": "", "evidence": ""})
    assert answer.status_code == 409
    assert "در جای دیگری تغییر کرده است" in said(answer)
    assert db.session.scalars(select(EnrollmentDraft.target_group_id)).one() == group.id


def test_what_was_begun_is_found_on_another_device_and_can_be_put_aside(sign_in, person, group):
    course = make.course()
    belong(sign_in(person), course, group)
    phone = sign_in(person)
    home = phone.get("/trainee")
    assert "ادامهٔ ثبت‌نام" in said(home)
    draft, its_course = resuming.unfinished(person.id)[0]
    assert its_course.id == course.id
    url = f"/trainee/begun/{draft.key}/drop"
    data = hidden(home)
    phone.post(url, data=data)
    assert "ادامهٔ ثبت‌نام" not in said(phone.get("/trainee"))
    assert db.session.scalars(select(StoredFile.removed_at)).one() is not None


def test_the_way_to_the_bank_is_remembered_as_begun_with_what_was_chosen(sign_in, person):
    course, client = make.course(min_education="دیپلم"), sign_in(person)
    url = f"/trainee/enroll/{course.code}"
    sent = {**hidden(client.get(url)), "schooling": "master"}
    assert client.post(f"{url}/top-up", data=sent).status_code == 303
    begun = [its.code for _, its in resuming.unfinished(person.id)]
    client.post(f"{url}/top-up", data=hidden(client.get(url)))
    assert begun == [its.code for _, its in resuming.unfinished(person.id)] == [course.code]
    page = BeautifulSoup(sign_in(person).get(url).data, "html.parser")
    assert page.select_one("select[name=schooling] option[selected]")["value"] == "master"


def test_nobody_sees_the_paper_but_its_sender_and_the_staff_of_the_course(sign_in, person, group):
    course = make.course()
    belong(sign_in(person), course, group)
    file = db.session.scalars(select(StoredFile)).one()
    own = Viewer((), Visitor(person.id, person.national_code, None, None, None, None))
    other = Viewer((), Visitor(make.person().id, None, None, None, None, None))
    staff, stranger = (Viewer((course_cases.staff(Role.CLERK, unit),)) for unit in (course.unit, make.unit()))
    seen = [resuming._may_see(viewer, file) for viewer in (own, other, staff, stranger)]
    assert seen == [True, False, True, False]
