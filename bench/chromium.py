"""First visits and the whole self-enrollment as Chromium counts them, without a limit and on a slow line."""

import datetime as dt
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench import ground
from bench.ground import Trainee
from bench.installation import Installation
from tests.sandbox_process import person
from tests.web.bare import chromium

SLOW = {"offline": False, "latency": 500, "downloadThroughput": 50_000 / 8, "uploadThroughput": 20_000 / 8}
PHONE = {"width": 360, "height": 740}


@dataclass
class Line:
    """What came over the line of one browser page, counted by host, as the browser's own network log has it."""

    bytes: dict[str, int] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    busy: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    _open: dict[str, tuple[str, float]] = field(default_factory=dict)

    def watch(self, context: BrowserContext, page: Page, *, slow: bool) -> Any:
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)
        if slow:
            session.send("Network.emulateNetworkConditions", SLOW)
        return session

    def _sent(self, event: dict[str, Any]) -> None:
        host = urlsplit(event["request"]["url"]).hostname or ""
        if not event["request"]["url"].startswith("http"):
            return
        if "redirectResponse" in event:  # the same id goes on at the next address
            self._close(event["requestId"], event["timestamp"], event["redirectResponse"]["encodedDataLength"])
        self.requests[host] = self.requests.get(host, 0) + 1
        self._open[event["requestId"]] = (host, event["timestamp"])

    def _finished(self, event: dict[str, Any]) -> None:
        self._close(event["requestId"], event["timestamp"], event["encodedDataLength"])

    def _close(self, id_: str, at: float, length: float) -> None:
        if id_ in self._open:
            host, since = self._open.pop(id_)
            self.bytes[host] = self.bytes.get(host, 0) + int(length)
            self.busy.setdefault(host, []).append((since, at))

    def seconds(self, host: str) -> float:
        """How long at least one request to the host was on its way."""
        total, until = 0.0, 0.0
        for start, end in sorted(self.busy.get(host, [])):
            total += max(0.0, end - max(start, until))
            until = max(until, end)
        return total


@contextmanager
def browsers() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser
        browser.close()


def first_visits(site: Installation, browser: Browser, trainee: Trainee) -> dict[str, float]:
    """Bytes and requests of a cold browser at each first page, headers included."""
    code = _open_course(site)
    found: dict[str, float] = {}
    pages = {"list": "/courses", "list_50": "/courses?rows=50", "course": f"/courses/{code}", "home": "/"}
    for name, path in pages.items():
        found |= _first_visit(site, browser, name, path)
    return found | _first_visit(site, browser, "signed_in", "/trainee", trainee)


def _first_visit(
    site: Installation, browser: Browser, name: str, path: str, trainee: Trainee | None = None
) -> dict[str, float]:
    with browser.new_context(viewport=PHONE) as context:
        if trainee:
            context.add_cookies([{"name": "doreh_trainee", "value": trainee.token, "url": site.address}])
        page, line = context.new_page(), Line()
        line.watch(context, page, slow=False)
        page.goto(f"{site.address}{path}", wait_until="networkidle")
        host = "127.0.0.1"
        return {f"{name}_cold_bytes": line.bytes[host], f"{name}_cold_requests": line.requests[host]}


def journeys(site: Installation, browser: Browser, rounds: int = 3) -> dict[str, float]:
    """List, course, national window, confirmation, slip, by clicking in a cold browser at 50 kbit/s + 500 ms."""
    code = _open_course(site)
    people = ground.trainees(site.app, rounds, first=40_000)
    _introduce(site, people)
    found = [_journey(site, browser, code, each) for each in people]
    return {name: round(statistics.median(each[name] for each in found), 2) for name in found[0]}


def _journey(site: Installation, browser: Browser, code: str, who: Trainee) -> dict[str, float]:
    with browser.new_context(viewport=PHONE, locale="fa-IR") as context:
        page, line = context.new_page(), Line()
        session = line.watch(context, page, slow=True)
        seconds = _walk(page, site.address, code, who)
        session.send("Network.emulateNetworkConditions", {**SLOW, "latency": 0, "downloadThroughput": -1})
        page.wait_for_load_state("networkidle")
        assert page.locator(".slip").count() == 1
    ours, window = "127.0.0.1", "localhost"
    return {
        "journey_50kbit_s": seconds,
        "journey_without_window_50kbit_s": seconds - line.seconds(window),
        "journey_bytes": line.bytes[ours],
        "journey_requests": line.requests[ours],
        "journey_window_bytes": line.bytes[window],
    }


def _walk(page: Page, address: str, code: str, who: Trainee) -> float:
    """Seconds from the first visit of the list until the slip is there."""
    page.set_default_timeout(60_000)
    began = time.monotonic()
    page.goto(f"{address}/courses")
    page.locator(f'a[href="/courses/{code}"]').click()
    page.wait_for_load_state()
    page.locator(f'a[href="/trainee/enroll/{code}"]').first.click()
    page.wait_for_url("**/sso/**")
    page.locator("#national_code").fill(who.national_code)
    page.locator("#national_code").press("Enter")
    page.wait_for_url("**/trainee/enroll/**")
    page.locator("button.primary").click()
    page.wait_for_url("**/slip/**")
    page.wait_for_load_state()
    return time.monotonic() - began


def over_a_slow_line(site: Installation, browser: Browser, address: str, rounds: int = 3) -> dict[str, float]:
    """The same journey at the far end of a `SlowLine`, with the handshakes that the emulation leaves out."""
    code = _open_course(site)
    people = ground.trainees(site.app, rounds, first=41_000)
    _introduce(site, people)
    found = []
    for who in people:
        with browser.new_context(viewport=PHONE, locale="fa-IR") as context:
            found.append(_walk(context.new_page(), address, code, who))
    return {"journey_slow_line_s": round(statistics.median(found), 2)}


def _open_course(site: Installation) -> str:
    """A course that everybody may enroll in, first in the list because it starts first."""
    tomorrow = dt.date.today() + dt.timedelta(days=1)  # noqa: DTZ011 (the list sorts by day)
    return ground.course(site.app, 30, start_on=tomorrow)[1]


def _introduce(site: Installation, people: list[Trainee]) -> None:
    """Tell the sandbox's national window and registry who they are."""
    known = [person(each.national_code, mobile=each.mobile) for each in people]
    requests.post(f"{site.sandbox}/control/people", json=known, timeout=30).raise_for_status()
