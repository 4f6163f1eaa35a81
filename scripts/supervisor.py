"""Starts the processes of one installation, brings back the ones that die, and ends all of them together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.processes import die_with_parent

RESTART_AFTER_S = 1.0
LONGEST_RESTART_S = 8.0  # for one that cannot even start: it must not eat the machine
SETTLED_S = 10.0
STOP_WITHIN_S = 3.0
LOG_LIMIT = 10_000_000


@dataclass
class Child:
    """One process that should be running; it leads a session of its own, so a signal reaches its whole family."""

    name: str
    command: list[str]
    log: Path
    environ: Mapping[str, str]
    process: subprocess.Popen[bytes] = field(init=False)
    restart_at: float | None = None
    pause: float = RESTART_AFTER_S
    started_at: float = 0

    def start(self) -> None:
        self.restart_at, self.started_at = None, time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=dict(self.environ), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent(),
            )  # fmt: skip

    def mourn(self) -> None:
        """Plan the next start: after a second, later for one that died young time and again."""
        self.kill_family()
        now = time.monotonic()
        if now - self.started_at > SETTLED_S:
            self.pause = RESTART_AFTER_S
        self.restart_at = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_RESTART_S)

    def signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def kill_family(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


class Supervisor:
    """The children of one run, in the order they were started."""

    def __init__(self, logs: Path, environ: Mapping[str, str]) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.logs, self.environ = logs, environ
        self.children: list[Child] = []

    def start(self, name: str, command: list[str], **environ: str) -> Child:
        log = self.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        child = Child(name, command, log, {**self.environ, **environ})
        child.start()
        self.children.append(child)
        return child

    def tend(self) -> list[str]:
        """Bring back who died a moment ago; returns one sentence for each death just noticed."""
        news = []
        for child in self.children:
            if child.restart_at is None and child.process.poll() is not None:
                child.mourn()
                news.append(f"{child.name} ended with {child.process.returncode}; starting it again.")
            elif child.restart_at is not None and time.monotonic() >= child.restart_at:
                child.start()
        return news

    def stop(self) -> None:
        """End everybody in reverse order, the first one started (the queue) after all who use it."""
        if not self.children:
            return
        first, others = self.children[0], self.children[1:]
        for child in reversed(others):
            child.signal(signal.SIGTERM)
        _wait(others, STOP_WITHIN_S)
        first.signal(signal.SIGTERM)
        _wait([first], STOP_WITHIN_S / 3)
        self.children = []


def _wait(children: list[Child], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(child.process.poll() is None for child in children):
        time.sleep(0.02)
    for child in children:
        child.kill_family()
        child.process.wait()
