"""From what is owed to a file: gathered into a batch, downloaded as often as needed, or dropped.

Locks are taken in the order of everybody: people, then the rows of the outbox.
"""

import logging
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Update, select, update
from sqlalchemy.orm import joinedload

from models import BatchState, ExchangeBatch, ExchangeRow, ExchangeState, Mode, User, db, utcnow
from services import audit, giving_away, jalali, outside, seals, submissions, text
from services.errors import Conflict, DomainError, NotFound
from services.exchange.systems import SYSTEMS, System, lock_people, of
from services.imports.workbook import Line
from services.outbox import Claim
from services.sql import add_many
from services.transaction import atomic, retried

log = logging.getLogger(__name__)

MOST = 1_000  # rows of a file: it is made while somebody waits
_CHUNK = 500
PURPOSE, KEPT_S = "exchange", 10 * 365 * 24 * 3600
NUMBER = "شمارهٔ ردیف"
DROPPED = "file_dropped"  # why the rows are owed again; the words are in services/labels.py
_WHY_DROP = "دلیل را بنویسید؛ اگر پرونده به دست سامانه رسیده باشد، کار دو بار انجام می‌شود"
_OPEN = (ExchangeState.READY, ExchangeState.SENT)


# -- Gathering ---------------------------------------------------------------------


def gather(actor_id: int, code: str, form_key: str) -> int | None:
    """Put what is owed to a system into a batch; its id, or None where nothing was there. A repeat finds the first.

    Raises:
        Conflict: the system is in another mode by now.

    Source: docs/rules.md R-742.
    """
    system = of(code)
    with atomic():
        if earlier := submissions.begin(form_key, actor_id):
            return submissions.id_of(earlier, "exchange") or None
        _require_batch(system)
        batch_id = _gathered(system, actor_id)
        submissions.finish(form_key, f"exchange:{batch_id or 0}")
    return batch_id


def gather_all(_now: datetime) -> int:
    """By the clock, a batch of each system that works with files and is owed something; returns how many."""
    made = 0
    for system in SYSTEMS.values():
        if outside.mode_of(system.code) is Mode.BATCH:
            with atomic():
                made += _gathered(system, None) is not None
    return made


def _require_batch(system: System) -> None:
    if outside.mode_of(system.code) is not Mode.BATCH:
        raise Conflict("این سامانه اکنون با پرونده کار نمی‌کند؛ شاید همکاری حالت آن را عوض کرده است. دسته‌ای ساخته نشد.")


def _gathered(system: System, actor_id: int | None) -> int | None:
    """A new batch of what is at hand, oldest first, or None; inside `atomic()`."""
    lines: list[tuple[Claim, tuple[str, ...]]] = []
    last = 0
    while len(lines) < MOST and (some := giving_away.at_hand(system.code, _CHUNK, last)):
        last = some[-1][0]
        lines += _taken(system, some[: MOST - len(lines)])
    return _new_batch(system, actor_id, lines) if lines else None


def _taken(system: System, some: list[tuple[int, int]]) -> list[tuple[Claim, tuple[str, ...]]]:
    """Those of the rows that go into a file; the rest stays for the workers, who know why it does not go."""
    refs = [ref for _, ref in some]
    lock_people(list(system.people_of(refs).values()))
    asked = system.asked(refs)
    claims = giving_away.give_away([row for row, ref in some if ref in asked])
    return [(claim, asked[claim.ref_id]) for _, claim in sorted(claims.items())]


def _new_batch(system: System, actor_id: int | None, lines: list[tuple[Claim, tuple[str, ...]]]) -> int:
    now = utcnow()
    day = "".join(f"{part:02}" for part in jalali.parts(jalali.tehran_today(now)))
    number = f"{system.code}-{day}-{secrets.token_hex(3)}"
    batch = ExchangeBatch(number=number, system=system.code, row_count=len(lines), made_by_id=actor_id)
    db.session.add(batch)
    db.session.flush()
    same = {"system": system.code.value, "batch_id": batch.id, "state": ExchangeState.READY, "created_at": now}
    add_many(
        ExchangeRow,
        [
            same
            | {"number": f"{number}-{place:04}", "outbox_id": claim.id, "ref_id": claim.ref_id, "sealed": sealed(asked)}
            for place, (claim, asked) in enumerate(lines, 1)
        ],
    )
    told: dict[str, Any] = {"system": system.code.value, "rows": len(lines)}
    audit.record("exchange_gathered", "exchange_batch", batch.id, actor_id=actor_id, **told)
    return batch.id


# -- What is sealed ----------------------------------------------------------------


def sealed(asked: tuple[str, ...], answer: dict[str, Any] | None = None) -> str:
    return seals.seal(PURPOSE, {"asked": asked, "answer": answer})


def unsealed(row: ExchangeRow) -> tuple[tuple[str, ...], dict[str, Any]]:
    """What was asked, and what was answered where something was; nothing when it was sealed by another key."""
    found = seals.unseal(PURPOSE, row.sealed or "", KEPT_S) or {}
    return tuple(found.get("asked") or ()), found.get("answer") or {}


# -- Sending -----------------------------------------------------------------------


def get(batch_id: int) -> ExchangeBatch:
    """One batch.

    Raises:
        NotFound: there is none.
    """
    query = select(ExchangeBatch).where(ExchangeBatch.id == batch_id)
    query = query.options(joinedload(ExchangeBatch.made_by).joinedload(User.person))
    batch = db.session.scalar(query.execution_options(populate_existing=True))
    if batch is None:
        raise NotFound("چنین دسته‌ای نیست. از صفحهٔ سامانه‌های بیرونی آغاز کنید.")
    return batch


def send(actor_id: int, batch_id: int) -> ExchangeBatch:
    """The file is taken out: its rows are sent from now on. Again is the same file and counts once more.

    Raises:
        Conflict: it was dropped.

    Source: docs/rules.md R-743.
    """
    batch = get(batch_id)
    with atomic():
        now, there = utcnow(), (ExchangeBatch.id == batch_id, ExchangeBatch.state != BatchState.DROPPED)
        taken = {"sent_count": ExchangeBatch.sent_count + 1, "version": ExchangeBatch.version + 1}
        ready = (ExchangeRow.batch_id == batch_id, ExchangeRow.state == ExchangeState.READY)
        _change(update(ExchangeRow).where(*ready).values(state=ExchangeState.SENT))
        if not _change(update(ExchangeBatch).where(*there).values(**taken)):
            raise Conflict("این دسته کنار گذاشته شده است و پرونده‌ای ندارد. ردیف‌های آن در دستهٔ بعدی می‌آید.")
        first = update(ExchangeBatch).where(*there, ExchangeBatch.state == BatchState.READY)
        _change(first.values(state=BatchState.SENT, sent_at=now, sent_by_id=actor_id))
        audit.record("exchange_file_taken", "exchange_batch", batch_id, actor_id=actor_id, rows=batch.row_count)
    return batch


def lines(batch: ExchangeBatch) -> Iterator[Line]:
    """The file of a batch, the same each time: the titles first, codes as text, the columns of the answer empty."""
    system = of(batch.system)
    blank = [""] * len(system.answer_columns)
    yield [NUMBER, *system.heads, *(column.title for column in system.answer_columns)]
    for row in rows_of(batch.id):
        yield [row.number, *unsealed(row)[0], *blank]


def rows_of(batch_id: int) -> list[ExchangeRow]:
    query = select(ExchangeRow).where(ExchangeRow.batch_id == batch_id).order_by(ExchangeRow.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


@retried
def drop(actor_id: int, batch_id: int, version: int, reason: str) -> int:
    """A file that nobody will answer: what is not answered is owed by the usual way again; returns how many rows.

    Raises:
        DomainError: no reason. Conflict: it is over, or somebody did something with it since `version`.

    Source: docs/rules.md R-744.
    """
    if not (reason := text.clean(reason)):
        raise DomainError(_WHY_DROP, field="reason")
    with atomic():
        left = _locked_open(batch_id)
        there = (ExchangeBatch.id == batch_id, ExchangeBatch.version == version)
        is_open = ExchangeBatch.state.in_((BatchState.READY, BatchState.SENT))
        gone = {"state": BatchState.DROPPED, "version": version + 1}
        if not _change(update(ExchangeBatch).where(*there, is_open).values(**gone)):
            raise Conflict("در این میان کسی با این دسته کاری کرده است. صفحهٔ تازه را ببینید؛ چیزی تغییر نکرد.")
        given_up = update(ExchangeRow).where(ExchangeRow.id.in_([row.id for row in left]))
        given_up = given_up.values(state=ExchangeState.REJECTED, cause=reason[:200])
        _change(given_up.values(answered_at=utcnow(), answered_by_id=actor_id))
        giving_away.take_back(giving_away.given_away([row.outbox_id or 0 for row in left]), DROPPED)
        told = {"rows": len(left)}
        audit.record("exchange_dropped", "exchange_batch", batch_id, actor_id=actor_id, **told)
    return len(left)


def _locked_open(batch_id: int) -> list[ExchangeRow]:
    query = select(ExchangeRow).where(ExchangeRow.batch_id == batch_id, ExchangeRow.state.in_(_OPEN))
    query = query.order_by(ExchangeRow.id).with_for_update()
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _change(statement: Update) -> bool:
    """Whether any row was changed."""
    changed = statement.returning(statement.table.c.id).execution_options(synchronize_session=False)
    return db.session.execute(changed).first() is not None
