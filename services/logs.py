"""What a log says of a failure: where and what kind, never the message, which may hold what somebody typed.

A database tells the row it refused and `int()` the text it could not read, so no message is safe.
"""

import logging
import traceback

from flask import Flask


def init_app(app: Flask) -> None:
    """Every log of this process, those of the libraries too; in tests messages stay, for whoever mends."""
    if app.config["DOREH_MODE"] != "test":
        logging.setLogRecordFactory(record)


def record(*args: object, **kwargs: object) -> logging.LogRecord:
    """A record whose exception is told without messages; a formatter takes a text that is there already."""
    made = logging.LogRecord(*args, **kwargs)  # type: ignore[arg-type]
    if made.exc_info and made.exc_info[1] is not None:
        made.exc_text = told(made.exc_info[1])
    return made


def told(error: BaseException) -> str:
    """The places and the kind of a failure and of those that caused it, the first cause first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{told(cause)}\nwhich led to\n" if cause else ""
    return before + "".join(traceback.format_tb(error.__traceback__)) + _kind(error)


def _kind(error: BaseException) -> str:
    """The class; for a database error also its state and the rule that was hurt, which are ours."""
    said = getattr(error, "diag", None)
    parts = (getattr(said, name, None) for name in ("sqlstate", "table_name", "constraint_name"))
    known = ", ".join(part for part in parts if part)
    return type(error).__qualname__ + (f" ({known})" if known else "")
