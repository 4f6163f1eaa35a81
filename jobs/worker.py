"""The worker process: `python -m jobs.worker`. Any number may run."""

import signal
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from redis import Redis
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from gateways import queue as gateway
from jobs import outbox  # loaded before the fork, so that no job has to
from jobs.background import ready_to_fork
from models import db
from scripts.processes import die_with_parent

MONITOR_EVERY_S = 5
WAKE_EVERY_S = 5  # an idle worker blocks this long, then looks after jobs that others left behind
REDIS_PATIENCE_S = 15


class SafeWorker(Worker):
    """A worker whose death, of itself or of the process that runs the job, is noticed within seconds.

    RQ's own waits add up to 13 minutes, and a work horse that outlives its parent would let a job run twice at once.
    """

    app: Flask
    bind_horse: Callable[[], None] | None = None
    max_connection_wait_time = 5.0

    @property
    def dequeue_timeout(self) -> int:
        return WAKE_EVERY_S

    def register_birth(self) -> None:
        """From here on others count on this worker, so from here on it takes its leave when asked to stop.

        RQ sets its own handlers, which replace these, only after two more questions to the server.
        """

        def stop_before_the_first_job(_number: int, _frame: Any) -> None:
            self._stop_requested = True

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop_before_the_first_job)
        super().register_birth()

    def handle_warm_shutdown_request(self) -> None:
        outbox.leave()
        super().handle_warm_shutdown_request()

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        left = job.timeout - working_time if job.timeout and job.timeout > 0 else self.job_monitoring_interval
        return int(max(1, min(left, self.job_monitoring_interval))) + 10

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        self.bind_horse = die_with_parent()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        if self.bind_horse is not None:
            self.bind_horse()
        with self.app.app_context():
            forget_connections(self.app)
            super().main_work_horse(job, queue)


def forget_connections(app: Flask) -> None:
    """Sockets and files of the parent are the parent's; a fork opens its own."""
    db.engine.dispose(close=False)
    gateway.reset(app)


def build(app: Flask) -> SafeWorker:
    """A worker without a fixed name: a name left by a killed one would be refused for minutes."""
    connection: Redis = gateway.connect(app.config["REDIS_URL"], REDIS_PATIENCE_S)
    worker = SafeWorker(
        [gateway.named(connection)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=WAKE_EVERY_S * 4,
        job_monitoring_interval=MONITOR_EVERY_S,
        maintenance_interval=MONITOR_EVERY_S,
        log_job_description=False,
    )
    worker.app = app
    return worker


def serve(app: Flask) -> int:
    """Work until somebody asks to stop."""
    outbox.come()
    build(app).work(logging_level="WARNING")
    return 0


def main() -> int:
    return serve(ready_to_fork())  # a work horse shares what is loaded by now


if __name__ == "__main__":
    sys.exit(main())
