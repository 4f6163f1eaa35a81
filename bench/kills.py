"""Hundreds enroll while web, worker, dispatcher and queue are killed at random moments; then everything is counted."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from sqlalchemy import text

from bench import contention, ground
from bench.browser_like import Visitor
from bench.ground import Trainee
from bench.installation import Installation, installed
from models import db

CLIENTS, COURSES = 8, 10
PATIENCE_S = 900
# Whom a kill meets: a whole part, or one of the processes it has started (a gunicorn worker, a job at work).
VICTIMS = (("web", False), ("web", True), ("worker", False), ("worker", True), ("dispatcher", False), ("valkey", False))


@dataclass(frozen=True)
class Aftermath:
    """What was found when everything had become quiet again; `wrong` are sentences about broken invariants."""

    lost: int
    doubled: int
    unsent: int
    sent_twice: int
    drained_s: float
    killed: int
    wrong: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.unsent or self.sent_twice or self.wrong)


@dataclass
class Storm:
    """The enrollments of one run and the kills that fall into them."""

    site: Installation
    people: list[Trainee]
    codes: list[str]
    kills: int
    acknowledged: list[Trainee] = field(default_factory=list)
    last_kill_at: float = 0
    killed: int = 0

    def __post_init__(self) -> None:
        self._waiting = iter(enumerate(self.people))
        self._lock = threading.Lock()
        self._end = time.monotonic() + PATIENCE_S

    def run(self) -> None:
        threads = [threading.Thread(target=self._client) for _ in range(CLIENTS)]
        threads.append(threading.Thread(target=self._kill_now_and_then))
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
            visitor.cookies = {"doreh_trainee": person.token}
            if self._enroll(visitor, self.codes[number % len(self.codes)]):
                with self._lock:
                    self.acknowledged.append(person)

    def _enroll(self, visitor: Visitor, code: str) -> bool:
        """One form, sent again with the same key until it is answered: that is all a person can do."""
        path = f"/trainee/enroll/{code}"
        form = self._until_it_works(lambda: visitor.get(path).form(path))
        return bool(form and self._until_it_works(lambda: visitor.post(path, form).status == 303))

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
        """Each kill falls when a random share of the enrollments is done, so that all of them meet work."""
        moments = sorted(random.sample(range(len(self.people) - CLIENTS), self.kills))
        for moment in moments:
            while len(self.acknowledged) < moment and time.monotonic() < self._end:
                time.sleep(0.01)
            name, one = random.choice(VICTIMS)
            time.sleep(random.uniform(0, 0.3))
            self.site.kill(name, one=one)
            self.killed, self.last_kill_at = self.killed + 1, time.monotonic()


def chaos(kind: str, enrollments: int = 500, kills: int = 20) -> Aftermath:
    """One run on a database of that kind."""
    with installed(kind) as site:
        ground.foundations(site.app)
        codes = [ground.course(site.app, -(-enrollments // COURSES))[1] for _ in range(COURSES)]
        people = ground.trainees(site.app, enrollments)
        site.start()
        storm = Storm(site, people, codes, kills)
        storm.run()
        contention.until_quiet(site)
        drained = time.monotonic() - storm.last_kill_at
        return _count(storm, drained)


def _count(storm: Storm, drained_s: float) -> Aftermath:
    with storm.site.app.app_context():
        rows = db.session.execute(text("SELECT person_id FROM enrollment WHERE status = 'active'")).scalars().all()
        wrong = tuple(broken_invariants())
        db.session.rollback()
    phones = requests.get(f"{storm.site.sandbox}/control/phones", timeout=60).json()
    received = [message["mobile"] for message in phones["messages"]]
    repeated = sum(times - 1 for times in phones["by_uid"].values())
    mobiles = {person.mobile for person in storm.people}
    return Aftermath(
        lost=len(storm.people) - len({person.person_id for person in storm.acknowledged} & set(rows)),
        doubled=len(rows) - len(set(rows)),
        unsent=len(mobiles - set(received)),
        sent_twice=len(received) - len(set(received)) + repeated,
        drained_s=drained_s,
        killed=storm.killed,
        wrong=wrong,
    )


# Each query finds what may not exist (README section 4, I1 to I3 and I6).
FORBIDDEN = {
    "a seat counter that is not the number of enrollments": """
        SELECT 1 FROM course WHERE taken > capacity_max OR taken <> (SELECT count(*) FROM enrollment
        WHERE course_id = course.id AND status = 'active')""",
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
    "an enrollment without exactly one message": """
        SELECT 1 FROM enrollment WHERE 1 <> (SELECT count(*) FROM message WHERE enrollment_id = enrollment.id)""",
    "a message without anything owed": """
        SELECT 1 FROM message WHERE 1 <> (SELECT count(*) FROM outbox WHERE topic = 'sms' AND ref_id = message.id)""",
    "something owed that is neither done nor shown": "SELECT 1 FROM outbox WHERE state = 'open'",
}


def broken_invariants() -> list[str]:
    return [name for name, query in FORBIDDEN.items() if db.session.execute(text(query)).first()]
