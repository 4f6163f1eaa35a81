"""Looks at a database without the application: where its migrations stand and whether anybody lives in it."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

VERSIONS = Path(__file__).resolve().parent.parent / "migrations" / "versions"
DECLARED = re.compile(r"^(revision|down_revision)\b[^=\n]*=\s*(.+)$", re.MULTILINE)


def head() -> str | None:
    """The newest migration in the files, read without running them."""
    declared: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in VERSIONS.glob("*.py"):
        for name, value in DECLARED.findall(path.read_text()):
            declared[name] |= set(re.findall(r"[\"']([^\"']+)[\"']", value))
    heads = declared["revision"] - declared["down_revision"]
    return heads.pop() if len(heads) == 1 else None


def version(url: str) -> str | None:
    """The migration the database stands at; None when it has none or cannot be asked."""
    found = _first(url, "SELECT version_num FROM alembic_version")
    return str(found) if found is not None else None


def is_empty(url: str) -> bool:
    """True when no member of staff exists, so that demo data would not mix with real data."""
    return _first(url, 'SELECT id FROM "user" LIMIT 1') is None


def _first(url: str, query: str) -> Any:
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return None
    connection, failure = _connect(url)
    with closing(connection):
        try:
            row = connection.execute(query).fetchone()
        except failure:  # no such table yet
            return None
    return row[0] if row else None


def _connect(url: str) -> tuple[Any, type[Exception]]:
    if url.startswith("sqlite:///"):
        try:
            import pysqlite3 as sqlite
        except ImportError:
            import sqlite3 as sqlite
        return sqlite.connect(url.removeprefix("sqlite:///")), sqlite.OperationalError
    import psycopg

    return psycopg.connect(re.sub(r"^postgresql\+psycopg:", "postgresql:", url)), psycopg.errors.UndefinedTable
