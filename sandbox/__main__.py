"""`python -m sandbox`: the sandbox under gunicorn, as `make run` starts it."""

import os
import sys

from sandbox.settings import Refused, Settings

OPTIONS = ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--preload", "--no-control-socket"]


def main() -> None:
    try:
        settings = Settings.read(os.environ)
    except Refused as refusal:
        sys.exit(str(refusal))
    bind = ["--bind", f"127.0.0.1:{settings.port}"]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *OPTIONS, *bind, "sandbox.wsgi:app"])  # noqa: S606


if __name__ == "__main__":
    main()
