"""The catalog of standards as a form of import, in the columns of the organization's own file.

Source: docs/rules.md R-113 to R-115.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import aliased, joinedload

from models import (
    Course,
    FieldLevel,
    Role,
    SkillStandard,
    StandardRequirement,
    StandardTariff,
    TradeField,
    WorkshopStandard,
    db,
    utcnow,
)
from services import imports, labels, text
from services.access import Level
from services.errors import DomainError
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values

CODE_LENGTH = 15
ROLES = (Role.ADMIN, Role.REVIEWER)
_PARTS = (("theory", "تئوری"), ("practice", "عملی"), ("project", "پروژه"), ("internship", "کارورزی"))
_PLAIN = (
    "code", "title", "theory_minutes", "practice_minutes", "project_minutes", "internship_minutes", "min_education",
    "prerequisite", "old_code", "instructor_requirement", "kind", "karodanesh_kind",
)  # fmt: skip


def _hours() -> list[Column]:
    found = []
    for name, title in _PARTS:
        found.append(Column(f"{name}_hours", f"ساعت_{title}", Kind.HOURS, most=9999))
        found.append(Column(f"{name}_rest", f"دقیقه_{title}", Kind.HOURS, most=59))
    return found


COLUMNS = (
    Column("family", "رسته", hint="با رستهٔ همان رشته سنجیده می‌شود"),
    Column("cluster", "خوشه", hint="با خوشهٔ همان رشته سنجیده می‌شود"),
    Column("field", "رشته", is_required=True, hint="باید از پیش در کاتالوگ باشد"),
    Column("title", "حرفه", is_required=True),
    Column("code", "کد_استاندارد_ایسکو", Kind.CODE, is_required=True, length=CODE_LENGTH),
    Column("old_code", "کد_استاندارد_قدیم", longest=40),
    *_hours(),
    Column("instructor_requirement", "صلاحیت_مربی", longest=1000),
    Column("prerequisite", "پیش‌نیاز"),
    Column("compiled_on", "تاریخ_تدوین", Kind.DATE),
    Column("kind", "نوع", longest=60),
    Column("karodanesh_kind", "نوع_کارودانش", longest=60),
    Column("min_education", "حداقل_تحصیلات", longest=60),
)


def prepare(values: Values) -> tuple[Values, dict[str, str]]:
    """Hours and minutes as minutes; a column that the sheet lacks stays untouched."""
    found = dict(values)
    for name, _ in _PARTS:
        hours, rest = found.pop(f"{name}_hours", None), found.pop(f"{name}_rest", None)
        if f"{name}_hours" in values or f"{name}_rest" in values:
            found[f"{name}_minutes"] = int(hours or 0) * 60 + int(rest or 0)
    return found, {}


class Standards:
    """Rows of `skill_standard`, found by code."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        codes = {line["code"] for line in lines}
        by_code = {row.code: row for row in db.session.scalars(_locking(SkillStandard.code.in_(codes)))}
        fields = _fields({text.key(str(line.get("field") or "")) for line in lines})
        named = _namesakes(lines)
        rows = [by_code.get(str(line["code"])) for line in lines]
        stored = [self._stored(scope, line, row, fields, named) for line, row in zip(lines, rows, strict=True)]
        empty = [_no_hours(line, cells) for line, cells in zip(lines, wrong, strict=True)]
        return [replace(one, errors={**one.errors, **more}) for one, more in zip(stored, empty, strict=True)]

    def _stored(self, scope: Scope, line: Values, row: SkillStandard | None, fields: Any, named: Any) -> Stored:
        field, errors = _field_of(line, fields)
        field_id = field.id if field else None
        implied: dict[str, Value] = {"field_id": field_id, "field": field.title if field else None}
        if scope.options.get("whole"):
            implied |= {"retired_at": None, "replaced_by_id": None}  # a whole list says what is in use
        elif row is None:
            implied |= {"retired_at": None}
        if field_id and line["code"] and (other := _other(named, field_id, line, scope)):
            errors["title"] = f"همین حرفه در این رشته با کد {text.persian_digits(other)} در حال استفاده است"
        return Stored(row.id if row else None, _values(row) if row else {}, errors, implied)

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        return {row.id: _values(row) for row in db.session.scalars(_locking(SkillStandard.id.in_(ids)))}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        ids = [row_id for row_id, _ in changes if row_id]
        there = {row.id: row for row in db.session.scalars(select(SkillStandard).where(SkillStandard.id.in_(ids)))}
        rows = [there[row_id] if row_id else SkillStandard() for row_id, _ in changes]
        for row, (_, values) in zip(rows, changes, strict=True):
            _fill(row, values)
        db.session.add_all(rows)
        db.session.flush()
        return [row.id for row in rows]

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        used = (
            (Course.standard_id, "دوره‌ای از آن ساخته شده است"),
            (WorkshopStandard.standard_id, "کارگاهی برای آن ثبت شده است"),
            (StandardRequirement.standard_id, "تجهیزاتی برای آن ثبت شده است"),
            (StandardTariff.standard_id, "تعرفه‌ای برای آن ثبت شده است"),
            (SkillStandard.replaced_by_id, "جایگزین استاندارد دیگری شده است"),
        )
        for column, why in used:
            if db.session.scalar(select(column).where(column.in_(ids)).limit(1)) is not None:
                raise DomainError(f"برگردانده نشد: {why}.")
        db.session.execute(delete(SkillStandard).where(SkillStandard.id.in_(ids)))

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        at: Values = {"retired_at": utcnow().isoformat()}
        query = select(SkillStandard.id, SkillStandard.code, SkillStandard.title)
        query = query.where(SkillStandard.retired_at.is_(None)).order_by(SkillStandard.title_sort, SkillStandard.id)
        return [
            (row.id, f"{row.code} {row.title}", {"retired_at": None}, at)
            for row in db.session.execute(query)
            if (row.code,) not in scope.keys
        ]


def _fill(row: SkillStandard, values: Values) -> None:
    for name in {*_PLAIN, "field_id", "replaced_by_id"} & values.keys():
        setattr(row, name, values[name])
    if "title" in values:
        row.title_key, row.title_sort = text.key(row.title), text.sort_key(row.title)
    if "compiled_on" in values:
        row.compiled_on = _as_date(values["compiled_on"])
    if "retired_at" in values:
        row.retired_at = dt.datetime.fromisoformat(str(values["retired_at"])) if values["retired_at"] else None


def _no_hours(line: Values, wrong: Collection[str]) -> dict[str, str]:
    """No standard is without hours; of cells that make no sense nobody knows how many they mean."""
    parts = [line.get(f"{name}_minutes") for name, _ in _PARTS]
    unknown = any(name.endswith(("_hours", "_rest")) for name in wrong)
    if unknown or None in parts or any(parts):
        return {}
    return {"theory_hours": "هیچ ساعتی نوشته نشده است؛ جمع ساعت‌ها صفر است"}


# -- What the lines name -----------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """A field of trades, with the keys of the titles above it."""

    id: int
    title: str
    cluster: str
    family: str


def _fields(keys: set[str]) -> dict[str, list[Field]]:
    """Fields by the key of their title."""
    cluster, family = aliased(TradeField), aliased(TradeField)
    query = (
        select(TradeField.title_key, TradeField.id, TradeField.title, cluster.title_key, family.title_key)
        .outerjoin(cluster, cluster.id == TradeField.parent_id)
        .outerjoin(family, family.id == cluster.parent_id)
        .where(TradeField.level == FieldLevel.FIELD, TradeField.title_key.in_(keys))
        .order_by(TradeField.id)
    )
    found: dict[str, list[Field]] = {}
    for own, field_id, title, above, top in db.session.execute(query):
        found.setdefault(own, []).append(Field(field_id, title, above or "", top or ""))
    return found


def _field_of(line: Values, fields: dict[str, list[Field]]) -> tuple[Field | None, dict[str, str]]:
    """The field that a line means; family and cluster tell fields of one name apart and must not contradict."""
    candidates = fields.get(text.key(str(line.get("field") or "")), [])
    if not candidates:
        return None, {"field": "این رشته در کاتالوگ نیست؛ املای آن را بسنجید یا نخست رشته را وارد کنید"}
    for name, title in (("cluster", "خوشهٔ"), ("family", "رستهٔ")):
        wanted = text.key(str(line.get(name) or ""))
        fitting = [one for one in candidates if not wanted or getattr(one, name) in ("", wanted)]
        if not fitting:
            return None, {name: f"این رشته در کاتالوگ {title} دیگری دارد"}
        candidates = fitting
    if len(candidates) > 1:
        return None, {"field": "چند رشته با این نام هست؛ رسته و خوشه را هم بنویسید"}
    return candidates[0], {}


def _namesakes(lines: Sequence[Values]) -> dict[tuple[int, str], list[str]]:
    """Codes of the standards in use that have the titles of these lines, by field and key of the title."""
    keys = {text.key(str(line.get("title") or "")) for line in lines}
    query = select(SkillStandard.field_id, SkillStandard.title_key, SkillStandard.code)
    query = query.where(SkillStandard.title_key.in_(keys), SkillStandard.retired_at.is_(None))
    found: dict[tuple[int, str], list[str]] = {}
    for field_id, title_key, code in db.session.execute(query):
        found.setdefault((field_id, title_key), []).append(code)
    return found


def _other(named: dict[tuple[int, str], list[str]], field_id: int, line: Values, scope: Scope) -> str | None:
    """Another standard in use of the same name and field, but for one that a whole list is about to retire."""
    for code in named.get((field_id, text.key(str(line.get("title") or ""))), []):
        leaves = scope.options.get("whole") and (code,) not in scope.keys
        if code != line["code"] and not leaves:
            return code
    return None


def _locking(where: ColumnElement[bool]) -> Select[SkillStandard]:
    """The standards themselves are locked, in one order for everybody; their fields are only read."""
    query = select(SkillStandard).where(where).order_by(SkillStandard.id).with_for_update(of=SkillStandard)
    query = query.options(joinedload(SkillStandard.field, innerjoin=True))
    return query.execution_options(populate_existing=True)


def _values(row: SkillStandard) -> dict[str, Value]:
    values: dict[str, Value] = {name: getattr(row, name) for name in (*_PLAIN, "field_id", "replaced_by_id")}
    values["field"] = row.field.title
    values["compiled_on"] = row.compiled_on.isoformat() if row.compiled_on else None
    values["retired_at"] = row.retired_at.isoformat() if row.retired_at else None
    return values


def _as_date(value: Value) -> dt.date | None:
    return dt.date.fromisoformat(str(value)) if value else None


# -- The form ----------------------------------------------------------------------


def _minutes(value: Value) -> str:
    return labels.hours(int(value or 0))


SHOWN = (
    Shown("title", "حرفه"),
    Shown("field", "رشته"),
    Shown("old_code", "کد قدیم"),
    *(Shown(f"{name}_minutes", f"آموزش {title}", _minutes) for name, title in _PARTS),
    Shown("instructor_requirement", "صلاحیت مربی"),
    Shown("prerequisite", "پیش‌نیاز"),
    Shown("compiled_on", "تاریخ تدوین", imports.show_date),
    Shown("kind", "نوع"),
    Shown("karodanesh_kind", "نوع کارودانش"),
    Shown("min_education", "حداقل تحصیلات"),
    Shown("retired_at", "خروج از رده", imports.show_date),
)

FORM = imports.register(
    ImportForm(
        code="standards",
        title="ورود کاتالوگ استانداردها",
        lead="همان ستون‌های پروندهٔ سازمان. پیش از ثبت، تفاوت هر ردیف با کاتالوگ نشان داده می‌شود.",
        level=Level.HQ,
        roles=ROLES,
        columns=COLUMNS,
        key=("code",),
        unique=(("family", "cluster", "field", "title"),),
        label=lambda values: f"{values.get('code') or ''} {values.get('title') or ''}".strip(),
        shown=SHOWN,
        subject=Standards(),
        prepare=prepare,
        whole="این پرونده کل کاتالوگ است؛ استانداردی که در آن نیست از رده خارج شود",
        home="/hq/standards",
    )
)
