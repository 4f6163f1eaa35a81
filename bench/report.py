"""The table of a bench: each figure beside its budget, and the file that is kept."""

import json
import os
import platform
import statistics
import time
from pathlib import Path

LATEST = Path(__file__).resolve().parent / "results" / "latest.json"


def _of_lists() -> dict[str, float]:
    """The same for each page of `bench.grid`: no slower by half at 10^5 courses than at 10^3, and no query more."""
    lists = ("newest", "soonest", "latest", "title", "review", "open")
    pages = {"center": lists, "province": (*lists, "queue", "pane"), "hq": (*lists, "queue", "pane")}
    names = [f"{level}_{page}" for level, own in pages.items() for page in own]
    budgets = {"growth_ratio": 1.5, "p95_growth_ratio": 1.5, "queries": 12, "more_queries": 0}
    return {f"{name}_{figure}": most for name in names for figure, most in budgets.items()}


# README section 5; a figure without a budget is shown for its own sake.
AT_MOST: dict[str, float] = {
    "list_cold_bytes": 16_000,
    "list_50_cold_bytes": 16_000,
    "list_cold_requests": 3,
    "list_50_cold_requests": 3,
    "course_cold_bytes": 16_000,
    "course_cold_requests": 3,
    "home_cold_bytes": 16_000,
    "home_cold_requests": 3,
    "signed_in_cold_bytes": 32_000,
    "signed_in_cold_requests": 4,
    "journey_bytes": 60_000,
    "journey_50kbit_s": 15,
    "journey_slow_line_s": 20,
    "list_server_cpu_ms": 5,
    "course_server_cpu_ms": 4,
    "list_queries": 6,
    "course_queries": 8,
    "form_queries": 8,
    "post_queries": 18,
    "slip_queries": 8,
    "memory_pss_mib": 350,
    "contention_s": 10,
    "contention_cpu_s": 12,
    "rush_other_answers": 0,
    "list_growth_ratio": 1.5,
    "course_growth_ratio": 1.5,
    "form_growth_ratio": 1.5,
    "post_growth_ratio": 1.5,
    **_of_lists(),
    "message_handover_p99_ms": 2_000,
    **{
        f"proof_{size}_{figure}": most
        for size, seconds in (("1e6", 60), ("1e7", 600))
        for figure, most in (("s", seconds), ("mib", 32), ("wrong", 0))
    },
    "slips_page_bytes": 6_000,
    **{
        f"exam_{level}_{view}_growth_ratio": 1.5
        for level in ("center", "province")
        for view in ("ready", "lacking", "out", "photo")
    },
    "desk_50kbit_s": 4,
    "list_500_s": 3,
    "list_500_tabs_wrong": 0,
    "chaos_lost": 0,
    "chaos_doubled": 0,
}
AT_LEAST: dict[str, float] = {
    "enrollments_to_pgbench_ratio": 0.10,
    "statements_to_pgbench_ratio": 0.35,
    "hot_to_pgbench_ratio": 0.08,
    "hot_enrollments_per_s": 100,
}
EXACTLY: dict[str, float] = {"contention_enrolled": 200, "rush_enrolled": 200}


def verdict(name: str, value: float) -> tuple[str, bool | None]:
    """The budget in words and whether it is kept; None where there is none."""
    if name in AT_MOST:
        return f"<= {AT_MOST[name]:,g}", value <= AT_MOST[name]
    if name in AT_LEAST:
        return f">= {AT_LEAST[name]:,g}", value >= AT_LEAST[name]
    if name in EXACTLY:
        return f"= {EXACTLY[name]:,g}", value == EXACTLY[name]
    return "", None


def table(figures: dict[str, float]) -> str:
    lines = [f"{'figure':38}{'value':>14}  {'budget':>12}  ok"]
    for name, value in figures.items():
        budget, kept = verdict(name, value)
        lines.append(
            f"{name:38}{value:>14,g}  {budget:>12}  {'' if kept is None else 'yes' if kept else 'NO'}".rstrip()
        )
    return "\n".join(lines)


def missed(figures: dict[str, float]) -> list[str]:
    return [name for name, value in figures.items() if verdict(name, value)[1] is False]


def save(figures: dict[str, float], machine: dict[str, object], path: Path = LATEST) -> None:
    """Renew the figures that were measured now and keep the others, which a run of one part does not touch."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept.pop("machine", None)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**kept, **figures, "machine": machine}, indent=1) + "\n")


def machine(spins: list[tuple[int, int]]) -> dict[str, object]:
    """Where and in what company the figures were taken; `spins` are those of the whole run."""
    cpu, wall = (round(statistics.median(each)) for each in zip(*spins, strict=True))
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpus": os.cpu_count(),
        "model": _model(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 1),
        "spin_cpu_ms": cpu,
        "spin_wall_ms": wall,
    }


def spin() -> tuple[int, int]:
    """Milliseconds of CPU and of time for three million additions; where others share the cores, both grow.

    CPU figures of two runs are comparable by their ratios to this one.
    """
    cpu, wall, total = time.process_time(), time.monotonic(), 0
    for n in range(3_000_000):
        total += n
    return round((time.process_time() - cpu) * 1000), round((time.monotonic() - wall) * 1000)


def _model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
