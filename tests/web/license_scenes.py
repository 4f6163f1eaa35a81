"""Licenses as the walkers of pages and forms see them: one being written, one that waits, and those of academies."""

import datetime as dt

from models import (
    License,
    LicenseEvent,
    LicenseState,
    LicenseTrade,
    LicenseVisit,
    Role,
    SkillStandard,
    Unit,
    UnitKind,
    utcnow,
)
from services import jalali, policy
from services.text import persian_digits
from tests import attachments, make

S = LicenseState


def own(world, state: LicenseState = S.DRAFT, **over) -> License:
    """The license of the world's unit in one state."""
    return make.first(License, unit_id=world.unit.id, state=state) or make.license_(
        world.unit, make.first(SkillStandard).field, state=state, sent_at=utcnow(), **over
    )


def waiting(world) -> License:
    return own(world, S.WAITING)


def trade(world) -> LicenseTrade:
    return make.first(LicenseTrade, license_id=own(world).id)


def paper(world, of: License):
    file = attachments.ready(world.staff["center"], world.unit)
    file.owner_kind, file.owner_id = "license", of.id
    # A browser that asks for small pictures writes down that it saw them, while the next page is being prepared.
    file.kind, file.mime, file.pages = "pdf", "application/pdf", 1
    return make.save(file)


def academy(world) -> Unit:
    found = make.first(Unit, kind=UnitKind.ACADEMY)
    if found is None:
        found = make.unit(UnitKind.ACADEMY, title="آموزشگاه نمونه")
        make.license_(found, make.first(SkillStandard).field)
    return found


def grown(world, n: int) -> None:
    place = academy(world)
    make.license_(make.unit(UnitKind.ACADEMY, title=f"آموزشگاه {n}"), expires_on=policy.today() + dt.timedelta(days=n))
    make.license_(make.unit(UnitKind.ACADEMY), state=S.WAITING, sent_at=utcnow())
    for row in (own(world), waiting(world), make.first(License, unit_id=place.id)):
        make.save(LicenseTrade(license_id=row.id, standard_id=make.standard().id))
        make.save(LicenseEvent(license_id=row.id, actor_id=make.user().id, action="edit", level="center"))
        paper(world, row)
        visited = {"kind": "equipment", "outcome": "passed", "visited_on": policy.today(), "visitor": "کارشناس"}
        visit = make.save(LicenseVisit(license_id=row.id, actor_id=make.user().id, **visited))
        report = paper(world, row)
        report.owner_kind, report.owner_id = "license_visit", visit.id
        make.save(report)


# -- Forms -------------------------------------------------------------------------


def made(world) -> tuple:
    writer = make.user(Role.MANAGER, make.unit(UnitKind.ACADEMY))
    year, month, day = jalali.parts(policy.today() - dt.timedelta(days=40))
    typed = {"issued_on-d": day, "issued_on-m": month, "issued_on-y": year}
    typed |= {"number": "۱۴۰۵/۲۲", "capacity": "۳۰", "address": "گرگان، خیابان ولی‌عصر"}
    typed |= {"founder_code": make.national_code(), "manager_code": make.national_code()}
    return "/center/license/new", {}, {name: persian_digits(value) for name, value in typed.items()}, "", writer


def at(page: str = "", typed: dict | None = None, *, state: LicenseState = S.DRAFT):
    """A form on the page of the unit's own license, or on one below it."""

    def scene(world) -> tuple:
        row = own(world, state)
        paper(world, row)
        return f"/center/license/{row.id}{page}", {"license_id": row.id}, typed or {}

    return scene


def trade_added(world) -> tuple:
    standard = make.standard(title="حرفه‌ای دیگر", field_id=make.field().id)
    page, values, _ = at("/trades?q=حرفه‌ای دیگر")(world)
    return page, values, {}, f"standard={standard.id}"


def trade_removed(world) -> tuple:
    page, values, _ = at("/trades")(world)
    return page, values | {"trade_id": trade(world).id}, {}


def paper_sent(world) -> tuple:
    return *at()(world), "", None, (("file", "پروانه.jpg", attachments.jpeg()),)


def paper_removed(world) -> tuple:
    page, values, _ = at()(world)
    return page, values | {"key": paper(world, own(world)).key}, {}


def decided(decision: str, state: LicenseState):
    def scene(world) -> tuple:
        row = make.license_(make.unit(UnitKind.ACADEMY), state=state, sent_at=utcnow())
        typed = {"decision": decision, "reason": "گزارش بازدید"}
        return f"/province/licenses/{row.id}", {"license_id": row.id}, typed

    return scene


def decided_together(decision: str):
    def scene(world) -> tuple:
        rows = [make.license_(make.unit(UnitKind.ACADEMY), state=S.WAITING, sent_at=utcnow()) for _ in range(2)]
        case = "&".join(f"case={row.id}" for row in rows)
        return f"/province/licenses/together?do={decision}&{case}", {}, {"reason": "تصویر خوانا نیست"}

    return scene


def visited(world) -> tuple:
    row = waiting(world)
    file, typed = ("file", "گزارش.pdf", attachments.pdf()), {"visitor": "ن. قره", "outcome": "passed"}
    return f"/province/licenses/{row.id}", {"license_id": row.id}, typed, "", None, (file,)


SCENES = {
    "center.license_new": made,
    "center.license_save": at("/edit", {"capacity": "۱۲"}),
    "center.license_trade_add": trade_added,
    "center.license_trade_remove": trade_removed,
    "center.license_file": paper_sent,
    "center.license_file_remove": paper_removed,
    "center.license_send": at(),
    "center.license_recall": at(state=S.WAITING),
    "province.license_decide approve": decided("approve", S.WAITING),
    "province.license_decide suspend": decided("suspend", S.VALID),
    "province.license_visit": visited,
    "province.license_decide_all approve": decided_together("approve"),
    "province.license_decide_all reject": decided_together("reject"),
}
