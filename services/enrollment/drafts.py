"""Work in progress at the clerk's desk: a row with its own address, so that any number of tabs live side by side."""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from models import (
    Channel,
    Course,
    DebitSource,
    Enrollment,
    EnrollmentDraft,
    EnrollmentListRow,
    Person,
    Role,
    Schooling,
    TargetGroup,
    Unit,
    db,
    utcnow,
)
from services import audit, deciles, forgetting, guardians, identity, ledger, people, provenance, purses, submissions
from services.access import Actor
from services.enrollment import commit, numbers, reach, reversal, seats, whose
from services.enrollment.terms import Application, Outcome
from services.enrollment.visits import Visit, visit
from services.enrollment.whose import Foreign
from services.errors import Conflict, DomainError, NotFound, OutsideTerritory
from services.guardians import Said as Guardian
from services.mobiles import By
from services.transaction import atomic, retried
from services.waiting import joining
from services.waiting.joining import Asking, Place

KEPT = timedelta(days=30)  # since the last saving, while nobody is enrolled by it
_KEY = re.compile("[0-9a-f-]{36}")
STALE = "این فرم در جای دیگری تغییر کرده است. آخرین وضع آن را در این صفحه می‌بینید؛ نوشته‌های شما دور ریخته نشد."


@dataclass(frozen=True)
class Entry:
    """What the clerk typed on the desk. Nothing but the course and the debit choice is needed."""

    course_id: int | None = None
    first_name: str = ""
    last_name: str = ""
    birth_date: date | None = None
    mobile: str = ""
    target_group_id: int | None = None
    evidence: str = ""
    debit_source: DebitSource | None = None
    in_person: Visit | None = None
    schooling: Schooling | None = None
    prerequisite: str = ""
    guardian: Guardian = Guardian()

    def as_fields(self) -> dict[str, Any]:
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "mobile": self.mobile,
            "evidence": self.evidence,
            "in_person": self.in_person and [each.value for each in self.in_person],
            "schooling": self.schooling,
            "prerequisite": self.prerequisite,
            **self.guardian.as_fields(),
        }


def start(
    actor: Actor,
    typed: str | Foreign,
    *,
    course_id: int | None = None,
    after: EnrollmentDraft | None = None,
    code_reason: str = "",
    unit_id: int | None = None,
) -> str:
    """Make a draft for a code, national unless it is `Foreign`; gives its key. `after` is the draft of who came before.

    Course, target group, debit choice and why people come in person are carried over from `after`: a queue of people
    for one course is the daily work. The choice is only pre-selected and said on the screen; it is confirmed for each
    person. A group that frees from the fee is not carried over: whose evidence it was is not the next person's.
    `unit_id` is asked of whom `reach.units_to_choose` offers several.

    Raises:
        NotAllowed: the actor may not enroll others, or not for this unit.
        DomainError: not a code, or one that looks made up and comes without a reason; or the unit is missing.
    """
    reach.may_enroll(actor, unit_id)
    code = whose.columns(typed, code_reason)
    reach.require_course(actor, course_id)
    draft = EnrollmentDraft(
        key=str(uuid.uuid4()),
        user_id=actor.user_id,
        unit_id=unit_id or reach.require_unit(actor, course_id, after),
        course_id=course_id or (after.course_id if after else None),
        target_group_id=_carried_group(after),
        debit_source=after.debit_source if after else None,
        updated_at=utcnow(),
        **code | {"fields": code["fields"] | _carried_fields(after)},
    )
    with atomic():
        db.session.add(draft)
        db.session.flush()
        _note_start(actor, draft, whose.person_of(draft))
    return draft.key


def _note_start(actor: Actor, draft: EnrollmentDraft, known: Person | None) -> None:
    audit.record("person_looked_up", "person", known.id if known else None, actor_id=actor.user_id, draft=draft.id)
    if known is not None:
        deciles.owe(known, actor.user_id)
    if draft.code_reason:
        audit.record("made_up_code_confirmed", "enrollment_draft", draft.id, actor_id=actor.user_id)


def _carried_group(after: EnrollmentDraft | None) -> int | None:
    group = db.session.get(TargetGroup, after.target_group_id) if after and after.target_group_id else None
    return group.id if group and not group.is_fee_exempt else None


def _carried_fields(after: EnrollmentDraft | None) -> dict[str, Any]:
    return {"in_person": after.fields["in_person"]} if after and after.fields.get("in_person") else {}


def get(actor: Actor, key: str) -> EnrollmentDraft:
    """A draft of the actor's own unit.

    Raises:
        NotFound, OutsideTerritory: no such draft, or another unit's.
    """
    query = select(EnrollmentDraft).where(EnrollmentDraft.key == key).execution_options(populate_existing=True)
    draft = db.session.scalar(query)
    if draft is None or draft.unit_id is None:
        raise NotFound("این پیش‌نویس پیدا نشد؛ پیش‌نویس‌ها سی روز پس از آخرین ذخیره پاک می‌شوند. از صفحهٔ ثبت‌نام شروع کنید.")
    own_only = draft.unit_id in actor.own_acts_only
    if draft.unit_id not in actor.units or (own_only and draft.user_id != actor.user_id):
        raise OutsideTerritory("enrollment_draft", draft.id)
    return draft


def save(actor: Actor, key: str, version: int, entry: Entry) -> EnrollmentDraft:
    """Store what was typed. The version that the form was rendered with must still be the newest.

    The same content sent again, by a second press or a reload, is the same saving.

    Raises:
        NotAllowed: the permission to enroll others has not been given, or has been taken back.
        DomainError: the target group is not in use.
        Conflict: another tab or colleague saved it since; nothing is overwritten.
    """
    draft = get(actor, key)
    reach.may_enroll(actor, draft.unit_id)
    if entry.course_id != draft.course_id:
        reach.require_course(actor, entry.course_id)
    group_id, group = entry.target_group_id, None
    if group_id != draft.target_group_id:
        group = db.session.get(TargetGroup, group_id, populate_existing=True) if group_id else None
        _in_use(group_id, group)
    with atomic():
        saved = db.session.scalar(
            update(EnrollmentDraft)
            .where(
                EnrollmentDraft.id == draft.id, EnrollmentDraft.version == version, EnrollmentDraft.used_at.is_(None)
            )
            .values(
                course_id=entry.course_id,
                target_group_id=entry.target_group_id,
                debit_source=entry.debit_source,
                fields=entry.as_fields() | whose.kept(draft.fields),
                version=version + 1,
                updated_at=utcnow(),
            )
            .returning(EnrollmentDraft)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        if saved is None:
            saved = get(actor, key)
            if entry_of(saved) != entry:
                raise Conflict(STALE)
    if group is not None:
        set_committed_value(saved, "target_group", group)  # whoever enrolls from this very draft reads it no more
    return saved


def purge(now: datetime) -> int:
    """Forget drafts that nobody has saved for a month. One that enrolled somebody stays: its key answers a repeat.

    Source: docs/rules.md R-60.
    """
    enrolled = exists().where(Enrollment.form_key == EnrollmentDraft.key)
    listed = exists().where(EnrollmentListRow.draft_id == EnrollmentDraft.id)  # they go after their list
    unused = (EnrollmentDraft.used_at.is_(None), ~enrolled, ~listed)
    return forgetting.forget(EnrollmentDraft, EnrollmentDraft.updated_at < now - KEPT, *unused)


def gaps(draft: EnrollmentDraft) -> list[DomainError]:
    """What a saved draft still lacks to enroll anybody, all at once.

    Source: docs/rules.md R-36 (evidence), R-561 (foreigners).
    """
    found = [gap] if (gap := whose.name_gap(draft)) else []
    if draft.course_id is None:
        found.append(DomainError("دوره را انتخاب کنید", field="course"))
    group = draft.target_group
    if group is not None and draft.used_at is None and _lacks_evidence(draft, group):
        found.append(_no_evidence(group))
    is_free = group is not None and group.is_fee_exempt
    if not is_free and draft.debit_source not in (DebitSource.PORTAL_USER, DebitSource.TRAINEE):
        found.append(DomainError("انتخاب کنید که اعتبار از چه کسی کسر شود", field="debit_source"))
    return found


@retried
def confirm(actor: Actor, draft: EnrollmentDraft, *, must_ask: bool = False) -> Outcome:
    """Enroll the person of a saved draft; on any refusal the draft is as it was and nothing else happened.

    Args:
        must_ask: whether nobody has been asked yet for what the rules would like to know.

    Raises:
        DomainError: what is missing, or any refusal of the enrollment itself.
    """
    reach.may_enroll(actor, draft.unit_id)
    for gap in gaps(draft):
        raise gap
    assert draft.course_id is not None  # noqa: S101 (it would be a gap)
    if draft.used_at is None:
        seats.check_open(draft.course_id, draft.national_code or draft.foreign_code)
    with atomic():
        person = whose.locked(draft)
        if draft.used_at is None:
            _apply(actor, person, draft)
        return commit.enroll(replace(_application(actor, draft, person), must_ask=must_ask))


@retried
def wait(actor: Actor, draft: EnrollmentDraft) -> Place:
    """Put the person of a saved draft into the waiting list of its full course; the draft stays as it is.

    Raises:
        NotAllowed: they may not enroll others. DomainError: no course. And every refusal of `joining.join`.
    """
    reach.may_enroll(actor, draft.unit_id)
    if draft.course_id is None:
        raise DomainError("دوره را انتخاب کنید", field="course")
    if gap := whose.name_gap(draft):
        raise gap
    is_counter = draft.unit_id in actor.acting(Role.COUNTER).units
    with atomic():
        person = whose.locked(draft)
        _apply(actor, person, draft)
        return joining.join(
            Asking(
                form_key=submissions.for_choice(draft.key, f"wait {draft.version}"),
                course_id=draft.course_id,
                person_id=person.id,
                channel=Channel.COUNTER if is_counter else Channel.CLERK,
                actor_id=actor.user_id,
                unit_id=draft.unit_id if is_counter else None,
            )
        )


def _application(actor: Actor, draft: EnrollmentDraft, person: Person) -> Application:
    user = purses.portal_purse(actor, draft.unit_id)
    is_counter = draft.unit_id in actor.acting(Role.COUNTER).units
    group = _in_use(draft.target_group_id, draft.target_group) if draft.used_at is None else None
    if group is not None and _lacks_evidence(draft, group):
        raise _no_evidence(group)
    return Application(
        form_key=draft.key,
        course_id=draft.course_id or 0,
        person_id=person.id,
        channel=Channel.COUNTER if is_counter else Channel.CLERK,
        debit_source=draft.debit_source or DebitSource.NONE,
        payer=user if draft.debit_source is DebitSource.PORTAL_USER else ledger.owner_of(person),
        actor_id=actor.user_id,
        portal_user=user,
        unit_id=draft.unit_id if is_counter else None,
        draft_id=draft.id,
        free_because=f"گروه هدف: {group.title}" if group and group.is_fee_exempt else None,
        target_group_id=draft.target_group_id,
        group_evidence=(entry_of(draft).evidence or None) if draft.target_group_id else None,
        in_person=entry_of(draft).in_person,
        prerequisite_seen=entry_of(draft).prerequisite or None,
    )


def _lacks_evidence(draft: EnrollmentDraft, group: TargetGroup) -> bool:
    return group.needs_evidence and not entry_of(draft).evidence


def _no_evidence(group: TargetGroup) -> DomainError:
    return DomainError(f"برای «{group.title}» نوع و شمارهٔ مدرک را بنویسید", field="evidence")


def _in_use(group_id: int | None, group: TargetGroup | None) -> TargetGroup | None:
    """The chosen target group, which must be in use: it may spare a person the fee."""
    if group_id is not None and (group is None or not group.is_active):
        raise DomainError("این گروه هدف دیگر به کار نمی‌رود. گروه دیگری انتخاب کنید.", field="target_group")
    return group


@dataclass(frozen=True)
class Finished:
    """A draft that has become an enrollment, for the page that asks for the next person."""

    draft: EnrollmentDraft
    enrollment: Enrollment
    can_undo: bool


def finished(actor: Actor, key: str | None) -> Finished | None:
    """The person just enrolled by the draft `key` of the actor's unit; None when there is none."""
    if not key or not _KEY.fullmatch(key):
        return None
    query = (
        select(EnrollmentDraft, Enrollment)
        .join(Enrollment, Enrollment.form_key == EnrollmentDraft.key)
        .where(EnrollmentDraft.key == key, EnrollmentDraft.unit_id.in_(actor.units), _not_of_a_colleague(actor))
        .options(
            joinedload(Enrollment.person),
            joinedload(Enrollment.course).joinedload(Course.unit).joinedload(Unit.province),
        )
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(query).first()
    return row and Finished(row[0], row[1], reversal.can_undo(actor.user_id, row[1]))


def _not_of_a_colleague(actor: Actor) -> ColumnElement[bool]:
    """For counters, whose own acts alone are theirs to see."""
    return or_(EnrollmentDraft.unit_id.not_in(actor.own_acts_only), EnrollmentDraft.user_id == actor.user_id)


def unfinished(actor: Actor, limit: int = 5) -> list[EnrollmentDraft]:
    """The actor's own drafts that were saved and not used yet, newest first."""
    query = select(EnrollmentDraft).where(
        EnrollmentDraft.user_id == actor.user_id,
        EnrollmentDraft.unit_id.in_(actor.units),
        EnrollmentDraft.used_at.is_(None),
        EnrollmentDraft.version > 1,
    )
    newest = query.order_by(EnrollmentDraft.updated_at.desc()).limit(limit)
    return list(db.session.scalars(newest))


def entry_of(draft: EnrollmentDraft) -> Entry:
    """What a saved draft holds, in the shape it was given."""
    fields = draft.fields
    return Entry(
        course_id=draft.course_id,
        first_name=fields.get("first_name") or "",
        last_name=fields.get("last_name") or "",
        birth_date=date.fromisoformat(fields["birth_date"]) if fields.get("birth_date") else None,
        mobile=fields.get("mobile") or "",
        target_group_id=draft.target_group_id,
        evidence=fields.get("evidence") or "",
        debit_source=draft.debit_source,
        in_person=visit(*(fields.get("in_person") or (None, None))),
        schooling=Schooling(fields["schooling"]) if fields.get("schooling") else None,
        prerequisite=fields.get("prerequisite") or "",
        guardian=Guardian.of(fields),
    )


def _apply(actor: Actor, person: Person, draft: EnrollmentDraft) -> None:
    """Fill the gaps of a person with what was typed; nothing that is already known is overwritten."""
    fields = draft.fields
    numbers.fill_mobile(actor, person, draft)
    province = next((held.province_id for held in actor.held if held.unit_id == draft.unit_id), None)
    people.fill_gaps(person, fields, actor.user_id, provenance.Place(draft.unit_id, province))
    if schooling := entry_of(draft).schooling:
        people.set_schooling(person, schooling, people.CLERK)
    db.session.flush()
    guardians.fill(person, Guardian.of(fields), people.CLERK, By(actor.user_id, draft.unit_id))
    identity.owe_checks(person, actor.user_id)
