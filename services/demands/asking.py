"""Somebody asks for a standard: by a signed-in trainee in their own name, by anybody else with code and mobile.

Source: docs/rules.md R-404 to R-408.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import joinedload

from models import (
    County,
    Course,
    CourseDemand,
    DemandState,
    MobileStatus,
    Person,
    Setting,
    Shift,
    SkillStandard,
    db,
    utcnow,
)
from services import courses, mobiles, people, throttle
from services.catalog.listing import CourseRow, rows
from services.errors import DomainError, NotFound, OutsideTerritory
from services.mobiles import By
from services.provenance import Place
from services.sql import add_once
from services.transaction import atomic

SELF, WEB = "self", "web"
NOWHERE = By(place=Place())  # whoever is not signed in has no place here yet
FROM = "demand"  # where a mobile came from that nobody has matched yet
FREE_FOR_ADDRESS, FREE_FOR_CODE = 40, 8
NEAR = 5
CLOSED_WALLS = (Setting.PRISON, Setting.BARRACKS)
# A number that was never matched, or that the match has refused, may be told anew by anybody: it is asked about again.
MAY_BE_TOLD = (MobileStatus.NONE, MobileStatus.NOT_MATCHED)


@dataclass(frozen=True)
class Ask:
    """What is asked for: a standard by its code, a county by its code, and a shift where no other one would do."""

    standard: str
    county: str
    shift: Shift | None = None


def wanted_standard(code: str) -> SkillStandard | None:
    """A standard in use, by its code."""
    return db.session.scalar(
        select(SkillStandard).where(SkillStandard.code == code, SkillStandard.retired_at.is_(None))
    )


def for_anybody(now: datetime) -> ColumnElement[bool]:
    """The courses that have a seat for whoever asks: not those of an organization, nor behind closed walls."""
    return and_(
        courses.enrollable(now),
        courses.has_room(),
        Course.agreement_id.is_(None),
        or_(Course.setting.is_(None), Course.setting.not_in(CLOSED_WALLS)),
    )


def open_near(wanted: Ask, now: datetime) -> list[CourseRow]:
    """The courses that could be enrolled in at once, so that nobody waits for what is there."""
    query = rows().where(
        for_anybody(now),
        Course.county_id == select(County.id).where(County.code == wanted.county).scalar_subquery(),
        Course.standard_id == select(SkillStandard.id).where(SkillStandard.code == wanted.standard).scalar_subquery(),
    )
    if wanted.shift:
        query = query.where(Course.shift == wanted.shift)
    found = db.session.execute(query.order_by(Course.start_on, Course.id).limit(NEAR))
    return [CourseRow._make(row) for row in found]


def ask(person_id: int, wanted: Ask, channel: str = SELF) -> bool:
    """Note what a person asks for; False when they wait for just this already.

    Raises:
        DomainError: there is no such standard or county.
    """
    with atomic():
        standard, county = wanted_standard(wanted.standard), _county(wanted.county)
        if standard is None:
            raise DomainError("مهارت را از فهرست انتخاب کنید", field="standard")
        where = {"standard_id": standard.id, "county_id": county.id, "province_id": county.province_id}
        how = {"shift": wanted.shift and wanted.shift.value, "channel": channel, "state": DemandState.OPEN}
        return add_once(CourseDemand, person_id=person_id, created_at=utcnow(), **where, **how) is not None


def ask_by_code(national_code: str, mobile: str, wanted: Ask, address: str) -> None:
    """The same for somebody who is not signed in. Nothing of the outcome can be told from the answer.

    What is asked with a number other than the one that somebody has is nobody's demand.

    Raises:
        TooMany: asked too often from this address, or for this code.
        DomainError: as `ask`.
    """
    _count(national_code, address)
    with atomic():
        person = people.find_or_create(national_code)
        if _is_theirs(person, mobile):
            ask(person.id, wanted, WEB)
        else:
            _county(wanted.county)


def _is_theirs(person: Person, mobile: str) -> bool:
    if not person.is_alive:
        return False
    if person.mobile_status in MAY_BE_TOLD:
        mobiles.put(person, mobile, FROM, NOWHERE)
    return person.mobile == mobile


def _county(code: str) -> County:
    county = db.session.scalar(select(County).where(County.code == code))
    if county is None:
        raise DomainError("شهرستان خود را انتخاب کنید", field="county")
    return county


def _count(national_code: str, address: str) -> None:
    wanted = {f"demand:{throttle.network(address)}": FREE_FOR_ADDRESS, f"demand:{national_code}": FREE_FOR_CODE}
    said = "از این‌جا درخواست‌های زیادی پشت سر هم فرستاده شد. چند دقیقهٔ دیگر دوباره بفرستید؛ این یکی ثبت نشد."
    throttle.limit(wanted, said)


# -- One's own ---------------------------------------------------------------------


def mine(person_id: int) -> Sequence[CourseDemand]:
    """What a person has asked for, newest first."""
    query = select(CourseDemand).where(CourseDemand.person_id == person_id).order_by(CourseDemand.id.desc()).limit(50)
    query = query.options(joinedload(CourseDemand.standard), joinedload(CourseDemand.county))
    return db.session.scalars(query.options(joinedload(CourseDemand.told_of))).all()


def withdraw(person_id: int, demand_id: int) -> bool:
    """Wait for it no longer; False when nothing waited any more.

    Raises:
        NotFound, OutsideTerritory: not theirs.
    """
    with atomic():
        demand = db.session.get(CourseDemand, demand_id)
        if demand is None:
            raise NotFound("این نیاز پیدا نشد.")
        if demand.person_id != person_id:
            raise OutsideTerritory("course_demand", demand_id)
        closed = (
            update(CourseDemand)
            .where(CourseDemand.id == demand_id, CourseDemand.state == DemandState.OPEN)
            .values(state=DemandState.WITHDRAWN, closed_at=utcnow())
            .returning(CourseDemand.id)
        )
        return db.session.scalar(closed) is not None
