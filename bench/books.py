"""Debits a second on one purse and on many, and what the nightly proof of a long ledger takes."""

import multiprocessing
import resource
import statistics
import threading
import time
import uuid
from collections.abc import Callable
from multiprocessing.pool import ThreadPool

from sqlalchemy import select, text

from bench import counters, ground, messages
from bench.installation import Installation, installed
from gateways import queue
from models import Account, Enrollment, OwnerKind, TransferKind, db
from services import books, ledger
from services.ledger import Cause
from services.transaction import atomic

ENTRIES, LARGE = 10**6, 10**7
CLIENTS, PROCESSES, SECONDS, ROUNDS, PURSES = 16, 2, 4, 3, 1_000
PEOPLE = 100  # entries of the long ledger for each purse
_forked: dict[str, Installation] = {}  # what the processes find in themselves after the fork


# -- Debits ------------------------------------------------------------------------


def debits(site: Installation) -> dict[str, float]:
    """As an enrollment does it: the purse is locked while it holds enough, debited, and committed to the disk."""
    people = ground.trainees(site.app, PURSES, first=700_000, credit=10**12)
    course_id, _ = ground.course(site.app, 1)
    messages.enroll(site, course_id, people[0])
    with site.app.app_context():
        codes = [person.national_code for person in people]
        query = select(Account.id).where(Account.owner_kind == OwnerKind.NATIONAL, Account.owner_code.in_(codes))
        purses = list(db.session.scalars(query))
        enrollment_id = db.session.scalars(select(Enrollment.id)).one()
    found: dict[str, list[float]] = {"hot": [], "spread": []}
    for _ in range(ROUNDS):  # in turns, so that a busy machine slows both
        found["hot"].append(_rate(site, purses[:1], enrollment_id))
        found["spread"].append(_rate(site, purses, enrollment_id))
    return {f"debits_{name}_per_s": round(statistics.median(rates), 1) for name, rates in found.items()}


def _rate(site: Installation, purses: list[int], enrollment_id: int) -> float:
    _forked["site"] = site
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        shares = [(purses[k::PROCESSES] or purses, enrollment_id) for k in range(PROCESSES)]
        return sum(pool.starmap(_process, shares, chunksize=1))


def _process(purses: list[int], enrollment_id: int) -> float:
    site, threads = _forked["site"], CLIENTS // PROCESSES
    with site.app.app_context():
        db.engine.dispose(close=False)
        queue.reset(site.app)
    end, done = time.monotonic() + SECONDS, []

    def client(number: int) -> None:
        at = number
        while time.monotonic() < end:
            with site.app.app_context():
                _debit(purses[at % len(purses)], enrollment_id)
            done.append(1)
            at += threads

    began = time.monotonic()
    with ThreadPool(threads) as pool:
        pool.map(client, range(threads), chunksize=1)
    return len(done) / (time.monotonic() - began)


def _debit(purse_id: int, enrollment_id: int) -> None:
    cause = Cause(f"bench:{uuid.uuid4()}", TransferKind.DEBIT, enrollment_id)
    with atomic():
        assert ledger.holds(purse_id, 1)
        ledger.earn(purse_id, 1, cause)


# -- The nightly proof -------------------------------------------------------------

# A third of the entries are top-ups by payments, a third debits of enrollments, and a third their refunds.
_LEDGER = (
    """INSERT INTO account (owner_kind, owner_code, balance, created_at)
    SELECT 'national', '79' || lpad(g::text, 8, '0'), 0, now() FROM generate_series(1, :purses) g""",
    """CREATE TEMPORARY TABLE purse ON COMMIT DROP AS SELECT id, owner_code, row_number() OVER (ORDER BY id) - 1 AS n
    FROM account WHERE owner_code LIKE '79%'""",
    """INSERT INTO payment (id, order_number, receipt_key, form_key, gateway, state, amount, currency, reference,
    checks, created_at, settled_at) SELECT :base + g, 100000000000000 + g, md5(g::text), 'bench' || g, 'sep',
    'verified', 50000, 'IRR', 'R' || g, 1, now(), now() FROM generate_series(1, :third) g""",
    """INSERT INTO payment_line (id, payment_id, owner_kind, owner_code, amount, was_known)
    SELECT :base + g, :base + g, 'national', owner_code, 50000, true
    FROM generate_series(1, :third) g JOIN purse ON purse.n = g % :purses""",
    """INSERT INTO ledger_transfer (id, from_account_id, to_account_id, payment_line_id, kind, amount, cause_key, at)
    SELECT :base + g, :gateway, purse.id, :base + g, 'top_up', 50000, 'payment:' || :base + g, now()
    FROM generate_series(1, :third) g JOIN purse ON purse.n = g % :purses""",
    """INSERT INTO enrollment (id, form_key, form_hash, course_id, person_id, province_id, unit_id, payer_account_id,
    tracking_code, channel, debit_source, fee_rials, status, created_at)
    SELECT :base + g, 'bench:' || g, form_hash, course_id, person_id, province_id, unit_id, purse.id, 'B' || g, channel,
    debit_source, 50000, 'canceled', now() FROM generate_series(1, :third) g JOIN purse ON purse.n = g % :purses
    CROSS JOIN (SELECT * FROM enrollment ORDER BY id LIMIT 1) AS one""",
    """INSERT INTO ledger_transfer (id, from_account_id, to_account_id, enrollment_id, kind, amount, cause_key, at)
    SELECT :base + :third + g, purse.id, :income, :base + g, 'debit', 50000, 'bench-debit-' || g, now()
    FROM generate_series(1, :third) g JOIN purse ON purse.n = g % :purses""",
    """INSERT INTO ledger_transfer (id, from_account_id, to_account_id, enrollment_id, opposes_id, kind, amount,
    cause_key, at) SELECT :base + 2 * :third + g, :income, purse.id, :base + g, :base + :third + g, 'refund', 50000,
    'bench-refund-' || g, now() FROM generate_series(1, :third) g JOIN purse ON purse.n = g % :purses""",
    """UPDATE account SET balance = (SELECT sum(amount) FROM ledger_transfer WHERE to_account_id = account.id)
    - (SELECT coalesce(sum(amount), 0) FROM ledger_transfer WHERE from_account_id = account.id)
    WHERE id IN (SELECT id FROM purse)""",
)


def proof(entries: int) -> dict[str, float]:
    """Seconds and memory for a ledger of so many entries, in this process and in the database; it must be right."""
    with installed() as site:
        ground.foundations(site.app)
        site.start("valkey")
        course_id, _ = ground.course(site.app, 1)
        messages.enroll(site, course_id, ground.trainees(site.app, 1)[0])
        _grow(site, entries)
        with site.app.app_context():
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            (seconds, wrong), database = _watched(site, _timed)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    name = f"proof_{entries:.0e}".replace("e+0", "e")
    figures = {"s": round(seconds, 1), "mib": round(grown / 1024, 1), "database_mib": round(database), "wrong": wrong}
    return {f"{name}_{what}": value for what, value in figures.items()}


def _timed() -> tuple[float, int]:
    began = time.monotonic()
    wrong = books.check().count
    return time.monotonic() - began, wrong


def _grow(site: Installation, entries: int) -> None:
    """Written by the database itself, without its guards: the balances are set once, in the end."""
    with site.app.app_context():
        system = {code: ledger.account_id(OwnerKind.SYSTEM, code) for code in (ledger.GATEWAY, ledger.INCOME)}
        sizes = {"third": entries // 3, "purses": max(entries // PEOPLE, 1), "base": 10**6}
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _LEDGER:
            wanted = text(statement)
            values = {name: value for name, value in {**system, **sizes}.items() if f":{name}" in statement}
            db.session.execute(wanted, values)
        db.session.commit()
    ground.analyze(site.app, "VACUUM ANALYZE")


def _watched(site: Installation, work: Callable[[], tuple[float, int]]) -> tuple[tuple[float, int], float]:
    """What `work` answers, and how many MiB the database's processes have grown by meanwhile at most."""
    over, seen = threading.Event(), [counters.pss_mib(site.database_pids)]

    def watch() -> None:
        while not over.wait(0.2):
            seen.append(counters.pss_mib(site.database_pids))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        found = work()
    finally:
        over.set()
        watcher.join()
    return found, max(seen) - seen[0]
