"""Clients in processes of their own; they import nothing of the product, so that sixteen start in a second."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.pool import ThreadPool
from typing import Any

from bench import desk
from bench.browser_like import Visitor

PROCESSES, THREADS = 4, 4
Task = tuple[int, str, str, int]


def storm(tasks: list[Task]) -> Counter[str]:
    """Every task (port, session token, course code, how often) by one of sixteen clients; counts how they ended."""
    shares = [tasks[n::PROCESSES] for n in range(PROCESSES)]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        return sum(pool.map(_share, shares), Counter[str]())


def _share(tasks: list[Task]) -> Counter[str]:
    with ThreadPool(THREADS) as threads:
        return Counter(threads.starmap(_walk, tasks, chunksize=1))


def _walk(port: int, token: str, code: str, times: int) -> str:
    """One person's form, sent so many times; the answers in one word."""
    visitor, path = Visitor(port, {"doreh_trainee": token}), f"/trainee/enroll/{code}"
    form = visitor.get(path).form(path)
    seen = {visitor.post(path, form).status for _ in range(times)}
    visitor.close()
    return {(303,): "enrolled", (409,): "refused"}.get(tuple(seen), str(sorted(seen)))


# -- At the desk -------------------------------------------------------------------


@dataclass(frozen=True)
class Tab:
    """One person at the desk, in one tab of the browser whose cookie jar it has; `typed` is what is sent of them."""

    port: int
    jar: dict[str, str]
    national_code: str
    typed: dict[str, str]
    path: str = ""
    form: dict[str, str] = field(default_factory=dict)


def at_the_desk(tabs: list[Tab], browsers: int = PROCESSES) -> Counter[str]:
    """Every `browsers`-th tab in one process: first all drafts are opened, then all forms are sent at once."""
    shares = [tabs[n::browsers] for n in range(browsers)]
    with multiprocessing.get_context("spawn").Pool(browsers) as pool:
        opened = pool.map(_open_all, shares, chunksize=1)
        return Counter(word for share in pool.map(_send_all, opened, chunksize=1) for word in share)


def _open_all(tabs: list[Tab]) -> list[Tab]:
    return _all_at_once(_open, tabs)


def _send_all(tabs: list[Tab]) -> list[str]:
    return _all_at_once(_send, tabs)


def _all_at_once(act: Callable[[Tab], Any], tabs: list[Tab]) -> list[Any]:
    with ThreadPool(len(tabs)) as threads:
        return threads.map(act, tabs, chunksize=1)


def _open(tab: Tab) -> Tab:
    visitor = Visitor(tab.port, dict(tab.jar))
    path = desk.open_draft(visitor, tab.national_code)
    form = visitor.get(path).form(path)
    visitor.close()
    return replace(tab, path=path, form=form)


def _send(tab: Tab) -> str:
    visitor = Visitor(tab.port, dict(tab.jar))
    status = visitor.post(tab.path, tab.form | tab.typed).status
    visitor.close()
    return {303: "enrolled", 422: "refused"}.get(status, str(status))
