"""The people the sandbox knows."""

import datetime
import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.fa import ascii_digits, search_key
from sandbox.settings import Refused
from sandbox.store import Store

CODE = re.compile(r"[0-9]{10}")
MOBILE = re.compile(r"09[0-9]{9}")
FIELDS = [
    "national_code",
    "first_name",
    "last_name",
    "father_name",
    "gender",
    "birth_date",
    "shenasname_no",
    "mobile",
    "mobile_owner",
    "alive",
    "note",
]


@dataclass(frozen=True)
class Person:
    national_code: str
    first_name: str
    last_name: str
    father_name: str
    gender: str
    birth_date: datetime.date
    shenasname_no: str
    mobile: str | None
    mobile_owner: str
    alive: bool
    note: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def load(store: Store, path: Path) -> None:
    """Take in the people of a JSON file; one that is not there yet is no harm."""
    try:
        save(store, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return
    except (ValueError, OSError) as error:
        raise Refused(f"The people of the sandbox in {path} cannot be read: {error}") from error


def save(store: Store, people: Any) -> int:
    """Add or replace people; all of them or, with a ValueError that names the first bad one, none."""
    if not isinstance(people, list):
        raise ValueError("a list of people is wanted")
    rows = []
    for place, fields in enumerate(people):
        try:
            rows.append(_row(fields))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"person {place}: {error!r}") from None
    marks = ", ".join("?" * (len(FIELDS) + 1))
    with store.write() as connection:
        connection.executemany(f"INSERT OR REPLACE INTO person VALUES ({marks})", rows)  # noqa: S608 marks only
    return len(rows)


def find(store: Store, national_code: str) -> Person | None:
    with store.read() as connection:
        row = connection.execute("SELECT * FROM person WHERE national_code = ?", (national_code,)).fetchone()
    return _person(row) if row else None


def owners(store: Store, mobile: str) -> set[str]:
    """The national codes a mobile is registered to."""
    with store.read() as connection:
        rows = connection.execute("SELECT mobile_owner FROM person WHERE mobile = ?", (mobile,)).fetchall()
    return {row["mobile_owner"] for row in rows}


def search(store: Store, text: str, limit: int, offset: int = 0) -> list[Person]:
    """People whose name, code, mobile or note holds every word of `text`, those with a note first."""
    words = [search_key(word) for word in text.split()]
    where = " AND ".join(["instr(search_key, ?) > 0"] * len(words)) or "1"
    query = f"SELECT * FROM person WHERE {where} ORDER BY note = '', rowid LIMIT ? OFFSET ?"  # noqa: S608, E501
    with store.read() as connection:
        return [_person(row) for row in connection.execute(query, (*words, limit, offset))]


def count(store: Store) -> int:
    with store.read() as connection:
        return int(connection.execute("SELECT count(*) FROM person").fetchone()[0])


def _row(fields: dict[str, Any]) -> tuple[Any, ...]:
    code = ascii_digits(str(fields["national_code"])).zfill(10)
    mobile = fields.get("mobile") or None
    if not CODE.fullmatch(code) or (mobile and not MOBILE.fullmatch(mobile)):
        raise ValueError("national_code has 10 digits and mobile is 09 and 9 digits, or null")
    if fields["gender"] not in ("female", "male"):
        raise ValueError("gender is female or male")
    datetime.date.fromisoformat(fields["birth_date"])
    names = [str(fields[name]) for name in ("first_name", "last_name")]
    note = str(fields.get("note") or "")
    return (
        code,
        *names,
        str(fields.get("father_name") or ""),
        fields["gender"],
        fields["birth_date"],
        str(fields.get("shenasname_no") or "0"),
        mobile,
        fields.get("mobile_owner") or code,
        int(fields.get("alive", True)),
        note,
        search_key(f"{''.join(names)}|{code}|{mobile or ''}|{note}"),
    )


def _person(row: sqlite3.Row) -> Person:
    values = {name: row[name] for name in FIELDS}
    values["birth_date"] = datetime.date.fromisoformat(row["birth_date"])
    values["alive"] = bool(row["alive"])
    return Person(**values)
