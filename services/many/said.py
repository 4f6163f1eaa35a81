"""What a list says of a person beside names and numbers: group, schooling, paper; the words, and what they stand for.

Kept in the fields of a row under the names that a draft at the desk has for the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from models import Schooling, TargetGroup, db
from services import foreigners, text
from services.enrollment.eligibility import Typed
from services.enrollment.rules import Said
from services.guardians import Said as Guardian

NATIONAL = "کد ملی"
KINDS = {NATIONAL: "", **{title: kind for kind, title in foreigners.KINDS.items()}}
# As people write it; the first words of each are those of the desk.
SCHOOLING = {
    "بی‌سواد": Schooling.NONE,
    "خواندن و نوشتن": Schooling.LITERATE,
    "ابتدایی": Schooling.PRIMARY,
    "سیکل": Schooling.CYCLE,
    "دیپلم": Schooling.DIPLOMA,
    "کاردانی": Schooling.ASSOCIATE,
    "فوق دیپلم": Schooling.ASSOCIATE,
    "کارشناسی": Schooling.BACHELOR,
    "لیسانس": Schooling.BACHELOR,
    "کارشناسی ارشد": Schooling.MASTER,
    "فوق لیسانس": Schooling.MASTER,
    "دکتری": Schooling.DOCTORATE,
}
TITLES = {"target_group": "گروه هدف", "schooling": "تحصیلات", "foreign_kind": "نوع کد"}
NOT_IN_USE = "این گروه هدف دیگر به کار نمی‌رود؛ این نفر را با گروه دیگری به فهرست بیفزایید."
UNPLACED = "«{word}» شناخته نشد. پس از نام و نام خانوادگی این‌ها خوانده می‌شود: {known}"


def groups() -> list[TargetGroup]:
    """The groups that may be named."""
    return list(db.session.scalars(select(TargetGroup).where(TargetGroup.is_active).order_by(TargetGroup.id)))


def group_words() -> str:
    """The groups that may be named, for who writes a sheet."""
    return "یکی از: " + "، ".join(group.title for group in groups())


def known_words() -> list[tuple[str, str]]:
    """What a list may say, for who writes one: each column with its words; one query."""
    return Words(groups()).titled


class Words:
    """The words of each column, read once for a whole list."""

    def __init__(self, known: Iterable[TargetGroup]) -> None:
        own: dict[str, Mapping[str, Any]] = {"schooling": SCHOOLING, "foreign_kind": KINDS}
        self._known: dict[str, Mapping[str, Any]] = {"target_group": {group.title: group.id for group in known}, **own}
        self._by_key = {
            name: {text.key(word): value for word, value in words.items()} for name, words in self._known.items()
        }

    def find(self, word: str) -> tuple[str, Any] | None:
        """The column that a word belongs to, and what it stands for there."""
        key = text.key(word)
        return next(((name, values[key]) for name, values in self._by_key.items() if key in values), None)

    @property
    def titled(self) -> list[tuple[str, str]]:
        """Each column with the words that may stand there."""
        return [(TITLES[name], "، ".join(words)) for name, words in self._known.items() if words]

    def read(self, cells: Mapping[str, str | None]) -> tuple[dict[str, Any], str]:
        """What the cells of a line stand for, and what is wrong with them or nothing."""
        found, problem = {}, ""
        for name, words in self._known.items():
            cell = text.clean(cells.get(name))
            if cell and text.key(cell) not in self._by_key[name]:
                problem = (
                    problem or f"{TITLES[name]}: «{cell}» شناخته نشد. یکی از این‌ها را بنویسید: {'، '.join(words)}."
                )
            elif cell:
                found[name] = self._by_key[name][text.key(cell)]
        for name in ("evidence", "prerequisite"):
            found[name] = text.clean(cells.get(name))[:120]
        return as_fields(found), problem


def as_fields(found: Mapping[str, Any]) -> dict[str, Any]:
    """What was found by the names of the columns, under the names of a draft."""
    fields = {**found, "target_group_id": found.get("target_group")}
    fields.pop("target_group", None)
    return {name: value for name, value in fields.items() if value}


# -- What follows from it --------------------------------------------------------------


@dataclass(frozen=True)
class Claim:
    """What a row says of its person, for the rules and for the fee."""

    group: TargetGroup | None
    fields: Mapping[str, Any]

    @property
    def said(self) -> Said:
        guardian = not Guardian.of(self.fields).is_empty
        return Said(self.fields.get("target_group_id"), self.fields.get("prerequisite"), guardian)

    @property
    def typed(self) -> Typed:
        born, schooling = self.fields.get("birth_date"), self.fields.get("schooling")
        day = date.fromisoformat(born) if born else None
        return Typed(birth_date=day, schooling=Schooling(schooling) if schooling else None)

    @property
    def evidence(self) -> str | None:
        return self.fields.get("evidence") if self.group else None

    @property
    def is_free(self) -> bool:
        return self.group is not None and self.group.is_fee_exempt

    @property
    def gap(self) -> str:
        """What the row lacks for what it claims.

        Source: docs/rules.md R-36.
        """
        if self.fields.get("target_group_id") and (self.group is None or not self.group.is_active):
            return NOT_IN_USE
        if self.group is not None and self.group.needs_evidence and not self.evidence:
            return f"برای «{self.group.title}» نوع و شمارهٔ مدرک لازم است؛ در ستون «مدرک گروه» یا در میز ثبت‌نام بنویسید."
        return ""

    @property
    def words(self) -> list[str]:
        """What the row says, for who looks through the list."""
        schooling = self.fields.get("schooling")
        group = f"{self.group.title}{' (بدون هزینه)' if self.is_free else ''}" if self.group else ""
        said = next((word for word, value in SCHOOLING.items() if value == schooling), "")
        paper = f"پیش‌نیاز: {self.fields['prerequisite']}" if self.fields.get("prerequisite") else ""
        return [part for part in (group, self.evidence or "", said, paper) if part]


def of_rows(rows: Sequence[Any]) -> Callable[[Any], Claim]:
    """What rows with `fields` claim, by the row; one query where any of them names a group."""
    ids = {row.fields["target_group_id"] for row in rows if row.fields.get("target_group_id")}
    known = {}
    if ids:
        query = select(TargetGroup).where(TargetGroup.id.in_(ids)).execution_options(populate_existing=True)
        known = {group.id: group for group in db.session.scalars(query)}
    return lambda row: Claim(known.get(row.fields.get("target_group_id") or 0), row.fields)
