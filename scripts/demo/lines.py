"""Waiting lists: a few people in the line of each full course, the first of whom joined when it was full."""

import datetime as dt
import random
import uuid
from collections import Counter

from models import WaitlistEntry
from scripts.demo import people, units
from scripts.demo.courses import Course
from scripts.demo.crowd import Crowd
from scripts.demo.enrollments import Enrollment
from scripts.demo.ground import Ground
from scripts.reference.rows import Rows

LONGEST = 4


def wait(rows: Rows, ground: Ground, crowd: Crowd, found: tuple[Course, ...], enrolled: tuple[Enrollment, ...]) -> None:
    """Load the lines; people who are in no course that counts stand in one of them at most."""
    rng = random.Random(62_000)
    taken = Counter(row.course.number for row in enrolled if row.is_active)
    last = {row.course.number: row.at for row in enrolled}
    busy = {row.person.national_code for row in enrolled}
    free = iter([human for human in people.everybody().trainees if human.national_code not in busy])
    for course in found:
        if course.status != "open" or taken[course.number] < course.capacity_max:
            continue
        for turn in range(rng.randint(1, LONGEST)):
            human = next((each for each in free if course.gender in ("mixed", each.gender)), None)
            if human is None:
                return
            rows.add(
                WaitlistEntry,
                form_key=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                course_id=course.number,
                person_id=crowd.people[human.national_code],
                province_id=ground.provinces[units.unit(course.unit_code).province or ""],
                unit_id=ground.units[course.unit_code],
                state="waiting",
                channel="self",
                version=1,
                created_at=last[course.number] + dt.timedelta(minutes=9 * (turn + 1)),
            )
