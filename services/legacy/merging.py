"""The lines of an old list taken together: one person for each code, and what cannot be one person is only reported.

The rule (docs/rules.md R-798): of the lines of one code the newest value that is no gap stands for each field, by the
day on which the line was written and, where none is said, by its place in the sheet. First and last name are one
field. Two names that no spelling explains make a discrepancy. People of the same name and birth date with two codes
are never made one.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from models import Person, db
from services import text
from services.imports import Line
from services.legacy.cleaning import NAMES

FIELDS = ("father_name", "birth_date", "gender", "shenasname_no", "mobile")
AT_ONCE = 500


def gather(lines: Sequence[Line]) -> tuple[list[Line], str]:
    """One line for each code, in the order of the sheet, and a report of all that was done."""
    groups: dict[str, list[Line]] = {}
    bad = [line for line in lines if line.errors]
    for line in lines:
        if not line.errors:
            groups.setdefault(str(line.values["national_code"]), []).append(line)
    merged = [_merged(group) for group in groups.values()]
    namesakes = _namesakes(merged)
    report = _report(lines, groups, namesakes, merged)
    return sorted([*bad, *merged], key=lambda line: line.number), report


def _merged(group: Sequence[Line]) -> Line:
    first = group[0]
    newest = sorted(group, key=lambda line: (str(line.values["said_on"] or ""), line.number), reverse=True)
    values = dict(first.values)
    for name in FIELDS:
        values[name] = next((line.values[name] for line in newest if line.values[name] is not None), None)
    named = [line for line in newest if line.values["last_name"] or line.values["first_name"]]
    best = next((line for line in named if line.values["last_name"]), named[0] if named else newest[0])
    values |= {"first_name": best.values["first_name"], "last_name": best.values["last_name"]}
    notes = [str(line.values["note"]) for line in group if line.values["note"]]
    if len(group) > 1:
        notes.append(f"با ردیف {_numbers(group[1:])} یکی شد")
    other = next((line for line in named if text.near(name_of(best), name_of(line)) == "different"), None)
    values |= {"other_first": None, "other_last": None}
    if other is not None:
        values |= {"other_first": other.values["first_name"], "other_last": other.values["last_name"]}
        notes.append(f"در ردیف {_numbers([other])} نام دیگری دارد؛ مغایرت ثبت می‌شود")
    values["note"] = "؛ ".join(dict.fromkeys(notes))
    first.values = values
    return first


def name_of(line: Line) -> str:
    return " ".join(str(line.values[name]) for name in NAMES[:2] if line.values[name])


def _numbers(lines: Sequence[Line]) -> str:
    return text.persian_digits("، ".join(str(line.number) for line in lines))


# -- The same name and birth date with two codes --------------------------------------


def _namesakes(merged: Sequence[Line]) -> int:
    """Note at each line who has the same name and birth date with another code; how many lines that are."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in merged:
        if (key := text.key(name_of(line))) and line.values["birth_date"]:
            found.setdefault((key, str(line.values["birth_date"])), []).append(line)
    known = _known(list(found))
    noted = 0
    for both, group in found.items():
        for line in group:
            rows = [each for each in group if each is not line]
            is_known = any(code != line.values["national_code"] for code in known.get(both, ()))
            if rows or is_known:
                where = f"ردیف {_numbers(rows)}" if rows else "سامانه"
                said = f"همین نام و تاریخ تولد با کد دیگری در {where} هم هست؛ یکی نشد"
                line.values["note"] = "؛ ".join(filter(None, (str(line.values["note"]), said)))
                noted += 1
    return noted


def _known(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """The codes of people whom we know by these names and birth dates."""
    found: dict[tuple[str, str], list[str]] = {}
    wanted = set(keys)
    for some in _some(sorted({name for name, _ in keys})):
        columns = (Person.name_key, Person.birth_date, Person.national_code, Person.foreign_code)
        for row in db.session.execute(select(*columns).where(Person.name_key.in_(some)).order_by(Person.id)):
            both = (row.name_key, row.birth_date.isoformat() if row.birth_date else "")
            if both in wanted:
                found.setdefault(both, []).append(row.national_code or row.foreign_code)
    return found


def _some(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(names), AT_ONCE):
        yield names[at : at + AT_ONCE]


def _report(lines: Sequence[Line], groups: dict[str, list[Line]], namesakes: int, merged: Sequence[Line]) -> str:
    doubled = [group for group in groups.values() if len(group) > 1]
    disputed = sum(bool(line.values["other_first"] or line.values["other_last"]) for line in merged)
    cleaned = sum(bool(line.values["note"]) for line in lines if not line.errors)
    parts = (
        (sum(len(group) for group in doubled) - len(doubled), "ردیف تکراری با ردیف همان کد یکی شد"),
        (cleaned, "ردیف پاکیزه شد یا نکته‌ای دارد"),
        (disputed, "کد با دو نام آمده است و مغایرت ثبت می‌شود"),
        (namesakes, "ردیف هم‌نام و هم‌تاریخ کسی با کد دیگر است و یکی نشد"),
    )
    return "".join(f"{text.group_thousands(count)} {said}. " for count, said in parts if count).strip()
