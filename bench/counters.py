"""CPU seconds and memory of families of processes, read from /proc."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def family(roots: Iterable[int]) -> list[int]:
    """The processes and all their living descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            children.setdefault(int(_stat(int(folder.name))[1]), []).append(int(folder.name))
    found, open_ = [], list(roots)
    while open_:
        pid = open_.pop()
        found.append(pid)
        open_ += children.get(pid, [])
    return found


def name(pid: int) -> str:
    """What a process calls itself; a fork that was not named is called as its parent is."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def cpu_s(roots: Iterable[int]) -> float:
    """Seconds of CPU of the families so far, with those of members that have ended and were waited for."""
    total = 0
    for pid in family(roots):
        with contextlib.suppress(OSError):
            total += sum(map(int, _stat(pid)[11:15]))  # utime, stime, and the same of children that have ended
    return total / TICK


def pss_mib(roots: Iterable[int]) -> float:
    """Memory of the families; what several processes share is counted once."""
    total = 0
    for pid in family(roots):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; the name before them may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
