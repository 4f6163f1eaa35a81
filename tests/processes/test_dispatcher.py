"""Real dispatchers through outages of the database and the queue."""

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


def test_a_dispatcher_waits_for_a_database_without_tables_and_then_works(tmp_path, queue_server, launch):
    queue_server()
    process = launch("jobs.dispatcher")
    assert not readiness.until(lambda: process.poll() is not None, 3)
    databases.migrate(f"sqlite:///{tmp_path}/doreh.sqlite3")
    owe(tmp_path, 1)
    assert readiness.until(lambda: queued(tmp_path) == 1, PATIENCE_S)


def test_what_is_owed_while_the_queue_is_away_is_queued_when_it_returns(tmp_path, queue_server, launch):
    databases.sqlite_url(tmp_path)
    owe(tmp_path, 1)
    process = launch("jobs.dispatcher")
    assert not readiness.until(lambda: process.poll() is not None, 3)
    queue_server()
    assert readiness.until(lambda: queued(tmp_path) == 1, PATIENCE_S, 0.2)


def test_a_dispatcher_goes_at_once_when_asked(tmp_path, queue_server, launch):
    queue_server()
    databases.sqlite_url(tmp_path)
    owe(tmp_path, 1)
    process = launch("jobs.dispatcher")
    assert readiness.until(lambda: queued(tmp_path) == 1, PATIENCE_S)
    process.terminate()
    assert process.wait(PATIENCE_S) == 0
