"""What a browser sends, as the rest reads it: without NUL, which nobody types and PostgreSQL takes for no text."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict

NUL = "\0"


class Typed(ImmutableMultiDict[str, Any]):
    """The values of a query or a form; files are left as they are."""

    def __init__(self, mapping: Iterable[tuple[str, Any]] | None = None) -> None:
        super().__init__([(_without(name), _without(value)) for name, value in mapping or ()])


class TypedRequest(Request):
    """A request whose query and form hold no NUL."""

    parameter_storage_class = Typed


def init_app(app: Flask) -> None:
    app.request_class = TypedRequest


def _without(value: Any) -> Any:
    return value.replace(NUL, "") if isinstance(value, str) else value
