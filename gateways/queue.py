"""The job queue in Redis: a hint that makes the outbox quick, never the place where work is kept."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)
R = TypeVar("R")

NAME = "doreh"
HANDLER = "jobs.outbox.sit"
JOB_TIMEOUT_S = 60
ENOUGH = 2  # waiting jobs; an idle worker takes one at once, so two that wait mean that all are at work
BUSY_S = 0.05  # so long nobody in this process asks again, once so many were waiting
FAILURE_TTL_S = 300  # the reason of a failure is kept in the outbox; this only holds the job's id
CONNECT_S = 2
ANSWER_S = 0.6  # a request that pushes waits no longer for Redis
AWAY_S = 5.0  # and after that no request of this process waits at all for so long, except one that tries again
WORKER_SILENT_S = 20  # a living worker reports every five seconds


class Absence:
    """What this process remembers of a Redis that takes connections and says nothing; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0

    def is_over(self) -> bool:
        """Whether to try: there is none, or its time has passed and no other thread is trying already."""
        with self._lock:
            if not self._until:
                return True
            now = time.monotonic()
            if now < self._until:
                return False
            self._until = now + AWAY_S
            return True

    def begin(self) -> None:
        with self._lock:
            self._until = time.monotonic() + AWAY_S

    def end(self) -> None:
        with self._lock:
            self._until = 0.0


class Busy:
    """Until when this process takes it that enough jobs are waiting; in a rush it would ask for each row."""

    until = 0.0


def connect(url: str, timeout_s: float = ANSWER_S) -> Redis:
    """A connection that gives up soon: one quick retry for a stale socket, no second wait for a dead server."""
    retry = Retry(NoBackoff(), 1, (NoConnection,))
    limits = {"socket_timeout": timeout_s, "socket_connect_timeout": min(timeout_s, CONNECT_S)}
    return Redis.from_url(url, retry=retry, **limits)


def named(connection: Redis) -> Queue:
    """The one queue; JSON, so that nobody who reaches Redis can feed us code."""
    return Queue(NAME, connection=connection, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT_S)


def init_app(app: Flask) -> None:
    """Nothing is opened here: the first use connects."""
    app.extensions["queue"] = named(connect(app.config["REDIS_URL"] or "redis://127.0.0.1:6379/0"))
    app.extensions["queue_absence"], app.extensions["queue_busy"] = Absence(), Busy()


def reset(app: Flask) -> None:
    """Forget the sockets of the process we were forked from, without closing them for it, and what it knew."""
    app.extensions["queue"].connection.connection_pool.reset()
    app.extensions["queue_absence"], app.extensions["queue_busy"] = Absence(), Busy()


def push(outbox_id: int, attempt: int) -> bool:
    """Ask a worker to handle one outbox row; False when Redis is away, then the dispatcher asks again later."""
    if not _absence().is_over():
        return False
    pushed = _ask(lambda queue: _enqueue(queue, outbox_id, attempt), otherwise=False)
    if not pushed:
        log.warning("the queue is away; outbox %s waits for the dispatcher", outbox_id)
    return pushed


def nudge(outbox_id: int) -> None:
    """`push`, unless jobs are waiting already: whoever comes to one of them goes on with all that is due."""
    busy = _busy()
    if time.monotonic() < busy.until or not _absence().is_over():
        return
    if depth() < ENOUGH:
        push(outbox_id, 0)
    else:
        busy.until = time.monotonic() + BUSY_S


def nudge_each(outbox_ids: Sequence[int]) -> None:
    """`nudge` for many rows, with one question to Redis: as many jobs as are wanted to wait, and no more."""
    if _absence().is_over():
        for outbox_id in outbox_ids[: max(ENOUGH - depth(), 0)]:
            push(outbox_id, 0)


def _enqueue(queue: Queue, outbox_id: int, attempt: int) -> bool:
    with contextlib.suppress(DuplicateJobError):  # somebody else asked for this very attempt already
        queue.enqueue(
            HANDLER,
            outbox_id,
            job_id=f"o-{outbox_id}-{attempt}",
            unique=True,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_S,
            job_timeout=JOB_TIMEOUT_S,
            description=f"outbox {outbox_id}",
        )
    return True


def is_alive() -> bool:
    """True when Redis answers; asks in any case, and what it learns counts for every push."""
    return _ask(lambda queue: bool(queue.connection.ping()), otherwise=False)


def workers_alive() -> int:
    """Workers heard of lately; 0 when Redis is away. A killed one stays registered, hence the look at the time."""
    since = datetime.now(UTC) - timedelta(seconds=WORKER_SILENT_S)
    nobody: list[datetime | None] = []
    heard = _ask(lambda queue: [worker.last_heartbeat for worker in Worker.all(queue=queue)], otherwise=nobody)
    return sum(at is not None and at.astimezone(UTC) > since for at in heard)


def depth() -> int:
    """Jobs waiting for a worker; 0 when Redis is away, where nothing can wait."""
    return _ask(lambda queue: int(queue.count), otherwise=0)


def _ask(question: Callable[[Queue], R], otherwise: R) -> R:
    """The answer of Redis, and what its coming or staying away tells about the next push."""
    try:
        answer = question(_queue())
    except RedisError as error:
        if isinstance(error, NoAnswer):  # a refused connection costs nothing, waiting does
            _absence().begin()
        return otherwise
    _absence().end()
    return answer


def _queue() -> Queue:
    queue: Queue = current_app.extensions["queue"]
    return queue


def _absence() -> Absence:
    absence: Absence = current_app.extensions["queue_absence"]
    return absence


def _busy() -> Busy:
    busy: Busy = current_app.extensions["queue_busy"]
    return busy
