"""The clerk's desk as a clerk uses it: one draft per person, both purses in sight, repairs in one click."""

import datetime as dt

import pytest
import time_machine
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from models import (
    Account,
    AuditEvent,
    Enrollment,
    EnrollmentDraft,
    Outbox,
    OutsideSystem,
    Person,
    Role,
    TargetGroup,
    db,
    utcnow,
)
from services.enrollment import drafts
from services.text import persian_digits
from tests import make


@pytest.fixture
def clerk():
    make.tariff(50_000)
    return make.user(Role.CLERK)


@pytest.fixture
def desk(clerk, sign_in, token):
    """A signed-in clerk's browser with the two acts of the desk."""
    return Desk(sign_in(clerk), token)


class Desk:
    def __init__(self, client, token):
        self.client, self.token = client, token

    def start(self, code: str, **fields) -> str:
        """Open a draft; gives its address."""
        data = {"national_code": code, "csrf_token": self.token(self.client, "/center/enroll"), **fields}
        answer = self.client.post("/center/enroll", data=data)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def send(self, url: str, **fields):
        """Post the form of a draft as the browser holds it, with some fields changed."""
        data = {**held_fields(self.client.get(url).data), **fields}
        return self.client.post(url, data=data)


def held_fields(page: bytes) -> dict[str, str]:
    form = BeautifulSoup(page, "html.parser").select_one("form#desk")
    values = {tag["name"]: tag.get("value", "") for tag in form.select("input:not([type=radio])[name]")}
    values |= {tag["name"]: tag["value"] for tag in form.select("input[type=radio][checked]")}
    chosen = {tag["name"]: tag.select_one("option[selected]") for tag in form.select("select")}
    return values | {name: option["value"] if option else "" for name, option in chosen.items()}


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_person_without_a_name_is_enrolled_from_the_national_code_alone(desk, clerk):
    course, code = make.course(), make.national_code()
    make.purse(clerk.person, 50_000)
    url = desk.start(code)
    answer = desk.send(url, course=course.id, debit_source="portal_user")
    assert answer.status_code == 303
    person = db.session.scalars(select(Person).where(Person.national_code == code)).one()
    assert (person.full_name, person.identity_status) == (None, "pending")
    page = desk.client.get(answer.headers["Location"]).text
    assert "ثبت‌نام انجام شد" in page
    assert "نام ثبت نشده (در انتظار ثبت احوال)" in page


def test_looking_a_code_up_enrolls_nobody_and_is_written_down(desk):
    make.course()
    desk.start(make.national_code())
    assert (count(Enrollment), count(Person), count(EnrollmentDraft)) == (0, 2, 1)
    assert db.session.scalars(select(AuditEvent.action)).all() == ["person_looked_up"]


def test_a_wrong_code_is_said_and_what_was_typed_stays(desk):
    data = {"national_code": "۰۰۱۳۵۴۲۴۱۸", "csrf_token": desk.token(desk.client, "/center/enroll")}
    answer = desk.client.post("/center/enroll", data=data)
    assert answer.status_code == 422
    assert "این کد ملی درست نیست" in answer.text
    assert "۰۰۱۳۵۴۲۴۱۸" in answer.text


# -- Codes that look made up -------------------------------------------------------

DUMMIES = ("1234567891", "0123456789")


def look_up(desk, code: str, **fields):
    """Press «continue» as the browser holds the form."""
    page = BeautifulSoup(desk.client.get("/center/enroll").data, "html.parser")
    held = {tag["name"]: tag.get("value", "") for tag in page.select("form#start input[name]")}
    return desk.client.post("/center/enroll", data={**held, "national_code": code, **fields})


@pytest.mark.parametrize("code", DUMMIES)
def test_a_code_that_looks_made_up_is_asked_about_and_what_was_typed_stays(desk, code):
    course = make.course()
    answer = look_up(desk, persian_digits(code), course=course.code)
    page = BeautifulSoup(answer.data, "html.parser")
    assert (answer.status_code, count(EnrollmentDraft)) == (422, 0)
    assert page.select_one("[name=national_code]")["value"] == persian_digits(code)
    assert page.select_one("form#start [name=course]")["value"] == course.code
    assert "برای پر کردن جای خالی" in page.select_one("#code_reason-error").get_text()


@pytest.mark.parametrize("code", DUMMIES)
def test_one_more_press_with_a_reason_goes_on_and_the_reason_is_kept(desk, clerk, code):
    first = BeautifulSoup(look_up(desk, code).data, "html.parser")
    held = {tag["name"]: tag.get("value", "") for tag in first.select("form#start input[name]")}
    answer = desk.client.post("/center/enroll", data={**held, "code_reason": "کارت ملی را دیدم"})
    assert answer.status_code == 303
    draft = db.session.scalars(select(EnrollmentDraft)).one()
    assert (draft.national_code, draft.code_reason) == (code, "کارت ملی را دیدم")
    events = db.session.execute(select(AuditEvent.action, AuditEvent.subject_id, AuditEvent.actor_id))
    assert ("made_up_code_confirmed", draft.id, clerk.id) in [tuple(event) for event in events]


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_a_code_that_looks_made_up_does_not_go_on(desk, reason):
    assert look_up(desk, DUMMIES[0], code_reason=reason).status_code == 422
    assert count(EnrollmentDraft) == 0


def test_a_code_that_only_looks_made_up_and_is_confirmed_is_not_asked_about(desk):
    make.person(national_code=DUMMIES[0])
    assert look_up(desk, DUMMIES[0]).status_code == 303
    assert db.session.scalars(select(EnrollmentDraft.code_reason)).one() is None


def test_any_other_code_needs_no_reason_and_keeps_none(desk):
    assert look_up(desk, make.national_code(), code_reason="چیزی").status_code == 303
    assert db.session.scalars(select(EnrollmentDraft.code_reason)).one() is None
    assert "made_up_code_confirmed" not in db.session.scalars(select(AuditEvent.action)).all()


def test_no_debit_source_is_chosen_silently(desk):
    course = make.course()
    url = desk.start(make.national_code())
    assert "debit_source" not in held_fields(desk.client.get(url).data)
    answer = desk.send(url, course=course.id)
    assert answer.status_code == 422
    assert "انتخاب کنید که اعتبار از چه کسی کسر شود" in answer.text


def test_both_balances_stand_beside_the_choice(desk, clerk):
    person = make.person()
    make.purse(clerk.person, 120_000)
    make.purse(person, 70_000)
    page = desk.client.get(desk.start(person.national_code)).text
    assert "۱۲۰٬۰۰۰ ریال" in page
    assert "۷۰٬۰۰۰ ریال" in page
    assert "کافی نیست" not in page


def test_each_choice_says_whose_credit_it_is_by_name_and_national_code(desk, clerk):
    named, unnamed = make.person(), make.national_code()
    for code, whose in ((named.national_code, f"{named.full_name}، "), (unnamed, "")):
        page = BeautifulSoup(desk.client.get(desk.start(code)).data, "html.parser")
        user, trainee = (label.get_text() for label in page.select(".pay label"))
        assert f"شما، {clerk.person.full_name}، کد ملی {persian_digits(clerk.person.national_code)}" in user
        assert f"{whose}کد ملی {persian_digits(code)}" in trainee


@pytest.mark.parametrize(("rich", "chosen", "other"), [
    ("trainee", "portal_user", "trainee"), ("portal_user", "trainee", "portal_user"),
])  # fmt: skip
def test_a_shortage_is_repaired_in_one_click_with_the_form_kept(desk, clerk, rich, chosen, other):
    course, person = make.course(), make.person()
    make.purse(person if rich == "trainee" else clerk.person, 50_000)
    url = desk.start(person.national_code)
    answer = desk.send(url, course=course.id, debit_source=chosen, mobile="09130000001")
    assert answer.status_code == 422
    assert "عدم موجودی کافی" in answer.text
    assert count(Enrollment) == 0
    page = BeautifulSoup(answer.data, "html.parser")
    assert page.select_one("button[name=switch]")["value"] == other
    assert "09130000001" in held_fields(answer.data)["mobile"]
    repaired = desk.client.post(url, data={**held_fields(answer.data), "switch": other})
    assert repaired.status_code == 303
    assert db.session.scalars(select(Enrollment.debit_source)).all() == [other]


def test_when_no_purse_will_do_the_draft_stays(desk):
    course, person = make.course(), make.person()
    url = desk.start(person.national_code)
    answer = desk.send(url, course=course.id, debit_source="trainee")
    assert "هیچ‌یک از دو اعتبار به ۵۰٬۰۰۰ ریال نمی‌رسد" in answer.text
    assert not BeautifulSoup(answer.data, "html.parser").select("button[name=switch]")
    assert db.session.scalars(select(EnrollmentDraft.debit_source)).all() == ["trainee"]


def test_the_same_draft_sent_from_two_tabs_has_one_effect(desk, clerk):
    course, person = make.course(), make.person()
    make.purse(clerk.person, 200_000)
    url = desk.start(person.national_code)
    form = {**held_fields(desk.client.get(url).data), "course": course.id, "debit_source": "portal_user"}
    answers = [desk.client.post(url, data=form) for _ in range(2)]
    assert [answer.headers["Location"] for answer in answers] == [answers[0].headers["Location"]] * 2
    assert count(Enrollment) == 1
    assert db.session.scalar(select(Account.balance).where(Account.owner_code == clerk.person.national_code)) == 150_000


def test_a_stale_tab_is_told_so_and_overwrites_nothing(desk):
    course, person = make.course(), make.person(first_name=None, last_name=None)
    url = desk.start(person.national_code)
    old = held_fields(desk.client.get(url).data)
    desk.send(url, do="draft", last_name="رضایی")
    answer = desk.client.post(url, data={**old, "course": course.id, "last_name": "نوری", "debit_source": "trainee"})
    assert answer.status_code == 409
    assert "این فرم در جای دیگری تغییر کرده است" in answer.text
    assert "رضایی" in answer.text
    assert held_fields(answer.data)["last_name"] == "نوری"
    assert db.session.scalars(select(EnrollmentDraft)).one().fields["last_name"] == "رضایی"


def test_people_interleaved_in_four_browsers_each_get_their_own_course_and_debit(clerk, sign_in, token):
    # The same by forty at once over HTTP: tests/race/test_process_storm.py.
    plan = interleaved(clerk, sign_in, token, people=20)
    assert debits() == {(person.id, course.id, payer.national_code) for person, course, payer in plan}


def interleaved(clerk, sign_in, token, people):
    """Drafts of a clerk's four browsers, all opened before one is sent: whom, where and whose purse was meant."""
    make.purse(clerk.person, people * 50_000)
    rooms = [make.course(capacity_max=20) for _ in range(4)]
    browsers, plan, opened = [Desk(sign_in(clerk), token) for _ in range(4)], [], []
    for n in range(people):
        person, course = make.person(), rooms[n // 4 % 4]
        make.purse(person, 50_000)
        plan.append((person, course, person if n % 3 else clerk.person))
        opened.append((browsers[n % 4], browsers[n % 4].start(person.national_code)))
    for (browser, url), (person, course, payer) in zip(opened, plan, strict=True):
        browser.send(url, course=course.id, debit_source="trainee" if payer is person else "portal_user")
    return plan


def debits():
    """Who was enrolled where and whose purse paid."""
    query = select(Enrollment.person_id, Enrollment.course_id, Account.owner_code)
    return {tuple(row) for row in db.session.execute(query.join(Account, Account.id == Enrollment.payer_account_id))}


def test_control_with_the_draft_kept_for_the_user_the_wrong_people_are_enrolled(clerk, sign_in, token, monkeypatch):
    newest = select(EnrollmentDraft).order_by(EnrollmentDraft.id.desc()).limit(1)
    of_user = newest.where(EnrollmentDraft.user_id == clerk.id)
    monkeypatch.setattr(drafts, "get", lambda _actor, _key: db.session.scalars(of_user).one())
    monkeypatch.setattr(Desk, "send", send_unread)
    plan = interleaved(clerk, sign_in, token, people=8)
    assert not debits() <= {(person.id, course.id, payer.national_code) for person, course, payer in plan}


def send_unread(desk, url, **fields):
    """The form as it was opened, which the page of a draft kept elsewhere would no longer show."""
    data = {"csrf_token": desk.token(desk.client, "/center/enroll"), "version": "1", **fields}
    return desk.client.post(url, data=data)


def test_an_undo_gives_seat_and_credit_back(desk, clerk):
    course, person = make.course(), make.person()
    purse = make.purse(person, 50_000)
    url = desk.start(person.national_code)
    done = desk.send(url, course=course.id, debit_source="trainee").headers["Location"]
    data = {"csrf_token": desk.token(desk.client, done)}
    answer = desk.client.post(f"{url}/undo", data=data, follow_redirects=True)
    assert "ثبت‌نام برگردانده شد" in answer.text
    db.session.rollback()
    db.session.refresh(purse)
    db.session.refresh(course)
    assert (purse.balance, course.taken) == (50_000, 0)


def test_the_slip_leads_its_clerk_to_the_undo_as_long_as_there_is_one(desk, clerk, sign_in):
    course, person = make.course(), make.person()
    make.purse(person, 50_000)
    done = desk.send(desk.start(person.national_code), course=course.id, debit_source="trainee").headers["Location"]
    slip = f"/slip/{db.session.scalars(select(Enrollment.tracking_code)).one()}"
    beside = BeautifulSoup(desk.client.get(desk.start(make.national_code(), course=course.code)).data, "html.parser")
    assert slip in [link["href"] for link in beside.select("aside li a")]
    colleague = make.user(Role.CLERK, clerk.roles[0].unit)
    for viewer in (colleague, person):
        assert "برگرداندن این ثبت‌نام" not in sign_in(viewer).get(slip).text
    link = BeautifulSoup(desk.client.get(slip).data, "html.parser").find("a", string="برگرداندن این ثبت‌نام")
    assert link["href"] == done
    assert f"{done.split('=')[1]}/undo" in desk.client.get(done).text
    with time_machine.travel(utcnow() + dt.timedelta(minutes=11)):
        assert "برگرداندن این ثبت‌نام" not in desk.client.get(slip).text


def test_the_next_person_keeps_course_and_choice_and_the_page_says_so(desk, clerk):
    course = make.course()
    make.purse(clerk.person, 200_000)
    first = desk.start(make.national_code())
    desk.send(first, course=course.id, debit_source="portal_user")
    second = desk.start(make.national_code(), after=first.rsplit("/", 1)[1])
    page = desk.client.get(second)
    assert held_fields(page.data)["course"] == str(course.id)
    assert held_fields(page.data)["debit_source"] == "portal_user"
    assert "انتخاب نفر پیش آورده شده است" in page.text


def test_a_group_that_is_spared_the_fee_is_told_so_and_no_purse_is_asked_for(desk):
    course = make.course()
    free = make.save(TargetGroup(code="relief", title="مددجویان", is_fee_exempt=True))
    url = desk.start(make.national_code())
    desk.send(url, do="draft", course=course.id, target_group=free.id)
    page = desk.client.get(url).text
    assert "مددجویان (معاف از هزینه)" in page
    assert "«مددجویان» از هزینهٔ ثبت‌نام معاف است" in page
    assert "هزینهٔ ثبت‌نام: " not in page
    assert desk.send(url, course=course.id, target_group=free.id).status_code == 303
    assert db.session.scalars(select(Enrollment.fee_reason)).all() == ["گروه هدف: مددجویان"]


def test_an_exemption_from_the_fee_is_not_carried_to_the_next_person(desk, clerk):
    course, carried = make.course(), []
    make.purse(clerk.person, 100_000)
    free = make.save(TargetGroup(code="relief", title="مددجویان", is_fee_exempt=True))
    paying = make.save(TargetGroup(code="rural", title="روستاییان"))
    for group in (free, paying):
        before = desk.start(make.national_code())
        assert desk.send(before, course=course.id, target_group=group.id, debit_source="portal_user").status_code == 303
        after = desk.start(make.national_code(), after=before.rsplit("/", 1)[1])
        carried.append(held_fields(desk.client.get(after).data)["target_group"])
    assert carried == ["", str(paying.id)]


def test_a_draft_of_another_unit_is_not_found_and_the_look_is_written_down(desk, sign_in):
    url = desk.start(make.national_code())
    stranger = sign_in(make.user(Role.CLERK, make.unit()))
    assert stranger.get(url).status_code == 404
    assert "outside_territory" in db.session.scalars(select(AuditEvent.action)).all()


def test_without_the_permission_nobody_is_enrolled(sign_in):
    make.tariff()
    client = sign_in(make.user(Role.CLERK, can_enroll_others=False))
    answer = client.get("/center/enroll")
    assert answer.status_code == 403
    assert "اجازهٔ ثبت‌نام دیگران" in answer.text


def test_a_course_of_another_unit_cannot_be_chosen(desk):
    elsewhere = make.course(unit_=make.unit())
    url = desk.start(make.national_code())
    assert desk.send(url, course=elsewhere.id, debit_source="trainee").status_code == 404
    assert count(Enrollment) == 0


def test_the_clerks_own_mobile_is_refused_for_a_trainee(desk, clerk):
    clerk.person.mobile, clerk.person.mobile_status = "09130000009", "matched"
    db.session.commit()
    course, person = make.course(), make.person()
    make.purse(person, 50_000)
    url = desk.start(person.national_code)
    answer = desk.send(url, course=course.id, debit_source="trainee", mobile="09130000009")
    assert answer.status_code == 422
    assert "شمارهٔ همراه خود شماست" in answer.text


def test_a_typed_birth_date_and_mobile_owe_their_look_ups(desk, clerk):
    course = make.course()
    make.purse(clerk.person, 50_000)
    url = desk.start(make.national_code())
    born = {"birth_date-d": "۹", "birth_date-m": "مهر", "birth_date-y": "۱۳۸۰"}
    assert desk.send(url, course=course.id, debit_source="portal_user", mobile="09130000001", **born).status_code == 303
    assert sorted(db.session.scalars(select(Outbox.topic))) == ["registry", "shahkar", "sms"]


def test_a_birth_date_that_the_registry_did_not_know_is_said_and_may_be_typed_again(desk, clerk):
    course, wrong = make.course(), dt.date(2001, 3, 21)
    make.purse(clerk.person, 50_000)
    person = make.person(first_name=None, last_name=None, identity_note="not_found", birth_date=wrong)
    url = desk.start(person.national_code)
    assert "ثبت احوال شخصی با این کد ملی و تاریخ تولد پیدا نکرد" in desk.client.get(url).text
    born = {"birth_date-d": "۲", "birth_date-m": "فروردین", "birth_date-y": "۱۳۸۰"}
    assert desk.send(url, course=course.id, debit_source="portal_user", **born).status_code == 303
    db.session.refresh(person)
    assert (person.birth_date, person.identity_note) == (dt.date(2001, 3, 22), None)
    assert "registry" in db.session.scalars(select(Outbox.topic)).all()


def test_everything_that_is_missing_is_said_at_once(desk):
    make.course()
    answer = desk.send(desk.start(make.national_code()))
    assert answer.status_code == 422
    summary = BeautifulSoup(answer.data, "html.parser").select("form#desk .notice.bad li")
    assert [line.get_text() for line in summary] == [
        "دوره را انتخاب کنید",
        "انتخاب کنید که اعتبار از چه کسی کسر شود",
    ]


def test_a_saved_draft_is_found_again_from_the_first_page(desk):
    url, seen_only = desk.start(make.national_code()), desk.start(make.national_code())
    assert desk.send(url, do="draft").status_code == 303
    page = desk.client.get("/center/enroll").text
    assert url in page
    assert seen_only not in page


@pytest.fixture
def needy():
    """A target group that frees from the fee against evidence."""
    values = {"is_fee_exempt": True, "needs_evidence": True}
    return make.save(TargetGroup(code="relief", title="مددجویان کمیتهٔ امداد", **values))


def test_evidence_that_is_missing_is_asked_for_and_the_form_keeps_its_values(desk, needy):
    course, person = make.course(), make.person()
    url = desk.start(person.national_code)
    chosen = {"course": str(course.id), "target_group": str(needy.id), "debit_source": "trainee"}
    answer = desk.send(url, mobile="09130000001", **chosen)
    assert answer.status_code == 422
    summary = BeautifulSoup(answer.data, "html.parser").select("form#desk .notice.bad li a")
    assert [(line["href"], line.get_text()) for line in summary] == [
        ("#evidence", "برای «مددجویان کمیتهٔ امداد» نوع و شمارهٔ مدرک را بنویسید")
    ]
    held = held_fields(answer.data)
    assert chosen.items() <= held.items()
    assert held["mobile"] == "09130000001"
    done = desk.client.post(url, data={**held, "evidence": "معرفی‌نامهٔ شمارهٔ ۱۲۳"})
    assert done.status_code == 303
    assert db.session.scalars(select(Enrollment.group_evidence)).all() == ["معرفی‌نامهٔ شمارهٔ ۱۲۳"]


def test_the_slip_shows_the_evidence_to_staff_and_the_person_and_to_nobody_else(desk, needy, client, sign_in):
    course, person = make.course(), make.person()
    chosen = {"course": course.id, "target_group": needy.id, "debit_source": "trainee"}
    desk.send(desk.start(person.national_code), evidence="معرفی‌نامهٔ شمارهٔ ۱۲۳", **chosen)
    slip = f"/slip/{db.session.scalars(select(Enrollment.tracking_code)).one()}"
    assert "معرفی‌نامهٔ شمارهٔ ۱۲۳" in desk.client.get(slip).text
    assert "معرفی‌نامهٔ شمارهٔ ۱۲۳" in sign_in(person).get(slip).text
    assert "معرفی‌نامه" not in client.get(slip).text


def test_evidence_written_in_another_tab_is_told_and_not_overwritten(desk, needy):
    url = desk.start(make.person().national_code)
    old = held_fields(desk.client.get(url).data)
    desk.send(url, do="draft", target_group=needy.id, evidence="کارت شمارهٔ ۹")
    answer = desk.client.post(url, data={**old, "target_group": needy.id, "evidence": "نامهٔ شمارهٔ ۷"})
    assert answer.status_code == 409
    assert "کارت شمارهٔ ۹" in answer.text
    assert held_fields(answer.data)["evidence"] == "نامهٔ شمارهٔ ۷"


def test_without_a_group_that_needs_evidence_nothing_asks_for_it(desk):
    make.save(TargetGroup(code="public", title="عموم", needs_evidence=False))
    assert "evidence" not in held_fields(desk.client.get(desk.start(make.national_code())).data)


def test_the_first_open_question_has_the_focus(desk, clerk):
    known = make.person(birth_date=dt.date(2001, 3, 21))
    for code, name in ((make.national_code(), "first_name"), (known.national_code, "mobile")):
        page = BeautifulSoup(desk.client.get(desk.start(code)).data, "html.parser")
        assert [tag["name"] for tag in page.select("[autofocus]")] == [name]


@pytest.mark.parametrize(("state", "said"), [
    ({"breaker": "open", "failures": 5, "opened_at": utcnow()}, "ثبت احوال اکنون پاسخ نمی‌دهد"),
    ({"failures": 1, "failing_since": utcnow()}, "ثبت احوال اکنون گاهی پاسخ نمی‌دهد"),
    ({"last_ok_at": utcnow()}, ""),
])  # fmt: skip
def test_while_the_registry_is_away_every_page_of_enrolling_says_that_names_come_later(
    desk, app, monkeypatch, sign_in, clerk, state, said
):
    monkeypatch.setitem(app.config, "REGISTRY_MODE", "online")
    make.save(OutsideSystem(code="registry", **state))
    counselor = sign_in(make.user(Role.COUNSELOR, clerk.roles[0].unit))
    pages = [desk.client.get(url) for url in ("/center", "/center/enroll", desk.start(make.national_code()))]
    for page in (*pages, counselor.get("/center")):
        notices = [tag.get_text() for tag in BeautifulSoup(page.data, "html.parser").select("main p.notice.warn")]
        assert [said in notice and "نام‌ها بعداً خودکار کامل می‌شوند" in notice for notice in notices] == [True] * bool(
            said
        )


def test_the_desk_keeps_to_its_number_of_queries(desk, clerk, queries):
    course = make.course()
    make.purse(clerk.person, 50_000)
    url = desk.start(make.person().national_code, course=course.code)
    with queries() as seen:
        desk.client.get(url)
    assert len(seen) <= 12, "\n".join(seen)
    form = {**held_fields(desk.client.get(url).data), "debit_source": "portal_user"}
    with queries() as seen:
        desk.client.post(url, data=form)
    assert len(seen) <= 22, "\n".join(seen)
    slip = f"/slip/{db.session.scalars(select(Enrollment.tracking_code)).one()}"
    with queries() as seen:
        assert "برگرداندن این ثبت‌نام" in desk.client.get(slip).text
    assert len(seen) <= 8, "\n".join(seen)


def test_a_course_that_asks_for_schooling_and_a_prerequisite_has_the_clerk_ask_for_both_once(desk, clerk):
    make.purse(clerk.person, 100_000)
    course = make.course(min_education="دیپلم", standard=make.standard(prerequisite="کارور رایانه"))
    url = desk.start(make.person().national_code)
    answer = desk.send(url, course=course.id, debit_source="portal_user")
    assert (answer.status_code, "شماره‌اش را بنویسید" in answer.text, "از کارآموز بپرسید" in answer.text) == (422, 1, 1)
    form = held_fields(answer.data)
    assert (form["schooling"], form["prerequisite"]) == ("", "")
    form |= {"prerequisite": "گواهی ۱۲۳", "schooling": "cycle"}
    answer = desk.client.post(url, data=form)
    assert (answer.status_code, "تحصیلات کارآموز «سیکل" in answer.text) == (422, True)
    assert (held_fields(answer.data)["schooling"], held_fields(answer.data)["prerequisite"]) == ("cycle", "گواهی ۱۲۳")
    answer = desk.client.post(url, data=held_fields(answer.data) | {"schooling": "bachelor"})
    assert (answer.status_code, db.session.scalars(select(Person.schooling)).all().count("bachelor")) == (303, 1)
    other = desk.start(make.person().national_code, course=course.code)
    assert desk.send(other, prerequisite="گواهی ۲", debit_source="portal_user").status_code == 303


def test_the_desk_says_what_each_rule_found_before_anybody_presses(desk):
    course, person = make.course(age_min=50, gender="female"), make.person(birth_date=dt.date(2001, 3, 21))
    page = BeautifulSoup(desk.client.get(desk.start(person.national_code, course=course.code)).data, "html.parser")
    said = [" ".join(item.get_text(" ").split()) for item in page.select("#desk details[open] li")]
    assert [line.split(":")[0] for line in said] == ["جنسیت", "سن", "دوره‌های هم‌زمان"]
    assert ("نامعلوم" in said[0], "مانع" in said[1], "مدیر مرکز یا استان" in said[1]) == (True, True, True)


# -- Foreigners, and what is asked for ---------------------------------------------


def test_a_foreigner_is_looked_up_by_their_own_code_and_one_code_alone_is_taken(desk):
    both = look_up(desk, make.national_code(), foreign_code="10350829", foreign_kind="passport")
    assert (both.status_code, "نه هر دو را" in both.text) == (422, True)
    unsaid = look_up(desk, "", foreign_code="۱۰۳۵۰۸۲۹")
    page = BeautifulSoup(unsaid.data, "html.parser")
    assert (unsaid.status_code, page.select_one("details").has_attr("open")) == (422, True)
    url = look_up(desk, "", foreign_code="۱۰۳۵۰۸۲۹", foreign_kind="passport").headers["Location"]
    page = BeautifulSoup(desk.client.get(url).data, "html.parser").get_text(" ", strip=True)
    assert "گذرنامه ۱۰۳۵۰۸۲۹" in page
    assert "کد اتباع خارجی ۱۰۳۵۰۸۲۹" in page  # whose purse it is
    assert "تاریخ تولد" not in page


def test_a_birth_date_is_asked_for_where_the_registry_or_the_course_needs_it(desk):
    named = make.person(birth_date=None)
    for code, over, is_asked in ((make.national_code(), {}, True), (named.national_code, {}, False),
                                 (named.national_code, {"age_min": 18}, True)):  # fmt: skip
        url = desk.start(code, course=make.course(**over).code)
        assert ("تاریخ تولد" in desk.client.get(url).text) is is_asked
