"""Fills a migrated, empty database with what every installation begins with."""

from sqlalchemy import select

from models import (
    ApprovalRoute,
    County,
    Holiday,
    Policy,
    Province,
    ReasonText,
    TargetGroup,
    Tariff,
    Unit,
    UnitKind,
    db,
)
from scripts.reference import places, rules
from scripts.reference.rows import Rows, titles
from services import text
from services.transaction import atomic

HQ_CODE = "100"
HQ_TITLE = "سازمان آموزش فنی و حرفه‌ای کشور (ستاد)"
HQ_ADDRESS = "تهران، خیابان آزادی، نبش خیابان خوش جنوبی"


def lay() -> bool:
    """Write provinces, headquarters and rules; False when there are provinces already, and nothing is touched."""
    with atomic():
        if db.session.scalar(select(Province.id).limit(1)) is not None:
            return False
        rows = Rows()
        _places(rows)
        rows.add(Unit, kind=UnitKind.HQ, code=HQ_CODE, address=HQ_ADDRESS, **titles(HQ_TITLE))
        _money_and_routes(rows)
        _words(rows)
        rows.write()
    return True


def _places(rows: Rows) -> None:
    for province in places.provinces():
        sort = text.sort_key(province.title)
        province_id = rows.add(Province, code=province.code, title=province.title, title_sort=sort)
        for county in province.counties:
            sort = text.sort_key(county.title)
            rows.add(County, province_id=province_id, code=county.code, title=county.title, title_sort=sort)


def _money_and_routes(rows: Rows) -> None:
    rows.add(Tariff, fee_kind=rules.FEE_KIND, valid_from=rules.SINCE, amount_rials=rules.FEE_RIALS)
    for unit_kind, setting, levels in rules.ROUTES:
        rows.add(ApprovalRoute, unit_kind=unit_kind, setting=setting, valid_from=rules.SINCE, levels=levels)
    for name, value in rules.POLICIES.items():
        rows.add(Policy, name=name, scope="*", valid_from=rules.SINCE, value=value)
    for day, title in rules.holidays().items():
        rows.add(Holiday, on_date=day, title=title)


def _words(rows: Rows) -> None:
    for position, (kind, code, title, body) in enumerate(rules.REASONS):
        rows.add(ReasonText, kind=kind, code=code, title=title, body=body, position=position)
    for code, title, no_mobile, no_fee, evidence in rules.TARGET_GROUPS:
        exempt = {"is_mobile_exempt": no_mobile, "is_fee_exempt": no_fee}
        rows.add(TargetGroup, code=code, title=title, needs_evidence=evidence, **exempt)
