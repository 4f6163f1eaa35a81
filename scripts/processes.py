"""Children that never outlive the program that started them."""

import contextlib
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15


def die_with_parent(number: int = signal.SIGKILL) -> Callable[[], None] | None:
    """What a new child runs first, so that the kernel ends it when we are gone, however we went."""
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return bind


def call_it(name: str) -> None:
    """Name this process for `ps`; the kernel keeps 15 letters. A fork has the command line of its parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())


def settle_memory() -> None:
    """Before a fork: what is loaded by now stays shared, because no later collection writes to it."""
    gc.collect()
    give_back_memory()
    gc.freeze()
    collect_rarely()


def collect_rarely() -> None:
    """Hardly any work of ours makes rings; looking for them took a tenth of its time, and a sixth of loading it."""
    gc.set_threshold(50_000, 20, 50)


def give_back_memory() -> None:
    """Give what has been freed back to the system: some megabytes of each process that has been at work."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def follow_make() -> None:
    """Stop when the `make` that started us is gone, even if it was killed outright."""
    if sys.platform == "linux" and os.environ.get("MAKELEVEL"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
