"""A crowd of threads that start at the same instant, each with a database session of its own."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask

from models import db


def storm(app: Flask, work: Callable[[Any], Any], items: Sequence[Any]) -> Counter[str]:
    """Run `work(item)` for each item in its own thread; counts the results and the names of the errors."""
    db.session.rollback()  # the reader's snapshot of this thread must not be older than the storm
    barrier, seen, lock = threading.Barrier(len(items)), Counter[str](), threading.Lock()

    def one(item: Any) -> None:
        with app.app_context():
            barrier.wait(timeout=120)
            try:
                result = str(work(item))
            except Exception as error:  # every outcome is counted, the unexpected too
                db.session.rollback()
                result = type(error).__name__
            finally:
                db.session.remove()
        with lock:
            seen[result] += 1

    threads = [threading.Thread(target=one, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=180)
    assert sum(seen.values()) == len(items), "a thread hung"
    return seen
