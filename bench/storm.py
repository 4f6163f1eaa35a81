"""The storm of an opening day, while every process is killed now and then; `make soak` runs it on both databases.

All at once: a crowd goes for the seats of one course, some withdraw again and others wait in its line (bench/rush.py);
a clerk enrolls people of ten courses in four browsers; another clerk runs one list in two tabs.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import requests
from sqlalchemy import select

from bench import contention, desk, ground, reckoning
from bench.browser_like import HIDDEN, Visitor
from bench.ground import Clerk, Newcomer, Trainee
from bench.installation import Installation, installed
from bench.kills import Aftermath, Kill, Killer, at_once, plan
from bench.rush import Rush
from models import Account, Enrollment, EnrollmentStatus, LedgerTransfer, Person, TransferKind, db
from services import books

BROWSERS, COURSES, TABS = 4, 10, 2
Paid = Counter[tuple[str, int, str, int]]  # who is in which course, from whose purse, for how many rials


@dataclass(frozen=True)
class Size:
    """How many of each, and how many kills fall into it all."""

    applicants: int = 1_000
    seats: int = 200
    per_browser: int = 50
    listed: int = 500
    kills: int = 60

    @property
    def at_the_desk(self) -> int:
        return BROWSERS * self.per_browser


FULL, SMALL = Size(), Size(100, 20, 10, 60, 8)


@dataclass
class Desk:
    """One clerk in several browsers: each opens a draft for everybody first, and sends them in another order then."""

    site: Installation
    killer: Killer
    clerk: Clerk
    people: list[Trainee | Newcomer]
    courses: Sequence[int]
    unanswered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._jars = [desk.signed_in(self.site.port, self.clerk.username, ground.PASSWORD) for _ in range(BROWSERS)]
        self._again = self.killer.until_it_works

    def run(self) -> None:
        at_once(*(lambda n=n: self._browser(n) for n in range(BROWSERS)))

    def wanted(self) -> Paid:
        """Who has to be in which course, from whose purse, for how much."""
        found = Paid()
        for n, person in enumerate(self.people):
            payer = self.clerk if isinstance(person, Newcomer) else person
            found[person.national_code, self._course(n), payer.national_code, ground.FEE] += 1
        return found

    def _course(self, n: int) -> int:
        return self.courses[n // BROWSERS % len(self.courses)]

    def _browser(self, browser: int) -> None:
        visitor = Visitor(self.site.port, dict(self._jars[browser]), timeout_s=20)
        drafts = [(n, *self._open(visitor, self.people[n])) for n in range(browser, len(self.people), BROWSERS)]
        random.shuffle(drafts)
        for n, path, form in drafts:
            if not self._send(visitor, n, path, form):
                self.unanswered.append(f"desk {n}")
            self.killer.count()
        visitor.close()

    def _open(self, visitor: Visitor, person: Trainee | Newcomer) -> tuple[str, dict[str, str]]:
        path = str(self._again(lambda: desk.open_draft(visitor, person.national_code)) or "")
        return path, (path and self._again(lambda: visitor.get(path).form(path))) or {}

    def _send(self, visitor: Visitor, n: int, path: str, form: dict[str, str]) -> bool:
        person = self.people[n]
        is_new = isinstance(person, Newcomer)
        born = person.born if isinstance(person, Newcomer) else None
        typed = desk.written(self._course(n), "portal_user" if is_new else "trainee", person.mobile, born)
        return bool(form and self._again(lambda: visitor.post(path, form | typed).status == 303))


@dataclass
class Listing:
    """One list, pasted by the same form in two tabs and run in both until nobody is left."""

    site: Installation
    killer: Killer
    clerk: Clerk
    course_id: int
    codes: list[str]
    unanswered: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._jar = desk.signed_in(self.site.port, self.clerk.username, ground.PASSWORD)
        self._new = f"/center/courses/{self.course_id}/list"
        visitor = Visitor(self.site.port, dict(self._jar))
        self._form = dict(HIDDEN.findall(visitor.get(self._new).text)) | {"codes": "\n".join(self.codes)}
        visitor.close()

    def run(self) -> None:
        at_once(*[self._tab] * TABS)

    def wanted(self) -> Paid:
        return Counter((code, self.course_id, self.clerk.national_code, ground.FEE) for code in self.codes)

    def _tab(self) -> None:
        visitor, again = Visitor(self.site.port, dict(self._jar), timeout_s=60), self.killer.until_it_works
        path = again(lambda: visitor.post(self._new, self._form).location)
        self.places.add(path)
        if not path or not again(lambda: self._press(visitor, path)):
            self.unanswered.append("list")
        self.killer.count()
        visitor.close()

    def _press(self, visitor: Visitor, path: str) -> bool:
        """The one press for everybody who can be enrolled; True once there is none to press for."""
        page = visitor.get(path)
        if form := page.form(path):
            visitor.post(path, form | {"debit_source": "portal_user"})
        return page.status == 200 and not form


@dataclass
class Storm:
    """All of it, on one installation that runs."""

    site: Installation
    killer: Killer
    rush: Rush
    desk: Desk
    listing: Listing

    def run(self) -> float:
        """How many seconds it took until nothing was owed any more, after everybody was done."""
        at_once(self.rush.run, self.desk.run, self.listing.run, self.killer.run)
        began = time.monotonic()
        contention.until_quiet(self.site)
        return time.monotonic() - began

    def count(self, seed: int, drained_s: float) -> Aftermath:
        with self.site.app.app_context():
            found, wrong = paid(), [*reckoning.broken_invariants(), *self.rush.miscounted(), *self._unlike_books()]
            unsent, sent = reckoning.unsent(), reckoning.sent()
            db.session.rollback()
        phones = requests.get(f"{self.site.sandbox}/control/phones", timeout=60).json()
        wanted = self._wanted()
        unanswered = [*self.rush.unanswered, *self.desk.unanswered, *self.listing.unanswered]
        if len(self.listing.places) != 1:
            wrong.append("one form has made two lists")
        return Aftermath(
            lost=len(unanswered) + (wanted - found).total(),
            doubled=(found - wanted).total(),
            unsent=unsent + max(0, sent - len(phones["messages"])),
            sent_twice=max(0, len(phones["messages"]) - sent) + sum(n - 1 for n in phones["by_uid"].values()),
            drained_s=drained_s,
            killed=self.killer.killed,
            seed=seed,
            wrong=tuple(wrong),
        )

    def _wanted(self) -> Paid:
        """Everybody who was told that they are in, each with the course, the purse and the fee; and nobody else."""
        rush = Counter((code, self.rush.course[0], code, ground.FEE) for code in self.rush.inside)
        return rush + self.desk.wanted() + self.listing.wanted()

    def _unlike_books(self) -> list[str]:
        found = books.differences()
        left = [clerk.username for clerk in (self.desk.clerk, self.listing.clerk) if _balance(clerk)]
        return [*([str(found)] if found.count else []), *(f"the purse of {name} is not empty" for name in left)]


def paid() -> Paid:
    """Who is in which course, from whose purse it was paid, and how much, by the debits."""
    query = select(Person.national_code, Enrollment.course_id, Account.owner_code, LedgerTransfer.amount)
    query = query.select_from(Enrollment).join(Person, Person.id == Enrollment.person_id)
    query = query.join(LedgerTransfer, LedgerTransfer.enrollment_id == Enrollment.id)
    query = query.join(Account, Account.id == LedgerTransfer.from_account_id)
    stands = (Enrollment.status == EnrollmentStatus.ACTIVE, LedgerTransfer.kind == TransferKind.DEBIT)
    return Counter(tuple(row) for row in db.session.execute(query.where(*stands)))


def _balance(clerk: Clerk) -> int:
    return db.session.scalar(select(Account.balance).where(Account.owner_code == clerk.national_code)) or 0


def laid_out(site: Installation, size: Size, kills: list[Kill]) -> Storm:
    """The ground, the running installation, and everybody at their place."""
    ground.foundations(site.app)
    hot, full = ground.course(site.app, size.seats), ground.course(site.app, size.listed)
    courses = [ground.course(site.app, -(-size.at_the_desk // COURSES))[0] for _ in range(COURSES)]
    crowd = ground.trainees(site.app, size.applicants)
    rich = ground.trainees(site.app, size.at_the_desk // 2, first=50_000)
    listed = [each.national_code for each in ground.trainees(site.app, size.listed // 2, first=60_000)]
    listed += [ground.make.national_code(4_000_000 + n) for n in range(size.listed - len(listed))]
    clerks = [ground.clerk(site.app, credit=n * ground.FEE) for n in (size.at_the_desk // 2, size.listed)]
    site.start()
    unknown = ground.newcomers(site, size.at_the_desk // 2)
    people: list[Trainee | Newcomer] = [*rich, *unknown]
    random.shuffle(people)
    killer = Killer(site, kills)
    return Storm(
        site,
        killer,
        Rush(site, killer, hot, crowd),
        Desk(site, killer, clerks[0], people, courses),
        Listing(site, killer, clerks[1], full[0], listed),
    )


def storm(kind: str, size: Size = FULL, *, is_patient: bool = True) -> Aftermath:
    """One run on a database of that kind; people who are not patient send nothing again that a kill has cut off."""
    seed = int(os.environ.get("KILLS_SEED") or random.randrange(1_000_000))
    print(f"a storm with {size.kills} kills on {kind}: KILLS_SEED={seed}", flush=True)
    with installed(kind) as site:
        all_ = laid_out(site, size, plan(seed, size.kills, size.applicants + size.at_the_desk))
        all_.killer.is_patient = is_patient
        return all_.count(seed, all_.run())
