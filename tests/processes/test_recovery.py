"""A worker group killed in the middle of a job: the row of the outbox is carried out by another within 30 seconds."""

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from scripts import readiness
from tests import databases
from tests.processes.conftest import Start, owe


def state(folder: Path) -> tuple[str, int]:
    engine = create_engine(f"sqlite:///{folder}/doreh.sqlite3")
    with engine.connect() as connection:
        row = connection.execute(text("SELECT state, attempts FROM outbox")).one()
    engine.dispose()
    return row.state, row.attempts


@pytest.mark.parametrize("spare", [False, True], ids=["a restarted worker", "a second worker"])
def test_the_job_of_a_killed_worker_group_is_run_again_within_thirty_seconds(
    tmp_path, queue_server, launch: Start, spare
):
    queue_server()
    databases.sqlite_url(tmp_path)
    worker = launch("tests.processes.slow_worker")
    launch("jobs.dispatcher")
    owe(tmp_path, 1)
    assert readiness.until((tmp_path / "try-1").exists, 60)
    if spare:
        launch("tests.processes.slow_worker")
    os.killpg(worker.pid, signal.SIGKILL)
    if not spare:
        launch("tests.processes.slow_worker")
    assert readiness.until(lambda: state(tmp_path) == ("done", 2), 30, 0.2), state(tmp_path)
