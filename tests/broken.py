"""Rows changed behind the guards of the database, as a bad hand or a bad disk would."""

from sqlalchemy import text

from models import db


def behind_the_guards(statement: str, **values: object) -> None:
    """Run one statement that the ledger's append-only triggers refuse; the next test has its triggers again."""
    db.session.rollback()
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for attack in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS ledger_transfer_no_{attack}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement), values)
