"""Who is there to do what is owed: the workers and their queue."""

from dataclasses import dataclass

from gateways import queue


@dataclass(frozen=True)
class Crew:
    """`queued` jobs wait for `workers`; `has_queue` is False while Redis is away, which delays and loses nothing."""

    has_queue: bool
    workers: int
    queued: int


def crew() -> Crew:
    return Crew(True, queue.workers_alive(), queue.depth()) if queue.is_alive() else Crew(False, 0, 0)
