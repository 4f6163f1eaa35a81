"""A week in minutes: the outside fails for days while people are enrolled, and everything heals by itself.

A clock that is set forward drives the real services, the outbox and every task of the clock against the sandbox. The
registry is down for two days, Shahkar comes and goes, and the national window is slow; meanwhile people are enrolled by
themselves, at the desk and from lists. `make soak` runs it on both databases, a small one is among the tests.
"""

import contextlib
import dataclasses
import datetime as dt
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import requests
import time_machine
from flask import Flask
from sqlalchemy import func, select

import gateways
from app import create_app
from gateways import queue
from gateways.sso import SsoPerson
from models import (
    Channel,
    DebitSource,
    Enrollment,
    EnrollmentStatus,
    IdentityStatus,
    ImportBatch,
    Inquiry,
    InquiryKind,
    Message,
    MobileStatus,
    Outbox,
    Person,
    Policy,
    Role,
    db,
)
from services import access, clock, enrollment, jalali, ledger, many, nameless, outbox, sso_people
from services.access import Actor, Level
from services.enrollment import Application, drafts
from services.enrollment.drafts import Entry
from services.imports.matching import Line
from tests import databases, make
from tests.sandbox_process import Sandbox, person

BORN = dt.date(1991, 4, 15)
BACK = "http://127.0.0.1:8000/auth/sso/callback"
DAY = dt.timedelta(days=1)
MOST_WAIT_S = 3.0  # of real time, for one enrollment
AWAY = (1.0, 3.0)  # days between which the registry is down
FLAPS = 5.0  # until this day Shahkar comes and goes, every six hours
SLOW = (2.0, 4.0)  # days between which the national window is slow


@dataclass(frozen=True)
class Size:
    """How many are enrolled in the first five days, how the clock steps, and how often the registry may be asked a day.

    `window` of them come by the slow national window itself.
    """

    people: int = 2_000
    step: dt.timedelta = dt.timedelta(minutes=15)
    quota: int = 700
    window: int = 10
    slow_s: float = 1.0  # each of three calls, within the six seconds that a sign-in has
    listed: int = 20


FULL, SMALL = Size(), Size(36, dt.timedelta(hours=6), 10, 1, 0.3, 3)


@dataclass
class Week:
    """What has become of everybody."""

    enrolled: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    by_window: int = 0
    nameless_most: int = 0
    unhealed: int = 0
    asked: dict[str, int] = field(default_factory=dict)
    doubled: int = 0
    unsent: int = 0
    filled: int = 0
    owed: int = 0

    def is_clean(self, size: Size) -> bool:
        """Whether everybody is enrolled, nobody has waited, and all is healed within the limits."""
        bad = (self.unhealed, self.doubled, self.unsent, self.owed, len(self.refused))
        is_whole = self.enrolled.total() == size.people and self.slowest_s <= MOST_WAIT_S
        return is_whole and not any(bad) and max(self.asked.values()) <= size.quota and self.nameless_most > 0


def week(kind: str, size: Size = FULL) -> Week:
    """The week on an empty database of that kind of its own."""
    with contextlib.ExitStack() as stack:
        # Nothing is killed in this week, so that nobody need wait for a disk.
        folder = Path(databases.folder_in_memory())
        if kind == "sqlite":
            url = databases.sqlite_url(folder)
        else:
            cluster = stack.enter_context(databases.running_cluster())
            cluster.execute("CREATE DATABASE doreh")
            url = cluster.url("doreh")
            databases.migrate(url)
        sandbox = stack.enter_context(Sandbox(folder))
        settings = {"DATABASE_URL": url, "SECRET_KEY": "w" * 48, "DATA_DIR": str(folder)}
        app = create_app({**settings, **sandbox.product_settings(), "DOREH_MODE": "test"})
        with app.app_context():
            return lived(app, sandbox, size)


def lived(app: Flask, sandbox: Sandbox, size: Size) -> Week:
    """The week on this empty installation; inside its application context."""
    start = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)
    with time_machine.travel(start, tick=True) as clockwork, _in_process() as pushed:
        return _Run(app, sandbox, size, start, clockwork, pushed).whole()


@contextlib.contextmanager
def _in_process() -> Iterator[list[int]]:
    """A list in place of Redis: what is pushed is carried out by whoever drives the clock."""
    pushed: list[int] = []

    def push(row: int, _attempt: int) -> bool:
        pushed.append(row)
        return True

    stand_in = {"push": push, "nudge": lambda row: push(row, 0), "is_alive": lambda: True, "depth": lambda: 0}
    stand_in["nudge_each"] = pushed.extend
    with mock.patch.multiple(queue, **stand_in):
        yield pushed


@dataclass
class _Run:
    app: Flask
    sandbox: Sandbox
    size: Size
    start: dt.datetime
    clockwork: Any
    pushed: list[int]
    found: Week = field(default_factory=Week)
    slots: dict[str, str] = field(default_factory=dict)
    waited_s: float = 0.0
    turned: dict[str, str] = field(default_factory=dict)

    def whole(self) -> Week:
        self._lay_out()
        now, done, end = self.start, 0, self.start + 7 * DAY
        while now < end:
            self.clockwork.move_to(now)
            self._weather((now - self.start) / DAY)
            due = min(self.size.people, int(self.size.people * ((now - self.start) / (5 * DAY)) + 1))
            done = self._enroll(done, due)
            self._tick(now)
            now += self.size.step
        self._count()
        return self.found

    # -- Before --------------------------------------------------------------------

    def _lay_out(self) -> None:
        make.tariff(0)
        limits = {"registry_per_day": self.size.quota, "max_active_courses": 9}
        for name, value in limits.items():
            make.save(Policy(name=name, scope="*", valid_from=dt.date(2020, 1, 1), value=value))
        unit = make.unit()
        ends: dict[str, Any] = {"enroll_close_at": self.start + 30 * DAY, "start_on": (self.start + 40 * DAY).date()}
        ends["end_on"] = (self.start + 70 * DAY).date()
        course = make.course(unit_=unit, capacity_max=self.size.people, **ends)
        user = make.user(Role.CLERK, unit)
        self.course_id, clerk = course.id, access.actor(user, Level.CENTER, access.roles_of(user.id))
        assert clerk is not None
        self.clerk = clerk
        self.codes = [make.national_code(2_000_000 + n) for n in range(self.size.people)]
        known = [self._known(n) for n in range(self.size.people)]
        for first in range(0, len(known), 500):
            self.sandbox.people(*known[first : first + 500])

    def _known(self, n: int) -> dict[str, object]:
        mobile = self._mobile(n)
        return person(self.codes[n], first_name="آرزو", last_name="یوسفی", birth_date=str(BORN), mobile=mobile)

    def _mobile(self, n: int) -> str:
        return f"0914{n:07d}"

    # -- Outside -------------------------------------------------------------------

    def _weather(self, day: float) -> None:
        flaps = day < FLAPS and int(day * 4) % 2 == 1
        self._turn("registry", "error500" if AWAY[0] <= day < AWAY[1] else "up")
        self._turn("shahkar", "error500" if flaps else "up")
        self._turn("sso", "slow" if SLOW[0] <= day < SLOW[1] else "up")

    def _turn(self, system: str, mode: str) -> None:
        if self.turned.get(system) != mode:
            self.sandbox.switch(system, mode, self.size.slow_s)
            self.turned[system] = mode

    # -- Inside --------------------------------------------------------------------

    def _tick(self, now: dt.datetime) -> None:
        """What the dispatcher, the workers and the clock do until nothing is due at this moment."""
        for task in clock.TASKS:
            slot = task.slot(now)
            if slot is not None and self.slots.get(task.name) != slot:
                self.slots[task.name] = slot
                task.run(now)
        while outbox.dispatch() or self.pushed:
            rows, self.pushed[:] = list(self.pushed), []
            for row in rows:
                outbox.handle(row)
        outbox.drain(lambda: False, linger=0)
        self.found.nameless_most = max(self.found.nameless_most, nameless.numbers()[0])

    def _enroll(self, done: int, due: int) -> int:
        """The next ones, until so many are enrolled: one in three by themselves, at the desk, and from lists."""
        doors = (self._by_self, self._at_desk, self._by_list)
        while done < due:
            door = doors[done // self.size.listed % 3]
            several = min(self.size.listed, self.size.people - done) if door == self._by_list else 1
            self._timed(door, list(range(done, done + several)))
            done += several
        return done

    def _timed(self, door: Callable[[list[int]], None], who: list[int]) -> None:
        name = door.__name__.strip("_")
        before = self._enrolled()
        began = time.perf_counter()
        try:
            door(who)
        except Exception as error:
            db.session.rollback()
            self.found.refused.append(f"{name}: {type(error).__name__} {error}")
        waited_s = self.waited_s if door == self._by_self else time.perf_counter() - began
        self.found.slowest_s = max(self.found.slowest_s, waited_s)
        self.found.enrolled[name] += self._enrolled() - before

    def _enrolled(self) -> int:
        db.session.rollback()
        active = select(func.count(Enrollment.id)).where(Enrollment.status == EnrollmentStatus.ACTIVE)
        return db.session.scalar(active) or 0

    def _at_desk(self, who: list[int]) -> None:
        (n,) = who
        key = drafts.start(self.clerk, self.codes[n])
        typed = Entry(
            course_id=self.course_id, birth_date=BORN, mobile=self._mobile(n), debit_source=DebitSource.TRAINEE
        )
        drafts.confirm(self.clerk, drafts.save(self.clerk, key, 1, typed))

    def _by_list(self, who: list[int]) -> None:
        file = {"file_name": "a.xlsx", "file_key": uuid.uuid4().hex, "sha256": "0" * 64, "size_bytes": 9}
        user = {"unit_id": self.clerk.units[0], "user_id": self.clerk.user_id, "level": "center"}
        made = make.save(ImportBatch(**file, **user, form="enrollments", options={"course": self.course_id}))
        said = [{"national_code": self.codes[n], "birth_date": str(BORN), "mobile": self._mobile(n)} for n in who]
        many.sheet.take(made, [Line(n, dict(each), dict(each)) for n, each in enumerate(said, 2)])
        db.session.commit()
        key = many.sheet.lands(made).rpartition("/")[2]
        ran = many.run(self.clerk, key, DebitSource.TRAINEE)
        if ran.enrolled != len(who):
            raise RuntimeError(f"{ran} of a list")

    def _by_self(self, who: list[int]) -> None:
        """Most have come by the window before, which has told no name of them; some come by it now that it is slow."""
        (n,) = who
        is_by_window = self.turned.get("sso") == "slow" and self.size.window > self.found.by_window
        facts = self._through_window(n) if is_by_window else self._told(n)
        someone = sso_people.sign_in(facts)
        began = time.perf_counter()
        application = Application(
            form_key=str(uuid.uuid4()),
            course_id=self.course_id,
            person_id=someone.id,
            channel=Channel.SELF,
            debit_source=DebitSource.TRAINEE,
            payer=ledger.owner_of(someone),
        )
        enrollment.enroll(application)
        self.waited_s = time.perf_counter() - began

    def _told(self, n: int) -> SsoPerson:
        nothing: dict[str, Any] = {field.name: None for field in dataclasses.fields(SsoPerson)}
        told = {"national_code": self.codes[n], "birth_date": BORN, "mobile": self._mobile(n)}
        return SsoPerson(**nothing | told)

    def _through_window(self, n: int) -> SsoPerson:
        """The whole way through the slow window, as a browser goes it."""
        self.found.by_window += 1
        at = gateways.window()
        assert at is not None
        asked = at.begin(BACK)
        page = requests.get(asked.url, timeout=60).text
        wanted = re.search(r'name="request" value="([^"]+)"', page)
        assert wanted is not None
        form = {"request": wanted.group(1), "national_code": self.codes[n]}
        to = requests.post(f"{self.sandbox.url}/sso/login", form, allow_redirects=False, timeout=60).headers["Location"]
        code = parse_qs(urlsplit(to).query)["code"][0]
        # The window's tokens are dated by its own clock, which nobody sets.
        with time_machine.travel(time_machine.escape_hatch.datetime.datetime.now(dt.UTC), tick=True):
            return at.finish(BACK, code, asked.nonce, asked.verifier)

    # -- After ---------------------------------------------------------------------

    def _count(self) -> None:
        db.session.rollback()
        found = self.found
        healed = (Person.identity_status == IdentityStatus.VERIFIED, Person.last_name == "یوسفی")
        everybody = Person.national_code.in_(self.codes)
        whole = db.session.scalar(select(func.count(Person.id)).where(everybody, *healed)) or 0
        found.unhealed = self.size.people - whole
        unchecked = (everybody, Person.mobile.is_not(None), Person.mobile_status != MobileStatus.MATCHED)
        found.unhealed += db.session.scalar(select(func.count(Person.id)).where(*unchecked)) or 0
        asked = select(Inquiry.at).where(Inquiry.kind == InquiryKind.REGISTRY)
        found.asked = dict(Counter(jalali.tehran(at).date().isoformat() for at in db.session.scalars(asked)))
        found.owed = db.session.scalar(select(func.count(Outbox.id)).where(Outbox.state.in_(("open", "dead")))) or 0
        sent = Counter(state.value for state in db.session.scalars(select(Message.state)))
        handed = self.sandbox.by_uid()
        found.doubled = sum(times - 1 for times in handed.values()) + len(handed) - sent["sent"] - sent["delivered"]
        found.unsent = sent["queued"] + sent["failed"] + sent["unknown"]
        hq = Actor(0, 0, "", Level.HQ, frozenset(), (), (), can_enroll_others=False, unit_title="")
        found.filled = sum(number for _, number in nameless.filled(hq, 8))
