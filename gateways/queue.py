"""The job queue in Redis: a hint that makes the outbox quick, never the place where work is kept."""

import logging
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

NAME = "doreh"
HANDLER = "jobs.outbox.run"
JOB_TIMEOUT_S = 60
FAILURE_TTL_S = 300  # the reason of a failure is kept in the outbox; this only holds the job's id
SOCKET_TIMEOUT_S = 2
WORKER_SILENT_S = 20  # a living worker reports every five seconds


def connect(url: str, timeout_s: float = SOCKET_TIMEOUT_S) -> Redis:
    """A connection that gives up soon: one quick retry for a stale socket, no waiting for a dead server."""
    return Redis.from_url(
        url, socket_timeout=timeout_s, socket_connect_timeout=SOCKET_TIMEOUT_S, retry=Retry(NoBackoff(), 1)
    )


def named(connection: Redis) -> Queue:
    """The one queue; JSON, so that nobody who reaches Redis can feed us code."""
    return Queue(NAME, connection=connection, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT_S)


def init_app(app: Flask) -> None:
    """Nothing is opened here: the first use connects."""
    app.extensions["queue"] = named(connect(app.config["REDIS_URL"] or "redis://127.0.0.1:6379/0"))


def reset(app: Flask) -> None:
    """Forget the sockets of the process we were forked from, without closing them for it."""
    app.extensions["queue"].connection.connection_pool.reset()


def push(outbox_id: int, attempt: int) -> bool:
    """Ask a worker to handle one outbox row; False when Redis is away, then the dispatcher asks again later."""
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
        return True  # somebody else asked for this very attempt already
    except RedisError as error:
        log.warning("the queue is away: %s", type(error).__name__)
        return False
    return True


def is_alive() -> bool:
    """True when Redis answers."""
    try:
        return bool(_queue().connection.ping())
    except RedisError:
        return False


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
