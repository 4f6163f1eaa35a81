"""Equipment over the browser: from a new item to a move that arrives short and a loss that the province allows."""

import io

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

import gateways
from models import (
    EquipmentItem,
    EquipmentMovement,
    EquipmentRequest,
    EquipmentTransfer,
    FileState,
    MovementKind,
    Role,
    StoredFile,
    UnitKind,
    UserRole,
    db,
)
from services.equipment import Change, recording
from services.policy import today
from tests import attachments, make
from tests import course_cases as cases
from tests.strict import squeeze

DAY = {"happened_on-d": "1", "happened_on-m": "1", "happened_on-y": "1405"}


@pytest.fixture(autouse=True)
def store(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "file_store", gateways.LocalDisk(tmp_path / "files"))


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def item(center):
    return make.item(make.workshop(center), 20, 10)


@pytest.fixture
def clerk(sign_in, center):
    return sign_in(make.user(unit_=center))


@pytest.fixture
def reviewer(sign_in, center):
    return sign_in(make.user(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, center.province)))


def form_of(client, page: str, url: str = "") -> dict[str, str]:
    """The hidden fields of the form to `url` on a page, as a browser would send them."""
    soup = BeautifulSoup(client.get(page).data, "html.parser")
    form = soup.select_one(f"form[method=post][action='{url or page}']") or soup.select_one("main form[method=post]")
    return {tag["name"]: tag.get("value", "") for tag in form.select("input[type=hidden]")}


def post(client, page: str, url: str = "", **typed):
    return client.post(url or page, data=form_of(client, page, url) | typed)


def said(client, answer) -> str:
    assert answer.status_code == 303, squeeze(BeautifulSoup(answer.data, "html.parser").text)
    return squeeze(BeautifulSoup(client.get(answer.location).data, "html.parser").text)


def numbers(item) -> tuple[int, int]:
    found = db.session.get(EquipmentItem, item.id, populate_existing=True)
    return found.quantity, found.serviceable


def last(model):
    return db.session.scalars(select(model).order_by(model.id.desc()).limit(1)).first()


def test_a_new_item_is_made_once_and_its_page_tells_its_first_stock(clerk, center):
    room = make.workshop(center)
    typed = {"name": "ماشین تراش", "workshop": room.id, "group": "capital", "pieces": "۳", "working": "۲", **DAY}
    sent = form_of(clerk, "/center/equipment/new") | typed
    page = said(clerk, clerk.post("/center/equipment/new", data=sent))
    assert "دریافت، ۳ عدد افزوده شد، ۲ سالم: «ثبت نخست در دفتر»" in page
    assert "۱ خراب" in page
    assert "پیش‌تر فرستاده شده" in said(clerk, clerk.post("/center/equipment/new", data=sent))
    assert db.session.query(EquipmentItem).count() == 1
    assert "ماشین تراش" in clerk.get("/center/equipment?q=تراش&show=broken&group=capital").text
    assert "پیدا نشد" in clerk.get("/center/equipment?condition=new").text


def test_a_refused_change_keeps_its_paper_and_the_next_sending_needs_no_file(clerk, item):
    page = f"/center/equipment/{item.id}/lost"
    paper = (io.BytesIO(attachments.pdf()), "گزارش.pdf")
    refused = clerk.post(page, data=form_of(clerk, page) | {"pieces": "۲۱", "reason": "سرقت", "file": paper, **DAY})
    assert (refused.status_code, numbers(item)) == (422, (20, 10))
    soup = BeautifulSoup(refused.data, "html.parser")
    assert "این تعداد نیست؛ اکنون ۲۰ دستگاه هست" in soup.text
    assert "سند شما رسیده است" in soup.text
    hidden = {tag["name"]: tag.get("value", "") for tag in soup.select("main form input[type=hidden]")}
    done = clerk.post(page, data=hidden | {"pieces": "۲", "working": "۱", "reason": "سرقت", **DAY})
    assert "گم شدن ثبت شد" in said(clerk, done)
    assert numbers(item) == (18, 9)
    file = last(StoredFile)
    assert (last(EquipmentMovement).document_id, file.owner_id) == (file.id, item.id)
    gone = post(clerk, f"/center/equipment/{item.id}", f"/center/equipment/{item.id}/files/{file.key}/remove")
    assert (gone.status_code, last(StoredFile).removed_at) == (422, None)


def test_another_persons_paper_is_no_paper_of_this_form(clerk, item, center):
    strange = attachments.ready(make.user(unit_=center), center)
    page = f"/center/equipment/{item.id}/found"
    answer = post(clerk, page, document=strange.key, pieces="۱", reason="پشت انبار", **DAY)
    assert (answer.status_code, numbers(item)) == (422, (20, 10))


def test_who_saves_late_sees_both_values_and_keeps_what_was_typed(clerk, item, sign_in, center):
    page = f"/center/equipment/{item.id}/edit"
    mine, theirs = form_of(clerk, page), sign_in(make.user(Role.MANAGER, center))
    facts = {"name": item.name, "group": "capital", "unit_of_count": "دستگاه"}
    assert post(theirs, page, **facts, model="الف").status_code == 303
    late = clerk.post(page, data=mine | facts | {"model": "ب"})
    assert late.status_code == 409
    soup = BeautifulSoup(late.data, "html.parser")
    assert [squeeze(cell.text) for cell in soup.select("main tbody tr")[0].select("td")][:2] == ["الف", "ب"]
    assert soup.select_one("#model")["value"] == "ب"


@pytest.fixture
def there(center):
    return make.unit(province_=center.province)


@pytest.fixture
def move(clerk, item, there):
    """Four pieces that go to another center with a paper, and wait for the province."""
    page, room = f"/center/equipment/{item.id}/move", make.workshop(there)
    assert there.title in clerk.get(page).text
    to = f"{page}?to={there.id}"
    paper = (io.BytesIO(attachments.pdf()), "حواله.pdf")
    asked = form_of(clerk, to, to) | {"workshop": room.id, "pieces": "۴", "working": "۴", "reason": "نیاز", **DAY}
    assert "به استان رفت" in said(clerk, clerk.post(to, data=asked | {"file": paper}))
    return last(EquipmentTransfer)


def allow(reviewer, kind: str, number: int, decision: str = "approve", **typed):
    page = f"/province/equipment?case={kind}-{number}"
    return post(reviewer, page, f"/province/equipment/{kind}/{number}/decide", decision=decision, **typed)


def test_a_move_that_arrives_short_goes_back_in_part_and_who_is_late_is_told(move, item, reviewer, there, sign_in):
    receiver, address = sign_in(make.user(unit_=there)), f"/center/equipment/transfers/{move.id}"
    assert "تغییر تجهیزات در انتظار" in reviewer.get("/province").text
    said(reviewer, allow(reviewer, "move", move.id))
    assert numbers(item) == (16, 6)
    assert "۱ محموله در راه" in receiver.get("/center/equipment").text
    kept = form_of(receiver, address, f"{address}/return")
    short = post(receiver, address, f"{address}/receive", pieces="۳", working="۳")
    assert (short.status_code, "بنویسید چه کم یا خراب است" in short.text) == (422, True)
    sent = form_of(receiver, address, f"{address}/receive") | {"pieces": "۳", "working": "۳", "note": "یکی نبود"}
    got = receiver.post(f"{address}/receive", data=sent)
    assert "۱ دستگاه که نرسید به دفتر فرستنده برگشت" in said(receiver, got)
    assert "پیش‌تر ثبت شد" in said(receiver, receiver.post(f"{address}/receive", data=sent))
    assert numbers(item) == (17, 7)
    late = receiver.post(f"{address}/return", data=kept | {"why": "نرسید"})
    assert (late.status_code, "تحویل گرفته شد" in late.text) == (409, True)


def test_a_second_press_of_withdrawing_says_so_and_a_colleague_who_was_faster_is_named(move, clerk, center, sign_in):
    address, manager = f"/center/equipment/transfers/{move.id}", make.user(Role.MANAGER, center)
    colleague = sign_in(manager)
    mine, theirs = (form_of(each, address, f"{address}/withdraw") for each in (clerk, colleague))
    assert "پس گرفته شد؛ چیزی جابه‌جا نمی‌شود" in said(colleague, colleague.post(f"{address}/withdraw", data=theirs))
    assert "پیش‌تر ثبت شد" in said(colleague, colleague.post(f"{address}/withdraw", data=theirs))
    late = clerk.post(f"{address}/withdraw", data=mine)
    assert (late.status_code, manager.person.full_name in late.text) == (409, True)


def test_a_second_press_of_giving_back_books_nothing_twice_and_says_so(move, item, clerk, reviewer):
    said(reviewer, allow(reviewer, "move", move.id))
    address = f"/center/equipment/transfers/{move.id}"
    back = form_of(clerk, address, f"{address}/return") | {"why": "نرسید"}
    assert "برگشت ثبت شد" in said(clerk, clerk.post(f"{address}/return", data=back))
    assert "پیش‌تر ثبت شد" in said(clerk, clerk.post(f"{address}/return", data=back))
    assert numbers(item) == (20, 10)


def test_both_sides_of_a_move_see_it_and_its_paper_and_nobody_else(move, clerk, center, there, sign_in):
    file = last(StoredFile)
    file.state = FileState.READY
    make.save(file)
    gateways.files().put(f"{file.key}.file", (attachments.pdf(),))
    receiver, stranger = (sign_in(make.user(unit_=unit)) for unit in (there, make.unit(province_=center.province)))
    for who, status in ((clerk, 200), (receiver, 200), (stranger, 404)):
        assert who.get(f"/center/equipment/transfers/{move.id}").status_code == status
        assert who.get(f"/files/{file.key}").status_code == status


@pytest.fixture
def losses(clerk, item):
    """Two losses of twelve pieces of twenty that wait for the province."""
    for _ in range(2):
        page = f"/center/equipment/{item.id}/written_off"
        assert "به استان رفت" in said(clerk, post(clerk, page, pieces="۱۲", working="۶", reason="فرسوده", **DAY))
    return db.session.scalars(select(EquipmentRequest.id).order_by(EquipmentRequest.id)).all()


def test_a_large_loss_happens_when_the_province_says_so_and_a_second_word_is_late(losses, item, reviewer):
    first, _ = losses
    bare = allow(reviewer, "loss", first, "refuse")
    assert (bare.status_code, "دلیل را بنویسید" in bare.text, numbers(item)) == (422, True, (20, 10))
    kept = form_of(reviewer, f"/province/equipment?case=loss-{first}", f"/province/equipment/loss/{first}/decide")
    said(reviewer, allow(reviewer, "loss", first))
    assert numbers(item) == (8, 4)
    again = kept | {"decision": "refuse", "reason": "نه"}
    faster = reviewer.post(f"/province/equipment/loss/{first}/decide", data=again)
    assert (faster.status_code, "این درخواست را پذیرفت" in faster.text) == (409, True)


def test_a_loss_that_the_books_no_longer_allow_is_said_so_and_taken_back(losses, item, reviewer, clerk):
    first, second = losses
    said(reviewer, allow(reviewer, "loss", first))
    over = allow(reviewer, "loss", second)
    assert (over.status_code, "اکنون ۸ دستگاه هست" in over.text) == (422, True)
    page = f"/center/equipment/{item.id}"
    assert "در انتظار استان" in clerk.get(page).text
    assert "پس گرفته شد" in said(clerk, post(clerk, page, f"/center/equipment/requests/{second}/withdraw"))
    assert numbers(item) == (8, 4)


def test_whoever_asked_finds_no_decision_to_take_and_is_refused_one(sign_in, item, center):
    office = make.unit(UnitKind.DIRECTORATE, center.province)
    both = make.user(Role.REVIEWER, office)
    make.save(UserRole(user_id=both.id, unit_id=center.id, role=Role.CLERK))
    change = Change(MovementKind.LOST, 12, 6, today(), "سرقت")
    recording.record(cases.actor(both, "center"), "a form", item.id, change)
    client, number = sign_in(both), last(EquipmentRequest).id
    page = client.get(f"/province/equipment?case=loss-{number}")
    assert "خود شما داده‌اید" in page.text
    assert 'name="decision"' not in page.text
    token = BeautifulSoup(page.data, "html.parser").select_one("[name=csrf_token]")["value"]
    sent = {"csrf_token": token, "decision": "approve"}
    assert client.post(f"/province/equipment/loss/{number}/decide", data=sent).status_code == 403
    assert numbers(item) == (20, 10)


def test_equipment_is_for_those_who_keep_it(sign_in, item, center):
    addresses = [f"/center/equipment/{item.id}{page}" for page in ("", "/edit", "/lost", "/move")]
    stranger = sign_in(make.user(unit_=make.unit()))
    assert {stranger.get(address).status_code for address in addresses} == {404}
    counselor = sign_in(make.user(Role.COUNSELOR, center))
    assert {counselor.get(address).status_code for address in (*addresses, "/center/equipment")} == {403}
    assert 'href="/center/equipment"' not in counselor.get("/center").text
