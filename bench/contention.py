"""A thousand signed-in people going for two hundred seats over HTTP, and what it costs."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text

from bench import counters, ground
from bench.browser_like import Answer, Visitor
from bench.ground import Trainee
from bench.installation import SERVER, Installation
from models import Course, db

APPLICANTS, SEATS, CLIENTS = 1_000, 200, 16


@dataclass(frozen=True)
class Storm:
    """What one storm came to; CPU is that of all server processes until every message is handed over."""

    enrolled: int
    refused: int
    other: int
    seconds: float
    cpu_s: float


def storm(site: Installation, walk: Callable[[Visitor, str], str], first: int) -> Storm:
    """`APPLICANTS` new people of whom each does `walk`; `first` keeps those of several storms apart."""
    people = ground.trainees(site.app, APPLICANTS, first=first)
    course_id, code = ground.course(site.app, SEATS)
    roots = [*site.pids(SERVER), *site.database_pids]
    before, began = counters.cpu_s(roots), time.monotonic()
    seen = crowd(site, people, lambda visitor: walk(visitor, code))
    seconds = time.monotonic() - began
    until_quiet(site)
    enrolled = taken(site, course_id)
    others = sum(seen.values()) - seen["enrolled"] - seen["full"]
    return Storm(enrolled, seen["full"], others, seconds, counters.cpu_s(roots) - before)


def crowd(site: Installation, people: Sequence[Trainee], walk: Callable[[Visitor], str]) -> Counter[str]:
    """`CLIENTS` clients, each taking the next person as soon as it is done with one; counts the ends of the walks."""
    waiting, lock, seen = iter(people), threading.Lock(), Counter[str]()

    def client() -> None:
        visitor = Visitor(site.port)
        while True:
            with lock:
                person = next(waiting, None)
            if person is None:
                return visitor.close()
            visitor.cookies = {"doreh_trainee": person.token}
            try:
                end = walk(visitor)
            except (OSError, AssertionError) as error:
                end = type(error).__name__
            with lock:
                seen[end] += 1

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def by_the_pages(visitor: Visitor, code: str) -> str:
    """As a person does it: list, course page, and on only where the page offers it."""
    assert visitor.get("/courses").status == 200
    page = visitor.get(f"/courses/{code}")
    if f'href="/trainee/enroll/{code}"' not in page.text:
        return "full"
    return _finish(visitor, code)


def everybody_posts(visitor: Visitor, code: str) -> str:
    """Harder than people are: whoever comes sends the form, full or not."""
    for path in ("/courses", f"/courses/{code}"):
        assert visitor.get(path).status == 200
    return _finish(visitor, code)


def _finish(visitor: Visitor, code: str) -> str:
    form = visitor.get(f"/trainee/enroll/{code}")
    answer: Answer = visitor.post(f"/trainee/enroll/{code}", form.form(f"/trainee/enroll/{code}"))
    if answer.status == 409:
        return "full"
    if answer.status != 303:
        return f"status {answer.status}"
    assert visitor.get(answer.location).status == 200
    return "enrolled"


def taken(site: Installation, course_id: int) -> int:
    """Active enrollments as counted from their rows, which must be what the course's counter says."""
    with site.app.app_context():
        rows = text("SELECT count(*) FROM enrollment WHERE course_id = :id AND status = 'active'")
        counted = int(db.session.scalar(rows, {"id": course_id}) or 0)
        assert counted == db.session.scalar(select(Course.taken).where(Course.id == course_id))
    return counted


def until_quiet(site: Installation, seconds: float = 600) -> None:
    """Wait until nothing is owed any more."""
    end = time.monotonic() + seconds
    while owed(site) and time.monotonic() < end:
        time.sleep(0.2)


def owed(site: Installation) -> int:
    with site.app.app_context():
        return int(db.session.scalar(text("SELECT count(*) FROM outbox WHERE state = 'open'")) or 0)
