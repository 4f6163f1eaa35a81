"""Hundreds enroll while web, worker, dispatcher and queue are killed at random moments; then everything is counted.

Most enroll themselves; every fifth person comes to a clerk's desk, unknown to us, so that the registry and Shahkar
are asked too; meanwhile others fill their purses at a bank. `KILLS_SEED` repeats the victims and moments of a run that
was told.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from sqlalchemy import text

from bench import contention, desk, ground, reckoning
from bench.browser_like import Visitor
from bench.ground import Newcomer, Trainee
from bench.installation import Installation, installed
from bench.payers import Payers
from models import db

CLIENTS, COURSES = 8, 10
PAYERS = 12
DESK_EVERY = 5  # one in so many comes to the desk
TEXTS = {Trainee: 1, Newcomer: 2}  # the confirmation; and that the name has come
PATIENCE_S = 900
# Whom a kill meets: a whole part, or one of the processes it has started (a gunicorn worker, a job at work).
VICTIMS = (
    ("web", False), ("web", True), ("jobs", False), ("jobs.worker", False),
    ("jobs.worker", True), ("jobs.dispatcher", False), ("valkey", False),
)  # fmt: skip


@dataclass(frozen=True)
class Aftermath:
    """What was found when everything had become quiet again; `wrong` are sentences about broken invariants."""

    lost: int
    doubled: int
    unsent: int
    sent_twice: int
    drained_s: float
    killed: int
    seed: int
    wrong: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.unsent or self.sent_twice or self.wrong)


Person = Trainee | Newcomer


@dataclass(frozen=True)
class Kill:
    """One kill: after how many enrollments and how much later, and whom it meets."""

    after: int
    pause_s: float
    name: str
    one: bool


def plan(seed: int, kills: int, enrollments: int) -> list[Kill]:
    """The kills of a run, spread so that all of them meet work; every victim is met once before any is met again."""
    chance = random.Random(seed)
    moments = sorted(chance.sample(range(enrollments - CLIENTS), kills))
    first = chance.sample(VICTIMS, len(VICTIMS))
    victims = [*first, *chance.choices(VICTIMS, k=max(0, kills - len(first)))]
    return [Kill(after, chance.uniform(0, 0.3), *victim) for after, victim in zip(moments, victims, strict=False)]


@dataclass
class Killer:
    """Carries a plan of kills out while others work, and repeats for patient people what a kill has cut off."""

    site: Installation
    kills: list[Kill]
    is_patient: bool = True
    done: int = 0
    killed: int = 0
    last_kill_at: float = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._end = time.monotonic() + PATIENCE_S

    @property
    def is_late(self) -> bool:
        """Whether nobody waits any longer."""
        return time.monotonic() > self._end

    def count(self) -> None:
        """Somebody is done; the moments of the kills are told by that."""
        with self._lock:
            self.done += 1

    def run(self) -> None:
        for kill in self.kills:
            while self.done < kill.after and not self.is_late:
                time.sleep(0.01)
            time.sleep(kill.pause_s)
            self.site.kill(kill.name, one=kill.one)
            self.killed, self.last_kill_at = self.killed + 1, time.monotonic()

    def until_it_works(self, act: Callable[[], Any]) -> Any:
        while not self.is_late:
            try:
                if worked := act():
                    return worked
            except OSError:  # the line was cut, or nobody listens at the moment
                if not self.is_patient:
                    return None
            time.sleep(0.1)
        return None


def at_once(*works: Callable[[], object]) -> None:
    """Each in a thread of its own, until all have ended."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@dataclass
class Storm:
    """The enrollments of one run and the kills that fall into them; `desk` is the cookie jar of a clerk."""

    site: Installation
    people: list[Person]
    courses: list[tuple[int, str]]
    killer: Killer
    desk: dict[str, str]
    payers: Payers = field(init=False)
    acknowledged: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting = iter(enumerate(self.people))
        self._again = self.killer.until_it_works
        self.payers = Payers(self.site, ground.trainees(self.site.app, PAYERS, first=100_000), self._again)
        self._lock = threading.Lock()

    def run(self) -> None:
        at_once(*[self._client] * CLIENTS, self.killer.run, self.payers.run)

    def _client(self) -> None:
        visitor = Visitor(self.site.port, timeout_s=8)
        while True:
            with self._lock:
                number, person = next(self._waiting, (0, None))
            if person is None or self.killer.is_late:
                return visitor.close()
            course_id, code = self.courses[number % len(self.courses)]
            if isinstance(person, Newcomer):
                is_done = self._enroll_at_the_desk(visitor, course_id, person)
            else:
                visitor.cookies = {"doreh_trainee": person.token}
                is_done = self._send(visitor, f"/trainee/enroll/{code}", {})
            if is_done:
                with self._lock:
                    self.acknowledged.append(person)
                self.killer.count()

    def _enroll_at_the_desk(self, visitor: Visitor, course_id: int, person: Newcomer) -> bool:
        visitor.cookies = dict(self.desk)
        path = self._again(lambda: desk.open_draft(visitor, person.national_code))
        return bool(path) and self._send(
            visitor, path, desk.written(course_id, "portal_user", person.mobile, person.born)
        )

    def _send(self, visitor: Visitor, path: str, typed: dict[str, str]) -> bool:
        """One form, sent again with the same key until it is answered: that is all a person can do."""
        form = self._again(lambda: visitor.get(path).form(path))
        return bool(form and self._again(lambda: visitor.post(path, form | typed).status == 303))


def chaos(kind: str, enrollments: int = 500, kills: int = 20) -> Aftermath:
    """One run on a database of that kind."""
    seed = int(os.environ.get("KILLS_SEED") or random.randrange(1_000_000))
    print(f"{kills} kills on {kind}: KILLS_SEED={seed}", flush=True)
    with installed(kind) as site:
        ground.foundations(site.app)
        courses = [ground.course(site.app, -(-enrollments // COURSES)) for _ in range(COURSES)]
        clerk = ground.clerk(site.app, credit=enrollments * ground.FEE)
        known = ground.trainees(site.app, enrollments - enrollments // DESK_EVERY)
        site.start()
        people = mixed(known, ground.newcomers(site, enrollments // DESK_EVERY))
        jar = desk.signed_in(site.port, clerk.username, ground.PASSWORD)
        storm = Storm(site, people, courses, Killer(site, plan(seed, kills, enrollments)), jar)
        storm.run()
        storm.payers.hurry()
        contention.until_quiet(site)
        drained = time.monotonic() - storm.killer.last_kill_at
        return _count(storm, drained, seed)


def mixed(known: list[Trainee], unknown: list[Newcomer]) -> list[Person]:
    """Everybody in one line, in which every fifth is unknown."""
    people: list[Person] = list(known)
    for n, one in enumerate(unknown):
        people.insert(n * DESK_EVERY, one)
    return people


def _count(storm: Storm, drained_s: float, seed: int) -> Aftermath:
    with storm.site.app.app_context():
        enrolled = db.session.execute(text(ENROLLED)).scalars().all()
        wrong = (*reckoning.broken_invariants(), *storm.payers.wrong())
        db.session.rollback()
    phones = requests.get(f"{storm.site.sandbox}/control/phones", timeout=60).json()
    received = Counter((message["mobile"], message["text"]) for message in phones["messages"])
    told = Counter(mobile for mobile, _ in received)
    owed = {person.mobile: TEXTS[type(person)] for person in storm.people}
    again = received.total() - len(received) + sum(times - 1 for times in phones["by_uid"].values())
    return Aftermath(
        lost=len(storm.people) - len({person.national_code for person in storm.acknowledged} & set(enrolled)),
        doubled=len(enrolled) - len(set(enrolled)),
        unsent=sum(max(0, count - told[mobile]) for mobile, count in owed.items()),
        sent_twice=again + sum(max(0, count - owed.get(mobile, 0)) for mobile, count in told.items()),
        drained_s=drained_s,
        killed=storm.killer.killed,
        seed=seed,
        wrong=wrong,
    )


ENROLLED = """
    SELECT person.national_code FROM enrollment JOIN person ON person.id = person_id WHERE enrollment.status = 'active'
"""
