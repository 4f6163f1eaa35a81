"""Migrated databases for the tests: a SQLite file to copy, and one temporary PostgreSQL cluster."""

import atexit
import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import Engine, event, text

from scripts.processes import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "template_doreh"
SETTINGS = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200",
    "shared_buffers": "64MB", "listen_addresses": "", "timezone": "UTC", "log_min_messages": "fatal",
    "autovacuum": "off", "jit": "off",
}  # fmt: skip

# Empties every table that has rows, then puts back what the migrations themselves had put there. Triggers that keep
# ledger and events append-only refuse this; the replica role is how a superuser steps around them. A few rows are
# deleted, because TRUNCATE makes new files for a table and each of its indexes and takes fifteen times as long.
RESET = """
CREATE SCHEMA test_tools;
DO $$ DECLARE t record; n bigint; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('SELECT count(*) FROM public.%I', t.tablename) INTO n;
    IF n > 0 THEN EXECUTE format('CREATE TABLE test_tools.%I AS TABLE public.%I', t.tablename, t.tablename); END IF;
  END LOOP;
END $$;
CREATE FUNCTION test_tools.reset() RETURNS void LANGUAGE plpgsql AS $$
DECLARE t record; names text := ''; BEGIN
  FOR t IN SELECT c.oid::regclass AS name, pg_relation_size(c.oid) AS bytes FROM pg_class c
           WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version' LOOP
    IF t.bytes > 200000 THEN names := names || format(', %s', t.name);
    ELSIF t.bytes > 0 THEN EXECUTE format('DELETE FROM %s', t.name);
    END IF;
  END LOOP;
  IF names <> '' THEN EXECUTE 'TRUNCATE ' || substr(names, 3) || ' CASCADE'; END IF;
  FOR t IN SELECT conname, conrelid::regclass AS owner FROM pg_constraint WHERE NOT convalidated LOOP
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', t.owner, t.conname);
  END LOOP;
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'test_tools' LOOP
    EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE TABLE test_tools.%I', t.tablename, t.tablename);
  END LOOP;
  FOR t IN WITH used AS MATERIALIZED (
             SELECT seqrelid AS oid FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL)
           SELECT used.oid::regclass AS sequence, d.refobjid::regclass AS owner, a.attname AS key
           FROM used JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = used.oid
             AND d.deptype IN ('a', 'i')
           JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid LOOP
    EXECUTE format('SELECT setval(%L, coalesce(max(%I), 0) + 1, false) FROM %s', t.sequence, t.key, t.owner);
  END LOOP;
END $$;
"""


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL that listens on a socket in its folder only."""

    folder: str

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        with self.connect(database) as connection:
            for statement in statements:
                connection.execute(statement)

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=self.folder, user="postgres", dbname=database, autocommit=True)


def fresh_database(kind: str, worker_id: str) -> str:
    """The address of a migrated database of its own for one xdist worker; `kind` is sqlite or postgresql."""
    if kind == "sqlite":
        return sqlite_url(Path(folder_in_memory()))
    cluster, name = postgres(), f"test_{worker_id}"
    _postgres_template(cluster)
    with locked(Path(cluster.folder, "template.lock")):  # two copies of one template at a time are refused
        cluster.execute(f"DROP DATABASE IF EXISTS {name} (FORCE)", f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return cluster.url(name)


def folder_in_memory() -> str:
    """A folder until the end of the run, in memory if there is room: what a test commits need not wait for a disk."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 500_000_000
    folder = tempfile.mkdtemp(prefix="doreh-test-", dir=memory if roomy else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def sqlite_url(tmp: Path) -> str:
    """The address of a migrated SQLite file of its own in the folder."""
    path = tmp / "doreh.sqlite3"
    _copy(path)
    return f"sqlite:///{path}"


def reset(engine: Engine) -> None:
    """Back to the state right after the migrations; nobody else may be inside a transaction."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        _copy(Path(str(engine.url.database)))
        return
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SELECT test_tools.reset()"))


def keep(engine: Engine) -> Path:
    """The SQLite database as it stands, in a file for `bring_back`."""
    file = Path(folder_in_memory(), "kept.sqlite3")
    with contextlib.closing(engine.raw_connection()) as connection:
        connection.cursor().execute("VACUUM INTO ?", (str(file),))
    return file


def bring_back(engine: Engine, file: Path) -> None:
    """The SQLite database as it stood when it was kept; nobody else may be inside a transaction."""
    engine.dispose()
    _copy(Path(str(engine.url.database)), file)


def give_no_order_of_its_own(engine: Engine) -> None:
    """Rows asked for in no order come in that of PostgreSQL, which has none: here the newest first."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA reverse_unordered_selects = ON"))


def empty(engine: Engine) -> None:
    """`reset` that also makes the files of all tables anew on PostgreSQL, which takes longer."""
    if engine.dialect.name == "postgresql":
        tables = "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            names = connection.execute(text(f"{tables} AND tablename <> 'alembic_version'")).scalar()
            connection.execute(text(f"TRUNCATE {names} CASCADE"))
    reset(engine)


def postgres() -> Cluster:
    """The cluster of this run: the one named in TEST_POSTGRES, else one started now and stopped at exit."""
    if folder := os.environ.get("TEST_POSTGRES"):
        return Cluster(folder)
    stack = contextlib.ExitStack()
    cluster = stack.enter_context(running_cluster())
    atexit.register(stack.close)
    os.environ["TEST_POSTGRES"] = cluster.folder
    return cluster


@contextlib.contextmanager
def running_cluster(**settings: str) -> Iterator[Cluster]:
    """A new cluster under the temporary folder, gone afterwards; `fsync="on"` for tests of lost power."""
    folder = Path(tempfile.mkdtemp(prefix="doreh-pg-", dir="/tmp"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user, user)
    options_of_initdb = ("-U", "postgres", "-A", "trust", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync")
    initdb: list[str | Path] = [_binary("initdb"), "-D", folder / "data", *options_of_initdb]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=user, group=user, cwd=folder)
    options = [
        f"--{name}={value}" for name, value in {**SETTINGS, "unix_socket_directories": folder, **settings}.items()
    ]
    server = subprocess.Popen(
        [_binary("postgres"), "-D", folder / "data", *options], user=user, group=user, cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent(3),
    )  # fmt: skip
    try:
        yield _answering(Cluster(str(folder)))
    finally:
        server.send_signal(3)  # SIGQUIT: at once; nothing in it is kept
        server.wait(120)
        shutil.rmtree(folder, ignore_errors=True)


def migrate(url: str) -> None:
    """Bring a database to the newest migration, in a process of its own."""
    environ = {
        **os.environ, "DOREH_MODE": "test", "DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "only-for-the-migration-of-test-databases", "BASE_URL": "http://127.0.0.1",
    }  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "app:create_app()", "db", "upgrade"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the migrations failed on {url}:\n{done.stderr[-4000:]}")


def _answering(cluster: Cluster) -> Cluster:
    for _ in range(2_400):
        try:
            cluster.connect("postgres").close()
            return cluster
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError("the temporary PostgreSQL did not start")


def _postgres_template(cluster: Cluster) -> None:
    done = Path(cluster.folder, "template.done")
    with locked(Path(cluster.folder, "template.lock")):
        if done.exists():
            return
        cluster.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(cluster.url(TEMPLATE))
        cluster.execute(RESET, database=TEMPLATE)
        done.touch()


def _copy(path: Path, source: Path | None = None) -> None:
    """A new file in the place of the old one: whoever still has that open harms nobody."""
    fresh = Path(f"{path}.new")
    shutil.copyfile(source or _sqlite_template(), fresh)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    fresh.replace(path)


@functools.cache
def _sqlite_template() -> Path:
    """The migrated file, made once for each state of the migrations and kept in the temporary folder."""
    folder = Path(tempfile.gettempdir(), f"doreh-tests-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    template = folder / f"{_digest()}.sqlite3"
    if template.exists():
        return template
    with locked(folder / "lock"):
        if not template.exists():
            draft = folder / f"draft-{os.getpid()}.sqlite3"
            migrate(f"sqlite:///{draft}")
            draft.replace(template)
    return template


def _digest() -> str:
    files = [*(ROOT / "migrations").rglob("*.py"), *(ROOT / "tables").rglob("*.py"), ROOT / "models.py"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process of the run at a time."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _binary(name: str) -> str:
    """PostgreSQL's own programs, which Debian keeps out of PATH; the newest version wins."""
    found = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(re.sub(r"\D", "", str(path)))
    )
    if not found and not shutil.which(name):
        raise RuntimeError(f"PostgreSQL's {name} is missing; install the package postgresql")
    return str(found[-1]) if found else str(shutil.which(name))
