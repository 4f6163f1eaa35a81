"""What every installation begins with, and how the demo data comes on top of it."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from models import (
    ApprovalRoute,
    County,
    Holiday,
    Province,
    ReasonText,
    TargetGroup,
    Unit,
    UnitKind,
    User,
    db,
)
from scripts.demo.load import load
from scripts.reference.lay import HQ_CODE, lay
from services import policy, staff, tariffs
from tests import make

TODAY = dt.date(2026, 11, 22)


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def counts() -> dict[str, int]:
    models = (Province, County, Unit, ApprovalRoute, Holiday, ReasonText, TargetGroup)
    return {model.__name__: count(model) for model in models}


def test_an_empty_database_gets_provinces_headquarters_routes_fee_and_rules():
    assert lay()
    assert (count(Province), count(Unit), count(User)) == (31, 1, 0)
    assert count(County) > 440
    assert make.first(Unit).kind is UnitKind.HQ
    routes = {(row.unit_kind, row.setting): row.levels for row in db.session.scalars(select(ApprovalRoute))}
    assert (routes["center", "*"], routes["academy", "*"]) == ("center,province", "province")
    assert tariffs.amount_rials(tariffs.ENROLL_CREDIT, tariffs.Keys(UnitKind.CENTER), TODAY) == 50_000
    assert policy.value("max_active_courses", on=TODAY) == 1
    assert min(count(ReasonText), count(TargetGroup), count(Holiday)) > 5


def test_a_second_time_nothing_is_added_and_nothing_comes_back():
    lay()
    db.session.delete(make.first(ReasonText))
    db.session.commit()
    before = counts()
    assert not lay()
    assert counts() == before


@pytest.mark.once
@pytest.mark.parametrize("began_empty", [True, False])
def test_the_demo_data_stands_on_the_same_ground_whether_or_not_it_was_laid_before(tmp_path, began_empty):
    if not began_empty:
        lay()
    load(TODAY, tmp_path / "people.json")
    assert db.session.query(Unit).filter_by(code=HQ_CODE).count() == 1
    assert (count(Province), count(ApprovalRoute)) == (31, 6)
    offices = db.session.query(Unit).filter_by(kind=UnitKind.DIRECTORATE)
    assert {office.parent_id for office in offices} == {make.first(Unit, code=HQ_CODE).id}
    assert not staff.needs_first_admin()
