"""Real dispatchers through outages of the database and the queue."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert

from gateways import queue as gateway
from models import Outbox, utcnow
from scripts import readiness
from scripts.processes import die_with_parent
from tests import databases
from tests.processes.conftest import ROOT, settings

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def dispatcher(tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "jobs.dispatcher"]
        started.append(subprocess.Popen(command, cwd=ROOT, env=settings(tmp_path), stderr=subprocess.DEVNULL,
                                        preexec_fn=die_with_parent()))  # fmt: skip
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def owe(tmp_path: Path, count: int) -> None:
    past = utcnow() - timedelta(minutes=1)
    times = {"created_at": past, "next_try_at": past}
    rows = [{"topic": "sms", "ref_id": n, "dedup_key": f"t:{n}", "state": "open", "attempts": 0, **times}
            for n in range(count)]  # fmt: skip
    engine = create_engine(f"sqlite:///{tmp_path}/doreh.sqlite3")
    with engine.begin() as connection:
        connection.execute(insert(Outbox), rows)
    engine.dispose()


def queued(tmp_path: Path) -> int:
    connection = gateway.connect(f"unix://{tmp_path}/valkey.sock")
    count = gateway.named(connection).count
    connection.close()
    return count


def test_several_dispatchers_queue_what_is_owed_once(tmp_path, queue_server, dispatcher):
    queue_server()
    owe_on_a_fresh_database(tmp_path, 250)
    for _ in range(3):
        dispatcher()
    assert readiness.until(lambda: queued(tmp_path) >= 250, 20)
    assert not readiness.until(lambda: queued(tmp_path) != 250, 2)


def owe_on_a_fresh_database(tmp_path: Path, count: int) -> None:
    databases.sqlite_url(tmp_path)
    owe(tmp_path, count)


def test_a_dispatcher_waits_for_a_database_without_tables_and_then_works(tmp_path, queue_server, dispatcher):
    queue_server()
    process = dispatcher()
    assert not readiness.until(lambda: process.poll() is not None, 3)
    databases.migrate(f"sqlite:///{tmp_path}/doreh.sqlite3")
    owe(tmp_path, 1)
    assert readiness.until(lambda: queued(tmp_path) == 1, 15)


def test_what_is_owed_while_the_queue_is_away_is_queued_when_it_returns(tmp_path, queue_server, dispatcher):
    owe_on_a_fresh_database(tmp_path, 1)
    process = dispatcher()
    assert not readiness.until(lambda: process.poll() is not None, 3)
    queue_server()
    assert readiness.until(lambda: queued(tmp_path) == 1, 30, 0.2)


def test_a_dispatcher_goes_at_once_when_asked(tmp_path, queue_server, dispatcher):
    queue_server()
    owe_on_a_fresh_database(tmp_path, 1)
    process = dispatcher()
    assert readiness.until(lambda: queued(tmp_path) == 1, 20)
    process.terminate()
    assert process.wait(3) == 0
