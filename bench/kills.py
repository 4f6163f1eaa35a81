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

from bench import contention, desk, ground
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
class Storm:
    """The enrollments of one run and the kills that fall into them; `desk` is the cookie jar of a clerk."""

    site: Installation
    people: list[Person]
    courses: list[tuple[int, str]]
    kills: list[Kill]
    desk: dict[str, str]
    payers: Payers = field(init=False)
    acknowledged: list[Person] = field(default_factory=list)
    last_kill_at: float = 0
    killed: int = 0

    def __post_init__(self) -> None:
        self._waiting = iter(enumerate(self.people))
        self.payers = Payers(self.site, ground.trainees(self.site.app, PAYERS, first=100_000), self._until_it_works)
        self._lock = threading.Lock()
        self._end = time.monotonic() + PATIENCE_S

    def run(self) -> None:
        threads = [threading.Thread(target=self._client) for _ in range(CLIENTS)]
        threads += [threading.Thread(target=each) for each in (self._kill_now_and_then, self.payers.run)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _client(self) -> None:
        visitor = Visitor(self.site.port, timeout_s=8)
        while True:
            with self._lock:
                number, person = next(self._waiting, (0, None))
            if person is None or time.monotonic() > self._end:
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

    def _enroll_at_the_desk(self, visitor: Visitor, course_id: int, person: Newcomer) -> bool:
        visitor.cookies = dict(self.desk)
        path = self._until_it_works(lambda: desk.open_draft(visitor, person.national_code))
        return bool(path) and self._send(
            visitor, path, desk.written(course_id, "portal_user", person.mobile, person.born)
        )

    def _send(self, visitor: Visitor, path: str, typed: dict[str, str]) -> bool:
        """One form, sent again with the same key until it is answered: that is all a person can do."""
        form = self._until_it_works(lambda: visitor.get(path).form(path))
        return bool(form and self._until_it_works(lambda: visitor.post(path, form | typed).status == 303))

    def _until_it_works(self, act: Callable[[], Any]) -> Any:
        while time.monotonic() < self._end:
            try:
                if worked := act():
                    return worked
            except OSError:
                pass  # the line was cut, or nobody listens at the moment
            time.sleep(0.1)
        return None

    def _kill_now_and_then(self) -> None:
        for kill in self.kills:
            while len(self.acknowledged) < kill.after and time.monotonic() < self._end:
                time.sleep(0.01)
            time.sleep(kill.pause_s)
            self.site.kill(kill.name, one=kill.one)
            self.killed, self.last_kill_at = self.killed + 1, time.monotonic()


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
        storm = Storm(site, people, courses, plan(seed, kills, enrollments), jar)
        storm.run()
        storm.payers.hurry()
        contention.until_quiet(site)
        drained = time.monotonic() - storm.last_kill_at
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
        wrong = (*broken_invariants(), *storm.payers.wrong())
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
        killed=storm.killed,
        seed=seed,
        wrong=wrong,
    )


ENROLLED = """
    SELECT person.national_code FROM enrollment JOIN person ON person.id = person_id WHERE enrollment.status = 'active'
"""
# Each query finds what may not exist (README section 4, I1 to I3 and I6).
FORBIDDEN = {
    "a seat counter that is not the number of enrollments": """
        SELECT 1 FROM course WHERE taken + held > capacity_max OR taken <> (SELECT count(*) FROM enrollment
        WHERE course_id = course.id AND status = 'active')""",
    "a held seat without its offer": """
        SELECT 1 FROM course WHERE held <> (SELECT count(*) FROM waitlist_entry
        WHERE course_id = course.id AND state = 'offered')""",
    "a person twice in a course": """
        SELECT 1 FROM enrollment WHERE status = 'active' GROUP BY course_id, person_id HAVING count(*) > 1""",
    "a charged enrollment without exactly one debit": """
        SELECT 1 FROM enrollment WHERE fee_rials > 0 AND 1 <> (SELECT count(*) FROM ledger_transfer
        WHERE enrollment_id = enrollment.id AND kind = 'debit' AND amount = fee_rials)""",
    "a debit without an enrollment": """
        SELECT 1 FROM ledger_transfer WHERE kind = 'debit' AND enrollment_id NOT IN (SELECT id FROM enrollment)""",
    "a purse that is not the sum of its entries": """
        SELECT 1 FROM account WHERE owner_kind <> 'system' AND (balance < 0 OR balance <>
        (SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE account_id = account.id))""",
    "a payment that has not filled each of its purses once, or that is not verified and has filled one": """
        SELECT 1 FROM payment_line JOIN payment ON payment.id = payment_id WHERE
        (SELECT count(*) FROM ledger_transfer WHERE payment_line_id = payment_line.id)
        <> CASE WHEN payment.state = 'verified' THEN 1 ELSE 0 END""",
    "an enrollment without exactly one message": """
        SELECT 1 FROM enrollment WHERE 1 <> (SELECT count(*) FROM message WHERE enrollment_id = enrollment.id)""",
    "a message without anything owed": """
        SELECT 1 FROM message WHERE 1 <> (SELECT count(*) FROM outbox WHERE topic = 'sms' AND ref_id = message.id)""",
    "a birth date without the name that it leads to, or with a mobile that was not matched": """
        SELECT 1 FROM person WHERE birth_date IS NOT NULL AND (last_name IS NULL OR mobile_status <> 'matched')""",
    "something owed that is neither done nor shown": "SELECT 1 FROM outbox WHERE state = 'open'",
}


def broken_invariants() -> list[str]:
    return [name for name, query in FORBIDDEN.items() if db.session.execute(text(query)).first()]
