"""A real S3-compatible server for tests: rclone, which comes as a package, serving a folder and checking signatures."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.sandbox_process import free_port

KEY_ID, SECRET, BUCKET = "doreh", "a-secret-of-the-bucket", "doreh-files"
PROGRAM = Path(sys.executable).with_name("rclone")
PATIENCE_S = 30


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of an empty bucket that lies in `folder`."""
    (folder / BUCKET).mkdir(parents=True)
    port = free_port()
    command = [
        str(PROGRAM),
        "serve",
        "s3",
        str(folder),
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        f"{KEY_ID},{SECRET}",
    ]
    with (folder.parent / "rclone.log").open("wb") as log:
        process = subprocess.Popen([*command, "--config", "/dev/null"], stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/", process)
            yield f"http://127.0.0.1:{port}/{BUCKET}"
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            requests.get(address, timeout=2)
            return
        time.sleep(0.05)
    raise RuntimeError("the server of the bucket did not start")
