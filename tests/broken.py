"""Rows changed behind the guards of the database, as a bad hand or a bad disk would."""

import itertools

from sqlalchemy import Connection, text

from models import db

CHECK = "ck_ledger_transfer_debit_has_enrollment"


def behind_the_guards(statement: str, **values: object) -> None:
    """Run one statement that the guards of the ledger or of movements refuse; the next test has them again."""
    db.session.rollback()
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for table, attack in itertools.product(("ledger_transfer", "equipment_movement"), ("update", "delete")):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{attack}"))
            connection.execute(text("PRAGMA ignore_check_constraints=ON"))
            connection.execute(text(statement), values)
            connection.execute(text("PRAGMA ignore_check_constraints=OFF"))
        else:
            _on_postgresql(connection, statement, values)


def _on_postgresql(connection: Connection, statement: str, values: dict[str, object]) -> None:
    meaning = connection.scalar(text(f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{CHECK}'"))
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    connection.execute(text(f"ALTER TABLE ledger_transfer DROP CONSTRAINT {CHECK}"))
    connection.execute(text(statement), values)
    connection.execute(text(f"ALTER TABLE ledger_transfer ADD CONSTRAINT {CHECK} {meaning} NOT VALID"))
