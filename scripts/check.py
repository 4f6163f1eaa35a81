"""`make check`: style, types, architecture and page budgets, in less than a minute."""

import subprocess
import sys

from scripts import provision
from scripts.provision import PYTHON, ROOT

STATIC = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
}


def failing(checks: dict[str, list[str]] = STATIC) -> list[str]:
    """The names of the checks that fail; each prints its own findings."""
    failed = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if subprocess.run([PYTHON, "-m", *command], cwd=ROOT, check=False).returncode != 0:
            failed.append(name)
    return failed


def main() -> int:
    try:
        provision.enter("requirements-dev.txt", "scripts.check")
    except provision.Unprovided as error:
        print(error, file=sys.stderr)
        return 1
    budgets = [str(path) for path in (ROOT / "tests").rglob("test_budget*.py")]
    failed = failing({**STATIC, "architecture and budgets": ["pytest", "-q", "tests/architecture", *budgets]})
    print("failed: " + ", ".join(failed) if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
