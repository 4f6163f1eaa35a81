"""The real outside of the jobs: a sandbox, a queue server, workers and dispatchers, each a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

import gateways
from gateways import queue
from models import db
from scripts import readiness, valkey
from scripts.processes import die_with_parent
from tests.conftest import SETTINGS
from tests.sandbox_process import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 1.6  # of a gateway: long enough for a loaded machine, short enough for many tests of silence


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox, app: Flask) -> Iterator[Sandbox]:
    """The sandbox, all up, and our application speaking to it."""
    running_sandbox.reset()
    known = frozenset({"SSO", "REGISTRY", "SHAHKAR", "SMS", "PAYMENT"})
    ours = {**running_sandbox.product_settings(), "OUTSIDE_TIMEOUT_S": PATIENCE_S, "SET_UP": known}
    before = {name: app.config[name] for name in ours}
    app.config.update(ours)
    gateways.init_app(app)
    yield running_sandbox
    app.config.update(before)
    gateways.init_app(app)


@dataclass
class Plant:
    """The processes of one installation beside the web: any number of workers and dispatchers."""

    app: Flask
    sandbox: Sandbox
    folder: Path
    patience_s: float = 3
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def redis(self) -> str:
        return f"unix://{self.folder}/valkey.sock"

    def queue_server(self) -> subprocess.Popen[bytes]:
        socket = self.folder / "valkey.sock"
        socket.unlink(missing_ok=True)
        server = self._start(valkey.command(socket))
        assert readiness.until(socket.is_socket, 90)
        return server

    def worker(self) -> subprocess.Popen[bytes]:
        return self._start([sys.executable, "-m", "jobs.worker"])

    def dispatcher(self) -> subprocess.Popen[bytes]:
        return self._start([sys.executable, "-m", "jobs.dispatcher"])

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        settings = {**SETTINGS, **self.sandbox.product_settings(), "OUTSIDE_TIMEOUT_S": str(self.patience_s)}
        settings |= {"DATABASE_URL": self.app.config["DATABASE_URL"], "REDIS_URL": self.redis}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent(),
            )  # fmt: skip
        self.started.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """The whole group at once, as a machine dies."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@pytest.fixture
def plant(app: Flask, sandbox: Sandbox, tmp_path: Path) -> Iterator[Plant]:
    """A queue server is up; workers and dispatchers start when the test says so."""
    plant = Plant(app, sandbox, tmp_path)
    plant.queue_server()
    before = app.config["REDIS_URL"]
    app.config["REDIS_URL"] = plant.redis
    queue.init_app(app)
    yield plant
    db.session.rollback()
    for process in plant.started:
        plant.kill(process)
    app.extensions["queue"].connection.close()
    app.config["REDIS_URL"] = before
    queue.init_app(app)
