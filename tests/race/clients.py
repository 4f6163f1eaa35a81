"""Clients in processes of their own; they import nothing of the product, so that sixteen start in a second."""

import multiprocessing
from collections import Counter
from multiprocessing.pool import ThreadPool

from bench.browser_like import Visitor

PROCESSES, THREADS = 4, 4
Task = tuple[int, str, str, int]


def storm(tasks: list[Task]) -> Counter[str]:
    """Every task (port, session token, course code, how often) by one of sixteen clients; counts how they ended."""
    shares = [tasks[n::PROCESSES] for n in range(PROCESSES)]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        return sum(pool.map(_share, shares), Counter[str]())


def _share(tasks: list[Task]) -> Counter[str]:
    with ThreadPool(THREADS) as threads:
        return Counter(threads.starmap(_walk, tasks, chunksize=1))


def _walk(port: int, token: str, code: str, times: int) -> str:
    """One person's form, sent so many times; the answers in one word."""
    visitor, path = Visitor(port, {"doreh_trainee": token}), f"/trainee/enroll/{code}"
    form = visitor.get(path).form(path)
    seen = {visitor.post(path, form).status for _ in range(times)}
    visitor.close()
    return {(303,): "enrolled", (409,): "refused"}.get(tuple(seen), str(sorted(seen)))
