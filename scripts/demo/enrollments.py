"""Who is enrolled in which course, paid by whom, and the top-ups that made it possible."""

import datetime as dt
import random
from dataclasses import dataclass

from scripts.demo.courses import Course
from scripts.demo.people import Human
from scripts.demo.units import CENTER1, unit
from scripts.reference import rules
from scripts.reference.places import province
from services import jalali

OVER = ("finished", "canceled")
FILLED = ("open", "closed", "running", "finished", "canceled")


@dataclass(frozen=True, slots=True)
class Enrollment:
    course: Course
    person: Human
    channel: str
    debit_source: str
    at: dt.datetime
    canceled_at: dt.datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.canceled_at is None

    @property
    def fee_rials(self) -> int:
        return rules.FEE_RIALS if self.debit_source != "none" else 0


def enrollments(courses: tuple[Course, ...], trainees: tuple[Human, ...], today: dt.date) -> tuple[Enrollment, ...]:
    """Enrollments in the order of time; nobody is in two courses that are not over, and no course is overfull."""
    make = _Maker(trainees, today)
    wanted = [course for course in courses if course.status in FILLED]
    for course in sorted(wanted, key=_urgency):
        make.fill(course)
    return tuple(sorted(make.found, key=lambda row: (row.at, row.course.number, row.person.national_code)))


def _urgency(course: Course) -> tuple[int, int]:
    """Full courses first, then those that need their quorum, else the province runs out of people before them."""
    if course.status in OVER:
        return 3, course.number
    is_full = course.status == "open" and course.fill >= 0.9
    return (0 if is_full else 2 if course.status == "open" else 1), course.number


class _Maker:
    def __init__(self, trainees: tuple[Human, ...], today: dt.date) -> None:
        self.rng = random.Random(50_000)
        self.today = today
        self.trainees = trainees
        self.busy: set[str] = set()
        self.found: list[Enrollment] = []

    def fill(self, course: Course) -> None:
        people = self._fitting(course)[: round(course.capacity_max * course.fill)]
        for person in people:
            if course.status not in OVER:
                self.busy.add(person.national_code)
            self.found.append(self._enrollment(course, person, is_canceled=course.status == "canceled"))
        # Now and then somebody withdrew from a course that is still open.
        if course.status == "open" and people and self.rng.random() < 0.3:
            others = [one for one in self._fitting(course) if one not in people]
            if others:
                self.found.append(self._enrollment(course, others[0], is_canceled=True))

    def _fitting(self, course: Course) -> list[Human]:
        """Free people of the course's province and gender, those of its county first."""
        where = unit(course.unit_code)
        counties = {county.title for county in province(where.province or "").counties}
        year, month, _ = jalali.parts(course.start_on)
        youngest = jalali.to_gregorian(year - 15, month, 1)
        fitting = [
            one
            for one in self.trainees
            if one.county in counties
            and course.gender in ("mixed", one.gender)
            and (course.status in OVER or one.national_code not in self.busy)
            and (course.status not in OVER or one.case != "pending")
            and one.birth_date <= youngest
        ]
        self.rng.shuffle(fitting)
        return sorted(
            fitting, key=lambda one: (not (one.case and course.unit_code == CENTER1), one.county != where.county)
        )

    def _enrollment(self, course: Course, person: Human, *, is_canceled: bool) -> Enrollment:
        at = self._moment(course)
        channel = self.rng.choices(("clerk", "self", "counter"), (11, 8, 1))[0]
        if person.case == "pending" or (channel == "counter" and unit(course.unit_code).county != "گرگان"):
            channel = "clerk"
        source = "trainee" if channel == "self" or self.rng.random() < 0.35 else "portal_user"
        free = {group[0] for group in rules.TARGET_GROUPS if group[3]}
        canceled_at = at + dt.timedelta(minutes=self.rng.randint(3, 9)) if is_canceled else None
        return Enrollment(course, person, channel, "none" if course.target_group in free else source, at, canceled_at)

    def _moment(self, course: Course) -> dt.datetime:
        """A moment while enrollment was open and people are awake, not later than yesterday."""
        first = jalali.tehran_today(course.enroll_open_at)
        last = min(jalali.tehran_today(course.enroll_close_at), self.today - dt.timedelta(days=1))
        if course.status == "canceled":
            last = first
        day = first + dt.timedelta(days=self.rng.randint(0, max(0, (last - first).days)))
        at = jalali.from_tehran(day, dt.time(self.rng.randint(8, 13), self.rng.randint(1, 59), self.rng.randint(0, 59)))
        return min(at, course.enroll_close_at - dt.timedelta(minutes=1))
