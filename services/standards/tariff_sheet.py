"""The tariffs of standards as a form of import: one amount for each way of teaching, from a day on.

Amounts are never changed backwards: another amount has another day. Source: docs/rules.md R-117.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Select, delete, select, tuple_

from models import SkillStandard, StandardTariff, db
from services import imports, labels, text
from services.access import Level
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values
from services.standards.sheet import CODE_LENGTH, ROLES

MODES = ("in_person", "virtual", "electronic")
MOST_RIALS = 10**11
Group = tuple[int, dt.date]


def of_standard(standard_id: int) -> list[tuple[dt.date, dict[str, int]]]:
    """The tariffs of a standard, newest day first: the amounts in rials by way of teaching."""
    query = select(StandardTariff).where(StandardTariff.standard_id == standard_id)
    found: dict[dt.date, dict[str, int]] = {}
    for row in db.session.scalars(query.order_by(StandardTariff.valid_from.desc(), StandardTariff.id)):
        found.setdefault(row.valid_from, {})[row.delivery] = row.amount_rials
    return list(found.items())


class Tariffs:
    """The rows of `standard_tariff` of one standard and day, together one line; its id is that of its first row."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        codes = {str(line["code"]) for line in lines}
        query = select(SkillStandard.code, SkillStandard.id).where(SkillStandard.code.in_(codes))
        ids = dict(iter(db.session.execute(query.order_by(SkillStandard.id).with_for_update())))
        groups = [(ids.get(str(line["code"]), 0), _day(line["valid_from"])) for line in lines]
        stored = _grouped(select(StandardTariff).where(_in(groups)))
        return [_stored(group, stored.get(group, [])) for group in groups]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        named = _groups(ids)
        stored = _grouped(select(StandardTariff).where(_in(list(named.values()))))
        return {row_id: _values(stored[group]) for row_id, group in named.items()}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        known = _groups([row_id for row_id, _ in changes if row_id])
        groups = [known[row_id] if row_id else _group_of(values) for row_id, values in changes]
        there, of_lines = _grouped(select(StandardTariff).where(_in(groups))), zip(groups, changes, strict=True)
        lines = [_filled(group, there.get(group, []), values) for group, (_, values) in of_lines]
        db.session.add_all(row for line in lines for row in line)
        db.session.flush()
        return [min(row.id for row in line) for line in lines]

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        db.session.execute(delete(StandardTariff).where(_in(list(_groups(ids).values()))))

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


def _groups(ids: Sequence[int]) -> dict[int, Group]:
    """The standard and the day of rows, by id, locked."""
    query = select(StandardTariff).where(StandardTariff.id.in_(ids)).order_by(StandardTariff.id).with_for_update()
    rows = db.session.scalars(query.execution_options(populate_existing=True))
    return {row.id: (row.standard_id, row.valid_from) for row in rows}


def _in(groups: Sequence[Group]) -> ColumnElement[bool]:
    return tuple_(StandardTariff.standard_id, StandardTariff.valid_from).in_(groups)


def _grouped(query: Select[StandardTariff]) -> dict[Group, list[StandardTariff]]:
    query = query.order_by(StandardTariff.id).with_for_update().execution_options(populate_existing=True)
    found: dict[Group, list[StandardTariff]] = {}
    for row in db.session.scalars(query):
        found.setdefault((row.standard_id, row.valid_from), []).append(row)
    return found


def _group_of(values: Values) -> Group:
    return int(values["standard_id"] or 0), _day(values["valid_from"])


def _day(value: Value) -> dt.date:
    """The day of a line; where its cell makes no sense, one from which no tariff begins."""
    return dt.date.fromisoformat(str(value)) if value else dt.date.min


def _filled(group: Group, rows: Sequence[StandardTariff], values: Values) -> list[StandardTariff]:
    """The rows of a line with its amounts; a way of teaching that has none yet gets a row."""
    by_mode = {row.delivery: row for row in rows}
    for mode in MODES:
        if mode in values:
            new = StandardTariff(standard_id=group[0], valid_from=group[1], delivery=mode)
            by_mode.setdefault(mode, new).amount_rials = int(values[mode] or 0)
    return list(by_mode.values())


def _stored(group: Group, rows: list[StandardTariff]) -> Stored:
    if not group[0]:
        return Stored(errors={"code": "استانداردی با این کد در کاتالوگ نیست"})
    if not rows:
        return Stored(implied={"standard_id": group[0]})
    return Stored(rows[0].id, _values(rows))


def _values(rows: Sequence[StandardTariff]) -> dict[str, Value]:
    return {row.delivery: row.amount_rials for row in rows}


def _amount(value: Value) -> str:
    return text.rial(int(value or 0))


FORM = imports.register(
    ImportForm(
        code="tariffs",
        title="ورود تعرفهٔ استانداردها",
        lead="سه مبلغ برای هر استاندارد به ریال: حضوری، مجازی و الکترونیکی، از تاریخی که می‌نویسید.",
        level=Level.HQ,
        roles=ROLES,
        columns=(
            Column("code", "کد_استاندارد_ایسکو", Kind.CODE, is_required=True, length=CODE_LENGTH),
            Column("valid_from", "از_تاریخ", Kind.DATE, is_required=True),
            *(
                Column(mode, labels.DELIVERY[mode], Kind.INTEGER, is_required=True, most=MOST_RIALS, hint="به ریال")
                for mode in MODES
            ),
        ),
        key=("code", "valid_from"),
        label=lambda values: str(values.get("code") or ""),
        shown=tuple(Shown(mode, labels.DELIVERY[mode], _amount) for mode in MODES),
        subject=Tariffs(),
        home="/hq/standards",
    )
)
