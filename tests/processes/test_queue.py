"""The queue gateway against a real server that comes and goes."""

import time
from collections.abc import Iterator

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
    assert (job.func_name, job.args, job.kwargs) == ("jobs.outbox.run", [7], {})
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


def test_a_server_that_hangs_delays_a_request_by_seconds_only(app, queue_server):
    server = queue_server()
    assert queue.push(7, 1)
    server.send_signal(19)  # SIGSTOP: it takes connections and says nothing
    began = time.monotonic()
    assert queue.push(8, 1) is False
    assert time.monotonic() - began < 5


def test_a_returned_server_is_used_without_a_restart(app, queue_server):
    server = queue_server()
    assert queue.push(7, 1)
    server.kill()
    server.wait()
    assert queue.push(8, 1) is False
    queue_server()
    assert queue.push(8, 2)
    assert queue.is_alive()
