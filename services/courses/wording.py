"""The fields of a course in words: their names, and old and new values as events keep them and people read them."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import String, cast, func, literal, select, union_all

from models import (
    Agreement,
    Course,
    CourseEvent,
    Instructor,
    Organization,
    Person,
    Place,
    SkillStandard,
    TargetGroup,
    Workshop,
    db,
)
from services import jalali, labels, trail
from services.changes import Changes, Difference, Pair
from services.text import persian_digits, rial

FIELD = {
    "standard_id": "استاندارد",
    "place_id": "محل برگزاری",
    "workshop_id": "محل و کارگاه",
    "instructor_id": "مربی",
    "co_instructors": "مربیان همکار",
    "start_on": "تاریخ شروع",
    "end_on": "تاریخ پایان",
    "weekdays": "روزهای کلاس",
    "start_time": "ساعت شروع کلاس",
    "end_time": "ساعت پایان کلاس",
    "shift": "نوبت",
    "capacity_min": "حداقل ظرفیت",
    "capacity_max": "حداکثر ظرفیت",
    "gender": "جنسیت دوره",
    "setting": "بخش اجرا",
    "delivery": "شیوهٔ آموزش",
    "target_group_id": "گروه هدف",
    "agreement_id": "قرارداد یا تفاهم‌نامه",
    "start_trigger": "سبب برگزاری",
    "age_min": "حداقل سن",
    "age_max": "حداکثر سن",
    "enroll_open_at": "باز شدن ثبت‌نام",
    "enroll_close_at": "بسته شدن ثبت‌نام",
    "tuition_rials": "شهریه",
}
NOTHING = "ثبت نشده"

_SHOW: dict[str, Callable[[Any], str]] = {
    "start_on": lambda raw: jalali.long(date.fromisoformat(raw)),
    "end_on": lambda raw: jalali.long(date.fromisoformat(raw)),
    "start_time": lambda raw: jalali.clock(time.fromisoformat(raw)),
    "end_time": lambda raw: jalali.clock(time.fromisoformat(raw)),
    "enroll_open_at": lambda raw: jalali.at(datetime.fromisoformat(raw)),
    "enroll_close_at": lambda raw: jalali.at(datetime.fromisoformat(raw)),
    "weekdays": lambda raw: labels.weekdays(raw) or NOTHING,
    "shift": labels.SHIFT.__getitem__,
    "gender": labels.GENDER.__getitem__,
    "setting": labels.SETTING.__getitem__,
    "delivery": labels.DELIVERY.__getitem__,
    "tuition_rials": rial,
    "start_trigger": labels.TRIGGER.__getitem__,
}
_NAMED = ("standard_id", "place_id", "workshop_id", "instructor_id", "target_group_id", "agreement_id")
Names = dict[tuple[str, int], str]


def show(field: str, raw: Any, names: Names) -> str:
    """An encoded value for the screen; `names` comes from `names_in`."""
    if raw is None:
        return NOTHING
    if field in _NAMED:
        return names.get((field, raw), NOTHING)
    if field == "co_instructors":
        told = [f"{names.get(('instructor_id', who), 'مربی')} ({labels.hours(minutes)})" for who, minutes in raw]
        return "، ".join(told) or NOTHING
    return _SHOW.get(field, persian_digits)(raw)


def names_in(changes: Iterable[dict[str, Any]]) -> Names:
    """The names of the rows that these changes mention, in one query, or in none when they mention none."""
    ids: dict[str, set[int]] = {field: set() for field in _NAMED}
    for change in changes:
        for field in _NAMED:
            ids[field].update(raw for raw in change.get(field, ()) if raw is not None)
        ids["instructor_id"].update(who for team in change.get("co_instructors", ()) for who, _ in team or ())
    if not any(ids.values()):
        return {}
    place_title = Place.title + "، " + Workshop.title
    person_name = func.coalesce(Person.first_name, "") + " " + func.coalesce(Person.last_name, "")
    parts = [
        _part("standard_id", SkillStandard.id, SkillStandard.title).where(SkillStandard.id.in_(ids["standard_id"])),
        _part("workshop_id", Workshop.id, place_title).join(Workshop.place).where(Workshop.id.in_(ids["workshop_id"])),
        _part("instructor_id", Instructor.id, person_name)
        .join(Instructor.person)
        .where(Instructor.id.in_(ids["instructor_id"])),
        _part("target_group_id", TargetGroup.id, TargetGroup.title).where(TargetGroup.id.in_(ids["target_group_id"])),
        _part("place_id", Place.id, Place.title).where(Place.id.in_(ids["place_id"])),
        _part("agreement_id", Agreement.id, Organization.title + "، شمارهٔ " + Agreement.number)
        .join(Organization, Organization.id == Agreement.organization_id)
        .where(Agreement.id.in_(ids["agreement_id"])),
    ]
    return {(field, row_id): name.strip() for field, row_id, name in db.session.execute(union_all(*parts))}


def _part(field: str, row_id: Any, name: Any) -> Any:
    return select(literal(field), row_id, cast(name, String))


def difference(pair: Pair, names: Names) -> Difference:
    """A pair of encoded values in words."""
    field = pair.field
    stored, sent = (show(field, raw, names) for raw in (pair.stored, pair.sent))
    return Difference(field, FIELD[field], stored, sent, pair.whose)


# -- The timeline ------------------------------------------------------------------


class Told(NamedTuple):
    """One event in words; `parts` are the changes of an edit that has too many for one line."""

    when: str
    what: str
    reason: str
    parts: list[str]


IN_ONE_LINE = 2  # so many changes are told in the line itself
SITTING = timedelta(minutes=30)  # edits of one person that are no further apart are told as one


def timeline(course: Course) -> list[Told]:
    """Newest first; edits say from what to what, and those of one person one after the other are told as one."""
    names = names_in(event.changes for event in course.events)
    return [_told(event, changes, names) for event, changes in reversed(_sittings(course.events))]


def _sittings(events: Iterable[CourseEvent]) -> list[tuple[CourseEvent, Changes]]:
    """Each event with what it has changed; of edits that belong together the last one, with the changes of all.

    A form that saves itself while somebody writes would fill a history otherwise.
    """
    found: list[tuple[CourseEvent, Changes]] = []
    for event in events:
        last, before = found[-1] if found else (None, {})
        if last is not None and _continues(event, last):
            found[-1] = (event, _joined(before, event.changes))
        else:
            found.append((event, event.changes))
    return found


def _continues(event: CourseEvent, last: CourseEvent) -> bool:
    is_same = event.action == last.action == "edit" and event.actor_id == last.actor_id
    return is_same and event.at - last.at <= SITTING


def _joined(before: Changes, after: Changes) -> Changes:
    """The first old and the last new value of each field; what has come back to where it was is no change."""
    joined = before | {field: [(before.get(field) or pair)[0], pair[1]] for field, pair in after.items()}
    return {field: pair for field, pair in joined.items() if pair[0] != pair[1]}


def _told(event: CourseEvent, changes: Changes, names: Names) -> Told:
    if event.action not in ("edit", "change") or not changes:
        return Told(_when(event.at), _what(event), event.reason, [])
    chosen = changes.get("workshop_id")
    if chosen and chosen[1]:  # its place is in its name
        changes = {field: pair for field, pair in changes.items() if field != "place_id"}
    parts = [_change(field, pair, names) for field, pair in changes.items()]
    if len(parts) <= IN_ONE_LINE:
        return Told(_when(event.at), f"{_who(event)} {'؛ '.join(parts)}", event.reason, [])
    did = "نوشت" if all(_is_first(old, new) for old, new in changes.values()) else "تغییر داد"
    what = f"{_who(event)} {persian_digits(len(parts))} مورد را {did}"
    return Told(_when(event.at), what, event.reason, parts)


def _when(at: datetime) -> str:
    local = jalali.tehran(at)
    return f"{jalali.day_month_year(local.date())}، {jalali.clock(local.time())}"


def _who(event: CourseEvent) -> str:
    who = trail.name_of(event.actor)
    if event.on_behalf_of:
        who = f"{who} به جانشینی از {trail.name_of(event.on_behalf_of)}"
    return f"{who} ({labels.LEVEL[event.level]})" if event.level in ("province", "hq") else who


def _what(event: CourseEvent) -> str:
    done, who = labels.ACTION_PAST[event.action], _who(event)
    if event.action == "send":
        return f"{who} {_sent_to(event.target)}"
    if event.action == "approve" and event.target == "approved":
        return f"{who} تأیید نهایی کرد"
    if event.action in ("create", "copy"):
        return f"{who} دوره را {done}"
    if event.actor is None:
        return _CLOCK.get(event.action, done)
    return f"{who} {done}: {event.reason_text.title}" if event.reason_text else f"{who} {done}"


_CLOCK = {
    "open": "ثبت‌نام با رسیدن زمان آن باز شد",
    "close": "مهلت ثبت‌نام تمام شد",
    "remind": "مهلت تصمیم همین روز است",
    "escalate": "مهلت تصمیم گذشت و پرونده به سطح بالاتر رسید",
}


def _sent_to(target: str) -> str:
    to = {"center_review": "مدیر مرکز", "province_review": "استان", "hq_review": "ستاد"}.get(target, "تأیید")
    return f"برای {to} فرستاد"


def _change(field: str, pair: list[Any], names: Names) -> str:
    old, new = pair
    label = FIELD.get(field, field)
    if _is_first(old, new):
        return f"{label} را «{show(field, new, names)}» نوشت"
    if new is None:
        return f"{label} را خالی کرد"
    return f"{label} را از «{show(field, old, names)}» به «{show(field, new, names)}» تغییر داد"


def _is_first(old: Any, new: Any) -> bool:
    """Whether a field that was empty was filled in."""
    return old in (None, 0, []) and new is not None
