"""How each database is opened: pragmas, time limits, and the kind of BEGIN."""

import select
import time
from typing import Any

from flask import Flask, has_request_context
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError

from models import db

MINIMUM_SQLITE = (3, 51, 3)  # older ones can corrupt a WAL file that two connections checkpoint at once

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
)
ASK_AFTER_S = 30  # a connection that has rested so long is asked whether its server still answers
# Compiling a statement first pays for analyses of minutes; of a page it takes longer than the page may.
POSTGRES_OPTIONS = (
    "-c lock_timeout=3000 -c statement_timeout=10000 -c idle_in_transaction_session_timeout=15000 -c jit=off"
)


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
    # The message of an error goes to the log, and the values of a statement are people's data.
    if url.startswith("sqlite"):
        arguments = {"check_same_thread": False, "timeout": 30}
        return {"module": sqlite_driver(), "connect_args": arguments, "hide_parameters": True}
    return {
        "hide_parameters": True,
        "connect_args": {"options": POSTGRES_OPTIONS, "connect_timeout": 3},
        "pool_size": 8,
        "max_overflow": 4,
        "pool_timeout": 5,
    }


def init_app(app: Flask) -> None:
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    db.init_app(app)
    with app.app_context():
        listen(db.engine, is_job=app.config.get("IS_JOB", False))


def listen(engine: Engine, *, is_job: bool = False) -> None:
    """Attach what each kind of database needs to know of connections and transactions.

    `is_job` says that, as in a request, whatever is written is written inside `atomic()`.
    """
    if engine.dialect.name == "sqlite":
        _listen_sqlite(engine)
    else:
        _listen_postgresql(engine, is_job)


def _listen_sqlite(engine: Engine) -> None:
    """Pragmas, and a BEGIN of our own: the driver's transaction control is switched off."""

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


def _listen_postgresql(engine: Engine, is_job: bool) -> None:
    """Spare a page or a job the round trips that a read does not need: a ping, a BEGIN and a ROLLBACK each time."""

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # READ COMMITTED gives each statement a snapshot of its own anyway, so what a request reads outside
        # `atomic()` needs no transaction around it.
        driver: Any = connection.connection.dbapi_connection
        options = connection.get_execution_options()
        alone = options.get("alone") or ((is_job or has_request_context()) and not options.get("write"))
        if alone and not driver.autocommit:
            driver.autocommit = connection.info["alone"] = True
        elif not alone and connection.info.pop("alone", False):
            driver.autocommit = False

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: object, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: object) -> None:
        since = record.info.get("rests_since")
        if since is not None and not _is_usable(engine, connection, time.monotonic() - since):
            raise InvalidatePoolError


def _is_usable(engine: Engine, connection: Any, rested_s: float) -> bool:
    """Whether a server is still behind a connection; one that has left has closed the line or said good-bye on it."""
    try:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            return False
        return rested_s < ASK_AFTER_S or bool(engine.dialect.do_ping(connection))
    except engine.dialect.loaded_dbapi.Error:
        return False
