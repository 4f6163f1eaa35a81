"""What a course collides with: courses at its hours, its place and people, and rules; refused or warned by policy.

Source: docs/rules.md R-320 to R-326 (domain 2.2, 2.3).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import select

from models import Course, Gender, PlaceKind, db
from services import jalali, labels, policy
from services.access import Actor
from services.courses import bookings, grounds, licensing, schedule, shifts
from services.courses.bookings import Booking, Team
from services.courses.grounds import Ground
from services.courses.reading import PUBLIC
from services.instructors import fit, workload
from services.text import persian_digits


class Kind(StrEnum):
    """What may collide; each has its policy row `conflict_<kind>`."""

    WORKSHOP = "workshop"
    INSTRUCTOR = "instructor"
    PLACE = "place"
    SEATS = "seats"
    GENDER = "gender"
    LICENSE = "license"
    FIT = "fit"
    MORNING = "morning"
    WEEK = "week"
    SHIFT = "shift"
    DOWN = "down"
    STANDARD = "standard"


REFUSE, WARN, OFF = "refuse", "warn", "off"
# What reviewers do not read among the automatic checks already, where it stands whether it is fine or not.
BESIDE_CHECKS = frozenset({Kind.WORKSHOP, Kind.INSTRUCTOR, Kind.PLACE, Kind.GENDER, Kind.MORNING, Kind.WEEK, Kind.SHIFT,
                           Kind.DOWN, Kind.STANDARD})  # fmt: skip
_NAMED = 3


@dataclass(frozen=True)
class Other:
    """The other course of a collision. `is_seen` by who looks, else `is_public` or nobody's but its unit's."""

    course_id: int
    code: str
    is_seen: bool
    is_public: bool


@dataclass(frozen=True)
class Clash:
    """One collision: the field of the form at which it lies, in words, whether it bars the course, and with what."""

    kind: Kind
    field: str
    text: str
    bars: bool
    others: tuple[Other, ...] = ()

    @property
    def is_of_hours(self) -> bool:
        """Whether other days or hours would help, as well as what stands at its field."""
        return bool(self.others) or self.kind in (Kind.MORNING, Kind.WEEK, Kind.SHIFT)


# -- What is looked at -------------------------------------------------------------


@dataclass
class Asked:
    """A course as it is looked at.

    Args:
        class_days: its class days; None for what its plan gives.
        actor: who reads it, and so which other courses may be named whole; nobody: those of the same unit.
        team: its instructors as they are chosen and not saved yet.
        is_sent: whether its meetings stand in the database.
        known_matches: how its instructors stand to the standard, for who has asked already.
    """

    course: Course
    ground: Ground
    class_days: Sequence[date] | None = None
    actor: Actor | None = None
    team: Team | None = None
    is_sent: bool = False
    known_matches: dict[int, fit.Match] | None = None

    @cached_property
    def days(self) -> Sequence[date]:
        return schedule.meetings(self.course) if self.class_days is None else self.class_days

    @cached_property
    def own(self) -> list[workload.Meeting]:
        """Its meetings as they count for its instructor; none while it has neither hours nor instructor."""
        has_hours = self.course.start_time and self.course.end_time and self.course.instructor_id
        return workload.own_meetings(self.course, self.days) if has_hours else []

    @cached_property
    def booked(self) -> list[Booking]:
        """The meetings of others around its days; one statement."""
        course = self.course
        if course.start_time is None or course.end_time is None:
            return []
        first, last = (
            (course.start_on, course.end_on)
            if self.is_sent
            else (min(self.days, default=None), max(self.days, default=None))
        )
        if first is None or last is None:
            return []
        weeks = workload.week_of(first), workload.week_of(last) + timedelta(days=6)
        return bookings.around(course, *weeks, None if self.is_sent else self.days, self.team)

    @property
    def rooms(self) -> list[Booking]:
        return [each for each in self.booked if each.takes == bookings.ROOM and each.bars]

    @property
    def held(self) -> list[workload.Meeting]:
        """What the instructor of the course holds elsewhere, whole courses and parts."""
        mine = (each for each in self.booked if each.takes == bookings.PERSON)
        return [each.as_meeting() for each in mine if each.own_share is None]

    @cached_property
    def matches(self) -> dict[int, fit.Match]:
        """How each of its instructors stands to the standard."""
        ids = None if self.team is None else [who for who, _ in self.team]
        return fit.of_team(self.course, ids) if self.known_matches is None else self.known_matches


Said = tuple[str, str, tuple[Booking, ...]]  # at which field, in words, with which meetings


def of(
    actor: Actor | None, course: Course, days: Sequence[date] | None = None, team: Team | None = None
) -> list[Clash]:
    """Everything that a course collides with as it stands or is wished for, for who enters it; three statements.

    Args:
        course: a row, or one that is not stored, with the id of the row that it would change.
    """
    found = db.session.execute(select(*grounds.columns(course))).one()
    return clashes(Asked(course, grounds.read(found), days, actor, team))


def wish(course: Course, **wanted: Any) -> Course:
    """A course that is not stored, as this one would be with other values."""
    return Course(**{each.name: getattr(course, each.name) for each in Course.__table__.columns} | wanted)


def clashes(asked: Asked, kinds: Collection[Kind] = tuple(Kind)) -> list[Clash]:
    """Everything that a course collides with, in the order of `Kind`; what its policy leaves out is not looked at."""
    return [each for kind in Kind if kind in kinds for each in _of_kind(asked, kind)]


def barring(asked: Asked) -> list[Clash]:
    """What keeps the course from being sent or approved; only those kinds are looked at that may."""
    kinds = [kind for kind in Kind if asked.ground.policies[f"conflict_{kind}"] == REFUSE]
    return [each for each in clashes(asked, kinds) if each.bars]


def _of_kind(asked: Asked, kind: Kind) -> Iterator[Clash]:
    wanted = asked.ground.policies[f"conflict_{kind}"]
    if wanted == OFF:
        return
    for at, said, met in _LOOKS[kind](asked):
        with_ = {each.course_id: each for each in met}
        bars = wanted == REFUSE and (not met or any(_was_first(asked.course, each) for each in met))
        yield Clash(kind, at, said, bars, tuple(_other(asked, each) for each in list(with_.values())[:_NAMED]))


def _was_first(course: Course, met: Booking) -> bool:
    """Of two that are both sent, whichever was first stands and the other one gives way."""
    if course.sent_at is None or met.sent_at is None or not course.status.value.endswith("_review"):
        return True
    return not met.status.value.endswith("_review") or (met.sent_at, met.course_id) < (course.sent_at, course.id)


# -- Courses at the same hours -----------------------------------------------------


def _workshops(asked: Asked) -> Iterator[Said]:
    """Source: docs/rules.md R-321."""
    same = [each for each in asked.rooms if each.workshop_id == asked.course.workshop_id]
    for met in _by_course(same):
        yield "workshop_id", f"کارگاه {_times(met)} در {_named(asked, met[0])} گرفته شده است", tuple(met)


def _places(asked: Asked) -> Iterator[Said]:
    """A place is full when more people meet in it at an hour than it holds; one whose number nobody has written, and
    that is not a building of many workshops, when there is any other course.

    Source: docs/rules.md R-323.
    """
    ground, own = asked.ground, asked.course.capacity_max or 0
    if ground.place_kind is PlaceKind.VIRTUAL:
        return
    if ground.capacity is None:
        other = [each for each in asked.rooms if each.workshop_id != asked.course.workshop_id]
        for met in _by_course(other if ground.place_kind is not PlaceKind.BUILDING else []):
            yield (
                "workshop_id",
                f"«{ground.place_title}» {_times(met)} برای {_named(asked, met[0])} گرفته شده است",
                tuple(met),
            )
        return
    peaks = {day: _peak(met) for day, met in _by_day(asked.rooms).items()}
    worst = max(peaks, key=lambda day: peaks[day][0], default=None)
    if worst is None or peaks[worst][0] + own <= ground.capacity:
        return
    people, met = peaks[worst]
    with_ = "، ".join(_named(asked, each) for each in met[:_NAMED])
    yield (
        "workshop_id",
        f"«{ground.place_title}» {persian_digits(ground.capacity)} نفر جا دارد و {jalali.long(worst)} ساعت "
        f"{jalali.clock(met[0].start)} با {with_} {persian_digits(people + own)} نفر می‌شود",
        tuple(met),
    )


def _peak(met: Sequence[Booking]) -> tuple[int, list[Booking]]:
    """The most people of these meetings of a day that are there at one moment, and with which meetings."""
    moments = ([each for each in met if each.start <= at.start < each.end] for at in met)
    return max(((sum(each.capacity or 0 for each in there), there) for there in moments), key=lambda pair: pair[0])


def _people(asked: Asked) -> Iterator[Said]:
    """Source: docs/rules.md R-241, R-322."""
    mine = [each for each in asked.booked if each.takes == bookings.PERSON and each.bars]
    for met in _by_course(mine):
        first = met[0]
        if sum(_minutes_across(asked.course, each) for each in met) <= _slack(asked.course, first):
            continue
        at, who = "instructor_id", "مربی"
        if first.own_share is not None:
            at, who = "co_instructors", f"مربی همکار، {first.name}،"
        yield at, f"{who} {_times(met)} در {_named(asked, first)} کلاس دارد", tuple(met)


def _slack(course: Course, met: Booking) -> int:
    """How many minutes of both courses may lie across each other: those that somebody with a part leaves to others."""
    own = 0 if met.own_share is None else max(course.total_minutes - met.own_share, 0)
    return own + (0 if met.share is None else max(met.minutes - met.share, 0))


def _minutes_across(course: Course, met: Booking) -> int:
    start, end = course.start_time or met.start, course.end_time or met.end
    return workload.minutes_between(max(start, met.start), min(end, met.end))


def _by_course(met: Iterable[Booking]) -> list[list[Booking]]:
    """The meetings by course and person, in order; one row each, where a person is in a course in two ways."""
    found: dict[tuple[int, int | None], dict[Any, Booking]] = {}
    for each in met:
        found.setdefault((each.course_id, each.person_id), {}).setdefault((each.on, each.start), each)
    return [list(rows.values()) for rows in found.values()]


def _by_day(met: Iterable[Booking]) -> dict[date, list[Booking]]:
    found: dict[date, list[Booking]] = {}
    for each in met:
        found.setdefault(each.on, []).append(each)
    return found


def _times(met: Sequence[Booking]) -> str:
    first = met[0]
    day, hours = jalali.long(first.on), f"ساعت {jalali.clock(first.start)} تا {jalali.clock(first.end)}"
    return f"{day} {hours}" if len(met) == 1 else f"در {persian_digits(len(met))} جلسه (نخستین {day} {hours})"


# -- Its place, its people and the rules -------------------------------------------


def _seats(asked: Asked) -> Iterator[Said]:
    wanted, seats = asked.course.capacity_max, asked.ground.seats
    if wanted and seats and wanted > seats:
        yield "capacity_max", too_many_seats(wanted, seats), ()


def _gender(asked: Asked) -> Iterator[Said]:
    """Source: docs/rules.md R-324 (domain 2.2, item 4: at the discretion of the directorate)."""
    wanted = asked.course.gender
    for what, gender in (("واحد", asked.ground.unit_gender), ("مکان", asked.ground.place_gender)):
        if wanted and gender and gender is not Gender.MIXED and wanted is not gender:
            yield "gender", f"{what} برای {labels.GENDER[gender]} است و دوره برای {labels.GENDER[wanted]}", ()


def _license(asked: Asked) -> Iterator[Said]:
    if bars := licensing.why_not(asked.ground.license, asked.course.start_on, policy.today()):
        yield *bars, ()


def _fit(asked: Asked) -> Iterator[Said]:
    if not asked.ground.has_rules:
        return
    for who, match in asked.matches.items():
        if not match.may_teach and who == asked.course.instructor_id:
            yield "instructor_id", unfit(match), ()
        elif not match.may_teach:  # Source: docs/rules.md R-425
            yield "co_instructors", unfit(match, f"مربی همکار، {match.name}،"), ()


def _mornings(asked: Asked) -> Iterator[Said]:
    if not workload.is_bound(asked.course, asked.ground.license.kind) or not asked.own:
        return
    if said := workload.short_mornings(asked.own, asked.held, asked.ground.job):
        yield "shift", said, ()


def _weeks(asked: Asked) -> Iterator[Said]:
    if asked.own and (said := workload.long_week(asked.own, asked.held, asked.ground.job.most)):
        yield "instructor_id", said, ()
    for met in bookings.of_partners(asked.booked) if asked.own else ():
        own = workload.own_meetings(asked.course, asked.days, met[0].own_share)
        others, who = (each.as_meeting() for each in met), f"مربی همکار، {met[0].name}،"
        if said := workload.long_week(own, others, asked.ground.job.most, who):
            yield "co_instructors", said, ()


def _shift(asked: Asked) -> Iterator[Said]:
    if said := shifts.outside(asked.course, asked.ground.policies[shifts.HOURS]):
        yield "shift", said, ()


def _downtime(asked: Asked) -> Iterator[Said]:
    """Source: docs/rules.md R-162."""
    since = asked.ground.down_since
    if since and (asked.course.end_on is None or asked.course.end_on >= since):
        yield "workshop_id", f"کارگاه از {jalali.short(since)} خارج از کار است: {asked.ground.down_reason}", ()


def _standard(asked: Asked) -> Iterator[Said]:
    if asked.ground.is_retired:
        yield "standard_id", "این استاندارد در این میان از رده خارج شده است؛ استاندارد دیگری انتخاب کنید", ()


def unfit(match: fit.Match, who: str = "مربی") -> str:
    """Why an instructor may not teach a standard, and what to do."""
    return (
        f"{who} با شرایط استاندارد نمی‌خواند: {match.lacks}. مربی دیگری انتخاب کنید یا رأی تأییدشدهٔ کمیتهٔ تعیین "
        "صلاحیت را در پروندهٔ مربی ثبت کنید"
    )


def too_many_seats(capacity: int, seats: int) -> str:
    return (
        f"این کارگاه {persian_digits(seats)} جای کار دارد و ظرفیت {persian_digits(capacity)} نفر در آن جا نمی‌شود؛ "
        f"حداکثر {persian_digits(seats)} بنویسید یا کارگاه دیگری انتخاب کنید"
    )


_LOOKS: dict[Kind, Callable[[Asked], Iterator[Said]]] = {
    Kind.WORKSHOP: _workshops,
    Kind.INSTRUCTOR: _people,
    Kind.PLACE: _places,
    Kind.SEATS: _seats,
    Kind.GENDER: _gender,
    Kind.LICENSE: _license,
    Kind.FIT: _fit,
    Kind.MORNING: _mornings,
    Kind.WEEK: _weeks,
    Kind.SHIFT: _shift,
    Kind.DOWN: _downtime,
    Kind.STANDARD: _standard,
}


# -- Naming another course ---------------------------------------------------------


def _named(asked: Asked, met: Booking) -> str:
    """Another course in words: whole for who may see it, else its number and its unit.

    Source: docs/rules.md R-325.
    """
    code = persian_digits(met.code)
    return f"دورهٔ {code} «{met.title}»" if _is_seen(asked, met) else f"دورهٔ {code} ({met.unit_title})"


def _other(asked: Asked, met: Booking) -> Other:
    return Other(met.course_id, met.code, _is_seen(asked, met), met.status in PUBLIC)


def _is_seen(asked: Asked, met: Booking) -> bool:
    if asked.actor is None:
        return met.unit_id == asked.course.unit_id
    return asked.actor.covers(met.unit_id, met.province_id)
