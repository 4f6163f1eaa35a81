"""Enrollments a second through the service, against the same database's own measure, pgbench -N."""

import multiprocessing
import re
import statistics
import subprocess
import time
from multiprocessing.pool import ThreadPool
from pathlib import Path

from bench import ground, messages, statements
from bench.ground import Trainee
from bench.installation import Installation
from gateways import queue
from models import db
from tests.databases import _binary

CLIENTS, PROCESSES, SECONDS, ROUNDS = 16, 2, 3, 3
_forked: dict[str, Installation] = {}  # what the processes find in themselves after the fork


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
    size = 800
    people = ground.trainees(site.app, size, first=100_000 + n * size)
    courses = [ground.course(site.app, size)[0] for _ in range(wanted)] * (CLIENTS // wanted)
    shares = [(people[k::PROCESSES], courses[k::PROCESSES]) for k in range(PROCESSES)]
    _forked["site"] = site
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        return sum(pool.starmap(_process, shares, chunksize=1))


def _process(people: list[Trainee], courses: list[int]) -> float:
    site = _forked["site"]
    with site.app.app_context():
        db.engine.dispose(close=False)
        queue.reset(site.app)
    end, done, threads = time.monotonic() + SECONDS, [], len(courses)

    def client(number: int) -> None:
        for person in people[number::threads]:
            if time.monotonic() > end:
                return
            messages.enroll(site, courses[number], person)
            done.append(1)

    began = time.monotonic()
    with ThreadPool(threads) as pool:
        pool.map(client, range(threads), chunksize=1)
    return len(done) / (time.monotonic() - began)
