"""What one enrollment costs the database alone: its own statements, sent by pgbench instead of by Python."""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench import ground, messages
from bench.ground import Trainee
from bench.installation import Installation
from models import db

COUNTED = 30_000  # people for pgbench to enroll, each once
_NAME = re.compile(r"%\((\w+)\)s")
Statement = tuple[str, Mapping[str, Any]]


def script(site: Installation, course_ids: list[int], first: int) -> Path:
    """A file for pgbench by which each client enrolls one new person after the other in its course.

    The variable `n` says how many each client has enrolled before; `:client_id` comes from pgbench.

    Args:
        course_ids: one for each client; they follow one another.
        first: where the numbers of the people begin, who are `COUNTED`.
    """
    people = ground.trainees(site.app, COUNTED + 2, first=first)
    messages.enroll(site, course_ids[0], people[0])  # what a process asks for once
    statements = _caught(site, course_ids[0], people[1])
    lines = [
        r"\set n :n + 1",
        rf"\set person {people[2].person_id} + (:n - 1) * {len(course_ids)} + :client_id",
        rf"\set course {course_ids[0]} + :client_id",
        rf"\set number {int(people[2].national_code[:-1])} + :person - {people[2].person_id}",
        rf"\set sum {' + '.join(rf'(:number / {10**k} % 10) * {k + 2}' for k in range(9))}",
        r"\set check case when :sum % 11 < 2 then :sum % 11 else 11 - :sum % 11 end",
        *(_line(each) for each in statements),
    ]
    path = site.folder / "enroll.pgbench"
    path.write_text("\n".join(lines) + "\n")
    return path


def _caught(site: Installation, course_id: int, person: Trainee) -> list[Statement]:
    """The statements of one enrollment, in their order."""
    found: list[Statement] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        found.append((statement, values))

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    messages.enroll(site, course_id, person)
    event.remove(engine, "before_cursor_execute", note)
    return found


def _line(statement: Statement) -> str:
    """One statement on one line, with what is of this person and course in pgbench's variables."""
    words, values = statement
    line = " ".join(_NAME.sub(lambda name: _value(name[1], values[name[1]]), words).split())
    return f"{line} \\gset seen_" if "AS purse" in line else f"{line};"


_DIFFERING = {
    "form_key": "gen_random_uuid()::text",
    "tracking_code": "lpad(trunc(random() * 1e13)::text, 13, '0')",
    "purse": ":seen_purse",
    "seen": ":seen_version",
    "owner_code": "lpad(:number::text, 9, '0') || :check",
    "person": ":person",
    "course": ":course",
}


def _value(name: str, value: Any) -> str:
    """What stands in place of a parameter: a variable or expression for what differs, else the value as it was."""
    if name in _DIFFERING:
        return f"({_DIFFERING[name]})"
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value).upper()
    if isinstance(value, dt.datetime | dt.date):
        return f"'{value.isoformat()}'"
    return "'" + str(value).replace("'", "''").replace(":", ".") + "'"  # a colon begins a variable of pgbench
