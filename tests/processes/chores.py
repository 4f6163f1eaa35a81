"""Jobs that the worker tests give to real workers; each leaves a trace in a folder."""

import os
import time
from pathlib import Path

from flask import current_app


def note(folder: str, name: str) -> None:
    Path(folder, name).write_text(f"{os.getpid()} {current_app.name}")


def linger(folder: str, name: str, seconds: float) -> None:
    note(folder, f"{name}-began")
    time.sleep(seconds)
    note(folder, f"{name}-ended")


def fail(folder: str) -> None:
    raise ValueError("this job was told to fail")
