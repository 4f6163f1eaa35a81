"""Real workers on a real queue, killed the way machines kill them."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from gateways import queue as gateway
from jobs.worker import build
from scripts import readiness
from tests.processes.conftest import PATIENCE_S, Start, processes_with


@pytest.fixture
def queue(tmp_path: Path, queue_server) -> Iterator[Queue]:
    queue_server()
    connection = gateway.connect(f"unix://{tmp_path}/valkey.sock", PATIENCE_S)
    yield gateway.named(connection)
    connection.close()


@pytest.fixture
def worker(launch: Start) -> Callable[[], subprocess.Popen[bytes]]:
    return lambda: launch("jobs.worker")


def appears(path: Path, seconds: float = PATIENCE_S) -> bool:
    return readiness.until(path.exists, seconds)


def test_a_worker_runs_each_job_in_a_process_of_its_own_and_outlives_a_failing_job_and_a_lost_queue(
    queue, worker, queue_server, tmp_path
):
    """A worker waits; one that was in the middle of asking the server gives up, and its supervisor replaces it."""
    process = worker()
    queue.enqueue("tests.processes.chores.note", str(tmp_path), "done")
    assert appears(tmp_path / "done")
    pid, name = (tmp_path / "done").read_text().split()
    assert (int(pid) != process.pid, name) == (True, "app")
    queue.enqueue("tests.processes.chores.fail", str(tmp_path))
    queue.enqueue("tests.processes.chores.note", str(tmp_path), "next")
    assert appears(tmp_path / "next")
    assert process.poll() is None
    assert readiness.until(lambda: alive(tmp_path) == 1, PATIENCE_S)
    queue.connection.shutdown(nosave=True)
    queue_server()
    queue.enqueue("tests.processes.chores.note", str(tmp_path), "after")
    if not appears(tmp_path / "after", 20) and process.poll() is not None:
        worker()
    assert appears(tmp_path / "after")


def alive(tmp_path: Path) -> int:
    app = Flask(__name__)
    app.config["REDIS_URL"] = f"unix://{tmp_path}/valkey.sock"
    gateway.init_app(app)
    with app.app_context():
        count = gateway.workers_alive()
    app.extensions["queue"].connection.close()
    return count


def test_the_job_of_a_killed_worker_dies_with_it_and_another_gives_it_up_and_goes_at_once_when_asked(
    queue, worker, tmp_path
):
    """No job runs twice at once."""
    first = worker()
    job = queue.enqueue("tests.processes.chores.linger", str(tmp_path), "job", 50)
    assert appears(tmp_path / "job-began")
    second = worker()
    assert readiness.until(lambda: alive(tmp_path) == 2, PATIENCE_S)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert readiness.until(lambda: list(processes_with(f"DATA_DIR={tmp_path}")) == [second.pid], PATIENCE_S)
    assert not (tmp_path / "job-ended").exists()
    assert readiness.until(lambda: status(job, queue) == JobStatus.FAILED, PATIENCE_S, 0.5)
    assert readiness.until(lambda: alive(tmp_path) == 1, PATIENCE_S, 0.5)
    second.terminate()
    assert second.wait(PATIENCE_S) == 0


def status(job: Job, queue: Queue) -> JobStatus:
    return Job.fetch(job.id, queue.connection, serializer=JSONSerializer).get_status()


def test_a_worker_asked_to_stop_while_it_starts_takes_its_leave(queue, tmp_path, monkeypatch):
    refused: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    signal.signal(signal.SIGTERM, lambda number, _frame: refused.append(number))
    app = Flask(__name__)
    app.config["REDIS_URL"] = f"unix://{tmp_path}/valkey.sock"
    impatient = build(app)
    monkeypatch.setattr(impatient, "subscribe", lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        impatient.work(burst=True, logging_level="WARNING")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert (refused, alive(tmp_path)) == ([], 0)
