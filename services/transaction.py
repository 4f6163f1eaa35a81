"""The one place where a writing transaction begins and ends."""

import functools
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from models import db

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

_CALLS = "after_commit"
# Serialization failure, deadlock, lock time-out, connection lost or shut down.
_RETRIED_STATES = {"40001", "40P01", "55P03", "57P01", "08006", "08003"}
_TRIES = 5


@contextmanager
def atomic() -> Iterator[None]:
    """Commit when the outermost block ends, roll back when anything in it fails.

    A block inside another joins it. The outermost one first ends the transaction in which the request read so
    far, so whatever is decided on must be read again inside. Calls given to `after_commit` run once the
    outermost commit has succeeded.
    """
    info = db.session().info
    if _CALLS in info:
        yield
        return
    db.session.commit()
    db.session.connection(execution_options={"write": True})
    calls: list[Callable[[], object]] = []
    info[_CALLS] = calls
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        del info[_CALLS]
    for call in calls:
        try:
            call()
        except Exception:
            log.exception("a call after the commit failed; the dispatcher will repeat it")


@contextmanager
def alone() -> Iterator[Connection]:
    """A connection of PostgreSQL on which each statement is a transaction of its own; never inside `atomic()`.

    For one statement that writes: between its last lock and its commit nothing waits for us.
    """
    db.session.commit()
    try:
        yield db.session.connection(execution_options={"alone": True})
    except BaseException:
        db.session.rollback()
        raise
    db.session.commit()


def is_open() -> bool:
    """Whether we are inside `atomic()`."""
    return _CALLS in db.session().info


def after_commit(call: Callable[[], object]) -> None:
    """Run `call` once the current transaction is safely stored; only inside `atomic()`."""
    db.session().info[_CALLS].append(call)


def retried(function: Callable[P, R]) -> Callable[P, R]:
    """Repeat a function whose whole work is one `atomic()` when the database asks for it.

    Safe only for work that carries its own key, because the outcome of a lost commit is unknown.
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, _TRIES + 1):
            try:
                return function(*args, **kwargs)
            except DBAPIError as error:
                nested = _CALLS in db.session().info
                state = getattr(error.orig, "sqlstate", None)
                lost = error.connection_invalidated
                if nested or attempt == _TRIES or not (lost or state in _RETRIED_STATES):
                    raise
                db.session.rollback()
                time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 (jitter, not a secret)
        raise AssertionError("unreachable")

    return wrapper
