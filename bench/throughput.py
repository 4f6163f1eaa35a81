"""Enrollments a second through the service, against the same database's own measure, pgbench -N."""

import multiprocessing
import re
import statistics
import subprocess
import time
from multiprocessing.pool import ThreadPool
from pathlib import Path

from bench import ground, messages
from bench.ground import Trainee
from bench.installation import Installation
from gateways import queue
from models import db
from tests.databases import _binary

CLIENTS, PROCESSES, SECONDS, ROUNDS = 16, 2, 4, 3
_forked: dict[str, Installation] = {}  # what the processes find in themselves after the fork


def against_pgbench(site: Installation) -> dict[str, float]:
    """Both in turns, so that a busy machine slows both; the ratio of the medians is what counts."""
    folder = re.search(r"host=([^&]+)", site.url).group(1)  # type: ignore[union-attr]
    pgbench = [_binary("pgbench"), "-h", folder, "-U", "postgres"]
    subprocess.run([*pgbench, "-i", "-s", "10", "-q", "doreh"], check=True, capture_output=True)
    raw, ours = [], []
    for n in range(ROUNDS):
        raw.append(_pgbench(pgbench))
        ours.append(_ours(site, n))
    return {
        "pgbench_n_tps": round(statistics.median(raw), 1),
        "enrollments_per_s": round(statistics.median(ours), 1),
        "enrollments_to_pgbench_ratio": round(statistics.median(ours) / statistics.median(raw), 3),
    }


def _pgbench(command: list[str | Path]) -> float:
    run = [*command, "-N", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS), "-n", "doreh"]
    done = subprocess.run(run, check=True, capture_output=True, text=True)
    return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))  # type: ignore[union-attr]


def _ours(site: Installation, n: int) -> float:
    """Two processes of eight threads, as the web has, each enrolling its own people in courses all over the list."""
    size = 800
    people = ground.trainees(site.app, size, first=100_000 + n * size)
    courses = [ground.course(site.app, size)[0] for _ in range(CLIENTS)]
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
