"""«افزایش اعتبار» up to the bank, as strangers, trainees and staff meet it."""

import pytest
from bs4 import BeautifulSoup

from gateways.banks.base import Redirect
from gateways.errors import Temporary
from models import AuditEvent, Basket, Payment, PaymentState, Role, db
from services.payments import starting
from services.text import persian_digits
from tests import make
from tests.fakes import Bank, banking


@pytest.fixture(autouse=True)
def banks():
    make.tariff(50_000)
    both = {"sadad": Bank("sadad"), "sep": Bank("sep")}
    with banking(*both.values()):
        yield both


def words(answer) -> str:
    return " ".join(BeautifulSoup(answer.data, "html.parser").get_text(" ").split())


def fields(client, url: str, end: str = "/go") -> dict[str, str]:
    """What a browser sends of the form of a page that goes to this address."""
    form = BeautifulSoup(client.get(url).data, "html.parser").select_one(f"form[action$='{end}']")
    held = {tag["name"]: tag.get("value", "") for tag in form.select("input:not([type=radio],[type=checkbox])")}
    return held | {tag["name"]: tag["value"] for tag in form.select("input[type=radio][checked]")}


@pytest.fixture
def begin(token):
    """`begin(client, code)` types a code and a sum at /pay, or a list of codes at /pay/list; gives the answer."""

    def _begin(client, code: str, page: str = "/pay", **over):
        name = "codes" if page == "/pay/list" else "national_code"
        data = {name: code, "amount": "50000", "other": "", "csrf_token": token(client, page), **over}
        return client.post(page, data=data)

    return _begin


# -- Strangers ---------------------------------------------------------------------


def test_a_stranger_sees_whose_purse_it_is_only_by_letters_and_goes_to_the_bank(client, begin):
    person = make.person(first_name="مریم", last_name="نوروزی")
    answer = begin(client, persian_digits(person.national_code), other="۱۲۰٬۰۰۰")
    page = words(client.get(answer.location))
    code = person.national_code
    assert persian_digits(f"{code[:3]} {code[3:6]} {code[6:]}") in page
    assert "م*** ن***" in page
    assert person.last_name not in page
    assert "۱۲۰٬۰۰۰ ریال ۱۲٬۰۰۰ تومان صد و بیست هزار ریال، دوازده هزار تومان" in page
    sent = fields(client, answer.location) | {"bank": "sep"}
    first, again = (client.post(f"{answer.location}/go", data=sent) for _ in range(2))
    assert first.location == again.location
    assert first.location.startswith("https://bank.example/pay?token=sep-")
    assert code not in answer.location + first.location
    [payment] = db.session.query(Payment)
    assert (payment.amount, payment.user_id, payment.person_id) == (120_000, None, None)
    back = client.get(answer.location)
    assert f"/pay/receipt/{payment.receipt_key}" in back.text
    assert "دوباره نپردازید" in words(back)


def test_a_code_that_nobody_has_is_said_and_needs_a_tick(client, begin):
    url = begin(client, make.national_code()).location
    assert "شخص ناشناخته – هنوز در سامانه ثبت نشده" in words(client.get(url))
    sent = fields(client, url)
    answer = client.post(f"{url}/go", data=sent)
    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 422
    assert page.select_one(".alert a[href='#tick-0']")
    assert page.select_one("#tick-0")["aria-invalid"] == "true"
    assert client.post(f"{url}/go", data=sent | {"tick-0": "y"}).location.startswith("https://bank.example")


def test_all_codes_without_a_tick_are_named_at_once_and_the_ticks_that_were_set_stay(client, begin):
    url = begin(client, " ".join(make.national_code() for _ in range(4)), "/pay/list").location
    answer = client.post(f"{url}/go", data=fields(client, url) | {"tick-1": "y"})
    page = BeautifulSoup(answer.data, "html.parser")
    assert [each["href"] for each in page.select(".alert a")] == ["#tick-0", "#tick-2", "#tick-3"]
    assert [tag["id"] for tag in page.select("[id^=tick-][checked]")] == ["tick-1"]
    assert len({each.text for each in page.select(".alert a")}) == 3


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"national_code": "۰۰۱۳۵۴۲۴۱۸"}, "این کد ملی درست نیست"),
        ({"national_code": "001354241"}, "۹ رقم نوشته‌اید"),
        ({"national_code": ""}, "کد ملی را بنویسید"),
        ({"national_code": "", "foreign_code": "123"}, "۸ تا ۱۲ رقم"),
        ({"foreign_code": "12345678"}, "نه هر دو را"),
        ({"other": "5000"}, "یک صفر به آن بیفزایید"),
        ({"other": "۵ هزار تومان"}, "هر تومان ۱۰ ریال است"),
        ({"national_code": "1234567891"}, "روی چه مدرکی دیده‌اید"),
        ({"amount": "x"}, "فهرست"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, begin, sent, said):
    answer = begin(client, "0010350829", **sent)
    page = BeautifulSoup(answer.data, "html.parser")
    assert (answer.status_code, db.session.query(Basket).count()) == (422, 0)
    assert said in words(answer)
    for name in sent.keys() - {"amount"}:
        assert page.select_one(f"[name={name}]")["value"] == sent[name]


def test_a_made_up_code_goes_on_with_a_reason_and_a_foreign_code_without(client, begin):
    assert begin(client, "1234567891", code_reason="کارت ملی").status_code == 303
    assert begin(client, "", foreign_code="۱۲۳۴ ۵۶۷۸").status_code == 303
    assert [row.lines[0]["kind"] for row in db.session.query(Basket).order_by(Basket.id)] == ["national", "foreign"]


def test_who_asks_too_much_is_told_when_to_come_back_and_keeps_what_was_typed(client, begin):
    codes = " ".join(make.national_code() for _ in range(10))
    answers = [begin(client, codes, "/pay/list") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert int(answers[2].headers["Retry-After"]) > 60
    assert "دوباره بفرستید" in words(answers[2])
    assert codes in answers[2].text


def test_five_people_are_paid_for_at_once_after_one_was_removed_and_one_got_more(client, begin):
    people = [make.person() for _ in range(6)]
    url = begin(client, "\n".join(person.national_code for person in people), "/pay/list").location
    sent = fields(client, url, url) | {"do": "remove-5"}
    assert client.post(url, data=sent).location == url
    sent = fields(client, url, url) | {"amounts-1": "۷۰٬۰۰۰", "do": "amounts"}
    assert client.post(url, data=sent | {"amounts-1": "7"}).status_code == 422
    assert client.post(url, data=sent).location == url
    assert client.post(url, data=sent).status_code == 409
    assert "۲۷۰٬۰۰۰ ریال" in words(client.get(url))
    client.post(f"{url}/go", data=fields(client, url))
    [payment] = db.session.query(Payment)
    assert [(line.owner_code, line.amount) for line in payment.lines] == [
        (person.national_code, 70_000 if n == 1 else 50_000) for n, person in enumerate(people[:5])
    ]


def test_one_more_person_and_another_amount_change_what_is_paid(client, begin):
    url = begin(client, make.person().national_code).location
    stale = fields(client, url)
    sent = fields(client, url, url)
    assert client.post(url, data=sent | {"do": "amount", "other": "80000"}).location == url
    more = {"version": "2", "do": "add", "national_code": make.person().national_code}
    assert client.post(url, data={"csrf_token": sent["csrf_token"], **more}).location == url
    assert "۱۶۰٬۰۰۰ ریال" in words(client.get(url))
    late = client.post(f"{url}/go", data=stale)
    assert (late.status_code, "تغییر کرده است" in words(late)) == (409, True)
    assert "۱۶۰٬۰۰۰ ریال" in words(late)
    assert db.session.query(Payment).count() == 0


# -- The bank ----------------------------------------------------------------------


def test_a_bank_that_wants_a_form_gets_one_without_our_token(client, begin, banks, monkeypatch):
    url = begin(client, make.person().national_code).location
    form = Redirect("POST", "https://bank.example/start", {"RefId": "AbC"})
    monkeypatch.setattr(banks["sadad"], "redirect", lambda token: form)
    answer = client.post(f"{url}/go", data=fields(client, url))
    [form] = [tag for tag in BeautifulSoup(answer.data, "html.parser").select("main form")]
    assert (answer.status_code, form["action"]) == (200, "https://bank.example/start")
    assert [(tag["name"], tag["value"]) for tag in form.select("input")] == [("RefId", "AbC")]
    assert "رفتن به بانک ملی (سداد)" in words(answer)


def test_who_lands_at_another_bank_than_the_chosen_one_is_told_before_and_may_turn_back(client, begin, banks):
    url = begin(client, make.person().national_code).location
    banks["sadad"].trouble += [Temporary("down")]
    sent = fields(client, url) | {"bank": "sadad"}
    first, again = (client.post(f"{url}/go", data=sent) for _ in range(2))
    [payment] = db.session.query(Payment).filter_by(gateway="sep")
    assert payment.state is PaymentState.TOKEN_OK  # nobody has seen the page of that bank yet
    for answer in (first, again):
        assert answer.status_code == 200
        assert "بانک ملی (سداد) پاسخ نداد؛ پرداخت شما به بانک سامان (سپ) می‌رود" in words(answer)
        ways = {tag["href"] for tag in BeautifulSoup(answer.data, "html.parser").select("main a.btn")}
        assert ways == {f"https://bank.example/pay?token={payment.token}", url}
    assert client.post(f"{url}/go", data=fields(client, url) | {"bank": "sep"}).status_code == 303


def test_when_no_bank_answers_the_basket_stays_and_says_that_nothing_was_paid(client, begin, banks):
    url = begin(client, make.person().national_code).location
    for bank in banks.values():
        bank.trouble += [Temporary("down")]
    answer = client.post(f"{url}/go", data=fields(client, url))
    assert answer.status_code == 503
    assert "پولی برداشته نشده است" in words(answer)
    assert client.post(f"{url}/go", data=fields(client, url)).status_code == 303


def test_after_a_slow_bank_the_same_press_goes_to_another_one_as_the_page_says(client, begin, banks, monkeypatch):
    url = begin(client, make.person().national_code).location
    slow = list(banks)[-1]
    banks[slow].trouble += [Temporary("timeout")]
    monkeypatch.setattr(starting, "WAY_S", 0)
    answer = client.post(f"{url}/go", data=fields(client, url) | {"bank": slow})
    assert "تا بانک دیگری باز شود" in words(answer)
    [chosen] = BeautifulSoup(answer.data, "html.parser").select("input[name=bank][checked]")
    assert chosen["value"] != slow


def test_without_a_bank_the_page_says_so_and_offers_no_payment(client, begin):
    url = begin(client, make.person().national_code).location
    with banking():
        assert "اکنون در دسترس نیست" in words(client.get("/pay"))
        page = client.get(url)
    assert "اکنون در دسترس نیست" in words(page)
    assert not BeautifulSoup(page.data, "html.parser").select("form[action$='/go'] .primary")


def test_what_is_paid_is_not_paid_again(client, begin):
    url = begin(client, make.person().national_code).location
    sent = fields(client, url)
    client.post(f"{url}/go", data=sent)
    payment = make.first(Payment)
    payment.state, payment.reference, payment.settled_at = PaymentState.VERIFIED, "R1", payment.created_at
    make.first(Basket).paid_at = payment.created_at
    db.session.commit()
    page = client.get(url)
    assert "این پرداخت انجام شده است" in words(page)
    assert f"/pay/receipt/{payment.receipt_key}" in page.text
    answer = client.post(f"{url}/go", data=sent | {"form_key": "5d3a3f5e-0000-4000-8000-000000000009"})
    assert (answer.status_code, db.session.query(Payment).count()) == (409, 1)


# -- People who are signed in ------------------------------------------------------


def test_an_own_purse_is_one_click_and_its_basket_is_for_nobody_else(client, sign_in, token):
    person = make.person()
    browser = sign_in(person)
    sent = {"whose": "trainee", "csrf_token": token(browser, "/pay")}
    url = browser.post("/pay/own", data=sent).location
    assert person.full_name in words(browser.get(url))
    for answer in (
        client.get(url),
        sign_in(make.user()).get(url),
        client.post(url, data=sent | token_of(client, token)),
    ):
        assert answer.location.startswith(f"/auth/sso?next={url}")
    assert sign_in(make.person()).get(url).status_code == 404
    assert db.session.query(AuditEvent).filter_by(action="outside_territory", subject="basket").count() == 1
    browser.post(f"{url}/go", data=fields(browser, url))
    assert make.first(Payment).person_id == person.id
    gone = client.post("/pay/own", data={"whose": "trainee", "csrf_token": token(client, "/pay")})
    assert gone.status_code == 404


def token_of(client, token) -> dict[str, str]:
    return {"csrf_token": token(client, "/pay")}


def test_staff_and_trainee_of_one_browser_each_fill_their_own_and_staff_see_names(sign_in, token, begin):
    clerk, person = make.user(Role.CLERK), make.person()
    browser = sign_in(clerk)
    for cookie in sign_in(person)._cookies.values():
        browser.set_cookie(cookie.key, cookie.value)
    for mark, owner in (("trainee", person), ("staff-0", clerk.person)):
        url = browser.post("/pay/own", data={"whose": mark, "csrf_token": token(browser, "/pay")}).location
        assert fields(browser, url)["total"] == "50000"
        assert make.first(Basket, key=url.rpartition("/")[2]).lines[0]["code"] == owner.national_code
    other = make.person()
    url = begin(browser, other.national_code).location
    assert other.full_name in words(browser.get(url))
    assert make.first(Basket, key=url.rpartition("/")[2]).user_id == clerk.id


# -- The way back ------------------------------------------------------------------


def test_the_desk_leads_to_the_bank_with_what_is_lacking_and_the_draft_keeps_what_was_typed(sign_in, token):
    clerk, course, code = make.user(Role.CLERK), make.course(), make.national_code()
    make.purse(clerk.person, 20_000)
    browser = sign_in(clerk)
    sent = {"national_code": code, "csrf_token": token(browser, "/center/enroll")}
    draft = browser.post("/center/enroll", data=sent).location
    sent = fields(browser, draft, draft) | {"course": course.id, "first_name": "زهرا"}
    for source, lacks in (("portal_user", 30_000), ("trainee", 50_000)):
        answer = browser.post(draft, data=sent | {"debit_source": source, "do": ""})
        page = words(answer)
        assert (answer.status_code, "عدم موجودی کافی" in page) == (422, True)
        sent |= fields_of(answer, draft)
        url = browser.post(draft, data=sent | {"debit_source": source, "top_up": source, "do": ""}).location
        row = make.first(Basket, key=url.rpartition("/")[2])
        assert (row.lines[0]["amount"], row.return_path, row.user_id) == (lacks, draft, clerk.id)
        sent |= fields(browser, draft, draft)
        assert sent["first_name"] == "زهرا"
    assert draft in browser.get(url).text


def fields_of(answer, url: str) -> dict[str, str]:
    form = BeautifulSoup(answer.data, "html.parser").select_one(f"form[action='{url}']")
    return {tag["name"]: tag.get("value", "") for tag in form.select("input[type=hidden]")}


def test_self_enrollment_leads_to_the_bank_and_says_what_is_on_its_way(sign_in):
    person, course = make.person(), make.course()
    browser, page = sign_in(person), f"/trainee/enroll/{course.code}"
    sent = fields(browser, page, page)
    url = browser.post(f"{page}/top-up", data=sent).location
    assert make.first(Basket).return_path == page
    browser.post(f"{url}/go", data=fields(browser, url))
    said = words(browser.get(page))
    assert "یک پرداخت ۵۰٬۰۰۰ ریالی ساعت" in said
    assert "در انتظار تأیید بانک است" in said


def test_nobody_is_led_to_the_bank_for_a_course_that_refuses_them(sign_in):
    person, course = make.person(gender="female"), make.course(gender="male")
    browser, page = sign_in(person), f"/trainee/enroll/{course.code}"
    refused = browser.post(f"{page}/top-up", data=fields(browser, page, page))
    assert refused.status_code == 422
    assert "ویژهٔ آقایان" in words(refused)
    assert make.first(Basket) is None


def test_the_desk_names_a_payment_on_its_way_and_one_that_went_elsewhere(sign_in, token, begin):
    clerk, course, code, wrong = make.user(Role.CLERK), make.course(), make.national_code(), make.person()
    browser = sign_in(clerk)
    url = begin(browser, wrong.national_code).location
    browser.post(f"{url}/go", data=fields(browser, url))
    payment = make.first(Payment)
    payment.state, payment.reference, payment.settled_at = PaymentState.VERIFIED, "R1", payment.created_at
    make.purse(wrong, 50_000)
    draft = browser.post("/center/enroll", data={"national_code": code, "csrf_token": token(browser, "/center/enroll")})
    draft = draft.location
    sent = {"course": course.id, "debit_source": "trainee", "do": ""}
    said = words(browser.post(draft, data=fields(browser, draft, draft) | sent))
    assert "به کد دیگری" in said
    assert persian_digits(wrong.national_code) not in said
    url = begin(browser, code).location
    browser.post(f"{url}/go", data=fields(browser, url) | {"tick-0": "y"})
    said = words(browser.post(draft, data=fields(browser, draft, draft) | sent))
    assert "در انتظار تأیید بانک است" in said
    assert "به کد دیگری" not in said
