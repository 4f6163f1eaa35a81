"""Forms that bring a file: how much they may bring, and what they bring handed to the file store.

A page with one: {% import "shared/uploads.html" as up %}, the macro `up.form` or `up.field`, and `up.script()` in
the block of scripts. Its POST route is marked with `accepts_file` and calls `take`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from models import StoredFile
from services import files
from services.access import Actor, Visitor
from services.errors import DomainError
from services.files import Place

ROOM = 1024 * 1024  # for the other fields and the frame of the request
LARGEST = 10 * 1024 * 1024
FIELD, KEY = "file", "form_key"

View = TypeVar("View", bound=Callable[..., Any])


def init_app(app: Flask) -> None:
    """Call before anything reads a form."""
    app.before_request(_make_room)


def accepts_file(view: View, most: int = LARGEST) -> View:
    """Mark a POST route whose form brings a file of up to `most` bytes: its requests may be larger than others."""
    view.most_of_file = most  # type: ignore[attr-defined]
    return view


def most() -> int:
    """How large a file, or where there is none the whole form, may be at this address."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "most_of_file", None) or current_app.config["MAX_CONTENT_LENGTH"]


def take(actor: Actor | Visitor, place: Place) -> StoredFile:
    """The file of this form, kept; the same form sent again brings the same one.

    Raises:
        DomainError: no file was chosen, or it is not taken; `field` is the name of the form's field.
        Conflict: the form has brought another file already.
    """
    sent = request.files.get(FIELD)
    if sent is None or not sent.filename:
        raise DomainError("پرونده‌ای انتخاب نشده است. یکی را انتخاب کنید و دوباره بفرستید.", field=FIELD)
    return files.receive(actor, sent.stream, sent.filename, request.form.get(KEY, ""), place)


def _make_room() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if most := getattr(view, "most_of_file", None):
        request.max_content_length = most + ROOM
