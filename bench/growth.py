"""The same pages at a thousand and at a hundred thousand courses."""

import statistics

from sqlalchemy import text

from bench import counters, ground
from bench.installation import ANEW, SERVER, Installation, installed
from bench.pages import Journey
from models import Course, db

PAGES = ("list", "course", "form", "post")
ROUNDS, REQUESTS, WARM_UP = 7, 40, 40


def ratios() -> dict[str, float]:
    """CPU at 10^5 courses by that at 10^3: two installations in turns, so that a busy machine slows both."""
    with installed(**ANEW) as small, installed(**ANEW) as large:
        walks = {}
        for site in (small, large):
            ground.foundations(site.app)
            ground.courses(site.app, 1_000)
            if site is large:
                multiply(site, 99)
            site.start()
            walks[site.port] = Journey(site, ground.trainees(site.app, ROUNDS * REQUESTS + WARM_UP))
        costs = {page: _costs((small, large), walks, page) for page in PAGES}
    found = {f"{page}_growth_ratio": round(costs[page][1] / costs[page][0], 2) for page in PAGES}
    return found | {"list_at_100k_courses_ms": costs["list"][1]}


def _costs(sites: tuple[Installation, ...], walks: dict[int, Journey], page: str) -> list[float]:
    """Milliseconds of CPU for each site, medians of rounds taken in turns."""
    rounds: dict[int, list[float]] = {site.port: [] for site in sites}
    for n in range(ROUNDS + 1):
        for site in sites:
            walk = getattr(walks[site.port], page)
            roots = [*site.pids(SERVER), *site.database_pids]
            before, start = counters.cpu_s(roots), n * REQUESTS
            for k in range(start, start + REQUESTS):
                walk(k)
            rounds[site.port].append((counters.cpu_s(roots) - before) / REQUESTS * 1000)
    return [round(statistics.median(rounds[site.port][1:]), 2) for site in sites]  # the first round warms up


def multiply(site: Installation, times: int) -> None:
    """So many copies of every course that is over or open; written by the database itself, in seconds."""
    changed = {
        "code": "lpad(g::text, 3, '0') || lpad(id::text, 7, '0')",
        "start_on": "start_on + g % 40",
        "end_on": "end_on + g % 40",
        "taken": "0",
    }
    names = [column.key for column in Course.__table__.columns if column.key != "id"]
    chosen = ", ".join(changed.get(name, name) for name in names)
    copy = f"INSERT INTO course ({', '.join(names)}) SELECT {chosen} FROM course, generate_series(1, :n) AS g"  # noqa: S608
    with site.app.app_context():
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        db.session.execute(text(copy), {"n": times})
        db.session.commit()
    ground.analyze(site.app)
