"""The job queue in Redis: a hint that makes the outbox quick, never the place where work is kept."""

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

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

NAME = "doreh"
HANDLER = "jobs.outbox.run"
JOB_TIMEOUT_S = 60
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
    app.extensions["queue_absence"] = Absence()


def reset(app: Flask) -> None:
    """Forget the sockets of the process we were forked from, without closing them for it, and what it knew."""
    app.extensions["queue"].connection.connection_pool.reset()
    app.extensions["queue_absence"] = Absence()


def push(outbox_id: int, attempt: int) -> bool:
    """Ask a worker to handle one outbox row; False when Redis is away, then the dispatcher asks again later."""
    absence = _absence()
    if not absence.is_over():
        return False
    try:
        _queue().enqueue(
            HANDLER,
            outbox_id,
            job_id=f"o-{outbox_id}-{attempt}",
            unique=True,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_S,
            job_timeout=JOB_TIMEOUT_S,
            description=f"outbox {outbox_id}",
        )
    except DuplicateJobError:
        pass  # somebody else asked for this very attempt already
    except RedisError as error:
        if isinstance(error, NoAnswer):  # a refused connection costs nothing, waiting does
            absence.begin()
        log.warning("the queue is away: %s", type(error).__name__)
        return False
    absence.end()
    return True


def is_alive() -> bool:
    """True when Redis answers; asks in any case, and what it learns counts for every push."""
    try:
        answers = bool(_queue().connection.ping())
    except RedisError:
        return False
    _absence().end()
    return answers


def workers_alive() -> int:
    """Workers heard of lately; 0 when Redis is away. A killed one stays registered, hence the look at the time."""
    since = datetime.now(UTC) - timedelta(seconds=WORKER_SILENT_S)
    try:
        heard = [worker.last_heartbeat for worker in Worker.all(queue=_queue())]
    except RedisError:
        return 0
    return sum(at is not None and at.astimezone(UTC) > since for at in heard)


def depth() -> int:
    """Jobs waiting for a worker; 0 when Redis is away, where nothing can wait."""
    try:
        return int(_queue().count)
    except RedisError:
        return 0


def _queue() -> Queue:
    queue: Queue = current_app.extensions["queue"]
    return queue


def _absence() -> Absence:
    absence: Absence = current_app.extensions["queue_absence"]
    return absence
