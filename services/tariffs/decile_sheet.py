"""Income deciles as a form of import: each line says of a national code which decile it is in, from a day on.

Who has never enrolled is noted too, so that their first enrollment costs what it should; of them nothing but the code
is kept. Source: docs/rules.md R-509.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select, tuple_, update

from models import IncomeDecile, Role, db, utcnow
from services import audit, imports, people, text
from services.access import Level
from services.errors import Conflict
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values
from services.instructors.sheet import CODE, code_prepared, people_of
from services.sql import insert_once

SOURCE = "sheet"
_MEANWHILE = "دهک همین شخص از همین روز را کسی در این میان ثبت کرد؛ پرونده را دوباره بفرستید."


class Deciles:
    """Rows of `income_decile`, found by person and day."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        known = people_of(lines)
        asked = [(known.get(str(line["national_code"])), line["valid_from"]) for line in lines]
        pairs = [(person.id, _day(day)) for person, day in asked if person and day]
        there = {(row.person_id, row.valid_from): row for row in _rows(_in(pairs))}
        return [_stored(there.get((person.id, _day(day))) if person and day else None) for person, day in asked]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        return {row.id: {"decile": row.decile} for row in _rows(IncomeDecile.id.in_(ids))}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        """New rows and corrected ones, each kind by one statement; the trail says who, and no decile."""
        corrected = [{"id": row_id, "decile": values["decile"]} for row_id, values in changes if row_id]
        if corrected:
            db.session.execute(update(IncomeDecile), corrected)
            _tell(scope, "income_decile_corrected", [int(row["id"] or 0) for row in corrected])
        new = [values for row_id, values in changes if row_id is None]
        made = iter(_add(scope, new) if new else ())
        return [row_id or next(made) for row_id, _ in changes]

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        db.session.execute(delete(IncomeDecile).where(IncomeDecile.id.in_(ids)))
        _tell(scope, "income_decile_taken_back", ids)

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


def _rows(where: ColumnElement[bool]) -> Sequence[IncomeDecile]:
    query = select(IncomeDecile).where(where).order_by(IncomeDecile.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _in(pairs: Sequence[tuple[int, dt.date]]) -> ColumnElement[bool]:
    return tuple_(IncomeDecile.person_id, IncomeDecile.valid_from).in_(pairs)


def _stored(row: IncomeDecile | None) -> Stored:
    return Stored(row.id, {"decile": row.decile}) if row else Stored()


def _day(value: Value) -> dt.date:
    return dt.date.fromisoformat(str(value))


def _add(scope: Scope, lines: Sequence[Values]) -> list[int]:
    """The ids of new rows in the order of their lines."""
    whose = people.find_or_create_each([str(line["national_code"]) for line in lines])
    same: dict[str, Any] = {"recorded_by_id": scope.user_id, "source": SOURCE, "created_at": utcnow()}
    said = [(whose[str(line["national_code"])].id, _day(line["valid_from"]), line["decile"]) for line in lines]
    rows = [same | {"person_id": person, "valid_from": day, "decile": decile} for person, day, decile in said]
    table: Any = IncomeDecile.__table__
    adding = insert_once(IncomeDecile).returning(table.c.id, table.c.person_id, table.c.valid_from)
    made = {(row.person_id, row.valid_from): row.id for row in db.session.connection().execute(adding, rows)}
    if len(made) < len(rows):
        raise Conflict(_MEANWHILE)
    _tell(scope, "income_decile_recorded", list(made.values()))
    return [made[person, day] for person, day, _ in said]


def _tell(scope: Scope, action: str, ids: Sequence[int]) -> None:
    audit.record_each(action, "income_decile", {row_id: {} for row_id in ids}, actor_id=scope.user_id)


FORM = imports.register(
    ImportForm(
        code="deciles",
        title="ورود دهک درآمدی",
        lead="دهک خانوار هر شخص، از تاریخی که می‌نویسید. ثبت‌نام‌های پیشین عوض نمی‌شود؛ ثبت‌نام بعدی با تعرفهٔ همان دهک است.",
        level=Level.HQ,
        roles=(Role.ADMIN,),
        columns=(
            CODE,
            Column("decile", "دهک", Kind.INTEGER, is_required=True, least=1, most=10),
            Column("valid_from", "از_تاریخ", Kind.DATE, is_required=True),
        ),
        key=("national_code", "valid_from"),
        label=lambda values: people.masked_code(str(values.get("national_code") or "")),
        shown=(Shown("decile", "دهک", lambda value: text.persian_digits(value or "نامعلوم")),),
        subject=Deciles(),
        prepare=code_prepared,
        home="/hq/tariffs",
    )
)
