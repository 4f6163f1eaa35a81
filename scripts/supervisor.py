"""Starts processes that belong together, brings back the ones that die, and ends all of them together."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from scripts.processes import call_it, die_with_parent

RESTART_AFTER_S = 1.0
LONGEST_RESTART_S = 8.0  # for one that cannot even start: it must not eat the machine
SETTLED_S = 10.0
STOP_WITHIN_S = 3.0
LOG_LIMIT = 10_000_000


class Process(Protocol):
    """What is asked of a running process; a `Popen` has it."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...

    def wait(self) -> int: ...


@dataclass
class Fork:
    """A process forked from this one."""

    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        return self._reap(os.WNOHANG)

    def wait(self) -> int:
        return self._reap(0) or 0

    def _reap(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode


@dataclass
class Child:
    """One process that should be running; it leads a session of its own, so a signal reaches its whole family."""

    name: str
    launch: Callable[[], Process]
    log: Path | None = None
    process: Process = field(init=False)
    restart_at: float | None = None
    pause: float = RESTART_AFTER_S
    started_at: float = 0

    def start(self) -> None:
        self.restart_at, self.started_at = None, time.monotonic()
        self.process = self.launch()

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
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log else ""


class Supervisor:
    """The children of one run, in the order they were started."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def start(self, name: str, command: list[str], logs: Path, environ: Mapping[str, str]) -> Child:
        """A program of its own, which writes to a file with its name in the folder `logs`."""
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        return self._add(Child(name, lambda: _program(command, environ, log), log))

    def fork(self, name: str, act: Callable[[], int]) -> Child:
        """A fork of this process that does this and ends with what it returns; for a process without threads."""
        return self._add(Child(name, lambda: _fork(name, act)))

    def _add(self, child: Child) -> Child:
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


def _program(command: list[str], environ: Mapping[str, str], log: Path) -> Process:
    with log.open("ab") as out:
        return subprocess.Popen(
            command, env=dict(environ), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True, preexec_fn=die_with_parent(),
        )  # fmt: skip


def _fork(name: str, act: Callable[[], int]) -> Process:
    bind = die_with_parent()
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        return Fork(pid)
    code = 1
    try:  # nothing of the parent's goes on in here: no handler of signals, no `finally` above this line
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        if bind is not None:
            bind()
        os.setsid()
        call_it(name)
        code = act()
    except BaseException:  # noqa: BLE001 (told, and then the process ends)
        traceback.print_exc()
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(children: list[Child], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(child.process.poll() is None for child in children):
        time.sleep(0.02)
    for child in children:
        child.kill_family()
        child.process.wait()
