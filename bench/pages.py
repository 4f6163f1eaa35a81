"""What each page of a self-enrollment costs the server: CPU of all processes, queries, bytes, and memory."""

import statistics
import time
from collections.abc import Callable

from sqlalchemy import event, update

from bench import contention, counters, ground
from bench.browser_like import Visitor
from bench.ground import Trainee
from bench.installation import PRODUCT, SERVER, Installation
from models import Course, db

ROUNDS, REQUESTS, WARM_UP = 5, 60, 30
Walk = Callable[[int], object]


class Journey:
    """The pages of a self-enrollment as functions of a person's number, each ready to be asked for many times."""

    def __init__(self, site: Installation, people: list[Trainee], *, first: str | None = None) -> None:
        self.code = first or ground.course(site.app, 10 * len(people))[1]
        course_id, self.full = ground.course(site.app, 1)
        with site.app.app_context():
            db.session.execute(update(Course).where(Course.id == course_id).values(taken=1))
            db.session.commit()
        self.visitors = [Visitor(site.port, {"doreh_trainee": person.token}) for person in people]
        self.stranger = Visitor(site.port)
        self.forms: dict[int, dict[str, str]] = {}
        self.slips: dict[int, str] = {}

    def list(self, _n: int) -> None:
        assert self.stranger.get("/courses").status == 200

    def course(self, _n: int) -> None:
        assert self.stranger.get(f"/courses/{self.code}").status == 200

    def list_signed_in(self, n: int) -> None:
        assert self._visitor(n).get("/courses").status == 200

    def form(self, n: int) -> None:
        self.forms[n] = self._visitor(n).get(f"/trainee/enroll/{self.code}").form(f"/trainee/enroll/{self.code}")

    def refused(self, n: int) -> None:
        assert self._visitor(n).post(f"/trainee/enroll/{self.full}", self.forms[n]).status == 409

    def post(self, n: int) -> None:
        answer = self._visitor(n).post(f"/trainee/enroll/{self.code}", self.forms[n])
        assert answer.status == 303, answer.status
        self.slips[n] = answer.location

    def slip(self, n: int) -> None:
        assert self._visitor(n).get(self.slips[n]).status == 200

    def _visitor(self, n: int) -> Visitor:
        return self.visitors[n % len(self.visitors)]


def costs(site: Installation) -> dict[str, float]:
    """CPU milliseconds per request, medians of `ROUNDS`; sandbox and client are not counted."""
    people = ground.trainees(site.app, ROUNDS * REQUESTS + WARM_UP, first=50_000)
    journey = Journey(site, people)
    names = ("list", "course", "list_signed_in", "form", "refused", "post", "slip")
    found = {f"{name}_server_cpu_ms": cost(site, getattr(journey, name)) for name in names}
    found["memory_pss_mib"] = _quiet_memory(site)
    return found


def cost(site: Installation, walk: Walk) -> float:
    roots = [*site.pids(SERVER), *site.database_pids]
    for n in range(WARM_UP):
        walk(n)
    rounds = []
    for start in range(WARM_UP, WARM_UP + ROUNDS * REQUESTS, REQUESTS):
        before = counters.cpu_s(roots)
        for n in range(start, start + REQUESTS):
            walk(n)
        rounds.append((counters.cpu_s(roots) - before) / REQUESTS * 1000)
    return round(statistics.median(rounds), 2)


def _quiet_memory(site: Installation) -> float:
    """After the load, when nothing is owed and no job runs."""
    contention.until_quiet(site)
    end = time.monotonic() + 60
    standing = 3  # the part itself, its dispatcher and its worker; one more runs a job
    while len(counters.family(site.pids(("jobs",)))) > standing and time.monotonic() < end:
        time.sleep(0.2)
    return round(counters.pss_mib(site.pids(PRODUCT)), 1)


def queries(site: Installation) -> dict[str, float]:
    """Statements sent for each page, in this process."""
    person = ground.trainees(site.app, 1, first=60_000)[0]
    code = ground.course(site.app, 5)[1]
    client, seen = site.app.test_client(), []
    client.set_cookie("doreh_trainee", person.token)
    with site.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    found: dict[str, float] = {}

    def count(name: str, path: str, form: dict[str, str] | None = None) -> object:
        seen.clear()
        answer = client.post(path, data=form) if form else client.get(path)
        found[f"{name}_queries"] = len(seen)
        return answer

    client.get("/courses"), client.get(f"/courses/{code}")  # what is kept for a minute is read once
    count("list", "/courses")
    count("course", f"/courses/{code}")
    page = count("form", f"/trainee/enroll/{code}")
    fields = _hidden(page.get_data(as_text=True), f"/trainee/enroll/{code}")  # type: ignore[attr-defined]
    done = count("post", f"/trainee/enroll/{code}", fields)
    count("slip", done.headers["Location"])  # type: ignore[attr-defined]
    return found


def _hidden(html: str, action: str) -> dict[str, str]:
    from bench.browser_like import Answer

    return Answer(200, {}, html.encode(), 0).form(action)
