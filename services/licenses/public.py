"""An academy as anybody may see it: who it is, and what its license allows until when."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import License, LicenseTrade, SkillStandard, TradeField, Unit, UnitKind, db
from services.courses.licensing import COUNTS

MOST = 40


@dataclass(frozen=True)
class Academy:
    """An academy, the license that counts, and what it allows: whole fields, then single standards, by title."""

    unit: Unit
    license: License | None
    fields: list[str]
    standards: list[str]


def academy(code: str) -> Academy | None:
    """The academy with this code, when it is in use; four queries."""
    query = select(Unit).where(Unit.code == code, Unit.kind == UnitKind.ACADEMY, Unit.is_active)
    unit = db.session.scalar(query.options(joinedload(Unit.county), joinedload(Unit.province)))
    if unit is None:
        return None
    held = db.session.scalar(select(License).where(License.unit_id == unit.id, License.state.in_(COUNTS)))
    if held is None:
        return Academy(unit, None, [], [])
    return Academy(unit, held, _titles(held, TradeField), _titles(held, SkillStandard))


def _titles(held: License, model: type[TradeField] | type[SkillStandard]) -> list[str]:
    column = LicenseTrade.field_id if model is TradeField else LicenseTrade.standard_id
    query = select(model.title).join(LicenseTrade, column == model.id).where(LicenseTrade.license_id == held.id)
    return list(db.session.scalars(query.order_by(model.title_sort).limit(MOST)))
