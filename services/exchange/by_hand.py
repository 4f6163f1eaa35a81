"""What is owed to a system while people ask it themselves: the list of it, and the answer with the paper that shows it.

Source: docs/rules.md R-748, R-749.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from models import ExchangeRow, ExchangeState, FileKind, Mode, Outbox, OutboxState, Person, StoredFile, db, utcnow
from services import audit, files, giving_away, outbox, outside
from services.access import Actor, Level
from services.errors import Conflict, DomainError, NotFound
from services.exchange import systems
from services.exchange.gathering import sealed
from services.exchange.systems import Reply, System, lock_people
from services.files import Place, Viewer
from services.imports import Values
from services.transaction import atomic

OWNER = "exchange_row"
PAGE = 25
_GONE = "این کار دیگر در انتظار نیست؛ شاید همکاری پاسخ آن را ثبت کرده یا در پرونده‌ای رفته است. چیزی ثبت نشد."
_OTHER_MODE = "این سامانه اکنون دستی نیست؛ شاید همکاری حالت آن را عوض کرده است. چیزی ثبت نشد."
_NOTHING = "دربارهٔ این شخص دیگر چیزی برای پرسیدن نیست یا شمارهٔ او هنوز تأیید نشده است. چیزی ثبت نشد."


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for a person: since when, about whom, and what to ask."""

    outbox_id: int
    since: datetime
    name: str
    asked: tuple[tuple[str, str], ...]


def waiting(system: System, after: int = 0) -> tuple[list[tuple[int, datetime, str]], int | None]:
    """What waits, oldest first: the row, since when, about whom; and after which row the next page begins."""
    query = select(Outbox.id, Outbox.ref_id, Outbox.created_at).where(*_owed(system), Outbox.id > after)
    rows = db.session.execute(query.order_by(Outbox.id).limit(PAGE + 1)).all()
    people = system.people_of([row.ref_id for row in rows[:PAGE]])
    persons = db.session.scalars(select(Person).where(Person.id.in_(set(people.values()))))
    names = {person.id: person.full_name or "نام ثبت نشده" for person in persons}
    told = [(row.id, row.created_at, names.get(people.get(row.ref_id, 0), "")) for row in rows[:PAGE]]
    return told, rows[PAGE - 1].id if len(rows) > PAGE else None


def count(system: System) -> int:
    return db.session.scalar(select(func.count(Outbox.id)).where(*_owed(system))) or 0


def one(system: System, outbox_id: int) -> Waiting:
    """What a person needs to ask about one thing.

    Raises:
        NotFound: it does not wait any more. Conflict: there is nothing to ask by now.
    """
    row = db.session.execute(select(Outbox).where(Outbox.id == outbox_id, *_owed(system))).scalar_one_or_none()
    if row is None:
        raise NotFound(_GONE)
    asked = system.asked([row.ref_id]).get(row.ref_id)
    if asked is None:
        raise Conflict(_NOTHING)
    person = db.session.get_one(Person, system.people_of([row.ref_id])[row.ref_id])
    pairs = tuple(zip(system.heads, asked, strict=True))
    return Waiting(row.id, row.created_at, person.full_name or "نام ثبت نشده", pairs)


def check(system: System, values: Values, *, has_document: bool) -> None:
    """Refuse an answer that is not whole, before its document is kept.

    Raises:
        DomainError: what is missing; it names the field.
    """
    if not values.get("result"):
        raise DomainError("نتیجه را انتخاب کنید", field="result")
    for name, why in system.problems(values).items():
        raise DomainError(why, field=name)
    if system.needs_document and not has_document:
        raise DomainError("سندی را که پاسخ در آن است بفرستید", field="file")


def record(actor: Actor, system: System, outbox_id: int, values: Values, document: StoredFile | None) -> int:
    """The answer that a person has brought, with effect at once; the id of its row.

    Raises:
        Conflict: the system is not done by hand any more, or somebody was faster.
        DomainError: what is missing; it names the field.
    """
    check(system, values, has_document=document is not None)
    if outside.mode_of(system.code) is not Mode.MANUAL:
        raise Conflict(_OTHER_MODE)
    with atomic():
        ref = db.session.scalar(select(Outbox.ref_id).where(Outbox.id == outbox_id, *_owed(system)))
        if ref is None:
            raise Conflict(_GONE)
        lock_people(list(system.people_of([ref]).values()))
        asked = system.asked([ref]).get(ref)
        if asked is None:
            raise Conflict(_NOTHING)
        claim = giving_away.give_away([outbox_id]).get(outbox_id)
        if claim is None:
            raise Conflict(_GONE)
        row = _row(actor, system, claim, asked, values)
        db.session.add(row)
        db.session.flush()
        systems.take(system, Reply(claim, row.number, asked, values, actor.user_id))
        if document is not None:
            files.attach(actor, [document.key], Place(OWNER, row.id))
            row.document_id = document.id
        told: dict[str, Any] = {"system": system.code.value, "result": str(values["result"])}
        audit.record("exchange_by_hand", "exchange_row", row.id, actor_id=actor.user_id, **told)
    return row.id


def recent(system: System, limit: int = 10) -> Sequence[ExchangeRow]:
    """What was recorded by hand, newest first."""
    query = select(ExchangeRow).where(ExchangeRow.system == system.code, ExchangeRow.batch_id.is_(None))
    return db.session.scalars(query.order_by(ExchangeRow.id.desc()).limit(limit)).all()


def _row(
    actor: Actor, system: System, claim: outbox.Claim, asked: tuple[str, ...], values: dict[str, Any]
) -> ExchangeRow:
    accepted = values["result"] not in (systems.AGAIN, systems.REFUSED)
    return ExchangeRow(
        number=f"hand-{secrets.token_hex(10)}",
        system=system.code.value,
        outbox_id=claim.id,
        ref_id=claim.ref_id,
        state=ExchangeState.ACCEPTED if accepted else ExchangeState.REJECTED,
        cause=None if accepted else str(values["cause"])[:200],
        sealed=sealed(asked, values),
        answered_by_id=actor.user_id,
        answered_at=utcnow(),
    )


def _owed(system: System) -> tuple[ColumnElement[bool], ...]:
    """Owed, and not in a file."""
    not_away = (Outbox.lease_until.is_(None)) | (Outbox.lease_until < outbox.GIVEN_AWAY)
    return Outbox.topic == system.code, Outbox.state == OutboxState.OPEN, not_away


def _may_see(viewer: Viewer, file: StoredFile) -> bool:
    return any(actor.level is Level.OPS for actor in viewer.actors)


files.register(OWNER, (FileKind.IMAGE, FileKind.PDF), _may_see, most=1)
