"""Old lists of people as a form of import: known by national code, gaps filled, nothing that stands overwritten.

A name that contradicts the one we have becomes a discrepancy; mobiles are unmatched until Shahkar has said otherwise.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, exists, select, update

from models import (
    Discrepancy,
    DiscrepancyState,
    Enrollment,
    Gender,
    IdentityStatus,
    IdentityStep,
    MobileStatus,
    Person,
    Role,
    db,
)
from services import identity, imports, labels, mobiles, people, provenance, text
from services.access import Level
from services.errors import DomainError
from services.imports import Change, Column, ImportForm, Kind, Scope, Shown, Stored, Value, Values, show_date
from services.legacy import cleaning, merging
from services.people import IMPORT

MOST_ROWS = 10_000
SIMPLE = ("father_name", "gender", "shenasname_no")
FILLED = ("first_name", "last_name", "birth_date", "mobile", *SIMPLE)
OTHER = ("other_first", "other_last")
_KEYS = ("name_key", "name_sort", "mobile_status", "mobile_checked_at", "identity_status", "identity_note")
COLUMNS = (*FILLED, *_KEYS, "sources", "version")  # everything that an import may change
_IN_USE = "برگردانده نشد: این شخص پس از ورود در دوره‌ای ثبت‌نام شده است."


class People:
    """Rows of `person` by national code; the statements for fifty lines are as many as for one."""

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        known = people.lock_each({str(line["national_code"]) for line in lines if line["national_code"]})
        told = _told([person.id for person in known.values()])
        return [_stored(known.get(str(line["national_code"])), line, told) for line in lines]

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        query = select(Person).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
        rows = db.session.scalars(query.execution_options(populate_existing=True))
        return {row.id: _values(row) for row in rows}

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        made = people.find_or_create_each([str(v["national_code"]) for row_id, v in changes if row_id is None])
        known = {row.id: row for row in (*made.values(), *_locked([row_id for row_id, _ in changes if row_id]))}
        ids = [row_id or made[str(values["national_code"])].id for row_id, values in changes]
        copies = [_Copy(known[person_id], values) for person_id, (_, values) in zip(ids, changes, strict=True)]
        filled = [(copy.person.id, name, IdentityStep.FILLED) for copy in copies for name in copy.fill()]
        provenance.note_many(filled, IMPORT, scope.user_id)
        _forget([copy.person.id for copy in copies if copy.is_undone])
        _dispute(copies)
        _save([copy.person for copy in copies])
        identity.owe_checks_of([copy.person for copy in copies], scope.user_id)
        return ids

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        """Nobody is forgotten: of whom an import has brought, what it said is taken back and the code stays."""
        enrolled = exists().where(Enrollment.person_id.in_(ids))
        if db.session.scalar(select(enrolled)):
            raise DomainError(_IN_USE)
        copies = [_Copy(row, {}) for row in _locked(ids)]
        emptied = [(copy.person.id, name, IdentityStep.CHANGED) for copy in copies for name in copy.empty()]
        provenance.note_many(emptied, IMPORT, scope.user_id)
        _forget(ids)
        _save([copy.person for copy in copies])

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        return ()


# -- What stands -------------------------------------------------------------------


def _locked(ids: Sequence[int]) -> Sequence[Person]:
    query = select(Person).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).all() if ids else ()


def _values(person: Person) -> dict[str, Value]:
    born = person.birth_date.isoformat() if person.birth_date else None
    plain = {
        name: getattr(person, name) for name in ("first_name", "last_name", "mobile", "father_name", "shenasname_no")
    }
    return plain | {"birth_date": born, "gender": person.gender.value if person.gender else None}


def _told(ids: Sequence[int]) -> set[tuple[int, str]]:
    """The names over which there is, or has been, a discrepancy of these people; they are not asked about again."""
    query = select(Discrepancy.person_id, Discrepancy.theirs).where(Discrepancy.person_id.in_(ids))
    return {(row.person_id, text.key(_joined(row.theirs))) for row in db.session.execute(query)}


def _key(names: tuple[str | None, str | None]) -> str:
    return text.key(" ".join(filter(None, names)))


def _joined(names: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (names.get("first_name"), names.get("last_name"))))


def _stored(person: Person | None, line: Values, told: set[tuple[int, str]]) -> Stored:
    """Only the gaps of somebody who is known can change, and the name that contradicts ours."""
    if person is None:
        return Stored()
    has = _values(person)
    gaps = {name: None for name in FILLED if has[name] is None and line[name] is not None and _may(person, name)}
    implied: dict[str, Value] = {}
    other = _other_name(person, line)
    if (
        other
        and not people.is_official(person, "name")
        and (person.id, text.key(" ".join(filter(None, other)))) not in told
    ):
        implied = dict(zip(OTHER, other, strict=True))
    stored: dict[str, Value] = {**gaps, **dict.fromkeys(implied)}
    return Stored(person.id, stored | ({"note": None} if stored and line["note"] else {}), implied=implied)


def _may(person: Person, name: str) -> bool:
    """First and last name go together: half a name is no gap of one that stands."""
    return person.full_name is None if name in ("first_name", "last_name") else True


def _other_name(person: Person, line: Values) -> tuple[str | None, str | None] | None:
    """The name in the sheet that no spelling of ours explains: the line's own, or one that it was merged with."""
    pairs = [(line["first_name"], line["last_name"]), (line["other_first"], line["other_last"])]
    ours = person.full_name or _joined({"first_name": line["first_name"], "last_name": line["last_name"]})
    for first, last in pairs:
        said = _joined({"first_name": first, "last_name": last})
        if said and ours and text.near(ours, said) == "different":
            return (str(first) if first else None, str(last) if last else None)
    return None


# -- What is written ---------------------------------------------------------------


@dataclass
class _Copy:
    """A person beside the session, so that fifty are saved by one statement, and what a line says of them."""

    row: Person
    values: Values

    def __post_init__(self) -> None:
        self.person = Person(**{column.key: getattr(self.row, column.key) for column in Person.__table__.columns})

    def fill(self) -> list[str]:
        """What the line says and nobody has said before; the fields. Nothing that stands is overwritten."""
        person, said = self.person, self.values
        steps = []
        if person.full_name is None and (said.get("first_name") or said.get("last_name")):
            people.set_name(person, _text(said.get("first_name")), _text(said.get("last_name")), IMPORT)
            steps.append("name")
        if said.get("birth_date") and person.birth_date is None:
            people.set_birth_date(person, date.fromisoformat(str(said["birth_date"])), IMPORT)
            steps.append("birth_date")
        for name in SIMPLE:
            if said.get(name) and getattr(person, name) is None:
                setattr(person, name, Gender(str(said[name])) if name == "gender" else said[name])
                people.mark_source(person, name, IMPORT)
                steps.append(name)
        if said.get("mobile") and person.mobile is None:
            mobiles.mark(person, mobiles.wanted(str(said["mobile"])), IMPORT)
            steps.append("mobile")
        person.version += 1
        self._take_back()
        return steps

    def _take_back(self) -> None:
        """An import that is taken back says of what it had filled that it is empty."""
        if self.is_undone:
            for name in FILLED:
                if name in self.values:
                    _clear(self.person, name)

    @property
    def is_undone(self) -> bool:
        """Whether nothing is said but that something is empty again."""
        return all(value is None for value in self.values.values())

    def empty(self) -> list[str]:
        """Without everything that came from an import; the fields."""
        gone = [
            name
            for name in ("name", "birth_date", "mobile", *SIMPLE)
            if people.origin(self.person.sources, name) == IMPORT
        ]
        for name in gone:
            _clear(self.person, name)
        if self.person.identity_status is IdentityStatus.DISCREPANCY:
            self.person.identity_status = IdentityStatus.PENDING
        self.person.version += 1
        return gone


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _clear(person: Person, field: str) -> None:
    """Empty a field that an import has filled; one that has come from elsewhere since stands."""
    source = "name" if field in ("first_name", "last_name", "name") else field
    if people.origin(person.sources, source) != IMPORT:
        return
    if source == "name":
        people.set_name(person, None, None, IMPORT)
    elif source == "mobile":
        person.mobile, person.mobile_status, person.mobile_checked_at = None, MobileStatus.NONE, None
    else:
        setattr(person, source, None)
    person.sources = {name: told for name, told in person.sources.items() if name != source}


def _dispute(copies: Sequence[_Copy]) -> None:
    """A task for each whose sheet gives another name than the one we have; never two open ones of a person."""
    wanted = [copy for copy in copies if copy.values.get("other_first") or copy.values.get("other_last")]
    if not wanted:
        return
    ids = [copy.person.id for copy in wanted]
    open_ = (Discrepancy.person_id.in_(ids), Discrepancy.field == "name", Discrepancy.state == DiscrepancyState.OPEN)
    asked = set(db.session.scalars(select(Discrepancy.person_id).where(*open_)))
    last = _last_places(ids)
    for copy in wanted:
        person, said = copy.person, copy.values
        if person.id in asked or people.is_official(person, "name"):
            continue
        theirs = {"first_name": said["other_first"], "last_name": said["other_last"], "likeness": "different"}
        ours = {"first_name": person.first_name, "last_name": person.last_name}
        row = Discrepancy(person_id=person.id, field="name", ours=ours, theirs=theirs, source=IMPORT)
        row.unit_id, row.province_id = last.get(person.id, (None, None))
        row.state = DiscrepancyState.OPEN
        db.session.add(row)
        person.identity_status = IdentityStatus.DISCREPANCY


def _forget(ids: Sequence[int]) -> None:
    """The open tasks that came of an import which is taken back."""
    if ids:
        ours = (Discrepancy.person_id.in_(ids), Discrepancy.source == IMPORT)
        db.session.execute(delete(Discrepancy).where(*ours, Discrepancy.state == DiscrepancyState.OPEN))


def _last_places(ids: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    query = select(Enrollment.person_id, Enrollment.unit_id, Enrollment.province_id).where(
        Enrollment.person_id.in_(ids)
    )
    return {row.person_id: (row.unit_id, row.province_id) for row in db.session.execute(query.order_by(Enrollment.id))}


def _save(persons: Sequence[Person]) -> None:
    rows = [{"id": each.id} | {name: getattr(each, name) for name in COLUMNS} for each in persons]
    if rows:
        db.session.execute(update(Person), rows)
    db.session.flush()


def _words(titles: Mapping[str, str]) -> Any:
    return lambda value: titles.get(str(value), "ندارد") if value else "ندارد"


FORM = imports.register(
    ImportForm(
        code="people",
        title="ورود اشخاص از فهرست‌های پیشین",
        lead="هر ردیف یک شخص است. خانه‌های «خالی» و «-» کنار گذاشته می‌شود، ردیف‌های یک کد یکی می‌شود "
        "و چیزی که در سامانه هست عوض نمی‌شود. شماره‌ها تا پاسخ شاهکار تطبیق‌نشده می‌ماند.",
        level=Level.HQ,
        roles=(Role.ADMIN, Role.REVIEWER),
        columns=(
            Column("national_code", "کد ملی", Kind.LOOSE, is_required=True, hint="صفرهای گم‌شده برمی‌گردد"),
            Column("first_name", "نام", Kind.LOOSE),
            Column("last_name", "نام خانوادگی", Kind.LOOSE),
            Column("father_name", "نام پدر", Kind.LOOSE),
            Column("birth_date", "تاریخ تولد", Kind.LOOSE, hint="شمسی، یا تاریخ خود اکسل"),
            Column("gender", "جنسیت", Kind.LOOSE, hint="زن یا مرد"),
            Column("shenasname_no", "شماره شناسنامه", Kind.LOOSE),
            Column("mobile", "تلفن همراه", Kind.LOOSE),
            Column("said_on", "تاریخ ثبت", Kind.LOOSE, hint="اگر باشد، از ردیف‌های یک کد تازه‌ترین به کار می‌آید"),
        ),
        key=("national_code",),
        label=lambda values: people.masked_code(str(values.get("national_code") or "")),
        shown=(
            Shown("first_name", "نام"),
            Shown("last_name", "نام خانوادگی"),
            Shown("father_name", "نام پدر"),
            Shown("birth_date", "تاریخ تولد", show_date),
            Shown("gender", "جنسیت", _words({str(each): word for each, word in labels.PERSON_GENDER.items()})),
            Shown("shenasname_no", "شمارهٔ شناسنامه"),
            Shown("mobile", "تلفن همراه", lambda value: text.persian_digits(value or "ندارد")),
            Shown("other_last", "نام خانوادگی دیگر، برای بررسی"),
            Shown("note", "گزارش"),
        ),
        subject=People(),
        prepare=cleaning.prepare,
        gathers=merging.gather,
        most_rows=MOST_ROWS,
        home="/hq",
    )
)
