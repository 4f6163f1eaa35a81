"""The few statements that SQLite and PostgreSQL spell in their own dialects."""

from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite

from models import Model, db


def insert_once(model: type[Model], **values: Any) -> Insert:
    """INSERT that does nothing when any unique key is taken; add `.returning(...)` to learn whether it did.

    The table is used, not the class: three times quicker, and column defaults still apply.
    """
    dialect = db.session.get_bind().dialect.name
    build: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: Insert = build(model.__table__).values(**values).on_conflict_do_nothing()
    return statement
