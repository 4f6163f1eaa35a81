"""Enrollments a second through the service, against the same database's own measure, pgbench -N."""

import re
import statistics
import subprocess
import threading
import time
from pathlib import Path

from bench import ground, messages
from bench.ground import Trainee
from bench.installation import Installation
from tests.databases import _binary

CLIENTS, SECONDS, ROUNDS = 16, 4, 3


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
    """Sixteen threads of one process, each enrolling its own people in courses spread over the list."""
    size = 600
    people = ground.trainees(site.app, size, first=100_000 + n * size)
    courses = [ground.course(site.app, size)[0] for _ in range(CLIENTS)]
    end, done = time.monotonic() + SECONDS, []

    def client(number: int, mine: list[Trainee]) -> None:
        for person in mine:
            if time.monotonic() > end:
                return
            messages.enroll(site, courses[number], person)
            done.append(1)

    began = time.monotonic()
    threads = [threading.Thread(target=client, args=(k, people[k::CLIENTS])) for k in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done) / (time.monotonic() - began)
