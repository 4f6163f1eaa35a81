"""`make run` as people use it: it starts, refuses what it must, comes back from deaths, and leaves nothing behind."""

import contextlib
import os
import signal
import socket
import sqlite3
from pathlib import Path

import pytest

from scripts import readiness
from scripts.database import is_empty
from tests.processes.conftest import PATIENCE_S, ROOT, Installation

WORDS = ("app:create_app", "jobs.worker", "jobs.dispatcher", "-m jobs", "valkey.sock", "sandbox.wsgi")

FORKS = ("jobs.worker", "jobs.dispatcher")


def test_the_first_start_loads_the_demo_data_and_prints_where_to_go(first_start):
    installation, said = first_start
    assert "http://127.0.0.1:" in said
    assert "http://localhost:" in said
    assert "doreh-demo" in said
    assert not is_empty(f"sqlite:///{installation.data}/doreh.sqlite3")
    assert (installation.data / "secret").stat().st_mode & 0o777 == 0o600


def test_ctrl_c_in_the_terminal_ends_every_process(installation: Installation):
    os.killpg(installation.process.pid, signal.SIGINT)
    assert installation.all_gone(), installation.family()


def test_a_later_start_migrates_loads_and_installs_nothing(first_start):
    installation = first_start[0]
    installation.stop()
    before = {path: path.stat().st_mtime_ns for path in written_once(installation)}
    database = installation.data / "doreh.sqlite3"
    born, courses = database.stat().st_ino, count(database, "course")
    installation.start()
    assert installation.answers("/healthz")
    assert installation.answers("/readyz")
    assert [word for word in ("Creating", "Installing", "Preparing", "Loading") if word in installation.said()] == []
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert (database.stat().st_ino, count(database, "course")) == (born, courses)


def written_once(installation: Installation) -> list[Path]:
    """What a start writes that has something to do: the secret, the people of the demo, the stamps of what is there."""
    stamps = sorted((ROOT / ".venv").glob("*.stamp"))
    assert stamps
    return [installation.data / "secret", installation.data / "people.json", *stamps]


def count(database: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_a_second_start_on_the_same_data_is_refused_in_one_sentence(installation: Installation):
    second = Installation(installation.data).try_again()
    assert second.returncode == 1
    assert second.stderr == f"Doreh is already running on the data in {installation.data}.\n"
    assert installation.answers("/readyz")


def test_a_killed_worker_or_dispatcher_comes_back_without_its_parent(installation: Installation):
    parent = installation.find("-m jobs")
    killed = {words: installation.kill(words) for words in FORKS}
    assert readiness.until(
        lambda: all(installation.find(words) not in (None, killed[words]) for words in FORKS), PATIENCE_S
    )
    assert installation.find("-m jobs") == parent
    assert "jobs.worker ended with -9; starting it again." in Path(installation.data, "log", "jobs.log").read_text()


def test_whoever_is_killed_comes_back(installation: Installation):
    killed = {words: installation.kill(words) for words in WORDS}
    assert readiness.until(
        lambda: all(installation.find(words) not in (None, killed[words]) for words in WORDS), PATIENCE_S
    )
    assert readiness.until(lambda: installation.answers("/readyz"), PATIENCE_S)
    assert "web ended with -9; starting it again." in installation.said()


def test_a_launcher_killed_outright_leaves_no_process_and_the_next_start_removes_its_socket_folder(
    installation: Installation,
):
    folder = Path((installation.data / "lock").read_text())
    installation.kill("scripts.run")
    assert installation.all_gone(), installation.family()
    assert folder.is_dir()
    installation.start()
    assert not folder.exists()


@pytest.mark.parametrize(("words", "number"), [
    ("make run", signal.SIGTERM), ("scripts.run", signal.SIGHUP), ("make run", signal.SIGKILL),
])  # fmt: skip
def test_a_signal_to_one_of_them_ends_every_process(installation: Installation, words, number):
    assert readiness.until(lambda: len(installation.family()) >= 9, PATIENCE_S), installation.family()
    installation.kill(words, number)
    assert installation.all_gone(), installation.family()


@pytest.mark.parametrize(("which", "name"), [(0, "PORT"), (1, "SANDBOX_PORT")])
def test_a_taken_port_is_refused_in_one_sentence_before_anything_starts(tmp_path, which, name):
    made = Installation(tmp_path / "var")
    with socket.create_server(("127.0.0.1", made.ports[which])):
        refused = made.try_again()
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        f"Port {made.ports[which]} is taken by another program; choose another with {name}="
    )
    assert not (made.data / "doreh.sqlite3").exists()


def test_production_settings_are_refused(tmp_path):
    refused = Installation(tmp_path / "var", {"DOREH_MODE": "production"}).try_again()
    assert refused.returncode == 1
    assert "docs/deploy.md" in refused.stderr
