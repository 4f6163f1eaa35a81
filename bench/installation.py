"""One whole installation for measuring and for killing: database, queue, web, worker, dispatcher and sandbox."""

import contextlib
import functools
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from app import create_app
from bench import counters
from models import db
from scripts import readiness, run, valkey
from scripts.plan import Plan
from scripts.supervisor import Child, Supervisor
from tests import databases
from tests.ports import free_port

DURABLE = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB", "autovacuum": "on",
}  # fmt: skip
ANEW = {"PUBLIC_PAGES_KEPT_S": "0"}  # what is measured of one page must not be what another visitor has paid for
PRODUCT = ("web", "jobs")
SERVER = (*PRODUCT, "valkey")
EVERYBODY = ("valkey", "web", "sandbox", "jobs")


@dataclass
class Installation:
    """What runs on one database; children that die are brought back within a second or so, as `make run` does."""

    folder: Path
    url: str
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    database_pids: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.address = f"http://127.0.0.1:{self.port}"
        self.sandbox = f"http://localhost:{self.port + 1}"
        given = {"DATABASE_URL": self.url, "SECRET_KEY": secrets.token_urlsafe(40), "PATH": os.environ["PATH"]}
        plan = Plan(self.port, self.port + 1, self.folder, demo=False, given={**given, **self.settings})
        self.socket = self.folder / "valkey.sock"
        self.environ = plan.environ(f"unix://{self.socket}")
        self.supervisor = Supervisor()
        self.children: dict[str, Child] = {}
        self._resting = threading.Event()
        self._tender = threading.Thread(target=self._tend, daemon=True)

    @functools.cached_property
    def app(self) -> Flask:
        """The application on the same database, for laying the ground and for looking at what came of it."""
        return create_app(self.environ)

    def start(self, *names: str) -> None:
        """These parts, or all in the order of `make run`; returns when web and sandbox answer."""
        for name, command in self._commands().items():
            if name in (names or EVERYBODY):
                self.children[name] = self.supervisor.start(name, command, self.folder / "log", self.environ)
                assert name != "valkey" or readiness.until(self.socket.is_socket, 20)
        doors = {"web": (self.port, "/readyz"), "sandbox": (self.port + 1, "/")}
        for name in doors.keys() & self.children.keys():
            up = functools.partial(readiness.answers, "127.0.0.1", *doors[name])
            assert readiness.until(up, 90), self.children[name].last_words()
        if not self._tender.is_alive():
            self._tender.start()

    def _commands(self) -> dict[str, list[str]]:
        sandbox = ["--workers", "1", "--bind", f"127.0.0.1:{self.port + 1}", "sandbox.wsgi:app"]
        return {
            "valkey": valkey.command(self.socket),
            "web": [*run.GUNICORN, "--bind", f"127.0.0.1:{self.port}", "app:create_app()"],
            "sandbox": [*run.GUNICORN, *sandbox],
            "jobs": [sys.executable, "-m", "jobs"],
        }

    def load_demo(self) -> None:
        """The demo data of `make run`; call before `start`."""
        environ = {**os.environ, **self.environ}
        done = subprocess.run(
            [sys.executable, "-m", "scripts.demo"], env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def stop(self) -> None:
        self._resting.set()
        if self._tender.is_alive():
            self._tender.join()
        self.supervisor.stop()
        if "app" in self.__dict__:  # it was used
            with self.app.app_context():
                db.session.remove()
                db.engine.dispose()

    def kill(self, name: str, *, one: bool = False) -> None:
        """End a part at once with all its processes, or `one` of those it has started; it is brought back soon.

        `jobs.worker` and `jobs.dispatcher` are forks of the part `jobs`, which brings them back.
        """
        part = name.partition(".")[0]
        child = self.children[part]
        child.pause = 0.2
        family = counters.family([child.process.pid])
        named = family if name == part else [pid for pid in family if counters.name(pid) == name]
        below = counters.family(named[:1])[1:]
        with contextlib.suppress(ProcessLookupError):
            if one and below:
                os.kill(random.choice(below), signal.SIGKILL)
            elif named:  # else it is down from the kill before
                os.killpg(named[0], signal.SIGKILL)

    def pids(self, names: tuple[str, ...]) -> list[int]:
        return [self.children[name].process.pid for name in names]

    def _tend(self) -> None:
        while not self._resting.wait(0.1):
            self.supervisor.tend()


@contextlib.contextmanager
def installed(kind: str = "postgresql", **settings: str) -> Iterator[Installation]:
    """A migrated, empty, running installation on a database that keeps what it has committed."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doreh-bench-", dir="/tmp")))
        pids: tuple[int, ...] = ()
        if kind == "sqlite":
            url = databases.sqlite_url(folder)
        else:
            cluster = stack.enter_context(databases.running_cluster(**DURABLE))
            cluster.execute("CREATE DATABASE doreh")
            url = cluster.url("doreh")
            databases.migrate(url)
            pids = (int(Path(cluster.folder, "data/postmaster.pid").read_text().split()[0]),)
        found = Installation(folder, url, free_port(), settings, pids)
        stack.callback(found.stop)
        yield found
