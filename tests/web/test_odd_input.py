"""What no browser sends and every scanner does: numbers of 25 digits, NUL, signs that only look like digits.

No address and no form answers it with a failure of ours. The addresses, the values they look at and the forms are
found by walking, so a new page is attacked as soon as it exists. Each place gets one of the odd values, always the
same, values in addresses on one database, forms on the other, paths shared out between them; `make soak`
(`ODD_INPUT=all`) tries all of it on both.
"""

import os
import zlib

import pytest

from blueprints.typed import Typed
from models import db
from services import catalog
from tests.web import pages, posts, walking

pytestmark = pytest.mark.usefixtures("no_drawing")

LONG = "9" * 25
# More digits than Python turns into a number; a superscript is a digit and no number.
ODD = ("\0", f"1\0{LONG}", LONG, f"1_{LONG}", f"{LONG}_{LONG}", f"20261201-{LONG}", "9" * 5000, "²", "-1", "۱" * 25)
WORDS = ("\0", LONG, "9" * 5000)
NAMES = ("%00", LONG, "9" * 400, "²", "-1")  # in a path


def some(values: tuple[str, ...], place: str) -> tuple[str, ...]:
    """One of the values, which one depends on the place, so that together the places see all of them."""
    if os.environ.get("ODD_INPUT") == "all":
        return values
    return (values[zlib.crc32(place.encode()) % len(values)],)


def is_ours(place: str) -> bool:
    """Every second place is tried on PostgreSQL, the others on SQLite."""
    is_even = zlib.crc32(place.encode()) % 2 == 0
    return is_even == (db.engine.dialect.name == "postgresql") or os.environ.get("ODD_INPUT") == "all"


class Noting(Typed):
    """Remembers which values were asked for."""

    asked: set[str] = set()  # noqa: RUF012 (shared on purpose: one request at a time)

    def get(self, key, *args, **options):
        self.asked.add(key)
        return super().get(key, *args, **options)

    def __contains__(self, key):
        self.asked.add(key)
        return super().__contains__(key)


@pytest.fixture
def asked(app, monkeypatch):
    """`asked()`: the names of the values that requests have looked at since the last call."""

    class NotingRequest(app.request_class):
        parameter_storage_class = Noting

    monkeypatch.setattr(app, "request_class", NotingRequest)

    def _asked():
        names = set(Noting.asked)
        Noting.asked.clear()
        return names

    return _asked


@pytest.fixture
def world():
    catalog.forget()
    return pages.build()


@pytest.mark.only("sqlite")
def test_no_value_in_an_address_makes_a_page_fail(app, sign_in, world, asked):
    clients, failed, tried = walking.clients(app, sign_in, world), [], set()
    for rule in walking.gets(app):
        path = walking.path_of(app, rule, world)
        client = clients[pages.asked_by(path)]
        headers = {"HX-Request": "true"} if rule.endpoint in pages.FRAGMENTS else {}
        asked()
        client.get(path, headers=headers)
        for name in asked() - {"csrf_token"}:
            tried.add((rule.endpoint, name))
            failed += [
                f"{rule.endpoint}?{name}={odd[:30]!r}"
                for odd in some(ODD, f"{rule.endpoint}?{name}")
                if client.get(path, query_string={name: odd}, headers=headers).status_code == 500
            ]
    assert failed == [], "\n".join(failed)
    assert {("center.queue", "case"), ("center.course_new", "after"), ("center.enroll_start", "course")} <= tried


def test_no_number_or_name_in_a_path_makes_it_fail(app, sign_in, world):
    clients, failed = walking.clients(app, sign_in, world), []
    tokens = {who: walking.token(client, who) for who, client in clients.items()}
    for rule in app.url_map.iter_rules():
        method = "POST" if "POST" in rule.methods else "GET"
        for path in (path for odd in NAMES for path in walking.odd_paths(rule, odd) if is_ours(f"{method} {path}")):
            who = pages.asked_by(path)
            data = {"csrf_token": tokens[who], "reason": "دلیل"} if method == "POST" else None
            answer = clients[who].open(path, method=method, data=data)
            failed += [f"{method} {path}"] * (answer.status_code == 500)
    assert failed == [], "\n".join(failed)


@pytest.mark.only("postgresql")
def test_no_value_in_a_form_makes_it_fail(app, sign_in, world):
    failed, seen = [], set()
    for name in posts.SCENES:
        view = app.view_functions[name.partition(" ")[0]]
        if view not in seen:
            failed += attack(name, lambda: posts.open_form(app, sign_in, world, name))  # noqa: B023 (used at once)
        seen.add(view)
    assert failed == [], "\n".join(failed)


def attack(name, open_form):
    """The fields of a form that make it fail; it is opened anew for the next when it has been taken."""
    failed, (form, client), is_taken = [], open_form(), False
    for field in sorted({field for field, _ in form.fields} - {"csrf_token"}):
        for odd in some(WORDS, f"{name}: {field}"):
            form, client = open_form() if is_taken else (form, client)
            answer = client.post(form.url, data=form.put(field, odd).data)
            failed += [f"{name}: {field}={odd[:30]!r}"] * (answer.status_code == 500)
            is_taken = answer.status_code < 400
    return failed
