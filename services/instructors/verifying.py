"""What a center and then its province say about rows of files: one row, or several together by the same rule."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from models import InstructorRecord, RecordEvent, RecordState, User, db, utcnow
from services import deciding, jalali, submissions, text, trail
from services.access import Actor, Level
from services.deciding import Decided, Outcome
from services.errors import Conflict, DomainError, NotFound
from services.instructors import cases, engaging, evidence, records
from services.instructors.cases import Case
from services.instructors.labels import RECORD_DID
from services.transaction import atomic, retried

S = RecordState
PASSED, VERIFIED, REJECTED = "passed", "verified", "rejected"
_YOU = {
    PASSED: "در مرکز تأیید کردید و به استان فرستادید",
    VERIFIED: "تأیید کردید",
    REJECTED: "رد کردید",
    "withdrawn": "پس گرفتید",
}
_NO_PAPER = "این ردیف سند خوانایی ندارد و تأیید نمی‌شود. آن را با دلیل رد کنید تا سند تازه‌ای بفرستند."
_NO_IDENTITY = "مدرک هویت این مربی که از اتباع خارجی است هنوز در پروندهٔ او نیست؛ تا نیاید ردیفی تأیید نمی‌شود."
_CHANGED = "این ردیف پس از باز کردن این صفحه اصلاح و دوباره فرستاده شده است. آن را دوباره ببینید؛ تصمیم شما ثبت نشد."
_NO_FORMER = "ردیفی که این تغییر جای آن را می‌گیرد دیگر تأییدشده نیست. این تغییر را رد کنید؛ چیزی ثبت نشد."


@dataclass(frozen=True)
class Key:
    """A row as somebody has seen it."""

    record_id: int
    version: int


@retried
def decide(actor: Actor, form_key: str, key: Key, *, approve: bool, reason: str) -> Decided[str]:
    """Pass a row on to the province, verify it there, or reject it with a reason; a form counts once.

    A row that was a change takes the place of the verified one in the same transaction.

    Source: docs/rules.md R-215 to R-217.
    Raises:
        NotFound, OutsideTerritory: as `cases.several`.
        NotAllowed: the actor verifies nothing here, or has written the row.
        Conflict: somebody was faster, or the row says something else by now.
        DomainError: it has no paper to stand on; or no reason is said for a rejection.
    """
    with atomic():
        row = _row(actor, key.record_id)
        if denial := cases.by_role(actor, row):
            raise denial
        action = REJECTED if not approve else PASSED if actor.level is Level.CENTER else VERIFIED
        # The other word, said with the same form after going back, is no repeat.
        once = submissions.for_choice(form_key, f"{action} {row.id}")
        if not submissions.once(once, actor.user_id, f"instructor_record:{row.id}"):
            return Decided(action, repeated=True)
        if row.state is not cases.WAITS[actor.level]:
            raise late(actor, row)
        case = cases.case(actor, row.id)
        if case.denial:
            raise case.denial
        said = engaging.said_reason(reason) if not approve else text.clean(reason)[: engaging.LONGEST_REASON]
        if approve and (why := against(case)):
            db.session.refresh(row)  # whoever has just approved it has also taken its former row away
            raise why if row.state is cases.WAITS[actor.level] else late(actor, row)
        if not _turned(actor, key, action, said):
            db.session.refresh(row)
            raise late(actor, row)
        records.step(actor, row.id, action, said)
        if action == VERIFIED and case.former:
            _replace(actor, case.former)
        return Decided(action, repeated=False)


def decide_all(
    actor: Actor, form_key: str, chosen: Collection[Key], *, approve: bool, reason: str
) -> Sequence[Outcome[Key]]:
    """Decide several rows as `decide` does each, in their order; of each what became of it.

    Raises:
        NotFound, OutsideTerritory: one of them is not there, or another territory's; nothing is decided then.
        DomainError: they are too many, or no reason is said for a rejection.
    """
    cases.several(actor, [key.record_id for key in chosen])
    if not approve:
        reason = engaging.said_reason(reason)
    said: dict[str, Any] = {"approve": approve, "reason": reason}
    return deciding.each(chosen, lambda key: decide(actor, form_key, key, **said))


def against(case: Case) -> DomainError | None:
    """Why a row cannot be approved whoever looks at it; None when it can."""
    if not case.has_paper:
        return DomainError(_NO_PAPER)
    if not evidence.proves_identity(case.record.person):
        return DomainError(_NO_IDENTITY)
    if case.record.replaces_id and (case.former is None or case.former.state is not S.VERIFIED):
        return DomainError(_NO_FORMER)
    return None


def over(actor: Actor, record_id: int) -> str:
    """What was done last with a row, by whom and when."""
    query = select(RecordEvent).where(RecordEvent.record_id == record_id).order_by(RecordEvent.id.desc()).limit(1)
    event = db.session.scalars(query).one()
    when, did = jalali.at(event.at), RECORD_DID.get(event.action, event.action)
    if event.actor_id == actor.user_id:
        return f"خود شما {when} این ردیف را {_YOU.get(event.action, did)}"
    user = db.session.get(User, event.actor_id, options=[joinedload(User.person)]) if event.actor_id else None
    return f"{trail.name_of(user)} {when} این ردیف را {did}"


def late(actor: Actor, row: InstructorRecord) -> Conflict:
    """Somebody was faster: who, when and what."""
    if row.state is cases.WAITS[actor.level]:
        return Conflict(_CHANGED)
    return Conflict(f"{over(actor, row.id)}. تصمیم شما ثبت نشد.")


# -- Support -----------------------------------------------------------------------


def _row(actor: Actor, record_id: int) -> InstructorRecord:
    row = db.session.get(InstructorRecord, record_id, populate_existing=True)
    if row is None:
        raise NotFound(cases.NO_SUCH)
    cases.refuse_outside(actor, row)
    return row


def _turned(actor: Actor, key: Key, action: str, said: str) -> bool:
    """The conditional UPDATE; False: the row is not what was seen any more."""
    by, at = actor.user_id, utcnow()
    values = {
        PASSED: {"state": S.AT_PROVINCE, "center_by_id": by, "center_at": at},
        VERIFIED: {"state": S.VERIFIED, "decided_by_id": by, "decided_at": at, "decision": said or None},
        REJECTED: {"state": S.REJECTED, "decided_by_id": by, "decided_at": at, "decision": said},
    }[action]
    here = (InstructorRecord.id == key.record_id, InstructorRecord.state == cases.WAITS[actor.level])
    turn = update(InstructorRecord).where(*here, InstructorRecord.version == key.version)
    turn = turn.values(version=key.version + 1, **values).returning(InstructorRecord.id)
    return db.session.scalar(turn, execution_options={"synchronize_session": False}) is not None


def _replace(actor: Actor, former: InstructorRecord) -> None:
    """The verified row of before gives way."""
    here = (InstructorRecord.id == former.id, InstructorRecord.state == S.VERIFIED)
    turn = update(InstructorRecord).where(*here).values(state=S.REPLACED, version=InstructorRecord.version + 1)
    turned = db.session.scalar(turn.returning(InstructorRecord.id), execution_options={"synchronize_session": False})
    if turned is None:
        raise Conflict(_NO_FORMER)
    records.step(actor, former.id, "replaced")
