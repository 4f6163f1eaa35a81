"""Sends every form of every role once with effect: it is taken, and within its queries, however many rows there are."""

import pytest

from models import db
from services import catalog
from tests.web import pages, posts

# A form that shows its result at once, because nothing may show it again.
SHOWN = {"center_users.user_code", "province_users.user_code", "hq_users.user_code", "ops.exchange_file"}

pytestmark = pytest.mark.usefixtures("no_minutes")


@pytest.fixture
def world():
    catalog.forget()
    world = pages.build()
    pages.grow(world, 6)
    return world


def test_every_form_is_sent_somewhere(app):
    taking = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    sent = {name.partition(" ")[0] for name in posts.SCENES}
    assert taking - sent - set(posts.NOWHERE) == set(), "add these to SCENES in tests/web/posts.py"
    assert (sent | set(posts.NOWHERE)) - taking == set(), "gone"
    assert set(posts.WAIVED) <= set(posts.SCENES), "gone"


def test_every_form_is_taken_within_its_queries(app, sign_in, queries, world):
    problems = []
    for name in posts.SCENES:
        form, client = posts.open_form(app, sign_in, world, name)
        catalog.forget()
        db.session.rollback()
        with queries() as seen:
            answer = client.post(form.url, data=form.data)
        most = posts.WAIVED.get(name, posts.QUERIES)
        if answer.status_code != (200 if name in SHOWN else 303):
            problems.append(f"{name}: {answer.status}")
        if len(seen) > most:
            problems.append(f"{name}: {len(seen)} queries, at most {most}")
    assert problems == [], "\n".join(problems)
