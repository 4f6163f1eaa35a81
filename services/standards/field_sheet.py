"""Families, clusters and fields of the trades as a form of import; standards name a field that must be there."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, select

from models import FieldLevel, InstructorField, SkillStandard, TradeField, db
from services import imports, text
from services.access import Level
from services.errors import DomainError
from services.imports import Change, Column, ImportForm, Scope, Stored, Value, Values
from services.standards.sheet import ROLES

_LEVELS = (("family", FieldLevel.FAMILY), ("cluster", FieldLevel.CLUSTER), ("field", FieldLevel.FIELD))
Path = tuple[str, ...]


class Fields:
    """Rows of `trade_field`, found by the whole path of titles; families and clusters are made on the way."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        paths = _paths()
        return [self._stored(paths.get(_path(line))) for line in lines]

    def _stored(self, field_id: int | None) -> Stored:
        return Stored(field_id, {"id": field_id} if field_id else {})

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        query = select(TradeField.id).where(TradeField.id.in_(ids)).order_by(TradeField.id).with_for_update()
        return {field_id: {"id": field_id} for field_id in db.session.scalars(query)}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        paths = _paths()
        for depth, (name, level) in enumerate(_LEVELS, 1):
            new: dict[Path, TradeField] = {}
            for _, values in changes:
                path = _path(values)[:depth]
                if path not in paths and path not in new:
                    new[path] = _row(level, str(values[name]), paths.get(path[:-1]))
            db.session.add_all(new.values())
            db.session.flush()
            paths |= {path: row.id for path, row in new.items()}
        return [paths[_path(values)] for _, values in changes]

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        for column in (SkillStandard.field_id, InstructorField.field_id):
            if db.session.scalar(select(column).where(column.in_(ids)).limit(1)) is not None:
                raise DomainError("برگردانده نشد: استاندارد یا مربی این رشته ثبت شده است.")
        db.session.execute(delete(TradeField).where(TradeField.id.in_(ids)))

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


def _row(level: FieldLevel, title: str, parent: int | None) -> TradeField:
    keys = {"title_key": text.key(title), "title_sort": text.sort_key(title)}
    return TradeField(level=level, parent_id=parent, title=title, **keys)


def _path(line: Values) -> Path:
    return tuple(text.key(str(line.get(name) or "")) for name, _ in _LEVELS)


def _paths() -> dict[Path, int]:
    """Every family, cluster and field by the keys of its titles from the top; there are some hundreds of them."""
    rows = db.session.execute(select(TradeField.id, TradeField.parent_id, TradeField.title_key)).all()
    above = {row.id: row for row in rows}
    found: dict[Path, int] = {}
    for row in rows:
        path: Path = (row.title_key,)
        at = row.parent_id
        while at and len(path) < len(_LEVELS):
            path, at = (above[at].title_key, *path), above[at].parent_id
        found[path] = row.id
    return found


FORM = imports.register(
    ImportForm(
        code="fields",
        title="ورود رشته‌ها",
        lead="رسته، خوشه و رشته. استانداردها فقط در رشته‌ای ثبت می‌شوند که این‌جا هست.",
        level=Level.HQ,
        roles=ROLES,
        columns=(
            Column("family", "رسته", is_required=True),
            Column("cluster", "خوشه", is_required=True),
            Column("field", "رشته", is_required=True),
        ),
        key=("family", "cluster", "field"),
        label=lambda values: "، ".join(str(values.get(name) or "") for name, _ in _LEVELS),
        shown=(),
        subject=Fields(),
        home="/hq/standards",
    )
)
