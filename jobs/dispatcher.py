"""The dispatcher process, which is also the clock: `python -m jobs.dispatcher`. Any number may run."""

import logging
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from flask import Flask

from jobs.background import create_app
from models import utcnow
from services import clock, outbox

log = logging.getLogger(__name__)

EVERY_S = 0.5
LONGEST_PAUSE_S = 8.0
BATCH = 100


def turn(app: Flask) -> None:
    """One look at the clock and at what is owed; a session of its own, so that nothing survives a failure."""
    with app.app_context():
        clock.tick(utcnow())
        while outbox.dispatch(limit=BATCH) == BATCH:
            pass


def loop(app: Flask, wait: Callable[[float], bool]) -> None:
    """Turn after turn until `wait` says that we are to stop; slower while the database is away."""
    pause = EVERY_S
    while not wait(pause):
        try:
            turn(app)
            pause = EVERY_S
        except Exception as error:
            pause = min(pause * 2, LONGEST_PAUSE_S)
            log.exception("a turn failed (%s); the next one in %.0f s", type(error).__name__, pause)


def serve(app: Flask) -> int:
    """Turn after turn until somebody asks to stop."""
    asked = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    loop(app, asked.wait)
    return 0


def main() -> int:
    return serve(create_app())


if __name__ == "__main__":
    sys.exit(main())
