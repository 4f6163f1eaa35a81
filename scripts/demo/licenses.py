"""The licenses of the academies: most in date, one that ends soon, one over, one suspended, and some that wait."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from models import (
    FounderKind,
    License,
    LicenseEvent,
    LicenseGrade,
    LicenseState,
    LicenseTrade,
    LicenseVisit,
    VisitKind,
    VisitOutcome,
)
from scripts.demo import papers, units
from scripts.demo.crowd import Crowd
from scripts.demo.ground import Ground
from scripts.reference.rows import Rows
from services.licenses import last_day
from services.licenses.papers import OWNER

YEAR = dt.timedelta(days=365)
REVIEWERS = {"گلستان": "province1", "مازندران": "province2"}
S = LicenseState


@dataclass(frozen=True)
class Held:
    """One license: so many days until its end (None for five years from its first day), and how it stands."""

    state: LicenseState
    days_left: int | None = None
    reason: str | None = None
    is_legal: bool = False
    visit: VisitOutcome | None = VisitOutcome.PASSED


GOOD = Held(S.VALID)
# By the academy's code; whoever is not named has a license in date.
HELD: dict[str, tuple[Held, ...]] = {
    units.ACADEMY1: (Held(S.VALID, days_left=88, is_legal=True), Held(S.DRAFT, visit=None)),
    "27304": (Held(S.VALID, days_left=-12),),
    "27305": (
        Held(S.SUSPENDED, reason="کپسول آتش‌نشانی و راه خروج ندارد؛ تا بازدید دوباره", visit=VisitOutcome.FAILED),
    ),
    "27306": (Held(S.VALID, days_left=24), Held(S.WAITING, visit=VisitOutcome.CONDITIONAL)),
    "02303": (Held(S.WAITING, visit=None),),
}


def hold(rows: Rows, ground: Ground, crowd: Crowd, today: dt.date) -> list[str]:
    """Load them; returns the keys of the pictures that `papers.put` lays down."""
    number, keys = 0, list[str]()
    for unit in units.units():
        if unit.kind == "academy":
            for held in HELD.get(unit.code, (GOOD,)):
                number += 1
                said = _days(held, number, today) | {"number": f"1405/{300 + number}"}
                keys += _license(rows, ground, crowd, unit, held, said)
    return keys


def _days(held: Held, number: int, today: dt.date) -> dict[str, dt.date]:
    """First and last day; a renewal was written these days, what holds is some years old."""
    if held.state in (S.DRAFT, S.WAITING):
        issued = today - dt.timedelta(days=6)
        return {"issued_on": issued, "expires_on": last_day(issued)}
    if held.days_left is not None:
        expires = today + dt.timedelta(days=held.days_left)
        return {"issued_on": expires - 5 * YEAR, "expires_on": expires}
    issued = today - number % 3 * YEAR - dt.timedelta(days=40 + 17 * number)
    return {"issued_on": issued, "expires_on": last_day(issued)}


def _license(rows: Rows, ground: Ground, crowd: Crowd, unit: units.Unit, held: Held, said: dict[str, Any]) -> list[str]:
    writer = crowd.managers[unit.code]
    reviewer = crowd.users[REVIEWERS[unit.province or ""]]
    leader = crowd.people[crowd.codes[writer]]
    at = dt.datetime.combine(said["issued_on"], dt.time(8), dt.UTC)
    is_decided = held.state in (S.VALID, S.SUSPENDED)
    legal = {"founder_legal_id": "10380284790", "founder_title": "مؤسسهٔ آموزشی دانش‌گستران شمال"}
    license_id = rows.add(
        License,
        unit_id=ground.units[unit.code],
        province_id=ground.provinces[unit.province or ""],
        founder_kind=FounderKind.LEGAL if held.is_legal else FounderKind.PERSON,
        founder_person_id=None if held.is_legal else leader,
        manager_id=leader,
        grade=LicenseGrade.B,
        gender=unit.gender,
        capacity=sum(shop.workstations for shop in unit.workshops) * 2,
        address=unit.address,
        police_approved_on=said["issued_on"] - dt.timedelta(days=20),
        state=held.state,
        decision=held.reason,
        entered_by_id=writer,
        decided_by_id=reviewer if is_decided else None,
        created_at=at,
        sent_at=None if held.state is S.DRAFT else at,
        decided_at=at + dt.timedelta(days=3) if is_decided else None,
        **(legal if held.is_legal else {"founder_legal_id": None, "founder_title": None}),
        **said,
    )
    _trades(rows, ground, unit, license_id)
    _events(rows, held, license_id, at, {"writer": writer, "reviewer": reviewer})
    where = {"unit_id": ground.units[unit.code], "province_id": ground.provinces[unit.province or ""]}
    return [] if held.state is S.DRAFT else [papers.add(rows, (OWNER, license_id), where, writer, at)]


def _trades(rows: Rows, ground: Ground, unit: units.Unit, license_id: int) -> None:
    for shop in unit.workshops:
        for field in units.fields_of(shop.kit):
            rows.add(LicenseTrade, license_id=license_id, field_id=ground.fields[field.title], standard_id=None)


def _events(rows: Rows, held: Held, license_id: int, at: dt.datetime, who: dict[str, int]) -> None:
    def note(action: str, actor: str, day: int, reason: str = "", **details: str) -> None:
        level = "center" if actor == "writer" else "province"
        moment = at + dt.timedelta(days=day)
        rows.add(
            LicenseEvent, license_id=license_id, actor_id=who[actor], action=action, level=level, reason=reason,
            details=details, at=moment,
        )  # fmt: skip

    note("create", "writer", 0)
    if held.state is S.DRAFT:
        return
    note("send", "writer", 0)
    if held.visit:
        _visit(rows, held, license_id, at + dt.timedelta(days=2), who["reviewer"])
        note("visit", "reviewer", 2, kind=VisitKind.ENVIRONMENT.value, outcome=held.visit.value)
    if held.state is not S.WAITING:
        note("approve", "reviewer", 3)
    if held.state is S.SUSPENDED:
        note("suspend", "reviewer", 30, held.reason or "")


def _visit(rows: Rows, held: Held, license_id: int, at: dt.datetime, reviewer: int) -> None:
    said = {
        VisitOutcome.PASSED: "فضا و تجهیزات برای رشته‌های پروانه کافی است",
        VisitOutcome.CONDITIONAL: "تهویهٔ کارگاه باید تا یک ماه درست شود",
        VisitOutcome.FAILED: "راه خروج اضطراری بسته است",
    }
    outcome = held.visit or VisitOutcome.PASSED
    rows.add(
        LicenseVisit,
        license_id=license_id,
        actor_id=reviewer,
        kind=VisitKind.ENVIRONMENT,
        outcome=outcome,
        visited_on=at.date(),
        visitor="کارشناس آموزشگاه‌های آزاد",
        note=said[outcome],
        at=at,
    )
