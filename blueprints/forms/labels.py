"""The words that a form of ours uses for its fields, found again from what was posted."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField

from blueprints.forms.fields import JalaliDateField
from services import labels, text

# Fields that are written into pages by hand.
OTHERS = {
    "national_code": "کد ملی",
    "mobile": "شمارهٔ همراه",
    "birth_date": "تاریخ تولد",
    "debit_source": "محل کسر اعتبار",
    "reason": "دلیل",
    "note": "توضیح",
}
ANSWERS = {
    "y": "بله",
    "on": "بله",
    "portal_user": "اعتبار کاربر پورتال",
    "trainee": "اعتبار کارآموز",
    **labels.ROLE,
    **labels.GENDER,
    **labels.SHIFT,
    **labels.SETTING,
    **labels.DELIVERY,
}
CHOSEN = "همان که انتخاب کرده بودید"  # the number or code of a row says nothing to anybody


def readable(posted: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """(label, value) of what a person typed or chose; hidden and empty fields are left out."""
    values: dict[str, list[str]] = {}
    for name, value in posted:
        if value.strip():
            values.setdefault(name, []).append(value)
    fields = _fields_of(frozenset(values))
    shown = [_one(name, field, values) for name, field in fields.items()]
    known = {name for name in values if name in fields or name.rpartition("-")[0] in fields}
    shown += [(OTHERS[name], _said(values[name], ANSWERS)) for name in values.keys() - known if name in OTHERS]
    return [(label, _on_screen(value)) for label, value in filter(None, shown)]


def _on_screen(value: str) -> str:
    """Persian digits, except in what is Latin anyway, such as a user name."""
    return value if re.search("[A-Za-z]", value) else text.persian_digits(value)


def _said(values: Sequence[str], words: Mapping[str, str]) -> str:
    return "، ".join(words.get(value, value) for value in values)


def _one(name: str, field: Any, values: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    label = str(field.args[0] if field.args else field.kwargs.get("label") or OTHERS.get(name, ""))
    if issubclass(field.field_class, HiddenField) or not label:
        return None
    if issubclass(field.field_class, JalaliDateField):
        parts = [values.get(f"{name}-{part}", [""])[0] for part in "ymd"]
        return (label, "/".join(parts)) if any(parts) else None
    if name not in values:
        return None
    if issubclass(field.field_class, BooleanField):
        return label, "بله"
    choices = field.kwargs.get("choices") or ()
    if issubclass(field.field_class, SelectField) and not choices and values[name][0] not in ANSWERS:
        return label, CHOSEN
    titles = {str(value): str(title) for value, title, *_ in choices} if isinstance(choices, list | tuple) else {}
    return label, _said(values[name], {**ANSWERS, **titles})


@cache
def _fields_of(posted: frozenset[str]) -> dict[str, Any]:
    """The fields of the form that has most of the posted names; none when no form has any."""
    stems = posted | {name.rpartition("-")[0] for name in posted}
    best = max(_forms(FlaskForm), key=lambda form: len(stems & _fields(form).keys()), default=None)
    fields = _fields(best) if best else {}
    return fields if stems & fields.keys() else {}


def _forms(base: type) -> Iterator[type]:
    subclasses: list[type] = base.__subclasses__()
    for form in subclasses:
        yield form
        yield from _forms(form)


def _fields(form: type) -> dict[str, Any]:
    own: dict[str, Any] = {name: getattr(form, name) for name in dir(form) if not name.startswith("_")}
    found = {name: field for name, field in own.items() if hasattr(field, "_formfield")}
    return dict(sorted(found.items(), key=lambda item: item[1].creation_counter))
