"""The province's queue of equipment over the browser: two tabs, one case beside the list, several decided together."""

import brotli
import pytest
from bs4 import BeautifulSoup

from models import AuditEvent, EquipmentItem, EquipmentRequest, RequestState, Role, UnitKind, db
from services.equipment import Change, recording, review
from services.equipment.cases import LOSS
from services.policy import today
from tests import course_cases as cases
from tests import make
from tests.strict import squeeze

QUEUE, TOGETHER = "/province/equipment", "/province/equipment/together"
K = recording.K


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def office(center):
    return make.unit(UnitKind.DIRECTORATE, center.province)


@pytest.fixture
def item(center):
    return make.item(make.workshop(center), 60, 0, price_rials=1_000)


@pytest.fixture
def clerk(center):
    return cases.staff(Role.CLERK, center)


@pytest.fixture
def colleague(office):
    return cases.staff(Role.REVIEWER, office)


@pytest.fixture
def reviewer(office):
    return make.user(Role.REVIEWER, office)


@pytest.fixture
def desk(sign_in, reviewer):
    return sign_in(reviewer)


@pytest.fixture
def losses(item, clerk):
    """`losses(n)`: the texts of so many losses of eleven pieces that wait."""

    def _losses(count: int, actor=clerk) -> list[str]:
        for n in range(count):
            recording.record(actor, f"{actor.user_id} {n}", item.id, Change(K.LOST, 11, 0, today(), "سرقت"))
        rows = db.session.scalars(db.select(EquipmentRequest.id).order_by(EquipmentRequest.id)).all()
        return [f"loss-{row_id}" for row_id in rows]

    return _losses


def soup_of(client, url):
    return BeautifulSoup(client.get(url).data, "html.parser")


def fields(soup, action: str) -> dict[str, list[str]]:
    """What the form to `action` sends by itself."""
    form = soup.select_one(f"form[action='{action}']")
    tags = form.select("input[type=hidden]")
    return {tag["name"]: [each.get("value", "") for each in tags if each["name"] == tag["name"]] for tag in tags}


def words(answer) -> str:
    return squeeze(BeautifulSoup(answer.data, "html.parser").main.text)


def number(text: str) -> int:
    return int(text.partition("-")[2])


def left(item) -> int:
    return db.session.get(EquipmentItem, item.id, populate_existing=True).quantity


def chosen(keys: list[str], word: str) -> str:
    return f"{TOGETHER}?do={word}&" + "&".join(f"case={key}" for key in keys)


def test_a_decision_goes_on_to_the_next_case_and_a_second_press_says_what_the_first_did(desk, losses, item):
    first, second = losses(2)
    action = f"{QUEUE}/loss/{number(first)}/decide"
    sent = fields(soup_of(desk, QUEUE), action) | {"decision": "approve"}
    done, again = (desk.post(action, data=sent) for _ in range(2))
    assert done.location == f"{QUEUE}?case={second}"
    assert again.location == f"{QUEUE}?tab=decided&case={first}"
    page = words(desk.get(again.location))
    assert "پیش‌تر ثبت شد: خود شما" in page
    assert "این درخواست را پذیرفتید." in page
    assert left(item) == 49


def test_a_late_decision_names_who_was_faster_and_keeps_what_was_typed(desk, losses, item, colleague):
    (key,) = losses(1)
    action = f"{QUEUE}/loss/{number(key)}/decide"
    sent = fields(soup_of(desk, QUEUE), action) | {"decision": "refuse", "reason": "گزارش <b>نیست</b>"}
    review.decide(colleague, "a form", LOSS, number(key), approve=True, reason="")
    late = desk.post(action, data=sent)
    assert late.status_code == 409
    assert f"{colleague.name} " in words(late)
    assert "این درخواست را پذیرفت. تصمیم شما ثبت نشد." in words(late)
    assert "نوشتهٔ شما: «گزارش <b>نیست</b>»" in words(late)
    assert left(item) == 49


def test_the_decided_stand_newest_first_with_who_when_and_why_and_their_pages_follow_each_other(
    desk, losses, colleague, clerk
):
    keys = losses(28)
    recording.withdraw(clerk, number(keys.pop()))
    for key in keys:
        review.decide(colleague, "a form", LOSS, number(key), approve=False, reason=f"دلیل {key}")
    page = soup_of(desk, f"{QUEUE}?tab=decided")
    rest = soup_of(desk, page.select_one("a[rel=next]")["href"])
    assert not rest.select("a[rel=next]")
    rows = [*page.select(".queue li"), *rest.select(".queue li")]
    assert ["case=" + key in row.a["href"] for row, key in zip(rows, keys[::-1], strict=True)] == [True] * 27
    assert f"{colleague.name}، " in rows[0].text
    assert f"«دلیل {keys[-1]}»" in rows[0].text
    assert not page.select("input[type=checkbox]")
    assert "منتظر ۰" in page.select_one(".tabs").text
    for odd in ("9" * 18 + "_loss-1", "1_loss", "x_move-1", "1_course-1"):
        assert desk.get(f"{QUEUE}?tab=decided&after={odd}").status_code == 200


@pytest.mark.once
def test_the_pane_alone_answers_htmx_and_others_get_the_queue(desk, losses):
    first, second = losses(2)
    link = soup_of(desk, QUEUE).select(".queue a")[0]
    pane = desk.get(link["hx-get"], headers={"HX-Request": "true"})
    soup = BeautifulSoup(pane.data, "html.parser")
    assert (bool(soup.select_one("#case form.decision")), soup.select_one("html")) == (True, None)
    assert "HX-Request" in pane.vary
    assert soup.select_one("[data-key=KeyJ]")["href"] == f"{QUEUE}?tab=waiting&case={second}"
    assert soup.select_one("label[data-key=KeyX]")["for"] == f"case-{first}"
    assert desk.get(link["hx-get"]).location == f"{QUEUE}?tab=waiting&case={first}"


def test_several_are_looked_at_once_more_and_each_answer_says_what_was_done_or_why_not(
    desk, losses, item, reviewer, clerk, colleague
):
    keys = losses(5)
    request = db.session.get(EquipmentRequest, number(keys[1]))
    request.asked_by_id = reviewer.id
    make.save(request)
    boxes = soup_of(desk, QUEUE).select(".queue input:not([disabled])")
    assert [box["value"] for box in boxes] == keys[:1] + keys[2:]
    page = soup_of(desk, chosen(keys, "approve"))
    assert page.h1.text == "پذیرفتن ۴ پرونده"
    sent = fields(page, TOGETHER)
    review.decide(colleague, "a form", LOSS, number(keys[2]), approve=False, reason="گزارش نیست")
    recording.record(clerk, "used", item.id, Change(K.CONSUMED, 30, 0, today(), "مصرف دوره"))
    answer = desk.post(TOGETHER, data=sent | {"case": keys, "reason": "صورت‌جلسه دارد"})
    assert answer.location == chosen(keys, "approve")
    said = words(desk.get(answer.location))
    assert "۲ پرونده پذیرفته شد. ۳ پرونده نشد؛ دلیل هر کدام را می‌بینید." in said
    assert "خود شما داده‌اید" in said
    assert f"{colleague.name} " in said
    assert "این تعداد نیست؛ اکنون ۸ دستگاه هست" in said
    assert "پیش‌تر ثبت شد: ۲ پرونده پذیرفته شد." in words(
        desk.get(desk.post(TOGETHER, data=sent | {"case": keys}).location)
    )
    assert left(item) == 8


def test_one_reason_refuses_all_and_without_it_the_form_comes_back(desk, losses, item):
    keys = losses(3)
    sent = fields(soup_of(desk, chosen(keys, "refuse")), TOGETHER)
    assert sent["case"] == keys
    bare = desk.post(TOGETHER, data=sent | {"reason": " "})
    soup = BeautifulSoup(bare.data, "html.parser")
    assert (bare.status_code, soup.select_one(".alert a")["href"]) == (422, "#reason")
    assert fields(soup, TOGETHER)["form_key"] == sent["form_key"]
    answer = desk.post(TOGETHER, data=sent | {"reason": "گزارش نیست"})
    assert "۳ پرونده رد شد." in words(desk.get(answer.location))
    decided = {(row.state, row.decision) for row in db.session.scalars(db.select(EquipmentRequest))}
    assert (decided, left(item)) == ({(RequestState.REJECTED, "گزارش نیست")}, 60)


def test_nothing_chosen_is_said_so_and_a_case_of_another_province_stops_all(desk, losses, item, token):
    (key,) = losses(1)
    for url in (TOGETHER, f"{TOGETHER}?do=approve", f"{TOGETHER}?do=sell&case={key}", f"{TOGETHER}?do=approve&case=x"):
        answer = desk.get(url)
        assert answer.location == QUEUE
        assert "پرونده‌ای انتخاب نکرده‌اید" in words(desk.get(QUEUE))
    unit = make.unit(province_=make.province())
    far = make.item(make.workshop(unit), 40, 0)
    recording.record(cases.staff(Role.CLERK, unit), "far", far.id, Change(K.LOST, 11, 0, today(), "سرقت"))
    strange = f"loss-{make.first(EquipmentRequest, item_id=far.id).id}"
    sent = {"csrf_token": token(desk, "/auth/sessions"), "do": "approve", "case": [key, strange]}
    tried = [desk.get(chosen([key, strange], "approve")), desk.post(TOGETHER, data=sent)]
    assert [answer.status_code for answer in tried] == [404, 404]
    assert db.session.query(AuditEvent).filter_by(action="outside_territory").count() == 2
    assert (left(item), left(far)) == (60, 40)


@pytest.mark.once
def test_planners_read_the_queue_and_decide_nothing(sign_in, office, losses, item, token):
    planner, (key,) = sign_in(make.user(Role.PLANNER, office)), losses(1)
    page = soup_of(planner, QUEUE)
    assert "بررس استان" in page.select_one("#case").text
    assert not page.select("form.decision, [data-bulk]")
    assert planner.get(chosen([key], "approve")).status_code == 403
    sent = {"csrf_token": token(planner, "/auth/sessions"), "do": "approve", "case": key}
    assert (planner.post(TOGETHER, data=sent).status_code, left(item)) == (403, 60)


def test_a_full_page_of_cases_stays_within_bytes_and_queries(desk, losses, queries):
    keys = losses(30)
    for url, most in ((QUEUE, 8), (chosen(keys[:25], "approve"), 6)):
        with queries() as seen:
            answer = desk.get(url)
        assert len(seen) <= most, "\n".join(seen)
        assert len(brotli.compress(answer.data, quality=5)) <= 6 * 1024
    assert desk.get(chosen(keys, "approve")).status_code == 422
