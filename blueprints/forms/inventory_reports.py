"""What a report is narrowed to: plain GET forms, so that a report is an address."""

from enum import StrEnum
from typing import Any, TypeVar

from flask import request
from wtforms import Form, SelectField

from blueprints.forms.fields import JalaliDateField, options
from models import Condition, EquipmentGroup
from services import labels
from services.errors import DomainError
from services.inventory_reports import Age, Filters, Period, period

ALL = ("", "همه")
E = TypeVar("E", bound=StrEnum)


class ReportForm(Form):
    """Group, condition and age; the days are asked for movements only."""

    group = SelectField(
        "گروه", choices=options([ALL, *((one.value, labels.EQUIPMENT_GROUP[one]) for one in EquipmentGroup)])
    )
    condition = SelectField("وضع", choices=options([ALL, *((one.value, labels.CONDITION[one]) for one in Condition)]))
    age = SelectField("سن", choices=options([ALL, *((one.value, labels.ITEM_AGE[one]) for one in Age)]))
    first = JalaliDateField("از")
    last = JalaliDateField("تا")

    @classmethod
    def asked(cls) -> "ReportForm":
        return cls(request.args)

    def filters(self) -> Filters:
        """What is asked for; what no list of ours offers is not."""
        group, condition = _member(EquipmentGroup, self.group), _member(Condition, self.condition)
        return Filters(group, condition, _member(Age, self.age))

    def days(self) -> Period:
        """The period; where one cannot be meant, its usual one, and the sentence stands at the field."""
        for field in (self.first, self.last):
            if field.problem:
                field.errors = [field.problem]
        try:
            found = period(self.first.data, self.last.data)
        except DomainError as refused:
            self.first.errors = [str(refused)]
            found = period(None, None)
        if not self.first.errors and not self.last.errors:
            self.first.process(None, found.first)
            self.last.process(None, found.last)
        return found

    def address(self) -> dict[str, Any]:
        """The same for links of the page."""
        return {name: value for name, value in request.args.items() if name in KEPT and value}


KEPT = frozenset({"group", "condition", "age", *(f"{name}-{part}" for name in ("first", "last") for part in "dmy")})


def _member(kind: type[E], field: SelectField) -> E | None:
    return kind(field.data) if field.data in set(kind) else None
