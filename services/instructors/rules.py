"""Who may teach a standard, as HQ writes it beside the printed text: ways to be fit, of which one is enough.

Source: docs/rules.md R-230, R-238.
"""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from typing import Any

from sqlalchemy import func, select

from models import Degree, InstructorRule, SkillStandard, db
from services import audit, standards, text
from services.access import Actor
from services.errors import Conflict, DomainError, NotAllowed, NotFound
from services.instructors.labels import DEGREE
from services.text import persian_digits
from services.transaction import atomic

MOST_WAYS = 9
MOST_YEARS, MOST_HOURS, LONGEST = 40, 2000, 500
_LATE = "این راه را کسی دیگر در این میان تغییر داده است. نوشتهٔ شما در فرم مانده است؛ ببینید و دوباره ذخیره کنید."
_GONE = "این راه را کسی دیگر همین حالا تغییر داد یا برداشت. صفحه را دوباره بخوانید."


@dataclass(frozen=True)
class RuleValues:
    """One way, as a person writes it."""

    min_degree: Degree | None = None
    study_fields: str = ""
    experience_years: int = 0
    retraining_hours: int = 0
    retraining_years: int = 0
    needs_certificate: bool = False
    needs_card: bool = False


class StaleRule(Conflict):
    """Nothing was saved. `stored` stands now; `merged` is that with what the sender has touched."""

    def __init__(self, stored: RuleValues, merged: RuleValues) -> None:
        super().__init__(_LATE)
        self.stored = stored
        self.merged = merged


# -- Reading -----------------------------------------------------------------------


def of_standard(standard_id: int) -> Sequence[InstructorRule]:
    """The ways of a standard in their order; one is enough."""
    query = select(InstructorRule).where(InstructorRule.standard_id == standard_id)
    return db.session.scalars(query.order_by(InstructorRule.position, InstructorRule.id)).all()


def values_of(row: InstructorRule) -> RuleValues:
    return RuleValues(**{each.name: getattr(row, each.name) for each in fields(RuleValues)})


def said(way: RuleValues | InstructorRule) -> list[str]:
    """What a way asks for, in words."""
    found = []
    if way.min_degree or way.study_fields:
        degree = f"{DEGREE[way.min_degree]} یا بالاتر" if way.min_degree else "مدرک تحصیلی"
        found.append(degree + (f" در {way.study_fields.replace('،', ' یا')}" if way.study_fields else ""))
    if way.experience_years:
        found.append(f"{persian_digits(way.experience_years)} سال سابقهٔ تدریس یا کار در رشته")
    if way.retraining_hours:
        hours, years = persian_digits(way.retraining_hours), persian_digits(way.retraining_years)
        found.append(f"{hours} ساعت بازآموزی در {years} سال گذشته")
    if way.needs_certificate:
        found.append("گواهینامهٔ مهارت همین استاندارد")
    if way.needs_card:
        found.append("کارت مربیگری معتبر")
    return found


# -- Seen --------------------------------------------------------------------------


def mark(way: RuleValues) -> str:
    """What was on the page, as its form carries it back."""
    return "|".join("" if value is None else str(value) for value in astuple(way))


def unmark(raw: str) -> RuleValues | None:
    """The way that `mark` has written; None for anything else."""
    parts = raw.split("|")
    try:
        degree, study, *numbers, certificate, card = parts
        years, hours, within = (int(number) for number in numbers)
        found = RuleValues(Degree(degree) if degree else None, study, years, hours, within)
        return replace(found, needs_certificate=certificate == "True", needs_card=card == "True")
    except ValueError:
        return None


# -- Writing -----------------------------------------------------------------------


def add(actor: Actor, standard_id: int, values: RuleValues) -> bool:
    """A further way; False when there is just such a one, as when the same form comes twice.

    Raises:
        NotAllowed: only HQ keeps the catalog. DomainError: the way asks for nothing or for what cannot be.
    """
    values = checked(actor, values)
    with atomic():
        ways = _lock(standard_id)
        if any(values_of(way) == values for way in ways):
            return False
        if len(ways) >= MOST_WAYS:
            raise DomainError("راه‌های این استاندارد بسیار است؛ یکی را ویرایش کنید یا بردارید.", field="min_degree")
        last = select(func.coalesce(func.max(InstructorRule.position), 0))
        position = (db.session.scalar(last.where(InstructorRule.standard_id == standard_id)) or 0) + 1
        db.session.add(InstructorRule(standard_id=standard_id, position=position, **asdict(values)))
        _tell(actor, "rule.add", standard_id, values)
    return True


def change(actor: Actor, standard_id: int, rule_id: int, seen: RuleValues | None, values: RuleValues) -> bool:
    """Another content for a way as it was `seen`; False when it has it already.

    Raises:
        as `add`; StaleRule: somebody has changed it since. Conflict: somebody has removed it.
    """
    values = checked(actor, values)
    with atomic():
        ways = {way.id: way for way in _lock(standard_id)}
        if (row := ways.get(rule_id)) is None:
            raise Conflict(_GONE)
        stored = values_of(row)
        if stored == values:
            return False
        if stored != seen:
            raise StaleRule(stored, _merged(stored, seen, values))
        if any(values_of(way) == values for way in ways.values()):
            raise DomainError("راه دیگری با همین شرایط هست.", field="min_degree")
        for name, value in asdict(values).items():
            setattr(row, name, value)
        _tell(actor, "rule.change", standard_id, values, stored)
    return True


def remove(actor: Actor, standard_id: int, rule_id: int, seen: RuleValues | None) -> bool:
    """Take a way away as it was `seen`; False when it is gone.

    Raises:
        NotAllowed: as `add`. Conflict: somebody has changed it since.
    """
    _may(actor)
    with atomic():
        row = next((way for way in _lock(standard_id) if way.id == rule_id), None)
        if row is None:
            return False
        if values_of(row) != seen:
            raise Conflict(_GONE)
        db.session.delete(row)
        _tell(actor, "rule.remove", standard_id, seen)
    return True


def _merged(stored: RuleValues, seen: RuleValues | None, values: RuleValues) -> RuleValues:
    if seen is None:
        return values
    names = [each.name for each in fields(RuleValues)]
    touched = {name: getattr(values, name) for name in names if getattr(values, name) != getattr(seen, name)}
    return replace(stored, **touched)


def checked(actor: Actor, values: RuleValues) -> RuleValues:
    """A way as it is stored.

    Raises:
        as `add`.
    """
    _may(actor)
    names = (text.clean(part) for part in values.study_fields.replace("|", " ").replace(",", "،").split("،"))
    values = replace(values, study_fields="، ".join(name for name in names if name))
    if values == RuleValues() or values == RuleValues(retraining_years=values.retraining_years):
        raise DomainError("دست‌کم یک شرط بنویسید", field="min_degree")
    if len(values.study_fields) > LONGEST:
        raise DomainError("نام رشته‌ها را در ۵۰۰ حرف بنویسید", field="study_fields")
    if not 0 <= values.experience_years <= MOST_YEARS:
        raise DomainError("سال‌های سابقه عددی از ۰ تا ۴۰ است", field="experience_years")
    if not 0 <= values.retraining_hours <= MOST_HOURS:
        raise DomainError("ساعت بازآموزی عددی از ۰ تا ۲۰۰۰ است", field="retraining_hours")
    if not values.retraining_hours:
        return replace(values, retraining_years=0)
    if not 0 < values.retraining_years <= MOST_YEARS:
        raise DomainError("بازآموزی در چند سال گذشته؟ عددی از ۱ تا ۴۰ بنویسید", field="retraining_years")
    return values


def _may(actor: Actor) -> None:
    if not standards.may_keep(actor):
        raise NotAllowed("شرایط مربی را در استانداردها ستاد نگه می‌دارد.")


def _lock(standard_id: int) -> Sequence[InstructorRule]:
    """The ways of a standard that nobody else changes until the transaction ends.

    Raises:
        NotFound: there is no such standard.
    """
    query = select(SkillStandard.id).where(SkillStandard.id == standard_id).with_for_update()
    if db.session.scalar(query) is None:
        raise NotFound("این استاندارد پیدا نشد.")
    ways = select(InstructorRule).where(InstructorRule.standard_id == standard_id).order_by(InstructorRule.position)
    return db.session.scalars(ways.execution_options(populate_existing=True)).all()


def _tell(actor: Actor, action: str, standard_id: int, way: RuleValues, before: RuleValues | None = None) -> None:
    detail: dict[str, Any] = {"said": "؛ ".join(said(way))}
    if before:
        detail["before"] = "؛ ".join(said(before))
    audit.record(action, "skill_standard", standard_id, actor_id=actor.user_id, **detail)
