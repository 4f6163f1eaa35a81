"""Five hundred people of one list by one press, as the page does it: in seconds, and in two tabs at once."""

import threading
import time
import uuid
from statistics import median

from sqlalchemy import func, select

from bench import ground
from bench.installation import Installation
from models import DebitSource, Enrollment, User, db
from services import access, many
from services.access import Actor, Level
from services.many.typed import wanted

PEOPLE, CLASS, ROUNDS = 500, 60, 3


def five_hundred(site: Installation) -> dict[str, float]:
    """The median of some lists run alone, and one that two tabs run at the same moment: all enrolled once."""
    clerk = ground.clerk(site.app, credit=2 * ROUNDS * PEOPLE * ground.FEE)
    alone = [_alone(site, clerk.username, 200_000 + PEOPLE * n) for n in range(ROUNDS)]
    seconds, enrolled = _two_tabs(site, clerk.username, 200_000 + PEOPLE * ROUNDS)
    return {
        "list_500_s": round(median(alone), 2),
        "list_500_tabs_s": seconds,
        "list_500_tabs_wrong": abs(PEOPLE - enrolled),
    }


def _alone(site: Installation, username: str, first: int) -> float:
    _, key = _list(site, username, first)
    with site.app.app_context():
        actor = _actor(username)
        began = time.monotonic()
        ran = many.run(actor, key, DebitSource.PORTAL_USER)
        seconds = time.monotonic() - began
        db.session.remove()
    assert (ran.enrolled, ran.refused, ran.left) == (PEOPLE, 0, 0), ran
    return seconds


def _two_tabs(site: Installation, username: str, first: int) -> tuple[float, int]:
    course_id, key = _list(site, username, first)
    barrier = threading.Barrier(2)

    def tab() -> None:
        with site.app.app_context():
            actor = _actor(username)
            barrier.wait()
            many.run(actor, key, DebitSource.PORTAL_USER)
            db.session.remove()

    threads = [threading.Thread(target=tab) for _ in range(2)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = round(time.monotonic() - began, 2)
    with site.app.app_context():
        query = select(func.count()).where(Enrollment.course_id == course_id)
        return seconds, db.session.scalar(query) or 0


def enrolled(site: Installation, username: str, first: int = 300_000) -> int:
    """A course with a class of people in it."""
    course_id, key = _list(site, username, first, CLASS)
    with site.app.app_context():
        many.run(_actor(username), key, DebitSource.PORTAL_USER)
        db.session.remove()
    return course_id


def _list(site: Installation, username: str, first: int, count: int = PEOPLE) -> tuple[int, str]:
    """A course with room for all, and a list of people who were never seen before but for every second one."""
    course_id, _ = ground.course(site.app, count)
    people = ground.trainees(site.app, count // 2, first=first, credit=ground.FEE)
    codes = [each.national_code for each in people]
    codes += [ground.make.national_code(4_000_000 + first + n) for n in range(count - len(codes))]
    with site.app.app_context():
        key = many.start(_actor(username), str(uuid.uuid4()), course_id, [wanted(code) for code in codes])
        db.session.remove()
    return course_id, key


def _actor(username: str) -> Actor:
    user = db.session.scalars(select(User).where(User.username == username)).one()
    found = access.actor(user, Level.CENTER, access.roles_of(user.id))
    assert found is not None
    return found
