"""Loads the enrollments with the purses that paid for them; every rial moves by a transfer, in the order of time."""

import datetime as dt
import hashlib
import random
import uuid
from collections import Counter
from typing import Any

from sqlalchemy import select

from models import (
    Account,
    Discrepancy,
    EnrollmentEvent,
    EnrollmentStatus,
    InPersonReason,
    LedgerTransfer,
    OwnerKind,
    TransferKind,
    db,
)
from models import Enrollment as EnrollmentRow
from scripts.demo import letters, people, units
from scripts.demo.crowd import Crowd
from scripts.demo.enrollments import Enrollment
from scripts.demo.ground import Ground
from scripts.demo.payments import Visits
from scripts.demo.people import Human
from scripts.reference import rules
from scripts.reference.rows import Rows
from services import codes, jalali, text
from services.ledger import GATEWAY, INCOME, Cause

TOP_UP_OF_STAFF = 2_000_000
TOP_UPS_OF_TRAINEES = (50_000, 50_000, 50_000, 100_000, 150_000)


class Purses:
    """Keeps what each purse holds while transfers are collected, so that none is debited below zero."""

    def __init__(self, rows: Rows, visits: Visits, began: dt.datetime) -> None:
        self.rows = rows
        self.visits = visits
        self.began = began
        # The migrations have made the system's own purses.
        query = select(Account.owner_kind, Account.owner_code, Account.id)
        self.ids = {(kind, code): number for kind, code, number in db.session.execute(query)}
        self.balances: Counter[int] = Counter()
        self.gateway = self.of(OwnerKind.SYSTEM, GATEWAY)
        self.income = self.of(OwnerKind.SYSTEM, INCOME)

    def of(self, kind: OwnerKind, code: str) -> int:
        if (kind, code) not in self.ids:
            self.ids[kind, code] = self.rows.add(Account, owner_kind=kind, owner_code=code, created_at=self.began)
        return self.ids[kind, code]

    def of_person(self, national_code: str) -> int:
        return self.of(OwnerKind.NATIONAL, national_code)

    def move(self, source: int, target: int, amount: int, cause: Cause, at: dt.datetime) -> int:
        self.balances[source] -= amount
        self.balances[target] += amount
        return self.rows.add(
            LedgerTransfer,
            from_account_id=source,
            to_account_id=target,
            enrollment_id=cause.enrollment_id,
            payment_line_id=cause.payment_line_id,
            opposes_id=cause.opposes_id,
            actor_id=cause.actor_id,
            kind=cause.kind,
            amount=amount,
            cause_key=cause.key,
            at=at,
        )

    def top_up(self, code: str, amount: int, at: dt.datetime) -> None:
        """Somebody has paid for the purse of a national code at a bank."""
        line_id = self.visits.paid((OwnerKind.NATIONAL, code), amount, at)
        cause = Cause(f"payment:{line_id}", TransferKind.TOP_UP, payment_line_id=line_id)
        self.move(self.gateway, self.of_person(code), amount, cause, at)


def enroll(rows: Rows, ground: Ground, crowd: Crowd, found: tuple[Enrollment, ...], today: dt.date) -> None:
    """Load enrollments, purses, transfers, and the names over which two sources disagree."""
    rng = random.Random(13_000)
    began = jalali.from_tehran(today - dt.timedelta(days=200), dt.time(9))
    visits = Visits(rows, crowd.codes)
    purses = Purses(rows, visits, began)
    for row in found:
        _enrollment(rows, ground, crowd, purses, rng, row)
    _spare_credit(purses, rng, today)
    strangers = [(OwnerKind.NATIONAL, human.national_code) for human in people.everybody().trainees]
    visits.otherwise(strangers, jalali.from_tehran(today - dt.timedelta(days=1), dt.time(12)))
    _discrepancies(rows, ground, crowd, found, today)


# -- Enrollments -------------------------------------------------------------------


def _enrollment(rows: Rows, ground: Ground, crowd: Crowd, purses: Purses, rng: random.Random, row: Enrollment) -> None:
    unit_code = units.COUNTER1 if row.channel == "counter" else row.course.unit_code
    actor_id = None if row.channel == "self" else crowd.clerks[unit_code]
    person_id = crowd.people[row.person.national_code]
    payer = _payer(row, crowd, actor_id)
    purse = purses.of_person(payer) if payer else None
    group = next((g for g in rules.TARGET_GROUPS if g[0] == row.course.target_group), None)
    tracking_code = codes.tracking_code(rng)
    enrollment_id = rows.add(
        EnrollmentRow,
        form_key=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        form_hash=_fingerprint(row.course.number, person_id, row.debit_source),
        course_id=row.course.number,
        person_id=person_id,
        province_id=ground.provinces[units.unit(unit_code).province or ""],
        unit_id=ground.units[unit_code],
        created_by_id=actor_id,
        payer_account_id=purse,
        target_group_id=group and ground.groups[group[0]],
        group_evidence=f"معرفی‌نامهٔ شمارهٔ {text.persian_digits(4_000 + person_id)}" if group and group[4] else None,
        tracking_code=tracking_code,
        channel=row.channel,
        debit_source=row.debit_source,
        fee_rials=row.fee_rials,
        fee_reason=None if purse else f"معاف: {group[1] if group else ''}",
        status=EnrollmentStatus.ACTIVE if row.is_active else EnrollmentStatus.CANCELED,
        created_at=row.at,
        canceled_at=row.canceled_at,
        end_cause=None if row.is_active else "withdraw" if actor_id is None else "undo",
        **_in_person(row, person_id),
        **_completed(row, person_id, crowd),
    )
    rows.add(EnrollmentEvent, enrollment_id=enrollment_id, actor_id=actor_id, action="enroll", at=row.at)
    if row.canceled_at:
        action = "withdraw" if actor_id is None else "undo"
        rows.add(EnrollmentEvent, enrollment_id=enrollment_id, actor_id=actor_id, action=action, at=row.canceled_at)
    by = None if row.channel == "self" else units.unit(unit_code)
    letters.confirm(rows, row, person_id, enrollment_id, tracking_code, by)
    if payer:
        _pay(purses, rng, row, payer, enrollment_id, actor_id)


def _in_person(row: Enrollment, person_id: int) -> dict[str, Any]:
    """Why every sixth of those whom a clerk enrolled came in person."""
    if row.channel == "self" or person_id % 6:
        return {"in_person_reason": None, "in_person_level": None}
    reasons = tuple(InPersonReason)
    return {"in_person_reason": reasons[person_id // 6 % len(reasons)], "in_person_level": "county"}


def _completed(row: Enrollment, person_id: int, crowd: Crowd) -> dict[str, Any]:
    """What the center has said of whoever stayed to the end of a finished course, but for the newest ones."""
    course = row.course
    if not row.is_active or course.status != "finished" or course.number % 4 == 0:
        return {"completion": None, "completed_at": None, "completed_by_id": None}
    at = jalali.from_tehran(course.end_on, dt.time(13, 40))
    said = "incomplete" if person_id % 11 == 0 else "completed"
    return {"completion": said, "completed_at": at, "completed_by_id": crowd.managers.get(course.unit_code)}


def _payer(row: Enrollment, crowd: Crowd, actor_id: int | None) -> str | None:
    """Whose purse pays, by national code: the portal user's own or the trainee's."""
    if row.debit_source == "none":
        return None
    if row.debit_source == "portal_user" and actor_id is not None:
        return crowd.codes[actor_id]
    return row.person.national_code


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def _pay(
    purses: Purses, rng: random.Random, row: Enrollment, payer: str, enrollment_id: int, actor_id: int | None
) -> None:
    fee, purse = row.fee_rials, purses.of_person(payer)
    if purses.balances[purse] < fee:
        purses.top_up(payer, _top_up(row, rng), row.at - dt.timedelta(minutes=rng.randint(12, 40)))
    key = f"enrollment:{enrollment_id}"
    debit = Cause(f"{key}:debit", TransferKind.DEBIT, enrollment_id, actor_id)
    paid = purses.move(purse, purses.income, fee, debit, row.at)
    if row.canceled_at:
        refund = Cause(f"{key}:refund", TransferKind.REFUND, enrollment_id, actor_id, opposes_id=paid)
        purses.move(purses.income, purse, fee, refund, row.canceled_at)


def _top_up(row: Enrollment, rng: random.Random) -> int:
    if row.debit_source == "trainee":
        return rng.choice(TOP_UPS_OF_TRAINEES)
    # The academy buys credit piece by piece, so that its purse is empty: the desk's trap shows there.
    return rules.FEE_RIALS if row.course.unit_code == units.ACADEMY1 else TOP_UP_OF_STAFF


# -- Credit that nobody has spent yet ----------------------------------------------


def _spare_credit(purses: Purses, rng: random.Random, today: dt.date) -> None:
    at = jalali.from_tehran(today - dt.timedelta(days=1), dt.time(11))
    staff = people.everybody().staff
    for username in ("clerk1", "clerk2", "counter1"):
        code = staff[username].national_code
        if purses.balances[purses.of_person(code)] < 1_000_000:
            purses.top_up(code, TOP_UP_OF_STAFF, at)
    for human in people.everybody().trainees:
        if rng.random() < 0.3:
            purses.top_up(human.national_code, rng.choice(TOP_UPS_OF_TRAINEES), at)
    # A national code has a purse even before its owner has ever come.
    for human in people.everybody().newcomers[:2]:
        purses.top_up(human.national_code, 100_000, at)


# -- Names over which two sources disagree -----------------------------------------


def _discrepancies(rows: Rows, ground: Ground, crowd: Crowd, found: tuple[Enrollment, ...], today: dt.date) -> None:
    at = jalali.from_tehran(today - dt.timedelta(days=1), dt.time(10, 20))
    where = {row.person.national_code: row.course.unit_code for row in found}
    for human in people.everybody().trainees:
        if human.typed is None:
            continue
        unit = units.unit(where.get(human.national_code, units.CENTER1))
        rows.add(
            Discrepancy,
            person_id=crowd.people[human.national_code],
            province_id=ground.provinces[unit.province or ""],
            unit_id=ground.units[unit.code],
            field="name",
            ours={"first_name": human.typed[0], "last_name": human.typed[1]},
            theirs={"first_name": human.first_name, "last_name": human.last_name, "likeness": _likeness(human)},
            source="registry",
            created_at=at,
        )


def _likeness(human: Human) -> str:
    return text.near(" ".join(human.typed or ()), f"{human.first_name} {human.last_name}")
