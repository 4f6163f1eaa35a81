"""The operator's pages: what is owed, dead letters, the outside systems, and the numbers for a monitor."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from gateways.errors import Temporary
from models import AuditEvent, DebitSource, DeliveryEvent, Message, Outbox, Policy, Role, UnitKind, db
from services import books, enrollment, identity, ledger, outbox, outside, people
from services.equipment import checking
from services.outbox import Topic
from services.transaction import atomic
from tests import fakes, make, owed
from tests.broken import behind_the_guards
from tests.strict import squeeze
from tests.web import pages


@pytest.fixture
def operator(sign_in):
    return sign_in(make.user(Role.OPERATOR, make.unit(UnitKind.HQ)))


@pytest.fixture
def post(token):
    def _post(client, page, url=None, **fields):
        return client.post(url or page, data={"csrf_token": token(client, page), **fields})

    return _post


def state(row: Outbox) -> str:
    db.session.refresh(row)
    return row.state


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


@pytest.mark.parametrize("url", ["/ops", "/ops/jobs", "/ops/outside"])
def test_the_pages_are_for_operators_alone(operator, sign_in, client, url):
    assert operator.get(url).status_code == 200
    assert sign_in(make.user()).get(url).status_code == 403
    assert client.get(url).status_code == 303


def test_a_dead_letter_is_shown_with_its_cause_and_tried_again(operator, post):
    letter = pages.dead_letter()
    page = operator.get("/ops/jobs").get_data(as_text=True)
    assert "استعلام ثبت احوال: در مهلت پاسخ نداد" in page
    answer = post(operator, f"/ops/jobs/{letter.id}", f"/ops/jobs/{letter.id}/again")
    assert (answer.status_code, state(letter), letter.failures) == (303, "open", 0)
    assert "letter_retried" in actions()


def test_a_gateway_that_is_not_chosen_is_mentioned_only_while_something_is_owed_to_it(operator):
    assert "پرسش از" not in operator.get("/ops/jobs").text
    with atomic():
        outbox.owe(Topic.SEP, 1, "k")
    page = operator.get("/ops/jobs").text
    assert ("پرسش از سپ" in page, "پرسش از سداد" in page) == (True, False)


def test_all_letters_of_one_cause_are_tried_again_together(operator, post):
    letters = [pages.dead_letter(n) for n in range(3)]
    other = pages.dead_letter()
    other.last_error = "http_400"
    db.session.commit()
    post(operator, "/ops/jobs", "/ops/jobs/again", topic="registry", cause="timeout")
    assert ([state(letter) for letter in letters], state(other)) == (["open"] * 3, "dead")


def test_a_letter_is_discarded_with_a_reason_and_never_without(operator, post):
    letter = pages.dead_letter()
    page = f"/ops/jobs/{letter.id}"
    assert post(operator, page, f"{page}/discard", reason=" ").status_code == 422
    assert state(letter) == "dead"
    assert post(operator, page, f"{page}/discard", reason="شخص انصراف داده است").status_code == 303
    assert (state(letter), letter.discard_reason) == ("discarded", "شخص انصراف داده است")
    assert "letter_discarded" in actions()


def test_a_letter_that_somebody_else_has_handled_is_a_conflict(operator, post):
    letter = pages.dead_letter()
    page = f"/ops/jobs/{letter.id}"
    keep = pages.dead_letter(2)
    assert post(operator, page, f"{page}/again").status_code == 303
    again = post(operator, f"/ops/jobs/{keep.id}", f"{page}/again")
    assert again.status_code == 409
    assert operator.get(page).status_code == 404


def message(state: str) -> Message:
    person = make.person()
    return make.save(Message(person_id=person.id, cause_key="k", template="enrolled", body="متن", state=state))


def test_a_discarded_message_has_failed(operator, post):
    lost = message("queued")
    values = {"topic": "sms", "ref_id": lost.id, "dedup_key": "k", "state": "dead", "next_try_at": lost.created_at}
    letter = make.save(Outbox(**values))
    page = f"/ops/jobs/{letter.id}"
    post(operator, page, f"{page}/discard", reason="متن کهنه است")
    db.session.refresh(lost)
    assert (lost.state, db.session.scalars(select(DeliveryEvent.state)).all()) == ("failed", ["discarded"])


def test_an_unknown_message_is_shown_and_repeated_by_the_operator(operator, post):
    unknown = message("unknown")
    assert "پیامک‌های نامعلوم" in operator.get("/ops/jobs").get_data(as_text=True)
    post(operator, "/ops/jobs", f"/ops/messages/{unknown.id}/repeat")
    db.session.refresh(unknown)
    assert (unknown.state, "message_repeated" in actions()) == ("queued", True)


def _unreachable():
    raise Temporary("unreachable")


def test_a_system_that_is_down_is_said_to_operators_and_to_everybody(app, operator, client, monkeypatch):
    for name, value in {"PAYMENT_MODE": "online", "PAYMENT_GATEWAYS": ("sep", "sadad")}.items():
        monkeypatch.setitem(app.config, name, value)
    for _ in range(5):
        with pytest.raises(Temporary):
            outside.call("sep", _unreachable)
    for who, url in ((operator, "/ops/outside"), (operator, "/ops"), (client, "/status")):
        page = who.get(url).get_data(as_text=True)
        assert "پاسخ نمی‌دهد" in page
        assert "سداد" in page
        assert "زرین‌پال" not in page
    assert 'doreh_outside_down{system="sep"} 1' in client.get("/metrics").text


def test_a_days_quota_and_what_waits_for_the_next_are_shown(app, operator):
    registry = fakes.Registry()
    make.save(Policy(name="registry_per_day", scope="*", valid_from=dt.date(2020, 1, 1), value=1))
    with fakes.installed(app, registry=registry):
        for _ in range(3):
            person = make.person(first_name=None, last_name=None, birth_date=dt.date(1991, 4, 15))
            with atomic():
                identity.owe_checks(people.locked(person.id))
        owed.run()
        page = squeeze(operator.get("/ops/outside").text)
        assert "پرسش‌های امروز: ۱، سقف ۱" in page
        assert "۲ پرسش به سقف خورده است و فردا خودکار انجام می‌شود" in page
        assert "۲ پرسش به سقف خورده و منتظر نوبت بعد است" in squeeze(operator.get("/ops").text)


def test_the_numbers_are_for_this_machine_or_a_token(client, app, monkeypatch):
    pages.dead_letter()
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert 'doreh_outbox_dead{topic="registry"} 1' in answer.get_data(as_text=True)
    behind_a_proxy = {"X-Forwarded-For": "203.0.113.7"}
    assert client.get("/metrics", headers=behind_a_proxy).status_code == 404
    monkeypatch.setitem(app.config, "METRICS_TOKEN", "a-token")
    allowed = {**behind_a_proxy, "Authorization": "Bearer a-token"}
    assert client.get("/metrics", headers=allowed).status_code == 200
    assert client.get("/metrics", headers={**behind_a_proxy, "Authorization": "Bearer no"}).status_code == 404


def test_a_charged_enrollment_without_its_debit_is_seen_on_the_first_page_and_by_the_monitor(operator, client):
    make.tariff(50_000)
    course, person = make.course(), make.person()
    make.purse(person, 50_000)
    values = {"channel": "self", "debit_source": DebitSource.TRAINEE, "payer": ledger.owner_of(person)}
    enrollment.enroll(enrollment.Application(form_key="k", course_id=course.id, person_id=person.id, **values))
    books.check()
    assert "نمی‌خواند" not in operator.get("/ops").text
    behind_the_guards("UPDATE ledger_transfer SET kind = 'move' WHERE kind = 'debit'")
    books.check()
    assert "۲ مورد در شمارش شبانه نمی‌خواند" in operator.get("/ops").text
    assert "doreh_books_wrong 2" in client.get("/metrics").text


def test_the_operator_sees_equipment_whose_numbers_are_not_their_sums(operator, client):
    assert "شمارش شبانهٔ تجهیزات هنوز" in operator.get("/ops").text
    item = make.item()
    checking.check()
    assert "تجهیزات" not in operator.get("/ops").text
    behind_the_guards("UPDATE equipment_item SET quantity = quantity + 1 WHERE id = :id", id=item.id)
    checking.check()
    assert "موجودی ۱ قلم از تجهیزات" in operator.get("/ops").text
    assert "doreh_equipment_wrong 1" in client.get("/metrics").text


@pytest.mark.parametrize("url", ["/ops", "/ops/jobs", "/ops/outside"])
def test_a_page_that_has_failed_at_nothing_says_so_in_its_title(operator, url):
    title = BeautifulSoup(operator.get(url).data, "html.parser").title
    assert not title.text.startswith("خطا")
