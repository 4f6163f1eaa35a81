"""The page that settles a discrepancy, for the manager of a center and the reviewer of a province."""

import pytest

from models import Role, UnitKind, db
from tests import make
from tests.web import pages


@pytest.fixture
def world():
    return pages.build()


@pytest.fixture(params=["center", "province"])
def side(request, world, sign_in):
    return f"/{request.param}/discrepancies", sign_in(world.staff[request.param])


def settle(client, token, url, **fields):
    return client.post(url, data={"csrf_token": token(client, url), **fields})


def test_both_values_stand_side_by_side_with_source_and_enrollments(side, world):
    base, client = side
    row = pages.discrepancy(world)
    pages.enroll(world.course, row.person)
    assert "محمدی" in client.get(base).get_data(as_text=True)
    page = client.get(f"{base}/{row.id}").get_data(as_text=True)
    for text in ("مریم رضائی", "مریم محمدی", "ثبت احوال", world.course.title):
        assert text in page


def test_the_decision_is_stored_and_the_list_is_shown(side, world, token):
    base, client = side
    row = pages.discrepancy(world)
    answer = settle(client, token, f"{base}/{row.id}", chosen="official", reason="کارت ملی دیده شد")
    assert (answer.status_code, answer.location) == (303, base)
    db.session.refresh(row.person)
    assert (row.person.last_name, row.person.identity_status) == ("محمدی", "verified")
    assert "کارت ملی دیده شد" in client.get(f"{base}/{row.id}").get_data(as_text=True)


@pytest.mark.parametrize("fields", [{"reason": "دلیل"}, {"chosen": "official"}, {"chosen": "other", "reason": "دلیل"}])
def test_an_incomplete_decision_keeps_what_was_typed(side, world, token, fields):
    base, client = side
    row = pages.discrepancy(world)
    answer = settle(client, token, f"{base}/{row.id}", **fields)
    assert answer.status_code == 422
    assert fields.get("reason", "") in answer.get_data(as_text=True)
    db.session.refresh(row)
    assert row.state == "open"


def test_whoever_is_late_hears_who_was_faster(side, world, token):
    base, client = side
    row, other = pages.discrepancy(world), pages.discrepancy(world)
    fields = {"chosen": "ours", "reason": "دلیل", "csrf_token": token(client, f"{base}/{other.id}")}
    assert client.post(f"{base}/{row.id}", data=fields).status_code == 303
    late = client.post(f"{base}/{row.id}", data=fields)
    assert late.status_code == 409
    assert "این مغایرت را بررسی کرد" in late.get_data(as_text=True)


def test_a_clerk_reads_it_and_cannot_decide(world, sign_in, token):
    row = pages.discrepancy(world)
    clerk = sign_in(make.user(Role.CLERK, world.unit))
    page = clerk.get(f"/center/discrepancies/{row.id}").get_data(as_text=True)
    assert "ثبت تصمیم" not in page
    fields = {"chosen": "ours", "reason": "دلیل", "csrf_token": token(clerk, "/center/discrepancies")}
    assert clerk.post(f"/center/discrepancies/{row.id}", data=fields).status_code == 403


def test_another_center_sees_nothing_of_it(world, sign_in):
    row = pages.discrepancy(world)
    stranger = sign_in(make.user(Role.MANAGER, make.unit(UnitKind.CENTER)))
    assert "محمدی" not in stranger.get("/center/discrepancies").get_data(as_text=True)
    assert stranger.get(f"/center/discrepancies/{row.id}").status_code == 404
