"""Worker and dispatcher of one machine, forked from one process that has loaded the product: `python -m jobs`.

Each alone takes 70 MiB, most of it code; forked, they share it. Where they stand on machines of their own they are
started alone (docs/deploy.md).
"""

import functools
import logging
import signal
import sys
import threading

from jobs import dispatcher, worker
from jobs.background import ready_to_fork
from scripts.supervisor import Supervisor

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2


def main() -> int:
    asked, supervisor, app = threading.Event(), Supervisor(), ready_to_fork()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    # The first is stopped last, and at once; a worker finishes the row at hand.
    for name, serve in (("jobs.dispatcher", dispatcher.serve), ("jobs.worker", worker.serve)):
        supervisor.fork(name, functools.partial(serve, app))
    while not asked.wait(LOOK_EVERY_S):
        for line in supervisor.tend():
            log.warning(line)
    supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
