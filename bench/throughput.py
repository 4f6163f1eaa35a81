"""Enrollments a second through the service, against the same database's own measure, pgbench -N."""

import multiprocessing
import re
import statistics
import subprocess
import time
from collections.abc import Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

from bench import ground, messages, statements
from bench.ground import Trainee
from bench.installation import Installation
from gateways import queue
from models import db
from tests.databases import _binary

CLIENTS, PROCESSES, SECONDS, ROUNDS = 16, 2, 5, 3
MOST = 800  # enrollments a second that there are people for
# Before the clock starts, each client has enrolled so many: a connection that has served for a while has its statements
# prepared, after five sendings by the driver and five more by the planner.
WARM = 12
_forked: dict[str, Any] = {}  # what the processes find in themselves after the fork


def against_pgbench(site: Installation) -> dict[str, float]:
    """All in turns, so that a busy machine slows all; the ratio of the medians is what counts.

    Through the service on courses all over the list and on one that everybody wants, and the statements of the service
    alone, sent by pgbench.
    """
    folder = re.search(r"host=([^&]+)", site.url).group(1)  # type: ignore[union-attr]
    pgbench = [_binary("pgbench"), "-h", folder, "-U", "postgres"]
    subprocess.run([*pgbench, "-i", "-s", "10", "-q", "doreh"], check=True, capture_output=True)
    spread = [ground.course(site.app, statements.COUNTED)[0] for _ in range(CLIENTS)]
    path = statements.script(site, spread, first=400_000)
    ground.analyze(site.app)
    found: dict[str, list[float]] = {name: [] for name in ("pgbench", "spread", "hot", "statements")}
    for n in range(ROUNDS):
        found["pgbench"].append(_pgbench([*pgbench, "-N"]))
        found["spread"].append(_ours(site, 2 * n, CLIENTS))
        found["hot"].append(_ours(site, 2 * n + 1, 1))
        before = statements.COUNTED // CLIENTS // ROUNDS * n
        found["statements"].append(_pgbench([*pgbench, "-M", "prepared", "-f", path, "-D", f"n={before}"]))
    rates = {name: statistics.median(each) for name, each in found.items()}
    return {
        "pgbench_n_tps": round(rates["pgbench"], 1),
        "enrollments_per_s": round(rates["spread"], 1),
        "enrollments_to_pgbench_ratio": round(rates["spread"] / rates["pgbench"], 3),
        "hot_enrollments_per_s": round(rates["hot"], 1),
        "hot_to_pgbench_ratio": round(rates["hot"] / rates["pgbench"], 3),
        "statements_per_s": round(rates["statements"], 1),
        "statements_to_pgbench_ratio": round(rates["statements"] / rates["pgbench"], 3),
    }


def _pgbench(command: list[str | Path]) -> float:
    run = [*command, "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS), "-n", "doreh"]
    done = subprocess.run(run, check=True, capture_output=True, text=True)
    assert "aborted" not in done.stderr, done.stderr
    return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))  # type: ignore[union-attr]


def _ours(site: Installation, n: int, wanted: int) -> float:
    """Two processes of eight threads, as the web has, each thread enrolling its own people, in so many courses."""
    size = MOST * SECONDS
    people = ground.trainees(site.app, size, first=100_000 + n * size)
    courses = [ground.course(site.app, size)[0] for _ in range(wanted)] * (CLIENTS // wanted)
    shares = [(people[k::PROCESSES], courses[k::PROCESSES]) for k in range(PROCESSES)]
    context = multiprocessing.get_context("fork")
    _forked.update(site=site, all_warm=context.Barrier(CLIENTS))
    with context.Pool(PROCESSES) as pool:
        return sum(pool.starmap(_process, shares, chunksize=1))


def _process(people: list[Trainee], courses: list[int]) -> float:
    """Enrollments a second of one process, from when everybody is warm until the last one is done."""
    site, threads = _forked["site"], len(courses)
    with site.app.app_context():
        db.engine.dispose(close=False)
        queue.reset(site.app)

    def client(number: int) -> tuple[int, float, float]:
        mine: Iterator[Trainee] = iter(people[number::threads])
        for _, person in zip(range(WARM), mine, strict=False):
            messages.enroll(site, courses[number], person)
        _forked["all_warm"].wait(60)
        began, done = time.monotonic(), 0
        for person in mine:
            messages.enroll(site, courses[number], person)
            done += 1
            if time.monotonic() > began + SECONDS:
                break
        return done, began, time.monotonic()

    with ThreadPool(threads) as pool:
        ends = pool.map(client, range(threads), chunksize=1)
    seconds = max(end for _, _, end in ends) - min(began for _, began, _ in ends)
    return sum(done for done, _, _ in ends) / seconds
