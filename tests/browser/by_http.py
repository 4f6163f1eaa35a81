"""The running installation used by plain HTTP, as a browser without scripts does, and a look into its database."""

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup
from sqlalchemy import Engine, create_engine, insert, or_, select, update

from models import (
    Account,
    BreakerState,
    Course,
    Gender,
    LedgerTransfer,
    Message,
    MessageState,
    MobileStatus,
    Outbox,
    OutboxState,
    OutsideSystem,
    Person,
    TransferKind,
    User,
    UserRole,
    utcnow,
)
from sandbox.systems import decile
from services import codes, courses, database, jalali
from tests import make
from tests.browser.conftest import PASSWORD, House

_numbers = itertools.count(310_000_000)  # nobody of the demo data; every installation is new


def someone(**over: Any) -> dict[str, Any]:
    """A person nobody has seen yet, as the sandbox is told of them; of a household that pays fees."""
    number = next(number for number in _numbers if decile.of(make.national_code(number)) > 5)
    return {
        "national_code": make.national_code(number), "first_name": "آرزو", "last_name": "یوسفی‌نیا", "alive": True,
        "father_name": "بهرام", "gender": "female", "birth_date": "2001-03-21", "shenasname_no": "12",
        "mobile": f"0913{number % 10_000_000:07d}",
    } | over  # fmt: skip


def until(find: Callable[[], Any], seconds: float = 90) -> Any:
    """The first true value of `find`, asked again and again."""
    end = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.2)
    return found


class Client(requests.Session):
    """A browser without scripts: addresses relative to the product, forms filled by name."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house
        self.seen: list[requests.Response] = []

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs.setdefault("timeout", 90)
        answer = super().request(method, urljoin(self.house.base, url), *args, **kwargs)
        self.seen += [*answer.history, answer]
        return answer

    def send_form(self, page: requests.Response, field: str, **values: Any) -> requests.Response:
        """Send the form of the page that has the field, with what stands in it and the given values over that."""
        action, filled = form_with(page, field)
        return self.post(urljoin(page.url, action), data=filled | values)


def form_with(page: requests.Response, field: str) -> tuple[str, dict[str, str]]:
    """Where the first form with the field is sent, and what a browser would send of it untouched."""
    soup = BeautifulSoup(page.content, "html.parser")
    form = next((form for form in soup.select("form[method=post]") if form.select_one(f"[name='{field}']")), None)
    assert form is not None, f"no form with {field} at {page.url}: {soup.select_one('main')}"
    filled = {}
    for tag in form.select("input[name], select[name], textarea[name]"):
        if tag.name == "select":
            chosen = tag.select_one("option[selected]") or tag.select_one("option")
            filled[tag["name"]] = chosen.get("value", "") if chosen else ""
        elif tag.get("type") not in ("radio", "checkbox", "submit") or tag.has_attr("checked"):
            filled[tag["name"]] = tag.get("value", tag.get_text())
    return str(form.get("action") or page.url), filled


def clerk(house: House, username: str = "clerk1") -> Client:
    client = Client(house)
    answer = client.send_form(client.get("/auth/login"), "username", username=username, password=PASSWORD)
    assert "/auth/login" not in answer.url, answer.text
    return client


def trainee(house: House, person: dict[str, Any], next_: str = "/trainee") -> Client:
    """Somebody signed in at the national window."""
    client = Client(house)
    answer = client.get(at_the_window(client, person, next_))
    assert answer.ok, answer.text
    return client


def at_the_window(client: Client, person: dict[str, Any], next_: str = "/trainee") -> str:
    """Sign in at the window as far as the way back, which is given and not gone."""
    window = client.get("/auth/sso", params={"next": next_, "anyway": "1"})  # also after it was down
    action, filled = form_with(window, "national_code")
    filled["national_code"] = person["national_code"]
    answer = client.post(urljoin(window.url, action), data=filled, allow_redirects=False)
    return answer.headers["Location"]


@dataclass
class Made:
    """One enrollment: how long it took from the first page to the slip, all pages together, and where the slip is."""

    person: dict[str, Any]
    seconds: float
    slip: str


def open_desk(client: Client, course: str, person: dict[str, Any]) -> requests.Response:
    start = client.get("/center/enroll", params={"course": course})
    desk = client.send_form(start, "national_code", national_code=person["national_code"])
    assert "/center/enroll/" in desk.url, desk.text
    return desk


def desk_values(person: dict[str, Any]) -> dict[str, Any]:
    """What a clerk writes about a person whose name nobody knows."""
    born = jalali.parts(date.fromisoformat(person["birth_date"]))
    parts = {f"birth_date-{part}": str(value) for part, value in zip("ymd", born, strict=True)}
    return {**parts, "mobile": person["mobile"], "debit_source": "portal_user"}


def enroll(client: Client, course: str, person: dict[str, Any]) -> Made:
    """At the desk, from the question for the national code to the slip page."""
    began = time.monotonic()
    desk = open_desk(client, course, person)
    done = client.send_form(desk, "debit_source", **desk_values(person))
    return Made(person, *_slip(client, done, began))


def enroll_oneself(client: Client, course: str, person: dict[str, Any]) -> Made:
    began = time.monotonic()
    page = client.get(f"/trainee/enroll/{course}")
    done = client.send_form(page, "form_key")
    assert "/slip/" in done.url, done.text
    return Made(person, time.monotonic() - began, done.url)


def _slip(client: Client, done: requests.Response, began: float) -> tuple[float, str]:
    link = BeautifulSoup(done.content, "html.parser").select_one("a[href^='/slip/']")
    assert link is not None, done.text
    assert client.get(link["href"]).status_code == 200
    return time.monotonic() - began, str(link["href"])


class Books:
    """The database of the installation, for what a test must arrange or cannot see on a page."""

    def __init__(self, house: House) -> None:
        self.house = house

    @cached_property
    def engine(self) -> Engine:
        given = self.house.installation.settings.get("DATABASE_URL")
        url = given or f"sqlite:///{self.house.installation.data}/doreh.sqlite3"
        engine = create_engine(url, **database.engine_options(url))
        database.listen(engine)
        return engine

    def rows(self, statement: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(statement))

    def run(self, *statements: Any) -> None:
        with self.engine.connect().execution_options(write=True) as connection, connection.begin():
            for statement in statements:
                connection.execute(statement)

    def roomy_course(self, username: str = "clerk1", *, after: str = "") -> str:
        """The code of an open course of the user's unit with room for hundreds, and money in the user's purse.

        It is another course than the one with the code `after`.
        """
        unit, code = self.rows(
            select(UserRole.unit_id, Person.national_code)
            .join(User, User.id == UserRole.user_id).join(Person, Person.id == User.person_id)
            .where(User.username == username)
        )[0]  # fmt: skip
        self.top_up(code, 100_000_000)
        wanted = (
            Course.unit_id == unit,
            Course.gender != Gender.MALE,
            courses.enrollable(utcnow()),
            Course.code != after,
        )
        course = self.rows(select(Course.code).where(*wanted).order_by(Course.id).limit(1))[0].code
        self.run(update(Course).where(Course.code == course).values(capacity_max=500))
        return str(course)

    def top_up(self, national_code: str, amount: int) -> None:
        """Money from the gateway's purse, as every rial comes."""
        purse, owner = Account.__table__, ("national", national_code)
        if not self.rows(select(purse).where(purse.c.owner_code == national_code)):
            self.run(insert(Account).values(owner_kind=owner[0], owner_code=owner[1], balance=0, created_at=utcnow()))
        ids = dict(
            self.rows(select(purse.c.owner_code, purse.c.id).where(purse.c.owner_code.in_(["gateway", owner[1]])))
        )
        key, at = f"test:{codes.tracking_code()}", utcnow()
        legs = {"from_account_id": ids["gateway"], "to_account_id": ids[national_code], "amount": amount}
        self.run(insert(LedgerTransfer).values(kind=TransferKind.TOP_UP, cause_key=key, at=at, **legs))

    def hurry(self) -> None:
        """Let the waiting times of what has failed be over, as they would be by themselves after some minutes.

        Somebody has come in by the window meanwhile, to which nobody else is sent while it is taken for down.
        """
        held = or_(Outbox.lease_until.is_(None), Outbox.lease_until == Outbox.next_try_at)  # nobody is at work on it
        waits = (Outbox.state == OutboxState.OPEN, Outbox.next_try_at > utcnow() + timedelta(seconds=2), held)
        self.run(
            update(Outbox).where(*waits).values(next_try_at=utcnow(), lease_until=None),
            update(OutsideSystem).where(OutsideSystem.breaker == BreakerState.OPEN).values(probe_at=utcnow()),
            update(OutsideSystem).where(OutsideSystem.code == "sso").values(breaker=BreakerState.CLOSED, failures=0),
        )

    def is_settled(self, person: dict[str, Any]) -> bool:
        """Whether the official name is in, the mobile is matched, and both were told to the phone, each once.

        A text on the phone is not enough: where the provider did not answer, we do not know yet that it went.
        """
        query = select(Person.id, Person.last_name, Person.mobile_status)
        found = self.rows(query.where(Person.national_code == person["national_code"]))
        if [tuple(row)[1:] for row in found] != [(person["last_name"], MobileStatus.MATCHED)]:
            return False
        went = (MessageState.SENT, MessageState.DELIVERED)  # the clock asks now and then what has arrived
        states = self.rows(select(Message.state).where(Message.person_id == found[0].id))
        if [row.state in went for row in states] != [True, True]:
            return False
        phone = self.house.control(f"/phones/{person['mobile']}")
        handed_over, texts = phone["by_uid"], [message["text"] for message in phone["messages"]]
        assert set(handed_over.values()) <= {1}, f"a message went out twice: {handed_over}"
        assert len(texts) == len(set(texts)), f"a text came twice: {texts}"
        return len(texts) == 2  # the confirmation, and that the name has come

    @contextmanager
    def stopped(self, *words: str) -> Iterator[None]:
        """The processes take connections and do nothing, as on a machine that hangs; none of them holds a lock."""
        pids = [self._stop(name) for name in words]
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _stop(self, words: str) -> int:
        """Stop a process at a moment when it does not write: SQLite lets one write at a time, and waits for it."""
        while True:
            pid = self.house.installation.kill(words, signal.SIGSTOP)
            if self._is_writable():
                return pid
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.05)

    def _is_writable(self) -> bool:
        if self.engine.dialect.name != "sqlite":
            return True
        driver = database.sqlite_driver()
        connection = driver.connect(str(self.engine.url.database), timeout=0.3, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            return True
        except driver.OperationalError:
            return False
        finally:
            connection.close()

    def settle(self, people: list[dict[str, Any]], seconds: float) -> None:
        """What was left open is done soon after the systems are back; the gaps between tries are cut short."""
        end = time.monotonic() + seconds
        while not all(self.is_settled(person) for person in people):
            assert time.monotonic() < end, [person for person in people if not self.is_settled(person)]
            self.hurry()
            time.sleep(1)
