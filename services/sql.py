"""The few statements that SQLite and PostgreSQL spell in their own dialects."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, insert
from sqlalchemy.dialects import postgresql, sqlite

from models import Model, db

Row = tuple[type[Model], Mapping[str, Any]]  # a table and plain values for its columns


def insert_once(model: type[Model], **values: Any) -> Insert:
    """INSERT that does nothing when any unique key is taken; add `.returning(...)` to learn whether it did.

    The table is used, not the class: three times quicker, and column defaults still apply.
    """
    dialect = db.session.get_bind().dialect.name
    build: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    made: Any = build(model.__table__)
    statement: Insert = (made.values(**values) if values else made).on_conflict_do_nothing()
    return statement


def add_up(model: type[Model], keys: Mapping[str, Any], amounts: Mapping[str, int]) -> Insert:
    """INSERT of counts, or where the row of these keys is there the counts added to it."""
    dialect = db.session.get_bind().dialect.name
    build: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table: Any = model.__table__
    made: Any = build(table).values(**keys, **amounts)
    grown = {name: table.c[name] + made.excluded[name] for name in amounts}
    statement: Insert = made.on_conflict_do_update(index_elements=list(keys), set_=grown)
    return statement


def add_once(model: type[Model], **values: Any) -> int | None:
    """The id of a new row, or None when any unique key is taken; plain values only.

    For the paths that are walked all day: the statement is built once, because building costs more than running.
    """
    dialect = db.session.get_bind().dialect.name
    found = db.session.connection().execute(_adding(dialect, model), values).scalar()
    return None if found is None else int(found)


def add_many(model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Many rows by one statement, on both databases; column defaults apply."""
    if rows:
        # With RETURNING in no order: else SQLite and psycopg are sent a statement for each row.
        db.session.execute(insert(model).returning(model.id), rows)


def add_many_once(model: Any, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """The ids of the new ones of many rows, in no order; nothing happens where any unique key is taken."""
    if not rows:
        return []
    statement = insert_once(model).returning(model.__table__.c.id)
    return list(db.session.connection().execute(statement, rows).scalars())


@cache
def _adding(dialect: str, model: type[Model]) -> Insert:
    build: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: Insert = build(model.__table__).on_conflict_do_nothing().returning(model.__table__.c.id)
    return statement
