"""Rule values that change without a change of code: the newest row of the narrowest scope, else the default here."""

import json
from collections.abc import Collection
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from models import Policy, Province, Unit, db, utcnow
from services.jalali import tehran_today

# Every rule value that the product asks for, with what holds while nobody has written a row.
DEFAULTS: dict[str, Any] = {
    "separation_of_duties": True,
    "checklist_signed": True,  # whether sending and each approval need the seven signatures
    "claim_minutes": 60,  # that a reviewer has a case in hand
    "undo_seconds": 30,  # in which a decision may be taken back
    # Days for a decision at each level; the last one is the day of the reminder. Rows for `*` and for provinces count.
    "review_days_center": 3,
    "review_days_province": 3,
    "review_days_hq": 3,
    "escalation_days": 2,  # after the last day, until a late case comes up to the level above
    "capacity_default": 15,
    "max_active_courses": 1,
    # Rules of eligibility (services/enrollment/rules.py): what follows where one does not hold ("refuse", "warn" or
    # "off") and who may set it aside for one person ("nobody", "manager", "province").
    "eligible_gender": {"mode": "refuse", "override": "province"},
    "eligible_age": {"mode": "refuse", "override": "manager"},
    "eligible_education": {"mode": "refuse", "override": "manager"},
    "eligible_prerequisite": {"mode": "refuse", "override": "manager"},
    "eligible_target_group": {"mode": "refuse", "override": "manager"},
    "eligible_guardian": {"mode": "warn", "override": "manager"},
    "eligible_active_courses": {"mode": "refuse", "override": "province"},
    # At most so many enrollments in so many months (0 for ever), of "any" course or of the same "standard"; 0 of none.
    "eligible_period": {"mode": "refuse", "override": "manager", "most": 0, "months": 12, "of": "any"},
    # What the groups that are spared it need not have: any "education", "literacy" alone, or "off".
    "literacy_waiver": "education",
    "guardian_age": 18,  # under which somebody else answers for a person
    "guardian_document": False,  # whether staff attach the paper by which a guardian is one
    "mobile_changes_per_day": 30,  # by one user on evidence; 0 for no limit
    "mobile_changes_per_person": 2,
    "undo_minutes": 10,
    "instructor_name_public": True,
    "shahkar_per_hour": 10,  # for each user whose typing asks; 0 for no limit
    "registry_per_day": 20_000,  # 0 for no limit
    "address_per_day": 5_000,
    "decile_per_day": 5_000,
    "decile_months": 12,  # that a decile holds which the ministry has told; then it is asked again
    "inquiry_answer_days": 90,  # that the answer of an outside system is kept word for word; 0 for not at all
    "mobile_recheck_months": 6,  # 0 for never
    "mobile_recheck_per_day": 3_000,  # old matches asked about again by the clock; 0 for none
    "equipment_loss_pieces": 10,  # above so many pieces written off or lost the province decides; None for no limit
    "equipment_loss_rials": 100_000_000,  # the same by value
    "equipment_moves_reviewed": True,  # whether it decides about moves to another center
    "demand_months": 12,  # that somebody waits for a course they have asked for; 0 for ever
    # Of a top-up: for one purse at least and at most, and in one payment for all purses together; whole rials.
    "topup_least_rials": 10_000,
    "topup_most_rials": 20_000_000,
    "topup_most_in_all_rials": 500_000_000,
    "reminder_days": 2,  # before the first day of a course, its people are told where and when; 0 for never
    # Fields of an approved course that change at once when they change harmlessly; all others ask for approval.
    "harmless_changes": ["enroll_close_at", "tuition_rials", "workshop_id"],
    "attendance_days": 7,  # after a meeting, in which its instructor may still mark who was there
    # From so many percent of a course's hours on somebody is absent too much (0 for never), and what follows: "warn",
    # or "incomplete" where the center is proposed that the course was not completed.
    "absence_percent": 20,
    "absence_follows": "incomplete",
    "instructor_week_hours": 44,  # above so many hours of class in a week a course warns; 0 for no limit
    "retraining_hours": 40,  # hours of retraining that an instructor owes in so many years; 0 for none
    "retraining_years": 2,
    # What becomes of a course that collides: "refuse", "warn" or "off" (services/courses/conflicts.py).
    "conflict_workshop": "refuse",
    "conflict_instructor": "refuse",
    "conflict_place": "warn",
    "conflict_seats": "refuse",
    "conflict_gender": "warn",
    "conflict_license": "refuse",
    "conflict_fit": "refuse",
    "conflict_morning": "warn",
    "conflict_week": "warn",
    "conflict_shift": "warn",
    "conflict_down": "warn",
    "conflict_standard": "refuse",
    # When a workshop can be used: the days of the week, Saturday 0, and from when to when in each shift.
    "calendar_hours": {"days": [0, 1, 2, 3, 4, 5], "morning": ["08:00", "14:00"], "evening": ["14:00", "20:00"]},
    "portal_purse": "user",  # whose purse «کاربر پورتال» is: "user" for each user's own, "unit" for their unit's
    "low_balance_rials": 500_000,  # below so many rials a purse of staff is said to run low; 0 for never
    # Whether the credit comes back to the purse that paid when somebody leaves (services/enrollment/leaving.py).
    "refund_withdraw": True,
    "refund_withdraw_late": False,
    "refund_center": True,
    "refund_no_show": False,
    "waitlist_offer_hours": 48,  # for which a freed seat is held for the next one in the waiting list
    "waitlist_quiet_from": 22,  # the hour from which no SMS of a waiting list goes out, and that at which they go again
    "waitlist_quiet_to": 7,
    "waitlist_most": 3,  # waiting lists that somebody stands in at a time; 0 for no limit
    "deputy_days": 90,  # for so many days at most somebody decides in another's place
}


def value(name: str, unit: Unit | None = None, *, on: date | None = None) -> Any:
    """The value of rule `name` for a unit on a day (today in Tehran when not given).

    A row for the unit's province (its code) stands before one for the unit's kind, and that before `*`.

    Raises:
        KeyError: no such rule; rules are declared in `DEFAULTS`.
    """
    if unit is None:
        return value_in(name, "*", "*", on=on)
    return value_in(name, unit.kind.value, unit.province.code if unit.province else "*", on=on)


def value_in(name: str, unit_kind: str, province: str, *, on: date | None = None) -> Any:
    """`value` for those who hold the kind of the unit and the code of its province, not the unit."""
    default = DEFAULTS[name]
    asked = {"rule": name, "kind": unit_kind, "province": province, "day": on or today()}
    row = db.session.execute(_newest(), asked).first()
    return default if row is None else row[0]


def column(name: str, unit: Any) -> ScalarSelect[Any]:
    """SQL: the row that `value` reads today for the unit with this id; NULL where the default holds."""
    rank, scope = _scope_of(unit)
    query = select(Policy.value).where(Policy.name == name, scope, Policy.valid_from <= today())
    # Said at each depth: SQLAlchemy by itself looks for the unit's row one query further out and no more.
    return query.order_by(rank, Policy.valid_from.desc()).limit(1).correlate_except(Policy).scalar_subquery()


def found(name: str, stored: Any) -> Any:
    """The value of what `column` has brought."""
    return DEFAULTS[name] if stored is None else stored


def packed(names: Collection[str], unit: Any, *, on: Any = None) -> ScalarSelect[Any]:
    """SQL: all rows that these rules have for the unit with this id, as one text; `unpacked` reads it.

    Args:
        unit: the id, or the class where the query reads the unit and its province anyway.
        on: the day, or the parameter that will hold it; today when not given.
    """
    rank, scope = _fitting(Unit.kind, Province.code) if unit is Unit else _scope_of(unit)
    named = Policy.name.in_([literal_column(f"'{name}'") for name in names])  # as text: nothing to spell at each call
    bar: Any = literal_column("'|'")
    end: Any = literal_column("'\n'")
    parts = (cast(rank, String), cast(Policy.valid_from, String), Policy.name, cast(Policy.value, String))
    line = parts[0].concat(bar).concat(parts[1]).concat(bar).concat(parts[2]).concat(bar).concat(parts[3])
    query = select(func.aggregate_strings(line, end)).where(
        named, scope, Policy.valid_from <= (today() if on is None else on)
    )
    return query.correlate_except(Policy).scalar_subquery()


def unpacked(names: Collection[str], rows: str | None) -> dict[str, Any]:
    """The values of what `packed` has brought."""
    lines = (line.split("|", 3) for line in (rows or "").splitlines())
    newest = sorted(lines, key=lambda line: (-int(line[0]), line[1]))  # of several the last one stands
    found = {name: json.loads(value) for _, _, name, value in newest}
    return {name: found.get(name, DEFAULTS[name]) for name in names}


def _scope_of(unit: Any) -> tuple[ColumnElement[int], ColumnElement[bool]]:
    """SQL: how narrow a row's scope is for the unit with this id, and whether it is one of the unit's at all."""
    own = select(Unit.kind).where(Unit.id == unit).correlate_except(Unit).scalar_subquery()
    code = select(Province.code).join(Unit, Unit.province_id == Province.id).where(Unit.id == unit)
    return _fitting(own, code.correlate_except(Province, Unit).scalar_subquery())


def _fitting(unit_kind: Any, province: Any) -> tuple[ColumnElement[int], ColumnElement[bool]]:
    kind = cast(unit_kind, Policy.scope.type)
    narrow, wider, widest = (literal_column(str(rank), Integer) for rank in range(3))
    rank = case((Policy.scope == province, narrow), (Policy.scope == kind, wider), else_=widest)
    return rank, or_(Policy.scope == kind, Policy.scope == province, Policy.scope == literal_column("'*'"))


def values(names: Collection[str], unit: Unit) -> dict[str, Any]:
    """`value` of several rules by one statement."""
    return values_in(tuple(names), unit.kind.value, unit.province.code if unit.province else "*")


def values_in(names: tuple[str, ...], unit_kind: str, province: str) -> dict[str, Any]:
    """`values` for those who hold the kind of the unit and the code of its province, not the unit."""
    asked = {"kind": unit_kind, "province": province, "day": today()}
    rows = db.session.execute(_newest_of(names), asked).all()
    found = {name: value for value, name in reversed(rows)}  # the first row stands
    return {name: found.get(name, DEFAULTS[name]) for name in names}


@cache
def _newest_of(names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    return _rows(Policy.name.in_(names)).add_columns(Policy.name)


@cache
def _newest() -> Select[Any]:
    """The newest row of the narrowest scope; built once."""
    return _rows(Policy.name == bindparam("rule")).limit(1)


def _rows(named: ColumnElement[bool]) -> Select[Any]:
    """The values of rules that hold on a day, the one that stands first."""
    province: Any = bindparam("province")
    kind: Any = bindparam("kind")
    rank = case((Policy.scope == province, 0), (Policy.scope == kind, 1), else_=2)
    asked = (named, Policy.scope.in_([province, kind, "*"]), Policy.valid_from <= bindparam("day"))
    return select(Policy.value).where(*asked).order_by(rank, Policy.valid_from.desc())


def today(now: datetime | None = None) -> date:
    return tehran_today(now or utcnow())
