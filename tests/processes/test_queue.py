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


@pytest.fixture
def app(tmp_path) -> Iterator[Flask]:
    app = Flask(__name__)
    app.config["REDIS_URL"] = f"unix://{tmp_path}/valkey.sock"
    queue.init_app(app)
    with app.app_context():
        yield app
    app.extensions["queue"].connection.close()


def test_a_push_names_the_handler_and_carries_the_id_alone(app, queue_server):
    queue_server()
    assert queue.push(7, 1)
    job = Job.fetch("o-7-1", app.extensions["queue"].connection, serializer=JSONSerializer)
    assert (job.func_name, job.args, job.kwargs) == ("jobs.outbox.sit", [7], {})
    assert (job.timeout, job.result_ttl) == (60, 0)
    assert queue.depth() == 1


def test_the_same_attempt_is_queued_once_and_the_next_one_again(app, queue_server):
    queue_server()
    assert [queue.push(7, 1), queue.push(7, 1), queue.push(7, 2)] == [True, True, True]
    assert queue.depth() == 2


def test_without_a_server_every_question_is_answered_at_once(app):
    began = time.monotonic()
    assert queue.push(7, 1) is False
    assert (queue.is_alive(), queue.workers_alive(), queue.depth()) == (False, 0, 0)
    assert time.monotonic() - began < 1


def test_a_server_that_hangs_delays_one_push_a_little_and_the_others_not_at_all(app, queue_server):
    server = queue_server()
    assert queue.push(7, 1)
    server.send_signal(signal.SIGSTOP)  # it takes connections and says nothing
    began = time.monotonic()
    assert [queue.push(n, 1) for n in range(8, 28)] == [False] * 20
    for n in range(28, 38):
        queue.nudge(n)
    assert time.monotonic() - began < 1


def test_of_many_threads_one_tries_a_hanging_server_again(app, queue_server, monkeypatch):
    monkeypatch.setattr(queue, "AWAY_S", 1.0)
    queue_server().send_signal(signal.SIGSTOP)
    assert queue.push(7, 1) is False
    time.sleep(1.1)
    waited = together(app, 8)
    assert sum(seconds > 0.3 for seconds in waited) == 1, waited


def together(app, count):
    """Seconds that each of many threads spent on a push of its own."""

    def push(number):
        with app.app_context():
            began = time.monotonic()
            queue.push(number, 1)
            return time.monotonic() - began

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(push, range(count)))


def test_a_server_that_answers_again_is_used_after_a_moment_or_at_once_when_somebody_looked(app, queue_server):
    server = queue_server()
    server.send_signal(signal.SIGSTOP)
    assert queue.push(7, 1) is False
    server.send_signal(signal.SIGCONT)
    assert queue.push(7, 2) is False
    assert queue.is_alive()
    assert queue.push(7, 3)


def test_a_returned_server_is_used_without_a_restart(app, queue_server):
    server = queue_server()
    assert queue.push(7, 1)
    server.kill()
    server.wait()
    assert queue.push(8, 1) is False
    queue_server()
    assert queue.push(8, 2)
    assert queue.is_alive()
