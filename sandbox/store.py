"""The sandbox's own SQLite file: short transactions, one connection each."""

import datetime
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import current_app

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS switch (system TEXT PRIMARY KEY, mode TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS request_count (
    system TEXT NOT NULL, path TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (system, path));
CREATE TABLE IF NOT EXISTS person (
    national_code TEXT PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, father_name TEXT NOT NULL,
    gender TEXT NOT NULL, birth_date TEXT NOT NULL, shenasname_no TEXT NOT NULL,
    mobile TEXT, mobile_owner TEXT NOT NULL, alive INTEGER NOT NULL, note TEXT NOT NULL, search_key TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS person_mobile ON person (mobile);
CREATE TABLE IF NOT EXISTS sso_request (
    id TEXT PRIMARY KEY, redirect_uri TEXT NOT NULL, state TEXT NOT NULL, nonce TEXT NOT NULL,
    challenge TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sso_code (
    code TEXT PRIMARY KEY, redirect_uri TEXT NOT NULL, nonce TEXT NOT NULL, challenge TEXT NOT NULL,
    national_code TEXT NOT NULL, at REAL NOT NULL, used_at REAL);
CREATE TABLE IF NOT EXISTS sso_token (
    token TEXT PRIMARY KEY, code TEXT NOT NULL, national_code TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sso_session (token TEXT PRIMARY KEY, national_code TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS shahkar_request (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT UNIQUE, mobile TEXT NOT NULL, sender TEXT NOT NULL,
    text TEXT NOT NULL, parts INTEGER NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS message_mobile ON message (mobile, id);
CREATE TABLE IF NOT EXISTS uid_count (uid TEXT PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS bank_payment (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bank TEXT NOT NULL, order_id TEXT NOT NULL, amount INTEGER NOT NULL,
    token TEXT NOT NULL UNIQUE, callback TEXT NOT NULL, note TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'asked',
    outcome TEXT NOT NULL DEFAULT '', odd TEXT NOT NULL DEFAULT '', paid_amount INTEGER, reference TEXT, trace TEXT,
    told_reference TEXT, rrn TEXT, at REAL NOT NULL, paid_at REAL, verified_at REAL, settled_at REAL, reversed_at REAL,
    reversed_by TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS bank_payment_order ON bank_payment (bank, order_id);
CREATE INDEX IF NOT EXISTS bank_payment_reference ON bank_payment (bank, reference);
CREATE TABLE IF NOT EXISTS bank_answer (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bank TEXT NOT NULL, call TEXT NOT NULL, code TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bank_file_change (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bank TEXT NOT NULL, day TEXT NOT NULL, kind TEXT NOT NULL,
    reference TEXT NOT NULL, order_id TEXT NOT NULL, amount INTEGER);
"""
PASSING = (
    "request_count", "switch", "sso_request", "sso_code", "sso_token", "sso_session", "shahkar_request", "bank_payment",
    "bank_answer", "bank_file_change",
)  # fmt: skip


class Store:
    """One connection per thread, kept open: the last one to close would write the whole log back each time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mine = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.read() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        yield self._connection()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that is alone in writing from its first statement on."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of this thread's connection; none may be open when the server forks."""
        self._connection().close()
        del self._mine.connection

    def meta(self, key: str) -> str | None:
        with self.read() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row["value"] if row else None

    def set_meta(self, key: str, value: str) -> None:
        with self.write() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def forget(self) -> None:
        """Back to the first morning: all systems up, phones empty, no payments, counts zero. People and keys stay."""
        with self.write() as connection:
            for table in (*PASSING, "message", "uid_count"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 names from the list above
            connection.execute("DELETE FROM meta WHERE key LIKE 'option_%'")

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._mine, "connection"):
            connection = sqlite3.connect(self.path, timeout=20, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = NORMAL")
            self._mine.connection = connection
        kept: sqlite3.Connection = self._mine.connection
        return kept


def store() -> Store:
    return current_app.extensions["store"]


def now() -> str:
    """This moment in UTC, as kept in the file."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
