"""The same pages at a thousand and at a hundred thousand courses."""

from sqlalchemy import text

from bench import ground, pages
from bench.installation import Installation
from bench.pages import REQUESTS, ROUNDS, WARM_UP, Journey
from models import Course, db

PAGES = ("list", "course", "form", "post")


def ratios(site: Installation) -> dict[str, float]:
    """CPU at 10^5 courses by that at 10^3; the people of the second half have a course of their own."""
    ground.courses(site.app, 1_000)
    small = _costs(site, first=70_000)
    _multiply(site, 99)
    large = _costs(site, first=80_000)
    return {f"{name}_growth_ratio": round(large[name] / small[name], 2) for name in PAGES} | {
        "list_at_100k_courses_ms": large["list"]
    }


def _costs(site: Installation, first: int) -> dict[str, float]:
    journey = Journey(site, ground.trainees(site.app, ROUNDS * REQUESTS + WARM_UP, first=first))
    return {name: pages._cost(site, getattr(journey, name)) for name in PAGES}


def _multiply(site: Installation, times: int) -> None:
    """So many copies of every course that is over or open; written by the database itself, in seconds."""
    changed = {
        "code": "lpad(g::text, 3, '0') || lpad(id::text, 7, '0')",
        "start_on": "start_on + g % 40",
        "end_on": "end_on + g % 40",
        "taken": "0",
    }
    names = [column.key for column in Course.__table__.columns if column.key != "id"]
    chosen = ", ".join(changed.get(name, name) for name in names)
    with site.app.app_context():
        db.session.execute(text("SET statement_timeout = 0"))
        db.session.execute(
            text(f"INSERT INTO course ({', '.join(names)}) SELECT {chosen} FROM course, generate_series(1, :n) AS g"),  # noqa: S608
            {"n": times},
        )
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    ground.analyze(site.app)
