"""Every page of every role in Chromium, on a phone and on a desk: axe finds nothing, nothing is wider than the window.

With `SCREENSHOTS=folder` each page is kept as a picture, to be looked at beside the mock.
"""

import os
from pathlib import Path
from urllib.parse import quote

import pytest

from models import db
from services import catalog
from tests import databases
from tests.web import pages
from tests.web.bare import axe_violations, patient, served, sticks_out

WIDTHS, HEIGHT = (360, 1280), 740
# Who walks: each sees the pages of their own side, so that two browsers can share the work.
WALKERS = ("visitor", "trainee", "center", "province", "hq", "instructor", "ops")


@pytest.fixture(scope="module")
def made():
    """The world and the file of its database, once they are made: a fifth of this file's time if each test did it."""
    return []


@pytest.fixture
def world(app, made):
    catalog.forget()
    if made:
        world, file = made
        databases.bring_back(db.engine, file)
        world.rejoin()
    else:
        world = pages.build()
        pages.grow(world, 3)
        made[:] = world, databases.keep(db.engine)
    return world


@pytest.fixture
def open_as(app, sign_in, world, browser):
    """`open_as(who)`: a page of a browser in which this person is signed in."""
    contexts = []

    def _open(who, address):
        narrow = {"width": WIDTHS[0], "height": HEIGHT}
        context = patient(browser, base_url=address, viewport=narrow, locale="fa-IR")
        contexts.append(context)
        if who != "visitor":
            client = sign_in(world.trainee if who == "trainee" else world.staff[who])
            context.add_cookies(
                [{"name": cookie.key, "value": cookie.value, "url": address} for cookie in client._cookies.values()]
            )
        return context.new_page()

    yield _open
    for context in contexts:
        context.close()


def addresses(app, world, *who):
    """(endpoint, path) of every page that these people ask for."""
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in pages.ANSWERS or rule.endpoint in pages.FRAGMENTS:
            continue
        if pages.asked_by(rule.rule) not in who:
            continue
        db.session.rollback()  # the page before may have written: what is made now must not stand on an older snapshot
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **pages.fill(rule.arguments, rule.endpoint, world))
        yield rule.endpoint, path


def look(page, endpoint, path):
    """What is wrong with one page at any width; what axe looks at are the same elements at every width."""
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    answer = page.goto(path)
    if answer.status != 200:
        return [f"{path}: {answer.status}"]
    wrong = [f"{path}: {each}" for each in axe_violations(page)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        wrong += [f"{path} at {width}: sticks out: {each}" for each in sticks_out(page)]
        picture(page, f"{endpoint}-{width}.png")
    return wrong


def picture(page, name):
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder, name), full_page=True)


@pytest.mark.parametrize("who", WALKERS)
def test_axe_finds_nothing_and_nothing_sticks_out(app, world, open_as, who):
    problems, seen = [], 0
    with served(app) as address:
        page = open_as(who, address)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        for endpoint, path in addresses(app, world, who):
            problems += look(page, endpoint, path)
            seen += 1
    assert seen > 0
    assert problems == [], "\n".join(problems)


def test_every_page_has_somebody_who_walks_it(app, world):
    walked = {endpoint for endpoint, _ in addresses(app, world, *WALKERS)}
    shown = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    assert shown - walked - set(pages.ANSWERS) - set(pages.FRAGMENTS) == set()


def test_a_page_that_is_too_wide_and_one_that_axe_refuses_are_found(open_as):
    page = open_as("visitor", "http://127.0.0.1")
    page.goto("data:text/html," + quote("<!doctype html><html><body><p>" + "x" * 500 + "<img src='x'></body></html>"))
    assert sticks_out(page)
    assert any(line.startswith("image-alt") for line in axe_violations(page))
