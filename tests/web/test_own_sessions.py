"""Where somebody is signed in: listed with the last use, closed one by one, and no form is lost with a closed one."""

import io

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from models import EnrollmentDraft, Role, TargetGroup, UserSession, db
from tests import make


class Side:
    """Staff or a trainee, with a form of theirs and where the pages about their sign-ins are."""

    def __init__(self, who, place, form, typed, shown):
        self.who, self.place, self.form, self.typed, self.shown = who, place, form, typed, shown


def staff() -> Side:
    unit = make.unit()
    clerk, code = make.user(Role.CLERK, unit), make.national_code()
    return Side(clerk, "/auth", "/center/enroll", {"national_code": code}, code)


def trainee() -> Side:
    make.tariff()
    course, group = make.course(), make.save(TargetGroup(code="nomad", title="عشایر"))
    form = f"/trainee/enroll/{course.code}/group"
    typed = {"target_group": str(group.id), "evidence": "کارت ۱۲۳", "file": (io.BytesIO(b""), "")}
    return Side(make.person(), "/auth/trainee", form, typed, "کارت ۱۲۳")


def soup_of(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def filled(soup) -> dict[str, str]:
    return {tag["name"]: tag["value"] for tag in soup.select("main form:not([action$=drop]) input[type=hidden]")}


@pytest.mark.parametrize("made", [staff, trainee])
def test_a_closed_sign_in_leaves_the_others_alone_and_its_form_comes_back_filled(made, sign_in):
    side = made()
    phone, desk, third = (sign_in(side.who) for _ in range(3))
    form = filled(soup_of(phone.get(side.form))) | side.typed
    sessions = list(db.session.scalars(select(UserSession.id).order_by(UserSession.id)))
    page = soup_of(desk.get(f"{side.place}/sessions"))
    assert page.select_one("main").get_text().count("آخرین بازدید") == 3
    assert page.select_one("main").get_text().count("همین مرورگر") == 1
    url = f"{side.place}/sessions/{sessions[0]}/close"
    assert desk.post(url, data={"csrf_token": filled(page)["csrf_token"]}).status_code == 303
    answer = phone.post(side.form, data=form, content_type="multipart/form-data")
    kept = answer.location.partition("next=")[2]
    assert (answer.status_code, "/held/" in kept) == (303, True)
    assert [browser.get(f"{side.place}/sessions").status_code for browser in (desk, third)] == [200, 200]
    back = soup_of(sign_in(side.who).get(kept))
    said = back.select_one("main").get_text().translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))
    assert side.shown.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")) in said
    assert "پرونده‌ای که پیوست کرده بودید" not in said, "nothing was attached"
    assert back.select_one("main form button.primary").get_text() == "ارسال فرم"
    assert third.post(side.form, data=filled(back)).status_code == 303

    assert len(db.session.scalars(select(EnrollmentDraft)).all()) == 1
