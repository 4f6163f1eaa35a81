"""The migrated database is the one that the models describe, guards included; and it refuses what it must."""

import re

import pytest
from sqlalchemy import MetaData, create_engine, inspect, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from models import APPEND_ONLY, Base, db
from services import database


@pytest.fixture
def created(tmp_path) -> Engine:
    """A database made from the models alone, beside the migrated one of the test."""
    if db.engine.dialect.name == "sqlite":
        url = f"sqlite:///{tmp_path}/created.sqlite3"
        engine = create_engine(url, **database.engine_options(url))
        database.listen(engine)
        Base.metadata.create_all(engine)
        yield engine
        engine.dispose()
        return
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS created CASCADE"))
        connection.execute(text("CREATE SCHEMA created"))
    engine = create_engine(db.engine.url, connect_args={"options": "-c search_path=created"})
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA created CASCADE"))


def shape(engine: Engine, schema: str | None = None) -> dict[str, object]:
    """Columns, keys, checks, indexes, triggers and views of a database, spelled the same for both."""
    metadata = MetaData(schema=schema)
    metadata.reflect(engine)
    look = inspect(engine)
    found: dict[str, object] = {}
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        found[f"{table.name} columns"] = sorted((c.name, str(c.type), c.nullable) for c in table.columns)
        found[f"{table.name} checks"] = sorted(
            (c["name"], tidy(c["sqltext"])) for c in look.get_check_constraints(table.name, schema=schema)
        )
        found[f"{table.name} unique"] = sorted(
            (c["name"], tuple(c["column_names"])) for c in look.get_unique_constraints(table.name, schema=schema)
        )
        found[f"{table.name} foreign"] = sorted(
            (c["name"], tuple(c["constrained_columns"]), c["referred_table"])
            for c in look.get_foreign_keys(table.name, schema=schema)
        )
    return found | others(engine, schema or "public")


def others(engine: Engine, schema: str) -> dict[str, object]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.execute(
                text(
                    "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view', 'index') AND sql <> ''"
                )
            )
            return {f"{kind} {name}": tidy(sql) for kind, name, sql in rows}
        queries = (
            "SELECT 'index', indexname, indexdef FROM pg_indexes "
            "WHERE schemaname = :s AND tablename <> 'alembic_version'",
            "SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = :s",
            "SELECT 'trigger', tgname, pg_get_triggerdef(t.oid) "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = :s AND NOT tgisinternal",
        )
        rows = [row for query in queries for row in connection.execute(text(query), {"s": schema})]
    return {f"{kind} {name}": tidy(sql.replace(f"{schema}.", "")) for kind, name, sql in rows}


def tidy(sql: str) -> str:
    return re.sub(r"[\s\"()]+", " ", sql).strip()


def test_the_models_and_the_migrations_make_the_same_database(created):
    schema = None if created.dialect.name == "sqlite" else "created"
    wanted, migrated = shape(created, schema), shape(db.engine)
    assert migrated == wanted


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_an_append_only_table_has_its_guards_in_the_migrated_database(table):
    names = [name for name in others(db.engine, "public") if name.startswith(f"trigger {table}_no_")]
    assert len(names) == (3 if db.engine.dialect.name == "sqlite" else 2)


@pytest.mark.parametrize("attack", ["update", "delete", "replace"])
def test_an_audit_row_can_be_neither_changed_nor_deleted_nor_replaced(attack):
    insert = "INSERT INTO audit_event (id, action, subject, detail, at) VALUES (1, 'a', 'b', '{}', CURRENT_TIMESTAMP)"
    db.session.execute(text(insert))
    db.session.commit()
    statement = {
        "update": "UPDATE audit_event SET action = 'c'",
        "delete": "DELETE FROM audit_event",
        "replace": insert.replace("INSERT", "INSERT OR REPLACE") if db.engine.dialect.name == "sqlite"
        else "TRUNCATE audit_event",
    }[attack]  # fmt: skip
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert db.session.scalar(text("SELECT action FROM audit_event")) == "a"


def test_a_database_time_without_a_zone_is_a_bug_and_refused():
    import datetime as dt

    from models import CronRun

    db.session.add(CronRun(name="x", slot="y", at=dt.datetime(2026, 1, 1)))  # noqa: DTZ001 (that is the point)
    with pytest.raises(Exception, match="naive datetime"):
        db.session.flush()
    db.session.rollback()
