"""A crowd at one course: seats, people who withdraw again, and a line whose offers are taken, pass, or both at once."""

import contextlib
import random
import re
import threading
import time
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select, update

from bench.browser_like import Visitor
from bench.ground import Trainee
from bench.installation import Installation
from bench.kills import CLIENTS, Killer, at_once
from models import Course, Person, WaitlistEntry, WaitState, db, utcnow
from services.transaction import atomic

WITHDRAWS_EVERY, WAITS_EVERY = 4, 3  # of those who got a seat, and of those who got none
DONE, REFUSED = 303, 409
WITHDRAW = re.compile(r"/trainee/enrollments/\d+/withdraw")


@dataclass
class Rush:
    """`people` go for `course` (id and code); `won`, `left` and `stood` are codes of those who were told so."""

    site: Installation
    killer: Killer
    course: tuple[int, str]
    people: list[Trainee]
    won: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    stood: set[str] = field(default_factory=set)
    unanswered: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting, self._lock = iter(enumerate(self.people)), threading.Lock()
        self._path = f"/trainee/enroll/{self.course[1]}"
        self._leaving, self._over = deque[Trainee](), threading.Event()
        self._again = self.killer.until_it_works

    @property
    def inside(self) -> set[str]:
        return self.won - self.left

    def run(self) -> None:
        at_once(self._crowd, self._tend_the_line)

    # -- The crowd -----------------------------------------------------------------

    def _crowd(self) -> None:
        at_once(*[self._client] * CLIENTS)
        self._over.set()

    def _client(self) -> None:
        visitor = Visitor(self.site.port, timeout_s=20)
        while True:
            with self._lock:
                number, person = next(self._waiting, (0, None))
            if person is None:
                break
            visitor.cookies = {"doreh_trainee": person.token}
            if not self._walk(visitor, number, person):
                self.unanswered.append(f"applicant {number}")
            self.killer.count()
        while self._leaving:
            self._one_leaves(visitor)
        visitor.close()

    def _walk(self, visitor: Visitor, number: int, person: Trainee) -> bool:
        """One person to their end; False where somebody has never been answered."""
        end = self._enroll(visitor, person)
        if end == DONE and number % WITHDRAWS_EVERY == 0:
            self._leaving.append(person)
        is_to_wait = end == REFUSED and number % WAITS_EVERY == 0
        if is_to_wait and not self._wait(visitor, person):
            return False
        if is_to_wait or number % (2 * WITHDRAWS_EVERY) == 0:  # some before there is a line, the others then
            self._one_leaves(visitor)
        return bool(end)

    def _one_leaves(self, visitor: Visitor) -> None:
        with contextlib.suppress(IndexError):
            person = self._leaving.popleft()
            visitor.cookies = {"doreh_trainee": person.token}
            if not self._withdraw(visitor, person):
                self.unanswered.append("a withdrawal")

    def _enroll(self, visitor: Visitor, person: Trainee) -> int:
        """The status of the answer, 0 when none came; the same form is sent until it is answered."""
        end = self._post(visitor, self._path, {})
        if end == DONE:
            self.won.add(person.national_code)
        return end

    def _post(self, visitor: Visitor, path: str, typed: dict[str, str]) -> int:
        form = self._again(lambda: visitor.get(self._path).form(self._path))
        return int((form and self._again(lambda: _answer(visitor, path, form | typed))) or 0)

    def _wait(self, visitor: Visitor, person: Trainee) -> bool:
        """Into the line, or into the course where a seat was freed before anybody waited."""
        key, end = {"wait_key": str(uuid.uuid4())}, REFUSED
        while end == REFUSED and not self.killer.is_late:
            end = self._post(visitor, f"{self._path}/wait", key)
            if end == DONE:
                self.stood.add(person.national_code)
            else:
                end = self._enroll(visitor, person)
        return end == DONE

    def _withdraw(self, visitor: Visitor, person: Trainee) -> bool:
        found = self._again(lambda: WITHDRAW.search(visitor.get("/trainee").text))
        path = found.group() if found else ""
        form = path and self._again(lambda: visitor.get(path).form(path))
        if form and self._again(lambda: visitor.post(path, form).status == DONE):
            self.left.add(person.national_code)
        return person.national_code in self.left

    # -- The line --------------------------------------------------------------------

    def _tend_the_line(self) -> None:
        """Every offer is answered in its own way, until nobody comes any more and no offer runs."""
        visitor, known = Visitor(self.site.port, timeout_s=20), set[int]()
        by_id = {person.person_id: person for person in self.people}
        while not self.killer.is_late:
            is_over, offers = self._over.is_set(), self._offers()
            for entry_id, person_id in offers:
                if entry_id not in known:
                    known.add(entry_id)
                    self._meet(visitor, (len(known) - 1) % 3, entry_id, by_id[person_id])
            if is_over and not offers:
                break
            time.sleep(0.2)
        visitor.close()

    def _offers(self) -> list[tuple[int, int]]:
        offered = select(WaitlistEntry.id, WaitlistEntry.person_id).where(
            WaitlistEntry.course_id == self.course[0], WaitlistEntry.state == WaitState.OFFERED
        )
        with self.site.app.app_context():
            return [(row.id, row.person_id) for row in db.session.execute(offered.order_by(WaitlistEntry.id))]

    def _meet(self, visitor: Visitor, kind: int, entry_id: int, person: Trainee) -> None:
        """0: the offer passes. 1: it is taken. 2: it passes while it is taken."""
        if kind != 1:
            self._let_pass(entry_id, random.uniform(0.05, 0.3) if kind else 0)
        if not kind:
            return
        visitor.cookies = {"doreh_trainee": person.token}
        end = self._enroll(visitor, person)
        if not end:
            self.unanswered.append(f"the offer {entry_id}")
        elif kind == 1 and end == REFUSED:
            self.wrong.append(f"the offer {entry_id} still ran and was refused")

    def _let_pass(self, entry_id: int, seconds: float) -> None:
        """Nobody waits here for the two days of an offer."""
        running = (WaitlistEntry.id == entry_id, WaitlistEntry.state == WaitState.OFFERED)
        with self.site.app.app_context(), atomic():
            until = utcnow() + timedelta(seconds=seconds)
            db.session.execute(update(WaitlistEntry).where(*running).values(offer_until=until))

    def miscounted(self) -> list[str]:
        """What is not as it has to be once no offer runs any more; call inside an app context."""
        course = db.session.execute(
            select(Course.taken, Course.held, Course.capacity_max).where(Course.id == self.course[0])
        ).one()
        line = select(Person.national_code, WaitlistEntry.state).join(Person, Person.id == WaitlistEntry.person_id)
        entries = db.session.execute(line.where(WaitlistEntry.course_id == self.course[0])).all()
        found = [f"{code} has lost the place in the line" for code in self.stood - {row[0] for row in entries}]
        waits = any(row.state is WaitState.WAITING for row in entries)
        if course.held or (waits and course.taken != course.capacity_max):
            found.append(f"of {course.capacity_max} seats {course.taken} were sold and {course.held} held")
        ends = Counter(row.state.value for row in entries)
        print(
            f"{len(self.won)} got a seat, {len(self.left)} withdrew, {len(self.stood)} waited: {dict(ends)}", flush=True
        )
        calm = [what for what, n in (("withdrew", len(self.left)), ("let an offer pass", ends["expired"])) if not n]
        return [*self.wrong, *found, *(f"nobody {what}, so that nothing is proved" for what in calm)]


def _answer(visitor: Visitor, path: str, form: dict[str, str]) -> int:
    """The status of an answer that ends a form; 0 for one after which it is sent again."""
    status = visitor.post(path, form).status
    return status if status in (DONE, REFUSED) else 0
