"""Addresses by postal code and deciles, asked like everything outside: answers kept sealed, and erased by the clock."""

import datetime as dt
import json
import subprocess
import sys

import pytest
from sqlalchemy import select

import gateways
from gateways.address import Address
from gateways.decile import Decile
from models import IncomeDecile, Inquiry, InquiryAnswer, Person, db, utcnow
from services import addresses, deciles, inquiries, people, policy
from services.errors import DomainError
from services.transaction import atomic
from tests import fakes, make, owed

POSTAL = "4916735741"


@pytest.fixture
def outside(app, sandbox, monkeypatch):
    monkeypatch.setitem(app.config, "SET_UP", app.config["SET_UP"] | {"ADDRESS", "DECILE"})
    post = Address(f"{sandbox.url}/address", "doreh", 5.0)
    ministry = Decile(f"{sandbox.url}/decile", "doreh", "doreh-sandbox", 5.0)
    with fakes.installed(app, address=post, decile=ministry):
        yield sandbox


def fresh(person: Person) -> Person:
    db.session.rollback()
    return db.session.get_one(Person, person.id, populate_existing=True)


def outcomes() -> list[str]:
    return list(db.session.scalars(select(Inquiry.outcome).order_by(Inquiry.id)))


def test_a_postal_code_brings_the_address_once_and_another_one_lets_it_go(outside):
    person = make.person()
    assert addresses.give(person.id, "۴۹۱۶۷-۳۵۷۴۱", people.SELF)
    owed.run("address")
    assert "گرگان" in fresh(person).address
    assert not addresses.give(person.id, POSTAL, people.SELF)
    assert addresses.give(person.id, "4916735740", people.CLERK)  # the post knows nobody there
    owed.again("address")
    assert (fresh(person).address, fresh(person).postal_code, outcomes()) == (None, "4916735740", ["match", "no_match"])
    with pytest.raises(DomainError):
        addresses.give(person.id, "0" * 10, people.SELF)


@pytest.mark.parametrize("fault", ["error500", "wrong"])
def test_what_is_unclear_changes_nothing_and_is_asked_again(outside, fault):
    person = make.person()
    addresses.give(person.id, POSTAL, people.SELF)
    outside.switch("address", fault)
    owed.run("address")
    assert (fresh(person).address, owed.row("address").state) == (None, "open")
    outside.switch("address", "up")
    owed.again("address")
    assert (fresh(person).address is not None, outcomes()[-1]) == (True, "match")


def codes_ending(digit: str) -> str:
    return next(code for code in map(make.national_code, range(77_000_000, 77_001_000)) if code.endswith(digit))


def test_a_decile_is_asked_where_a_tariff_depends_on_one_and_none_holds(outside):
    person = make.person(national_code=codes_ending("7"))
    ask(person)
    assert owed.rows("decile") == []  # no tariff by decile
    make.tariff(10_000, decile=3)
    ask(person)
    ask(person)
    owed.run("decile")
    row = db.session.query(IncomeDecile).one()
    assert (row.decile, row.source, row.valid_from) == (3, deciles.SOURCE, policy.today())
    ask(person)
    assert len(owed.rows("decile")) == 1
    row.valid_from = policy.today() - dt.timedelta(days=400)
    db.session.commit()
    ask(person)
    assert len(owed.rows("decile")) == 2


def ask(person: Person) -> None:
    with atomic():
        deciles.owe(people.locked(person.id))


def test_the_answer_is_kept_sealed_for_its_time_and_erased_then(outside):
    person = make.person()
    addresses.give(person.id, POSTAL, people.SELF)
    owed.run("address")
    kept = db.session.query(InquiryAnswer).one()
    assert "گرگان" not in kept.sealed
    assert json.loads(inquiries.said(kept.inquiry_id) or "")["result"]["townShip"] == "گرگان"
    assert inquiries.erase(utcnow()) == 0
    assert inquiries.erase(utcnow() + dt.timedelta(days=91)) == 1
    assert (db.session.query(InquiryAnswer).count(), len(outcomes()), gateways.address() is None) == (0, 1, False)


@pytest.mark.once
def test_a_worker_knows_what_every_message_says_and_where_it_goes():
    """A template that is not registered in a worker would be sent as it is stored: a code as six asterisks."""
    asked = (
        "import jobs.worker, jobs.outbox; from services import messages; print(*messages.RENDERED, *messages.ADDRESSED)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)
    assert set(done.stdout.split()) >= {"mobile_code", "mobile_left"}
