"""Saving rows whose changes stand in the audit trail, and refusing what came after somebody else's saving."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import joinedload

from models import AuditEvent, User, db
from services import audit, jalali, seals, trail
from services.access import Actor
from services.changes import Difference, as_it_is, between, compare
from services.errors import Conflict

REST = "نوشته‌های شما ذخیره نشد و در همین صفحه مانده است. تفاوت‌ها را ببینید و انتخاب کنید."


@dataclass(frozen=True)
class Words:
    """How rows of one kind are called in the trail (`subject`, `action`) and on the screen.

    `keep` is what the trail keeps of a value: itself, or where it is personal a mark of it (`marked`).
    """

    subject: str
    action: str
    noun: str
    label: Mapping[str, str]
    show: Callable[[str, Any], str]
    keep: Callable[[Any], Any] = as_it_is


class LateSaving(Conflict):
    """Nothing was saved. `merged` is what was sent, with fields the sender had not touched as they stand in `row`."""

    def __init__(self, message: str, row: Any, differences: list[Difference], merged: Any) -> None:
        super().__init__(message)
        self.row = row
        self.differences = differences
        self.merged = merged


def write(
    words: Words, actor: Actor, row: Any, sent: Any, columns: Mapping[str, Any], *also: ColumnElement[bool]
) -> dict[str, list[Any]]:
    """Save `sent` by one conditional UPDATE and one audit row; inside `atomic()`. Answers what was changed.

    Args:
        columns: what is stored of it, with the keys by which the row is found.
        also: what must hold beside the version that was read.

    Raises:
        LateSaving: somebody else has saved since the row was read.
    """
    changes, model, version = between(row, sent), type(row), row.version
    saved = update(model).where(model.id == row.id, model.version == version, *also)
    saved = saved.values(version=version + 1, **columns).execution_options(synchronize_session=False)
    done = db.session.scalar(saved.returning(model.id))
    db.session.refresh(row)
    if done is None:
        raise refusal(words, row, actor, version, sent)
    note(words, actor, row, changes)
    return changes


def note(words: Words, actor: Actor, row: Any, changes: Mapping[str, list[Any]]) -> None:
    """The audit row of a saving, from which `refusal` tells who changed what."""
    kept = {name: [words.keep(value) for value in pair] for name, pair in changes.items()}
    audit.record(words.action, words.subject, row.id, actor_id=actor.user_id, version=row.version, changes=kept)


def marked(value: Any) -> str | None:
    """What the trail keeps of a personal value: enough to see whether another one is the same.

    Source: docs/rules.md R-208.
    """
    return None if value is None else seals.mark("trail", str(value))[:16]


def refusal(words: Words, row: Any, actor: Actor, version: int, sent: Any) -> LateSaving:
    """The refusal of a saving of `sent`, a dataclass, that was based on `version` of a row that has moved on."""
    events = _since(words, row.id, version)
    pairs, untouched = compare(row, sent, (event.detail["changes"] for event in events), words.keep)
    differences = [
        Difference(each.field, words.label[each.field], *_shown(words, each.field, each.stored, each.sent), each.whose)
        for each in pairs
    ]
    return LateSaving(_sentence(words.noun, events, actor), row, differences, replace(sent, **untouched))


def _shown(words: Words, field: str, stored: Any, sent: Any) -> tuple[str, str]:
    return words.show(field, stored), words.show(field, sent)


def _since(words: Words, row_id: int, version: int) -> list[AuditEvent]:
    of_row = (AuditEvent.subject == words.subject, AuditEvent.subject_id == row_id, AuditEvent.action == words.action)
    events = db.session.scalars(select(AuditEvent).where(*of_row).order_by(AuditEvent.id))
    return [event for event in events if event.detail["version"] > version]


def _sentence(noun: str, events: list[AuditEvent], actor: Actor) -> str:
    if not events:
        return f"{noun} در این میان تغییر کرده است. {REST}"
    when = jalali.clock(jalali.tehran(events[-1].at).time())
    if events[-1].actor_id == actor.user_id:
        return f"خود شما ساعت {when} در صفحهٔ دیگری {noun} را ویرایش کردید. {REST}"
    user = db.session.get(User, events[-1].actor_id, options=[joinedload(User.person)])
    who = trail.name_of(user)
    return f"{who} ساعت {when} {noun} را ویرایش کرد. {REST}"
