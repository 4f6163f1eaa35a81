"""How each database is opened: pragmas, time limits, and the kind of BEGIN."""

from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event

from models import db

MINIMUM_SQLITE = (3, 51, 3)  # older ones can corrupt a WAL file that two connections checkpoint at once

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
)
POSTGRES_OPTIONS = "-c lock_timeout=3000 -c statement_timeout=10000 -c idle_in_transaction_session_timeout=15000"


def sqlite_driver() -> Any:
    """A DB-API module whose SQLite is new enough: the bundled one, else the system's when it is."""
    try:
        from pysqlite3 import dbapi2 as driver
    except ImportError:
        import sqlite3 as driver
    if driver.sqlite_version_info < MINIMUM_SQLITE:
        raise RuntimeError(f"SQLite {driver.sqlite_version} is older than 3.51.3, which Doreh needs")
    return driver


def engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"module": sqlite_driver(), "connect_args": {"check_same_thread": False, "timeout": 30}}
    return {
        "connect_args": {"options": POSTGRES_OPTIONS, "connect_timeout": 3},
        "pool_size": 8,
        "max_overflow": 4,
        "pool_timeout": 5,
        "pool_pre_ping": True,
    }


def init_app(app: Flask) -> None:
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    db.init_app(app)
    with app.app_context():
        listen(db.engine)


def listen(engine: Engine) -> None:
    """Attach what a SQLite engine needs; the driver's own transaction control is switched off."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A read followed by a write in one deferred transaction fails at once: writers start as writers.
        immediate = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
