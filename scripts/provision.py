"""Makes the virtual environment and installs the locked requirements, with nothing but the standard library."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from scripts.processes import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


class Unprovided(Exception):
    """Something the machine lacks; the text is the one sentence shown."""


def enter(requirements: str, module: str) -> None:
    """Return at once inside the ready environment; otherwise prepare it and start `module` again in it."""
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not PYTHON.exists():
            _create()
        if not _installed(requirements):
            _install(requirements)
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), "-m", module, *sys.argv[1:]])  # noqa: S606 the same program, in its environment


def _create() -> None:
    print("Creating .venv ...", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(VENV, ignore_errors=True)  # half of one would be taken for a whole one next time
        raise Unprovided(
            "Python cannot create a virtual environment here; on Debian install the package python3-venv."
        ) from error


def _stamp(requirements: str) -> tuple[Path, str]:
    text = (ROOT / requirements).read_bytes() + (VENV / "pyvenv.cfg").read_bytes()
    return VENV / f"{requirements}.stamp", hashlib.sha256(text).hexdigest()


def _installed(requirements: str) -> bool:
    path, digest = _stamp(requirements)
    return path.exists() and path.read_text() == digest


def _install(requirements: str) -> None:
    print(f"Installing {requirements} (once, about a minute) ...", flush=True)
    # The lock file names every package with its hash, so the resolver has nothing to decide and no compiler is needed.
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    lock = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", requirements]
    done = subprocess.run([*pip, *lock], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, preexec_fn=die_with_parent())  # fmt: skip
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr)
        raise Unprovided(f"The packages of {requirements} could not be installed; pip says why above.")
    for name in ("requirements.txt", requirements):  # the development list contains the other one whole
        path, digest = _stamp(name)
        path.write_text(digest)


def main() -> None:
    """`python -m scripts.provision requirements-dev.txt bench ...`: run a module in the ready environment."""
    requirements, module = sys.argv[1], sys.argv[2]
    try:
        enter(requirements, "scripts.provision")
    except Unprovided as error:
        sys.exit(str(error))
    os.execv(PYTHON, [str(PYTHON), "-m", module, *sys.argv[3:]])  # noqa: S606 the same again, now the wanted program


if __name__ == "__main__":
    main()
