"""The pages of a day of a bank: from the file that was sent to the day, what is refused in words, and for whom."""

import pytest
from bs4 import BeautifulSoup

from models import ImportBatch, ImportState, Role, UnitKind
from services import policy
from tests import make
from tests.web import book_scenes, walking


@pytest.fixture
def reviewer():
    return make.user(Role.REVIEWER, make.unit(UnitKind.HQ))


@pytest.mark.once
def test_a_file_that_was_taken_leads_to_its_day_and_what_is_refused_there_is_said_in_words(sign_in, reviewer):
    day, client = book_scenes.day(), sign_in(reviewer)
    taken = book_scenes.sent(reviewer, day)
    book_scenes.row(taken, "unknown_here")
    about = {"unit_id": reviewer.roles[0].unit_id, "user_id": reviewer.id, "form": "bank_sep", "level": "hq"}
    file = {"file_name": "a.csv", "file_key": "0", "sha256": taken.sha256, "size_bytes": 1}
    batch = make.save(ImportBatch(state=ImportState.DONE, read_at=taken.created_at, **about, **file))
    page = f"/hq/reconciliation/sep/{day}"
    assert client.get(f"/hq/imports/batches/{batch.id}").headers["Location"] == page
    token = {"csrf_token": walking.token(client, "hq")}
    unticked = client.post(page, data=token | {"note": "روشن شد", "do": "settle"})
    assert (unticked.status_code, "مغایرت‌های موردنظر را انتخاب کنید" in unticked.text) == (422, True)
    nothing = BeautifulSoup(client.post(page, data=token | {"do": "settle"}).data, "html.parser")
    assert [each["href"] for each in nothing.select(".alert a")] == ["#difference-0", "#note"]
    assert nothing.select_one("#difference-0")["type"] == "checkbox"
    asked = client.post(page, data=token | {"do": "ask", "difference": "row:1"})
    assert (asked.status_code, "پرداخت بازی انتخاب نشده است" in asked.text) == (422, True)
    assert client.get(f"/hq/reconciliation/sep/{policy.today().replace(year=2999)}").status_code == 404
    assert client.get("/hq/reconciliation?until=%00").status_code == 200
