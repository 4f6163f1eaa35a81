"""The file that came back, as a form of import: each line is one row of ours, seen first and then taken.

What does not fit (a number that is not ours, another batch's, a changed code, an answer that differs from the one that
was taken) is told in its line and changes nothing. Source: docs/rules.md R-745 to R-747.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import case, select, update

from models import BatchState, ExchangeBatch, ExchangeRow, ExchangeState, ImportBatch, Role, db, utcnow
from services import audit, giving_away, imports, outbox, text
from services.access import Actor, Level
from services.errors import DomainError
from services.exchange import systems
from services.exchange.gathering import NUMBER, get, sealed, unsealed
from services.exchange.systems import Reply, System
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values
from services.imports.columns import describe

PREFIX = "exchange_"
_NO_SUCH = "چنین ردیفی به این سامانه نفرستاده‌ایم"
_OTHER_BATCH = "این ردیف در دستهٔ دیگری فرستاده شده است"
_NOT_SENT = "پروندهٔ این ردیف هنوز گرفته نشده است"
_DROPPED = "دستهٔ این ردیف کنار گذاشته شده است"
_CHANGED = "با آنچه برای این ردیف فرستاده‌ایم یکی نیست"
_OTHER_ANSWER = "پاسخ این ردیف پیش‌تر ثبت شده است و با این فرق دارد؛ تغییر نکرد"
_FINAL = "پاسخی که ثبت شده است پس گرفته نمی‌شود"


class Answers:
    """Rows of a batch, found by their number."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.names = [column.name for column in system.answer_columns]

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        numbers = [str(line["number"]) for line in lines if line["number"]]
        query = select(ExchangeRow).where(ExchangeRow.number.in_(numbers), ExchangeRow.system == self.system.code)
        query = query.order_by(ExchangeRow.id).with_for_update()
        rows = {row.number: row for row in db.session.scalars(query.execution_options(populate_existing=True))}
        return [self._stored(scope, rows.get(str(line["number"])), line) for line in lines]

    def _stored(self, scope: Scope, row: ExchangeRow | None, line: Values) -> Stored:
        if row is None or row.batch_id is None:
            return Stored(errors={"number": _NO_SUCH})
        if row.batch_id != scope.options.get("batch"):
            return Stored(errors={"number": _OTHER_BATCH})
        asked, answer = unsealed(row)
        if not _is_same(line.get("about"), asked[0] if asked else ""):
            return Stored(errors={"about": _CHANGED})
        given = {name: line.get(name) for name in self.names}
        if not given["result"]:
            return Stored(row.id)  # not answered yet, which is no error
        if answer:
            return Stored(row.id, given) if answer == given else Stored(errors={"result": _OTHER_ANSWER})
        if row.state is not ExchangeState.SENT:
            return Stored(errors={"number": _NOT_SENT if row.state is ExchangeState.READY else _DROPPED})
        return Stored(row.id, dict.fromkeys(self.names))

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        return {}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        """Let answers take effect, their people locked in the order that everybody keeps."""
        if any(values.get("result") is None for _, values in changes):
            raise DomainError(_FINAL)
        found = db.session.scalars(select(ExchangeRow).where(ExchangeRow.id.in_([row_id for row_id, _ in changes])))
        rows = {row.id: row for row in found}
        systems.lock_people(list(self.system.people_of([row.ref_id for row in rows.values()]).values()))
        claims = giving_away.given_away([row.outbox_id or 0 for row in rows.values()])
        answered: Counter[int] = Counter()
        for row_id, values in changes:
            row = rows[row_id or 0]
            given = {name: values.get(name) for name in self.names}
            _take(self.system, row, given, claims.get(row.outbox_id or 0), scope.user_id)
            answered[row.batch_id or 0] += 1
        db.session.flush()
        for batch_id, count in answered.items():
            _count(batch_id, count, scope.user_id)
        return [row_id or 0 for row_id, _ in changes]

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        raise DomainError(_FINAL)

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


def _take(system: System, row: ExchangeRow, given: dict[str, Any], claim: outbox.Claim | None, actor_id: int) -> None:
    """One answer. Where nothing is owed by the row any more it is kept, and nothing else follows."""
    asked, _ = unsealed(row)
    accepted = given["result"] not in (systems.AGAIN, systems.REFUSED)
    if claim is not None:
        systems.take(system, Reply(claim, row.number, asked, given, actor_id))
    row.state = ExchangeState.ACCEPTED if accepted else ExchangeState.REJECTED
    row.cause = None if accepted else str(given["cause"])[:200]
    row.sealed, row.answered_by_id, row.answered_at = sealed(asked, given), actor_id, utcnow()


def _count(batch_id: int, count: int, actor_id: int) -> None:
    total = ExchangeBatch.answered_count + count
    is_whole = total >= ExchangeBatch.row_count
    told = {"answered_count": total, "answered_at": utcnow(), "answered_by_id": actor_id}
    state = case((is_whole, BatchState.ANSWERED), else_=ExchangeBatch.state)
    statement = update(ExchangeBatch).where(ExchangeBatch.id == batch_id)
    statement = statement.values(state=state, version=ExchangeBatch.version + 1, **told)
    db.session.execute(statement.execution_options(synchronize_session=False))
    audit.record("exchange_answered", "exchange_batch", batch_id, actor_id=actor_id, rows=count)


def _is_same(written: Value, asked: str) -> bool:
    """Whether a code is the one that was sent; zeros in front that a spreadsheet has eaten do not count."""
    bare = "".join(letter for letter in text.digits(str(written or "")) if letter.isdigit())
    return bool(bare) and bare.lstrip("0") == asked.lstrip("0")


# -- Forms -------------------------------------------------------------------------


def form_of(code: str) -> ImportForm:
    return FORMS[code]


def guide(code: str) -> list[list[str]]:
    """What may stand in each column of an answer, for whoever fills our file in."""
    return [[column.title, describe(column)] for column in FORMS[code].columns]


def answers(actor: Actor, batch: ExchangeBatch) -> list[ImportBatch]:
    """The files that came back for a batch, newest first."""
    return [one for one in imports.recent(actor, FORMS[batch.system], 50) if one.options.get("batch") == batch.id]


def options(batch: ExchangeBatch) -> dict[str, Any]:
    """What is chosen by sending an answer from the page of a batch."""
    return {"batch": batch.id}


def _page(batch: ImportBatch) -> str:
    return f"/ops/outside/batches/{get(batch.options['batch']).id}"


def _prepared(system: System, values: Values) -> tuple[Values, dict[str, str]]:
    return values, system.problems(values)


def _form(system: System) -> ImportForm:
    columns = (
        Column("number", NUMBER, Kind.CODE, is_required=True),
        Column("about", system.heads[0], Kind.CODE, is_required=True),
        *system.answer_columns,
    )
    return ImportForm(
        code=f"{PREFIX}{system.code}",
        title=f"پاسخ {system.title}",
        lead="پرونده‌ای که سامانه برگردانده است. ردیف‌هایی که هنوز پاسخ ندارند همان‌گونه می‌مانند.",
        level=Level.OPS,
        roles=(Role.OPERATOR,),
        columns=columns,
        key=("number",),
        label=lambda values: str(values.get("number") or ""),
        shown=(
            Shown("result", "نتیجه", lambda value: system.word_of.get(value, "بی‌پاسخ")),
            Shown("cause", "علت", lambda value: str(value or "")),
        ),
        subject=Answers(system),
        prepare=partial(_prepared, system),
        home="/ops/outside",
        sent_from=_page,
        is_final=True,
    )


FORMS = {code: imports.register(_form(system)) for code, system in systems.SYSTEMS.items()}
