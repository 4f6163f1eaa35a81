"""Walks every page of every role: status, frame and labels, bytes on the wire, queries, links that lead somewhere.

New pages are found by themselves; the tables are in `pages.py`.
"""

from dataclasses import dataclass

import brotli
import pytest
from bs4 import BeautifulSoup
from flask import Response
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from models import db
from services import catalog
from tests.web import pages, walking

pytestmark = pytest.mark.usefixtures("no_drawing", "no_minutes")

PACKED = {"Accept-Encoding": "br"}
ROWS = {"sqlite": 26, "postgresql": 2}  # more than a page holds; a full page weighs the same on both


@dataclass(frozen=True)
class Seen:
    """What one address answered, and with how many queries."""

    rule: Rule
    path: str
    answer: Response
    queries: int


@pytest.fixture(scope="module")
def walked():
    """What the walks of this file have seen, by the number of rows: each walk is made once, for all who ask."""
    return {}


@pytest.fixture
def walk(app, sign_in, queries, walked):
    """`walk(rows)`: what every address that answers GET has answered, with so many rows more of everything."""

    def _walk(rows):
        if rows not in walked:
            world = pages.build()
            pages.grow(world, rows)
            walked[rows] = list(_look(world))
        return walked[rows]

    def _look(world):
        clients = walking.clients(app, sign_in, world)
        for rule in walking.gets(app):
            path = walking.path_of(app, rule, world)
            headers = PACKED | ({"HX-Request": "true"} if rule.endpoint in pages.FRAGMENTS else {})
            catalog.forget()
            with queries() as seen:
                answer = clients[pages.asked_by(path)].get(path, headers=headers)
            yield Seen(rule, path, answer, len(seen))

    return _walk


def test_the_walker_knows_where_to_take_the_values_of_every_address(app):
    rules = [rule for rule in walking.gets(app) if rule.endpoint != "assets.serve"]
    assert pages.unknown(rules) == [], "add these to BY_NAME or BY_ENDPOINT in tests/web/pages.py"


def test_an_address_with_a_value_that_nobody_gives_is_reported():
    strange = Map([Rule("/center/things/<int:thing_id>", endpoint="center.thing")])
    assert pages.unknown(strange.iter_rules()) == ["center.thing: thing_id"]


def test_the_walkers_tables_name_only_what_exists(app):
    endpoints = {rule.endpoint for rule in walking.gets(app)}
    named = {*pages.BY_ENDPOINT, *pages.FRAGMENTS, *pages.ANSWERS, *pages.WAIVED}
    assert named <= endpoints, f"gone: {sorted(named - endpoints)}"
    assert not [path for path in pages.LATER if leads_somewhere(app, path)], "built by now: take it out of LATER"


def test_every_page_is_there_and_within_its_budgets(walk):
    problems = []
    for seen in walk(ROWS[db.engine.dialect.name]):
        rule, path, answer = seen.rule, seen.path, seen.answer
        if rule.endpoint in pages.ANSWERS:
            problems += [f"{path}: {answer.status}"] * (answer.status_code != pages.ANSWERS[rule.endpoint])
            continue
        most_bytes, most_queries = pages.budget(rule.endpoint, bool(rule.arguments))
        if answer.status_code != 200 or answer.mimetype != "text/html":
            problems.append(f"{path}: {answer.status} {answer.mimetype} {answer.headers.get('Location', '')}")
        if len(answer.data) > most_bytes:
            problems.append(f"{path}: {len(answer.data)} bytes, at most {most_bytes}")
        if seen.queries > most_queries:
            problems.append(f"{path}: {seen.queries} queries, at most {most_queries}")
    assert problems == [], "\n".join(problems)


@pytest.mark.once
def test_queries_do_not_grow_with_the_rows(walk):
    few, many = ({seen.rule.endpoint: seen.queries for seen in walk(rows)} for rows in (0, ROWS["sqlite"]))
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name]} == {}


@pytest.mark.once
def test_every_link_and_form_of_ours_leads_somewhere(app, walk):
    dead = set()
    for path, answer in ((seen.path, seen.answer) for seen in walk(0)):
        if answer.mimetype == "text/html":
            soup = BeautifulSoup(unpacked(answer), "html.parser")
            targets = {tag.get("href") or tag.get("action") for tag in soup.select("a[href], form[action]")}
            dead |= {f"{path} -> {url}" for url in targets if url.startswith("/") and not leads_somewhere(app, url)}
    assert {link for link in dead if not link.partition(" -> ")[2].startswith(pages.LATER)} == set()


def unpacked(answer):
    return brotli.decompress(answer.data) if answer.content_encoding == "br" else answer.data


def leads_somewhere(app, url):
    path = url.partition("?")[0].partition("#")[0]
    adapter = app.url_map.bind("localhost")
    try:
        adapter.match(path)
    except NotFound:
        return False
    except (MethodNotAllowed, RequestRedirect):
        return True
    return True
