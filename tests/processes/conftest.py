"""A real installation started by `make run`, and a way to find every process of it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert

from models import Outbox, utcnow
from scripts import readiness, valkey
from scripts.processes import die_with_parent
from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[[str], subprocess.Popen[bytes]]
PATIENCE_S = 90  # of a loaded machine; what is quicker is not waited for


def processes_with(marker: str) -> dict[int, str]:
    """Living processes whose environment holds the text: pid to command line and name."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if marker.encode() in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_text().replace("\0", " ")
                found[int(folder.name)] = f"{words} {(folder / 'comm').read_text().strip()}"
    return found


def born(pid: int) -> tuple[int, int]:
    """When a process was started. Its number says nothing of that: numbers begin anew after some ten thousands."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]), pid
    return sys.maxsize, pid


def settings(folder: Path) -> dict[str, str]:
    """Settings of one process alone, with its database and its queue in the folder."""
    return {
        **os.environ, "DOREH_MODE": "test", "DATABASE_URL": f"sqlite:///{folder}/doreh.sqlite3",
        "REDIS_URL": f"unix://{folder}/valkey.sock", "SECRET_KEY": "x" * 40, "DATA_DIR": str(folder),
    }  # fmt: skip


def owe(folder: Path, count: int, first: int = 0) -> None:
    """Rows of the outbox that are due, in the folder's migrated database; `first` keeps later ones apart."""
    past = utcnow() - timedelta(minutes=1)
    row = {"topic": "sms", "state": "open", "attempts": 0, "created_at": past, "next_try_at": past}
    engine = create_engine(f"sqlite:///{folder}/doreh.sqlite3")
    with engine.begin() as connection:
        connection.execute(
            insert(Outbox), [{**row, "ref_id": n, "dedup_key": f"test:{n}"} for n in range(first, first + count)]
        )
    engine.dispose()


@dataclass
class Installation:
    """One data folder and what runs on it."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    ports: tuple[int, int] = field(default_factory=free_ports)
    process: subprocess.Popen[str] | None = None
    output: Path = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.data.with_suffix(".out")

    def environ(self) -> dict[str, str]:
        port, sandbox = map(str, self.ports)
        folders = {"DATA_DIR": str(self.data), "TMPDIR": str(self.data.parent)}
        own = {**folders, "PORT": port, "SANDBOX_PORT": sandbox, **self.settings}
        clean = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
        return {**clean, **own}

    def start(self) -> None:
        """Return when the address is printed."""
        if self.process is not None:
            self.process.wait(PATIENCE_S)
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                ["make", "run"], cwd=ROOT, env=self.environ(), stdout=out, stderr=out, text=True,
                start_new_session=True, preexec_fn=die_with_parent(),
            )  # fmt: skip
        assert readiness.until(lambda: "Doreh is ready" in self.said() or self.process.poll() is not None, 300)
        assert self.process.poll() is None, self.said()

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def said(self) -> str:
        return self.output.read_text()

    def try_again(self) -> subprocess.CompletedProcess[str]:
        command = [ROOT / ".venv/bin/python", "-m", "scripts.run"]
        return subprocess.run(command, cwd=ROOT, env=self.environ(), capture_output=True, text=True, timeout=PATIENCE_S)

    def family(self) -> dict[int, str]:
        return processes_with(f"DATA_DIR={self.data}")

    def find(self, words: str) -> int | None:
        """The oldest living process whose command holds the words."""
        return min((pid for pid, command in self.family().items() if words in command), key=born, default=None)

    def kill(self, words: str, number: int = signal.SIGKILL) -> int:
        readiness.until(lambda: self.find(words) is not None, PATIENCE_S)  # those behind the doors come a little later
        pid = self.find(words)
        assert pid is not None, f"no {words} among {self.family()}"
        os.kill(pid, number)
        return pid

    def answers(self, path: str) -> bool:
        return readiness.answers("127.0.0.1", self.ports[0], path)

    def all_gone(self, seconds: float = PATIENCE_S) -> bool:
        return readiness.until(lambda: not self.family(), seconds)

    def stop(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(PATIENCE_S)
            assert self.all_gone(), self.family()


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """An installation with the demo data, which its tests share, and what its first start has printed."""
    made = Installation(tmp_path_factory.mktemp("first") / "var")
    made.start()
    yield made, made.said()
    made.stop()


@pytest.fixture
def installation(first_start: tuple[Installation, str]) -> Installation:
    """It runs: started again if the test before has ended it."""
    made = first_start[0]
    if not made.runs():
        made.start()
    return made


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Start]:
    """Starts one module as a process that leads a group of its own, with `settings(tmp_path)`."""
    started: list[subprocess.Popen[bytes]] = []

    def start(module: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", module], cwd=ROOT, env=settings(tmp_path), stderr=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=die_with_parent(),
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def queue_server(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts Valkey on the socket `tmp_path/valkey.sock`; call it again after killing the first one."""
    started: list[subprocess.Popen[bytes]] = []
    address = tmp_path / "valkey.sock"

    def start() -> subprocess.Popen[bytes]:
        address.unlink(missing_ok=True)
        started.append(
            subprocess.Popen(valkey.command(address), stdout=subprocess.DEVNULL, preexec_fn=die_with_parent())
        )
        assert readiness.until(address.is_socket, PATIENCE_S)
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
