"""The catalog at HQ: found, taken out of use with a reason, and what each standard asks for."""

import pytest
from sqlalchemy import select

from models import AuditEvent, EquipmentGroup, Role, SkillStandard, StandardRequirement, UnitKind, db
from services import standards, text
from services.errors import DomainError
from tests import make
from tests.web.reading import soup_of


@pytest.fixture
def desk(sign_in):
    return sign_in(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))


def csrf(desk, url="/auth/sessions") -> dict[str, str]:
    return {"csrf_token": soup_of(desk.get(url)).select_one("[name=csrf_token]")["value"]}


def fresh(row):
    db.session.rollback()
    return db.session.get(type(row), row.id, populate_existing=True)


def titles(answer) -> list[str]:
    return [link.text for link in soup_of(answer).select(".results h3")]


def test_the_list_finds_by_title_field_and_both_codes(desk):
    row = make.standard(title="تعمیر كولر", code="741200000000001", old_code="0-32/13")
    make.standard(title="خیاطی")
    for words in ("تعمير کولر", "۷۴۱۲", "0-32", row.field.title):
        assert "تعمیر كولر" in titles(desk.get("/hq/standards", query_string={"q": words}))


def test_a_long_list_goes_on_where_the_page_ends(desk):
    for n in range(30):
        make.standard(title=f"مهارت {n + 100}")
    first = desk.get("/hq/standards")
    second = desk.get(soup_of(first).select_one(".pager a")["href"])
    assert len(titles(first)) == 25
    assert not set(titles(first)) & set(titles(second))


def test_a_standard_leaves_use_with_a_reason_and_its_replacement(desk):
    old, new = make.standard(), make.standard()
    url = f"/hq/standards/{old.id}"
    answer = desk.post(
        f"{url}/retire", data={**csrf(desk), "reason": "بازنگری", "replacement": text.persian_digits(new.code)}
    )
    assert answer.status_code == 303
    assert (fresh(old).retired_at is None, fresh(old).replaced_by_id) == (False, new.id)
    page = soup_of(desk.get(url))
    assert new.title in page.text
    assert "بازنگری" in page.text
    with pytest.raises(DomainError, match="از رده خارج"):
        standards.usable(old.id)
    desk.post(f"{url}/back", data=csrf(desk))
    assert (fresh(old).retired_at, fresh(old).replaced_by_id) == (None, None)


@pytest.mark.parametrize(("data", "field"), [
    ({"reason": " "}, "reason"), ({"reason": "الف", "replacement": "123"}, "replacement"),
    ({"reason": "الف", "replacement": "own"}, "replacement"),
    ({"reason": "الف", "replacement": "retired"}, "replacement"),
])  # fmt: skip
def test_without_a_reason_or_with_a_wrong_replacement_a_standard_stays(desk, data, field):
    row, other = make.standard(), make.standard()
    standards.listing("all", "")
    other.retired_at = make.utcnow()
    db.session.commit()
    data = {
        **data,
        "replacement": {"own": row.code, "retired": other.code}.get(
            data.get("replacement"), data.get("replacement", "")
        ),
    }
    answer = desk.post(f"/hq/standards/{row.id}/retire", data={**csrf(desk), **data})
    assert answer.status_code == 422
    assert soup_of(answer).select_one(f"#{field}-error")
    assert fresh(row).retired_at is None


def items(row) -> list[tuple[str, int, int]]:
    db.session.rollback()
    query = (
        select(StandardRequirement).where(StandardRequirement.standard_id == row.id).order_by(StandardRequirement.id)
    )
    found = db.session.scalars(query.execution_options(populate_existing=True))
    return [(each.item_name, each.quantity, each.basis_n) for each in found]


ITEM = {"item_name": "دستگاه جوش", "group": "capital", "quantity": "۲", "per": "group", "basis_n": "۵"}


@pytest.mark.parametrize(("per", "basis", "words"), [
    ("group", 5, "برای هر ۵ نفر"), ("trainee", 1, "برای هر نفر"), ("workshop", 1000, "برای هر کارگاه"),
])  # fmt: skip
def test_an_item_is_asked_for_by_group_by_trainee_or_by_workshop(desk, per, basis, words):
    row = make.standard()
    url = f"/hq/standards/{row.id}/requirements"
    assert desk.post(url, data={**csrf(desk), **ITEM, "per": per}).status_code == 303
    assert items(row) == [("دستگاه جوش", 2, basis)]
    assert words in soup_of(desk.get(url)).text


def test_an_item_for_the_workshop_is_needed_once_however_many_come(desk):
    from services import places

    row = make.standard()
    room = make.workshop(make.unit(), row)
    desk.post(f"/hq/standards/{row.id}/requirements", data={**csrf(desk), **ITEM, "per": "workshop"})
    assert {places.shortages(room.id, row.id, n)[0].needed for n in (1, 20, 999)} == {2}


def test_an_item_is_changed_and_taken_away_as_it_was_seen(desk):
    row = make.standard()
    url = f"/hq/standards/{row.id}/requirements"
    desk.post(url, data={**csrf(desk), **ITEM})
    number = db.session.scalar(select(StandardRequirement.id))
    form = soup_of(desk.get(f"{url}?edit={number}")).select_one("form#item")
    seen = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    assert desk.post(url, data={**seen, **ITEM, "quantity": "3"}).status_code == 303
    assert items(row) == [("دستگاه جوش", 3, 5)]
    assert desk.post(url, data={**seen, **ITEM, "quantity": "9"}).status_code == 409
    assert desk.post(f"{url}/{number}/remove", data=seen).status_code == 409
    now = {**seen, "seen_quantity": "3"}
    assert desk.post(f"{url}/{number}/remove", data=now).status_code == 303
    assert items(row) == []
    actions = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["requirement.add", "requirement.change", "requirement.remove"]


@pytest.mark.parametrize(("over", "field"), [
    ({"item_name": ""}, "item_name"), ({"quantity": "0"}, "quantity"), ({"quantity": "دو"}, "quantity"),
    ({"basis_n": ""}, "basis_n"), ({"basis_n": "1001"}, "basis_n"), ({"item_name": "میز  كار"}, "item_name"),
])  # fmt: skip
def test_an_item_that_cannot_stand_comes_back_with_what_was_written(desk, over, field):
    row = make.standard()
    same = {"item_name": "میز کار", "item_key": text.key("میز کار"), "group": EquipmentGroup.CAPITAL}
    make.save(StandardRequirement(standard_id=row.id, quantity=1, basis_n=1, **same))
    answer = desk.post(f"/hq/standards/{row.id}/requirements", data={**csrf(desk), **ITEM, **over})
    assert answer.status_code == 422
    assert soup_of(answer).select_one(f"#{field}-error")
    assert len(items(row)) == 1


def test_a_standard_that_is_not_there_is_not_found(desk):
    for url in ("/hq/standards/999999", "/hq/standards/999999/requirements"):
        assert desk.get(url).status_code == 404
    assert db.session.scalar(select(SkillStandard.id)) is None


def opened(desk, url, number) -> dict[str, str]:
    """The form of an item as a person has it before them."""
    form = soup_of(desk.get(f"{url}?edit={number}")).select_one("form#item")
    found = {field["name"]: field.get("value", "") for field in form.select("input")}
    return found | {each["name"]: each.select_one("option[selected]")["value"] for each in form.select("select")}


def test_a_late_saving_of_an_item_keeps_what_was_written_and_saves_on_the_second_press(desk):
    row = make.standard()
    url = f"/hq/standards/{row.id}/requirements"
    desk.post(url, data={**csrf(desk), **ITEM})
    mine = colleagues = opened(desk, url, db.session.scalar(select(StandardRequirement.id)))
    assert desk.post(url, data={**colleagues, "item_name": "ترانس جوش"}).status_code == 303
    late = desk.post(url, data={**mine, "quantity": "۷"})
    assert (late.status_code, items(row)) == (409, [("ترانس جوش", 2, 5)])
    form = soup_of(late).select_one("form#item")
    again = {field["name"]: field.get("value", "") for field in form.select("input")}
    assert (again["item_name"], again["quantity"]) == ("ترانس جوش", "۷")
    again |= {each["name"]: each.select_one("option[selected]")["value"] for each in form.select("select")}
    assert desk.post(url, data=again).status_code == 303
    assert items(row) == [("ترانس جوش", 7, 5)]


def test_an_item_that_is_sent_twice_is_saved_once_and_so_is_its_change(desk):
    row = make.standard()
    url = f"/hq/standards/{row.id}/requirements"
    for _ in range(2):
        assert desk.post(url, data={**csrf(desk), **ITEM}).status_code == 303
    change = {**opened(desk, url, db.session.scalar(select(StandardRequirement.id))), "quantity": "9"}
    for _ in range(2):
        assert desk.post(url, data=change).status_code == 303
    assert items(row) == [("دستگاه جوش", 9, 5)]
    events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.action for event in events] == ["requirement.add", "requirement.change"]
    assert (events[1].detail["before"]["quantity"], events[1].detail["changes"]["quantity"]) == (2, 9)
