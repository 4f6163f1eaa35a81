"""Persons: found or made by their code, and the name in every form it is kept in."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from models import IdentityStatus, MobileStatus, Person, Schooling, db, utcnow
from services import provenance, text
from services.provenance import Place
from services.sql import add_many_once, insert_once
from services.transaction import atomic

SSO, REGISTRY, CLERK, IMPORT, DECISION = "sso", "registry", "clerk", "import", "decision"
SELF = "self"
OFFICIAL = (SSO, REGISTRY, DECISION)

# What stands where a name is missing, by the letters of its key: the first two come from the old portal, the second
# of them misspelt; the others are what people type to get past a field. No name is checked anywhere else.
PLACEHOLDERS = frozenset({"خالی", "حالی", "ندارد", "نامشخص", "نامعلوم", "بدوننام", "فاقدنام", "null", "none"})


def by_national_code(code: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.national_code == code))


def locked(person_id: int) -> Person:
    """A person as stored now, whom nobody else changes before our transaction ends; call inside `atomic()`."""
    found = _locked(Person.id == person_id)
    assert found is not None  # noqa: S101 (persons are never deleted)
    return found


def _locked(where: ColumnElement[bool]) -> Person | None:
    query = select(Person).where(where).with_for_update(key_share=True)
    return db.session.scalar(query.execution_options(populate_existing=True))


def find_or_create(code: str) -> Person:
    """The person of a valid national code, locked as by `locked`; a new one is pending and nameless."""
    return _found_or_created(Person.national_code == code, _nameless(code))


def find_or_create_foreign(code: str) -> Person:
    """The person of a foreign code, locked; whoever is new is nameless, and known by hand alone."""
    states = {"identity_status": IdentityStatus.FOREIGN_MANUAL, "national_code": None, "foreign_code": code}
    return _found_or_created(Person.foreign_code == code, _nameless(code) | states)


def _found_or_created(where: ColumnElement[bool], row: dict[str, Any]) -> Person:
    found = _locked(where)
    if found is None:
        db.session.execute(insert_once(Person, **row))
        found = _locked(where)
    assert found is not None  # noqa: S101 (just inserted, or by somebody else)
    return found


def find_or_create_each(codes_: Collection[str]) -> dict[str, Person]:
    """`find_or_create` of many by their codes, locked in one order, in three statements at most."""
    found = lock_each(codes_)
    if lacking := sorted(set(codes_) - set(found)):
        add_many_once(Person, [_nameless(code) for code in lacking])
        found = lock_each(codes_)
    return found


def add_each(codes_: Collection[str]) -> None:
    """Make a pending and nameless person of each code that nobody has; alone in its transaction, as it locks nobody."""
    with atomic():
        add_many_once(Person, [_nameless(code) for code in sorted(set(codes_))])


def lock_each(codes_: Collection[str]) -> dict[str, Person]:
    """The people there are of these national codes, by code, locked as by `locked` and in one order."""
    query = select(Person).where(Person.national_code.in_(sorted(set(codes_)))).order_by(Person.id)
    rows = db.session.scalars(query.with_for_update(key_share=True).execution_options(populate_existing=True))
    return {row.national_code: row for row in rows if row.national_code}


def locked_each(ids: Collection[int]) -> list[Person]:
    """People by their ids, locked as by `locked` and in that order."""
    query = select(Person).where(Person.id.in_(ids)).order_by(Person.id)
    return list(db.session.scalars(query.with_for_update(key_share=True).execution_options(populate_existing=True)))


def _nameless(code: str) -> dict[str, Any]:
    """The columns of a person of whom only the code is known."""
    states = {"identity_status": IdentityStatus.PENDING, "mobile_status": MobileStatus.NONE}
    return {"national_code": code, "is_alive": True, "sources": {}, "version": 1, "created_at": utcnow(), **states}


def set_name(person: Person, first: str | None, last: str | None, source: str) -> None:
    """Store a name clean, with its key for comparing and its key for sorting; what is no name becomes NULL.

    One that an official source has told is not changed by hand, whatever door it comes by.

    Source: docs/rules.md R-32, R-771.
    """
    if _is_locked(person, "name", source):
        return
    person.first_name, person.last_name = name_part(first), name_part(last)
    person.name_key = text.key(f"{person.first_name or ''}{person.last_name or ''}") or None
    person.name_sort = text.sort_key(f"{person.last_name or ''} {person.first_name or ''}") or None
    if person.full_name:
        mark_source(person, "name", source)


def name_part(raw: str | None) -> str | None:
    """A first, last or father's name as it is stored; None for what only fills the place of one («خالی», «-»)."""
    name = text.clean(raw)
    words = {letters for word in name.split() if (letters := _letters(word))}
    return None if _letters(name) in PLACEHOLDERS or words <= PLACEHOLDERS else name


def _letters(s: str) -> str:
    return "".join(letter for letter in text.key(s) if letter.isalpha())


def mark_source(person: Person, field: str, source: str, at: datetime | None = None) -> None:
    """Note where a field's value came from; the JSON is replaced whole so that the change is seen."""
    person.sources = {**person.sources, field: {"source": source, "at": (at or utcnow()).isoformat()}}


def origin(sources: Mapping[str, Any], field: str) -> str | None:
    """Where a field's value came from, by `Person.sources`."""
    source: str | None = (sources.get(field) or {}).get("source")
    return source


def is_official(person: Person, field: str) -> bool:
    return origin(person.sources, field) in OFFICIAL


def _is_locked(person: Person, field: str, source: str) -> bool:
    return is_official(person, field) and source not in OFFICIAL


def has_settled_birth_date(person: Person) -> bool:
    """Whether the birth date stands; one that was typed and that the registry did not know may be typed again."""
    return person.birth_date is not None and (person.identity_note is None or is_official(person, "birth_date"))


def set_birth_date(person: Person, birth_date: date, source: str) -> None:
    """Store a birth date; another one than before is a new question to the registry. Locked as names are."""
    if _is_locked(person, "birth_date", source):
        return
    if birth_date != person.birth_date:
        person.birth_date, person.identity_note = birth_date, None
        mark_source(person, "birth_date", source)


def set_schooling(person: Person, schooling: Schooling, source: str) -> None:
    """Store how far somebody went to school; no register tells us, so that the newest word stands."""
    if schooling != person.schooling:
        person.schooling = schooling
        mark_source(person, "schooling", source)


def has_settled_mobile(person: Person) -> bool:
    """Whether the mobile stands: one that is its owner's is changed by them, or by staff with evidence.

    Source: docs/rules.md R-790.
    """
    return person.mobile_status is MobileStatus.MATCHED


def fill_gaps(person: Person, said: Mapping[str, Any], actor_id: int | None = None, place: Place | None = None) -> None:
    """What a clerk has written of somebody, but for the mobile (`mobiles`); nothing that is settled is overwritten.

    Args:
        said: names and birth date (ISO), each only where it was written.
        actor_id, place: who has written it, and where.
    """
    with provenance.noting(person, CLERK, actor_id, place):
        _fill_gaps(person, said)


def _fill_gaps(person: Person, said: Mapping[str, Any]) -> None:
    if person.full_name is None and (said.get("first_name") or said.get("last_name")):
        set_name(person, said.get("first_name"), said.get("last_name"), CLERK)
    if said.get("birth_date") and not has_settled_birth_date(person):
        set_birth_date(person, date.fromisoformat(said["birth_date"]), CLERK)


def shown_name(person: Person) -> str:
    """The name for a staff screen; a missing one is said in words, never stored as one."""
    return person.full_name or "نام ثبت نشده (در انتظار ثبت احوال)"


def masked_name(person: Person) -> str:
    """The name for a stranger's screen: first letters only."""
    words: list[Any] = [word for word in (person.first_name, person.last_name) if word]
    return " ".join(f"{word[0]}***" for word in words) or "نام ثبت نشده"


def masked_code(code: str) -> str:
    """A national code of which enough is seen to tell two people apart."""
    return f"{code[:3]}****{code[-3:]}" if code else ""
