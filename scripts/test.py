"""`make test`: style and types, beside them every test on SQLite, then on PostgreSQL where that may make a difference.

What a service asks of the database and what happens to it at once is tried on both: each statement with each outcome
(no row, one, more, an error), and whatever is about order, money, seats, locks or two at a time. A test of services
that only meets what others meet there too has the mark `once`. Pages ask only services, so of the tests of pages
those run on both that together open every page, send every form, keep what was sent in vain and do the whole job.
What a browser makes of a form that was kept, sent twice or cut off is looked at on SQLite only.
"""

import contextlib
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from scripts import check, provision
from scripts.processes import follow_make
from scripts.provision import PYTHON, ROOT

# These open no database of ours, or bring their own, or show the same on both: one run says all. Single files and
# tests of this kind in the other folders have the mark `once`.
ONCE = ("unit", "gateways", "architecture", "sandbox", "processes", "looks")
PAGES = {
    "web": ("test_pages.py", "test_posts.py", "test_odd_input.py", "test_forms_survive.py"),
    "browser": ("test_whole_job.py",),
}
# Debian package: the program in PATH, or the pattern of its path where Debian keeps it elsewhere.
NEEDED = {
    "chromium-headless-shell": "chromium-headless-shell",
    "redis-server": "redis-server",
    "postgresql": "/usr/lib/postgresql/*/bin/initdb",
}
NO_TESTS = 5
WORKERS = "4"  # on two cores: with three a fifth of them lay idle, as tests wait for processes, browsers and clocks


@dataclass
class Count:
    """Tests of one run or of all."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Count") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


@dataclass
class Run:
    """One call of pytest."""

    title: str
    database: str
    paths: list[str]
    options: list[str]

    def go(self, extra: list[str]) -> Count:
        print(f"\n== {self.title}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.xml")
            command = [str(PYTHON), "-m", "pytest", "-q", "--durations=10", f"--junitxml={report}", *self.options]
            with _cluster(self.database) as found:
                environ = {**os.environ, "TEST_DATABASE": self.database, **found}
                code = subprocess.run([*command, *self.paths, *extra], cwd=ROOT, env=environ, check=False).returncode
            count = _count(report)
        if code == NO_TESTS and extra:
            return count  # the caller's selection lies in another run
        if code != 0 and count.failed == 0:  # nothing collected, or pytest itself went wrong
            count.failed += 1
        return count


def main() -> int:
    follow_make()
    began, extra = time.monotonic(), sys.argv[1:]
    try:
        provision.enter("requirements-dev.txt", "scripts.test")
        _need_programs()
    except provision.Unprovided as error:
        print(error, file=sys.stderr)
        return 1
    total = Count()
    with ThreadPoolExecutor() as aside:  # mypy has one core; the tests have use for the other
        static = aside.submit(check.failing, aside=True) if not extra else None
        for each in _runs(extra):
            total.add(each.go(extra))
        if static is not None and (failed := static.result()):
            print(f"\nfailed: {', '.join(failed)}")
            total.failed += len(failed)
    return _conclude(total, time.monotonic() - began)


def _runs(extra: list[str]) -> list[Run]:
    # In the order of tests/conftest.py, the long files first: nobody works alone at the end.
    parallel = ["-n", WORKERS, "--dist", "loadscope", "--no-loadscope-reorder"]
    if any(not word.startswith("-") and Path(ROOT, word.split("::")[0]).exists() for word in extra):
        return [
            Run("the given tests, SQLite", "sqlite", [], []),
            Run("the given tests, PostgreSQL", "postgresql", [], []),
        ]
    folders = sorted(path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.glob("test_*.py")))
    both = [f"tests/{name}" for name in folders if name not in (*ONCE, *PAGES)]
    both += [f"tests/{folder}/{name}" for folder, names in PAGES.items() for name in names]
    return [
        Run("everything, SQLite", "sqlite", [f"tests/{name}" for name in folders], parallel),
        Run("where the database may differ, PostgreSQL", "postgresql", both, [*parallel, "-m", "not once"]),
    ]


@contextlib.contextmanager
def _cluster(database: str) -> Iterator[dict[str, str]]:
    """One PostgreSQL for all workers of a run, and the variable by which they find it."""
    if database != "postgresql":
        yield {}
        return
    from tests import databases  # needs the packages that are installed by now

    with databases.running_cluster() as cluster:
        yield {"TEST_POSTGRES": cluster.folder}


def _count(report: Path) -> Count:
    count = Count()
    if not report.exists():
        return count
    for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 written by pytest a moment ago
        number = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
        failed = number["failures"] + number["errors"]
        count.add(Count(number["tests"] - failed - number["skipped"], failed, number["skipped"]))
    return count


def _conclude(total: Count, seconds: float) -> int:
    print(f"\ntook {seconds:.0f} s")
    if total.skipped:
        print(f"{total.skipped} tests were skipped; a missing piece is a failure here.")
    if total.passed == 0:
        print("No test ran.")
        total.failed = max(1, total.failed)
    failed = total.failed + total.skipped
    print(f"{total.passed} passed, {failed} failed")
    return 1 if failed else 0


def _need_programs() -> None:
    """Install the Debian packages the tests need, or say which are missing."""
    missing = [name for name, program in NEEDED.items() if not (shutil.which(program) or glob.glob(program))]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise provision.Unprovided(f"The tests need these programs; please install them: {' '.join(missing)}")
    print(f"Installing {' '.join(missing)} ...", flush=True)
    # RUNLEVEL=1 keeps the packages from starting servers of their own.
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *missing]):
        done = subprocess.run(["apt-get", *command], env=environ, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise provision.Unprovided(f"{done.stderr}\napt-get could not install {' '.join(missing)}.")


if __name__ == "__main__":
    sys.exit(main())
