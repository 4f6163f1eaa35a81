"""Portraits of some who are enrolled in the center of clerk1: held, one that waits for a look, and one refused."""

import datetime as dt
from typing import Any

from models import PersonPhoto
from scripts.demo import papers, people, units
from scripts.demo.crowd import Crowd
from scripts.demo.enrollments import Enrollment
from scripts.demo.ground import Ground
from scripts.demo.papers import DATA, Picture
from scripts.reference.rows import Rows
from services.photos.deciding import REASONS
from services.photos.seeing import PORTRAIT

HELD = 6
BLURRED = "portrait-blurred.jpg"
Placed = dict[Picture, list[str]]


def hang(rows: Rows, ground: Ground, crowd: Crowd, enrolled: tuple[Enrollment, ...], today: dt.date) -> Placed:
    """Load them; the keys of each picture, under which `put` lays it down."""
    of_center = [row for row in enrolled if row.is_active and row.course.unit_code == units.CENTER1]
    here = {row.person.national_code: row for row in of_center}
    known = {each.national_code for each in people.everybody().trainees if not each.case}
    found = [row for code, row in here.items() if code in known][: HELD + 2]
    where = {"unit_id": ground.units[units.CENTER1], "province_id": ground.provinces["گلستان"]}
    placed: Placed = {}
    for turn, row in enumerate(found):
        at = dt.datetime.combine(today - dt.timedelta(days=2), dt.time(6, 10 + 3 * turn), dt.UTC)
        values, picture = _state(turn, row, crowd, at)
        person_id, file = crowd.people[row.person.national_code], Picture(DATA / picture, 300, 400)
        photo = rows.add(PersonPhoto, person_id=person_id, cut=None, created_at=at, **where, **values)
        key = papers.add(rows, (PORTRAIT, photo), where, crowd.users["clerk1"], at, file)
        rows.put(PersonPhoto, photo, file_id=rows.rows["stored_file"][-1]["id"])
        placed.setdefault(file, []).append(key)
    return placed


def _state(turn: int, row: Enrollment, crowd: Crowd, at: dt.datetime) -> tuple[dict[str, Any], str]:
    """What became of a portrait, and the picture: the first one waits, the second was refused, the others hold."""
    picture = "portrait-woman.jpg" if row.person.gender == "female" else "portrait-man.jpg"
    if turn == 0:
        return {"state": "waiting", "reason": None, "decided_by_id": None, "decided_at": None, "version": 2}, picture
    said = {"decided_by_id": crowd.users["clerk1"], "decided_at": at + dt.timedelta(hours=3), "version": 3}
    if turn == 1:
        return {"state": "rejected", "reason": REASONS["blurred"], **said}, BLURRED
    return {"state": "accepted", "reason": None, **said}, picture
