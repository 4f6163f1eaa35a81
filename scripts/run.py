"""`make run`: the whole product on one machine, started together and stopped together."""

import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from types import FrameType

from scripts import database, provision, readiness, valkey
from scripts.plan import ACCOUNTS, PASSWORD, Plan, Refused
from scripts.processes import die_with_parent, follow_make
from scripts.provision import PYTHON, ROOT
from scripts.supervisor import Child, Supervisor

READY_WITHIN_S = 60
GUNICORN = [str(PYTHON), "-m", "gunicorn", "--config", "scripts/gunicorn_conf.py"]


class Stop(BaseException):
    """Somebody asked us to stop."""


def main() -> int:
    os.environ.setdefault("DOREH_BEGAN", str(time.time()))
    os.chdir(ROOT)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    follow_make()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        plan = Plan.read(os.environ)
        with plan.take() as lock:  # before the long part too, so that a refusal comes at once
            provision.enter("requirements.txt", "scripts.run")
            runtime = _runtime_folder(lock)
            try:
                _run(plan, runtime)
            finally:
                shutil.rmtree(runtime, ignore_errors=True)
    except (Refused, provision.Unprovided, valkey.Missing) as error:
        print(error, file=sys.stderr)
        return 1
    except Stop:
        print("پایان یافت.  Stopped.", flush=True)
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # stopping is bounded; asking twice changes nothing
    raise Stop


def _runtime_folder(lock: TextIOWrapper) -> Path:
    """A fresh private folder for the queue's socket; the one of a run that was killed is removed."""
    lock.seek(0)
    old = Path(lock.read().strip() or "/nonexistent")
    if old.name.startswith("doreh-"):
        shutil.rmtree(old, ignore_errors=True)
    short = len(tempfile.gettempdir()) < 80  # a socket's path has room for 107 bytes
    new = tempfile.mkdtemp(prefix="doreh-", dir=None if short else "/tmp")
    lock.truncate(0)
    lock.write(new)
    lock.flush()
    return Path(new)


def _run(plan: Plan, runtime: Path) -> None:
    socket = runtime / "valkey.sock"
    environ = plan.environ(f"unix://{socket}")
    supervisor = Supervisor()
    start = functools.partial(supervisor.start, logs=plan.data / "log", environ=environ)
    try:
        if "REDIS_URL" not in plan.given:
            _start_queue(start, socket)
        _prepare_database(plan, environ)
        _start_doors(plan, start)
        # Behind the doors come those who need not answer at once; importing the product takes a second and a half.
        start("jobs", [str(PYTHON), "-m", "jobs"])
        _greet(plan, is_new=not plan.demo and database.is_empty(environ["DATABASE_URL"]))
        while True:
            for line in supervisor.tend():
                print(line, flush=True)
            time.sleep(0.2)
    finally:
        supervisor.stop()


def _start_queue(start: Callable[..., Child], socket: Path) -> None:
    child = start("valkey", valkey.command(socket))
    if not readiness.until(socket.is_socket, 10, 0.01):
        raise Refused(f"The embedded queue did not start.\n{child.last_words()}")


def _prepare_database(plan: Plan, environ: dict[str, str]) -> None:
    url = environ["DATABASE_URL"]
    is_old = (head := database.head()) is None or database.version(url) != head
    if plan.demo and database.is_empty(url):
        print("Preparing the database with the demo data ...", flush=True)
        _once(["-m", "scripts.demo", *(["migrate"] if is_old else [])], environ, "The database")
    elif is_old:
        print("Preparing the database ...", flush=True)
        _once(["-m", "flask", "--app", "app:create_app()", "db", "upgrade"], environ, "The database")


def _once(arguments: list[str], environ: dict[str, str], what: str) -> None:
    done = subprocess.run(
        [PYTHON, *arguments], env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False, preexec_fn=die_with_parent(), start_new_session=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise Refused(f"{done.stdout}\n{what} could not be prepared; the lines above say why.")


def _start_doors(plan: Plan, start: Callable[..., Child]) -> None:
    """Web and sandbox, and wait until both answer."""
    web = start("web", [*GUNICORN, "--bind", f"127.0.0.1:{plan.port}", "app:create_app()"])
    bind = ["--workers", "1", "--bind", f"127.0.0.1:{plan.sandbox_port}"]
    sandbox = start("sandbox", [*GUNICORN, *bind, "sandbox.wsgi:app"])
    for child, port, path in ((web, plan.port, "/readyz"), (sandbox, plan.sandbox_port, "/")):
        if not _opens(child, port, path):
            raise Refused(f"{child.last_words()}\n{child.name} did not start; its last lines are above.")


def _opens(child: Child, port: int, path: str) -> bool:
    def settled() -> bool:
        return child.process.poll() is not None or readiness.answers("127.0.0.1", port, path)

    return readiness.until(settled, READY_WITHIN_S) and child.process.poll() is None


def _greet(plan: Plan, *, is_new: bool) -> None:
    seconds = time.time() - float(os.environ["DOREH_BEGAN"])
    print(f"\nدوره آماده است.  Doreh is ready after {seconds:.1f} s.\n")
    print(f"  سامانه (address)                 http://127.0.0.1:{plan.port}")
    print(f"  سامانه‌های بیرونیِ آزمایشی (sandbox)  http://localhost:{plan.sandbox_port}")
    if plan.demo:
        print(f"\n  حساب‌های نمایشی (demo accounts), گذرواژه (password): {PASSWORD}")
        for where, names in ACCOUNTS:
            print(f"    {names:32} {where}")
        print("  کارآموز از پنجرهٔ ملیِ آزمایشی وارد می‌شود؛ کدهای ملی در صفحهٔ سامانه‌های بیرونی است.")
    if is_new:
        print(
            "\n  هنوز هیچ حسابی نیست. نخستین مدیر را در پنجره‌ای دیگر بسازید (no account yet; make the first one with):"
        )
        print(f"    DATA_DIR={plan.data} PORT={plan.port} .venv/bin/python -m scripts.first_admin")
    print(f"\n  گزارش‌ها (logs): {plan.data}/log   پایان (stop): Ctrl-C\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
