"""What stands around every page: sections, account, sign-out."""

import logging
from typing import Any

from flask import Flask, g, request
from sqlalchemy.exc import SQLAlchemyError

from blueprints import addresses, guards, troubles
from models import Role, UnitKind
from services import seals
from services.access import Level
from services.enrollment import ahead
from services.enrollment.ahead import Ahead

log = logging.getLogger(__name__)

Section = tuple[str, str]

# Sections by level, in the order of the day; one that does not exist yet is not shown.
SECTIONS: dict[Level, tuple[Section, ...]] = {
    Level.CENTER: (
        ("میز کار", "/center"),
        ("ثبت‌نام", "/center/enroll"),
        ("دوره‌ها", "/center/courses"),
        ("چشم‌پوشی‌ها", "/center/waivers"),
        ("کارتابل", "/center/queue"),
        ("تقویم", "/center/calendar"),
        ("مکان‌ها", "/center/places"),
        ("تجهیزات", "/center/equipment"),
        ("مربیان", "/center/instructors"),
        ("پروانه", "/center/license"),
        ("اعتبار", "/center/credit"),
        ("مشاوره", "/center/advice"),
        ("مغایرت‌ها", "/center/discrepancies"),
        ("همکاران", "/center/staff"),
    ),
    Level.PROVINCE: (
        ("میز کار", "/province"),
        ("کارتابل", "/province/queue"),
        ("دوره‌ها", "/province/courses"),
        ("چشم‌پوشی‌ها", "/province/waivers"),
        ("تقویم", "/province/calendar"),
        ("مراکز", "/province/centers"),
        ("تجهیزات", "/province/equipment"),
        ("مکان‌ها", "/province/places"),
        ("موجودی", "/province/inventory"),
        ("مربیان", "/province/instructors"),
        ("پروانه‌ها", "/province/licenses"),
        ("اعتبار", "/province/credit"),
        ("مغایرت‌ها", "/province/discrepancies"),
        ("آمار", "/province/statistics"),
        ("کاربران", "/province/staff"),
    ),
    Level.HQ: (
        ("میز کار", "/hq"),
        ("کارتابل", "/hq/queue"),
        ("دوره‌ها", "/hq/courses"),
        ("واحدها", "/hq/units"),
        ("موجودی", "/hq/inventory"),
        ("استانداردها", "/hq/standards"),
        ("مربیان", "/hq/instructors"),
        ("پروانه‌ها", "/hq/licenses"),
        ("قاعده‌ها", "/hq/rules"),
        ("تعرفه‌ها", "/hq/tariffs"),
        ("اعتبار", "/hq/credit"),
        ("اطلاعیه‌ها", "/hq/notices"),
        ("راهنما", "/hq/help"),
        ("شناسنامه", "/hq/service-card"),
        ("کاربران", "/hq/users"),
        ("آمار", "/hq/statistics"),
    ),
    Level.INSTRUCTOR: (
        ("میز کار", "/instructor"),
        ("پرونده", "/instructor/records"),
        ("کلاس‌ها", "/instructor/classes"),
    ),
    Level.OPS: (
        ("میز کار", "/ops"),
        ("سامانه‌های بیرونی", "/ops/outside"),
        ("کارها", "/ops/jobs"),
        ("تبادل", "/ops/exchange"),
        ("رویدادها", "/ops/audit"),
    ),
}
TRAINEE_SECTIONS = (("صفحهٔ من", "/trainee"), ("یافتن دوره", "/courses"), ("اعتبار", "/trainee/credit"))
PUBLIC_SECTIONS = (
    ("دوره‌ها", "/courses"),
    ("پیگیری ثبت‌نام", "/track"),
    ("مشاوره", "/advice"),
    ("افزایش اعتبار", "/pay"),
    ("اطلاعیه‌ها", "/notices"),
    ("راهنما", "/help"),
)
# Pages that belong to a section and do not stand under its address.
PARTS = {
    "/center/changes": "/center/courses",
    "/center/enrollments": "/center/courses",
    "/center/photos": "/center/courses",
    "/center/claims": "/center/courses",
    "/province/changes": "/province/courses",
    "/hq/changes": "/hq/queue",
    "/center/stocktakes": "/center/equipment",
    "/center/service": "/center/equipment",
    "/center/inventory": "/center/equipment",
    "/center/classes": "/center/courses",
    "/center/meetings": "/center/courses",
    "/center/demand": "/center/courses",
    "/center/exam": "/center/courses",
    "/province/exam": "/province/courses",
    "/province/demand": "/province/courses",
    "/hq/demand": "/hq/courses",
    **{f"/{level}/enrolled": f"/{level}/courses" for level in ("center", "province", "hq")},
    "/province/organizations": "/province/courses",
    "/province/agreements": "/province/courses",
    "/instructor/meetings": "/instructor/classes",
    **{f"/{level}/deputies": f"/{level}/queue" for level in ("center", "province", "hq")},
    "/province/shortages": "/province/places",
    "/hq/places": "/hq/inventory",
    "/hq/reconciliation": "/hq/credit",
    "/hq/shortages": "/hq/inventory",
    "/slip": "/track",
    "/center/nameless": "/center/courses",
    "/center/people": "/center/courses",
    "/province/nameless": "/province/courses",
    "/province/people": "/province/courses",
    "/hq/nameless": "/hq/courses",
    "/hq/people": "/hq/courses",
}
OF_ACADEMIES = ("/center/license",)
NOT_FOR_DEPUTIES = ("/center/staff", "/province/staff", "/hq/users")  # accounts are kept in one's own name
ONLY_FOR = {
    "/center/courses": {Role.CLERK, Role.MANAGER, Role.COUNSELOR},
    "/center/queue": {Role.MANAGER},
    "/center/waivers": {Role.MANAGER},
    "/center/discrepancies": {Role.MANAGER},
    "/center/equipment": {Role.CLERK, Role.MANAGER},
    "/center/instructors": {Role.CLERK, Role.MANAGER},
    "/center/license": {Role.MANAGER, Role.CLERK},
    "/province/queue": {Role.REVIEWER},
    "/province/equipment": {Role.REVIEWER},
    "/province/discrepancies": {Role.REVIEWER},
    "/province/credit": {Role.REVIEWER, Role.DIRECTOR},
    "/center/staff": {Role.MANAGER},
    "/province/staff": {Role.REVIEWER, Role.DIRECTOR},
    "/hq/queue": {Role.REVIEWER},
    "/hq/users": {Role.ADMIN},
}


def init_app(app: Flask) -> None:
    app.context_processor(around)
    app.jinja_env.globals["troubles"] = troubles.here
    app.jinja_env.globals["exists"] = lambda url: addresses.exists(url.split("?")[0])


def around() -> dict[str, Any]:
    """`nav`, `account`, `sign_out` and `draft_owner` for the base template."""
    try:
        return _around()
    except SQLAlchemyError:
        # This may be the page that says that the database is away.
        log.warning("a page is shown without its sections, because the database did not answer")
        return {"nav": [], "account": None, "sign_out": "", "draft_owner": ""}


def _around() -> dict[str, Any]:
    side = guards.side() if request else "public"
    if side in ("staff", "both") and guards.staff():
        return _staff()
    if side in ("trainee", "both") and guards.visitor():
        return _trainee()
    return _public()


def _staff() -> dict[str, Any]:
    user, actor = guards.user(), g.get("actor")
    level = actor.level if actor else next((level for level, _ in guards.homes()), None)
    sections = [(label, url) for label, url in SECTIONS[level] if _may_see(level, url)] if level else []
    if not actor or all(each.unit_kind is not UnitKind.ACADEMY for each in actor.held):
        sections = [(label, url) for label, url in sections if url not in OF_ACADEMIES]
    others = [(guards.TITLES[other], url) for other, url in guards.homes() if other != level]
    unit = f"، {actor.unit_title}" if actor else ""
    if actor and actor.stands_for:
        unit += " (جانشین)"
    return {
        "nav": _existing([*sections, *others]),
        "account": (f"{user.person.full_name or user.username}{unit}", "/auth/sessions"),
        "sign_out": "/auth/logout",
        "draft_owner": seals.mark("drafts", f"staff:{user.id}")[:12],
    }


def _trainee() -> dict[str, Any]:
    person = guards.trainee()
    return {
        "nav": _existing(list(TRAINEE_SECTIONS)),
        "account": (person.full_name or "کارآموز", "/auth/trainee/sessions"),
        "sign_out": "/auth/trainee/logout",
        "draft_owner": seals.mark("drafts", f"trainee:{person.id}")[:12],
        "step_ahead": _step_ahead,
    }


def _step_ahead() -> Ahead | None:
    """What the trainee does next; asked by the page that shows it, and left out where the database does not answer."""
    try:
        return ahead.of_person(guards.trainee().id)
    except SQLAlchemyError:
        log.warning("a page is shown without the next step, because the database did not answer")
        return None


def _public() -> dict[str, Any]:
    """For everybody; those who are signed in have a way back. Sign-out is on their own pages, with their own token."""
    account = None
    if request and (visitor := guards.visitor()):
        account = (visitor.person.full_name or "کارآموز", "/trainee")
    elif request and (staff := guards.staff()):
        home = next((url for _, url in guards.homes()), "/auth/sessions")
        account = (staff.user.person.full_name or staff.user.username, home)
    doors = [] if account else [("ورود کارآموز", "/auth/window"), ("ورود کارکنان", "/auth/login")]
    sections = [*PUBLIC_SECTIONS, *doors]
    return {"nav": _existing(sections), "account": account, "sign_out": "", "draft_owner": ""}


def _may_see(level: Level, url: str) -> bool:
    own = [role for role in guards.roles() if role.user_id == guards.user().id]
    if url == "/center/enroll":
        return any(role.can_enroll_others for role in own)
    held = {role.role for role in (own if url in NOT_FOR_DEPUTIES else guards.roles())}
    return not (needed := ONLY_FOR.get(url)) or not held.isdisjoint(needed)


def _existing(sections: list[Section]) -> list[tuple[str, str, bool]]:
    """The sections that exist, each with whether the page is in it: of several, the one with the longest address.

    A page that stands elsewhere says in `g.section` to which address it belongs.
    """
    there = [(label, url) for label, url in sections if addresses.exists(url)]
    path = g.get("section") or (request.path if request else "")
    path = next((section for part, section in PARTS.items() if path == part or path.startswith(f"{part}/")), path)
    inside = [url for _, url in there if path == url or path.startswith(f"{url}/")]
    current = max(inside, key=len, default=None)
    return [(label, url, url == current) for label, url in there]
