"""Runs the migrations inside the application's context, whole or not at all on both databases."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Engine

from models import db


def include_object(obj: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (kind == "table" and name == "ledger_entry")


def run() -> None:
    engine: Engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # A batch rebuild drops the parent of rows that stay. Said to the driver itself: inside a transaction, which
            # a statement of ours would begin, the pragma does nothing.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            connection = connection.execution_options(write=True)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            transactional_ddl=True,
            include_object=include_object,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise RuntimeError(f"rows without their parent: {lost[:5]}")
        connection.commit()
        if is_sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=ON")


run()
