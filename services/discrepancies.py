"""Where two sources disagree about a person: who sees it, and how a reviewer settles it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true, update
from sqlalchemy.orm import joinedload

from models import (
    Course,
    Discrepancy,
    DiscrepancyState,
    Enrollment,
    EnrollmentStatus,
    Gender,
    IdentityStep,
    Person,
    Role,
    User,
    db,
    utcnow,
)
from services import audit, identity, jalali, labels, official, people, policy, provenance
from services.access import Actor, Level
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.transaction import atomic

OFFICIAL, OURS = "official", "ours"
PER_PAGE = 25


@dataclass(frozen=True)
class Page:
    """Open discrepancies, oldest first; `after` is where the next page begins."""

    rows: list[Discrepancy]
    after: int | None


@dataclass(frozen=True)
class Case:
    """One discrepancy with all that a reviewer needs to settle it."""

    row: Discrepancy
    enrollments: list[Enrollment]
    settled_by: str | None
    can_settle: bool


# -- Looking -----------------------------------------------------------------------


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Those opened in the actor's territory, and those of people enrolled there; a death only to supervisors."""
    return and_(_in_territory(actor), or_(Discrepancy.field != official.DECEASED, _in_territory(supervising(actor))))


def supervising(actor: Actor) -> Actor:
    """The same person where they may know that the registry reports somebody as dead.

    Source: docs/rules.md R-25.
    """
    return actor.acting(Role.MANAGER) if actor.level is Level.CENTER else actor


def _in_territory(actor: Actor) -> ColumnElement[bool]:
    if actor.level is Level.HQ:
        return true()
    if actor.level not in (Level.PROVINCE, Level.CENTER):
        return false()
    is_province = actor.level is Level.PROVINCE
    here = set(actor.provinces) if is_province else set(actor.units) - actor.own_acts_only
    own = Discrepancy.province_id if is_province else Discrepancy.unit_id
    theirs = Enrollment.province_id if is_province else Enrollment.unit_id
    return or_(own.in_(here), exists().where(Enrollment.person_id == Discrepancy.person_id, theirs.in_(here)))


def listing(actor: Actor, after: int = 0) -> Page:
    """A page of open discrepancies of the actor's territory."""
    query = (
        select(Discrepancy)
        .where(Discrepancy.state == DiscrepancyState.OPEN, Discrepancy.id > after, visible_to(actor))
        .options(joinedload(Discrepancy.person))
        .order_by(Discrepancy.id)
        .limit(PER_PAGE + 1)
    )
    rows = list(db.session.scalars(query))
    return Page(rows[:PER_PAGE], rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None)


def count(actor: Actor) -> int:
    """How many are open in the actor's territory."""
    query = select(func.count()).select_from(Discrepancy)
    return db.session.scalar(query.where(Discrepancy.state == DiscrepancyState.OPEN, visible_to(actor))) or 0


def case(actor: Actor, discrepancy_id: int) -> Case:
    """One discrepancy, open or settled.

    Raises:
        NotFound, OutsideTerritory: no such row, or not for this actor.
    """
    row = _get(actor, discrepancy_id)
    query = (
        select(Enrollment)
        .where(Enrollment.person_id == row.person_id, Enrollment.status == EnrollmentStatus.ACTIVE)
        .options(joinedload(Enrollment.course).joinedload(Course.unit))
        .order_by(Enrollment.id.desc())
        .limit(10)
    )
    is_open = row.state is DiscrepancyState.OPEN
    can_settle = is_open and may_settle(actor, row) and not is_own_work(actor, row)
    return Case(row, list(db.session.scalars(query)), _settled_by(row), can_settle)


def may_settle(actor: Actor, row: Discrepancy) -> bool:
    """Managers for their own unit and reviewers for their province; not the clerks who type the names."""
    needed = {Level.CENTER: Role.MANAGER, Level.PROVINCE: Role.REVIEWER}.get(actor.level)
    if needed is None or not actor.has(needed):
        return False
    here = select(Discrepancy.id).where(Discrepancy.id == row.id, visible_to(actor.acting(needed)))
    return db.session.scalar(here) is not None


def is_own_work(actor: Actor, row: Discrepancy) -> bool:
    """Whether this user enrolled the person and so typed, or let stand, the value that is disputed.

    Source: docs/rules.md R-33.
    """
    source = (row.person.sources.get(row.field) or {}).get("source")
    if source != people.CLERK or not policy.value("separation_of_duties"):
        return False
    enrolled = select(Enrollment.id).where(
        Enrollment.person_id == row.person_id, Enrollment.created_by_id == actor.user_id
    )
    return db.session.scalar(enrolled.limit(1)) is not None


def said(row: Discrepancy, side: str) -> str:
    """What one side (`ours` or `official`) says, in words."""
    values = row.ours if side == OURS else row.theirs
    if row.field == "name":
        return " ".join(filter(None, (values.get("first_name"), values.get("last_name")))) or "نام ثبت نشده"
    if row.field == "gender":
        return labels.PERSON_GENDER[values["gender"]]
    if row.field == "birth_date":
        return jalali.day_month_year(date.fromisoformat(values["birth_date"]))
    if row.field == official.DECEASED:
        return "در قید حیات" if values["alive"] else "درگذشته"
    if side == OURS:
        return "ثبت‌نام انجام شده است"
    return " ".join(sentence for sentences in values["reasons"].values() for sentence in sentences)


def _get(actor: Actor, discrepancy_id: int) -> Discrepancy:
    query = select(Discrepancy, visible_to(actor)).where(Discrepancy.id == discrepancy_id)
    found = db.session.execute(
        query.options(joinedload(Discrepancy.person)).execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("این مغایرت پیدا نشد. از فهرست مغایرت‌ها شروع کنید.")
    if not found[1]:
        raise OutsideTerritory("discrepancy", discrepancy_id)
    row: Discrepancy = found[0]
    return row


def _settled_by(row: Discrepancy) -> str | None:
    user = db.session.get(User, row.settled_by_id) if row.settled_by_id else None
    return (user.person.full_name or user.username) if user else None


# -- Settling ----------------------------------------------------------------------


def settle(actor: Actor, discrepancy_id: int, chosen: str, reason: str) -> Discrepancy:
    """Decide which side holds; the person's record follows at once.

    Raises:
        NotAllowed: neither manager nor reviewer, or the one who typed it. DomainError: no choice, or no reason.
        Conflict: somebody was faster; nothing is changed.

    Source: docs/rules.md R-33.
    """
    row = _get(actor, discrepancy_id)
    if not may_settle(actor, row):
        raise NotAllowed("تصمیم دربارهٔ مغایرت با مدیر مرکز یا بررس استان است. چیزی تغییر نکرد.")
    if is_own_work(actor, row):
        raise NotAllowed("این شخص را خود شما ثبت‌نام کرده‌اید؛ تصمیم با همکار دیگری یا بررس استان است. چیزی تغییر نکرد.")
    if chosen not in (OFFICIAL, OURS):
        raise DomainError("یکی از دو گزینه را انتخاب کنید.", field="chosen")
    if not reason.strip():
        raise DomainError("دلیل را بنویسید؛ این دلیل در پرونده می‌ماند.", field="reason")
    with atomic():
        person = people.locked(row.person_id)
        if not _close(actor, row, chosen, reason):
            raise Conflict(_who_was_faster(row))
        _apply(person, row, chosen, actor.user_id)
        official.settle_status(person)
        db.session.flush()
        official.compare_with_courses(person, row.source)
        identity.owe_checks(person, actor.user_id)
        audit.record(
            "discrepancy_settled", "discrepancy", row.id, actor_id=actor.user_id, field=row.field, chosen=chosen
        )
    db.session.refresh(row)
    return row


def _close(actor: Actor, row: Discrepancy, chosen: str, reason: str) -> bool:
    statement = (
        update(Discrepancy)
        .where(Discrepancy.id == row.id, Discrepancy.state == DiscrepancyState.OPEN)
        .values(
            state=DiscrepancyState.SETTLED,
            chosen=chosen,
            reason=reason.strip()[:300],
            settled_by_id=actor.user_id,
            settled_at=utcnow(),
        )
    )
    closed = statement.returning(Discrepancy.id).execution_options(synchronize_session=False)
    return db.session.scalar(closed) is not None


def _apply(person: Person, row: Discrepancy, chosen: str, by: int) -> None:
    """The chosen side goes into the record; a decision for ours is a source of its own, as good as an official one."""
    takes_theirs = chosen == OFFICIAL
    if row.field == "name" and takes_theirs:
        people.set_name(person, row.theirs["first_name"], row.theirs["last_name"], row.source)
    elif row.field == "gender" and takes_theirs:
        person.gender = Gender(row.theirs["gender"])
    elif row.field == "birth_date" and takes_theirs:
        people.set_birth_date(person, date.fromisoformat(row.theirs["birth_date"]), row.source)
    elif row.field == official.DECEASED:
        person.is_alive = not takes_theirs
    if row.field != official.ELIGIBILITY:
        source = row.source if takes_theirs else people.DECISION
        place = provenance.Place(row.unit_id, row.province_id)
        provenance.note_each(person, [(row.field, IdentityStep.SETTLED)], source, by, place)
    if row.field in official.IDENTITY_FIELDS:
        people.mark_source(person, row.field, row.source if takes_theirs else people.DECISION)
    person.version += 1


def _who_was_faster(row: Discrepancy) -> str:
    db.session.refresh(row)
    who = _settled_by(row) or "همکار دیگری"
    when = jalali.clock(jalali.tehran(row.settled_at).time()) if row.settled_at else ""
    return f"{who} ساعت {when} این مغایرت را بررسی کرد. آنچه شما فرستادید ثبت نشد."
