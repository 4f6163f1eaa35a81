"""The queue gateway against a real server that comes and goes."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from rq.job import Job
from rq.serializers import JSONSerializer

from gateways import queue
from scripts import readiness
from tests.processes.conftest import PATIENCE_S


@pytest.fixture
def app(tmp_path) -> Iterator[Flask]:
    app = Flask(__name__)
    app.config["REDIS_URL"] = f"unix://{tmp_path}/valkey.sock"
    queue.init_app(app)
    with app.app_context():
        yield app
    app.extensions["queue"].connection.close()


def pushed(outbox_id: int, attempt: int) -> bool:
    """A push into a server that answers; on a loaded machine not always within the short time that a push waits."""
    return readiness.until(lambda: queue.push(outbox_id, attempt), PATIENCE_S)


def test_a_push_names_the_handler_and_carries_the_id_alone(app, queue_server):
    queue_server()
    assert pushed(7, 1)
    job = Job.fetch("o-7-1", app.extensions["queue"].connection, serializer=JSONSerializer)
    assert (job.func_name, job.args, job.kwargs) == ("jobs.outbox.sit", [7], {})
    assert (job.timeout, job.result_ttl) == (60, 0)
    assert readiness.until(lambda: queue.depth() == 1, PATIENCE_S)


def test_the_same_attempt_is_queued_once_and_the_next_one_again(app, queue_server):
    queue_server()
    assert [pushed(7, 1), pushed(7, 1), pushed(7, 2)] == [True, True, True]
    assert readiness.until(lambda: queue.depth() == 2, PATIENCE_S)


def test_without_a_server_every_question_is_answered_at_once(app):
    seconds = []
    for _ in range(5):  # the quickest counts: a loaded machine is slow now and then
        began = time.monotonic()
        assert queue.push(7, 1) is False
        assert (queue.is_alive(), queue.workers_alive(), queue.depth()) == (False, 0, 0)
        seconds.append(time.monotonic() - began)
    assert min(seconds) < 1


def test_a_server_that_hangs_delays_one_push_a_little_and_the_others_not_at_all(app, queue_server):
    server = queue_server()
    assert pushed(7, 1)
    server.send_signal(signal.SIGSTOP)  # it takes connections and says nothing
    began = time.monotonic()
    assert [queue.push(n, 1) for n in range(8, 28)] == [False] * 20
    for n in range(28, 38):
        queue.nudge(n)
    assert time.monotonic() - began < 30 * queue.ANSWER_S / 3, "each of the thirty waited"


def test_of_many_threads_one_tries_a_hanging_server_again(app, queue_server, monkeypatch):
    monkeypatch.setattr(queue, "AWAY_S", 1.0)
    queue_server().send_signal(signal.SIGSTOP)
    assert queue.push(7, 1) is False
    time.sleep(1.1)
    monkeypatch.setattr(queue, "AWAY_S", 60.0)
    asked, ask = [], queue._enqueue
    monkeypatch.setattr(queue, "_enqueue", lambda *about: asked.append(about) or ask(*about))
    together(app, 8)
    assert len(asked) == 1


def together(app, count):
    """A push by each of many threads."""

    def push(number):
        with app.app_context():
            queue.push(number, 1)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(push, range(count)))


def test_a_server_that_answers_again_is_used_after_a_moment_or_at_once_when_somebody_looked(app, queue_server):
    server = queue_server()
    server.send_signal(signal.SIGSTOP)
    assert queue.push(7, 1) is False
    server.send_signal(signal.SIGCONT)
    assert queue.push(7, 2) is False
    assert readiness.until(queue.is_alive, PATIENCE_S)
    assert pushed(7, 3)


def test_a_returned_server_is_used_without_a_restart(app, queue_server):
    server = queue_server()
    assert pushed(7, 1)
    server.kill()
    server.wait()
    assert queue.push(8, 1) is False
    queue_server()
    assert pushed(8, 2)
    assert readiness.until(queue.is_alive, PATIENCE_S)


def test_while_enough_jobs_wait_a_rush_does_not_ask_for_each_row(app, monkeypatch):
    busy, asked = queue.Busy(), []
    monkeypatch.setitem(app.extensions, "queue_busy", busy)
    monkeypatch.setattr(queue, "BUSY_S", 60.0)
    monkeypatch.setattr(queue, "depth", lambda: asked.append(1) or queue.ENOUGH)
    for n in range(5):
        queue.nudge(n)
    busy.until = 0.0  # the moment is over
    queue.nudge(5)
    assert len(asked) == 2
