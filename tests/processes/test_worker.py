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


def test_a_job_runs_in_a_process_of_its_own_inside_the_application(queue, worker, tmp_path):
    parent = worker()
    queue.enqueue("tests.processes.chores.note", str(tmp_path), "done")
    assert appears(tmp_path / "done")
    pid, name = (tmp_path / "done").read_text().split()
    assert (int(pid) != parent.pid, name) == (True, "app")


def alive(tmp_path: Path) -> int:
    app = Flask(__name__)
    app.config["REDIS_URL"] = f"unix://{tmp_path}/valkey.sock"
    gateway.init_app(app)
    with app.app_context():
        count = gateway.workers_alive()
    app.extensions["queue"].connection.close()
    return count


def test_a_failing_job_leaves_the_worker_alive_for_the_next_one(queue, worker, tmp_path):
    worker()
    queue.enqueue("tests.processes.chores.fail", str(tmp_path))
    queue.enqueue("tests.processes.chores.note", str(tmp_path), "next")
    assert appears(tmp_path / "next")


def test_the_process_of_a_job_dies_with_its_worker_so_that_no_job_runs_twice_at_once(queue, worker, tmp_path):
    parent = worker()
    queue.enqueue("tests.processes.chores.linger", str(tmp_path), "job", 60)
    assert appears(tmp_path / "job-began")
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert readiness.until(lambda: not processes_with(f"DATA_DIR={tmp_path}"), PATIENCE_S)


def test_a_second_worker_gives_up_the_job_of_a_killed_one(queue, worker, tmp_path):
    first = worker()
    job = queue.enqueue("tests.processes.chores.linger", str(tmp_path), "job", 50)
    assert appears(tmp_path / "job-began")
    worker()
    assert readiness.until(lambda: alive(tmp_path) == 2, PATIENCE_S)
    os.killpg(first.pid, signal.SIGKILL)
    assert readiness.until(lambda: status(job, queue) == JobStatus.FAILED, PATIENCE_S, 0.5)
    assert readiness.until(lambda: alive(tmp_path) == 1, PATIENCE_S, 0.5)


def status(job: Job, queue: Queue) -> JobStatus:
    return Job.fetch(job.id, queue.connection, serializer=JSONSerializer).get_status()


def test_an_idle_worker_goes_at_once_when_asked(queue, worker, tmp_path):
    process = worker()
    assert readiness.until(lambda: alive(tmp_path) == 1, PATIENCE_S)
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


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


def test_work_goes_on_when_a_lost_queue_server_comes_back(queue, worker, queue_server, tmp_path):
    """A worker waits; one that was in the middle of asking the server gives up, and its supervisor replaces it."""
    process = worker()
    assert readiness.until(lambda: alive(tmp_path) == 1, PATIENCE_S)
    queue.connection.shutdown(nosave=True)
    queue_server()
    queue.enqueue("tests.processes.chores.note", str(tmp_path), "after")
    if not appears(tmp_path / "after", 20) and process.poll() is not None:
        worker()
    assert appears(tmp_path / "after")
