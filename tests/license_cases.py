"""Licenses on their way: an academy that can hold courses, who writes, who decides, and what is written."""

import datetime as dt
import uuid

from models import FounderKind, Gender, License, Role, TradeField, Unit, UnitKind
from services import licenses, policy
from services.access import Actor
from services.licenses import LicenseSaid, PersonSaid
from tests import attachments, make
from tests import course_cases as cases


def academy() -> Unit:
    """An academy with a workshop and an instructor for the one standard there is, and no license."""
    unit = make.unit(UnitKind.ACADEMY)
    standard = make.standard()
    make.workshop(unit, standard)
    make.instructor(unit, make.first(TradeField, id=standard.field_id))
    return unit


def writer(unit: Unit) -> Actor:
    return cases.staff(Role.MANAGER, unit)


def reviewer() -> Actor:
    return cases.staff(Role.REVIEWER, cases.office())


def days(count: int) -> dt.date:
    return policy.today() + dt.timedelta(days=count)


def said(**over) -> LicenseSaid:
    """A license of a year ago for five years, founded and led by two people."""
    values = {
        "number": "1404/۱۷", "issued_on": days(-365), "expires_on": None, "founder_kind": FounderKind.PERSON,
        "founder": PersonSaid(make.national_code()), "founder_legal_id": None, "founder_title": None,
        "manager": PersonSaid(make.national_code()), "gender": Gender.MIXED, "capacity": 30,
        "address": "گرگان، خیابان امام خمینی",
    }  # fmt: skip
    return LicenseSaid(**{**values, **over})


def draft(actor: Actor, **over) -> License:
    """A draft that lacks nothing: it has a trade and a paper."""
    made = licenses.create(actor, str(uuid.uuid4()), actor.units[0], said(**over)).license
    licenses.add_trade(actor, made.id, field_id=make.first(TradeField).id)
    paper(actor, made)
    return made


def paper(actor: Actor, of: License) -> None:
    user = make.first(make.User, id=actor.user_id)
    file = attachments.ready(user, make.first(Unit, id=of.unit_id))
    file.owner_kind, file.owner_id = "license", of.id
    make.save(file)


def waiting(actor: Actor, **over) -> License:
    row = draft(actor, **over)
    licenses.send(actor, row.id, row.version)
    return row


def decide(actor: Actor, license_id: int, version: int, action: str, reason: str = "") -> License:
    """One step, by a form of its own."""
    key = licenses.Key(license_id, version)
    return licenses.decide(actor, str(uuid.uuid4()), key, action, reason).what
