"""Collects rows with their ids and writes them in bulk, parents first."""

from itertools import count, groupby
from typing import Any

from sqlalchemy import func, insert, select, text

from models import Base, Model, db
from services import text as words


def titles(title: str) -> dict[str, str]:
    """The columns of a title that is searched and sorted."""
    return {"title": title, "title_key": words.key(title), "title_sort": words.sort_key(title)}


class Rows:
    """Rows of a database that nobody else writes to; ids are given here so that rows can name each other early."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.ids: dict[str, count[int]] = {}

    def add(self, model: type[Model], **values: Any) -> int:
        """Collect one row; returns its id."""
        name = model.__tablename__
        if "id" not in values:
            if name not in self.ids:
                self.ids[name] = count(_last_id(model) + 1)
            values["id"] = next(self.ids[name])
        self.rows.setdefault(name, []).append(values)
        return int(values["id"])

    def put(self, model: type[Model], row_id: int, **values: Any) -> None:
        """More values for a row that is collected already."""
        next(row for row in self.rows[model.__tablename__] if row["id"] == row_id).update(values)

    def write(self) -> None:
        """Insert everything in the order in which it was added, table by table."""
        for table in Base.metadata.sorted_tables:
            # One statement inserts rows that name the same columns; defaults fill the rest.
            for names, same in groupby(self.rows.get(table.name, []), key=lambda row: sorted(row)):
                if unknown := set(names) - set(table.c.keys()):
                    raise KeyError(f"{table.name} has no {unknown}")
                db.session.execute(insert(table), list(same))
        if db.engine.dialect.name == "postgresql":
            self._move_sequences()

    def _move_sequences(self) -> None:
        for name in self.rows:
            last = func.max(Base.metadata.tables[name].c.id)
            sequence = func.pg_get_serial_sequence(f'"{name}"', "id")
            db.session.execute(select(func.setval(sequence, select(last).scalar_subquery())))


def _last_id(model: type[Model]) -> int:
    return db.session.scalar(select(func.max(text("id"))).select_from(model.__table__)) or 0
