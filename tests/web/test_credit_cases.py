"""Pages about misfiled money: what is refused is said where it was written, and who may not decide sees why."""

import pytest
from bs4 import BeautifulSoup

from models import CreditCase, Policy, Role, UnitKind, db
from services import policy
from tests import make, misfiled
from tests.web import credit_scenes, pages


@pytest.fixture
def world():
    return pages.build()


@pytest.fixture
def send(sign_in, token):
    """`send(user or person, path, **fields)`: a post with the right token; answers the response and its page."""

    def _send(who, path, **fields):
        client = sign_in(who)
        page = "/auth/sessions" if hasattr(who, "username") else "/auth/trainee/sessions"
        answer = client.post(path, data={"csrf_token": token(client, page), **fields})
        return answer, BeautifulSoup(answer.data, "html.parser")

    return _send


def errors(soup) -> list[str]:
    return [each["id"].removesuffix("-error") for each in soup.select("p.error")]


def test_what_was_written_wrong_is_said_at_its_field_and_stays(world, send):
    paid = misfiled.payment(make.national_code(), by=world.trainee)
    answer, soup = send(world.trainee, "/trainee/credit/cases/find", number="۷۷۰۰۰۰۹۹", amount=str(paid.amount))
    assert (answer.status_code, errors(soup)) == (422, ["number"])
    unseen, line = make.national_code(), make.first(misfiled.PaymentLine, payment_id=paid.id)
    form = {"receipt": paid.receipt_key, "line": str(line.id), "code": unseen, "reason": "یک رقم اشتباه"}
    asked = {**form, "province": str(world.unit.province_id)}
    answer, soup = send(world.trainee, "/trainee/credit/cases/new", **asked)
    assert (answer.status_code, errors(soup)) == (422, ["code"])
    assert (soup.select_one("[name=code]")["value"], soup.select_one("[name=reason]").text.strip()) == (
        unseen,
        "یک رقم اشتباه",
    )
    assert soup.select_one("[name=known]")["type"] == "checkbox"
    answer, _ = send(world.trainee, "/trainee/credit/cases/new", **asked, known="y")
    assert answer.status_code == 303
    for code in ("1234567890", "12345", "123456789012345"):
        _, soup = send(world.trainee, "/trainee/credit/cases/new", **{**asked, "code": code})
        assert errors(soup) == ["code"]


def test_money_goes_to_the_purse_of_a_unit_where_its_staff_pay_from_that(world, sign_in, send):
    paid = misfiled.payment(make.national_code(), by=world.staff["center"])
    path, line = f"/center/credit/cases/new?receipt={paid.receipt_key}", paid.lines[0].id
    form = {"receipt": paid.receipt_key, "line": str(line), "code": "", "reason": "به کد شخصی رفت", "portal": "y"}
    assert b'name="portal"' not in sign_in(world.staff["center"]).get(path).data
    answer, soup = send(world.staff["center"], "/center/credit/cases/new", **form)
    assert (answer.status_code, errors(soup)) == (422, ["code"])
    make.save(Policy(name="portal_purse", value="unit", valid_from=policy.today()))
    assert b'name="portal"' in sign_in(world.staff["center"]).get(path).data
    assert send(world.staff["center"], "/center/credit/cases/new", **form)[0].status_code == 303
    row = make.first(CreditCase, transfer_id=make.first(misfiled.LedgerTransfer, payment_line_id=line).id)
    assert (row.to_account.owner_kind, row.to_account.owner_code) == ("unit", world.unit.code)


def test_a_receipt_of_somebody_elses_payment_opens_no_form(world, sign_in):
    paid = misfiled.payment(make.national_code(), by=make.person())
    path = f"credit/cases/new?receipt={paid.receipt_key}"
    assert sign_in(world.trainee).get(f"/trainee/{path}").status_code == 403
    assert sign_in(world.staff["center"]).get(f"/center/{path}").status_code == 200
    assert sign_in(make.user(Role.COUNSELOR, world.unit)).get(f"/center/{path}").status_code == 403
    assert sign_in(world.staff["center"]).get("/center/credit/cases/new?receipt=nothing").status_code == 404


def test_a_late_decision_says_who_was_faster_and_a_refusal_wants_its_reason(world, send):
    case = credit_scenes.new(world, "center")
    path, reviewer = f"/province/credit/{case.id}/decide", world.staff["province"]
    answer, soup = send(reviewer, path, version="1", decision="refuse", tab="waiting")
    assert (answer.status_code, errors(soup)) == (422, ["reason"])
    assert [tab.text for tab in soup.select("nav.tabs [aria-current]")][0] == "جابه‌جایی و اصلاح"
    misfiled.decide(misfiled.reviewer(), case.id)
    answer, soup = send(reviewer, path, version="1", decision="refuse", reason="رسید خوانا نیست", tab="waiting")
    assert answer.status_code == 409
    assert "تأیید نخست را داد" in soup.select_one("#refused").text
    assert soup.select_one(f"form[action='{path}'] [name=version]")["value"] == "2"
    assert soup.select_one("[name=reason]").text.strip() == "رسید خوانا نیست"
    assert db.session.get(CreditCase, case.id, populate_existing=True).state == "seconded"


def test_who_does_not_decide_sees_why_and_has_no_form(world, sign_in, send):
    case = credit_scenes.correction(world, credit_scenes.reviewer(world))
    page = sign_in(world.staff["province"]).get(f"/province/credit?case={case.id}").get_data(as_text=True)
    assert "این را خود شما درخواست کرده‌اید" in page
    assert f"/province/credit/{case.id}/decide" not in page
    planner = make.user(Role.PLANNER, make.first(make.Unit, kind=UnitKind.DIRECTORATE))
    for who, path in ((planner, "/province/credit"), (world.staff["hq"], "/hq/credit/cases")):
        html = sign_in(who).get(f"{path}?case={case.id}").get_data(as_text=True)
        assert "اصلاح حساب" in html
        assert not any(each in html for each in ("/decide", "/correction", "/withdraw"))
    answer, _ = send(planner, "/province/credit/correction")
    assert answer.status_code == 403


def test_a_correction_without_a_document_is_not_asked_for(world, send):
    form = {"number": "1", "entry_rials": "100000", "reason": "نامهٔ بانک"}
    answer, soup = send(world.staff["province"], "/province/credit/correction", **form)
    assert (answer.status_code, errors(soup)) == (422, ["file"])
    answer, soup = send(world.staff["province"], "/province/credit/correction")
    assert (answer.status_code, errors(soup)) == (422, ["number", "entry_rials", "reason", "file"])
    assert {each["href"] for each in soup.select(".alert a")} == {"#number", "#entry_rials", "#reason", "#file"}
    assert db.session.query(CreditCase).filter_by(kind="correction").count() == 0


def test_a_missing_receipt_is_named_together_with_what_else_is_missing(world, send):
    paid = misfiled.payment(make.national_code(), by=make.person())
    sent = {"receipt": paid.receipt_key, "line": str(paid.lines[0].id)}
    answer, soup = send(world.staff["center"], "/center/credit/cases/new", **sent)
    assert (answer.status_code, errors(soup)) == (422, ["code", "reason", "file"])
    own = misfiled.payment(make.national_code(), by=world.staff["center"])
    sent = {"receipt": own.receipt_key, "line": str(own.lines[0].id)}
    assert errors(send(world.staff["center"], "/center/credit/cases/new", **sent)[1]) == ["code", "reason"]
