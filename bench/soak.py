"""`make soak`: the long forms of tests, on both databases; stops at the first broken promise.

First a week in which the outside fails, then every odd value at every place where `make test` tries a few, and
thousands of steps of payments; then the kills and the storm of an opening day, round after round.
"""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable

from bench import kills, storm, week
from bench.kills import Aftermath
from scripts.processes import follow_make
from scripts.provision import PYTHON, ROOT

ROUNDS, ENROLLMENTS, KILLS = 5, 1_500, 60
LONG_FORMS = ("tests/web/test_odd_input.py", "tests/services/test_payment_machine.py")


def main() -> int:
    follow_make()
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    for kind in ("sqlite", "postgresql"):
        if not heals(kind) or not passes_long_forms(kind) or not control_loses(kind):
            return 1
    for n, kind, run in itertools.product(range(1, rounds + 1), ("sqlite", "postgresql"), (storm.storm, chaos)):
        if not holds(f"round {n} of {rounds}", run, kind):
            return 1
    print("nothing was lost and nothing was doubled")
    return 0


def chaos(kind: str) -> Aftermath:
    return kills.chaos(kind, ENROLLMENTS, KILLS)


def holds(name: str, run: Callable[[str], Aftermath], kind: str) -> bool:
    """Whether every promise was kept in a run; what it came to is told."""
    began = time.monotonic()
    after = run(kind)
    print(f"{name}, {run.__name__} on {kind}, {time.monotonic() - began:.0f} s: {after}", flush=True)
    if after.is_clean and after.drained_s <= 60:
        return True
    print("a promise was broken; see the line above")
    return False


def heals(kind: str) -> bool:
    """Whether a week of failing systems refuses nobody, keeps nobody waiting, and leaves nothing unhealed."""
    began = time.monotonic()
    after = week.week(kind)
    print(f"a week of failing systems on {kind}, {time.monotonic() - began:.0f} s: {after}", flush=True)
    return after.is_clean(week.FULL)


def control_loses(kind: str) -> bool:
    """Whether the kills meet people at all: those who send nothing again are missed by the count."""
    after = storm.storm(kind, storm.SMALL, is_patient=False)
    print(f"control, nobody sends again, {kind}: {after}", flush=True)
    return after.lost > 0


def passes_long_forms(kind: str) -> bool:
    """Whether no page and no form fails on any odd value, and no walk loses a payment; pytest tells what did."""
    environ = {**os.environ, "TEST_DATABASE": kind, "ODD_INPUT": "all"}
    command = [str(PYTHON), "-m", "pytest", "-q", *LONG_FORMS]
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
