"""Running a list: whoever is good is enrolled, fifty in a transaction; of the others stays why not, and a draft.

A row's form key is the key of the enrollment and of the draft. So a list is run any number of times and from two tabs
at once, and whoever was enrolled at the desk meanwhile is known.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, case, select, update

from models import (
    Channel,
    DebitSource,
    Enrollment,
    EnrollmentDraft,
    EnrollmentList,
    EnrollmentListRow,
    ListRowState,
    OwnerKind,
    Person,
    Role,
    Schooling,
    db,
    utcnow,
)
from services import audit, codes, foreigners, identity, mobiles, people, provenance, purses
from services.access import Actor
from services.enrollment import batch, numbers, reach
from services.enrollment.batch import Result
from services.enrollment.refusals import AlreadyEnrolled
from services.enrollment.terms import Application, Outcome
from services.errors import DomainError
from services.guardians import Said as Guardian
from services.many import guarding, keeping, looking, said
from services.many.said import Claim
from services.mobiles import By
from services.provenance import Place
from services.sql import add_many_once
from services.transaction import atomic

LONGEST_S = 15.0  # a page waits no longer; the rest is one more press
TRIED = (ListRowState.WAITING, ListRowState.REFUSED)


@dataclass
class Ran:
    """What one run has done: how many were enrolled now, were enrolled before, were refused, and are not tried yet."""

    enrolled: int = 0
    before: int = 0
    refused: int = 0
    left: int = 0

    def count(self, results: Mapping[str, Result]) -> None:
        for each in results.values():
            if isinstance(each, Outcome):
                self.before += each.repeated
                self.enrolled += not each.repeated
            elif isinstance(each, AlreadyEnrolled):
                self.before += 1
            else:
                self.refused += 1


@dataclass(frozen=True)
class Run:
    """Who runs which list, and from which purse."""

    actor: Actor
    kept: EnrollmentList
    source: DebitSource
    user: tuple[OwnerKind, str]
    channel: Channel

    def application(self, row: Row[Any], person_id: int, claim: Claim) -> Application:
        own = (OwnerKind.NATIONAL if row.national_code else OwnerKind.FOREIGN, row.code)
        is_counter = self.channel is Channel.COUNTER
        return Application(
            form_key=row.form_key,
            course_id=self.kept.course_id,
            person_id=person_id,
            channel=self.channel,
            debit_source=self.source,
            payer=self.user if self.source is DebitSource.PORTAL_USER else own,
            actor_id=self.actor.user_id,
            portal_user=self.user,
            unit_id=self.kept.unit_id if is_counter else None,
            draft_id=row.draft_id,
            free_because=f"گروه هدف: {claim.group.title}" if claim.group and claim.is_free else None,
            target_group_id=claim.group.id if claim.group else None,
            group_evidence=claim.evidence,
            prerequisite_seen=claim.said.prerequisite,
            has_guardian=not Guardian.of(row.fields).is_empty,
        )


def run(actor: Actor, key: str, source: DebitSource | None) -> Ran:
    """Enroll everybody of a list who can be; what speaks against the others stands in their rows afterwards.

    Raises:
        NotFound, OutsideTerritory: as `keeping.get`. NotAllowed: the permission has been taken back.
        DomainError: it was not said who pays.

    Source: docs/rules.md R-584.
    """
    found = keeping.get(actor, key)
    reach.require_course(actor, found.course_id)
    if source not in (DebitSource.PORTAL_USER, DebitSource.TRAINEE):
        raise DomainError("انتخاب کنید که اعتبار از چه کسی کسر شود", field="debit_source")
    is_counter = found.unit_id in actor.acting(Role.COUNTER).units
    channel = Channel.COUNTER if is_counter else Channel.CLERK
    going = Run(actor, found, source, purses.portal_purse(actor, found.unit_id), channel)
    with atomic():
        keeping.touch(found.id, debit_source=source)
        audit.record("list_run", keeping.SUBJECT, found.id, actor_id=actor.user_id, source=source.value)
    return _through(going)


def _through(going: Run) -> Ran:
    """Some fifty after some fifty, each read when it is their turn."""
    done, end = Ran(), time.monotonic() + LONGEST_S
    for rows in _turns(going.kept.id):
        if time.monotonic() > end:
            done.left += len(rows)
            continue
        done.count(_enroll(going, rows))
    return done


def _turns(list_id: int) -> Iterator[Sequence[Row[Any]]]:
    row, line = EnrollmentListRow, 0
    columns = (
        row.id,
        row.line,
        row.form_key,
        row.national_code,
        keeping.CODE.label("code"),
        row.fields,
        row.draft_id,
        Person.id.label("person_id"),
    )
    named = (Person.identity_status, Person.first_name, Person.last_name)
    query = select(*columns, *named).outerjoin(Person, keeping.WHOSE)
    query = query.where(row.list_id == list_id, row.state.in_(TRIED), keeping.CODE.is_not(None))
    while rows := db.session.execute(query.where(row.line > line).order_by(row.line).limit(batch.MOST)).all():
        line = rows[-1].line
        yield rows


def _enroll(going: Run, rows: Sequence[Row[Any]]) -> dict[str, Result]:
    ids, claims = _people(rows), said.of_rows(rows)
    barred = _barred(going, rows, ids, claims)
    good = [going.application(row, ids[row.code], claims(row)) for row in rows if row.form_key not in barred]
    typed = {ids[row.code]: claims(row).typed for row in rows}
    keep = partial(_keep, going, rows, ids, barred)
    if not good:
        with atomic():
            keep({})
        return barred
    return batch.enroll_each(good, typed=typed, note=keep) | barred


def _people(rows: Sequence[Row[Any]]) -> dict[str, int]:
    """The ids of all of them by code; whoever is new is made first and alone, so that nobody waits in a ring."""
    found = {row.code: row.person_id for row in rows if row.person_id}
    new = [row for row in rows if not row.person_id]
    own = [row.national_code for row in new if row.national_code]
    named = {codes.national_code(row.fields.get("guardian_code")) for row in rows}
    if own or named - {None}:
        people.add_each({*own, *(code for code in named if code)})
        query = select(Person.national_code, Person.id).where(Person.national_code.in_(own)).order_by(Person.id)
        found |= {row.national_code: row.id for row in db.session.execute(query)}
    for row in new:
        if not row.national_code:
            with atomic():
                found[row.code] = foreigners.find_or_create(row.code, row.fields["foreign_kind"], people.CLERK).id
    return found


def _barred(going: Run, rows: Sequence[Row[Any]], ids: Mapping[str, int], claims: looking.Claims) -> dict[str, Result]:
    """Those whose own words stand in the way: a code that looks made up, the mobile of whoever enrolls, no evidence."""
    found: dict[str, Result] = {}
    mobiles = {row.form_key: (row.fields["mobile"], ids[row.code]) for row in rows if row.fields.get("mobile")}
    units = (going.kept.unit_id, going.kept.course.unit_id)
    for key, sentence in numbers.of_staff_each(going.actor, units, mobiles).items():
        found[key] = DomainError(sentence, field="mobile")
    born = {row.code: claims(row).typed.birth_date for row in rows}
    found |= guarding.barred(going.actor, units, rows, born)
    for row in rows:
        if problem := looking.why_not(row, claims(row)):
            found[row.form_key] = DomainError(problem)
    return found


# -- What stays ----------------------------------------------------------------------


def _keep(
    going: Run,
    rows: Sequence[Row[Any]],
    ids: Mapping[str, int],
    barred: Mapping[str, Result],
    results: Mapping[str, Result],
) -> None:
    """Fill what is not known of those who are in, and write into every row what has become of it.

    Inside the transaction that enrolls, with everybody locked who is in it.
    """
    every = {**results, **barred}
    new = {key for key, each in results.items() if isinstance(each, Outcome) and not each.repeated}
    _fill(going, {ids[row.code]: row for row in rows if row.form_key in new})
    _mark_enrolled(going.kept.id, [row.form_key for row in rows])
    refused = [(row, each) for row in rows if isinstance(each := every.get(row.form_key), DomainError)]
    _draft(going, [row for row, each in refused if not row.draft_id and not isinstance(each, AlreadyEnrolled)])
    _mark_refused(refused)


def _fill(going: Run, rows: Mapping[int, Row[Any]]) -> None:
    """Nothing that is already known is overwritten; what is still lacking is asked of the registry and Shahkar."""
    if not rows:
        return
    locked = people.locked_each(rows)
    course = going.kept.course
    by = By(going.actor.user_id, going.kept.unit_id, place=Place(course.unit_id, course.province_id))
    with provenance.together():
        for person in locked:
            fields = rows[person.id].fields
            people.fill_gaps(person, fields, by.actor_id, by.place)
            mobiles.fill(person, fields.get("mobile"), by)
            if fields.get("schooling"):
                people.set_schooling(person, Schooling(fields["schooling"]), people.CLERK)
    db.session.flush()
    guarding.name_each(rows, locked, by)
    identity.owe_checks_of(locked, going.actor.user_id)


def _mark_enrolled(list_id: int, keys: Sequence[str]) -> None:
    """Every row of these whose form has made an enrollment, whoever sent it and from wherever."""
    made = Enrollment.form_key == EnrollmentListRow.form_key
    id_, person = (
        select(column).where(made).correlate(EnrollmentListRow).scalar_subquery()
        for column in (Enrollment.id, Enrollment.person_id)
    )
    here = (EnrollmentListRow.list_id == list_id, EnrollmentListRow.form_key.in_(keys), id_.is_not(None))
    marks = {"state": ListRowState.ENROLLED, "problem": None, "tried_at": utcnow()}
    marking = update(EnrollmentListRow).where(*here).values(enrollment_id=id_, person_id=person, **marks)
    db.session.execute(marking.execution_options(synchronize_session=False))


def _mark_refused(refused: Sequence[tuple[Row[Any], DomainError]]) -> None:
    if not refused:
        return
    said = case({row.id: str(why)[:400] for row, why in refused}, value=EnrollmentListRow.id)
    here = (EnrollmentListRow.id.in_([row.id for row, _ in refused]), EnrollmentListRow.state.in_(TRIED))
    marks = {"state": ListRowState.REFUSED, "problem": said, "tried_at": utcnow()}
    marking = update(EnrollmentListRow).where(*here).values(**marks)
    db.session.execute(marking.execution_options(synchronize_session=False))


def _draft(going: Run, rows: Sequence[Row[Any]]) -> None:
    """A draft at the desk for each who was refused, by the row's own key: enrolled there, they are enrolled here."""
    if not rows:
        return
    now = utcnow()
    same = {
        "user_id": going.actor.user_id,
        "unit_id": going.kept.unit_id,
        "course_id": going.kept.course_id,
        "debit_source": going.source,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    # Of a code that looks made up none is made: at the desk a reason is asked for first.
    whole = [row for row in rows if not (row.national_code and looking.made_up(row.national_code, row.identity_status))]
    add_many_once(EnrollmentDraft, [{**same, **_of_draft(row)} for row in whole])
    of_row = select(EnrollmentDraft.id).where(EnrollmentDraft.key == EnrollmentListRow.form_key)
    tying = update(EnrollmentListRow).where(EnrollmentListRow.id.in_([row.id for row in rows]))
    tying = tying.values(draft_id=of_row.correlate(EnrollmentListRow).scalar_subquery())
    db.session.execute(tying.execution_options(synchronize_session=False))


def _of_draft(row: Row[Any]) -> dict[str, Any]:
    """What a draft holds of a row, where a draft has it."""
    fields = {name: value for name, value in row.fields.items() if name not in ("foreign_code", "target_group_id")}
    codes = {"national_code": row.national_code, "foreign_code": row.fields.get("foreign_code")}
    return {**codes, "key": row.form_key, "fields": fields, "target_group_id": row.fields.get("target_group_id")}
