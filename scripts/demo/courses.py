"""Two hundred courses in every state, with dates around a given day."""

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass, replace
from itertools import count

from scripts.demo.standards import Standard, standards
from scripts.demo.units import ACADEMY1, CENTER1, CENTER2, INSTRUCTOR1_POST, Unit, Workshop, units
from scripts.reference import rules
from services import jalali

# How many courses there are in each state.
STATES = {
    "draft": 14,
    "center_review": 12,
    "province_review": 18,
    "hq_review": 5,
    "returned": 8,
    "rejected": 6,
    "approved": 19,
    "open": 50,
    "closed": 12,
    "running": 26,
    "finished": 24,
    "canceled": 6,
}

EVEN_DAYS, ODD_DAYS, WORKING_DAYS, SIX_DAYS = 0b0010101, 0b0101010, 0b0011111, 0b0111111
SHIFTS = {
    "morning": (dt.time(8), dt.time(12)),
    "evening": (dt.time(15), dt.time(19)),
    "night": (dt.time(18), dt.time(21)),
    "full_day": (dt.time(8), dt.time(14)),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step taken on a course; `who` is clerk, manager, province, hq or system; a first step has no source."""

    action: str
    level: str
    source: str
    target: str
    who: str
    at: dt.datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    number: int
    status: str
    unit_code: str
    kit: str
    standard: Standard
    setting: str
    delivery: str
    shift: str
    gender: str
    weekdays: int
    start_time: dt.time
    end_time: dt.time
    sessions: tuple[dt.date, ...]
    capacity_min: int
    capacity_max: int
    enroll_open_at: dt.datetime
    enroll_close_at: dt.datetime
    tuition_rials: int | None
    target_group: str | None
    fill: float
    steps: tuple[Step, ...]
    is_complete: bool = True

    @property
    def start_on(self) -> dt.date:
        return self.sessions[0]

    @property
    def end_on(self) -> dt.date:
        return self.sessions[-1]


@dataclass(frozen=True, slots=True)
class _Plan:
    """When the first session is wanted and when enrollment opens and closes."""

    start: dt.date
    opens: dt.date
    closes: dt.date


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where and when a course could be held."""

    unit: Unit
    shop: Workshop
    standard: Standard
    shift: str
    weekdays: int
    sessions: tuple[dt.date, ...]
    plan: _Plan


def meetings(start: dt.date, weekdays: int, minutes: int, daily: int) -> tuple[dt.date, ...]:
    """The days on which a course meets until its minutes are used up; no Fridays, no holidays."""
    closed = rules.holidays()
    days: list[dt.date] = []
    day = start
    while len(days) * daily < minutes:
        if weekdays >> jalali.weekday(day) & 1 and day not in closed:
            days.append(day)
        day += dt.timedelta(days=1)
    return tuple(days)


def courses(today: dt.date) -> tuple[Course, ...]:
    """All courses as they stand on `today`, the same for the same day."""
    make = _Maker(today)
    states = [state for state, count in STATES.items() for _ in range(count)]
    make.rng.shuffle(states)
    # The wishes that only one workshop can meet come before it is taken.
    for state in _TAUGHT_BY_INSTRUCTOR1:
        states.insert(0, states.pop(states.index(state)))
    return tuple(make.course(1000 + number, state) for number, state in enumerate(states))


# Where the first courses of each state are, so that every demo account finds work; the others fall anywhere.
_WISHES = (CENTER1, CENTER1, CENTER2, ACADEMY1)
_WISHES_OPEN = (*_WISHES, CENTER1, CENTER1, CENTER1, CENTER2)
# How full the open courses are, in the same order.
_FILLS_OPEN = (0.5, 0.9, 0.4, 0.5, 1.0, 0.3, 0.0, 0.9, *[1.0] * 5, *[0.9] * 8, *[0.0] * 3)
_TAUGHT_BY_INSTRUCTOR1 = ("open", "running", "finished")
# These hold no workshop: they were never planned in, or no longer are.
UNPLANNED = ("draft", "returned", "rejected", "canceled")
_TRIES = 400
_MEN_ONLY = ("prison", "barracks")
NOT_FOR_ACADEMIES = ("center_review", "hq_review")


class _Maker:
    def __init__(self, today: dt.date) -> None:
        self.today = today
        self.rng = random.Random(1405)
        self.units = [one for one in units() if one.workshops]
        self.weights = [
            2.0 if one.code == CENTER1 else 2.0 if one.code == CENTER2 else 0.8 if one.kind == "academy" else 1.2
            for one in self.units
        ]
        self.busy: dict[tuple[str, str], list[Course]] = {}
        self.made: Counter[str] = Counter()

    def course(self, number: int, status: str) -> Course:
        place = self.made[status]
        self.made[status] += 1
        wishes = _WISHES_OPEN if status == "open" else _WISHES
        wish = wishes[place] if place < len(wishes) else ""
        kit = INSTRUCTOR1_POST[1] if place == 0 and status in _TAUGHT_BY_INSTRUCTOR1 else ""
        fill = self._fill(status, place)
        for tried in count():
            # A wish that cannot be met, because its workshops are taken, is given up.
            made = self._try(number, status, wish if tried < _TRIES else "", kit if tried < _TRIES else "")
            if made and (status in UNPLANNED or not self._is_taken(made)):
                self.busy.setdefault((made.unit_code, made.kit), []).append(made)
                return replace(made, fill=fill)
        raise AssertionError("count() never ends")

    def _try(self, number: int, status: str, unit_code: str, kit: str) -> Course | None:
        rng = self.rng
        unit = next((one for one in self.units if one.code == unit_code), None)
        if unit is None or (unit.kind == "academy" and status in NOT_FOR_ACADEMIES):
            unit = rng.choices(self.units, self.weights)[0]
        if unit.kind == "academy" and status in NOT_FOR_ACADEMIES:
            return None
        shop = rng.choice([one for one in unit.workshops if kit in ("", one.kit)])
        standard = rng.choice([one for one in standards() if one.field.kit == shop.kit])
        shift, weekdays = self._times(unit, standard)
        sessions = self._sessions(status, standard, shift, weekdays)
        return sessions and self._course(number, status, _Slot(unit, shop, standard, shift, weekdays, *sessions))

    def _times(self, unit: Unit, standard: Standard) -> tuple[str, int]:
        shifts = ("morning", "evening", "night") if unit.kind == "academy" else ("morning", "morning", "evening")
        if standard.total_minutes > 160 * 60:
            shifts = ("morning", "evening", "full_day")
            return self.rng.choice(shifts), self.rng.choice((WORKING_DAYS, SIX_DAYS))
        return self.rng.choice(shifts), self.rng.choice((EVEN_DAYS, ODD_DAYS, WORKING_DAYS))

    def _sessions(
        self, status: str, standard: Standard, shift: str, weekdays: int
    ) -> tuple[tuple[dt.date, ...], _Plan] | None:
        begin, end = SHIFTS[shift]
        daily = (end.hour - begin.hour) * 60
        plan = self._plan(status, standard.total_minutes / daily * 7 / weekdays.bit_count())
        days = meetings(plan.start, weekdays, standard.total_minutes, daily)
        fits = {"running": days[0] < self.today < days[-1], "finished": days[-1] < self.today}
        return (days, plan) if fits.get(status, days[0] > plan.closes) else None

    def _plan(self, status: str, length: float) -> _Plan:
        """Days around today for a course that takes about `length` days."""
        rng = self.rng

        def days(n: int) -> dt.timedelta:
            return dt.timedelta(days=n)

        if status == "finished":
            start = self.today - days(int(length) + rng.randint(8, 70))
        elif status == "running":
            start = self.today - days(rng.randint(2, max(3, min(50, int(length) - 6))))
        elif status == "closed":
            start = self.today + days(rng.randint(1, 5))
            closes = self.today - days(rng.randint(1, 3))
            return _Plan(start, closes - days(14), closes)
        elif status in ("open", "canceled"):
            closes = self.today + days(rng.randint(2, 14))
            since = rng.randint(1, 12) if status == "open" else rng.randint(5, 12)
            return _Plan(closes + days(rng.randint(2, 6)), self.today - days(since), closes)
        else:
            opens = self.today + days(rng.randint(1, 9) if status == "approved" else rng.randint(10, 25))
            return _Plan(opens + days(rng.randint(16, 30)), opens, opens + days(13))
        return _Plan(start, start - days(20), start - days(4))

    def _is_taken(self, made: Course) -> bool:
        return any(
            made.start_on <= other.end_on
            and other.start_on <= made.end_on
            and made.weekdays & other.weekdays
            and made.start_time < other.end_time
            and other.start_time < made.end_time
            for other in self.busy.get((made.unit_code, made.kit), [])
            if other.status not in UNPLANNED
        )

    def _course(self, number: int, status: str, slot: _Slot) -> Course:
        rng, unit, shop = self.rng, slot.unit, slot.shop
        setting, group = self._setting(status, unit, shop)
        gender = shop.gender if shop.gender != "mixed" else rng.choice(("female", "female", "male", "mixed"))
        route = rules.levels(unit.kind, setting)
        return Course(
            number=number,
            status=status,
            unit_code=unit.code,
            kit=shop.kit,
            standard=slot.standard,
            setting=setting,
            delivery="blended" if shop.kit in ("computer", "none") and rng.random() < 0.2 else "in_person",
            shift=slot.shift,
            gender="male" if setting in _MEN_ONLY else gender,
            weekdays=slot.weekdays,
            start_time=SHIFTS[slot.shift][0],
            end_time=SHIFTS[slot.shift][1],
            sessions=slot.sessions,
            capacity_min=6 if unit.kind == "center" else 5,
            capacity_max=min(shop.workstations, rng.choice((8, 10, 10, 12, 12, 14, 15))),
            enroll_open_at=jalali.from_tehran(slot.plan.opens, dt.time(8)),
            enroll_close_at=jalali.from_tehran(slot.plan.closes, dt.time(14, 30)),
            tuition_rials=rng.randrange(20, 90) * 1_000_000 if unit.kind == "academy" else None,
            target_group=group,
            fill=0.0,
            steps=_history(status, route.split(","), slot.plan, slot.sessions, self),
            is_complete=status != "draft" or rng.random() < 0.6,
        )

    def _setting(self, status: str, unit: Unit, shop: Workshop) -> tuple[str, str | None]:
        if unit.kind == "academy":
            return "academy", None
        if status == "hq_review" or self.rng.random() < 0.04:
            outside = (("industry", "employees"), ("prison", "prisoners"), ("barracks", "conscripts"))
            return self.rng.choice(outside[:1] if shop.gender == "female" else outside)
        if self.rng.random() < 0.08:
            return "mobile_rural", "villagers"
        return "fixed", self.rng.choices(("women_heads", "relief", None), (3, 4, 93))[0]

    def _fill(self, status: str, place: int) -> float:
        if status == "open":
            return _FILLS_OPEN[place] if place < len(_FILLS_OPEN) else self.rng.uniform(0.1, 0.6)
        return self.rng.uniform(0.75, 1.0) if status in ("closed", "running", "finished") else 0.25


# -- The way a course came ---------------------------------------------------------

_REVIEWS = {"center": "center_review", "province": "province_review", "hq": "hq_review"}
# What happens to an approved course: action, source, target, who.
_LIFE = (
    ("open", "approved", "open", "system"),
    ("close", "open", "closed", "system"),
    ("start", "closed", "running", "clerk"),
    ("finish", "running", "finished", "clerk"),
)
_LIVED = {"open": 1, "canceled": 1, "closed": 2, "running": 3, "finished": 4}


def _history(status: str, route: list[str], plan: _Plan, days: tuple[dt.date, ...], make: _Maker) -> tuple[Step, ...]:
    """The steps that brought a course to its state, oldest first, none later than yesterday."""
    rng = make.rng
    decided = _decisions(status, route, rng)
    # Two days for each decision, backwards from the last one.
    last = min(plan.opens - dt.timedelta(days=2), make.today - dt.timedelta(days=rng.randint(1, 6)))
    found: list[Step] = []
    for number, step in enumerate(reversed(decided)):
        day = _office_day(last - dt.timedelta(days=2 * number))
        found.insert(0, replace(step, at=_at(day, rng)))
    clock = (plan.opens, plan.closes, days[0], days[-1])
    hours = (dt.time(8), dt.time(14, 30), dt.time(8, 20), dt.time(19, 10))
    for number, (action, source, target, who) in enumerate(_LIFE[: _LIVED.get(status, 0)]):
        level = "center" if who == "clerk" else "system"
        found.append(Step(action, level, source, target, who, jalali.from_tehran(clock[number], hours[number])))
    if status == "canceled":
        reason = rng.choice([text for kind, *_, text in rules.REASONS if kind == "cancel"])
        at = _at(make.today - dt.timedelta(days=1), rng)
        found.append(Step("cancel", "province", "open", "canceled", "province", at, reason))
    return tuple(found)


def _decisions(status: str, route: list[str], rng: random.Random) -> list[Step]:
    """Entry, sending and the decisions of the levels, without times."""
    reviews = [_REVIEWS[level] for level in route]
    made = [Step("create", "center", "", "draft", "clerk", _NEVER)]
    if status == "draft":
        return made
    made.append(Step("send", "center", "draft", reviews[0], "clerk", _NEVER))
    is_refused = status in ("returned", "rejected")
    passed = reviews.index(status) if status in reviews else len(reviews)
    if is_refused:
        passed = rng.randrange(len(reviews))
    for number, level in enumerate(route[:passed]):
        target = reviews[number + 1] if number + 1 < len(reviews) else "approved"
        made.append(Step("approve", level, reviews[number], target, _who(level), _NEVER))
    if is_refused:
        action = "return" if status == "returned" else "reject"
        reason = rng.choice([text for kind, *_, text in rules.REASONS if kind == action])
        made.append(Step(action, route[passed], reviews[passed], status, _who(route[passed]), _NEVER, reason))
    return made


_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


def _who(level: str) -> str:
    return "manager" if level == "center" else level


def _office_day(day: dt.date) -> dt.date:
    """The same day, or the Thursday before a Friday."""
    return day - dt.timedelta(days=1) if jalali.weekday(day) == 6 else day


def _at(day: dt.date, rng: random.Random) -> dt.datetime:
    return jalali.from_tehran(_office_day(day), dt.time(rng.randint(8, 13), rng.randint(0, 59)))
