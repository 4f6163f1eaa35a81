"""The waiting list as a trainee, a clerk and a manager see it: from a full course to the seat, without any script."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import select, update

from models import Course, Enrollment, EnrollmentDraft, Message, Policy, Role, WaitlistEntry, db, utcnow
from services import policy
from services.enrollment import own, reversal
from tests import make
from tests.web import waiting_scenes
from tests.web.reading import errors, filled, main_text, soup_of


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(50_000)


def rich():
    person = make.person()
    make.purse(person, 50_000)
    return person


@pytest.fixture
def full():
    """A course of one seat and the person who has it."""
    course, person = make.course(capacity_max=1), rich()
    own.enroll(person, course.code, str(uuid.uuid4()))
    return course


def freed() -> None:
    row = make.first(Enrollment)
    reversal.withdraw(row.person, row.id)


def test_a_trainee_joins_a_full_course_and_a_second_press_changes_nothing(sign_in, full, client):
    waiting_scenes.joined(full, rich())
    browser, page = sign_in(rich()), f"/trainee/enroll/{full.code}"
    first = browser.get(page)
    assert "اکنون ۱ نفر پیش از شما در انتظارند" in main_text(first)
    assert "نشستن در فهرست انتظار" in main_text(client.get(f"/courses/{full.code}"))
    sent = pressed(first, "button[name=wait_key]")
    for said in ("شما نفر ۲ در فهرست انتظار هستید. با خالی شدن جا", "چیزی دوباره ثبت نشد"):  # and once more by «back»
        assert said in main_text(browser.post(f"{page}/wait", data=sent, follow_redirects=True))
    assert "شما نفر ۲ از ۲ نفر هستید" in main_text(browser.get("/trainee"))


def pressed(answer, button: str) -> dict[str, str]:
    """The form of a page as it is sent by this button."""
    page = soup_of(answer)
    by = page.select_one(button)
    return {**filled(answer), by["name"]: by["value"], "csrf_token": page.select_one("[name=csrf_token]")["value"]}


def test_an_offered_seat_is_given_up_to_the_next_one_who_takes_it_and_strangers_are_told_until_when(
    sign_in, full, client, token
):
    other, me, page = rich(), rich(), f"/trainee/enroll/{full.code}"
    entries = [waiting_scenes.joined(full, each) for each in (other, me)]
    browser, away = sign_in(me), sign_in(other)
    freed()
    assert "برای نوبت بعد نگه داشته شده است" in main_text(client.get(f"/courses/{full.code}"))
    form = {**filled(away.get(page)), "csrf_token": token(browser, page)}
    assert browser.post(page, data=form).status_code == 409
    assert "جا برای شما" in main_text(away.get("/trainee"))
    leave = f"/trainee/waiting/{entries[0].id}/leave"
    assert "به نفر بعد برسد؟" in main_text(away.get(leave))
    away.post(leave, data={"csrf_token": token(away, leave)})
    offered = browser.get(page)
    assert "یک جا برای شما نگه داشته شده است" in main_text(offered)
    done = browser.post(page, data={**filled(offered), "csrf_token": form["csrf_token"]})
    assert done.location.startswith("/slip/")
    db.session.refresh(entries[1])
    assert entries[1].state.value == "taken"


def test_a_clerk_puts_the_person_of_a_draft_into_the_line_and_they_are_told(sign_in, full, token):
    clerk = make.user(Role.CLERK, full.unit)
    desk, code = sign_in(clerk), make.national_code()
    key = str(uuid.uuid4())
    draft = {"user_id": clerk.id, "unit_id": full.unit_id, "course_id": full.id, "debit_source": "trainee"}
    make.save(EnrollmentDraft(key=key, national_code=code, fields={}, **draft))
    page = f"/center/enroll/{key}"
    sent = {**filled(desk.get(page)), "csrf_token": token(desk, page), "mobile": "09131112233"}
    refused = desk.post(page, data=sent)
    assert (refused.status_code, "ظرفیت" in main_text(refused)) == (409, True)
    sent |= {**pressed(refused, "button[value=wait]"), "mobile": "09131112233"}
    assert "این شخص نفر ۱ در فهرست انتظار است" in main_text(desk.post(page, data=sent, follow_redirects=True))
    entry = make.first(WaitlistEntry)
    assert (entry.joined_by_id, entry.person.mobile) == (clerk.id, "09131112233")
    assert make.first(Message, person_id=entry.person_id).template == "waitlist_joined"
    assert "فهرست انتظار ۱ نفر" in main_text(desk.get(f"/center/courses/{full.id}/enrollments"))


def test_the_manager_alone_is_led_to_letting_somebody_ahead_and_the_reason_is_read_in_the_list(sign_in, full, token):
    entries = [waiting_scenes.joined(full, rich()) for _ in range(2)]
    page, ahead = f"/center/courses/{full.id}/waiting", f"/center/waiting/{entries[1].id}/ahead"
    manager, clerk = (sign_in(make.user(role, full.unit)) for role in (Role.MANAGER, Role.CLERK))
    links = [{link["href"] for link in soup_of(each.get(page)).select("main td a")} for each in (manager, clerk)]
    assert [ahead in found for found in links] == [True, False]
    assert clerk.get(ahead).status_code == 403
    data = {"csrf_token": token(manager, ahead)}
    assert manager.post(ahead, data=data).status_code == 422
    done = manager.post(ahead, data={**data, "reason": "معرفی بهزیستی"}, follow_redirects=True)
    assert "جلو افتاد: معرفی بهزیستی" in main_text(done)
    freed()
    assert "جا دارد" in main_text(clerk.get(page))
    assert make.first(WaitlistEntry, id=entries[1].id).state.value == "offered"


def test_at_an_opening_minute_the_pages_show_the_clock_and_open_without_a_script(sign_in, client, monkeypatch):
    opens = utcnow().replace(microsecond=0) + dt.timedelta(seconds=30)
    course, me = make.course(enroll_open_at=opens), rich()
    browser, page = sign_in(me), f"/trainee/enroll/{course.code}"
    public, mine = client.get(f"/courses/{course.code}"), browser.get(page)
    for answer in (public, mine):
        assert "ساعت سامانه اکنون" in main_text(answer)
        assert "باز می‌شود" in main_text(answer)
    assert "بله، ثبت‌نام می‌کنم" not in main_text(mine)
    assert [soup_of(answer).select("meta[http-equiv=refresh], script[src*=clock]") for answer in (public, mine)] == [
        [],
        [],
    ]
    db.session.execute(update(Course).values(enroll_open_at=utcnow() - dt.timedelta(seconds=1)))
    db.session.commit()
    assert soup_of(client.get(f"/courses/{course.code}")).select_one(f"a.primary[href='{page}']")
    assert "بله، ثبت‌نام می‌کنم" in main_text(browser.get(page))
    assert db.session.scalar(select(Enrollment.id)) is None


def test_a_trainee_reads_the_rule_before_withdrawing_and_after_it(sign_in, token):
    course, me = make.course(), rich()
    own.enroll(me, course.code, str(uuid.uuid4()))
    browser, page = sign_in(me), f"/trainee/enrollments/{make.first(Enrollment).id}/withdraw"
    rule = "قاعدهٔ «انصراف پیش از شروع دوره»: ۵۰٬۰۰۰ ریال به همان اعتباری که پرداخت کرده بود"
    asked = browser.get(page)
    assert f"{rule} برمی‌گردد" in main_text(asked)
    make.save(Policy(name="refund_withdraw", scope="*", value=False, valid_from=policy.today()))
    sent = {**filled(asked), "csrf_token": token(browser, page)}
    late = browser.post(page, data=sent)
    assert (late.status_code, "شرط‌ها در این میان تغییر کرد" in main_text(late)) == (409, True)
    done = browser.post(page, data={**filled(late), "csrf_token": sent["csrf_token"]}, follow_redirects=True)
    assert "۵۰٬۰۰۰ ریال به اعتبار برنگشت" in main_text(done)
    assert "از این دوره انصراف داده‌اید" in main_text(done)


def test_a_clerk_ends_an_enrollment_from_the_list_and_reads_the_rules_first(sign_in, full, token):
    waits = waiting_scenes.joined(full, rich())
    clerk = sign_in(make.user(Role.CLERK, full.unit))
    roster = f"/center/courses/{full.id}/enrollments"
    page = soup_of(clerk.get(roster)).select_one("a[href$='/end']")["href"]
    text = main_text(clerk.get(page))
    assert "قاعدهٔ «لغو از سوی مرکز»" in text
    assert "قاعدهٔ «نیامدن به دوره»" in text
    assert errors(clerk.post(page, data={"csrf_token": token(clerk, page)})) == {"cause", "reason"}
    sent = {"csrf_token": token(clerk, page), "reason": "مدرک نداشت", "cause": "no_show"}
    assert errors(clerk.post(page, data=sent)) == {"cause"}  # it has not begun
    done = clerk.post(page, data={**sent, **{"cause": "center"}}, follow_redirects=True)
    assert "به همان اعتباری که پرداخت کرده بود برگشت" in main_text(done)
    assert "لغو مرکز" in main_text(clerk.get(f"{roster}?show=canceled"))
    db.session.refresh(waits)
    assert waits.state.value == "offered"
