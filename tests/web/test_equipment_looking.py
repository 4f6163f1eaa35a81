"""A province and HQ look at the equipment of their territory: the center's pages without anything to press."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

import gateways
from models import AuditEvent, EquipmentRequest, EquipmentTransfer, MovementKind, Role, UnitKind, db
from services import equipment, jalali, property_labels, servicing
from services.equipment import Change, recording, transfers
from services.equipment.transfers import Move
from services.policy import today
from services.servicing import Plan
from tests import attachments, make
from tests import course_cases as cases
from tests.strict import squeeze

OFFICES = [
    (Role.REVIEWER, UnitKind.DIRECTORATE), (Role.PLANNER, UnitKind.DIRECTORATE), (Role.DIRECTOR, UnitKind.DIRECTORATE),
    (Role.REVIEWER, UnitKind.HQ), (Role.ADMIN, UnitKind.HQ),
]  # fmt: skip


@pytest.fixture
def center():
    return make.unit()


@pytest.fixture
def item(center):
    """With a photo, a loss that waits, and a piece that went to another center of the province."""
    row = make.item(make.workshop(center), 20, 18, name="ماشین تراش")
    clerk = cases.staff(Role.CLERK, center)
    recording.record(clerk, "loss", row.id, Change(MovementKind.LOST, 12, 12, today(), "سرقت"))
    there = make.workshop(make.unit(province_=center.province))
    transfers.ask(clerk, "move", row.id, Move(there.id, 1, 1, today(), "نیاز دوره"))
    return row


@pytest.fixture
def photo(app, item, center, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "file_store", gateways.LocalDisk(tmp_path / "files"))
    file = attachments.ready(make.user(unit_=center), center)
    file.owner_kind, file.owner_id = "equipment_item", item.id
    gateways.files().put(f"{file.key}.file", (attachments.jpeg(),))
    return make.save(file)


@pytest.fixture
def office(sign_in, center):
    def _office(role: Role, kind: UnitKind, province_=None):
        return sign_in(make.user(role, make.unit(kind, province_ or center.province)))

    return _office


def soup_of(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.status
    return BeautifulSoup(answer.data, "html.parser")


def level(kind: UnitKind) -> str:
    return "hq" if kind is UnitKind.HQ else "province"


@pytest.mark.parametrize(("role", "kind"), OFFICES)
def test_they_read_the_page_of_an_item_with_its_past_and_papers_and_find_nothing_to_press(
    office, item, photo, center, role, kind
):
    client, base = office(role, kind), f"/{level(kind)}/inventory"
    page = soup_of(client.get(f"{base}/items/{item.id}"))
    said = squeeze(page.select_one("main").text)
    for part in ("ماشین تراش", center.title, "موجودی آغاز دفتر", "در انتظار استان", "«سرقت»", "در جریان"):
        assert part in said, part
    assert page.select("main form, main button:not([data-print])") == []
    own = {f"{base}/units/{center.id}", f"{base}/items/{item.id}/edits", f"/files/{photo.key}"}
    moves = {f"{base}/transfers/{row.id}" for row in db.session.query(EquipmentTransfer)}
    assert {link["href"].partition("?")[0] for link in page.select("main a")} == own | moves
    assert client.get(f"/files/{photo.key}").status_code == 200
    move = soup_of(client.get(moves.pop()))
    assert move.select("main form") == []
    assert {link["href"] for link in move.select("main a")} == {f"{base}/items/{item.id}"}


def test_who_wrote_what_from_what_to_what_is_read_by_the_center_the_province_and_hq(office, sign_in, item, center):
    user, facts = make.user(unit_=center), equipment.values_of(item)
    clerk = cases.actor(user, "center")
    nothing = soup_of(sign_in(user).get(f"/center/equipment/{item.id}/edits"))
    assert "تغییری نکرده است" in nothing.text
    equipment.edit(clerk, item.id, 1, replace(facts, model="ب", condition="worn", price_rials=12_000))
    servicing.set_plan(clerk, item.id, Plan(), Plan(90, jalali.to_gregorian(1405, 10, 1)))
    for client, page in (
        (sign_in(user), f"/center/equipment/{item.id}/edits"),
        (office(Role.PLANNER, UnitKind.DIRECTORATE), f"/province/inventory/items/{item.id}/edits"),
        (office(Role.ADMIN, UnitKind.HQ), f"/hq/inventory/items/{item.id}/edits"),
    ):
        told = [squeeze(line.text) for line in soup_of(client.get(page)).select(".timeline > li")]
        assert [clerk.name in line for line in told] == [True, True]
        for part in ("هر چند روز سرویس: از «ثبت نشده» به «۹۰»", "نوبت سرویس: از «ثبت نشده» به «۱۴۰۵/۱۰/۰۱»"):
            assert part in told[0]
        for part in ("مدل: از «ثبت نشده» به «ب»", "وضع: از «ثبت نشده» به «کارکرده»", "به «۱۲٬۰۰۰ ریال»"):
            assert part in told[1]


@pytest.mark.parametrize("kind", [UnitKind.DIRECTORATE, UnitKind.HQ])
def test_from_the_report_of_a_center_they_come_to_the_lists_of_its_workshops_and_to_every_item(
    office, item, center, kind
):
    client, base = office(Role.REVIEWER, kind), f"/{level(kind)}/inventory"
    make.item(make.workshop(center, title="کارگاه دیگر"), name="دریل")
    report = soup_of(client.get(f"{base}?unit={center.id}&group=capital"))
    rooms = [link["href"] for link in report.select("#parts tbody a")]
    assert f"{base}/units/{center.id}?workshop={item.workshop_id}&group=capital" in rooms
    page = soup_of(client.get(rooms[0]))
    listed = {link["href"] for url in rooms for link in soup_of(client.get(url)).select("main tbody a")}
    assert f"{base}/items/{item.id}" in listed
    assert len(listed) == 2
    assert page.select("main a[hx-get], main a.primary") == []
    assert "پیدا نشد" in client.get(f"{base}/units/{center.id}?q=هیچ").text
    assert "هنوز تجهیزاتی ثبت نشده" in client.get(f"{base}/units/{make.unit(province_=center.province).id}").text


def test_a_case_of_the_queue_leads_to_its_item(office, item):
    reviewer, waiting = office(Role.REVIEWER, UnitKind.DIRECTORATE), make.first(EquipmentRequest)
    case = soup_of(reviewer.get(f"/province/equipment?case=loss-{waiting.id}"))
    assert case.select_one(f'#case a[href="/province/inventory/items/{item.id}"]') is not None


def test_a_label_leads_everybody_to_the_page_that_is_theirs(sign_in, office, item, center):
    short = f"/E/{property_labels.label(item.id)}"
    clerk = make.user(unit_=center)
    for client, path in (
        (sign_in(clerk), "/center/equipment/"),
        (office(Role.DIRECTOR, UnitKind.DIRECTORATE), "/province/inventory/items/"),
        (office(Role.ADMIN, UnitKind.HQ), "/hq/inventory/items/"),
    ):
        assert client.get(short).location == f"{path}{item.id}"
    both = make.user(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, center.province))
    make.save(make.UserRole(user_id=both.id, unit_id=make.unit(province_=center.province).id, role=Role.CLERK))
    assert sign_in(both).get(short).location == f"/province/inventory/items/{item.id}"
    for role, status in ((Role.COUNSELOR, 403), (Role.INSTRUCTOR, 403)):
        assert sign_in(make.user(role, center)).get(short).status_code == status


def test_another_province_finds_neither_item_nor_list_nor_label_and_each_try_is_written_down(office, item, center):
    planner = office(Role.PLANNER, UnitKind.DIRECTORATE, make.province())
    move = make.first(EquipmentTransfer)
    for path in (f"items/{item.id}", f"units/{center.id}", f"transfers/{move.id}"):
        assert planner.get(f"/province/inventory/{path}").status_code == 404
    assert planner.get(f"/e/{property_labels.label(item.id)}").status_code == 404
    assert db.session.query(AuditEvent).filter_by(action="outside_territory").count() == 4


def test_a_counselor_finds_no_row_of_a_report_that_leads_where_they_may_not_go(sign_in, item, center):
    counselor, clerk = sign_in(make.user(Role.COUNSELOR, center)), sign_in(make.user(unit_=center))
    rows = [soup_of(who.get("/center/inventory/reports")).select("#parts tbody a") for who in (counselor, clerk)]
    assert [len(links) for links in rows] == [0, 1]
