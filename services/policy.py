"""Rule values that change without a change of code: the newest row of the narrowest scope, else the default here."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import case, select

from models import Policy, Unit, db, utcnow
from services.jalali import tehran_today

# Every rule value that the product asks for, with what holds while nobody has written a row.
DEFAULTS: dict[str, Any] = {
    "separation_of_duties": True,
    "capacity_default": 15,
    "max_active_courses": 1,
    "undo_minutes": 10,
    "instructor_name_public": True,
}


def value(name: str, unit: Unit | None = None, *, on: date | None = None) -> Any:
    """The value of rule `name` for a unit on a day (today in Tehran when not given).

    A row for the unit's province (its code) stands before one for the unit's kind, and that before `*`.

    Raises:
        KeyError: no such rule; rules are declared in `DEFAULTS`.
    """
    default = DEFAULTS[name]
    scopes = ["*"]
    if unit is not None:
        scopes.insert(0, unit.kind.value)
        if unit.province is not None:
            scopes.insert(0, unit.province.code)
    rank = case({scope: place for place, scope in enumerate(scopes)}, value=Policy.scope)
    query = (
        select(Policy.value)
        .where(Policy.name == name, Policy.scope.in_(scopes), Policy.valid_from <= (on or today()))
        .order_by(rank, Policy.valid_from.desc())
        .limit(1)
    )
    row = db.session.execute(query).first()
    return default if row is None else row[0]


def today(now: datetime | None = None) -> date:
    return tehran_today(now or utcnow())
