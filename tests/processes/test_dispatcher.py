"""Real dispatchers through outages of the database and the queue."""

import contextlib
import sqlite3
from pathlib import Path

from gateways import queue as gateway
from scripts import readiness
from tests import databases
from tests.processes.conftest import PATIENCE_S, owe


def queued(tmp_path: Path) -> int:
    connection = gateway.connect(f"unix://{tmp_path}/valkey.sock", PATIENCE_S)
    count = gateway.named(connection).count
    connection.close()
    return count


def test_several_dispatchers_queue_what_is_owed_once(tmp_path, queue_server, launch):
    queue_server()
    databases.sqlite_url(tmp_path)
    owe(tmp_path, 150)  # below what the dispatchers leave room for in the queue
    for _ in range(3):
        launch("jobs.dispatcher")
    assert readiness.until(lambda: queued(tmp_path) >= 150, PATIENCE_S)
    assert not readiness.until(lambda: queued(tmp_path) != 150, 2)


def test_a_dispatcher_waits_for_tables_and_for_the_queue_and_then_works_and_goes_at_once_when_asked(
    tmp_path, queue_server, launch
):
    process = launch("jobs.dispatcher")
    assert not readiness.until(lambda: process.poll() is not None, 3)
    tables_come(tmp_path)
    owe(tmp_path, 1)
    assert not readiness.until(lambda: process.poll() is not None, 3)
    queue_server()
    assert readiness.until(lambda: queued(tmp_path) == 1, PATIENCE_S, 0.2)
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


def tables_come(tmp_path: Path) -> None:
    """Into the file that the dispatcher has open, in one transaction, as a migration brings them."""
    ready = tmp_path / "ready"
    ready.mkdir()
    databases.sqlite_url(ready)
    with (
        contextlib.closing(sqlite3.connect(ready / "doreh.sqlite3")) as source,
        contextlib.closing(sqlite3.connect(tmp_path / "doreh.sqlite3")) as target,
    ):
        source.backup(target)
