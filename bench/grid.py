"""The queues and lists of courses of a center, a province and HQ at a thousand and at a hundred thousand courses."""

import statistics
import time

from flask import Flask
from sqlalchemy import event

from bench import ground
from bench.installation import ANEW, installed
from models import db

SMALL, LARGE = 1_000, 100_000
REQUESTS, WARM_UP = 60, 15  # PostgreSQL keeps the plan of a statement after ten
ORDERS = {"newest": "", "soonest": "&sort=start", "latest": "&sort=-start", "title": "&sort=title"}
FRAGMENT = {"HX-Request": "true"}


class Desk:
    """The pages of one installation, as those ask for them who work there."""

    def __init__(self, app: Flask, count: int) -> None:
        ground.foundations(app)
        self.seen: list[str] = []
        tokens, waiting = ground.country(app, count)
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", lambda *args: self.seen.append(args[2]))
        self.clients = {level: app.test_client() for level in tokens}
        for level, token in tokens.items():
            self.clients[level].set_cookie("doreh_staff", token)
        self.paths = {f"{level}_queue": f"/{level}/queue" for level in waiting}
        self.paths |= {f"{level}_pane": f"/{level}/queue/{case}" for level, case in waiting.items()}
        for level in tokens:
            self.paths |= {f"{level}_{name}": f"/{level}/courses?tab=all{sort}" for name, sort in ORDERS.items()}
            self.paths |= {f"{level}_{tab}": f"/{level}/courses?tab={tab}&sort=start" for tab in ("review", "open")}

    def ask(self, page: str) -> tuple[float, int]:
        """Milliseconds and statements of a page."""
        self.seen.clear()
        level, _, name = page.partition("_")
        start = time.perf_counter()
        answer = self.clients[level].get(self.paths[page], headers=FRAGMENT if name == "pane" else {})
        spent = (time.perf_counter() - start) * 1000
        assert answer.status_code == 200, (page, answer.status_code)
        return spent, len(self.seen)


def ratios() -> dict[str, float]:
    """For each page its time at 10^5 courses by that at 10^3, of those that 95 of 100 keep, and its statements.

    The two take turns request by request, so that a busy machine slows both.
    """
    with installed(**ANEW) as small, installed(**ANEW) as large:
        desks = Desk(small.app, SMALL), Desk(large.app, LARGE)
        found: dict[str, float] = {}
        for page in desks[0].paths:
            found |= _compared(page, desks)
    return found


def _compared(page: str, desks: tuple[Desk, Desk]) -> dict[str, float]:
    asked = [[desk.ask(page) for desk in desks] for _ in range(WARM_UP + REQUESTS)][WARM_UP:]
    small, large = (sorted(one[n][0] for one in asked) for n in (0, 1))
    # Not the most: once in a while a page also says that the session is still in use.
    few, many = (statistics.mode(one[n][1] for one in asked) for n in (0, 1))
    at = int(REQUESTS * 0.95)
    return {
        f"{page}_p95_growth_ratio": round(large[at] / small[at], 2),
        f"{page}_growth_ratio": round(large[REQUESTS // 2] / small[REQUESTS // 2], 2),
        f"{page}_queries": many,
        f"{page}_more_queries": many - few,
    }
