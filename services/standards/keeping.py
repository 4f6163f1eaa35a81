"""The catalog as HQ keeps it: looking at it, taking a standard out of use, and saying which one takes its place.

Courses keep the snapshot that they were made with. Source: docs/rules.md R-40, R-115.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased, contains_eager, joinedload

from models import AuditEvent, Course, ImportRow, SkillStandard, TradeField, User, db, utcnow
from services import audit, imports, jalali, text, trail
from services.access import Actor, Level
from services.errors import Conflict, DomainError, NotAllowed, NotFound
from services.standards import sheet
from services.trail import Told
from services.transaction import atomic

PAGE = 25
TABS = ("used", "retired", "all")
_WORDS = 6

DID = {
    "standard.retire": "از رده خارج کرد",
    "standard.back": "به رده برگرداند",
    "requirement.add": "قلمی به تجهیزات افزود",
    "requirement.change": "قلمی از تجهیزات را تغییر داد",
    "requirement.remove": "قلمی از تجهیزات را برداشت",
    "rule.add": "راهی به شرایط مربی افزود",
    "rule.change": "راهی از شرایط مربی را تغییر داد",
    "rule.remove": "راهی از شرایط مربی را برداشت",
}


@dataclass(frozen=True)
class Page:
    """A part of the catalog, and where the next one begins."""

    rows: Sequence[SkillStandard]
    after: tuple[str, int] | None


@dataclass(frozen=True)
class Whole:
    """One standard with what hangs on it."""

    row: SkillStandard
    replaced_by: SkillStandard | None
    courses: int


def may_keep(actor: Actor) -> bool:
    return actor.level is Level.HQ and actor.has(*sheet.ROLES)


def listing(tab: str, words: str, after: tuple[str, int] | None = None) -> Page:
    """Standards in use, retired or all, whose title, field or either code has every word, by title."""
    query = select(SkillStandard).join(SkillStandard.field).options(contains_eager(SkillStandard.field))
    query = _worded(query, words).order_by(SkillStandard.title_sort, SkillStandard.id).limit(PAGE + 1)
    if tab == "used":
        query = query.where(SkillStandard.retired_at.is_(None))
    elif tab == "retired":
        query = query.where(SkillStandard.retired_at.is_not(None))
    if after:
        query = query.where(tuple_(SkillStandard.title_sort, SkillStandard.id) > after)
    rows = db.session.scalars(query).all()
    more = len(rows) > PAGE
    return Page(rows[:PAGE], (rows[PAGE - 1].title_sort, rows[PAGE - 1].id) if more else None)


def _worded(query: Select[SkillStandard], words: str) -> Select[SkillStandard]:
    for word in text.clean(words).split()[:_WORDS]:
        if wanted := text.key(word):
            query = query.where(
                or_(
                    SkillStandard.title_key.contains(wanted, autoescape=True),
                    TradeField.title_key.contains(wanted, autoescape=True),
                    SkillStandard.code.startswith(text.digits(word), autoescape=True),
                    SkillStandard.old_code.startswith(text.digits(word), autoescape=True),
                )
            )
    return query


def get(standard_id: int) -> Whole:
    """One standard, what replaces it, and how many courses were made of it.

    Raises:
        NotFound: there is none.
    """
    other = aliased(SkillStandard)
    number = select(func.count()).where(Course.standard_id == SkillStandard.id).scalar_subquery()
    query = select(SkillStandard, other, number).outerjoin(other, other.id == SkillStandard.replaced_by_id)
    query = query.where(SkillStandard.id == standard_id).options(joinedload(SkillStandard.field))
    found = db.session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound("این استاندارد پیدا نشد.")
    return Whole(*found)


# -- In and out of use -------------------------------------------------------------


def retire(actor: Actor, standard_id: int, reason: str, replacement: str = "") -> bool:
    """Take a standard out of use, with a reason and perhaps the code of the one in its place; False when it was out.

    Raises:
        DomainError: no reason, or no such standard in use to take its place.
    """
    _may(actor)
    reason = text.clean(reason)
    if not reason:
        raise DomainError("دلیل را بنویسید", field="reason")
    with atomic():
        other = _replacement(standard_id, replacement)
        done = _set(standard_id, SkillStandard.retired_at.is_(None), retired_at=utcnow(), replaced_by_id=other)
        if done:
            detail: dict[str, Any] = {"reason": reason[:300], "replaced_by": other}
            audit.record("standard.retire", "skill_standard", standard_id, actor_id=actor.user_id, **detail)
    return done


def bring_back(actor: Actor, standard_id: int) -> bool:
    """Take a standard into use again; False when it was in use."""
    _may(actor)
    with atomic():
        done = _set(standard_id, SkillStandard.retired_at.is_not(None), retired_at=None, replaced_by_id=None)
        if done:
            audit.record("standard.back", "skill_standard", standard_id, actor_id=actor.user_id)
    return done


def _may(actor: Actor) -> None:
    if not may_keep(actor):
        raise NotAllowed("کاتالوگ استانداردها را ستاد نگه می‌دارد.")


def _replacement(standard_id: int, code: str) -> int | None:
    wanted = "".join(text.digits(text.clean(code)).split())
    if not wanted:
        return None
    query = select(SkillStandard).where(SkillStandard.code == wanted).with_for_update()
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None or row.retired_at is not None:
        raise DomainError("استاندارد در حال استفاده‌ای با این کد نیست", field="replacement")
    if row.id == standard_id:
        raise DomainError("این کد خود همین استاندارد است؛ کد جایگزین را بنویسید", field="replacement")
    return row.id


def _set(standard_id: int, condition: ColumnElement[bool], **values: object) -> bool:
    statement = update(SkillStandard).where(SkillStandard.id == standard_id, condition).values(**values)
    statement = statement.returning(SkillStandard.id).execution_options(synchronize_session=False)
    if db.session.scalar(statement) is not None:
        return True
    if db.session.get(SkillStandard, standard_id) is None:
        raise Conflict("این استاندارد دیگر نیست. فهرست را دوباره ببینید.")
    return False


# -- History -----------------------------------------------------------------------


def history(standard_id: int, limit: int = 10) -> list[Told]:
    """The newest acts and imports that changed a standard, newest first."""
    acts = [(event.at, _by_hand(event, user)) for event, user in trail.acts("skill_standard", standard_id, DID, limit)]
    sheets = [
        (row.batch.applied_at or row.batch.created_at, _by_sheet(row))
        for row in imports.of_subject(sheet.FORM.code, standard_id)
    ]
    return [told for _, told in sorted(acts + sheets, key=lambda pair: pair[0], reverse=True)][:limit]


def _by_hand(event: AuditEvent, user: User | None) -> Told:
    who = trail.name_of(user)
    told = event.detail
    note = told.get("reason") or told.get("said") or told.get("changes", {}).get("item_name") or ""
    before = [f"پیش از آن: {told['before']}"] if "said" in told and "before" in told else []
    return Told(jalali.at(event.at), f"{who} {DID[event.action]}", note, before)


def _by_sheet(row: ImportRow) -> Told:
    who = trail.name_of(row.batch.applied_by)
    shown = {one.name: one for one in sheet.FORM.shown}
    parts = [
        f"{shown[name].label}: از «{shown[name].show(row.before[name])}» به «{shown[name].show(value)}»"
        for name, value in row.after.items()
        if name in shown and name in row.before
    ]
    return Told(jalali.at(row.batch.applied_at or row.batch.created_at), f"{who} از اکسل وارد کرد", "", parts)
