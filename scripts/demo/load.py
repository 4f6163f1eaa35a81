"""Fills a migrated database in which nobody works yet with the demo data."""

import datetime as dt
import json
from functools import cache
from pathlib import Path

from flask import current_app

from scripts.demo import (
    attendance,
    changes,
    clashes,
    counts,
    courses,
    crowd,
    deputies,
    enrollments,
    fitting,
    ground,
    instructors,
    licenses,
    lines,
    money,
    papers,
    parts,
    people,
    portraits,
    requests,
    reviews,
    runs,
    tariffs,
    upkeep,
    waiving,
    year,
)
from scripts.reference import lay as reference
from scripts.reference.rows import Rows
from services.transaction import atomic


def load(today: dt.date, people_file: Path | None = None) -> None:
    """Write everything in one transaction, then the people that the sandbox's outside systems know.

    Args:
        today: the day around which the courses lie.
        people_file: where the sandbox reads its people; `sandbox-people.json` in DATA_DIR when not given.
    """
    found, enrolled = _planned(today)
    with atomic():
        reference.lay()
        rows = Rows()
        laid = ground.lay(rows)
        fitting.write(rows, laid)
        gathered = crowd.gather(rows, laid, today)
        counts.count(rows, laid, gathered, today)
        keys = licenses.hold(rows, laid, gathered, today)
        deputies.stand(rows, laid, gathered, today)
        keys += instructors.write(rows, laid, gathered, today)
        upkeep.keep(rows, laid, gathered, today)
        year.live(rows, laid, gathered, today)
        runs.hold(rows, laid, gathered, found, enrolled)
        tariffs.write(rows, gathered, today)
        reviews.wait(rows, gathered, found, today)
        clashes.plan(rows, found)
        parts.fill(rows, found, today)
        money.enroll(rows, laid, gathered, enrolled, today)
        lines.wait(rows, laid, gathered, found, enrolled)
        changes.ask(rows, laid, gathered, found, enrolled)
        attendance.mark(rows, gathered, found, today)
        requests.ask(rows, laid, gathered, found, today)
        waiving.waive(rows, laid, gathered, enrolled, today)
        placed = portraits.hang(rows, laid, gathered, enrolled, today)
        rows.write()
        fitting.rule(today)
    papers.put(keys)
    for picture, taken in placed.items():
        papers.put(taken, picture)
    write_people(people_file or Path(current_app.config["DATA_DIR"]) / "sandbox-people.json")


@cache
def _planned(today: dt.date) -> tuple[tuple[courses.Course, ...], tuple[enrollments.Enrollment, ...]]:
    found = courses.courses(today)
    return found, enrollments.enrollments(found, people.everybody().trainees, today)


def write_people(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(people.sandbox_people(), ensure_ascii=False, indent=1), encoding="utf-8")
