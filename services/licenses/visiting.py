"""Visits of experts to an academy, with their reports; written once and never changed."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select

from models import License, LicenseVisit, StoredFile, VisitKind, VisitOutcome, db, utcnow
from services import files, policy, submissions, text
from services.access import Actor
from services.errors import DomainError, NotAllowed
from services.licenses import papers, reading, trail
from services.transaction import atomic

LONGEST = {"visitor": 120, "note": 500}


@dataclass(frozen=True)
class Visit:
    """What an expert saw; `visitor` is whoever went there, of ours or not."""

    kind: VisitKind
    outcome: VisitOutcome
    visited_on: date | None
    visitor: str
    note: str = ""


@dataclass(frozen=True)
class Seen:
    """One visit and its report."""

    visit: LicenseVisit
    report: StoredFile | None


def record(
    actor: Actor, form_key: str, license_id: int, visit: Visit, report: StoredFile | None = None
) -> tuple[LicenseVisit, bool]:
    """Write a visit down; the second part says whether the same form had written it before.

    Source: docs/rules.md R-259.
    Raises:
        NotAllowed: the actor is no reviewer of the province.
        DomainError: what is wrong with which field.
    """
    with atomic():
        row = reading.get(actor, license_id, lock=True)
        if not reading.may_decide(actor, row):
            raise NotAllowed("بازدید را بررس همان استان ثبت می‌کند. چیزی ثبت نشد.")
        if earlier := submissions.begin(form_key, actor.user_id):
            return db.session.get_one(LicenseVisit, submissions.id_of(earlier, papers.VISIT)), True
        made = _insert(actor, row, visit)
        if report:
            place = files.Place(papers.VISIT, made.id, row.unit_id, row.province_id)
            files.attach(actor, [report.key], place)
        trail.note(actor, license_id, "visit", kind=visit.kind.value, outcome=visit.outcome.value)
        submissions.finish(form_key, f"{papers.VISIT}:{made.id}")
        return made, False


def visits(license_: License, limit: int = 10) -> list[Seen]:
    """The visits of a license, newest first, with their reports; one query."""
    of_visit = (StoredFile.owner_kind == papers.VISIT, StoredFile.owner_id == LicenseVisit.id)
    query = select(LicenseVisit, StoredFile).where(LicenseVisit.license_id == license_.id)
    query = query.outerjoin(StoredFile, and_(*of_visit, StoredFile.removed_at.is_(None)))
    found = db.session.execute(query.order_by(LicenseVisit.id.desc()).limit(limit))
    return [Seen(visit, report) for visit, report in found]


def _insert(actor: Actor, row: License, visit: Visit) -> LicenseVisit:
    cleaned = {name: text.clean(getattr(visit, name)) for name in LONGEST}
    if not cleaned["visitor"]:
        raise DomainError("نام بازدیدکننده را بنویسید", field="visitor")
    for name, most in LONGEST.items():
        if len(cleaned[name]) > most:
            raise DomainError(f"این نوشته تا {text.persian_digits(most)} نویسه است", field=name)
    if visit.visited_on is None or visit.visited_on > policy.today():
        sentence = "روز بازدید را بنویسید" if visit.visited_on is None else "روز بازدید از امروز دیرتر است"
        raise DomainError(sentence, field="visited_on")
    said = {"kind": visit.kind, "outcome": visit.outcome, "visited_on": visit.visited_on, **cleaned}
    made = LicenseVisit(license_id=row.id, actor_id=actor.user_id, at=utcnow(), **said)
    db.session.add(made)
    db.session.flush()
    return made
