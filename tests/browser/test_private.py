"""Codes, mobiles and names of people stay out of logs, jobs, metrics, addresses and the trail, whatever happens."""

import base64
import binascii
import json
import logging
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote

import pytest
from bs4 import BeautifulSoup
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import create_engine, insert, text
from sqlalchemy.exc import IntegrityError

from models import AuditEvent, Outbox, OutsideSystem, Person
from services import database, logs
from services.text import persian_digits
from tests.browser import by_http
from tests.browser.by_http import Client, someone, until

FIRST, LAST, TYPED = "شیداژ", "ژرفپناه", "پژمانژاد"


class Secrets:
    """What must be found nowhere, in each form in which it could stand there."""

    def __init__(self, people):
        self.words = {FIRST, LAST, TYPED}
        for person in people:
            code, mobile = person["national_code"], person["mobile"]
            self.words |= {code, persian_digits(code), mobile[1:], persian_digits(mobile)[1:]}

    def found(self, said):
        """The secrets in a text, which may be written for an address or for JSON, packed, or all of it."""
        return sorted({word for word in self.words for reading in readings(said) if word in reading})


def readings(said):
    raw = said if isinstance(said, bytes) else said.encode()
    plain = raw.decode(errors="replace")
    yield plain
    yield unquote(plain)
    yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), plain)
    for packed in (raw, *(decoded(part) for part in re.split(r"[^\w=-]+", plain) if len(part) > 8)):
        try:
            yield from readings(zlib.decompress(packed))
        except zlib.error:
            yield packed.decode(errors="replace")


def decoded(part):
    try:
        return base64.urlsafe_b64decode(part.lstrip(".") + "=" * (-len(part.lstrip(".")) % 4))
    except (binascii.Error, ValueError):
        return b""


@pytest.fixture(scope="module")
def people(house):
    names = {"first_name": FIRST, "last_name": LAST}
    known = [
        someone(**names, mobile=f"0919{number:07d}")
        for number in (7_418_529, 6_305_174, 9_627_481, 5_290_863, 8_136_042)
    ]
    house.control("/people", known)
    return known


@pytest.fixture(scope="module")
def secrets(people):
    return Secrets(people)


@pytest.fixture(scope="module")
def lived(house, books, people):
    """A day with these people: what goes well and what fails. Gives the browsers, with all they have seen."""
    course = books.roomy_course()
    books.top_up(people[1]["national_code"], 10_000_000)
    desk, own, manager = by_http.clerk(house), by_http.trainee(house, people[1]), by_http.clerk(house, "manager1")
    with books.stopped("jobs.worker", "jobs.dispatcher"):  # what is in the queue stays there to be looked at
        go_well(desk, own, course, people)
        waiting = everything_in(queue_of(house))
    go_wrong(house, books, desk, course, people)
    books.settle(people[:1], 120)
    look_around(house, manager, people)
    return {"clerk": desk, "trainee": own, "manager": manager, "waiting": waiting}


def queue_of(house):
    """The embedded queue server; where its socket is stands in the lock."""
    folder = (house.installation.data / "lock").read_text().strip()
    return Redis.from_url(f"unix://{folder}/valkey.sock")


def everything_in(queue):
    """Every key with its value, whatever its type."""
    read = {
        "string": queue.get,
        "hash": queue.hgetall,
        "list": lambda key: queue.lrange(key, 0, -1),
        "set": queue.smembers,
        "zset": lambda key: queue.zrange(key, 0, -1),
        "stream": queue.xrange,
        "none": lambda _key: None,  # it ran out of time since it was listed
    }
    return {key: read[queue.type(key).decode()](key) for key in queue.keys("*")}


def go_well(desk, own, course, people):
    """Enrollments at the desk and by oneself, the slip as its owner and as a stranger, and one taken back."""
    made = by_http.enroll(desk, course, people[0])
    mine = by_http.enroll_oneself(own, course, people[1])
    stranger = Client(desk.house)
    for one in (made, mine):
        code = one.slip.partition("/slip/")[2].partition("?")[0]
        stranger.get(f"/slip/{code}")
    asked = stranger.send_form(stranger.get("/track"), "code", code=code)
    assert "کد پیامکی" in stranger.send_form(asked, "code", code="000000").text
    form = BeautifulSoup(own.get("/trainee").content, "html.parser").select_one("a[href*=withdraw]")
    own.get(form["href"]) if form else None
    own.send_form(own.get("/auth/trainee/sessions"), "csrf_token")


def go_wrong(house, books, desk, course, people):
    """Refusals, another name than the registry's, systems that fail, a database that refuses, a session that ends."""
    again = by_http.open_desk(desk, course, people[0])
    assert desk.send_form(again, "debit_source", **by_http.desk_values(people[0])).status_code >= 400
    bad = {"national_code": people[0]["national_code"][:-1] + "x"}
    desk.send_form(desk.get("/center/enroll"), "national_code", **bad)
    desk.get("/center/enroll/nothing")
    house.switch("all", "html")
    before = house.control("/counts").get("registry", {})
    other = by_http.open_desk(desk, course, people[2])
    names = {"first_name": TYPED, "last_name": TYPED}
    desk.send_form(other, "debit_source", **by_http.desk_values(people[2]), **names)
    until(lambda: house.control("/counts").get("registry", {}) != before)
    house.switch("all", "up")
    fail(books, desk, course, people[3:5])
    lose_session(desk, course, people[3])


def fail(books, desk, course, people):
    """The database refuses a person's row in the middle of the work, then what a job about another writes down."""
    page = by_http.open_desk(desk, course, people[0])
    values = by_http.desk_values(people[0]) | {"first_name": TYPED, "last_name": TYPED}
    with refusing(books, "person"):
        answer = desk.send_form(page, "debit_source", **values)
    assert answer.status_code == 500
    with refusing(books, "inquiry"):
        by_http.enroll(desk, course, people[1])
        log = desk.house.installation.data / "log/jobs.log"
        until(lambda: "the handler failed" in log.read_text())


@contextmanager
def refusing(books, table) -> Iterator[None]:
    """Every new row of the table is refused by the database, which says so with the row's values where it can."""
    if books.engine.dialect.name == "sqlite":
        make = f"CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'refused'); END"
        undo = "DROP TRIGGER refuse"
    else:
        make = f"ALTER TABLE {table} ADD CONSTRAINT refuse CHECK (id < 0) NOT VALID"
        undo = f"ALTER TABLE {table} DROP CONSTRAINT refuse"
    books.run(text(make))
    try:
        yield
    finally:
        books.run(text(undo))


def lose_session(desk, course, person):
    """The form is sent after the session has ended and waits for its owner."""
    page = by_http.open_desk(desk, course, person)
    other = by_http.clerk(desk.house)
    other.send_form(other.get("/auth/sessions"), "csrf_token")
    desk.cookies.clear()
    kept = desk.send_form(page, "debit_source", **by_http.desk_values(person))
    assert "نگه داشته شد" in kept.text
    desk.send_form(kept, "username", username="clerk1", password=by_http.PASSWORD)


def look_around(house, manager, people):
    """Every page that lists people or work, a colleague searched by code and a new one made."""
    pages = [
        "/center",
        "/center/discrepancies",
        "/center/staff",
        "/center/courses",
        "/auth/sessions",
        "/metrics",
        "/status",
    ]
    for path in pages:
        assert manager.get(path).ok, path
    manager.send_form(manager.get("/center/staff"), "q", q=people[3]["national_code"])
    new = {"first_name": FIRST, "last_name": LAST, "national_code": people[3]["national_code"], "role": "clerk"}
    manager.send_form(manager.get("/center/staff/new"), "username", username="new.one", **new)
    case = BeautifulSoup(manager.get("/center/discrepancies").content, "html.parser").select_one(
        "main a[href*='discrepancies/']"
    )
    assert case is not None, "the typed name made no discrepancy"
    manager.get(case["href"])
    operator = by_http.clerk(house, "operator1")
    for path in ("/ops", "/ops/jobs", "/ops/outside"):
        assert operator.get(path).ok, path
    manager.seen += operator.seen


def ours(house, lived):
    """Every answer of the product that any of the browsers got."""
    return [
        answer
        for who in ("clerk", "trainee", "manager")
        for answer in lived[who].seen
        if answer.url.startswith(house.base)
    ]


# -- Where it must not be ----------------------------------------------------------


def test_the_search_finds_a_secret_in_every_shape(secrets, people):
    code = people[0]["national_code"]
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps({"q": LAST}).encode())).decode()
    for said in (
        code,
        persian_digits(code),
        quote(LAST),
        json.dumps(LAST),
        f"a.{packed}.b",
        zlib.compress(code.encode()),
    ):
        assert secrets.found(said), said
    assert not secrets.found("x" * 40)


def test_no_log_has_them(house, lived, secrets):
    logs = {
        path.name: path.read_text()
        for path in (house.installation.data / "log").iterdir()
        if "sandbox" not in path.name
    }
    assert {"web.log", "jobs.log"} <= set(logs)
    assert "failure" in logs["web.log"]
    assert "the handler failed" in logs["jobs.log"]
    logs["said"] = house.installation.said()
    assert {name: secrets.found(said) for name, said in logs.items() if secrets.found(said)} == {}


def test_control_a_log_that_tells_messages_and_values_has_them(books, lived, secrets, people):
    open_book = database.engine_options(str(books.engine.url)) | {"hide_parameters": False}
    engine = create_engine(books.engine.url, **open_book)
    row = {"national_code": people[0]["national_code"], "first_name": FIRST, "last_name": LAST, "is_alive": True}
    with pytest.raises(IntegrityError) as caught, engine.connect() as connection:
        connection.execute(insert(Person).values(**row))
    engine.dispose()
    said = ("x", logging.ERROR, "f", 1, "failed", (), (caught.type, caught.value, caught.tb))
    assert secrets.found(logging.Formatter().format(logging.LogRecord(*said)))
    assert not secrets.found(logging.Formatter().format(logs.record(*said)))


def test_no_job_and_no_key_of_the_queue_has_them(house, lived, secrets):
    jobs = [key for key in lived["waiting"] if key.startswith(b"rq:job:")]
    assert jobs, "nothing was in the queue"
    assert found_in(lived["waiting"], secrets) == {}
    assert found_in(everything_in(queue_of(house)), secrets) == {}


def found_in(entries, secrets):
    """The secrets in the keys and values of a queue server, by key and field."""
    found = {}
    for key, value in entries.items():
        for name, part in value.items() if isinstance(value, dict) else [(key, value)]:
            if words := secrets.found(part if isinstance(part, bytes) else repr(part)):
                found[key, name] = words
    return found


def test_control_a_name_given_to_a_job_is_found_in_the_queue(house, secrets):
    nobodys = Queue("control", connection=queue_of(house), serializer=JSONSerializer)
    job = nobodys.enqueue("jobs.outbox.sit", LAST)
    found = found_in(everything_in(queue_of(house)), secrets)
    nobodys.delete(delete_jobs=True)
    assert [LAST] in [words for (key, _), words in found.items() if key.decode().endswith(job.id)]


@pytest.mark.parametrize("table", [Outbox, AuditEvent, OutsideSystem], ids=lambda table: table.__tablename__)
def test_no_row_about_work_has_them(books, lived, secrets, table):
    rows = books.rows(table.__table__.select())
    assert rows
    assert [row for row in rows if secrets.found(json.dumps([str(value) for value in row], ensure_ascii=False))] == []


def test_no_address_asked_for_led_to_or_linked_has_them(house, lived, secrets):
    addresses = set()
    for answer in ours(house, lived):
        addresses |= {answer.url, answer.headers.get("Location", ""), answer.headers.get("HX-Redirect", "")}
        if "html" in answer.headers.get("Content-Type", ""):
            soup = BeautifulSoup(answer.text, "html.parser")
            for name in ("href", "action", "src", "hx-get", "hx-post"):
                addresses |= {tag[name] for tag in soup.select(f"[{name}]") if not tag[name].startswith("tel:")}
    assert len(addresses) > 60
    assert {address: secrets.found(address) for address in addresses if secrets.found(address)} == {}


def test_no_cookie_and_no_other_header_has_them(house, lived, secrets):
    for answer in ours(house, lived):
        assert secrets.found(str(answer.headers)) == [], answer.url


def test_no_title_of_a_page_has_them_for_the_history_of_a_shared_computer(house, lived, secrets):
    # A colleague's own page is called by their name.
    seen = [answer for answer in ours(house, lived) if "/center/staff/" not in answer.url]
    pages = [BeautifulSoup(answer.text, "html.parser") for answer in seen if "html" in answer.headers["Content-Type"]]
    titles = {page.title.get_text() for page in pages if page.title}
    assert {title for title in titles if secrets.found(title)} == set()


def test_neither_metrics_nor_pages_of_refusal_nor_operators_pages_have_them(house, lived, secrets):
    found = [
        answer
        for answer in ours(house, lived)
        if re.search("/(metrics|status|readyz|ops)", answer.url) or answer.status_code in (404, 500)
    ]
    # Whoever sent a form that failed gets it back, filled, to send it again.
    found = [answer for answer in found if answer.status_code != 500 or "ارسال دوباره" not in answer.text]
    assert {200, 404} <= {answer.status_code for answer in found}
    assert [answer.url for answer in found if secrets.found(answer.text)] == []
