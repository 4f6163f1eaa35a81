"""What an official source says about a person fills the gaps, and never silently replaces anything."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import (
    Course,
    Discrepancy,
    DiscrepancyState,
    Enrollment,
    EnrollmentStatus,
    Gender,
    IdentityStatus,
    IdentityStep,
    Person,
    db,
)
from services import closing, messages, people, policy, provenance, text
from services.enrollment import eligibility
from services.outbox import Topic

# Fields over which two sources can disagree about who somebody is.
IDENTITY_FIELDS = ("name", "gender", "birth_date")
DECEASED, ELIGIBILITY = "deceased", "eligibility"
COMPLETED = "مشخصات شما در سامانهٔ ثبت‌نام دوره‌های فنی و حرفه‌ای تکمیل شد. نیازی به مراجعه نیست."


@dataclass(frozen=True, repr=False)
class Facts:
    """One person as a source knows them; what it does not tell is None."""

    source: str
    first_name: str | None = None
    last_name: str | None = None
    father_name: str | None = None
    gender: Gender | None = None
    birth_date: date | None = None
    shenasname_no: str | None = None
    is_alive: bool = True


def take_in(person: Person, facts: Facts, actor_id: int | None = None) -> None:
    """Fill what is empty; a different value stays and becomes a task for a reviewer.

    Call inside `atomic()` with the person locked, so that tasks are opened once. `actor_id` is the user who brought the
    facts in, where no call of ours did.
    """
    before, earlier = _values(person), provenance.known(person)
    was_nameless = person.full_name is None
    _take_name(person, facts)
    _fill(person, "father_name", people.name_part(facts.father_name), facts.source)
    _fill(person, "shenasname_no", text.clean(facts.shenasname_no) or None, facts.source)
    _take(person, "birth_date", facts.birth_date, facts.source)
    _take(person, "gender", facts.gender, facts.source)
    if not facts.is_alive and _open(person, DECEASED, {"alive": True}, {"alive": False}, facts.source):
        person.is_alive = False
    settle_status(person)
    db.session.flush()
    provenance.note_each(person, provenance.steps(earlier, person), facts.source, actor_id)
    enrollments = compare_with_courses(person, facts.source)
    if was_nameless and person.full_name and enrollments:
        messages.tell(person.id, "identity_completed", COMPLETED, cause_key=f"person:{person.id}:completed")
    if before["status"] is not IdentityStatus.VERIFIED and person.identity_status is IdentityStatus.VERIFIED:
        closing.needless(Topic.REGISTRY, person.id)
    if _values(person) != before:
        person.version += 1


def settle_status(person: Person) -> None:
    """The identity status that follows from open tasks and from where the name came."""
    disputed = select(Discrepancy.id).where(
        Discrepancy.person_id == person.id,
        Discrepancy.state == DiscrepancyState.OPEN,
        Discrepancy.field.in_(IDENTITY_FIELDS),
    )
    if db.session.scalar(disputed.limit(1)):
        person.identity_status = IdentityStatus.DISCREPANCY
    elif person.last_name and people.is_official(person, "name"):
        person.identity_status, person.identity_note = IdentityStatus.VERIFIED, None
    elif person.identity_status is IdentityStatus.DISCREPANCY:
        person.identity_status = IdentityStatus.PENDING


def _take_name(person: Person, facts: Facts) -> None:
    first, last = people.name_part(facts.first_name), people.name_part(facts.last_name)
    if last is None:
        return
    if _agrees(person.first_name, first) and _agrees(person.last_name, last):
        # The same name in another spelling of one letter or space is not another name.
        people.set_name(person, first or person.first_name, last, facts.source)
        return
    ours = {"first_name": person.first_name, "last_name": person.last_name}
    likeness = text.near(person.full_name, f"{first or ''} {last}")
    _open(person, "name", ours, {"first_name": first, "last_name": last, "likeness": likeness}, facts.source)


def _agrees(ours: str | None, theirs: str | None) -> bool:
    """Whether two parts of a name do not contradict each other: a missing one contradicts nothing."""
    return ours is None or theirs is None or text.near(ours, theirs) == "equal"


def _take(person: Person, field: str, value: Any, source: str) -> None:
    ours = getattr(person, field)
    if value is not None and ours is not None and ours != value:
        _open(person, field, {field: str(ours)}, {field: str(value)}, source)
    else:
        _fill(person, field, value, source)


def _fill(person: Person, field: str, value: Any, source: str) -> None:
    if value is not None and getattr(person, field) in (None, value):
        setattr(person, field, value)
        people.mark_source(person, field, source)


def _open(person: Person, field: str, ours: dict[str, Any], theirs: dict[str, Any], source: str) -> bool:
    """One open task for a person and field, in the territory where they enrolled last; True when it is open now.

    What a reviewer has settled is not asked again at every look-up.
    """
    same = select(Discrepancy).where(Discrepancy.person_id == person.id, Discrepancy.field == field)
    last = same.order_by(Discrepancy.id.desc()).limit(1).execution_options(populate_existing=True)
    newest = db.session.scalar(last)
    if newest is not None and newest.state is DiscrepancyState.OPEN:
        return True
    if newest is not None and newest.theirs == theirs:
        return False
    place = provenance.likely_place(person)
    row = Discrepancy(person_id=person.id, field=field, ours=ours, theirs=theirs, source=source)
    row.unit_id, row.province_id, row.state = place.unit_id, place.province_id, DiscrepancyState.OPEN
    db.session.add(row)
    if field != ELIGIBILITY:
        provenance.note_each(person, [(field, IdentityStep.DISPUTED)], source, place=place)
    db.session.flush()
    return True


def _active_enrollments(person: Person) -> list[Enrollment]:
    query = (
        select(Enrollment)
        .join(Enrollment.course)
        .where(
            Enrollment.person_id == person.id,
            Enrollment.status == EnrollmentStatus.ACTIVE,
            Course.status.not_in(eligibility.OVER),
            Course.end_on >= policy.today(),
        )
        .options(joinedload(Enrollment.course))
    )
    return list(db.session.scalars(query))


def compare_with_courses(person: Person, source: str) -> list[Enrollment]:
    """The person's active enrollments; what is now known may forbid one: it stands, and becomes a task."""
    enrollments = _active_enrollments(person)
    broken = {each.id: eligibility.contradictions(person, each.course) for each in enrollments}
    reasons = {str(key): sentences for key, sentences in broken.items() if sentences}
    if reasons:
        _open(person, ELIGIBILITY, {"enrollments": sorted(map(int, reasons))}, {"reasons": reasons}, source)
    return enrollments


def _values(person: Person) -> dict[str, Any]:
    """Each field as it is now, with what else makes the person's row another one."""
    fields = {field: value for field, (value, _) in provenance.known(person).items()}
    return fields | {"is_alive": person.is_alive, "status": person.identity_status}
